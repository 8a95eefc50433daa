//! Commands in: read in their turn, and put in the queue with the request that the answer goes to.

use std::sync::Arc;

use command_processor::{Intake, NotTaken, Submission};
use events_schema::{
    Actor, Command, CommandName, Locale, Rejection, Subject, parse_command, subjects,
};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::{
    reply::{self, malformed},
    request::Request,
    sieve::Headers,
    turns::Turns,
};

/// Bytes that the writer has in hand at most, in commands with what they take beside. What it has is decided as one
/// group, in the order of receipt, so it is the most that anybody waits behind once it is there. Five hundred small
/// commands are more than are worth a sync, and ten of the largest.
const BYTES_AT_WRITER: u32 = 512 * 1024;

/// Headers that say what a command is. The first of two would be taken, and the sender may have meant the other.
const READ_ONCE: [&str; 3] = [
    "Nats-Msg-Id",
    "Redress-Correlation-Id",
    "Redress-Expected-Revision",
];

/// A command that was given to the writer, and the room that it takes there until it is decided. In hand it is until its
/// answer waits to be written.
#[derive(Debug)]
pub struct Asked {
    pub(crate) request: Request,
    pub(crate) at_writer: Option<OwnedSemaphorePermit>,
}

/// Reads commands in their turn and puts them in the queue, until no more will come. A command is received when its
/// turn has come: from then on nothing overtakes it, neither another command nor a deadline.
pub(crate) async fn read_in_turn(turns: Arc<Turns<Request>>, intake: Arc<Intake<Asked>>) {
    let room = Arc::new(Semaphore::new(BYTES_AT_WRITER as usize));
    while let Some(request) = turns.next().await {
        let headers = request.headers();
        let locale = headers.locale();
        let submission = match read(&request, headers, locale) {
            Ok(submission) => submission,
            Err(rejection) => {
                request.refuse_in_turn(locale, rejection);
                // There may be any number of them, and nothing else would let other tasks go on.
                tokio::task::yield_now().await;
                continue;
            }
        };
        let takes = room_at_writer(
            &submission.command.command,
            request.in_hand.bytes_until_decided(),
        );
        // It is never closed.
        let Ok(at_writer) = Arc::clone(&room).acquire_many_owned(takes).await else {
            return;
        };
        let asked = Asked {
            request,
            at_writer: Some(at_writer),
        };
        match intake.submit(submission, asked) {
            Ok(()) => {}
            Err((NotTaken::Full, asked)) => asked.request.refuse_in_turn(locale, reply::busy()),
            Err((NotTaken::Closed, asked)) => {
                asked.request.refuse_in_turn(locale, Rejection::Stopping {});
            }
        }
    }
}

/// How much of the room at the writer a command takes that is reckoned to so many bytes. A book is read as a whole before it is known
/// whether it holds together, which takes as long as hundreds of other commands, so it has the writer to itself.
fn room_at_writer(command: &Command, bytes: usize) -> u32 {
    match command.subject() {
        Subject::Rulebook | Subject::Calendar(_) => BYTES_AT_WRITER,
        Subject::Case(_) | Subject::CaseOf { .. } | Subject::Log => u32::try_from(bytes)
            .unwrap_or(u32::MAX)
            .min(BYTES_AT_WRITER),
    }
}

fn read(request: &Request, headers: Headers<'_>, locale: Locale) -> Result<Submission, Rejection> {
    let subject = request.subject.as_str();
    let (role, principal, name) = subjects::sender_and_name(subject)
        .map_err(|error| malformed("subject", error.to_string()))?;
    let name = CommandName::parse(name).ok_or_else(|| Rejection::UnknownCommand {
        found: name.to_owned(),
    })?;
    for header in READ_ONCE {
        if headers.values(header).count() > 1 {
            let problem = "occurs more than once, and which of them is meant is not to be guessed";
            return Err(malformed(header, problem));
        }
    }
    let command_id = headers
        .value("Nats-Msg-Id")
        .ok_or_else(|| {
            malformed(
                "Nats-Msg-Id",
                "is missing; choose an id for the command, and keep it when you send it again",
            )
        })?
        .parse()
        .map_err(|error| malformed("Nats-Msg-Id", format!("{error}")))?;
    let correlation_id = headers
        .value("Redress-Correlation-Id")
        .map(|it| it.parse())
        .transpose()
        .map_err(|error| malformed("Redress-Correlation-Id", format!("{error}")))?;
    let expected_revision = headers
        .value("Redress-Expected-Revision")
        .map(|text| {
            text.parse().map_err(|_| {
                let problem = format!(
                    "`{text}` is no revision: write a whole number, 0 for what does not exist yet"
                );
                malformed("Redress-Expected-Revision", problem)
            })
        })
        .transpose()?;
    let command = parse_command(name, role, &principal, request.body())
        .map_err(|error| malformed(&error.path, error.problem))?;
    Ok(Submission {
        actor: Actor { role, principal },
        command_id,
        correlation_id,
        expected_revision,
        locale,
        command,
    })
}

//! Commands in: read, and put in the queue with the request that the answer goes to.

use async_nats::service::Request;
use command_processor::{Intake, NotTaken, Submission};
use events_schema::{Actor, CommandName, Locale, Rejection, parse_command, subjects};

use crate::reply;

/// Bytes of headers that may come with a command. Whole requests wait in the queue, which is bounded by their number.
const HEADER_BYTES_MAX: usize = 8 * 1024;

/// Headers that say what a command is. The first of two would be taken, and the sender may have meant the other.
const READ_ONCE: [&str; 3] = [
    "Nats-Msg-Id",
    "Redress-Correlation-Id",
    "Redress-Expected-Revision",
];

/// Reads a command and puts it in the queue. What cannot be queued is refused from a task of its own, so that the
/// subscription is never kept waiting.
pub(crate) fn handle(
    request: Request,
    intake: &Intake<Request>,
    tasks: &tokio_util::task::TaskTracker,
) {
    let locale = reply::locale_of(&request);
    let (rejection, request) = match read(&request, locale) {
        Err(rejection) => (rejection, request),
        Ok(submission) => match intake.submit(submission, request) {
            Ok(()) => return,
            Err((NotTaken::Full, request)) => (reply::busy(), request),
            Err((NotTaken::Closed, request)) => (Rejection::Stopping {}, request),
        },
    };
    tasks.spawn(async move { reply::refuse(&request, rejection, locale).await });
}

fn read(request: &Request, locale: Locale) -> Result<Submission, Rejection> {
    let malformed = |path: &str, problem: String| Rejection::MalformedCommand {
        path: path.to_owned(),
        problem,
    };
    let header_bytes = reply::header_bytes(request);
    if header_bytes > HEADER_BYTES_MAX {
        let problem =
            format!("take {header_bytes} bytes, and those of a command at most {HEADER_BYTES_MAX}");
        return Err(malformed("headers", problem));
    }
    let subject = request.message.subject.as_str();
    let (role, principal, name) = subjects::sender_and_name(subject)
        .map_err(|error| malformed("subject", error.to_string()))?;
    let name = CommandName::parse(name).ok_or_else(|| Rejection::UnknownCommand {
        found: name.to_owned(),
    })?;
    for header in READ_ONCE {
        if reply::values(request, header) > 1 {
            let problem = "occurs more than once, and which of them is meant is not to be guessed";
            return Err(malformed(&format!("header {header}"), problem.to_owned()));
        }
    }
    let command_id = reply::header(request, "Nats-Msg-Id")
        .ok_or_else(|| {
            malformed(
                "header Nats-Msg-Id",
                "is missing; choose an id for the command, and keep it when you send it again"
                    .into(),
            )
        })?
        .parse()
        .map_err(|error| malformed("header Nats-Msg-Id", format!("{error}")))?;
    let correlation_id = reply::header(request, "Redress-Correlation-Id")
        .map(str::parse)
        .transpose()
        .map_err(|error| malformed("header Redress-Correlation-Id", format!("{error}")))?;
    let expected_revision = reply::header(request, "Redress-Expected-Revision")
        .map(|text| {
            text.parse().map_err(|_| {
                let problem = format!(
                    "`{text}` is no revision: write a whole number, 0 for what does not exist yet"
                );
                malformed("header Redress-Expected-Revision", problem)
            })
        })
        .transpose()?;
    let command = parse_command(name, role, &principal, &request.message.payload)
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

//! Commands in: read, put in the queue, answered when the writer has answered.

use std::sync::Arc;

use async_nats::service::Request;
use command_processor::{Answer, Intake, NotTaken, Submission};
use events_schema::{Actor, CommandName, Locale, Rejection, parse_command, subjects};

use crate::reply;

/// After how long a caller should try again when the queue is full, in milliseconds.
const RETRY_AFTER_MS: u64 = 50;

/// Reads a command and puts it in the queue; the answer is sent from a task of its own, so that the
/// subscription is never kept waiting.
pub(crate) fn handle(
    request: Request,
    intake: &Arc<Intake>,
    tasks: &tokio_util::task::TaskTracker,
) {
    let locale = reply::locale_of(&request);
    let taken = read(&request, locale).and_then(|submission| {
        intake
            .submit(submission)
            .map_err(|not_taken| match not_taken {
                NotTaken::Full => Rejection::Busy {
                    retry_after_ms: RETRY_AFTER_MS,
                },
                NotTaken::Closed => Rejection::Stopping {},
            })
    });
    tasks.spawn(async move {
        match taken {
            Err(rejection) => reply::refuse(&request, rejection, locale).await,
            Ok(answer) => match answer.await {
                Ok(Answer::Accepted(accepted)) => reply::send(&request, &accepted).await,
                Ok(Answer::Refused(problem)) => reply::send_problem(&request, &problem).await,
                // The writer has failed. What became of the command is in the log; the caller's time runs
                // out, and it sends the same command again to whoever serves then.
                Err(_) => {}
            },
        }
    });
}

fn read(request: &Request, locale: Locale) -> Result<Submission, Rejection> {
    let malformed = |path: &str, problem: String| Rejection::MalformedCommand {
        path: path.to_owned(),
        problem,
    };
    let subject = request.message.subject.as_str();
    let (role, principal, name) = subjects::sender_and_name(subject).ok_or_else(|| {
        malformed(
            "subject",
            format!("`{subject}` does not end in ROLE.PRINCIPAL.COMMAND"),
        )
    })?;
    let name = CommandName::parse(name).ok_or_else(|| Rejection::UnknownCommand {
        found: name.to_owned(),
    })?;
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
        .map(str::parse)
        .transpose()
        .map_err(|error| malformed("header Redress-Expected-Revision", format!("{error}")))?;
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

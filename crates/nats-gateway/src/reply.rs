//! Answers on the wire: a JSON body always, and for refusals the headers of a micro service's error.

use std::time::Duration;

use events_schema::{Locale, Problem, Rejection};
use serde::Serialize;

use crate::{
    limited::Limited,
    outlet::{Outlet, TooLarge},
    request::Request,
};

/// Characters of what cannot be read that are said again.
const CHARACTERS_QUOTED: usize = 1_000;

/// After how long a caller should try again when the service has too much to do, in milliseconds.
const RETRY_AFTER_MS: u64 = 50;

/// Sends an answer.
pub(crate) async fn send(request: &Request, answer: &impl Serialize) {
    match serde_json::to_vec(answer) {
        Ok(body) => send_body(request, &body).await,
        Err(error) => tracing::error!(%error, "an answer could not be written"),
    }
}

/// Sends what was asked for, or that it is more than the server passes on.
pub(crate) async fn send_body(request: &Request, body: &[u8]) {
    let Some(reply) = &request.reply else { return };
    let sent = request.way_back.outlet.answer(reply, &[], body).await;
    if let Err(TooLarge) = sent {
        let bytes = body.len() as u64;
        refuse(request, Rejection::AnswerTooLarge { bytes }).await;
    }
}

/// Sends a refusal: the problem as the body, so that a person typing `nats req` can read it, and the headers
/// that micro-service clients look at.
pub(crate) async fn send_problem(request: &Request, problem: &Problem) {
    if let Some(reply) = &request.reply {
        send_problem_to(&request.way_back.outlet, reply, problem).await;
    }
}

/// Sends a refusal to where its caller waits for it.
pub(crate) async fn send_problem_to(outlet: &Outlet, reply: &str, problem: &Problem) {
    // Whoever is refused decides how often.
    static TOO_LARGE: Limited = Limited::new();

    let body = match serde_json::to_vec(problem) {
        Ok(body) => body,
        Err(error) => {
            tracing::error!(%error, "an answer could not be written");
            return;
        }
    };
    let sentence = ascii(&problem.facts.sentence(Locale::English));
    let headers = [
        ("Nats-Service-Error", sentence.as_str()),
        ("Nats-Service-Error-Code", problem.code.as_str()),
        ("Content-Type", "application/problem+json"),
    ];
    if let Err(TooLarge) = outlet.answer(reply, &headers, &body).await
        && let Some(left_out) = TOO_LARGE.left_out()
    {
        let bytes = body.len();
        tracing::error!(
            bytes,
            left_out,
            "a refusal is larger than the server passes on"
        );
    }
}

/// Sends a refusal that no case is behind.
pub(crate) async fn refuse(request: &Request, rejection: Rejection) {
    let problem = Problem::new(rejection, Vec::new(), request.locale());
    send_problem(request, &problem).await;
}

/// What a caller is told whose request cannot be read, and where. Both may quote what was sent, and no more of it than a
/// person reads.
pub(crate) fn malformed(path: &str, problem: impl AsRef<str>) -> Rejection {
    Rejection::MalformedCommand {
        path: shortened(path),
        problem: shortened(problem.as_ref()),
    }
}

fn shortened(text: &str) -> String {
    match text.char_indices().nth(CHARACTERS_QUOTED) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
        None => text.to_owned(),
    }
}

/// What a caller is told when as much waits as the service takes on.
pub(crate) const fn busy() -> Rejection {
    Rejection::Busy {
        retry_after_ms: RETRY_AFTER_MS,
    }
}

/// What a caller is told that has to be sparing for so long.
pub(crate) fn busy_for(time: Duration) -> Rejection {
    let milliseconds = u64::try_from(time.as_millis()).unwrap_or(u64::MAX);
    Rejection::Busy {
        retry_after_ms: milliseconds.max(RETRY_AFTER_MS),
    }
}

/// Headers hold one line of ASCII.
fn ascii(text: &str) -> String {
    text.chars()
        .map(|c| {
            if c.is_ascii() && !c.is_ascii_control() {
                c
            } else {
                '?'
            }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_more_is_said_again_than_a_person_reads() {
        let sent = "\u{300}".repeat(40_000);
        let Rejection::MalformedCommand { path, problem } = malformed(&sent, &sent) else {
            unreachable!("it is malformed")
        };
        for said in [path, problem] {
            assert_eq!(said.chars().count(), CHARACTERS_QUOTED + 1);
        }
        let short = malformed("a", "b");
        assert!(matches!(short, Rejection::MalformedCommand { path, .. } if path == "a"));
    }
}

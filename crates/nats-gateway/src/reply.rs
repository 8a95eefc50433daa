//! Answers on the wire: a JSON body always, and for refusals the headers of a micro service's error.

use std::time::Duration;

use async_nats::{Client, HeaderMap, Subject, client::PublishErrorKind};
use bytes::Bytes;
use events_schema::{Locale, Problem, Rejection};
use serde::Serialize;

use crate::{limited::Limited, request::Request};

/// After how long a caller should try again when the service has too much to do, in milliseconds.
const RETRY_AFTER_MS: u64 = 50;

/// Sends an answer.
pub(crate) async fn send(client: &Client, request: &Request, answer: &impl Serialize) {
    match serde_json::to_vec(answer) {
        Ok(body) => send_body(client, request, body).await,
        Err(error) => tracing::error!(%error, "an answer could not be written"),
    }
}

/// Sends what was asked for, or that it is more than the server passes on.
pub(crate) async fn send_body(client: &Client, request: &Request, body: Vec<u8>) {
    let Some(reply) = &request.reply else { return };
    let bytes = body.len() as u64;
    match client.publish(reply.clone(), body.into()).await {
        Err(error) if error.kind() == PublishErrorKind::MaxPayloadExceeded => {
            refuse(client, request, Rejection::AnswerTooLarge { bytes }).await;
        }
        sent => deliver(sent),
    }
}

/// Sends a refusal: the problem as the body, so that a person typing `nats req` can read it, and the headers
/// that micro-service clients look at.
pub(crate) async fn send_problem(client: &Client, request: &Request, problem: &Problem) {
    if let Some(reply) = &request.reply {
        send_problem_to(client, reply.clone(), problem).await;
    }
}

/// Sends a refusal to where its caller waits for it.
pub(crate) async fn send_problem_to(client: &Client, reply: Subject, problem: &Problem) {
    if let Some((headers, body)) = written(problem) {
        deliver(client.publish_with_headers(reply, headers, body).await);
    }
}

fn written(problem: &Problem) -> Option<(HeaderMap, Bytes)> {
    let mut headers = HeaderMap::new();
    headers.insert(
        "Nats-Service-Error",
        ascii(&problem.facts.sentence(Locale::English)),
    );
    headers.insert("Nats-Service-Error-Code", problem.code.as_str());
    headers.insert("Content-Type", "application/problem+json");
    match serde_json::to_vec(problem) {
        Ok(body) => Some((headers, body.into())),
        Err(error) => {
            tracing::error!(%error, "an answer could not be written");
            None
        }
    }
}

/// Sends a refusal that no case is behind.
pub(crate) async fn refuse(client: &Client, request: &Request, rejection: Rejection) {
    let problem = Problem::new(rejection, Vec::new(), request.locale());
    send_problem(client, request, &problem).await;
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

fn deliver<E: std::fmt::Display>(sent: Result<(), E>) {
    // Whoever asks chooses where the answer goes, so it can cause as many of these as it sends.
    static NOT_SENT: Limited = Limited::new();

    if let Err(error) = sent
        && let Some(left_out) = NOT_SENT.left_out()
    {
        // The caller sends the same command again and gets the same answer.
        tracing::warn!(%error, left_out, "an answer could not be sent");
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

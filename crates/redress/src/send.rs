//! `redress send`: one command, or many from a file, over NATS.

use std::{
    collections::HashMap,
    io::{BufRead as _, BufReader, Read as _},
    path::Path,
    sync::Arc,
};

use async_nats::HeaderMap;
use events_schema::{Accepted, Actor, Problem};
use futures::{StreamExt as _, stream};
use serde::{Deserialize, Serialize};
use serde_json::{Value, value::RawValue};
use tokio::sync::Mutex;

use crate::{
    cli,
    failure::Failure,
    output::Output,
    wire::{self, Wire},
};

pub fn run(arguments: cli::Send, output: Output) -> Result<(), Failure> {
    let runtime = tokio::runtime::Runtime::new()
        .map_err(|error| Failure::World(format!("failed to start: {error}")))?;
    runtime.block_on(async {
        let wire = Wire::connect(&arguments.service).await?;
        match (
            &arguments.file,
            arguments.sender,
            arguments.name,
            arguments.body,
        ) {
            (Some(file), ..) => {
                many(
                    &wire,
                    file,
                    &arguments.language,
                    arguments.in_flight,
                    output,
                )
                .await
            }
            (None, Some(sender), Some(name), Some(body)) => {
                let line = Line {
                    sender,
                    command: name,
                    body: RawValue::from_string(read_body(&body)?).map_err(|error| {
                        Failure::Usage(format!("the body is not JSON: {error}"))
                    })?,
                    id: arguments.id,
                    expected_revision: arguments.expected_revision,
                };
                let accepted = one(&wire, &line, &arguments.language).await?;
                output.result(&accepted, describe);
                Ok(())
            }
            (None, ..) => Err(Failure::Usage(
                "name the sender, the command and its body, or a --file".to_owned(),
            )),
        }
    })
}

/// A command to be sent.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Line {
    #[serde(rename = "as")]
    sender: Actor,
    command: String,
    body: Box<RawValue>,
    #[serde(default)]
    id: Option<String>,
    #[serde(default)]
    expected_revision: Option<u64>,
}

fn read_body(argument: &str) -> Result<String, Failure> {
    let failed = |what: &str, error: std::io::Error| {
        Failure::World(format!("failed to read the body from {what}: {error}"))
    };
    if argument == "-" {
        let mut body = String::new();
        std::io::stdin()
            .read_to_string(&mut body)
            .map_err(|error| failed("standard input", error))?;
        Ok(body)
    } else if let Some(path) = argument.strip_prefix('@') {
        std::fs::read_to_string(path).map_err(|error| failed(path, error))
    } else {
        Ok(argument.to_owned())
    }
}

async fn one(wire: &Wire, line: &Line, language: &str) -> Result<Accepted, Failure> {
    let id = line
        .id
        .clone()
        .unwrap_or_else(|| uuid::Uuid::now_v7().to_string());
    loop {
        let mut headers = HeaderMap::new();
        headers.insert("Nats-Msg-Id", id.as_str());
        headers.insert("Accept-Language", language);
        if let Some(revision) = line.expected_revision {
            headers.insert("Redress-Expected-Revision", revision.to_string());
        }
        let body = line.body.get().as_bytes().to_vec();
        let message = wire
            .command(&line.sender, &line.command, headers, body)
            .await?;
        match wire::read(&message) {
            Err(Failure::Rejected(problem)) if problem.code == "busy" => {
                // Back-pressure: the same command again, a little later.
                tokio::time::sleep(std::time::Duration::from_millis(50)).await;
            }
            answer => return answer,
        }
    }
}

/// What became of a line.
#[derive(Debug, Serialize)]
struct LineOutcome {
    line: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    accepted: Option<Accepted>,
    #[serde(skip_serializing_if = "Option::is_none")]
    refused: Option<Problem>,
}

async fn many(
    wire: &Wire,
    file: &Path,
    language: &str,
    in_flight: usize,
    output: Output,
) -> Result<(), Failure> {
    let failed = |error: std::io::Error| {
        Failure::World(format!("failed to read {}: {error}", file.display()))
    };
    let mut lines = Vec::new();
    for (index, text) in BufReader::new(std::fs::File::open(file).map_err(failed)?)
        .lines()
        .enumerate()
    {
        let text = text.map_err(failed)?;
        if text.trim().is_empty() {
            continue;
        }
        let line: Line = serde_json::from_str(&text).map_err(|error| {
            Failure::Usage(format!(
                "line {} of {} does not read: {error}; nothing was sent",
                index + 1,
                file.display()
            ))
        })?;
        lines.push((index as u64 + 1, line));
    }
    let bar = output.progress(lines.len() as u64, "sent");
    let all = lines.len();

    // Commands of one case stay in order: each waits for the one before it.
    let mut queues: HashMap<String, Arc<Mutex<()>>> = HashMap::new();
    let work = lines.into_iter().map(|(number, line)| {
        let queue = Arc::clone(queues.entry(case_of(&line)).or_default());
        let turn = queue.lock_owned();
        let bar = bar.clone();
        async move {
            let turn = turn.await;
            let answer = one(wire, &line, language).await;
            drop(turn);
            bar.inc(1);
            (number, answer)
        }
    });
    let mut answers = stream::iter(work).buffered(in_flight.max(1));
    let mut accepted = 0;
    let mut refused = 0;
    let mut broken = None;
    while let Some((number, answer)) = answers.next().await {
        let outcome = match answer {
            Ok(answer) => {
                accepted += 1;
                LineOutcome {
                    line: number,
                    accepted: Some(answer),
                    refused: None,
                }
            }
            Err(Failure::Rejected(problem)) => {
                refused += 1;
                output.note(&format!(
                    "line {number}: {} ({})",
                    problem.detail, problem.code
                ));
                LineOutcome {
                    line: number,
                    accepted: None,
                    refused: Some(*problem),
                }
            }
            Err(failure) => {
                broken = Some((number, failure));
                break;
            }
        };
        if !output.is_human() {
            output.result(&outcome, |_| String::new());
        }
    }
    bar.finish_and_clear();
    output.note(&format!("{accepted} accepted, {refused} refused, of {all}"));
    match broken {
        None => Ok(()),
        Some((number, failure)) => {
            output.note(&format!(
                "stopped at line {number}; lines before it are answered"
            ));
            Err(failure)
        }
    }
}

fn case_of(line: &Line) -> String {
    let body: Option<Value> = serde_json::from_str(line.body.get()).ok();
    body.as_ref()
        .and_then(|body| body.pointer("/facts/case")?.as_str())
        .unwrap_or_default()
        .to_owned()
}

/// An accepted command, for a person.
fn describe(accepted: &Accepted) -> String {
    use std::fmt::Write as _;

    let mut text = String::new();
    let again = if accepted.replayed {
        " (it had been accepted before; nothing was done now)"
    } else {
        ""
    };
    // Writing into a string cannot fail.
    let _ = writeln!(
        text,
        "accepted{again}: {} revision {}, positions {} to {}",
        accepted.stream, accepted.revision, accepted.positions.first, accepted.positions.last
    );
    if let Some(case) = &accepted.case {
        let standing = serde_json::to_value(case.standing).unwrap_or_default();
        let _ = writeln!(
            text,
            "notice {} is {}; attempts used {} of {}",
            case.notice,
            standing.as_str().unwrap_or_default(),
            case.attempts_used,
            case.attempt_cap
        );
        for deadline in &case.deadlines {
            let provisional = if deadline.provisional {
                " (provisional)"
            } else {
                ""
            };
            let _ = writeln!(
                text,
                "  {:<5} {:<20} due {}{provisional}",
                deadline.id,
                deadline.purpose.name(),
                deadline.due
            );
        }
    }
    text
}

//! `redress send`: one command, or many from a file, over NATS.

mod batch;

use std::path::{Path, PathBuf};

use async_nats::HeaderMap;
use clap::Args;
use events_schema::{Accepted, Actor, CommandId, CommandName, Positions, Rejection};
use serde::Serialize;
use serde_json::value::RawValue;

use crate::{
    arguments::{self, at_least_one},
    failure::{Failure, unreadable},
    nearest::proposal,
    output::Output,
    text_file,
    wire::{self, Wire},
};

/// Arguments of `send`.
#[derive(Debug, Args)]
#[command(after_help = format!("\
Commands: {}

Examples:
  redress send --as party:dev7 WithdrawAppeal \\
    '{{\"facts\":{{\"case\":\"C1\",\"appeal\":\"A1\"}}}}'
  redress send --as platform:moderation IssueWarning @warning.json
  redress send --file commands.jsonl

A line of a file is
  {{\"as\": \"role:principal\", \"command\": \"...\", \"body\": {{...}}}}
and may have \
\"id\" and \"expected_revision\"; \"as\" may be left out where --as says it. All lines are read before the first is sent. The exit code is 3 if any is refused.",
names().join(", ")))]
pub struct Arguments {
    /// The service.
    #[command(flatten)]
    pub service: arguments::Service,
    /// The id of the command; a new one if absent. Keep it to send the same command again.
    #[arg(long, conflicts_with = "file")]
    pub id: Option<CommandId>,
    /// The revision of the stream that you decided on.
    #[arg(long, conflicts_with = "file")]
    pub expected_revision: Option<u64>,
    /// The language of a refusal.
    #[arg(long, default_value = "en", value_parser = ["en", "zh-CN"])]
    pub language: String,
    /// Many commands, one a line; - for standard input.
    #[arg(long, value_name = "COMMANDS.jsonl", conflicts_with_all = ["name", "body"])]
    pub file: Option<PathBuf>,
    /// Commands of a file under way at the same time. One line of a case waits for the line before it; a line without
    /// a case, such as a calendar or a rulebook, waits for all before it, and all behind it wait for it.
    #[arg(long, default_value_t = 64, value_parser = at_least_one())]
    pub in_flight: usize,
    /// The command.
    #[arg(value_name = "COMMAND", required_unless_present = "file", value_parser = parse_name)]
    pub name: Option<CommandName>,
    /// Its body: JSON, @FILE, or - for standard input.
    #[arg(value_name = "JSON | @FILE | -", required_unless_present = "file")]
    pub body: Option<String>,
}

pub fn run(arguments: Arguments, output: Output) -> Result<(), Failure> {
    let runtime = arguments::runtime()?;
    let language = &arguments.language;
    // What does not read is said before anything is sent.
    match (&arguments.file, arguments.name, arguments.body) {
        (Some(file), ..) => {
            let lines = batch::read(file, arguments.service.sender.as_ref())?;
            runtime.block_on(async {
                let wire = Wire::connect(&arguments.service).await?;
                batch::send(&wire, lines, language, arguments.in_flight, output).await
            })
        }
        (None, Some(name), Some(body)) => {
            let senders = arguments.service.senders_of(name)?;
            let body = RawValue::from_string(read_body(&body)?)
                .map_err(|error| Failure::Usage(format!("the body is not JSON: {error}")))?;
            let id = arguments.id.map_or_else(new_id, Ok)?;
            runtime.block_on(async {
                let wire = Wire::connect(&arguments.service).await?;
                let command = ToSend {
                    sender: wire.sender(name, senders).await?,
                    name,
                    body,
                    id,
                    expected_revision: arguments.expected_revision,
                };
                let accepted = until_answered(&wire, &command, language).await?;
                let sent = Sent {
                    command_id: command.id,
                    accepted,
                };
                output.result(&sent, describe);
                Ok(())
            })
        }
        (None, ..) => Err(Failure::Usage(
            "name the command and its body, or a --file".to_owned(),
        )),
    }
}

/// A command to be sent.
#[derive(Debug)]
struct ToSend {
    sender: Actor,
    name: CommandName,
    body: Box<RawValue>,
    id: CommandId,
    expected_revision: Option<u64>,
}

/// A command that was accepted, and the id that it was sent with.
#[derive(Debug, Serialize)]
struct Sent {
    command_id: CommandId,
    #[serde(flatten)]
    accepted: Accepted,
}

/// An id for a command that its sender gave none.
pub fn new_id() -> Result<CommandId, Failure> {
    uuid::Uuid::now_v7()
        .to_string()
        .parse()
        .map_err(|error| Failure::World(format!("failed to make an id: {error}")))
}

/// The commands that anybody can send. The service's own it sends itself.
pub fn names() -> Vec<&'static str> {
    CommandName::ALL
        .iter()
        .copied()
        .filter(|name| {
            !matches!(
                name,
                CommandName::ReachDeadline | CommandName::ReviseDeadline
            )
        })
        .map(CommandName::as_str)
        .collect()
}

/// Reads the name of a command.
pub fn parse_name(text: &str) -> Result<CommandName, String> {
    CommandName::parse(text).ok_or_else(|| {
        format!(
            "there is no such command{}. `redress send --help` lists all",
            proposal(text, names())
        )
    })
}

fn read_body(argument: &str) -> Result<String, Failure> {
    let failed =
        |what: &str, error: std::io::Error| unreadable(format!("the body from {what}"), &error);
    if argument == "-" {
        text_file::read_standard_input().map_err(|error| failed("standard input", error))
    } else if let Some(path) = argument.strip_prefix('@') {
        text_file::read(Path::new(path)).map_err(|error| failed(path, error))
    } else {
        Ok(argument.to_owned())
    }
}

/// Sends a command until it is answered, or the time for it is over: a service that is busy is asked again.
async fn until_answered(
    wire: &Wire,
    command: &ToSend,
    language: &str,
) -> Result<Accepted, Failure> {
    let until = wire.patience();
    let answer = wire::while_busy(until, async || {
        let mut headers = HeaderMap::new();
        headers.insert("Accept-Language", language);
        if let Some(revision) = command.expected_revision {
            headers.insert("Redress-Expected-Revision", revision.to_string());
        }
        let addressed = (&command.sender, command.name, &command.id);
        let body = command.body.get().as_bytes().to_vec();
        wire::read(&wire.command(addressed, headers, body, until).await?)
    });
    match answer.await {
        Err(Failure::Rejected(problem)) if matches!(problem.facts, Rejection::Busy { .. }) => {
            Err(Failure::Timeout(
                "the service stayed busy and has not taken the command; send it again later, or wait longer with \
                 --timeout-seconds"
                    .to_owned(),
            ))
        }
        answer => answer,
    }
}

/// An accepted command, for a person.
fn describe(sent: &Sent) -> String {
    use std::fmt::Write as _;

    let accepted = &sent.accepted;
    let mut text = String::new();
    let again = if accepted.replayed {
        " (it had been accepted before; nothing was done now)"
    } else {
        ""
    };
    let Positions { first, last } = accepted.positions;
    let positions = if first == last {
        format!("position {first}")
    } else {
        format!("positions {first} to {last}")
    };
    // Writing into a string cannot fail.
    let _ = writeln!(
        text,
        "accepted{again}: {} revision {}, {positions}",
        accepted.stream, accepted.revision
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
                deadline.id.as_str(),
                deadline.purpose.name(),
                deadline.due
            );
        }
    }
    text
}

//! A recorded history, kept in `tests/golden`: whatever is built differently inside, the same commands come to the same
//! answers, the same events byte for byte, and the same digests, and whoever reads it is shown the same.
//!
//! Its lines are those that `redress backfill` takes, with what else a service is told: the id of a command, the
//! revision that its sender expects, its language, and what the service records about its log by itself. Where the
//! published language changes on purpose, `GOLDEN=write` makes the files anew, and their difference shows the change.

mod read;

use std::{collections::BTreeSet, fmt::Write as _, fs, path::PathBuf};

use event_log::{EventLog, LogId};
use events_schema::{
    Actor, CommandName, EVENT_TYPES, Event, Instant, Locale, ParsedCommand, Rejection, Role,
    Sha256, parse_command,
};
use projections::ReadModel;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json, value::RawValue};
use test_support::label;

use crate::{Answer, Processor, Submission, show};

const LOG_ID: LogId = LogId(*b"redress.golden.1");

/// What is said before a command is decided or after it, by who carries it: no history makes it.
const SAID_BY_THE_GATEWAY: [&str; 4] = ["busy", "stopping", "answer_too_large", "log_unreadable"];

/// A line of the history: a command, or what the service records about its log.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Line<'a> {
    at: Instant,
    #[serde(rename = "as")]
    sender: Option<Actor>,
    command: Option<&'a str>,
    #[serde(borrow)]
    body: Option<&'a RawValue>,
    id: Option<String>,
    expected_revision: Option<u64>,
    #[serde(default)]
    locale: Locale,
    event: Option<&'a str>,
    #[serde(borrow)]
    data: Option<&'a RawValue>,
}

/// What a history came to.
struct Played {
    answers: String,
    events: String,
    digests: String,
    /// What is asked of it, and answered.
    read: String,
    /// What its parties are told.
    told: String,
    seen: BTreeSet<String>,
}

#[test]
fn the_golden_history_comes_to_the_same_answers_events_and_digests_and_reads_the_same() {
    let history = fs::read_to_string(golden("history.jsonl")).unwrap();
    let played = play(&history);
    let rejections = Rejection::CODES.iter().copied();
    let missing: Vec<&str> = rejections
        .filter(|code| !SAID_BY_THE_GATEWAY.contains(code))
        .chain(EVENT_TYPES.iter().copied())
        .filter(|name| !played.seen.contains(*name))
        .collect();
    assert!(missing.is_empty(), "the history has no {missing:?}");
    for (name, found) in [
        ("answers.jsonl", &played.answers),
        ("events.jsonl", &played.events),
        ("digests.json", &played.digests),
        ("read.jsonl", &played.read),
        ("notifications.jsonl", &played.told),
    ] {
        if is_written_anew() {
            fs::write(golden(name), found).unwrap();
        }
        let expected = fs::read_to_string(golden(name)).unwrap();
        for (number, (expected, found)) in expected.lines().zip(found.lines()).enumerate() {
            assert_eq!(expected, found, "line {} of {name}", number + 1);
        }
        assert_eq!(expected.len(), found.len(), "the length of {name}");
    }
}

fn play(history: &str) -> Played {
    let dir = tempfile::tempdir().unwrap();
    drop(EventLog::create(dir.path(), LOG_ID).unwrap());
    let mut lines = history.lines().enumerate().peekable();
    let (_, first) = lines.peek().unwrap();
    let begin = serde_json::from_str::<Line<'_>>(first).unwrap().at;
    let (mut processor, report) =
        Processor::open(dir.path(), &label("golden"), begin, &mut |_, _| {}).unwrap();
    let mut views = report.views;
    let mut seen = BTreeSet::new();
    let mut answers = String::new();
    for (index, line) in lines {
        let number = index + 1;
        let line: Line<'_> = serde_json::from_str(line).unwrap();
        while let Some(due) = processor.next_due().filter(|due| *due <= line.at)
            && processor.hold().is_none()
        {
            let now = processor.last_time().map_or(due, |last| last.max(due));
            processor.fire_due(due, now, 1).unwrap();
        }
        if let Some(answer) = step(&mut processor, number, &line) {
            if let Some(code) = answer["refused"]["code"].as_str() {
                seen.insert(code.to_owned());
            }
            writeln!(answers, "{answer}").unwrap();
        }
        for stored in processor.commit().unwrap() {
            show(&mut views, &stored.recorded, &processor.reader()).unwrap();
        }
        views.forget_closed();
    }
    let (events, types) = events(&processor);
    seen.extend(types);
    let digests = digests(&processor, &views);
    Played {
        answers,
        events,
        digests,
        read: read::answers(&processor, views),
        told: read::notifications(&processor),
        seen,
    }
}

/// Does what a line says, and gives the answer to a command.
fn step(processor: &mut Processor, number: usize, line: &Line<'_>) -> Option<Value> {
    if let Some(event_type) = line.event {
        let event = Event::read(event_type, line.data.unwrap().get().as_bytes()).unwrap();
        processor.record_about_log(event, line.at).unwrap();
        return None;
    }
    let actor = line.sender.clone().unwrap();
    let answer = match parsed(line) {
        Err(rejection) => Answer::refused(rejection, line.locale),
        // What the service does by itself comes in by no other way.
        Ok(parsed) if actor.role == Role::Service => {
            let decided = processor.memory.platform.act(&parsed.command, line.at);
            Answer::refused(decided.unwrap_err(), line.locale)
        }
        Ok(command) => {
            let id = line.id.clone().unwrap_or_else(|| format!("line-{number}"));
            let submission = Submission {
                actor,
                command_id: id.parse().unwrap(),
                correlation_id: None,
                expected_revision: line.expected_revision,
                locale: line.locale,
                command,
            };
            processor.take(&submission, line.at, line.at).unwrap()
        }
    };
    Some(match answer {
        Answer::Accepted(accepted) => json!({"line": number, "accepted": *accepted}),
        Answer::Refused(problem) => json!({"line": number, "refused": *problem}),
    })
}

fn parsed(line: &Line<'_>) -> Result<ParsedCommand, Rejection> {
    let (found, sender) = (line.command.unwrap(), line.sender.as_ref().unwrap());
    let name = CommandName::parse(found).ok_or_else(|| Rejection::UnknownCommand {
        found: found.to_owned(),
    })?;
    let body = line.body.unwrap().get().as_bytes();
    Ok(parse_command(name, sender.role, &sender.principal, body)?)
}

/// Every event as it is stored, a line each, with the number of its commit; and their types.
fn events(processor: &Processor) -> (String, Vec<String>) {
    #[derive(Serialize)]
    struct Line<'a> {
        commit: u64,
        header: &'a RawValue,
        data: &'a RawValue,
    }
    let (mut lines, mut types, mut commit) = (String::new(), Vec::new(), 0);
    for record in processor.reader().range(0, processor.head().next_position) {
        let record = record.unwrap();
        commit += u64::from(record.is_first_of_commit());
        let line = Line {
            commit,
            header: serde_json::from_slice(record.header()).unwrap(),
            data: serde_json::from_slice(record.data()).unwrap(),
        };
        writeln!(lines, "{}", serde_json::to_string(&line).unwrap()).unwrap();
        let header: Value = serde_json::from_slice(record.header()).unwrap();
        types.push(header["type"].as_str().unwrap().to_owned());
    }
    (lines, types)
}

/// What `redress verify` says of the log.
fn digests(processor: &Processor, views: &ReadModel) -> String {
    let head = processor.head();
    let digests = json!({
        "log_id": processor.reader().log_id().to_string(),
        "events": head.next_position,
        "commits": head.commits,
        "last_commit_hash": Sha256(head.last_commit_hash).to_string(),
        "projections": views.digests(),
    });
    format!("{digests:#}\n")
}

fn golden(name: &str) -> PathBuf {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/golden");
    PathBuf::from(folder).join(name)
}

fn is_written_anew() -> bool {
    std::env::var_os("GOLDEN").is_some_and(|value| value == "write")
}

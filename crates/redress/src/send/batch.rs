//! Many commands from a file: all of them are read before the first is sent.

use std::{
    collections::HashMap,
    fs::File,
    io::{self, BufRead, BufReader},
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use events_schema::{Accepted, Actor, CommandId, Problem};
use futures::{StreamExt as _, stream};
use serde::{Deserialize, Serialize};
use serde_json::{Value, value::RawValue};
use tokio::sync::{Mutex, OwnedMutexGuard, OwnedRwLockReadGuard, OwnedRwLockWriteGuard, RwLock};

use super::{ToSend, new_id, parse_name, until_answered};
use crate::{
    failure::{Failure, unreadable},
    output::Output,
    text_file,
    wire::Wire,
};

/// A command and the number of its line.
pub(super) struct Line {
    number: u64,
    command: ToSend,
}

/// Reads a file, or standard input where it is called `-`.
///
/// A line that does not say who sends it is of `sender`.
pub(super) fn read(file: &Path, sender: Option<&Actor>) -> Result<Vec<Line>, Failure> {
    let failed = |error: io::Error| unreadable(file.display(), &error);
    let reader: Box<dyn BufRead> = if file == Path::new("-") {
        Box::new(io::stdin().lock())
    } else {
        Box::new(BufReader::new(File::open(file).map_err(failed)?))
    };
    let mut lines = Vec::new();
    for (text, number) in reader.lines().zip(1..) {
        let mut text = text.map_err(|error| {
            failed(io::Error::new(
                error.kind(),
                format!("line {number}: {error}; nothing was sent"),
            ))
        })?;
        if number == 1 {
            text = text_file::without_mark(text);
        }
        if text.trim().is_empty() {
            continue;
        }
        let command = read_line(&text, sender).map_err(|problem| {
            Failure::Usage(format!(
                "line {number} of {} does not read: {problem}; nothing was sent",
                file.display()
            ))
        })?;
        lines.push(Line { number, command });
    }
    Ok(lines)
}

fn read_line(text: &str, sender: Option<&Actor>) -> Result<ToSend, String> {
    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Written {
        #[serde(rename = "as", default)]
        sender: Option<Actor>,
        command: String,
        body: Box<RawValue>,
        #[serde(default)]
        id: Option<String>,
        #[serde(default)]
        expected_revision: Option<u64>,
    }
    let written: Written = serde_json::from_str(text).map_err(|error| error.to_string())?;
    let id = match written.id {
        Some(id) => id.parse().map_err(|error| format!("id: {error}"))?,
        None => new_id().map_err(|error| error.to_string())?,
    };
    let sender = written.sender.or_else(|| sender.cloned());
    Ok(ToSend {
        sender: sender.ok_or("it does not say who sends it: write \"as\", or name --as")?,
        name: parse_name(&written.command)
            .map_err(|problem| format!("command `{}`: {problem}", written.command))?,
        body: written.body,
        id,
        expected_revision: written.expected_revision,
    })
}

/// What became of a line.
#[derive(Debug, Serialize)]
struct LineOutcome {
    line: u64,
    command_id: CommandId,
    #[serde(flatten)]
    answer: LineAnswer,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "snake_case")]
enum LineAnswer {
    Accepted(Accepted),
    Refused(Problem),
    Failed { error: &'static str, detail: String },
}

/// Sends every line, as one result of many parts. When one cannot be sent or is not answered, those under way are
/// waited for and no more are begun, so that the outcome of each is known by its id.
pub(super) async fn send(
    wire: &Wire,
    lines: Vec<Line>,
    language: &str,
    in_flight: usize,
    output: Output,
) -> Result<(), Failure> {
    let all = lines.len() as u64;
    let bar = output.progress(all, "sent");
    let stopped = &AtomicBool::new(false);

    let mut queues = Queues::default();
    let work = lines.into_iter().map(|line| {
        let turn = queues.turn_of(case_of(&line.command));
        let bar = bar.clone();
        async move {
            let _turn = turn.await;
            if stopped.load(Ordering::Relaxed) {
                return None;
            }
            let answer = until_answered(wire, &line.command, language).await;
            if !matches!(answer, Ok(_) | Err(Failure::Rejected(_))) {
                stopped.store(true, Ordering::Relaxed);
            }
            bar.inc(1);
            Some((line, answer))
        }
    });
    let mut answers = stream::iter(work).buffered(in_flight);
    let mut series = output.series();
    let (mut accepted, mut repeated, mut refused, mut unsent) = (0, 0, 0, 0);
    let mut broken = None;
    while let Some(answered) = answers.next().await {
        let Some((Line { number, command }, answer)) = answered else {
            unsent += 1;
            continue;
        };
        let answer = match answer {
            Ok(answer) => {
                accepted += 1;
                repeated += u64::from(answer.replayed);
                LineAnswer::Accepted(answer)
            }
            Err(Failure::Rejected(problem)) => {
                refused += 1;
                output.note(&format!(
                    "line {number}: {} ({})",
                    problem.detail, problem.code
                ));
                LineAnswer::Refused(*problem)
            }
            Err(failure) => {
                output.note(&format!("line {number}: {failure}"));
                let answer = LineAnswer::Failed {
                    error: failure.kind(),
                    detail: failure.to_string(),
                };
                broken.get_or_insert((number, failure));
                answer
            }
        };
        if !output.is_human() {
            let outcome = LineOutcome {
                line: number,
                command_id: command.id,
                answer,
            };
            series.add(&outcome, |_| String::new());
        }
    }
    bar.finish_and_clear();
    series.end();
    let before = if repeated == 0 {
        String::new()
    } else {
        format!(" ({repeated} of them before, and nothing was done now)")
    };
    output.note(&format!(
        "{accepted} accepted{before}, {refused} refused, of {all}"
    ));
    match broken {
        Some((number, failure)) => Err(failure.summed_up_as(format!(
            "stopped at line {number}; lines behind it that were not sent: {unsent}"
        ))),
        None if refused > 0 => Err(Failure::LinesRefused {
            refused,
            lines: all,
        }),
        None => Ok(()),
    }
}

/// What keeps lines in order. Those of one case wait for each other. A line without a case, such as a calendar or a
/// rulebook, concerns every case: it waits for all before it, and all behind it wait for it. Turns are given in the
/// order in which they are first waited for.
#[derive(Default)]
struct Queues {
    of_all: Arc<RwLock<()>>,
    of_cases: HashMap<String, Arc<Mutex<()>>>,
}

/// While it is held, what must come later waits.
enum Turn {
    OfAll {
        _alone: OwnedRwLockWriteGuard<()>,
    },
    OfCase {
        _with_others: OwnedRwLockReadGuard<()>,
        _in_case: OwnedMutexGuard<()>,
    },
}

impl Queues {
    fn turn_of(&mut self, case: Option<String>) -> impl Future<Output = Turn> + use<> {
        let all = Arc::clone(&self.of_all);
        let of_case = case.map(|case| Arc::clone(self.of_cases.entry(case).or_default()));
        async {
            match of_case {
                None => Turn::OfAll {
                    _alone: all.write_owned().await,
                },
                Some(of_case) => Turn::OfCase {
                    _with_others: all.read_owned().await,
                    _in_case: of_case.lock_owned().await,
                },
            }
        }
    }
}

fn case_of(command: &ToSend) -> Option<String> {
    let body: Value = serde_json::from_str(command.body.get()).ok()?;
    let case = body.pointer("/facts/case")?.as_str()?;
    Some(case.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn problem(line: &str) -> String {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("commands.jsonl");
        let good = r#"{"as": "party:dev7", "command": "WithdrawAppeal", "body": {}}"#;
        std::fs::write(&file, format!("{good}\n\n{line}\n")).unwrap();
        read(&file, None)
            .err()
            .map_or_else(String::new, |failure| failure.to_string())
    }

    #[test]
    fn a_line_that_could_not_be_sent_is_named_before_anything_is() {
        for (line, why) in [
            (
                r#"{"as": "party:dev7", "command": "WithdrawAppeal", "body": {}, "id": "a\nb"}"#,
                "id: ",
            ),
            (
                r#"{"as": "party:dev7", "command": "WithdrawAppeal", "body": {}, "id": "reach:D3"}"#,
                "id: ",
            ),
            (
                r#"{"as": "party:dev7", "command": "SubmitApeal", "body": {}}"#,
                "SubmitAppeal",
            ),
            (
                r#"{"as": "party:dev7", "command": "X.Y", "body": {}}"#,
                "`X.Y`",
            ),
            (
                r#"{"as": "party:dev\r7", "command": "Rectify", "body": {}}"#,
                "dev",
            ),
            (r#"{"command": "Rectify", "body": {}}"#, "who sends it"),
        ] {
            let said = problem(line);
            assert!(
                said.starts_with("line 3 of ") && said.ends_with("nothing was sent"),
                "{said}"
            );
            assert!(said.contains(why), "{said}");
        }
    }

    #[test]
    fn how_a_program_begins_and_ends_its_file_is_no_line() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("commands.jsonl");
        let line = r#"{"as": "party:dev7", "command": "WithdrawAppeal", "body": {}}"#;
        let text = format!("\u{feff}{line}\r\n\r\n{line}\r\n\r\n \r\n");
        std::fs::write(&file, text).unwrap();
        let lines = read(&file, None).unwrap();
        let numbers: Vec<u64> = lines.iter().map(|line| line.number).collect();
        assert_eq!(numbers, [1, 3]);
    }

    #[test]
    fn each_line_has_an_id_of_its_own_or_the_one_it_names() {
        let without = r#"{"as": "party:dev7", "command": "Rectify", "body": {}}"#;
        let with = r#"{"as": "party:dev7", "command": "Rectify", "body": {}, "id": "mine-1"}"#;
        let id = |line| read_line(line, None).unwrap().id;
        assert_ne!(id(without), id(without));
        assert_eq!(id(with).as_str(), "mine-1");
    }

    #[test]
    fn a_line_is_of_whom_it_names_or_else_of_whom_was_said() {
        let said: Actor = "party:dev7".parse().unwrap();
        let sender = |line| read_line(line, Some(&said)).unwrap().sender.to_string();
        let without = r#"{"command": "Rectify", "body": {}}"#;
        let with = r#"{"as": "party:dev8", "command": "Rectify", "body": {}}"#;
        assert_eq!(sender(without), "party:dev7");
        assert_eq!(sender(with), "party:dev8");
    }
}

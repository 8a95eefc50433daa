//! `cargo xtask acceptance`: everything the project must show that a machine can show, on a release build, as a
//! table and as JSON with the commit. Whatever `cargo xtask test` and `cargo xtask check` do is in it.

mod bench;
mod faults;

use std::{fs, path::PathBuf, process::Command, time::Instant};

use serde_json::{Value, json};

use crate::{commands::floods, failure::Failure, process, toolbox, workspace};

/// What to run.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// Only the lines whose name contains this
    #[arg(long)]
    only: Option<String>,
    /// Write the result to this file too, as JSON
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
}

/// A line of what must be shown, and the tests that show it.
struct Line {
    name: &'static str,
    package: &'static str,
    tests: Tests,
}

/// Which tests of a package.
enum Tests {
    All,
    /// Those whose name contains one of these.
    Named(&'static [&'static str]),
    /// Those that no other line of the package names.
    Others,
}

const LINES: [Line; 23] = [
    Line {
        name: "traces, complaints and rules, end to end",
        package: "end-to-end",
        tests: Tests::Named(&["trace_", "complaint_", "rule_"]),
    },
    Line {
        name: "backfill of real data, interrupted and resumed",
        package: "end-to-end",
        tests: Tests::Named(&["backfill_"]),
    },
    Line {
        name: "a client that is not ours",
        package: "end-to-end",
        tests: Tests::Named(&["foreign_client"]),
    },
    Line {
        name: "kill -9, failing syncs, full disk, damage",
        package: "end-to-end",
        tests: Tests::Named(&["fault_"]),
    },
    Line {
        name: "a clock in doubt, a log rolled back, publishing after a kill",
        package: "end-to-end",
        tests: Tests::Named(&["time_in_doubt", "rolled_back_log", "publishing_after"]),
    },
    Line {
        name: "back-pressure, drain, reconnect",
        package: "end-to-end",
        tests: Tests::Named(&["back_pressure", "drain", "reconnect"]),
    },
    Line {
        name: "malformed messages and floods, others beside them",
        package: "end-to-end",
        tests: Tests::Named(&["no_message_disturbs"]),
    },
    Line {
        name: "standard error that nobody reads, errors as one object",
        package: "end-to-end",
        tests: Tests::Named(&["nobody_reads", "command_line_for_programs"]),
    },
    Line {
        name: "logins, permissions, what people are told",
        package: "end-to-end",
        tests: Tests::Named(&[
            "connecting",
            "sample_permissions",
            "command_line_for_people",
        ]),
    },
    Line {
        name: "the process, the command line, the harness itself",
        package: "end-to-end",
        tests: Tests::Others,
    },
    Line {
        name: "the log: damage, torn writes, kill -9",
        package: "event-log",
        tests: Tests::All,
    },
    Line {
        name: "working days, calendars that are imported and shipped",
        package: "working-calendar",
        tests: Tests::All,
    },
    Line {
        name: "every rule, and random histories with both folds",
        package: "enforcement-rules",
        tests: Tests::All,
    },
    Line {
        name: "200 kills with a clock that steps, the files beside the log",
        package: "command-processor",
        tests: Tests::Named(&[
            "clock_st",
            "clock_set",
            "doubt",
            "heartbeat",
            "cursor",
            "beside",
            "rollback",
        ]),
    },
    Line {
        name: "a takeover dates as the service does",
        package: "command-processor",
        tests: Tests::Named(&["two_clocks"]),
    },
    Line {
        name: "idempotency, snapshot, answers after the disk",
        package: "command-processor",
        tests: Tests::Others,
    },
    Line {
        name: "the published language, its schemas and examples",
        package: "events-schema",
        tests: Tests::All,
    },
    Line {
        name: "the projections",
        package: "projections",
        tests: Tests::All,
    },
    Line {
        name: "what is let in, how much of it, whose turn it is",
        package: "nats-gateway",
        tests: Tests::Named(&["sieve", "gate::", "in_hand", "credit", "turns"]),
    },
    Line {
        name: "queries and answers",
        package: "nats-gateway",
        tests: Tests::Others,
    },
    Line {
        name: "what the binary reads",
        package: "redress",
        tests: Tests::All,
    },
    Line {
        name: "the builders that tests use",
        package: "test-support",
        tests: Tests::All,
    },
    Line {
        name: "the developer's commands",
        package: "xtask",
        tests: Tests::All,
    },
];

impl Line {
    /// The arguments of the test runner. Filters stand behind `--`, where either runner takes several.
    fn for_runner(&self) -> Vec<&'static str> {
        let mut arguments = vec!["-p", self.package];
        match self.tests {
            Tests::All => {}
            Tests::Named(names) => {
                arguments.push("--");
                arguments.extend(names);
            }
            Tests::Others => {
                arguments.push("--");
                let lines = LINES.iter().filter(|line| line.package == self.package);
                let names = lines.filter_map(|line| match line.tests {
                    Tests::Named(names) => Some(names),
                    Tests::All | Tests::Others => None,
                });
                arguments.extend(names.flatten().flat_map(|name| ["--skip", name]));
            }
        }
        arguments
    }
}

const CHECK: &str = "format, lints, docs, schemas, dependencies";
const EXAMPLES: &str = "the examples in the documentation";
const DEMO: &str = "the demonstration on a real nats-server";
const FLOODS: &str = "floods beside a quiet sender";
const OPEN_CASES: &str = "what grows with open cases";
const BENCH: &str = "bench: medians of 3, beside an echo";

#[derive(Debug)]
struct LineResult {
    name: String,
    result: String,
    passed: bool,
    seconds: f64,
}

/// Runs it all.
pub(crate) fn run(arguments: &Arguments) -> Result<(), Failure> {
    toolbox::nats_server_path()?;
    toolbox::python_path()?;
    // What is built below is what is there now, whatever somebody commits meanwhile.
    let sources = Sources::now()?;
    let wanted = |name: &str| {
        arguments
            .only
            .as_deref()
            .is_none_or(|only| name.contains(only))
    };
    let mut shown = Vec::new();
    if wanted(CHECK) {
        shown.push(timed(CHECK, || passed(ourselves().arg("check"))));
    }
    for line in LINES.iter().filter(|line| wanted(line.name)) {
        shown.push(show(line));
    }
    if wanted(EXAMPLES) {
        shown.push(timed(EXAMPLES, || {
            passed(workspace::cargo().args(["test", "--release", "--doc", "--no-fail-fast"]))
        }));
    }
    if wanted(DEMO) {
        shown.push(timed(DEMO, || {
            let demo = process::run_aside(ourselves().arg("demo"));
            demo.map(|()| "both traces played, replayed and verified".to_owned())
        }));
    }
    if wanted(FLOODS) {
        shown.push(timed(FLOODS, floods::shown));
    }
    if wanted(OPEN_CASES) {
        shown.push(timed(OPEN_CASES, bench::open_cases));
    }
    if wanted(BENCH) {
        shown.push(timed(BENCH, bench::run));
    }
    for fault in &faults::FAULTS {
        let name = format!("planted fault: {}", fault.name);
        if !wanted(&name) {
            continue;
        }
        shown.push(timed(&name, || {
            faults::plant(fault).map(|()| format!("caught by {}", fault.test))
        }));
    }
    report(arguments, &sources, &shown)
}

fn show(line: &Line) -> LineResult {
    timed(line.name, || {
        let mut command = ourselves();
        command.args(["test", "--release", "--complete", "--"]);
        passed(command.args(line.for_runner()))
    })
}

fn passed(command: &mut Command) -> Result<String, Failure> {
    process::run_aside(command).map(|()| "passed".to_owned())
}

/// What was looked at.
struct Sources {
    commit: String,
    /// Whether something in the folder is not in the commit.
    dirty: bool,
}

impl Sources {
    fn now() -> Result<Self, Failure> {
        let git = |arguments: &[&str]| {
            process::capture(
                Command::new("git")
                    .current_dir(workspace::root())
                    .args(arguments),
            )
        };
        Ok(Self {
            commit: git(&["rev-parse", "HEAD"])?.trim().to_owned(),
            dirty: !git(&["status", "--porcelain"])?.trim().is_empty(),
        })
    }
}

/// This program once more.
fn ourselves() -> Command {
    Command::new(std::env::current_exe().unwrap_or_else(|_| "cargo-xtask".into()))
}

fn timed(name: &str, run: impl FnOnce() -> Result<String, Failure>) -> LineResult {
    let begun = Instant::now();
    let outcome = run();
    LineResult {
        name: name.to_owned(),
        passed: outcome.is_ok(),
        result: outcome.unwrap_or_else(|failure| failure.to_string()),
        seconds: begun.elapsed().as_secs_f64(),
    }
}

fn report(arguments: &Arguments, sources: &Sources, shown: &[LineResult]) -> Result<(), Failure> {
    let failed = shown.iter().filter(|line| !line.passed).count();
    let changes = if sources.dirty {
        ", with changes that are not in it"
    } else {
        ""
    };
    println!("commit {}{changes}", sources.commit);
    for line in shown {
        let verdict = if line.passed { "ok" } else { "FAILED" };
        println!(
            "{verdict:<7} {:>7.1} s  {:<52} {}",
            line.seconds, line.name, line.result
        );
    }
    if let Some(file) = &arguments.json {
        let json = as_json(sources, shown);
        fs::write(file, format!("{json:#}\n")).map_err(|error| {
            Failure::new(format!("failed to write {}: {error}", file.display()))
        })?;
    }
    if failed == 0 {
        Ok(())
    } else {
        Err(Failure::new(format!(
            "{failed} of {} lines failed",
            shown.len()
        )))
    }
}

fn as_json(sources: &Sources, shown: &[LineResult]) -> Value {
    let failed = shown.iter().filter(|line| !line.passed).count();
    let lines: Vec<_> = shown
        .iter()
        .map(|line| {
            json!({
                "name": line.name, "passed": line.passed, "result": line.result, "seconds": line.seconds
            })
        })
        .collect();
    json!({ "commit": sources.commit, "dirty": sources.dirty, "failed": failed, "lines": lines })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tests_of_every_package_are_in_a_line() {
        let metadata = process::capture(workspace::cargo().args([
            "metadata",
            "--no-deps",
            "--offline",
            "--format-version=1",
        ]));
        let metadata: Value = serde_json::from_str(&metadata.unwrap()).unwrap();
        for package in metadata["packages"].as_array().unwrap() {
            let name = package["name"].as_str().unwrap();
            let lines = LINES.iter().filter(|line| line.package == name);
            let whole = lines.filter(|line| !matches!(line.tests, Tests::Named(_)));
            assert_eq!(whole.count(), 1, "{name}");
        }
    }

    #[test]
    fn what_no_line_names_is_left_to_the_line_of_the_others() {
        for others in LINES
            .iter()
            .filter(|line| matches!(line.tests, Tests::Others))
        {
            let left_out = others.for_runner();
            let lines = LINES.iter().filter(|line| line.package == others.package);
            for line in lines {
                if let Tests::Named(names) = line.tests {
                    assert!(names.iter().all(|name| left_out.contains(name)));
                    assert_eq!(line.for_runner()[..3], ["-p", line.package, "--"]);
                }
            }
        }
    }

    #[test]
    fn the_result_says_whether_it_is_that_of_the_commit() {
        let sources = Sources {
            commit: "c0ffee".to_owned(),
            dirty: true,
        };
        let shown = timed("a line", || Err(Failure::new("it does not hold")));
        let result = as_json(&sources, &[shown]);
        assert_eq!(result["commit"], "c0ffee");
        assert_eq!(result["dirty"], true);
        assert_eq!(result["failed"], 1);
        assert_eq!(result["lines"][0]["result"], "it does not hold");
    }
}

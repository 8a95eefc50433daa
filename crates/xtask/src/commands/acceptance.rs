//! `cargo xtask acceptance`: everything the project must show that a machine can show, on a release build, as a
//! table and as JSON with the commit.

mod bench;
mod faults;

use std::{process::Command, time::Instant};

use serde_json::json;

use crate::{failure::Failure, process, toolbox};

/// What to run.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// Only the lines whose name contains this
    #[arg(long)]
    only: Option<String>,
    /// Print the result as JSON
    #[arg(long)]
    json: bool,
}

/// A line of what must be shown, and the tests that show it.
struct Line {
    name: &'static str,
    package: &'static str,
    /// Filters of the test runner; a test runs when its name contains one of them.
    tests: &'static [&'static str],
}

const LINES: [Line; 9] = [
    Line {
        name: "traces, complaints and rules, end to end",
        package: "end-to-end",
        tests: &["trace_", "complaint_", "rule_"],
    },
    Line {
        name: "backfill of real data, interrupted and resumed",
        package: "end-to-end",
        tests: &["backfill_"],
    },
    Line {
        name: "a client that is not ours",
        package: "end-to-end",
        tests: &["foreign_client"],
    },
    Line {
        name: "kill -9, failing syncs, full disk, damage",
        package: "end-to-end",
        tests: &["fault_"],
    },
    Line {
        name: "back-pressure, drain, reconnect",
        package: "end-to-end",
        tests: &["back_pressure", "drain", "reconnect"],
    },
    Line {
        name: "the log: damage, torn writes, kill -9",
        package: "event-log",
        tests: &[],
    },
    Line {
        name: "every rule, and random histories with both folds",
        package: "enforcement-rules",
        tests: &[],
    },
    Line {
        name: "idempotency, snapshot, answers after the disk",
        package: "command-processor",
        tests: &[],
    },
    Line {
        name: "the published language, its schemas and examples",
        package: "events-schema",
        tests: &[],
    },
];

const DEMO: &str = "the demonstration on a real nats-server";
const BENCH: &str = "bench: medians of 3, beside an echo";

#[derive(Debug)]
struct Shown {
    name: String,
    result: String,
    passed: bool,
    seconds: f64,
}

/// Runs it all.
pub(crate) fn run(arguments: &Arguments) -> Result<(), Failure> {
    toolbox::nats_server_path()?;
    toolbox::python_path()?;
    let wanted = |name: &str| {
        arguments
            .only
            .as_deref()
            .is_none_or(|only| name.contains(only))
    };
    let mut shown = Vec::new();
    for line in LINES.iter().filter(|line| wanted(line.name)) {
        shown.push(show(line));
    }
    if wanted(DEMO) {
        shown.push(timed(DEMO, || {
            let demo = process::run_aside(ourselves().arg("demo"));
            demo.map(|()| "both traces played, replayed and verified".to_owned())
        }));
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
    report(arguments, &shown)
}

fn show(line: &Line) -> Shown {
    timed(line.name, || {
        let mut command = ourselves();
        command.args(["test", "--release", "--complete", "--", "-p", line.package]);
        command.args(line.tests);
        process::run_aside(&mut command).map(|()| "passed".to_owned())
    })
}

/// This program once more.
fn ourselves() -> Command {
    Command::new(std::env::current_exe().unwrap_or_else(|_| "cargo-xtask".into()))
}

fn timed(name: &str, run: impl FnOnce() -> Result<String, Failure>) -> Shown {
    let begun = Instant::now();
    let outcome = run();
    Shown {
        name: name.to_owned(),
        passed: outcome.is_ok(),
        result: outcome.unwrap_or_else(|failure| failure.to_string()),
        seconds: begun.elapsed().as_secs_f64(),
    }
}

fn report(arguments: &Arguments, shown: &[Shown]) -> Result<(), Failure> {
    let commit = process::capture(Command::new("git").args(["rev-parse", "HEAD"]))?;
    let failed = shown.iter().filter(|line| !line.passed).count();
    if arguments.json {
        let lines: Vec<_> = shown
            .iter()
            .map(|line| {
                json!({
                    "name": line.name, "passed": line.passed, "result": line.result, "seconds": line.seconds
                })
            })
            .collect();
        let all = json!({ "commit": commit.trim(), "failed": failed, "lines": lines });
        println!("{all:#}");
    } else {
        println!("commit {}", commit.trim());
        for line in shown {
            let verdict = if line.passed { "ok" } else { "FAILED" };
            println!(
                "{verdict:<7} {:>7.1} s  {:<52} {}",
                line.seconds, line.name, line.result
            );
        }
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

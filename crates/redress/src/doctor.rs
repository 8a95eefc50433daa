//! `redress doctor`: looks at everything the service needs, and says what it saw.

use std::{fmt::Write as _, fs, path::Path, time::Instant};

use command_processor::Processor;
use event_log::EventLog;
use indicatif::HumanBytes;
use serde::Serialize;
use serde_json::{Value, json};

use crate::{cli, failure::Failure, output::Output, wire::Wire};

/// The room under which a disk is called nearly full: a log grows by some 2 KB an event, and by segments of 8 MiB.
const ROOM_MIN_BYTES: u64 = 1024 * 1024 * 1024;

/// The oldest nats-server that serves.
const NATS_VERSION_MIN: (u32, u32) = (2, 9);

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
enum Verdict {
    Ok,
    Warning,
    Failed,
    NotChecked,
}

#[derive(Debug, Serialize)]
struct Check {
    what: &'static str,
    verdict: Verdict,
    seen: String,
}

pub fn run(arguments: &cli::Doctor, output: Output) -> Result<(), Failure> {
    let mut checks = Vec::new();
    match &arguments.data {
        None => checks.push(check(
            "data folder",
            Verdict::NotChecked,
            "name it with --data",
        )),
        Some(dir) => look_at_folder(dir, &mut checks),
    }
    let runtime = tokio::runtime::Runtime::new()
        .map_err(|error| Failure::World(format!("failed to start: {error}")))?;
    runtime.block_on(look_at_nats(&arguments.service, &mut checks));
    let failed = checks
        .iter()
        .filter(|check| check.verdict == Verdict::Failed)
        .count();
    output.results(&checks, describe);
    if failed == 0 {
        Ok(())
    } else {
        Err(Failure::World(format!("{failed} of {} checks failed", checks.len())).told())
    }
}

fn check(what: &'static str, verdict: Verdict, seen: impl Into<String>) -> Check {
    Check {
        what,
        verdict,
        seen: seen.into(),
    }
}

fn look_at_folder(dir: &Path, checks: &mut Vec<Check>) {
    if !dir.is_dir() {
        let seen = format!("there is no {}; `redress serve` makes it", dir.display());
        checks.push(check("data folder", Verdict::Failed, seen));
        return;
    }
    let probe = dir.join(".doctor");
    let written = fs::write(&probe, b"x").and_then(|()| fs::remove_file(&probe));
    checks.push(match written {
        Ok(()) => check(
            "data folder",
            Verdict::Ok,
            format!("{} can be written", dir.display()),
        ),
        Err(error) => {
            let seen = format!("{} cannot be written: {error}", dir.display());
            check("data folder", Verdict::Failed, seen)
        }
    });
    checks.push(look_at_room(dir));
    if !EventLog::exists(dir) {
        let seen = "there is none yet; `redress serve` or `redress backfill` makes one";
        checks.push(check("log", Verdict::Warning, seen));
        return;
    }
    let begun = Instant::now();
    match Processor::open_existing(dir) {
        Err(command_processor::Error::Log(event_log::Error::InUse { .. })) => {
            let seen = "a service has it open; its status is asked over NATS";
            checks.push(check("log", Verdict::NotChecked, seen));
        }
        Err(error) => checks.push(check("log", Verdict::Failed, error.to_string())),
        Ok((processor, report)) => {
            let seen = format!(
                "{} events, opened and folded in {:.1} s, {} of them from the snapshot",
                processor.head().next_position,
                begun.elapsed().as_secs_f64(),
                report.from_snapshot
            );
            checks.push(check("log", Verdict::Ok, seen));
            for finding in report.findings {
                checks.push(check("log", Verdict::Warning, finding));
            }
            checks.push(match report.snapshot_refused {
                Some(why) => check("snapshot", Verdict::Warning, format!("left out: {why}")),
                None if report.from_snapshot > 0 => {
                    let seen = format!("goes to position {}", report.from_snapshot);
                    check("snapshot", Verdict::Ok, seen)
                }
                None => check(
                    "snapshot",
                    Verdict::Ok,
                    "there is none; a start folds everything",
                ),
            });
            checks.push(look_at_clock(&processor));
        }
    }
}

/// A full disk stops the service: nothing is answered that cannot be written.
fn look_at_room(dir: &Path) -> Check {
    match rustix::fs::statvfs(dir) {
        Err(error) => check("disk", Verdict::Failed, format!("cannot be asked: {error}")),
        Ok(disk) => {
            let free = disk.f_bavail.saturating_mul(disk.f_frsize);
            let seen = format!("{} free", HumanBytes(free));
            if free < ROOM_MIN_BYTES {
                let wanted = HumanBytes(ROOM_MIN_BYTES);
                let seen = format!("{seen}; the log stops when it is full, keep {wanted} free");
                check("disk", Verdict::Warning, seen)
            } else {
                check("disk", Verdict::Ok, seen)
            }
        }
    }
}

fn look_at_clock(processor: &Processor) -> Check {
    let now = command_processor::now();
    let overdue = processor.overdue(now);
    match processor.last_time() {
        Some(last) if last > now => check(
            "clock",
            Verdict::Failed,
            format!("it says {now}, and the last event is of {last}"),
        ),
        Some(last) if overdue > 0 => check(
            "clock",
            Verdict::Warning,
            format!(
                "it says {now}, the last event is of {last}, and {overdue} deadlines fell due since; after more \
                 than 24 h they wait for `redress deadlines release`"
            ),
        ),
        Some(last) => check(
            "clock",
            Verdict::Ok,
            format!("it says {now}, after the last event of {last}"),
        ),
        None => check(
            "clock",
            Verdict::NotChecked,
            "the log has no event to compare with",
        ),
    }
}

async fn look_at_nats(service: &cli::Service, checks: &mut Vec<Check>) {
    let wire = match Wire::connect(service).await {
        Ok(wire) => wire,
        Err(failure) => {
            checks.push(check("nats-server", Verdict::Failed, failure.to_string()));
            checks.push(check(
                "service",
                Verdict::NotChecked,
                "there is no server to ask",
            ));
            return;
        }
    };
    let (version, payload_max) = wire.server();
    let mut numbers = version.split('.').map(|part| part.parse().unwrap_or(0));
    let found = (numbers.next().unwrap_or(0), numbers.next().unwrap_or(0));
    let seen = format!("version {version}, messages up to {payload_max} bytes");
    checks.push(if found < NATS_VERSION_MIN {
        check(
            "nats-server",
            Verdict::Failed,
            format!("{seen}; 2.9 or newer is needed"),
        )
    } else if payload_max < 1_048_576 {
        check(
            "nats-server",
            Verdict::Warning,
            format!("{seen}; answers may have up to 1 MiB"),
        )
    } else {
        check("nats-server", Verdict::Ok, seen)
    });
    let Ok(auditor) = "auditor:doctor".parse() else {
        return;
    };
    let begun = Instant::now();
    let status: Result<Value, Failure> = wire.query(&auditor, "Status", &json!({})).await;
    let milliseconds = begun.elapsed().as_secs_f64() * 1000.0;
    checks.push(match status {
        Err(failure) => check("service", Verdict::Failed, failure.to_string()),
        Ok(status) => {
            let number = |name: &str| status.get(name).and_then(Value::as_u64).unwrap_or(0);
            let seen = format!(
                "answers in {milliseconds:.1} ms; {} events, {} deadlines overdue",
                number("next_position"),
                number("overdue_deadlines")
            );
            status.get("held").and_then(Value::as_str).map_or_else(
                || check("service", Verdict::Ok, seen.clone()),
                |why| {
                    check(
                        "service",
                        Verdict::Warning,
                        format!("it holds still: {why}; {seen}"),
                    )
                },
            )
        }
    });
}

fn describe(checks: &[Check]) -> String {
    let mut text = String::new();
    for check in checks {
        let verdict = match check.verdict {
            Verdict::Ok => "ok",
            Verdict::Warning => "WARNING",
            Verdict::Failed => "FAILED",
            Verdict::NotChecked => "not checked",
        };
        // Writing into a string cannot fail.
        let _ = writeln!(text, "{:<12} {verdict:<12} {}", check.what, check.seen);
    }
    text
}

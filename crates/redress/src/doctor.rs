//! `redress doctor`: looks at everything the service needs, and says what it saw.

use std::{
    fmt::Write as _,
    fs,
    path::{Path, PathBuf},
    time::Instant,
};

use clap::Args;
use command_processor::{Clock, Processor};
use event_log::EventLog;
use events_schema::{BooksView, CalendarInBrief, Query, Status, StatusQuery};
use indicatif::HumanBytes;
use jiff::{civil::Date, tz::TimeZone};
use serde::Serialize;

use crate::{
    arguments::{self, data_folder},
    failure::Failure,
    output::{Output, counted},
    wire::Wire,
};

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

/// How many days before the end of what a calendar covers its next version is asked for.
const COVERAGE_MIN_DAYS: i32 = 60;

/// Arguments of `doctor`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  redress doctor                             # the NATS server and the service
  redress doctor --data /var/lib/redress     # and the folder
  redress doctor --login ops:PASSWORD        # as what the user may be

The log of a folder is looked at only where no service has it open. The exit code is 1 if a check failed; a warning changes nothing.")]
pub struct Arguments {
    /// The folder of the log.
    #[arg(long, value_parser = data_folder())]
    pub data: Option<PathBuf>,
    /// The service.
    #[command(flatten)]
    pub service: arguments::Service,
}

pub fn run(arguments: &Arguments, output: Output) -> Result<(), Failure> {
    let mut checks = Vec::new();
    let folder = match &arguments.data {
        None => {
            let seen = "name it with --data";
            checks.push(check("data folder", Verdict::NotChecked, seen));
            None
        }
        Some(dir) => look_at_folder(dir, &mut checks),
    };
    let runtime = arguments::runtime()?;
    let status = runtime.block_on(look_at_nats(&arguments.service, &mut checks));
    drop(runtime);
    let served = status.as_ref().map(|status| status.log_id.as_str());
    if let (Some(LogInFolder { log_id, .. }), Some(served)) = (&folder, served)
        && log_id != served
    {
        let seen = format!(
            "it is {log_id}, and the service on NATS has another one, {served}: its folder is not that of --data"
        );
        checks.push(check("log", Verdict::Warning, seen));
    }
    let books = folder
        .map(|folder| folder.books)
        .or_else(|| status.map(|status| status.books));
    if let Some(books) = books {
        look_at_books(&books, &mut checks);
    } else {
        let seen = "neither a log nor a service could be asked";
        checks.push(check("rulebook", Verdict::NotChecked, seen));
    }
    let failed = checks
        .iter()
        .filter(|check| check.verdict == Verdict::Failed)
        .count();
    output.results(&checks, describe);
    if failed == 0 {
        Ok(())
    } else {
        Err(Failure::World(format!(
            "{failed} of {} checks failed",
            checks.len()
        )))
    }
}

/// What a folder has beside its checks.
struct LogInFolder {
    log_id: String,
    books: BooksView,
}

fn check(what: &'static str, verdict: Verdict, seen: impl Into<String>) -> Check {
    Check {
        what,
        verdict,
        seen: seen.into(),
    }
}

fn look_at_folder(dir: &Path, checks: &mut Vec<Check>) -> Option<LogInFolder> {
    if !dir.is_dir() {
        let seen = format!("there is no {}; `redress serve` makes it", dir.display());
        checks.push(check("data folder", Verdict::Failed, seen));
        return None;
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
        return None;
    }
    let begun = Instant::now();
    match Processor::open_existing(dir) {
        Err(command_processor::Error::Log(event_log::Error::InUse { .. })) => {
            let seen = "a service has it open; its status is asked over NATS";
            checks.push(check("log", Verdict::NotChecked, seen));
            None
        }
        Err(error) => {
            checks.push(check("log", Verdict::Failed, error.to_string()));
            None
        }
        Ok((processor, report)) => {
            let seen = format!(
                "{}, opened and folded in {:.1} s, {} of them from the snapshot",
                counted(processor.head().next_position, "event"),
                begun.elapsed().as_secs_f64(),
                report.from_snapshot
            );
            checks.push(check("log", Verdict::Ok, seen));
            if let Err(error) = processor.refuse_rollback() {
                checks.push(check("rollback", Verdict::Failed, error.to_string()));
            }
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
            if processor.is_taking_over() {
                let seen = "the history is not taken over to its end; run the same `redress backfill` again, and \
                            then serve";
                checks.push(check("backfill", Verdict::Failed, seen));
            } else {
                // A history that is taken over has its own times.
                checks.push(look_at_clock(&processor, &Clock::of_this_machine()));
            }
            Some(LogInFolder {
                log_id: processor.reader().log_id().to_string(),
                books: report.views.books(),
            })
        }
    }
}

/// Whether a notice can be issued, and how far due dates are known.
fn look_at_books(books: &BooksView, checks: &mut Vec<Check>) {
    let Some(rulebook) = &books.rulebook else {
        let seen = "none is adopted, so no notice can be issued: send PublishCalendar, then AdoptRulebook; `redress \
                    calendar show cn --command` and `redress rulebook show --command` print what is shipped";
        checks.push(check("rulebook", Verdict::Warning, seen));
        return;
    };
    let seen = format!("{} is in force", rulebook.version);
    checks.push(check("rulebook", Verdict::Ok, seen));
    let mut calendars = books.calendars.iter();
    let Some(calendar) = calendars.find(|it| it.calendar == rulebook.calendar) else {
        let seen = format!(
            "the calendar {} of the rulebook is not published; send PublishCalendar",
            rulebook.calendar
        );
        checks.push(check("calendar", Verdict::Warning, seen));
        return;
    };
    let name = format!("{} version {}", calendar.calendar, calendar.version);
    checks.push(match first_day_not_covered(calendar) {
        Err(problem) => {
            let seen = format!("what {name} covers cannot be told: {problem}");
            check("calendar", Verdict::Failed, seen)
        }
        Ok(None) => {
            let seen = format!("{name} covers the next {COVERAGE_MIN_DAYS} days");
            check("calendar", Verdict::Ok, seen)
        }
        Ok(Some(day)) => {
            let seen = format!(
                "{name} does not cover {day} and what follows, where dates are provisional and no party's time ends; \
                 publish version {} with `redress calendar import`",
                calendar.version + 1
            );
            check("calendar", Verdict::Warning, seen)
        }
    });
}

/// The first of the next days, in the calendar's zone, that it does not cover.
fn first_day_not_covered(calendar: &CalendarInBrief) -> Result<Option<Date>, jiff::Error> {
    let from: Date = calendar.covered_from.parse()?;
    let until: Date = calendar.covered_until.parse()?;
    let zone = TimeZone::get(calendar.zone.as_str())?;
    let now = command_processor::now().timestamp();
    let tomorrow = now.to_zoned_datetime(zone).date().tomorrow()?;
    let last = tomorrow.checked_add(jiff::Span::new().days(COVERAGE_MIN_DAYS - 1))?;
    let after = until.tomorrow()?;
    Ok(if tomorrow < from {
        Some(tomorrow)
    } else {
        Some(after.max(tomorrow)).filter(|day| *day <= last)
    })
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

/// What the next start would make of the clock.
fn look_at_clock(processor: &Processor, clock: &Clock) -> Check {
    let reading = clock.read();
    if let Some(held) = processor.doubt_at_start(reading, clock.boot()) {
        let seen = format!(
            "a service that starts now holds still until `redress deadlines release`: {}",
            held.reason
        );
        return check("clock", Verdict::Warning, seen);
    }
    if let Some(hold) = processor.hold() {
        let seen = format!(
            "the service holds still until `redress deadlines release --hold {}`: {}",
            hold.id(),
            hold.reason()
        );
        return check("clock", Verdict::Warning, seen);
    }
    let now = reading.wall;
    let overdue = processor.overdue(now);
    match processor.last_time() {
        Some(last) if overdue > 0 => check(
            "clock",
            Verdict::Warning,
            format!(
                "it says {now}, the last event is of {last}, and {} overdue; after more than 24 h that waits for \
                 `redress deadlines release`",
                counted(overdue, "deadline")
            ),
        ),
        Some(last) => check(
            "clock",
            Verdict::Ok,
            format!("it says {now}, and the last event is of {last}"),
        ),
        None => check(
            "clock",
            Verdict::NotChecked,
            "the log has no event to compare with",
        ),
    }
}

async fn look_at_nats(service: &arguments::Service, checks: &mut Vec<Check>) -> Option<Status> {
    let wire = match Wire::connect(service).await {
        Ok(wire) => wire,
        Err(failure) => {
            checks.push(check("nats-server", Verdict::Failed, failure.to_string()));
            checks.push(check(
                "service",
                Verdict::NotChecked,
                "there is no server to ask",
            ));
            return None;
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
    let begun = Instant::now();
    let asked = async {
        let asker = wire.asker(service).await?;
        wire.query(&asker, &Query::Status(StatusQuery {})).await
    };
    let status: Status = match asked.await {
        Ok(status) => status,
        Err(failure) => {
            checks.push(check("service", Verdict::Failed, failure.to_string()));
            return None;
        }
    };
    let seen = format!(
        "answers in {:.1} ms; {}, {} overdue",
        begun.elapsed().as_secs_f64() * 1000.0,
        counted(status.next_position, "event"),
        counted(status.overdue_deadlines, "deadline")
    );
    checks.push(match &status.held {
        None => check("service", Verdict::Ok, seen),
        Some(why) => {
            let which = status.hold.as_ref().map(|hold| format!(" (hold {hold})"));
            let which = which.unwrap_or_default();
            let seen = format!("it holds still{which}: {why}; {seen}");
            check("service", Verdict::Warning, seen)
        }
    });
    Some(status)
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

//! Taking over an existing platform's history: the same processor, with the times of the history as its
//! clock, and deadlines firing in between.
//!
//! Line n of the file becomes the command `line-n`. After an interruption the lines up to the last one
//! that left an event are passed over, and so are those behind it, in order, that are older than the last
//! event, a deadline: whatever they came to is in the log or in the report. A line out of order is refused
//! in every run, so that the outcome does not depend on where a run was interrupted.

mod lines;
mod report;
mod resume;
#[cfg(test)]
mod two_clocks;

use std::{
    borrow::Cow,
    fs::{self, File},
    io::{self, BufReader, Read as _},
    path::PathBuf,
};

use events_schema::{
    Actor, BackfillCompleted, CommandId, CommandName, Instant, Label, Locale, Rejection, Sha256,
    parse_command,
};
use serde::{Deserialize, Deserializer, Serialize, de};
use serde_json::value::RawValue;
use sha2::Digest as _;

use self::{
    lines::{Lines, hidden_fault},
    report::Report,
    resume::{Resume, place},
};
use crate::{Answer, Clock, Error, Processor, Submission, clock, heartbeat::Heartbeat};

/// Lines decided between two commits.
const LINES_PER_GROUP: u64 = 256;

/// How each line of a report begins.
const LINE_OF_REPORT: &[u8] = b"{\"line\":";

/// A file to take over.
#[derive(Debug, Clone)]
pub struct Backfill {
    /// The folder of the log: empty, or with the same unfinished file.
    pub dir: PathBuf,
    /// The file, a [`BackfillLine`] a line, in time order.
    pub file: PathBuf,
    /// Where refused lines are reported, a [`RefusedLine`] a line.
    pub report: PathBuf,
    /// Deadlines fire up to then, also behind the last line; up to the last line if absent.
    pub until: Option<Instant>,
    /// When it begins: nothing later has happened.
    pub now: Instant,
    /// The platform that the log serves.
    pub platform: Label,
}

/// A line of the file.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BackfillLine<'a> {
    /// When the command was received.
    #[serde(deserialize_with = "written_by_others")]
    pub at: Instant,
    /// Who sent it.
    #[serde(rename = "as")]
    pub sender: Actor,
    /// Its name.
    pub command: String,
    /// Its body.
    #[serde(borrow)]
    pub body: &'a RawValue,
}

/// A time that others wrote, unlike those that are read back from the log.
fn written_by_others<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Instant, D::Error> {
    let text = <Cow<'de, str>>::deserialize(deserializer)?;
    text.parse().map_err(de::Error::custom)
}

/// A line that was refused.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RefusedLine {
    /// The number of the line, from 1.
    pub line: u64,
    /// The stable code.
    pub code: String,
    /// One sentence.
    pub detail: String,
}

/// What became of the file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct BackfillOutcome {
    /// SHA-256 of the file.
    pub file_sha256: Sha256,
    /// Lines of the file.
    pub lines: u64,
    /// Lines that were passed over because an earlier run had done them.
    pub resumed_behind_line: u64,
    /// Lines refused, as the report lists them.
    pub refused: u64,
    /// Lines accepted.
    pub accepted: u64,
    /// Deadlines that fired in this run.
    pub fired: u64,
    /// Events in the log now.
    pub events: u64,
}

impl Backfill {
    /// Takes the file over. `progress` gets bytes done and bytes in all.
    ///
    /// # Errors
    /// When the log holds something else, or the world fails. Refused lines are not errors.
    pub fn run(&self, progress: &mut dyn FnMut(u64, u64)) -> Result<BackfillOutcome, Error> {
        let file_sha256 = self.digest()?;
        let bytes_in_all = self.open_file()?.metadata().map_err(self.reading())?.len();
        self.refuse_the_future()?;
        let begin = self.first_instant()?;
        self.refuse_to_overwrite()?;
        let (mut processor, _) = Processor::open(&self.dir, &self.platform, begin, &mut |_, _| {})?;
        processor.refuse_rollback()?;
        let resume = place(&mut processor, file_sha256, begin)?;
        let mut report = self.open_report(&resume)?;

        let mut outcome = BackfillOutcome {
            file_sha256,
            lines: 0,
            resumed_behind_line: resume.line,
            refused: 0,
            accepted: 0,
            fired: 0,
            events: 0,
        };
        let mut lines = self.lines()?;
        let mut text = Vec::new();
        let mut last_at = begin;
        // Before the first line that is decided in this run the report may still turn out to be another one.
        let mut decides = resume.line == 0;
        while lines.read(&mut text).map_err(self.reading())? {
            outcome.lines += 1;
            let parsed = parse_line(outcome.lines, &text);
            let refused = match parsed {
                Err(refused) => Some(refused),
                Ok((at, _)) if at < last_at => Some(RefusedLine {
                    line: outcome.lines,
                    code: "malformed_command".to_owned(),
                    detail: format!("at: {at} is before {last_at}; lines stand in time order"),
                }),
                Ok((at, _)) if resume.is_done(outcome.lines, at) => {
                    self.check_report(&report, &resume, outcome.lines)?;
                    last_at = at;
                    None
                }
                Ok((at, submission)) => {
                    last_at = at;
                    decides = true;
                    outcome.fired += fire_until(&mut processor, at)?;
                    match processor.take(&submission, at, at)? {
                        Answer::Accepted(_) => None,
                        Answer::Refused(problem) => Some(RefusedLine {
                            line: outcome.lines,
                            code: problem.code,
                            detail: problem.detail,
                        }),
                    }
                }
            };
            if let Some(refused) = refused {
                report.add(&refused)?;
            }
            if outcome.lines.is_multiple_of(LINES_PER_GROUP) {
                if decides {
                    self.commit(&mut processor, &mut report)?;
                }
                progress(lines.bytes_read(), bytes_in_all);
            }
        }
        let end = self.until.unwrap_or(last_at).max(last_at);
        outcome.fired += self.fire_to_the_end(&mut processor, &mut report, end)?;
        outcome.refused = report.lines.len() as u64;
        outcome.accepted = outcome.lines.saturating_sub(outcome.refused);
        let completed = BackfillCompleted {
            file_sha256,
            wall_time: clock::now(),
            lines: outcome.lines,
            accepted: outcome.accepted,
            refused: outcome.refused,
        };
        processor.record_about_log(completed.into(), end)?;
        self.commit(&mut processor, &mut report)?;
        // The events carry the times of the history, so a service that starts now would take itself for away since.
        let clock = Clock::of_this_machine();
        Heartbeat::open(&self.dir, processor.reader().log_id(), clock.boot())?
            .last_beat(clock.read(), processor.head());
        progress(bytes_in_all, bytes_in_all);
        outcome.events = processor.head().next_position;
        Ok(outcome)
    }

    /// Refused lines are on disk before what comes after them is.
    fn commit(&self, processor: &mut Processor, report: &mut Report) -> Result<(), Error> {
        report.sync().map_err(|source| Error::File {
            action: "write",
            path: self.report.clone(),
            source,
        })?;
        processor.commit()?;
        Ok(())
    }

    fn fire_to_the_end(
        &self,
        processor: &mut Processor,
        report: &mut Report,
        end: Instant,
    ) -> Result<u64, Error> {
        let mut fired: u64 = 0;
        while fire_next(processor, end)? {
            fired += 1;
            if fired.is_multiple_of(LINES_PER_GROUP) {
                self.commit(processor, report)?;
            }
        }
        Ok(fired)
    }

    fn digest(&self) -> Result<Sha256, Error> {
        let mut file = self.open_file()?;
        let mut hasher = sha2::Sha256::new();
        let mut chunk = vec![0; 1 << 16];
        loop {
            let read = file.read(&mut chunk).map_err(self.reading())?;
            if read == 0 {
                return Ok(Sha256(hasher.finalize().into()));
            }
            hasher.update(chunk.get(..read).unwrap_or_default());
        }
    }

    /// A line of a time to come, or firing up to one, would let every deadline before it pass while its party still has
    /// time. Looked for in the whole file before anything of it is written.
    fn refuse_the_future(&self) -> Result<(), Error> {
        /// What else a line holds is looked at when it is decided.
        #[derive(Deserialize)]
        struct Dated {
            #[serde(deserialize_with = "written_by_others")]
            at: Instant,
        }
        let now = self.now;
        if let Some(until) = self.until.filter(|until| *until > now) {
            return Err(Error::Backfill {
                problem: format!(
                    "deadlines cannot fire up to {until}, since it is {now} now and they have not passed; give --until \
                     a time that is over, or leave it out"
                ),
            });
        }
        let (mut lines, mut line) = (self.lines()?, Vec::new());
        let mut number: u64 = 0;
        while lines.read(&mut line).map_err(self.reading())? {
            number += 1;
            let dated = serde_json::from_slice(&line).ok();
            if let Some(Dated { at }) = dated.filter(|Dated { at }| *at > now) {
                return Err(Error::Backfill {
                    problem: format!(
                        "line {number} is of {at}, and it is {now} now; a history holds what has happened. Correct the \
                         line, or the clock of this machine; nothing of the file was written"
                    ),
                });
            }
        }
        Ok(())
    }

    /// The time of the first line that has one: the log begins then.
    fn first_instant(&self) -> Result<Instant, Error> {
        let (mut lines, mut line) = (self.lines()?, Vec::new());
        let (mut number, mut first) = (0, None);
        while lines.read(&mut line).map_err(self.reading())? {
            number += 1;
            match parse_line(number, &line) {
                Ok((at, _)) => return Ok(at),
                Err(refused) => first.get_or_insert(refused.detail),
            };
        }
        let why = first.map_or_else(
            || "it is empty".to_owned(),
            |first| format!("first, {first}"),
        );
        Err(Error::Backfill {
            problem: format!(
                "{} has no line that reads: {why}; each is {{\"at\", \"as\": \"role:principal\", \"command\", \
                 \"body\"}}",
                self.file.display()
            ),
        })
    }

    fn lines(&self) -> Result<Lines<BufReader<File>>, Error> {
        Ok(Lines::of(BufReader::new(self.open_file()?)))
    }

    fn open_file(&self) -> Result<File, Error> {
        File::open(&self.file).map_err(self.reading())
    }

    fn reading(&self) -> impl FnOnce(io::Error) -> Error + '_ {
        |source| Error::File {
            action: "read",
            path: self.file.clone(),
            source,
        }
    }

    /// What is in the place of the report is emptied at the start of a run; only an earlier report may be. Not the
    /// history itself, above all.
    fn refuse_to_overwrite(&self) -> Result<(), Error> {
        let before = match fs::read(&self.report) {
            Ok(before) => before,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
            Err(source) => {
                return Err(Error::File {
                    action: "read",
                    path: self.report.clone(),
                    source,
                });
            }
        };
        let first = before.split_inclusive(|byte| *byte == b'\n').next();
        let report = first.is_none_or(|first| {
            let begins = first.starts_with(LINE_OF_REPORT) || LINE_OF_REPORT.starts_with(first);
            // A line without its end was torn by an interruption.
            serde_json::from_slice::<RefusedLine>(first).is_ok()
                || (begins && !first.ends_with(b"\n"))
        });
        if report {
            return Ok(());
        }
        Err(Error::Backfill {
            problem: format!(
                "{} is to hold the report of refused lines, and holds something else; name another file with \
                 --report",
                self.report.display()
            ),
        })
    }

    fn open_report(&self, resume: &Resume) -> Result<Report, Error> {
        let failed = |action| {
            move |source| Error::File {
                action,
                path: self.report.clone(),
                source,
            }
        };
        let before = match fs::read(&self.report) {
            Ok(before) => before,
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                return Err(failed("read")(error));
            }
            Err(_) if resume.line > 0 => {
                return Err(Error::Backfill {
                    problem: format!(
                        "{}, where the run that was interrupted reported what it refused, is missing; put it back, or \
                         name it with --report, or begin again in an empty folder",
                        self.report.display()
                    ),
                });
            }
            Err(_) => Vec::new(),
        };
        if resume.line > 0 {
            return Ok(Report::behind(&self.report, &before));
        }
        let mut report = Report::behind(&self.report, &[]);
        // It is there before anything is refused: where it is missing later, somebody has taken it away.
        report.sync().map_err(failed("write"))?;
        Ok(report)
    }

    /// A line that is done was accepted, which the log says, or refused, which the report says. Counts of another
    /// report would be recorded for ever.
    fn check_report(&self, report: &Report, resume: &Resume, line: u64) -> Result<(), Error> {
        let accepted = resume.accepted.contains(&line);
        let refused = report.lines.contains(&line);
        if accepted != refused {
            return Ok(());
        }
        let found = if refused {
            format!("lists line {line}, which was accepted")
        } else {
            format!("does not list line {line}, which was refused")
        };
        Err(Error::Backfill {
            problem: format!(
                "{} is not the report of the run that was interrupted: it {found}; name that one with --report, or \
                 begin again in an empty folder",
                self.report.display(),
            ),
        })
    }
}

/// Deadlines fire at their own times.
fn fire_until(processor: &mut Processor, at: Instant) -> Result<u64, Error> {
    let mut fired = 0;
    while fire_next(processor, at)? {
        fired += 1;
    }
    Ok(fired)
}

/// Fires the deadline that falls due next, if it does by then. One whose date became known only after it had passed (a
/// calendar came late) fires when it became known, as it does in a service that is awake: a window that began before
/// would run while nobody could know of its penalty.
fn fire_next(processor: &mut Processor, by: Instant) -> Result<bool, Error> {
    let Some(due) = processor.next_due().filter(|due| *due <= by) else {
        return Ok(false);
    };
    let now = processor.last_time().map_or(due, |last| last.max(due));
    Ok(processor.fire_due(due, now, 1)? > 0)
}

fn parse_line(line: u64, text: &[u8]) -> Result<(Instant, Submission), RefusedLine> {
    let refused = |rejection: Rejection| RefusedLine {
        line,
        code: rejection.code().to_owned(),
        detail: rejection.sentence(Locale::English),
    };
    let malformed =
        |path: String, problem: String| refused(Rejection::MalformedCommand { path, problem });
    if text.trim_ascii().is_empty() {
        let problem = "is empty; take it out, or put in what is missing there";
        return Err(malformed(format!("line {line}"), problem.to_owned()));
    }
    let parsed: BackfillLine<'_> = serde_json::from_slice(text).map_err(|error| {
        let problem = hidden_fault(text).map_or_else(|| error.to_string(), ToOwned::to_owned);
        malformed(format!("line {line}"), problem)
    })?;
    let name = CommandName::parse(&parsed.command).ok_or_else(|| {
        refused(Rejection::UnknownCommand {
            found: parsed.command.clone(),
        })
    })?;
    let sender = parsed.sender;
    let command = parse_command(
        name,
        sender.role,
        &sender.principal,
        parsed.body.get().as_bytes(),
    )
    .map_err(|error| {
        // The body itself is called `.`.
        let path = error.path.trim_matches('.');
        let within = if path.is_empty() { "" } else { "." };
        malformed(format!("body{within}{path}"), error.problem)
    })?;
    let id: CommandId = format!("line-{line}")
        .parse()
        .map_err(|_| malformed(format!("line {line}"), "has no number".to_owned()))?;
    Ok((
        parsed.at,
        Submission {
            actor: sender,
            command_id: id,
            correlation_id: None,
            expected_revision: None,
            locale: Locale::English,
            command,
        },
    ))
}

//! `redress backfill`: an existing platform's history, through the same processor.

use std::path::{Path, PathBuf};

use clap::Args;
use command_processor::{Backfill, BackfillOutcome, Processor};
use event_log::EventLog;
use jiff::tz::TimeZone;

use crate::{
    arguments::data_folder,
    failure::Failure,
    output::{Output, counted},
    when::When,
};

/// Arguments of `backfill`.
#[derive(Debug, Args)]
#[command(after_help = "\
Example: redress backfill --data /var/lib/redress history.jsonl --until 2026-11-01

A line of the file is
  {\"at\": \"2026-03-02T00:00:00Z\", \"as\": \"role:principal\",
   \"command\": \"...\", \"body\": {...}}
on one line, in time order. Refused lines go to FILE.refused.jsonl (or --report) and stop nothing. After an \
interruption run it again with the same file.")]
pub struct Arguments {
    /// The folder of the log: empty, or with the same unfinished file.
    #[arg(long, value_parser = data_folder())]
    pub data: PathBuf,
    /// The history.
    pub file: PathBuf,
    /// Deadlines fire up to this time, also behind the last line: a day, which begins at midnight UTC, or a time with
    /// its offset.
    #[arg(long)]
    pub until: Option<When>,
    /// Where refused lines are reported.
    #[arg(long)]
    pub report: Option<PathBuf>,
    /// The platform that the log serves.
    #[arg(long, default_value = "platform")]
    pub platform: String,
}

pub fn run(arguments: Arguments, output: Output) -> Result<(), Failure> {
    let platform = arguments
        .platform
        .parse()
        .map_err(|error| Failure::Usage(format!("--platform: {error}")))?;
    let report = arguments.report.unwrap_or_else(|| {
        let mut name = arguments.file.clone().into_os_string();
        name.push(".refused.jsonl");
        PathBuf::from(name)
    });
    let until = arguments
        .until
        .map(|until| until.in_zone(&TimeZone::UTC))
        .transpose()?;
    let backfill = Backfill {
        dir: arguments.data,
        file: arguments.file,
        report: report.clone(),
        until,
        now: command_processor::now(),
        platform,
    };
    refuse_what_was_served(&backfill.dir)?;
    let bar = output.progress_in_bytes("taken over");
    let mut resumed = false;
    let outcome = backfill.run(&mut |done, all| {
        bar.set_length(all);
        bar.set_position(done);
        // What an earlier run took over says nothing of how long the rest takes.
        if !std::mem::replace(&mut resumed, true) {
            bar.reset_eta();
        }
    })?;
    bar.finish_and_clear();
    output.result(&outcome, |outcome: &BackfillOutcome| {
        format!(
            "{}: {} accepted, {} refused{}\n{} fired in this run; the log has {}\n{}",
            counted(outcome.lines, "line"),
            outcome.accepted,
            outcome.refused,
            if outcome.resumed_behind_line > 0 {
                format!(" (went on behind line {})", outcome.resumed_behind_line)
            } else {
                String::new()
            },
            counted(outcome.fired, "deadline"),
            counted(outcome.events, "event"),
            if outcome.refused > 0 {
                format!("the refused lines are in {}", report.display())
            } else {
                String::new()
            }
        )
    });
    Ok(())
}

/// A log from which events were published was served. One that does not have them was rolled back to where a takeover
/// was under way, and going on with it would write over what tells of it.
fn refuse_what_was_served(dir: &Path) -> Result<(), Failure> {
    if !dir.join(command_processor::CURSOR_FILE).exists() || !EventLog::exists(dir) {
        return Ok(());
    }
    let (processor, _) = Processor::open_existing(dir)?;
    Ok(processor.refuse_rollback()?)
}

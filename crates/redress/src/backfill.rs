//! `redress backfill`: an existing platform's history, through the same processor.

use std::path::{Path, PathBuf};

use command_processor::{Backfill, BackfillOutcome, Processor};
use event_log::EventLog;
use jiff::tz::TimeZone;

use crate::{
    cli,
    failure::Failure,
    output::{Output, counted},
};

pub fn run(arguments: cli::Backfill, output: Output) -> Result<(), Failure> {
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

//! `redress verify`: the whole log, from its checksums to the projections that follow from it.

#[cfg(test)]
mod golden;

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    time::Instant,
};

use clap::Args;
use command_processor::{
    Contradiction, LogRules, Processor, Recorded, SnapshotCheck, Which, refuse_another_log,
};
use event_log::{LogReader, Record};
use events_schema::Sha256;
use projections::ReadModel;
use serde::Serialize;

use crate::{arguments::data_folder, failure::Failure, output::Output, replay};

/// What was found.
#[derive(Debug, Serialize)]
pub struct Verified {
    log_id: String,
    events: u64,
    commits: u64,
    last_commit_hash: String,
    /// What opening the log had to say, and a snapshot of the caches that a start would leave out.
    findings: Vec<String>,
    /// Everything that does not hold.
    problems: Vec<String>,
    /// SHA-256 of each projection, folded from the first event on.
    projections: BTreeMap<&'static str, Sha256>,
    seconds: f64,
}

/// Arguments of `verify`.
#[derive(Debug, Args)]
#[command(after_help = "\
Example: redress verify --data /var/lib/redress

A log that is served cannot be verified: stop the service, or verify a copy of the folder made while it was stopped.")]
pub struct Arguments {
    /// The folder of the log; no service may run on it.
    #[arg(long, value_parser = data_folder())]
    pub data: PathBuf,
}

pub fn run(arguments: &Arguments, output: Output) -> Result<(), Failure> {
    let verified = verify(&arguments.data, output)?;
    output.result(&verified, describe);
    verified.judge()
}

/// What to do about a log that is served: nothing else reads it while the service writes.
const WHERE_SERVED: &str = "A log is verified while nobody writes to it: stop the service and run this again, or verify a \
                            copy of the folder made while it was stopped; `redress doctor` and `redress replay` ask \
                            the service meanwhile";

/// Checks the log in a folder. What does not hold is in the result.
pub fn verify(dir: &Path, output: Output) -> Result<Verified, Failure> {
    let begun = Instant::now();
    let opened = replay::open(dir);
    let (log, report) = opened.map_err(|failure| failure.or_where_in_use(WHERE_SERVED))?;
    let reader = log.reader();
    let head = log.head();
    let log_id = log.log_id().to_string();
    let bar = output.progress(head.next_position, "checksums and hashes");
    let checked = reader.check(&mut |progress| bar.set_position(progress.position))?;
    bar.finish_and_clear();
    let mut problems: Vec<String> = checked.problems.iter().map(ToString::to_string).collect();

    let bar = output.progress(head.next_position, "events and projections");
    let mut expected = LogRules::default();
    let mut model = ReadModel::default();
    let mut snapshot = SnapshotCheck::of(dir, &reader);
    // Reading and hashing cost more than all the rest, and each event can be read apart from the others.
    let read = |record: Record<'_>| ReadBack {
        position: record.position,
        data_hash: Sha256::of(record.data),
        recorded: Recorded::read(record.position, record.header, record.data),
    };
    let every = Which::Range(0, head.next_position);
    let folded = command_processor::for_each(&reader, every, read, |event| {
        match event.recorded {
            Err(error) => problems.push(error.to_string()),
            Ok(recorded) => {
                problems.extend(expected.check(&recorded, event.data_hash, &log_id));
                command_processor::show(&mut model, &recorded, &reader)?;
                // A snapshot is held against a log that holds by itself.
                if problems.is_empty() {
                    snapshot.take_in(&recorded, &reader)?;
                }
                if event.position.is_multiple_of(10_000) {
                    model.forget_closed();
                    bar.set_position(event.position);
                }
            }
        }
        Ok(())
    });
    problems.extend(folded.err().map(|error| error.to_string()));
    model.forget_closed();
    bar.finish_and_clear();
    let projections = model.digests();
    problems.extend(rolled_back(dir, &reader, &snapshot));
    drop(reader);
    drop(log);
    let mut findings = report.findings;
    findings.extend(snapshot.finding());
    let taken = snapshot.is_taken();
    if problems.is_empty() {
        problems.extend(snapshot.problem());
    }
    // Without a snapshot a start is the fold from zero.
    if problems.is_empty() && taken {
        problems.extend(compare_with_start(dir, &projections)?);
    }
    Ok(Verified {
        log_id,
        events: head.next_position,
        commits: head.commits,
        last_commit_hash: Sha256(head.last_commit_hash).to_string(),
        findings,
        problems,
        projections,
        seconds: begun.elapsed().as_secs_f64(),
    })
}

impl Verified {
    /// Fails where something does not hold.
    pub fn judge(&self) -> Result<(), Failure> {
        if self.problems.is_empty() {
            return Ok(());
        }
        Err(Failure::Unproved(format!(
            "{} of the checks do not hold; do what each says, or restore the folder from a backup, and verify again",
            self.problems.len()
        )))
    }
}

/// An event as it was read back.
struct ReadBack {
    position: u64,
    data_hash: Sha256,
    recorded: Result<Recorded, command_processor::Error>,
}

/// The files beside the log are written after it. One that knows of more than the log has is of a time when the log had
/// more: what the log says alone would be verified without what was acknowledged since.
fn rolled_back(dir: &Path, reader: &LogReader, snapshot: &SnapshotCheck) -> Vec<String> {
    let found = snapshot.contradiction().cloned().into_iter();
    let (beside, unknown) = match Contradiction::beside(dir, reader) {
        Ok(beside) => (beside, None),
        Err(error) => (Vec::new(), Some(error.to_string())),
    };
    let found = found.chain(beside);
    let told = found
        .map(|Contradiction { file, how, .. }| {
            format!(
                "{file}: {how}. Restore the latest copy of `blocks` and `tip`; where there is none, what is missing is \
                 lost, and `redress serve --accept-rollback` records that and keeps {file} aside"
            )
        });
    let other = refuse_another_log(dir, reader.log_id()).err();
    let other = other.map(|error| error.to_string());
    let mut told: Vec<_> = told.chain(unknown).chain(other).collect();
    // A file that cannot be read is asked twice.
    told.dedup();
    told
}

/// A start from the snapshot of the caches must come to the same as the fold from zero.
fn compare_with_start(
    dir: &Path,
    from_zero: &BTreeMap<&'static str, Sha256>,
) -> Result<Vec<String>, Failure> {
    let (_, report) = Processor::open_existing(dir)?;
    Ok(report
        .views
        .digests()
        .into_iter()
        .filter(|(name, digest)| from_zero.get(name) != Some(digest))
        .map(|(name, _)| {
            format!(
                "the projection `{name}` of a start from {} is not what history gives; delete that file, it \
                 is made again",
                command_processor::SNAPSHOT_FILE
            )
        })
        .collect())
}

/// The result for a person.
pub fn describe(verified: &Verified) -> String {
    use std::fmt::Write as _;

    let mut text = String::new();
    // Writing into a string cannot fail.
    let _ = writeln!(
        text,
        "log {}: {} events in {} commits, {:.1} s",
        verified.log_id, verified.events, verified.commits, verified.seconds
    );
    let _ = writeln!(text, "last commit {}", verified.last_commit_hash);
    for finding in &verified.findings {
        let _ = writeln!(text, "found    {finding}");
    }
    for (name, digest) in &verified.projections {
        let _ = writeln!(text, "{name:<10} {digest}");
    }
    for problem in &verified.problems {
        let _ = writeln!(text, "PROBLEM  {problem}");
    }
    if verified.problems.is_empty() {
        let _ = writeln!(
            text,
            "verified: every checksum, the chain of commits, every data hash, the order of every stream, and \
             the projections; and that the snapshot of the caches, if a start would take one, says the same"
        );
    }
    text
}

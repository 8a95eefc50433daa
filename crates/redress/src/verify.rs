//! `redress verify`: the whole log, from its checksums to the projections that follow from it.

#[cfg(test)]
mod golden;

use clap::Args;
use std::path::PathBuf;
use std::{
    collections::{BTreeMap, HashMap},
    path::Path,
    time::Instant,
};

use command_processor::{
    Contradiction, Processor, Recorded, SnapshotCheck, Which, refuse_another_log,
};
use event_log::{LogReader, Record};
use events_schema::{Event, Instant as Time, LogEvent, Sha256, Stream};
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
    let mut expected = Expected::default();
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

/// What each event must fit: the log's own rules, apart from the rules of the procedure.
#[derive(Debug, Default)]
struct Expected {
    streams: HashMap<Stream, (u64, u64)>,
    last_time: Option<Time>,
}

impl Expected {
    fn check(&mut self, recorded: &Recorded, data_hash: Sha256, log_id: &str) -> Vec<String> {
        let header = &recorded.header;
        let position = header.position;
        let mut problems = Vec::new();
        if data_hash != header.data_hash {
            problems.push(format!(
                "event {position}: its data is not what its datahash says"
            ));
        }
        if *header.log_id != *log_id {
            problems.push(format!(
                "event {position}: its source is another log, {}",
                header.log_id
            ));
        }
        if (position == 0) != matches!(recorded.event, Event::Log(LogEvent::LogCreated(_))) {
            problems.push(format!(
                "event {position}: {} does not belong there",
                header.event_type
            ));
        }
        if header.event_type != recorded.event.event_type() {
            problems.push(format!("event {position}: its type does not fit its data"));
        }
        problems.extend(self.check_time(recorded));
        let before = self
            .streams
            .insert(header.stream.clone(), (position, header.revision));
        let revision = before.map_or(1, |(_, revision)| revision + 1);
        if header.revision != revision {
            problems.push(format!(
                "event {position}: it is revision {} of {}, and {revision} was to come",
                header.revision, header.stream
            ));
        }
        if header.previous != before.map(|(previous, _)| previous) {
            problems.push(format!(
                "event {position}: it does not name the event of {} before it",
                header.stream
            ));
        }
        problems
    }
}

impl Expected {
    /// Times never go back, but where the administrator has left the future behind: to the time of that event, and what
    /// is left behind is the time of the last one.
    fn check_time(&mut self, Recorded { header, event }: &Recorded) -> Option<String> {
        let (position, time, last) = (header.position, header.time, self.last_time);
        let left_behind = if let Event::Log(LogEvent::DeadlinesReleased(released)) = event {
            released.left_behind
        } else {
            None
        };
        if let Some(left) = left_behind {
            self.last_time = Some(time);
            return (last != Some(left)).then(|| {
                format!(
                    "event {position}: it leaves the time {left} behind, which is not that of the event before it"
                )
            });
        }
        self.last_time = last.max(Some(time));
        last.is_some_and(|last| time < last)
            .then(|| format!("event {position}: its time goes back to {time}"))
    }
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

#[cfg(test)]
mod tests {
    use events_schema::{BackfillStarted, DeadlinesReleased, Header, ReleaseDeadlines};

    use super::*;

    fn at(second: u32) -> Time {
        format!("2026-03-02T00:00:{second:02}Z").parse().unwrap()
    }

    fn recorded(event: Event, second: u32) -> Recorded {
        Recorded {
            header: Header {
                position: u64::from(second),
                log_id: "0123456789abcdef0123456789abcdef".into(),
                event_type: event.event_type(),
                stream: Stream::Log,
                time: at(second),
                revision: 1,
                previous: None,
                account: None,
                command_id: None,
                command_hash: None,
                correlation_id: None,
                causation: None,
                actor: "service:deadlines".parse().unwrap(),
                received: None,
                rulebook: None,
                data_hash: Sha256([0; 32]),
            },
            event,
        }
    }

    fn some(second: u32) -> Recorded {
        let event = Event::from(BackfillStarted {
            file_sha256: Sha256([0; 32]),
            wall_time: at(0),
        });
        recorded(event, second)
    }

    fn released(second: u32, left_behind: Option<u32>) -> Recorded {
        let event = Event::from(DeadlinesReleased {
            command: ReleaseDeadlines::default(),
            overdue: 0,
            left_behind: left_behind.map(at),
        });
        recorded(event, second)
    }

    fn problems(events: &[Recorded]) -> Vec<String> {
        let mut expected = Expected::default();
        let problems = events.iter().filter_map(|it| expected.check_time(it));
        problems.collect()
    }

    #[test]
    fn times_go_back_where_the_future_is_left_behind_and_nowhere_else() {
        assert_eq!(problems(&[some(1), some(9), some(9)]), Vec::<String>::new());
        let left = [some(9), released(3, Some(9)), some(3), some(4)];
        assert_eq!(problems(&left), Vec::<String>::new());
        for broken in [
            vec![some(9), some(3)],
            vec![some(9), released(3, None)],
            vec![some(9), released(3, Some(8))],
            vec![some(9), released(3, Some(9)), some(2)],
            vec![released(3, Some(9))],
        ] {
            assert_eq!(problems(&broken).len(), 1, "{broken:?}");
        }
    }
}

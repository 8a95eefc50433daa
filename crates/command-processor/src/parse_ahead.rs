//! Reading the log with a thread for each core: parsing costs several times what folding does, and blocks can be
//! parsed apart from each other. What is made of the records still comes out in order.

use std::{
    sync::mpsc::{Receiver, SyncSender, sync_channel},
    thread,
};

use event_log::{Block, LogReader, Record};

use crate::{Error, Recorded};

/// Runs of blocks that may wait in front of each thread, and behind it.
const RUNS_WAITING_MAX: usize = 4;

/// Events that a thread is given at once, or a few more. A log that was written one command at a time has blocks of one
/// event, and handing each over for itself took as long as reading it.
const EVENTS_PER_RUN: u64 = 64;

/// Positions that are read over rather than looked up anew: the next block is at hand, another one has to be found.
const READ_OVER_MAX: u64 = 256;

/// Which records are read.
#[derive(Debug, Clone, Copy)]
pub enum Which<'a> {
    /// From one position up to another, which is not included.
    Range(u64, u64),
    /// Those at these positions, ascending.
    These(&'a [u64]),
}

/// Blocks, with the positions that are wanted of each where not all are.
type Run<'a> = Vec<(Block, Option<&'a [u64]>)>;

/// Folds events, in order.
///
/// # Errors
/// When the log cannot be read, an event does not read, or the fold fails; nothing after that is folded.
pub(crate) fn for_each_event(
    reader: &LogReader,
    which: Which<'_>,
    mut fold: impl FnMut(Recorded) -> Result<(), Error>,
) -> Result<(), Error> {
    let read = |record: Record<'_>| Recorded::read(record.position, record.header, record.data);
    for_each(reader, which, read, |recorded| fold(recorded?))
}

/// Folds what is made of records, in order; it is made on several threads.
///
/// # Errors
/// When the log cannot be read, or the fold fails; nothing after that is folded.
pub fn for_each<Made: Send>(
    reader: &LogReader,
    which: Which<'_>,
    make: impl Fn(Record<'_>) -> Made + Sync,
    mut fold: impl FnMut(Made) -> Result<(), Error>,
) -> Result<(), Error> {
    let threads = thread::available_parallelism().map_or(1, usize::from);
    let make = &make;
    thread::scope(|scope| {
        let (runs, made): (Vec<_>, Vec<_>) = (0..threads)
            .map(|_| {
                let (give, runs) = sync_channel::<Run<'_>>(RUNS_WAITING_MAX);
                let (done, made) = sync_channel(RUNS_WAITING_MAX);
                scope.spawn(move || make_of(&runs, make, &done));
                (give, made)
            })
            .unzip();
        let (fail, failed) = sync_channel(1);
        scope.spawn(move || {
            let read = match which {
                Which::Range(from, to) => read_range(reader, (from, to), &runs),
                Which::These(positions) => read_these(reader, positions, &runs),
            };
            if let Err(error) = read {
                let _ = fail.send(error);
            }
        });
        for made in made.iter().cycle() {
            let Ok(made) = made.recv() else { break };
            for made in made {
                fold(made)?;
            }
        }
        failed.try_recv().map_or(Ok(()), Err)
    })
}

fn make_of<Made>(
    runs: &Receiver<Run<'_>>,
    make: impl Fn(Record<'_>) -> Made,
    done: &SyncSender<Vec<Made>>,
) {
    for run in runs {
        let mut made = Vec::new();
        for (block, wanted) in &run {
            let records = block.records();
            made.extend(
                records
                    .filter(|record| {
                        wanted.is_none_or(|these| these.binary_search(&record.position).is_ok())
                    })
                    .map(&make),
            );
        }
        if done.send(made).is_err() {
            return;
        }
    }
}

fn read_range(
    reader: &LogReader,
    (from, to): (u64, u64),
    runs: &[SyncSender<Run<'_>>],
) -> Result<(), Error> {
    let mut turns = Turns::of(runs);
    for block in reader.blocks(from, to) {
        let block = block?;
        let positions = block.positions();
        if !turns.give((block, None), positions.end - positions.start) {
            return Ok(());
        }
    }
    turns.end();
    Ok(())
}

fn read_these<'a>(
    reader: &LogReader,
    positions: &'a [u64],
    runs: &[SyncSender<Run<'a>>],
) -> Result<(), Error> {
    let next = reader.head().next_position;
    if let Some(beyond) = positions.last().filter(|last| **last >= next) {
        let missing = event_log::Error::Missing {
            first_missing: next,
            last_missing: *beyond,
        };
        return Err(missing.into());
    }
    let mut turns = Turns::of(runs);
    let mut rest = positions;
    while let (Some(first), Some(last)) = (rest.first(), rest.last()) {
        for block in reader.blocks(*first, last + 1) {
            let block = block?;
            let end = block.positions().end;
            let (here, later) = rest.split_at(rest.partition_point(|position| *position < end));
            rest = later;
            if !here.is_empty() && !turns.give((block, Some(here)), here.len() as u64) {
                return Ok(());
            }
            if rest.first().is_none_or(|next| *next > end + READ_OVER_MAX) {
                break;
            }
        }
    }
    turns.end();
    Ok(())
}

/// Gives runs to the threads in turns, so that the turns of what they make are the order of the log.
struct Turns<'s, 'a> {
    next: std::iter::Cycle<std::slice::Iter<'s, SyncSender<Run<'a>>>>,
    run: Run<'a>,
    events: u64,
}

impl<'s, 'a> Turns<'s, 'a> {
    fn of(runs: &'s [SyncSender<Run<'a>>]) -> Self {
        Self {
            next: runs.iter().cycle(),
            run: Vec::new(),
            events: 0,
        }
    }

    /// False when nobody takes any more: the fold has ended early.
    fn give(&mut self, block: (Block, Option<&'a [u64]>), events: u64) -> bool {
        self.run.push(block);
        self.events += events;
        self.events < EVENTS_PER_RUN || self.end()
    }

    fn end(&mut self) -> bool {
        self.events = 0;
        let run = std::mem::take(&mut self.run);
        run.is_empty() || self.next.next().is_some_and(|give| give.send(run).is_ok())
    }
}

#[cfg(test)]
mod tests {
    use event_log::{Commit, EventLog, LogId, OwnedRecord};
    use tempfile::TempDir;

    use super::*;

    const RECORDS: u64 = 3_000;

    /// A log of many blocks: runs of commits of one record each, and one run far longer than the others.
    fn log() -> (TempDir, EventLog) {
        let dir = tempfile::tempdir().unwrap();
        let mut log = EventLog::create(dir.path(), LogId([7; 16])).unwrap();
        let commit = |position: u64| Commit {
            records: vec![OwnedRecord {
                header: position.to_string().into_bytes(),
                data: vec![b' '; 100],
            }],
        };
        let mut next = 0;
        for length in [1, 7, 1_000].into_iter().cycle() {
            let end = RECORDS.min(next + length);
            let commits: Vec<_> = (next..end).map(commit).collect();
            log.append(&commits).unwrap();
            next = end;
            if next == RECORDS {
                break;
            }
        }
        (dir, log)
    }

    fn read(log: &EventLog, which: Which<'_>) -> Vec<u64> {
        let mut positions = Vec::new();
        let make = |record: Record<'_>| {
            assert_eq!(record.header, record.position.to_string().as_bytes());
            record.position
        };
        let take = |position| {
            positions.push(position);
            Ok(())
        };
        for_each(&log.reader(), which, make, take).unwrap();
        positions
    }

    #[test]
    fn what_is_asked_for_comes_in_order_and_nothing_else() {
        let (_dir, log) = log();
        assert_eq!(
            read(&log, Which::Range(5, 2_007)),
            (5..2_007).collect::<Vec<_>>()
        );
        let every = |step: usize| (0..RECORDS).step_by(step).collect::<Vec<_>>();
        let far_apart = vec![0, 1, 9, 1_500, RECORDS - 1];
        for these in [
            vec![],
            every(1),
            every(3),
            every(700),
            far_apart,
            vec![RECORDS - 1],
        ] {
            assert_eq!(read(&log, Which::These(&these)), these);
        }
    }

    #[test]
    fn a_position_beyond_the_log_is_an_error() {
        let (_dir, log) = log();
        let beyond = [RECORDS - 1, RECORDS];
        let make = |record: Record<'_>| record.position;
        let read = for_each(&log.reader(), Which::These(&beyond), make, |_| Ok(()));
        assert!(matches!(read, Err(Error::Log(_))), "{read:?}");
    }

    #[test]
    fn a_fold_that_fails_is_given_nothing_more() {
        let (_dir, log) = log();
        let mut taken = 0;
        let make = |record: Record<'_>| record.position;
        let failed = for_each(&log.reader(), Which::Range(0, RECORDS), make, |position| {
            taken += 1;
            if position == 700 {
                return Err(Error::NotOurs {
                    problem: "enough".to_owned(),
                });
            }
            Ok(())
        });
        assert!(matches!(failed, Err(Error::NotOurs { .. })), "{failed:?}");
        assert_eq!(taken, 701);
    }
}

//! Reading the log with a thread for each core: parsing costs several times what folding does, and blocks can be
//! parsed apart from each other. The events still come out in order.

use std::{
    sync::mpsc::{Receiver, SyncSender, sync_channel},
    thread,
};

use event_log::{Block, LogReader};

use crate::{Error, Recorded};

/// Runs of blocks that may wait in front of each thread, and behind it.
const RUNS_WAITING_MAX: usize = 4;

/// Events that a thread is given at once, or a few more. A log that was written one command at a time has blocks of one
/// event, and handing each over for itself took as long as reading it.
const EVENTS_PER_RUN: u64 = 64;

/// Folds the events of a range of positions, in order.
///
/// # Errors
/// When the log cannot be read, an event does not read, or the fold fails; nothing after that is folded.
pub(crate) fn for_each_event(
    reader: &LogReader,
    from: u64,
    to: u64,
    mut fold: impl FnMut(Recorded) -> Result<(), Error>,
) -> Result<(), Error> {
    let threads = thread::available_parallelism().map_or(1, usize::from);
    thread::scope(|scope| {
        let (blocks, parsed): (Vec<_>, Vec<_>) = (0..threads)
            .map(|_| {
                let (give, blocks) = sync_channel::<Vec<Block>>(RUNS_WAITING_MAX);
                let (done, parsed) = sync_channel(RUNS_WAITING_MAX);
                scope.spawn(move || parse(&blocks, &done, from, to));
                (give, parsed)
            })
            .unzip();
        let (fail, failed) = sync_channel(1);
        scope.spawn(move || {
            // In turns, so that the turns of the parsed runs are the order of the log.
            let mut turns = blocks.iter().cycle();
            let mut run = Vec::new();
            let mut events = 0;
            // A thread is gone only when the fold has ended early.
            let mut give = |run| turns.next().is_some_and(|give| give.send(run).is_ok());
            for block in reader.blocks(from, to) {
                match block {
                    Ok(block) => {
                        let positions = block.positions();
                        events += positions.end - positions.start;
                        run.push(block);
                        if events >= EVENTS_PER_RUN {
                            events = 0;
                            if !give(std::mem::take(&mut run)) {
                                return;
                            }
                        }
                    }
                    Err(error) => {
                        let _ = fail.send(Error::from(error));
                        return;
                    }
                }
            }
            if !run.is_empty() {
                give(run);
            }
        });
        for parsed in parsed.iter().cycle() {
            let Ok(events) = parsed.recv() else { break };
            for recorded in events? {
                fold(recorded)?;
            }
        }
        failed.try_recv().map_or(Ok(()), Err)
    })
}

type Parsed = Result<Vec<Recorded>, Error>;

fn parse(runs: &Receiver<Vec<Block>>, done: &SyncSender<Parsed>, from: u64, to: u64) {
    for run in runs {
        let events = run
            .iter()
            .flat_map(Block::records)
            .filter(|record| (from..to).contains(&record.position))
            .map(|record| Recorded::read(record.position, record.header, record.data))
            .collect();
        if done.send(events).is_err() {
            return;
        }
    }
}

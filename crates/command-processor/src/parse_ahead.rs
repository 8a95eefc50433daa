//! Reading the log with a thread for each core: parsing costs several times what folding does, and blocks can be
//! parsed apart from each other. The events still come out in order.

use std::{
    sync::mpsc::{Receiver, SyncSender, sync_channel},
    thread,
};

use event_log::{Block, LogReader};

use crate::{Error, Recorded};

/// Blocks that may wait in front of each thread, and behind it.
const BLOCKS_WAITING_MAX: usize = 4;

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
                let (give, blocks) = sync_channel::<Block>(BLOCKS_WAITING_MAX);
                let (done, parsed) = sync_channel(BLOCKS_WAITING_MAX);
                scope.spawn(move || parse(&blocks, &done, from, to));
                (give, parsed)
            })
            .unzip();
        let (fail, failed) = sync_channel(1);
        scope.spawn(move || {
            // In turns, so that the turns of the parsed blocks are the order of the log.
            for (block, give) in reader.blocks(from, to).zip(blocks.iter().cycle()) {
                match block {
                    // A thread is gone only when the fold has ended early.
                    Ok(block) => {
                        if give.send(block).is_err() {
                            return;
                        }
                    }
                    Err(error) => {
                        let _ = fail.send(Error::from(error));
                        return;
                    }
                }
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

fn parse(blocks: &Receiver<Block>, done: &SyncSender<Parsed>, from: u64, to: u64) {
    for block in blocks {
        let events = block
            .records()
            .filter(|record| (from..to).contains(&record.position))
            .map(|record| Recorded::read(record.position, record.header, record.data))
            .collect();
        if done.send(events).is_err() {
            return;
        }
    }
}

//! Reading: single records, runs of them, and whole blocks for those who parse on several threads.

use std::sync::Arc;

use crate::append::Shared;
use crate::format::block::{Block, BlockCursor, StoredRecord};
use crate::sled_store::store::Entries;
use crate::{Error, Head, LogId};

/// Reads what is durable. Cheap to clone; each clone may go to a thread of its own.
///
/// It keeps the log's folder locked as long as it lives.
#[derive(Debug, Clone)]
pub struct LogReader {
    pub(crate) shared: Arc<Shared>,
}

/// Where a commit lies, and its hash.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CommitPlace {
    /// The position of its first record.
    pub first_position: u64,
    /// How many records it has.
    pub records: u64,
    /// Its hash, which covers all history before it.
    pub hash: [u8; 32],
}

impl LogReader {
    pub(crate) fn new(shared: Arc<Shared>) -> Self {
        Self { shared }
    }

    /// The identity of the log.
    pub fn log_id(&self) -> LogId {
        self.shared.log_id
    }

    /// How far the log goes; nothing beyond is shown.
    pub fn head(&self) -> Head {
        self.shared.head()
    }

    /// One record, or nothing if the log does not go so far.
    pub fn read(&self, position: u64) -> Result<Option<StoredRecord>, Error> {
        if position >= self.head().next_position {
            return Ok(None);
        }
        self.block_with(position)?
            .record_at(position)
            .map(Some)
            .ok_or_else(|| missing(position, position + 1))
    }

    /// Several records; of neighbours in a block only the first costs a look-up, so sort the positions.
    ///
    /// A position that the log does not reach is an error.
    pub fn read_many<I: IntoIterator<Item = u64>>(&self, positions: I) -> ReadMany<I::IntoIter> {
        ReadMany {
            reader: self.clone(),
            positions: positions.into_iter(),
            block: None,
        }
    }

    /// The records from one position up to another, which is not included; it ends early at the head.
    pub fn range(&self, from: u64, to: u64) -> Range {
        Range {
            blocks: self.blocks(from, to),
            current: None,
        }
    }

    /// As [`LogReader::range`], but in whole blocks, whose first and last are narrowed to the range.
    pub fn blocks(&self, from: u64, to: u64) -> Blocks {
        let to = to.min(self.head().next_position);
        Blocks {
            reader: self.clone(),
            entries: None,
            next: from,
            to,
        }
    }

    /// The commit that a position belongs to, or nothing if the log does not go so far.
    pub fn commit_of(&self, position: u64) -> Result<Option<CommitPlace>, Error> {
        if position >= self.head().next_position {
            return Ok(None);
        }
        let block = self.block_with(position)?;
        let segment = block.segments().find(|segment| segment.end() > position);
        let place = segment.and_then(|segment| {
            let first_position = segment.commit_first()?;
            Some(CommitPlace {
                first_position,
                records: u64::from(segment.commit_records),
                hash: segment.hash,
            })
        });
        place
            .map(Some)
            .ok_or_else(|| missing(position, position + 1))
    }

    /// The block that holds a position below the head.
    fn block_with(&self, position: u64) -> Result<Block, Error> {
        let block = self
            .shared
            .store
            .block_at_or_before(position)?
            .ok_or_else(|| missing(0, position + 1))?;
        if position < block.next_position() {
            Ok(block)
        } else {
            Err(missing(block.next_position(), position + 1))
        }
    }
}

fn missing(from: u64, to: u64) -> Error {
    Error::Missing {
        first_missing: from,
        last_missing: to - 1,
    }
}

/// See [`LogReader::blocks`]. After an error it ends.
pub struct Blocks {
    reader: LogReader,
    /// None before the first block was looked up.
    entries: Option<Entries>,
    next: u64,
    to: u64,
}

impl Blocks {
    fn first(&mut self) -> Result<Block, Error> {
        let block = self.reader.block_with(self.next)?;
        self.entries = Some(self.reader.shared.store.from(block.next_position()));
        Ok(block)
    }

    fn following(entries: &mut Entries, expected: u64, to: u64) -> Result<Block, Error> {
        let Some(entry) = entries.next() else {
            return Err(missing(expected, to));
        };
        let (key, value) = entry?;
        if key == expected {
            Block::decode(key, value)
        } else {
            Err(missing(expected, key.min(to)))
        }
    }
}

impl Iterator for Blocks {
    type Item = Result<Block, Error>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.next >= self.to {
            return None;
        }
        let block = match &mut self.entries {
            None => self.first(),
            Some(entries) => Self::following(entries, self.next, self.to),
        };
        Some(match block {
            Ok(mut block) => {
                block.narrow(self.next, self.to);
                self.next = block.next_position();
                Ok(block)
            }
            Err(error) => {
                self.next = self.to;
                Err(error)
            }
        })
    }
}

/// See [`LogReader::range`]. After an error it ends.
pub struct Range {
    blocks: Blocks,
    current: Option<(Block, BlockCursor)>,
}

impl Iterator for Range {
    type Item = Result<StoredRecord, Error>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            if let Some((block, cursor)) = &mut self.current {
                let wanted = block.positions();
                while let Some(place) = cursor.advance(block.bytes()) {
                    if wanted.contains(&place.position) {
                        return Some(Ok(block.stored(place)));
                    }
                }
                self.current = None;
            }
            match self.blocks.next()? {
                Ok(block) => {
                    let cursor = BlockCursor::at_start_of(&block);
                    self.current = Some((block, cursor));
                }
                Err(error) => return Some(Err(error)),
            }
        }
    }
}

/// See [`LogReader::read_many`].
pub struct ReadMany<I> {
    reader: LogReader,
    positions: I,
    block: Option<Block>,
}

impl<I: Iterator<Item = u64>> Iterator for ReadMany<I> {
    type Item = Result<StoredRecord, Error>;

    fn next(&mut self) -> Option<Self::Item> {
        let position = self.positions.next()?;
        Some(self.read(position))
    }
}

impl<I> ReadMany<I> {
    fn read(&mut self, position: u64) -> Result<StoredRecord, Error> {
        let in_hand = self
            .block
            .take()
            .filter(|block| (block.first_position()..block.next_position()).contains(&position));
        let block = match in_hand {
            Some(block) => block,
            None if position < self.reader.head().next_position => {
                self.reader.block_with(position)?
            }
            None => return Err(missing(position, position + 1)),
        };
        let record = block
            .record_at(position)
            .ok_or_else(|| missing(position, position + 1));
        self.block = Some(block);
        record
    }
}

//! The one walk over the blocks of a log. Block after block it puts commits together, with the leaves of their records,
//! holds them against the chain, and says of everything that does not fit what it is and where.
//!
//! Opening a log and checking it are both fed by it, and so will be a tree over the leaves.

use std::ops;

use crate::LogId;
use crate::format::block::{Block, Segment};
use crate::format::chain;

/// What the walk has come across.
#[derive(Debug)]
pub(crate) enum Found<'a> {
    /// A commit, whole and where it belongs.
    Commit(Whole<'a>),
    /// Something that does not fit.
    Defect(Defect),
}

/// A whole commit.
#[derive(Debug)]
pub(crate) struct Whole<'a> {
    /// The position after its last record.
    pub(crate) end: u64,
    /// The hash that is stored with it.
    pub(crate) hash: [u8; 32],
    /// The leaves of its records; none where the walk was not to hash.
    #[cfg_attr(
        not(test),
        expect(dead_code, reason = "a tree over the leaves is fed from here")
    )]
    pub(crate) leaves: &'a [[u8; 32]],
}

/// Something that does not fit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Defect {
    /// Positions that no block holds; or whose block is damaged, and how.
    Missing {
        positions: ops::Range<u64>,
        damaged: Option<String>,
    },
    /// Positions that two blocks hold.
    Twice { positions: ops::Range<u64> },
    /// A block of another log.
    OtherLog {
        positions: ops::Range<u64>,
        log_id: LogId,
    },
    /// A part of a commit of which the beginning was not seen.
    NoBeginning { positions: ops::Range<u64> },
    /// A commit that does not go on where it should.
    Incomplete {
        /// What is there of it.
        positions: ops::Range<u64>,
        /// How many records it has.
        commit_records: u32,
        /// What stands where it should go on; nothing where the log ends.
        interrupted_at: Option<u64>,
    },
    /// A commit of which it is not known what comes before.
    Unchained { positions: ops::Range<u64> },
    /// A commit whose records do not have the hash that is stored with it.
    WrongHash { positions: ops::Range<u64> },
}

/// A commit whose end has not been seen yet.
#[derive(Debug)]
pub(crate) struct Begun {
    pub(crate) first: Segment,
    /// How many of its records are there.
    pub(crate) present: u32,
    leaves: Vec<[u8; 32]>,
    /// The block in which it begins, and those it fills.
    pub(crate) blocks: Vec<Block>,
}

/// How far the walk has come.
#[derive(Debug)]
pub(crate) struct Walk {
    log_id: LogId,
    /// Commits from this position on are hashed again.
    hashes_from: u64,
    /// The position that is to come next.
    expected: u64,
    commits: u64,
    /// The stored hash of the commit before, unknown after damage.
    previous: Option<[u8; 32]>,
    begun: Option<Begun>,
    /// What is wrong with the block that should hold the expected position.
    damaged: Option<String>,
}

impl Walk {
    /// From the first position of a log on. Commits are hashed again from a position on.
    pub(crate) fn new(log_id: LogId, hashes_from: u64) -> Self {
        Self {
            log_id,
            hashes_from,
            expected: 0,
            commits: 0,
            previous: Some(chain::genesis_hash(log_id)),
            begun: None,
            damaged: None,
        }
    }

    /// The position that is to come next.
    pub(crate) const fn expected(&self) -> u64 {
        self.expected
    }

    /// Whole commits so far, and the hash of the last one, where it is known.
    pub(crate) const fn so_far(&self) -> (u64, Option<[u8; 32]>) {
        (self.commits, self.previous)
    }

    /// The commit whose end has not been seen.
    pub(crate) fn into_begun(self) -> Option<Begun> {
        self.begun
    }

    /// The block that is stored under a position is damaged. It does not say how far it goes; the next one does.
    pub(crate) fn damaged_block(
        &mut self,
        key: u64,
        how: String,
        found: &mut impl FnMut(Found<'_>),
    ) {
        self.miss(key, found);
        self.damaged = Some(how);
    }

    /// Nothing can be read up to a position any more.
    pub(crate) fn skip_to(&mut self, position: u64) {
        self.expected = position;
    }

    /// Goes on with the next block.
    pub(crate) fn block(&mut self, block: &Block, found: &mut impl FnMut(Found<'_>)) {
        let key = block.first_position();
        self.miss(key, found);
        if key < self.expected {
            self.lose_the_chain();
            let positions = key..self.expected;
            found(Found::Defect(Defect::Twice { positions }));
        }
        if block.log_id() != self.log_id {
            found(Found::Defect(Defect::OtherLog {
                positions: key..block.next_position(),
                log_id: block.log_id(),
            }));
        }
        if let Some(begun) = &mut self.begun {
            begun.blocks.push(block.clone());
        }
        for segment in block.segments() {
            self.segment(block, &segment, found);
        }
        self.expected = block.next_position();
    }

    /// The log ends at a position.
    pub(crate) fn end(&mut self, position: u64, found: &mut impl FnMut(Found<'_>)) {
        self.interrupt(None, found);
        self.miss(position, found);
    }

    /// Reports what is not there before a position.
    fn miss(&mut self, next: u64, found: &mut impl FnMut(Found<'_>)) {
        let damaged = self.damaged.take();
        if damaged.is_some() || next > self.expected {
            self.lose_the_chain();
            let positions = self.expected..next.max(self.expected);
            self.expected = positions.end;
            found(Found::Defect(Defect::Missing { positions, damaged }));
        }
    }

    /// Nothing can be said of the commit in hand, nor of how the next one is chained.
    fn lose_the_chain(&mut self) {
        self.previous = None;
        self.begun = None;
    }

    /// Gives up the commit in hand, if there is one.
    fn interrupt(&mut self, at: Option<u64>, found: &mut impl FnMut(Found<'_>)) {
        if let Some(begun) = self.begun.take() {
            self.previous = None;
            found(Found::Defect(Defect::Incomplete {
                positions: begun.positions(),
                commit_records: begun.first.commit_records,
                interrupted_at: at,
            }));
        }
    }

    fn segment(&mut self, block: &Block, segment: &Segment, found: &mut impl FnMut(Found<'_>)) {
        if segment.index == 0 {
            self.interrupt(Some(segment.first_position), found);
            self.begun = Some(Begun {
                first: *segment,
                present: 0,
                leaves: Vec::new(),
                blocks: vec![block.clone()],
            });
        }
        let Some(begun) = &mut self.begun else {
            // Once the end of the commit is seen, its stored hash chains the next one.
            if segment.index + segment.count == segment.commit_records {
                self.previous = Some(segment.hash);
                self.commits += 1;
            }
            let positions = segment.first_position..segment.end();
            found(Found::Defect(Defect::NoBeginning { positions }));
            return;
        };
        let goes_on = segment.index == begun.present
            && segment.hash == begun.first.hash
            && segment.commit_records == begun.first.commit_records;
        if !goes_on {
            self.interrupt(Some(segment.first_position), found);
            return;
        }
        begun.present += segment.count;
        let is_hashed = begun.first.first_position >= self.hashes_from;
        if is_hashed {
            let headers = block.headers_of(segment);
            begun.leaves.extend(headers.map(chain::leaf_hash));
        }
        if begun.present < segment.commit_records {
            return;
        }
        let Some(Begun { first, leaves, .. }) = self.begun.take() else {
            return;
        };
        let positions = first.first_position..segment.end();
        let previous = self.previous.replace(segment.hash);
        self.commits += 1;
        let is_chained = |previous| {
            !is_hashed || chain::commit_hash(&previous, positions.start, &leaves) == segment.hash
        };
        found(match previous {
            None => Found::Defect(Defect::Unchained { positions }),
            Some(previous) if !is_chained(previous) => {
                Found::Defect(Defect::WrongHash { positions })
            }
            Some(_) => Found::Commit(Whole {
                end: positions.end,
                hash: segment.hash,
                leaves: &leaves,
            }),
        });
    }
}

impl Begun {
    /// The positions of those of its records that are there.
    pub(crate) fn positions(&self) -> ops::Range<u64> {
        let first = self.first.first_position;
        first..first + u64::from(self.present)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::OwnedRecord;
    use crate::format::block::StoredBytes;
    use crate::format::framing::Framer;

    const LOG_ID: LogId = LogId([7; 16]);

    /// Commits of one, two and very many records, in blocks, with the hash of each.
    fn blocks() -> (Vec<Block>, Vec<[u8; 32]>) {
        let mut framer = Framer::new(LOG_ID, 0);
        let (mut position, mut previous) = (0, chain::genesis_hash(LOG_ID));
        let mut hashes = Vec::new();
        for count in [1, 2, 3_000_u64] {
            let records: Vec<_> = (0..count)
                .map(|number| OwnedRecord {
                    header: format!("header {}", position + number).into_bytes(),
                    data: vec![b'd'; 40],
                })
                .collect();
            let leaves: Vec<_> = records
                .iter()
                .map(|it| chain::leaf_hash(&it.header))
                .collect();
            previous = chain::commit_hash(&previous, position, &leaves);
            framer.push(&previous, &records);
            hashes.push(previous);
            position += count;
        }
        let blocks = framer.finish().into_iter();
        let blocks =
            blocks.map(|(key, bytes)| Block::decode(key, StoredBytes::new(bytes)).unwrap());
        (blocks.collect(), hashes)
    }

    /// What a walk over these blocks comes across, a line each.
    fn walked(blocks: &[Block], hashes_from: u64, end: u64) -> Vec<String> {
        let mut walk = Walk::new(LOG_ID, hashes_from);
        let mut lines = Vec::new();
        let mut found = |found: Found<'_>| {
            lines.push(match found {
                Found::Commit(Whole { end, leaves, .. }) => format!("{end}: {}", leaves.len()),
                Found::Defect(fault) => format!("{fault:?}"),
            });
        };
        for block in blocks {
            walk.block(block, &mut found);
        }
        walk.end(end, &mut found);
        lines
    }

    #[test]
    fn each_commit_comes_with_its_leaves_however_many_blocks_it_fills() {
        let (blocks, hashes) = blocks();
        assert!(blocks.len() > 2, "{}", blocks.len());
        assert_eq!(walked(&blocks, 0, 3_003), ["1: 1", "3: 2", "3003: 3000"]);
        // Below the position from which on it hashes, it counts only.
        assert_eq!(walked(&blocks, 3, 3_003), ["1: 0", "3: 0", "3003: 3000"]);
        let mut seen = Vec::new();
        let mut walk = Walk::new(LOG_ID, 0);
        let (mut previous, mut first) = (chain::genesis_hash(LOG_ID), 0);
        for block in &blocks {
            walk.block(block, &mut |found| {
                if let Found::Commit(Whole { end, hash, leaves }) = found {
                    previous = chain::commit_hash(&previous, first, leaves);
                    assert_eq!(previous, hash);
                    first = end;
                    seen.push(hash);
                }
            });
        }
        assert_eq!(seen, hashes);
        assert_eq!(walk.so_far(), (3, hashes.last().copied()));
    }

    #[test]
    fn what_does_not_fit_is_said_once_and_the_walk_goes_on() {
        let (blocks, _) = blocks();
        let [first, second, third, rest @ ..] = blocks.as_slice() else {
            panic!("{} blocks", blocks.len());
        };
        // A block in the middle of the large commit is missing.
        let without = [
            std::slice::from_ref(first),
            std::slice::from_ref(third),
            rest,
        ]
        .concat();
        let lines = walked(&without, 0, 3_003);
        let missing = second.first_position()..third.first_position();
        let positions = format!("Missing {{ positions: {missing:?}, damaged: None }}");
        assert_eq!(&lines[..3], ["1: 1", "3: 2", &positions]);
        assert!(
            lines[3..]
                .iter()
                .all(|line| line.starts_with("NoBeginning"))
        );
        // The log ends within it.
        let lines = walked(&blocks[..2], 0, second.next_position());
        assert_eq!(lines[..2], ["1: 1", "3: 2"]);
        assert!(lines[2].starts_with("Incomplete"), "{lines:?}");
        assert_eq!(lines.len(), 3);
        // One stands there twice.
        let twice = [std::slice::from_ref(first), blocks.as_slice()].concat();
        assert!(
            walked(&twice, 0, 3_003)
                .iter()
                .any(|line| line.starts_with("Twice"))
        );
    }
}

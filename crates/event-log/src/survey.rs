//! The look at the whole log that opening takes: every block, no gap, whole commits, and the tip's
//! commit with its hash.

use std::fmt;
use std::ops;
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::block::{Block, Segment};
use crate::store::Store;
use crate::tip::Slot;
use crate::{Error, Head, chain};

/// What the log holds.
#[derive(Debug)]
pub(crate) struct Survey {
    /// The end of the last whole commit.
    pub(crate) head: Head,
    /// What follows it: the beginning of a commit.
    pub(crate) torn: Option<Torn>,
}

/// The last commit, of which only the first records are there.
#[derive(Debug)]
pub(crate) struct Torn {
    first: Segment,
    present: u32,
    /// The block in which it begins, and those it fills.
    blocks: Vec<Block>,
}

impl Torn {
    pub(crate) fn first_position(&self) -> u64 {
        self.first.first_position
    }

    /// The positions of those of its records that are there.
    pub(crate) fn positions(&self) -> ops::Range<u64> {
        self.first_position()..self.first_position() + u64::from(self.present)
    }

    /// Takes it out of the store, leaving the whole commits that share its first block.
    pub(crate) fn removal(&self) -> sled::Batch {
        let mut batch = sled::Batch::default();
        for (index, block) in self.blocks.iter().enumerate() {
            let key = block.first_position().to_be_bytes();
            match block.without(&self.first) {
                Some(kept) if index == 0 => batch.insert(&key, kept),
                _ => batch.remove(&key),
            }
        }
        batch
    }
}

impl fmt::Display for Torn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (positions, present, all) = (self.positions(), self.present, self.first.commit_records);
        let (first, last) = (positions.start, positions.end - 1);
        write!(
            f,
            "dropped the last commit, which was never acknowledged: of its {all} records only {present} are there, positions {first} to {last}"
        )
    }
}

/// Walks over all blocks; every block is one step of progress.
pub(crate) fn survey(
    dir: &Path,
    tip: &Slot,
    store: &Store,
    progress: &AtomicU64,
) -> Result<Survey, Error> {
    let mut walk = Walk {
        tip,
        head: Head::of_empty_log(tip.log_id),
        begun: None,
        leaves: Vec::new(),
        expected: 0,
        dir,
    };
    walk.compare_with_tip()?;
    for entry in store.from(0) {
        let (key, value) = entry.map_err(|error| match error {
            // All before it has been read.
            Error::Read { source, .. } => Error::Read {
                position: walk.expected,
                source,
            },
            other => other,
        })?;
        walk.step(&Block::decode(key, value)?)?;
        progress.fetch_add(1, Ordering::Relaxed);
    }
    let Walk { head, begun, .. } = walk;
    if head.next_position < tip.head.next_position {
        return Err(Error::TipAhead {
            dir: dir.to_owned(),
            first_missing: head.next_position,
            last_missing: tip.head.next_position - 1,
        });
    }
    Ok(Survey { head, torn: begun })
}

struct Walk<'a> {
    dir: &'a Path,
    tip: &'a Slot,
    /// The end of the last whole commit.
    head: Head,
    /// The commit of which the end has not been seen yet.
    begun: Option<Torn>,
    /// Its leaves, if its hash is to be recomputed.
    leaves: Vec<[u8; 32]>,
    expected: u64,
}

impl Walk<'_> {
    fn step(&mut self, block: &Block) -> Result<(), Error> {
        let position = block.first_position();
        if block.log_id() != self.tip.log_id {
            return Err(Error::TipOfAnotherLog {
                tip: self.tip.log_id,
                data: block.log_id(),
            });
        }
        if position > self.expected {
            return Err(Error::Missing {
                first_missing: self.expected,
                last_missing: position - 1,
            });
        }
        if position < self.expected {
            return Err(Error::Damaged {
                position,
                found: "the block before it holds the same positions".to_owned(),
            });
        }
        if let Some(begun) = &mut self.begun {
            begun.blocks.push(block.clone());
        }
        for segment in block.segments() {
            self.take(block, &segment)?;
        }
        self.expected = block.next_position();
        Ok(())
    }

    fn take(&mut self, block: &Block, segment: &Segment) -> Result<(), Error> {
        let damaged = |found: &str| {
            Err(Error::Damaged {
                position: segment.first_position,
                found: found.to_owned(),
            })
        };
        let present = match &mut self.begun {
            None if segment.index == 0 => {
                let begun = Torn {
                    first: *segment,
                    present: 0,
                    blocks: vec![block.clone()],
                };
                self.begun.insert(begun)
            }
            None => return damaged("the beginning of its commit is missing"),
            Some(begun) => {
                let goes_on = segment.index == begun.present
                    && segment.hash == begun.first.hash
                    && segment.commit_records == begun.first.commit_records;
                if !goes_on {
                    return damaged("the commit before it is not complete");
                }
                begun
            }
        };
        present.present += segment.count;
        let (first_position, complete) = (
            present.first_position(),
            present.present == segment.commit_records,
        );
        // Up to the tip the chain was computed by whoever acknowledged it, and `check` recomputes it;
        // what follows was never acknowledged and is about to be for the first time.
        let recompute = first_position >= self.tip.head.next_position;
        if recompute {
            self.leaves
                .extend(block.headers_of(segment).map(chain::leaf_hash));
        }
        if !complete {
            return Ok(());
        }
        if recompute {
            let hash =
                chain::commit_hash(&self.head.last_commit_hash, first_position, &self.leaves);
            self.leaves.clear();
            if hash != segment.hash {
                return damaged("its commit does not have the hash that is stored with it");
            }
        }
        self.begun = None;
        self.head = Head {
            next_position: segment.end(),
            commits: self.head.commits + 1,
            last_commit_hash: segment.hash,
        };
        self.compare_with_tip()
    }

    fn compare_with_tip(&self) -> Result<(), Error> {
        let (there, named) = (&self.head, &self.tip.head);
        let found = if there.next_position == named.next_position && there != named {
            format!(
                "the commit that ends before position {} is number {} with hash {} in the log, and number {} with hash {} in the tip",
                there.next_position,
                there.commits,
                hex(&there.last_commit_hash),
                named.commits,
                hex(&named.last_commit_hash)
            )
        } else if there.commits == named.commits && there.next_position > named.next_position {
            format!(
                "position {} is within a commit, and the tip says that one ends before it",
                named.next_position
            )
        } else {
            return Ok(());
        };
        Err(Error::TipDisagrees {
            dir: self.dir.to_owned(),
            found,
        })
    }
}

pub(crate) fn hex(hash: &[u8; 32]) -> String {
    use fmt::Write as _;
    hash.iter()
        .fold(String::with_capacity(64), |mut text, byte| {
            // Writing to a string cannot fail.
            let _ = write!(text, "{byte:02x}");
            text
        })
}

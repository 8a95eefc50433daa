//! The look at the whole log that opening takes: every block, no gap, whole commits, and the tip's
//! commit with its hash.

use std::fmt;
use std::ops;
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::format::block::Block;
use crate::format::chain::hex;
use crate::format::tip::Slot;
use crate::sled_store::store::{Changes, Store};
use crate::walk::{Begun, Defect, Found, Walk};
use crate::{Error, Head};

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
pub(crate) struct Torn(Begun);

impl Torn {
    pub(crate) fn first_position(&self) -> u64 {
        self.0.first.first_position
    }

    /// The positions of those of its records that are there.
    pub(crate) fn positions(&self) -> ops::Range<u64> {
        self.0.positions()
    }

    /// Takes it out of the store, leaving the whole commits that share its first block.
    pub(crate) fn removal(&self) -> Changes {
        let Self(begun) = self;
        let blocks = begun.blocks.iter().enumerate();
        let changes = blocks.map(|(index, block)| {
            let kept = block.without(&begun.first).filter(|_| index == 0);
            (block.first_position(), kept)
        });
        changes.collect()
    }
}

impl fmt::Display for Torn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (present, all) = (self.0.present, self.0.first.commit_records);
        let positions = self.positions();
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
    let mut walk = Walk::new(tip.log_id, tip.head.next_position);
    let mut look = Look {
        dir,
        tip,
        head: Head::of_empty_log(tip.log_id),
    };
    look.compare_with_tip()?;
    for entry in store.from(0) {
        let (key, value) = entry.map_err(|error| match error {
            // All before it has been read.
            Error::Read { source, .. } => Error::Read {
                position: walk.expected(),
                source,
            },
            other => other,
        })?;
        let block = Block::decode(key, value)?;
        if block.log_id() != tip.log_id {
            return Err(Error::TipOfAnotherLog {
                tip: tip.log_id,
                data: block.log_id(),
            });
        }
        let mut looked = Ok(());
        walk.block(&block, &mut |found| {
            // What comes behind a fault says nothing that counts.
            if looked.is_ok() {
                looked = look.at(found);
            }
        });
        looked?;
        progress.fetch_add(1, Ordering::Relaxed);
    }
    let head = look.head;
    if head.next_position < tip.head.next_position {
        return Err(Error::TipAhead {
            dir: dir.to_owned(),
            first_missing: head.next_position,
            last_missing: tip.head.next_position - 1,
        });
    }
    Ok(Survey {
        head,
        torn: walk.into_begun().map(Torn),
    })
}

/// What was seen so far, beside the tip.
struct Look<'a> {
    dir: &'a Path,
    tip: &'a Slot,
    /// The end of the last whole commit.
    head: Head,
}

impl Look<'_> {
    /// Takes in a whole commit; a log with anything that does not fit is not opened. Up to the tip the chain was computed
    /// by whoever acknowledged it, and `check` recomputes it; what follows was never acknowledged and is about to be for
    /// the first time.
    fn at(&mut self, found: Found<'_>) -> Result<(), Error> {
        let damaged = |position: u64, found: &str| {
            Err(Error::Damaged {
                position,
                found: found.to_owned(),
            })
        };
        match found {
            Found::Commit(whole) => {
                self.head = Head {
                    next_position: whole.end,
                    commits: self.head.commits + 1,
                    last_commit_hash: whole.hash,
                };
                self.compare_with_tip()
            }
            Found::Defect(Defect::Missing { positions, .. }) => Err(Error::Missing {
                first_missing: positions.start,
                last_missing: positions.end - 1,
            }),
            Found::Defect(Defect::Twice { positions }) => damaged(
                positions.start,
                "the block before it holds the same positions",
            ),
            Found::Defect(Defect::OtherLog { log_id, .. }) => Err(Error::TipOfAnotherLog {
                tip: self.tip.log_id,
                data: log_id,
            }),
            Found::Defect(Defect::NoBeginning { positions }) => {
                damaged(positions.start, "the beginning of its commit is missing")
            }
            Found::Defect(Defect::Incomplete {
                positions,
                interrupted_at,
                ..
            }) => damaged(
                interrupted_at.unwrap_or(positions.end),
                "the commit before it is not complete",
            ),
            Found::Defect(Defect::Unchained { positions } | Defect::WrongHash { positions }) => {
                damaged(
                    positions.start,
                    "its commit does not have the hash that is stored with it",
                )
            }
        }
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

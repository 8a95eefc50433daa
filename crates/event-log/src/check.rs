//! The check of a whole log: everything that can be verified from the bytes alone, all of it, with
//! every problem named rather than the first.

use std::fmt;
use std::ops;

use crate::format::block::Block;
use crate::format::{chain::hex, tip};
use crate::walk::{Defect, Found, Walk};
use crate::{Error, Head, LogReader};

/// How often progress is told.
const BLOCKS_PER_PROGRESS: u64 = 256;

/// How far a check has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Progress {
    /// All before it has been looked at.
    pub position: u64,
    /// Where the check will end.
    pub next_position: u64,
}

/// The outcome of a check.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checked {
    /// The head that the check went up to.
    pub head: Head,
    /// Everything that is wrong, in order of position; empty if all is well.
    pub problems: Vec<LogProblem>,
}

/// One thing that is wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogProblem {
    /// The positions that it concerns.
    pub positions: ops::Range<u64>,
    /// What is wrong, as a sentence that names the positions.
    pub sentence: String,
}

impl fmt::Display for LogProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.sentence)
    }
}

impl LogProblem {
    fn at(positions: ops::Range<u64>, sentence: impl FnOnce(&str) -> String) -> Self {
        let at = if positions.end > positions.start + 1 {
            format!("{} to {}", positions.start, positions.end - 1)
        } else {
            positions.start.to_string()
        };
        Self {
            sentence: sentence(&at),
            positions,
        }
    }

    /// What is wrong with what the walk has come across, if anything is.
    fn of(found: Found<'_>) -> Option<Self> {
        let Found::Defect(fault) = found else {
            return None;
        };
        Some(match fault {
            Defect::Missing { positions, damaged } => Self::at(positions, |at| match damaged {
                Some(found) => format!("positions {at} are lost, their block is damaged: {found}"),
                None => format!("positions {at} are missing"),
            }),
            Defect::Twice { positions } => {
                Self::at(positions, |at| format!("positions {at} are there twice"))
            }
            Defect::OtherLog { positions, log_id } => Self::at(positions, |at| {
                format!("positions {at} are of log {log_id}")
            }),
            Defect::NoBeginning { positions } => Self::at(positions, |at| {
                format!(
                    "positions {at} cannot be verified: the beginning of their commit is missing or damaged"
                )
            }),
            Defect::Incomplete {
                positions,
                commit_records,
                ..
            } => Self::at(positions, |at| {
                format!(
                    "the commit at positions {at} is not complete: it has {commit_records} records"
                )
            }),
            Defect::Unchained { positions } => Self::at(positions, |at| {
                format!(
                    "the commit at positions {at} cannot be verified: what comes before it is missing or damaged"
                )
            }),
            Defect::WrongHash { positions } => Self::at(positions, |at| {
                format!(
                    "the commit at positions {at} does not have the hash that is stored with it: it, or the order of history, was changed"
                )
            }),
        })
    }
}

impl LogReader {
    /// Checks every checksum, that no position is missing, that commits are whole, the chain of commit
    /// hashes from the first commit on, and that the head and the tip file say the same.
    ///
    /// It may run while the log is appended to; it goes as far as the head was at its beginning. Damage
    /// is not an error but a [`LogProblem`].
    pub fn check(&self, progress: &mut dyn FnMut(Progress)) -> Result<Checked, Error> {
        let head = self.head();
        let mut walk = Walk::new(self.log_id(), 0);
        let mut problems = Vec::new();
        let mut blocks = 0;
        for entry in self.shared.store.from(0) {
            let mut found = |found: Found<'_>| problems.extend(LogProblem::of(found));
            match entry {
                Ok((key, _)) if key >= head.next_position => break,
                Ok((key, value)) => match Block::decode(key, value) {
                    Ok(block) => walk.block(&block, &mut found),
                    Err(Error::Damaged { found: how, .. }) => {
                        walk.damaged_block(key, how, &mut found);
                    }
                    Err(error) => walk.damaged_block(key, error.to_string(), &mut found),
                },
                Err(Error::Damaged { found, .. }) => {
                    let at = walk.expected();
                    problems.push(LogProblem::at(at..at, |_| {
                        format!("the log holds something else: {found}")
                    }));
                }
                Err(error) => {
                    // Nothing tells where the store becomes readable again.
                    let lost = walk.expected()..head.next_position;
                    problems.push(LogProblem::at(lost, |at| {
                        format!("positions {at} cannot be read: {error}")
                    }));
                    walk.skip_to(head.next_position);
                    break;
                }
            }
            blocks += 1;
            if blocks % BLOCKS_PER_PROGRESS == 0 {
                progress(Progress {
                    position: walk.expected().min(head.next_position),
                    next_position: head.next_position,
                });
            }
        }
        walk.end(head.next_position, &mut |found| {
            problems.extend(LogProblem::of(found));
        });
        let (commits, last) = walk.so_far();
        if problems.is_empty() && (commits, last) != (head.commits, Some(head.last_commit_hash)) {
            let counted = head.commits;
            problems.push(LogProblem::at(0..head.next_position, |at| {
                format!("positions {at} hold {commits} commits and end in another hash than the head, which counts {counted}")
            }));
        }
        problems.extend(self.check_tip(head)?);
        progress(Progress {
            position: head.next_position,
            next_position: head.next_position,
        });
        Ok(Checked { head, problems })
    }

    fn check_tip(&self, head: Head) -> Result<Option<LogProblem>, Error> {
        let problem = |sentence: String| {
            Ok(Some(LogProblem {
                positions: 0..head.next_position,
                sentence,
            }))
        };
        let slot = match tip::read(&self.shared.dir.join(tip::FILE_NAME)) {
            Ok(Some(tip)) => {
                // While the log is appended to, the slot in hand may be half written; the other one counts.
                if let Some(lost) = tip.lost.filter(|_| head == self.head()) {
                    return problem(format!("{lost} of the tip file"));
                }
                tip.slot
            }
            Ok(None) => return problem("the tip file is missing".to_owned()),
            Err(error @ Error::TipUnreadable { .. }) => return problem(error.to_string()),
            Err(error) => return Err(error),
        };
        if slot.log_id != self.log_id() {
            return problem(format!(
                "the tip is of log {} and the data of log {}",
                slot.log_id,
                self.log_id()
            ));
        }
        if slot.head == head || self.head().next_position > head.next_position {
            return Ok(None);
        }
        problem(format!(
            "the tip names next position {} with hash {}, and the log's head is next position {} with hash {}",
            slot.head.next_position,
            hex(&slot.head.last_commit_hash),
            head.next_position,
            hex(&head.last_commit_hash)
        ))
    }
}

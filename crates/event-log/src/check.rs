//! The check of a whole log: everything that can be verified from the bytes alone, all of it, with
//! every problem named rather than the first.

use std::fmt;
use std::ops;

use crate::block::{Block, Segment};
use crate::survey::hex;
use crate::{Error, Head, LogReader, chain, tip};

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
    pub problems: Vec<Problem>,
}

/// One thing that is wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// The positions that it concerns.
    pub positions: ops::Range<u64>,
    /// What is wrong, as a sentence that names the positions.
    pub sentence: String,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.sentence)
    }
}

impl LogReader {
    /// Checks every checksum, that no position is missing, that commits are whole, the chain of commit
    /// hashes from the first commit on, and that the head and the tip file say the same.
    ///
    /// It may run while the log is appended to; it goes as far as the head was at its beginning. Damage
    /// is not an error but a [`Problem`].
    pub fn check(&self, progress: &mut dyn FnMut(Progress)) -> Result<Checked, Error> {
        let head = self.head();
        let mut walk = Walk::new(self, head);
        let mut blocks = 0;
        for entry in self.shared.store.from(0) {
            match entry {
                Ok((key, _)) if key >= head.next_position => break,
                Ok((key, value)) => walk.step(key, Block::decode(key, value)),
                Err(Error::Damaged { found, .. }) => walk
                    .problem(walk.expected..walk.expected, |_| {
                        format!("the log holds something else: {found}")
                    }),
                Err(error) => {
                    // Nothing tells where the store becomes readable again.
                    walk.problem(walk.expected..head.next_position, |at| {
                        format!("positions {at} cannot be read: {error}")
                    });
                    walk.expected = head.next_position;
                    break;
                }
            }
            blocks += 1;
            if blocks % BLOCKS_PER_PROGRESS == 0 {
                progress(Progress {
                    position: walk.expected.min(head.next_position),
                    next_position: head.next_position,
                });
            }
        }
        walk.finish();
        let mut problems = walk.problems;
        problems.extend(self.check_tip(head)?);
        progress(Progress {
            position: head.next_position,
            next_position: head.next_position,
        });
        Ok(Checked { head, problems })
    }

    fn check_tip(&self, head: Head) -> Result<Option<Problem>, Error> {
        let problem = |sentence: String| {
            Ok(Some(Problem {
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

/// A commit whose end has not been seen yet.
struct Begun {
    first: Segment,
    leaves: Vec<[u8; 32]>,
}

struct Walk<'a> {
    reader: &'a LogReader,
    head: Head,
    expected: u64,
    commits: u64,
    /// The stored hash of the commit before, unknown after damage.
    previous: Option<[u8; 32]>,
    begun: Option<Begun>,
    /// What is wrong with the block that should hold the expected position.
    damaged: Option<String>,
    problems: Vec<Problem>,
}

impl<'a> Walk<'a> {
    fn new(reader: &'a LogReader, head: Head) -> Self {
        let previous = Some(chain::genesis_hash(reader.log_id()));
        Self {
            reader,
            head,
            expected: 0,
            commits: 0,
            previous,
            begun: None,
            damaged: None,
            problems: Vec::new(),
        }
    }

    fn problem(&mut self, positions: ops::Range<u64>, sentence: impl FnOnce(&str) -> String) {
        let at = if positions.end > positions.start + 1 {
            format!("{} to {}", positions.start, positions.end - 1)
        } else {
            positions.start.to_string()
        };
        self.problems.push(Problem {
            sentence: sentence(&at),
            positions,
        });
    }

    fn step(&mut self, key: u64, block: Result<Block, Error>) {
        let block = match block {
            Ok(block) => block,
            Err(error) => {
                self.miss(key);
                let found = if let Error::Damaged { found, .. } = &error {
                    found.clone()
                } else {
                    error.to_string()
                };
                // It does not say how far it goes; the next key does.
                self.damaged = Some(found);
                return;
            }
        };
        self.miss(key);
        if key < self.expected {
            self.lose_the_chain();
            self.problem(key..self.expected, |at| {
                format!("positions {at} are there twice")
            });
        }
        if block.log_id() != self.reader.log_id() {
            let positions = key..block.next_position();
            self.problem(positions, |at| {
                format!("positions {at} are of log {}", block.log_id())
            });
        }
        for segment in block.segments() {
            self.take(&block, &segment);
        }
        self.expected = block.next_position();
    }

    /// Reports what is not there before a position.
    fn miss(&mut self, next: u64) {
        let damaged = self.damaged.take();
        if damaged.is_some() || next > self.expected {
            self.lose_the_chain();
            let lost = self.expected..next.max(self.expected);
            self.expected = lost.end;
            self.problem(lost, |at| match damaged {
                Some(found) => format!("positions {at} are lost, their block is damaged: {found}"),
                None => format!("positions {at} are missing"),
            });
        }
    }

    /// Nothing can be said of the commit in hand, nor of how the next one is chained.
    fn lose_the_chain(&mut self) {
        self.previous = None;
        self.begun = None;
    }

    fn take(&mut self, block: &Block, segment: &Segment) {
        if segment.index == 0 {
            if let Some(begun) = self.begun.take() {
                self.incomplete(&begun);
            }
            self.begun = Some(Begun {
                first: *segment,
                leaves: Vec::new(),
            });
        }
        let Some(begun) = &mut self.begun else {
            // Its beginning was lost; once its end is seen, its stored hash chains the next commit.
            if segment.index + segment.count == segment.commit_records {
                self.previous = Some(segment.hash);
                self.commits += 1;
            }
            self.problem(segment.first_position..segment.end(), |at| {
                format!("positions {at} cannot be verified: the beginning of their commit is missing or damaged")
            });
            return;
        };
        let goes_on = segment.index as usize == begun.leaves.len()
            && segment.hash == begun.first.hash
            && segment.commit_records == begun.first.commit_records;
        if !goes_on {
            let begun = self.begun.take();
            if let Some(begun) = begun {
                self.incomplete(&begun);
            }
            return;
        }
        begun
            .leaves
            .extend(block.headers_of(segment).map(chain::leaf_hash));
        if begun.leaves.len() < segment.commit_records as usize {
            return;
        }
        let Some(Begun { first, leaves }) = self.begun.take() else {
            return;
        };
        let positions = first.first_position..segment.end();
        match self.previous {
            None => self.problem(positions, |at| format!("the commit at positions {at} cannot be verified: what comes before it is missing or damaged")),
            Some(previous) if chain::commit_hash(&previous, positions.start, &leaves) != segment.hash => {
                self.problem(positions, |at| format!("the commit at positions {at} does not have the hash that is stored with it: it, or the order of history, was changed"));
            }
            Some(_) => {}
        }
        self.previous = Some(segment.hash);
        self.commits += 1;
    }

    fn incomplete(&mut self, begun: &Begun) {
        let start = begun.first.first_position;
        let all = begun.first.commit_records;
        self.problem(start..start + begun.leaves.len() as u64, |at| {
            format!("the commit at positions {at} is not complete: it has {all} records")
        });
        self.previous = None;
    }

    fn finish(&mut self) {
        if let Some(begun) = self.begun.take() {
            self.incomplete(&begun);
        }
        self.miss(self.head.next_position);
        let Head {
            next_position,
            commits,
            last_commit_hash,
        } = self.head;
        let counted = self.commits;
        if self.problems.is_empty() && (counted, self.previous) != (commits, Some(last_commit_hash))
        {
            self.problem(0..next_position, |at| {
                format!("positions {at} hold {counted} commits and end in another hash than the head, which counts {commits}")
            });
        }
    }
}

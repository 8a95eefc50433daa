//! The log: the one place where history is kept, on sled 0.34.7 wrapped so that an acknowledged
//! append survives a power cut and damage is said rather than served.
//!
//! **What it is.** An append-only sequence of *records* (a header and data, both opaque bytes) at
//! dense positions from 0, grouped into *commits* that are all there or not at all. One
//! [`EventLog`] appends; any number of [`LogReader`]s read what is durable.
//!
//! **What it is not.** It knows no event by name and no JSON. It has no delete and no update. It is
//! not a message queue: nobody is told of an append. No type of sled appears in its interface, so
//! that another store can take its place.
//!
//! **Where to start reading.** [`EventLog::append`] in `append.rs` is the order of writes that
//! everything rests on; `open.rs` is what is demanded before a log is served; `walk.rs` goes over the
//! blocks for whoever looks at all of them; `format/` has what is on disk and the hashing, and
//! `sled_store/` holds sled at arm's length.
//!
//! # On disk
//!
//! ```text
//! <folder>/lock         held (flock) by the one process that has the log open
//! <folder>/tip          how far the log was acknowledged: two slots, see below
//! <folder>/blocks/      a sled 0.34.7 database with segments of 8 MiB; its default tree holds the blocks
//! <folder>/quarantine/  files of sled that would have kept it from opening, moved aside
//! ```
//!
//! All integers are big-endian.
//!
//! ## Hashes
//!
//! ```text
//! leaf(record)   = SHA-256( 0x00 || header )                       the RFC 6962 leaf hash
//! genesis        = SHA-256( "redress.event-log.genesis.v1" || log id (16 bytes) )
//! hash(commit)   = SHA-256( "redress.event-log.commit.v1" || hash of the previous commit, or genesis
//!                           || first position (u64) || record count (u64) || leaf || leaf || ... )
//! ```
//!
//! Commits are chained, not blocks: blocks may be packed anew without touching history. Data bytes
//! are not hashed here. The header is expected to hold a hash of them, so that data can be erased
//! one day while every proof still holds; against accidents they are covered by the block's checksum.
//!
//! ## Block
//!
//! A block is the value of one key of sled, at most 65,536 bytes; it is filled to 32 KiB, beyond which
//! only a single large record makes it grow. The key is the position of its
//! first record (u64). It holds one or more *segments*, each a run of records of one commit; a commit
//! larger than a block continues as further segments at the start of the following blocks, written
//! in the same batch.
//!
//! ```text
//! block    = crc32c of all that follows (u32) || format = 1 (u16) || segments (u16)
//!            || log id (16) || first position (u64) || segment ...
//! segment  = hash of the whole commit (32) || records of the whole commit (u32)
//!            || index within the commit of the segment's first record (u32)
//!            || records in this segment (u32) || record ...
//! record   = header length (u32) || data length (u32) || header || data
//! ```
//!
//! ## Tip
//!
//! The tip file is 8,192 bytes: one slot at 0, one at 4,096, written in turns, so that a torn write
//! costs one of them at most. The valid slot of the higher generation counts.
//!
//! ```text
//! slot     = "RDRS-TIP" || format = 1 (u32) || log id (16) || generation (u64)
//!            || next position, which is the last position plus one (u64) || commits (u64)
//!            || hash of the last commit, or genesis (32) || crc32c of all before (u32)
//! ```
//!
//! # What is found when
//!
//! Opening reads every block: checksums, gaps, whole commits, the log id, and the tip's commit with its
//! hash; the chain is recomputed for commits after the tip. [`LogReader::check`] recomputes the chain
//! of the whole log. Reads check the checksum of each block they touch and refuse a gap.
//!
//! # What it cannot promise
//!
//! After a sync that failed, the system may show data that it has given up writing. A log that is opened
//! again before the machine was restarted then keeps commits after the tip that are not on the device,
//! and advances its tip to them. A power cut afterwards shows as a tip ahead of the log, which is refused:
//! loudly, but a backup is needed. Look at the disk before the process is started again.
//!
//! A history that somebody rewrote from some commit on, with all hashes after it and the tip, is whole in
//! itself. Only a hash kept elsewhere, such as a published head, tells.
//!
//! Opening is not read-only: sled itself writes while it recovers. Look into a damaged log in a copy.

mod append;
mod check;
mod error;
mod files;
mod format;
mod open;
mod read;
mod sled_store;
mod survey;
mod walk;
mod watch;

use std::fmt;
use std::str::FromStr;

pub use append::EventLog;
pub use check::{Checked, LogProblem, Progress};
pub use error::{Error, Fault};
pub use format::block::{Block, MAX_BLOCK_BYTES, MAX_RECORD_BYTES, Record, Records, StoredRecord};
pub use format::chain::{commit_hash, genesis_hash, leaf_hash};
pub use open::OpenReport;
pub use read::{Blocks, CommitPlace, LogReader, Range, ReadMany};

/// The identity of a log, drawn at random by whoever creates it; shown as 32 lower-case hex digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct LogId(pub [u8; 16]);

impl fmt::Display for LogId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

/// The text is not a log id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a log id: 32 lower-case hex digits are expected")]
pub struct NotALogId;

impl FromStr for LogId {
    type Err = NotALogId;

    fn from_str(text: &str) -> Result<Self, NotALogId> {
        // from_str_radix takes a sign and capitals; one id must have one spelling.
        let one_spelling = text.len() == 32
            && text
                .bytes()
                .all(|digit| matches!(digit, b'0'..=b'9' | b'a'..=b'f'));
        if !one_spelling {
            return Err(NotALogId);
        }
        u128::from_str_radix(text, 16)
            .map(|number| Self(number.to_be_bytes()))
            .map_err(|_| NotALogId)
    }
}

/// A record to append.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OwnedRecord {
    /// What the chain of hashes covers, for ever.
    pub header: Vec<u8>,
    /// What the checksum of the block covers; the header must hold a hash of it.
    pub data: Vec<u8>,
}

/// Records that are written all or not at all. It must not be empty.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Commit {
    /// In the order of their positions.
    pub records: Vec<OwnedRecord>,
}

/// How far the log goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Head {
    /// The position that the next record will get; equally the number of records.
    pub next_position: u64,
    /// The number of commits.
    pub commits: u64,
    /// The hash of the last commit; of an empty log, [`genesis_hash`] of its id.
    pub last_commit_hash: [u8; 32],
}

impl Head {
    pub(crate) fn of_empty_log(log_id: LogId) -> Self {
        Self {
            next_position: 0,
            commits: 0,
            last_commit_hash: genesis_hash(log_id),
        }
    }
}

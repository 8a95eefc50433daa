//! The inner shell of Redress: one writer that takes commands, asks the rules, writes what they come to,
//! and only then answers.
//!
//! What it is not: it knows no network and no rule. It stamps times, keeps the order of receipt, makes what
//! the platform of the rules decides last, and brings back into memory what that needs to see.
//!
//! Start with `writer.rs`, the loop that everything rests on, then `processor.rs`, what a command and a deadline come
//! to; `doubt.rs` is when the clock is believed, `heartbeat.rs`, `cursor.rs` and `rollback.rs` what the files beside the
//! log know of it; `memory.rs` is what is kept, `start.rs` and `snapshot.rs` how it is found again, `snapshot_check.rs`
//! how that is verified.

mod audit;
mod backfill;
mod beside;
mod clock;
mod cursor;
mod doubt;
mod error;
mod heartbeat;
mod history;
mod intake;
mod lately;
mod memory;
mod parse_ahead;
mod processor;
mod reading_room;
mod recorded;
mod rollback;
mod snapshot;
mod snapshot_check;
mod start;
mod submission;
#[cfg(test)]
mod testing;
mod views;
mod writer;

pub use enforcement_rules::Hold;

pub use self::{
    audit::LogRules,
    backfill::{Backfill, BackfillLine, BackfillOutcome, RefusedLine},
    clock::{BootId, Clock, Reading, is_beyond_belief, now},
    cursor::{CURSOR_FILE, Cursor},
    error::Error,
    heartbeat::HEARTBEAT_FILE,
    intake::{Intake, NotTaken},
    parse_ahead::{Which, for_each},
    processor::Processor,
    reading_room::ReadingRoom,
    recorded::{Recorded, Stored},
    rollback::{Contradiction, refuse_another_log, refuse_what_a_log_left},
    snapshot::SNAPSHOT_FILE,
    snapshot_check::SnapshotCheck,
    start::{FORMAT, StartReport},
    submission::{Answer, Decided, Submission},
    views::{FreshEvents, Looked, Page, Views, ViewsFeed, show},
    writer::{Writer, WriterStatus},
};

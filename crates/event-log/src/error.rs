//! What can go wrong, each with where, what was found, and what to do about it.

use std::io;
use std::path::PathBuf;

use crate::LogId;

/// What the underlying store said when it failed, or the words of its panic.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Fault(pub(crate) String);

/// The world failed, or the caller asked for what a log cannot hold. Display says all of it in a sentence, the cause
/// included.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// Another process, or another handle of this one, has the log open.
    #[error(
        "log {dir} is open in another process, or still in this one: stop it first, or read a backup"
    )]
    InUse {
        /// The log's folder.
        dir: PathBuf,
    },
    /// The clock says a time at which the store cannot be opened.
    #[error(
        "the clock of this machine says a time before 1970, at which the store cannot be opened: set the clock and start again; \
         the log is as it was"
    )]
    ClockBefore1970,
    /// There is neither data nor a tip.
    #[error("no log at {dir}: create one, or point to the folder that holds `tip` and `blocks`")]
    Absent {
        /// The log's folder.
        dir: PathBuf,
    },
    /// A log is created in an empty or absent folder only.
    #[error(
        "cannot create a log at {dir}: the folder already holds `{found}`; choose an empty folder"
    )]
    CreateOccupied {
        /// The log's folder.
        dir: PathBuf,
        /// What lies in it.
        found: String,
    },
    /// A folder or a file of the log could not be created.
    #[error(
        "cannot create {path}: {source}. Who runs this program must be able to write in the folder, and its disk must have room"
    )]
    Create {
        /// The file or folder.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The lock file could not be opened or locked.
    #[error(
        "cannot lock {path}: {source}. Who runs this program must be able to read and write it; it is empty, and made again where it is missing"
    )]
    Lock {
        /// The lock file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// A folder or a file of the store could not be read.
    #[error(
        "cannot read {path}: {source}. Who runs this program must be able to read and write all that is in the folder, and its disk must be well"
    )]
    ReadStore {
        /// The folder or the file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// What stands in the place of a file is none.
    #[error(
        "{path} is a folder, a pipe, a device or a link to nowhere, and should be a file: move it away. Put the file from the latest backup in its place, unless it is `lock`, which is made again"
    )]
    NoFile {
        /// Where the file should be.
        path: PathBuf,
    },
    /// The data file is longer than it can be.
    #[error(
        "{path} is {bytes} bytes long, which is more than the {events} events that the tip counts can take: it was lengthened, by a copy that broke off or by a tool. Restore `blocks` and `tip` from the latest backup, or keep a copy and cut it off behind its last byte that is not zero"
    )]
    Lengthened {
        /// The data file.
        path: PathBuf,
        /// Its length.
        bytes: u64,
        /// What the tip counts.
        events: u64,
    },
    /// A leftover file of the store could not be moved aside.
    #[error("cannot move {path} into quarantine: {source}")]
    Quarantine {
        /// The leftover.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The tip file could not be read.
    #[error(
        "cannot open the tip file {path}: {source}. Who runs this program must be able to read and write it, and its disk must be well"
    )]
    ReadTip {
        /// The tip file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The tip file could not be written or brought to the device. Nothing must be acknowledged any more.
    #[error(
        "cannot write the tip file {path}: {source}. Nothing is retried; start again once the disk is well. What was not answered may or may not be in the log then, and is sent again with the same id"
    )]
    WriteTip {
        /// The tip file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The data could not be brought to the device. Nothing must be acknowledged any more.
    #[error(
        "cannot bring {path} to the device: {source}. Nothing is retried; start again once the disk is well. What was not answered may or may not be in the log then, and is sent again with the same id"
    )]
    SyncData {
        /// The data file, or a folder.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// There is data, but no tip that says how far it was acknowledged.
    #[error(
        "the tip file {path} is missing although {dir} holds data, so nobody can tell whether the data is complete: restore `tip` from the latest backup"
    )]
    TipMissing {
        /// Where the tip file should be.
        path: PathBuf,
        /// The log's folder.
        dir: PathBuf,
    },
    /// Neither slot of the tip file is valid.
    #[error(
        "neither slot of the tip file {path} is valid ({found}): restore `tip` from the latest backup"
    )]
    TipUnreadable {
        /// The tip file.
        path: PathBuf,
        /// What is wrong with the slots.
        found: String,
    },
    /// One slot is damaged and the log ends where the other one says: a newer slot may have named more.
    #[error(
        "{found} of the tip file {path}, and the log ends at the remaining slot (next position {next_position}), so acknowledged commits after it \
         may be lost: restore `tip` from the latest backup, and `blocks` too if the log then turns out to be short"
    )]
    TipSlotLost {
        /// The tip file.
        path: PathBuf,
        /// Which slot is damaged, and how.
        found: String,
        /// What the remaining slot says.
        next_position: u64,
    },
    /// The tip says that there must be data, and there is none.
    #[error(
        "the data in {path} is missing although the tip says that positions 0 to {last_position} were acknowledged: restore `blocks` from the latest backup"
    )]
    DataMissing {
        /// Where the data should be.
        path: PathBuf,
        /// The last acknowledged position.
        last_position: u64,
    },
    /// The log ends before the tip.
    #[error(
        "the log {dir} ends before its tip: positions {first_missing} to {last_missing} were acknowledged and are missing; \
         restore `blocks` and `tip` from the latest backup"
    )]
    TipAhead {
        /// The log's folder.
        dir: PathBuf,
        /// The first position that is not there.
        first_missing: u64,
        /// The last acknowledged position.
        last_missing: u64,
    },
    /// The log goes past the tip, but has another commit at its place.
    #[error(
        "the log {dir} does not agree with its tip: {found}; restore `blocks` and `tip` from one and the same backup"
    )]
    TipDisagrees {
        /// The log's folder.
        dir: PathBuf,
        /// What differs.
        found: String,
    },
    /// Tip and data are of two logs.
    #[error(
        "the tip is of log {tip} and the data of log {data}: restore the `tip` that belongs to `blocks`"
    )]
    TipOfAnotherLog {
        /// The log that the tip is of.
        tip: LogId,
        /// The log that the data is of.
        data: LogId,
    },
    /// Positions are missing in the midst of the log.
    #[error(
        "positions {first_missing} to {last_missing} are missing from the log: restore `blocks` and `tip` from the latest backup"
    )]
    Missing {
        /// The first position that is not there.
        first_missing: u64,
        /// The last position that is not there.
        last_missing: u64,
    },
    /// What is stored under a position is not what was written.
    #[error(
        "the block at position {position} is damaged: {found}; restore `blocks` and `tip` from the latest backup"
    )]
    Damaged {
        /// The position at which the block begins.
        position: u64,
        /// What is wrong with it.
        found: String,
    },
    /// The store could not be opened.
    #[error(
        "cannot open the store {path}, and none of its {acknowledged_records} acknowledged records can be read; unless the disk is full or unreadable, restore `blocks` and `tip` from the latest backup (the store says: {source})"
    )]
    OpenStore {
        /// The folder of the store.
        path: PathBuf,
        /// How many records the tip names; none can be read.
        acknowledged_records: u64,
        /// What it said.
        source: Fault,
    },
    /// The store could not be opened for what is not in it.
    #[error(
        "cannot open the store {path}: {source}. What is in it is as it was: see that who runs this program can read and write all that is in the folder, and that its disk has room, and start again"
    )]
    StoreKeptOut {
        /// The folder of the store.
        path: PathBuf,
        /// What it said.
        source: Fault,
    },
    /// The store hangs while it is opened, as it does on some kinds of damage.
    #[error(
        "cannot open the store {path}: no progress for {waited_seconds} s, which damage can cause; end this process and restore `blocks` and `tip` from the latest backup"
    )]
    OpenHangs {
        /// The folder of the store.
        path: PathBuf,
        /// How long it was waited for.
        waited_seconds: u64,
    },
    /// The store could not be read.
    #[error(
        "the log cannot be read from position {position} on: its file is damaged or the disk fails there; restore `blocks` and `tip` from the latest backup (the store says: {source})"
    )]
    Read {
        /// The position that was looked for; or all before it was read.
        position: u64,
        /// What the store said.
        source: Fault,
    },
    /// The store did not take what was appended.
    #[error(
        "cannot append to the log at position {position}: {source}. Nothing is retried; start again once the disk is well and has room. What was not answered may or may not be in the log then, and is sent again with the same id"
    )]
    Append {
        /// The first position of the group.
        position: u64,
        /// What the store said.
        source: Fault,
    },
    /// A commit without a record. Nothing was written.
    #[error("cannot append commit {index} of the group: it holds no record")]
    EmptyCommit {
        /// Which commit of the group.
        index: usize,
    },
    /// A record beyond [`MAX_RECORD_BYTES`](crate::MAX_RECORD_BYTES). Nothing was written.
    #[error(
        "cannot append a record of {bytes} bytes: at most {max} fit; keep large evidence elsewhere and its hash here"
    )]
    RecordTooLarge {
        /// Header and data together.
        bytes: usize,
        /// What is allowed.
        max: usize,
    },
    /// An earlier append failed, so what is on disk is unknown until the log is opened again.
    #[error(
        "cannot append to the log: an earlier append failed; stop the process and open the log again"
    )]
    Poisoned,
}

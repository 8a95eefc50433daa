//! The snapshot of the caches: a file beside the log, so that a start need not fold all of history.
//!
//! It holds no state, only where in the log the events are that make it: the heads of all streams, the positions of the
//! events of open cases, of long ones and of those that matter for ever, and which cases an account has. State is only
//! ever made by folding events, and a start folds no event for it that it would not have folded without it. A start takes
//! those positions at their word, and `redress verify` holds them against the log (`snapshot_check.rs`). A file that is
//! missing, damaged, or of another version is left out and made again; one of another log is kept aside. One that knows
//! of other events than the log has is not written over: nothing is served before somebody has looked (`rollback.rs`).
//!
//! ```text
//! file  = "RDRS-CCH" || version = 5 (u32) || log id (32 hex) || next position (u64)
//!         || hash of the last commit (32) || last time (i64 microseconds)
//!         || heads:    count (u64), each key (u128), position (u64), revision (u64)
//!         || lasting:  count (u64), each position (u64), ascending
//!         || open:     count (u64), each position (u64), ascending
//!         || accounts: count (u64), each account id, count (u64), case ids
//!         || SHA-256 of all before (32)
//! id    = length (u8) || bytes; integers are big-endian
//! ```

use std::{
    collections::HashMap,
    fs::{self, File},
    io::{self, Write as _},
    path::Path,
};

use event_log::{Head, LogId, LogReader};
use events_schema::{AccountId, CaseId, Instant};
use sha2::{Digest as _, Sha256};

use crate::{
    Contradiction, Error, Processor,
    beside::{self, InPlace, create_anew, set_aside_foreign, set_aside_no_file},
    memory::{Memory, StreamHead, StreamKey},
};

const MAGIC: &[u8; 8] = b"RDRS-CCH";
const VERSION: u32 = 5;

/// The name of the file in the data folder.
pub const SNAPSHOT_FILE: &str = "caches.snapshot";

/// The name under which a new one is written.
const NEW_FILE: &str = "caches.new";

/// What was found in place of a snapshot.
pub(crate) enum Loaded {
    /// No file.
    None,
    /// A file that cannot be used, and why.
    Refused(String),
    /// A file of this log that knows of other events than the log, and how. It cannot be used either.
    Contradicts(Contradiction),
    /// A snapshot that fits the log.
    Snapshot(Box<Snapshot>),
}

pub(crate) struct Snapshot {
    pub(crate) next_position: u64,
    pub(crate) last_time: Instant,
    pub(crate) heads: HashMap<StreamKey, StreamHead>,
    pub(crate) lasting: Vec<u64>,
    /// The positions of the events of open cases, ascending.
    pub(crate) open: Vec<u64>,
    pub(crate) cases_of_accounts: Vec<(AccountId, Vec<CaseId>)>,
}

/// Writes a snapshot of what is on disk. A failure is reported and costs nothing but the next start's
/// time.
pub(crate) fn write(processor: &Processor) {
    let path = processor.dir().join(SNAPSHOT_FILE);
    let log_id = processor.reader().log_id();
    let written = processor.last_time().map(|last_time| {
        let bytes = encode(log_id, processor.head(), last_time, processor.memory());
        let named = log_named(processor.dir())?;
        if named.is_some_and(|named| named != log_id.to_string()) {
            set_aside_foreign(processor.dir(), SNAPSHOT_FILE)?;
        }
        replace(processor.dir(), &bytes)
    });
    match written {
        None | Some(Ok(())) => {}
        Some(Err(error)) => {
            tracing::warn!(%error, path = %path.display(), "the snapshot of the caches was not written");
        }
    }
}

/// Which log a snapshot says it is of, in whatever version. What is cut short or damaged names none.
pub(crate) fn log_named(dir: &Path) -> io::Result<Option<String>> {
    let InPlace::File(begin) = beside::read(&dir.join(SNAPSHOT_FILE), 44)? else {
        return Ok(None);
    };
    let named = begin.strip_prefix(MAGIC).and_then(|rest| rest.get(4..));
    let named = named.filter(|named| named.len() == 32 && named.iter().all(u8::is_ascii_hexdigit));
    Ok(named.map(|named| String::from_utf8_lossy(named).into_owned()))
}

/// Writes aside, syncs, renames, syncs the folder.
fn replace(dir: &Path, bytes: &[u8]) -> io::Result<()> {
    let path = dir.join(SNAPSHOT_FILE);
    if beside::read(&path, 0)? == InPlace::NoFile {
        set_aside_no_file(dir, SNAPSHOT_FILE)?;
    }
    let mut file = create_anew(dir, NEW_FILE)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    fs::rename(dir.join(NEW_FILE), path)?;
    File::open(dir)?.sync_all()
}

/// What a snapshot takes at most of each event of the log: a stream begins with it, or an open case that matters for
/// ever, of an account that has no other.
const BYTES_PER_EVENT_MAX: u64 = 32 + 8 + 8 + (1 + 64 + 8) + (1 + 64);

/// What it takes beside that: what comes before the first count, four counts, and the digest.
const BYTES_BESIDE: u64 = 8 + 4 + 32 + 8 + 32 + 8 + 4 * 8 + 32;

/// How long a snapshot that begins so can be.
fn bytes_max(begin: &[u8]) -> Option<u64> {
    let next_position = begin.get(44..52)?.try_into().ok().map(u64::from_be_bytes)?;
    let of_events = next_position.checked_mul(BYTES_PER_EVENT_MAX)?;
    of_events.checked_add(BYTES_BESIDE)
}

/// What memory holds that was folded from a log up to this head.
pub(crate) fn encode(log_id: LogId, head: Head, last_time: Instant, memory: &Memory) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(64 + memory.heads.len() * 32);
    bytes.extend_from_slice(MAGIC);
    bytes.extend_from_slice(&VERSION.to_be_bytes());
    bytes.extend_from_slice(log_id.to_string().as_bytes());
    bytes.extend_from_slice(&head.next_position.to_be_bytes());
    bytes.extend_from_slice(&head.last_commit_hash);
    bytes.extend_from_slice(&last_time.microseconds().to_be_bytes());

    put_count(&mut bytes, memory.heads.len());
    for (key, head) in &memory.heads {
        bytes.extend_from_slice(&key.to_be_bytes());
        bytes.extend_from_slice(&head.position.to_be_bytes());
        bytes.extend_from_slice(&head.revision.to_be_bytes());
    }
    put_count(&mut bytes, memory.lasting.len());
    for position in &memory.lasting {
        bytes.extend_from_slice(&position.to_be_bytes());
    }
    let open = memory.events_of_cases_in_memory();
    put_count(&mut bytes, open.len());
    for position in open {
        bytes.extend_from_slice(&position.to_be_bytes());
    }
    put_count(&mut bytes, memory.cases_of_accounts.len());
    for (account, cases) in &memory.cases_of_accounts {
        put_id(&mut bytes, account.as_str());
        put_count(&mut bytes, cases.len());
        for case in cases {
            put_id(&mut bytes, case.as_str());
        }
    }
    let digest = Sha256::digest(&bytes);
    bytes.extend_from_slice(&digest);
    bytes
}

fn put_count(bytes: &mut Vec<u8>, count: usize) {
    bytes.extend_from_slice(&(count as u64).to_be_bytes());
}

fn put_id(bytes: &mut Vec<u8>, id: &str) {
    // Identifiers have at most 64 bytes.
    bytes.push(u8::try_from(id.len()).unwrap_or(u8::MAX));
    bytes.extend_from_slice(id.as_bytes());
}

/// # Errors
/// When the log cannot be read.
pub(crate) fn read(dir: &Path, reader: &LogReader) -> Result<Loaded, Error> {
    let bytes = match read_whole(&dir.join(SNAPSHOT_FILE)) {
        Ok(InPlace::File(bytes)) => bytes,
        Ok(InPlace::Nothing) => return Ok(Loaded::None),
        Ok(InPlace::NoFile) => return Ok(Loaded::Refused("it is no file".to_owned())),
        Err(error) => return Ok(Loaded::Refused(format!("it cannot be read: {error}"))),
    };
    match decode(&bytes, reader) {
        Ok(snapshot) => Ok(Loaded::Snapshot(Box::new(snapshot))),
        Err(Unfit::Useless(why)) => Ok(Loaded::Refused(why)),
        Err(Unfit::Contradicts(why)) => Ok(Loaded::Contradicts(why)),
        Err(Unfit::Unknown(error)) => Err(error),
    }
}

/// All of the file, or its beginning alone where it is longer than what begins so can be.
fn read_whole(path: &Path) -> io::Result<InPlace> {
    let InPlace::File(begin) = beside::read(path, BYTES_BESIDE)? else {
        return beside::read(path, 0);
    };
    let length = fs::metadata(path)?.len();
    match bytes_max(&begin).filter(|max| length <= *max) {
        Some(max) => beside::read(path, max),
        None => Ok(InPlace::File(begin)),
    }
}

/// Why a file is not used.
enum Unfit {
    Useless(String),
    Contradicts(Contradiction),
    /// The log could not be asked.
    Unknown(Error),
}

impl From<String> for Unfit {
    fn from(why: String) -> Self {
        Self::Useless(why)
    }
}

fn decode(bytes: &[u8], reader: &LogReader) -> Result<Snapshot, Unfit> {
    let damaged = || "it is damaged".to_owned();
    let (content, digest) = bytes
        .len()
        .checked_sub(32)
        .and_then(|at| bytes.split_at_checked(at))
        .ok_or_else(damaged)?;
    if Sha256::digest(content).as_slice() != digest {
        return Err(damaged().into());
    }
    let mut cursor = Unread(content);
    if cursor.take(8)? != MAGIC || u32::from_be_bytes(cursor.array()?) != VERSION {
        return Err("it is of another version".to_owned().into());
    }
    if cursor.take(32)? != reader.log_id().to_string().as_bytes() {
        return Err("it is of another log".to_owned().into());
    }
    let next_position = cursor.number()?;
    let commit: [u8; 32] = cursor.array()?;
    if let Some(how) =
        Contradiction::of(SNAPSHOT_FILE, next_position, commit, reader).map_err(Unfit::Unknown)?
    {
        return Err(Unfit::Contradicts(how));
    }
    let last_time = Instant::from_microseconds(i64::from_be_bytes(cursor.array()?));
    let count = cursor.number()?;
    let mut heads = HashMap::with_capacity(cursor.room_for(count, 32));
    for _ in 0..count {
        let key = u128::from_be_bytes(cursor.array()?);
        let position = cursor.number()?;
        let revision = cursor.number()?;
        heads.insert(key, StreamHead { position, revision });
    }
    let count = cursor.number()?;
    let mut lasting = Vec::with_capacity(cursor.room_for(count, 8));
    for _ in 0..count {
        lasting.push(cursor.number()?);
    }
    let count = cursor.number()?;
    let mut open = Vec::with_capacity(cursor.room_for(count, 8));
    for _ in 0..count {
        open.push(cursor.number()?);
    }
    let count = cursor.number()?;
    let mut cases_of_accounts = Vec::with_capacity(cursor.room_for(count, 1 + 8));
    for _ in 0..count {
        let account = cursor.id()?;
        let count = cursor.number()?;
        let mut cases = Vec::with_capacity(cursor.room_for(count, 1));
        for _ in 0..count {
            cases.push(cursor.id()?);
        }
        cases_of_accounts.push((account, cases));
    }
    Ok(Snapshot {
        next_position,
        last_time,
        heads,
        lasting,
        open,
        cases_of_accounts,
    })
}

/// Reads the content front to back. The digest has been checked, so what does not fit is of a version that
/// forgot to say so.
struct Unread<'a>(&'a [u8]);

impl<'a> Unread<'a> {
    fn take(&mut self, length: usize) -> Result<&'a [u8], String> {
        let (taken, rest) = self
            .0
            .split_at_checked(length)
            .ok_or_else(|| "it ends too early".to_owned())?;
        self.0 = rest;
        Ok(taken)
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N], String> {
        self.take(N)?
            .try_into()
            .map_err(|_| "it ends too early".to_owned())
    }

    fn number(&mut self) -> Result<u64, String> {
        Ok(u64::from_be_bytes(self.array()?))
    }

    /// For how many of so many parts, of so many bytes each at the least, room is made at once: no more than can be
    /// there.
    fn room_for(&self, count: u64, bytes_each: usize) -> usize {
        let most = self.0.len() / bytes_each.max(1);
        usize::try_from(count).map_or(most, |count| count.min(most))
    }

    fn id<Id: std::str::FromStr>(&mut self) -> Result<Id, String> {
        let [length] = self.array()?;
        std::str::from_utf8(self.take(usize::from(length))?)
            .ok()
            .and_then(|text| text.parse().ok())
            .ok_or_else(|| "it holds something that is no identifier".to_owned())
    }
}

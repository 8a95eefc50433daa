//! Sled at arm's length: every call is guarded against a panic, the open against a hang as well, and
//! the data file is synced through a descriptor of our own.

use std::any::Any;
use std::cell::Cell;
use std::fmt;
use std::fs::File;
use std::ops::Bound;
use std::panic::{self, AssertUnwindSafe};
use std::path::{Path, PathBuf};
use std::sync::Once;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, Instant, SystemTime};

use crate::format::block::{Block, MAX_BLOCK_BYTES, StoredBytes};
use crate::{Error, Fault};

pub(crate) const FOLDER_NAME: &str = "blocks";
pub(crate) const DATA_FILE_NAME: &str = "db";

/// Sled keeps up to 17 values in a page, writes pages whole from time to time, and puts what is larger
/// than a quarter of a segment into a file of its own, which it never syncs. 17 blocks of 64 KiB must
/// therefore stay below a quarter of this; with sled's default of 512 KiB acknowledged commits would
/// come to rest in files that a power cut empties. The size is fixed when a database is created.
const SEGMENT_BYTES: usize = 8 * 1024 * 1024;
const _: () = assert!(17 * (MAX_BLOCK_BYTES + 1024) < SEGMENT_BYTES / 4);
/// See [`touch`].
const BYTES_PER_TOUCH: usize = 5 * 1024;
const CACHE_BYTES: u64 = 64 * 1024 * 1024;
/// Also the beat of sled's garbage collector, which does not run without it.
const FLUSH_EVERY_MS: u64 = 1000;
/// A dropped sled frees its lock from threads of its own, late.
const LOCK_PATIENCE: Duration = Duration::from_secs(1);

/// What is to be stored under positions, and where there is nothing, to be taken out.
pub(crate) type Changes = Vec<(u64, Option<Vec<u8>>)>;

/// The database, and what makes a sync of it mean something.
pub(crate) struct Store {
    db: sled::Db,
    /// An error of fsync is reported once per descriptor, so sled's own would hide it from us.
    data_file: File,
    data_path: PathBuf,
    syncs: AtomicU64,
    /// Held until the database is gone; fields are dropped in this order.
    _lock: std::sync::Arc<File>,
}

impl fmt::Debug for Store {
    /// Sled's own prints every value, and the values hold what must not get into a trace.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Store")
            .field("data_path", &self.data_path)
            .finish_non_exhaustive()
    }
}

impl Store {
    /// Opens or creates the database. It may hang on damage: call it where it is watched.
    pub(crate) fn open(
        path: &Path,
        acknowledged_records: u64,
        lock: std::sync::Arc<File>,
    ) -> Result<Self, Error> {
        let failed = |source: Fault| {
            let path = path.to_owned();
            if is_of_the_world(&source) {
                return Error::StoreKeptOut { path, source };
            }
            Error::OpenStore {
                path,
                acknowledged_records,
                source,
            }
        };
        // Sled counts from 1970 and panics before it, which looks like damage.
        if SystemTime::now() < SystemTime::UNIX_EPOCH {
            return Err(Error::ClockBefore1970);
        }
        let config = sled::Config::new()
            .path(path)
            .cache_capacity(CACHE_BYTES)
            .flush_every_ms(Some(FLUSH_EVERY_MS))
            .segment_size(SEGMENT_BYTES);
        let begun = Instant::now();
        let db = loop {
            match guarded(|| config.open()) {
                Ok(db) => break db,
                Err(fault) if is_lock_conflict(&fault) && begun.elapsed() < LOCK_PATIENCE => {
                    thread::sleep(Duration::from_millis(10));
                }
                // Another process opened it before our lock file was taken away.
                Err(fault) if is_lock_conflict(&fault) => {
                    return Err(Error::InUse {
                        dir: path.parent().unwrap_or(path).to_owned(),
                    });
                }
                Err(fault) => return Err(failed(fault)),
            }
        };
        let data_path = path.join(DATA_FILE_NAME);
        let data_file = File::open(&data_path).map_err(|source| Error::SyncData {
            path: data_path.clone(),
            source,
        })?;
        Ok(Self {
            db,
            data_file,
            data_path,
            syncs: AtomicU64::new(0),
            _lock: lock,
        })
    }

    /// The block that holds a position, if it begins at or before it.
    pub(crate) fn block_at_or_before(&self, position: u64) -> Result<Option<Block>, Error> {
        let key = position.to_be_bytes();
        let found = guarded(|| {
            let found = self.db.range(..=key).next_back().transpose()?;
            found
                .iter()
                .try_for_each(|(key, value)| touch(&self.db, key, value.len()))?;
            Ok(found)
        });
        let found = found.map_err(|source| Error::Read { position, source })?;
        found
            .map(|(key, value)| Block::decode(key_position(&key)?, StoredBytes::new(value)))
            .transpose()
    }

    /// What is stored from a position on. The iterator does not hold up appends.
    pub(crate) fn from(&self, position: u64) -> Entries {
        Entries {
            iter: self
                .db
                .range((Bound::Included(position.to_be_bytes()), Bound::Unbounded)),
            db: self.db.clone(),
            position,
        }
    }

    /// Hands changes to sled, all of them or none. They are durable only after [`Store::sync`].
    pub(crate) fn apply(&self, changes: Changes) -> Result<(), Fault> {
        let mut batch = sled::Batch::default();
        for (position, value) in changes {
            let key = position.to_be_bytes();
            match value {
                Some(bytes) => batch.insert(&key, bytes),
                None => batch.remove(&key),
            }
        }
        guarded(|| self.db.apply_batch(batch))?;
        guarded(|| self.db.flush().map(drop))
    }

    /// Brings the data to the device: sled's own flush stops at the system's cache.
    pub(crate) fn sync(&self) -> Result<(), Error> {
        self.syncs.fetch_add(1, Ordering::Relaxed);
        self.data_file
            .sync_data()
            .map_err(|source| Error::SyncData {
                path: self.data_path.clone(),
                source,
            })
    }

    /// How many times.
    pub(crate) fn syncs(&self) -> u64 {
        self.syncs.load(Ordering::Relaxed)
    }
}

/// Whether there is a database, by its file and not by its folder.
pub(crate) fn data_path(dir: &Path) -> PathBuf {
    dir.join(FOLDER_NAME).join(DATA_FILE_NAME)
}

/// Keys and values in order, as they are stored.
pub(crate) struct Entries {
    iter: sled::Iter,
    db: sled::Db,
    /// For what is said when reading fails.
    position: u64,
}

impl Iterator for Entries {
    type Item = Result<(u64, StoredBytes), Error>;

    fn next(&mut self) -> Option<Self::Item> {
        let (iter, db) = (&mut self.iter, &self.db);
        let next = guarded(|| {
            let next = iter.next().transpose()?;
            next.iter()
                .try_for_each(|(key, value)| touch(db, key, value.len()))?;
            Ok(next)
        });
        match next {
            Ok(None) => None,
            Ok(Some((key, value))) => Some(key_position(&key).map(|position| {
                self.position = position;
                (position, StoredBytes::new(value))
            })),
            Err(source) => Some(Err(Error::Read {
                position: self.position,
                source,
            })),
        }
    }
}

/// Makes sled let go of pages. Each of its 256 cache shards only notes accesses, and evicts when 64
/// have come together, whatever the size of the cache; a scan that touches each page once or twice
/// kept 5 GB of a log of 3 GB in memory. A few more look-ups, which find the page in memory, fill that
/// list after a page or two; small blocks make small pages and need none.
fn touch(db: &sled::Db, key: &sled::IVec, bytes: usize) -> Result<(), sled::Error> {
    (0..bytes / BYTES_PER_TOUCH).try_for_each(|_| db.contains_key(key).map(drop))
}

fn key_position(key: &[u8]) -> Result<u64, Error> {
    let Ok(bytes) = key.try_into() else {
        return Err(Error::Damaged {
            position: 0,
            found: format!("a key of {} bytes is not a position", key.len()),
        });
    };
    Ok(u64::from_be_bytes(bytes))
}

/// Sled wraps the conflict into another kind of error and leaves only its words.
fn is_lock_conflict(fault: &Fault) -> bool {
    fault.0.contains("could not acquire lock") && fault.0.contains("WouldBlock")
}

/// Whether the system kept sled out, of whose error it leaves only the words.
fn is_of_the_world(fault: &Fault) -> bool {
    let words = [
        "Permission denied",
        "No space left",
        "Read-only file system",
    ];
    words.iter().any(|words| fault.0.contains(words))
}

thread_local! {
    static INSIDE_SLED: Cell<bool> = const { Cell::new(false) };
}

/// Calls into sled; a panic becomes a fault, and its words are kept instead of printed.
fn guarded<T>(call: impl FnOnce() -> Result<T, sled::Error>) -> Result<T, Fault> {
    silence_panics_of_sled();
    let before = INSIDE_SLED.replace(true);
    let outcome = panic::catch_unwind(AssertUnwindSafe(call));
    INSIDE_SLED.set(before);
    match outcome {
        Ok(Ok(value)) => Ok(value),
        Ok(Err(error)) => Err(Fault(error.to_string())),
        Err(payload) => Err(Fault(format!("sled panicked: {}", words(payload.as_ref())))),
    }
}

pub(crate) fn words(payload: &(dyn Any + Send)) -> String {
    let text = payload
        .downcast_ref::<&str>()
        .copied()
        .or_else(|| payload.downcast_ref::<String>().map(String::as_str));
    text.unwrap_or("without words").to_owned()
}

/// A damaged file makes sled panic, here and on its own threads. The operator gets a sentence from the
/// error instead of a stack trace; every other panic of the process is reported as before.
fn silence_panics_of_sled() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let report = panic::take_hook();
        panic::set_hook(Box::new(move |info| {
            let in_its_source = info
                .location()
                .is_some_and(|location| location.file().contains("sled-0.34"));
            let on_its_thread = thread::current()
                .name()
                .is_some_and(|name| name.starts_with("sled-io-") || name == "log flusher");
            if !in_its_source && !on_its_thread && !INSIDE_SLED.get() {
                report(info);
            }
        }));
    });
}

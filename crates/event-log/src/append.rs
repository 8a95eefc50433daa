//! Appending: the order of writes that an acknowledgement rests on.

use std::sync::{Arc, PoisonError, RwLock};

use crate::format::block::MAX_RECORD_BYTES;
use crate::format::chain;
use crate::format::framing::Framer;
use crate::format::tip::TipFile;
use crate::sled_store::store::Store;
use crate::sled_store::writer::Writer;
use crate::{Commit, Error, Head, LogId, LogReader};

/// What the writer and the readers share.
#[derive(Debug)]
pub(crate) struct Shared {
    pub(crate) dir: std::path::PathBuf,
    pub(crate) log_id: LogId,
    pub(crate) store: Arc<Store>,
    /// Moves only once what it names is on the device.
    head: RwLock<Head>,
}

impl Shared {
    pub(crate) fn new(dir: &std::path::Path, log_id: LogId, store: Store, head: Head) -> Self {
        Self {
            dir: dir.to_owned(),
            log_id,
            store: Arc::new(store),
            head: RwLock::new(head),
        }
    }

    pub(crate) fn head(&self) -> Head {
        *self.head.read().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A log open for appending; there is one per log at a time.
///
/// The lock on the folder is freed when this and every reader of it are gone.
#[derive(Debug)]
pub struct EventLog {
    shared: Arc<Shared>,
    writer: Writer,
    tip: TipFile,
    poisoned: bool,
}

impl EventLog {
    pub(crate) fn new(shared: Shared, tip: TipFile) -> Result<Self, Error> {
        let shared = Arc::new(shared);
        let writer =
            Writer::start(Arc::clone(&shared.store)).map_err(|source| Error::OpenStore {
                path: shared.dir.clone(),
                acknowledged_records: shared.head().next_position,
                source,
            })?;
        Ok(Self {
            shared,
            writer,
            tip,
            poisoned: false,
        })
    }

    /// The identity of the log.
    pub fn log_id(&self) -> LogId {
        self.shared.log_id
    }

    /// How far the log goes, all of it durable.
    pub fn head(&self) -> Head {
        self.shared.head()
    }

    /// A reader of what is durable.
    pub fn reader(&self) -> LogReader {
        LogReader::new(Arc::clone(&self.shared))
    }

    /// How many times this handle has brought something to the device.
    pub fn syncs(&self) -> u64 {
        self.shared.store.syncs() + self.tip.syncs()
    }

    /// Appends a group of commits and returns once they are on the device. Each commit is there in
    /// full or not at all; the group is written as one.
    ///
    /// Commits that cannot be stored are refused before anything is written, and the log stays usable.
    /// After any other error the outcome is unknown: nothing of the group may be acknowledged, and
    /// every later append returns [`Error::Poisoned`], because a second fsync after a failed one
    /// reports success for pages that the system has already thrown away.
    pub fn append(&mut self, commits: &[Commit]) -> Result<Head, Error> {
        if self.poisoned {
            return Err(Error::Poisoned);
        }
        refuse_what_cannot_be_stored(commits)?;
        let before = self.head();
        if commits.is_empty() {
            return Ok(before);
        }
        let (blocks, head) = frame(self.shared.log_id, before, commits);

        self.poisoned = true;
        let changes = blocks
            .into_iter()
            .map(|(position, bytes)| (position, Some(bytes)));
        self.writer
            .write(changes.collect())
            .map_err(|source| Error::Append {
                position: before.next_position,
                source,
            })?;
        // The tip may name a commit only after the commit is on the device; an answer, and a reader,
        // may rely on it only after the tip is.
        self.shared.store.sync()?;
        self.tip.advance(head)?;
        *self
            .shared
            .head
            .write()
            .unwrap_or_else(PoisonError::into_inner) = head;
        self.poisoned = false;
        Ok(head)
    }
}

fn refuse_what_cannot_be_stored(commits: &[Commit]) -> Result<(), Error> {
    for (index, commit) in commits.iter().enumerate() {
        if commit.records.is_empty() {
            return Err(Error::EmptyCommit { index });
        }
        for record in &commit.records {
            let bytes = record.header.len().saturating_add(record.data.len());
            if bytes > MAX_RECORD_BYTES {
                return Err(Error::RecordTooLarge {
                    bytes,
                    max: MAX_RECORD_BYTES,
                });
            }
        }
    }
    Ok(())
}

/// Lays the commits out in blocks and chains them.
pub(crate) fn frame(
    log_id: LogId,
    before: Head,
    commits: &[Commit],
) -> (Vec<(u64, Vec<u8>)>, Head) {
    let mut head = before;
    let mut framer = Framer::new(log_id, head.next_position);
    let mut leaves = Vec::new();
    for commit in commits {
        leaves.clear();
        leaves.extend(
            commit
                .records
                .iter()
                .map(|record| chain::leaf_hash(&record.header)),
        );
        head.last_commit_hash =
            chain::commit_hash(&head.last_commit_hash, head.next_position, &leaves);
        framer.push(&head.last_commit_hash, &commit.records);
        head.next_position += leaves.len() as u64;
        head.commits += 1;
    }
    (framer.finish(), head)
}

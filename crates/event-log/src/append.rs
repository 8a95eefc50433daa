//! Appending: the order of writes that an acknowledgement rests on.

use std::sync::{Arc, PoisonError, RwLock};

use crate::block::MAX_RECORD_BYTES;
use crate::store::Store;
use crate::tip::TipFile;
use crate::writer::{Outcome, Writer};
use crate::{Commit, Error, Fault, Head, LogId, LogReader};

/// What the writer and the readers share.
#[derive(Debug)]
pub(crate) struct Shared {
    pub(crate) dir: std::path::PathBuf,
    pub(crate) log_id: LogId,
    pub(crate) store: Store,
    /// Moves only once what it names is on the device.
    head: RwLock<Head>,
}

impl Shared {
    pub(crate) fn new(dir: &std::path::Path, log_id: LogId, store: Store, head: Head) -> Self {
        Self {
            dir: dir.to_owned(),
            log_id,
            store,
            head: RwLock::new(head),
        }
    }

    /// Everything up to here is on the device.
    pub(crate) fn advance(&self, head: Head) {
        *self.head.write().unwrap_or_else(PoisonError::into_inner) = head;
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
    state: State,
}

/// What can be done with the log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Ready,
    /// A group is on its way.
    Appending,
    /// Something failed, and what is on the device is in doubt.
    Poisoned,
}

/// A group of commits that is on the device.
#[derive(Debug)]
pub struct Settled {
    /// How far the log goes now.
    pub head: Head,
    /// The commits, as they were handed over.
    pub commits: Vec<Commit>,
}

impl EventLog {
    pub(crate) fn new(shared: Shared, tip: TipFile) -> Result<Self, Error> {
        let shared = Arc::new(shared);
        let writer =
            Writer::start(Arc::clone(&shared), tip).map_err(|source| Error::OpenStore {
                path: shared.dir.clone(),
                acknowledged_records: shared.head().next_position,
                source,
            })?;
        Ok(Self {
            shared,
            writer,
            state: State::Ready,
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
        self.shared.store.syncs()
    }

    /// Appends a group of commits and returns once they are on the device. Each commit is there in
    /// full or not at all; the group is written as one.
    ///
    /// # Errors
    /// As [`EventLog::submit`] and [`EventLog::settle`].
    pub fn append(&mut self, commits: &[Commit]) -> Result<Head, Error> {
        if commits.is_empty() && self.state == State::Ready {
            return Ok(self.head());
        }
        self.submit(commits.to_vec(), || {})?;
        Ok(self.settle()?.head)
    }

    /// Hands a group of commits over to be written, and returns at once: nothing of it is durable before it is settled.
    /// `then` is called from another thread when it has come to its end, well or not. One group is on its way at a time.
    ///
    /// # Errors
    /// Commits that cannot be stored are refused before anything is written, and the log stays usable.
    pub fn submit(
        &mut self,
        commits: Vec<Commit>,
        then: impl FnOnce() + Send + 'static,
    ) -> Result<(), Error> {
        assert!(
            self.state != State::Appending,
            "a group is submitted while another is on its way"
        );
        if self.state == State::Poisoned {
            return Err(Error::Poisoned);
        }
        refuse_what_cannot_be_stored(&commits)?;
        self.state = State::Appending;
        let handed_over = self.writer.submit(commits, Box::new(then));
        handed_over.map_err(|fault| self.poison(fault))
    }

    /// Waits until the group on its way is on the device.
    ///
    /// # Errors
    /// The outcome is unknown then: nothing of the group may be acknowledged, and every later append returns
    /// [`Error::Poisoned`], because a second fsync after a failed one reports success for pages that the system has
    /// already thrown away.
    pub fn settle(&mut self) -> Result<Settled, Error> {
        if self.state != State::Appending {
            return Err(Error::Poisoned);
        }
        match self.writer.settle() {
            Ok(outcome) => self.settled(outcome),
            Err(fault) => Err(self.poison(fault)),
        }
    }

    /// The same without waiting; `None` while the group is on its way.
    ///
    /// # Errors
    /// As [`EventLog::settle`].
    pub fn try_settle(&mut self) -> Result<Option<Settled>, Error> {
        if self.state != State::Appending {
            return Err(Error::Poisoned);
        }
        match self.writer.try_settle() {
            Ok(None) => Ok(None),
            Ok(Some(outcome)) => self.settled(outcome).map(Some),
            Err(fault) => Err(self.poison(fault)),
        }
    }

    fn settled(&mut self, Outcome { commits, written }: Outcome) -> Result<Settled, Error> {
        match written {
            Ok(head) => {
                self.state = State::Ready;
                Ok(Settled { head, commits })
            }
            Err(error) => {
                self.state = State::Poisoned;
                Err(error)
            }
        }
    }

    fn poison(&mut self, source: Fault) -> Error {
        self.state = State::Poisoned;
        Error::Append {
            position: self.head().next_position,
            source,
        }
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

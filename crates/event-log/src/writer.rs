//! The thread that writes groups of commits, so that an append cannot hang, and so that whoever appends can prepare the
//! next group meanwhile.
//!
//! A thread of sled's own that panics leaves whoever waits for it waiting for ever. An append that takes
//! longer than any disk does is therefore given up, and the log is poisoned: a process that stops is
//! noticed, and one that hangs is not.

use std::fmt;
use std::sync::Arc;
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, SyncSender, TryRecvError};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use crate::append::Shared;
use crate::chain;
use crate::framing::Framer;
use crate::tip::TipFile;
use crate::{Commit, Error, Fault, Head, LogId};

const PATIENCE: Duration = Duration::from_mins(1);

/// A group on its way to the device, and what to do when it has come to its end.
struct Job {
    commits: Vec<Commit>,
    then: Box<dyn FnOnce() + Send>,
}

/// A group that has come to its end.
#[derive(Debug)]
pub(crate) struct Outcome {
    pub(crate) commits: Vec<Commit>,
    pub(crate) written: Result<Head, Error>,
}

/// The writing end of a log.
pub(crate) struct Writer {
    /// None once it was given up; dropping it ends the thread.
    jobs: Option<SyncSender<Job>>,
    outcomes: Receiver<Outcome>,
    thread: Option<JoinHandle<()>>,
    /// When the group that is on its way was handed over.
    since: Instant,
}

impl fmt::Debug for Writer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Writer")
            .field("thread", &self.thread)
            .finish_non_exhaustive()
    }
}

impl Writer {
    /// Starts the thread. It keeps the store, and with it the lock on the folder, as long as it runs.
    pub(crate) fn start(shared: Arc<Shared>, mut tip: TipFile) -> Result<Self, Fault> {
        let (jobs, to_write) = mpsc::sync_channel::<Job>(1);
        let (done, outcomes) = mpsc::sync_channel(1);
        let thread = thread::Builder::new()
            .name("append-log".to_owned())
            .spawn(move || {
                for Job { commits, then } in to_write {
                    let written = write(&shared, &mut tip, &commits);
                    if done.send(Outcome { commits, written }).is_err() {
                        break;
                    }
                    then();
                }
            });
        let thread = thread.map_err(|error| Fault(format!("start a thread: {error}")))?;
        Ok(Self {
            jobs: Some(jobs),
            outcomes,
            thread: Some(thread),
            since: Instant::now(),
        })
    }

    /// Hands a group over. The one before must have come to its end.
    pub(crate) fn submit(
        &mut self,
        commits: Vec<Commit>,
        then: Box<dyn FnOnce() + Send>,
    ) -> Result<(), Fault> {
        self.since = Instant::now();
        let sent = self
            .jobs
            .as_ref()
            .is_some_and(|jobs| jobs.send(Job { commits, then }).is_ok());
        if sent { Ok(()) } else { Err(ended()) }
    }

    /// Waits for the group that was handed over.
    pub(crate) fn settle(&mut self) -> Result<Outcome, Fault> {
        let left = PATIENCE.saturating_sub(self.since.elapsed());
        match self.outcomes.recv_timeout(left) {
            Ok(outcome) => Ok(outcome),
            Err(RecvTimeoutError::Timeout) => Err(self.give_up()),
            Err(RecvTimeoutError::Disconnected) => Err(ended()),
        }
    }

    /// The group that was handed over, if it has come to its end.
    pub(crate) fn try_settle(&mut self) -> Result<Option<Outcome>, Fault> {
        match self.outcomes.try_recv() {
            Ok(outcome) => Ok(Some(outcome)),
            Err(TryRecvError::Empty) if self.since.elapsed() > PATIENCE => Err(self.give_up()),
            Err(TryRecvError::Empty) => Ok(None),
            Err(TryRecvError::Disconnected) => Err(ended()),
        }
    }

    fn give_up(&mut self) -> Fault {
        self.jobs = None;
        self.thread = None;
        Fault(format!(
            "the store did not answer for {} s",
            PATIENCE.as_secs()
        ))
    }
}

impl Drop for Writer {
    /// Waits for the thread to let go of the store, so that the log can be opened again at once.
    fn drop(&mut self) {
        self.jobs = None;
        if let Some(thread) = self.thread.take() {
            // It cannot panic, and there is nobody left to tell.
            drop(thread.join());
        }
    }
}

fn ended() -> Fault {
    Fault("the thread that writes has ended".to_owned())
}

/// Brings a group to the device, in the one order that an acknowledgement may rest on.
fn write(shared: &Shared, tip: &mut TipFile, commits: &[Commit]) -> Result<Head, Error> {
    let before = shared.head();
    let (blocks, head) = frame(shared.log_id, before, commits);
    let mut batch = sled::Batch::default();
    for (position, bytes) in blocks {
        batch.insert(&position.to_be_bytes(), bytes);
    }
    shared.store.apply(batch).map_err(|source| Error::Append {
        position: before.next_position,
        source,
    })?;
    // The tip may name a commit only after the commit is on the device; an answer, and a reader,
    // may rely on it only after the tip is.
    shared.store.sync()?;
    shared.store.count_sync();
    tip.advance(head)?;
    shared.advance(head);
    Ok(head)
}

/// Lays the commits out in blocks and chains them.
fn frame(log_id: LogId, before: Head, commits: &[Commit]) -> (Vec<(u64, Vec<u8>)>, Head) {
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

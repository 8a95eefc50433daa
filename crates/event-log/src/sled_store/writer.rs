//! The thread that hands changes to sled, so that an append cannot hang.
//!
//! A thread of sled's own that panics leaves whoever waits for it waiting for ever. An append that takes
//! longer than any disk does is therefore given up, and the log is poisoned: a process that stops is
//! noticed, and one that hangs is not.

use std::sync::Arc;
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, SyncSender};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use super::store::{Changes, Store};
use crate::Fault;

const PATIENCE: Duration = Duration::from_mins(1);

/// The writing end of a store.
#[derive(Debug)]
pub(crate) struct Writer {
    /// None once it was given up; dropping it ends the thread.
    batches: Option<SyncSender<Changes>>,
    outcomes: Receiver<Result<(), Fault>>,
    thread: Option<JoinHandle<()>>,
}

impl Writer {
    /// Starts the thread. It keeps the store, and with it the lock on the folder, as long as it runs.
    pub(crate) fn start(store: Arc<Store>) -> Result<Self, Fault> {
        let (batches, to_write) = mpsc::sync_channel::<Changes>(1);
        let (done, outcomes) = mpsc::sync_channel(1);
        let thread = thread::Builder::new()
            .name("append-log".to_owned())
            .spawn(move || {
                for batch in to_write {
                    if done.send(store.apply(batch)).is_err() {
                        break;
                    }
                }
            });
        let thread = thread.map_err(|error| Fault(format!("start a thread: {error}")))?;
        Ok(Self {
            batches: Some(batches),
            outcomes,
            thread: Some(thread),
        })
    }

    /// Writes changes through to the system; only a sync brings it to the device.
    pub(crate) fn write(&mut self, changes: Changes) -> Result<(), Fault> {
        let sent = self
            .batches
            .as_ref()
            .is_some_and(|batches| batches.send(changes).is_ok());
        let outcome = if sent {
            self.outcomes.recv_timeout(PATIENCE)
        } else {
            Err(RecvTimeoutError::Disconnected)
        };
        match outcome {
            Ok(outcome) => outcome,
            Err(RecvTimeoutError::Timeout) => {
                self.batches = None;
                self.thread = None;
                Err(Fault(format!(
                    "the store did not answer for {} s",
                    PATIENCE.as_secs()
                )))
            }
            Err(RecvTimeoutError::Disconnected) => {
                Err(Fault("the thread that writes has ended".to_owned()))
            }
        }
    }
}

impl Drop for Writer {
    /// Waits for the thread to let go of the store, so that the log can be opened again at once.
    fn drop(&mut self) {
        self.batches = None;
        if let Some(thread) = self.thread.take() {
            // It cannot panic, and there is nobody left to tell.
            drop(thread.join());
        }
    }
}

//! Opening the store and reading all of it, on a thread that is watched: damage can make sled hang.

use std::fs::{self, File};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread;
use std::time::{Duration, Instant};

use crate::format::tip::{self, Tip};
use crate::sled_store::store::{self, Store};
use crate::survey::{Survey, survey};
use crate::{Error, Fault, Head};

/// Without progress for this long, the store is taken to hang.
const PATIENCE: Duration = Duration::from_mins(1);
/// Sled recovers without telling how far it is; it is given time for the size of its file.
const RECOVERY_BYTES_PER_SECOND: u64 = 20_000_000;

/// Opens the store, surveys it, and takes a torn last commit out of it.
pub(crate) fn open_store(
    dir: &Path,
    tip: &Tip,
    lock: &Arc<File>,
) -> Result<(Store, Survey), Error> {
    let path = dir.join(store::FOLDER_NAME);
    let file_bytes = fs::metadata(store::data_path(dir)).map_or(0, |data| data.len());
    let recovery_patience = PATIENCE + Duration::from_secs(file_bytes / RECOVERY_BYTES_PER_SECOND);
    let progress = Arc::new(AtomicU64::new(0));
    let (send, receive) = mpsc::sync_channel(1);
    let spawned = thread::Builder::new().name("open-log".to_owned()).spawn({
        let (dir, path, tip, progress) = (
            dir.to_owned(),
            path.clone(),
            tip.clone(),
            Arc::clone(&progress),
        );
        // A thread that hangs keeps the lock: its sled still holds the files.
        let lock = Arc::clone(lock);
        move || {
            let opened = Store::open(&path, tip.slot.head.next_position, lock).and_then(|store| {
                progress.fetch_add(1, Ordering::Relaxed);
                let survey = survey(&dir, &tip.slot, &store, &progress)?;
                refuse_doubtful_slot(&dir, &tip, survey.head)?;
                drop_torn(&store, &survey)?;
                progress.fetch_add(1, Ordering::Relaxed);
                Ok((store, survey))
            });
            // Nobody waits any more if the time limit has passed.
            drop(send.send(opened));
        }
    });
    let acknowledged_records = tip.slot.head.next_position;
    let failed = |words: String| Error::OpenStore {
        path: path.clone(),
        acknowledged_records,
        source: Fault(words),
    };
    let thread = spawned.map_err(|error| failed(format!("start a thread: {error}")))?;

    let (mut seen, mut since) = (0, Instant::now());
    loop {
        match receive.recv_timeout(Duration::from_secs(1)) {
            Ok(outcome) => {
                // It has nothing left to do but to end.
                drop(thread.join());
                return outcome;
            }
            Err(RecvTimeoutError::Disconnected) => {
                let panic = thread.join().err();
                return Err(failed(panic.map_or_else(
                    || "its thread ended early".to_owned(),
                    |payload| store::words(payload.as_ref()),
                )));
            }
            Err(RecvTimeoutError::Timeout) => {}
        }
        let now = progress.load(Ordering::Relaxed);
        if now != seen {
            (seen, since) = (now, Instant::now());
        }
        let patience = if seen == 0 {
            recovery_patience
        } else {
            PATIENCE
        };
        if since.elapsed() > patience {
            return Err(Error::OpenHangs {
                path,
                waited_seconds: patience.as_secs(),
            });
        }
    }
}

/// A slot is lost in a write that was torn, and then the log goes on after the other slot, because data
/// is synced before the tip. If it does not go on, the lost slot may have been the newer one.
fn refuse_doubtful_slot(dir: &Path, tip: &Tip, head: Head) -> Result<(), Error> {
    match &tip.lost {
        Some(found) if head == tip.slot.head => Err(Error::TipSlotLost {
            path: dir.join(tip::FILE_NAME),
            found: found.clone(),
            next_position: head.next_position,
        }),
        _ => Ok(()),
    }
}

/// Takes out of the store what nobody may ever read; the caller must sync.
fn drop_torn(store: &Store, survey: &Survey) -> Result<(), Error> {
    let Some(torn) = &survey.torn else {
        return Ok(());
    };
    store.apply(torn.removal()).map_err(|source| Error::Append {
        position: torn.first_position(),
        source,
    })
}

//! Creating and opening. A log that is not demonstrably complete up to its tip is not opened.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::ops;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::append::Shared;
use crate::files::{refuse_no_file, sync, sync_parent};
use crate::format::tip::{self, Slot, Tip, TipFile};
use crate::sled_store::quarantine::{self, Moved};
use crate::sled_store::store::{self, Store};
use crate::survey::{Survey, Torn};
use crate::watch::open_store;
use crate::{Error, EventLog, Head, LogId};

const LOCK_FILE_NAME: &str = "lock";

/// More than sled takes for an event, its garbage included, by two orders of magnitude.
const DATA_BYTES_PER_EVENT_MAX: u64 = 256 * 1024;
/// And for what an event is not counted for: segments that are begun, and what was written after the tip.
const DATA_BYTES_BESIDE_MAX: u64 = 1024 * 1024 * 1024;

/// What opening found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpenReport {
    /// How far the log goes.
    pub head: Head,
    /// The positions of whole commits that were written after the tip. They were kept, and the tip has
    /// caught up with them; empty if there are none.
    pub kept: ops::Range<u64>,
    /// The positions of the torn last commit that was dropped; empty if there was none.
    pub dropped: ops::Range<u64>,
    /// Where the files went that would have kept the store from opening.
    pub quarantined: Vec<PathBuf>,
    /// What was recovered, dropped or moved aside, a sentence each; empty after a clean stop.
    pub findings: Vec<String>,
}

impl EventLog {
    /// Whether a log, or what remains of one, is in this folder: data or a tip.
    pub fn exists(dir: &Path) -> bool {
        // What cannot be looked at must not be taken for absent, or a new log would be created over it.
        let may_exist = |path: &Path| path.try_exists().unwrap_or(true);
        may_exist(&dir.join(tip::FILE_NAME)) || may_exist(&store::data_path(dir))
    }

    /// Creates a log in an empty or absent folder.
    pub fn create(dir: &Path, log_id: LogId) -> Result<Self, Error> {
        let failed = |source| Error::Create {
            path: dir.to_owned(),
            source,
        };
        let created: Vec<&Path> = dir
            .ancestors()
            .take_while(|path| is_to_be_created(path))
            .collect();
        fs::create_dir_all(dir).map_err(failed)?;
        refuse_occupied(dir)?;
        let lock = lock(dir)?;
        // Another process may have created one between the look and the lock.
        refuse_occupied(dir)?;

        refuse_no_file(&dir.join(tip::NEW_FILE_NAME))?;
        // The tip comes first: a tip that says "empty" without data is what a crash in between
        // leaves, and opening may complete that safely.
        let tip = TipFile::create(dir, log_id)?;
        // An earlier attempt may have made the folder itself, and not lived to sync the one it is in.
        sync_parent(dir)?;
        created.into_iter().skip(1).try_for_each(sync_parent)?;
        let (store, survey) = open_store(dir, &empty_tip(log_id), &lock)?;
        sync_files(dir)?;
        Self::new(Shared::new(dir, log_id, store, survey.head), tip)
    }

    /// Opens a log and brings it into order, or refuses with what was found and what to restore.
    pub fn open(dir: &Path) -> Result<(Self, OpenReport), Error> {
        if !Self::exists(dir) {
            return Err(Error::Absent {
                dir: dir.to_owned(),
            });
        }
        let lock = lock(dir)?;
        refuse_no_file(&dir.join(tip::FILE_NAME))?;
        refuse_no_file(&store::data_path(dir))?;
        let mut findings = Vec::new();
        let tip = read_tip(dir)?;
        findings.extend(tip.lost.as_ref().map(|lost| {
            format!("{lost} of the tip file; the other slot was used, and the log goes on after it")
        }));
        let data_path = store::data_path(dir);
        refuse_lengthened(&data_path, tip.slot.head.next_position)?;
        let data_was_there = data_path.try_exists().unwrap_or(true);
        if !data_was_there {
            if let Some(last_position) = tip.slot.head.next_position.checked_sub(1) {
                return Err(Error::DataMissing {
                    path: data_path,
                    last_position,
                });
            }
            findings.push("the creation of the log had been interrupted before its first record; it was completed".to_owned());
        }
        let moved = quarantine::move_aside(dir)?;
        findings.extend(moved.iter().map(Moved::finding));
        if data_was_there {
            // A process that was killed leaves data in the system's cache only. Sled, when it opens,
            // syncs a snapshot that refers to that data, but not always the data: a power cut in between
            // would leave pages, and acknowledged ones among them, that are nowhere.
            sync_files(dir)?;
        }
        let (store, survey) = open_store(dir, &tip, &lock)?;
        // A creation may have been interrupted after its files were made and before they were synced.
        sync_files(dir)?;
        let tip_file = bring_into_order(dir, &tip, &store, &survey, &mut findings)?;
        let head = survey.head;
        let report = OpenReport {
            head,
            kept: tip.slot.head.next_position..head.next_position,
            dropped: survey.torn.as_ref().map_or(0..0, Torn::positions),
            quarantined: moved.into_iter().map(|moved| moved.path).collect(),
            findings,
        };
        let shared = Shared::new(dir, tip.slot.log_id, store, head);
        Ok((Self::new(shared, tip_file)?, report))
    }
}

fn empty_tip(log_id: LogId) -> Tip {
    Tip {
        slot: Slot {
            log_id,
            generation: 0,
            head: Head::of_empty_log(log_id),
        },
        lost: None,
    }
}

fn refuse_occupied(dir: &Path) -> Result<(), Error> {
    let failed = |source| Error::Create {
        path: dir.to_owned(),
        source,
    };
    for entry in fs::read_dir(dir).map_err(failed)? {
        let name = entry.map_err(failed)?.file_name();
        // Neither says anything of a log: the one is empty, the other was never the tip.
        if name != LOCK_FILE_NAME && name != tip::NEW_FILE_NAME {
            return Err(Error::CreateOccupied {
                dir: dir.to_owned(),
                found: name.to_string_lossy().into_owned(),
            });
        }
    }
    Ok(())
}

/// Refuses a data file that is longer than what the tip counts can take: a copy that broke off, or a tool, has put a hole
/// at its end, and sled would fill that with gigabytes before it opens.
fn refuse_lengthened(path: &Path, events: u64) -> Result<(), Error> {
    // What cannot be looked at, whoever opens it says.
    let bytes = fs::metadata(path).map_or(0, |found| found.len());
    let bytes_max = DATA_BYTES_PER_EVENT_MAX
        .saturating_mul(events)
        .saturating_add(DATA_BYTES_BESIDE_MAX);
    if bytes > bytes_max {
        return Err(Error::Lengthened {
            path: path.to_owned(),
            bytes,
            events,
        });
    }
    Ok(())
}

fn lock(dir: &Path) -> Result<Arc<File>, Error> {
    let path = dir.join(LOCK_FILE_NAME);
    refuse_no_file(&path)?;
    let file = match OpenOptions::new()
        .create(true)
        .truncate(false)
        .write(true)
        .open(&path)
    {
        Ok(file) => file,
        Err(source) => return Err(Error::Lock { path, source }),
    };
    match file.try_lock() {
        Ok(()) => Ok(Arc::new(file)),
        Err(TryLockError::WouldBlock) => Err(Error::InUse {
            dir: dir.to_owned(),
        }),
        Err(TryLockError::Error(source)) => Err(Error::Lock { path, source }),
    }
}

fn read_tip(dir: &Path) -> Result<Tip, Error> {
    let path = dir.join(tip::FILE_NAME);
    tip::read(&path)?.ok_or_else(|| Error::TipMissing {
        path,
        dir: dir.to_owned(),
    })
}

/// Makes durable what was found, without what is torn, and lets the tip catch up.
fn bring_into_order(
    dir: &Path,
    tip: &Tip,
    store: &Store,
    survey: &Survey,
    findings: &mut Vec<String>,
) -> Result<TipFile, Error> {
    let head = survey.head;
    let kept = head.next_position - tip.slot.head.next_position;
    if kept > 0 {
        let (first, last) = (tip.slot.head.next_position, head.next_position - 1);
        let commits = head.commits - tip.slot.head.commits;
        findings.push(format!(
            "kept what was written after the tip: commits {commits}, positions {first} to {last}"
        ));
    }
    if let Some(torn) = &survey.torn {
        findings.push(torn.to_string());
    }
    let mut tip_file = TipFile::open(dir, &tip.slot)?;
    if kept > 0 || survey.torn.is_some() {
        store.sync()?;
    }
    if kept > 0 || tip.lost.is_some() {
        tip_file.advance(head)?;
    }
    Ok(tip_file)
}

/// Whether creating the log makes this folder.
fn is_to_be_created(path: &Path) -> bool {
    !path.as_os_str().is_empty() && !path.exists()
}

/// Brings the files of the store, and the folders that name them, to the device. Sled does not sync the
/// folders that it creates, nor at all times the data that it refers to.
fn sync_files(dir: &Path) -> Result<(), Error> {
    let blocks = dir.join(store::FOLDER_NAME);
    let entries = fs::read_dir(&blocks).map_err(|source| Error::Create {
        path: blocks.clone(),
        source,
    })?;
    for entry in entries {
        let entry = entry.map_err(|source| Error::Create {
            path: blocks.clone(),
            source,
        })?;
        // A pipe would be waited for.
        let kind = fs::metadata(entry.path()).map(|found| found.file_type());
        if kind.is_ok_and(|kind| kind.is_file() || kind.is_dir()) {
            sync(&entry.path())?;
        }
    }
    sync(&blocks)?;
    sync(dir)
}

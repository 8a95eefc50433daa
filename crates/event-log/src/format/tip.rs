//! The tip file: how far the log was acknowledged, kept apart from the store, so that a store which
//! lost its end without noticing is found out.

use std::fs::{File, OpenOptions};
use std::io::{self, Read as _, Write as _};
use std::os::unix::fs::FileExt as _;
use std::path::{Path, PathBuf};

use crate::{Error, Head, LogId};

pub(crate) const FILE_NAME: &str = "tip";
/// The tip file while it is first written; it becomes the tip by renaming.
pub(crate) const NEW_FILE_NAME: &str = "tip.new";

const MAGIC: &[u8; 8] = b"RDRS-TIP";
const FORMAT: u32 = 1;
/// A page each, so that one torn write cannot reach both.
const SLOT_STRIDE: u64 = 4096;
const SLOT_BYTES: usize = 8 + 4 + 16 + 8 + 8 + 8 + 32 + 4;
const FILE_BYTES: usize = 8192;

/// What one slot says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Slot {
    pub(crate) log_id: LogId,
    pub(crate) generation: u64,
    pub(crate) head: Head,
}

impl Slot {
    fn encode(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(SLOT_BYTES);
        bytes.extend_from_slice(MAGIC);
        bytes.extend_from_slice(&FORMAT.to_be_bytes());
        bytes.extend_from_slice(&self.log_id.0);
        bytes.extend_from_slice(&self.generation.to_be_bytes());
        bytes.extend_from_slice(&self.head.next_position.to_be_bytes());
        bytes.extend_from_slice(&self.head.commits.to_be_bytes());
        bytes.extend_from_slice(&self.head.last_commit_hash);
        bytes.extend_from_slice(&crc32c::crc32c(&bytes).to_be_bytes());
        bytes
    }

    fn decode(bytes: &[u8], index: u64) -> Result<Self, &'static str> {
        let (covered, crc) = bytes.split_last_chunk::<4>().ok_or("is cut off")?;
        let mut rest = covered;
        let mut take = |count: usize| {
            let (taken, left) = rest.split_at_checked(count)?;
            rest = left;
            Some(taken)
        };
        let short = "is cut off";
        if take(8).ok_or(short)? != MAGIC {
            return Err("does not begin like a tip");
        }
        if crc32c::crc32c(covered) != u32::from_be_bytes(*crc) {
            return Err("has a checksum that does not match");
        }
        if number(take(4).ok_or(short)?) != u64::from(FORMAT) {
            return Err("is of a format that this version does not know");
        }
        let slot = Self {
            log_id: LogId(take(16).and_then(|id| id.try_into().ok()).ok_or(short)?),
            generation: number(take(8).ok_or(short)?),
            head: Head {
                next_position: number(take(8).ok_or(short)?),
                commits: number(take(8).ok_or(short)?),
                last_commit_hash: take(32)
                    .and_then(|hash| hash.try_into().ok())
                    .ok_or(short)?,
            },
        };
        if slot.generation % 2 == index {
            Ok(slot)
        } else {
            Err("holds what belongs into the other slot")
        }
    }
}

fn number(bytes: &[u8]) -> u64 {
    bytes
        .iter()
        .fold(0, |number, byte| number << 8 | u64::from(*byte))
}

/// What was read from a tip file of which at least one slot is valid.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Tip {
    /// The newest valid slot.
    pub(crate) slot: Slot,
    /// Which slot is invalid, and how.
    pub(crate) lost: Option<String>,
}

/// Reads a tip file; nothing if there is none.
pub(crate) fn read(path: &Path) -> Result<Option<Tip>, Error> {
    let mut bytes = Vec::new();
    let read =
        File::open(path).and_then(|file| file.take(FILE_BYTES as u64).read_to_end(&mut bytes));
    match read {
        Ok(_) => {}
        Err(source) if source.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(source) => {
            return Err(Error::ReadTip {
                path: path.to_owned(),
                source,
            });
        }
    }
    let slot = |index: u64| {
        let at = usize::try_from(index * SLOT_STRIDE).unwrap_or(usize::MAX);
        let slot = bytes
            .get(at..)
            .and_then(|rest| rest.get(..SLOT_BYTES))
            .ok_or("is cut off");
        slot.and_then(|slot| Slot::decode(slot, index))
            .map_err(|why| format!("slot {index} {why}"))
    };
    match (slot(0), slot(1)) {
        (Ok(a), Ok(b)) if a.log_id != b.log_id => Err(Error::TipUnreadable {
            path: path.to_owned(),
            found: format!("slot 0 is of log {}, slot 1 of log {}", a.log_id, b.log_id),
        }),
        (Ok(a), Ok(b)) => Ok(Some(Tip {
            slot: if a.generation > b.generation { a } else { b },
            lost: None,
        })),
        (Ok(slot), Err(why)) | (Err(why), Ok(slot)) => Ok(Some(Tip {
            slot,
            lost: Some(why),
        })),
        (Err(a), Err(b)) => Err(Error::TipUnreadable {
            path: path.to_owned(),
            found: format!("{a}; {b}"),
        }),
    }
}

/// The tip file opened for writing.
#[derive(Debug)]
pub(crate) struct TipFile {
    file: File,
    path: PathBuf,
    log_id: LogId,
    generation: u64,
    syncs: u64,
}

impl TipFile {
    /// Writes the tip of an empty log, both slots valid; the caller must sync the folder.
    pub(crate) fn create(dir: &Path, log_id: LogId) -> Result<Self, Error> {
        let path = dir.join(FILE_NAME);
        let new_path = dir.join(NEW_FILE_NAME);
        let head = Head::of_empty_log(log_id);
        let mut bytes = Vec::with_capacity(FILE_BYTES);
        for generation in [2, 3] {
            bytes.extend_from_slice(
                &Slot {
                    log_id,
                    generation,
                    head,
                }
                .encode(),
            );
            bytes.resize(bytes.len().next_multiple_of(FILE_BYTES / 2), 0);
        }
        let written = File::create(&new_path)
            .and_then(|mut file| file.write_all(&bytes).and_then(|()| file.sync_all()))
            .and_then(|()| std::fs::rename(&new_path, &path));
        written.map_err(|source| Error::Create {
            path: path.clone(),
            source,
        })?;
        Self::open(
            dir,
            &Slot {
                log_id,
                generation: 3,
                head,
            },
        )
    }

    /// Opens the file that `slot` was read from.
    pub(crate) fn open(dir: &Path, slot: &Slot) -> Result<Self, Error> {
        let path = dir.join(FILE_NAME);
        match OpenOptions::new().read(true).write(true).open(&path) {
            Ok(file) => Ok(Self {
                file,
                path,
                log_id: slot.log_id,
                generation: slot.generation,
                syncs: 0,
            }),
            Err(source) => Err(Error::ReadTip { path, source }),
        }
    }

    /// Brings a head to the device, in the slot that does not hold the newest one.
    pub(crate) fn advance(&mut self, head: Head) -> Result<(), Error> {
        let generation = self.generation + 1;
        let slot = Slot {
            log_id: self.log_id,
            generation,
            head,
        };
        self.syncs += 1;
        self.file
            .write_all_at(&slot.encode(), generation % 2 * SLOT_STRIDE)
            .and_then(|()| self.file.sync_data())
            .map_err(|source| Error::WriteTip {
                path: self.path.clone(),
                source,
            })?;
        self.generation = generation;
        Ok(())
    }

    /// How many times this handle has brought one there.
    pub(crate) const fn syncs(&self) -> u64 {
        self.syncs
    }
}

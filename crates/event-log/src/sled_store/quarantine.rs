//! Moving aside, before the store is opened, what would keep it from opening and is made again from its data: a
//! snapshot that was not finished, and a snapshot or settings that are damaged. Sled keeps a checksum of both, and
//! refuses a database beside a damaged one although all of the data is there.

use std::fs::{self, File};
use std::io::{self, BufReader, Read};
use std::path::{Path, PathBuf};

use super::store;
use crate::Error;
use crate::files::{is_link, sync};

const FOLDER_NAME: &str = "quarantine";

const CRC_BYTES: usize = 4;
/// A snapshot ends with its length before compression and its checksum, which is of all before the two.
const SNAPSHOT_TRAILER_BYTES: usize = 8 + CRC_BYTES;
/// Sled takes settings that are not longer for none, and writes them anew.
const SETTINGS_EMPTY_BYTES: u64 = 8;
/// A few words; 63 bytes as we open it.
const SETTINGS_BYTES_MAX: u64 = 64 * 1024;
/// A snapshot says where in the data each page is, so it is shorter than the data.
const SNAPSHOT_BESIDE_DATA_BYTES_MAX: u64 = 1024 * 1024;

/// What was moved aside.
#[derive(Debug)]
pub(crate) struct Moved {
    /// Where it is now.
    pub(crate) path: PathBuf,
    what: &'static str,
}

impl Moved {
    /// What happened, in a sentence.
    pub(crate) fn finding(&self) -> String {
        let name = self.path.file_name().unwrap_or_default();
        format!(
            "moved {} aside, as {FOLDER_NAME}/{}; the store makes it anew",
            self.what,
            name.to_string_lossy()
        )
    }
}

/// Moves aside what is of no use to the store. What it makes of its data then is held against the tip and the chain of
/// commits, as after any start.
pub(crate) fn move_aside(dir: &Path) -> Result<Vec<Moved>, Error> {
    let blocks = dir.join(store::FOLDER_NAME);
    let quarantine = dir.join(FOLDER_NAME);
    let entries = match fs::read_dir(&blocks) {
        Ok(entries) => entries,
        Err(source) if source.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(source) => {
            return Err(Error::ReadStore {
                path: blocks,
                source,
            });
        }
    };
    let mut moved = Vec::new();
    for entry in entries {
        let unread = |path: &Path, source| Error::ReadStore {
            path: path.to_owned(),
            source,
        };
        let path = entry.map_err(|source| unread(&blocks, source))?.path();
        let name = path.file_name().unwrap_or_default();
        let name = name.to_string_lossy().into_owned();
        let useless = why_useless(&path, &name).map_err(|source| unread(&path, source))?;
        let Some(what) = useless else { continue };
        let failed = |path: &Path, source| Error::Quarantine {
            path: path.to_owned(),
            source,
        };
        fs::create_dir_all(&quarantine).map_err(|source| failed(&quarantine, source))?;
        let taken = |number: &u32| quarantine.join(format!("{name}.{number}")).exists();
        let number = (0..u32::MAX)
            .find(|number| !taken(number))
            .unwrap_or(u32::MAX);
        let aside = quarantine.join(format!("{name}.{number}"));
        fs::rename(&path, &aside).map_err(|source| failed(&path, source))?;
        moved.push(Moved { path: aside, what });
    }
    if !moved.is_empty() {
        for folder in [&blocks, &quarantine, &dir.to_owned()] {
            sync(folder)?;
        }
    }
    Ok(moved)
}

/// What a file is that the store cannot use, if it is one.
fn why_useless(path: &Path, name: &str) -> io::Result<Option<&'static str>> {
    if name.starts_with("snap.") {
        if name.ends_with(".generating") {
            return Ok(Some("an unfinished snapshot"));
        }
        let bytes_max = SNAPSHOT_BESIDE_DATA_BYTES_MAX.saturating_add(data_bytes(path));
        let whole = is_file(path)?
            && fs::metadata(path)?.len() <= bytes_max
            && has_its_checksum(path, SNAPSHOT_TRAILER_BYTES)?;
        Ok((!whole).then_some("a damaged snapshot"))
    } else if name == "conf" {
        let whole = is_file(path)?
            && match fs::metadata(path)?.len() {
                0..=SETTINGS_EMPTY_BYTES => true,
                bytes => bytes <= SETTINGS_BYTES_MAX && has_its_checksum(path, CRC_BYTES)?,
            };
        Ok((!whole).then_some("damaged settings"))
    } else if name == "blobs" {
        // Sled makes the folder anew, and no value of ours is large enough to be in it.
        let is_folder = fs::metadata(path).is_ok_and(|found| found.is_dir());
        Ok((!is_folder).then_some("what is no folder, in the place of `blobs`,"))
    } else {
        Ok(None)
    }
}

fn is_file(path: &Path) -> io::Result<bool> {
    match fs::metadata(path) {
        Ok(found) => Ok(found.is_file()),
        // To nowhere, or to itself.
        Err(source) if source.kind() != io::ErrorKind::PermissionDenied && is_link(path) => {
            Ok(false)
        }
        Err(source) => Err(source),
    }
}

/// How long the data is that a snapshot stands beside.
fn data_bytes(snapshot: &Path) -> u64 {
    let data = snapshot.with_file_name(store::DATA_FILE_NAME);
    fs::metadata(data).map_or(0, |found| found.len())
}

/// Whether a file ends with the checksum of all that is before its trailer.
fn has_its_checksum(path: &Path, trailer_bytes: usize) -> io::Result<bool> {
    let file = File::open(path)?;
    let Some(covered) = file.metadata()?.len().checked_sub(trailer_bytes as u64) else {
        return Ok(false);
    };
    let mut file = BufReader::new(file);
    let mut hasher = crc32fast::Hasher::new();
    let mut left = covered;
    let mut buffer = [0; 16 * 1024];
    while left > 0 {
        let read = (&mut file).take(left).read(&mut buffer)?;
        let Some(bytes) = buffer.get(..read).filter(|bytes| !bytes.is_empty()) else {
            return Ok(false);
        };
        hasher.update(bytes);
        left -= read as u64;
    }
    let mut trailer = Vec::new();
    file.read_to_end(&mut trailer)?;
    let crc = trailer.last_chunk::<CRC_BYTES>();
    Ok(covered > 0 && crc.is_some_and(|crc| u32::from_le_bytes(*crc) == hasher.finalize()))
}

//! How far events were published: one number in a file of its own, beside the log.
//!
//! It is a hint and not a promise: after a kill some events are published once more, with the same
//! `Nats-Msg-Id`: those of the last second under load, and none once it was quiet for a second; after a power cut more
//! of them, since it is never synced. A file that is missing,
//! damaged or of another log begins at the head of the log, because replaying history publishes nothing, and the
//! service's own log says so. One that is ahead of the log is not written over: the log was rolled back, and it tells.
//!
//! ```text
//! file  = next position (20 digits) " " log id (32 hex) " " crc32c of all before (8 hex) "\n"
//! ```

use std::{
    fs::{self, File, OpenOptions},
    io::{self, Write as _},
    os::unix::fs::FileExt as _,
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use event_log::LogId;

use crate::{
    Error,
    beside::{self, InPlace, create_anew, failed, set_aside_foreign, set_aside_no_file},
};

/// The name of the file in the data folder.
pub const CURSOR_FILE: &str = "published.cursor";

/// The position of the next event to be published.
#[derive(Debug)]
pub struct Cursor {
    path: PathBuf,
    file: File,
    log_id: LogId,
    next_position: u64,
    stored: u64,
    stored_at: Instant,
}

/// The name under which a new one is written.
const NEW_FILE: &str = "published.cursor.new";

const STORED_BYTES: usize = 20 + 1 + 32 + 1 + 8 + 1;

/// How often the file is written while events are published. Writing it after each flush would cost the disk as much
/// as the log does.
const STORE_EVERY: Duration = Duration::from_secs(1);

/// What was found in place of a cursor.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum CursorFile {
    None,
    /// A file that does not read.
    Damaged,
    /// What is no file is in its place.
    NoFile,
    OfAnotherLog,
    Next(u64),
}

impl Cursor {
    /// Reads the cursor of a log that goes to this head. A log that has nothing but its beginning is
    /// published from there.
    ///
    /// # Errors
    /// When the file cannot be used, or is ahead of the log.
    pub fn open(dir: &Path, log_id: LogId, head: u64) -> Result<Self, Error> {
        let path = dir.join(CURSOR_FILE);
        let found = find(dir, log_id).map_err(|source| failed("read", &path, source))?;
        let next_position = match found {
            CursorFile::Next(next) if next <= head => next,
            CursorFile::Next(next) => {
                return Err(Error::RolledBack {
                    path: dir.to_owned(),
                    found: format!(
                        "`{CURSOR_FILE}` goes to position {next}, and the log to {head}"
                    ),
                });
            }
            CursorFile::None if head <= 1 => 0,
            CursorFile::None => begins_at_head(&path, head, "is nowhere written"),
            CursorFile::Damaged | CursorFile::NoFile => {
                begins_at_head(&path, head, "does not read")
            }
            CursorFile::OfAnotherLog => begins_at_head(&path, head, "is of another log"),
        };
        if !matches!(found, CursorFile::Next(_)) {
            // All at once: one that a kill left empty would be damaged, and what was not published yet left out.
            let begun = begin_at(dir, log_id, next_position);
            begun.map_err(|source| failed("write", &path, source))?;
        }
        let opened = OpenOptions::new().write(true).open(&path);
        Ok(Self {
            file: opened.map_err(|source| failed("open", &path, source))?,
            path,
            log_id,
            next_position,
            stored: next_position,
            stored_at: Instant::now(),
        })
    }

    /// Up to which position events are known to have been published.
    pub const fn next_position(&self) -> u64 {
        self.next_position
    }

    /// Moves on, once everything before has arrived at the server.
    ///
    /// # Errors
    /// When it is time to write the file, and it cannot be written.
    pub fn advance(&mut self, next_position: u64, now: Instant) -> Result<(), Error> {
        self.next_position = next_position;
        match self.store_at() {
            Some(at) if at <= now => self.store(),
            Some(_) | None => Ok(()),
        }
    }

    /// When to write the file, unless it says already how far events were published.
    pub fn store_at(&self) -> Option<Instant> {
        (self.next_position != self.stored).then(|| self.stored_at + STORE_EVERY)
    }

    /// Writes the file, in place and in a fixed width.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn store(&mut self) -> Result<(), Error> {
        let text = written(self.next_position, self.log_id);
        let stored = self.file.write_all_at(text.as_bytes(), 0);
        stored.map_err(|source| failed("write", &self.path, source))?;
        self.stored = self.next_position;
        self.stored_at = Instant::now();
        Ok(())
    }
}

/// Up to which position the cursor in a folder says that events of a log were published, if it says so.
pub(crate) fn published_to(dir: &Path, log_id: LogId) -> Result<Option<u64>, Error> {
    let found = find(dir, log_id);
    Ok(
        match found.map_err(|source| failed("read", &dir.join(CURSOR_FILE), source))? {
            CursorFile::Next(next) => Some(next),
            CursorFile::None
            | CursorFile::Damaged
            | CursorFile::NoFile
            | CursorFile::OfAnotherLog => None,
        },
    )
}

/// Puts a new cursor in the place of whatever is there, all at once. One of another log is kept aside.
pub(crate) fn begin_at(dir: &Path, log_id: LogId, position: u64) -> io::Result<()> {
    match find(dir, log_id)? {
        CursorFile::OfAnotherLog => set_aside_foreign(dir, CURSOR_FILE)?,
        CursorFile::NoFile => set_aside_no_file(dir, CURSOR_FILE)?,
        CursorFile::None | CursorFile::Damaged | CursorFile::Next(_) => {}
    }
    let mut new = create_anew(dir, NEW_FILE)?;
    new.write_all(written(position, log_id).as_bytes())?;
    new.sync_all()?;
    fs::rename(dir.join(NEW_FILE), dir.join(CURSOR_FILE))?;
    File::open(dir)?.sync_all()
}

/// Which log the cursor says it is of.
pub(crate) fn log_named(dir: &Path) -> io::Result<Option<String>> {
    Ok(match in_place(dir)? {
        InPlace::File(bytes) => read(&bytes).map(|(_, log_id)| log_id.to_string()),
        InPlace::Nothing | InPlace::NoFile => None,
    })
}

fn find(dir: &Path, log_id: LogId) -> io::Result<CursorFile> {
    Ok(match in_place(dir)? {
        InPlace::File(bytes) => match read(&bytes) {
            None => CursorFile::Damaged,
            Some((_, other)) if other != log_id => CursorFile::OfAnotherLog,
            Some((next, _)) => CursorFile::Next(next),
        },
        InPlace::Nothing => CursorFile::None,
        InPlace::NoFile => CursorFile::NoFile,
    })
}

/// What stands behind the number is damage too.
fn in_place(dir: &Path) -> io::Result<InPlace> {
    beside::read(&dir.join(CURSOR_FILE), STORED_BYTES as u64 + 1)
}

fn written(next_position: u64, log_id: LogId) -> String {
    let said = format!("{next_position:020} {log_id} ");
    format!("{said}{:08x}\n", crc32c::crc32c(said.as_bytes()))
}

/// What the file says, if it holds that and nothing else.
fn read(bytes: &[u8]) -> Option<(u64, LogId)> {
    let mut words = std::str::from_utf8(bytes).ok()?.split(' ');
    let (next, log_id) = (words.next()?.parse().ok()?, words.next()?.parse().ok()?);
    (written(next, log_id).as_bytes() == bytes).then_some((next, log_id))
}

fn begins_at_head(path: &Path, head: u64, why: &str) -> u64 {
    tracing::warn!(
        path = %path.display(),
        from = head,
        "how far events were published {why}; publishing begins at the head of the log, and whoever misses an event \
         asks for it"
    );
    head
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEAD: u64 = 900;

    const LOG: LogId = LogId([7; 16]);

    fn opened(dir: &Path) -> u64 {
        let position = Cursor::open(dir, LOG, HEAD).unwrap().next_position();
        let stored = fs::read(dir.join(CURSOR_FILE)).unwrap();
        assert_eq!(stored.len(), STORED_BYTES, "nothing else is in the file");
        assert_eq!(read(&stored), Some((position, LOG)));
        position
    }

    #[test]
    fn publishing_goes_on_where_the_file_says() {
        let dir = tempfile::tempdir().unwrap();
        let mut cursor = Cursor::open(dir.path(), LOG, 1).unwrap();
        assert_eq!(cursor.next_position(), 0);
        cursor.advance(17, Instant::now()).unwrap();
        cursor.store().unwrap();
        assert_eq!(opened(dir.path()), 17);
    }

    #[test]
    fn a_damaged_file_begins_at_the_head_and_is_whole_again() {
        let whole = written(17, LOG).into_bytes();
        let mut damaged = vec![
            b"\xff\xfe\n".to_vec(),
            b"00000000000000000017\n".to_vec(),
            b"-1".to_vec(),
            [&whole[..], b"and garbage behind it"].concat(),
        ];
        damaged.extend((0..whole.len()).map(|length| whole[..length].to_vec()));
        damaged.extend((0..whole.len()).map(|at| {
            let mut flipped = whole.clone();
            flipped[at] ^= 1;
            flipped
        }));
        for damage in damaged {
            let dir = tempfile::tempdir().unwrap();
            fs::write(dir.path().join(CURSOR_FILE), &damage).unwrap();
            assert_eq!(opened(dir.path()), HEAD, "{damage:?}");
            assert_eq!(opened(dir.path()), HEAD, "{damage:?}");
        }
    }

    #[test]
    fn a_file_that_is_ahead_of_the_log_is_refused_and_left_as_it_is() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join(CURSOR_FILE);
        let ahead = written(HEAD + 1, LOG);
        fs::write(&path, &ahead).unwrap();
        let refused = Cursor::open(dir.path(), LOG, HEAD).unwrap_err();
        assert!(matches!(refused, Error::RolledBack { .. }), "{refused}");
        assert_eq!(fs::read_to_string(path).unwrap(), ahead);
    }

    #[test]
    fn a_file_of_another_log_is_kept_aside_and_says_nothing_of_this_one() {
        let dir = tempfile::tempdir().unwrap();
        let foreign = written(HEAD + 1, LogId([8; 16]));
        fs::write(dir.path().join(CURSOR_FILE), &foreign).unwrap();
        assert_eq!(published_to(dir.path(), LOG).unwrap(), None);
        assert_eq!(opened(dir.path()), HEAD);
        let kept = dir.path().join("published.cursor.of-another-log");
        assert_eq!(fs::read_to_string(kept).unwrap(), foreign);
    }

    #[test]
    fn a_file_that_cannot_be_read_is_an_error_and_no_silence() {
        let dir = tempfile::tempdir().unwrap();
        let no_folder = dir.path().join("a file");
        fs::write(&no_folder, "").unwrap();
        assert!(published_to(&no_folder, LOG).is_err());
    }

    #[test]
    fn the_file_is_written_once_a_second_and_not_for_each_event() {
        let dir = tempfile::tempdir().unwrap();
        let stored = || published_to(dir.path(), LOG).unwrap().unwrap();
        let mut cursor = Cursor::open(dir.path(), LOG, 1).unwrap();
        assert_eq!(cursor.store_at(), None);
        let opened = cursor.stored_at;
        cursor.advance(5_000, opened + STORE_EVERY / 2).unwrap();
        assert_eq!(stored(), 0);
        let at = cursor.store_at().unwrap();
        assert_eq!(at, opened + STORE_EVERY);
        cursor.advance(5_001, at).unwrap();
        assert_eq!(stored(), 5_001);
        assert_eq!(cursor.store_at(), None);
    }

    #[test]
    fn a_folder_in_the_place_of_the_file_is_set_aside_with_all_that_is_in_it() {
        let dir = tempfile::tempdir().unwrap();
        let folder = dir.path().join(CURSOR_FILE);
        for kept in ["published.cursor.set-aside", "published.cursor.set-aside-2"] {
            let _ = fs::remove_file(&folder);
            fs::create_dir(&folder).unwrap();
            fs::write(folder.join("mine"), "dear to somebody").unwrap();
            assert_eq!(opened(dir.path()), HEAD);
            let kept = fs::read_to_string(dir.path().join(kept).join("mine"));
            assert_eq!(kept.unwrap(), "dear to somebody");
        }
    }
}

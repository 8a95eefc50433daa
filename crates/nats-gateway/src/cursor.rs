//! How far events were published: one number in a file of its own, beside the log.
//!
//! It is a hint and not a promise: after a crash some events are published once more, with the same
//! `Nats-Msg-Id`: those of the last second under load, and none once it was quiet for a second. A file that is missing
//! or damaged begins at the head of the log, because replaying history publishes nothing, and the service's own log says
//! so. One that is ahead of the log is not written over: the log was rolled back, and it tells.

use std::{
    fs::{self, File, OpenOptions},
    io::{self, ErrorKind},
    os::unix::fs::FileExt as _,
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use crate::Error;

/// The name of the file in the data folder.
pub const CURSOR_FILE: &str = "published.cursor";

/// The position of the next event to be published.
#[derive(Debug)]
pub(crate) struct Cursor {
    path: PathBuf,
    file: File,
    next_position: u64,
    stored: u64,
    stored_at: Instant,
}

/// The number in its fixed width, and the end of the line.
const STORED_BYTES: u64 = 21;

/// Where a folder goes that is in the place of the file.
const SET_ASIDE: &str = "published.cursor.set-aside";

/// How often the file is written while events are published. Writing it after each flush would cost the disk as much
/// as the log does.
const STORE_EVERY: Duration = Duration::from_secs(1);

impl Cursor {
    /// Reads the cursor of a log that goes to this head. A log that has nothing but its beginning is
    /// published from there.
    pub(crate) fn open(dir: &Path, head: u64) -> Result<Self, Error> {
        let path = dir.join(CURSOR_FILE);
        let failed = |action: &'static str, path: &Path, source: io::Error| Error::Cursor {
            action,
            path: path.to_owned(),
            source,
        };
        let next_position = match fs::read(&path) {
            Ok(bytes) => match read(&bytes) {
                Some(next) if next <= head => next,
                Some(next) => {
                    return Err(Error::CursorAhead { path, next, head });
                }
                None => begins_at_head(&path, head, "does not read"),
            },
            Err(error) if error.kind() == ErrorKind::NotFound && head <= 1 => 0,
            Err(error) if error.kind() == ErrorKind::NotFound => {
                begins_at_head(&path, head, "is nowhere written")
            }
            Err(error) if error.kind() == ErrorKind::IsADirectory => {
                // Whatever is in it is somebody's.
                fs::rename(&path, dir.join(SET_ASIDE)).map_err(|source| {
                    failed("set aside the folder in the place of", &path, source)
                })?;
                begins_at_head(&path, head, "does not read")
            }
            Err(source) => return Err(failed("read", &path, source)),
        };
        let file = OpenOptions::new()
            .create(true)
            .truncate(false)
            .write(true)
            .open(&path)
            .map_err(|source| failed("open", &path, source))?;
        let mut cursor = Self {
            path,
            file,
            next_position,
            stored: next_position,
            stored_at: Instant::now(),
        };
        cursor.store()?;
        // What stood behind the number would be damage for ever. The number goes first: a file that a crash leaves
        // empty would be damaged too.
        let cut = cursor.file.set_len(STORED_BYTES);
        cut.map_err(|source| failed("write", &cursor.path, source))?;
        Ok(cursor)
    }

    pub(crate) const fn next_position(&self) -> u64 {
        self.next_position
    }

    /// Moves on, once everything before is taken to have arrived at the server.
    pub(crate) fn advance(&mut self, next_position: u64, now: Instant) -> Result<(), Error> {
        self.next_position = next_position;
        match self.store_at() {
            Some(at) if at <= now => self.store(),
            Some(_) | None => Ok(()),
        }
    }

    /// When to write the file, unless it says already how far events were published.
    pub(crate) fn store_at(&self) -> Option<Instant> {
        (self.next_position != self.stored).then(|| self.stored_at + STORE_EVERY)
    }

    /// Writes the file, in place and in a fixed width.
    pub(crate) fn store(&mut self) -> Result<(), Error> {
        let text = format!("{:020}\n", self.next_position);
        self.file
            .write_all_at(text.as_bytes(), 0)
            .map_err(|source| Error::Cursor {
                action: "write",
                path: self.path.clone(),
                source,
            })?;
        self.stored = self.next_position;
        self.stored_at = Instant::now();
        Ok(())
    }
}

/// Up to which position the cursor in a folder says that events were published, if it is ahead of the log, which ends at
/// this head. What was published was in the log.
pub fn published_beyond(dir: &Path, head: u64) -> Option<u64> {
    let bytes = fs::read(dir.join(CURSOR_FILE)).ok()?;
    read(&bytes).filter(|next| *next > head)
}

/// The position in the file, if it holds nothing else.
fn read(bytes: &[u8]) -> Option<u64> {
    std::str::from_utf8(bytes).ok()?.trim().parse().ok()
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

    fn opened(dir: &Path) -> u64 {
        let position = Cursor::open(dir, HEAD).unwrap().next_position();
        let stored = fs::read_to_string(dir.join(CURSOR_FILE)).unwrap();
        assert_eq!(
            stored,
            format!("{position:020}\n"),
            "nothing else is left in the file"
        );
        position
    }

    #[test]
    fn publishing_goes_on_where_the_file_says() {
        let dir = tempfile::tempdir().unwrap();
        let mut cursor = Cursor::open(dir.path(), 1).unwrap();
        assert_eq!(cursor.next_position(), 0);
        cursor.advance(17, Instant::now()).unwrap();
        cursor.store().unwrap();
        assert_eq!(opened(dir.path()), 17);
    }

    #[test]
    fn a_damaged_file_begins_at_the_head_and_is_whole_again() {
        for damage in [
            &b"\xff\xfe\n"[..],
            b"",
            b"00000000000000000017\nand garbage behind it that is longer than a number",
            b"-1",
        ] {
            let dir = tempfile::tempdir().unwrap();
            fs::write(dir.path().join(CURSOR_FILE), damage).unwrap();
            assert_eq!(opened(dir.path()), HEAD, "{damage:?}");
            assert_eq!(opened(dir.path()), HEAD, "{damage:?}");
        }
    }

    #[test]
    fn a_file_that_is_ahead_of_the_log_is_refused_and_left_as_it_is() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join(CURSOR_FILE);
        let ahead = "00000000000000000901\n";
        fs::write(&path, ahead).unwrap();
        let refused = Cursor::open(dir.path(), HEAD).unwrap_err();
        assert!(matches!(
            refused,
            Error::CursorAhead {
                next: 901,
                head: HEAD,
                ..
            }
        ));
        assert_eq!(fs::read_to_string(path).unwrap(), ahead);
    }

    #[test]
    fn the_file_is_written_once_a_second_and_not_for_each_event() {
        let dir = tempfile::tempdir().unwrap();
        let stored = || fs::read_to_string(dir.path().join(CURSOR_FILE)).unwrap();
        let mut cursor = Cursor::open(dir.path(), 1).unwrap();
        assert_eq!(cursor.store_at(), None);
        let opened = cursor.stored_at;
        cursor.advance(5_000, opened + STORE_EVERY / 2).unwrap();
        assert_eq!(stored(), format!("{:020}\n", 0));
        let at = cursor.store_at().unwrap();
        assert_eq!(at, opened + STORE_EVERY);
        cursor.advance(5_001, at).unwrap();
        assert_eq!(stored(), format!("{:020}\n", 5_001));
        assert_eq!(cursor.store_at(), None);
    }

    #[test]
    fn a_folder_in_the_place_of_the_file_is_set_aside_with_all_that_is_in_it() {
        let dir = tempfile::tempdir().unwrap();
        let folder = dir.path().join(CURSOR_FILE);
        fs::create_dir(&folder).unwrap();
        fs::write(folder.join("mine"), "dear to somebody").unwrap();
        assert_eq!(opened(dir.path()), HEAD);
        let kept = dir.path().join(SET_ASIDE).join("mine");
        assert_eq!(fs::read_to_string(kept).unwrap(), "dear to somebody");
    }
}

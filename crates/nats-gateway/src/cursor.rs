//! How far events were published: one number in a file of its own, beside the log.
//!
//! It is a hint and not a promise: after a crash some events are published once more, with the same
//! `Nats-Msg-Id`. A file that is missing or damaged begins at the head of the log, because replaying history
//! publishes nothing.

use std::{
    fs::{self, File, OpenOptions},
    os::unix::fs::FileExt as _,
    path::{Path, PathBuf},
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
}

/// Events published before the file is written again. Writing it after each flush would cost the disk as much as
/// the log does.
const STORE_EVERY_EVENTS: u64 = 4_096;

impl Cursor {
    /// Reads the cursor of a log that goes to this head. A log that has nothing but its beginning is
    /// published from there.
    pub(crate) fn open(dir: &Path, head: u64) -> Result<Self, Error> {
        let path = dir.join(CURSOR_FILE);
        let stored = match fs::read_to_string(&path) {
            Ok(text) => text.trim().parse::<u64>().ok().filter(|next| *next <= head),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                Some(0).filter(|_| head <= 1)
            }
            Err(source) => {
                return Err(Error::Cursor {
                    action: "read",
                    path,
                    source,
                });
            }
        };
        let file = OpenOptions::new()
            .create(true)
            .truncate(false)
            .write(true)
            .open(&path)
            .map_err(|source| Error::Cursor {
                action: "open",
                path: path.clone(),
                source,
            })?;
        let next_position = stored.unwrap_or(head);
        let mut cursor = Self {
            path,
            file,
            next_position,
            stored: next_position,
        };
        cursor.store()?;
        Ok(cursor)
    }

    pub(crate) const fn next_position(&self) -> u64 {
        self.next_position
    }

    /// Moves on, after the server has confirmed that it has everything before.
    pub(crate) fn advance(&mut self, next_position: u64) -> Result<(), Error> {
        self.next_position = next_position;
        if next_position - self.stored >= STORE_EVERY_EVENTS {
            self.store()?;
        }
        Ok(())
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
        Ok(())
    }
}

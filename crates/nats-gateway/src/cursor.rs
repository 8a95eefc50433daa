//! How far events were published: one number in a file of its own, beside the log.
//!
//! It is a hint and not a promise: after a crash some events are published once more, with the same
//! `Nats-Msg-Id`. A file that is missing or damaged begins at the head of the log, because replaying history
//! publishes nothing.

use std::{
    fs,
    path::{Path, PathBuf},
};

use crate::Error;

/// The name of the file in the data folder.
pub const CURSOR_FILE: &str = "published.cursor";

/// The position of the next event to be published.
#[derive(Debug)]
pub(crate) struct Cursor {
    path: PathBuf,
    next_position: u64,
}

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
        Ok(Self {
            next_position: stored.unwrap_or(head),
            path,
        })
    }

    pub(crate) const fn next_position(&self) -> u64 {
        self.next_position
    }

    /// Moves on, after the server has confirmed that it has everything before.
    pub(crate) fn advance(&mut self, next_position: u64) -> Result<(), Error> {
        let aside = self.path.with_extension("new");
        fs::write(&aside, next_position.to_string())
            .and_then(|()| fs::rename(&aside, &self.path))
            .map_err(|source| Error::Cursor {
                action: "write",
                path: self.path.clone(),
                source,
            })?;
        self.next_position = next_position;
        Ok(())
    }
}

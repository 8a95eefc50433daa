//! The report of the lines that a takeover refused.

use std::{
    collections::BTreeSet,
    fs::{File, OpenOptions},
    io::{self, Seek as _, Write as _},
    path::{Path, PathBuf},
};

use super::RefusedLine;
use crate::Error;

/// The report of refused lines. It is only added to: a line that is decided again after an interruption
/// comes to the same and is not reported twice.
pub(super) struct Report {
    path: PathBuf,
    file: Option<File>,
    /// Bytes of what an earlier run reported, up to where the interruption tore it.
    whole: u64,
    unwritten: Vec<u8>,
    /// The lines that it has.
    pub(super) lines: BTreeSet<u64>,
}

impl Report {
    /// Goes on behind what an earlier run reported. The file is not touched before there is something to write.
    pub(super) fn behind(path: &Path, before: &[u8]) -> Self {
        let mut report = Self {
            path: path.to_owned(),
            file: None,
            whole: 0,
            unwritten: Vec::new(),
            lines: BTreeSet::new(),
        };
        for text in before.split_inclusive(|byte| *byte == b'\n') {
            let Ok(refused) = serde_json::from_slice::<RefusedLine>(text) else {
                // Torn by the interruption; it is decided again.
                break;
            };
            report.lines.insert(refused.line);
            report.whole += text.len() as u64;
        }
        report
    }

    pub(super) fn add(&mut self, refused: &RefusedLine) -> Result<(), Error> {
        if self.lines.insert(refused.line) {
            serde_json::to_writer(&mut self.unwritten, refused).map_err(|error| {
                Error::Backfill {
                    problem: format!("a line of the report cannot be written: {error}"),
                }
            })?;
            self.unwritten.push(b'\n');
        }
        Ok(())
    }

    pub(super) fn sync(&mut self) -> io::Result<()> {
        let file = match &mut self.file {
            Some(file) => file,
            None => self.file.insert(open_behind(&self.path, self.whole)?),
        };
        if !self.unwritten.is_empty() {
            file.write_all(&self.unwritten)?;
            file.sync_data()?;
            self.unwritten.clear();
        }
        Ok(())
    }
}

/// Opens a file to write behind so many bytes of it.
fn open_behind(path: &Path, bytes: u64) -> io::Result<File> {
    let mut file = OpenOptions::new()
        .create(true)
        .write(true)
        .truncate(false)
        .open(path)?;
    file.set_len(bytes)?;
    file.seek(io::SeekFrom::End(0))?;
    file.sync_all()?;
    Ok(file)
}

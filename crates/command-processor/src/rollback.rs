//! A log that was rolled back: the files beside it are written after it, so one that knows of other events than the log
//! has is of a time when the log had them.
//!
//! Nothing is written on such a log before somebody has accepted it: what would be written takes the positions of what
//! is missing, and the files that tell of it would be written over.

use std::{
    fs::{self, File},
    io,
    path::Path,
};

use event_log::LogReader;
use events_schema::{Event, Instant, Label, RollbackAccepted, RollbackEvidence};

use crate::{
    Error, HEARTBEAT_FILE, Processor, Stored,
    heartbeat::{self, Beat, Found},
};

/// What a file beside the log knows of other events than the log has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Contradiction {
    /// The name of the file.
    pub file: &'static str,
    /// The position after the last event that it knows of.
    pub next_position: u64,
    /// What it says, as the end of a sentence about it.
    pub how: String,
}

impl Contradiction {
    /// That a file knows of events up to a position, and the log ends before.
    pub fn ahead(file: &'static str, next_position: u64, head: u64) -> Self {
        Self {
            file,
            next_position,
            how: format!(
                "it is ahead of the log: it goes to position {next_position}, the log to {head}; the log was rolled back \
                 to an older copy, or the file comes from elsewhere"
            ),
        }
    }

    /// What the heartbeat in a folder says, if it contradicts the log.
    ///
    /// # Errors
    /// When the log cannot be read.
    pub fn of_heartbeat(dir: &Path, reader: &LogReader) -> Result<Option<Self>, Error> {
        match heartbeat::read(dir, reader.log_id()) {
            Found::Beat(beat) => Self::of_beat(&beat, reader),
            Found::None | Found::Useless(_) => Ok(None),
        }
    }

    pub(crate) fn of_beat(beat: &Beat, reader: &LogReader) -> Result<Option<Self>, Error> {
        let (next, hash) = (beat.next_position, beat.last_commit_hash);
        Self::of(HEARTBEAT_FILE, next, hash, reader)
    }

    /// What a file says that knows of the commit before a position, if the log has another one there, or none.
    pub(crate) fn of(
        file: &'static str,
        next_position: u64,
        last_commit_hash: [u8; 32],
        reader: &LogReader,
    ) -> Result<Option<Self>, Error> {
        let head = reader.head().next_position;
        if next_position > head {
            return Ok(Some(Self::ahead(file, next_position, head)));
        }
        // A log that cannot be read says nothing of its history.
        let last = next_position.checked_sub(1);
        let place = last.map_or(Ok(None), |last| reader.commit_of(last))?;
        let in_log = place.map(|place| place.hash);
        Ok((in_log != Some(last_commit_hash)).then(|| Self {
            file,
            next_position,
            how: format!(
                "it is of another history than the log's, which has another commit before position {next_position}; the \
                 log was rolled back to an older copy and went on, or the file comes from elsewhere"
            ),
        }))
    }
}

impl Processor {
    /// What the files beside the log know of other events than it has.
    pub fn contradictions(&self) -> &[Contradiction] {
        &self.contradictions
    }

    /// Adds what a file says that the processor does not know.
    pub fn add_contradiction(&mut self, contradiction: Contradiction) {
        self.contradictions.push(contradiction);
    }

    /// Refuses to go on with a log that was rolled back.
    ///
    /// # Errors
    /// When it was, and nobody has accepted it.
    pub fn refuse_rollback(&self) -> Result<(), Error> {
        if self.contradictions.is_empty() {
            return Ok(());
        }
        let found = self.contradictions.iter();
        let found: Vec<_> = found
            .map(|it| format!("of `{}`, {}", it.file, it.how))
            .collect();
        Err(Error::RolledBack {
            path: self.dir().to_owned(),
            found: found.join("; "),
        })
    }

    /// Records that somebody goes on with a log that was rolled back, and keeps the files aside that tell of it. Gives
    /// what was recorded, which is durable.
    ///
    /// # Errors
    /// When it cannot be written, or a file cannot be renamed. Then the next start refuses again.
    pub fn accept_rollback(&mut self, clock: Instant) -> Result<Vec<Stored>, Error> {
        let position = self.head().next_position;
        let evidence: Vec<_> = self
            .contradictions
            .iter()
            .map(|it| RollbackEvidence {
                file: label(it.file),
                next_position: it.next_position,
                kept_as: label(&free_name(
                    self.dir(),
                    format!("{}.before-rollback-{position}", it.file),
                )),
            })
            .collect();
        let accepted = RollbackAccepted {
            evidence: evidence.clone(),
            clock,
        };
        // Dated as the event before it: whether the clock can be believed is asked when the writer begins.
        let time = self.last_time().unwrap_or(clock);
        self.record_about_log(Event::RollbackAccepted(accepted), time)?;
        let stored = self.commit()?;
        // The other way round, a kill between the two would leave no trace of what was accepted.
        for RollbackEvidence { file, kept_as, .. } in evidence {
            let path = self.dir().join(file.as_str());
            let failed = |source| Error::File {
                action: "set aside",
                path: path.clone(),
                source,
            };
            fs::rename(&path, self.dir().join(kept_as.as_str())).map_err(failed)?;
            File::open(self.dir())
                .and_then(|dir| dir.sync_all())
                .map_err(failed)?;
        }
        self.contradictions.clear();
        Ok(stored)
    }
}

/// Keeps a file of another log under another name: whoever mixed the folders may have no other copy of what it tells.
pub(crate) fn set_aside_foreign(dir: &Path, file: &str) -> io::Result<()> {
    let kept_as = free_name(dir, format!("{file}.of-another-log"));
    tracing::warn!(file, kept_as, "a file of another log is kept aside");
    fs::rename(dir.join(file), dir.join(kept_as))?;
    File::open(dir)?.sync_all()
}

/// A name that no file has, so that what was kept before is not written over.
fn free_name(dir: &Path, name: String) -> String {
    let mut names = std::iter::once(name.clone()).chain((2..).map(|n| format!("{name}-{n}")));
    let free = names.find(|name| !dir.join(name).exists());
    free.unwrap_or(name)
}

#[expect(clippy::expect_used, reason = "the short name of a file of ours")]
fn label(text: &str) -> Label {
    text.parse().expect("the name of a file is a label")
}

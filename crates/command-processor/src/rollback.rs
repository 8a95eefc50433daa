//! A log that was rolled back: the files beside it are written after it, so one that knows of other events than the log
//! has is of a time when the log had them.
//!
//! Nothing is written on such a log before somebody has accepted it: what would be written takes the positions of what
//! is missing, and the files that tell of it would be written over.

use std::{
    fs::{self, File},
    io,
    path::{Path, PathBuf},
};

use event_log::{LogId, LogReader};

use events_schema::{Event, Instant, Label, LogEvent, RollbackAccepted, RollbackEvidence};

use crate::{
    CURSOR_FILE, Error, HEARTBEAT_FILE, Processor, Recorded, SNAPSHOT_FILE, Stored,
    beside::{failed, free_name},
    cursor,
    doubt::Doubt,
    heartbeat::{self, HeartbeatFile},
    snapshot::{self, Loaded},
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
    fn ahead(file: &'static str, next_position: u64, head: u64) -> Self {
        Self {
            file,
            next_position,
            how: format!(
                "it is ahead of the log: it goes to position {next_position}, the log to {head}; the log was rolled back \
                 to an older copy, or the file comes from elsewhere"
            ),
        }
    }

    /// What the files in a folder say, where it contradicts the log.
    ///
    /// # Errors
    /// When the log or the cursor cannot be read.
    pub fn all(dir: &Path, reader: &LogReader) -> Result<Vec<Self>, Error> {
        let of_snapshot = match snapshot::read(dir, reader)? {
            Loaded::Contradicts(contradiction) => Some(contradiction),
            Loaded::None | Loaded::Refused(_) | Loaded::Snapshot(_) => None,
        };
        let beside = Self::beside(dir, reader)?;
        Ok(of_snapshot.into_iter().chain(beside).collect())
    }

    /// What the heartbeat and the cursor in a folder say, where it contradicts the log.
    ///
    /// # Errors
    /// When the log or the cursor cannot be read.
    pub fn beside(dir: &Path, reader: &LogReader) -> Result<Vec<Self>, Error> {
        let of_heartbeat = match heartbeat::read(dir, reader.log_id())? {
            HeartbeatFile::Beat(beat) => {
                let (next, hash) = (beat.next_position, beat.last_commit_hash);
                Self::of(HEARTBEAT_FILE, next, hash, reader)?
            }
            HeartbeatFile::None | HeartbeatFile::Useless(_) => None,
        };
        let head = reader.head().next_position;
        let published = cursor::published_to(dir, reader.log_id())?;
        let of_cursor = published
            .filter(|next| *next > head)
            .map(|next| Self::ahead(CURSOR_FILE, next, head));
        Ok(of_heartbeat.into_iter().chain(of_cursor).collect())
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

/// Refuses a folder without a log where files are of one that was there.
///
/// # Errors
/// When it is so, or one of them cannot be looked at.
pub fn refuse_what_a_log_left(dir: &Path) -> Result<(), Error> {
    let mut files = Vec::new();
    for file in [SNAPSHOT_FILE, HEARTBEAT_FILE, CURSOR_FILE] {
        let path = dir.join(file);
        match fs::metadata(&path) {
            Ok(found) if found.is_file() => files.push(format!("`{file}`")),
            // A folder tells nothing.
            Ok(_) => {}
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(source) => return Err(failed("look at", &path, source)),
        }
    }
    if files.is_empty() {
        return Ok(());
    }
    Err(Error::LogGone {
        path: dir.to_owned(),
        files: files.join(", "),
    })
}

/// Refuses a log beside which all files are of another one: then it is this one that is out of place. A single file of
/// another log is kept aside by whoever would write over it.
///
/// # Errors
/// When it is so, or one of them cannot be read.
pub fn refuse_another_log(dir: &Path, log_id: LogId) -> Result<(), Error> {
    let named = [
        (SNAPSHOT_FILE, snapshot::log_named(dir)),
        (HEARTBEAT_FILE, heartbeat::log_named(dir)),
        (CURSOR_FILE, cursor::log_named(dir)),
    ];
    let mut others = Vec::new();
    for (file, log) in named {
        match log.map_err(|source| failed("read", &dir.join(file), source))? {
            None => {}
            Some(log) if log == log_id.to_string() => return Ok(()),
            Some(log) => others.push(format!("`{file}` of log {log}")),
        }
    }
    if others.is_empty() {
        return Ok(());
    }
    Err(Error::OfAnotherLog {
        path: dir.to_owned(),
        log_id,
        files: others.join(", "),
    })
}

impl Processor {
    /// What the files beside the log know of other events than it has.
    pub fn contradictions(&self) -> &[Contradiction] {
        &self.contradictions
    }

    /// Refuses to go on with a log that was rolled back, or that has taken the place of another one.
    ///
    /// # Errors
    /// When it was, and nobody has accepted it.
    pub fn refuse_rollback(&self) -> Result<(), Error> {
        refuse_another_log(self.dir(), self.reader().log_id())?;
        if self.contradictions.is_empty() {
            return Ok(());
        }
        let found = self.contradictions.iter();
        let found: Vec<_> = found
            .map(|it| format!("of `{}`, {}", it.file, it.how))
            .collect();
        let (path, found) = (self.dir().to_owned(), found.join("; "));
        Err(if self.is_taking_over() {
            // To accept it would be to serve a part of the history.
            Error::TakeoverRolledBack { path, found }
        } else {
            Error::RolledBack { path, found }
        })
    }

    /// Records that somebody goes on with a log that was rolled back, and keeps the files aside that tell of it. Gives
    /// what was recorded, which is durable.
    ///
    /// # Errors
    /// When it cannot be written, which leaves all as it was, or a file cannot be set aside, which the next start does.
    pub fn accept_rollback(&mut self, clock: Instant) -> Result<Vec<Stored>, Error> {
        let position = self.head().next_position;
        let log_id = self.reader().log_id();
        // What is recorded here is published, whenever that begins.
        if cursor::published_to(self.dir(), log_id)?.is_none() {
            let begun = cursor::begin_at(self.dir(), log_id, position);
            begun.map_err(|source| failed("write", &self.dir().join(CURSOR_FILE), source))?;
        }
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
        self.record_about_log(accepted.into(), time)?;
        // One may have stood in what is gone, and nothing else tells of it.
        self.hold_still(Doubt::after_rollback(position, clock))?;
        let stored = self.commit()?;
        // The other way round, a kill between the two would leave no trace of what was accepted. What is not set aside
        // yet, the next start does.
        let is_snapshot = |it: &&RollbackEvidence| it.file.as_str() == SNAPSHOT_FILE;
        for evidence in evidence.iter().filter(is_snapshot) {
            set_aside(self.dir(), log_id, evidence, position)?;
        }
        // A second rollback at once, to before the acceptance, is to be told by something.
        snapshot::write(self);
        for evidence in evidence.iter().filter(|it| !is_snapshot(it)) {
            set_aside(self.dir(), log_id, evidence, position)?;
        }
        self.contradictions.clear();
        Ok(stored)
    }
}

/// Sets aside what an acceptance names, if it is the last event of the log and was killed before it had done so.
pub(crate) fn finish_acceptance(dir: &Path, reader: &LogReader) -> Result<(), Error> {
    // Behind it is the hold that comes with it, and nothing else.
    let Some(at) = reader.head().next_position.checked_sub(2) else {
        return Ok(());
    };
    let Some(record) = reader.read(at)? else {
        return Ok(());
    };
    let recorded = Recorded::read(at, record.header(), record.data())?;
    let Event::Log(LogEvent::RollbackAccepted(accepted)) = recorded.event else {
        return Ok(());
    };
    // A log that had lost all of its events was begun anew with it.
    let position = if at == 1 { 0 } else { at };
    let is_named = |it: &Contradiction| {
        let mut named = accepted.evidence.iter();
        named.any(|named| (named.file.as_str(), named.next_position) == (it.file, it.next_position))
    };
    let known = Contradiction::all(dir, reader)?;
    // What tells of something else tells of another rollback, which nobody has accepted.
    if !known.iter().all(is_named) {
        return Ok(());
    }
    for evidence in &accepted.evidence {
        let file = evidence.file.as_str();
        let kept = dir.join(evidence.kept_as.as_str());
        let still_tells = if file == CURSOR_FILE {
            // It says no hash: one that the log has grown up to tells of it no more, and may be of now.
            let told = cursor::published_to(dir, reader.log_id())? == Some(evidence.next_position);
            told && !kept.exists()
        } else {
            known.iter().any(|it| it.file == file)
        };
        let copy = unfinished(&kept);
        if !still_tells && copy.exists() && !kept.exists() {
            let renamed = fs::rename(&copy, &kept);
            renamed.map_err(|source| failed("rename", &copy, source))?;
        }
        if still_tells {
            tracing::warn!(
                file,
                "an accepted rollback was not finished; the file is kept aside"
            );
            set_aside(dir, reader.log_id(), evidence, position)?;
        }
    }
    Ok(())
}

/// Keeps a file aside that tells of a rollback which was accepted at a position.
fn set_aside(
    dir: &Path,
    log_id: LogId,
    evidence: &RollbackEvidence,
    position: u64,
) -> Result<(), Error> {
    let path = dir.join(evidence.file.as_str());
    let kept = dir.join(evidence.kept_as.as_str());
    let set_aside = if evidence.file.as_str() == CURSOR_FILE {
        // There is one at any time, so that a kill between the two does not begin at the head. Its copy gets its name
        // last: what has it is through with.
        let copy = unfinished(&kept);
        fs::copy(&path, &copy)
            .and_then(|_| File::open(&copy)?.sync_all())
            .and_then(|()| cursor::begin_at(dir, log_id, position))
            .and_then(|()| fs::rename(&copy, &kept))
    } else {
        fs::rename(&path, &kept)
    };
    set_aside
        .and_then(|()| File::open(dir)?.sync_all())
        .map_err(|source| failed("set aside", &path, source))
}

/// What the copy of a file is called until it has its name.
fn unfinished(kept: &Path) -> PathBuf {
    let mut name = kept.as_os_str().to_owned();
    name.push(".new");
    name.into()
}

#[expect(clippy::expect_used, reason = "the short name of a file of ours")]
fn label(text: &str) -> Label {
    text.parse().expect("the name of a file is a label")
}

#[cfg(test)]
mod tests {
    use events_schema::{BackfillStarted, Sha256};
    use test_support::{day, label};

    use super::*;

    #[test]
    fn a_takeover_that_was_rolled_back_is_begun_again_elsewhere() {
        let dir = tempfile::tempdir().unwrap();
        let (mut processor, _) =
            Processor::open(dir.path(), &label("tests"), day(0), &mut |_, _| {}).unwrap();
        let started = BackfillStarted {
            file_sha256: Sha256::of(b"a history"),
            wall_time: day(0),
        };
        let started = Event::from(started);
        processor.record_about_log(started, day(0)).unwrap();
        processor.commit().unwrap();
        cursor::begin_at(dir.path(), processor.reader().log_id(), 500).unwrap();
        drop(processor);
        let (processor, _) = Processor::open_existing(dir.path()).unwrap();
        let refused = processor.refuse_rollback().unwrap_err();
        let said = refused.to_string();
        assert!(
            matches!(refused, Error::TakeoverRolledBack { .. }),
            "{said}"
        );
        assert!(said.contains("in an empty folder"), "{said}");
        assert!(!said.contains("accept-rollback"), "{said}");
    }
}

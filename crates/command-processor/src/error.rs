//! What can go wrong with the world. Every one of these stops the process.

use std::path::PathBuf;

/// Why the processor cannot start or go on.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The log failed.
    #[error(transparent)]
    Log(#[from] event_log::Error),
    /// An event in the log does not read.
    #[error("event {position} in the log does not read: {problem}; run `redress verify`")]
    Unreadable {
        /// Its position.
        position: u64,
        /// What is wrong.
        problem: String,
    },
    /// The log holds something other than the events of Redress.
    #[error("the log is not one of Redress: {problem}")]
    NotOurs {
        /// What is wrong.
        problem: String,
    },
    /// What is to be taken in is not the next commit of the history that the log has. Nothing was written.
    #[error(
        "a commit at position {position} is not the next one of this log: {problem}; follow the log that this one is a \
         copy of, from there on"
    )]
    NotNext {
        /// The position at which it would stand.
        position: u64,
        /// What does not fit.
        problem: String,
    },
    /// A file beside the log could not be used.
    #[error(
        "failed to {action} {path}: {source}. Who runs this program must be able to read and write all that is in the \
         data folder, and its disk must be well"
    )]
    File {
        /// What was tried.
        action: &'static str,
        /// On which file.
        path: PathBuf,
        /// Why it failed.
        source: std::io::Error,
    },
    /// The operating system gives no thread.
    #[error("failed to start a thread: {source}")]
    Thread {
        /// Why.
        source: std::io::Error,
    },
    /// The files beside the log know of other events than the log has.
    #[error(
        "{path} holds an older copy of the log, or files of another one: {found}. Look for a newer copy of `blocks` and \
         `tip`, in a backup or beside this folder, put it in their place and run `redress verify`, which says the same \
         as long as events are missing. Where there is none, what is missing is lost, and positions that others have \
         seen are given again: `redress serve --accept-rollback` records that in the log, keeps these files aside, and \
         goes on"
    )]
    RolledBack {
        /// The folder.
        path: PathBuf,
        /// What each file knows.
        found: String,
    },
    /// The same of a log whose history was still being taken over when the copy was made.
    #[error(
        "{path} holds an older copy of the log, of when its history was being taken over: {found}. Look for a newer copy \
         of `blocks` and `tip`, in a backup or beside this folder, and put it in their place. Where there is none, what \
         came after is lost: take the history over again in an empty folder, and keep this one for what it tells"
    )]
    TakeoverRolledBack {
        /// The folder.
        path: PathBuf,
        /// What each file knows.
        found: String,
    },
    /// Every file beside the log is of another one.
    #[error(
        "the log in {path} is {log_id}, and beside it is {files}: it has taken the place of another log. Put back the \
         `blocks` and `tip` that belong to these files. Where this is the right log, move these files away: the service \
         holds still then until somebody has looked"
    )]
    OfAnotherLog {
        /// The folder.
        path: PathBuf,
        /// The log that is there.
        log_id: event_log::LogId,
        /// The files, and which log each is of.
        files: String,
    },
    /// The files beside a log are there, and the log is not.
    #[error(
        "{path} has {files} of a log, and no log: `blocks` and `tip` are gone. Put the latest copy of them in their \
         place and run `redress verify`, which says whether events are missing. Where there is none, what was in the \
         log is lost: begin in an empty folder, and keep this one for what it tells"
    )]
    LogGone {
        /// The folder.
        path: PathBuf,
        /// The files.
        files: String,
    },
    /// The folder has no log.
    #[error("there is no log in {path}; `redress serve` and `redress backfill` make one")]
    NoLog {
        /// The folder.
        path: PathBuf,
    },
    /// The file to take over cannot be taken over into this log.
    #[error("the file cannot be taken over: {problem}")]
    Backfill {
        /// Why, and what to do.
        problem: String,
    },
}

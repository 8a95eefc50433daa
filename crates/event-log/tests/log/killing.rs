//! A process that is killed loses nothing that it had acknowledged.

use crate::scenes;
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::PathBuf;
use std::process::{Command, Stdio};

use crate::scenes::{assert_sound, assert_true};
use event_log::EventLog;

const FOLDER: &str = "EVENT_LOG_TO_APPEND_TO";

/// The process that is killed: appends until it dies, and says how far it was acknowledged.
#[test]
fn child_that_appends_until_it_is_killed() {
    let Some(dir) = std::env::var_os(FOLDER).map(PathBuf::from) else {
        return;
    };
    let (mut log, _) = EventLog::open(&dir).unwrap();
    let mut out = std::io::stdout();
    loop {
        let next = log.head().next_position;
        let commits = [
            scenes::commit(next, 1),
            scenes::commit(next + 1, 1 + next % 200),
            scenes::commit(next + 2 + next % 200, 1),
        ];
        let head = log.append(&commits).unwrap();
        writeln!(out, "\nacknowledged {}", head.next_position).unwrap();
    }
}

#[test]
fn everything_acknowledged_before_a_kill_is_there_once() {
    let dir = tempfile::tempdir().unwrap();
    drop(EventLog::create(dir.path(), scenes::LOG).unwrap());
    for round in 1..=10_u64 {
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args([
                "--exact",
                "killing::child_that_appends_until_it_is_killed",
                "--nocapture",
            ])
            .env(FOLDER, dir.path())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap())
            .lines()
            .map(Result::unwrap);
        let mut acknowledgements =
            lines.filter_map(|line| line.strip_prefix("acknowledged ")?.parse::<u64>().ok());
        // A different number each round, so that the kill falls into different steps of an append.
        let at_least = acknowledgements
            .by_ref()
            .nth(usize::try_from(round * 7).unwrap())
            .expect("the child appends");
        child.kill().unwrap();
        let acknowledged = acknowledgements.last().unwrap_or(at_least);
        child.wait().unwrap();

        let (log, _) = EventLog::open(dir.path()).unwrap();
        let reader = log.reader();
        assert!(reader.head().next_position >= acknowledged);
        assert_true(&reader, 0);
        assert_sound(&reader);
    }
}

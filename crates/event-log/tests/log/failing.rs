//! An append that fails is the last one, and takes nothing acknowledged with it.

use std::path::PathBuf;
use std::process::Command;

use event_log::{Error, EventLog};

use crate::scenes;
use crate::scenes::{assert_sound, assert_true};

const FOLDER: &str = "EVENT_LOG_TO_FILL";

/// Runs where files may not grow beyond a limit, as if the disk were full.
#[test]
fn child_that_appends_until_the_disk_is_full() {
    let Some(dir) = std::env::var_os(FOLDER).map(PathBuf::from) else {
        return;
    };
    let (mut log, _) = EventLog::open(&dir).unwrap();
    let error = loop {
        let next = log.head().next_position;
        if let Err(error) = log.append(&[scenes::commit(next, 300)]) {
            break error;
        }
    };
    assert!(
        matches!(error, Error::Append { .. } | Error::SyncData { .. }),
        "{error}"
    );
    let head = log.head();
    assert!(matches!(
        log.append(&[scenes::commit(head.next_position, 1)]),
        Err(Error::Poisoned)
    ));
    // Readers do not see what was not acknowledged, and what was is still read.
    assert_eq!(log.reader().head(), head);
    assert_true(&log.reader(), 0);
    std::fs::write(
        dir.with_extension("acknowledged"),
        head.next_position.to_string(),
    )
    .unwrap();
}

#[test]
fn a_full_disk_ends_appending_and_loses_nothing_acknowledged() {
    let dir = tempfile::tempdir().unwrap();
    let log_dir = dir.path().join("log");
    drop(EventLog::create(&log_dir, scenes::LOG).unwrap());
    // The shell's units are 512 or 1024 bytes; the signal would end the process before it saw the error.
    let child = Command::new("sh")
        .args(["-c", "trap '' XFSZ; ulimit -f 24000; exec \"$0\" \"$@\""])
        .arg(std::env::current_exe().unwrap())
        .args([
            "--exact",
            "failing::child_that_appends_until_the_disk_is_full",
        ])
        .env(FOLDER, &log_dir)
        .output()
        .unwrap();
    assert!(
        child.status.success(),
        "{}",
        String::from_utf8_lossy(&child.stdout)
    );
    let acknowledged: u64 = std::fs::read_to_string(log_dir.with_extension("acknowledged"))
        .unwrap()
        .parse()
        .unwrap();
    assert!(acknowledged > 0);

    let (mut log, _) = EventLog::open(&log_dir).unwrap();
    assert!(log.head().next_position >= acknowledged);
    assert_true(&log.reader(), 0);
    scenes::fill(&mut log, acknowledged + 1_000);
    assert_sound(&log.reader());
}

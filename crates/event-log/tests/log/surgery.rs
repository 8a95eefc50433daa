//! What a log does when its store is sound but what lies in it is not: each test changes the database
//! with sled itself, as no accident of the disk could.

use crate::scenes;
use std::fs;
use std::path::Path;

use crate::scenes::{assert_sound, assert_true, check, commit, copy, fill, make, refusal};
use event_log::{Commit, Error, EventLog, LogId};

/// Changes the blocks of a closed log.
fn operate(dir: &Path, change: impl FnOnce(&sled::Db)) {
    let config = sled::Config::new()
        .path(dir.join("blocks"))
        .segment_size(8 * 1024 * 1024);
    // A database that was just dropped frees its lock from threads of its own.
    let db = std::iter::repeat_with(|| config.open())
        .find_map(Result::ok)
        .expect("the store opens in the end");
    change(&db);
    db.flush().expect("the store is writable");
}

fn keys(db: &sled::Db) -> Vec<u64> {
    db.iter()
        .keys()
        .map(|key| u64::from_be_bytes(key.unwrap().as_ref().try_into().unwrap()))
        .collect()
}

/// Changes a stored block and repairs its checksum.
fn forge(db: &sled::Db, key: u64, change: impl FnOnce(&mut Vec<u8>)) {
    let mut bytes = db.get(key.to_be_bytes()).unwrap().unwrap().to_vec();
    change(&mut bytes);
    let crc = crc32c::crc32c(&bytes[4..]);
    bytes[..4].copy_from_slice(&crc.to_be_bytes());
    db.insert(key.to_be_bytes(), bytes).unwrap();
}

#[test]
fn a_missing_block_is_refused_with_its_positions() {
    let dir = tempfile::tempdir().unwrap();
    make(dir.path(), 300);
    let mut gap = (0, 0);
    operate(dir.path(), |db| {
        let keys = keys(db);
        gap = (keys[3], keys[4] - 1);
        db.remove(keys[3].to_be_bytes()).unwrap();
    });
    let sentence = refusal(dir.path());
    assert!(
        sentence.starts_with(&format!(
            "positions {} to {} are missing from the log",
            gap.0, gap.1
        )),
        "{sentence}"
    );
}

#[test]
fn a_block_with_a_wrong_checksum_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    make(dir.path(), 300);
    operate(dir.path(), |db| {
        let key = keys(db)[2];
        let mut bytes = db.get(key.to_be_bytes()).unwrap().unwrap().to_vec();
        bytes[100] ^= 1;
        db.insert(key.to_be_bytes(), bytes).unwrap();
    });
    assert!(refusal(dir.path()).contains("is damaged: its checksum does not match"));
}

#[test]
fn a_changed_header_is_found_by_a_check() {
    let dir = tempfile::tempdir().unwrap();
    make(dir.path(), 300);
    let mut first = 0;
    operate(dir.path(), |db| {
        first = keys(db)[2];
        forge(db, first, |bytes| {
            let at = bytes
                .windows(9)
                .position(|window| window == b"header of")
                .unwrap();
            bytes[at] = b'H';
        });
    });
    let (log, _) = EventLog::open(dir.path()).unwrap();
    let problems = check(&log.reader()).problems;
    assert_eq!(problems.len(), 1, "{problems:?}");
    assert!(problems[0].sentence.contains("does not have the hash"));
    assert!(problems[0].positions.contains(&first));
}

#[test]
fn every_forgery_is_named_by_a_check_and_not_only_the_first() {
    let dir = tempfile::tempdir().unwrap();
    make(dir.path(), 600);
    let forged = [1, 4, 9];
    operate(dir.path(), |db| {
        for index in forged {
            forge(db, keys(db)[index], |bytes| {
                let at = bytes
                    .windows(9)
                    .rposition(|window| window == b"header of")
                    .unwrap();
                bytes[at] = b'H';
            });
        }
    });
    let (log, _) = EventLog::open(dir.path()).unwrap();
    assert_eq!(check(&log.reader()).problems.len(), forged.len());
}

#[test]
fn nonsense_lengths_with_a_right_checksum_are_refused() {
    let dir = tempfile::tempdir().unwrap();
    let original = dir.path().join("original");
    make(&original, 40);
    // Count of segments, position, commit's records, index, count, lengths; and a cut.
    for at in [6, 30, 64, 68, 72, 76, 80] {
        let victim = dir.path().join(format!("victim{at}"));
        copy(&original, &victim);
        operate(&victim, |db| {
            forge(db, keys(db)[0], |bytes| bytes[at] ^= 0xff);
        });
        assert!(
            matches!(EventLog::open(&victim), Err(Error::Damaged { .. })),
            "byte {at}"
        );
    }
    for length in [0, 3, 31, 32, 75, 77, 200] {
        let victim = dir.path().join(format!("cut{length}"));
        copy(&original, &victim);
        operate(&victim, |db| {
            let key = keys(db)[0].to_be_bytes();
            let mut bytes = db.get(key).unwrap().unwrap().to_vec();
            bytes.truncate(length);
            if length >= 4 {
                let crc = crc32c::crc32c(&bytes[4..]);
                bytes[..4].copy_from_slice(&crc.to_be_bytes());
            }
            db.insert(key, bytes).unwrap();
        });
        assert!(
            matches!(EventLog::open(&victim), Err(Error::Damaged { .. })),
            "cut at {length}"
        );
    }
}

#[test]
fn a_foreign_key_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    make(dir.path(), 40);
    operate(dir.path(), |db| {
        drop(db.insert("who put this here?", "nobody").unwrap());
    });
    assert!(refusal(dir.path()).contains("is not a position"));
}

/// A log whose last commit, after the tip, spans blocks of which only the first ones are there.
fn with_torn_commit(dir: &Path, whole_before_it: u64) -> (u64, u64) {
    make(dir, 20);
    let older_tip = fs::read(dir.join("tip")).unwrap();
    let (mut log, _) = EventLog::open(dir).unwrap();
    let start = log.head().next_position;
    let mut group: Vec<Commit> = (start..start + whole_before_it)
        .map(|position| commit(position, 1))
        .collect();
    let torn = start + whole_before_it;
    group.push(commit(torn, 600));
    log.append(&group).unwrap();
    drop(log);
    fs::write(dir.join("tip"), older_tip).unwrap();
    let mut end = 0;
    operate(dir, |db| {
        let keys = keys(db);
        end = *keys.last().unwrap();
        assert!(end > torn);
        db.remove(end.to_be_bytes()).unwrap();
    });
    (torn, end)
}

#[test]
fn a_torn_last_commit_is_dropped_for_good_and_reported() {
    for whole_before_it in [0, 3] {
        let dir = tempfile::tempdir().unwrap();
        let (torn, end) = with_torn_commit(dir.path(), whole_before_it);
        let (mut log, report) = EventLog::open(dir.path()).unwrap();
        assert_eq!(log.head().next_position, torn);
        assert_eq!(report.dropped, torn..end);
        assert_eq!(report.kept, torn - whole_before_it..torn);
        let findings = report.findings.concat();
        assert!(findings.contains(&format!("dropped the last commit, which was never acknowledged: of its 600 records only {} are there, positions {torn} to {}", end - torn, end - 1)), "{findings}");
        assert_eq!(
            findings.contains("kept what was written after the tip"),
            whole_before_it > 0
        );
        assert_true(&log.reader(), 0);
        assert_sound(&log.reader());
        fill(&mut log, torn + 100);
        assert_true(&log.reader(), 0);
        drop(log);
        let (log, report) = EventLog::open(dir.path()).unwrap();
        assert_eq!(report.findings, Vec::<String>::new());
        assert_sound(&log.reader());
    }
}

#[test]
fn a_torn_commit_that_the_tip_names_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    let mut log = EventLog::create(dir.path(), scenes::LOG).unwrap();
    log.append(&[commit(0, 600)]).unwrap();
    drop(log);
    operate(dir.path(), |db| {
        drop(db.remove(keys(db).last().unwrap().to_be_bytes()).unwrap());
    });
    assert!(refusal(dir.path()).contains("positions 0 to 599 were acknowledged and are missing"));
}

#[test]
fn a_forged_commit_after_the_tip_is_refused_at_once() {
    let dir = tempfile::tempdir().unwrap();
    make(dir.path(), 20);
    let older_tip = fs::read(dir.path().join("tip")).unwrap();
    fill(&mut EventLog::open(dir.path()).unwrap().0, 60);
    fs::write(dir.path().join("tip"), older_tip).unwrap();
    operate(dir.path(), |db| {
        forge(db, *keys(db).last().unwrap(), |bytes| {
            let at = bytes
                .windows(9)
                .position(|window| window == b"header of")
                .unwrap();
            bytes[at] = b'H';
        });
    });
    assert!(refusal(dir.path()).contains("does not have the hash that is stored with it"));
}

#[test]
fn a_block_of_another_log_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    let (log, other) = (dir.path().join("log"), dir.path().join("other"));
    make(&log, 60);
    fill(&mut EventLog::create(&other, LogId([9; 16])).unwrap(), 60);
    let mut foreign = Vec::new();
    operate(&other, |db| {
        foreign = db.last().unwrap().unwrap().1.to_vec();
    });
    operate(&log, |db| {
        drop(db.insert(db.last().unwrap().unwrap().0, foreign).unwrap());
    });
    assert!(matches!(
        EventLog::open(&log),
        Err(Error::TipOfAnotherLog { .. })
    ));
}

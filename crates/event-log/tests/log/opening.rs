//! A log is opened if it is complete up to its tip; otherwise a sentence says what to restore.

use crate::scenes;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::scenes::{assert_sound, assert_true, commit, copy, edit, fill, make, refusal};
use event_log::{Error, EventLog, LogId};

fn says(sentence: &str, parts: &[&str]) {
    for part in parts {
        assert!(sentence.contains(part), "`{part}` is not in: {sentence}");
    }
}

#[test]
fn an_absent_log_is_not_created_by_opening() {
    let dir = tempfile::tempdir().unwrap();
    let absent = dir.path().join("absent");
    assert!(!EventLog::exists(&absent));
    assert!(matches!(EventLog::open(&absent), Err(Error::Absent { .. })));
    assert!(!absent.exists());
}

#[test]
fn a_log_is_created_in_an_empty_or_absent_folder_only() {
    let dir = tempfile::tempdir().unwrap();
    make(dir.path(), 10);
    assert!(matches!(
        EventLog::create(dir.path(), scenes::LOG),
        Err(Error::CreateOccupied { .. })
    ));
    let other = tempfile::tempdir().unwrap();
    fs::write(other.path().join("something"), "else").unwrap();
    assert!(matches!(
        EventLog::create(other.path(), scenes::LOG),
        Err(Error::CreateOccupied { .. })
    ));
    assert_eq!(fs::read_dir(other.path()).unwrap().count(), 1);
}

#[test]
fn a_second_opener_gets_a_sentence() {
    let dir = tempfile::tempdir().unwrap();
    let log = EventLog::create(dir.path(), scenes::LOG).unwrap();
    says(&refusal(dir.path()), &["is open in another process"]);
    let reader = log.reader();
    drop(log);
    says(&refusal(dir.path()), &["is open in another process"]);
    drop(reader);
    EventLog::open(dir.path()).unwrap();
}

const FOLDER: &str = "EVENT_LOG_OPEN_ELSEWHERE";

/// The other process: it must not get the log.
#[test]
fn child_that_is_the_second_opener() {
    let Some(dir) = std::env::var_os(FOLDER).map(PathBuf::from) else {
        return;
    };
    says(&refusal(&dir), &["is open in another process"]);
    assert!(matches!(
        EventLog::create(&dir, LogId([1; 16])),
        Err(Error::CreateOccupied { .. })
    ));
}

#[test]
fn a_second_process_gets_a_sentence_and_touches_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let mut log = EventLog::create(dir.path(), scenes::LOG).unwrap();
    fill(&mut log, 50);
    let leftover = dir.path().join("blocks").join("snap.00.generating");
    fs::write(&leftover, "not to be moved by a process that may not open").unwrap();
    let child = Command::new(std::env::current_exe().unwrap())
        .args([
            "--exact",
            "opening::child_that_is_the_second_opener",
            "--nocapture",
        ])
        .env(FOLDER, dir.path())
        .output()
        .unwrap();
    let said = [child.stdout, child.stderr].concat();
    assert!(child.status.success(), "{}", String::from_utf8_lossy(&said));
    assert!(leftover.exists());
    fill(&mut log, 100);
    assert_true(&log.reader(), 0);
    assert_sound(&log.reader());
}

#[test]
fn a_log_may_be_created_deep_in_folders_that_are_not_there_yet() {
    let dir = tempfile::tempdir().unwrap();
    let deep = dir.path().join("a").join("b").join("c");
    make(&deep, 10);
    assert_true(&EventLog::open(&deep).unwrap().0.reader(), 0);
}

#[test]
fn a_missing_tip_is_refused_when_there_is_data() {
    let dir = tempfile::tempdir().unwrap();
    make(dir.path(), 10);
    fs::remove_file(dir.path().join("tip")).unwrap();
    assert!(EventLog::exists(dir.path()));
    says(
        &refusal(dir.path()),
        &["the tip file", "is missing", "restore `tip`"],
    );
}

#[test]
fn missing_data_is_refused_when_there_is_a_tip() {
    let dir = tempfile::tempdir().unwrap();
    make(dir.path(), 100);
    for lose in [
        fs::remove_file as fn(std::path::PathBuf) -> _,
        fs::remove_dir_all,
    ] {
        let blocks = dir.path().join("blocks");
        lose(if blocks.join("db").exists() {
            blocks.join("db")
        } else {
            blocks
        })
        .unwrap();
        assert!(EventLog::exists(dir.path()));
        says(
            &refusal(dir.path()),
            &[
                "data",
                "is missing",
                "positions 0 to 104",
                "restore `blocks`",
            ],
        );
    }
}

#[test]
fn a_creation_that_was_interrupted_is_completed() {
    let dir = tempfile::tempdir().unwrap();
    drop(EventLog::create(dir.path(), scenes::LOG).unwrap());
    fs::remove_dir_all(dir.path().join("blocks")).unwrap();
    let (mut log, report) = EventLog::open(dir.path()).unwrap();
    says(&report.findings.concat(), &["creation", "completed"]);
    fill(&mut log, 10);
    assert_true(&log.reader(), 0);
}

#[test]
fn a_tip_ahead_of_the_log_is_refused_with_the_missing_positions() {
    let dir = tempfile::tempdir().unwrap();
    let (log, older) = (dir.path().join("log"), dir.path().join("older"));
    make(&log, 100);
    copy(&log, &older);
    fill(&mut EventLog::open(&log).unwrap().0, 200);
    fs::copy(log.join("tip"), older.join("tip")).unwrap();
    says(
        &refusal(&older),
        &[
            "ends before its tip",
            "positions 105 to",
            "restore `blocks` and `tip`",
        ],
    );
}

#[test]
fn a_store_that_comes_up_empty_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    let (log, empty) = (dir.path().join("log"), dir.path().join("empty"));
    make(&log, 100);
    drop(EventLog::create(&empty, scenes::LOG).unwrap());
    fs::copy(log.join("tip"), empty.join("tip")).unwrap();
    says(
        &refusal(&empty),
        &["positions 0 to 104 were acknowledged and are missing"],
    );
}

#[test]
fn the_tip_of_another_log_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    let (log, other) = (dir.path().join("log"), dir.path().join("other"));
    make(&log, 20);
    let id = LogId([3; 16]);
    drop(EventLog::create(&other, id).unwrap());
    fs::copy(other.join("tip"), log.join("tip")).unwrap();
    says(
        &refusal(&log),
        &["the tip is of log 0303", "the data of log 6120"],
    );
}

#[test]
fn a_tip_with_another_history_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    let (log, other) = (dir.path().join("log"), dir.path().join("other"));
    for (path, grouping) in [(&log, [2, 3]), (&other, [3, 2])] {
        let mut log = EventLog::create(path, scenes::LOG).unwrap();
        log.append(&[commit(0, grouping[0]), commit(grouping[0], grouping[1])])
            .unwrap();
    }
    fs::copy(other.join("tip"), log.join("tip")).unwrap();
    says(
        &refusal(&log),
        &[
            "does not agree with its tip",
            "before position 5",
            "number 2",
        ],
    );
}

#[test]
fn commits_after_the_tip_are_kept() {
    let dir = tempfile::tempdir().unwrap();
    make(dir.path(), 100);
    let older = fs::read(dir.path().join("tip")).unwrap();
    let mut log = EventLog::open(dir.path()).unwrap().0;
    fill(&mut log, 200);
    let head = log.head();
    drop(log);
    fs::write(dir.path().join("tip"), older).unwrap();
    let (log, report) = EventLog::open(dir.path()).unwrap();
    assert_eq!((log.head(), report.head), (head, head));
    says(
        &report.findings.concat(),
        &["kept what was written after the tip", "positions 105 to"],
    );
    assert_eq!(report.kept, 105..head.next_position);
    assert_true(&log.reader(), 0);
    assert_sound(&log.reader());
    drop(log);
    assert_eq!(
        EventLog::open(dir.path()).unwrap().1.findings,
        Vec::<String>::new()
    );
}

/// The slot that was written last, and the other one.
fn slots_newest_first(tip: &Path) -> [usize; 2] {
    let bytes = fs::read(tip).expect("the tip is there");
    let generation = |slot: usize| {
        bytes
            .get(slot * 4096 + 28..slot * 4096 + 36)
            .map(<[u8]>::to_vec)
    };
    if generation(0) > generation(1) {
        [0, 1]
    } else {
        [1, 0]
    }
}

#[test]
fn a_torn_slot_is_survived_when_the_log_goes_on_after_the_other_one() {
    let dir = tempfile::tempdir().unwrap();
    make(dir.path(), 200);
    let tip = dir.path().join("tip");
    let [newest, _] = slots_newest_first(&tip);
    edit(&tip, |bytes| bytes[newest * 4096 + 40] ^= 0xff);
    let (mut log, report) = EventLog::open(dir.path()).unwrap();
    says(
        &report.findings.concat(),
        &[
            &format!("slot {newest} has a checksum that does not match"),
            "kept what was written after the tip",
        ],
    );
    fill(&mut log, 300);
    assert_true(&log.reader(), 0);
    assert_sound(&log.reader());
    drop(log);
    assert_eq!(
        EventLog::open(dir.path()).unwrap().1.findings,
        Vec::<String>::new()
    );
}

#[test]
fn a_torn_slot_is_refused_when_it_may_have_named_more_than_the_log_holds() {
    let dir = tempfile::tempdir().unwrap();
    make(dir.path(), 200);
    let tip = dir.path().join("tip");
    let [_, older] = slots_newest_first(&tip);
    edit(&tip, |bytes| bytes[older * 4096 + 40] ^= 0xff);
    says(
        &refusal(dir.path()),
        &[&format!("slot {older}"), "may be lost", "restore `tip`"],
    );
}

#[test]
fn a_tip_without_a_valid_slot_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    make(dir.path(), 20);
    let tip = dir.path().join("tip");
    let whole = fs::read(&tip).unwrap();
    for length in [0, 10, 80] {
        fs::write(&tip, &whole[..length]).unwrap();
        let sentence = refusal(dir.path());
        says(&sentence, &["restore `tip`"]);
    }
    fs::write(&tip, vec![0; whole.len()]).unwrap();
    says(
        &refusal(dir.path()),
        &["neither slot", "does not begin like a tip", "restore `tip`"],
    );
    fs::write(&tip, whole).unwrap();
    EventLog::open(dir.path()).unwrap();
}

#[test]
fn an_unfinished_snapshot_is_moved_aside() {
    let dir = tempfile::tempdir().unwrap();
    make(dir.path(), 100);
    for _ in 0..2 {
        fs::write(
            dir.path()
                .join("blocks")
                .join("snap.0000000000000000.generating"),
            "half",
        )
        .unwrap();
        let (log, report) = EventLog::open(dir.path()).unwrap();
        says(
            &report.findings.concat(),
            &["snap.0000000000000000.generating", "quarantine"],
        );
        assert!(report.quarantined.iter().all(|path| path.exists()));
        assert_eq!(report.quarantined.len(), 1);
        assert_true(&log.reader(), 0);
    }
    assert_eq!(
        fs::read_dir(dir.path().join("quarantine")).unwrap().count(),
        2
    );
}

#[test]
fn what_is_no_file_in_the_place_of_one_is_refused_and_nothing_waits_for_it() {
    for file in ["lock", "tip", "blocks/db"] {
        let dir = tempfile::tempdir().unwrap();
        make(dir.path(), 10);
        let path = dir.path().join(file);
        for target in ["/dev/zero", "/nowhere/at/all"] {
            fs::remove_file(&path).unwrap();
            std::os::unix::fs::symlink(target, &path).unwrap();
            says(&refusal(dir.path()), &[file, "move it away"]);
        }
    }
}

#[test]
fn a_file_that_was_lengthened_is_not_read_to_its_end() {
    for (file, what) in [
        ("tip", ""),
        ("blocks/conf", "damaged settings"),
        ("blocks/snap", "a damaged snapshot"),
        ("blocks/db", "more than the"),
    ] {
        let dir = tempfile::tempdir().unwrap();
        make(dir.path(), 10);
        drop(EventLog::open(dir.path()).unwrap());
        let folder = dir.path().join(file);
        let (folder, name) = (folder.parent().unwrap(), folder.file_name().unwrap());
        let mut entries = fs::read_dir(folder)
            .unwrap()
            .map(|entry| entry.unwrap().path());
        let starts = |path: &PathBuf| {
            let its = path.file_name().unwrap().to_string_lossy();
            its.starts_with(&*name.to_string_lossy())
        };
        let path = entries.find(starts).unwrap();
        let opened = fs::OpenOptions::new().write(true).open(&path).unwrap();
        opened.set_len(1 << 43).unwrap();
        if file == "blocks/db" {
            says(&refusal(dir.path()), &[what, "lengthened", "Restore"]);
        } else {
            let (log, report) = EventLog::open(dir.path()).unwrap();
            assert!(report.findings.concat().contains(what), "{report:?}");
            assert_true(&log.reader(), 0);
        }
    }
}

#[test]
fn a_log_id_has_one_spelling() {
    let text = "00112233445566778899aabbccddeeff";
    let id: LogId = text.parse().unwrap();
    assert_eq!(id.to_string(), text);
    for wrong in [
        "",
        "00112233445566778899AABBCCDDEEFF",
        "+0112233445566778899aabbccddeeff",
        "00112233445566778899aabbccddeeff0",
    ] {
        assert!(wrong.parse::<LogId>().is_err(), "{wrong}");
    }
}

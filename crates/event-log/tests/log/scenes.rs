//! What the tests of the log share: commits with contents that can be told apart, and copies of logs
//! to do damage to.

use std::fs;
use std::path::Path;

use event_log::{Checked, Commit, EventLog, LogId, LogReader, OwnedRecord};

pub(crate) const LOG: LogId = LogId(*b"a log for a test");

/// A record whose content follows from its position, so that a reader can tell true from false.
pub(crate) fn record(position: u64, data_bytes: usize) -> OwnedRecord {
    let mut state = position.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1;
    let data = std::iter::repeat_with(|| {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        state.to_be_bytes()[0]
    });
    OwnedRecord {
        header: format!("header of {position}").into_bytes(),
        data: data.take(data_bytes).collect(),
    }
}

pub(crate) fn data_bytes(position: u64) -> usize {
    usize::try_from(position * 37 % 900).unwrap_or(0)
}

/// A commit of so many records from this position on.
pub(crate) fn commit(first: u64, records: u64) -> Commit {
    Commit {
        records: (first..first + records)
            .map(|position| record(position, data_bytes(position)))
            .collect(),
    }
}

/// Appends commits of 1, 2, .. 5 records in turns, a few to a group, up to at least `records`.
pub(crate) fn fill(log: &mut EventLog, records: u64) {
    let mut next = log.head().next_position;
    let mut turn = 0;
    while next < records {
        let mut group = Vec::new();
        for _ in 0..7 {
            turn = turn % 5 + 1;
            group.push(commit(next, turn));
            next += turn;
        }
        let head = log.append(&group).expect("a healthy log appends");
        assert_eq!(head.next_position, next);
    }
}

/// Makes a log of at least so many records and closes it.
pub(crate) fn make(dir: &Path, records: u64) {
    fill(
        &mut EventLog::create(dir, LOG).expect("an empty folder takes a log"),
        records,
    );
}

/// Everything from `from` on must be what [`record`] made of its position.
pub(crate) fn assert_true(reader: &LogReader, from: u64) {
    let to = reader.head().next_position;
    let mut expected = from;
    for stored in reader.range(from, to) {
        let stored = stored.expect("a healthy log reads");
        assert_eq!(stored.position(), expected);
        let made = record(expected, data_bytes(expected));
        assert_eq!(
            (stored.header(), stored.data()),
            (&*made.header, &*made.data),
            "position {expected}"
        );
        expected += 1;
    }
    assert_eq!(expected, to);
}

pub(crate) fn check(reader: &LogReader) -> Checked {
    reader.check(&mut |_| {}).expect("the check runs")
}

pub(crate) fn assert_sound(reader: &LogReader) {
    assert_eq!(check(reader).problems, Vec::new());
}

/// The sentence with which a log is refused, sources included.
pub(crate) fn refusal(dir: &Path) -> String {
    let error = EventLog::open(dir).expect_err("this log must be refused");
    let mut sentence = error.to_string();
    let mut source = std::error::Error::source(&error);
    while let Some(error) = source {
        sentence = format!("{sentence}: {error}");
        source = error.source();
    }
    sentence
}

pub(crate) fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).expect("a temporary folder takes folders");
    for entry in fs::read_dir(from).expect("the folder is there") {
        let entry = entry.expect("the folder is readable");
        let target = to.join(entry.file_name());
        if entry.file_type().expect("the entry has a type").is_dir() {
            copy(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).expect("files can be copied");
        }
    }
}

pub(crate) fn edit(path: &Path, change: impl FnOnce(&mut Vec<u8>)) {
    let mut bytes = fs::read(path).expect("the file is there");
    change(&mut bytes);
    fs::write(path, bytes).expect("the file can be written");
}

//! The golden log, record by record as it is in `tests/golden`, verifies to the digests that are kept beside it.

use std::{fs, path::PathBuf};

use event_log::{Commit, EventLog, LogId, OwnedRecord};
use serde::Deserialize;
use serde_json::{Value, value::RawValue};

use crate::output::{Format, Output};

#[derive(Deserialize)]
struct Line<'a> {
    commit: usize,
    #[serde(borrow)]
    header: &'a RawValue,
    #[serde(borrow)]
    data: &'a RawValue,
}

fn golden(name: &str) -> String {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/golden");
    fs::read_to_string(PathBuf::from(folder).join(name)).unwrap()
}

#[test]
fn the_golden_log_verifies_to_its_digests() {
    let expected: Value = serde_json::from_str(&golden("digests.json")).unwrap();
    let mut commits: Vec<Commit> = Vec::new();
    for line in golden("events.jsonl").lines() {
        let line: Line<'_> = serde_json::from_str(line).unwrap();
        let record = OwnedRecord {
            header: line.header.get().into(),
            data: line.data.get().into(),
        };
        match commits.get_mut(line.commit - 1) {
            Some(commit) => commit.records.push(record),
            None => commits.push(Commit {
                records: vec![record],
            }),
        }
    }
    let dir = tempfile::tempdir().unwrap();
    let mut log = EventLog::create(dir.path(), LogId(*b"redress.golden.1")).unwrap();
    log.append(&commits).unwrap();
    drop(log);

    let verified = super::verify(dir.path(), Output::new(Format::Json)).unwrap();
    let found = serde_json::to_value(&verified).unwrap();
    assert_eq!(found["problems"], Value::Array(Vec::new()));
    let expected = expected.as_object().unwrap();
    for (name, expected) in expected {
        assert_eq!(&found[name], expected, "{name}");
    }
}

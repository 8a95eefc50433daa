//! What is appended is read back, in order, all or nothing.

use crate::scenes;
use std::fs;

use crate::scenes::{LOG, assert_sound, assert_true, commit, fill, record};
use event_log::{
    Commit, Error, EventLog, MAX_RECORD_BYTES, OwnedRecord, commit_hash, genesis_hash, leaf_hash,
};

#[test]
fn what_was_appended_is_read_back_after_opening_again() {
    let dir = tempfile::tempdir().unwrap();
    scenes::make(dir.path(), 3_000);
    let (log, report) = EventLog::open(dir.path()).unwrap();
    assert_eq!(report.findings, Vec::<String>::new());
    assert_eq!(report.head, log.head());
    assert_eq!(log.log_id(), LOG);
    assert_true(&log.reader(), 0);
    assert_sound(&log.reader());
}

#[test]
fn appending_goes_on_after_opening_again() {
    let dir = tempfile::tempdir().unwrap();
    for records in [50, 100, 150, 200] {
        let mut log = if EventLog::exists(dir.path()) {
            EventLog::open(dir.path()).unwrap().0
        } else {
            EventLog::create(dir.path(), LOG).unwrap()
        };
        fill(&mut log, records);
        assert_true(&log.reader(), 0);
        assert_sound(&log.reader());
    }
}

#[test]
fn an_empty_log_opens_and_reads_as_empty() {
    let dir = tempfile::tempdir().unwrap();
    drop(EventLog::create(dir.path(), LOG).unwrap());
    let (log, report) = EventLog::open(dir.path()).unwrap();
    assert_eq!(report.findings, Vec::<String>::new());
    assert_eq!(
        (
            log.head().next_position,
            log.head().commits,
            log.head().last_commit_hash
        ),
        (0, 0, genesis_hash(LOG))
    );
    assert!(log.reader().read(0).unwrap().is_none());
    assert_eq!(log.reader().range(0, u64::MAX).count(), 0);
    assert_sound(&log.reader());
}

#[test]
fn a_commit_larger_than_a_block_spans_several() {
    let dir = tempfile::tempdir().unwrap();
    let mut log = EventLog::create(dir.path(), LOG).unwrap();
    let large = Commit {
        records: (1..1_001)
            .map(|position| record(position, scenes::data_bytes(position)))
            .collect(),
    };
    log.append(&[commit(0, 1), large.clone(), commit(1_001, 2)])
        .unwrap();
    drop(log);
    let (log, _) = EventLog::open(dir.path()).unwrap();
    let reader = log.reader();
    assert_eq!(log.head().commits, 3);
    assert!(reader.blocks(0, u64::MAX).count() > 4);
    assert_true(&reader, 0);
    assert_sound(&reader);
    for position in [1, 500, 1_000] {
        let place = reader.commit_of(position).unwrap().unwrap();
        assert_eq!((place.first_position, place.records), (1, 1_000));
    }
    let firsts: Vec<u64> = reader
        .range(0, u64::MAX)
        .map(Result::unwrap)
        .filter(event_log::StoredRecord::is_first_of_commit)
        .map(|record| record.position())
        .collect();
    assert_eq!(firsts, [0, 1, 1_001]);
}

#[test]
fn a_record_of_the_largest_size_fits_and_one_byte_more_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    let mut log = EventLog::create(dir.path(), LOG).unwrap();
    let of = |bytes: usize| Commit {
        records: vec![OwnedRecord {
            header: vec![1; 100],
            data: vec![2; bytes - 100],
        }],
    };
    log.append(&[of(MAX_RECORD_BYTES), of(MAX_RECORD_BYTES)])
        .unwrap();
    assert!(matches!(
        log.append(&[of(MAX_RECORD_BYTES + 1)]),
        Err(Error::RecordTooLarge { .. })
    ));
    assert_eq!(
        log.reader().read(1).unwrap().unwrap().data().len(),
        MAX_RECORD_BYTES - 100
    );
    assert_sound(&log.reader());
}

#[test]
fn a_refused_group_consumes_no_position_and_writes_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let mut log = EventLog::create(dir.path(), LOG).unwrap();
    fill(&mut log, 10);
    let (head, syncs) = (log.head(), log.syncs());
    let too_large = Commit {
        records: vec![record(0, MAX_RECORD_BYTES)],
    };
    assert!(matches!(
        log.append(&[commit(head.next_position, 1), too_large]),
        Err(Error::RecordTooLarge { .. })
    ));
    assert!(matches!(
        log.append(&[
            commit(head.next_position, 1),
            Commit {
                records: Vec::new()
            }
        ]),
        Err(Error::EmptyCommit { index: 1 })
    ));
    assert_eq!((log.head(), log.syncs()), (head, syncs));
    fill(&mut log, head.next_position + 10);
    assert_true(&log.reader(), 0);
    assert_sound(&log.reader());
}

#[test]
fn a_group_costs_two_syncs_whatever_its_size() {
    let dir = tempfile::tempdir().unwrap();
    let mut log = EventLog::create(dir.path(), LOG).unwrap();
    for group in [1, 10, 500] {
        let (before, next) = (log.syncs(), log.head().next_position);
        let commits: Vec<Commit> = (next..next + group)
            .map(|position| commit(position, 1))
            .collect();
        log.append(&commits).unwrap();
        assert_eq!(log.syncs() - before, 2);
    }
    let before = log.syncs();
    log.append(&[]).unwrap();
    assert_eq!(log.syncs(), before);
    assert_true(&log.reader(), 0);
}

#[test]
fn no_block_ever_lands_in_a_file_that_sled_does_not_sync() {
    let dir = tempfile::tempdir().unwrap();
    let mut log = EventLog::create(dir.path(), LOG).unwrap();
    // Enough blocks, and full ones, for pages to be split and rewritten many times.
    for block in 0..300 {
        log.append(&[Commit {
            records: vec![record(block, MAX_RECORD_BYTES - 100)],
        }])
        .unwrap();
    }
    drop(log);
    assert_eq!(
        fs::read_dir(dir.path().join("blocks").join("blobs"))
            .unwrap()
            .count(),
        0
    );
}

#[test]
fn the_hashes_are_those_of_the_documentation() {
    let dir = tempfile::tempdir().unwrap();
    let mut log = EventLog::create(dir.path(), LOG).unwrap();
    let (first, second) = (commit(0, 1), commit(1, 3));
    let leaves = |commit: &Commit| {
        commit
            .records
            .iter()
            .map(|record| leaf_hash(&record.header))
            .collect::<Vec<_>>()
    };
    let hash_of_first = commit_hash(&genesis_hash(LOG), 0, &leaves(&first));
    let hash_of_second = commit_hash(&hash_of_first, 1, &leaves(&second));
    let head = log.append(&[first, second]).unwrap();
    assert_eq!(head.last_commit_hash, hash_of_second);
    assert_eq!(
        log.reader().commit_of(0).unwrap().unwrap().hash,
        hash_of_first
    );
    assert_eq!(
        log.reader().commit_of(3).unwrap().unwrap().hash,
        hash_of_second
    );
    assert!(log.reader().commit_of(4).unwrap().is_none());
    // RFC 6962, the leaf of an empty entry.
    assert_eq!(
        leaf_hash(b"")[..8],
        [0x6e, 0x34, 0x0b, 0x9c, 0xff, 0xb3, 0x7a, 0x98]
    );
}

#[test]
fn ranges_begin_and_end_anywhere() {
    let dir = tempfile::tempdir().unwrap();
    let mut log = EventLog::create(dir.path(), LOG).unwrap();
    fill(&mut log, 700);
    let reader = log.reader();
    let end = reader.head().next_position;
    for (from, to) in [
        (0, 1),
        (3, 3),
        (5, 2),
        (1, 400),
        (399, end),
        (end - 1, end),
        (end, end + 5),
        (10, u64::MAX),
    ] {
        let expected: Vec<u64> = (from..to.min(end)).collect();
        let read: Vec<u64> = reader
            .range(from, to)
            .map(|record| record.unwrap().position())
            .collect();
        assert_eq!(read, expected);
        let blocks: Vec<event_log::Block> =
            reader.blocks(from, to).collect::<Result<_, _>>().unwrap();
        let read: Vec<u64> = blocks
            .iter()
            .flat_map(event_log::Block::records)
            .map(|record| record.position)
            .collect();
        assert_eq!(read, expected);
    }
    let wanted = [0, 1, 2, 77, 77, 300, end - 1];
    let read: Vec<u64> = reader
        .read_many(wanted)
        .map(|record| record.unwrap().position())
        .collect();
    assert_eq!(read, wanted);
    assert!(reader.read_many([end]).next().unwrap().is_err());
}

#[test]
fn blocks_may_be_parsed_on_other_threads() {
    fn is_send<T: Send>() {}
    fn is_shared<T: Clone + Send + Sync>() {}
    is_send::<event_log::Block>();
    is_send::<event_log::Blocks>();
    is_shared::<event_log::LogReader>();
    is_shared::<event_log::StoredRecord>();
    is_send::<EventLog>();
}

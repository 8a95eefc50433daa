//! Whatever the sizes of records, commits and groups, the log gives back what it was given.

use crate::scenes;
use event_log::{Commit, EventLog, MAX_RECORD_BYTES, OwnedRecord};
use proptest::prelude::*;

fn a_record() -> impl Strategy<Value = OwnedRecord> {
    let bytes =
        prop_oneof![4 => 0..200_usize, 2 => 0..5_000_usize, 1 => 30_000..=MAX_RECORD_BYTES / 2];
    (bytes.clone(), bytes, any::<u8>()).prop_map(|(header, data, with)| OwnedRecord {
        header: vec![with; header],
        data: vec![!with; data],
    })
}

fn a_group() -> impl Strategy<Value = Vec<Commit>> {
    let commit = prop::collection::vec(a_record(), 1..12).prop_map(|records| Commit { records });
    prop::collection::vec(commit, 1..6)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_log_gives_back_what_it_was_given(groups in prop::collection::vec(a_group(), 1..5), from in 0..40_u64) {
        let dir = tempfile::tempdir().unwrap();
        let mut log = EventLog::create(dir.path(), scenes::LOG).unwrap();
        for group in &groups {
            log.append(group).unwrap();
        }
        let reader = log.reader();
        let mut given = Vec::new();
        for commit in groups.iter().flatten() {
            let place = reader.commit_of(given.len() as u64).unwrap().unwrap();
            prop_assert_eq!((place.first_position, place.records), (given.len() as u64, commit.records.len() as u64));
            given.extend(commit.records.iter().enumerate().map(|(index, record)| (index == 0, record)));
        }
        prop_assert_eq!(reader.head().next_position, given.len() as u64);
        let read: Vec<_> = reader.range(from, u64::MAX).map(Result::unwrap).collect();
        let expected = given.get(usize::try_from(from).unwrap()..).unwrap_or_default();
        prop_assert_eq!(read.len(), expected.len());
        for (stored, (first, record)) in read.iter().zip(expected) {
            prop_assert_eq!((stored.is_first_of_commit(), stored.header(), stored.data()), (*first, &*record.header, &*record.data));
        }
        prop_assert_eq!(scenes::check(&reader).problems, Vec::new());
    }
}

//! Damage is refused or reported; it is never served as history.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use event_log::EventLog;

use crate::scenes;
use crate::scenes::{assert_true, copy, edit};

/// What may come of a damaged copy: a refusal, or a log that is complete to its tip, or one that reads
/// only the truth and reports the rest.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord, Clone, Copy)]
enum Outcome {
    Refused,
    Whole,
    Reported,
}

fn outcome_of(damaged: &Path, acknowledged: u64, what: &str) -> Outcome {
    let log = match EventLog::open(damaged) {
        Ok((log, _)) => log,
        Err(error) => {
            let said = error.to_string();
            let sentence = said.split(" (the store says:").next().unwrap_or_default();
            assert!(sentence.contains("restore"), "{what}: {said}");
            assert!(!sentence.contains("orrupted data"), "{what}: {said}");
            return Outcome::Refused;
        }
    };
    let reader = log.reader();
    assert!(
        reader.head().next_position >= acknowledged,
        "{what}: acknowledged records are gone and nobody said so"
    );
    for position in 0..reader.head().next_position {
        if let Ok(stored) = reader.read(position) {
            let made = scenes::record(position, scenes::data_bytes(position));
            let stored = stored.expect("below the head there is a record or an error");
            assert_eq!(
                (stored.header(), stored.data()),
                (&*made.header, &*made.data),
                "{what}: position {position}"
            );
        }
    }
    if scenes::check(&reader).problems.is_empty() {
        assert_true(&reader, 0);
        Outcome::Whole
    } else {
        Outcome::Reported
    }
}

/// A closed log, or a copy of one as a kill would have left it.
#[derive(Clone, Copy)]
enum Stopped {
    Cleanly,
    Killed,
}

/// Does one damage after the other to copies of a log, and counts what came of it.
fn outcomes(records: u64, stopped: Stopped, damages: &[(&str, usize)]) -> BTreeMap<Outcome, usize> {
    let dir = tempfile::tempdir().unwrap();
    let (made, original) = (dir.path().join("made"), dir.path().join("original"));
    let mut log = EventLog::create(&made, scenes::LOG).unwrap();
    scenes::fill(&mut log, records);
    let acknowledged = log.head().next_position;
    if let Stopped::Killed = stopped {
        copy(&made, &original);
    }
    drop(log);
    if let Stopped::Cleanly = stopped {
        drop(EventLog::open(&made).unwrap());
        copy(&made, &original);
    }

    let mut counts = BTreeMap::new();
    for (what, at) in damages {
        let victim = dir.path().join("victim");
        copy(&original, &victim);
        do_damage(&victim, what, *at);
        let outcome = outcome_of(&victim, acknowledged, &format!("{what} {at}"));
        *counts.entry(outcome).or_default() += 1;
        fs::remove_dir_all(&victim).unwrap();
    }
    counts
}

const FLIP_BIT_AT: &str = "flip a bit at";
const CUT_OFF: &str = "cut off";
const REMOVE_SNAPSHOTS: &str = "remove the store's snapshots";
const NOTHING: &str = "do nothing";

fn do_damage(log: &Path, what: &str, at: usize) {
    let blocks = log.join("blocks");
    match what {
        FLIP_BIT_AT => edit(&blocks.join("db"), |bytes| {
            let at = at % written(bytes);
            bytes[at] ^= 1 << (at % 8);
        }),
        CUT_OFF => edit(&blocks.join("db"), |bytes| {
            bytes.truncate(written(bytes).saturating_sub(at));
        }),
        REMOVE_SNAPSHOTS => {
            for entry in fs::read_dir(&blocks).unwrap().map(Result::unwrap) {
                if entry.file_name().to_string_lossy().starts_with("snap.") {
                    fs::remove_file(entry.path()).unwrap();
                }
            }
        }
        _ => assert_eq!(what, NOTHING),
    }
}

/// The file is preallocated: how far it means anything.
fn written(bytes: &[u8]) -> usize {
    bytes
        .iter()
        .rposition(|byte| *byte != 0)
        .map_or(0, |last| last + 1)
}

fn flips(count: usize, distance: usize) -> Vec<(&'static str, usize)> {
    (0..count)
        .map(|index| (FLIP_BIT_AT, index * distance))
        .collect()
}

#[test]
fn an_undamaged_copy_is_whole() {
    for stopped in [Stopped::Cleanly, Stopped::Killed] {
        assert_eq!(
            outcomes(2_500, stopped, &[(NOTHING, 0)]),
            BTreeMap::from([(Outcome::Whole, 1)])
        );
    }
}

// The distances are primes, so that the places do not fall into step with the layout.

#[test]
fn a_flipped_bit_is_never_served_as_history() {
    let outcomes = outcomes(2_500, Stopped::Cleanly, &flips(60, 20_011));
    assert!(
        outcomes.get(&Outcome::Refused) > Some(&20),
        "the flips must have hit what matters: {outcomes:?}"
    );
}

#[test]
fn a_flipped_bit_of_a_log_that_was_killed_is_never_served_as_history() {
    let outcomes = outcomes(2_500, Stopped::Killed, &flips(60, 20_011));
    assert!(
        outcomes.get(&Outcome::Refused) > Some(&20),
        "the flips must have hit what matters: {outcomes:?}"
    );
}

#[test]
fn a_flipped_bit_of_a_log_of_many_segments_is_never_served_as_history() {
    for stopped in [Stopped::Cleanly, Stopped::Killed] {
        let outcomes = outcomes(30_000, stopped, &flips(12, 2_000_003));
        assert!(
            outcomes.contains_key(&Outcome::Refused),
            "the flips must have hit what matters: {outcomes:?}"
        );
    }
}

#[test]
fn a_flipped_bit_near_the_beginning_is_never_served_as_history() {
    outcomes(500, Stopped::Cleanly, &flips(30, 13));
    outcomes(500, Stopped::Killed, &flips(30, 13));
}

#[test]
fn a_truncated_data_file_is_never_served_as_history() {
    for stopped in [Stopped::Cleanly, Stopped::Killed] {
        let cuts =
            [1, 500, 3_000, 70_000, 500_000, 1_000_000, 8_000_000].map(|bytes| (CUT_OFF, bytes));
        let outcomes = outcomes(2_500, stopped, &cuts);
        assert!(outcomes.get(&Outcome::Refused) > Some(&4), "{outcomes:?}");
    }
}

#[test]
fn a_lost_snapshot_of_the_store_loses_nothing() {
    for stopped in [Stopped::Cleanly, Stopped::Killed] {
        assert_eq!(
            outcomes(2_500, stopped, &[(REMOVE_SNAPSHOTS, 0)]),
            BTreeMap::from([(Outcome::Whole, 1)])
        );
    }
}

/// The snapshots and the settings of the store, which it makes again from its data.
fn derived(log: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(log.join("blocks")).unwrap();
    let paths = entries.map(|entry| entry.unwrap().path());
    let is_derived = |path: &PathBuf| {
        let name = path.file_name().unwrap().to_string_lossy();
        name.starts_with("snap.") || name == "conf"
    };
    paths.filter(is_derived).collect()
}

#[test]
fn a_damaged_snapshot_or_settings_of_the_store_lose_nothing() {
    let damages: [fn(&mut Vec<u8>); 5] = [
        |bytes| bytes[0] ^= 1,
        |bytes| *bytes.last_mut().unwrap() ^= 0x80,
        |bytes| bytes.truncate(bytes.len() / 2),
        Vec::clear,
        |bytes| bytes.extend_from_slice(b"more"),
    ];
    let dir = tempfile::tempdir().unwrap();
    let (made, victim) = (dir.path().join("made"), dir.path().join("victim"));
    let mut log = EventLog::create(&made, scenes::LOG).unwrap();
    scenes::fill(&mut log, 2_500);
    let acknowledged = log.head().next_position;
    drop(log);
    drop(EventLog::open(&made).unwrap());
    let files = derived(&made);
    assert_eq!(files.len(), 2, "{files:?}");
    for file in files {
        let name = file.file_name().unwrap();
        for damage in damages {
            copy(&made, &victim);
            edit(&victim.join("blocks").join(name), damage);
            // Twice: what is made again has to hold too.
            for _ in 0..2 {
                let what = name.to_string_lossy();
                assert_eq!(outcome_of(&victim, acknowledged, &what), Outcome::Whole);
            }
            fs::remove_dir_all(&victim).unwrap();
        }
    }
}

#[test]
fn what_is_no_folder_in_the_place_of_one_that_the_store_makes_again_loses_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let log = dir.path().join("log");
    let mut made = EventLog::create(&log, scenes::LOG).unwrap();
    scenes::fill(&mut made, 100);
    let acknowledged = made.head().next_position;
    drop(made);
    let blobs = log.join("blocks").join("blobs");
    let puts: [fn(&Path); 2] = [
        |path| fs::write(path, "in the way").unwrap(),
        |path| std::os::unix::fs::symlink(path, path).unwrap(),
    ];
    for put in puts {
        fs::remove_dir_all(&blobs).unwrap();
        put(&blobs);
        assert_eq!(outcome_of(&log, acknowledged, "blobs"), Outcome::Whole);
    }
}

#[test]
fn damage_done_while_the_log_is_open_is_reported_by_a_check() {
    let dir = tempfile::tempdir().unwrap();
    let mut log = EventLog::create(dir.path(), scenes::LOG).unwrap();
    scenes::fill(&mut log, 100);
    fs::remove_file(dir.path().join("tip")).unwrap();
    let problems = scenes::check(&log.reader()).problems;
    assert_eq!(
        problems.iter().map(ToString::to_string).collect::<Vec<_>>(),
        ["the tip file is missing"]
    );
}

//! What is damaged is said, or made again, and is never shown as if it were true.
//!
//! | damage | surfaces |
//! | --- | --- |
//! | a flipped bit in a block | at open, which reads every block: nothing of the log is shown |
//! | `blocks/db` cut short | at open |
//! | the tip missing, or of another log | at open |
//! | a tip that is ahead of the log | at open |
//! | an older copy of `blocks` and `tip` in place of the later ones | at `verify` and when it is to be served: `rolled_back_log.rs` |
//! | a leftover `snap.*.generating`, a damaged `snap.*` or `conf` of the store | moved into quarantine at open, and said |
//! | a snapshot of the caches that is missing, damaged or of another log | left out at open and made again from the log |
//! | a second opener, a second service of the same prefix | refused |

use std::{
    collections::BTreeMap,
    fs,
    os::unix::fs::FileExt as _,
    path::{Path, PathBuf},
    sync::OnceLock,
};

use end_to_end::{Client, NatsServer, Service, bodies, cli, data_dir};
use serde_json::Value;
use tempfile::TempDir;

use crate::load::{self, Load};

const SNAPSHOT: &str = "caches.snapshot";
const CURSOR: &str = "published.cursor";
const HEARTBEAT: &str = "alive";

/// Something done to a file.
type Damage<'a> = &'a dyn Fn(&Path);

/// A log of some hundred events that was closed well, made once.
fn pristine() -> &'static Path {
    static LOG: OnceLock<TempDir> = OnceLock::new();
    LOG.get_or_init(|| log("pristine")).path()
}

fn log(name: &str) -> TempDir {
    let (nats, data) = (NatsServer::start(), data_dir());
    let service = Service::start(nats.url(), data.path(), &[]);
    let client = Client::connect(nats.url());
    bodies::prepare(&client, &bodies::rulebook("damage-1", &[]));
    Load::start(nats.url(), name, 4, 60, load::body).finish();
    assert_eq!(service.terminate().code(), Some(0));
    data
}

/// A copy of it to be damaged.
fn copy() -> TempDir {
    let copy = data_dir();
    for name in ["tip", "lock", SNAPSHOT, CURSOR, HEARTBEAT] {
        fs::copy(pristine().join(name), copy.path().join(name)).unwrap();
    }
    fs::create_dir(copy.path().join("blocks")).unwrap();
    for file in files(&pristine().join("blocks")) {
        let to = copy.path().join("blocks").join(file.file_name().unwrap());
        fs::copy(&file, to).unwrap();
    }
    copy
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).unwrap();
    entries
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.is_file())
        .collect()
}

/// Every file beside the blocks of a data folder, with what is in it.
fn beside_the_blocks(data: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let files = files(data).into_iter();
    files
        .map(|file| (file.clone(), fs::read(file).unwrap()))
        .collect()
}

fn verify(data: &Path) -> cli::Output {
    cli::run(["verify", "--data", data.to_str().unwrap()])
}

fn replay(data: &Path) -> cli::Output {
    cli::run(["replay", "--data", data.to_str().unwrap(), "-o", "jsonl"])
}

/// The cases of an account and their standing, as they are folded.
fn account(data: &Path) -> Value {
    let data = data.to_str().unwrap();
    let shown = cli::run(["show", "--data", data, "account", "dev7", "-o", "json"]);
    shown.succeeded().json()
}

/// The service does not start on this, and says so. Trying changes nothing beside the blocks, into whose files the
/// store writes when it opens them, and makes nothing better: it is said again.
#[track_caller]
fn refuses_to_serve(data: &Path, says: &[&str]) {
    let nats = NatsServer::start();
    let before = beside_the_blocks(data);
    for _ in 0..2 {
        let ended = Service::try_start(Service::command(nats.url(), data, &[])).unwrap_err();
        assert_eq!(ended.status.code(), Some(8), "{}", ended.stderr);
        for part in says {
            assert!(ended.stderr.contains(part), "`{part}`: {}", ended.stderr);
        }
        assert!(beside_the_blocks(data) == before, "a file was changed");
    }
}

/// Where an event that was acknowledged is in the file: from there on there is all that is left of it.
fn first_place_of_an_event(db: &Path) -> u64 {
    let case = "page of pristine-0-7";
    assert!(replay(pristine()).succeeded().stdout.contains(case));
    let bytes = fs::read(db).unwrap();
    let mut windows = bytes.windows(case.len());
    windows.position(|it| it == case.as_bytes()).unwrap() as u64
}

#[test]
fn a_flipped_bit_is_found_and_never_shown() {
    let copy = copy();
    let db = copy.path().join("blocks/db");
    let at = first_place_of_an_event(&db);
    let file = fs::OpenOptions::new().write(true).open(&db).unwrap();
    file.write_all_at(b"q", at).unwrap();
    drop(file);

    let said = verify(copy.path()).ended_with(8).stderr;
    let sentence = said.split(" (the store says:").next().unwrap_or_default();
    // Whether the store refuses it or reads it up to there is as it had the pages at the stop.
    assert!(sentence.contains("acknowledged"), "{said}");
    let advice = "restore `blocks` and `tip` from the latest backup";
    assert!(sentence.trim_end().ends_with(advice), "{said}");
    // Opening reads every block, so not one event is shown, neither what is damaged nor what is not.
    let shown = replay(copy.path()).ended_with(8);
    assert_eq!(shown.stdout, "");
    let error = shown.error();
    assert_eq!(error["error"], "storage");
    let detail = error["detail"].as_str().unwrap();
    assert!(detail.contains("restore `blocks` and `tip`"), "{detail}");
    refuses_to_serve(copy.path(), &["restore"]);
}

#[test]
fn data_that_is_cut_short_is_refused_at_open() {
    let copy = copy();
    let db = copy.path().join("blocks/db");
    let at = first_place_of_an_event(&db);
    let file = fs::OpenOptions::new().write(true).open(&db).unwrap();
    file.set_len(at).unwrap();
    drop(file);
    refuses_to_serve(copy.path(), &["acknowledged", "restore"]);
    verify(copy.path()).ended_with(8);
    replay(copy.path()).ended_with(8);
}

#[test]
fn a_missing_tip_and_one_of_another_log_are_refused_at_open() {
    let without = copy();
    fs::remove_file(without.path().join("tip")).unwrap();
    refuses_to_serve(without.path(), &["tip", "is missing", "restore `tip`"]);
    verify(without.path()).ended_with(8);

    let foreign = copy();
    let other = log("other");
    fs::copy(other.path().join("tip"), foreign.path().join("tip")).unwrap();
    refuses_to_serve(foreign.path(), &["the tip is of log", "restore the `tip`"]);
    verify(foreign.path()).ended_with(8);
}

#[test]
fn a_tip_that_is_ahead_of_the_log_is_refused_at_open() {
    // The same log, once closed and once continued: the data of the first, the tip of the second.
    let earlier = copy();
    let later = copy();
    let nats = NatsServer::start();
    let service = Service::start(nats.url(), later.path(), &[]);
    let client = Client::connect(nats.url());
    let body = load::body("one-more");
    client
        .send("platform:watch", "IssueWarning", "one-more", &body)
        .accepted();
    assert_eq!(service.terminate().code(), Some(0));
    fs::copy(later.path().join("tip"), earlier.path().join("tip")).unwrap();
    refuses_to_serve(
        earlier.path(),
        &["ends before its tip", "were acknowledged and are missing"],
    );
    verify(earlier.path()).ended_with(8);
}

#[test]
fn a_log_that_was_rolled_back_is_not_verified_beside_what_knows_of_more() {
    // The same log, once closed and once continued: the data and the tip of the first, all else of the second.
    let continued = |data: &Path, case: &str| {
        let nats = NatsServer::start();
        let service = Service::start(nats.url(), data, &[]);
        let client = Client::connect(nats.url());
        let body = load::body(case);
        let sent = client.send("platform:watch", "IssueWarning", case, &body);
        sent.accepted();
        assert_eq!(service.terminate().code(), Some(0));
    };
    let later = copy();
    continued(later.path(), "one-more");
    for file in [SNAPSHOT, CURSOR, HEARTBEAT] {
        let rolled_back = copy();
        fs::copy(later.path().join(file), rolled_back.path().join(file)).unwrap();
        let verified = verify(rolled_back.path()).ended_with(7);
        assert!(verified.stdout.contains(file), "{}", verified.stdout);
        let says = "the log was rolled back to an older copy";
        assert!(verified.stdout.contains(says), "{}", verified.stdout);
    }

    // The log went on since and is longer than the snapshot.
    let went_on = copy();
    continued(went_on.path(), "another");
    continued(went_on.path(), "and-another");
    verify(went_on.path()).succeeded();
    fs::copy(later.path().join(SNAPSHOT), went_on.path().join(SNAPSHOT)).unwrap();
    let verified = verify(went_on.path()).ended_with(7);
    assert!(
        verified.stdout.contains("another history"),
        "{}",
        verified.stdout
    );
}

#[test]
fn a_leftover_of_the_store_is_moved_aside_and_said() {
    let copy = copy();
    let leftover = copy.path().join("blocks/snap.00000000000000FF.generating");
    fs::write(&leftover, b"half of something").unwrap();
    let nats = NatsServer::start();
    let service = Service::start(nats.url(), copy.path(), &[]);
    assert!(
        service.stderr().contains("quarantine"),
        "{}",
        service.stderr()
    );
    assert_eq!(service.terminate().code(), Some(0));
    assert!(!leftover.exists());
    assert_eq!(files(&copy.path().join("quarantine")).len(), 1);
    verify(copy.path()).succeeded();
}

#[test]
fn a_snapshot_that_is_missing_damaged_or_foreign_is_made_again_from_the_log() {
    let expected = account(pristine());
    let other = log("foreign");
    let damages: [(&str, Damage<'_>, bool); 4] = [
        ("missing", &|path| fs::remove_file(path).unwrap(), false),
        ("empty", &|path| fs::write(path, b"").unwrap(), true),
        (
            "one byte changed",
            &|path| {
                let mut bytes = fs::read(path).unwrap();
                let middle = bytes.len() / 2;
                bytes[middle] ^= 1;
                fs::write(path, bytes).unwrap();
            },
            true,
        ),
        (
            "of another log",
            &|path| {
                fs::copy(other.path().join(SNAPSHOT), path).unwrap();
            },
            true,
        ),
    ];
    for (damage, apply, is_said) in damages {
        let copy = copy();
        apply(&copy.path().join(SNAPSHOT));
        let nats = NatsServer::start();
        let service = Service::start(nats.url(), copy.path(), &[]);
        let said = service
            .stderr()
            .contains("snapshot of the caches was left out");
        assert_eq!(said, is_said, "{damage}: {}", service.stderr());
        assert_eq!(service.terminate().code(), Some(0));
        assert_eq!(account(copy.path()), expected, "{damage}");
        verify(copy.path()).succeeded();
    }
}

#[test]
fn a_second_opener_and_a_second_service_are_refused() {
    let (nats, copy) = (NatsServer::start(), copy());
    let service = Service::start(nats.url(), copy.path(), &[]);
    let second = Service::try_start(Service::command(nats.url(), copy.path(), &[])).unwrap_err();
    assert_eq!(second.status.code(), Some(1), "{}", second.stderr);
    assert!(
        second.stderr.contains("is open in another process"),
        "{}",
        second.stderr
    );
    let said = verify(copy.path()).ended_with(1).stderr;
    assert!(said.contains("is open in another process"), "{said}");

    let other = data_dir();
    let second = Service::try_start(Service::command(nats.url(), other.path(), &[])).unwrap_err();
    assert_eq!(second.status.code(), Some(1), "{}", second.stderr);
    let says = "another redress";
    assert!(second.stderr.contains(says), "{}", second.stderr);

    // The first one goes on as if nothing had been.
    let client = Client::connect(nats.url());
    let body = load::body("after");
    client
        .send("platform:watch", "IssueWarning", "after", &body)
        .accepted();
    assert_eq!(service.terminate().code(), Some(0));
    verify(copy.path()).succeeded();
}

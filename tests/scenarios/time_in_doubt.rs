//! A clock that is in doubt stays in doubt whatever restarts, until the administrator has looked.
//!
//! The clock of the machine is not touched: the heartbeat beside the log is set to what it would hold if the clock had
//! been set by so much while nothing ran, on the same boot of the machine.

use std::{fs, os::unix::fs::FileExt as _, path::Path};

use end_to_end::{Client, NatsServer, Service, bodies, cli, data_dir};
use serde_json::{Value, json};

const HEARTBEAT: &str = "alive";
const SLOTS: [u64; 2] = [0, 4_096];
/// Of a slot: where the wall clock is, that of the first beat of the boot, and the checksum of all before it.
const WALLS: [usize; 2] = [52, 84];
const CHECKSUM: usize = 140;

const HOUR: i64 = 3_600;
const DAY: i64 = 24 * HOUR;

/// The clock now says so many seconds more than when the service was alive, beyond what has passed.
fn step(data: &Path, seconds: i64) {
    let file = fs::OpenOptions::new()
        .read(true)
        .write(true)
        .open(data.join(HEARTBEAT))
        .unwrap();
    for slot in SLOTS {
        let mut bytes = [0; CHECKSUM + 4];
        file.read_exact_at(&mut bytes, slot).unwrap();
        for at in WALLS {
            let wall = i64::from_be_bytes(bytes[at..at + 8].try_into().unwrap());
            let wall = wall - seconds * 1_000_000;
            bytes[at..at + 8].copy_from_slice(&wall.to_be_bytes());
        }
        let checksum = crc32c(&bytes[..CHECKSUM]);
        bytes[CHECKSUM..].copy_from_slice(&checksum.to_be_bytes());
        file.write_all_at(&bytes, slot).unwrap();
    }
}

fn crc32c(bytes: &[u8]) -> u32 {
    let crc = bytes.iter().fold(u32::MAX, |crc, byte| {
        (0..8).fold(crc ^ u32::from(*byte), |crc, _| {
            if crc & 1 == 1 {
                (crc >> 1) ^ 0x82F6_3B78
            } else {
                crc >> 1
            }
        })
    });
    !crc
}

fn held(client: &Client) -> Value {
    let status = client.query("auditor:a", "Status", &json!({})).accepted();
    status["held"].clone()
}

/// Lets go of what is held by now.
fn release(client: &Client, nats: &NatsServer) {
    let status = client.query("auditor:a", "Status", &json!({})).accepted();
    let hold = status["hold"].as_str().unwrap();
    let release = ["deadlines", "release", "--hold", hold, "--nats", nats.url()];
    cli::run(release.into_iter().chain(["--as", "administrator:root"])).succeeded();
}

fn events(data: &Path) -> Vec<Value> {
    let replayed = cli::run(["replay", "--data", data.to_str().unwrap(), "-o", "jsonl"]);
    replayed.succeeded().jsonl()
}

fn kinds(events: &[Value]) -> Vec<&str> {
    let kinds = events.iter().map(|it| it["header"]["type"].as_str());
    kinds.flatten().collect()
}

#[test]
fn a_clock_that_was_set_while_nothing_ran_is_not_believed_and_no_restart_changes_that() {
    let (nats, data) = (NatsServer::start(), data_dir());
    let client = Client::connect(nats.url());
    let service = Service::start(nats.url(), data.path(), &[]);
    bodies::prepare(&client, &bodies::rulebook("doubt-1", &[]));
    // A penalty would follow from it within the hours by which the clock is wrong.
    let warning = bodies::warning("C1", "W1");
    client
        .send("platform:watch", "IssueWarning", "w-1", &warning)
        .accepted();
    assert_eq!(held(&client), Value::Null);
    assert_eq!(service.terminate().code(), Some(0));
    let before = events(data.path());

    step(data.path(), 8 * HOUR);
    // Whoever asks before the start is told what it would come to.
    let dir = data.path().to_str().unwrap();
    let asked = ["doctor", "-o", "json", "--nats", nats.url(), "--data", dir];
    let checks = cli::run(asked).ended_with(1).json();
    let checks = checks.as_array().unwrap();
    let clock = checks.iter().find(|it| it["what"] == "clock").unwrap();
    assert_eq!(clock["verdict"], "warning");
    let seen = clock["seen"].as_str().unwrap();
    assert!(seen.contains("boot clock"), "{seen}");

    let service = Service::start(nats.url(), data.path(), &[]);
    let reason = held(&client);
    assert!(reason.as_str().unwrap().contains("boot clock"), "{reason}");
    service.kill9();
    // The clock is right again, and whether it will stay so nobody has said.
    step(data.path(), -8 * HOUR);
    for _ in 0..2 {
        let service = Service::start(nats.url(), data.path(), &[]);
        assert_eq!(held(&client), reason);
        let refused = client.send(
            "platform:watch",
            "IssueWarning",
            "w-2",
            &bodies::warning("C2", "W1"),
        );
        assert_eq!(refused.code(), "time_held");
        service.kill9();
    }
    let after = events(data.path());
    assert_eq!(after.len(), before.len() + 1, "{:?}", kinds(&after));
    let hold = &after[before.len()]["header"];
    assert_eq!(hold["type"], "redress.deadlines.held.v1");
    assert_eq!(hold["time"], before.last().unwrap()["header"]["time"]);

    // A start from the snapshot knows of it too.
    let service = Service::start(nats.url(), data.path(), &[]);
    assert_eq!(service.terminate().code(), Some(0));
    let service = Service::start(nats.url(), data.path(), &[]);
    assert_eq!(held(&client), reason);
    release(&client, &nats);
    assert_eq!(held(&client), Value::Null);
    service.kill9();
    let service = Service::start(nats.url(), data.path(), &[]);
    assert_eq!(held(&client), Value::Null);
    assert_eq!(service.terminate().code(), Some(0));
    cli::run(["verify", "--data", data.path().to_str().unwrap()]).succeeded();
}

#[test]
fn a_clock_that_is_days_or_decades_ahead_dates_nothing_where_nothing_is_open() {
    for ahead in [15 * DAY, 73 * 365 * DAY, -2 * HOUR] {
        let (nats, data) = (NatsServer::start(), data_dir());
        let client = Client::connect(nats.url());
        let service = Service::start(nats.url(), data.path(), &[]);
        bodies::prepare(&client, &bodies::rulebook("open-1", &[]));
        assert_eq!(service.terminate().code(), Some(0));
        let before = events(data.path());

        step(data.path(), ahead);
        let service = Service::start(nats.url(), data.path(), &[]);
        assert!(held(&client).is_string(), "{ahead}");
        let issued = bodies::warning("C1", "W1");
        let refused = client.send("platform:watch", "IssueWarning", "w-1", &issued);
        assert_eq!(refused.code(), "time_held");
        service.kill9();
        let after = events(data.path());
        assert_eq!(after.len(), before.len() + 1, "{:?}", kinds(&after));
        let last = |events: &[Value]| events.last().unwrap()["header"]["time"].clone();
        assert_eq!(last(&after), last(&before));
    }
}

#[test]
fn a_takeover_notes_that_it_was_alive_whatever_the_times_of_its_history() {
    let issued = "2024-03-04T09:00:00.000000Z";
    let history = crate::stage::History::since(issued, &bodies::rulebook("old-1", &[]));
    let (data, refused) = history.into_folder("2024-03-05T00:00:00Z");
    assert_eq!(refused.len(), 0, "{refused:?}");
    let nats = NatsServer::start();
    let client = Client::connect(nats.url());
    let service = Service::start(nats.url(), data.path(), &[]);
    assert_eq!(held(&client), Value::Null);
    service.kill9();
}

#[test]
fn where_nothing_vouches_for_the_clock_the_administrator_looks() {
    const NOTHING_NOTED: &str = "has nothing noted";
    // A start makes one where there is none, and notes nothing in any of them before somebody has looked.
    for (damage, first, then) in [
        (None, "is missing", NOTHING_NOTED),
        (Some(&b"alive"[..]), "is damaged", "is damaged"),
        (Some(&b""[..]), NOTHING_NOTED, NOTHING_NOTED),
        (Some(&[0; 8_192]), NOTHING_NOTED, NOTHING_NOTED),
    ] {
        let (nats, data) = (NatsServer::start(), data_dir());
        let client = Client::connect(nats.url());
        let service = Service::start(nats.url(), data.path(), &[]);
        bodies::prepare(&client, &bodies::rulebook("vouch-1", &[]));
        assert_eq!(service.terminate().code(), Some(0));
        let path = data.path().join(HEARTBEAT);
        match damage {
            None => fs::remove_file(&path).unwrap(),
            Some(bytes) => fs::write(&path, bytes).unwrap(),
        }
        for why in [first, then] {
            let service = Service::start(nats.url(), data.path(), &[]);
            let reason = held(&client);
            let says = format!("the heartbeat beside the log {why}");
            assert!(reason.as_str().unwrap().contains(&says), "{reason}");
            service.kill9();
        }
        let service = Service::start(nats.url(), data.path(), &[]);
        release(&client, &nats);
        service.kill9();
        let service = Service::start(nats.url(), data.path(), &[]);
        assert_eq!(held(&client), Value::Null, "{first}");
        assert_eq!(service.terminate().code(), Some(0));
    }
}

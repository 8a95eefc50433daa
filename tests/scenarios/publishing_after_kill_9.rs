//! After a kill nothing is sent again that was certainly delivered, to parties neither.

use std::{fs, path::Path, time::Duration};

use end_to_end::{Client, NatsServer, Service, bodies, data_dir, wait_for};
use serde_json::json;

use crate::load;

const CURSOR: &str = "published.cursor";

fn cursor(data: &Path) -> Option<u64> {
    let text = fs::read_to_string(data.join(CURSOR)).ok()?;
    text.split(' ').next()?.parse().ok()
}

fn head(client: &Client) -> u64 {
    let status = client.query("auditor:a", "Status", &json!({})).accepted();
    status["next_position"].as_u64().unwrap()
}

#[test]
fn what_was_delivered_before_a_kill_is_not_sent_again() {
    let (nats, data) = (NatsServer::start(), data_dir());
    let client = Client::connect(nats.url());
    let service = Service::start(nats.url(), data.path(), &[]);
    bodies::prepare(&client, &bodies::rulebook("quiet-1", &[]));
    let warn = |case: &str| {
        let sent = client.send("platform:watch", "IssueWarning", case, &load::body(case));
        sent.accepted()["positions"]["first"].as_u64().unwrap()
    };
    for number in 0..5 {
        warn(&format!("C{number}"));
    }
    let all = head(&client);
    wait_for("the cursor", Duration::from_secs(30), || {
        (cursor(data.path()) == Some(all)).then_some(())
    });
    service.kill9();

    let mut events = client.subscribe("redress.v1.evt.>");
    let mut told = client.subscribe("redress.v1.ntf.>");
    let service = Service::start(nats.url(), data.path(), &[]);
    let position = warn("C9");
    let first = events.next().unwrap();
    assert_eq!(first.header("ce-id"), Some(position.to_string().as_str()));
    assert_eq!(told.next().unwrap().json()["case"], "C9");
    assert_eq!(service.terminate().code(), Some(0));
}

/// A server that hangs takes what is written to it into its socket. If it then dies, that is lost, and is sent again.
#[test]
fn what_a_server_never_read_is_not_taken_to_have_arrived() {
    let (mut nats, data) = (NatsServer::start(), data_dir());
    let client = Client::connect(nats.url());
    let service = Service::start(nats.url(), data.path(), &[]);
    let rulebook = bodies::rulebook("hangs-1", &[("cure", "\"3 seconds\"")]);
    bodies::prepare(&client, &rulebook);
    client
        .send("platform:watch", "IssueWarning", "C1", &load::body("C1"))
        .accepted();
    let all = head(&client);
    wait_for("the cursor", Duration::from_secs(30), || {
        (cursor(data.path()) == Some(all)).then_some(())
    });
    nats.freeze();
    // The warning lapses, whether anybody hears of it or not; the heartbeat says how far the log goes.
    let lapsed = wait_for("the lapse", Duration::from_mins(1), || {
        heartbeat_head(data.path()).filter(|head| *head > all)
    });
    // Whoever wants to hear of it is there before the service is connected again.
    service.freeze();
    nats.restart();
    let listener = Client::connect(nats.url());
    let mut events = listener.subscribe("redress.v1.evt.>");
    let mut told = listener.subscribe("redress.v1.ntf.>");
    service.let_go_on();
    let lapse = std::iter::from_fn(|| events.next())
        .find(|event| event.header("ce-type") == Some("redress.penalty.imposed.v1"));
    let position: u64 = lapse.unwrap().header("ce-id").unwrap().parse().unwrap();
    assert!((all..lapsed).contains(&position), "{position}");
    assert_eq!(told.next().unwrap().json()["case"], "C1");
    assert_eq!(service.terminate().code(), Some(0));
    assert!(cursor(data.path()) >= Some(lapsed));
}

/// The next position in the newer slot of the heartbeat.
fn heartbeat_head(data: &Path) -> Option<u64> {
    let bytes = fs::read(data.join("alive")).ok()?;
    let number = |at: usize| {
        let bytes: [u8; 8] = bytes.get(at..at + 8)?.try_into().ok()?;
        Some(u64::from_be_bytes(bytes))
    };
    [0, 4_096]
        .into_iter()
        .filter_map(|slot| Some((number(slot + 44)?, number(slot + 100)?)))
        .max()
        .map(|(_, next_position)| next_position)
}

#[test]
fn a_cursor_that_is_missing_is_said_with_where_publishing_begins() {
    let (nats, data) = (NatsServer::start(), data_dir());
    let client = Client::connect(nats.url());
    let service = Service::start(nats.url(), data.path(), &[]);
    bodies::prepare(&client, &bodies::rulebook("missing-1", &[]));
    let all = head(&client);
    assert_eq!(service.terminate().code(), Some(0));
    fs::remove_file(data.path().join(CURSOR)).unwrap();
    let service = Service::start(nats.url(), data.path(), &[]);
    let said = service.stderr();
    let line = said
        .lines()
        .find(|line| line.contains("is nowhere written"));
    let line = line.unwrap_or_else(|| panic!("nothing is said: {said}"));
    assert!(line.contains(&format!("\"from\":{all}")), "{line}");
    assert_eq!(service.terminate().code(), Some(0));
}

//! After a kill nothing is sent again that was certainly delivered, to parties neither.

use std::{fs, path::Path, time::Duration};

use end_to_end::{Client, NatsServer, Service, bodies, data_dir, wait_for};
use serde_json::json;

use crate::load;

const CURSOR: &str = "published.cursor";

fn cursor(data: &Path) -> Option<u64> {
    let text = fs::read_to_string(data.join(CURSOR)).ok()?;
    text.trim().parse().ok()
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

//! The NATS server goes away and comes back under load: commands are answered again, and whoever follows the events has
//! each of them at least once.

use std::{collections::BTreeSet, time::Duration};

use end_to_end::{Client, NatsServer, Service, bodies, data_dir, wait_for};
use serde_json::json;

use crate::load::{self, Load};

#[test]
fn every_event_comes_at_least_once_over_a_lost_connection() {
    let (mut nats, data) = (NatsServer::start(), data_dir());
    let service = Service::start(nats.url(), data.path(), &[]);
    let client = Client::connect(nats.url());
    let mut events = client.subscribe("redress.v1.evt.>");
    bodies::prepare(&client, &bodies::rulebook("reconnect-1", &[]));
    let load = Load::start(nats.url(), "before", 4, 400, load::body);
    wait_for("acknowledged commands", Duration::from_secs(30), || {
        (load.acknowledged() >= 100).then_some(())
    });
    nats.restart();
    let before = load.stop();

    // A follower that lost its own connection asks for what it missed, as the position tells it.
    let body = load::body("after");
    let accepted = wait_for(
        "an answer after the restart",
        Duration::from_secs(30),
        || {
            let sending = client.sending("platform:watch", "IssueWarning", "after", &body, &[]);
            let reply = client
                .block_on(async { tokio::time::timeout(Duration::from_secs(1), sending).await });
            reply.ok()?.ok()
        },
    );
    let last = accepted.accepted()["positions"]["last"].as_u64().unwrap();
    let mut seen = BTreeSet::new();
    while !seen.contains(&last) {
        let event = events.receive();
        let position: u64 = event.header("ce-id").unwrap().parse().unwrap();
        assert!(seen.insert(position) || position < last);
    }
    let missed: Vec<_> = (1..last)
        .filter(|position| !seen.contains(position))
        .collect();
    for position in &missed {
        let asked = json!({ "from": position, "limit": 1 });
        let answer = client.query("auditor:a", "Events", &asked).accepted();
        assert_eq!(answer["events"][0]["position"], *position);
        seen.insert(*position);
    }
    let gap = (1..=last).find(|position| !seen.contains(position));
    assert_eq!(gap, None);
    assert_eq!(service.terminate().code(), Some(0));
    load::check_log(data.path(), &before.acknowledged);
}

#[test]
fn a_server_that_passes_on_too_little_keeps_events_waiting_and_nothing_else() {
    let limit = |bytes: u32| format!("max_payload: {bytes}");
    let (nats, data) = (NatsServer::start_with(&limit(1 << 20)), data_dir());
    let service = Service::start(nats.url(), data.path(), &[]);
    let client = Client::connect(nats.url());
    bodies::prepare(&client, &bodies::rulebook("reconnect-1", &[]));
    let mut events = client.subscribe("redress.v1.evt.dev7.>");

    nats.reload_with(&limit(1_000));
    let answered = |case: &str| {
        let body = load::body(case);
        wait_for("an answer", Duration::from_secs(30), || {
            let sending = client.sending("platform:watch", "IssueWarning", case, &body, &[]);
            let reply = client
                .block_on(async { tokio::time::timeout(Duration::from_secs(1), sending).await });
            reply.ok()?.ok()
        })
        .accepted()
    };
    let mut answers = Vec::new();
    wait_for("a word of it", Duration::from_secs(10), || {
        answers.push(answered(&format!("C{}", answers.len())));
        service.stderr().contains("raise max_payload").then_some(())
    });
    // Commands are decided and answered as ever.
    answers.push(answered("last"));

    // Whoever stops it meanwhile is not kept waiting, and the next start publishes what waited.
    assert_eq!(service.terminate().code(), Some(0));
    nats.reload_with(&limit(1 << 20));
    let service = Service::start(nats.url(), data.path(), &[]);
    for answer in answers {
        let position = answer["positions"]["first"].to_string();
        let heard = std::iter::repeat_with(|| events.receive())
            .find(|event| event.header("ce-id") == Some(position.as_str()));
        assert!(heard.is_some());
    }
    assert_eq!(service.terminate().code(), Some(0));
}

#[test]
fn a_service_whose_server_is_gone_still_ends_when_asked() {
    let (nats, data) = (NatsServer::start(), data_dir());
    let service = Service::start(nats.url(), data.path(), &[]);
    let client = Client::connect(nats.url());
    bodies::prepare(&client, &bodies::rulebook("gone-1", &[]));
    let load = Load::start(nats.url(), "gone", 2, 50, load::body);
    let answers = load.finish();
    drop(nats);
    assert_eq!(service.terminate().code(), Some(0));
    load::check_log(data.path(), &answers.acknowledged);
}

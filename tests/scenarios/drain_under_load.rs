//! A service that is asked to end under load takes on nothing more, finishes what it took on, and ends well.

use std::time::Duration;

use end_to_end::{Client, NatsServer, Service, bodies, data_dir, wait_for};

use serde_json::json;

use crate::load::{self, Load};

#[test]
fn what_was_taken_on_is_finished_and_nothing_is_half_done() {
    let (nats, data) = (NatsServer::start(), data_dir());
    let service = Service::start(nats.url(), data.path(), &[]);
    let client = Client::connect(nats.url());
    bodies::prepare(&client, &bodies::rulebook("drain-1", &[]));
    let load = Load::start(nats.url(), "drain", 8, 2_000, load::body);
    wait_for("acknowledged commands", Duration::from_secs(30), || {
        (load.acknowledged() >= 200).then_some(())
    });
    assert_eq!(service.terminate().code(), Some(0));
    let answers = load.finish();
    load::check_it_goes_on(nats.url(), data.path(), &answers, load::body);
}

#[test]
fn queries_that_had_come_are_still_answered() {
    const QUERIES: usize = 500;
    let (nats, data) = (NatsServer::start(), data_dir());
    let mut command = Service::command(nats.url(), data.path(), &[]);
    command.env("REDRESS_SERVE_QUERIES_AT_ONCE", "1");
    let service = Service::try_start(command).unwrap();
    let client = Client::connect(nats.url());
    bodies::prepare(&client, &bodies::rulebook("drain-2", &[]));
    let load = Load::start(nats.url(), "drained", 1, 40, load::body);
    load.finish();

    let mut answers = client.subscribe("answers");
    let asked = json!({ "from": 0, "limit": 100 }).to_string();
    for _ in 0..QUERIES {
        let subject = "redress.v1.qry.auditor.a.Events";
        let asking = client
            .nats()
            .publish_with_reply(subject, "answers", asked.clone().into());
        client.block_on(asking).unwrap();
    }
    // What one connection sends comes in order: with an answer to this, every query has come.
    client.send("platform:watch", "IssueWarning", "last", &json!({}));
    assert_eq!(service.terminate().code(), Some(0));
    for _ in 0..QUERIES {
        assert_eq!(answers.receive().json()["events"][0]["position"], 0);
    }
}

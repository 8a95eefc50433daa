//! A service that has too much to do says so: `busy`, with when to try again. What it refuses so it has not done, and
//! what it takes on it does.

use end_to_end::{Client, NatsServer, Service, bodies, data_dir};
use serde_json::json;

use crate::load;

const COMMANDS: usize = 600;

#[test]
fn a_full_queue_answers_busy_and_a_retry_succeeds() {
    let (nats, data) = (NatsServer::start(), data_dir());
    let mut command = Service::command(nats.url(), data.path(), &[]);
    command.env("REDRESS_SERVE_QUEUE_LENGTH_MAX", "4");
    let service = Service::try_start(command).unwrap();
    let client = Client::connect(nats.url());
    bodies::prepare(&client, &bodies::rulebook("busy-1", &[]));

    let cases: Vec<_> = (0..COMMANDS)
        .map(|number| format!("busy-{number}"))
        .collect();
    let bodies: Vec<_> = cases.iter().map(|case| load::body(case)).collect();
    let sending = cases.iter().zip(&bodies);
    let sending = sending
        .map(|(case, body)| client.sending("platform:watch", "IssueWarning", case, body, &[]));
    let replies = client.block_on(futures::future::join_all(sending));
    let mut refused = Vec::new();
    for (case, reply) in cases.iter().zip(replies) {
        let reply = reply.expect("every command is answered");
        if reply.header("Nats-Service-Error-Code").is_some() {
            assert_eq!(reply.code(), "busy");
            assert!(reply.at("/facts/retry_after_ms").as_u64() > Some(0));
            refused.push(case);
        } else {
            reply.accepted();
        }
    }
    assert!(!refused.is_empty(), "the queue was never full");
    assert!(refused.len() < COMMANDS, "nothing was taken on");

    for case in refused {
        let body = load::body(case);
        let accepted = client.send("platform:watch", "IssueWarning", case, &body);
        assert_eq!(
            accepted.accepted()["replayed"],
            false,
            "{case} was refused and done"
        );
    }
    assert_eq!(service.terminate().code(), Some(0));
    load::check_log(data.path(), &cases);
}

#[test]
fn a_query_too_many_is_told_so_and_none_is_left_without_an_answer() {
    let (nats, data) = (NatsServer::start(), data_dir());
    let mut command = Service::command(nats.url(), data.path(), &[]);
    command.env("REDRESS_SERVE_QUERIES_AT_ONCE", "1");
    command.env("REDRESS_SERVE_QUERIES_WAITING_MAX", "2");
    let service = Service::try_start(command).unwrap();
    let client = Client::connect(nats.url());
    bodies::prepare(&client, &bodies::rulebook("busy-2", &[]));

    let asked = json!({ "from": 0, "limit": 3 });
    let asking = (0..COMMANDS).map(|_| client.querying("auditor:a", "Events", &asked));
    let replies = client.block_on(futures::future::join_all(asking));
    let mut refused = 0;
    for reply in replies {
        let reply = reply.expect("every query is answered");
        if reply.header("Nats-Service-Error-Code").is_some() {
            assert_eq!(reply.code(), "busy");
            assert!(reply.at("/facts/retry_after_ms").as_u64() > Some(0));
            refused += 1;
        } else {
            assert_eq!(reply.accepted()["events"][2]["position"], 2);
        }
    }
    assert!(refused > 0, "there were never too many");
    assert!(refused < COMMANDS, "nothing was answered");
    client.query("auditor:a", "Events", &asked).accepted();
    assert_eq!(service.terminate().code(), Some(0));
}

#[test]
fn large_answers_are_made_no_faster_than_they_leave() {
    const QUERIES: usize = 900;

    let (nats, data) = (NatsServer::start(), data_dir());
    let mut command = Service::command(nats.url(), data.path(), &[]);
    command.env("REDRESS_SERVE_QUERIES_AT_ONCE", "4");
    let service = Service::try_start(command).unwrap();
    let client = Client::connect(nats.url());
    bodies::prepare(&client, &bodies::rulebook("large-1", &[]));
    for number in 0..90 {
        let case = format!("large-{number}");
        let mut body = load::body(&case);
        let text = "x".repeat(4_000);
        body["personal"] = json!({ "findings": { "f1": text }, "steps": { "s1": text } });
        let sent = client.send("platform:watch", "IssueWarning", &case, &body);
        sent.accepted();
    }
    let before = service.memory_peak_bytes();

    let inbox = client.nats().new_inbox();
    let mut answers = client.subscribe(&inbox);
    // The service is asked while it cannot hear, and hears it when nothing that it answers can leave.
    service.freeze();
    client.block_on(async {
        for _ in 0..QUERIES {
            let asked = json!({ "limit": 1_000 }).to_string();
            let subject = "redress.v1.qry.auditor.a.Events";
            let nats = client.nats();
            let sent = nats.publish_with_reply(subject, inbox.clone(), asked.into());
            sent.await.unwrap();
        }
        client.nats().flush().await.unwrap();
    });
    // When this has come back, the server has passed on all of them.
    let echo = client.nats().new_inbox();
    let mut echoes = client.subscribe(&echo);
    client.publish(&echo, b"");
    echoes.receive();
    nats.freeze();
    service.let_go_on();
    service.wait_until_idle();
    nats.let_go_on();

    let mut bytes = 0;
    for _ in 0..QUERIES {
        bytes += answers.receive().payload.len() as u64;
    }
    let taken = service.memory_peak_bytes() - before;
    assert!(taken < bytes / 2, "{taken} for {bytes} of answers");
    assert_eq!(service.terminate().code(), Some(0));
}

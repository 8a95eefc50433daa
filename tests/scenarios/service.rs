//! The process itself: it says when it is ready, answers, and ends when it is asked to.

use std::{thread, time::Duration};

use end_to_end::{Client, NatsServer, Service, bodies, cli, data_dir};
use serde_json::json;

use crate::{
    load::{self, Load},
    stage::History,
};

#[test]
fn a_ready_service_answers_and_ends_well_when_asked() {
    let (nats, data) = (NatsServer::start(), data_dir());
    let service = Service::start(nats.url(), data.path(), &[]);
    let client = Client::connect(nats.url());
    // Nobody says what a warning of nothing is about; what matters here is that the answer is the service's own.
    let refused = client.send("platform:shop", "IssueWarning", "w-1", &json!({}));
    assert_eq!(refused.code(), "malformed_command");
    assert_eq!(service.terminate().code(), Some(0));
}

#[test]
fn a_killed_service_starts_again_on_its_data() {
    let (nats, data) = (NatsServer::start(), data_dir());
    Service::start(nats.url(), data.path(), &[]).kill9();
    let service = Service::start(nats.url(), data.path(), &[]);
    assert_eq!(service.terminate().code(), Some(0));
}

#[test]
fn of_two_that_start_at_the_same_moment_one_serves() {
    let nats = NatsServer::start();
    for _ in 0..3 {
        let folders = [data_dir(), data_dir()];
        let starting = folders.each_ref().map(|data| {
            let command = Service::command(nats.url(), data.path(), &[]);
            thread::spawn(move || Service::try_start(command))
        });
        let started = starting.map(|it| it.join().unwrap());
        let (serving, refused): (Vec<_>, Vec<_>) = started.into_iter().partition(Result::is_ok);
        let said: Vec<_> = refused.into_iter().filter_map(Result::err).collect();
        assert_eq!(serving.len(), 1, "{said:?}");
        assert_eq!(said.len(), 1);
        assert_eq!(said[0].status.code(), Some(1), "{said:?}");
        assert!(said[0].stderr.contains("serves the prefix"), "{said:?}");
        for service in serving.into_iter().flatten() {
            assert_eq!(service.terminate().code(), Some(0));
        }
    }
}

#[test]
fn whoever_began_to_serve_while_another_could_not_be_seen_gives_way_to_it() {
    let (nats, data, other) = (NatsServer::start(), data_dir(), data_dir());
    let first = Service::start(nats.url(), data.path(), &[]);
    let client = Client::connect(nats.url());
    let log_id = || {
        let status = client.query("auditor:a", "Status", &json!({})).accepted();
        status["log_id"].as_str().unwrap().to_owned()
    };
    let log_of_the_first = log_id();
    // As one that waits for the server to come back: it hears of nobody, and nobody of it.
    first.freeze();
    let second = Service::start(nats.url(), other.path(), &[]);
    first.let_go_on();
    let ended = second.ended();
    assert_eq!(ended.status.code(), Some(1), "{ended:?}");
    let said = ended.stderr.lines().last().unwrap_or_default();
    let folder = other.path().display().to_string();
    assert!(said.contains("began earlier"), "{ended:?}");
    assert!(
        said.contains(&folder),
        "it says where its history is: {said}"
    );
    assert_eq!(log_id(), log_of_the_first);
    assert_eq!(first.terminate().code(), Some(0));
}

#[test]
fn a_service_that_is_refused_has_decided_nothing() {
    // A deadline passed an hour ago, so a service fires it as soon as it runs.
    let (issued, taken_over) = (bodies::later("now", "-361 hours"), bodies::now());
    let until = bodies::later(&taken_over, "-2 hours");
    let (data, refused) = History::since(&issued, &bodies::rulebook("refused-1", &[]))
        .then(
            &issued,
            "platform:watch",
            "IssueWarning",
            &bodies::warning("C1", "W1"),
        )
        .into_folder(&until);
    assert_eq!(refused.len(), 0, "{refused:?}");
    let folder = data.path().to_str().unwrap();
    let events = || {
        let replayed = cli::run(["replay", "--data", folder, "-o", "jsonl"]).succeeded();
        replayed.jsonl()
    };
    let before = events();

    let (nats, other) = (NatsServer::start(), data_dir());
    let serving = Service::start(nats.url(), other.path(), &[]);
    let refused = Service::try_start(Service::command(nats.url(), data.path(), &[])).unwrap_err();
    assert!(refused.stderr.contains("another redress"), "{refused:?}");
    assert_eq!(events(), before);
    assert!(!data.path().join("published.cursor").exists());
    assert_eq!(serving.terminate().code(), Some(0));

    let service = Service::start(nats.url(), data.path(), &[]);
    assert_eq!(service.terminate().code(), Some(0));
    let fired = events()
        .iter()
        .any(|event| event["header"]["type"] == "redress.penalty.imposed.v1");
    assert!(fired, "the deadline fires where the service may serve");
}

#[test]
fn nothing_is_answered_where_others_would_take_it_for_the_services_own_word() {
    let (nats, data) = (NatsServer::start(), data_dir());
    let service = Service::start(nats.url(), data.path(), &[]);
    let client = Client::connect(nats.url());
    let mut told = client.subscribe("redress.v1.ntf.dev7");
    for (subject, body) in [
        ("redress.v1.qry.party.eve.Inbox", json!({})),
        (
            "redress.v1.cmd.party.eve.WithdrawAppeal",
            json!({"facts": "forged"}),
        ),
    ] {
        let body = body.to_string().into_bytes();
        client
            .block_on(
                client
                    .nats()
                    .publish_with_reply(subject, "redress.v1.ntf.dev7", body.into()),
            )
            .unwrap();
    }
    // Requests are taken in order: with this answer the others are behind.
    client.query("party:eve", "Inbox", &json!({}));
    client.send("party:eve", "WithdrawAppeal", "w-1", &json!({}));
    assert!(told.receive_within(Duration::from_millis(200)).is_none());
    assert_eq!(service.terminate().code(), Some(0));
}

#[test]
fn what_would_fill_the_memory_while_it_waits_is_refused() {
    let (nats, data) = (NatsServer::start(), data_dir());
    let service = Service::start(nats.url(), data.path(), &[]);
    let client = Client::connect(nats.url());
    let filling = "x".repeat(9_000);
    let refused = client.send_with(
        "platform:watch",
        "IssueWarning",
        "w-1",
        &bodies::warning("C1", "W1"),
        &[("Filling", &filling)],
    );
    assert_eq!(refused.code(), "malformed_command");
    assert_eq!(refused.at("/facts/path"), "headers");
    let body = json!({ "case": filling }).to_string();
    let subject = "redress.v1.qry.auditor.a.Case";
    for (headers, body) in [
        (&[("Filling", filling.as_str())][..], "{}"),
        (&[], body.as_str()),
    ] {
        let refused = client.request(subject, headers, body.as_bytes());
        assert_eq!(refused.code(), "malformed_command");
        assert!(refused.error_text().contains("8192"), "{refused:?}");
    }
    assert_eq!(service.terminate().code(), Some(0));
}

#[test]
fn a_header_that_says_two_things_is_refused() {
    let (nats, data) = (NatsServer::start(), data_dir());
    let service = Service::start(nats.url(), data.path(), &[]);
    let client = Client::connect(nats.url());
    bodies::prepare(&client, &bodies::rulebook("headers-1", &[]));
    let send = |headers: &[(&str, &str)]| {
        let body = bodies::warning("C1", "W1");
        client.send_with("platform:watch", "IssueWarning", "w-1", &body, headers)
    };
    let revision = "Redress-Expected-Revision";
    for (headers, named) in [
        (vec![("Nats-Msg-Id", "w-2")], "Nats-Msg-Id"),
        // The case of a name says nothing.
        (vec![("nats-msg-id", "w-2")], "Nats-Msg-Id"),
        (vec![(revision, "0"), (revision, "1")], revision),
    ] {
        let refused = send(&headers);
        assert_eq!(refused.code(), "malformed_command");
        assert_eq!(*refused.at("/facts/path"), named);
    }
    send(&[(revision, "0")]).accepted();
    assert_eq!(service.terminate().code(), Some(0));
}

#[test]
fn the_whole_log_comes_through_a_server_that_passes_on_just_enough() {
    let nats = NatsServer::start_with("max_payload = 131072");
    let data = data_dir();
    let service = Service::start(nats.url(), data.path(), &[]);
    let client = Client::connect(nats.url());
    bodies::prepare(&client, &bodies::rulebook("small-1", &[]));
    Load::start(nats.url(), "small", 1, 150, load::body).finish();
    let served = cli::run(["replay", "--nats", nats.url(), "-o", "jsonl"]).succeeded();
    assert!(served.stdout.len() > 2 * 131_072);
    assert_eq!(service.terminate().code(), Some(0));
    let read = cli::run([
        "replay",
        "--data",
        data.path().to_str().unwrap(),
        "-o",
        "jsonl",
    ]);
    assert_eq!(served.stdout, read.succeeded().stdout);
}

#[test]
fn a_server_that_passes_on_too_little_is_refused_at_the_start() {
    let nats = NatsServer::start_with("max_payload = 16384");
    let data = data_dir();
    let ended = Service::try_start(Service::command(nats.url(), data.path(), &[])).unwrap_err();
    assert_eq!(ended.status.code(), Some(1), "{}", ended.stderr);
    assert!(
        ended.stderr.contains("raise max_payload"),
        "{}",
        ended.stderr
    );
}

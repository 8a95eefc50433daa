//! Whatever one party sends, and however much of it: the service goes on, and nobody else waits for an answer in vain.

use end_to_end::{
    Client, NatsServer, Service, bodies, data_dir,
    flood::{self, Flood},
    raw::{self, Raw},
    wait_for,
};
use serde_json::json;

use crate::load::{self, Load};

/// What the service's log says when a connection of its own was lost.
const LOST: &str = "is lost";

const SUBJECTS: [&str; 4] = [
    "redress.v1.cmd.party.dev7.SubmitAppeal",
    "redress.v1.qry.party.dev7.Inbox",
    "redress.v1.cmd.party.dev7",
    "$SRV.INFO.redress",
];

#[test]
fn malformed_messages_cost_nobody_an_answer_and_no_connection() {
    let (nats, data) = (NatsServer::start(), data_dir());
    let service = Service::start(nats.url(), data.path(), &[]);
    let client = Client::connect(nats.url());
    bodies::prepare(&client, &bodies::rulebook("malformed-1", &[]));
    let load = Load::start(nats.url(), "beside", 2, 150, load::body);
    let mut raw = Raw::connect(nats.url());
    let mut times = 0;
    while load.goes_on() {
        for subject in SUBJECTS {
            for message in flood::malformed(subject) {
                raw.say(&message);
            }
        }
        raw.wait_until_heard();
        times += 1;
    }
    let answers = load.finish();
    assert!(times > 0);
    assert_eq!(answers.unanswered, Vec::<String>::new());
    assert_eq!(answers.refused, []);
    assert_eq!(answers.acknowledged.len(), 300);
    // Another party is heard on the very connection that they came in on.
    client.query("party:dev8", "Inbox", &json!({})).accepted();
    let said = service.stderr();
    assert!(!said.contains(LOST), "{said}");
    assert!(!said.contains("panicked"), "{said}");
    assert_eq!(service.terminate().code(), Some(0));
    load::check_log(data.path(), &answers.acknowledged);
}

#[test]
fn who_sends_headers_that_are_none_is_told_so() {
    let (nats, data) = (NatsServer::start(), data_dir());
    let _service = Service::start(nats.url(), data.path(), &[]);
    let mut raw = Raw::connect(nats.url());
    raw.say(b"SUB told 1\r\n");
    for subject in [
        "redress.v1.cmd.party.dev7.Rectify",
        "redress.v1.qry.auditor.a.Status",
    ] {
        raw.publish(
            subject.as_bytes(),
            "told",
            b"NATS/1.0\r\nX-Trace: a\rb\r\n\r\n",
            b"{}",
        );
        let body = std::iter::repeat_with(|| raw.line()).find(|line| line.starts_with('{'));
        let problem: serde_json::Value = serde_json::from_str(&body.unwrap()).unwrap();
        assert_eq!(problem["code"], "malformed_command");
        assert_eq!(problem["facts"]["path"], "headers");
    }
}

#[test]
fn a_flood_takes_nobody_elses_answers_and_little_memory() {
    let (nats, data) = (NatsServer::start(), data_dir());
    let service = Service::start(nats.url(), data.path(), &[]);
    let client = Client::connect(nats.url());
    bodies::prepare(&client, &bodies::rulebook("flood-1", &[]));
    let before = service.memory_bytes();
    let floods = Flood::EACH.into_iter().filter(|it| it.is_of_a_party());
    for (number, flood) in floods.enumerate() {
        let running = flood.start(nats.url());
        running.wait_until_it_sends();
        for command in 0..20 {
            let case = format!("flood-{number}-{command}");
            let body = load::body(&case);
            // It fails where no answer comes.
            let sent = client.send("platform:watch", "IssueWarning", &case, &body);
            sent.accepted();
        }
        running.stop();
    }
    let taken = service.memory_peak_bytes() - before;
    assert!(taken < 300 << 20, "{taken} bytes");
    assert_eq!(service.terminate().code(), Some(0));
}

/// Messages that are sent at once.
const SENT: usize = 400;

#[test]
fn who_has_too_much_in_hand_is_told_so_before_its_body_is_read() {
    let (nats, data) = (NatsServer::start(), data_dir());
    let mut command = Service::command(nats.url(), data.path(), &[]);
    command.env("REDRESS_SERVE_QUEUE_LENGTH_MAX", "4");
    let service = Service::try_start(command).unwrap();
    let client = Client::connect(nats.url());
    bodies::prepare(&client, &bodies::rulebook("hand-1", &[]));
    // The bodies are no JSON at all, which nobody finds out of those that are not read.
    let mut raw = Raw::connect(nats.url());
    raw.say(b"SUB told 1\r\n");
    let message = raw::message(
        b"redress.v1.cmd.party.dev7.Rectify",
        "told",
        b"NATS/1.0\r\nAccept-Language: zh-CN\r\nNats-Msg-Id: x\r\n\r\n",
        b"no JSON",
    );
    raw.say(&message.repeat(SENT));
    let mut codes = std::collections::BTreeMap::<String, usize>::new();
    for _ in 0..SENT {
        let body = std::iter::repeat_with(|| raw.line()).find(|line| line.starts_with('{'));
        let problem: serde_json::Value = serde_json::from_str(&body.unwrap()).unwrap();
        assert_eq!(problem["locale"], "zh-CN");
        let code = problem["code"].as_str().unwrap().to_owned();
        *codes.entry(code).or_default() += 1;
    }
    let kinds: Vec<_> = codes.keys().map(String::as_str).collect();
    assert_eq!(kinds, ["busy", "malformed_command"], "{codes:?}");
    assert_eq!(service.terminate().code(), Some(0));
}

#[test]
fn connections_that_broke_are_there_again_with_all_they_listened_to() {
    let (mut nats, data) = (NatsServer::start(), data_dir());
    let service = Service::start(nats.url(), data.path(), &[]);
    for _ in 0..3 {
        nats.restart();
        let client = Client::connect(nats.url());
        for (sender, query) in [
            ("party:dev7", "Inbox"),
            ("auditor:a", "Status"),
            ("reviewer:lin", "Status"),
        ] {
            wait_for("an answer", crate::stage::LIMIT, || {
                client
                    .block_on(client.querying(sender, query, &json!({})))
                    .ok()
            });
        }
    }
    assert_eq!(service.terminate().code(), Some(0));
}

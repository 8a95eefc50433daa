//! The command line, as a person reads it: what is shown, in words, and what can be done next.

use end_to_end::{Client, NatsServer, Service, bodies, cli, data_dir};
use serde_json::json;

/// A call at this server, with what is typed behind it.
fn at(nats: &NatsServer, arguments: &[&str]) -> Vec<String> {
    [arguments, &["--nats", nats.url()]]
        .concat()
        .into_iter()
        .map(str::to_owned)
        .collect()
}

#[test]
fn a_refusal_says_what_can_be_done_next_in_the_language_that_was_asked_for() {
    let (nats, data) = (NatsServer::start(), data_dir());
    let _service = Service::start(nats.url(), data.path(), &[]);
    let client = Client::connect(nats.url());
    bodies::prepare(&client, &bodies::rulebook("people-1", &[]));
    let warned = bodies::warning("C1", "W1");
    client
        .send("platform:p", "IssueWarning", "w1", &warned)
        .accepted();

    let body = json!({ "facts": { "case": "C1", "appeal": "A1" } }).to_string();
    let send = ["send", "--as", "party:dev7", "WithdrawAppeal", &body];
    let said = cli::run(at(&nats, &send)).ended_with(3);
    for words in ["next   rectify W1", "next   appeal against W1 before 20"] {
        assert!(said.stderr.contains(words), "{said:?}");
    }
    let said = cli::run(at(&nats, &[&send[..], &["--language", "zh-CN"]].concat()));
    let said = said.ended_with(3);
    assert!(said.stderr.contains("按通知 W1 的整改指引整改"), "{said:?}");
    assert!(!said.stderr.contains('{'), "{said:?}");
}

//! Trace: a warning that lapses becomes a penalty by itself; the second appeal restores exactly what was taken.

use std::time::Duration;

use end_to_end::{Client, NatsServer, Service, bodies, data_dir, wait_for};
use serde_json::{Value, json};

const LAPSED_WITHIN: Duration = Duration::from_secs(20);

fn case(client: &Client) -> Value {
    client
        .query("auditor:a", "Case", &json!({ "case": "C1" }))
        .accepted()
}

#[test]
fn a_lapsed_warning_is_a_penalty_by_itself_and_a_grant_restores_exactly_what_was_taken() {
    let nats = NatsServer::start();
    let data = data_dir();
    let service = Service::start(nats.url(), data.path(), &[]);
    let client = Client::connect(nats.url());
    bodies::prepare(
        &client,
        &bodies::rulebook("scenario-1", &[("cure", "\"2 seconds\"")]),
    );

    client
        .send(
            "platform:watch",
            "IssueWarning",
            "1",
            &bodies::warning("C1", "W1"),
        )
        .accepted();
    // The no: nothing is restricted before the deadline.
    assert_eq!(case(&client)["measures"], json!([]));
    let penalised = wait_for("the warning to lapse", LAPSED_WITHIN, || {
        Some(case(&client)).filter(|case| case["notices"][1]["standing"] == "penalised")
    });
    assert_eq!(penalised["notices"][0]["standing"], "lapsed");
    assert_eq!(penalised["notices"][1]["id"], "W1-P");
    assert_eq!(penalised["notices"][1]["entry"]["used"], 0);
    assert_eq!(penalised["measures"][0]["id"], "W1-m1");
    assert_eq!(penalised["measures"][0]["standing"], "in_force");

    client
        .send(
            "party:dev7",
            "SubmitAppeal",
            "2",
            &bodies::appeal("C1", "W1-P", "A1", "excessive"),
        )
        .accepted();
    let refused = client
        .send(
            "reviewer:r1",
            "Decide",
            "3",
            &bodies::refuse("C1", "A1", &["W1-m1"]),
        )
        .accepted();
    assert_eq!(refused["case"]["attempts_used"], 1);
    client
        .send(
            "party:dev7",
            "Rectify",
            "4",
            &bodies::rectify("C1", "W1-P", "pending"),
        )
        .accepted();
    client
        .send(
            "platform:watch",
            "RecordCodeReview",
            "5",
            &bodies::code_review("C1", "W1-P", "passed"),
        )
        .accepted();
    client
        .send(
            "party:dev7",
            "SubmitAppeal",
            "6",
            &bodies::appeal("C1", "W1-P", "A2", "rectified"),
        )
        .accepted();
    // The no: who ruled before does not rule again.
    let grant = bodies::grant("C1", "A2", "rectified", &["W1-m1"]);
    assert_eq!(
        client.send("reviewer:r1", "Decide", "7", &grant).code(),
        "reviewer_conflict"
    );
    let granted = client.send("reviewer:r2", "Decide", "8", &grant).accepted();
    assert_eq!(granted["case"]["standing"], "complied");
    assert_eq!(granted["case"]["measures_in_force"], Value::Null);
    assert_eq!(case(&client)["measures"][0]["standing"], "lifted");

    let inbox = client.query("party:dev7", "Inbox", &json!({})).accepted();
    assert_eq!(inbox["restrictions"], json!([]));
    assert_eq!(service.terminate().code(), Some(0));
}

#[test]
fn a_third_appeal_is_refused_on_record_and_with_the_next_route() {
    let nats = NatsServer::start();
    let data = data_dir();
    let _service = Service::start(nats.url(), data.path(), &[]);
    let client = Client::connect(nats.url());
    bodies::prepare(&client, &bodies::rulebook("scenario-1", &[]));
    client
        .send(
            "platform:watch",
            "IssuePenalty",
            "1",
            &bodies::penalty("C1", "P1"),
        )
        .accepted();
    for (appeal, reviewer) in [("A1", "reviewer:r1"), ("A2", "reviewer:r2")] {
        let filed = bodies::appeal("C1", "P1", appeal, "not_occurred");
        client
            .send("party:dev7", "SubmitAppeal", appeal, &filed)
            .accepted();
        let ruling = bodies::refuse("C1", appeal, &["P1-m1"]);
        client
            .send(reviewer, "Decide", &format!("{appeal}-d"), &ruling)
            .accepted();
    }
    let third = bodies::appeal("C1", "P1", "A3", "not_occurred");
    let reply = client.send("party:dev7", "SubmitAppeal", "A3", &third);
    assert_eq!(reply.code(), "attempts_exhausted");
    assert_eq!(reply.at("/facts/used"), 2);
    assert_eq!(reply.at("/facts/cap"), 2);
    assert_eq!(reply.at("/next/0/kind"), "rectify");
    assert_eq!(reply.at("/next/1/kind"), "external_route");
    assert!(reply.at("/recorded_at").is_u64());
    let entry = &case(&client)["notices"][0]["entry"];
    assert_eq!(entry["why_closed"]["reason"], "attempts_exhausted");
    let account = client.query("party:dev7", "Account", &json!({})).accepted();
    assert_eq!(account["refused_filings"][0]["code"], "attempts_exhausted");
}

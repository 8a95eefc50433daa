//! Trace: a warning, refused, rectified in time. No penalty ever.

use end_to_end::{Client, NatsServer, Service, bodies, data_dir};
use serde_json::json;

#[test]
fn a_warning_refused_once_and_rectified_in_time_never_becomes_a_penalty() {
    let nats = NatsServer::start();
    let data = data_dir();
    let service = Service::start(nats.url(), data.path(), &[]);
    let client = Client::connect(nats.url());
    bodies::prepare(&client, &bodies::rulebook("scenario-1", &[]));

    let warned = client
        .send(
            "platform:watch",
            "IssueWarning",
            "1",
            &bodies::warning("C1", "W1"),
        )
        .accepted();
    assert_eq!(warned["case"]["standing"], "warned");
    client
        .send(
            "party:dev7",
            "SubmitAppeal",
            "2",
            &bodies::appeal("C1", "W1", "A1", "not_a_violation"),
        )
        .accepted();
    let refused = client
        .send(
            "reviewer:r1",
            "Decide",
            "3",
            &bodies::refuse("C1", "A1", &[]),
        )
        .accepted();
    assert_eq!(refused["case"]["attempts_used"], 1);
    assert_eq!(refused["case"]["standing"], "warned");

    let declared = client
        .send(
            "party:dev7",
            "Rectify",
            "4",
            &bodies::rectify("C1", "W1", "pending"),
        )
        .accepted();
    assert_eq!(declared["case"]["rectification"], "review_pending");
    let cure_runs = |answer: &serde_json::Value| {
        let deadlines = answer["case"]["deadlines"].as_array().unwrap();
        deadlines.iter().any(|it| it["purpose"]["kind"] == "cure")
    };
    assert!(
        !cure_runs(&declared),
        "the declaration stops the cure period"
    );

    // The no: the ground `rectified` waits for the code review.
    let early = client.send(
        "party:dev7",
        "SubmitAppeal",
        "5",
        &bodies::appeal("C1", "W1", "A2", "rectified"),
    );
    assert_eq!(early.code(), "code_review_pending");

    client
        .send(
            "platform:watch",
            "RecordCodeReview",
            "6",
            &bodies::code_review("C1", "W1", "passed"),
        )
        .accepted();
    let second = client
        .send(
            "party:dev7",
            "SubmitAppeal",
            "7",
            &bodies::appeal("C1", "W1", "A2", "rectified"),
        )
        .accepted();
    assert_eq!(second["case"]["open_appeal"], "A2");
    let granted = client
        .send(
            "reviewer:r2",
            "Decide",
            "8",
            &bodies::grant("C1", "A2", "rectified", &[]),
        )
        .accepted();
    assert_eq!(granted["case"]["standing"], "complied");
    assert_eq!(granted["case"]["deadlines"], json!([]));

    let case = client
        .query("auditor:a", "Case", &json!({ "case": "C1" }))
        .accepted();
    assert_eq!(case["measures"], json!([]), "no penalty ever");
    assert_eq!(case["notices"][0]["entry"]["used"], 1);
    assert_eq!(service.terminate().code(), Some(0));
}

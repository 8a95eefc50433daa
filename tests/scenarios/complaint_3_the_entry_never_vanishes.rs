//! Complaint 3: "where is the third appeal? the entry is gone".

use end_to_end::bodies;
use serde_json::json;

use crate::stage::{Stage, offers};

#[test]
fn used_cap_why_closed_and_the_next_route_are_always_shown() {
    let stage = Stage::new(&[]);
    stage.accept(
        "platform:watch",
        "IssuePenalty",
        &bodies::penalty("C1", "P1"),
    );
    let entry = || stage.in_the_inbox("dev7", "P1")["entry"].clone();
    let fresh = entry();
    assert_eq!(
        (&fresh["open"], &fresh["used"], &fresh["cap"]),
        (&json!(true), &json!(0), &json!(2))
    );
    assert_eq!(fresh["until"], json!(stage.due("C1", "window")));

    for (appeal, reviewer) in [("A1", "reviewer:r1"), ("A2", "reviewer:r2")] {
        let filed = bodies::appeal("C1", "P1", appeal, "not_occurred");
        stage.accept("party:dev7", "SubmitAppeal", &filed);
        let pending = entry();
        assert_eq!(pending["open"], false);
        assert_eq!(
            pending["why_closed"],
            json!({ "reason": "appeal_pending", "appeal": appeal })
        );
        let refused = bodies::refuse("C1", appeal, &["P1-m1"]);
        stage.accept(reviewer, "Decide", &refused);
    }
    let used_up = entry();
    assert_eq!(
        (&used_up["open"], &used_up["used"], &used_up["cap"]),
        (&json!(false), &json!(2), &json!(2))
    );
    assert_eq!(used_up["why_closed"]["reason"], "attempts_exhausted");
    assert!(offers(&used_up, "rectify") && offers(&used_up, "external_route"));
    assert!(!offers(&used_up, "submit_appeal"), "{used_up:#}");
    stage.close();
}

#[test]
fn a_refused_filing_says_why_and_what_next_and_is_on_record() {
    let stage = Stage::new(&[]);
    stage.accept(
        "platform:watch",
        "IssuePenalty",
        &bodies::penalty("C1", "P1"),
    );
    for (appeal, reviewer) in [("A1", "reviewer:r1"), ("A2", "reviewer:r2")] {
        let filed = bodies::appeal("C1", "P1", appeal, "not_occurred");
        stage.accept("party:dev7", "SubmitAppeal", &filed);
        let refused = bodies::refuse("C1", appeal, &["P1-m1"]);
        stage.accept(reviewer, "Decide", &refused);
    }
    // The no.
    let third = bodies::appeal("C1", "P1", "A3", "not_occurred");
    let reply = stage.refuse("party:dev7", "SubmitAppeal", &third, "attempts_exhausted");
    assert_eq!(
        (reply.at("/facts/used"), reply.at("/facts/cap")),
        (&json!(2), &json!(2))
    );
    assert_eq!(
        reply.at("/next/0"),
        &json!({ "kind": "rectify", "notice": "P1" })
    );
    assert_eq!(reply.at("/next/1/kind"), "external_route");
    assert_eq!(reply.at("/next/1/route/url"), "https://example.com/court");
    let recorded_at = reply.at("/recorded_at").as_u64().expect("it is on record");

    let filing = &stage.account("dev7")["refused_filings"][0];
    assert_eq!(filing["position"], recorded_at);
    assert_eq!(filing["command"], "SubmitAppeal");
    assert_eq!(filing["code"], "attempts_exhausted");
    assert_eq!(filing["next"], *reply.at("/next"));
    let stored = stage
        .client
        .query(
            "auditor:a",
            "Events",
            &json!({ "from": recorded_at, "limit": 1 }),
        )
        .accepted();
    assert!(
        stored["events"][0]["data"]
            .as_str()
            .unwrap()
            .contains("\"attempts_exhausted\""),
        "{stored}"
    );
    // In the caller's own language too.
    let in_chinese = stage.client.send_with(
        "party:dev7",
        "SubmitAppeal",
        "zh",
        &bodies::appeal("C1", "P1", "A4", "not_occurred"),
        &[("Accept-Language", "zh-CN")],
    );
    assert_eq!(in_chinese.code(), "attempts_exhausted");
    assert_eq!(in_chinese.at("/locale"), "zh-CN");
    assert!(in_chinese.at("/detail").as_str().unwrap().contains('申'));
    // What is not a party's filing is not on a party's record.
    assert_eq!(
        stage.account("dev7")["refused_filings"]
            .as_array()
            .unwrap()
            .len(),
        2
    );
    stage.refuse(
        "platform:watch",
        "IssuePenalty",
        &bodies::penalty("C1", "P2"),
        "notice_live",
    );
    assert_eq!(
        stage.account("dev7")["refused_filings"]
            .as_array()
            .unwrap()
            .len(),
        2
    );
    stage.close();
}

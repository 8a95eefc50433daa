//! Complaint 7: "I appealed the rectified live version; the refusal shows pictures of the old one".

use end_to_end::bodies::{self, with};
use serde_json::json;

use crate::stage::{Stage, told_of};

#[test]
fn a_ruling_is_about_the_release_that_the_appeal_names_as_it_was_after_the_filing() {
    let stage = Stage::new(&[]);
    stage.accept(
        "platform:watch",
        "IssuePenalty",
        &bodies::penalty("C1", "P1"),
    );
    let before_filing = bodies::now();
    let appeal = bodies::appeal("C1", "P1", "A1", "rectified");
    // The no: an appeal that names no release.
    let mut nameless = appeal.clone();
    nameless["facts"].as_object_mut().unwrap().remove("release");
    stage.refuse("party:dev7", "SubmitAppeal", &nameless, "malformed_command");
    stage.accept("party:dev7", "SubmitAppeal", &appeal);

    // The no: another release looked at, pictures of another release, pictures from before the filing, from a
    // time to come, or none.
    let ruling = || bodies::refuse("C1", "A1", &["P1-m1"]);
    let old = json!({ "version": "1.9.0" });
    let other = with(ruling(), "/facts/release_reviewed", old.clone());
    let reply = stage.refuse("reviewer:r1", "Decide", &other, "wrong_release_reviewed");
    assert_eq!(reply.at("/facts/expected"), bodies::RELEASE);
    assert_eq!(reply.at("/facts/found"), "1.9.0");
    let old_picture = with(ruling(), "/facts/observations/0/release", old);
    stage.refuse(
        "reviewer:r1",
        "Decide",
        &old_picture,
        "wrong_release_reviewed",
    );
    let captured = "/facts/observations/0/captured_at";
    let stale = with(ruling(), captured, json!(before_filing));
    let reply = stage.refuse("reviewer:r1", "Decide", &stale, "stale_evidence");
    assert_eq!(reply.at("/facts/captured_at"), &json!(before_filing));
    assert_eq!(
        *reply.at("/facts/filed_at"),
        stage.case("C1")["appeals"][0]["filed_at"]
    );
    let to_come = with(ruling(), captured, json!("2999-01-01T00:00:00Z"));
    stage.refuse("reviewer:r1", "Decide", &to_come, "captured_in_future");
    let mut unseen = with(ruling(), "/facts/observations", json!([]));
    unseen["personal"]["observations"] = json!({});
    stage.refuse("reviewer:r1", "Decide", &unseen, "ruling_incomplete");
    assert_eq!(stage.case("C1")["notices"][0]["entry"]["used"], 0);

    // The yes: and the party sees which release was looked at, and what was seen.
    let mut told = stage.client.subscribe("redress.v1.ntf.dev7");
    stage.accept("reviewer:r1", "Decide", &ruling());
    let case = stage
        .client
        .query("party:dev7", "Case", &json!({ "case": "C1" }))
        .accepted();
    assert_eq!(
        case["appeals"][0]["ruling"]["release_reviewed"]["version"],
        bodies::RELEASE
    );
    let result = told_of(&mut told, "result_notice");
    assert_eq!(
        result["text"]["observations"][bodies::DIGEST],
        "what the picture shows"
    );
    let ruled = stage.only_event("C1", "appeal.ruled").facts;
    let seen = &ruled["command"]["observations"][0];
    assert_eq!(seen["release"]["version"], bodies::RELEASE);
    assert!(seen["captured_at"].as_str().unwrap() >= before_filing.as_str());
    stage.close();
}

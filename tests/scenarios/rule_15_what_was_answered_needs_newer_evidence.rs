//! Rule 15: once a notice about a place has ended, however it did, another one about that place under the same clause
//! needs evidence that the platform captured since, however the place is spelled.

use end_to_end::bodies::{self, with};
use serde_json::{Value, json};

use crate::stage::Stage;

const LOCATION: &str = "/facts/violation/findings/0/location";
const EVIDENCE: &str = "/facts/violation/findings/0/evidence";

fn at(notice: Value, location: &str) -> Value {
    with(notice, LOCATION, json!(location))
}

#[test]
fn what_was_put_right_is_not_raised_again_on_the_evidence_of_then() {
    let stage = Stage::new(&[]);
    let warning = at(bodies::warning("C1", "W1"), "pages/pay?step=1&from=home");
    stage.accept("platform:watch", "IssueWarning", &warning);
    let declared = bodies::rectify("C1", "W1", "not_needed");
    stage.accept("party:dev7", "Rectify", &declared);
    let confirmed = bodies::confirm("C1", "W1");
    stage.accept("platform:check", "VerifyRectification", &confirmed);
    let closed = stage.only_event("C1", "notice.closed");
    assert_eq!(closed.facts["answered"][0]["finding"], "f1");

    // The no: the same place in whatever spelling, on what was seen before.
    for spelling in [
        "pages/pay?step=1&from=home",
        "/pages//pay/?from=home&step=1",
        "pages/pay%3Fstep=1&from=home",
        "ｐages/pay?step=１&from=home",
    ] {
        let again = at(bodies::warning("C2", "W2"), spelling);
        let reply = stage.refuse("platform:watch", "IssueWarning", &again, "already_answered");
        assert_eq!(reply.at("/facts/case"), "C1");
        assert_eq!(*reply.at("/facts/at"), json!(closed.received()));
    }
    // The yes: another place, and this one where it was seen again.
    let elsewhere = at(bodies::warning("C2", "W2"), "pages/pay?step=2&from=home");
    stage.accept("platform:watch", "IssueWarning", &elsewhere);
    let seen_since = json!([{
        "sha256": bodies::DIGEST, "captured_at": bodies::now(), "captured_by": "platform"
    }]);
    let again = at(bodies::warning("C3", "W3"), "pages/pay?step=1&from=home");
    let again = with(again, EVIDENCE, seen_since);
    stage.accept("platform:watch", "IssueWarning", &again);
    stage.close();
}

#[test]
fn where_nobody_ruled_the_strike_falls_and_there_is_only_a_warning() {
    let stage = Stage::new(&[
        ("review", "\"1 seconds\""),
        ("review_breach", "\"deemed_granted\""),
    ]);
    let penalty = bodies::penalty("C1", "P1");
    stage.accept("platform:watch", "IssuePenalty", &penalty);
    let appeal = bodies::appeal("C1", "P1", "A1", "not_occurred");
    stage.accept("party:dev7", "SubmitAppeal", &appeal);
    let closed = stage.wait_for_event("C1", "notice.closed").facts;
    assert_eq!(closed["how"], "deemed_granted");
    assert_eq!(closed["voided_strike"]["account"], "dev7");
    assert_eq!(stage.restrictions("dev7"), []);

    let seen_since = json!([{
        "sha256": bodies::DIGEST, "captured_at": bodies::now(), "captured_by": "platform"
    }]);
    let again = with(bodies::penalty("C2", "P2"), LOCATION, json!("page of C1"));
    let again = with(again, EVIDENCE, seen_since.clone());
    let reply = stage.refuse("platform:watch", "IssuePenalty", &again, "warning_required");
    assert_eq!(reply.at("/facts/decided_in"), "C1");
    let mut warning = with(bodies::warning("C2", "W2"), LOCATION, json!("page of C1"));
    warning["facts"]["violation"]["rule"] = again["facts"]["violation"]["rule"].clone();
    let warning = with(warning, EVIDENCE, seen_since);
    stage.refuse(
        "platform:watch",
        "IssueWarning",
        &warning,
        "new_facts_required",
    );
    let new_facts = json!({ "sealed_in": "C1", "evidence": [bodies::DIGEST] });
    let warning = with(warning, "/facts/violation/findings/0/new_facts", new_facts);
    stage.accept("platform:watch", "IssueWarning", &warning);
    stage.close();
}

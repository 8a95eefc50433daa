//! Rule 7: who rules is a human who neither issued the notice, nor the warning behind it, nor ruled or verified in the
//! case before; and no ruling leaves the party worse off than what it appealed against.

use end_to_end::bodies::{self, later, with};
use serde_json::json;

use crate::stage::Stage;

/// A stage on which r0 has issued the penalty P1 in C1, and A1 is filed against it.
fn appealed() -> Stage {
    let stage = Stage::new(&[("appeal_cap", "3")]);
    let penalty = bodies::penalty("C1", "P1");
    stage.accept("platform:r0", "IssuePenalty", &penalty);
    file(&stage, "A1");
    stage
}

fn file(stage: &Stage, appeal: &str) {
    let filed = bodies::appeal("C1", "P1", appeal, "not_occurred");
    stage.accept("party:dev7", "SubmitAppeal", &filed);
}

#[test]
fn who_issued_or_ruled_does_not_rule_again() {
    let stage = appealed();
    let refusal = bodies::refuse("C1", "A1", &["P1-m1"]);
    let claim = json!({ "facts": { "case": "C1", "appeal": "A1" } });
    // The no: nobody who is no human reviewer, and not who issued the notice under another role.
    for sender in [
        "platform:watch",
        "party:dev7",
        "administrator:root",
        "auditor:a",
    ] {
        stage.refuse(sender, "Decide", &refusal, "not_permitted");
    }
    for (command, body) in [("ClaimAppeal", &claim), ("Decide", &refusal)] {
        let reply = stage.refuse("reviewer:r0", command, body, "reviewer_conflict");
        assert_eq!(*reply.at("/facts/part"), "issued_notice");
    }
    stage.accept("reviewer:r1", "Decide", &refusal);

    file(&stage, "A2");
    let second = bodies::refuse("C1", "A2", &["P1-m1"]);
    stage.refuse("reviewer:r1", "Decide", &second, "reviewer_conflict");
    stage.accept("reviewer:r2", "Decide", &second);
    // Each ruling names who gave it.
    let by: Vec<_> = stage
        .events_of_kind("C1", "appeal.ruled")
        .iter()
        .map(|ruled| ruled.header["actor"].clone())
        .collect();
    assert_eq!(by, ["reviewer:r1", "reviewer:r2"]);
    stage.close();
}

#[test]
fn who_issued_the_warning_does_not_rule_on_the_penalty_that_followed() {
    let stage = Stage::new(&[("cure", "\"1 seconds\"")]);
    let warning = bodies::warning("C1", "W1");
    stage.accept("platform:r0", "IssueWarning", &warning);
    let case = stage.wait_for_standing("C1", "penalised");
    let penalty = crate::stage::text(&case["notices"][1]["id"]);
    let appeal = bodies::appeal("C1", &penalty, "A1", "not_occurred");
    stage.accept("party:dev7", "SubmitAppeal", &appeal);
    let grant = bodies::grant("C1", "A1", "not_a_violation", &["W1-m1"]);
    stage.refuse("reviewer:r0", "Decide", &grant, "reviewer_conflict");
    stage.accept("reviewer:r1", "Decide", &grant);
    assert_eq!(stage.restrictions("dev7"), []);
    stage.close();
}

#[test]
fn who_verified_does_not_rule() {
    let stage = Stage::new(&[]);
    let warning = bodies::warning("C1", "W1");
    stage.accept("platform:watch", "IssueWarning", &warning);
    let declared = bodies::rectify("C1", "W1", "passed");
    stage.accept("party:dev7", "Rectify", &declared);
    let rejected = bodies::reject("C1", "W1");
    stage.accept("reviewer:r1", "VerifyRectification", &rejected);
    let appeal = bodies::appeal("C1", "W1", "A1", "not_a_violation");
    stage.accept("party:dev7", "SubmitAppeal", &appeal);
    let refusal = bodies::refuse("C1", "A1", &[]);
    stage.refuse("reviewer:r1", "Decide", &refusal, "reviewer_conflict");
    stage.accept("reviewer:r2", "Decide", &refusal);
    stage.close();
}

#[test]
fn a_ruling_takes_no_measure_and_no_time_that_the_notice_had_left() {
    let stage = appealed();
    let refusal = bodies::refuse("C1", "A1", &["P1-m1"]);
    let more = json!([
        { "id": "P1-m1", "ruling": "keep" },
        { "id": "P1-m2", "ruling": "keep" }
    ]);
    // The no: a measure that was never imposed, and less time to rectify than there was.
    let worse = with(refusal.clone(), "/facts/measures", more);
    stage.refuse("reviewer:r1", "Decide", &worse, "ruling_incomplete");
    assert_eq!(stage.restrictions("dev7").len(), 1);
    stage.accept("reviewer:r1", "Decide", &refusal);

    let warning = bodies::warning("C2", "W1");
    stage.accept("platform:r0", "IssueWarning", &warning);
    let appeal = bodies::appeal("C2", "W1", "A1", "not_a_violation");
    stage.accept("party:dev7", "SubmitAppeal", &appeal);
    let due = stage.due("C2", "cure");
    let refusal = bodies::refuse("C2", "A1", &[]);
    let sooner = with(
        refusal.clone(),
        "/facts/cure_due",
        json!(later(&bodies::now(), "3 days")),
    );
    let reply = stage.refuse("reviewer:r1", "Decide", &sooner, "worse_than_appealed");
    assert_eq!(*reply.at("/facts/not_before"), due);
    let longer = later(&due, "1 days");
    let milder = with(refusal, "/facts/cure_due", json!(longer));
    stage.accept("reviewer:r1", "Decide", &milder);
    assert_eq!(stage.due("C2", "cure"), longer);
    stage.close();
}

//! Complaint 8: "no entry any more, though I have rectified".

use end_to_end::bodies::{self, with};
use serde_json::json;

use crate::stage::{Stage, offers};

fn use_up(stage: &Stage, case: &str, notice: &str, measures: &[&str]) {
    for (attempt, reviewer) in [("A1", "reviewer:r1"), ("A2", "reviewer:r2")] {
        let filed = bodies::appeal(case, notice, attempt, "not_occurred");
        stage.accept("party:dev7", "SubmitAppeal", &filed);
        let refused = bodies::refuse(case, attempt, measures);
        stage.accept(reviewer, "Decide", &refused);
    }
}

#[test]
fn after_the_last_attempt_each_new_release_is_verified_by_a_human() {
    let stage = Stage::new(&[]);
    stage.accept(
        "platform:watch",
        "IssuePenalty",
        &bodies::penalty("C1", "P1"),
    );
    use_up(&stage, "C1", "P1", &["P1-m1"]);
    let entry = || stage.in_the_inbox("dev7", "P1")["entry"].clone();
    assert_eq!(entry()["why_closed"]["reason"], "attempts_exhausted");
    assert!(offers(&entry(), "rectify"));

    // The yes: it is accepted, costs nothing and opens a verification.
    let declared = bodies::rectify("C1", "P1", "not_needed");
    let after = stage.accept("party:dev7", "Rectify", &declared);
    assert_eq!(after["rectification"], "unverified");
    assert_eq!(after["attempts_used"], 2);
    assert!(stage.deadline("C1", "verification").is_some());
    assert!(offers(&entry(), "await_verification"));

    // The no: not by the platform's own program, nor by who refused the appeals.
    let newer = with(declared.clone(), "/facts/release/version", json!("2.0.2"));
    let confirm = bodies::confirm("C1", "P1");
    stage.refuse(
        "platform:watch",
        "VerifyRectification",
        &confirm,
        "human_required",
    );
    stage.refuse(
        "reviewer:r1",
        "VerifyRectification",
        &confirm,
        "reviewer_conflict",
    );
    assert_eq!(stage.restrictions("dev7").len(), 1);

    // And again for each new release, at any time: the newest is the one that is looked at.
    let newest = with(declared.clone(), "/facts/release/version", json!("2.0.3"));
    stage.accept("party:dev7", "Rectify", &newest);
    stage.refuse(
        "reviewer:r3",
        "VerifyRectification",
        &confirm,
        "wrong_release_reviewed",
    );
    let again = with(declared.clone(), "/facts/release/version", json!("2.0.1"));
    stage.accept("party:dev7", "Rectify", &again);
    let rejected = bodies::reject("C1", "P1");
    stage.accept("reviewer:r3", "VerifyRectification", &rejected);
    assert!(offers(&entry(), "rectify"));
    stage.accept("party:dev7", "Rectify", &newer);
    let confirm = with(confirm, "/facts/release/version", json!("2.0.2"));
    let after = stage.accept("reviewer:r4", "VerifyRectification", &confirm);
    assert_eq!(after["standing"], "complied");
    assert_eq!(after["attempts_used"], 2);
    assert_eq!(stage.restrictions("dev7"), []);
    let lifted = stage.only_event("C1", "measures.lifted").facts;
    assert_eq!(lifted["cause"], "rectified");
    assert_eq!(lifted["restored"], json!(["P1-m1"]));
    stage.check_deadlines_end_once("C1");
    stage.close();
}

#[test]
fn rectifying_never_uses_an_attempt_and_is_open_while_a_warning_stands() {
    let stage = Stage::new(&[]);
    stage.accept(
        "platform:watch",
        "IssueWarning",
        &bodies::warning("C1", "W1"),
    );
    use_up(&stage, "C1", "W1", &[]);
    let entry = stage.in_the_inbox("dev7", "W1")["entry"].clone();
    assert_eq!(entry["why_closed"]["reason"], "attempts_exhausted");
    assert!(offers(&entry, "rectify"));
    // The no: the appeal is closed indeed.
    let third = bodies::appeal("C1", "W1", "A3", "rectified");
    stage.refuse("party:dev7", "SubmitAppeal", &third, "attempts_exhausted");
    // The yes.
    let declared = bodies::rectify("C1", "W1", "not_needed");
    let after = stage.accept("party:dev7", "Rectify", &declared);
    assert_eq!(after["attempts_used"], 2);
    assert_eq!(after["rectification"], "unverified");
    assert!(
        stage.deadline("C1", "cure").is_none(),
        "the cure period stops"
    );
    // The no: after the last attempt a human looks at it.
    let confirm = bodies::confirm("C1", "W1");
    let verify = "VerifyRectification";
    stage.refuse("platform:watch", verify, &confirm, "human_required");
    let confirmed = stage.accept("reviewer:r9", verify, &confirm);
    assert_eq!(confirmed["standing"], "complied");
    assert_eq!(stage.case("C1")["measures"], json!([]));
    // The no: nothing stands any more, so there is nothing to rectify.
    let late = with(declared, "/facts/release/version", json!("2.0.3"));
    stage.refuse("party:dev7", "Rectify", &late, "notice_not_live");
    stage.close();
}

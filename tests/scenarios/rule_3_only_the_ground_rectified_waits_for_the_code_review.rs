//! Rule 3: who appeals because it is put right declares so by that, and waits for the code review of a release that
//! was declared before: until it has passed, has failed or takes too long. No other ground waits for it.

use end_to_end::bodies::{self, with};
use serde_json::{Value, json};

use crate::stage::{Stage, offers};

/// A stage on which W1 of C1 is rectified with a release that is in code review.
fn in_code_review(code_review: &str) -> Stage {
    let stage = Stage::new(&[("code_review", code_review), ("appeal_cap", "5")]);
    let warning = bodies::warning("C1", "W1");
    stage.accept("platform:watch", "IssueWarning", &warning);
    let declared = bodies::rectify("C1", "W1", "pending");
    let after = stage.accept("party:dev7", "Rectify", &declared);
    assert_eq!(after["rectification"], "review_pending");
    stage
}

#[test]
fn the_ground_rectified_is_a_declaration_that_the_ruling_verifies() {
    let stage = Stage::new(&[]);
    let warning = bodies::warning("C1", "W1");
    stage.accept("platform:watch", "IssueWarning", &warning);
    let cure = stage.due("C1", "cure");
    let appeal = bodies::appeal("C1", "W1", "A1", "rectified");
    let after = stage.accept("party:dev7", "SubmitAppeal", &appeal);
    assert_eq!(after["rectification"], "unverified");
    let submitted = stage.only_event("C1", "appeal.submitted");
    assert_eq!(submitted.facts["declares"]["number"], 1);
    assert!(
        stage.deadline("C1", "cure").is_none(),
        "the cure period stops"
    );
    // The no: what the ruling verifies, the platform does not verify beside it.
    assert!(stage.deadline("C1", "verification").is_none());
    let confirm = bodies::confirm("C1", "W1");
    stage.refuse(
        "platform:watch",
        "VerifyRectification",
        &confirm,
        "nothing_to_verify",
    );
    let granted = bodies::grant("C1", "A1", "rectified", &[]);
    let after = stage.accept("reviewer:r1", "Decide", &granted);
    assert_eq!(after["standing"], "complied");
    assert!(!stage.happened("C1", "findings.sealed"));
    stage.check_deadlines_end_once("C1");

    // The no: another ground declares nothing, and stops nothing.
    let other = bodies::warning("C2", "W1");
    stage.accept("platform:watch", "IssueWarning", &other);
    let appeal = bodies::appeal("C2", "W1", "A1", "too_short");
    let after = stage.accept("party:dev7", "SubmitAppeal", &appeal);
    assert_eq!(after["rectification"], "none");
    assert!(stage.due("C2", "cure") > cure);
    stage.close();
}

#[test]
fn the_gate_binds_only_the_ground_rectified_while_the_review_is_pending() {
    let stage = in_code_review("\"7 days\"");
    // The no: also where it is one ground of two.
    let rectified = bodies::appeal("C1", "W1", "A1", "rectified");
    let mut of_two = bodies::appeal("C1", "W1", "A1", "not_occurred");
    of_two["facts"]["grounds"] =
        json!([{ "id": "g1", "kind": "not_occurred" }, { "id": "g2", "kind": "rectified" }]);
    let of_two = with(of_two, "/personal/grounds/g2", json!("it asks first now"));
    for appeal in [rectified, of_two] {
        let reply = stage.refuse("party:dev7", "SubmitAppeal", &appeal, "code_review_pending");
        assert_eq!(*reply.at("/facts/due"), stage.due("C1", "code_review"));
        assert!(offers(&reply.json, "await_code_review"), "{}", reply.json);
    }
    let entry = stage.in_the_inbox("dev7", "W1")["entry"].clone();
    assert_eq!(entry["rectified_waits_for_code_review"], true);
    // The yes: the entry is open, for every other ground.
    assert_eq!(entry["open"], true);
    let grounds = ["not_occurred", "not_a_violation", "excessive", "too_short"];
    for (number, ground) in (1..).zip(grounds) {
        let id = format!("A{number}");
        let appeal = bodies::appeal("C1", "W1", &id, ground);
        let after = stage.accept("party:dev7", "SubmitAppeal", &appeal);
        assert_eq!(after["rectification"], "review_pending");
        let take_back = bodies::withdraw_appeal("C1", &id);
        stage.accept("party:dev7", "WithdrawAppeal", &take_back);
    }
    stage.close();
}

#[test]
fn the_gate_opens_when_the_review_has_passed_has_failed_or_is_overdue() {
    for outcome in ["passed", "failed", "overdue"] {
        let stage = in_code_review(if outcome == "overdue" {
            "\"1 seconds\""
        } else {
            "\"7 days\""
        });
        if outcome == "overdue" {
            let overdue = stage.wait_for_event("C1", "code_review.overdue");
            assert_eq!(overdue.facts["notice"], "W1");
        } else {
            // The no: another release has no say in it.
            let review = bodies::code_review("C1", "W1", outcome);
            let older = with(review.clone(), "/facts/release/version", json!("1.9.0"));
            let after = stage.accept("platform:watch", "RecordCodeReview", &older);
            assert_eq!(after["rectification"], "review_pending");
            let after = stage.accept("platform:watch", "RecordCodeReview", &review);
            // A failed review is answered by a new declaration, which the appeal is.
            assert_eq!(after["rectification"] == "rejected", outcome == "failed");
        }
        let entry = stage.in_the_inbox("dev7", "W1")["entry"].clone();
        assert!(entry.get("rectified_waits_for_code_review").is_none());
        let appeal = bodies::appeal("C1", "W1", "A1", "rectified");
        let after = stage.accept("party:dev7", "SubmitAppeal", &appeal);
        assert_eq!(after["rectification"], "unverified", "{outcome}");
        let granted = bodies::grant("C1", "A1", "rectified", &[]);
        let after = stage.accept("reviewer:r1", "Decide", &granted);
        assert_eq!(after["standing"], "complied", "{outcome}");
        assert_eq!(stage.deadlines("C1"), [] as [Value; 0]);
        stage.check_deadlines_end_once("C1");
        stage.close();
    }
}

#[test]
fn what_the_platform_recorded_of_a_release_counts_whether_or_not_it_was_declared() {
    let stage = Stage::new(&[]);
    let warning = bodies::warning("C1", "W1");
    stage.accept("platform:watch", "IssueWarning", &warning);
    let in_review = bodies::code_review("C1", "W1", "in_review");
    stage.accept("platform:watch", "RecordCodeReview", &in_review);
    let appeal = bodies::appeal("C1", "W1", "A1", "rectified");
    let reply = stage.refuse("party:dev7", "SubmitAppeal", &appeal, "code_review_pending");
    assert_eq!(*reply.at("/facts/due"), stage.due("C1", "code_review"));
    stage.refuse(
        "platform:watch",
        "RecordCodeReview",
        &in_review,
        "code_review_recorded",
    );
    let waits = || {
        let entry = stage.in_the_inbox("dev7", "W1")["entry"].clone();
        entry["rectified_waits_for_code_review"] == true
    };
    assert!(waits());
    let failed = bodies::code_review("C1", "W1", "failed");
    stage.accept("platform:watch", "RecordCodeReview", &failed);
    assert!(stage.deadline("C1", "code_review").is_none());
    assert!(!waits());
    stage.accept("party:dev7", "SubmitAppeal", &appeal);
    stage.check_deadlines_end_once("C1");
    stage.close();
}

//! Rule 4: the newest declaration that answers every step is the one that counts. It stops the cure period and the appeal
//! window, as often as the rulebook says. Then it is the platform's turn, with dates of its own. Where it is not
//! satisfied, the cure period goes on with what was left, and twice with no less than the least.

use end_to_end::bodies::{self, later, with};
use serde_json::{Value, json};

use crate::stage::Stage;

/// A stage on which C1 has this warning.
fn warned(defaults: &[(&str, &str)], warning: &Value) -> Stage {
    let stage = Stage::new(defaults);
    stage.accept("platform:watch", "IssueWarning", warning);
    stage
}

#[test]
fn a_complete_declaration_stops_the_cure_period_and_a_failed_review_resumes_it() {
    let mut warning = bodies::warning("C1", "W1");
    warning["facts"]["steps"] =
        json!([{ "id": "s1", "findings": ["f1"] }, { "id": "s2", "findings": ["f1"] }]);
    let warning = with(warning, "/personal/steps/s2", json!("delete what you have"));
    let hold = ("declarations_that_hold", "1");
    let stage = warned(&[("cure", "\"10 days\""), hold], &warning);
    let cure = stage.due("C1", "cure");
    // The no: one step of two stops nothing.
    let declared = bodies::rectify("C1", "W1", "pending");
    let after = stage.accept("party:dev7", "Rectify", &declared);
    assert_eq!(after["rectification"], "partial");
    assert_eq!(stage.due("C1", "cure"), cure);
    assert!(stage.deadline("C1", "code_review").is_none());

    // The yes: together they do, and the platform's time begins.
    let rest = with(declared.clone(), "/facts/steps", json!([{ "step": "s2" }]));
    let rest = with(
        rest,
        "/personal/steps",
        json!({ "s2": "all of it is deleted" }),
    );
    let after = stage.accept("party:dev7", "Rectify", &rest);
    assert_eq!(after["rectification"], "review_pending");
    assert!(stage.deadline("C1", "cure").is_none());
    let declaration = stage
        .events_of_kind("C1", "rectification.declared")
        .pop()
        .unwrap();
    let review = declaration.sets("code_review").expect("a review begins");
    assert_eq!(review["due"], later(&declaration.received(), "7 days"));
    // What was left is kept in whole seconds, rounded up.
    let left = declaration.facts["declaration"]["cure_left"]
        .as_str()
        .unwrap();
    let kept = later(&declaration.received(), left);
    assert!(
        kept >= cure && kept < later(&cure, "1 seconds"),
        "{kept}, {cure}"
    );

    let failed = bodies::code_review("C1", "W1", "failed");
    let after = stage.accept("platform:watch", "RecordCodeReview", &failed);
    assert_eq!(after["rectification"], "rejected");
    let recorded = stage.only_event("C1", "code_review.recorded");
    let resumed = stage.due("C1", "cure");
    assert_eq!(resumed, later(&recorded.received(), left));

    // The no: beyond those that the rulebook says, they are accepted and answered, and stop nothing.
    let both = with(
        rest,
        "/facts/steps",
        json!([{ "step": "s1" }, { "step": "s2" }]),
    );
    let both = with(
        both,
        "/personal/steps",
        json!({ "s1": "asks", "s2": "deleted" }),
    );
    let mut again = with(both, "/facts/kind", json!("setting"));
    again["facts"].as_object_mut().unwrap().remove("release");
    let after = stage.accept("party:dev7", "Rectify", &again);
    assert_eq!(after["rectification"], "unverified");
    assert!(stage.deadline("C1", "verification").is_some());
    assert_eq!(stage.due("C1", "cure"), resumed);
    let rejected = bodies::reject("C1", "W1");
    let after = stage.accept("platform:watch", "VerifyRectification", &rejected);
    assert_eq!(after["rectification"], "rejected");
    assert_eq!(stage.due("C1", "cure"), resumed);
    // What the no did not name is done, and no later one is about it.
    let verified = stage.only_event("C1", "rectification.verified");
    assert_eq!(verified.facts["verified"], json!(["s2"]));
    let of_the_first = with(again, "/facts/steps", json!([{ "step": "s1" }]));
    let of_the_first = with(of_the_first, "/personal/steps", json!({ "s1": "asks" }));
    stage.accept("party:dev7", "Rectify", &of_the_first);
    let about_the_other = bodies::reject("C1", "W1");
    let about_the_other = with(about_the_other, "/facts/unmet_steps", json!(["s2"]));
    stage.refuse(
        "platform:watch",
        "VerifyRectification",
        &about_the_other,
        "step_not_declared",
    );
    stage.check_deadlines_end_once("C1");
    stage.close();
}

/// Rejects the declaration of W1, which leaves less than the least; gives when that ends.
fn reject(stage: &Stage, least: &str) -> String {
    let rejected = bodies::reject("C1", "W1");
    stage.accept("platform:watch", "VerifyRectification", &rejected);
    let verified = stage.events_of_kind("C1", "rectification.verified");
    later(&verified.last().unwrap().received(), least)
}

#[test]
fn what_resumes_is_no_less_than_the_least_as_often_as_the_rulebook_says() {
    let declared = bodies::rectify("C1", "W1", "not_needed");
    // 12 hours are left, and 2 days are the least.
    let stage = warned(&[("cure", "\"12 hours\"")], &bodies::warning("C1", "W1"));
    stage.accept("party:dev7", "Rectify", &declared);
    let least = reject(&stage, "2 days");
    assert_eq!(stage.due("C1", "cure"), least);
    stage.close();

    let seconds = "\"2 seconds\"";
    let stage = warned(
        &[
            ("cure", seconds),
            ("cure_residual_minimum", seconds),
            ("cure_residual_times", "1"),
        ],
        &bodies::warning("C1", "W1"),
    );
    stage.accept("party:dev7", "Rectify", &declared);
    let least = reject(&stage, "2 seconds");
    assert_eq!(stage.due("C1", "cure"), least);
    // Nothing is imposed while the platform has an answer to give that holds the warning.
    stage.accept("party:dev7", "Rectify", &declared);
    assert!(stage.deadline("C1", "cure").is_none());
    std::thread::sleep(std::time::Duration::from_secs(3));
    assert_eq!(stage.case("C1")["measures"], json!([]));
    // The no: the least of it is given once, and then there is only what was left.
    reject(&stage, "0 seconds");
    stage.wait_for_standing("C1", "penalised");
    let imposed = stage.only_event("C1", "penalty.imposed");
    let verified = stage.events_of_kind("C1", "rectification.verified");
    let last = verified.last().unwrap();
    let due = last.sets("cure").expect("what was left")["due"].clone();
    assert_eq!(imposed.facts["measures"][0]["starts_at"], due);
    assert_eq!(last.facts.get("least"), None);
    stage.check_deadlines_end_once("C1");
    stage.close();
}

#[test]
fn the_window_of_a_penalty_stops_too_and_the_platforms_own_time_escalates() {
    let stage = Stage::new(&[
        ("verification", "\"1 seconds\""),
        ("verification_second", "\"1 seconds\""),
    ]);
    let penalty = bodies::penalty("C1", "P1");
    stage.accept("platform:watch", "IssuePenalty", &penalty);
    let declared = bodies::rectify("C1", "P1", "pending");
    stage.accept("party:dev7", "Rectify", &declared);
    assert!(stage.deadline("C1", "window").is_none());
    // A review that passes lets the window go on.
    let passed = bodies::code_review("C1", "P1", "passed");
    stage.accept("platform:watch", "RecordCodeReview", &passed);
    let declaration = stage.only_event("C1", "rectification.declared");
    let left = declaration.facts["declaration"]["window_left"]
        .as_str()
        .unwrap();
    let recorded = stage.only_event("C1", "code_review.recorded");
    assert_eq!(stage.due("C1", "window"), later(&recorded.received(), left));
    // A newer release takes the place of the one that waits, and stops it again.
    let newer = with(declared, "/facts/release/version", json!("2.0.2"));
    let newer = with(newer, "/facts/release/code_review", json!("not_needed"));
    stage.accept("party:dev7", "Rectify", &newer);
    assert!(stage.deadline("C1", "window").is_none());
    let confirm = bodies::confirm("C1", "P1");
    stage.refuse(
        "platform:watch",
        "VerifyRectification",
        &confirm,
        "wrong_release_reviewed",
    );
    // Nobody verifies: that is never held against the party.
    let deemed = stage.wait_for_event("C1", "rectification.deemed_confirmed");
    let overdue = stage.events_of_kind("C1", "verification.overdue");
    assert!(!overdue.is_empty() && overdue.iter().all(|it| it.time() < deemed.time()));
    assert!(stage.happened("C1", "measures.stayed"));
    assert_eq!(stage.case("C1")["notices"][0]["standing"], "on_record");
    assert_eq!(stage.restrictions("dev7"), []);
    stage.check_deadlines_end_once("C1");
    stage.close();
}

#[test]
fn what_is_declared_while_an_appeal_is_open_is_looked_at_after_the_ruling() {
    let stage = warned(&[], &bodies::warning("C1", "W1"));
    let appeal = bodies::appeal("C1", "W1", "A1", "rectified");
    stage.accept("party:dev7", "SubmitAppeal", &appeal);
    let newer = bodies::rectify("C1", "W1", "not_needed");
    let newer = with(newer, "/facts/release/version", json!("2.0.2"));
    let after = stage.accept("party:dev7", "Rectify", &newer);
    assert_eq!(after["rectification"], "awaits_ruling");
    assert!(stage.deadline("C1", "verification").is_none());
    let refused = bodies::refuse("C1", "A1", &[]);
    let after = stage.accept("reviewer:r1", "Decide", &refused);
    assert_eq!(after["rectification"], "unverified");
    // It holds the warning until it is answered.
    assert!(stage.deadline("C1", "cure").is_none());
    assert!(stage.deadline("C1", "verification").is_some());
    let confirm = bodies::confirm("C1", "W1");
    let confirm = with(confirm, "/facts/release/version", json!("2.0.2"));
    let after = stage.accept("platform:watch", "VerifyRectification", &confirm);
    assert_eq!(after["standing"], "complied");
    assert!(!stage.happened("C1", "penalty.imposed"));
    stage.check_deadlines_end_once("C1");
    stage.close();
}

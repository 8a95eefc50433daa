//! Rule 4: a declaration that answers every step stops the cure period and the appeal window, the first time only.
//! Then it is the platform's turn, with dates of its own. Where it is not satisfied, the cure period goes on with what
//! was left, and never with less than the least.

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
fn the_first_complete_declaration_stops_the_cure_period_and_a_failed_review_resumes_it() {
    let mut warning = bodies::warning("C1", "W1");
    warning["facts"]["steps"] =
        json!([{ "id": "s1", "findings": ["f1"] }, { "id": "s2", "findings": ["f1"] }]);
    let warning = with(warning, "/personal/steps/s2", json!("delete what you have"));
    let stage = warned(&[("cure", "\"10 days\"")], &warning);
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
    let left = declaration.facts["cure_left"].as_str().unwrap();
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

    // The no: later declarations are accepted and answered, and stop nothing.
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
    let again = with(both, "/facts/release/code_review", json!("passed"));
    let after = stage.accept("party:dev7", "Rectify", &again);
    assert_eq!(after["rectification"], "unverified");
    assert!(stage.deadline("C1", "verification").is_some());
    assert_eq!(stage.due("C1", "cure"), resumed);
    let rejected = bodies::reject("C1", "W1");
    let after = stage.accept("platform:watch", "VerifyRectification", &rejected);
    assert_eq!(after["rectification"], "rejected");
    assert_eq!(stage.due("C1", "cure"), resumed);
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
fn what_resumes_is_never_less_than_the_least_and_a_pending_answer_holds_the_warning() {
    let declared = bodies::rectify("C1", "W1", "not_needed");
    // 12 hours are left, and 2 days are the least.
    let stage = warned(&[("cure", "\"12 hours\"")], &bodies::warning("C1", "W1"));
    stage.accept("party:dev7", "Rectify", &declared);
    let least = reject(&stage, "2 days");
    assert_eq!(stage.due("C1", "cure"), least);
    stage.close();

    let seconds = "\"2 seconds\"";
    let stage = warned(
        &[("cure", seconds), ("cure_residual_minimum", seconds)],
        &bodies::warning("C1", "W1"),
    );
    stage.accept("party:dev7", "Rectify", &declared);
    let least = reject(&stage, "2 seconds");
    // The time runs on, and yet nothing is imposed while the platform has an answer to give.
    stage.accept("party:dev7", "Rectify", &declared);
    assert_eq!(stage.due("C1", "cure"), least);
    let held = stage.wait_for_event("C1", "cure_period.held");
    assert_eq!(held.facts["held_by"], "declaration");
    assert!(held.time() >= least);
    assert_eq!(stage.case("C1")["measures"], json!([]));
    // The no: the least of it is given once, and with this answer it is over.
    let answered = reject(&stage, "0 seconds");
    stage.wait_for_standing("C1", "penalised");
    let imposed = stage.only_event("C1", "penalty.imposed");
    assert_eq!(imposed.facts["measures"][0]["starts_at"], answered);
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
    // A review that passes begins the window anew.
    let passed = bodies::code_review("C1", "P1", "passed");
    stage.accept("platform:watch", "RecordCodeReview", &passed);
    let recorded = stage.only_event("C1", "code_review.recorded");
    let window = later(&recorded.received(), "30 days");
    assert_eq!(stage.due("C1", "window"), window);
    // The no: another declaration stops it no more.
    let newer = with(declared, "/facts/release/version", json!("2.0.2"));
    stage.accept("party:dev7", "Rectify", &newer);
    assert_eq!(stage.due("C1", "window"), window);
    // Nobody verifies: that is never held against the party.
    let deemed = stage.wait_for_event("C1", "rectification.deemed_confirmed");
    let overdue = stage.events_of_kind("C1", "verification.overdue");
    assert!(!overdue.is_empty() && overdue.iter().all(|it| it.time() < deemed.time()));
    assert_eq!(stage.case("C1")["notices"][0]["standing"], "complied");
    assert_eq!(stage.restrictions("dev7"), []);
    stage.check_deadlines_end_once("C1");
    stage.close();
}

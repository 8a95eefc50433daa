//! Rule 9: a measure with an end ends by itself, an appeal against it goes on, and a penalty is served once nothing
//! restricts and nobody can appeal any more.

use end_to_end::bodies::{self, later, now, with};
use serde_json::json;

use crate::stage::Stage;

/// Penalty P1 of case C1, whose measure ends after a second.
fn short(stage: &Stage) {
    let ends = later(&now(), "1 seconds");
    let penalty = with(
        bodies::penalty("C1", "P1"),
        "/facts/measures/0/ends_at",
        json!(ends),
    );
    stage.accept("platform:watch", "IssuePenalty", &penalty);
}

#[test]
fn a_penalty_is_served_once_its_measures_have_ended_and_its_window_is_over() {
    let stage = Stage::new(&[("appeal_window", "\"2 seconds\"")]);
    short(&stage);
    stage.wait_for_event("C1", "measure.expired");
    let closed = stage.wait_for_event("C1", "notice.closed");
    assert_eq!(closed.facts["how"], "served");
    assert_eq!(stage.case("C1")["notices"][0]["standing"], "served");
    assert!(stage.deadlines("C1").is_empty());
    let declared = bodies::rectify("C1", "P1", "not_needed");
    let reply = stage.refuse("party:dev7", "Rectify", &declared, "notice_not_live");
    assert_eq!(reply.at("/facts/standing"), "served");
    stage.close();
}

#[test]
fn an_appeal_that_was_filed_in_time_outlives_the_measure_and_the_window() {
    let stage = Stage::new(&[("appeal_window", "\"2 seconds\"")]);
    short(&stage);
    let appeal = bodies::appeal("C1", "P1", "A1", "not_a_violation");
    stage.accept("party:dev7", "SubmitAppeal", &appeal);
    stage.wait_for_event("C1", "measure.expired");
    stage.wait_for_event("C1", "filing_window.passed");
    assert!(!stage.happened("C1", "notice.closed"));
    // The record still matters: the strike falls with the grant.
    let granted = bodies::grant("C1", "A1", "not_a_violation", &[]);
    stage.accept("reviewer:r1", "Decide", &granted);
    let sealed = stage.only_event("C1", "findings.sealed").facts;
    assert_eq!(sealed["voided_strike"]["account"], "dev7");
    stage.check_deadlines_end_once("C1");
    stage.close();
}

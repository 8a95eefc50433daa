//! Rule 6: while an appeal filed in time against a warning is open, the penalty that it threatens waits for the ruling;
//! and whoever is refused has the rest of the period, or the least the rulebook leaves, counted from the ruling.

use end_to_end::bodies::{self, later};
use serde_json::json;

use crate::stage::Stage;

/// A stage on which C1 has the warning W1 and the appeal A1 against it.
fn appealed(defaults: &[(&str, &str)]) -> Stage {
    let stage = Stage::new(defaults);
    let warning = bodies::warning("C1", "W1");
    stage.accept("platform:watch", "IssueWarning", &warning);
    let appeal = bodies::appeal("C1", "W1", "A1", "not_a_violation");
    stage.accept("party:dev7", "SubmitAppeal", &appeal);
    stage
}

#[test]
fn the_penalty_waits_for_the_ruling_and_comes_the_residual_time_after_a_refusal() {
    let stage = appealed(&[
        ("cure", "\"1 seconds\""),
        ("cure_residual_minimum", "\"2 seconds\""),
    ]);
    let due = stage.due("C1", "cure");
    let submitted = stage.only_event("C1", "appeal.submitted");
    assert_eq!(submitted.facts["stays_penalty"], true);
    // The no: its time comes, and what happens is that the service says that it holds.
    let held = stage.wait_for_event("C1", "cure_period.held");
    assert!(held.time() >= due);
    assert_eq!(stage.case("C1")["notices"][0]["standing"], "warned");
    assert_eq!(stage.restrictions("dev7"), []);

    let refusal = bodies::refuse("C1", "A1", &[]);
    stage.accept("reviewer:r1", "Decide", &refusal);
    let ruled = stage.only_event("C1", "appeal.ruled").received();
    let anew = stage.due("C1", "cure");
    assert_eq!(anew, later(&ruled, "2 seconds"));
    assert!(anew > due);
    assert_eq!(stage.restrictions("dev7"), []);
    stage.wait_for_standing("C1", "penalised");
    let imposed = stage.only_event("C1", "penalty.imposed");
    assert_eq!(imposed.facts["measures"][0]["starts_at"], anew);
    stage.check_deadlines_end_once("C1");
    stage.close();
}

#[test]
fn a_refusal_never_shortens_what_was_left() {
    let stage = appealed(&[
        ("cure", "\"15 days\""),
        ("cure_residual_minimum", "\"2 days\""),
    ]);
    let due = stage.due("C1", "cure");
    let refusal = bodies::refuse("C1", "A1", &[]);
    stage.accept("reviewer:r1", "Decide", &refusal);
    // The no: two days from the ruling would be earlier.
    assert_eq!(stage.due("C1", "cure"), due);
    stage.close();
}

#[test]
fn what_is_taken_back_stays_nothing_any_more() {
    let stage = appealed(&[("cure", "\"2 seconds\"")]);
    let due = stage.due("C1", "cure");
    let back = bodies::withdraw_appeal("C1", "A1");
    stage.accept("party:dev7", "WithdrawAppeal", &back);
    assert_eq!(stage.due("C1", "cure"), due);
    stage.wait_for_standing("C1", "penalised");
    let imposed = stage.only_event("C1", "penalty.imposed");
    assert_eq!(imposed.facts["measures"][0]["starts_at"], due);
    // The no: where the rulebook says that an appeal stays nothing, none does.
    let without = Stage::new(&[
        ("cure", "\"1 seconds\""),
        ("stay_on_warning_appeal", "false"),
    ]);
    let warning = bodies::warning("C1", "W1");
    without.accept("platform:watch", "IssueWarning", &warning);
    let appeal = bodies::appeal("C1", "W1", "A1", "not_a_violation");
    without.accept("party:dev7", "SubmitAppeal", &appeal);
    let case = without.wait_for_standing("C1", "penalised");
    assert_eq!(case["appeals"][0]["standing"], json!("filed"));
    stage.close();
    without.close();
}

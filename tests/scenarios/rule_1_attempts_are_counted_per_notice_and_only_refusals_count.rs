//! Rule 1: every notice has attempts of its own, as many as the rulebook allows. A refusal uses one and opens the
//! next window; what the party took back once, and what was granted, uses none.

use end_to_end::bodies::{self, later};
use serde_json::{Value, json};

use crate::stage::Stage;

/// A stage on which C1 has the penalty P1.
fn penalised(defaults: &[(&str, &str)]) -> Stage {
    let stage = Stage::new(defaults);
    let penalty = bodies::penalty("C1", "P1");
    stage.accept("platform:watch", "IssuePenalty", &penalty);
    stage
}

fn file(stage: &Stage, appeal: &str) -> Value {
    let filed = bodies::appeal("C1", "P1", appeal, "not_occurred");
    stage.accept("party:dev7", "SubmitAppeal", &filed)
}

#[test]
fn a_refusal_uses_an_attempt_and_the_window_begins_anew_with_it() {
    let stage = penalised(&[("appeal_cap", "3"), ("appeal_window", "\"30 days\"")]);
    let issued = stage.only_event("C1", "penalty.issued");
    let window = issued.sets("window").expect("a window begins");
    assert_eq!(window["due"], later(&issued.received(), "30 days"));
    assert_eq!(stage.due("C1", "window"), window["due"]);
    for (used, appeal, reviewer) in [(1, "A1", "reviewer:r1"), (2, "A2", "reviewer:r2")] {
        // Filing reserves and does not use.
        assert_eq!(file(&stage, appeal)["attempts_used"], used - 1);
        let refused = bodies::refuse("C1", appeal, &["P1-m1"]);
        let after = stage.accept(reviewer, "Decide", &refused);
        assert_eq!(after["attempts_used"], used);
        assert_eq!(after["attempt_cap"], 3);
        assert_eq!(after["standing"], "penalised");
        let ruled = stage.events_of_kind("C1", "appeal.ruled").pop().unwrap();
        assert_eq!(
            stage.due("C1", "window"),
            later(&ruled.received(), "30 days")
        );
    }
    // The no: at the cap there is no window any more, and no appeal.
    file(&stage, "A3");
    let refused = bodies::refuse("C1", "A3", &["P1-m1"]);
    let after = stage.accept("reviewer:r3", "Decide", &refused);
    assert_eq!(after["attempts_used"], 3);
    assert_eq!(after["standing"], "exhausted");
    assert!(stage.deadline("C1", "window").is_none());
    let fourth = bodies::appeal("C1", "P1", "A4", "not_occurred");
    let reply = stage.refuse("party:dev7", "SubmitAppeal", &fourth, "attempts_exhausted");
    assert_eq!(*reply.at("/facts/used"), 3);
    assert_eq!(*reply.at("/facts/cap"), 3);
    stage.check_deadlines_end_once("C1");
    stage.close();
}

#[test]
fn what_is_taken_back_the_first_time_or_granted_uses_no_attempt() {
    let stage = penalised(&[("appeal_cap", "1")]);
    let window = stage.due("C1", "window");
    file(&stage, "A1");
    let take_back = |appeal| bodies::withdraw_appeal("C1", appeal);
    let after = stage.accept("party:dev7", "WithdrawAppeal", &take_back("A1"));
    assert_eq!(after["attempts_used"], 0);
    // The no: that gives no new window either, and the id is gone.
    assert_eq!(stage.due("C1", "window"), window);
    let again = bodies::appeal("C1", "P1", "A1", "not_occurred");
    stage.refuse("party:dev7", "SubmitAppeal", &again, "id_taken");
    // A grant, though it was the only attempt.
    file(&stage, "A2");
    let granted = bodies::grant("C1", "A2", "not_established", &["P1-m1"]);
    let after = stage.accept("reviewer:r1", "Decide", &granted);
    assert_eq!(after["standing"], "overturned");
    assert_eq!(after["attempts_used"], 0);
    stage.close();

    // The no: the second time it is taken back, an attempt is used.
    let stage = penalised(&[("appeal_cap", "1")]);
    for (appeal, used, standing) in [("A1", 0, "penalised"), ("A2", 1, "exhausted")] {
        file(&stage, appeal);
        let after = stage.accept("party:dev7", "WithdrawAppeal", &take_back(appeal));
        assert_eq!(after["attempts_used"], used);
        assert_eq!(after["standing"], standing);
    }
    let third = bodies::appeal("C1", "P1", "A3", "not_occurred");
    stage.refuse("party:dev7", "SubmitAppeal", &third, "attempts_exhausted");
    stage.close();
}

#[test]
fn attempts_used_against_one_notice_leave_another_alone() {
    let stage = penalised(&[("appeal_cap", "1"), ("appeal_window", "\"2 seconds\"")]);
    let other = bodies::penalty("C2", "P1");
    stage.accept("platform:watch", "IssuePenalty", &other);
    file(&stage, "A1");
    let refused = bodies::refuse("C1", "A1", &["P1-m1"]);
    stage.accept("reviewer:r1", "Decide", &refused);
    assert_eq!(stage.case("C1")["notices"][0]["entry"]["used"], 1);
    assert_eq!(stage.case("C2")["notices"][0]["entry"]["used"], 0);
    // The no: a window that nobody used is over without an attempt, and so is the notice's entry.
    let exhausted = stage.wait_for_event("C2", "notice.exhausted");
    assert_eq!(exhausted.facts["why"], "window");
    let late = bodies::appeal("C2", "P1", "A1", "not_occurred");
    stage.refuse("party:dev7", "SubmitAppeal", &late, "window_closed");
    let case = stage.case("C2");
    assert_eq!(case["notices"][0]["standing"], json!("exhausted"));
    assert_eq!(case["notices"][0]["entry"]["used"], 0);
    stage.close();
}

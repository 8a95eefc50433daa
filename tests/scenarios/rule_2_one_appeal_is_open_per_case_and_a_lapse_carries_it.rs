//! Rule 2: a case has one appeal open at a time. The penalty that a lapsed warning becomes is a notice of its own with
//! all its attempts; an appeal that was pending goes with it, and uses none of them.

use end_to_end::bodies;
use serde_json::json;

use crate::stage::{Stage, offers};

#[test]
fn one_appeal_is_open_per_case() {
    let stage = Stage::new(&[("appeal_cap", "5")]);
    let penalty = bodies::penalty("C1", "P1");
    stage.accept("platform:watch", "IssuePenalty", &penalty);
    let appeal = |id| bodies::appeal("C1", "P1", id, "not_occurred");
    stage.accept("party:dev7", "SubmitAppeal", &appeal("A1"));
    // The no: whatever its ground, and also once a reviewer has it.
    let claim = json!({ "facts": { "case": "C1", "appeal": "A1" } });
    for claimed in [false, true] {
        if claimed {
            stage.accept("reviewer:r1", "ClaimAppeal", &claim);
        }
        for ground in ["not_occurred", "rectified", "excessive"] {
            let second = bodies::appeal("C1", "P1", "A2", ground);
            let reply = stage.refuse("party:dev7", "SubmitAppeal", &second, "appeal_pending");
            assert_eq!(reply.at("/facts/appeal"), "A1");
            assert_eq!(*reply.at("/facts/due"), stage.due("C1", "review"));
        }
    }
    assert_eq!(stage.case("C1")["appeals"].as_array().unwrap().len(), 1);
    // The yes: beside it in another case, and here once it has ended, either way.
    let other = bodies::penalty("C2", "P1");
    stage.accept("platform:watch", "IssuePenalty", &other);
    let beside = bodies::appeal("C2", "P1", "A1", "not_occurred");
    stage.accept("party:dev7", "SubmitAppeal", &beside);
    let refused = bodies::refuse("C1", "A1", &["P1-m1"]);
    stage.accept("reviewer:r1", "Decide", &refused);
    stage.accept("party:dev7", "SubmitAppeal", &appeal("A2"));
    let take_back = bodies::withdraw_appeal("C1", "A2");
    stage.accept("party:dev7", "WithdrawAppeal", &take_back);
    stage.accept("party:dev7", "SubmitAppeal", &appeal("A3"));
    stage.close();
}

#[test]
fn a_lapse_begins_with_no_attempt_used_and_carries_the_pending_appeal() {
    let stage = Stage::new(&[
        ("cure", "\"3 seconds\""),
        ("cure_residual_minimum", "\"1 seconds\""),
        ("stay_on_warning_appeal", "false"),
    ]);
    let warning = bodies::warning("C1", "W1");
    stage.accept("platform:watch", "IssueWarning", &warning);
    let appeal = |notice, id| bodies::appeal("C1", notice, id, "not_occurred");
    stage.accept("party:dev7", "SubmitAppeal", &appeal("W1", "A1"));
    let refused = bodies::refuse("C1", "A1", &[]);
    let after = stage.accept("reviewer:r1", "Decide", &refused);
    assert_eq!(after["attempts_used"], 1);
    stage.accept("party:dev7", "SubmitAppeal", &appeal("W1", "A2"));
    let review = stage.due("C1", "review");

    let case = stage.wait_for_standing("C1", "penalised");
    let imposed = stage.only_event("C1", "penalty.imposed").facts;
    assert_eq!(
        [&imposed["warning"], &imposed["notice"]],
        ["W1", "W1-P"].map(|it| json!(it)).each_ref()
    );
    assert_eq!(imposed["carried_appeal"], "A2");
    let [warning, penalty] = [0, 1].map(|index| case["notices"][index].clone());
    assert_eq!(warning["standing"], "lapsed");
    assert_eq!(warning["entry"]["used"], 1);
    assert_eq!(
        warning["entry"]["why_closed"],
        json!({ "reason": "lapsed", "penalty": "W1-P" })
    );
    assert_eq!(penalty["follows"], "W1");
    assert_eq!(penalty["entry"]["used"], 0);
    assert_eq!(
        penalty["entry"]["why_closed"],
        json!({ "reason": "appeal_pending", "appeal": "A2" })
    );
    assert_eq!(stage.due("C1", "review"), review, "its due date stays");

    // The no: neither beside the carried one, nor against the warning.
    let third = appeal("W1-P", "A3");
    stage.refuse("party:dev7", "SubmitAppeal", &third, "appeal_pending");
    let against_the_warning = appeal("W1", "A3");
    let reply = stage.refuse(
        "party:dev7",
        "SubmitAppeal",
        &against_the_warning,
        "notice_not_live",
    );
    assert_eq!(reply.at("/facts/live"), "W1-P");

    // Its refusal uses no attempt of the penalty, which has all of its own.
    for (used, id, reviewer) in [
        (0, "A2", "reviewer:r2"),
        (1, "A3", "reviewer:r3"),
        (2, "A4", "reviewer:r4"),
    ] {
        if id != "A2" {
            stage.accept("party:dev7", "SubmitAppeal", &appeal("W1-P", id));
        }
        let refused = bodies::refuse("C1", id, &["W1-m1"]);
        let after = stage.accept(reviewer, "Decide", &refused);
        assert_eq!(after["attempts_used"], used, "after {id}");
    }
    let entry = stage.in_the_inbox("dev7", "W1-P")["entry"].clone();
    assert_eq!(entry["why_closed"]["reason"], "attempts_exhausted");
    assert!(!offers(&entry, "submit_appeal"));
    stage.check_deadlines_end_once("C1");
    stage.close();
}

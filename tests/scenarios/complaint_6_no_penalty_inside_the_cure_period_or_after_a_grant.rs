//! Complaint 6: "the first appeal was granted, yet inside the rectification period the function was disabled for the
//! same violation".

use end_to_end::bodies::{self, with};
use serde_json::json;

use crate::stage::Stage;

#[test]
fn a_warning_has_no_penalty_before_its_deadline() {
    let stage = Stage::new(&[("cure", "\"3 seconds\"")]);
    stage.accept(
        "platform:watch",
        "IssueWarning",
        &bodies::warning("C1", "W1"),
    );
    let due = stage.due("C1", "cure");
    // The no: not in the same case, not beside it without an emergency that somebody else approves, and not by
    // acting on the deadline early.
    let at_once = bodies::penalty("C1", "P1");
    let reply = stage.refuse("platform:watch", "IssuePenalty", &at_once, "notice_live");
    assert_eq!(reply.at("/facts/notice"), "W1");
    let mut beside = bodies::penalty("C2", "P1");
    beside["facts"]["violation"] = bodies::warning("C1", "W1")["facts"]["violation"].clone();
    stage.refuse(
        "platform:watch",
        "IssuePenalty",
        &beside,
        "warning_required",
    );
    let approved_by_itself = json!({ "ground": "malware", "approver": "watch" });
    let beside = with(beside, "/facts/emergency", approved_by_itself);
    stage.refuse(
        "platform:watch",
        "IssuePenalty",
        &beside,
        "approver_required",
    );
    let fire = json!({ "facts": { "case": "C1", "deadline": "D1" } });
    for sender in [
        "platform:watch",
        "administrator:root",
        "party:dev7",
        "reviewer:r1",
        "service:deadlines",
    ] {
        stage.refuse(sender, "ReachDeadline", &fire, "not_permitted");
    }
    assert_eq!(stage.restrictions("dev7"), []);

    // The yes: at the deadline, and by itself.
    stage.wait_for_standing("C1", "penalised");
    let imposed = stage.only_event("C1", "penalty.imposed");
    assert!(imposed.time() >= due, "{} is before {due}", imposed.time());
    assert_eq!(imposed.facts["measures"][0]["starts_at"], due);
    stage.close();
}

#[test]
fn a_grant_ends_the_warning_and_every_deadline_that_came_from_it() {
    let stage = Stage::new(&[("cure", "\"3 seconds\""), ("review", "\"4 seconds\"")]);
    stage.accept(
        "platform:watch",
        "IssueWarning",
        &bodies::warning("C1", "W1"),
    );
    let appeal = bodies::appeal("C1", "W1", "A1", "not_a_violation");
    stage.accept("party:dev7", "SubmitAppeal", &appeal);
    let due = stage.due("C1", "cure");
    let granted = stage.accept(
        "reviewer:r1",
        "Decide",
        &bodies::grant("C1", "A1", "not_a_violation", &[]),
    );
    assert_eq!(granted["standing"], "overturned");
    assert_eq!(stage.deadlines("C1"), [] as [serde_json::Value; 0]);
    let revision = stage.case("C1")["revision"].clone();

    // The no: its time comes, and nothing happens.
    stage.wait_for_a_cure_period("witness");
    assert!(bodies::now() > due);
    let case = stage.case("C1");
    assert_eq!(case["revision"], revision);
    assert_eq!(case["measures"], json!([]));
    assert_eq!(case["closed"], true);
    assert_eq!(stage.restrictions("dev7"), []);
    assert!(!stage.happened("C1", "penalty.imposed"));
    let ended = stage.check_deadlines_end_once("C1");
    assert!(ended.values().all(|how| *how == "cleared"), "{ended:?}");
    stage.close();
}

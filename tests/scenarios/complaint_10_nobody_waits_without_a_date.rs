//! Complaint 10: "submitted, nothing happens; please answer". The date is there from the start, and when it passes it
//! escalates again and again until somebody answers.

use end_to_end::bodies::{self, with};
use serde_json::json;

use crate::stage::Stage;

#[test]
fn an_overdue_appeal_stays_the_measures_and_escalates_until_there_is_a_ruling() {
    let stage = Stage::new(&[
        ("review", "\"1 seconds\""),
        ("review_breach", "\"stay\""),
        ("review_escalation", "\"1 seconds\""),
    ]);
    let penalty = bodies::penalty("C1", "P1");
    stage.accept("platform:watch", "IssuePenalty", &penalty);
    let appeal = bodies::appeal("C1", "P1", "A1", "not_occurred");
    stage.accept("party:dev7", "SubmitAppeal", &appeal);
    assert!(stage.deadline("C1", "review").is_some());
    stage.wait_for_event("C1", "appeal.overdue");
    stage.wait_for_event("C1", "measures.stayed");
    assert_eq!(stage.restrictions("dev7"), []);
    let first = stage.wait_for_event("C1", "appeal.escalated");
    while stage.events_of_kind("C1", "appeal.escalated").len() < 3 {
        // In between there is always a date by which somebody has to act.
        stage.wait_for_event("C1", "appeal.escalated");
    }
    assert!(first.sets("escalation").is_some());

    // Whoever rules ends it, and a refusal puts the measures in force again.
    let refusal = bodies::refuse("C1", "A1", &["P1-m1"]);
    stage.accept("reviewer:r1", "Decide", &refusal);
    assert!(stage.deadline("C1", "escalation").is_none());
    assert_eq!(stage.restrictions("dev7").len(), 1);
    stage.check_deadlines_end_once("C1");
    stage.close();
}

#[test]
fn who_adds_a_picture_loses_neither_the_stay_nor_the_date() {
    let stage = Stage::new(&[]);
    let warning = bodies::warning("C1", "W1");
    stage.accept("platform:watch", "IssueWarning", &warning);
    let appeal = bodies::appeal("C1", "W1", "A1", "not_occurred");
    stage.accept("party:dev7", "SubmitAppeal", &appeal);
    let review = stage.due("C1", "review");
    let digest = "5ddff67a3a83241d75ea2c79fc72b5218debc0cd325c987de6ee13635514222c";
    let amendment = json!({
        "facts": { "case": "C1", "appeal": "A1", "evidence": [{
            "sha256": digest, "media_type": "image/png", "size_bytes": 2048, "captured_at": bodies::now()
        }] },
        "personal": { "evidence": { digest: { "name": "page.png", "shows": "the page" } } }
    });
    // The no: what adds nothing, and what another party adds.
    let nothing = json!({ "facts": { "case": "C1", "appeal": "A1" } });
    stage.refuse("party:dev7", "AmendAppeal", &nothing, "malformed_command");
    stage.refuse("party:dev8", "AmendAppeal", &amendment, "unknown_case");
    stage.refuse("platform:watch", "AmendAppeal", &amendment, "not_permitted");
    // The yes.
    let after = stage.accept("party:dev7", "AmendAppeal", &amendment);
    assert_eq!(after["open_appeal"], "A1");
    assert_eq!(stage.due("C1", "review"), review);
    assert_eq!(stage.case("C1")["appeals"][0]["revision"], 2);
    // The no: a ruling on what the appeal said before.
    let grant = bodies::grant("C1", "A1", "not_a_violation", &[]);
    stage.refuse("reviewer:r1", "Decide", &grant, "appeal_changed");
    let grant = with(grant, "/facts/appeal_revision", json!(2));
    stage.accept("reviewer:r1", "Decide", &grant);
    stage.check_deadlines_end_once("C1");
    stage.close();
}

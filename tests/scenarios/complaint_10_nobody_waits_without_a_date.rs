//! Complaint 10: "submitted, nothing happens; please answer". The date is there from the start, and when it passes it
//! escalates again and again until somebody answers.

use end_to_end::bodies;

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

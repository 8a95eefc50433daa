//! Complaint 9: "told it violates, though the platform itself requires it". Neither side can leave the other rule out.

use end_to_end::bodies::{self, with};
use serde_json::json;

use crate::stage::Stage;

#[test]
fn the_appeal_cites_the_other_rule_and_the_ruling_says_which_one_prevails() {
    let stage = Stage::new(&[]);
    let penalty = bodies::penalty("C1", "P1");
    stage.accept("platform:watch", "IssuePenalty", &penalty);
    // The no: a ground that cites nothing, and a ruling that passes over the citation.
    let uncited = bodies::appeal("C1", "P1", "A1", "required_elsewhere");
    let reply = stage.refuse("party:dev7", "SubmitAppeal", &uncited, "citation_required");
    assert_eq!(reply.at("/facts/ground"), "g1");
    let citation = json!({ "source": "platform handbook", "rule": "7.3", "version": "2026-02" });
    let cited = with(uncited, "/facts/grounds/0/cites", citation.clone());
    stage.accept("party:dev7", "SubmitAppeal", &cited);
    let silent = bodies::refuse("C1", "A1", &["P1-m1"]);
    let reply = stage.refuse("reviewer:r1", "Decide", &silent, "ruling_incomplete");
    assert_eq!(reply.at("/facts/missing/kind"), "prevails_not_said");

    // The yes: both say it.
    let answered = with(
        bodies::grant("C1", "A1", "not_a_violation", &["P1-m1"]),
        "/facts/grounds/0/prevails",
        citation.clone(),
    );
    stage.accept("reviewer:r1", "Decide", &answered);
    let ruled = stage.only_event("C1", "appeal.ruled").facts;
    assert_eq!(ruled["command"]["grounds"][0]["prevails"], citation);
    assert_eq!(stage.restrictions("dev7"), []);
    stage.close();
}

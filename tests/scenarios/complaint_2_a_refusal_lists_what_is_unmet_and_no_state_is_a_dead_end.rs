//! Complaint 2: "rectified as told, refused twice; what now?"

use end_to_end::bodies::{self, with};
use serde_json::{Value, json};

use crate::stage::{Stage, offers};

/// A warning or penalty with two steps; a ruling on it answers both.
fn two_steps(mut notice: Value) -> Value {
    notice["facts"]["steps"] =
        json!([{ "id": "s1", "findings": ["f1"] }, { "id": "s2", "findings": ["f1"] }]);
    notice["personal"]["steps"] = json!({ "s1": "ask first", "s2": "delete what you have" });
    notice
}

#[test]
fn a_refusal_lists_the_steps_still_unmet() {
    let stage = Stage::new(&[]);
    let warning = two_steps(bodies::warning("C1", "W1"));
    stage.accept("platform:watch", "IssueWarning", &warning);
    let appeal = bodies::appeal("C1", "W1", "A1", "rectified");
    stage.accept("party:dev7", "SubmitAppeal", &appeal);

    // The no: a refusal that names nothing to be done, or leaves a step out.
    let ruling = bodies::refuse("C1", "A1", &[]);
    stage.refuse("reviewer:r1", "Decide", &ruling, "ruling_incomplete");
    let struck = json!([{ "id": "s1", "ruling": "strike" }, { "id": "s2", "ruling": "strike" }]);
    let nothing_unmet = with(ruling.clone(), "/facts/steps", struck);
    stage.refuse(
        "reviewer:r1",
        "Decide",
        &nothing_unmet,
        "ruling_inconsistent",
    );

    let one_unmet = json!([{ "id": "s1", "ruling": "strike" }, { "id": "s2", "ruling": "keep" }]);
    let ruling = with(ruling, "/facts/steps", one_unmet);
    stage.accept("reviewer:r1", "Decide", &ruling);
    let notice = stage.in_the_inbox("dev7", "W1");
    assert_eq!(notice["results"][0]["outcome"], "refused");
    assert_eq!(notice["results"][0]["unmet_steps"], json!(["s2"]));
    let steps = &stage.case("C1")["notices"][0]["steps"];
    assert_eq!(
        *steps,
        json!([{ "id": "s1", "answered": true }, { "id": "s2", "answered": false }])
    );
    assert!(offers(&notice["entry"], "rectify"), "{notice:#}");
    assert!(offers(&notice["entry"], "submit_appeal"), "{notice:#}");
    stage.close();
}

#[test]
fn no_open_state_is_a_dead_end() {
    let stage = Stage::new(&[]);
    let next = |notice: &str, kind: &str| {
        let entry = stage.in_the_inbox("dev7", notice)["entry"].clone();
        assert!(offers(&entry, kind), "{notice} offers no {kind}: {entry:#}");
        assert!(offers(&entry, "external_route"), "{entry:#}");
    };
    // Rectified as told and refused twice, first warned, then penalised.
    for (case, notice, measures) in [("C1", "W1", vec![]), ("C2", "P1", vec!["P1-m1"])] {
        let (command, body) = if notice == "W1" {
            ("IssueWarning", bodies::warning(case, notice))
        } else {
            ("IssuePenalty", bodies::penalty(case, notice))
        };
        stage.accept("platform:watch", command, &body);
        next(notice, "submit_appeal");
        next(notice, "rectify");
        let declared = bodies::rectify(case, notice, "pending");
        stage.accept("party:dev7", "Rectify", &declared);
        next(notice, "await_code_review");
        let passed = bodies::code_review(case, notice, "passed");
        stage.accept("platform:watch", "RecordCodeReview", &passed);
        next(notice, "await_verification");
        for (attempt, reviewer) in [("1", "reviewer:r1"), ("2", "reviewer:r2")] {
            let appeal = format!("{case}-A{attempt}");
            let filed = bodies::appeal(case, notice, &appeal, "rectified");
            stage.accept("party:dev7", "SubmitAppeal", &filed);
            next(notice, "await_ruling");
            let refused = bodies::refuse(case, &appeal, &measures);
            stage.accept(reviewer, "Decide", &refused);
        }
        next(notice, "rectify");
    }
    // The no: closed is closed, and offers nothing.
    let withdrawn = bodies::mistaken("C2", "P1");
    stage.accept("platform:watch", "WithdrawNotice", &withdrawn);
    let entry = &stage.in_the_inbox("dev7", "P1")["entry"];
    assert_eq!(entry["next"], json!([]));
    assert_eq!(entry["why_closed"]["reason"], "notice_closed");
    stage.close();
}

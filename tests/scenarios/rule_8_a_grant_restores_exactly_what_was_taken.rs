//! Rule 8: a grant gives back what the notice took, measure by measure and in one event, which also names what other
//! cases keep restricted; and its ground decides what becomes of the strike.

use end_to_end::bodies::{self, with};
use serde_json::{Value, json};

use crate::stage::Stage;

/// A penalty that takes login and payment.
fn penalty(case: &str) -> Value {
    let mut penalty = bodies::penalty(case, "P1");
    let second = json!({
        "id": "P1-m2", "findings": ["f1"], "restriction": bodies::restriction("payment")
    });
    let measures = penalty["facts"]["measures"].as_array_mut().unwrap();
    measures.push(second);
    penalty
}

fn appeal_and_grant(stage: &Stage, case: &str, ground: &str) {
    let appeal = bodies::appeal(case, "P1", "A1", ground);
    stage.accept("party:dev7", "SubmitAppeal", &appeal);
    let grant = bodies::grant(case, "A1", ground, &["P1-m1", "P1-m2"]);
    stage.accept("reviewer:r1", "Decide", &grant);
}

#[test]
fn everything_comes_back_in_one_event_that_names_what_other_cases_keep() {
    let stage = Stage::new(&[]);
    stage.accept("platform:watch", "IssuePenalty", &penalty("C1"));
    // Another case, at another place, takes login as well.
    let other = bodies::penalty("C2", "Q1");
    stage.accept("platform:watch", "IssuePenalty", &other);
    assert_eq!(stage.restrictions("dev7").len(), 3);

    appeal_and_grant(&stage, "C1", "not_a_violation");
    let lifted = stage.only_event("C1", "measures.lifted").facts;
    assert_eq!(lifted["restored"], json!(["P1-m1", "P1-m2"]));
    let still = json!([{ "capability": "login", "case": "C2", "measure": "Q1-m1" }]);
    assert_eq!(lifted["still_restricted_by"], still);
    let left = ("login".to_owned(), "Q1-m1".to_owned());
    assert_eq!(stage.restrictions("dev7"), [left]);
    let item = stage.in_the_inbox("dev7", "P1");
    let measures = json!(["P1-m1", "P1-m2"]);
    assert_eq!(item["restorations"][0]["measures"], measures, "{item:#}");

    // The no: once more has no further effect.
    let again = bodies::grant("C1", "A1", "not_a_violation", &["P1-m1", "P1-m2"]);
    stage.refuse("reviewer:r2", "Decide", &again, "appeal_not_open");
    let back = json!({ "facts": { "case": "C1", "notice": "P1", "why": "mistaken" } });
    stage.refuse("platform:watch", "WithdrawNotice", &back, "notice_not_live");
    assert_eq!(stage.events_of_kind("C1", "measures.lifted").len(), 1);
    stage.close();
}

#[test]
fn rectified_keeps_the_strike_and_no_violation_voids_and_seals_it() {
    let stage = Stage::new(&[]);
    for (case, ground, closure) in [
        ("C1", "rectified", "complied"),
        ("C2", "not_a_violation", "overturned"),
    ] {
        stage.accept("platform:watch", "IssuePenalty", &penalty(case));
        appeal_and_grant(&stage, case, ground);
        let closed = stage.only_event(case, "notice.closed").facts;
        assert_eq!(closed["how"], closure);
    }
    assert_eq!(stage.restrictions("dev7"), []);
    // The no: what was put right happened, so nothing of it is sealed and the strike stays.
    assert!(!stage.happened("C1", "findings.sealed"));
    let sealed = stage.only_event("C2", "findings.sealed").facts;
    assert_eq!(sealed["seals"][0]["finding"], "f1");
    let strike = stage.only_event("C2", "penalty.issued").facts["strike"].clone();
    assert_eq!(sealed["voided_strike"], strike);
    // And the same facts are not penalised again.
    let elsewhere = with(
        penalty("C3"),
        "/facts/violation",
        penalty("C2")["facts"]["violation"].clone(),
    );
    let reply = stage.refuse(
        "platform:watch",
        "IssuePenalty",
        &elsewhere,
        "already_decided",
    );
    assert_eq!(*reply.at("/facts/case"), "C2");
    stage.close();
}

#[test]
fn where_one_finding_falls_its_measure_lifts_and_the_other_stands() {
    let stage = Stage::new(&[]);
    let mut penalty = bodies::penalty("C1", "P1");
    let facts = &mut penalty["facts"];
    let mut second = facts["violation"]["findings"][0].clone();
    second["id"] = json!("f2");
    second["location"] = json!("another page of C1");
    facts["violation"]["findings"]
        .as_array_mut()
        .unwrap()
        .push(second);
    facts["steps"] =
        json!([{ "id": "s1", "findings": ["f1"] }, { "id": "s2", "findings": ["f2"] }]);
    facts["measures"] = json!([
        { "id": "m1", "findings": ["f1"], "restriction": bodies::restriction("payment") },
        { "id": "m2", "findings": ["f2"], "restriction": bodies::restriction("sharing") }
    ]);
    penalty["personal"] = json!({
        "findings": { "f1": "what was found", "f2": "what was found" },
        "steps": { "s1": "what to do", "s2": "what to do" }
    });
    stage.accept("platform:watch", "IssuePenalty", &penalty);
    let appeal = bodies::appeal("C1", "P1", "A1", "not_a_violation");
    stage.accept("party:dev7", "SubmitAppeal", &appeal);
    let mut ruling = bodies::refuse("C1", "A1", &["m1", "m2"]);
    let facts = &mut ruling["facts"];
    facts["findings"] = json!([
        { "id": "f1", "ruling": "upheld" }, { "id": "f2", "ruling": "not_a_violation" }
    ]);
    facts["steps"] = json!([{ "id": "s1", "ruling": "keep" }, { "id": "s2", "ruling": "strike" }]);
    // The no: what is unfounded is not refused.
    let reply = stage.refuse("reviewer:r1", "Decide", &ruling, "ruling_inconsistent");
    assert_eq!(reply.at("/facts/problem"), "refused_with_unfounded_finding");

    // The yes: in part, and the measure of the finding that fell lifts although the ruling keeps it.
    ruling["facts"]["outcome"] = json!("granted_in_part");
    let standing = stage.accept("reviewer:r1", "Decide", &ruling);
    assert_eq!(standing["standing"], "penalised");
    assert_eq!(standing["attempts_used"], 0);
    assert_eq!(standing["measures_in_force"], json!(["m1"]));
    let lifted = stage.only_event("C1", "measures.lifted").facts;
    assert_eq!(lifted["restored"], json!(["m2"]));
    let sealed = stage.only_event("C1", "findings.sealed").facts;
    assert_eq!(sealed["seals"][0]["finding"], "f2");
    assert_eq!(sealed["voided_strike"], json!(null));
    stage.close();
}

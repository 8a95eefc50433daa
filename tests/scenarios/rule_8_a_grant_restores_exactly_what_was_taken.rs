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

//! Rule 11: what is received before the due instant is in time, to the microsecond, and nothing else is. Whoever is
//! late is told the date; where the rulebook accepts late filings with reasons, they are flagged.

use end_to_end::bodies::{self, with};
use serde_json::{Value, json};

use crate::stage::{History, Stage};

fn appeal(case: &str) -> Value {
    bodies::appeal(case, "P1", "A1", "not_occurred")
}

#[test]
fn the_due_instant_itself_is_too_late() {
    let issued = "2024-03-04T09:00:00.000000Z";
    let rulebook = bodies::rulebook("before-1", &[("appeal_window", "\"30 days\"")]);
    let in_time = "2024-04-03T08:59:59.999999Z";
    let due = "2024-04-03T09:00:00.000000Z";
    let (stage, refused) = History::since(issued, &rulebook)
        .then(
            issued,
            "platform:watch",
            "IssuePenalty",
            &bodies::penalty("C1", "P1"),
        )
        .then(
            issued,
            "platform:watch",
            "IssuePenalty",
            &bodies::penalty("C2", "P1"),
        )
        .then(in_time, "party:dev7", "SubmitAppeal", &appeal("C1"))
        .then(due, "party:dev7", "SubmitAppeal", &appeal("C2"))
        .take_over("2024-04-03T10:00:00Z");
    assert_eq!(
        stage.only_event("C1", "appeal.submitted").received(),
        in_time
    );
    // The no: one microsecond later, and it is over.
    let codes: Vec<_> = refused.values().collect();
    assert_eq!(codes, ["window_closed"]);
    assert!(!stage.happened("C2", "appeal.submitted"));
    let exhausted = stage.only_event("C2", "notice.exhausted");
    assert_eq!(exhausted.facts["why"], "window");
    let account = stage.account("dev7");
    let on_record = &account["refused_filings"][0];
    assert_eq!(on_record["code"], "window_closed");
    assert_eq!(on_record["at"], due);
    stage.close();
}

#[test]
fn who_is_late_is_told_the_date_and_what_is_left_to_do() {
    let stage = Stage::new(&[("appeal_window", "\"1 seconds\"")]);
    let penalty = bodies::penalty("C1", "P1");
    stage.accept("platform:watch", "IssuePenalty", &penalty);
    let due = stage.due("C1", "window");
    stage.wait_for_standing("C1", "exhausted");
    let reply = stage.refuse("party:dev7", "SubmitAppeal", &appeal("C1"), "window_closed");
    assert_eq!(*reply.at("/facts/due"), json!(due));
    assert!(reply.at("/facts/received").as_str() >= Some(due.as_str()));
    let next = reply.at("/next").as_array().unwrap();
    assert!(
        next.iter().any(|step| step["kind"] == "rectify"),
        "{next:#?}"
    );
    // Reasons change nothing under a rulebook that takes no late filing.
    let late = with(appeal("C1"), "/facts/late", json!(true));
    let late = with(late, "/personal/late_reasons", json!("I was in hospital."));
    stage.refuse("party:dev7", "SubmitAppeal", &late, "window_closed");
    stage.close();
}

#[test]
fn a_late_filing_with_reasons_is_flagged_where_the_rulebook_takes_it() {
    let stage = Stage::new(&[
        ("appeal_window", "\"1 seconds\""),
        ("late_filing", "\"accept_with_reasons\""),
    ]);
    for case in ["C1", "C2"] {
        let penalty = bodies::penalty(case, "P1");
        stage.accept("platform:watch", "IssuePenalty", &penalty);
    }
    stage.accept("party:dev7", "SubmitAppeal", &appeal("C2"));
    stage.wait_for_standing("C1", "exhausted");
    // The no: without reasons it is refused as anywhere.
    stage.refuse("party:dev7", "SubmitAppeal", &appeal("C1"), "window_closed");
    let unexplained = with(appeal("C1"), "/facts/late", json!(true));
    stage.refuse(
        "party:dev7",
        "SubmitAppeal",
        &unexplained,
        "malformed_command",
    );
    let late = with(
        unexplained,
        "/personal/late_reasons",
        json!("I was in hospital."),
    );
    stage.accept("party:dev7", "SubmitAppeal", &late);
    let flags =
        ["C1", "C2"].map(|case| stage.only_event(case, "appeal.submitted").facts["late"].clone());
    assert_eq!(flags, [json!(true), Value::Null]);
    stage.close();
}

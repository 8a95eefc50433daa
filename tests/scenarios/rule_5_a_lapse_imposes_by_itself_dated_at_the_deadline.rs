//! Rule 5: where nothing was declared and nothing stays it, the end of the cure period imposes what the warning
//! threatened. Nobody has to do anything for it. It counts from the deadline: never from before it, and never from
//! later either, also where the service was not there when it came.

use end_to_end::bodies::{self, later, with};
use serde_json::{Value, json};

use crate::stage::{History, Stage};

/// A warning that threatens W1-m1 for good and W1-m2 for two days.
fn warning(case: &str) -> Value {
    let mut warning = bodies::warning(case, "W1");
    let measures = &mut warning["facts"]["threatened_measures"];
    let temporary = json!({
        "id": "W1-m2", "findings": ["f1"], "restriction": bodies::restriction("payment"),
        "lasts": "2 days"
    });
    measures.as_array_mut().unwrap().push(temporary);
    warning
}

/// What a penalty imposed, and from when until when.
fn imposed(stage: &Stage, case: &str) -> Value {
    let measures = stage.only_event(case, "penalty.imposed").facts["measures"].clone();
    let span = |it: &Value| json!([it["id"], it["starts_at"], it["ends_at"]]);
    measures.as_array().unwrap().iter().map(span).collect()
}

#[test]
fn a_warning_lapses_by_itself_at_its_deadline_unless_something_is_declared_or_stays_it() {
    let stage = Stage::new(&[("cure", "\"2 seconds\"")]);
    for case in ["C1", "C2", "C3"] {
        stage.accept("platform:watch", "IssueWarning", &warning(case));
    }
    let due = stage.due("C1", "cure");
    let issued = stage.only_event("C1", "warning.issued");
    assert_eq!(due, later(&issued.received(), "2 seconds"));
    let declared = bodies::rectify("C2", "W1", "not_needed");
    stage.accept("party:dev7", "Rectify", &declared);
    let appeal = bodies::appeal("C3", "W1", "A1", "not_occurred");
    stage.accept("party:dev7", "SubmitAppeal", &appeal);

    let case = stage.wait_for_standing("C1", "penalised");
    let penalty = stage.only_event("C1", "penalty.imposed");
    assert!(penalty.time() >= due, "{} is before {due}", penalty.time());
    assert_eq!(
        penalty.header["actor"], "service:deadlines",
        "nobody sent it"
    );
    assert_eq!(
        imposed(&stage, "C1"),
        json!([["W1-m1", due, null], ["W1-m2", due, later(&due, "2 days")]])
    );
    for measure in case["measures"].as_array().unwrap() {
        assert_eq!(measure["standing"], "in_force");
    }
    // The no.
    stage.wait_for_event("C3", "cure_period.held");
    for case in ["C2", "C3"] {
        assert!(!stage.happened(case, "penalty.imposed"), "{case}");
        assert_eq!(stage.case(case)["measures"], json!([]));
    }
    assert_eq!(stage.restrictions("dev7").len(), 2);
    stage.close();
}

#[test]
fn a_service_that_was_down_over_the_deadline_imposes_when_it_is_back_and_dates_it_at_the_deadline()
{
    let mut stage = Stage::new(&[("cure", "\"2 seconds\"")]);
    stage.accept("platform:watch", "IssueWarning", &warning("C1"));
    let due = stage.due("C1", "cure");
    let mut back = String::new();
    stage.away(|| {
        let past = || (bodies::now() > later(&due, "1 seconds")).then(bodies::now);
        back = end_to_end::wait_for("the deadline to pass", crate::stage::LIMIT, past);
    });
    stage.wait_for_standing("C1", "penalised");
    let penalty = stage.only_event("C1", "penalty.imposed");
    assert_eq!(
        imposed(&stage, "C1"),
        json!([["W1-m1", due, null], ["W1-m2", due, later(&due, "2 days")]])
    );
    // The no: what the party has to do counts from when it could know.
    assert!(penalty.time() > back);
    assert_eq!(stage.due("C1", "window"), later(&penalty.time(), "30 days"));
    stage.check_deadlines_end_once("C1");
    stage.close();
}

#[test]
fn after_a_long_absence_nothing_is_imposed_before_the_administrator_has_looked() {
    let issued = "2024-03-04T09:00:00.000000Z";
    let due = "2024-03-19T09:00:00.000000Z";
    let (stage, refused) = History::since(issued, &bodies::rulebook("before-1", &[]))
        .then(issued, "platform:watch", "IssueWarning", &warning("C1"))
        .take_over("2024-03-05T00:00:00Z");
    assert_eq!(refused.len(), 0, "{refused:?}");
    assert_eq!(stage.due("C1", "cure"), due);
    // The no: the deadline is long over, and nothing happens; nor does anybody else's word change that.
    let status = || stage.client.query("auditor:a", "Status", &json!({}));
    assert!(status().accepted()["held"].is_string());

    // Nor does a word that does not say what it is about.
    let blind = json!({ "facts": {} });
    stage.refuse(
        "administrator:root",
        "ReleaseDeadlines",
        &blind,
        "time_held",
    );
    let release = json!({ "facts": { "hold": status().accepted()["hold"] } });
    for sender in ["platform:watch", "reviewer:r1", "party:dev7"] {
        stage.refuse(sender, "ReleaseDeadlines", &release, "not_permitted");
    }
    let other = with(warning("C2"), "/facts/account", json!("dev8"));
    stage.accept("platform:watch", "IssueWarning", &other);
    assert_eq!(stage.case("C1")["notices"][0]["standing"], "warned");
    assert_eq!(stage.restrictions("dev7"), []);

    // The yes.
    stage.accept("administrator:root", "ReleaseDeadlines", &release);
    stage.wait_for_event("C1", "measure.expired");
    assert_eq!(status().accepted()["held"], Value::Null);
    assert_eq!(
        imposed(&stage, "C1"),
        json!([
            ["W1-m1", due, null],
            ["W1-m2", due, "2024-03-21T09:00:00.000000Z"]
        ])
    );
    let penalty = stage.only_event("C1", "penalty.imposed");
    assert_eq!(stage.due("C1", "window"), later(&penalty.time(), "30 days"));
    // What was to last two days is over, and is not begun again.
    let login = ("login".to_owned(), "W1-m1".to_owned());
    assert_eq!(stage.restrictions("dev7"), [login]);
    stage.check_deadlines_end_once("C1");
    stage.close();
}

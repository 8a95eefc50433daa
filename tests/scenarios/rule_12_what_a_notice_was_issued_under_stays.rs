//! Rule 12: a notice keeps the rulebook under which it was issued. A new version of a calendar never moves a date of
//! the party earlier, and nothing adverse happens on a date that the calendar does not cover yet.

use end_to_end::bodies::{self, later, with};
use serde_json::{Value, json};

use crate::stage::{History, Stage};

fn adopt(stage: &Stage, version: &str, defaults: &[(&str, &str)]) {
    let toml = bodies::rulebook(version, defaults);
    let body = json!({ "facts": { "toml": toml } });
    stage.accept("administrator:root", "AdoptRulebook", &body);
}

/// The calendar of the scenarios, in this version, as far as this day.
fn calendar(version: u32, covered_until: &str) -> Value {
    let calendar = with(bodies::calendar(), "/facts/version", json!(version));
    with(
        calendar,
        "/facts/content/covered_until",
        json!(covered_until),
    )
}

#[test]
fn a_notice_keeps_its_rulebook_whatever_is_adopted_later() {
    let stage = Stage::new(&[("appeal_cap", "2"), ("appeal_window", "\"30 days\"")]);
    let penalty = bodies::penalty("C1", "P1");
    stage.accept("platform:watch", "IssuePenalty", &penalty);
    let window = stage.due("C1", "window");
    let stricter = [("appeal_cap", "1"), ("appeal_window", "\"1 days\"")];
    adopt(&stage, "stricter-1", &stricter);
    assert_eq!(stage.due("C1", "window"), window);

    let appeal = bodies::appeal("C1", "P1", "A1", "not_occurred");
    stage.accept("party:dev7", "SubmitAppeal", &appeal);
    let refusal = bodies::refuse("C1", "A1", &["P1-m1"]);
    let standing = stage.accept("reviewer:r1", "Decide", &refusal);
    assert_eq!(standing["attempt_cap"], 2);
    assert_eq!(standing["standing"], "penalised");
    let ruled = stage.only_event("C1", "appeal.ruled");
    assert_eq!(
        stage.due("C1", "window"),
        later(&ruled.received(), "30 days")
    );
    assert_eq!(ruled.header["rulebook"], "scenario-1");

    // The no: the later rulebook is for later notices, and a version that was adopted is not written anew.
    let penalty = bodies::penalty("C2", "P1");
    let standing = stage.accept("platform:watch", "IssuePenalty", &penalty);
    assert_eq!(standing["attempt_cap"], 1);
    let issued = stage.only_event("C2", "penalty.issued");
    assert_eq!(
        stage.due("C2", "window"),
        later(&issued.received(), "1 days")
    );
    let toml = bodies::rulebook("scenario-1", &stricter);
    let rewritten = json!({ "facts": { "toml": toml } });
    stage.refuse(
        "administrator:root",
        "AdoptRulebook",
        &rewritten,
        "rulebook_version_taken",
    );
    stage.close();
}

#[test]
fn nothing_adverse_happens_on_a_date_that_the_calendar_does_not_cover() {
    let issued = "2024-03-04T09:00:00.000000Z";
    let rulebook = bodies::rulebook("before-1", &[("cure", "\"10 working days\"")]);
    let root = "administrator:root";
    let adopted = json!({ "facts": { "toml": rulebook } });
    let (stage, refused) = History::nothing()
        .then(issued, root, "PublishCalendar", &calendar(1, "2024-03-10"))
        .then(issued, root, "AdoptRulebook", &adopted)
        .then(
            issued,
            "platform:watch",
            "IssueWarning",
            &bodies::warning("C1", "W1"),
        )
        .take_over("2024-05-01T00:00:00Z");
    assert_eq!(refused.len(), 0, "{refused:?}");
    let provisional = stage.deadline("C1", "cure").unwrap();
    assert_eq!(provisional["provisional"], true);
    assert!(provisional["due"].as_str() < Some("2024-03-25"));
    // The no: its time came long ago, and nothing happened.
    assert_eq!(stage.case("C1")["notices"][0]["standing"], "warned");
    assert_eq!(stage.restrictions("dev7"), []);

    // Once a newer calendar covers it, an event fixes the date, no earlier than it was, and it takes its course.
    stage.accept(root, "PublishCalendar", &calendar(2, "2099-12-31"));
    let revised = stage.wait_for_event("C1", "deadline.revised");
    let fixed = revised.sets("cure").unwrap();
    assert!(fixed["due"].as_str() >= provisional["due"].as_str());
    stage.wait_for_standing("C1", "penalised");
    let ended = stage.check_deadlines_end_once("C1");
    assert_eq!(ended["D1"], "revised");
    assert_eq!(ended["D2"], "fired");
    stage.close();
}

#[test]
fn a_newer_calendar_moves_no_date_of_the_party_earlier() {
    let stage = Stage::new(&[("cure", "\"10 working days\"")]);
    let warning = bodies::warning("C1", "W1");
    stage.accept("platform:watch", "IssueWarning", &warning);
    let before = stage.deadline("C1", "cure");
    let revision = stage.case("C1")["revision"].clone();
    // Every day of the coming weeks becomes a working day.
    let mut newer = calendar(2, "2099-12-31");
    newer["facts"]["content"]["weekend"] = json!([]);
    stage.accept("administrator:root", "PublishCalendar", &newer);
    assert_eq!(stage.deadline("C1", "cure"), before);
    assert_eq!(stage.case("C1")["revision"], revision);
    stage.close();
}

//! Rule 10: a notice that the platform takes back as mistaken ends everything that hangs on it: a pending appeal ends
//! without a ruling and uses no attempt, and its facts are sealed. A notice that takes the place of another says so, and
//! takes everything over.

use end_to_end::bodies::{self, with};
use serde_json::{Value, json};

use crate::stage::{Event, Stage};

fn withdrawal(why: &str) -> Value {
    json!({ "facts": { "case": "C1", "notice": "P1", "why": why } })
}

fn appeal(notice: &str, appeal: &str) -> Value {
    bodies::appeal("C1", notice, appeal, "not_occurred")
}

#[test]
fn a_mistaken_notice_gives_everything_back_and_is_sealed() {
    let stage = Stage::new(&[]);
    let penalty = bodies::penalty("C1", "P1");
    stage.accept("platform:watch", "IssuePenalty", &penalty);
    stage.accept("party:dev7", "SubmitAppeal", &appeal("P1", "A1"));
    stage.accept("platform:watch", "WithdrawNotice", &withdrawal("mistaken"));

    let case = stage.case("C1");
    assert_eq!(case["closed"], true);
    assert_eq!(case["notices"][0]["standing"], "withdrawn");
    assert_eq!(case["notices"][0]["entry"]["used"], 0);
    assert_eq!(case["appeals"][0]["standing"], "closed_without_ruling");
    assert_eq!(stage.restrictions("dev7"), []);
    assert_eq!(stage.deadlines("C1"), [] as [Value; 0]);
    let lifted = stage.only_event("C1", "measures.lifted").facts;
    assert_eq!(lifted["restored"], json!(["P1-m1"]));

    // The no: nothing of it can be ruled on, taken back again, or issued once more elsewhere.
    let grant = bodies::grant("C1", "A1", "not_a_violation", &["P1-m1"]);
    stage.refuse("reviewer:r1", "Decide", &grant, "appeal_not_open");
    stage.refuse(
        "platform:watch",
        "WithdrawNotice",
        &withdrawal("mistaken"),
        "notice_not_live",
    );
    let same = bodies::penalty("C1", "P1")["facts"]["violation"].clone();
    let elsewhere = with(bodies::penalty("C2", "P1"), "/facts/violation", same);
    stage.refuse(
        "platform:watch",
        "IssuePenalty",
        &elsewhere,
        "already_decided",
    );
    stage.check_deadlines_end_once("C1");
    stage.close();
}

/// A penalty that takes the place of another.
fn in_the_place_of(notice: &str, successor: &str) -> Value {
    let penalty = bodies::penalty("C1", successor);
    with(penalty, "/facts/supersedes", json!(notice))
}

#[test]
fn a_successor_takes_everything_over_in_one_commit() {
    let stage = Stage::new(&[("appeal_cap", "3")]);
    let penalty = bodies::penalty("C1", "P1");
    stage.accept("platform:watch", "IssuePenalty", &penalty);
    stage.accept("party:dev7", "SubmitAppeal", &appeal("P1", "A1"));
    let refusal = bodies::refuse("C1", "A1", &["P1-m1"]);
    stage.accept("reviewer:r1", "Decide", &refusal);
    let window = stage.due("C1", "window");
    stage.accept("party:dev7", "SubmitAppeal", &appeal("P1", "A2"));
    let review = stage.due("C1", "review");

    // The no: nobody takes a notice back for another that is to come, and a second one says whose place it takes.
    let mut withdrawal = withdrawal("superseded");
    stage.refuse(
        "platform:watch",
        "WithdrawNotice",
        &withdrawal,
        "malformed_command",
    );
    withdrawal["facts"]["successor"] = json!("P2");
    stage.refuse(
        "platform:watch",
        "WithdrawNotice",
        &withdrawal,
        "malformed_command",
    );
    let unsaid = bodies::penalty("C1", "P2");
    stage.refuse("platform:watch", "IssuePenalty", &unsaid, "notice_live");

    // The yes: attempts, the window, the open appeal with its date.
    let successor = in_the_place_of("P1", "P2");
    let standing = stage.accept("platform:watch", "IssuePenalty", &successor);
    assert_eq!(standing["attempts_used"], 1);
    assert_eq!(standing["open_appeal"], "A2");
    assert_eq!(stage.due("C1", "window"), window);
    assert_eq!(stage.due("C1", "review"), review);
    assert!(!stage.happened("C1", "findings.sealed"));
    let closed = stage.only_event("C1", "notice.closed");
    assert_eq!(closed.facts["how"], "superseded");
    let issued = stage.events_of_kind("C1", "penalty.issued");
    let (first, second) = (&issued[0], &issued[1]);
    // One strike, which counts from when the first was imposed.
    let strike = |event: &Event| event.facts["strike"]["imposed_at"].clone();
    assert_eq!(strike(second), strike(first));
    let refusal = bodies::refuse("C1", "A2", &["P2-m1"]);
    stage.refuse("reviewer:r2", "Decide", &refusal, "appeal_changed");
    let refusal = with(refusal, "/facts/appeal_revision", json!(2));
    let standing = stage.accept("reviewer:r2", "Decide", &refusal);
    assert_eq!(standing["attempts_used"], 2);

    // The no: one successor.
    let third = in_the_place_of("P2", "P3");
    stage.refuse("platform:watch", "IssuePenalty", &third, "successor_limit");
    stage.check_deadlines_end_once("C1");
    stage.close();
}

#[test]
fn what_was_declared_goes_over_with_what_it_had_stopped() {
    let stage = Stage::new(&[]);
    let warning = bodies::warning("C1", "W1");
    stage.accept("platform:watch", "IssueWarning", &warning);
    let declared = bodies::rectify("C1", "W1", "pending");
    stage.accept("party:dev7", "Rectify", &declared);
    let review = stage.due("C1", "code_review");
    let successor = with(
        bodies::warning("C1", "W2"),
        "/facts/supersedes",
        json!("W1"),
    );
    let after = stage.accept("platform:watch", "IssueWarning", &successor);
    assert_eq!(after["rectification"], "review_pending");
    assert_eq!(stage.due("C1", "code_review"), review);
    assert!(stage.deadline("C1", "cure").is_none());
    let passed = bodies::code_review("C1", "W2", "passed");
    stage.accept("platform:watch", "RecordCodeReview", &passed);
    let confirm = bodies::confirm("C1", "W2");
    let after = stage.accept("platform:watch", "VerifyRectification", &confirm);
    assert_eq!(after["standing"], "complied");
    stage.check_deadlines_end_once("C1");
    stage.close();
}

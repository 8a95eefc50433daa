//! Rule 10: a notice that the platform takes back ends everything that hangs on it. A pending appeal ends without a
//! ruling and uses no attempt; a mistaken notice is sealed; a superseded one names its successor, which goes on with
//! the attempts and the dates of the first.

use end_to_end::bodies::{self, with};
use serde_json::{Value, json};

use crate::stage::Stage;

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

#[test]
fn a_successor_goes_on_with_the_attempts_and_the_dates() {
    let stage = Stage::new(&[("appeal_cap", "2")]);
    let penalty = bodies::penalty("C1", "P1");
    stage.accept("platform:watch", "IssuePenalty", &penalty);
    stage.accept("party:dev7", "SubmitAppeal", &appeal("P1", "A1"));
    let refusal = bodies::refuse("C1", "A1", &["P1-m1"]);
    stage.accept("reviewer:r1", "Decide", &refusal);
    let window = stage.due("C1", "window");

    // The no: superseded by nothing, by itself, or mistaken and yet followed.
    let named =
        |why: &str, successor: &str| with(withdrawal(why), "/facts/successor", json!(successor));
    for wrong in [
        withdrawal("superseded"),
        named("superseded", "P1"),
        named("mistaken", "P2"),
    ] {
        stage.refuse(
            "platform:watch",
            "WithdrawNotice",
            &wrong,
            "successor_required",
        );
    }
    let superseded = named("superseded", "P2");
    stage.accept("platform:watch", "WithdrawNotice", &superseded);
    assert_eq!(stage.restrictions("dev7"), []);
    assert!(!stage.happened("C1", "findings.sealed"));

    let successor = bodies::penalty("C1", "P2");
    let standing = stage.accept("platform:watch", "IssuePenalty", &successor);
    assert_eq!(standing["attempts_used"], 1);
    assert_eq!(stage.due("C1", "window"), window);
    stage.accept("party:dev7", "SubmitAppeal", &appeal("P2", "A2"));
    let refusal = bodies::refuse("C1", "A2", &["P2-m1"]);
    let standing = stage.accept("reviewer:r2", "Decide", &refusal);
    assert_eq!(standing["standing"], "exhausted");
    let third = appeal("P2", "A3");
    stage.refuse("party:dev7", "SubmitAppeal", &third, "attempts_exhausted");
    stage.close();
}

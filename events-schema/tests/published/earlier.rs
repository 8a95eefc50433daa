//! What earlier versions stored is read for ever.

use std::collections::BTreeMap;

use events_schema::{AccountEvent, Event, Locale, Rejection};
use serde_json::Value;

use crate::files;

/// Refusals that no party's filing ever met, each with whose command it is that meets it. Only those of a party's
/// filing are in a log, so the facts of these may be others than they were.
const NEVER_STORED: [(&str, &str); 8] = [
    ("notice_incomplete", "IssueWarning and IssuePenalty"),
    ("verification_incomplete", "VerifyRectification"),
    (
        "reviewer_conflict",
        "ClaimAppeal, Decide and VerifyRectification",
    ),
    ("already_claimed", "ClaimAppeal"),
    ("claimed_by_another", "UnclaimAppeal and Decide"),
    ("ruling_incomplete", "Decide"),
    ("ruling_inconsistent", "Decide"),
    ("worse_than_appealed", "Decide"),
];

/// The facts of every example of a refusal before facts had kinds.
fn before_facts_had_kinds() -> Vec<Value> {
    files::text("tests/published/earlier/rejections.jsonl")
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

/// The refusal as it is in the log, on a party's filing.
fn read_from_the_log(rejection: &Value) -> Result<Rejection, String> {
    let mut example = files::json("examples/events/FilingRefused.json");
    *example.pointer_mut("/data/facts/rejection").unwrap() = rejection.clone();
    let data = example.pointer("/data").unwrap();
    let read = Event::read("redress.filing.refused.v1", data.to_string().as_bytes());
    match read.map_err(|error| error.to_string())? {
        Event::Account(AccountEvent::FilingRefused(refused)) => Ok(refused.rejection),
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_refused_filing_is_read_as_it_was_written_before_facts_had_kinds() {
    let never = BTreeMap::from(NEVER_STORED);
    let all = before_facts_had_kinds();
    assert_eq!(all.len(), 62);
    for facts in all {
        let code = facts["code"].as_str().unwrap();
        let read = read_from_the_log(&facts);
        let of_others = never.get(code);
        assert_eq!(
            of_others.is_some(),
            read.is_err(),
            "{facts}: {of_others:?}, {read:?}"
        );
        let Ok(rejection) = read else { continue };
        assert_eq!(rejection.code(), code);
        if code != "no_rulebook" {
            assert_eq!(serde_json::to_value(&rejection).unwrap(), facts);
        }
    }
}

#[test]
fn the_words_for_a_missing_book_are_read_as_its_kind() {
    for (words, kind) in [
        ("a rulebook", r#"{"kind":"rulebook"}"#),
        ("the calendar cn", r#"{"kind":"calendar","calendar":"cn"}"#),
        (
            "the rulebook r-7 or its calendar",
            r#"{"kind":"rulebook_of_notice","rulebook":"r-7"}"#,
        ),
    ] {
        let of = |missing: Value| {
            read_from_the_log(&serde_json::json!({ "code": "no_rulebook", "missing": missing }))
        };
        let read = of(words.into()).unwrap();
        assert_eq!(read, of(serde_json::from_str(kind).unwrap()).unwrap());
        assert!(
            read.sentence(Locale::English).starts_with(words),
            "{read:?}"
        );
    }
    let other = serde_json::json!({ "code": "no_rulebook", "missing": "the moon" });
    let error = read_from_the_log(&other).unwrap_err();
    assert!(error.contains("`the moon` never was missing"), "{error}");
}

#[test]
fn what_an_earlier_refusal_does_not_say_is_left_out_of_its_sentence() {
    for (facts, english, chinese) in [
        (
            r#"{"code":"code_review_pending"}"#,
            "the release declared is still in code review; appeal once it has passed, failed or is overdue",
            "所声明的版本仍在代码审核中；请在审核通过、未通过或逾期后再申诉",
        ),
        (
            r#"{"code":"appeal_not_open","appeal":"A1"}"#,
            "the appeal A1 has ended",
            "申诉 A1 已结束",
        ),
    ] {
        let rejection = read_from_the_log(&serde_json::from_str(facts).unwrap()).unwrap();
        assert_eq!(rejection.sentence(Locale::English), english);
        assert_eq!(rejection.sentence(Locale::Chinese), chinese);
    }
}

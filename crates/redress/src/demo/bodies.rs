//! The bodies of the commands that are played.

use events_schema::AccountId;
use serde_json::{Value, json};

/// The digest of a picture that nobody looks at here.
const PICTURE: &str = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

/// A warning or a penalty; its measures are called differently.
pub(super) fn notice(
    account: &AccountId,
    case: &str,
    notice: &str,
    clause: &str,
    (measures_are, capability): (&str, &str),
) -> Value {
    json!({
        "facts": {
            "case": case, "notice": notice, "account": account, "entity": "acme",
            "violation": {
                "rule": {
                    "clause": clause, "version": "2026-01", "title": format!("Clause {clause}"),
                    "url": format!("https://example.com/rules/{clause}"), "quoted": "ask before you collect"
                },
                "category": "login", "severity": "medium",
                "findings": [{
                    "id": "f1", "location": format!("login page, {case}"),
                    "test_met": "asks for the phone number before consent", "content_digest": PICTURE,
                    "evidence": [{
                        "sha256": PICTURE, "captured_at": "2026-01-01T00:00:00Z", "captured_by": "platform"
                    }]
                }],
                "source": "own_initiative"
            },
            "steps": [{ "id": "s1", "findings": ["f1"] }],
            (measures_are): measures(notice, capability)
        },
        "personal": {
            "findings": { "f1": "The login button collects the phone number before asking." },
            "steps": { "s1": "Ask for consent first." }
        }
    })
}

fn measures(notice: &str, capability: &str) -> Value {
    json!([{
        "id": format!("{notice}-m1"), "findings": ["f1"],
        "restriction": {
            "capability": capability, "kind": "capability", "extent": "total", "scope": "all", "mode": "suspension"
        }
    }])
}

/// An appeal with one ground.
pub(super) fn appeal(case: &str, notice: &str, appeal: &str, ground: &str) -> Value {
    json!({
        "facts": {
            "case": case, "notice": notice, "appeal": appeal, "grounds": [{ "id": "g1", "kind": ground }],
            "release": { "version": "2.0.1" }, "relief": "quash"
        },
        "personal": { "reason": "Why we do not agree.", "grounds": { "g1": "What happened." } }
    })
}

/// A declaration that the only step is done in release 2.0.1.
pub(super) fn rectify(case: &str, notice: &str) -> Value {
    json!({
        "facts": {
            "case": case, "notice": notice, "kind": "release", "steps": [{ "step": "s1" }],
            "release": { "version": "2.0.1", "code_review": "pending" }
        },
        "personal": { "steps": { "s1": "The button asks first." } }
    })
}

/// The code of that release has passed its review.
pub(super) fn review_passed(case: &str, notice: &str) -> Value {
    json!({ "facts": {
        "case": case, "notice": notice, "release": { "version": "2.0.1" }, "outcome": "passed"
    } })
}

/// A ruling that grants everything.
pub(super) fn grant(case: &str, appeal: &str, measures: &[&str]) -> Value {
    ruling(
        case,
        appeal,
        "granted",
        ("rectified", "strike", "lift"),
        measures,
    )
}

/// A ruling that refuses everything.
pub(super) fn refuse(case: &str, appeal: &str, measures: &[&str]) -> Value {
    ruling(
        case,
        appeal,
        "refused",
        ("upheld", "keep", "keep"),
        measures,
    )
}

fn ruling(
    case: &str,
    appeal: &str,
    outcome: &str,
    (finding, step, measure): (&str, &str, &str),
    measures: &[&str],
) -> Value {
    let measures: Vec<_> = measures
        .iter()
        .map(|id| json!({ "id": id, "ruling": measure }))
        .collect();
    json!({
        "facts": {
            "case": case, "appeal": appeal, "appeal_revision": 1, "outcome": outcome,
            "findings": [{ "id": "f1", "ruling": finding }], "grounds": [{ "id": "g1" }],
            "steps": [{ "id": "s1", "ruling": step }], "measures": measures,
            "release_reviewed": { "version": "2.0.1" },
            "observations": [{
                "sha256": PICTURE, "release": { "version": "2.0.1" }, "captured_at": command_processor::now()
            }]
        },
        "personal": {
            "reasons": "What the reviewer found.", "grounds": { "g1": "The answer to it." },
            "observations": { PICTURE: "The login page of 2.0.1." }
        }
    })
}

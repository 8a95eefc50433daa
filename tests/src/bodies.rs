//! Bodies of commands as another service would write them: plain JSON, with the values that most scenarios share.
//! A scenario changes what matters to it with [`with`].

use std::{
    fmt::Write as _,
    hash::{DefaultHasher, Hasher as _},
};

use serde_json::{Value, json};

use crate::Client;

/// The digest of nothing in particular, as a service would send one.
pub const DIGEST: &str = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

/// The release that the bodies below speak of.
pub const RELEASE: &str = "2.0.1";

/// The clause of the rulebook below that is to be warned about first.
pub const WARNED_FIRST: &str = "4.2";

/// The clause of the rulebook below that may be penalised at once.
pub const AT_ONCE: &str = "9.1";

/// A rulebook with these lines in its defaults, which come before the usual ones. Periods are in days of UTC.
pub fn rulebook(version: &str, defaults: &[(&str, &str)]) -> String {
    let usual = [
        ("appeal_cap", "2"),
        ("appeal_window", "\"30 days\""),
        ("cure", "\"15 days\""),
        ("cure_residual_minimum", "\"2 days\""),
        ("cure_residual_times", "2"),
        ("declarations_that_hold", "3"),
        ("successors", "1"),
        ("review", "\"7 days\""),
        ("review_breach", "\"escalate\""),
        ("review_escalation", "\"2 days\""),
        ("claim_lease", "\"2 days\""),
        ("code_review", "\"7 days\""),
        ("verification", "\"5 days\""),
        ("verification_second", "\"5 days\""),
        ("verification_breach", "\"deemed_confirmed\""),
        ("stay_on_warning_appeal", "true"),
        ("late_filing", "\"refuse\""),
    ];
    for (changed, _) in defaults {
        assert!(
            usual.iter().any(|(key, _)| key == changed),
            "{changed} is none of the usual defaults: a scenario that sets it would test nothing"
        );
    }
    let mut toml = format!(
        "version = \"{version}\"\ntitle = \"Scenario rules\"\ncalendar = \"utc\"\nrecorded_refusals_per_day = 20\n\
         critical_capabilities = [\"account\"]\n\n[defaults]\n"
    );
    for (key, value) in usual {
        let value = defaults
            .iter()
            .find(|(changed, _)| *changed == key)
            .map_or(value, |(_, changed)| changed);
        // Writing into a string cannot fail.
        let _ = writeln!(toml, "{key} = {value}");
    }
    toml.push_str("\n[[route]]\nname = \"Court\"\nurl = \"https://example.com/court\"\n");
    for (clause, warning_first) in [(WARNED_FIRST, true), (AT_ONCE, false)] {
        let _ = write!(
            toml,
            "\n[[clause]]\nclause = \"{clause}\"\nversion = \"2026-01\"\ntitle = \"Clause {clause}\"\nurl = \
             \"https://example.com/rules/{clause}\"\ncategory = \"login\"\nseverity = \"medium\"\nwarning_first = \
             {warning_first}\nemergency_grounds = [\"malware\"]\n"
        );
    }
    toml
}

/// Publishes the calendar `utc` and adopts the rulebook, as the administrator.
pub fn prepare(client: &Client, rulebook: &str) {
    client
        .send(
            "administrator:root",
            "PublishCalendar",
            "calendar-utc",
            &calendar(),
        )
        .accepted();
    let body = json!({ "facts": { "toml": rulebook } });
    client
        .send("administrator:root", "AdoptRulebook", "rulebook", &body)
        .accepted();
}

/// Every week alike, in UTC.
pub fn calendar() -> Value {
    json!({ "facts": { "calendar": "utc", "version": 1, "content": {
        "zone": "UTC", "weekend": ["saturday", "sunday"], "days_off": [], "extra_working_days": [],
        "covered_from": "1990-01-01", "covered_until": "2099-12-31", "source": "every week is alike"
    } } })
}

/// `IssueWarning` on account dev7: one finding f1, one step s1, one threatened measure.
pub fn warning(case: &str, notice: &str) -> Value {
    json!({
        "facts": {
            "case": case, "notice": notice, "account": "dev7", "entity": "acme",
            "violation": violation(WARNED_FIRST, &format!("page of {case}")),
            "steps": [{ "id": "s1", "findings": ["f1"] }],
            "threatened_measures": [{
                "id": format!("{notice}-m1"), "findings": ["f1"], "restriction": restriction("login")
            }]
        },
        "personal": { "findings": { "f1": "登录按钮未经同意收集手机号" }, "steps": { "s1": "先征得用户同意" } }
    })
}

/// `IssuePenalty` on account dev7, under the clause that needs no warning.
pub fn penalty(case: &str, notice: &str) -> Value {
    json!({
        "facts": {
            "case": case, "notice": notice, "account": "dev7", "entity": "acme",
            "violation": violation(AT_ONCE, &format!("page of {case}")),
            "steps": [{ "id": "s1", "findings": ["f1"] }],
            "measures": [{
                "id": format!("{notice}-m1"), "findings": ["f1"], "restriction": restriction("login")
            }]
        },
        "personal": { "findings": { "f1": "what was found" }, "steps": { "s1": "what to do" } }
    })
}

/// The digest of a picture of a place, as a service would send one; of another place there is another.
fn picture_of(location: &str) -> String {
    let mut hasher = DefaultHasher::new();
    hasher.write(location.as_bytes());
    format!("{:064x}", hasher.finish())
}

fn violation(clause: &str, location: &str) -> Value {
    json!({
        "rule": {
            "clause": clause, "version": "2026-01", "title": format!("Clause {clause}"),
            "url": format!("https://example.com/rules/{clause}"), "quoted": "ask before you collect"
        },
        "category": "login", "severity": "medium",
        "findings": [{
            "id": "f1", "location": location, "test_met": "collects before consent",
            "content_digest": DIGEST,
            "evidence": [{
                "sha256": picture_of(location), "captured_at": "2020-01-01T00:00:00Z", "captured_by": "platform"
            }]
        }],
        "source": "own_initiative"
    })
}

/// A total restriction of one capability for all users.
pub fn restriction(capability: &str) -> Value {
    json!({
        "capability": capability, "kind": "capability", "extent": "total", "scope": "all", "mode": "suspension"
    })
}

/// `Rectify` that answers s1 with [`RELEASE`] in this state of code review.
pub fn rectify(case: &str, notice: &str, code_review: &str) -> Value {
    json!({
        "facts": {
            "case": case, "notice": notice, "kind": "release", "steps": [{ "step": "s1" }],
            "release": { "version": RELEASE, "code_review": code_review }
        },
        "personal": { "steps": { "s1": "the button now asks first" } }
    })
}

/// `RecordCodeReview` of [`RELEASE`]: passed or failed.
pub fn code_review(case: &str, notice: &str, outcome: &str) -> Value {
    json!({
        "facts": { "case": case, "notice": notice, "release": { "version": RELEASE }, "outcome": outcome },
        "personal": { "reasons": "what the review says" }
    })
}

/// `WithdrawNotice`, since it was a mistake.
pub fn mistaken(case: &str, notice: &str) -> Value {
    json!({ "facts": { "case": case, "notice": notice, "why": "mistaken" } })
}

/// `VerifyRectification`, confirmed.
pub fn confirm(case: &str, notice: &str) -> Value {
    json!({ "facts": {
        "case": case, "notice": notice, "outcome": "confirmed", "release": { "version": RELEASE }
    } })
}

/// `VerifyRectification`, rejected: s1 is still unmet in [`RELEASE`]. The observation is captured now.
pub fn reject(case: &str, notice: &str) -> Value {
    json!({
        "facts": {
            "case": case, "notice": notice, "outcome": "rejected", "release": { "version": RELEASE },
            "unmet_steps": ["s1"],
            "observations": [{
                "sha256": DIGEST, "release": { "version": RELEASE }, "captured_at": now()
            }]
        },
        "personal": { "reasons": "still there", "observations": { DIGEST: "the button" } }
    })
}

/// `SubmitAppeal` with one ground g1 of this kind, naming [`RELEASE`].
pub fn appeal(case: &str, notice: &str, appeal: &str, ground: &str) -> Value {
    json!({
        "facts": {
            "case": case, "notice": notice, "appeal": appeal, "grounds": [{ "id": "g1", "kind": ground }],
            "release": { "version": RELEASE }, "relief": "quash"
        },
        "personal": { "reason": "为什么不同意", "grounds": { "g1": "the facts of the ground" } }
    })
}

/// `Decide` that grants: f1 gets this answer, s1 is struck, these measures lift. The observation is captured now.
pub fn grant(case: &str, appeal: &str, finding: &str, measures: &[&str]) -> Value {
    ruling(case, appeal, "granted", finding, "strike", measures, "lift")
}

/// `Decide` that refuses: f1 is upheld, s1 is still unmet, these measures are kept.
pub fn refuse(case: &str, appeal: &str, measures: &[&str]) -> Value {
    ruling(case, appeal, "refused", "upheld", "keep", measures, "keep")
}

/// `WithdrawAppeal`.
pub fn withdraw_appeal(case: &str, appeal: &str) -> Value {
    json!({ "facts": { "case": case, "appeal": appeal } })
}

fn ruling(
    case: &str,
    appeal: &str,
    outcome: &str,
    finding: &str,
    step: &str,
    measures: &[&str],
    measure: &str,
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
            "release_reviewed": { "version": RELEASE },
            "observations": [{
                "sha256": DIGEST, "release": { "version": RELEASE }, "captured_at": now()
            }]
        },
        "personal": {
            "reasons": "the reasons", "grounds": { "g1": "the answer" },
            "observations": { DIGEST: "what the picture shows" }
        }
    })
}

/// The body with the value at this pointer replaced or added: `/facts/violation/findings/0/location`.
#[must_use]
pub fn with(mut body: Value, pointer: &str, value: Value) -> Value {
    let (parent, name) = pointer.rsplit_once('/').expect("a pointer begins with /");
    let holder = body
        .pointer_mut(parent)
        .unwrap_or_else(|| panic!("the body has nothing at {parent}"));
    match holder {
        Value::Array(items) => {
            let index: usize = name.parse().expect("an index");
            *items.get_mut(index).expect("an index of the array") = value;
        }
        Value::Object(map) => {
            map.insert(name.to_owned(), value);
        }
        other => panic!("{parent} is {other}, which has no parts"),
    }
    body
}

/// The time now, RFC 3339, UTC.
pub fn now() -> String {
    date("now")
}

/// An instant and so much later, in words such as `30 days 2 seconds`. A day has 24 hours.
pub fn later(instant: &str, by: &str) -> String {
    date(&format!("{instant} {by}"))
}

fn date(of: &str) -> String {
    let output = std::process::Command::new("date")
        .args(["-u", "-d", of, "+%Y-%m-%dT%H:%M:%S.%6NZ"])
        .output()
        .expect("`date` tells the time");
    assert!(output.status.success(), "`date` does not know {of}");
    String::from_utf8(output.stdout)
        .expect("ASCII")
        .trim()
        .to_owned()
}

//! What a command may not say, and the place that the answer names.

use events_schema::{COMMAND_BYTES_MAX, CommandName, Malformed, parse_command};
use serde_json::{Value, json};

use crate::{commands::sender, files};

fn refusal(name: CommandName, body: &str) -> Malformed {
    let actor = sender(name);
    match parse_command(name, actor.role, &actor.principal, body.as_bytes()) {
        Err(malformed) => malformed,
        Ok(_) => panic!("{name} was read: {body}"),
    }
}

/// The place of the fault after the example of a command was changed.
fn fault(name: CommandName, change: impl FnOnce(&mut Value)) -> Malformed {
    let mut body = files::json(&format!("examples/commands/{name}.json"));
    change(&mut body);
    refusal(name, &body.to_string())
}

#[test]
fn a_list_is_never_taken_for_an_object() {
    let as_list = |value: &mut Value| {
        let members = value.as_object().unwrap().values().cloned();
        *value = Value::Array(members.collect());
    };
    for (place, path) in [
        ("", "."),
        ("/facts", "facts"),
        ("/facts/violation", "facts.violation"),
        ("/facts/violation/rule", "facts.violation.rule"),
        ("/facts/violation/findings/0", "facts.violation.findings[0]"),
        ("/personal", "personal"),
    ] {
        let malformed = fault(CommandName::IssueWarning, |body| {
            as_list(body.pointer_mut(place).unwrap());
        });
        assert_eq!(malformed.path, path);
        assert_eq!(malformed.problem, "is a list, and an object is expected");
    }
}

#[test]
fn an_unknown_field_is_refused_at_its_place() {
    let whole = fault(CommandName::ClaimAppeal, |body| body["persnal"] = json!({}));
    assert_eq!(whole.path, "persnal");
    assert!(whole.problem.contains("is unknown"), "{whole}");
    let deep = fault(CommandName::IssueWarning, |body| {
        body["facts"]["violation"]["findings"][1]["locaton"] = json!("x");
    });
    assert_eq!(deep.path, "facts.violation.findings[1].locaton");
    let optional = fault(CommandName::Rectify, |body| {
        body["facts"]["release"]["note"] = json!("x");
    });
    assert_eq!(optional.path, "facts.release.note");
    let personal = fault(CommandName::Rectify, |body| {
        body["personal"]["note"] = json!("x");
    });
    assert_eq!(personal.path, "personal.note");
}

#[test]
fn a_rule_is_read_where_a_browser_goes_and_nowhere_else() {
    for url in [
        "javascript:alert(1)",
        "file:///etc/passwd",
        "example.com/rules",
        "http:",
    ] {
        let refused = fault(CommandName::IssueWarning, |body| {
            body["facts"]["violation"]["rule"]["url"] = json!(url);
        });
        assert_eq!(refused.path, "facts.violation.rule.url");
        assert_eq!(refused.problem, "must begin with https:// or http://");
    }
}

#[test]
fn a_personal_part_is_refused_where_a_command_has_none() {
    let refused = fault(CommandName::ClaimAppeal, |body| {
        body["personal"] = json!({"reason": "x"});
    });
    assert_eq!(refused.path, "personal");
}

#[test]
fn a_key_that_occurs_twice_is_refused() {
    let refused = refusal(
        CommandName::ClaimAppeal,
        r#"{"facts":{"case":"C1","appeal":"A1","case":"C2"}}"#,
    );
    assert_eq!(refused.path, "facts");
    assert!(
        refused.problem.starts_with("the key `case` occurs twice"),
        "{refused}"
    );
}

#[test]
fn a_fraction_is_refused() {
    let refused = fault(CommandName::SubmitAppeal, |body| {
        body["facts"]["evidence"][0]["size_bytes"] = json!(1.5);
    });
    assert_eq!(refused.path, "facts.evidence[0].size_bytes");
    assert!(
        refused.problem.contains("`1.5` is not a whole number"),
        "{refused}"
    );
}

#[test]
fn a_number_that_the_hash_could_confuse_with_another_is_refused() {
    let of_size = |size: u64| {
        let mut body = files::json("examples/commands/SubmitAppeal.json");
        body["facts"]["evidence"][0]["size_bytes"] = json!(size);
        let actor = sender(CommandName::SubmitAppeal);
        let body = body.to_string();
        parse_command(
            CommandName::SubmitAppeal,
            actor.role,
            &actor.principal,
            body.as_bytes(),
        )
    };
    let largest = (1 << 53) - 1;
    assert!(of_size(largest).is_ok());
    let refused = of_size(largest + 1).unwrap_err();
    assert_eq!(refused.path, "facts.evidence[0].size_bytes");
    assert!(refused.problem.contains("9007199254740991"), "{refused}");
}

#[test]
fn a_bad_digest_is_refused_at_its_place() {
    let refused = fault(CommandName::SubmitAppeal, |body| {
        let item = body["facts"]["evidence"][0].clone();
        let mut bad = item.clone();
        bad["sha256"] = json!("b1946ac9");
        body["facts"]["evidence"] = json!([item.clone(), item, bad]);
    });
    assert_eq!(refused.path, "facts.evidence[2].sha256");
    assert!(
        refused
            .problem
            .starts_with("`b1946ac9` is no SHA-256 digest"),
        "{refused}"
    );
}

#[test]
fn a_missing_field_is_refused_by_its_name() {
    let refused = fault(CommandName::Decide, |body| {
        body["facts"].as_object_mut().unwrap().remove("outcome");
    });
    assert_eq!(refused.path, "facts");
    assert!(refused.problem.contains("`outcome`"), "{refused}");
    let personal = fault(CommandName::SubmitAppeal, |body| {
        body.as_object_mut().unwrap().remove("personal");
    });
    assert!(personal.problem.contains("`personal`"), "{personal}");
}

#[test]
fn what_must_be_explained_is_named() {
    let undescribed = fault(CommandName::IssueWarning, |body| {
        body["personal"]["findings"]
            .as_object_mut()
            .unwrap()
            .remove("F2");
    });
    assert_eq!(undescribed.path, "personal.findings.F2");
    let unexplained = fault(CommandName::VerifyRectification, |body| {
        body["personal"].as_object_mut().unwrap().remove("reasons");
    });
    assert_eq!(unexplained.path, "personal.reasons");
    let superfluous = fault(CommandName::Rectify, |body| {
        body["personal"]["steps"]["S9"] = json!("x");
    });
    assert_eq!(superfluous.path, "personal.steps.S9");
}

#[test]
fn what_is_no_json_or_too_long_is_refused_as_a_whole() {
    let broken = refusal(CommandName::ClaimAppeal, "{\"facts\":");
    assert!(broken.problem.contains("EOF"), "{broken}");
    let trailing = refusal(
        CommandName::ClaimAppeal,
        r#"{"facts":{"case":"C1","appeal":"A1"}} {}"#,
    );
    assert_eq!(trailing.path, ".");
    let long = refusal(CommandName::ClaimAppeal, &" ".repeat(COMMAND_BYTES_MAX + 1));
    assert_eq!(long.path, ".");
    assert!(long.problem.contains("at most 49152"), "{long}");
}

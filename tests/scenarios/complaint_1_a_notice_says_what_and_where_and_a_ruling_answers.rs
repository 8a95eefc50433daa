//! Complaint 1: "penalised by feeling, category does not fit, no explanation, only bots".

use end_to_end::bodies::{self, with};
use serde_json::{Value, json};

use crate::stage::{Stage, told_of};

#[test]
fn a_notice_names_clause_place_test_and_captured_evidence_or_it_is_none() {
    let stage = Stage::new(&[]);
    let warning = bodies::warning("C1", "W1");
    let finding = "/facts/violation/findings/0";
    let without = |pointer: &str, name: &str| {
        let mut body = warning.clone();
        let holder = body.pointer_mut(pointer).unwrap().as_object_mut().unwrap();
        assert!(holder.remove(name).is_some());
        body
    };
    let refuse =
        |body: &Value, code: &str| stage.refuse("platform:watch", "IssueWarning", body, code);

    // The no: each thing that a notice must say.
    let no_place = refuse(&without(finding, "location"), "malformed_command");
    assert!(no_place.error_text().contains("location"), "{no_place:?}");
    let no_test = refuse(&without(finding, "test_met"), "malformed_command");
    assert!(no_test.error_text().contains("test_met"), "{no_test:?}");
    refuse(
        &without("/facts/violation/rule", "quoted"),
        "malformed_command",
    );
    refuse(&without("/personal/findings", "f1"), "malformed_command");
    refuse(&without("/personal/steps", "s1"), "malformed_command");
    refuse(
        &with(
            warning.clone(),
            "/facts/violation/rule/version",
            json!("2019-12"),
        ),
        "unknown_clause",
    );
    refuse(
        &with(
            warning.clone(),
            "/facts/violation/findings/0/evidence",
            json!([]),
        ),
        "evidence_required",
    );
    refuse(
        &with(
            warning.clone(),
            "/facts/violation/findings/0/evidence/0/captured_by",
            json!("reporter"),
        ),
        "evidence_required",
    );
    let nothing_found = with(warning.clone(), "/facts/violation/findings", json!([]));
    let nothing_found = with(nothing_found, "/personal/findings", json!({}));
    refuse(&nothing_found, "notice_incomplete");
    let unknown = stage
        .client
        .query("auditor:a", "Case", &json!({ "case": "C1" }));
    assert_eq!(unknown.code(), "unknown_case", "nothing of it is a case");

    // The yes: what the party is told says all of it.
    let mut told = stage.client.subscribe("redress.v1.ntf.dev7");
    stage.accept("platform:watch", "IssueWarning", &warning);
    let told = told_of(&mut told, "warning_notice");
    assert_eq!(told["notice"], "W1");
    assert_eq!(told["text"]["findings"]["f1"], "登录按钮未经同意收集手机号");
    assert_eq!(told["text"]["steps"]["s1"], "先征得用户同意");
    let notice = stage.in_the_inbox("dev7", "W1");
    assert_eq!(notice["clause"], bodies::WARNED_FIRST);
    let case = stage
        .client
        .query("party:dev7", "Case", &json!({ "case": "C1" }))
        .accepted();
    let notice = &case["notices"][0];
    assert_eq!(notice["clause_version"], "2026-01");
    assert_eq!(notice["findings"][0]["location"], "page of C1");
    assert_eq!(notice["issuer"], Value::Null, "not for the party");
    let issued = stage.only_event("C1", "warning.issued").facts;
    let violation = &issued["command"]["violation"];
    assert_eq!(
        violation["findings"][0]["test_met"],
        "collects before consent"
    );
    assert_eq!(violation["rule"]["quoted"], "ask before you collect");
    assert_eq!(
        violation["findings"][0]["evidence"][0]["captured_by"],
        "platform"
    );
    stage.close();
}

#[test]
fn a_ruling_is_by_a_human_and_answers_each_ground() {
    let stage = Stage::new(&[]);
    stage.accept(
        "platform:watch",
        "IssuePenalty",
        &bodies::penalty("C1", "P1"),
    );
    let mut appeal = bodies::appeal("C1", "P1", "A1", "not_occurred");
    appeal["facts"]["grounds"] = json!([
        { "id": "g1", "kind": "not_occurred" }, { "id": "g2", "kind": "excessive" }
    ]);
    appeal["personal"]["grounds"] =
        json!({ "g1": "it was never there", "g2": "and it is too much" });
    stage.accept("party:dev7", "SubmitAppeal", &appeal);

    let mut ruling = bodies::refuse("C1", "A1", &["P1-m1"]);
    // The no: a ground left without an answer, in the facts or in words; a machine, or the platform itself.
    let unanswered = stage.refuse("reviewer:r1", "Decide", &ruling, "ruling_incomplete");
    let missing = json!({ "kind": "not_answered", "what": "ground", "id": "g2" });
    assert_eq!(*unanswered.at("/facts/missing"), missing);
    ruling["facts"]["grounds"] = json!([{ "id": "g1" }, { "id": "g2" }]);
    stage.refuse("reviewer:r1", "Decide", &ruling, "malformed_command");
    ruling["personal"]["grounds"]["g2"] = json!("it is the least that the rules allow");
    for machine in [
        "platform:bot",
        "service:redress",
        "administrator:root",
        "party:dev7",
    ] {
        stage.refuse(machine, "Decide", &ruling, "not_permitted");
    }
    assert_eq!(stage.case("C1")["appeals"][0]["standing"], "filed");

    // The yes: the party reads the reasons and the answer to each ground, and not who ruled.
    let mut told = stage.client.subscribe("redress.v1.ntf.dev7");
    stage.accept("reviewer:r1", "Decide", &ruling);
    let result = told_of(&mut told, "result_notice");
    assert_eq!(result["outcome"], "refused");
    assert_eq!(result["text"]["reasons"], "the reasons");
    assert_eq!(result["text"]["grounds"]["g1"], "the answer");
    assert_eq!(
        result["text"]["grounds"]["g2"],
        "it is the least that the rules allow"
    );
    assert!(!result.to_string().contains("r1"), "{result}");
    let ruled = stage.only_event("C1", "appeal.ruled");
    assert_eq!(ruled.header["actor"], "reviewer:r1");
    assert_eq!(ruled.personal["grounds"]["g1"], "the answer");
    stage.close();
}

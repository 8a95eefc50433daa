//! Complaint 5: "a competitor keeps reporting me; I won, and two days later again; can't you tell me first?"

use end_to_end::bodies::{self, with};
use serde_json::{Value, json};

use crate::stage::Stage;

const OTHER_CONTENT: &str = "cb00753f45a35e8bb5a03d699ac65007272c32ab0eded1631a8b605a43ff5bed";

/// The same clause, place and content as the penalty of C1.
fn same_again(mut notice: Value) -> Value {
    notice["facts"]["violation"]["rule"] =
        bodies::penalty("C1", "P1")["facts"]["violation"]["rule"].clone();
    with(
        notice,
        "/facts/violation/findings/0/location",
        json!("page of C1"),
    )
}

#[test]
fn the_same_facts_once_found_no_violation_are_sealed() {
    for (answer, notice) in [
        ("not_a_violation", "warning"),
        ("not_established", "penalty"),
    ] {
        let stage = Stage::new(&[]);
        stage.accept(
            "platform:watch",
            "IssuePenalty",
            &bodies::penalty("C1", "P1"),
        );
        let appeal = bodies::appeal("C1", "P1", "A1", "not_a_violation");
        stage.accept("party:dev7", "SubmitAppeal", &appeal);
        let granted = bodies::grant("C1", "A1", answer, &["P1-m1"]);
        stage.accept("reviewer:r1", "Decide", &granted);
        let sealed = stage.only_event("C1", "findings.sealed").facts;
        assert_eq!(sealed["seals"][0]["why"], answer);

        // The no: neither as a penalty nor as a warning, in this case or in another.
        for case in ["C1", "C2"] {
            let again = same_again(bodies::penalty(case, "P2"));
            let reply = stage.refuse("platform:watch", "IssuePenalty", &again, "already_decided");
            assert_eq!(reply.at("/facts/case"), "C1");
            let again = same_again(bodies::warning(case, "W2"));
            let reply = stage.refuse("platform:watch", "IssueWarning", &again, "already_decided");
            assert_eq!(reply.at("/facts/finding"), "f1");
        }
        assert_eq!(stage.restrictions("dev7"), []);

        // The yes: another place is another matter.
        let (command, body) = if notice == "warning" {
            ("IssueWarning", bodies::warning("C3", "N3"))
        } else {
            ("IssuePenalty", bodies::penalty("C3", "N3"))
        };
        stage.accept("platform:watch", command, &body);
        // And the seal is the account's own: it protects nobody else.
        let mut other = same_again(bodies::penalty("C4", "P4"));
        other["facts"]["account"] = json!("dev8");
        other["facts"]["entity"] = json!("other");
        stage.accept("platform:watch", "IssuePenalty", &other);
        stage.close();
    }
}

#[test]
fn other_content_at_a_sealed_place_is_only_warned_about_and_names_what_is_new() {
    let stage = Stage::new(&[]);
    stage.accept(
        "platform:watch",
        "IssuePenalty",
        &bodies::penalty("C1", "P1"),
    );
    let appeal = bodies::appeal("C1", "P1", "A1", "not_a_violation");
    stage.accept("party:dev7", "SubmitAppeal", &appeal);
    let granted = bodies::grant("C1", "A1", "not_a_violation", &["P1-m1"]);
    stage.accept("reviewer:r1", "Decide", &granted);

    // The no: what founded it then founds nothing, wherever.
    let picture =
        bodies::penalty("C1", "P1")["facts"]["violation"]["findings"][0]["evidence"].clone();
    let elsewhere = with(
        bodies::penalty("C2", "P2"),
        "/facts/violation/findings/0/evidence",
        picture.clone(),
    );
    stage.refuse(
        "platform:watch",
        "IssuePenalty",
        &elsewhere,
        "already_decided",
    );

    let other = |notice: Value| {
        let digest = "/facts/violation/findings/0/content_digest";
        let notice = with(same_again(notice), digest, json!(OTHER_CONTENT));
        let evidence = json!([{
            "sha256": OTHER_CONTENT, "captured_at": bodies::now(), "captured_by": "platform"
        }]);
        with(notice, "/facts/violation/findings/0/evidence", evidence)
    };
    // Nor is there a penalty, even in an emergency, or a warning that does not say what is new.
    let penalty = other(bodies::penalty("C2", "P2"));
    stage.refuse(
        "platform:watch",
        "IssuePenalty",
        &penalty,
        "warning_required",
    );
    let emergency = json!({ "ground": "malware", "approver": "boss" });
    let penalty = with(penalty, "/facts/emergency", emergency);
    stage.refuse(
        "platform:watch",
        "IssuePenalty",
        &penalty,
        "warning_required",
    );
    let warning = other(bodies::warning("C2", "W2"));
    let reply = stage.refuse(
        "platform:watch",
        "IssueWarning",
        &warning,
        "new_facts_required",
    );
    assert_eq!(reply.at("/facts/case"), "C1");
    // What was known when it was decided is not new.
    let new_facts = json!({ "sealed_in": "C1", "evidence": [picture[0]["sha256"]] });
    let warning = with(warning, "/facts/violation/findings/0/new_facts", new_facts);
    stage.refuse(
        "platform:watch",
        "IssueWarning",
        &warning,
        "new_facts_required",
    );

    // The yes: evidence captured since.
    let named = "/facts/violation/findings/0/new_facts/evidence";
    let warning = with(warning, named, json!([OTHER_CONTENT]));
    let warned = stage.accept("platform:watch", "IssueWarning", &warning);
    assert_eq!(warned["standing"], "warned");
    assert_eq!(stage.restrictions("dev7"), []);
    stage.close();
}

#[test]
fn a_report_alone_never_founds_a_notice() {
    let stage = Stage::new(&[]);
    let reported = with(
        bodies::penalty("C1", "P1"),
        "/facts/violation/source",
        json!("report"),
    );
    // The no.
    let by_reporter = "/facts/violation/findings/0/evidence/0/captured_by";
    let report_only = with(reported.clone(), by_reporter, json!("reporter"));
    let reply = stage.refuse(
        "platform:watch",
        "IssuePenalty",
        &report_only,
        "evidence_required",
    );
    assert_eq!(reply.at("/facts/finding"), "f1");
    assert_eq!(stage.account("dev7")["cases"], json!([]));
    // The yes: reported, and then seen by the platform itself.
    stage.accept("platform:watch", "IssuePenalty", &reported);
    assert_eq!(stage.restrictions("dev7").len(), 1);
    stage.close();
}

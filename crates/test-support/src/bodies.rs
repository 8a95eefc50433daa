//! The body of a command on the wire, with words for everything that must be explained.

use events_schema::{Actor, AppealEvidence, Command, ParsedCommand, parse_command};
use serde_json::{Map, Value, json};

/// The body of a command: its facts, and this personal part where it has one.
pub fn body(command: &Command, personal: Option<Value>) -> Value {
    let mut body = Map::new();
    body.insert("facts".to_owned(), facts(command));
    if let Some(personal) = personal {
        body.insert("personal".to_owned(), personal);
    }
    Value::Object(body)
}

/// The body of a command with words of no interest.
pub fn body_in_words(command: &Command) -> Value {
    body(command, words(command))
}

/// A command in words of no interest, as it is read from its sender: `platform:watch`.
pub fn parsed(sender: &str, command: impl Into<Command>) -> (Actor, ParsedCommand) {
    let (actor, command): (Actor, Command) = (sender.parse().expect("a sender"), command.into());
    let body = body_in_words(&command).to_string();
    let name = command.name();
    let parsed = parse_command(name, actor.role, &actor.principal, body.as_bytes());
    (actor, parsed.expect("a builder's command reads"))
}

/// A personal part that explains all that a command must explain; `None` where it has no such part.
pub fn words(command: &Command) -> Option<Value> {
    match command {
        Command::IssueWarning(command) => Some(json!({
            "findings": described(command.violation.findings.iter().map(|it| &it.id)),
            "steps": described(command.steps.iter().map(|it| &it.id)),
        })),
        Command::IssuePenalty(command) => {
            let mut text = json!({
                "findings": described(command.violation.findings.iter().map(|it| &it.id)),
                "steps": described(command.steps.iter().map(|it| &it.id)),
            });
            if command.ladder_override.is_some() {
                add(&mut text, "override_reason", json!("it happened before"));
            }
            Some(text)
        }
        Command::WithdrawNotice(_) | Command::WithdrawAppeal(_) | Command::ReleaseDeadlines(_) => {
            Some(json!({"reason": "as agreed"}))
        }
        Command::RecordCodeReview(_) => Some(json!({"reasons": "as the report says"})),
        Command::VerifyRectification(command) => Some(json!({
            "reasons": "as the pictures show",
            "observations": described(command.observations.iter().map(|it| &it.sha256)),
        })),
        Command::Rectify(command) => Some(json!({
            "steps": described(command.steps.iter().map(|it| &it.step)),
        })),
        Command::AmendAppeal(command) => Some(json!({
            "reason": "there is more to say",
            "grounds": described(command.grounds.iter().map(|it| &it.id)),
            "evidence": evidence_text(&command.evidence),
        })),
        Command::SubmitAppeal(command) => {
            let mut text = json!({
                "reason": "the finding is wrong",
                "grounds": described(command.grounds.iter().map(|it| &it.id)),
                "evidence": evidence_text(&command.evidence),
            });
            if command.late {
                add(&mut text, "late_reasons", json!("the notice came late"));
            }
            if command.expedite.is_some() {
                add(&mut text, "expedite_reason", json!("users cannot log in"));
            }
            Some(text)
        }
        Command::Decide(command) => Some(json!({
            "reasons": "as found",
            "grounds": described(command.grounds.iter().map(|it| &it.id)),
            "observations": described(command.observations.iter().map(|it| &it.sha256)),
        })),
        Command::ClaimAppeal(_)
        | Command::UnclaimAppeal(_)
        | Command::AdoptRulebook(_)
        | Command::PublishCalendar(_)
        | Command::ReachDeadline(_)
        | Command::ReviseDeadline(_) => None,
    }
}

fn facts(command: &Command) -> Value {
    match command {
        Command::IssueWarning(facts) => serde_json::to_value(facts),
        Command::IssuePenalty(facts) => serde_json::to_value(facts),
        Command::WithdrawNotice(facts) => serde_json::to_value(facts),
        Command::RecordCodeReview(facts) => serde_json::to_value(facts),
        Command::VerifyRectification(facts) => serde_json::to_value(facts),
        Command::Rectify(facts) => serde_json::to_value(facts),
        Command::SubmitAppeal(facts) => serde_json::to_value(facts),
        Command::AmendAppeal(facts) => serde_json::to_value(facts),
        Command::WithdrawAppeal(facts) => serde_json::to_value(facts),
        Command::ClaimAppeal(facts) => serde_json::to_value(facts),
        Command::UnclaimAppeal(facts) => serde_json::to_value(facts),
        Command::Decide(facts) => serde_json::to_value(facts),
        Command::AdoptRulebook(facts) => serde_json::to_value(facts),
        Command::PublishCalendar(facts) => serde_json::to_value(facts),
        Command::ReleaseDeadlines(facts) => serde_json::to_value(facts),
        Command::ReachDeadline(facts) => serde_json::to_value(facts),
        Command::ReviseDeadline(facts) => serde_json::to_value(facts),
    }
    .expect("facts are JSON")
}

fn evidence_text(evidence: &[AppealEvidence]) -> Value {
    let items = evidence.iter().map(|item| {
        let words = json!({"name": "picture.png", "shows": "the page as it is"});
        (item.sha256.to_string(), words)
    });
    items.collect::<Map<String, Value>>().into()
}

fn described<Id: ToString>(ids: impl Iterator<Item = Id>) -> Value {
    ids.map(|id| (id.to_string(), json!("in words")))
        .collect::<Map<String, Value>>()
        .into()
}

fn add(text: &mut Value, key: &str, value: Value) {
    if let Value::Object(text) = text {
        text.insert(key.to_owned(), value);
    }
}

#[cfg(test)]
mod tests {
    use events_schema::{
        CodeReviewState, CommandName, DeadlineId, ReachDeadline, ReleaseDeadlines, ReviseDeadline,
        Role, parse_command,
    };

    use super::*;
    use crate::*;

    #[test]
    fn every_built_command_parses_from_its_body() {
        let (case, deadline) = (id::<events_schema::CaseId>("C1"), DeadlineId::nth(1));
        let commands: Vec<Command> = vec![
            warning().with_new_facts("C0").into(),
            penalty()
                .with_emergency("account_theft", "chief")
                .with_override("chief")
                .into(),
            mistaken("W1").into(),
            warning().with_notice("W2").superseding("W1").into(),
            code_review_passed("W1", "1.1"),
            code_review_failed("W1", "1.1"),
            confirmed("W1").into(),
            rejected("W1", day(1)).with_release("1.1").into(),
            rectify("W1")
                .with_release("1.1", CodeReviewState::Pending)
                .into(),
            appeal("A1", "W1")
                .with_evidence("picture", day(0))
                .late()
                .into(),
            amend("A1").with_evidence("picture", day(0)).into(),
            withdraw_appeal("A1"),
            claim("A1"),
            unclaim("A1"),
            granting("A1", day(1)).considering("picture").into(),
            refusing("A1", day(1)).with_cure_due(day(9)).into(),
            rulebook().into(),
            Command::PublishCalendar(publication("cn")),
            Command::ReleaseDeadlines(ReleaseDeadlines::default()),
            Command::ReachDeadline(ReachDeadline {
                case: case.clone(),
                deadline: deadline.clone(),
            }),
            Command::ReviseDeadline(ReviseDeadline { case, deadline }),
        ];
        for &name in CommandName::ALL {
            assert!(commands.iter().any(|it| it.name() == name), "{name}");
        }
        for command in commands {
            let bytes = body_in_words(&command).to_string();
            let principal = id("somebody");
            let parsed =
                parse_command(command.name(), Role::Platform, &principal, bytes.as_bytes());
            assert_eq!(parsed.map(|it| it.command), Ok(command));
        }
    }
}

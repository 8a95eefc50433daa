//! Reading a command from the wire: strictly, and with the place of every fault.

use std::{collections::BTreeSet, fmt};

use serde::{Deserialize, de};

use super::{
    AmendmentText, AppealText, AppealWithdrawalText, CodeReviewOutcome, CodeReviewText, Command,
    CommandName, GuideStep, NoticeText, RectificationText, ReleaseText, RulingText,
    VerificationOutcome, VerificationText, Violation, WithdrawalText,
    content::{Content, content},
    typed::typed,
};
use crate::{Personal, PrincipalId, Role, Sha256};

/// The longest command body, in bytes. What a commit of it may hold fits a block of the log.
pub const COMMAND_BYTES_MAX: usize = 48 * 1024;

/// A command read from the wire.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ParsedCommand {
    /// What the rules read.
    pub command: Command,
    /// What only people read, as it is stored.
    pub personal: Personal,
    /// SHA-256 over the RFC 8785 form of `{"body","command","principal","role"}`.
    pub hash: Sha256,
}

/// Why a body is no command: where, and what was expected there.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{path}: {problem}")]
pub struct Malformed {
    /// The place: `facts.evidence[2].sha256`; `.` for the whole body.
    pub path: String,
    /// What is wrong with it.
    pub problem: String,
}

impl Malformed {
    pub(crate) fn new(path: impl Into<String>, problem: impl fmt::Display) -> Self {
        Self {
            path: path.into(),
            problem: problem.to_string(),
        }
    }
}

/// Whether a body of so many bytes is read at all.
///
/// # Errors
/// When it is longer than [`COMMAND_BYTES_MAX`].
pub fn check_length(bytes: usize) -> Result<(), Malformed> {
    if bytes <= COMMAND_BYTES_MAX {
        return Ok(());
    }
    Err(Malformed::new(
        ".",
        format_args!(
            "the body has {bytes} bytes, at most {COMMAND_BYTES_MAX} are allowed; evidence is kept elsewhere and named \
             by its digest"
        ),
    ))
}

/// Reads a command of this name, sent by this principal in this role.
///
/// # Errors
/// The first fault found: no JSON, a duplicate key, an unknown or missing field, a value of the wrong
/// form, or free text that is missing for something that must be explained.
pub fn parse_command(
    name: CommandName,
    role: Role,
    principal: &PrincipalId,
    body: &[u8],
) -> Result<ParsedCommand, Malformed> {
    check_length(body.len())?;
    let body = &content(body)?;
    let hash = command_hash(name, role, principal, body);
    let (command, personal) = match name {
        CommandName::IssueWarning => {
            let (facts, text): (Box<super::IssueWarning>, NoticeText) = parts(body)?;
            check_notice(&facts.violation, &facts.steps, &text)?;
            (Command::IssueWarning(facts), Personal::of(&text))
        }
        CommandName::IssuePenalty => {
            let (facts, text): (Box<super::IssuePenalty>, NoticeText) = parts(body)?;
            check_notice(&facts.violation, &facts.steps, &text)?;
            if facts.ladder_override.is_some() && text.override_reason.is_none() {
                return Err(missing("personal.override_reason", "an override"));
            }
            (Command::IssuePenalty(facts), Personal::of(&text))
        }
        CommandName::WithdrawNotice => {
            let (facts, text): (_, WithdrawalText) = parts_with_optional_text(body)?;
            (Command::WithdrawNotice(facts), Personal::of(&text))
        }
        CommandName::RecordCodeReview => {
            let (facts, text): (super::RecordCodeReview, CodeReviewText) =
                parts_with_optional_text(body)?;
            if facts.outcome == CodeReviewOutcome::Failed && text.reasons.is_none() {
                return Err(missing("personal.reasons", "a failed review"));
            }
            (Command::RecordCodeReview(facts), Personal::of(&text))
        }
        CommandName::VerifyRectification => {
            let (facts, text): (super::VerifyRectification, VerificationText) =
                parts_with_optional_text(body)?;
            if facts.outcome == VerificationOutcome::Rejected && text.reasons.is_none() {
                return Err(missing("personal.reasons", "a rejection"));
            }
            (Command::VerifyRectification(facts), Personal::of(&text))
        }
        CommandName::Rectify => {
            let (facts, text): (super::Rectify, RectificationText) = parts(body)?;
            let steps = facts.steps.iter().map(|step| &step.step);
            check_described("personal.steps", steps, text.steps.keys())?;
            (Command::Rectify(facts), Personal::of(&text))
        }
        CommandName::SubmitAppeal => {
            let (facts, text): (Box<super::SubmitAppeal>, AppealText) = parts(body)?;
            check_appeal(&facts, &text)?;
            (Command::SubmitAppeal(facts), Personal::of(&text))
        }
        CommandName::AmendAppeal => {
            let (facts, text): (Box<super::AmendAppeal>, AmendmentText) =
                parts_with_optional_text(body)?;
            check_amendment(&facts, &text)?;
            (Command::AmendAppeal(facts), Personal::of(&text))
        }
        CommandName::WithdrawAppeal => {
            let (facts, text): (_, AppealWithdrawalText) = parts_with_optional_text(body)?;
            (Command::WithdrawAppeal(facts), Personal::of(&text))
        }
        CommandName::ClaimAppeal => (Command::ClaimAppeal(facts_only(body)?), Personal::none()),
        CommandName::UnclaimAppeal => (Command::UnclaimAppeal(facts_only(body)?), Personal::none()),
        CommandName::Decide => {
            let (facts, text): (Box<super::Decide>, RulingText) = parts(body)?;
            let grounds = facts.grounds.iter().map(|ground| &ground.id);
            check_described("personal.grounds", grounds, text.grounds.keys())?;
            let seen = facts.observations.iter().map(|seen| &seen.sha256);
            check_described("personal.observations", seen, text.observations.keys())?;
            (Command::Decide(facts), Personal::of(&text))
        }
        CommandName::AdoptRulebook => (Command::AdoptRulebook(facts_only(body)?), Personal::none()),
        CommandName::PublishCalendar => (
            Command::PublishCalendar(facts_only(body)?),
            Personal::none(),
        ),
        CommandName::ReleaseDeadlines => {
            let (facts, text): (_, ReleaseText) = parts_with_optional_text(body)?;
            (Command::ReleaseDeadlines(facts), Personal::of(&text))
        }
        CommandName::ReachDeadline => (Command::ReachDeadline(facts_only(body)?), Personal::none()),
        CommandName::ReviseDeadline => {
            (Command::ReviseDeadline(facts_only(body)?), Personal::none())
        }
    };
    Ok(ParsedCommand {
        command,
        personal,
        hash,
    })
}

fn command_hash(
    name: CommandName,
    role: Role,
    principal: &PrincipalId,
    content: &Content<'_>,
) -> Sha256 {
    let mut bytes = Vec::with_capacity(1024);
    bytes.extend_from_slice(b"{\"body\":");
    content.write_canonical(&mut bytes);
    // None of these has a character that JSON escapes.
    for (member, value) in [
        ("command", name.as_str()),
        ("principal", principal.as_str()),
        ("role", role.as_str()),
    ] {
        for part in [",\"", member, "\":\"", value, "\""] {
            bytes.extend_from_slice(part.as_bytes());
        }
    }
    bytes.push(b'}');
    Sha256::of(&bytes)
}

fn missing(path: &str, of: &str) -> Malformed {
    Malformed::new(path, format_args!("{of} must be explained here"))
}

fn check_notice(
    violation: &Violation,
    steps: &[GuideStep],
    text: &NoticeText,
) -> Result<(), Malformed> {
    // The party opens it from its notice, and must not run what a `javascript:` says.
    let url = violation.rule.url.as_str();
    if !["https://", "http://"]
        .iter()
        .any(|scheme| url.starts_with(scheme))
    {
        return Err(Malformed::new(
            "facts.violation.rule.url",
            "must begin with https:// or http://",
        ));
    }
    let findings = violation.findings.iter().map(|finding| &finding.id);
    check_described("personal.findings", findings, text.findings.keys())?;
    let steps = steps.iter().map(|step| &step.id);
    check_described("personal.steps", steps, text.steps.keys())
}

fn check_appeal(facts: &super::SubmitAppeal, text: &AppealText) -> Result<(), Malformed> {
    let grounds = facts.grounds.iter().map(|ground| &ground.id);
    check_described("personal.grounds", grounds, text.grounds.keys())?;
    let evidence = facts.evidence.iter().map(|item| &item.sha256);
    check_described("personal.evidence", evidence, text.evidence.keys())?;
    if facts.late && text.late_reasons.is_none() {
        return Err(missing("personal.late_reasons", "a late filing"));
    }
    if facts.expedite.is_some() && text.expedite_reason.is_none() {
        return Err(missing("personal.expedite_reason", "the haste"));
    }
    Ok(())
}

fn check_amendment(facts: &super::AmendAppeal, text: &AmendmentText) -> Result<(), Malformed> {
    let grounds = facts.grounds.iter().map(|ground| &ground.id);
    check_described("personal.grounds", grounds, text.grounds.keys())?;
    let evidence = facts.evidence.iter().map(|item| &item.sha256);
    check_described("personal.evidence", evidence, text.evidence.keys())?;
    let adds = !facts.grounds.is_empty() || !facts.evidence.is_empty() || facts.release.is_some();
    if !adds && text.reason.is_none() {
        let problem = format_args!("adds nothing: name grounds, evidence, a release or a reason");
        return Err(Malformed::new("facts", problem));
    }
    Ok(())
}

/// Each id of the facts stands there once and is described, and nothing else is.
fn check_described<'a, Id: Ord + fmt::Display + 'a>(
    path: &str,
    ids: impl Iterator<Item = &'a Id>,
    described: impl Iterator<Item = &'a Id>,
) -> Result<(), Malformed> {
    let mut undescribed = BTreeSet::new();
    for id in ids {
        if !undescribed.insert(id) {
            return Err(Malformed::new(
                path.replacen("personal", "facts", 1),
                format_args!("`{id}` occurs twice"),
            ));
        }
    }
    for id in described {
        if !undescribed.remove(id) {
            return Err(Malformed::new(
                format!("{path}.{id}"),
                "the facts have nothing of this id",
            ));
        }
    }
    match undescribed.first() {
        None => Ok(()),
        Some(id) => Err(Malformed::new(
            format!("{path}.{id}"),
            "is missing; say in words what it is",
        )),
    }
}

#[derive(Deserialize)]
struct Body<Facts, Text> {
    facts: Facts,
    personal: Text,
}

#[derive(Deserialize)]
#[serde(bound = "Facts: Deserialize<'de>, Text: Deserialize<'de> + Default")]
struct BodyWithOptionalText<Facts, Text> {
    facts: Facts,
    #[serde(default)]
    personal: Text,
}

#[derive(Deserialize)]
struct FactsOnly<Facts> {
    facts: Facts,
}

fn parts<F: de::DeserializeOwned, T: de::DeserializeOwned>(
    body: &Content<'_>,
) -> Result<(F, T), Malformed> {
    typed(body).map(|Body { facts, personal }| (facts, personal))
}

fn parts_with_optional_text<F: de::DeserializeOwned, T: de::DeserializeOwned + Default>(
    body: &Content<'_>,
) -> Result<(F, T), Malformed> {
    typed(body).map(|BodyWithOptionalText { facts, personal }| (facts, personal))
}

fn facts_only<F: de::DeserializeOwned>(body: &Content<'_>) -> Result<F, Malformed> {
    typed(body).map(|FactsOnly { facts }| facts)
}

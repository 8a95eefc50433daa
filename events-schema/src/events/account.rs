//! Events of an account: what a party filed and was refused.

use serde::{Deserialize, Serialize};

use super::facts::event_facts;
use crate::{
    AmendAppeal, AmendmentText, AppealText, CaseId, Command, CommandName, FreeText, NextStep,
    RectificationText, Rectify, Rejection, SubmitAppeal, WithdrawAppeal,
};

/// A filing of a party was refused. The refusal is itself on record.
///
/// Up to the number a day that the rulebook names, each refusal of an account is recorded; beyond it
/// only the one whose number doubles the last recorded one, so that a flood is counted and not stored.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct FilingRefused {
    /// The filing, as it would have been recorded had it been accepted.
    pub filing: Filing,
    /// Why, with the facts that decided it.
    pub rejection: Rejection,
    /// What the party could do instead, as it was told.
    pub next: Vec<NextStep>,
    /// The how manieth refusal of the account that day (UTC) this was, counted from 1.
    pub number_today: u32,
}

event_facts!(FilingRefused: "redress.filing.refused.v1", FilingText);

/// What a party may file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub enum Filing {
    /// It said that it put the matter right.
    Rectify(Rectify),
    /// It appealed.
    SubmitAppeal(Box<SubmitAppeal>),
    /// It added to its appeal.
    AmendAppeal(Box<AmendAppeal>),
    /// It took its appeal back.
    WithdrawAppeal(WithdrawAppeal),
}

impl Filing {
    /// The filing that a command is; a command of another role is none.
    pub fn of(command: &Command) -> Option<Self> {
        Some(match command {
            Command::Rectify(filing) => Self::Rectify(filing.clone()),
            Command::SubmitAppeal(filing) => Self::SubmitAppeal(filing.clone()),
            Command::AmendAppeal(filing) => Self::AmendAppeal(filing.clone()),
            Command::WithdrawAppeal(filing) => Self::WithdrawAppeal(filing.clone()),
            Command::IssueWarning(_)
            | Command::IssuePenalty(_)
            | Command::WithdrawNotice(_)
            | Command::RecordCodeReview(_)
            | Command::VerifyRectification(_)
            | Command::ClaimAppeal(_)
            | Command::UnclaimAppeal(_)
            | Command::Decide(_)
            | Command::AdoptRulebook(_)
            | Command::PublishCalendar(_)
            | Command::ReleaseDeadlines(_)
            | Command::ReachDeadline(_)
            | Command::ReviseDeadline(_) => return None,
        })
    }

    /// The command.
    pub const fn command(&self) -> CommandName {
        match self {
            Self::Rectify(_) => CommandName::Rectify,
            Self::SubmitAppeal(_) => CommandName::SubmitAppeal,
            Self::AmendAppeal(_) => CommandName::AmendAppeal,
            Self::WithdrawAppeal(_) => CommandName::WithdrawAppeal,
        }
    }

    /// The case that it named.
    pub const fn case(&self) -> &CaseId {
        match self {
            Self::Rectify(filing) => &filing.case,
            Self::SubmitAppeal(filing) => &filing.case,
            Self::AmendAppeal(filing) => &filing.case,
            Self::WithdrawAppeal(filing) => &filing.case,
        }
    }
}

/// The free text of a filing, whichever it was.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum FilingText {
    /// Of a rectification.
    Rectification(RectificationText),
    /// Of an appeal.
    Appeal(AppealText),
    /// Of what was added to an appeal, or of one that was taken back, which has a reason alone. Every field is optional, so
    /// it is tried last.
    Amendment(AmendmentText),
}

impl FreeText for FilingText {
    fn for_the_party(self) -> Self {
        match self {
            Self::Rectification(text) => Self::Rectification(text.for_the_party()),
            Self::Appeal(text) => Self::Appeal(text.for_the_party()),
            Self::Amendment(text) => Self::Amendment(text.for_the_party()),
        }
    }
}

#[cfg(feature = "schema")]
impl schemars::JsonSchema for FilingText {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> std::borrow::Cow<'static, str> {
        "FilingText".into()
    }

    fn json_schema(generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({
            "anyOf": [
                generator.subschema_for::<RectificationText>(),
                generator.subschema_for::<AppealText>(),
                generator.subschema_for::<AmendmentText>()
            ]
        })
    }
}

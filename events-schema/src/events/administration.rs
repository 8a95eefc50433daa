//! Events of accounts, the rulebook, calendars and the log itself.

use serde::{Deserialize, Serialize};

use crate::{
    AdoptRulebook, CalendarId, CaseId, Command, CommandName, Instant, Label, NextStep,
    PublishCalendar, Rectify, Rejection, ReleaseDeadlines, RulebookVersion, Sha256, SubmitAppeal,
    WithdrawAppeal,
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

/// What a party may file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub enum Filing {
    /// It said that it put the matter right.
    Rectify(Rectify),
    /// It appealed.
    SubmitAppeal(Box<SubmitAppeal>),
    /// It took its appeal back.
    WithdrawAppeal(WithdrawAppeal),
}

impl Filing {
    /// The filing that a command is; a command of another role is none.
    pub fn of(command: &Command) -> Option<Self> {
        Some(match command {
            Command::Rectify(filing) => Self::Rectify(filing.clone()),
            Command::SubmitAppeal(filing) => Self::SubmitAppeal(filing.clone()),
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
            Self::WithdrawAppeal(_) => CommandName::WithdrawAppeal,
        }
    }

    /// The case that it named.
    pub const fn case(&self) -> &CaseId {
        match self {
            Self::Rectify(filing) => &filing.case,
            Self::SubmitAppeal(filing) => &filing.case,
            Self::WithdrawAppeal(filing) => &filing.case,
        }
    }
}

/// A rulebook came into force for notices issued from now on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct RulebookAdopted {
    /// The rulebook itself.
    pub command: AdoptRulebook,
    /// Its version.
    pub version: RulebookVersion,
    /// Its title.
    pub title: Label,
    /// The calendar that it counts on.
    pub calendar: CalendarId,
    /// SHA-256 of the TOML text.
    pub digest: Sha256,
}

/// A version of a calendar is in use from now on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct CalendarPublished {
    /// Its days.
    pub command: PublishCalendar,
}

/// The log begins. Always at position 0.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct LogCreated {
    /// The identity of the log, 32 hexadecimal digits; the source of every event is `/redress/` and it.
    pub log_id: String,
    /// The version of the format of what is stored.
    pub format: u32,
    /// The platform that the log serves.
    pub platform: Label,
}

/// An existing platform's history is being taken over from a file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct BackfillStarted {
    /// SHA-256 of the file.
    pub file_sha256: Sha256,
    /// When it was done in truth; the events between carry the times of the history.
    pub wall_time: Instant,
}

/// The file was taken over to its end.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct BackfillCompleted {
    /// SHA-256 of the file.
    pub file_sha256: Sha256,
    /// When it was done in truth.
    pub wall_time: Instant,
    /// Lines of the file.
    pub lines: u64,
    /// Lines whose command was accepted.
    pub accepted: u64,
    /// Lines whose command was refused; the report lists them.
    pub refused: u64,
}

/// Deadlines fire again after the service had held them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct DeadlinesReleased {
    /// What was asked for.
    pub command: ReleaseDeadlines,
    /// Deadlines that were overdue then.
    pub overdue: u64,
}

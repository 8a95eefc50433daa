//! Events of accounts, the rulebook, calendars and the log itself.

use serde::{Deserialize, Serialize};

use crate::{
    AdoptRulebook, CalendarId, CaseId, CommandName, Instant, Label, NextStep, PublishCalendar,
    Rejection, ReleaseDeadlines, RulebookVersion, Sha256,
};

/// A filing of a party was refused. The refusal is itself on record.
///
/// Up to the number a day that the rulebook names, each refusal of an account is recorded; beyond it
/// only the one whose number doubles the last recorded one, so that a flood is counted and not stored.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct FilingRefused {
    /// The command that was refused.
    pub command: CommandName,
    /// The case that it named.
    pub case: CaseId,
    /// Why, with the facts that decided it.
    pub rejection: Rejection,
    /// What the party could do instead, as it was told.
    pub next: Vec<NextStep>,
    /// The how manieth refusal of the account that day (UTC) this was, counted from 1.
    pub number_today: u32,
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

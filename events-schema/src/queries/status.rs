//! What the service says of itself, and the books that it works by.

use serde::{Deserialize, Serialize};

use crate::{CalendarId, HoldId, Label, RulebookVersion};

/// What the service says of itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Status {
    /// The identity of the log.
    pub log_id: String,
    /// The position after the last event.
    pub next_position: u64,
    /// Commits in the log.
    pub commits: u64,
    /// SHA-256 of the last commit, in hexadecimal digits.
    pub last_commit_hash: String,
    /// How often what was written was made to last, since the start.
    pub device_flushes: u64,
    /// Deadlines that are due and have not fired.
    pub overdue_deadlines: u64,
    /// Why the service holds still, if it does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub held: Option<Label>,
    /// What holds it, which a release names.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hold: Option<HoldId>,
    /// The rulebook in force and the calendars.
    #[serde(flatten)]
    pub books: BooksView,
}

/// Rulebooks and calendars at a glance.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct BooksView {
    /// The rulebook in force; without one no notice can be issued.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rulebook: Option<RulebookInBrief>,
    /// The newest version of each calendar.
    #[serde(default)]
    pub calendars: Vec<CalendarInBrief>,
}

/// A rulebook in brief.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct RulebookInBrief {
    /// Its version.
    pub version: RulebookVersion,
    /// The calendar that it counts on.
    pub calendar: CalendarId,
}

/// A calendar in brief.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct CalendarInBrief {
    /// The calendar.
    pub calendar: CalendarId,
    /// Its newest version.
    pub version: u32,
    /// The IANA name of its zone.
    pub zone: Label,
    /// The first day of which it is known whether it is a working day: `2026-01-01`.
    pub covered_from: String,
    /// The last such day.
    pub covered_until: String,
}

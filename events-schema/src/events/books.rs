//! Events of the rulebook and of calendars.

use serde::{Deserialize, Serialize};

use super::facts::event_facts;
use crate::{AdoptRulebook, CalendarId, Label, NoText, PublishCalendar, RulebookVersion, Sha256};

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

event_facts!(RulebookAdopted: "redress.rulebook.adopted.v1", NoText);

/// A version of a calendar is in use from now on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct CalendarPublished {
    /// Its days.
    pub command: PublishCalendar,
}

event_facts!(CalendarPublished: "redress.calendar.published.v1", NoText);

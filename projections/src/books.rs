//! The rulebook in force and the calendars, as far as whoever runs the service has to know: whether notices can be
//! issued, and how far due dates are known.

use std::collections::BTreeMap;

use events_schema::{BooksEvent, CalendarId, Label, RulebookVersion};
use serde::{Deserialize, Serialize};

/// Rulebooks and calendars at a glance.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
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
pub struct RulebookInBrief {
    /// Its version.
    pub version: RulebookVersion,
    /// The calendar that it counts on.
    pub calendar: CalendarId,
}

/// A calendar in brief.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
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

/// Every rulebook ever adopted and the newest of each calendar.
#[derive(Debug, Default, Serialize)]
pub(crate) struct Books {
    rulebooks: Vec<RulebookInBrief>,
    calendars: BTreeMap<CalendarId, CalendarInBrief>,
}

impl Books {
    pub(crate) fn apply(&mut self, event: &BooksEvent) {
        match event {
            BooksEvent::RulebookAdopted(adopted) => self.rulebooks.push(RulebookInBrief {
                version: adopted.version.clone(),
                calendar: adopted.calendar.clone(),
            }),
            BooksEvent::CalendarPublished(published) => {
                let command = &published.command;
                let content = &command.content;
                let brief = CalendarInBrief {
                    calendar: command.calendar.clone(),
                    version: command.version,
                    zone: content.zone.clone(),
                    covered_from: content.covered_from.to_string(),
                    covered_until: content.covered_until.to_string(),
                };
                self.calendars.insert(command.calendar.clone(), brief);
            }
        }
    }

    pub(crate) fn view(&self) -> BooksView {
        BooksView {
            rulebook: self.rulebooks.last().cloned(),
            calendars: self.calendars.values().cloned().collect(),
        }
    }
}

//! The rulebook in force and the calendars, as far as whoever runs the service has to know: whether notices can be
//! issued, and how far due dates are known.

use std::collections::BTreeMap;

use events_schema::{BooksEvent, BooksView, CalendarId, CalendarInBrief, RulebookInBrief};
use serde::Serialize;

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

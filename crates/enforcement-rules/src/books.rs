//! The rulebooks and calendars in use: a fold over the events that adopted and published them.

use std::{collections::BTreeMap, sync::Arc};

use events_schema::{BooksEvent, CalendarId, RulebookVersion};

use crate::{Clause, Rulebook};
use working_calendar::Calendar;

/// Every rulebook ever adopted, and the newest version of every calendar.
#[derive(Debug, Clone, Default)]
pub struct Books {
    rulebooks: BTreeMap<RulebookVersion, Arc<Rulebook>>,
    current: Option<RulebookVersion>,
    calendars: BTreeMap<CalendarId, Arc<Calendar>>,
}

impl Books {
    /// The rulebook for notices issued now.
    pub fn current(&self) -> Option<&Rulebook> {
        self.current
            .as_ref()
            .and_then(|version| self.rulebook(version))
    }

    /// The rulebook of this version.
    pub fn rulebook(&self, version: &RulebookVersion) -> Option<&Rulebook> {
        self.rulebooks.get(version).map(AsRef::as_ref)
    }

    /// The newest version of this calendar.
    pub fn calendar(&self, id: &CalendarId) -> Option<&Calendar> {
        self.calendars.get(id).map(AsRef::as_ref)
    }

    /// The clause that a notice is under, with the calendar that its periods are counted on.
    pub fn of_notice(&self, notice: &crate::Notice) -> Option<(&Clause, &Calendar)> {
        let rulebook = self.rulebook(&notice.terms.rulebook)?;
        let clause = rulebook.clause(&notice.clause.0, &notice.clause.1)?;
        Some((clause, self.calendar(&rulebook.calendar)?))
    }

    /// Takes in what an event adopted or published.
    ///
    /// What the log holds was checked when it was accepted. A text that no longer reads is left out, and
    /// every command that needs it is refused as having no rulebook, rather than decided by another one.
    pub fn evolve(&mut self, event: &BooksEvent) {
        match event {
            BooksEvent::RulebookAdopted(adopted) => {
                if let Ok(rulebook) = Rulebook::parse(&adopted.command.toml) {
                    let version = adopted.version.clone();
                    self.rulebooks.insert(version, Arc::new(rulebook));
                }
                self.current = Some(adopted.version.clone());
            }
            BooksEvent::CalendarPublished(published) => {
                let command = &published.command;
                let id = &command.calendar;
                if let Ok(calendar) = Calendar::new(id.clone(), command.version, &command.content) {
                    self.calendars.insert(id.clone(), Arc::new(calendar));
                }
            }
        }
    }
}

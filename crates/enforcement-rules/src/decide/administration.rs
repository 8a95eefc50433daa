//! Rulebooks, calendars, and letting deadlines fire again.

use events_schema::{
    AdoptRulebook, CalendarPublished, DeadlinesReleased, Event, MissingBook, PublishCalendar,
    Rejection, ReleaseDeadlines, RulebookAdopted, Sha256,
};

use crate::{Books, Calendar, Rulebook};

pub(super) fn adopt_rulebook(
    books: &Books,
    command: &AdoptRulebook,
) -> Result<Vec<Event>, Rejection> {
    let rulebook =
        Rulebook::parse(&command.toml).map_err(|problems| Rejection::InvalidRulebook {
            problems: problems.sentences(),
        })?;
    if books.rulebook(&rulebook.version).is_some() {
        return Err(Rejection::RulebookVersionTaken {
            version: rulebook.version,
        });
    }
    if books.calendar(&rulebook.calendar).is_none() {
        return Err(Rejection::NoRulebook {
            missing: MissingBook::Calendar {
                calendar: rulebook.calendar,
            },
        });
    }
    Ok(vec![Event::RulebookAdopted(RulebookAdopted {
        command: command.clone(),
        version: rulebook.version,
        title: rulebook.title,
        calendar: rulebook.calendar,
        digest: Sha256::of(command.toml.as_bytes()),
    })])
}

pub(super) fn publish_calendar(
    books: &Books,
    command: &PublishCalendar,
) -> Result<Vec<Event>, Rejection> {
    if let Err(problems) =
        Calendar::new(command.calendar.clone(), command.version, &command.content)
    {
        return Err(Rejection::InvalidCalendar {
            problems: problems.sentences(),
        });
    }
    let expected = books
        .calendar(&command.calendar)
        .map_or(1, |newest| newest.version().saturating_add(1));
    if command.version != expected {
        return Err(Rejection::CalendarVersionOutOfOrder {
            expected,
            found: command.version,
        });
    }
    Ok(vec![Event::CalendarPublished(Box::new(
        CalendarPublished {
            command: command.clone(),
        },
    ))])
}

pub(super) fn release_deadlines(
    held: Option<u64>,
    command: &ReleaseDeadlines,
) -> Result<Vec<Event>, Rejection> {
    let overdue = held.ok_or(Rejection::NothingHeld {})?;
    Ok(vec![Event::DeadlinesReleased(DeadlinesReleased {
        command: command.clone(),
        overdue,
    })])
}

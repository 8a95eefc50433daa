//! Rulebooks, calendars, and letting deadlines fire again.

use events_schema::{
    AdoptRulebook, CalendarPublished, DeadlinesReleased, Event, MissingBook, PublishCalendar,
    Rejection, ReleaseDeadlines, RulebookAdopted, Sha256,
};

use crate::{
    Books, Rulebook,
    dates::label,
    matter::{Context, Held},
};
use working_calendar::Calendar;

/// How far ahead of the clock the last event may be at a release that leaves nothing behind: what a clock that is kept
/// in step may go back. Events are dated as the last one until the clock has passed it.
const AHEAD_MAX_SECONDS: i64 = 2;

/// Problems of a book that are told. There can be thousands, of which most come from the first.
const PROBLEMS_TOLD_MAX: usize = 20;

pub(super) fn adopt_rulebook(
    books: &Books,
    command: &AdoptRulebook,
) -> Result<Vec<Event>, Rejection> {
    let rulebook =
        Rulebook::parse(&command.toml).map_err(|problems| Rejection::InvalidRulebook {
            problems: first_of(problems.problems()),
            more: beyond_the_first(problems.problems()),
        })?;
    // A notice keeps its rulebook for life, so a version means one text for ever (rule 12).
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
    Ok(vec![Event::from(RulebookAdopted {
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
            problems: first_of(problems.problems()),
            more: beyond_the_first(problems.problems()),
        });
    }
    let expected = books
        .calendar(&command.calendar)
        .map_or(1, |newest| newest.version().saturating_add(1));
    // Dates say on which version they were counted; none is left out or given twice (rule 12).
    if command.version != expected {
        return Err(Rejection::CalendarVersionOutOfOrder {
            expected,
            found: command.version,
        });
    }
    Ok(vec![Event::from(CalendarPublished {
        command: command.clone(),
    })])
}

pub(super) fn release_deadlines(
    held: Option<Held<'_>>,
    command: &ReleaseDeadlines,
    context: Context<'_>,
) -> Result<Vec<Event>, Rejection> {
    let Held {
        id,
        reason,
        overdue,
        log_ahead,
    } = held.ok_or(Rejection::NothingHeld {})?;
    // Its sender has looked at what it names, and not at what was found in doubt since.
    if command.hold.as_ref() != Some(id) {
        return Err(Rejection::TimeHeld {
            reason: reason.clone(),
            hold: Some(id.clone()),
        });
    }
    if !command.leave_future_behind {
        let allowed = context.now.plus_seconds(AHEAD_MAX_SECONDS);
        if let Some(last) = log_ahead.filter(|last| *last > allowed) {
            return Err(Rejection::TimeHeld {
                reason: label(&format!(
                    "the last event is of {last}, and the clock says {}; set the clock right, or leave those times \
                     behind: `redress deadlines release --leave-future-behind`",
                    context.now
                )),
                hold: Some(id.clone()),
            });
        }
    }
    Ok(vec![Event::from(DeadlinesReleased {
        command: command.clone(),
        overdue,
        left_behind: log_ahead.filter(|_| command.leave_future_behind),
    })])
}

fn first_of(problems: &[impl ToString]) -> Vec<String> {
    let told = problems.iter().take(PROBLEMS_TOLD_MAX);
    told.map(ToString::to_string).collect()
}

const fn beyond_the_first<T>(problems: &[T]) -> u64 {
    problems.len().saturating_sub(PROBLEMS_TOLD_MAX) as u64
}

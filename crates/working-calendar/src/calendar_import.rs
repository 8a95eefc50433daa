//! Calendars from iCalendar files, as holidays are commonly published.
//!
//! Only all-day events that happen once make days off or working days. What a file itself says to be no day off (an
//! observance, half a day, what is tentative, cancelled or replaced) is left out and listed; anything else that is not
//! understood is refused by name: a holiday that is overlooked makes somebody's deadline too early, and one that is
//! none makes it too late.
//!
//! Whether an event makes its time busy (TRANSP) is not looked at: the calendars of public holidays that are in use say
//! of every holiday that it does not.

mod entries;
mod events;
mod left_out;
mod marks;
mod problems;
mod replaced;
mod text;

use std::collections::{BTreeMap, BTreeSet};

use events_schema::{CalendarContent, LABEL_LENGTH_MAX, Label, Weekday};
use jiff::civil::{Date, date};

use self::{events::DayEvent, marks::Effect, replaced::without_replaced};
pub use self::{
    left_out::{LeftOut, LeftOutReason},
    marks::Marks,
    problems::{ImportProblem, ImportProblems},
};

/// One iCalendar file.
#[derive(Debug, Clone, Copy)]
pub struct IcsSource<'a> {
    /// Names the file in problems and in the calendar's source.
    pub name: &'a str,
    /// Its bytes: a line may be folded inside a character.
    pub bytes: &'a [u8],
}

/// What files came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Imported {
    /// The calendar.
    pub content: CalendarContent,
    /// Entries of the files: events, and what else they hold besides time zones.
    pub entries: usize,
    /// Each that changes no day of the calendar, in the order of the files, those outside of what is covered last.
    pub left_out: Vec<LeftOut>,
}

/// Makes the content of a calendar from iCalendar files, which are merged.
///
/// `marks` tell entries apart. `covered` says for which days the files are complete; without it these are the whole
/// years that have events. A first year with events in December only, or a last one with events in January only, is
/// the edge of a holiday over New Year and does not count as covered.
pub fn import(
    sources: &[IcsSource<'_>],
    marks: &Marks<'_>,
    zone: Label,
    weekend: Vec<Weekday>,
    covered: Option<(Date, Date)>,
) -> Result<Imported, ImportProblems> {
    let mut problems = Vec::new();
    let mut left_out = Vec::new();
    let mut found = Vec::new();
    for source in sources {
        found.extend(entries::read(*source, &mut left_out, &mut problems));
    }
    let entries = found.len() + left_out.len();
    let counting = without_replaced(found, &mut left_out, &mut problems);
    let mut days: BTreeMap<Date, (Effect, String)> = BTreeMap::new();
    let mut of_events = Vec::new();
    for entry in counting {
        match events::read(entry, marks) {
            Ok(Ok(event)) => {
                take_in(&event, &mut days, &mut left_out, &mut problems);
                of_events.push(event);
            }
            Ok(Err(left)) => left_out.push(left),
            Err(problem) => problems.push(problem),
        }
    }
    let covered = covered.or_else(|| covered_years(days.keys().copied(), &mut problems));
    let (Some((from, until)), true) = (covered, problems.is_empty()) else {
        return Err(ImportProblems::new(problems));
    };
    left_out.extend(of_events.iter().filter_map(|event| {
        let outside = event.days().filter(|day| !(from..=until).contains(day));
        let days = outside.count();
        (days > 0).then(|| LeftOut {
            place: event.place.clone(),
            reason: LeftOutReason::NotCovered { days, from, until },
        })
    }));
    let with_effect = |wanted: Effect| {
        days.iter()
            .filter(|(day, (effect, _))| (from..=until).contains(*day) && *effect == wanted)
            .map(|(day, _)| *day)
            .collect()
    };
    let content = CalendarContent {
        zone,
        weekend,
        days_off: with_effect(Effect::Off),
        extra_working_days: with_effect(Effect::Working),
        covered_from: from,
        covered_until: until,
        source: source_label(sources),
    };
    Ok(Imported {
        content,
        entries,
        left_out,
    })
}

/// Notes the days of an event. Where others have said the same of all of them, it is listed.
fn take_in(
    event: &DayEvent,
    days: &mut BTreeMap<Date, (Effect, String)>,
    left_out: &mut Vec<LeftOut>,
    problems: &mut Vec<ImportProblem>,
) {
    let mut said_first = None;
    let mut says_something_new = false;
    for day in event.days() {
        let Some((effect, first)) = days.get(&day) else {
            days.insert(day, (event.effect, event.place.clone()));
            says_something_new = true;
            continue;
        };
        if *effect == event.effect {
            said_first.get_or_insert_with(|| first.clone());
        } else {
            says_something_new = true;
            problems.push(ImportProblem::OffAndWorking {
                day,
                one: first.clone(),
                other: event.place.clone(),
            });
        }
    }
    if let (Some(first), false) = (said_first, says_something_new) {
        left_out.push(LeftOut {
            place: event.place.clone(),
            reason: LeftOutReason::SaidBefore { by: first },
        });
    }
}

/// The whole years for which the files are complete, as far as can be told from the days in them.
fn covered_years(
    days: impl Iterator<Item = Date>,
    problems: &mut Vec<ImportProblem>,
) -> Option<(Date, Date)> {
    let mut months: BTreeMap<i16, BTreeSet<i8>> = BTreeMap::new();
    for day in days {
        months.entry(day.year()).or_default().insert(day.month());
    }
    let only = |entry: Option<(&i16, &BTreeSet<i8>)>, month: i8| {
        entry
            .filter(|(_, months)| months.iter().all(|it| *it == month))
            .map(|(year, _)| *year)
    };
    if let Some(year) = only(months.first_key_value(), 12) {
        months.remove(&year);
    }
    if let Some(year) = only(months.last_key_value(), 1) {
        months.remove(&year);
    }
    let (Some((&first, _)), Some((&last, _))) = (months.first_key_value(), months.last_key_value())
    else {
        if problems.is_empty() {
            problems.push(ImportProblem::NothingCovered);
        }
        return None;
    };
    // A year without any holiday is a file that was forgotten.
    problems.extend(
        (first..=last)
            .filter(|year| !months.contains_key(year))
            .map(|year| ImportProblem::YearMissing { year }),
    );
    Some((date(first, 1, 1), date(last, 12, 31)))
}

/// Says which files a calendar was made of, as far as a label is long.
#[expect(
    clippy::expect_used,
    reason = "the text is cut and trimmed, and never empty"
)]
fn source_label(sources: &[IcsSource<'_>]) -> Label {
    let names: Vec<&str> = sources.iter().map(|source| source.name).collect();
    let text: String = format!("imported from {}", names.join(", "))
        .chars()
        .filter(|character| !character.is_control())
        .take(LABEL_LENGTH_MAX)
        .collect();
    text.trim().parse().expect("a composed label is a label")
}

#[cfg(test)]
mod tests;

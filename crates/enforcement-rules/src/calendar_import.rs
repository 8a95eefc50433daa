//! Calendars from iCalendar files, as holidays are commonly published.
//!
//! Only all-day events that happen once are understood. Anything else in a file is refused by name
//! rather than left out: a holiday that is overlooked makes somebody's deadline too early.

mod events;
mod problems;
mod summaries;

use std::collections::{BTreeMap, BTreeSet};

use events_schema::{CalendarContent, LABEL_LENGTH_MAX, Label, Weekday};
use jiff::civil::{Date, date};

use self::events::read_events;
pub use self::problems::{ImportProblem, ImportProblems};

/// The text of one iCalendar file.
#[derive(Debug, Clone, Copy)]
pub struct IcsSource<'a> {
    /// Names the file in problems and in the calendar's source.
    pub name: &'a str,
    /// Its text.
    pub text: &'a str,
}

/// How the summaries of make-up working days begin, unless whoever imports says otherwise.
pub const WORKING_DAY_PREFIXES: [&str; 3] = ["上班", "补班", "work"];

/// What an event makes of its days.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Effect {
    Off,
    Working,
}

/// Makes the content of a calendar from iCalendar files, which are merged.
///
/// An event whose summary begins with one of [`WORKING_DAY_PREFIXES`] makes extra working days, any other
/// days off; one that speaks of work elsewhere is refused, since it could be either. `covered` says for
/// which days the files are complete; without it these are the whole years that have events. A first year
/// with events in December only, or a last one with events in January only, is the edge of a holiday over
/// New Year and does not count as covered. Days that are not covered are left out.
pub fn import(
    sources: &[IcsSource<'_>],
    zone: Label,
    weekend: Vec<Weekday>,
    covered: Option<(Date, Date)>,
) -> Result<CalendarContent, ImportProblems> {
    import_with_prefixes(sources, zone, weekend, covered, &WORKING_DAY_PREFIXES)
}

/// The same for files that name their make-up working days differently: `prefixes` are how the summaries
/// of these begin, and take the place of [`WORKING_DAY_PREFIXES`].
pub fn import_with_prefixes(
    sources: &[IcsSource<'_>],
    zone: Label,
    weekend: Vec<Weekday>,
    covered: Option<(Date, Date)>,
    prefixes: &[&str],
) -> Result<CalendarContent, ImportProblems> {
    let mut problems = Vec::new();
    let mut days: BTreeMap<Date, (Effect, String)> = BTreeMap::new();
    for source in sources {
        for event in read_events(*source, prefixes, &mut problems) {
            for day in event.days() {
                let (effect, first) = days
                    .entry(day)
                    .or_insert_with(|| (event.effect, event.place.clone()));
                if *effect != event.effect {
                    problems.push(ImportProblem::OffAndWorking {
                        day,
                        one: first.clone(),
                        other: event.place.clone(),
                    });
                }
            }
        }
    }
    let covered = covered.or_else(|| covered_years(days.keys().copied(), &mut problems));
    let (Some((from, until)), true) = (covered, problems.is_empty()) else {
        return Err(ImportProblems::new(problems));
    };
    let with_effect = |wanted: Effect| {
        days.iter()
            .filter(|(day, (effect, _))| (from..=until).contains(*day) && *effect == wanted)
            .map(|(day, _)| *day)
            .collect()
    };
    Ok(CalendarContent {
        zone,
        weekend,
        days_off: with_effect(Effect::Off),
        extra_working_days: with_effect(Effect::Working),
        covered_from: from,
        covered_until: until,
        source: source_label(sources),
    })
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

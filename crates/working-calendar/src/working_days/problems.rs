//! What can be wrong with a calendar.

use std::{collections::BTreeSet, fmt};

use events_schema::{CalendarContent, Weekday};
use jiff::{civil::Date, tz::TimeZone};

use super::Day;

/// The longest span that a calendar may cover, in days: two hundred years.
const COVERED_DAYS_MAX: i64 = 73_050;

/// Everything that is wrong with a calendar; never empty.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CalendarProblems(Vec<CalendarProblem>);

/// One thing that is wrong with a calendar.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CalendarProblem {
    /// Versions are counted from 1.
    #[error("version: versions are counted from 1")]
    VersionZero,
    /// The zone is not in the built-in time zone database.
    #[error("zone: `{0}` is no IANA time zone, such as Asia/Shanghai")]
    UnknownZone(String),
    /// The zone is known, but by a text that other programs may not know: dates carry it.
    #[error("zone: `{found}` is written `{name}`")]
    ZoneMiswritten {
        /// What stands there.
        found: String,
        /// Its IANA name.
        name: String,
    },
    /// A day of the week is listed twice, which is likely a slip for another day.
    #[error("weekend: {0:?} is listed twice")]
    WeekendTwice(Weekday),
    /// No day of the week is left to work on, so no count would ever end.
    #[error("weekend: it leaves no working day in the week")]
    NoWorkingDay,
    /// The span ends before it begins.
    #[error("covered_until: {until} is before covered_from, {from}")]
    CoveredBackwards {
        /// The first day.
        from: Date,
        /// The last day.
        until: Date,
    },
    /// The span is too long to be true.
    #[error("covered_until: the calendar covers more than two hundred years")]
    CoveredTooLong,
    /// A listed day outside the span covered would be ignored by the count.
    #[error("{list}: {date} is outside the days covered, {from} to {until}")]
    NotCovered {
        /// `days_off` or `extra_working_days`.
        list: &'static str,
        /// The day.
        date: Date,
        /// The first day covered.
        from: Date,
        /// The last day covered.
        until: Date,
    },
    /// A day is listed twice, which is likely a slip for another day.
    #[error("{list}: {date} is listed twice")]
    ListedTwice {
        /// `days_off` or `extra_working_days`.
        list: &'static str,
        /// The day.
        date: Date,
    },
    /// A day cannot be both.
    #[error("days_off: {0} is listed as an extra working day too")]
    OffAndWorking(Date),
}

impl CalendarProblems {
    pub(super) const fn new(problems: Vec<CalendarProblem>) -> Self {
        Self(problems)
    }

    /// Each of them.
    pub fn problems(&self) -> &[CalendarProblem] {
        &self.0
    }

    /// Each as a sentence that begins with the key it is about.
    pub fn sentences(&self) -> Vec<String> {
        self.0.iter().map(ToString::to_string).collect()
    }
}

impl fmt::Display for CalendarProblems {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.sentences().join("\n"))
    }
}

impl std::error::Error for CalendarProblems {}

/// Finds everything that is wrong, so that whoever wrote the calendar corrects it in one go.
pub(super) fn check(
    version: u32,
    content: &CalendarContent,
    zone: Option<&TimeZone>,
) -> Vec<CalendarProblem> {
    let mut problems = Vec::new();
    if version == 0 {
        problems.push(CalendarProblem::VersionZero);
    }
    let found = content.zone.to_string();
    match zone.and_then(TimeZone::iana_name) {
        Some(name) if name == found => {}
        Some(name) => problems.push(CalendarProblem::ZoneMiswritten {
            found,
            name: name.to_owned(),
        }),
        None => problems.push(CalendarProblem::UnknownZone(found)),
    }
    let mut weekend = BTreeSet::new();
    for &weekday in &content.weekend {
        if !weekend.insert(weekday) {
            problems.push(CalendarProblem::WeekendTwice(weekday));
        }
    }
    if weekend.len() == 7 {
        problems.push(CalendarProblem::NoWorkingDay);
    }
    let (from, until) = (content.covered_from, content.covered_until);
    if until < from {
        problems.push(CalendarProblem::CoveredBackwards { from, until });
    } else if Day::of(until).0 - Day::of(from).0 >= COVERED_DAYS_MAX {
        problems.push(CalendarProblem::CoveredTooLong);
    }
    let off = check_list("days_off", &content.days_off, content, &mut problems);
    let working = check_list(
        "extra_working_days",
        &content.extra_working_days,
        content,
        &mut problems,
    );
    problems.extend(
        off.intersection(&working)
            .map(|date| CalendarProblem::OffAndWorking(*date)),
    );
    problems
}

fn check_list(
    list: &'static str,
    dates: &[Date],
    content: &CalendarContent,
    problems: &mut Vec<CalendarProblem>,
) -> BTreeSet<Date> {
    let (from, until) = (content.covered_from, content.covered_until);
    let mut seen = BTreeSet::new();
    for &date in dates {
        if !seen.insert(date) {
            problems.push(CalendarProblem::ListedTwice { list, date });
        } else if from <= until && !(from..=until).contains(&date) {
            problems.push(CalendarProblem::NotCovered {
                list,
                date,
                from,
                until,
            });
        }
    }
    seen
}

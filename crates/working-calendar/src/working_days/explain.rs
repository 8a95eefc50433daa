//! The count of working days shown day by day, for whoever doubts a date.

use events_schema::{Instant, Period};
use jiff::civil::Date;

use super::{Calendar, Day};

/// At most so many days are explained, about ten years.
pub const EXPLAINED_DAYS_MAX: usize = 3_660;

/// Why a day was counted, or was not.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DayExplained {
    /// The day, in the calendar's zone.
    pub date: Date,
    /// Whether it counts as a working day.
    pub counted: bool,
    /// Why.
    pub why: DayKind,
    /// Whether the calendar covers the day; otherwise only its weekday is known.
    pub known: bool,
}

/// What kind of day it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DayKind {
    /// A working day of any week.
    Weekday,
    /// A day of the weekend.
    Weekend,
    /// Listed as a day off.
    DayOff,
    /// Listed as an extra working day.
    ExtraWorkingDay,
}

impl Calendar {
    /// The days that a period of working days runs over: from the day after `from` to the last one
    /// counted. Of any other period it is empty, since there every day counts.
    ///
    /// A period that runs over more than [`EXPLAINED_DAYS_MAX`] days is explained up to there.
    pub fn explain(&self, from: Instant, period: Period) -> Vec<DayExplained> {
        let mut left = match period {
            Period::WorkingDays(count) => count,
            Period::Seconds(_) | Period::Minutes(_) | Period::Hours(_) | Period::Days(_) => 0,
        };
        let mut explained = Vec::new();
        let mut day = self.local_day(from);
        while left > 0 && explained.len() < EXPLAINED_DAYS_MAX {
            day = day.plus(1);
            let Some(date) = day.date() else { break };
            let why = self.kind(day);
            let counted = match why {
                DayKind::Weekday | DayKind::ExtraWorkingDay => true,
                DayKind::Weekend | DayKind::DayOff => false,
            };
            left -= u32::from(counted);
            explained.push(DayExplained {
                date,
                counted,
                why,
                known: self.covered.is_working(day).is_some(),
            });
        }
        explained
    }

    fn kind(&self, day: Day) -> DayKind {
        if self.extra_working_days.binary_search(&day).is_ok() {
            DayKind::ExtraWorkingDay
        } else if self.days_off.binary_search(&day).is_ok() {
            DayKind::DayOff
        } else if self.week.is_working(day) {
            DayKind::Weekday
        } else {
            DayKind::Weekend
        }
    }
}

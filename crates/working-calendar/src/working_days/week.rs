//! Counting where only the weekend is known: whole weeks at a time, so that no count takes long.

use events_schema::Weekday;
use jiff::{SignedDuration, civil::Date};

/// A day, as its distance from 1970-01-01: counting then needs no calendar arithmetic.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Day(pub(super) i64);

/// Which days of the week are working days; at least one is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Week {
    /// Monday first.
    working: [bool; 7],
    working_days: i64,
}

const EPOCH: Date = Date::constant(1970, 1, 1);
/// 1970-01-01 was a Thursday, three days after a Monday.
const EPOCH_DAYS_AFTER_MONDAY: i64 = 3;

impl Day {
    pub(super) fn of(date: Date) -> Self {
        Self(date.duration_since(EPOCH).as_hours() / 24)
    }

    /// `None` outside the years that the time library knows.
    pub(super) fn date(self) -> Option<Date> {
        let hours = self.0.checked_mul(24)?;
        EPOCH
            .checked_add(SignedDuration::try_from_hours(hours)?)
            .ok()
    }

    pub(super) const fn plus(self, days: i64) -> Self {
        Self(self.0.saturating_add(days))
    }
}

impl Week {
    pub(super) fn with_weekend(weekend: &[Weekday]) -> Self {
        let working = [
            Weekday::Monday,
            Weekday::Tuesday,
            Weekday::Wednesday,
            Weekday::Thursday,
            Weekday::Friday,
            Weekday::Saturday,
            Weekday::Sunday,
        ]
        .map(|weekday| !weekend.contains(&weekday));
        let working_days = working.iter().map(|works| i64::from(*works)).sum();
        Self {
            working,
            working_days,
        }
    }

    pub(super) fn is_working(self, day: Day) -> bool {
        usize::try_from((day.0 + EPOCH_DAYS_AFTER_MONDAY).rem_euclid(7))
            .ok()
            .and_then(|weekday| self.working.get(weekday))
            .is_some_and(|works| *works)
    }

    /// The n-th working day after a day; n is at least 1.
    pub(super) fn nth_after(self, day: Day, n: i64) -> Day {
        assert!(self.working_days > 0, "a checked week has a working day");
        // Any seven days in a row hold the same number of working days. One at least is left to walk to,
        // so that the count ends on a working day.
        let whole_weeks = (n - 1) / self.working_days;
        let mut left = n - whole_weeks * self.working_days;
        let mut day = day.plus(whole_weeks * 7);
        while left > 0 {
            day = day.plus(1);
            if self.is_working(day) {
                left -= 1;
            }
        }
        day
    }

    /// Working days after one day and before another.
    pub(super) fn working_between(self, after: Day, before: Day) -> i64 {
        let days = (before.0 - after.0 - 1).max(0);
        let rest = (1..=days % 7)
            .filter(|offset| self.is_working(after.plus(*offset)))
            .map(|_| 1)
            .sum::<i64>();
        days / 7 * self.working_days + rest
    }
}

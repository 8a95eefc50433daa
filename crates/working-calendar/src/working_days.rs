//! Working days: when a period ends on a calendar.
//!
//! A calendar knows, day by day, which days of the span that it covers are working days. Outside that
//! span only the weekend is known, and a date counted there is provisional. Start with
//! [`Calendar::due`]; [`Calendar::explain`] shows the same count day by day.

mod explain;
mod problems;
mod week;

use events_schema::{CalendarContent, CalendarId, Instant, Label, Period};
use jiff::{
    SignedDuration, Timestamp,
    civil::Date,
    tz::{TimeZone, TimeZoneDatabase},
};

pub use self::{
    explain::{DayExplained, DayKind, EXPLAINED_DAYS_MAX},
    problems::{CalendarProblem, CalendarProblems},
};
use self::{
    problems::check,
    week::{Day, Week},
};

/// One version of a calendar, checked, and made ready to count on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Calendar {
    id: CalendarId,
    version: u32,
    zone: Label,
    time_zone: TimeZone,
    week: Week,
    covered: Covered,
    days_off: Vec<Day>,
    extra_working_days: Vec<Day>,
}

/// When a period ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Due {
    /// The instant; exclusive: what arrives at it is late.
    pub at: Instant,
    /// Whether a day was counted that the calendar does not cover, so that a holiday announced later may
    /// move the date.
    pub provisional: bool,
}

/// The days of which everything is known, one bit each.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Covered {
    first: Day,
    last: Day,
    working: Vec<u64>,
}

const MICROSECONDS_PER_SECOND: i64 = 1_000_000;
const SECONDS_PER_DAY: i64 = 86_400;

impl Calendar {
    /// Checks the content of a calendar and prepares it for counting.
    ///
    /// The zone comes from the time zone database built into this program, never from the machine's,
    /// so that every replay counts the same.
    pub fn new(
        id: CalendarId,
        version: u32,
        content: &CalendarContent,
    ) -> Result<Self, CalendarProblems> {
        let zone = find_zone(content.zone.as_str());
        let problems = check(version, content, zone.as_ref());
        let Some(time_zone) = zone.filter(|_| problems.is_empty()) else {
            return Err(CalendarProblems::new(problems));
        };
        let week = Week::with_weekend(&content.weekend);
        let days_off = sorted_days(&content.days_off);
        let extra_working_days = sorted_days(&content.extra_working_days);
        let covered = Covered::new(
            Day::of(content.covered_from),
            Day::of(content.covered_until),
            |day| {
                extra_working_days.binary_search(&day).is_ok()
                    || (week.is_working(day) && days_off.binary_search(&day).is_err())
            },
        );
        Ok(Self {
            id,
            version,
            zone: content.zone.clone(),
            time_zone,
            week,
            covered,
            days_off,
            extra_working_days,
        })
    }

    /// Which calendar.
    pub const fn id(&self) -> &CalendarId {
        &self.id
    }

    /// Which version of it.
    pub const fn version(&self) -> u32 {
        self.version
    }

    /// The IANA name of its zone.
    pub const fn zone(&self) -> &Label {
        &self.zone
    }

    /// Its zone, from the built-in database.
    pub const fn time_zone(&self) -> &TimeZone {
        &self.time_zone
    }

    /// Whether a day is a working day, as far as the calendar knows; outside the days that it covers, a
    /// guess from the weekend.
    pub fn is_working_day(&self, date: Date) -> bool {
        let day = Day::of(date);
        self.covered
            .is_working(day)
            .unwrap_or_else(|| self.week.is_working(day))
    }

    /// When a period that begins at an instant ends.
    ///
    /// A period that ends after the last instant that can be written ends at that instant.
    pub fn due(&self, from: Instant, period: Period) -> Due {
        let known = |at| Due {
            at,
            provisional: false,
        };
        match period {
            Period::Seconds(count) => known(elapsed(from, count, 1)),
            Period::Minutes(count) => known(elapsed(from, count, 60)),
            Period::Hours(count) => known(elapsed(from, count, 3_600)),
            Period::Days(count) => known(self.same_time_after(from, count)),
            Period::WorkingDays(count) => {
                let (last, provisional) = self.last_counted(self.local_day(from), count);
                Due {
                    at: self.midnight(last.plus(1)),
                    provisional,
                }
            }
        }
    }

    /// The fewest working days from an instant that end no earlier than another.
    pub fn working_days_until(&self, from: Instant, until: Instant) -> u32 {
        let until = until.min(latest());
        let ends = |days: u32| self.due(from, Period::WorkingDays(days)).at >= until;
        // No calendar has more working days than days, and more of them never end earlier.
        let days = self.local_day(until).0 - self.local_day(from).0 + 1;
        let (mut fewest, mut enough) = (0, u32::try_from(days.max(0)).unwrap_or(u32::MAX));
        while fewest < enough {
            let middle = fewest + (enough - fewest) / 2;
            if ends(middle) {
                enough = middle;
            } else {
                fewest = middle + 1;
            }
        }
        fewest
    }

    /// The last of so many working days counted from the day after `from`, and whether the count touched
    /// a day that is not covered.
    fn last_counted(&self, from: Day, count: u32) -> (Day, bool) {
        let Covered { first, last, .. } = self.covered;
        let mut left = i64::from(count);
        let mut day = from;
        let mut provisional = false;
        if left > 0 && day.plus(1) < first {
            provisional = true;
            let before = self.week.working_between(day, first);
            if left <= before {
                return (self.week.nth_after(day, left), provisional);
            }
            left -= before;
            day = first.plus(-1);
        }
        while left > 0 && day < last {
            day = day.plus(1);
            if self.covered.is_working(day) == Some(true) {
                left -= 1;
            }
        }
        if left > 0 {
            provisional = true;
            day = self.week.nth_after(day, left);
        }
        (day, provisional)
    }

    /// The day in the zone that an instant falls on.
    fn local_day(&self, instant: Instant) -> Day {
        let offset = self.time_zone.to_offset(instant.timestamp()).seconds();
        let seconds = instant.microseconds().div_euclid(MICROSECONDS_PER_SECOND);
        Day((seconds + i64::from(offset)).div_euclid(SECONDS_PER_DAY))
    }

    /// The instant at which a day begins in the zone: where the clocks skip midnight, the first instant
    /// after the gap; where they strike it twice, the first of the two.
    fn midnight(&self, day: Day) -> Instant {
        let Some(date) = day.date() else {
            return if day.0 < 0 { earliest() } else { latest() };
        };
        self.time_zone
            .to_ambiguous_timestamp(date.at(0, 0, 0, 0))
            .compatible()
            .map_or_else(|_| latest(), Instant::from)
    }

    /// The same local time so many calendar days later; where the clocks skip it, as much later as they
    /// skip.
    fn same_time_after(&self, from: Instant, days: u32) -> Instant {
        let timestamp = from.timestamp();
        let local = self.time_zone.to_offset(timestamp).to_datetime(timestamp);
        local
            .date()
            .checked_add(SignedDuration::from_hours(24 * i64::from(days)))
            .and_then(|date| {
                self.time_zone
                    .to_ambiguous_timestamp(date.to_datetime(local.time()))
                    .compatible()
            })
            .map_or_else(|_| latest(), Instant::from)
    }
}

impl Covered {
    fn new(first: Day, last: Day, is_working: impl Fn(Day) -> bool) -> Self {
        let days = usize::try_from(last.0 - first.0 + 1).unwrap_or(0);
        let mut working = vec![0_u64; days.div_ceil(64)];
        let mut day = first;
        for word in &mut working {
            for bit in 0..64 {
                if day <= last && is_working(day) {
                    *word |= 1 << bit;
                }
                day = day.plus(1);
            }
        }
        Self {
            first,
            last,
            working,
        }
    }

    /// `None` for a day that is not covered.
    fn is_working(&self, day: Day) -> Option<bool> {
        if day < self.first || day > self.last {
            return None;
        }
        let index = usize::try_from(day.0 - self.first.0).ok()?;
        let word = self.working.get(index / 64)?;
        Some(word >> (index % 64) & 1 == 1)
    }
}

/// A zone of the built-in database that is a place's or UTC. `Factory` and `Etc/Unknown` stand for a
/// machine whose zone nobody has set.
fn find_zone(name: &str) -> Option<TimeZone> {
    TimeZoneDatabase::bundled()
        .get(name)
        .ok()
        .filter(|zone| zone.iana_name().is_some_and(|name| name != "Factory"))
}

fn sorted_days(dates: &[Date]) -> Vec<Day> {
    let mut days: Vec<Day> = dates.iter().copied().map(Day::of).collect();
    days.sort_unstable();
    days
}

/// Elapsed time is the same in every zone.
fn elapsed(from: Instant, count: u32, seconds_each: i64) -> Instant {
    from.plus_seconds(i64::from(count) * seconds_each)
        .min(latest())
}

/// The last instant that can be written.
fn latest() -> Instant {
    Timestamp::MAX.into()
}

/// The first instant that the time library knows.
fn earliest() -> Instant {
    Timestamp::MIN.into()
}

#[cfg(test)]
mod tests;

//! A point in time as it is given on the command line.

use std::str::FromStr;

use events_schema::{Instant, InvalidDay, InvalidInstant, parse_day};
use jiff::{civil::Date, tz::TimeZone};

use crate::failure::Failure;

/// An instant, or the beginning of a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum When {
    /// An instant, with its offset.
    Instant(Instant),
    /// A day. Where it begins is said by a time zone.
    Day(Date),
}

/// Why a text is neither.
#[derive(Debug, thiserror::Error)]
pub enum InvalidWhen {
    /// It looks like a day and is none.
    #[error(transparent)]
    Day(#[from] InvalidDay),
    /// It is no time.
    #[error("{0}; or a day, 2026-02-26")]
    Instant(#[from] InvalidInstant),
}

impl When {
    /// The instant; a day begins at midnight in this zone.
    pub fn in_zone(self, zone: &TimeZone) -> Result<Instant, Failure> {
        match self {
            Self::Instant(instant) => Ok(instant),
            Self::Day(day) => day
                .to_zoned_datetime(zone.clone())
                .map(|midnight| midnight.timestamp().into())
                .map_err(|error| Failure::Usage(format!("{day} has no beginning: {error}"))),
        }
    }
}

impl FromStr for When {
    type Err = InvalidWhen;

    fn from_str(text: &str) -> Result<Self, InvalidWhen> {
        if text.len() == "2026-02-26".len() {
            Ok(Self::Day(parse_day(text)?))
        } else {
            Ok(Self::Instant(text.parse()?))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn in_shanghai(text: &str) -> String {
        let zone = TimeZone::get("Asia/Shanghai").unwrap();
        let when: When = text.parse().unwrap();
        when.in_zone(&zone).unwrap().to_string()
    }

    #[test]
    fn a_time_is_what_its_offset_says_and_a_day_begins_at_midnight_in_the_zone() {
        for (text, instant) in [
            ("2026-02-26", "2026-02-25T16:00:00.000000Z"),
            ("2026-02-26T23:00:00Z", "2026-02-26T23:00:00.000000Z"),
            ("2026-02-26T23:00:00+08:00", "2026-02-26T15:00:00.000000Z"),
            ("2026-02-26T23:00:00-05:00", "2026-02-27T04:00:00.000000Z"),
            ("2026-02-26T23:00:00.5+01:00", "2026-02-26T22:00:00.500000Z"),
        ] {
            assert_eq!(in_shanghai(text), instant, "{text}");
        }
    }

    #[test]
    fn a_time_that_could_mean_several_instants_is_refused() {
        for text in [
            "2026-02-26T23:00:00",
            "2026-02-26 23:00",
            "13.2.2026",
            "2026-02-30",
            "20260226",
            "0000-02-26",
            "2026-02-26T23:00:60Z",
            "2026-02-26T23:00:00+24:00",
            "2026-02-26T23:00:00,5Z",
            "2026-02-26 23:00:00Z",
            "2026-02-26T23:00:00Z ",
            "2026-02-26T23:00:00+08:00[Asia/Shanghai]",
            "tomorrow",
            "",
        ] {
            assert!(text.parse::<When>().is_err(), "{text}");
        }
    }
}

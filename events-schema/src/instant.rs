//! Instants: UTC, microseconds, always written `2026-03-02T16:00:00.000000Z`.

mod reading;

use std::{fmt, str::FromStr};

use jiff::Timestamp;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use crate::written::WRITTEN_BY_OTHERS;

/// A point in time, UTC, in whole microseconds.
///
/// Written with six digits after the second and `Z`, so that equal instants are equal texts, as the
/// canonical header needs. What others write is read where it is exactly a `date-time` of RFC 3339, with any offset, of
/// the years 0001 to 9999 and without leap seconds; digits beyond the sixth are cut off, never rounded up.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Instant(i64);

const MICROS_PER_SECOND: i64 = 1_000_000;
const SECONDS_PER_DAY: i64 = 86_400;

/// Why a text is no instant.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{found}` {fault}; write 2026-03-02T16:00:00Z or, with an offset, 2026-03-03T00:00:00+08:00"
)]
pub struct InvalidInstant {
    found: String,
    fault: reading::Fault,
}

impl Instant {
    /// The instant so many microseconds after 1970-01-01T00:00:00Z.
    pub const fn from_microseconds(microseconds: i64) -> Self {
        Self(microseconds)
    }

    /// Microseconds after 1970-01-01T00:00:00Z.
    pub const fn microseconds(self) -> i64 {
        self.0
    }

    /// The same instant in the time library's own type; at its ends it is held to its range.
    pub fn timestamp(self) -> Timestamp {
        Timestamp::from_microsecond(self.0).unwrap_or(if self.0 < 0 {
            Timestamp::MIN
        } else {
            Timestamp::MAX
        })
    }

    /// This instant and so many seconds.
    #[must_use]
    pub const fn plus_seconds(self, seconds: i64) -> Self {
        Self(
            self.0
                .saturating_add(seconds.saturating_mul(MICROS_PER_SECOND)),
        )
    }

    /// Whole seconds from `earlier` to this instant, rounded up, never negative.
    ///
    /// Rounded up because it measures what is left of a party's period.
    pub const fn seconds_since(self, earlier: Self) -> i64 {
        let micros = self.0.saturating_sub(earlier.0);
        if micros <= 0 {
            0
        } else {
            (micros - 1) / MICROS_PER_SECOND + 1
        }
    }

    /// Reads what Redress itself wrote, by an earlier version too.
    pub(crate) fn read_stored(text: &str) -> Result<Self, InvalidInstant> {
        reading::read_stored(text).map(Self)
    }

    /// The text in its fixed width of 27 bytes, without an allocation.
    fn write(self) -> [u8; 27] {
        let seconds = self.0.div_euclid(MICROS_PER_SECOND);
        let micros = self.0.rem_euclid(MICROS_PER_SECOND);
        let (year, month, day) = civil_from_days(seconds.div_euclid(SECONDS_PER_DAY));
        let second_of_day = seconds.rem_euclid(SECONDS_PER_DAY);
        let mut text = *b"0000-00-00T00:00:00.000000Z";
        put(&mut text, 0, 4, year);
        put(&mut text, 5, 2, month);
        put(&mut text, 8, 2, day);
        put(&mut text, 11, 2, second_of_day / 3600);
        put(&mut text, 14, 2, second_of_day / 60 % 60);
        put(&mut text, 17, 2, second_of_day % 60);
        put(&mut text, 20, 6, micros);
        text
    }
}

/// Writes `value` in decimal, right-aligned in `width` bytes from `at`.
fn put(text: &mut [u8; 27], at: usize, width: usize, mut value: i64) {
    for byte in text.iter_mut().skip(at).take(width).rev() {
        *byte = b'0' + u8::try_from(value.rem_euclid(10)).unwrap_or(0);
        value /= 10;
    }
}

/// Year, month and day of a day count from 1970-01-01 (Hinnant's `civil_from_days`).
///
/// Own arithmetic because a header is written per event and the general formatter costs more than
/// the rest of the header together.
const fn civil_from_days(days: i64) -> (i64, i64, i64) {
    let z = days + 719_468;
    let era = z.div_euclid(146_097);
    let day_of_era = z.rem_euclid(146_097);
    let year_of_era =
        (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted_month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * shifted_month + 2) / 5 + 1;
    let month = if shifted_month < 10 {
        shifted_month + 3
    } else {
        shifted_month - 9
    };
    let year = year_of_era + era * 400 + if month <= 2 { 1 } else { 0 };
    (year, month, day)
}

/// Days from 1970-01-01 to a date (Hinnant's `days_from_civil`).
const fn days_from_civil(year: i64, month: i64, day: i64) -> i64 {
    let shifted_year = if month <= 2 { year - 1 } else { year };
    let era = shifted_year.div_euclid(400);
    let year_of_era = shifted_year.rem_euclid(400);
    let shifted_month = if month > 2 { month - 3 } else { month + 9 };
    let day_of_year = (153 * shifted_month + 2) / 5 + day - 1;
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    era * 146_097 + day_of_era - 719_468
}

impl From<Timestamp> for Instant {
    fn from(timestamp: Timestamp) -> Self {
        // The library's own microseconds are cut off towards 1970, which for a time before it is up.
        let micros = timestamp.as_nanosecond().div_euclid(1_000);
        Self(i64::try_from(micros).unwrap_or_else(|_| timestamp.as_microsecond()))
    }
}

impl FromStr for Instant {
    type Err = InvalidInstant;

    fn from_str(text: &str) -> Result<Self, InvalidInstant> {
        reading::read(text).map(Self)
    }
}

impl fmt::Display for Instant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(std::str::from_utf8(&self.write()).unwrap_or_default())
    }
}

impl fmt::Debug for Instant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl Serialize for Instant {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(std::str::from_utf8(&self.write()).unwrap_or_default())
    }
}

/// What stands in an error about a value that is no text.
const EXPECTED: &str = "an RFC 3339 time such as 2026-03-02T16:00:00Z";

/// Reads what Redress itself wrote.
struct StoredVisitor;

impl de::Visitor<'_> for StoredVisitor {
    type Value = Instant;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(EXPECTED)
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<Instant, E> {
        Instant::read_stored(text).map_err(E::custom)
    }
}

impl<'de> Deserialize<'de> for Instant {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct InstantVisitor;

        impl<'de> de::Visitor<'de> for InstantVisitor {
            type Value = Instant;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(EXPECTED)
            }

            fn visit_str<E: de::Error>(self, text: &str) -> Result<Instant, E> {
                text.parse().map_err(E::custom)
            }

            fn visit_newtype_struct<D: Deserializer<'de>>(
                self,
                deserializer: D,
            ) -> Result<Instant, D::Error> {
                deserializer.deserialize_str(StoredVisitor)
            }
        }

        deserializer.deserialize_newtype_struct(WRITTEN_BY_OTHERS, InstantVisitor)
    }
}

#[cfg(feature = "schema")]
impl schemars::JsonSchema for Instant {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Instant".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({
            "type": "string",
            "format": "date-time",
            "description": "A point in time, RFC 3339. Redress writes UTC with six digits after the second. It reads exactly \
                            that form of date and time with any offset, of the years 0001 to 9999 and without leap \
                            seconds; digits beyond the sixth are cut off.",
        })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn an_instant_is_written_in_utc_with_six_digits() {
        let instant: Instant = "2024-02-29T08:00:00.5+08:00".parse().unwrap();
        assert_eq!(instant.to_string(), "2024-02-29T00:00:00.500000Z");
        assert!("2024-02-30T00:00:00Z".parse::<Instant>().is_err());
        assert!("yesterday".parse::<Instant>().is_err());
    }

    #[test]
    fn what_is_no_text_is_answered_with_what_a_time_is() {
        let error = serde_json::from_str::<Instant>("5").unwrap_err();
        let expected = "invalid type: integer `5`, expected an RFC 3339 time";
        assert!(error.to_string().starts_with(expected), "{error}");
    }

    proptest! {
        #[test]
        fn own_formatter_and_reader_agree_with_the_library(
            micros in -62_135_596_800_000_000_i64..253_402_207_200_000_000_i64,
        ) {
            let instant = Instant::from_microseconds(micros);
            let text = instant.to_string();
            let by_library: Timestamp = text.parse().unwrap();
            prop_assert_eq!(by_library.as_microsecond(), micros);
            prop_assert_eq!(text.parse::<Instant>().unwrap(), instant);
        }
    }
}

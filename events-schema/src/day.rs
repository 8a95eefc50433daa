//! Calendar dates as others write them: exactly the `full-date` of RFC 3339.

use std::fmt;

use jiff::civil::Date;
use serde::{Deserialize, Deserializer, de};

use crate::written::WRITTEN_BY_OTHERS;

/// Why a text is no date.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{found}` is no date of the years 0001 to 9999; write it as 2026-03-02")]
pub struct InvalidDay {
    found: String,
}

/// Reads a date written as `2026-03-02`, of the years 0001 to 9999.
///
/// The time library reads a date from a date and time too, in other writings, with a zone: what it leaves out then may
/// be what somebody meant.
pub fn parse_day(text: &str) -> Result<Date, InvalidDay> {
    read(text).ok_or_else(|| InvalidDay {
        found: text.chars().take(80).collect(),
    })
}

fn read(text: &str) -> Option<Date> {
    let mut parts = text.split('-');
    let mut number = |digits: usize| {
        let part = parts.next()?;
        let plain = part.len() == digits && part.bytes().all(|byte| byte.is_ascii_digit());
        plain.then(|| part.parse::<i16>().ok()).flatten()
    };
    let (year, month, day) = (number(4)?, number(2)?, number(2)?);
    if year == 0 || parts.next().is_some() {
        return None;
    }
    Date::new(year, i8::try_from(month).ok()?, i8::try_from(day).ok()?).ok()
}

/// A date of a command or an event.
struct Day(Date);

/// What stands in an error about a value that is no text.
const EXPECTED: &str = "a date such as 2026-03-02";

/// Reads what Redress itself wrote.
struct StoredVisitor;

impl de::Visitor<'_> for StoredVisitor {
    type Value = Day;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(EXPECTED)
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<Day, E> {
        text.parse().map(Day).map_err(E::custom)
    }
}

impl<'de> Deserialize<'de> for Day {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct DayVisitor;

        impl<'de> de::Visitor<'de> for DayVisitor {
            type Value = Day;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(EXPECTED)
            }

            fn visit_str<E: de::Error>(self, text: &str) -> Result<Day, E> {
                parse_day(text).map(Day).map_err(E::custom)
            }

            fn visit_newtype_struct<D: Deserializer<'de>>(
                self,
                deserializer: D,
            ) -> Result<Day, D::Error> {
                deserializer.deserialize_str(StoredVisitor)
            }
        }

        deserializer.deserialize_newtype_struct(WRITTEN_BY_OTHERS, DayVisitor)
    }
}

/// Reads one date, for a field of the time library's own type.
pub(crate) fn one<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Date, D::Error> {
    Day::deserialize(deserializer).map(|Day(date)| date)
}

/// Reads a list of them.
pub(crate) fn many<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<Date>, D::Error> {
    let days = <Vec<Day>>::deserialize(deserializer)?;
    Ok(days.into_iter().map(|Day(date)| date).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_date_is_four_digits_two_and_two() {
        let date = Date::constant(2024, 2, 29);
        assert_eq!(parse_day("2024-02-29"), Ok(date));
        assert!(parse_day("0001-01-01").is_ok() && parse_day("9999-12-31").is_ok());
        for text in [
            "",
            "0000-01-01",
            "2026-02-29",
            "2026-2-3",
            "20260203",
            "-002026-02-03",
            "+002026-02-03",
            "2026-02-03T00:00:00",
            "2026-02-03T00:00:00Z",
            "2026-02-03T00:00:00+08:00[Asia/Shanghai]",
            "2026-02-03[u-ca=gregory]",
            " 2026-02-03",
            "2026-02-03 ",
            "2026-02-+3",
            "2026-02-03-04",
            "2026-W06-2",
            "２０２６-02-03",
        ] {
            let refused = parse_day(text).expect_err(text);
            assert!(refused.to_string().contains("2026-03-02"), "{text}");
        }
    }

    #[test]
    fn what_was_stored_is_read_as_it_was() {
        let day: Day = serde_json::from_str(r#""0000-01-01""#).unwrap();
        assert_eq!(day.0, Date::constant(0, 1, 1));
    }

    #[test]
    fn what_is_no_text_is_answered_with_what_a_date_is() {
        let error = serde_json::from_str::<Day>("5").err().unwrap();
        let expected = "invalid type: integer `5`, expected a date such as 2026-03-02";
        assert!(error.to_string().starts_with(expected), "{error}");
    }
}

//! Periods: how long something may take, as a rulebook writes it.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

/// A length of time: `7 working days`, `60 days`, `36 hours`, `5 minutes`, `20 seconds`.
///
/// Seconds, minutes and hours are elapsed time. Days are calendar days in the calendar's zone and end
/// at the same local time. Working days are counted from the next day and end at the midnight after
/// the last one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Period {
    /// Elapsed seconds.
    Seconds(u32),
    /// Elapsed minutes.
    Minutes(u32),
    /// Elapsed hours.
    Hours(u32),
    /// Calendar days.
    Days(u32),
    /// Working days of a calendar.
    WorkingDays(u32),
}

/// Why a text is no period.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{found}` is no period: write a whole number and seconds, minutes, hours, days or working days, \
     as in `7 working days`"
)]
pub struct InvalidPeriod {
    found: String,
}

impl Period {
    /// How many of its unit.
    pub const fn count(self) -> u32 {
        match self {
            Self::Seconds(count)
            | Self::Minutes(count)
            | Self::Hours(count)
            | Self::Days(count)
            | Self::WorkingDays(count) => count,
        }
    }

    /// Its unit, for one of it.
    const fn unit(self) -> &'static str {
        match self {
            Self::Seconds(_) => "second",
            Self::Minutes(_) => "minute",
            Self::Hours(_) => "hour",
            Self::Days(_) => "day",
            Self::WorkingDays(_) => "working day",
        }
    }
}

/// Reads a number as [`Period`] writes it, so that each period has one text.
fn read_count(digits: &str) -> Option<u32> {
    let plain = digits.bytes().all(|byte| byte.is_ascii_digit());
    let padded = digits.len() > 1 && digits.starts_with('0');
    (plain && !padded).then(|| digits.parse().ok()).flatten()
}

impl FromStr for Period {
    type Err = InvalidPeriod;

    /// Singular and plural are both read after any number.
    fn from_str(text: &str) -> Result<Self, InvalidPeriod> {
        let read = || {
            let (digits, unit) = text.split_once(' ')?;
            let count = read_count(digits)?;
            match unit.strip_suffix('s').unwrap_or(unit) {
                "second" => Some(Self::Seconds(count)),
                "minute" => Some(Self::Minutes(count)),
                "hour" => Some(Self::Hours(count)),
                "day" => Some(Self::Days(count)),
                "working day" => Some(Self::WorkingDays(count)),
                _ => None,
            }
        };
        read().ok_or_else(|| InvalidPeriod {
            found: text.chars().take(80).collect(),
        })
    }
}

impl fmt::Display for Period {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let plural = if self.count() == 1 { "" } else { "s" };
        write!(f, "{} {}{plural}", self.count(), self.unit())
    }
}

impl Serialize for Period {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Period {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct PeriodVisitor;

        impl de::Visitor<'_> for PeriodVisitor {
            type Value = Period;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a period such as `7 working days`")
            }

            fn visit_str<E: de::Error>(self, text: &str) -> Result<Period, E> {
                text.parse().map_err(E::custom)
            }
        }

        deserializer.deserialize_str(PeriodVisitor)
    }
}

#[cfg(feature = "schema")]
impl schemars::JsonSchema for Period {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Period".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({
            "type": "string",
            "pattern": "^(0|[1-9][0-9]{0,9}) (second|minute|hour|day|working day)s?$",
            "description": "A length of time: `7 working days`, `60 days`, `36 hours`, `5 minutes`, `20 seconds`. Hours and less are elapsed time; days are calendar days in the calendar's zone; working days are counted from the next day and end at the midnight after the last one.",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_period_is_written_as_it_is_read() {
        for (text, period) in [
            ("20 seconds", Period::Seconds(20)),
            ("5 minutes", Period::Minutes(5)),
            ("36 hours", Period::Hours(36)),
            ("60 days", Period::Days(60)),
            ("7 working days", Period::WorkingDays(7)),
            ("1 working day", Period::WorkingDays(1)),
            ("0 days", Period::Days(0)),
            ("4294967295 hours", Period::Hours(u32::MAX)),
        ] {
            assert_eq!(text.parse::<Period>().unwrap(), period);
            assert_eq!(period.to_string(), text);
            let json = format!("\"{text}\"");
            assert_eq!(serde_json::to_string(&period).unwrap(), json);
            assert_eq!(serde_json::from_str::<Period>(&json).unwrap(), period);
        }
        assert_eq!("1 days".parse::<Period>().unwrap(), Period::Days(1));
    }

    #[test]
    fn what_is_no_period_is_refused_with_an_example() {
        for text in [
            "",
            "7",
            "days",
            "7days",
            "7  days",
            " 7 days",
            "+7 days",
            "-1 days",
            "07 days",
            "1.5 hours",
            "4294967296 days",
            "7 weeks",
            "7 workdays",
            "7 dayss",
            "七 days",
        ] {
            let refused = text.parse::<Period>().unwrap_err().to_string();
            assert!(refused.contains("`7 working days`"), "{text}: {refused}");
        }
    }
}

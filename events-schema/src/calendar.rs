//! What a calendar of working days says.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::{Label, day};

/// The content of one version of a calendar: which days are no working days, in which zone, and for
/// which days that is known.
///
/// Outside the days covered only the weekend is known; a date counted there is provisional, because a
/// holiday may yet be announced.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct CalendarContent {
    /// The IANA time zone in which its days begin and end: `Asia/Shanghai`.
    pub zone: Label,
    /// The days of each week that are no working days, unless a day is listed as an extra one.
    pub weekend: Vec<Weekday>,
    /// Days that are no working days.
    #[serde(default, deserialize_with = "day::many")]
    #[cfg_attr(feature = "schema", schemars(with = "Vec<DateSchema>"))]
    pub days_off: Vec<Date>,
    /// Days that are working days although they fall on the weekend (调休上班).
    #[serde(default, deserialize_with = "day::many")]
    #[cfg_attr(feature = "schema", schemars(with = "Vec<DateSchema>"))]
    pub extra_working_days: Vec<Date>,
    /// The first day of which it is known whether it is a working day.
    #[serde(deserialize_with = "day::one")]
    #[cfg_attr(feature = "schema", schemars(with = "DateSchema"))]
    pub covered_from: Date,
    /// The last such day, inclusive.
    #[serde(deserialize_with = "day::one")]
    #[cfg_attr(feature = "schema", schemars(with = "DateSchema"))]
    pub covered_until: Date,
    /// Where the days come from: the announcement, or the files that were imported.
    pub source: Label,
}

/// A day of the week.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum Weekday {
    /// Monday.
    Monday,
    /// Tuesday.
    Tuesday,
    /// Wednesday.
    Wednesday,
    /// Thursday.
    Thursday,
    /// Friday.
    Friday,
    /// Saturday.
    Saturday,
    /// Sunday.
    Sunday,
}

/// How a date is written: the time library has no schema of its own.
#[cfg(feature = "schema")]
struct DateSchema;

#[cfg(feature = "schema")]
impl schemars::JsonSchema for DateSchema {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Date".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({
            "type": "string",
            "format": "date",
            "description": "A calendar date, as 2026-03-02.",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_calendar_is_written_as_it_is_read() {
        let json = r#"{"zone":"Asia/Shanghai","weekend":["saturday","sunday"],"days_off":["2026-01-01"],"extra_working_days":["2026-01-04"],"covered_from":"2026-01-01","covered_until":"2026-12-31","source":"an announcement"}"#;
        let content: CalendarContent = serde_json::from_str(json).unwrap();
        assert_eq!(content.weekend, [Weekday::Saturday, Weekday::Sunday]);
        assert_eq!(serde_json::to_string(&content).unwrap(), json);
    }
}

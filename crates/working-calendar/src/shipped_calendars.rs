//! The calendars that come with Redress, in files of its own.
//!
//! They are not used by themselves: an administrator publishes one with `PublishCalendar`, so that the
//! log holds every day that a date was ever counted on.

use std::collections::BTreeMap;

use events_schema::{CalendarContent, CalendarId, Label, Weekday};
use jiff::civil::Date;
use serde::Deserialize;

const FILES: [&str; 2] = [
    include_str!("../calendars/cn.toml"),
    include_str!("../calendars/utc.toml"),
];

/// Every calendar that comes with Redress: its id, its version and its content.
#[expect(
    clippy::expect_used,
    reason = "the files are part of the program, and a test reads them"
)]
pub fn shipped_calendars() -> Vec<(CalendarId, u32, CalendarContent)> {
    FILES
        .iter()
        .map(|text| read(text).expect("a shipped calendar reads"))
        .collect()
}

/// A calendar file: the days of each year in short.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct CalendarFile {
    id: CalendarId,
    version: u32,
    zone: Label,
    weekend: Vec<Weekday>,
    covered_from: Date,
    covered_until: Date,
    source: Label,
    #[serde(default)]
    years: BTreeMap<String, Year>,
}

/// `01-01` or `02-15..02-21`, both ends included.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Year {
    days_off: Vec<String>,
    extra_working_days: Vec<String>,
}

/// Why a calendar file does not read.
#[derive(Debug, thiserror::Error)]
enum InvalidFile {
    #[error("read the file")]
    Toml(#[from] toml::de::Error),
    #[error("read the days {days} of {year}")]
    Days {
        year: String,
        days: String,
        source: jiff::Error,
    },
}

fn read(text: &str) -> Result<(CalendarId, u32, CalendarContent), InvalidFile> {
    let file: CalendarFile = toml::from_str(text)?;
    let mut content = CalendarContent {
        zone: file.zone,
        weekend: file.weekend,
        days_off: Vec::new(),
        extra_working_days: Vec::new(),
        covered_from: file.covered_from,
        covered_until: file.covered_until,
        source: file.source,
    };
    for (year, days) in &file.years {
        read_days(year, &days.days_off, &mut content.days_off)?;
        read_days(
            year,
            &days.extra_working_days,
            &mut content.extra_working_days,
        )?;
    }
    Ok((file.id, file.version, content))
}

fn read_days(year: &str, spans: &[String], dates: &mut Vec<Date>) -> Result<(), InvalidFile> {
    for span in spans {
        let (first, last) = span.split_once("..").unwrap_or((span, span));
        let read = |day: &str| {
            format!("{year}-{day}")
                .parse::<Date>()
                .map_err(|source| InvalidFile::Days {
                    year: year.to_owned(),
                    days: span.clone(),
                    source,
                })
        };
        let last = read(last)?;
        dates.extend(
            read(first)?
                .series(jiff::Span::new().days(1))
                .take_while(|date| *date <= last),
        );
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Calendar;

    #[test]
    fn every_shipped_calendar_is_valid() {
        let calendars = shipped_calendars();
        let ids: Vec<&str> = calendars.iter().map(|(id, ..)| id.as_str()).collect();
        assert_eq!(ids, ["cn", "utc"]);
        for (id, version, content) in calendars {
            Calendar::new(id, version, &content).unwrap();
        }
    }

    #[test]
    fn a_span_holds_both_its_ends() {
        let mut dates = Vec::new();
        read_days("2023", &["09-29..10-02".to_owned()], &mut dates).unwrap();
        let dates: Vec<String> = dates.iter().map(ToString::to_string).collect();
        assert_eq!(
            dates,
            ["2023-09-29", "2023-09-30", "2023-10-01", "2023-10-02"]
        );
        assert!(read_days("2023", &["02-29".to_owned()], &mut Vec::new()).is_err());
    }
}

//! `redress calendar import`: a calendar from iCalendar files, with everything in them that makes no day of it.

use std::{collections::BTreeMap, fmt::Write as _, fs, path::PathBuf};

use clap::Args;
use events_schema::{CalendarContent, CalendarId, Weekday, parse_day};
use jiff::civil::Date;
use serde::Serialize;
use serde_json::{Value, json};
use working_calendar::{Calendar, IcsSource, Imported, Marks};

use super::body;
use crate::{
    failure::{Failure, unreadable},
    output::{Output, counted},
};

/// What files came to, for programs.
#[derive(Debug, Serialize)]
struct Report {
    /// The body of `PublishCalendar`.
    body: Value,
    counts: Counts,
    days_off: Vec<Date>,
    extra_working_days: Vec<Date>,
    left_out: Vec<LeftOut>,
}

#[derive(Debug, Serialize)]
struct Counts {
    entries: usize,
    days_off: usize,
    extra_working_days: usize,
    left_out: usize,
    left_out_by_reason: BTreeMap<&'static str, usize>,
}

/// An entry that changes no day, or not all of its days.
#[derive(Debug, Serialize)]
struct LeftOut {
    entry: String,
    reason: &'static str,
    detail: String,
}

/// Arguments of `calendar import`.
#[derive(Debug, Args)]
pub struct Arguments {
    /// The files.
    #[arg(required = true)]
    pub files: Vec<PathBuf>,
    /// The IANA name of the time zone.
    #[arg(long)]
    pub zone: String,
    /// The days of the weekend.
    #[arg(long, value_delimiter = ',', default_value = "saturday,sunday")]
    pub weekend: Vec<String>,
    /// The id of the calendar.
    #[arg(long, default_value = "cn")]
    pub id: CalendarId,
    /// Its version.
    #[arg(long, default_value_t = 1)]
    pub version: u32,
    /// The first day that it covers; with --to. Otherwise the years that the files speak of.
    #[arg(long, requires = "to", value_parser = parse_day)]
    pub from: Option<Date>,
    /// The last day that it covers.
    #[arg(long, requires = "from", value_parser = parse_day)]
    pub to: Option<Date>,
    /// How the summary of a make-up working day begins, in place of 上班, 补班 and work. Can be given several times.
    #[arg(long, value_name = "WORDS")]
    pub working_day: Vec<String>,
    /// What marks an observance, in place of Observance and 纪念日: one of its categories, the first words of its
    /// description, or what stands in brackets at the end of its summary. Can be given several times; with '' nothing
    /// is.
    #[arg(long, value_name = "WORDS")]
    pub observance: Vec<String>,
}

pub(super) fn run(arguments: &Arguments, output: Output) -> Result<(), Failure> {
    let imported = import(arguments)?;
    let content = &imported.content;
    let report = report(body(&arguments.id, arguments.version, content), &imported);
    output.note(&describe(&report, content));
    // For people the body alone: it is to be sent on.
    output.result(&report, |report| {
        serde_json::to_string_pretty(&report.body).unwrap_or_default()
    });
    Ok(())
}

fn import(arguments: &Arguments) -> Result<Imported, Failure> {
    let mut files = Vec::new();
    for file in &arguments.files {
        let bytes = fs::read(file).map_err(|error| unreadable(file.display(), &error))?;
        files.push((file.display().to_string(), bytes));
    }
    let sources: Vec<_> = files
        .iter()
        .map(|(name, bytes)| IcsSource { name, bytes })
        .collect();
    let usage = |error: &dyn std::fmt::Display| Failure::Usage(error.to_string());
    let weekend: Vec<Weekday> = arguments
        .weekend
        .iter()
        .map(|day| {
            serde_json::from_value(json!(day))
                .map_err(|_| Failure::Usage(format!("`{day}` is no day of the week")))
        })
        .collect::<Result<_, _>>()?;
    let zone = arguments.zone.parse().map_err(|error| usage(&error))?;
    let covered = arguments.from.zip(arguments.to);
    let working_days = words(&arguments.working_day, Marks::USUAL.working_days);
    let observances = words(&arguments.observance, Marks::USUAL.observances);
    let marks = Marks {
        working_days: &working_days,
        observances: &observances,
    };
    let imported = working_calendar::import(&sources, &marks, zone, weekend, covered)
        .map_err(|problems| usage(&problems))?;
    Calendar::new(arguments.id.clone(), arguments.version, &imported.content)
        .map_err(|problems| usage(&problems))?;
    Ok(imported)
}

/// The words that were given, or those that are usual.
fn words<'a>(given: &'a [String], usual: &'a [&'a str]) -> Vec<&'a str> {
    if given.is_empty() {
        usual.to_vec()
    } else {
        given.iter().map(String::as_str).collect()
    }
}

fn report(body: Value, imported: &Imported) -> Report {
    let left_out: Vec<LeftOut> = imported
        .left_out
        .iter()
        .map(|left| LeftOut {
            entry: left.place.clone(),
            reason: left.reason.code(),
            detail: left.reason.to_string(),
        })
        .collect();
    let mut left_out_by_reason = BTreeMap::new();
    for left in &left_out {
        *left_out_by_reason.entry(left.reason).or_default() += 1;
    }
    let (days_off, extra_working_days) = (
        imported.content.days_off.clone(),
        imported.content.extra_working_days.clone(),
    );
    Report {
        body,
        counts: Counts {
            entries: imported.entries,
            days_off: days_off.len(),
            extra_working_days: extra_working_days.len(),
            left_out: left_out.len(),
            left_out_by_reason,
        },
        days_off,
        extra_working_days,
        left_out,
    }
}

fn describe(report: &Report, content: &CalendarContent) -> String {
    let Counts {
        entries,
        days_off,
        extra_working_days,
        left_out,
        ref left_out_by_reason,
    } = report.counts;
    let number = |count: usize| count as u64;
    let entries = if entries == 1 {
        "1 entry".to_owned()
    } else {
        format!("{entries} entries")
    };
    let mut text = format!(
        "{entries}: {} off and {}, from {} to {}; left out: {left_out}",
        counted(number(days_off), "day"),
        counted(number(extra_working_days), "make-up working day"),
        content.covered_from,
        content.covered_until
    );
    // Writing into a string cannot fail.
    for (at, (reason, count)) in left_out_by_reason.iter().enumerate() {
        let before = if at == 0 { " (" } else { ", " };
        let _ = write!(text, "{before}{count} {}", reason.replace('_', " "));
    }
    text.push_str(if left_out_by_reason.is_empty() {
        "\n"
    } else {
        ")\n"
    });
    for LeftOut { entry, detail, .. } in &report.left_out {
        let _ = writeln!(text, "  left out  {entry}: {detail}");
    }
    let _ = write!(
        text,
        "the body of PublishCalendar, covering {} to {}: the days outside are not known, and deadlines there are \
         provisional, whatever an earlier version covered; pipe it to `redress send --as administrator:NAME \
         PublishCalendar -`",
        content.covered_from, content.covered_until
    );
    text
}

//! `redress calendar`: import one from iCalendar files, show one, explain a due date day by day.

mod import;

use std::{fmt::Write as _, path::Path};

use clap::{Args, Subcommand};
use events_schema::{
    CalendarContent, CalendarId, Command, CommandName, Instant, Period, Role, parse_command,
};
use jiff::civil::Date;
use serde::Serialize;
use serde_json::json;
use working_calendar::{Calendar, DayKind, EXPLAINED_DAYS_MAX, shipped_calendars};

use crate::{
    failure::{Failure, unreadable},
    output::Output,
    text_file,
    when::When,
};

/// Arguments of `calendar`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  redress calendar show cn
  redress calendar explain \"7 working days\" --from 2026-02-13
  redress calendar import cn-2026.ics cn-2027.ics \\
    --zone Asia/Shanghai --id cn --version 2")]
pub struct Arguments {
    /// What to do.
    #[command(subcommand)]
    pub what: What,
}

/// What to do with calendars.
#[derive(Debug, Subcommand)]
pub enum What {
    /// Make the body of `PublishCalendar` from iCalendar files.
    #[command(after_help = "\
A version takes the place of the one before as a whole: name the files of every year that is to stay covered, and not \
only the new one.

Events of whole days that happen once make days off, or working days by how their summary begins. What is left out is \
listed with its reason: observances, half days, what is tentative or cancelled, versions that a higher SEQUENCE \
replaces. Anything else is refused by name. Half a day is an event of less than 23 hours, or one that says so (half \
day, 半天); the calendars of Google mark observances in any language, by saying how they are hidden. With -o json the \
body is `body`, beside counts and lists.

Example:
  redress calendar import cn-2025.ics cn-2026.ics cn-2027.ics \\
    --zone Asia/Shanghai --id cn --version 2 |
    redress send --as administrator:me PublishCalendar -")]
    Import(import::Arguments),
    /// Show a calendar: a shipped one (cn, utc), or a file with a body of `PublishCalendar`.
    #[command(
        after_help = "Example:\n  redress calendar show cn --command |\n    redress send --as administrator:me PublishCalendar -"
    )]
    Show {
        /// The calendar.
        #[arg(default_value = "cn")]
        calendar: String,
        /// Print the body of `PublishCalendar`.
        #[arg(long)]
        command: bool,
    },
    /// Count a period day by day.
    #[command(
        after_help = "Example: redress calendar explain \"7 working days\" --from 2026-02-13"
    )]
    Explain {
        /// The period.
        period: Period,
        /// From a day, which begins at midnight in the zone of the calendar, or from a time with its offset.
        #[arg(long)]
        from: When,
        /// On this calendar.
        #[arg(long, default_value = "cn")]
        calendar: String,
    },
}

pub fn run(arguments: &Arguments, output: Output) -> Result<(), Failure> {
    match &arguments.what {
        What::Import(arguments) => import::run(arguments, output),
        What::Show { calendar, command } => {
            let (id, version, content) = find(calendar)?;
            if *command {
                output.result(&body(&id, version, &content), ToString::to_string);
            } else {
                output.result(&content, describe);
            }
            Ok(())
        }
        What::Explain {
            period,
            from,
            calendar,
        } => explain(*period, *from, calendar, output),
    }
}

/// The body of `PublishCalendar`.
fn body(id: &CalendarId, version: u32, content: &CalendarContent) -> serde_json::Value {
    json!({ "facts": { "calendar": id, "version": version, "content": content } })
}

/// A shipped calendar by its id, or a file with a body of `PublishCalendar`.
fn find(name: &str) -> Result<(CalendarId, u32, CalendarContent), Failure> {
    if let Some(found) = shipped_calendars()
        .into_iter()
        .find(|(id, ..)| id.as_str() == name)
    {
        return Ok(found);
    }
    let text = text_file::read(Path::new(name)).map_err(|error| {
        unreadable(
            format!("{name}, which is no shipped calendar (cn, utc)"),
            &error,
        )
    })?;
    let wrong =
        |problem: &str| Failure::Usage(format!("{name} is no body of PublishCalendar: {problem}"));
    // Read as the service reads it: a date that it refuses is not shown as if it were good.
    let somebody = "cli".parse().map_err(|_| wrong("nobody reads it"))?;
    let role = Role::Administrator;
    let parsed = parse_command(
        CommandName::PublishCalendar,
        role,
        &somebody,
        text.as_bytes(),
    )
    .map_err(|malformed| wrong(&malformed.to_string()))?;
    let Command::PublishCalendar(facts) = parsed.command else {
        return Err(wrong("it is another command"));
    };
    Ok((facts.calendar, facts.version, facts.content))
}

fn describe(content: &CalendarContent) -> String {
    let mut text = format!(
        "zone {}, covered from {} to {}; weekend {}\nsource: {}\n",
        content.zone,
        content.covered_from,
        content.covered_until,
        content
            .weekend
            .iter()
            .map(|day| format!("{day:?}").to_lowercase())
            .collect::<Vec<_>>()
            .join(", "),
        content.source
    );
    let years = content.covered_from.year()..=content.covered_until.year();
    for year in years {
        let of_year = |days: &[Date]| {
            days.iter()
                .filter(|day| day.year() == year)
                .map(|day| day.strftime("%m-%d").to_string())
                .collect::<Vec<_>>()
                .join(" ")
        };
        let (off, extra) = (
            of_year(&content.days_off),
            of_year(&content.extra_working_days),
        );
        if !off.is_empty() || !extra.is_empty() {
            // Writing into a string cannot fail.
            let _ = write!(text, "{year}\n  off      {off}\n  working  {extra}\n");
        }
    }
    text
}

#[derive(Serialize)]
struct Explained {
    from: Instant,
    period: Period,
    due: Instant,
    due_in_zone: String,
    provisional: bool,
    days: Vec<Day>,
    /// Whether days of the period are left out behind these, because there are very many.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    days_left_out: bool,
}

#[derive(Serialize)]
struct Day {
    date: Date,
    counted: bool,
    why: &'static str,
    known: bool,
}

fn explain(period: Period, from: When, calendar: &str, output: Output) -> Result<(), Failure> {
    let (id, version, content) = find(calendar)?;
    let calendar = Calendar::new(id, version, &content)
        .map_err(|problems| Failure::Usage(problems.to_string()))?;
    let from = from.in_zone(calendar.time_zone())?;
    let due = calendar.due(from, period);
    let zoned = due
        .at
        .timestamp()
        .to_zoned_datetime(calendar.time_zone().clone());
    let days = calendar.explain(from, period);
    let days_left_out = days.len() == EXPLAINED_DAYS_MAX;
    let explained = Explained {
        from,
        period,
        due: due.at,
        due_in_zone: zoned.to_string(),
        provisional: due.provisional,
        days_left_out,
        days: days
            .into_iter()
            .map(|day| Day {
                date: day.date,
                counted: day.counted,
                why: match day.why {
                    DayKind::Weekday => "weekday",
                    DayKind::Weekend => "weekend",
                    DayKind::DayOff => "day off",
                    DayKind::ExtraWorkingDay => "extra working day",
                },
                known: day.known,
            })
            .collect(),
    };
    output.result(&explained, |explained| {
        let mut text = String::new();
        let mut count = 0;
        for day in &explained.days {
            count += u32::from(day.counted);
            let counted = if day.counted {
                count.to_string()
            } else {
                "-".to_owned()
            };
            let known = if day.known {
                ""
            } else {
                " (assumed: beyond what the calendar covers)"
            };
            let _ = writeln!(text, "{}  {counted:>3}  {}{known}", day.date, day.why);
        }
        if explained.days_left_out {
            let _ = writeln!(
                text,
                "... and so on: the days behind these are counted too, and not shown"
            );
        }
        let provisional = if explained.provisional {
            "; provisional"
        } else {
            ""
        };
        let _ = write!(
            text,
            "{} from {}: in time before {} ({}){provisional}",
            explained.period, explained.from, explained.due_in_zone, explained.due
        );
        text
    });
    Ok(())
}

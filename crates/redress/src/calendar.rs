//! `redress calendar`: import one from iCalendar files, show one, explain a due date day by day.

mod import;

use std::{fmt::Write as _, path::Path};

use events_schema::{
    CalendarContent, CalendarId, Command, CommandName, Instant, Period, Role, parse_command,
};
use jiff::civil::Date;
use serde::Serialize;
use serde_json::json;
use working_calendar::{Calendar, DayKind, EXPLAINED_DAYS_MAX, shipped_calendars};

use crate::{
    cli,
    failure::{Failure, unreadable},
    output::Output,
    text_file,
    when::When,
};

pub fn run(arguments: &cli::Calendar, output: Output) -> Result<(), Failure> {
    match &arguments.what {
        cli::CalendarCommand::Import(arguments) => import::run(arguments, output),
        cli::CalendarCommand::Show { calendar, command } => {
            let (id, version, content) = find(calendar)?;
            if *command {
                output.result(&body(&id, version, &content), ToString::to_string);
            } else {
                output.result(&content, describe);
            }
            Ok(())
        }
        cli::CalendarCommand::Explain {
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

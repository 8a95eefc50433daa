//! `redress calendar`: import one from iCalendar files, show one, explain a due date day by day.

use std::{fmt::Write as _, fs};

use enforcement_rules::{Calendar, DayKind, IcsSource, import, shipped_calendars};
use events_schema::{CalendarContent, CalendarId, Instant, Period, Weekday};
use jiff::civil::Date;
use serde::Serialize;
use serde_json::json;

use crate::{
    cli,
    failure::{Failure, unreadable},
    output::Output,
    when::When,
};

pub fn run(arguments: &cli::Calendar, output: Output) -> Result<(), Failure> {
    match &arguments.what {
        cli::CalendarCommand::Import(arguments) => import_files(arguments, output),
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

fn import_files(arguments: &cli::CalendarImport, output: Output) -> Result<(), Failure> {
    let mut texts = Vec::new();
    for file in &arguments.files {
        let text = fs::read_to_string(file).map_err(|error| unreadable(file.display(), &error))?;
        texts.push((file.display().to_string(), text));
    }
    let sources: Vec<_> = texts
        .iter()
        .map(|(name, text)| IcsSource { name, text })
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
    let content = import(&sources, zone, weekend, covered).map_err(|problems| usage(&problems))?;
    Calendar::new(arguments.id.clone(), arguments.version, &content)
        .map_err(|problems| usage(&problems))?;
    let body = body(&arguments.id, arguments.version, &content);
    output.note(&format!(
        "the body of PublishCalendar, covering {} to {}: the days outside are not known, and deadlines there are \
         provisional, whatever an earlier version covered; pipe it to `redress send --as administrator:NAME \
         PublishCalendar -`",
        content.covered_from, content.covered_until
    ));
    // For people as for programs: it is to be sent on.
    output.result(&body, |body| {
        serde_json::to_string_pretty(body).unwrap_or_default()
    });
    Ok(())
}

/// The body of `PublishCalendar`.
fn body(id: &CalendarId, version: u32, content: &CalendarContent) -> serde_json::Value {
    json!({ "facts": { "calendar": id, "version": version, "content": content } })
}

/// A shipped calendar by its id, or a file with a body of `PublishCalendar`.
fn find(name: &str) -> Result<(CalendarId, u32, CalendarContent), Failure> {
    #[derive(serde::Deserialize)]
    struct Body {
        facts: events_schema::PublishCalendar,
    }
    if let Some(found) = shipped_calendars()
        .into_iter()
        .find(|(id, ..)| id.as_str() == name)
    {
        return Ok(found);
    }
    let text = fs::read_to_string(name).map_err(|error| {
        unreadable(
            format!("{name}, which is no shipped calendar (cn, utc)"),
            &error,
        )
    })?;
    let Body { facts } = serde_json::from_str(&text).map_err(|error| {
        Failure::Usage(format!("{name} is no body of PublishCalendar: {error}"))
    })?;
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
    let explained = Explained {
        from,
        period,
        due: due.at,
        due_in_zone: zoned.to_string(),
        provisional: due.provisional,
        days: calendar
            .explain(from, period)
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

//! The events of one iCalendar file, each checked to be of whole days and to happen once.

use icalendar::parser::{Component, read_components, unfold};
use jiff::{Span, civil::Date};

use super::{Effect, IcsSource, ImportProblem};

/// An event that makes days off or working days.
#[derive(Debug)]
pub(super) struct DayEvent {
    pub(super) effect: Effect,
    /// The file and the event, for problems.
    pub(super) place: String,
    start: Date,
    /// The day after the last.
    end: Date,
}

const DAYS_MAX: i32 = 366;

impl DayEvent {
    pub(super) fn days(&self) -> impl Iterator<Item = Date> {
        let end = self.end;
        self.start
            .series(Span::new().days(1))
            .take_while(move |day| *day < end)
    }
}

/// The events of a file that are in order; the others are noted.
pub(super) fn read_events(
    source: IcsSource<'_>,
    problems: &mut Vec<ImportProblem>,
) -> Vec<DayEvent> {
    let text = unfold(source.text.trim_start_matches('\u{feff}'));
    let roots = match read_components(&text) {
        Ok(roots) => roots,
        Err(reason) => {
            problems.push(ImportProblem::NotICalendar {
                place: source.name.to_owned(),
                reason: first_line(&reason).to_owned(),
            });
            return Vec::new();
        }
    };
    let mut components = Vec::new();
    for root in &roots {
        collect_events(root, &mut components);
    }
    if components.is_empty() {
        problems.push(ImportProblem::NoEvent {
            place: source.name.to_owned(),
        });
    }
    components
        .into_iter()
        .filter(|component| !is_cancelled(component))
        .filter_map(|component| {
            read_event(source.name, component)
                .map_err(|problem| problems.push(problem))
                .ok()
        })
        .collect()
}

/// A reader's message may quote the whole file; its first line says what it wanted.
fn first_line(reason: &str) -> &str {
    reason
        .trim_start_matches("error: ")
        .trim_start_matches("0: ")
        .lines()
        .find(|line| !line.trim().is_empty())
        .unwrap_or(reason)
        .trim_end_matches(':')
}

/// The events of a component and of those within it.
fn collect_events<'a>(component: &'a Component<'a>, events: &mut Vec<&'a Component<'a>>) {
    if component.name == "VEVENT" {
        events.push(component);
    }
    for inner in &component.components {
        collect_events(inner, events);
    }
}

/// An event that was called off makes no day off.
fn is_cancelled(component: &Component<'_>) -> bool {
    property(component, "STATUS").is_some_and(|status| status.eq_ignore_ascii_case("cancelled"))
}

fn property<'a>(component: &'a Component<'_>, name: &str) -> Option<&'a str> {
    component
        .properties
        .iter()
        .find(|property| property.name.as_str().eq_ignore_ascii_case(name))
        .map(|property| property.val.as_str())
}

fn read_event(file: &str, component: &Component<'_>) -> Result<DayEvent, ImportProblem> {
    let summary = property(component, "SUMMARY").unwrap_or_default().trim();
    let start = property(component, "DTSTART").map(str::trim);
    let place = format!(
        "{file}: event `{summary}` of {}",
        start.unwrap_or("no date")
    );
    for name in ["RRULE", "RDATE", "EXDATE", "RECURRENCE-ID"] {
        if property(component, name).is_some() {
            return Err(ImportProblem::Recurring {
                place,
                property: name,
            });
        }
    }
    let Some(start) = start else {
        return Err(ImportProblem::NoStart { place });
    };
    let start = read_date(start, &place)?;
    if property(component, "DURATION").is_some() {
        return Err(ImportProblem::Duration { place });
    }
    let end = match property(component, "DTEND").map(str::trim) {
        Some(end) => read_date(end, &place)?,
        None => start.saturating_add(Span::new().days(1)),
    };
    if end <= start {
        return Err(ImportProblem::Backwards { place, start, end });
    }
    if start.saturating_add(Span::new().days(DAYS_MAX)) < end {
        return Err(ImportProblem::TooLong { place });
    }
    Ok(DayEvent {
        effect: effect_of(summary),
        place,
        start,
        end,
    })
}

fn read_date(text: &str, place: &str) -> Result<Date, ImportProblem> {
    if text.contains(['T', 't']) {
        return Err(ImportProblem::Timed {
            place: place.to_owned(),
        });
    }
    let plain = text.len() == 8 && text.bytes().all(|byte| byte.is_ascii_digit());
    Date::strptime("%Y%m%d", text)
        .ok()
        .filter(|_| plain)
        .ok_or_else(|| ImportProblem::NoDate {
            place: place.to_owned(),
            text: text.to_owned(),
        })
}

/// `work` must stand alone: Workers' Day is a day off.
fn effect_of(summary: &str) -> Effect {
    let first_word = summary
        .split(|character: char| !character.is_alphanumeric() && character != '\'')
        .next()
        .unwrap_or_default();
    if summary.starts_with("上班")
        || summary.starts_with("补班")
        || first_word.eq_ignore_ascii_case("work")
    {
        Effect::Working
    } else {
        Effect::Off
    }
}

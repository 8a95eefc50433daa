//! The events of one iCalendar file, each checked to be of whole days and to happen once.
//!
//! The parser brings chrono and uuid with it, and could read the clock and mint ids when it *writes* a
//! calendar. Only its reading half is called here, which is a function of the text.

use icalendar::parser::{Component, read_components, unfold};
use jiff::{Span, civil::Date};

use super::{Effect, IcsSource, ImportProblem, summaries::effect_of};

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

/// An alarm within an event within a calendar are three. The parser goes down one call per level, so
/// without a limit a file of nothing but beginnings would end the process.
const LEVELS_MAX: usize = 8;

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
    prefixes: &[&str],
    problems: &mut Vec<ImportProblem>,
) -> Vec<DayEvent> {
    let text = unfold(source.text.trim_start_matches('\u{feff}'));
    let roots = check_outline(source.name, &text).and_then(|()| {
        read_components(&text).map_err(|reason| ImportProblem::NotICalendar {
            place: source.name.to_owned(),
            reason: first_line(&reason).to_owned(),
        })
    });
    let roots = match roots {
        Ok(roots) => roots,
        Err(problem) => {
            problems.push(problem);
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
            read_event(source.name, component, prefixes)
                .map_err(|problem| problems.push(problem))
                .ok()
        })
        .collect()
}

/// Refuses what the parser would not survive, or would refuse without saying why.
fn check_outline(file: &str, text: &str) -> Result<(), ImportProblem> {
    let begins_with = |line: &str, word: &str| {
        line.get(..word.len())
            .is_some_and(|start| start.eq_ignore_ascii_case(word))
    };
    let mut level = 0_usize;
    let mut calendars = 0_usize;
    for line in text.lines() {
        if begins_with(line, "BEGIN:") {
            calendars += usize::from(level == 0);
            level += 1;
        } else if begins_with(line, "END:") {
            level = level.saturating_sub(1);
        }
        if level > LEVELS_MAX {
            return Err(ImportProblem::NotICalendar {
                place: file.to_owned(),
                reason: format!("its components are nested more than {LEVELS_MAX} levels deep"),
            });
        }
    }
    if calendars > 1 {
        return Err(ImportProblem::SeveralCalendars {
            place: file.to_owned(),
        });
    }
    Ok(())
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
    // Names are not case-sensitive in iCalendar; an event must not be overlooked for its writing.
    if component.name.as_str().eq_ignore_ascii_case("VEVENT") {
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

fn property<'a>(component: &'a Component<'_>, name: &'a str) -> Option<&'a str> {
    properties(component, name).next()
}

fn properties<'a>(component: &'a Component<'_>, name: &'a str) -> impl Iterator<Item = &'a str> {
    component
        .properties
        .iter()
        .filter(move |property| property.name.as_str().eq_ignore_ascii_case(name))
        .map(|property| property.val.as_str())
}

fn read_event(
    file: &str,
    component: &Component<'_>,
    prefixes: &[&str],
) -> Result<DayEvent, ImportProblem> {
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
    // Two events that run together because a line was lost would otherwise pass for the first of them.
    for name in ["SUMMARY", "DTSTART", "DTEND"] {
        if properties(component, name).nth(1).is_some() {
            return Err(ImportProblem::GivenTwice {
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
    let Some(effect) = effect_of(summary, prefixes) else {
        return Err(ImportProblem::OffOrWorking {
            place,
            prefixes: prefixes.join(", "),
        });
    };
    Ok(DayEvent {
        effect,
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

//! The entries of one iCalendar file, as they are written.
//!
//! The parser brings chrono and uuid with it, and could read the clock and mint ids when it *writes* a
//! calendar. Only its reading half is called here, which is a function of the text.

use icalendar::parser::{Component, read_components};

use super::{IcsSource, ImportProblem, LeftOut, LeftOutReason, marks::Phrases, text};

/// An event of a file. Its times are read once it is known to count.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Entry {
    /// The file and the event, for problems.
    pub(super) place: String,
    pub(super) uid: Option<String>,
    pub(super) version: Version,
    pub(super) status: Status,
    pub(super) summary: String,
    /// What may mark it as an observance, or as of half a day.
    pub(super) phrases: Phrases,
    /// The property that says that it recurs.
    pub(super) recurs: Option<&'static str>,
    pub(super) start: Option<Moment>,
    pub(super) end: Option<Moment>,
    pub(super) duration: Option<String>,
}

/// A date or time as it is written, with the zone that it names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Moment {
    pub(super) text: String,
    pub(super) zone: Option<String>,
}

/// Which of several versions of an event it is. The greatest counts.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Version {
    pub(super) sequence: u64,
    /// LAST-MODIFIED, or else DTSTAMP, which many programs set to when they wrote the file.
    modified: Option<String>,
    stamp: Option<String>,
}

/// How certain an event is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Status {
    Confirmed,
    Tentative,
    Cancelled,
}

/// An alarm within an event within a calendar are three. The parser goes down one call per level, so
/// without a limit a file of nothing but beginnings would end the process.
const LEVELS_MAX: usize = 8;

impl Version {
    /// The time that tells it from others of its sequence.
    pub(super) fn time(&self) -> &str {
        let time = self.modified.as_deref().or(self.stamp.as_deref());
        time.unwrap_or_default()
    }
}

impl Entry {
    pub(super) fn says_the_same_as(&self, other: &Self) -> bool {
        let without_place = |it: &Self| Self {
            place: String::new(),
            ..it.clone()
        };
        without_place(self) == without_place(other)
    }
}

/// The events of a file; what else it holds is left out, and what is not in order is noted.
pub(super) fn read(
    source: IcsSource<'_>,
    left_out: &mut Vec<LeftOut>,
    problems: &mut Vec<ImportProblem>,
) -> Vec<Entry> {
    let read = text::unfolded(source).and_then(|text| {
        check_outline(source.name, &text)?;
        let roots = read_components(&text).map_err(|reason| ImportProblem::NotICalendar {
            place: source.name.to_owned(),
            reason: first_line(&reason).to_owned(),
        })?;
        Ok(events_of(source.name, &roots, left_out))
    });
    let events = match read {
        Ok(events) => events,
        Err(problem) => {
            problems.push(problem);
            return Vec::new();
        }
    };
    if events.is_empty() {
        problems.push(ImportProblem::NoEvent {
            place: source.name.to_owned(),
        });
    }
    let (read, failed): (Vec<_>, Vec<_>) = events.into_iter().partition(Result::is_ok);
    problems.extend(failed.into_iter().filter_map(Result::err));
    read.into_iter().filter_map(Result::ok).collect()
}

/// Refuses what the parser would not survive, or would refuse without saying why.
fn check_outline(file: &str, text: &str) -> Result<(), ImportProblem> {
    let begins_with = |line: &str, word: &str| {
        line.get(..word.len())
            .is_some_and(|start| start.eq_ignore_ascii_case(word))
    };
    let mut level = 0_usize;
    let mut open = Vec::new();
    let mut calendars = 0_usize;
    for line in text.lines() {
        if begins_with(line, "BEGIN:") {
            calendars += usize::from(level == 0);
            level += 1;
            open.push(line.get("BEGIN:".len()..).unwrap_or_default().trim());
        } else if begins_with(line, "END:") {
            level = level.saturating_sub(1);
            open.pop();
        }
        if level > LEVELS_MAX {
            return Err(ImportProblem::NotICalendar {
                place: file.to_owned(),
                reason: format!("its components are nested more than {LEVELS_MAX} levels deep"),
            });
        }
    }
    let not_whole = |reason: &str| ImportProblem::NotICalendar {
        place: file.to_owned(),
        reason: reason.to_owned(),
    };
    let mut written = text.lines().filter(|line| !line.trim().is_empty());
    match written.next() {
        None => return Err(not_whole("it is empty")),
        Some(first) if !begins_with(first.trim(), "BEGIN:VCALENDAR") => {
            return Err(not_whole("it does not begin with BEGIN:VCALENDAR"));
        }
        Some(_) => {}
    }
    if let Some(open) = open.last() {
        return Err(not_whole(&format!(
            "`END:{open}` is missing, as if the file were cut off"
        )));
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

/// The events of components and of those within them.
fn events_of(
    file: &str,
    roots: &[Component<'_>],
    left_out: &mut Vec<LeftOut>,
) -> Vec<Result<Entry, ImportProblem>> {
    let mut events = Vec::new();
    for root in roots {
        // A calendar that is sent to call its events off need not say so in each.
        let cancels = property(root, "METHOD").is_some_and(|it| it.eq_ignore_ascii_case("cancel"));
        collect(file, root, cancels, &mut events, left_out);
    }
    events
}

fn collect(
    file: &str,
    component: &Component<'_>,
    cancels: bool,
    events: &mut Vec<Result<Entry, ImportProblem>>,
    left_out: &mut Vec<LeftOut>,
) {
    // Names are not case-sensitive in iCalendar; an event must not be overlooked for its writing.
    match component.name.as_str().to_ascii_uppercase().as_str() {
        "VEVENT" => events.push(read_entry(file, component, cancels)),
        "VCALENDAR" | "VTIMEZONE" | "STANDARD" | "DAYLIGHT" | "VALARM" => {}
        other => left_out.push(LeftOut {
            place: format!(
                "{file}: {other} `{}`",
                property(component, "SUMMARY").unwrap_or_default().trim()
            ),
            reason: LeftOutReason::NoEvent,
        }),
    }
    for inner in &component.components {
        collect(file, inner, cancels, events, left_out);
    }
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

fn moment(component: &Component<'_>, name: &str) -> Option<Moment> {
    let mut properties = component.properties.iter();
    let property = properties.find(|it| it.name.as_str().eq_ignore_ascii_case(name))?;
    let mut parameters = property.params.iter();
    let zone = parameters.find(|it| it.key.as_str().eq_ignore_ascii_case("TZID"));
    Some(Moment {
        text: property.val.as_str().trim().to_owned(),
        zone: zone.and_then(|it| it.val.as_ref().map(|zone| zone.as_str().to_owned())),
    })
}

fn read_entry(
    file: &str,
    component: &Component<'_>,
    cancels: bool,
) -> Result<Entry, ImportProblem> {
    let text = |name: &str| property(component, name).map(|it| it.trim().to_owned());
    let summary = text("SUMMARY").unwrap_or_default();
    let start = moment(component, "DTSTART");
    let place = format!(
        "{file}: event `{summary}` of {}",
        start.as_ref().map_or("no date", |it| it.text.as_str())
    );
    // An instance of an event that recurs: what it changes is not listed here.
    if property(component, "RECURRENCE-ID").is_some() {
        return Err(ImportProblem::Recurring {
            place,
            property: "RECURRENCE-ID",
        });
    }
    // Two events that run together because a line was lost would otherwise pass for the first of them.
    for name in [
        "SUMMARY", "DTSTART", "DTEND", "DURATION", "UID", "SEQUENCE", "STATUS",
    ] {
        if properties(component, name).nth(1).is_some() {
            return Err(ImportProblem::GivenTwice {
                place,
                property: name,
            });
        }
    }
    let sequence = match text("SEQUENCE") {
        None => 0,
        Some(text) => match text.parse() {
            Ok(sequence) => sequence,
            Err(_) => return Err(ImportProblem::Sequence { place, text }),
        },
    };
    let status = match text("STATUS").map(|it| it.to_ascii_uppercase()).as_deref() {
        _ if cancels => Status::Cancelled,
        None | Some("" | "CONFIRMED") => Status::Confirmed,
        Some("TENTATIVE") => Status::Tentative,
        Some("CANCELLED" | "CANCELED") => Status::Cancelled,
        Some(other) => {
            let text = other.to_owned();
            return Err(ImportProblem::UnknownStatus { place, text });
        }
    };
    let categories: Vec<String> = properties(component, "CATEGORIES")
        .map(str::to_owned)
        .collect();
    let description = property(component, "DESCRIPTION").unwrap_or_default();
    let stamp = |name: &str| text(name).filter(|it| is_stamp(it));
    Ok(Entry {
        uid: text("UID").filter(|uid| !uid.is_empty()),
        version: Version {
            sequence,
            modified: stamp("LAST-MODIFIED").or_else(|| stamp("DTSTAMP")),
            stamp: stamp("DTSTAMP"),
        },
        status,
        phrases: Phrases::of(&summary, description, &categories),
        recurs: ["RRULE", "RDATE", "EXDATE"]
            .into_iter()
            .find(|name| property(component, name).is_some()),
        end: moment(component, "DTEND"),
        duration: text("DURATION"),
        summary,
        start,
        place,
    })
}

/// A day or a time of UTC, which order as their texts do.
fn is_stamp(text: &str) -> bool {
    let (day, time) = text.split_once('T').unwrap_or((text, "000000Z"));
    let digits = |text: &str, count: usize| {
        text.len() == count && text.bytes().all(|byte| byte.is_ascii_digit())
    };
    digits(day, 8) && time.strip_suffix('Z').is_some_and(|time| digits(time, 6))
}

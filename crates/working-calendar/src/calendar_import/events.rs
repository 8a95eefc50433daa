//! What an entry makes of which days: it is of whole days and happens once, or it is left out, or it is a problem.

use jiff::{
    Span,
    civil::{Date, DateTime},
};

use super::{
    ImportProblem, LeftOut, LeftOutReason, Marks,
    entries::{Entry, Moment, Status},
    marks::{Effect, effect_of},
};

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
const SECONDS_PER_HOUR: i64 = 3_600;
const SECONDS_PER_DAY: i64 = 24 * SECONDS_PER_HOUR;
/// An event at times of day that is longer may be meant as a whole day, from 00:00 to 23:59, and is no half one.
const HALF_A_DAY_HOURS_MAX: i64 = 23;

impl DayEvent {
    pub(super) fn days(&self) -> impl Iterator<Item = Date> {
        let end = self.end;
        self.start
            .series(Span::new().days(1))
            .take_while(move |day| *day < end)
    }
}

/// When an event is.
enum Time {
    /// Whole days, up to the day before the second.
    Days(Date, Date),
    /// Less than a day.
    LessThanADay(String),
}

/// Reads what an entry makes of its days, or why it is left out.
pub(super) fn read(
    entry: Entry,
    marks: &Marks<'_>,
) -> Result<Result<DayEvent, LeftOut>, ImportProblem> {
    let left_out = |place: String, reason| Ok(Err(LeftOut { place, reason }));
    match entry.status {
        Status::Cancelled => return left_out(entry.place, LeftOutReason::Cancelled),
        Status::Tentative => return left_out(entry.place, LeftOutReason::Tentative),
        Status::Confirmed => {}
    }
    let place = entry.place.clone();
    // Asked before what marks it: public calendars mark make-up working days as observances too.
    let Some(effect) = effect_of(&entry.summary, marks) else {
        return Err(ImportProblem::OffOrWorking {
            place,
            prefixes: marks.working_days.join(", "),
        });
    };
    if effect == Effect::Off
        && let Some(mark) = entry.phrases.observance(marks)
    {
        let mark = mark.to_owned();
        return left_out(place, LeftOutReason::Observance { mark });
    }
    if entry.phrases.say_half_a_day(&entry.summary) {
        let how = "it says so".to_owned();
        return left_out(place, LeftOutReason::HalfDay { how });
    }
    let time = read_time(&entry)?;
    let (start, end) = match time {
        Time::LessThanADay(how) => return left_out(place, LeftOutReason::HalfDay { how }),
        Time::Days(start, end) => (start, end),
    };
    if let Some(property) = entry.recurs {
        return Err(ImportProblem::Recurring { place, property });
    }
    if end <= start {
        return Err(ImportProblem::Backwards { place, start, end });
    }
    if start.saturating_add(Span::new().days(DAYS_MAX)) < end {
        return Err(ImportProblem::TooLong { place });
    }
    Ok(Ok(DayEvent {
        effect,
        place,
        start,
        end,
    }))
}

fn read_time(entry: &Entry) -> Result<Time, ImportProblem> {
    let place = &entry.place;
    let Some(start) = &entry.start else {
        return Err(ImportProblem::NoStart {
            place: place.clone(),
        });
    };
    if entry.end.is_some() && entry.duration.is_some() {
        return Err(ImportProblem::EndAndDuration {
            place: place.clone(),
        });
    }
    if is_timed(start) {
        return read_times_of_day(entry, start);
    }
    let first = read_date(&start.text, place)?;
    if let Some(text) = &entry.duration {
        let seconds = read_duration(text, place)?;
        if seconds < SECONDS_PER_DAY {
            return Ok(Time::LessThanADay(format!("its DURATION is {text}")));
        }
        if seconds % SECONDS_PER_DAY != 0 {
            return Err(ImportProblem::Duration {
                place: place.clone(),
                text: text.clone(),
            });
        }
        let days = Span::new().try_days(seconds / SECONDS_PER_DAY);
        let end = days.ok().and_then(|days| first.checked_add(days).ok());
        return end
            .map(|end| Time::Days(first, end))
            .ok_or_else(|| ImportProblem::TooLong {
                place: place.clone(),
            });
    }
    match &entry.end {
        Some(end) => Ok(Time::Days(first, read_date(&end.text, place)?)),
        None => Ok(Time::Days(first, first.saturating_add(Span::new().days(1)))),
    }
}

/// An event at times of day makes no whole day off. One of about a whole day or more may be meant to.
fn read_times_of_day(entry: &Entry, start: &Moment) -> Result<Time, ImportProblem> {
    let timed = || ImportProblem::Timed {
        place: entry.place.clone(),
    };
    let begin = read_date_time(&start.text).ok_or_else(timed)?;
    let seconds = match (&entry.end, &entry.duration) {
        (Some(end), _) => {
            let same_clock = end.zone == start.zone && is_of_utc(end) == is_of_utc(start);
            let end = read_date_time(&end.text).filter(|_| same_clock);
            begin.duration_until(end.ok_or_else(timed)?).as_secs()
        }
        (None, Some(text)) => read_duration(text, &entry.place)?,
        // Without an end it takes no time, unless its beginning stands for the day.
        (None, None) if begin.time() == jiff::civil::Time::midnight() => return Err(timed()),
        (None, None) => 0,
    };
    if !(0..HALF_A_DAY_HOURS_MAX * SECONDS_PER_HOUR).contains(&seconds) {
        return Err(timed());
    }
    let how = match (&entry.end, &entry.duration) {
        (Some(end), _) => format!("it is from {} to {}", start.text, end.text),
        (None, Some(duration)) => format!("it is at {} for {duration}", start.text),
        (None, None) => format!("it is at {}", start.text),
    };
    Ok(Time::LessThanADay(how))
}

fn is_timed(moment: &Moment) -> bool {
    moment.text.contains(['T', 't'])
}

fn is_of_utc(moment: &Moment) -> bool {
    moment.text.ends_with(['Z', 'z'])
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
        .filter(|date| plain && date.year() > 0)
        .ok_or_else(|| ImportProblem::NoDate {
            place: place.to_owned(),
            text: text.to_owned(),
        })
}

fn read_date_time(text: &str) -> Option<DateTime> {
    let local = text.strip_suffix(['Z', 'z']).unwrap_or(text);
    let local = local.to_ascii_uppercase();
    let plain = local.len() == "20260501T120000".len();
    let time = DateTime::strptime("%Y%m%dT%H%M%S", &local);
    time.ok().filter(|_| plain)
}

/// Seconds of a DURATION, in which a day has 24 hours.
fn read_duration(text: &str, place: &str) -> Result<i64, ImportProblem> {
    let wrong = || ImportProblem::Duration {
        place: place.to_owned(),
        text: text.to_owned(),
    };
    let span: Span = text.parse().map_err(|_| wrong())?;
    if span.is_negative() || span.get_years() != 0 || span.get_months() != 0 {
        return Err(wrong());
    }
    let days = i64::from(span.get_weeks()) * 7 + i64::from(span.get_days());
    let minutes = i64::from(span.get_hours()) * 60 + span.get_minutes();
    Ok(days * SECONDS_PER_DAY + minutes * 60 + span.get_seconds())
}

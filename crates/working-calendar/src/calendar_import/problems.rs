//! Why iCalendar files make no calendar.

use std::fmt;

use jiff::civil::Date;

/// Everything that stands against an import; never empty.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImportProblems(Vec<ImportProblem>);

/// One thing that stands against an import. A `place` is a file, with the event in it where there is one.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ImportProblem {
    /// The file is no iCalendar file.
    #[error("{place}: no iCalendar file: {reason}")]
    NotICalendar {
        /// The file.
        place: String,
        /// What the reader says.
        reason: String,
    },
    /// The file has no event, so it is likely the wrong file.
    #[error("{place}: has no event")]
    NoEvent {
        /// The file.
        place: String,
    },
    /// The file holds more than one calendar.
    #[error("{place}: holds more than one calendar; put each in a file of its own")]
    SeveralCalendars {
        /// The file.
        place: String,
    },
    /// The event has no first day.
    #[error("{place}: has no DTSTART")]
    NoStart {
        /// The event.
        place: String,
    },
    /// The event gives a property twice that it can have once: likely two events that run together.
    #[error("{place}: gives {property} twice, as if two events ran together")]
    GivenTwice {
        /// The event.
        place: String,
        /// The property.
        property: &'static str,
    },
    /// The summary speaks of work, but not as that of a make-up working day does.
    #[error(
        "{place}: may be a make-up working day or a day off; the summaries of make-up working days \
         begin with one of: {prefixes}"
    )]
    OffOrWorking {
        /// The event.
        place: String,
        /// How they begin.
        prefixes: String,
    },
    /// The event is at a time of day.
    #[error(
        "{place}: is at times of day that may stand for whole days; write it as an event of whole days, with VALUE=DATE"
    )]
    Timed {
        /// The event.
        place: String,
    },
    /// The event recurs.
    #[error("{place}: recurs ({property}); list each day as an event of its own")]
    Recurring {
        /// The event.
        place: String,
        /// The property that says so.
        property: &'static str,
    },
    /// The event has a length that is not one of whole days.
    #[error("{place}: `{text}` is no DURATION of whole days, such as P2D")]
    Duration {
        /// The event.
        place: String,
        /// What stands there.
        text: String,
    },
    /// The event says its end twice.
    #[error("{place}: has both a DTEND and a DURATION")]
    EndAndDuration {
        /// The event.
        place: String,
    },
    /// The event's version is no number.
    #[error("{place}: its SEQUENCE, `{text}`, is no number from 0")]
    Sequence {
        /// The event.
        place: String,
        /// What stands there.
        text: String,
    },
    /// The event has a status that events do not have.
    #[error("{place}: its STATUS, `{text}`, is none of CONFIRMED, TENTATIVE and CANCELLED")]
    UnknownStatus {
        /// The event.
        place: String,
        /// What stands there.
        text: String,
    },
    /// Two events differ that should be one.
    #[error(
        "{place}: has the UID of another event, and neither its SEQUENCE nor a time says which replaces which: {other}"
    )]
    SameVersion {
        /// The event.
        place: String,
        /// The other.
        other: String,
    },
    /// A date that does not exist, or is written differently.
    #[error("{place}: `{text}` is no date such as 20260501")]
    NoDate {
        /// The event.
        place: String,
        /// What stands there.
        text: String,
    },
    /// The event ends before it begins; its end is the day after its last.
    #[error("{place}: ends at {end}, before its first day, {start}, is over")]
    Backwards {
        /// The event.
        place: String,
        /// Its first day.
        start: Date,
        /// The day after its last.
        end: Date,
    },
    /// The event is longer than a year.
    #[error("{place}: is longer than a year")]
    TooLong {
        /// The event.
        place: String,
    },
    /// Two events disagree about a day.
    #[error("{day}: a day off by one event and a working day by another: {one}; {other}")]
    OffAndWorking {
        /// The day.
        day: Date,
        /// The event read first.
        one: String,
        /// The other.
        other: String,
    },
    /// No year has events beyond a holiday over New Year, and none was named.
    #[error("no whole year has events: name the days that are covered")]
    NothingCovered,
    /// A year between others has no event.
    #[error("{year}: no event in this year: add its file, or name the days that are covered")]
    YearMissing {
        /// The year.
        year: i16,
    },
}

impl ImportProblems {
    pub(super) fn new(problems: Vec<ImportProblem>) -> Self {
        assert!(!problems.is_empty(), "an import that fails says why");
        Self(problems)
    }

    /// Each of them.
    pub fn problems(&self) -> &[ImportProblem] {
        &self.0
    }

    /// Each as a sentence that begins with the file or day it is about.
    pub fn sentences(&self) -> Vec<String> {
        self.0.iter().map(ToString::to_string).collect()
    }
}

impl fmt::Display for ImportProblems {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.sentences().join("\n"))
    }
}

impl std::error::Error for ImportProblems {}

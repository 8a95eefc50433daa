//! What changes no day of a calendar, and why.

use jiff::civil::Date;

/// An entry of a file that was read and left out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LeftOut {
    /// The file and the entry.
    pub place: String,
    /// Why.
    pub reason: LeftOutReason,
}

/// Why an entry was left out.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LeftOutReason {
    /// It was called off.
    #[error("is cancelled")]
    Cancelled,
    /// It is not yet certain.
    #[error("is tentative")]
    Tentative,
    /// It is kept in mind and not off.
    #[error("is an observance: it says `{mark}`")]
    Observance {
        /// What says so.
        mark: String,
    },
    /// It is of less than a whole day, so the day is what it would be without it.
    #[error("is of less than a whole day: {how}")]
    HalfDay {
        /// What says so.
        how: String,
    },
    /// A later version of the same entry takes its place.
    #[error("is replaced by {by}, which has {how}")]
    Replaced {
        /// The later version.
        by: String,
        /// What makes it the later one.
        how: String,
    },
    /// Other entries say the same of all of its days.
    #[error("says nothing that is not said before, by {by}")]
    SaidBefore {
        /// One of these.
        by: String,
    },
    /// Days of it are outside of what the calendar covers.
    #[error("has days outside of what is covered, {from} to {until}: {days}")]
    NotCovered {
        /// How many.
        days: usize,
        /// The first day covered.
        from: Date,
        /// The last day covered.
        until: Date,
    },
    /// It is a to-do or something else that is no event.
    #[error("is no event")]
    NoEvent,
}

impl LeftOutReason {
    /// A word for programs, which stays the same.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Cancelled => "cancelled",
            Self::Tentative => "tentative",
            Self::Observance { .. } => "observance",
            Self::HalfDay { .. } => "half_day",
            Self::Replaced { .. } => "replaced",
            Self::SaidBefore { .. } => "said_before",
            Self::NotCovered { .. } => "not_covered",
            Self::NoEvent => "no_event",
        }
    }
}

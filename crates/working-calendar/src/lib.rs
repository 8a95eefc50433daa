//! Working days: when a period ends on a calendar.
//!
//! A calendar is data: its zone, its weekend, the days off and the days on which people work although it is a weekend,
//! and the span of which that is known. It can be imported from what an authority publishes, and some come with
//! Redress; none is used before an administrator has published it.
//!
//! What it is not: it knows no notice and no deadline, has no clock, and reads no file.
//!
//! Start with [`Calendar::due`]; [`import`] reads iCalendar.

mod calendar_import;
mod shipped_calendars;
mod working_days;

pub use self::{
    calendar_import::{
        IcsSource, ImportProblem, ImportProblems, Imported, LeftOut, LeftOutReason, Marks, import,
    },
    shipped_calendars::shipped_calendars,
    working_days::{
        Calendar, CalendarProblem, CalendarProblems, DayExplained, DayKind, Due, EXPLAINED_DAYS_MAX,
    },
};

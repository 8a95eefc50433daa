//! The published language of Redress: commands, events, rejections, identifiers, the envelope and the
//! subjects. Other teams read this crate, its `schemas/`, its `examples/` and its README.
//!
//! What it is not: it holds no rule of the procedure and no state. It says how things are named and
//! written, reads and writes them, and upgrades what old versions wrote.
//!
//! Start with [`Command`] and [`Event`]; [`Header`] says how an event is stored and hashed, and
//! [`Rejection`] lists every "no" with its facts.

mod answers;
mod calendar;
pub mod commands;
mod day;
mod deadline;
mod digest;
mod envelope;
pub mod events;
mod free_text;
mod ids;
mod instant;
mod measure;
mod next_step;
mod payload;
mod period;
pub mod queries;
mod references;
mod rejection;
mod roles;
mod sentences;
mod shared_terms;
mod stream;
pub mod subjects;
mod text;
mod written;

pub use self::{
    answers::{Accepted, CaseStanding, NoticeStanding, OpenDeadline, Positions, Problem},
    calendar::{CalendarContent, Weekday},
    commands::*,
    day::{InvalidDay, parse_day},
    deadline::{Deadline, DeadlineChanges, DeadlinePurpose},
    digest::{InvalidDigest, Sha256, Sha256Writer},
    envelope::{Header, InvalidHeader},
    events::*,
    free_text::{FreeText, NoText},
    ids::{
        AccountId, AppealId, CalendarId, CapabilityId, CaseId, CommandId, CorrelationId,
        DeadlineId, EntityId, FindingId, GroundId, HoldId, ID_LENGTH_MAX, InvalidId, MeasureId,
        NoticeId, PrincipalId, RulebookVersion, StepId,
    },
    instant::{Instant, InvalidInstant},
    measure::{
        Extent, Measure, MeasureKind, Mode, RequestedMeasure, Restriction, Scope, Severity,
        StillRestricted, ThreatenedMeasure,
    },
    next_step::NextStep,
    payload::{InvalidPayload, Personal, read_facts, read_personal, write_payload},
    period::{InvalidPeriod, Period},
    queries::*,
    references::{Locale, Observation, Release, Route},
    rejection::{
        AppealEnd, MissingBook, NoticeGap, NoticePart, PartInCase, Rejection, RulingContradiction,
        RulingGap, RulingPart, VerificationGap,
    },
    roles::{Actor, InvalidActor, Role},
    shared_terms::SharedTerms,
    stream::{InvalidStream, Stream},
    text::{InvalidText, LABEL_LENGTH_MAX, Label, TEXT_LENGTH_MAX, Text},
};

/// Whether a number is left out of what is written.
fn is_zero<N: Default + PartialEq>(number: &N) -> bool {
    *number == N::default()
}

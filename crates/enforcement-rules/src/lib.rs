//! The functional core of Redress: the rules of the procedure, as a machine without I/O.
//!
//! [`Platform`] is that machine: asked what a command comes to, it says so after all checks, in their order, and takes in
//! what happened. Inside, `decide` says what a command comes to, as events or a rejection; [`evolve`] says how an event
//! changes the state of its case. Whatever needs policy (a due date, an attempt number) is computed in `decide`
//! and stored in the event, so that no replay ever needs today's rules, clock or calendar.
//!
//! What it is not: it has no clock, no randomness, no input or output, no async, and it serialises nothing.
//! The rulebook and the calendar are data that it is given.
//!
//! Start with `platform.rs` and `platform/step.rs`, then `decide.rs` and the file of the command that you care about below `decide/`;
//! `case_state.rs` has the four small machines of a case. `PROCEDURE.md` has the rules and complaints that are cited by
//! number.

mod account_state;
mod answered;
mod at_issue;
mod books;
mod case_state;
mod dates;
mod decide;
mod evolve;
mod ladder_step;
mod matter;
mod next_steps;
mod party_time;
mod pending;
mod periods;
mod permissions;
mod places;
mod platform;
mod rulebook;
mod seals;
mod staff_steps;
mod standing;

pub use self::{
    account_state::{
        AccountState, EntityState, RefusalsOfADay, Restrictions, StrikeOnRecord, Strikes,
        concerns_account, day_of, evolve_account,
    },
    answered::{AnsweredPlaces, PlaceAnswered},
    at_issue::AtIssue,
    books::Books,
    case_state::{
        Appeal, AppealStanding, CaseState, FoundFact, ImposedMeasure, MeasureStanding, Notice,
        RecordedReview, Rectification, ReviewerPart, Standstill, StepStanding, StepState,
    },
    evolve::{Occurrence, evolve, is_closed},
    next_steps::next_steps,
    periods::{PartyClock, PartyPeriod},
    permissions::may_send,
    platform::{
        CaseInHand, Hold, Platform, Refusal, SeenCommand, SeenCommands, Sent, Step, service,
    },
    rulebook::*,
    seals::{SealOnRecord, Seals},
    staff_steps::{next_steps_of, next_steps_while_held},
    standing::standing,
};

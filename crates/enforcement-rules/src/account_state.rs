//! What the rules must know of an account and its entity across cases: seals, strikes, restrictions.

mod restrictions;
mod strikes;

use events_schema::{
    CaseEvent, CaseId, Closure, CommandId, FilingRefused, Instant, Measure, MeasureEvent,
    NoticeEvent, Strike,
};

use self::strikes::Imposed;
pub use self::{
    restrictions::Restrictions,
    strikes::{StrikeOnRecord, Strikes},
};
use crate::{answered::AnsweredPlaces, seals::Seals};

/// An account across its cases.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AccountState {
    /// What may not be penalised again.
    pub seals: Seals,
    /// What it was told once, clause by clause and place by place.
    pub answers: AnsweredPlaces,
    /// Steps on ladders that count per account.
    pub strikes: Strikes,
    /// Every measure that restricts or may yet.
    pub restrictions: Restrictions,
    /// Refused filings of the day of the last one.
    pub refusals: RefusalsOfADay,
}

/// An entity across its accounts.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct EntityState {
    /// Steps on ladders that count per entity.
    pub strikes: Strikes,
}

/// Refused filings of one day.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RefusalsOfADay {
    /// Days since 1970-01-01, UTC.
    pub day: i64,
    /// How many that day, as far as recorded.
    pub number: u32,
    /// The commands whose refusal is recorded, so that one sent again is not recorded again.
    pub commands: Vec<CommandId>,
}

impl RefusalsOfADay {
    /// Takes in a refusal that is on record.
    pub fn take_in(
        &mut self,
        refused: &FilingRefused,
        command_id: Option<&CommandId>,
        received: Instant,
    ) {
        let day = day_of(received);
        if self.day != day {
            *self = Self {
                day,
                ..Self::default()
            };
        }
        self.number = refused.number_today;
        self.commands.extend(command_id.cloned());
    }
}

/// Changes the state of an account by an event of one of its cases.
pub fn evolve_account(
    account: &mut AccountState,
    case: &CaseId,
    received: Instant,
    event: &CaseEvent,
) {
    match event {
        CaseEvent::Notice(event) => {
            change_strikes(&mut account.strikes, case, event);
            match event {
                NoticeEvent::PenaltyIssued(issued) => {
                    restrict(account, case, &issued.measures, received);
                }
                NoticeEvent::PenaltyImposed(imposed) => {
                    restrict(account, case, &imposed.measures, received);
                }
                NoticeEvent::PenaltyLowered(lowered) => {
                    let measures = lowered.measures.iter().map(|it| it.measure.clone());
                    restrict(account, case, &measures.collect::<Vec<_>>(), received);
                }
                NoticeEvent::FindingsSealed(sealed) => {
                    for seal in &sealed.seals {
                        account.seals.add(seal, case, received);
                    }
                }
                NoticeEvent::NoticeClosed(closed) => {
                    let answers = &mut account.answers;
                    answers.add(&closed.answered, closed.how, case, received);
                }
                NoticeEvent::NoticeComplied(complied) => {
                    let (answers, how) = (&mut account.answers, Closure::Complied);
                    answers.add(&complied.answered, how, case, received);
                }
                NoticeEvent::WarningIssued(_)
                | NoticeEvent::NoticeWithdrawn(_)
                | NoticeEvent::NoticeExhausted(_)
                | NoticeEvent::CurePeriodHeld(_)
                | NoticeEvent::FilingWindowPassed(_) => {}
            }
        }
        CaseEvent::Measure(event) => {
            let restrictions = &mut account.restrictions;
            match event {
                MeasureEvent::MeasureStarted(started) => {
                    restrictions.set_in_force(case, &started.measure, true);
                }
                MeasureEvent::MeasuresStayed(stayed) => {
                    for measure in &stayed.measures {
                        restrictions.set_in_force(case, measure, false);
                    }
                }
                MeasureEvent::MeasuresResumed(resumed) => {
                    for measure in &resumed.measures {
                        restrictions.set_in_force(case, measure, true);
                    }
                }
                MeasureEvent::MeasureExpired(expired) => {
                    restrictions.forget(case, &expired.measure);
                }
                MeasureEvent::MeasuresLifted(lifted) => {
                    for measure in lifted.restored.iter().chain(&lifted.cancelled) {
                        restrictions.forget(case, measure);
                    }
                }
            }
        }
        CaseEvent::Rectification(_) | CaseEvent::Appeal(_) | CaseEvent::Deadline(_) => {}
    }
}

/// Changes the state of an entity by an event of a case of one of its accounts.
pub(crate) fn evolve_entity(entity: &mut EntityState, case: &CaseId, event: &CaseEvent) {
    if let CaseEvent::Notice(event) = event {
        change_strikes(&mut entity.strikes, case, event);
    }
}

/// Whether an event concerns an account or entity beyond its case, so that a fold of only such events
/// gives the same state.
pub fn concerns_account(event: &CaseEvent) -> bool {
    match event {
        CaseEvent::Notice(event) => {
            strike(event).is_some()
                || match event {
                    NoticeEvent::FindingsSealed(_)
                    | NoticeEvent::NoticeComplied(_)
                    | NoticeEvent::PenaltyLowered(_) => true,
                    NoticeEvent::NoticeClosed(closed) => !closed.answered.is_empty(),
                    NoticeEvent::WarningIssued(_)
                    | NoticeEvent::PenaltyIssued(_)
                    | NoticeEvent::PenaltyImposed(_)
                    | NoticeEvent::NoticeWithdrawn(_)
                    | NoticeEvent::NoticeExhausted(_)
                    | NoticeEvent::CurePeriodHeld(_)
                    | NoticeEvent::FilingWindowPassed(_) => false,
                }
        }
        CaseEvent::Measure(_) => true,
        CaseEvent::Rectification(_) | CaseEvent::Appeal(_) | CaseEvent::Deadline(_) => false,
    }
}

/// The strike that an event makes or voids.
pub(crate) const fn strike_of(event: &CaseEvent) -> Option<&Strike> {
    match event {
        CaseEvent::Notice(event) => strike(event),
        CaseEvent::Rectification(_)
        | CaseEvent::Appeal(_)
        | CaseEvent::Measure(_)
        | CaseEvent::Deadline(_) => None,
    }
}

/// The strike that falls by an event.
pub(crate) const fn voided_strike(event: &CaseEvent) -> Option<&Strike> {
    match event {
        CaseEvent::Notice(NoticeEvent::FindingsSealed(sealed)) => sealed.voided_strike.as_ref(),
        CaseEvent::Notice(NoticeEvent::NoticeClosed(closed)) => closed.voided_strike.as_ref(),
        CaseEvent::Notice(_)
        | CaseEvent::Rectification(_)
        | CaseEvent::Appeal(_)
        | CaseEvent::Measure(_)
        | CaseEvent::Deadline(_) => None,
    }
}

/// The day of an instant, UTC, counted from 1970-01-01.
pub const fn day_of(instant: Instant) -> i64 {
    instant.microseconds().div_euclid(86_400_000_000)
}

/// The strike that an event about a notice makes or voids.
const fn strike(event: &NoticeEvent) -> Option<&Strike> {
    match event {
        NoticeEvent::PenaltyIssued(issued) => Some(&issued.strike),
        NoticeEvent::PenaltyImposed(imposed) => Some(&imposed.strike),
        NoticeEvent::FindingsSealed(sealed) => sealed.voided_strike.as_ref(),
        NoticeEvent::NoticeClosed(closed) => closed.voided_strike.as_ref(),
        NoticeEvent::WarningIssued(_)
        | NoticeEvent::NoticeWithdrawn(_)
        | NoticeEvent::NoticeExhausted(_)
        | NoticeEvent::NoticeComplied(_)
        | NoticeEvent::PenaltyLowered(_)
        | NoticeEvent::CurePeriodHeld(_)
        | NoticeEvent::FilingWindowPassed(_) => None,
    }
}

fn change_strikes(strikes: &mut Strikes, case: &CaseId, event: &NoticeEvent) {
    match event {
        NoticeEvent::PenaltyIssued(issued) => {
            let of = (case, &issued.command.notice);
            strikes.impose(&issued.strike.clause, of, Imposed::by(&issued.strike));
        }
        NoticeEvent::PenaltyImposed(imposed) => {
            let of = (case, &imposed.notice);
            strikes.impose(&imposed.strike.clause, of, Imposed::by(&imposed.strike));
        }
        NoticeEvent::FindingsSealed(sealed) => {
            if sealed.voided_strike.is_some() {
                strikes.void(case, &sealed.notice);
            }
        }
        NoticeEvent::NoticeClosed(closed) => {
            if closed.voided_strike.is_some() {
                strikes.void(case, &closed.notice);
            }
        }
        NoticeEvent::WarningIssued(_)
        | NoticeEvent::NoticeWithdrawn(_)
        | NoticeEvent::NoticeExhausted(_)
        | NoticeEvent::NoticeComplied(_)
        | NoticeEvent::PenaltyLowered(_)
        | NoticeEvent::CurePeriodHeld(_)
        | NoticeEvent::FilingWindowPassed(_) => {}
    }
}

fn restrict(account: &mut AccountState, case: &CaseId, measures: &[Measure], at: Instant) {
    for measure in measures {
        let capability = &measure.restriction.capability;
        let in_force = measure.starts_at <= at;
        let restrictions = &mut account.restrictions;
        restrictions.add(case, &measure.id, capability, in_force);
    }
}

//! What the rules must know of an account and its entity across cases: seals, strikes, restrictions.

mod restrictions;
mod strikes;

use events_schema::{CaseId, CommandId, Event, Instant, Measure, NoticeId, Strike};

pub use self::{
    restrictions::Restrictions,
    strikes::{StrikeOnRecord, Strikes},
};
use crate::seals::Seals;

/// An account across its cases.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AccountState {
    /// What may not be penalised again.
    pub seals: Seals,
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

/// Changes the state of an account by an event of one of its cases, or of its own stream.
pub fn evolve_account(
    account: &mut AccountState,
    case: Option<&CaseId>,
    command_id: Option<&CommandId>,
    received: Instant,
    event: &Event,
) {
    if let Event::FilingRefused(refused) = event {
        let day = day_of(received);
        if account.refusals.day != day {
            account.refusals = RefusalsOfADay {
                day,
                ..RefusalsOfADay::default()
            };
        }
        account.refusals.number = refused.number_today;
        account.refusals.commands.extend(command_id.cloned());
    }
    let Some(case) = case else { return };
    change_strikes(&mut account.strikes, case, received, event);
    match event {
        Event::PenaltyIssued(issued) => restrict(account, case, &issued.measures, received),
        Event::PenaltyImposed(imposed) => restrict(account, case, &imposed.measures, received),
        Event::MeasureStarted(started) => {
            let restrictions = &mut account.restrictions;
            restrictions.set_in_force(case, &started.measure, true);
        }
        Event::MeasuresStayed(stayed) => {
            for measure in &stayed.measures {
                account.restrictions.set_in_force(case, measure, false);
            }
        }
        Event::MeasuresResumed(resumed) => {
            for measure in &resumed.measures {
                account.restrictions.set_in_force(case, measure, true);
            }
        }
        Event::MeasureExpired(expired) => account.restrictions.forget(case, &expired.measure),
        Event::MeasuresLifted(lifted) => {
            for measure in lifted.restored.iter().chain(&lifted.cancelled) {
                account.restrictions.forget(case, measure);
            }
        }
        Event::FindingsSealed(sealed) => {
            for seal in &sealed.seals {
                account.seals.add(seal, case, received);
            }
        }
        Event::WarningIssued(_)
        | Event::NoticeWithdrawn(_)
        | Event::NoticeClosed(_)
        | Event::NoticeExhausted(_)
        | Event::CurePeriodHeld(_)
        | Event::FilingWindowPassed(_)
        | Event::DeadlineRevised(_)
        | Event::RectificationDeclared(_)
        | Event::CodeReviewRecorded(_)
        | Event::CodeReviewOverdue(_)
        | Event::RectificationVerified(_)
        | Event::VerificationOverdue(_)
        | Event::RectificationDeemedConfirmed(_)
        | Event::AppealSubmitted(_)
        | Event::AppealWithdrawn(_)
        | Event::AppealClaimed(_)
        | Event::AppealUnclaimed(_)
        | Event::AppealRuled(_)
        | Event::AppealOverdue(_)
        | Event::AppealEscalated(_)
        | Event::AppealClosedWithoutRuling(_)
        | Event::FilingRefused(_)
        | Event::RulebookAdopted(_)
        | Event::CalendarPublished(_)
        | Event::LogCreated(_)
        | Event::BackfillStarted(_)
        | Event::BackfillCompleted(_)
        | Event::RollbackAccepted(_)
        | Event::DeadlinesHeld(_)
        | Event::DeadlinesReleased(_) => {}
    }
}

/// Changes the state of an entity by an event of a case of one of its accounts.
pub fn evolve_entity(entity: &mut EntityState, case: &CaseId, received: Instant, event: &Event) {
    change_strikes(&mut entity.strikes, case, received, event);
}

/// Whether an event concerns an account or entity beyond its case, so that a fold of only such events
/// gives the same state.
pub fn concerns_account(event: &Event) -> bool {
    match event {
        Event::PenaltyIssued(_)
        | Event::PenaltyImposed(_)
        | Event::MeasureStarted(_)
        | Event::MeasureExpired(_)
        | Event::MeasuresStayed(_)
        | Event::MeasuresResumed(_)
        | Event::MeasuresLifted(_)
        | Event::FindingsSealed(_)
        | Event::FilingRefused(_) => true,
        Event::NoticeWithdrawn(withdrawn) => withdrawn.voided_strike.is_some(),
        Event::WarningIssued(_)
        | Event::NoticeClosed(_)
        | Event::NoticeExhausted(_)
        | Event::CurePeriodHeld(_)
        | Event::FilingWindowPassed(_)
        | Event::DeadlineRevised(_)
        | Event::RectificationDeclared(_)
        | Event::CodeReviewRecorded(_)
        | Event::CodeReviewOverdue(_)
        | Event::RectificationVerified(_)
        | Event::VerificationOverdue(_)
        | Event::RectificationDeemedConfirmed(_)
        | Event::AppealSubmitted(_)
        | Event::AppealWithdrawn(_)
        | Event::AppealClaimed(_)
        | Event::AppealUnclaimed(_)
        | Event::AppealRuled(_)
        | Event::AppealOverdue(_)
        | Event::AppealEscalated(_)
        | Event::AppealClosedWithoutRuling(_)
        | Event::RulebookAdopted(_)
        | Event::CalendarPublished(_)
        | Event::LogCreated(_)
        | Event::BackfillStarted(_)
        | Event::BackfillCompleted(_)
        | Event::RollbackAccepted(_)
        | Event::DeadlinesHeld(_)
        | Event::DeadlinesReleased(_) => false,
    }
}

/// The day of an instant, UTC, counted from 1970-01-01.
pub const fn day_of(instant: Instant) -> i64 {
    instant.microseconds().div_euclid(86_400_000_000)
}

fn change_strikes(strikes: &mut Strikes, case: &CaseId, received: Instant, event: &Event) {
    if let Some((strike, notice, at)) = struck(event, received) {
        strikes.impose(&strike.clause, case, notice, at);
    } else if let Some(notice) = voided(event) {
        strikes.void(case, notice);
    }
}

fn struck(event: &Event, received: Instant) -> Option<(&Strike, &NoticeId, Instant)> {
    if let Event::PenaltyIssued(issued) = event {
        Some((&issued.strike, &issued.command.notice, received))
    } else if let Event::PenaltyImposed(imposed) = event {
        // Dated at the deadline, however late that fired.
        let at = imposed.measures.first().map_or(received, |it| it.starts_at);
        Some((&imposed.strike, &imposed.notice, at))
    } else {
        None
    }
}

/// The notice whose strike an event voids.
fn voided(event: &Event) -> Option<&NoticeId> {
    if let Event::FindingsSealed(sealed) = event {
        sealed.voided_strike.as_ref().map(|_| &sealed.notice)
    } else if let Event::NoticeWithdrawn(withdrawn) = event {
        let strike = withdrawn.voided_strike.as_ref();
        strike.map(|_| &withdrawn.command.notice)
    } else {
        None
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

//! Which step of a ladder applies, and whether a measure stays within it.

use events_schema::{CapabilityId, Instant, Period, Restriction};

use crate::{
    AllowedMeasure, Calendar, Clause, LadderPer,
    account_state::{AccountState, EntityState, StrikeOnRecord},
};

/// The step that applies to the next penalty under a clause, counted from 1: one more than the strikes
/// that still count.
pub(crate) fn next_step(
    clause: &Clause,
    calendar: &Calendar,
    account: &AccountState,
    entity: &EntityState,
    now: Instant,
) -> u32 {
    let strikes = match clause.ladder.as_ref().map(|ladder| ladder.per) {
        Some(LadderPer::Entity) => &entity.strikes,
        Some(LadderPer::Account) | None => &account.strikes,
    };
    let counts = |strike: &&StrikeOnRecord| {
        strike.clause == clause.clause
            && clause
                .ladder
                .as_ref()
                .is_none_or(|ladder| calendar.due(strike.at, ladder.counts_for).at > now)
    };
    u32::try_from(strikes.iter().filter(counts).count()).map_or(u32::MAX, |n| n.saturating_add(1))
}

/// How long a measure is asked to last.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Asked {
    /// So long from its start.
    Lasts(Period),
    /// From this instant to that one.
    Between(Instant, Instant),
    /// Until rectified or lifted.
    Open,
}

/// Whether the ladder of a clause allows this restriction at this step. A clause without a ladder allows
/// any.
pub(crate) fn allows(
    clause: &Clause,
    calendar: &Calendar,
    step: u32,
    restriction: &Restriction,
    asked: Asked,
    now: Instant,
) -> bool {
    clause.ladder.as_ref().is_none_or(|ladder| {
        ladder
            .step(step)
            .measures
            .iter()
            .any(|allowed| covers(allowed, calendar, restriction, asked, now))
    })
}

fn covers(
    allowed: &AllowedMeasure,
    calendar: &Calendar,
    restriction: &Restriction,
    asked: Asked,
    now: Instant,
) -> bool {
    let same_thing = |capability: &CapabilityId| *capability == restriction.capability;
    same_thing(&allowed.capability)
        && allowed.kind == restriction.kind
        && restriction.extent <= allowed.extent
        && restriction.scope <= allowed.scope
        && restriction.mode <= allowed.mode
        && match (allowed.lasts, asked) {
            (None, _) => true,
            (Some(_), Asked::Open) => false,
            // Periods of different units are compared by where they would end from now.
            (Some(longest), Asked::Lasts(period)) => {
                calendar.due(now, period).at <= calendar.due(now, longest).at
            }
            (Some(longest), Asked::Between(start, end)) => end <= calendar.due(start, longest).at,
        }
}

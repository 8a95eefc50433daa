//! Which step of a ladder applies, and whether a measure stays within it.

use events_schema::{CaseId, Instant, NoticeId, Period, Restriction};

use crate::{
    AllowedMeasure, Clause, LadderPer,
    account_state::{AccountState, EntityState},
};
use working_calendar::Calendar;

/// The step that applies to a penalty under a clause for an act that was found then, counted from 1: one more than the
/// strikes that still count against it (rule 18), but for that of the penalty whose place it takes.
pub(crate) fn next_step(
    clause: &Clause,
    calendar: &Calendar,
    account: &AccountState,
    entity: &EntityState,
    (found_at, now): (Instant, Instant),
    but: Option<(&CaseId, &NoticeId)>,
) -> u32 {
    let strikes = match clause.ladder.as_ref().map(|ladder| ladder.per) {
        Some(LadderPer::Entity) => &entity.strikes,
        Some(LadderPer::Account) | None => &account.strikes,
    };
    let counts = |at: Instant| {
        let ladder = clause.ladder.as_ref();
        ladder.is_none_or(|ladder| calendar.due(at, ladder.counts_for).at > now)
    };
    let counting = strikes.counting(&clause.clause, found_at, counts, but);
    u32::try_from(counting).map_or(u32::MAX, |n| n.saturating_add(1))
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

/// How long a step allows this restriction to last; empty where it allows it for ever, or not at all.
pub(crate) fn longest(
    clause: &Clause,
    step: u32,
    restriction: &Restriction,
) -> impl Iterator<Item = Period> {
    let measures = clause
        .ladder
        .as_ref()
        .map(|ladder| &ladder.step(step).measures);
    let names = move |allowed: &&AllowedMeasure| is_as_mild(restriction, allowed);
    let named = measures.into_iter().flatten().filter(names);
    let for_ever = named.clone().any(|allowed| allowed.lasts.is_none());
    named
        .filter_map(|allowed| allowed.lasts)
        .filter(move |_| !for_ever)
}

/// The same restriction, made as mild as a step of the ladder allows: `None` where it allows none of its capability. A
/// clause without a ladder allows any.
pub(crate) fn lowered(
    clause: &Clause,
    step: u32,
    restriction: &Restriction,
) -> Option<Restriction> {
    let Some(ladder) = &clause.ladder else {
        return Some(restriction.clone());
    };
    let measures = ladder.step(step).measures.iter();
    let same = measures.filter(|allowed| {
        allowed.capability == restriction.capability && allowed.kind == restriction.kind
    });
    // What already is as mild stays as it is.
    let lowered = same.map(|allowed| Restriction {
        extent: restriction.extent.min(allowed.extent),
        scope: restriction.scope.min(allowed.scope),
        mode: restriction.mode.min(allowed.mode),
        ..restriction.clone()
    });
    lowered.max_by_key(|it| (it.mode, it.extent, it.scope))
}

/// Whether a restriction takes no more than the ladder allows, however long.
fn is_as_mild(restriction: &Restriction, allowed: &AllowedMeasure) -> bool {
    allowed.capability == restriction.capability
        && allowed.kind == restriction.kind
        && restriction.extent <= allowed.extent
        && restriction.scope <= allowed.scope
        && restriction.mode <= allowed.mode
}

fn covers(
    allowed: &AllowedMeasure,
    calendar: &Calendar,
    restriction: &Restriction,
    asked: Asked,
    now: Instant,
) -> bool {
    is_as_mild(restriction, allowed)
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

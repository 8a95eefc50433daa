//! Issuing notices (rules 1, 5, 12; complaints C1, C4, C5).

mod again;
mod ground;
mod succession;

use events_schema::{
    CapturedEvidence, Capturer, DeadlineChanges, DeadlinePurpose, Event, Instant, IssuePenalty,
    IssueWarning, Measure, MeasureId, NoticeGap, NoticeKind, PenaltyIssued, Rejection,
    RequestedMeasure, Strike, WarningIssued,
};

use self::{
    again::Kind,
    ground::{Asks, Ground, check_measures, check_not_raised_elsewhere, common, incomplete},
    succession::Predecessor,
};
use crate::matter::{Context, World};
use crate::{
    dates::Dates,
    ladder_step::{self, Asked},
};

pub(super) fn warning(
    world: World<'_>,
    command: &IssueWarning,
    context: Context<'_>,
) -> Result<Vec<Event>, Rejection> {
    let asks = Asks {
        case: &command.case,
        notice: &command.notice,
        account: &command.account,
        entity: &command.entity,
        violation: &command.violation,
        steps: &command.steps,
        supersedes: command.supersedes.as_ref(),
    };
    let ground = common(world, &asks, context)?;
    let measures = command
        .threatened_measures
        .iter()
        .map(|measure| (&measure.id, measure.findings.as_slice()));
    check_measures(world.case, &asks, measures)?;
    again::check(world, &ground, &asks, Kind::Warning)?;
    check_not_raised_elsewhere(world, &ground, &asks)?;
    let step = next_step(world, &ground, ground.found_at(&asks), context);
    for measure in &command.threatened_measures {
        let asked = measure.lasts.map_or(Asked::Open, Asked::Lasts);
        let restriction = &measure.restriction;
        let now = context.now;
        // Nothing is threatened that could not be imposed (C4).
        if !ladder_step::allows(
            ground.clause,
            ground.calendar,
            step,
            restriction,
            asked,
            now,
        ) {
            return Err(above_ladder(&measure.id, step));
        }
    }

    let mut dates = ground.dates(world.case);
    let in_full = ground.clause.params.cure;
    let purpose = DeadlinePurpose::Cure {
        notice: command.notice.clone(),
    };
    let mut deadlines = Vec::new();
    let mut takes_over = None;
    if let Some(before) = ground.predecessor {
        let (steps, notice) = (&command.steps, &command.notice);
        let goes_on = before.goes_on(steps, notice, NoticeKind::Warning, &mut dates);
        let clause = &ground.clause.clause;
        let mut findings = command.violation.findings.iter();
        let adds = findings.any(|it| !before.was_about(clause, &it.location));
        let period = before.cure(&goes_on, (in_full, adds), &mut dates, purpose);
        deadlines.extend(goes_on.deadlines);
        deadlines.extend(period);
        takes_over = Some(goes_on.facts);
    } else {
        deadlines.push(dates.after(context.now, in_full, "cure", purpose));
    }
    let mut events = ground.predecessor.map_or_else(Vec::new, Predecessor::ended);
    events.push(Event::from(WarningIssued {
        command: command.clone(),
        terms: ground.terms(),
        takes_over,
        deadlines: setting(deadlines),
    }));
    Ok(events)
}

pub(super) fn penalty(
    world: World<'_>,
    command: &IssuePenalty,
    context: Context<'_>,
) -> Result<Vec<Event>, Rejection> {
    let asks = Asks {
        case: &command.case,
        notice: &command.notice,
        account: &command.account,
        entity: &command.entity,
        violation: &command.violation,
        steps: &command.steps,
        supersedes: command.supersedes.as_ref(),
    };
    let ground = common(world, &asks, context)?;
    let measures = command
        .measures
        .iter()
        .map(|measure| (&measure.id, measure.findings.as_slice()));
    check_measures(world.case, &asks, measures)?;
    again::check(world, &ground, &asks, Kind::Penalty)?;
    check_basis(world, &ground, command, context)?;
    check_not_raised_elsewhere(world, &ground, &asks)?;
    let found_at = ground.found_at(&asks);
    let step = check_ladder(world, (&ground, found_at), command, context)?;

    let mut dates = ground.dates(world.case);
    let window = DeadlinePurpose::Window {
        notice: command.notice.clone(),
    };
    let in_full = ground.clause.params.appeal_window;
    let mut deadlines = Vec::new();
    let mut takes_over = None;
    if let Some(before) = ground.predecessor {
        let (steps, notice) = (&command.steps, &command.notice);
        let goes_on = before.goes_on(steps, notice, NoticeKind::Penalty, &mut dates);
        let period = before.window(&goes_on, in_full, &mut dates, window);
        deadlines.extend(goes_on.deadlines);
        deadlines.extend(period);
        takes_over = Some(goes_on.facts);
    } else {
        deadlines.push(dates.after(context.now, in_full, "appeal_window", window));
    }
    let mut imposed = Vec::with_capacity(command.measures.len());
    for measure in &command.measures {
        let measure = impose(&ground, command, measure, step, &dates, context)?;
        let (from, id) = (context.now, || measure.id.clone());
        if measure.starts_at > from {
            let purpose = DeadlinePurpose::MeasureStart { measure: id() };
            deadlines.push(dates.at(from, measure.starts_at, "measure start", purpose));
        }
        if let Some(ends_at) = measure.ends_at {
            let purpose = DeadlinePurpose::MeasureEnd { measure: id() };
            deadlines.push(dates.at(from, ends_at, "measure end", purpose));
        }
        imposed.push(measure);
    }
    let mut events = ground.predecessor.map_or_else(Vec::new, Predecessor::ended);
    let in_force = imposed.iter().filter(|it| it.starts_at <= context.now);
    let in_force = in_force.map(|it| it.id.clone()).collect();
    let stage = takes_over.as_ref().map(|it| it.rectification);
    let stayed = ground
        .predecessor
        .zip(stage)
        .and_then(|(before, stage)| before.still_stayed(stage, &command.notice, in_force));
    // That of the penalty whose place it takes counts on from when that was imposed.
    let before = ground
        .predecessor
        .and_then(|it| it.notice().strike.as_deref());
    events.push(Event::from(PenaltyIssued {
        command: command.clone(),
        terms: ground.terms(),
        measures: imposed,
        strike: Strike {
            clause: ground.clause.clause.clone(),
            account: command.account.clone(),
            entity: command.entity.clone(),
            step,
            found_at,
            imposed_at: before.map_or(context.now, |it| it.imposed_at),
        },
        takes_over,
        deadlines: setting(deadlines),
    }));
    events.extend(stayed);
    Ok(events)
}

/// A measure as it is imposed: with the time that the notice before has restricted the same, it lasts no longer than the
/// step of the ladder allows (rule 10).
fn impose(
    ground: &Ground<'_>,
    command: &IssuePenalty,
    asked: &RequestedMeasure,
    step: u32,
    dates: &Dates<'_>,
    context: Context<'_>,
) -> Result<Measure, Rejection> {
    let starts_at = asked.starts_at.unwrap_or(context.now);
    let mut ends_at = asked.ends_at;
    let before = ground
        .predecessor
        .filter(|_| command.ladder_override.is_none());
    if let Some(before) = before
        && let Some(longest) = dates.longest_end(step, &asked.restriction, starts_at)
    {
        let left = longest.plus_seconds(-before.served(&asked.restriction.capability));
        if left <= starts_at {
            return Err(Rejection::TimeServed {
                measure: asked.id.clone(),
                step,
            });
        }
        ends_at = Some(ends_at.map_or(left, |end| end.min(left)));
    }
    Ok(Measure {
        id: asked.id.clone(),
        findings: asked.findings.clone(),
        restriction: asked.restriction.clone(),
        starts_at,
        ends_at,
    })
}

/// A rule that is to be warned about first is penalised at once only on a listed emergency ground that
/// somebody else approved, and so is whatever restricts a critical capability; an override of the ladder needs
/// somebody else as well.
fn check_basis(
    world: World<'_>,
    ground: &Ground<'_>,
    command: &IssuePenalty,
    context: Context<'_>,
) -> Result<(), Rejection> {
    let clause = ground.clause;
    let mut capabilities = command
        .measures
        .iter()
        .map(|measure| &measure.restriction.capability);
    let critical = capabilities.find(|it| ground.rulebook.critical_capabilities.contains(*it));
    // What a warning gave is not taken by putting a penalty in its place.
    let warning = ground.superseded_warning();
    if clause.warning_first || critical.is_some() || warning.is_some() {
        let listed = command
            .emergency
            .as_ref()
            .is_some_and(|emergency| clause.emergency_grounds.contains(&emergency.ground));
        if !listed {
            return Err(Rejection::WarningRequired {
                clause: clause.clause.clone(),
                critical_capability: critical.filter(|_| !clause.warning_first).cloned(),
                warning: warning.map(|(notice, _)| notice.clone()),
                decided_in: None,
                emergency_grounds: clause.emergency_grounds.clone(),
            });
        }
    }
    // What the warning gave time for is no emergency; what the platform has seen since may be (rule 16).
    if let Some((warning, since)) = warning {
        let newer = |it: &CapturedEvidence| {
            it.captured_by == Capturer::Platform
                && it.captured_at > since
                && world.account.seals.fallen_with(&it.sha256).is_none()
        };
        let mut findings = command.violation.findings.iter();
        if let Some(finding) = findings.find(|it| !it.evidence.iter().any(newer)) {
            return Err(Rejection::NewerEvidenceRequired {
                finding: finding.id.clone(),
                warning: warning.clone(),
                since,
            });
        }
    }
    let emergency = command.emergency.as_ref().map(|it| &it.approver);
    let beyond_ladder = command.ladder_override.as_ref().map(|it| &it.approver);
    match emergency.into_iter().chain(beyond_ladder).find(|approver| {
        **approver == context.actor.principal || approver.as_str() == command.account.as_str()
    }) {
        None => Ok(()),
        Some(approver) => Err(Rejection::ApproverRequired {
            approver: approver.clone(),
        }),
    }
}

/// Every measure stays within the step of the ladder, unless somebody approved more. Gives the step.
fn check_ladder(
    world: World<'_>,
    (ground, found_at): (&Ground<'_>, Instant),
    command: &IssuePenalty,
    context: Context<'_>,
) -> Result<u32, Rejection> {
    let step = next_step(world, ground, found_at, context);
    for measure in &command.measures {
        check_dates(measure, context)?;
        if command.ladder_override.is_none() {
            let start = first_start(command, measure, context);
            let asked = measure
                .ends_at
                .map_or(Asked::Open, |end| Asked::Between(start, end));
            let (clause, calendar) = (ground.clause, ground.calendar);
            let restriction = &measure.restriction;
            if !ladder_step::allows(clause, calendar, step, restriction, asked, context.now) {
                return Err(above_ladder(&measure.id, step));
            }
        }
    }
    Ok(step)
}

fn check_dates(measure: &RequestedMeasure, context: Context<'_>) -> Result<(), Rejection> {
    if let Some(starts_at) = measure.starts_at
        && starts_at < context.now
    {
        return Err(Rejection::StartsInPast {
            measure: measure.id.clone(),
            starts_at,
            now: context.now,
        });
    }
    let start = measure.starts_at.unwrap_or(context.now);
    if measure.ends_at.is_some_and(|end| end <= start) {
        return Err(incomplete(NoticeGap::MeasureEndsBeforeStart {
            measure: measure.id.clone(),
        }));
    }
    Ok(())
}

/// When the first restriction of this capability starts: several in a row last no longer than a step of the ladder
/// allows one to.
fn first_start(
    command: &IssuePenalty,
    measure: &RequestedMeasure,
    context: Context<'_>,
) -> Instant {
    let start = |it: &RequestedMeasure| it.starts_at.unwrap_or(context.now);
    let asked = &measure.restriction;
    command
        .measures
        .iter()
        .filter(|it| it.restriction.capability == asked.capability)
        .filter(|it| it.restriction.kind == asked.kind)
        .map(start)
        .fold(start(measure), Instant::min)
}

fn next_step(
    world: World<'_>,
    ground: &Ground<'_>,
    found_at: Instant,
    context: Context<'_>,
) -> u32 {
    ladder_step::next_step(
        ground.clause,
        ground.calendar,
        world.account,
        world.entity,
        (found_at, context.now),
        ground
            .predecessor
            .map(|it| (&it.matter.case.case, &it.notice().id)),
    )
}

fn setting(set: Vec<events_schema::Deadline>) -> DeadlineChanges {
    DeadlineChanges {
        set,
        ..DeadlineChanges::default()
    }
}

fn above_ladder(measure: &MeasureId, step: u32) -> Rejection {
    Rejection::AboveLadder {
        measure: measure.clone(),
        step,
    }
}

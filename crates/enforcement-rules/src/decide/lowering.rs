//! A strike that falls lowers at once every later penalty whose step had counted it (rule 18).

use events_schema::{
    Deadline, DeadlineChanges, DeadlinePurpose, Event, Instant, LiftCause, LoweredMeasure, Measure,
    MeasureId, MeasuresStayed, PenaltyLowered, Rejection, Strike,
};

use super::endings;
use crate::{
    case_state::{CaseState, ImposedMeasure, MeasureStanding},
    dates::Dates,
    ladder_step,
    matter::Matter,
};

/// What becomes of a penalty whose step has become a lower one: nothing where it has not.
///
/// # Errors
/// When the rulebook of the notice is gone.
pub(crate) fn lower(matter: Matter<'_>) -> Result<Vec<Event>, Rejection> {
    let Matter { case, notice, .. } = matter;
    let now = matter.context.now;
    let Some(strike) = notice.strike.as_deref() else {
        return Ok(Vec::new());
    };
    let mut dates = matter.dates()?;
    let step = step_now(matter, &dates, strike);
    if step >= strike.step {
        return Ok(Vec::new());
    }
    let mut ending: Vec<&ImposedMeasure> = Vec::new();
    let mut milder: Vec<LoweredMeasure> = Vec::new();
    let mut stayed: Vec<MeasureId> = Vec::new();
    let mut set: Vec<Deadline> = Vec::new();
    // What somebody approved beyond the ladder was never a step of it.
    let of_the_ladder = case
        .active_measures(&notice.id)
        .filter(|_| !notice.beyond_ladder);
    for imposed in of_the_ladder {
        let lowered = lowered(case, &dates, step, imposed, now);
        if lowered.as_ref().is_some_and(|it| {
            it.restriction == imposed.measure.restriction && it.ends_at == imposed.measure.ends_at
        }) {
            continue;
        }
        ending.push(imposed);
        if let Some(measure) = lowered {
            set.extend(dates_of(&mut dates, &measure, now));
            if imposed.standing == MeasureStanding::Stayed {
                stayed.push(measure.id.clone());
            }
            milder.push(LoweredMeasure {
                replaces: imposed.measure.id.clone(),
                measure,
            });
        }
    }
    let ids: Vec<_> = ending.iter().map(|it| &it.measure.id).collect();
    let nothing_left = milder.is_empty();
    let lifted = ending.iter().copied();
    let mut events: Vec<Event> = Vec::new();
    events.extend(endings::lift(matter, LiftCause::StrikeFell, lifted));
    events.push(Event::from(PenaltyLowered {
        notice: notice.id.clone(),
        from: strike.step,
        strike: Strike {
            step,
            ..strike.clone()
        },
        measures: milder,
        deadlines: DeadlineChanges {
            set,
            ..DeadlineChanges::default()
        },
    }));
    if !stayed.is_empty() {
        events.push(Event::from(MeasuresStayed {
            notice: notice.id.clone(),
            measures: stayed,
        }));
    }
    // Nothing restricts any more: then it is over, as it would be had the measure ended by its date.
    if nothing_left && !ids.is_empty() && case.open_appeal().is_none() {
        let can_be_appealed = endings::can_be_appealed(notice);
        events.extend(endings::settled(matter, can_be_appealed, &[], &ids));
    }
    Ok(events)
}

/// The step that the ladder gives for it now, as of when it was imposed.
fn step_now(matter: Matter<'_>, dates: &Dates<'_>, strike: &Strike) -> u32 {
    let Matter {
        world,
        case,
        notice,
        ..
    } = matter;
    let times = (strike.found_at, strike.imposed_at);
    let itself = Some((&case.case, &notice.id));
    let (account, entity) = (world.account, world.entity);
    ladder_step::next_step(
        dates.clause(),
        dates.calendar(),
        account,
        entity,
        times,
        itself,
    )
}

/// A measure made as mild as a step allows, with the time that was served counted; `None` where nothing is left of it.
fn lowered(
    case: &CaseState,
    dates: &Dates<'_>,
    step: u32,
    imposed: &ImposedMeasure,
    now: Instant,
) -> Option<Measure> {
    let Measure {
        id,
        findings,
        restriction,
        starts_at,
        ends_at,
    } = &imposed.measure;
    let restriction = ladder_step::lowered(dates.clause(), step, restriction)?;
    let longest = dates.longest_end(step, &restriction, *starts_at);
    let ends_at = match (*ends_at, longest) {
        (Some(end), Some(longest)) => Some(end.min(longest)),
        (end, longest) => end.or(longest),
    };
    let mut ids = (step..).map(|number| id.of_step(number));
    let unused = ids.find(|id| !case.knows_measure(id))?;
    ends_at.is_none_or(|end| end > now).then(|| Measure {
        id: unused,
        findings: findings.clone(),
        restriction,
        starts_at: (*starts_at).max(now),
        ends_at,
    })
}

fn dates_of<'d>(
    dates: &'d mut Dates<'_>,
    measure: &Measure,
    now: Instant,
) -> impl Iterator<Item = Deadline> + use<'d> {
    let id = || measure.id.clone();
    let mut set = Vec::new();
    if measure.starts_at > now {
        let purpose = DeadlinePurpose::MeasureStart { measure: id() };
        set.push(dates.at(now, measure.starts_at, "measure start", purpose));
    }
    if let Some(ends_at) = measure.ends_at {
        let purpose = DeadlinePurpose::MeasureEnd { measure: id() };
        set.push(dates.at(now, ends_at, "measure end", purpose));
    }
    set.into_iter()
}

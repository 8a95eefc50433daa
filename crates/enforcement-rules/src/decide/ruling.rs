//! Ruling on an appeal (rules 1, 6, 7, 8; complaints C1, C2, C6, C7).

use events_schema::{
    AppealRuled, Closure, DeadlineChanges, DeadlinePurpose, Decide, Event, FindingAnswer, Instant,
    LiftCause, MeasureAnswer, NoticeStanding, RectificationStage, Rejection, RulingContradiction,
    RulingGap, RulingOutcome, RulingPart, SealReason, StepAnswer, StepId,
};

use super::{
    Context, World,
    appeal::{self, exhausted, open_appeal, resume_measures},
    check_captured, check_reviewer, dates, endings, live_notice,
    rectification::same_release,
};
use crate::{
    case_state::{Appeal, CaseState, Notice},
    dates::{Dates, label},
};

pub(super) fn decide(
    world: World<'_>,
    case: &CaseState,
    command: &Decide,
    context: Context<'_>,
) -> Result<Vec<Event>, Rejection> {
    let appeal = open_appeal(case, &command.appeal)?;
    let notice = live_notice(case, &appeal.notice)?;
    appeal::check_claim(case, appeal, context)?;
    check_reviewer(case, context)?;
    if command.appeal_revision != appeal.revision {
        return Err(Rejection::AppealChanged {
            seen: command.appeal_revision,
            actual: appeal.revision,
        });
    }
    check_what_was_seen(appeal, command, context)?;
    check_everything_is_answered(case, notice, appeal, command)?;
    check_outcome_follows(notice, command)?;
    match command.outcome {
        RulingOutcome::Granted => Ok(granted(world, case, notice, appeal, command)),
        RulingOutcome::Refused => refused(world, case, notice, appeal, command, context),
    }
}

fn check_what_was_seen(
    appeal: &Appeal,
    command: &Decide,
    context: Context<'_>,
) -> Result<(), Rejection> {
    same_release(&appeal.release, &command.release_reviewed)?;
    if command.observations.is_empty() {
        return Err(incomplete(RulingGap::NoObservation {}));
    }
    for observation in &command.observations {
        same_release(&appeal.release, &observation.release)?;
        check_captured(observation.captured_at, context)?;
        if observation.captured_at < appeal.filed_at {
            return Err(Rejection::StaleEvidence {
                captured_at: observation.captured_at,
                filed_at: appeal.filed_at,
            });
        }
    }
    for digest in &command.evidence_considered {
        if !appeal.evidence.contains(digest) {
            let sha256 = *digest;
            return Err(incomplete(RulingGap::EvidenceNotOfAppeal { sha256 }));
        }
    }
    Ok(())
}

fn check_everything_is_answered(
    case: &CaseState,
    notice: &Notice,
    appeal: &Appeal,
    command: &Decide,
) -> Result<(), Rejection> {
    same_ids(
        RulingPart::Finding,
        notice.findings.iter().map(|finding| &finding.id),
        command.findings.iter().map(|finding| &finding.id),
    )?;
    same_ids(
        RulingPart::Ground,
        appeal.grounds.iter(),
        command.grounds.iter().map(|ground| &ground.id),
    )?;
    same_ids(
        RulingPart::Step,
        notice.steps.iter().map(|step| &step.id),
        command.steps.iter().map(|step| &step.id),
    )?;
    same_ids(
        RulingPart::Measure,
        case.active_measures(&notice.id)
            .map(|imposed| &imposed.measure.id),
        command.measures.iter().map(|measure| &measure.id),
    )
}

/// Each id of the one side stands once on the other, and nothing else does.
fn same_ids<'a, Id: PartialEq + std::fmt::Display + 'a>(
    what: RulingPart,
    expected: impl Iterator<Item = &'a Id> + Clone,
    answered: impl Iterator<Item = &'a Id> + Clone,
) -> Result<(), Rejection> {
    for expected in expected.clone() {
        let id = label(&expected.to_string());
        match answered.clone().filter(|it| *it == expected).count() {
            0 => return Err(incomplete(RulingGap::NotAnswered { what, id })),
            1 => {}
            _ => return Err(incomplete(RulingGap::AnsweredTwice { what, id })),
        }
    }
    match answered
        .into_iter()
        .find(|id| !expected.clone().any(|it| it == *id))
    {
        None => Ok(()),
        Some(id) => {
            let id = label(&id.to_string());
            Err(incomplete(RulingGap::NothingToAnswer { what, id }))
        }
    }
}

fn check_outcome_follows(notice: &Notice, command: &Decide) -> Result<(), Rejection> {
    let inconsistent = |problem| Err(Rejection::RulingInconsistent { problem });
    let upheld = command
        .findings
        .iter()
        .any(|finding| finding.ruling == FindingAnswer::Upheld);
    let unfounded = command
        .findings
        .iter()
        .any(|finding| SealReason::of(finding.ruling).is_some());
    let kept_step = command
        .steps
        .iter()
        .any(|step| step.ruling == StepAnswer::Keep);
    let kept_measure = command
        .measures
        .iter()
        .any(|measure| measure.ruling == MeasureAnswer::Keep);
    let lifted_measure = command
        .measures
        .iter()
        .any(|measure| measure.ruling == MeasureAnswer::Lift);
    match command.outcome {
        RulingOutcome::Granted if upheld => {
            inconsistent(RulingContradiction::GrantedWithUpheldFinding)
        }
        RulingOutcome::Granted if kept_step => {
            inconsistent(RulingContradiction::GrantedWithKeptStep)
        }
        RulingOutcome::Granted if kept_measure => {
            inconsistent(RulingContradiction::GrantedWithKeptMeasure)
        }
        RulingOutcome::Granted if command.cure_due.is_some() => {
            inconsistent(RulingContradiction::GrantedWithCurePeriod)
        }
        RulingOutcome::Refused if !upheld => {
            inconsistent(RulingContradiction::RefusedWithoutUpheldFinding)
        }
        RulingOutcome::Refused if unfounded => {
            inconsistent(RulingContradiction::RefusedWithUnfoundedFinding)
        }
        // What was verified meanwhile is met; the finding may stand all the same.
        RulingOutcome::Refused if !kept_step && !notice.is_rectified() => {
            inconsistent(RulingContradiction::RefusedWithoutUnmetStep)
        }
        RulingOutcome::Refused if kept_step && notice.is_rectified() => {
            inconsistent(RulingContradiction::RefusedOverVerifiedStep)
        }
        RulingOutcome::Refused if lifted_measure => {
            inconsistent(RulingContradiction::RefusedWithLiftedMeasure)
        }
        RulingOutcome::Granted | RulingOutcome::Refused => Ok(()),
    }
}

fn granted(
    world: World<'_>,
    case: &CaseState,
    notice: &Notice,
    appeal: &Appeal,
    command: &Decide,
) -> Vec<Event> {
    let rectified = command
        .findings
        .iter()
        .any(|finding| finding.ruling == FindingAnswer::Rectified);
    let mut events = vec![Event::from(AppealRuled {
        command: command.clone(),
        notice: notice.id.clone(),
        counts: false,
        unmet_steps: Vec::new(),
        rectification: if rectified {
            RectificationStage::Confirmed
        } else {
            notice.rectification.stage
        },
        deadlines: endings::clearing(endings::open_for(case, endings::of_appeal(appeal))),
    })];
    events.extend(endings::lift(
        case,
        world.account,
        notice,
        LiftCause::Granted,
        case.active_measures(&notice.id),
    ));
    events.extend(endings::seal(notice, |id| {
        command
            .findings
            .iter()
            .find(|finding| finding.id == *id)
            .and_then(|finding| SealReason::of(finding.ruling))
    }));
    let how = if rectified {
        Closure::Complied
    } else {
        Closure::Overturned
    };
    events.push(endings::close(case, notice, how, &[]));
    events
}

fn refused(
    world: World<'_>,
    case: &CaseState,
    notice: &Notice,
    appeal: &Appeal,
    command: &Decide,
    context: Context<'_>,
) -> Result<Vec<Event>, Rejection> {
    let mut dates = dates(world, case, notice)?;
    let mut changes = endings::clearing(endings::open_for(case, endings::of_appeal(appeal)));
    let stage = match notice.rectification.stage {
        RectificationStage::Unverified if verifies(notice, appeal) => {
            let verifications = endings::open_for(case, endings::of_verification(&notice.id));
            changes.cleared.extend(verifications);
            RectificationStage::Rejected
        }
        // The platform's own review or verification goes on, and the cure period stays stopped until it
        // comes out.
        stage @ (RectificationStage::ReviewPending
        | RectificationStage::Unverified
        | RectificationStage::None
        | RectificationStage::Partial
        | RectificationStage::Rejected
        | RectificationStage::Confirmed) => stage,
    };
    // An appeal carried from a warning uses no attempt of the penalty.
    let counts = !appeal.carried;
    let used = notice.attempts_used + u32::from(counts);
    let complied = endings::complied(case, notice, &changes.cleared, &[]);
    let exhausts = complied.is_none()
        && notice.standing == NoticeStanding::Penalised
        && used >= notice.terms.attempt_cap;
    match notice.standing {
        NoticeStanding::Warned => {
            extend_cure(
                &mut dates,
                case,
                notice,
                command,
                stage,
                context,
                &mut changes,
            )?;
        }
        NoticeStanding::Penalised | NoticeStanding::Exhausted => {
            if command.cure_due.is_some() {
                return Err(Rejection::RulingInconsistent {
                    problem: RulingContradiction::CurePeriodOfPenalty,
                });
            }
            if !exhausts && complied.is_none() {
                let window = DeadlinePurpose::Window {
                    notice: notice.id.clone(),
                };
                let running = case.deadline_for(&window).map(|running| running.id.clone());
                changes.cleared.extend(running);
                changes.set.push(dates.new_window(notice, context.now));
            }
        }
        NoticeStanding::Lapsed
        | NoticeStanding::Complied
        | NoticeStanding::Overturned
        | NoticeStanding::Withdrawn
        | NoticeStanding::DeemedGranted => {}
    }
    let mut events = vec![Event::from(AppealRuled {
        command: command.clone(),
        notice: notice.id.clone(),
        counts,
        unmet_steps: unmet(command),
        rectification: stage,
        deadlines: changes,
    })];
    events.extend(resume_measures(case, notice));
    events.extend(complied);
    if exhausts {
        events.push(exhausted(case, notice, true));
    }
    Ok(events)
}

/// Whether a ruling on the appeal verifies what is declared: the appeal says that it was rectified, and
/// what it names is what had been declared by then.
fn verifies(notice: &Notice, appeal: &Appeal) -> bool {
    let rectification = &notice.rectification;
    let declared_by_then = |at: Instant| at <= appeal.filed_at;
    let release = rectification.release.as_ref();
    appeal.claims_rectified
        && rectification.declared_at.is_some_and(declared_by_then)
        && release.is_none_or(|declared| same_release(declared, &appeal.release).is_ok())
}

fn unmet(command: &Decide) -> Vec<StepId> {
    command
        .steps
        .iter()
        .filter(|step| step.ruling == StepAnswer::Keep)
        .map(|step| step.id.clone())
        .collect()
}

/// The cure period ends at the latest of the old due date, the least that is left after a ruling, and
/// what the reviewer gives.
fn extend_cure(
    dates: &mut Dates<'_>,
    case: &CaseState,
    notice: &Notice,
    command: &Decide,
    stage: RectificationStage,
    context: Context<'_>,
    changes: &mut DeadlineChanges,
) -> Result<(), Rejection> {
    let purpose = DeadlinePurpose::Cure {
        notice: notice.id.clone(),
    };
    let running = case.deadline_for(&purpose);
    let (left, not_before) = match running {
        Some(cure) => {
            let in_full = dates.clause().params.cure;
            let uncertain = cure.provisional;
            let left = uncertain.then(|| dates.left_of(cure, in_full, context.now));
            (left, Some(cure.due))
        }
        None => (notice.cure.left, notice.cure.not_before),
    };
    let least = dates.going_on(context.now, left, not_before).due;
    let given = command.cure_due;
    if let Some(given) = given
        && given < least
    {
        return Err(Rejection::WorseThanAppealed {
            cure_due: given,
            not_before: least,
        });
    }
    // It goes on once the platform has answered, and not before what the reviewer gives here.
    if running.is_none() && stage.is_with_the_platform() {
        return Ok(());
    }
    let going_on = dates.going_on(context.now, left, not_before.max(given));
    if running.is_some_and(|cure| cure.due == going_on.due) {
        return Ok(());
    }
    changes.cleared.extend(running.map(|cure| cure.id.clone()));
    changes
        .set
        .push(dates.resumed(context.now, going_on, purpose));
    Ok(())
}

fn incomplete(missing: RulingGap) -> Rejection {
    Rejection::RulingIncomplete { missing }
}

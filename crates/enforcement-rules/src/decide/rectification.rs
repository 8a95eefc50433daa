//! Declaring, reviewing and verifying a rectification (rules 3, 4; complaint C8).

use events_schema::{
    Closure, CodeReviewOutcome, CodeReviewRecorded, CodeReviewState, Deadline, DeadlineChanges,
    DeadlinePurpose, Event, Instant, LiftCause, NoticeStanding, Period, RecordCodeReview,
    RectificationDeclared, RectificationStage, RectificationVerified, Rectify, Rejection, Release,
    Role, VerificationGap, VerificationOutcome, VerifyRectification,
};

use super::{Context, World, check_captured, check_reviewer, dates, endings, live_notice};
use crate::{
    case_state::{CaseState, ImposedMeasure, Notice},
    dates::{Dates, label},
};

pub(super) fn declare(
    world: World<'_>,
    case: &CaseState,
    command: &Rectify,
    context: Context<'_>,
) -> Result<Vec<Event>, Rejection> {
    let notice = live_notice(case, &command.notice)?;
    for answered in &command.steps {
        if !notice.steps.iter().any(|step| step.id == answered.step) {
            return Err(Rejection::UnknownStep {
                step: answered.step.clone(),
            });
        }
    }
    if notice.is_rectified() {
        return Err(Rejection::NothingDeclared {});
    }
    let stage = notice.rectification.stage;
    let with_the_platform = stage.is_with_the_platform();
    if notice.standing == NoticeStanding::Exhausted && with_the_platform {
        return Err(Rejection::VerificationPending {
            notice: notice.id.clone(),
            due: verification_due(case, notice),
        });
    }
    let new_step = notice
        .steps
        .iter()
        .filter(|step| !step.answered)
        .any(|step| command.steps.iter().any(|it| it.step == step.id));
    let release = command
        .release
        .as_ref()
        .map(events_schema::DeclaredRelease::release);
    let new_release = release.is_some() && release != notice.rectification.release;
    if !new_step && !new_release {
        return Err(Rejection::NothingDeclared {});
    }

    let mut dates = dates(world, case, notice)?;
    let mut changes = DeadlineChanges::default();
    let mut left = (None, None);
    let complete = notice.answered_with(command.steps.iter().map(|answered| &answered.step));
    let next = if with_the_platform {
        // What the platform is looking at stays what it looks at; this is on record beside it.
        stage
    } else if !complete {
        RectificationStage::Partial
    } else {
        left = stop_periods(case, notice, &dates, context, &mut changes);
        let (_, code_review) = notice.rectification.release_with(command);
        let (next, time) = look_at(&mut dates, notice, code_review, context);
        changes.set.push(time);
        if next == RectificationStage::Unverified && left.1.is_some() {
            changes.set.push(dates.new_window(notice, context.now));
        }
        next
    };
    Ok(vec![Event::from(RectificationDeclared {
        command: command.clone(),
        next,
        cure_left: left.0,
        window_left: left.1,
        deadlines: changes,
    })])
}

/// What the platform has to do about a complete declaration, and until when.
fn look_at(
    dates: &mut Dates<'_>,
    notice: &Notice,
    code_review: CodeReviewState,
    context: Context<'_>,
) -> (RectificationStage, Deadline) {
    match code_review {
        CodeReviewState::Pending => {
            let period = dates.clause().params.code_review;
            let purpose = DeadlinePurpose::CodeReview {
                notice: notice.id.clone(),
            };
            let review = dates.after(context.now, period, "code_review", purpose);
            (RectificationStage::ReviewPending, review)
        }
        CodeReviewState::NotNeeded | CodeReviewState::Passed => (
            RectificationStage::Unverified,
            verification(dates, notice, context),
        ),
    }
}

/// The first declaration that answers every step stops the cure period and the appeal window, once per
/// notice. Gives what was left of each.
pub(super) fn stop_periods(
    case: &CaseState,
    notice: &Notice,
    dates: &Dates<'_>,
    context: Context<'_>,
    changes: &mut DeadlineChanges,
) -> (Option<Period>, Option<Period>) {
    if notice.cure.stops > 0 || notice.window.stops > 0 {
        return (None, None);
    }
    let mut stop = |in_full: Period, purpose: DeadlinePurpose| {
        let running = case.deadline_for(&purpose)?;
        changes.cleared.push(running.id.clone());
        Some(dates.left_of(running, in_full, context.now))
    };
    let params = &dates.clause().params;
    let (cure, window) = (params.cure, params.appeal_window);
    let of = notice.id.clone();
    let cure = stop(cure, DeadlinePurpose::Cure { notice: of.clone() });
    let window = stop(window, DeadlinePurpose::Window { notice: of });
    (cure, window)
}

pub(super) fn record_code_review(
    world: World<'_>,
    case: &CaseState,
    command: &RecordCodeReview,
    context: Context<'_>,
) -> Result<Vec<Event>, Rejection> {
    let notice = live_notice(case, &command.notice)?;
    let rectification = &notice.rectification;
    let in_part = rectification.stage == RectificationStage::Partial;
    if !waits_for_code_review(notice) {
        return Err(Rejection::NoCodeReviewPending {
            notice: notice.id.clone(),
            rectification: rectification.stage,
        });
    }
    if let Some(declared) = &notice.rectification.release {
        same_release(declared, &command.release)?;
    }
    let mut dates = dates(world, case, notice)?;
    let mut changes = endings::clearing(endings::open_for(
        case,
        |purpose| matches!(purpose, DeadlinePurpose::CodeReview { notice: id } if *id == notice.id),
    ));
    let next = match command.outcome {
        // The other steps are still to come, and with them the verification.
        CodeReviewOutcome::Passed if in_part => RectificationStage::Partial,
        CodeReviewOutcome::Passed => {
            changes.set.push(verification(&mut dates, notice, context));
            if stopped_window(notice) {
                changes.set.push(dates.new_window(notice, context.now));
            }
            RectificationStage::Unverified
        }
        CodeReviewOutcome::Failed => {
            changes
                .set
                .extend(resume(&mut dates, case, notice, context));
            RectificationStage::Rejected
        }
    };
    Ok(vec![Event::from(CodeReviewRecorded {
        command: command.clone(),
        next,
        deadlines: changes,
    })])
}

pub(super) fn verify(
    world: World<'_>,
    case: &CaseState,
    command: &VerifyRectification,
    context: Context<'_>,
) -> Result<Vec<Event>, Rejection> {
    let notice = live_notice(case, &command.notice)?;
    let rectification = &notice.rectification;
    let in_part = rectification.stage == RectificationStage::Partial;
    if !waits_for_verification(case, notice) {
        return Err(Rejection::NothingToVerify {
            notice: notice.id.clone(),
            rectification: rectification.stage,
        });
    }
    if context.actor.role == Role::Reviewer {
        check_reviewer(case, context)?;
    } else if needs_human(notice) {
        return Err(Rejection::HumanRequired {
            notice: notice.id.clone(),
        });
    }
    check_what_was_seen(notice, command, context)?;
    if in_part && !notice.answered_with(std::iter::empty()) {
        return Ok(verified_in_part(world, case, notice, command));
    }
    let verifications = endings::open_for(case, endings::of_verification(&notice.id));
    match command.outcome {
        VerificationOutcome::Rejected => {
            let mut dates = dates(world, case, notice)?;
            let mut changes = endings::clearing(verifications);
            let warned = notice.standing == NoticeStanding::Warned;
            changes
                .set
                .extend(if warned && notice.cure.resumptions > 0 {
                    dates.rest_of_cure(case, notice, context.now)
                } else {
                    resume(&mut dates, case, notice, context)
                });
            Ok(vec![Event::from(RectificationVerified {
                command: command.clone(),
                next: RectificationStage::Rejected,
                deadlines: changes,
            })])
        }
        VerificationOutcome::Confirmed => {
            let mut events = vec![Event::from(RectificationVerified {
                command: command.clone(),
                next: RectificationStage::Confirmed,
                deadlines: endings::clearing(verifications.clone()),
            })];
            events.extend(confirmed(world, case, notice, &verifications));
            Ok(events)
        }
    }
}

/// Whether somebody can verify what is declared for the notice.
pub(crate) fn waits_for_verification(case: &CaseState, notice: &Notice) -> bool {
    let rectification = &notice.rectification;
    if rectification.stage == RectificationStage::Partial {
        put_right(case, notice).next().is_some()
    } else {
        rectification.stage == RectificationStage::Unverified && !rectification.by_appeal
    }
}

/// Whether a declared release waits for its code review.
pub(crate) fn waits_for_code_review(notice: &Notice) -> bool {
    let rectification = &notice.rectification;
    match rectification.stage {
        RectificationStage::ReviewPending => true,
        RectificationStage::Partial => rectification.code_review == CodeReviewState::Pending,
        RectificationStage::None
        | RectificationStage::Unverified
        | RectificationStage::Rejected
        | RectificationStage::Confirmed => false,
    }
}

/// Whether a reviewer has to verify, and not the platform, since no appeal is left to look at it again.
pub(crate) fn needs_human(notice: &Notice) -> bool {
    notice.standing == NoticeStanding::Exhausted || notice.attempts_used >= notice.terms.attempt_cap
}

/// When the platform has to answer what is declared; nothing once that is overdue.
pub(crate) fn verification_due(case: &CaseState, notice: &Notice) -> Option<Instant> {
    let first = DeadlinePurpose::Verification {
        notice: notice.id.clone(),
    };
    let second = DeadlinePurpose::SecondVerification {
        notice: notice.id.clone(),
    };
    let open = case
        .deadline_for(&first)
        .or_else(|| case.deadline_for(&second));
    open.map(|deadline| deadline.due)
}

/// The measures that last until rectified and whose findings are all put right, as far as is declared.
fn put_right<'a>(
    case: &'a CaseState,
    notice: &'a Notice,
) -> impl Iterator<Item = &'a ImposedMeasure> {
    case.active_measures(&notice.id)
        .filter(|imposed| imposed.measure.ends_at.is_none())
        .filter(|imposed| notice.answers(&imposed.measure.findings))
}

/// Some steps are still to come: what was declared lifts what it answers, and no period is touched.
fn verified_in_part(
    world: World<'_>,
    case: &CaseState,
    notice: &Notice,
    command: &VerifyRectification,
) -> Vec<Event> {
    let mut events = vec![Event::from(RectificationVerified {
        command: command.clone(),
        next: RectificationStage::Partial,
        deadlines: DeadlineChanges::default(),
    })];
    if command.outcome == VerificationOutcome::Confirmed {
        events.extend(endings::lift(
            case,
            world.account,
            notice,
            LiftCause::Rectified,
            put_right(case, notice),
        ));
    }
    events
}

fn check_what_was_seen(
    notice: &Notice,
    command: &VerifyRectification,
    context: Context<'_>,
) -> Result<(), Rejection> {
    let incomplete = |missing| Rejection::VerificationIncomplete { missing };
    if let Some(declared) = &notice.rectification.release {
        let seen = command
            .release
            .as_ref()
            .ok_or_else(|| incomplete(VerificationGap::ReleaseNotNamed))?;
        same_release(declared, seen)?;
        for observation in &command.observations {
            same_release(declared, &observation.release)?;
        }
    }
    for observation in &command.observations {
        check_captured(observation.captured_at, context)?;
    }
    if let Some(declared_at) = notice.rectification.declared_at {
        for observation in &command.observations {
            if observation.captured_at < declared_at {
                return Err(Rejection::StaleEvidence {
                    captured_at: observation.captured_at,
                    filed_at: declared_at,
                });
            }
        }
    }
    for unmet in &command.unmet_steps {
        if !notice.steps.iter().any(|step| step.id == *unmet) {
            return Err(Rejection::UnknownStep {
                step: unmet.clone(),
            });
        }
    }
    match command.outcome {
        VerificationOutcome::Confirmed if !command.unmet_steps.is_empty() => {
            Err(incomplete(VerificationGap::ConfirmedWithUnmetStep))
        }
        VerificationOutcome::Rejected if command.unmet_steps.is_empty() => {
            Err(incomplete(VerificationGap::RejectedWithoutUnmetStep))
        }
        VerificationOutcome::Rejected if command.observations.is_empty() => {
            Err(incomplete(VerificationGap::RejectedWithoutObservation))
        }
        VerificationOutcome::Confirmed | VerificationOutcome::Rejected => Ok(()),
    }
}

/// What follows when a rectification holds: measures that last until rectified lift, and the notice closes when none
/// is left. A penalty under appeal stays open all the same: its strike is still to be ruled on.
pub(super) fn confirmed(
    world: World<'_>,
    case: &CaseState,
    notice: &Notice,
    ended_already: &[events_schema::DeadlineId],
) -> Vec<Event> {
    let (open_ended, dated): (Vec<_>, Vec<_>) = case
        .active_measures(&notice.id)
        .partition(|imposed| imposed.measure.ends_at.is_none());
    let contested = notice.strike.is_some() && case.open_appeal().is_some();
    let closes = dated.is_empty() && !contested;
    let mut events = Vec::new();
    if closes {
        events.extend(case.open_appeal().map(|it| endings::close_appeal(case, it)));
    }
    events.extend(endings::lift(
        case,
        world.account,
        notice,
        LiftCause::Rectified,
        open_ended.into_iter(),
    ));
    if closes {
        events.push(endings::close(
            case,
            notice,
            Closure::Complied,
            ended_already,
        ));
    }
    events
}

/// The two releases are the same; a digest counts where both name one.
pub(super) fn same_release(expected: &Release, found: &Release) -> Result<(), Rejection> {
    let same_digest = match (expected.digest, found.digest) {
        (Some(expected), Some(found)) => expected == found,
        (None, _) | (_, None) => true,
    };
    if expected.version == found.version && same_digest {
        Ok(())
    } else {
        Err(Rejection::WrongReleaseReviewed {
            expected: describe(expected),
            found: describe(found),
        })
    }
}

fn describe(release: &Release) -> events_schema::Label {
    match release.digest {
        None => release.version.clone(),
        Some(digest) => label(&format!("{} ({digest})", release.version)),
    }
}

fn verification(dates: &mut Dates<'_>, notice: &Notice, context: Context<'_>) -> Deadline {
    let period = dates.clause().params.verification;
    let purpose = DeadlinePurpose::Verification {
        notice: notice.id.clone(),
    };
    dates.after(context.now, period, "verification", purpose)
}

/// After a failed review or a rejected verification the party's period goes on.
fn resume(
    dates: &mut Dates<'_>,
    case: &CaseState,
    notice: &Notice,
    context: Context<'_>,
) -> Option<Deadline> {
    match notice.standing {
        NoticeStanding::Warned => dates.resumed_cure(case, notice, context.now),
        NoticeStanding::Penalised => dates.resumed_window(notice, context.now),
        NoticeStanding::Exhausted
        | NoticeStanding::Lapsed
        | NoticeStanding::Complied
        | NoticeStanding::Overturned
        | NoticeStanding::Withdrawn
        | NoticeStanding::DeemedGranted => None,
    }
}

fn stopped_window(notice: &Notice) -> bool {
    notice.standing == NoticeStanding::Penalised && notice.window.is_stopped()
}

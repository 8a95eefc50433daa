//! Declaring, reviewing and verifying a rectification (rules 3, 4; complaint C8).

use events_schema::{
    CodeReviewOutcome, CodeReviewRecorded, CodeReviewState, Deadline, DeadlineChanges,
    DeadlinePurpose, Event, LiftCause, NoticeStanding, PartInCase, RecordCodeReview,
    RectificationDeclared, RectificationStage, RectificationVerified, Rectify, Rejection, Role,
    VerificationGap, VerificationOutcome, VerifyRectification,
};

use super::endings;
use crate::{
    case_state::{Notice, StepStanding},
    dates::Dates,
    matter::{Context, InCase, Matter, names_the_build, same_release},
    party_time::Stopped,
    pending::{
        needs_human, part_in, put_right, verification_due, waits_for_code_review,
        waits_for_verification,
    },
};

pub(super) fn declare(at: InCase<'_>, command: &Rectify) -> Result<Vec<Event>, Rejection> {
    let matter = at.notice(&command.notice)?;
    let Matter {
        case,
        notice,
        context,
        ..
    } = matter;
    for answered in &command.steps {
        if !notice.steps.iter().any(|step| step.id == answered.step) {
            return Err(Rejection::UnknownStep {
                step: answered.step.clone(),
            });
        }
    }
    // Confirmed already: there is nothing left to put right.
    if notice.is_rectified() {
        return Err(Rejection::NothingDeclared {});
    }
    let stage = notice.rectification.stage;
    let with_the_platform = stage.is_with_the_platform();
    // No attempt is left, so a human looks at each declaration, one after the other (C8).
    if notice.standing == NoticeStanding::Exhausted && with_the_platform {
        return Err(Rejection::VerificationPending {
            notice: notice.id.clone(),
            due: verification_due(case, notice),
        });
    }
    let new_step = notice
        .steps
        .iter()
        .filter(|step| !step.is_answered())
        .any(|step| command.steps.iter().any(|it| it.step == step.id));
    let release = command
        .release
        .as_ref()
        .map(events_schema::DeclaredRelease::release);
    let new_release = release.is_some() && release != notice.rectification.release;
    // What says nothing new may stop no period (rule 4).
    if !new_step && !new_release {
        return Err(Rejection::NothingDeclared {});
    }

    let mut dates = matter.dates()?;
    let mut changes = DeadlineChanges::default();
    let mut left = Stopped::default();
    let complete = notice.answered_with(command.steps.iter().map(|answered| &answered.step));
    let next = if with_the_platform {
        // What the platform is looking at stays what it looks at; this is on record beside it.
        stage
    } else if !complete {
        RectificationStage::Partial
    } else {
        left = dates.stop_periods(matter, &mut changes);
        let (_, code_review) = notice.rectification.release_with(command);
        let (next, time) = look_at(&mut dates, notice, code_review, context);
        changes.set.push(time);
        // The appeal is open again at once, with a window in full: no code review is waited for (rule 3).
        if next == RectificationStage::Unverified && left.window.is_some() {
            changes.set.push(dates.new_window(matter));
        }
        next
    };
    Ok(vec![Event::from(RectificationDeclared {
        command: command.clone(),
        next,
        cure_left: left.cure,
        window_left: left.window,
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

pub(super) fn record_code_review(
    at: InCase<'_>,
    command: &RecordCodeReview,
) -> Result<Vec<Event>, Rejection> {
    let matter = at.notice(&command.notice)?;
    let Matter {
        case,
        notice,
        context,
        ..
    } = matter;
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
    let mut dates = matter.dates()?;
    let mut changes = endings::clearing(endings::open_for(
        case,
        |purpose| matches!(purpose, DeadlinePurpose::CodeReview { notice: id } if *id == notice.id),
    ));
    let next = match command.outcome {
        // The other steps are still to come, and with them the verification.
        CodeReviewOutcome::Passed if in_part => RectificationStage::Partial,
        CodeReviewOutcome::Passed => {
            changes.set.push(verification(&mut dates, notice, context));
            // The review was what the appeal waited for (rule 3): its window begins in full.
            if stopped_window(notice) {
                changes.set.push(dates.new_window(matter));
            }
            RectificationStage::Unverified
        }
        CodeReviewOutcome::Failed => {
            // After each failed review the party has at least the least period (rule 4).
            changes.set.extend(resume(&mut dates, matter));
            RectificationStage::Rejected
        }
    };
    // A no opens again what this declaration answered, and nothing else (rule 4).
    let this = StepStanding::Declared(rectification.declarations);
    let reopened = match command.outcome {
        CodeReviewOutcome::Passed => Vec::new(),
        CodeReviewOutcome::Failed => {
            let steps = notice.steps.iter().filter(|step| step.standing == this);
            steps.map(|step| step.id.clone()).collect()
        }
    };
    Ok(vec![Event::from(CodeReviewRecorded {
        command: command.clone(),
        next,
        reopened,
        deadlines: changes,
    })])
}

pub(super) fn verify(
    at: InCase<'_>,
    command: &VerifyRectification,
) -> Result<Vec<Event>, Rejection> {
    let matter = at.notice(&command.notice)?;
    let Matter {
        case,
        notice,
        context,
        ..
    } = matter;
    let rectification = &notice.rectification;
    let in_part = rectification.stage == RectificationStage::Partial;
    if !waits_for_verification(case, notice) {
        return Err(Rejection::NothingToVerify {
            notice: notice.id.clone(),
            rectification: rectification.stage,
        });
    }
    // After the last attempt a human verifies, and no one with a part in the case (rule 7, C8).
    if context.actor.role == Role::Reviewer {
        at.check_reviewer()?;
    } else if part_in(case, &context.actor.principal) == Some(PartInCase::IsTheParty) {
        return Err(Rejection::ReviewerConflict {
            part: PartInCase::IsTheParty,
        });
    } else if needs_human(notice) {
        return Err(Rejection::HumanRequired {
            notice: notice.id.clone(),
        });
    }
    check_what_was_seen(notice, command, context)?;
    // What is declared in parts is verified and lifted by itself (rule 4).
    if in_part && !notice.answered_with(std::iter::empty()) {
        return Ok(verified_in_part(matter, command));
    }
    let verifications = endings::open_for(case, endings::of_verification(&notice.id));
    match command.outcome {
        VerificationOutcome::Rejected => {
            let mut dates = matter.dates()?;
            let mut changes = endings::clearing(verifications);
            // The least is given once after a rejected verification; then there is only what was left (rule 4).
            let warned = notice.standing == NoticeStanding::Warned;
            changes
                .set
                .extend(if warned && notice.cure.resumptions > 0 {
                    dates.rest_of_cure(matter)
                } else {
                    resume(&mut dates, matter)
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
            events.extend(endings::confirmed(matter, &verifications));
            Ok(events)
        }
    }
}

/// Some steps are still to come: what was declared lifts what it answers, and no period is touched.
fn verified_in_part(matter: Matter<'_>, command: &VerifyRectification) -> Vec<Event> {
    let mut events = vec![Event::from(RectificationVerified {
        command: command.clone(),
        next: RectificationStage::Partial,
        deadlines: DeadlineChanges::default(),
    })];
    if command.outcome == VerificationOutcome::Confirmed {
        events.extend(endings::lift(
            matter,
            LiftCause::Rectified,
            put_right(matter.case, matter.notice),
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
    // The release that was declared is the one that was looked at (C7).
    if let Some(declared) = &notice.rectification.release {
        let named = command.release.as_ref();
        let named = named.ok_or_else(|| incomplete(VerificationGap::ReleaseNotNamed))?;
        let observed = command.observations.iter().map(|it| &it.release);
        for seen in std::iter::once(named).chain(observed) {
            same_release(declared, seen)?;
            // Who leaves the digest out says nothing of the build that was declared (rule 20).
            if !names_the_build(declared, seen) {
                return Err(incomplete(VerificationGap::DigestNotNamed));
            }
        }
    }
    for observation in &command.observations {
        context.check_captured(observation.captured_at)?;
    }
    // What was captured before the declaration cannot show what came of it (C7).
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
        let known = notice.steps.iter().find(|step| step.id == *unmet);
        let step = unmet.clone();
        match known.map(|step| step.standing) {
            None => return Err(Rejection::UnknownStep { step }),
            Some(StepStanding::Struck) => return Err(Rejection::StepStruck { step }),
            Some(StepStanding::Unmet | StepStanding::Declared(_)) => {}
        }
    }
    match command.outcome {
        // A yes leaves nothing unmet, and a no names what is, with what was seen (C2).
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

fn verification(dates: &mut Dates<'_>, notice: &Notice, context: Context<'_>) -> Deadline {
    let period = dates.clause().params.verification;
    let purpose = DeadlinePurpose::Verification {
        notice: notice.id.clone(),
    };
    dates.after(context.now, period, "verification", purpose)
}

/// After a failed review or a rejected verification the party's period goes on.
fn resume(dates: &mut Dates<'_>, matter: Matter<'_>) -> Option<Deadline> {
    match matter.notice.standing {
        NoticeStanding::Warned => dates.resumed_cure(matter),
        NoticeStanding::Penalised => dates.resumed_window(matter),
        NoticeStanding::Exhausted
        | NoticeStanding::Lapsed
        | NoticeStanding::Complied
        | NoticeStanding::Overturned
        | NoticeStanding::Withdrawn
        | NoticeStanding::DeemedGranted
        | NoticeStanding::Served => None,
    }
}

fn stopped_window(notice: &Notice) -> bool {
    notice.standing == NoticeStanding::Penalised && notice.window.is_stopped()
}

//! Declaring, reviewing and verifying a rectification (rules 3, 4; complaint C8).

use events_schema::{
    CodeReviewOutcome, CodeReviewRecorded, CodeReviewState, Deadline, DeadlineChanges,
    DeadlinePurpose, Declaration, Event, LiftCause, MeasureId, PartInCase, RecordCodeReview,
    RectificationDeclared, RectificationStage, RectificationVerified, Rectify, Rejection, Release,
    Role, VerificationGap, VerificationOutcome, VerifyRectification,
};

use super::endings;
use crate::{
    case_state::{Notice, StepStanding},
    dates::Dates,
    matter::{Context, InCase, Matter, names_the_build, same_release},
    pending::{
        needs_human, part_in, put_right, stayed_by_appeal, waits_for_code_review,
        waits_for_verification,
    },
};

pub(super) fn declare(at: InCase<'_>, command: &Rectify) -> Result<Vec<Event>, Rejection> {
    let matter = at.notice(&command.notice)?;
    let Matter { case, notice, .. } = matter;
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
    if !notice.answered_with(command.steps.iter().map(|answered| &answered.step)) {
        return Ok(vec![Event::from(RectificationDeclared {
            command: command.clone(),
            declaration: Declaration {
                number: notice.rectification.declarations + 1,
                supersedes: None,
                holds: false,
                held: notice.rectification.still.held,
                cure_left: None,
                window_left: None,
            },
            next: RectificationStage::Partial,
            deadlines: changes,
        })]);
    }
    let declaration = dates.take_declaration(matter, &mut changes);
    // What the open appeal is about stays what its ruling is about; this is looked at after it (rule 4).
    let next = if case.open_appeal().is_some() {
        RectificationStage::AwaitsRuling
    } else {
        let (release, said) = notice.rectification.release_with(command);
        look_at(matter, &mut dates, (release.as_ref(), said), &mut changes)
    };
    Ok(vec![Event::from(RectificationDeclared {
        command: command.clone(),
        declaration,
        next,
        deadlines: changes,
    })])
}

/// What the platform has to do about a complete declaration of this release, and until when.
pub(super) fn look_at(
    matter: Matter<'_>,
    dates: &mut Dates<'_>,
    (release, said): (Option<&Release>, CodeReviewState),
    changes: &mut DeadlineChanges,
) -> RectificationStage {
    let Matter { case, notice, .. } = matter;
    match notice.rectification.code_review_of(release, said) {
        CodeReviewState::Pending => {
            // One that ran for what the platform recorded before begins anew.
            let mut before = endings::open_for(case, endings::of_code_review(&notice.id));
            before.retain(|id| !changes.cleared.contains(id));
            changes.cleared.extend(before);
            changes.set.push(code_review(dates, matter));
            RectificationStage::ReviewPending
        }
        CodeReviewState::NotNeeded | CodeReviewState::Passed => {
            changes.set.push(verification(dates, matter));
            RectificationStage::Unverified
        }
    }
}

pub(super) fn record_code_review(
    at: InCase<'_>,
    command: &RecordCodeReview,
) -> Result<Vec<Event>, Rejection> {
    let matter = at.notice(&command.notice)?;
    let Matter { case, notice, .. } = matter;
    let rectification = &notice.rectification;
    let declared = rectification.release.as_ref();
    let is_declared = declared.is_some_and(|it| same_release(it, &command.release).is_ok());
    let recorded = rectification.review_of(&command.release);
    // Nothing is on record twice, unless it is what somebody waits for.
    if recorded.is_some_and(|it| it.outcome == command.outcome)
        && !(is_declared && waits_for_code_review(notice) && command.outcome.is_an_answer())
    {
        return Err(Rejection::CodeReviewRecorded {
            notice: notice.id.clone(),
            release: command.release.version.clone(),
            outcome: command.outcome,
        });
    }
    let mut dates = matter.dates()?;
    let mut changes = DeadlineChanges::default();
    let stage = rectification.stage;
    // What an appeal says of its release is for its ruling.
    let looked_at = is_declared
        && !rectification.by_appeal
        && (stage.is_with_the_platform() || stage == RectificationStage::Partial);
    let mut next = stage;
    let mut reopened = Vec::new();
    let mut least = false;
    let of_code_review = endings::open_for(case, endings::of_code_review(&notice.id));
    match command.outcome {
        CodeReviewOutcome::InReview => {
            if looked_at && stage == RectificationStage::Unverified {
                next = RectificationStage::ReviewPending;
                changes.cleared = endings::open_for(case, endings::of_verification(&notice.id));
            }
            // One that is overdue is not begun anew: the gate of the appeal stays open.
            if of_code_review.is_empty() && (next != stage || !waits_for_code_review(notice)) {
                changes.set.push(code_review(&mut dates, matter));
            }
        }
        CodeReviewOutcome::Passed => {
            if review_ends(notice, command, looked_at) {
                changes.cleared = of_code_review;
            }
            if looked_at && stage == RectificationStage::ReviewPending {
                next = RectificationStage::Unverified;
                changes.set.push(verification(&mut dates, matter));
                // The review was what the appeal waited for (rule 3).
                changes.set.extend(dates.resumed_window(matter));
            }
        }
        CodeReviewOutcome::Failed | CodeReviewOutcome::NotSubmitted => {
            if review_ends(notice, command, looked_at) {
                changes.cleared = of_code_review;
            }
            if looked_at {
                next = RectificationStage::Rejected;
                let verifications = endings::open_for(case, endings::of_verification(&notice.id));
                changes.cleared.extend(verifications);
                let going_on = dates.after_a_no(matter);
                changes.set.extend(going_on.set);
                least = going_on.least;
                // A no opens again what this declaration answered, and nothing else (rule 4).
                let this = StepStanding::Declared(rectification.declarations);
                let steps = notice.steps.iter().filter(|step| step.standing == this);
                reopened.extend(steps.map(|step| step.id.clone()));
            }
        }
    }
    let mut events = vec![Event::from(CodeReviewRecorded {
        command: command.clone(),
        declaration: looked_at.then_some(rectification.declarations),
        next,
        reopened,
        least,
        deadlines: changes,
    })];
    if next == RectificationStage::Rejected {
        events.extend(restricts_again(matter, &[]));
    }
    Ok(events)
}

/// Whether nothing is in code review any more once this has come out.
fn review_ends(notice: &Notice, command: &RecordCodeReview, looked_at: bool) -> bool {
    let rectification = &notice.rectification;
    let mut others = rectification.reviews.iter().filter(|it| {
        it.outcome == CodeReviewOutcome::InReview
            && !it.overdue
            && same_release(&it.release, &command.release).is_err()
    });
    let declared_waits = rectification.stage == RectificationStage::ReviewPending && !looked_at;
    !declared_waits && others.next().is_none()
}

/// The platform has answered what it was late with: what its lateness stayed is in force again, unless an appeal stays it
/// still. These measures end with the decision.
fn restricts_again(matter: Matter<'_>, ending: &[&MeasureId]) -> Option<Event> {
    if !matter.notice.rectification.stays_measures || stayed_by_appeal(matter.case) {
        return None;
    }
    endings::resume_measures(matter, ending)
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
    if !waits_for_verification(notice) {
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
    let declared = notice.steps_declared().map(|step| &step.id);
    let met = declared.filter(|step| !command.unmet_steps.contains(step));
    let verified: Vec<_> = met.cloned().collect();
    let mut changes = DeadlineChanges::default();
    let mut least = false;
    let complete = notice.answered_with(std::iter::empty());
    let next = match command.outcome {
        // The other steps are still to come: no period is touched.
        VerificationOutcome::Confirmed | VerificationOutcome::Rejected if !complete => {
            RectificationStage::Partial
        }
        VerificationOutcome::Confirmed => {
            // There is nothing left to put right, and the record can be appealed as long as before (rule 19).
            changes
                .cleared
                .extend(matter.running_cure().map(|cure| cure.id.clone()));
            if endings::can_be_appealed(notice) {
                changes.set.extend(matter.dates()?.resumed_window(matter));
            }
            RectificationStage::Confirmed
        }
        VerificationOutcome::Rejected => {
            let going_on = matter.dates()?.after_a_no(matter);
            changes.set.extend(going_on.set);
            least = going_on.least;
            RectificationStage::Rejected
        }
    };
    if complete {
        let verifications = endings::open_for(case, endings::of_verification(&notice.id));
        changes.cleared.extend(verifications);
    }
    let ended = changes.cleared.clone();
    let mut events = vec![Event::from(RectificationVerified {
        command: command.clone(),
        declaration: rectification.declarations,
        next,
        verified: verified.clone(),
        least,
        deadlines: changes,
    })];
    if next == RectificationStage::Confirmed {
        events.extend(endings::confirmed(matter, &ended));
    } else {
        // What was found done lifts what it puts right by itself (rules 4, 8).
        let lifted = put_right(case, notice, &verified);
        let ending: Vec<_> = lifted.clone().map(|imposed| &imposed.measure.id).collect();
        events.extend(endings::lift(matter, LiftCause::Rectified, lifted));
        if next == RectificationStage::Rejected {
            events.extend(restricts_again(matter, &ending));
        }
    }
    Ok(events)
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
            // A no is about what was declared, and not about what somebody found done before (rule 4).
            Some(StepStanding::Unmet | StepStanding::Verified) => {
                return Err(Rejection::StepNotDeclared { step });
            }
            Some(StepStanding::Declared(_)) => {}
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

fn verification(dates: &mut Dates<'_>, matter: Matter<'_>) -> Deadline {
    let period = dates.clause().params.verification;
    let purpose = DeadlinePurpose::Verification {
        notice: matter.notice.id.clone(),
    };
    dates.after(matter.context.now, period, "verification", purpose)
}

fn code_review(dates: &mut Dates<'_>, matter: Matter<'_>) -> Deadline {
    let period = dates.clause().params.code_review;
    let purpose = DeadlinePurpose::CodeReview {
        notice: matter.notice.id.clone(),
    };
    dates.after(matter.context.now, period, "code_review", purpose)
}

//! What events about a rectification change in its case.

use events_schema::{
    Actor, CodeReviewOutcome, Instant, NoticeStanding, OverdueConsequence, RectificationEvent,
    RectificationStage,
};

use crate::{
    case_state::{CaseState, Notice, RecordedReview, ReviewerPart, StepStanding},
    matter::same_release,
};

pub(super) fn rectification(
    case: &mut CaseState,
    event: &RectificationEvent,
    actor: &Actor,
    received: Instant,
) {
    match event {
        RectificationEvent::RectificationDeclared(declared) => {
            let command = &declared.command;
            if let Some(notice) = case.notice_mut(&command.notice) {
                let declaration = &declared.declaration;
                for answered in &command.steps {
                    let done = StepStanding::Declared(declaration.number);
                    notice.mark_step(&answered.step, done);
                }
                let rectification = &mut notice.rectification;
                (rectification.release, rectification.code_review) =
                    rectification.release_with(command);
                rectification.declared_at = Some(received);
                rectification.code_review_overdue = false;
                rectification.by_appeal = false;
                notice.declare(declaration, declared.next);
            }
        }
        RectificationEvent::CodeReviewRecorded(recorded) => {
            let command = &recorded.command;
            if let Some(notice) = case.notice_mut(&command.notice) {
                let rectification = &mut notice.rectification;
                let of_other =
                    |it: &RecordedReview| same_release(&it.release, &command.release).is_err();
                let was_pending = rectification.stage == RectificationStage::ReviewPending;
                rectification.reviews.retain(of_other);
                rectification.reviews.push(RecordedReview {
                    release: command.release.clone(),
                    outcome: command.outcome,
                    overdue: recorded.declaration.is_some()
                        && was_pending
                        && rectification.code_review_overdue,
                });
                rectification.code_review_overdue &= was_pending;
                rectification.set_stage(recorded.next);
                rectification.still.leasts += u32::from(recorded.least);
                for step in &recorded.reopened {
                    notice.mark_step(step, StepStanding::Unmet);
                }
            }
        }
        RectificationEvent::CodeReviewOverdue(overdue) => {
            if let Some(notice) = case.notice_mut(&overdue.notice) {
                notice.rectification.code_review_overdue = true;
                for review in &mut notice.rectification.reviews {
                    review.overdue |= review.outcome == CodeReviewOutcome::InReview;
                }
                reopen_window_of_a_warning(notice);
            }
        }
        RectificationEvent::RectificationVerified(verified) => {
            let command = &verified.command;
            case.reviewers
                .push((actor.principal.clone(), ReviewerPart::Verified));
            if let Some(notice) = case.notice_mut(&command.notice) {
                notice.rectification.set_stage(verified.next);
                notice.rectification.still.leasts += u32::from(verified.least);
                for step in &verified.verified {
                    notice.mark_step(step, StepStanding::Verified);
                }
                for step in &command.unmet_steps {
                    notice.mark_step(step, StepStanding::Unmet);
                }
                notice.note_what_is_put_right(received);
                if notice.is_rectified() {
                    notice.cure.give_up();
                }
            }
        }
        RectificationEvent::VerificationOverdue(overdue) => {
            if let Some(notice) = case.notice_mut(&overdue.notice) {
                notice.rectification.stays_measures |=
                    overdue.consequence == OverdueConsequence::Stayed;
                reopen_window_of_a_warning(notice);
            }
        }
        RectificationEvent::RectificationDeemedConfirmed(confirmed) => {
            if let Some(notice) = case.notice_mut(&confirmed.notice) {
                let declared = notice.steps_declared().map(|step| step.id.clone());
                for step in declared.collect::<Vec<_>>() {
                    notice.mark_step(&step, StepStanding::Verified);
                }
                notice
                    .rectification
                    .set_stage(RectificationStage::Confirmed);
                notice.cure.give_up();
                notice.note_what_is_put_right(received);
            }
        }
    }
}

/// Whoever waits for a platform that is late may appeal instead.
fn reopen_window_of_a_warning(notice: &mut Notice) {
    if notice.standing == NoticeStanding::Warned {
        notice.window.excuse();
    }
}

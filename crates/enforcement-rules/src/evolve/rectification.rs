//! What events about a rectification change in its case.

use events_schema::{
    Actor, CodeReviewOutcome, CodeReviewState, DeadlinePurpose, Instant, NoticeStanding,
    RectificationEvent, RectificationStage,
};

use crate::case_state::{CaseState, Notice, ReviewerPart, StepStanding};

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
                notice.rectification.declarations += 1;
                let declared_now = StepStanding::Declared(notice.rectification.declarations);
                for answered in &command.steps {
                    notice.mark_step(&answered.step, declared_now);
                }
                let rectification = &mut notice.rectification;
                if !rectification.stage.is_with_the_platform() {
                    (rectification.release, rectification.code_review) =
                        rectification.release_with(command);
                    rectification.declared_at = Some(received);
                    rectification.code_review_overdue = false;
                    rectification.by_appeal = false;
                }
                rectification.stage = declared.next;
                notice.stop_periods(declared.cure_left, declared.window_left);
            }
        }
        RectificationEvent::CodeReviewRecorded(recorded) => {
            if let Some(notice) = case.notice_mut(&recorded.command.notice) {
                notice.rectification.stage = recorded.next;
                if recorded.command.outcome == CodeReviewOutcome::Passed {
                    notice.rectification.code_review = CodeReviewState::Passed;
                }
                for step in &recorded.reopened {
                    notice.mark_step(step, StepStanding::Unmet);
                }
            }
        }
        RectificationEvent::CodeReviewOverdue(overdue) => {
            if let Some(notice) = case.notice_mut(&overdue.notice) {
                notice.rectification.code_review_overdue = true;
                reopen_window_of_a_warning(notice);
            }
        }
        RectificationEvent::RectificationVerified(verified) => {
            let command = &verified.command;
            case.reviewers
                .push((actor.principal.clone(), ReviewerPart::Verified));
            if let Some(notice) = case.notice_mut(&command.notice) {
                notice.rectification.stage = verified.next;
                let mut set = verified.deadlines.set.iter();
                if set.any(|deadline| matches!(deadline.purpose, DeadlinePurpose::Cure { .. })) {
                    notice.cure.resumptions = notice.cure.resumptions.saturating_add(1);
                }
                for step in &command.unmet_steps {
                    notice.mark_step(step, StepStanding::Unmet);
                }
            }
        }
        RectificationEvent::VerificationOverdue(overdue) => {
            if let Some(notice) = case.notice_mut(&overdue.notice) {
                reopen_window_of_a_warning(notice);
            }
        }
        RectificationEvent::RectificationDeemedConfirmed(confirmed) => {
            if let Some(notice) = case.notice_mut(&confirmed.notice) {
                notice.rectification.stage = RectificationStage::Confirmed;
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

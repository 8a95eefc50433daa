//! What events about a rectification change in the fold of its case.

use events_schema::{
    CodeReviewOutcome, CodeReviewState, DeclaredRelease, NoticeStanding, RectificationEvent,
    RectificationStage,
};

use crate::case::{Case, NoticeRecord};

pub(super) fn rectification(case: &mut Case, event: &RectificationEvent) {
    match event {
        RectificationEvent::RectificationDeclared(declared) => {
            let command = &declared.command;
            if let Some(notice) = case.notice_mut(&command.notice) {
                for step in &mut notice.steps {
                    step.1 |= command.steps.iter().any(|answered| answered.step == step.0);
                }
                let pending = |it: &DeclaredRelease| it.code_review == CodeReviewState::Pending;
                let in_parts = notice.rectification == RectificationStage::Partial;
                let as_before = in_parts && notice.code_review_pending;
                notice.code_review_pending = command.release.as_ref().map_or(as_before, pending);
                notice.code_review_overdue = false;
                notice.verified_by_ruling = false;
                notice.rectification = declared.next;
            }
        }
        RectificationEvent::CodeReviewRecorded(recorded) => {
            if let Some(notice) = case.notice_mut(&recorded.command.notice) {
                let command = &recorded.command;
                notice.in_review.retain(|it| *it != command.release.version);
                if command.outcome == CodeReviewOutcome::InReview {
                    notice.in_review.push(command.release.version.clone());
                }
                notice.rectification = recorded.next;
                if recorded.declaration.is_some() {
                    notice.code_review_pending =
                        recorded.command.outcome == CodeReviewOutcome::InReview;
                }
                for step in &mut notice.steps {
                    step.1 &= !recorded.reopened.contains(&step.0);
                }
            }
        }
        RectificationEvent::CodeReviewOverdue(overdue) => {
            if let Some(notice) = case.notice_mut(&overdue.notice) {
                notice.code_review_overdue = true;
                notice.in_review.clear();
                reopen_window_of_a_warning(notice);
            }
        }
        RectificationEvent::RectificationVerified(verified) => {
            let command = &verified.command;
            if let Some(notice) = case.notice_mut(&command.notice) {
                notice.rectification = verified.next;
                for step in &mut notice.steps {
                    step.1 &= !command.unmet_steps.contains(&step.0);
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
                notice.rectification = RectificationStage::Confirmed;
            }
        }
    }
}

/// Whoever waits for a platform that is late may appeal instead.
fn reopen_window_of_a_warning(notice: &mut NoticeRecord) {
    if notice.standing == NoticeStanding::Warned {
        notice.window_ended = false;
    }
}

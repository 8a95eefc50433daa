//! What a case waits for, and of whom; and who had a part in it.

use events_schema::{
    CodeReviewState, Deadline, DeadlinePurpose, Instant, NoticeStanding, PartInCase, PrincipalId,
    RectificationStage, StepId,
};

use crate::case_state::{Appeal, CaseState, ImposedMeasure, Notice, ReviewerPart};

/// The deadline of a case that passed first, if one has that did not fire.
pub(crate) fn passed_first(case: &CaseState, now: Instant) -> Option<&Deadline> {
    let passed = case.deadlines.iter();
    passed
        .filter(|deadline| deadline.due <= now && deadline.can_fire())
        .min_by_key(|deadline| deadline.due)
}

/// Whether somebody can verify what is declared for the notice.
pub(crate) fn waits_for_verification(notice: &Notice) -> bool {
    let rectification = &notice.rectification;
    match rectification.stage {
        RectificationStage::Partial => notice.steps_declared().next().is_some(),
        RectificationStage::Unverified => !rectification.by_appeal,
        // Nobody owes it before the ruling, and nobody need wait for that.
        RectificationStage::AwaitsRuling => !waits_for_code_review(notice),
        RectificationStage::None
        | RectificationStage::ReviewPending
        | RectificationStage::Rejected
        | RectificationStage::Confirmed => false,
    }
}

/// The measures that last until rectified and whose findings are all put right once these steps are verified.
pub(crate) fn put_right<'a>(
    case: &'a CaseState,
    notice: &'a Notice,
    verified: &'a [StepId],
) -> impl Iterator<Item = &'a ImposedMeasure> + Clone {
    case.active_measures(&notice.id)
        .filter(|imposed| imposed.measure.ends_at.is_none())
        .filter(|imposed| notice.puts_right(&imposed.measure.findings, verified))
}

/// Whether a declared release waits for its code review.
pub(crate) fn waits_for_code_review(notice: &Notice) -> bool {
    let rectification = &notice.rectification;
    match rectification.stage {
        RectificationStage::ReviewPending => true,
        RectificationStage::Partial | RectificationStage::AwaitsRuling => {
            let release = rectification.release.as_ref();
            let stands = rectification.code_review_of(release, rectification.code_review);
            stands == CodeReviewState::Pending
        }
        RectificationStage::None
        | RectificationStage::Unverified
        | RectificationStage::Rejected
        | RectificationStage::Confirmed => false,
    }
}

/// The deadlines by which the platform has to answer what is declared.
pub(crate) fn answers_due<'a>(
    case: &'a CaseState,
    notice: &'a Notice,
) -> impl Iterator<Item = &'a Deadline> {
    let open = case.deadlines.iter();
    open.filter(|deadline| match &deadline.purpose {
        DeadlinePurpose::CodeReview { notice: id }
        | DeadlinePurpose::Verification { notice: id }
        | DeadlinePurpose::SecondVerification { notice: id } => *id == notice.id,
        DeadlinePurpose::Cure { .. }
        | DeadlinePurpose::Window { .. }
        | DeadlinePurpose::Review { .. }
        | DeadlinePurpose::Escalation { .. }
        | DeadlinePurpose::Lease { .. }
        | DeadlinePurpose::MeasureStart { .. }
        | DeadlinePurpose::MeasureEnd { .. } => false,
    })
}

/// Whether the platform has let its time to answer what is declared pass.
pub(crate) fn is_late(case: &CaseState, notice: &Notice) -> bool {
    let rectification = &notice.rectification;
    match rectification.stage {
        RectificationStage::ReviewPending => rectification.code_review_overdue,
        RectificationStage::Unverified => {
            let again = DeadlinePurpose::SecondVerification {
                notice: notice.id.clone(),
            };
            case.deadline_for(&again).is_some()
        }
        RectificationStage::None
        | RectificationStage::Partial
        | RectificationStage::AwaitsRuling
        | RectificationStage::Rejected
        | RectificationStage::Confirmed => false,
    }
}

/// Whether the open appeal stays the measures that it is about.
pub(crate) fn stayed_by_appeal(case: &CaseState) -> bool {
    case.open_appeal()
        .is_some_and(|appeal| appeal.stays_penalty)
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

/// When the claim of an appeal ends by itself.
pub(crate) fn lease_end(case: &CaseState, appeal: &Appeal) -> Option<Instant> {
    let lease = DeadlinePurpose::Lease {
        appeal: appeal.id.clone(),
    };
    case.deadline_for(&lease).map(|deadline| deadline.due)
}

/// What somebody did in the case, so that somebody else has to review it.
pub(crate) fn part_in(case: &CaseState, principal: &PrincipalId) -> Option<PartInCase> {
    if principal.as_str() == case.account.as_str() {
        return Some(PartInCase::IsTheParty);
    }
    let mut notices = case.notices.iter();
    if notices.any(|notice| notice.issuer == *principal) {
        return Some(PartInCase::IssuedNotice);
    }
    let mut notices = case.notices.iter();
    if notices.any(|notice| notice.approvers.contains(principal)) {
        return Some(PartInCase::ApprovedPenalty);
    }
    let mut reviewers = case.reviewers.iter();
    let (_, part) = reviewers.find(|(reviewer, _)| reviewer == principal)?;
    Some(match part {
        ReviewerPart::Ruled => PartInCase::RuledOnAppeal,
        ReviewerPart::Verified => PartInCase::VerifiedRectification,
    })
}

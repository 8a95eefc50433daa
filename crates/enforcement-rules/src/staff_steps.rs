//! What whoever works on a case can do about it next: the platform and its reviewers. What the party can do is in
//! `next_steps.rs`.

use events_schema::{Actor, DeadlinePurpose, Instant, NextStep, PrincipalId, Role};

use crate::{
    CaseState,
    case_state::AppealStanding,
    next_steps,
    pending::{
        lease_end, needs_human, part_in, passed_first, verification_due, waits_for_code_review,
        waits_for_verification,
    },
};

/// The steps open to somebody about this case now. Empty where it is the turn of others.
pub fn next_steps_of(case: &CaseState, actor: &Actor) -> Vec<NextStep> {
    match actor.role {
        Role::Party => next_steps(case),
        Role::Platform => of_platform(case),
        Role::Reviewer => of_reviewer(case, &actor.principal),
        // They run the service, read it, and are it: none of them acts on a case.
        Role::Administrator | Role::Auditor | Role::Service => Vec::new(),
    }
}

/// The steps open to somebody while deadlines are held. Once one of the case has passed, a command on the case is
/// refused as `time_held` until it has fired, so none is a step; to wait and to turn elsewhere are.
pub fn next_steps_while_held(case: &CaseState, actor: &Actor, now: Instant) -> Vec<NextStep> {
    let mut steps = next_steps_of(case, actor);
    if passed_first(case, now).is_some() {
        steps.retain(|step| match step {
            NextStep::AwaitRuling { .. }
            | NextStep::AwaitCodeReview { .. }
            | NextStep::AwaitVerification { .. }
            | NextStep::ExternalRoute { .. }
            // They are no commands on this case as it stands.
            | NextStep::ReleaseDeadlines {} => true,
            NextStep::Rectify { .. }
            | NextStep::SubmitAppeal { .. }
            | NextStep::AmendAppeal { .. }
            | NextStep::SubmitLateAppeal { .. }
            | NextStep::RecordCodeReview { .. }
            | NextStep::VerifyRectification { .. }
            | NextStep::WithdrawNotice { .. }
            | NextStep::ClaimAppeal { .. }
            | NextStep::Decide { .. } => false,
        });
    }
    steps
}

fn of_platform(case: &CaseState) -> Vec<NextStep> {
    let Some(notice) = case.live_notice() else {
        return Vec::new();
    };
    let mut steps = Vec::new();
    let id = &notice.id;
    if waits_for_code_review(notice) {
        let purpose = DeadlinePurpose::CodeReview { notice: id.clone() };
        steps.push(NextStep::RecordCodeReview {
            notice: id.clone(),
            due: case.deadline_for(&purpose).map(|deadline| deadline.due),
        });
    }
    if waits_for_verification(notice) && !needs_human(notice) {
        steps.push(NextStep::VerifyRectification {
            notice: id.clone(),
            due: verification_due(case, notice),
        });
    }
    steps.push(NextStep::WithdrawNotice { notice: id.clone() });
    steps
}

fn of_reviewer(case: &CaseState, reviewer: &PrincipalId) -> Vec<NextStep> {
    let Some(notice) = case.live_notice() else {
        return Vec::new();
    };
    if part_in(case, reviewer).is_some() {
        return Vec::new();
    }
    let mut steps = Vec::new();
    if let Some(appeal) = case.open_appeal() {
        let id = &appeal.id;
        let purpose = DeadlinePurpose::Review { appeal: id.clone() };
        let decide = NextStep::Decide {
            appeal: id.clone(),
            due: case.deadline_for(&purpose).map(|deadline| deadline.due),
        };
        let claim = |from| NextStep::ClaimAppeal {
            appeal: id.clone(),
            from,
        };
        match &appeal.standing {
            AppealStanding::Claimed(by) if by == reviewer => steps.push(decide),
            AppealStanding::Claimed(_) => {
                steps.extend(lease_end(case, appeal).map(|until| claim(Some(until))));
            }
            AppealStanding::Filed => steps.extend([claim(None), decide]),
            AppealStanding::Ruled
            | AppealStanding::Withdrawn
            | AppealStanding::DeemedGranted
            | AppealStanding::ClosedWithoutRuling => {}
        }
    }
    if waits_for_verification(notice) {
        steps.push(NextStep::VerifyRectification {
            notice: notice.id.clone(),
            due: verification_due(case, notice),
        });
    }
    steps
}

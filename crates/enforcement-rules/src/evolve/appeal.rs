//! What events about an appeal change in its case.

use events_schema::{
    Actor, AppealEvent, AppealRuled, AppealSubmitted, Instant, NoticeStanding, OverdueConsequence,
    RectificationStage, StepAnswer,
};

use crate::case_state::{Appeal, AppealStanding, CaseState, ReviewerPart, StepStanding};

pub(super) fn appeal(case: &mut CaseState, event: &AppealEvent, actor: &Actor, received: Instant) {
    match event {
        AppealEvent::AppealSubmitted(submitted) => submit(case, submitted, received),
        AppealEvent::AppealWithdrawn(withdrawn) => {
            let appeal = &withdrawn.command.appeal;
            case.set_appeal(appeal, AppealStanding::Withdrawn);
            let carried = case.appeal(appeal).is_some_and(|it| it.carried);
            if let Some(notice) = case.notice_mut(&withdrawn.notice) {
                notice.appeals_withdrawn += u32::from(!carried);
                notice.attempts_used += u32::from(withdrawn.counts);
                notice.rectification.by_appeal = false;
            }
        }
        AppealEvent::AppealClaimed(claimed) => {
            case.set_appeal(
                &claimed.command.appeal,
                AppealStanding::Claimed(actor.principal.clone()),
            );
        }
        AppealEvent::AppealUnclaimed(unclaimed) => {
            case.set_appeal(&unclaimed.appeal, AppealStanding::Filed);
        }
        AppealEvent::AppealRuled(ruled) => rule(case, ruled, actor),
        AppealEvent::AppealOverdue(overdue) => match overdue.consequence {
            OverdueConsequence::Escalated => {
                case.set_appeal(&overdue.appeal, AppealStanding::Filed);
            }
            OverdueConsequence::Stayed => {
                case.set_appeal(&overdue.appeal, AppealStanding::Filed);
                if let Some(appeal) = case.appeal_mut(&overdue.appeal) {
                    appeal.stays_penalty = true;
                }
            }
            OverdueConsequence::DeemedGranted => {
                case.set_appeal(&overdue.appeal, AppealStanding::DeemedGranted);
            }
        },
        // Its deadlines are all that it changes here.
        AppealEvent::AppealEscalated(_) => {}
        AppealEvent::AppealClosedWithoutRuling(closed) => {
            case.set_appeal(&closed.appeal, AppealStanding::ClosedWithoutRuling);
        }
    }
}

fn submit(case: &mut CaseState, submitted: &AppealSubmitted, received: Instant) {
    let command = &submitted.command;
    case.appeals.reserve_exact(1);
    case.appeals.push(Appeal {
        id: command.appeal.clone(),
        notice: command.notice.clone(),
        standing: AppealStanding::Filed,
        revision: 1,
        filed_at: received,
        release: command.release.clone(),
        grounds: command
            .grounds
            .iter()
            .map(|ground| (ground.id.clone(), ground.kind))
            .collect(),
        evidence: command.evidence.iter().map(|item| item.sha256).collect(),
        stays_penalty: submitted.stays_penalty,
        carried: false,
    });
    if let Some(notice) = case.notice_mut(&command.notice) {
        if submitted.late && notice.standing == NoticeStanding::Exhausted {
            notice.standing = NoticeStanding::Penalised;
            notice.exhaustion = None;
        }
        let rectification = &mut notice.rectification;
        if submitted.declares_rectification {
            rectification.stage = RectificationStage::Unverified;
            rectification.declarations += 1;
            rectification.by_appeal = true;
            rectification.release = Some(command.release.clone());
            rectification.declared_at = Some(received);
        }
        notice.stop_periods(submitted.cure_left, submitted.window_left);
    }
}

fn rule(case: &mut CaseState, ruled: &AppealRuled, actor: &Actor) {
    let command = &ruled.command;
    case.set_appeal(&command.appeal, AppealStanding::Ruled);
    case.reviewers
        .push((actor.principal.clone(), ReviewerPart::Ruled));
    if let Some(notice) = case.notice_mut(&ruled.notice) {
        notice.attempts_used += u32::from(ruled.counts);
        for finding in &command.findings {
            notice.answer_finding(&finding.id, finding.ruling);
        }
        for step in &command.steps {
            match step.ruling {
                StepAnswer::Strike => notice.mark_step(&step.id, StepStanding::Struck),
                // What the platform has still to look at may meet it.
                StepAnswer::Keep if ruled.rectification.is_with_the_platform() => {}
                StepAnswer::Keep => notice.mark_step(&step.id, StepStanding::Unmet),
            }
        }
        notice.rectification.stage = ruled.rectification;
        notice.rectification.by_appeal = false;
        let given = &mut notice.cure.not_before;
        *given = command.cure_due.max(*given);
    }
}

//! What events about an appeal change in its case.

use events_schema::{
    Actor, AppealAmended, AppealEvent, AppealRuled, AppealSubmitted, CodeReviewState, Declaration,
    Instant, NoticeStanding, OverdueConsequence, RectificationStage, Release, StepAnswer,
};

use crate::case_state::{Appeal, AppealStanding, CaseState, Notice, ReviewerPart, StepStanding};

pub(super) fn appeal(case: &mut CaseState, event: &AppealEvent, actor: &Actor, received: Instant) {
    match event {
        AppealEvent::AppealSubmitted(submitted) => submit(case, submitted, received),
        AppealEvent::AppealAmended(amended) => amend(case, amended, received),
        AppealEvent::AppealWithdrawn(withdrawn) => {
            let appeal = &withdrawn.command.appeal;
            case.set_appeal(appeal, AppealStanding::Withdrawn);
            let carried = case.appeal(appeal).is_some_and(|it| it.carried);
            if let Some(notice) = case.notice_mut(&withdrawn.notice) {
                notice.appeals_withdrawn += u32::from(!carried);
                notice.attempts_used += u32::from(withdrawn.counts);
                notice.rectification.by_appeal = false;
                notice.rectification.set_stage(withdrawn.rectification);
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
        AppealEvent::AppealRuled(ruled) => rule(case, ruled, actor, received),
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
        declares: submitted.declares.map(|it| it.number),
        carried: false,
    });
    if let Some(notice) = case.notice_mut(&command.notice) {
        if submitted.late && notice.standing == NoticeStanding::Exhausted {
            notice.standing = NoticeStanding::Penalised;
            notice.exhaustion = None;
        }
        if let Some(declaration) = &submitted.declares {
            declare(notice, declaration, &command.release, received);
        }
    }
}

fn amend(case: &mut CaseState, amended: &AppealAmended, received: Instant) {
    let command = &amended.command;
    let Some(appeal) = case.appeal_mut(&command.appeal) else {
        return;
    };
    appeal.revision = amended.revision;
    let grounds = command.grounds.iter();
    appeal
        .grounds
        .extend(grounds.map(|it| (it.id.clone(), it.kind)));
    let evidence = command.evidence.iter();
    appeal.evidence.extend(evidence.map(|item| item.sha256));
    if let Some(release) = command.release.as_ref().filter(|it| **it != appeal.release) {
        appeal.release = release.clone();
        // What was captured before shows nothing of it.
        appeal.filed_at = received;
    }
    let release = appeal.release.clone();
    if let Some(declaration) = &amended.declares {
        appeal.declares = Some(declaration.number);
        if let Some(notice) = case.notice_mut(&amended.notice) {
            declare(notice, declaration, &release, received);
        }
    }
}

/// An appeal that says that the matter was put right answers every step that is left.
fn declare(notice: &mut Notice, declaration: &Declaration, release: &Release, received: Instant) {
    let declared = StepStanding::Declared(declaration.number);
    let left = notice.steps_left().map(|step| step.id.clone());
    for step in left.collect::<Vec<_>>() {
        notice.mark_step(&step, declared);
    }
    let rectification = &mut notice.rectification;
    rectification.by_appeal = true;
    rectification.code_review = CodeReviewState::NotNeeded;
    rectification.code_review_overdue = false;
    rectification.release = Some(release.clone());
    rectification.declared_at = Some(received);
    notice.declare(declaration, RectificationStage::Unverified);
}

fn rule(case: &mut CaseState, ruled: &AppealRuled, actor: &Actor, at: Instant) {
    let command = &ruled.command;
    case.set_appeal(&command.appeal, AppealStanding::Ruled);
    case.reviewers
        .push((actor.principal.clone(), ReviewerPart::Ruled));
    if let Some(notice) = case.notice_mut(&ruled.notice) {
        notice.attempts_used += u32::from(ruled.counts);
        for finding in &command.findings {
            notice.answer_finding(&finding.id, finding.ruling, at);
        }
        for step in &command.steps {
            match step.ruling {
                StepAnswer::Strike => notice.mark_step(&step.id, StepStanding::Struck),
                // One that was declared stays so unless the ruling has looked at it.
                StepAnswer::Keep => {}
            }
        }
        for step in &ruled.reopened {
            notice.mark_step(step, StepStanding::Unmet);
        }
        if let Some(declaration) = &ruled.completes {
            notice.declare(declaration, ruled.rectification);
        }
        if let Some(left) = ruled.window_left {
            notice.window.stop(left);
        }
        notice.rectification.by_appeal = false;
        notice.rectification.set_stage(ruled.rectification);
        // Each attempt has a time of its own: that it ended while this one was open is held against nobody (rule 1).
        if notice.standing == NoticeStanding::Warned {
            notice.window.excuse();
        }
        let given = &mut notice.cure.not_before;
        *given = command.cure_due.max(*given);
    }
}

//! What events about an appeal change in the fold of its case.

use events_schema::{
    AppealEvent, AppealRuled, AppealSubmitted, AppealViewStanding, Header, Instant, NoticeId,
    NoticeStanding, OverdueConsequence, RectificationStage, RulingOutcome, StepAnswer,
};

use crate::case::{AppealRecord, Case, RulingRecord};

pub(super) fn appeal(case: &mut Case, header: &Header, event: &AppealEvent) {
    let at = header.received.unwrap_or(header.time);
    match event {
        AppealEvent::AppealSubmitted(submitted) => submit(case, submitted, at),
        AppealEvent::AppealAmended(amended) => {
            let command = &amended.command;
            if let Some(appeal) = case.appeal_mut(&command.appeal) {
                appeal.revision = amended.revision;
                let grounds = command.grounds.iter();
                appeal.grounds.extend(grounds.map(|ground| ground.kind));
                if let Some(release) = &command.release {
                    appeal.release = release.clone();
                }
            }
            if amended.declares.is_some() {
                declare(case, &amended.notice);
            }
        }
        AppealEvent::AppealWithdrawn(withdrawn) => {
            case.set_appeal(&withdrawn.command.appeal, AppealViewStanding::Withdrawn);
            if let Some(notice) = case.notice_mut(&withdrawn.notice) {
                notice.attempts_used += u32::from(withdrawn.counts);
                notice.verified_by_ruling = false;
                notice.rectification = withdrawn.rectification;
            }
        }
        AppealEvent::AppealClaimed(claimed) => {
            if let Some(appeal) = case.appeal_mut(&claimed.command.appeal) {
                appeal.standing = AppealViewStanding::Claimed;
                appeal.reviewer = Some(header.actor.clone());
            }
        }
        AppealEvent::AppealUnclaimed(unclaimed) => {
            if let Some(appeal) = case.appeal_mut(&unclaimed.appeal) {
                appeal.standing = AppealViewStanding::Filed;
                appeal.reviewer = None;
            }
        }
        AppealEvent::AppealRuled(ruled) => rule(case, header, ruled, at),
        AppealEvent::AppealOverdue(overdue) => {
            if let Some(appeal) = case.appeal_mut(&overdue.appeal) {
                appeal.overdue = true;
                appeal.reviewer = None;
                appeal.standing = match overdue.consequence {
                    OverdueConsequence::Escalated | OverdueConsequence::Stayed => {
                        AppealViewStanding::Filed
                    }
                    OverdueConsequence::DeemedGranted => AppealViewStanding::DeemedGranted,
                };
            }
        }
        // Its deadlines are all that it changes.
        AppealEvent::AppealEscalated(_) => {}
        AppealEvent::AppealClosedWithoutRuling(closed) => {
            let ended = AppealViewStanding::ClosedWithoutRuling;
            case.set_appeal(&closed.appeal, ended);
        }
    }
}

fn submit(case: &mut Case, submitted: &AppealSubmitted, at: Instant) {
    let command = &submitted.command;
    case.appeals.reserve_exact(1);
    case.appeals.push(AppealRecord {
        id: command.appeal.clone(),
        notice: command.notice.clone(),
        attempt: submitted.attempt,
        revision: 1,
        standing: AppealViewStanding::Filed,
        filed_at: at,
        grounds: command.grounds.iter().map(|ground| ground.kind).collect(),
        release: command.release.clone(),
        late: submitted.late,
        overdue: false,
        reviewer: None,
        ruling: None,
    });
    if submitted.declares.is_some() {
        declare(case, &command.notice);
    }
    if let Some(notice) = case.notice_mut(&command.notice)
        && submitted.late
        && notice.standing == NoticeStanding::Exhausted
    {
        notice.standing = NoticeStanding::Penalised;
        notice.exhaustion = None;
    }
}

/// An appeal that says that the matter was put right answers every step.
fn declare(case: &mut Case, notice: &NoticeId) {
    if let Some(notice) = case.notice_mut(notice) {
        notice.rectification = RectificationStage::Unverified;
        notice.verified_by_ruling = true;
        for step in &mut notice.steps {
            step.1 = true;
        }
    }
}

fn rule(case: &mut Case, header: &Header, ruled: &AppealRuled, at: Instant) {
    let command = &ruled.command;
    if let Some(appeal) = case.appeal_mut(&command.appeal) {
        appeal.standing = match command.outcome {
            RulingOutcome::Granted => AppealViewStanding::Granted,
            RulingOutcome::GrantedInPart => AppealViewStanding::GrantedInPart,
            RulingOutcome::Refused => AppealViewStanding::Refused,
        };
        appeal.reviewer = Some(header.actor.clone());
        appeal.ruling = Some(RulingRecord {
            outcome: command.outcome,
            at,
            position: header.position,
            release_reviewed: command.release_reviewed.clone(),
            unmet_steps: ruled.unmet_steps.clone(),
            counts: ruled.counts,
        });
    }
    if let Some(notice) = case.notice_mut(&ruled.notice) {
        notice.attempts_used += u32::from(ruled.counts);
        // Each attempt has a time of its own.
        if notice.standing == NoticeStanding::Warned {
            notice.window_ended = false;
        }
        notice.rectification = ruled.rectification;
        notice.verified_by_ruling = false;
        for answer in &command.steps {
            for step in &mut notice.steps {
                step.1 |= step.0 == answer.id && answer.ruling == StepAnswer::Strike;
            }
        }
        for step in &mut notice.steps {
            step.1 &= !ruled.reopened.contains(&step.0);
        }
        for answer in &command.findings {
            for finding in &mut notice.findings {
                if finding.0 == answer.id {
                    finding.2 = Some(answer.ruling);
                }
            }
        }
    }
}

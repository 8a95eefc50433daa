//! What events about a notice change in its case.

use std::sync::Arc;

use events_schema::{
    Actor, Closure, DeadlinePurpose, FindingAnswer, FindingsSealed, GuideStep, Instant, Measure,
    NoticeEvent, NoticeId, NoticeStanding, NoticeTerms, PenaltyImposed, SealReason, Violation,
};

use crate::{
    case_state::{
        CaseState, FoundFact, ImposedMeasure, MeasureStanding, Notice, Rectification, Standstill,
        StepStanding, StepState, found_at,
    },
    periods::PartyPeriod,
};

pub(super) fn notice(case: &mut CaseState, event: &NoticeEvent, actor: &Actor, received: Instant) {
    match event {
        NoticeEvent::WarningIssued(issued) => {
            let command = &issued.command;
            let mut notice = new_notice(
                &command.notice,
                NoticeStanding::Warned,
                (actor, received),
                &command.violation,
                &issued.terms,
            );
            notice.steps = command.steps.iter().map(unanswered).collect();
            notice.threatened.clone_from(&command.threatened_measures);
            case.notices.push(notice);
        }
        NoticeEvent::PenaltyIssued(issued) => {
            let command = &issued.command;
            let mut notice = new_notice(
                &command.notice,
                NoticeStanding::Penalised,
                (actor, received),
                &command.violation,
                &issued.terms,
            );
            notice.steps = command.steps.iter().map(unanswered).collect();
            notice.strike = Some(Box::new(issued.strike.clone()));
            let emergency = command.emergency.as_ref().map(|it| &it.approver);
            let beyond_ladder = command.ladder_override.as_ref().map(|it| &it.approver);
            notice.approvers = emergency
                .into_iter()
                .chain(beyond_ladder)
                .cloned()
                .collect();
            case.notices.push(notice);
            impose(case, &command.notice, &issued.measures, received);
        }
        NoticeEvent::PenaltyImposed(imposed) => lapse(case, imposed, received),
        NoticeEvent::NoticeWithdrawn(withdrawn) => {
            let command = &withdrawn.command;
            if let Some(notice) = case.notice_mut(&command.notice) {
                let bequest = command.successor.clone().zip(withdrawn.bequest.clone());
                notice.bequest = bequest.map(Box::new);
                if withdrawn.voided_strike.is_some() {
                    notice.strike = None;
                }
            }
        }
        NoticeEvent::NoticeClosed(closed) => {
            if let Some(notice) = case.notice_mut(&closed.notice) {
                notice.standing = match closed.how {
                    Closure::Complied => NoticeStanding::Complied,
                    Closure::Overturned => NoticeStanding::Overturned,
                    Closure::Withdrawn => NoticeStanding::Withdrawn,
                    Closure::DeemedGranted => NoticeStanding::DeemedGranted,
                    Closure::Served => NoticeStanding::Served,
                };
                if closed.voided_strike.is_some() {
                    notice.strike = None;
                }
            }
        }
        NoticeEvent::NoticeExhausted(exhausted) => {
            let window = window_due(case, &exhausted.notice);
            if let Some(notice) = case.notice_mut(&exhausted.notice) {
                notice.standing = NoticeStanding::Exhausted;
                notice.exhaustion = Some(exhausted.why);
                if let Some(due) = window {
                    notice.window.end(due);
                }
            }
        }
        NoticeEvent::NoticeComplied(complied) => {
            if let Some(notice) = case.notice_mut(&complied.notice) {
                notice.standing = NoticeStanding::OnRecord;
            }
        }
        NoticeEvent::CurePeriodHeld(held) => {
            let cure = DeadlinePurpose::Cure {
                notice: held.notice.clone(),
            };
            let ended = case.deadline_for(&cure).map(|deadline| deadline.due);
            if let (Some(notice), Some(due)) = (case.notice_mut(&held.notice), ended) {
                notice.cure.left = None;
                notice.cure.end(due);
                notice.window.end(due);
            }
        }
        NoticeEvent::FilingWindowPassed(passed) => {
            let window = window_due(case, &passed.notice);
            if let (Some(notice), Some(due)) = (case.notice_mut(&passed.notice), window) {
                notice.window.end(due);
            }
        }
        NoticeEvent::FindingsSealed(sealed) => seal(case, sealed),
    }
}

fn lapse(case: &mut CaseState, imposed: &PenaltyImposed, received: Instant) {
    let Some(warning) = case.notice_mut(&imposed.warning) else {
        return;
    };
    warning.standing = NoticeStanding::Lapsed;
    let mut penalty = warning.clone();
    penalty.id = imposed.notice.clone();
    penalty.standing = NoticeStanding::Penalised;
    penalty.threatened = Vec::new();
    for finding in &mut penalty.findings {
        finding.fell_before = !finding.stands();
    }
    penalty.terms = Arc::new(imposed.terms.clone());
    penalty.attempts_used = imposed.terms.attempts_used;
    penalty.appeals_withdrawn = imposed.terms.appeals_withdrawn;
    penalty.cure = PartyPeriod::default();
    penalty.window = PartyPeriod::default();
    penalty.strike = Some(Box::new(imposed.strike.clone()));
    // What is declared goes on, and the penalty's own periods have stood still for nothing yet.
    penalty.rectification.still = Standstill::default();
    case.notices.push(penalty);
    impose(case, &imposed.notice, &imposed.measures, received);
    if let Some(appeal) = imposed
        .carried_appeal
        .as_ref()
        .and_then(|id| case.appeal_mut(id))
    {
        appeal.notice = imposed.notice.clone();
        appeal.carried = true;
    }
}

fn seal(case: &mut CaseState, sealed: &FindingsSealed) {
    if let Some(notice) = case.notice_mut(&sealed.notice) {
        for seal in &sealed.seals {
            let answer = match seal.why {
                SealReason::NotEstablished | SealReason::Mistaken => FindingAnswer::NotEstablished,
                SealReason::NotAViolation => FindingAnswer::NotAViolation,
            };
            notice.answer_finding(&seal.finding, answer);
        }
        if sealed.voided_strike.is_some() {
            notice.strike = None;
        }
    }
}

fn new_notice(
    id: &NoticeId,
    standing: NoticeStanding,
    (actor, received): (&Actor, Instant),
    violation: &Violation,
    terms: &NoticeTerms,
) -> Notice {
    Notice {
        id: id.clone(),
        standing,
        exhaustion: None,
        issuer: actor.principal.clone(),
        issued_at: received,
        found_at: found_at(violation),
        approvers: Vec::new(),
        clause: (
            violation.rule.clause.clone(),
            violation.rule.version.clone(),
        ),
        findings: violation
            .findings
            .iter()
            .map(|finding| FoundFact {
                id: finding.id.clone(),
                location: finding.location.clone(),
                content_digest: finding.content_digest,
                evidence: finding.evidence.iter().map(|it| it.sha256).collect(),
                answer: None,
                fell_before: false,
            })
            .collect(),
        steps: Vec::new(),
        threatened: Vec::new(),
        terms: Arc::new(terms.clone()),
        attempts_used: terms.attempts_used,
        appeals_withdrawn: terms.appeals_withdrawn,
        strike: None,
        rectification: Rectification::default(),
        cure: PartyPeriod::default(),
        window: PartyPeriod::default(),
        bequest: None,
    }
}

fn unanswered(step: &GuideStep) -> StepState {
    StepState {
        id: step.id.clone(),
        findings: step.findings.clone(),
        standing: StepStanding::Unmet,
    }
}

fn impose(case: &mut CaseState, notice: &NoticeId, measures: &[Measure], at: Instant) {
    case.measures.reserve_exact(measures.len());
    for measure in measures {
        case.measures.push(ImposedMeasure {
            measure: measure.clone(),
            notice: notice.clone(),
            standing: if measure.starts_at > at {
                MeasureStanding::Scheduled
            } else {
                MeasureStanding::InForce
            },
        });
    }
}

/// When the window of a notice is due, read before the event ends it.
fn window_due(case: &CaseState, notice: &NoticeId) -> Option<Instant> {
    let purpose = DeadlinePurpose::Window {
        notice: notice.clone(),
    };
    case.deadline_for(&purpose).map(|deadline| deadline.due)
}

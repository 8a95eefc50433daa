//! What events about a notice change in its case.

use std::sync::Arc;

use events_schema::{
    Actor, Closure, DeadlinePurpose, FindingAnswer, FindingsSealed, GuideStep, Instant, Measure,
    NoticeEvent, NoticeId, NoticeKind, NoticeStanding, NoticeTerms, PenaltyImposed, PenaltyLowered,
    SealReason, TakenOver, Violation,
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
                NoticeKind::Warning,
                (actor, received),
                &command.violation,
                &issued.terms,
            );
            notice.steps = command.steps.iter().map(unanswered).collect();
            notice.threatened.clone_from(&command.threatened_measures);
            begin(case, notice, issued.takes_over.as_ref());
        }
        NoticeEvent::PenaltyIssued(issued) => {
            let command = &issued.command;
            let mut notice = new_notice(
                &command.notice,
                NoticeKind::Penalty,
                (actor, received),
                &command.violation,
                &issued.terms,
            );
            notice.steps = command.steps.iter().map(unanswered).collect();
            notice.strike = Some(Box::new(issued.strike.clone()));
            notice.beyond_ladder = command.ladder_override.is_some();
            let emergency = command.emergency.as_ref().map(|it| &it.approver);
            let beyond_ladder = command.ladder_override.as_ref().map(|it| &it.approver);
            notice.approvers = emergency
                .into_iter()
                .chain(beyond_ladder)
                .cloned()
                .collect();
            begin(case, notice, issued.takes_over.as_ref());
            impose(case, &command.notice, &issued.measures, received);
        }
        NoticeEvent::PenaltyImposed(imposed) => lapse(case, imposed, received),
        // What becomes of it is said by the events that follow.
        NoticeEvent::NoticeWithdrawn(_) => {}
        NoticeEvent::NoticeClosed(closed) => {
            if let Some(notice) = case.notice_mut(&closed.notice) {
                notice.standing = match closed.how {
                    Closure::Complied => NoticeStanding::Complied,
                    Closure::Overturned => NoticeStanding::Overturned,
                    Closure::Withdrawn => NoticeStanding::Withdrawn,
                    Closure::Superseded => NoticeStanding::Superseded,
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
        NoticeEvent::PenaltyLowered(lowered) => lower(case, lowered, received),
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
        NoticeEvent::FindingsSealed(sealed) => seal(case, sealed, received),
    }
}

fn lower(case: &mut CaseState, lowered: &PenaltyLowered, received: Instant) {
    if let Some(notice) = case.notice_mut(&lowered.notice) {
        notice.strike = Some(Box::new(lowered.strike.clone()));
    }
    let milder = lowered.measures.iter().map(|it| it.measure.clone());
    impose(case, &lowered.notice, &milder.collect::<Vec<_>>(), received);
}

fn lapse(case: &mut CaseState, imposed: &PenaltyImposed, received: Instant) {
    let Some(warning) = case.notice_mut(&imposed.warning) else {
        return;
    };
    warning.standing = NoticeStanding::Lapsed;
    let mut penalty = warning.clone();
    penalty.id = imposed.notice.clone();
    penalty.kind = NoticeKind::Penalty;
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

/// A notice begins. A successor goes on with what the notice before it had come to (rule 10).
fn begin(case: &mut CaseState, mut notice: Notice, takes_over: Option<&TakenOver>) {
    let before = notice.terms.succeeds.as_ref();
    if let (Some(before), Some(taken)) = (before.and_then(|id| case.notice(id)), takes_over) {
        let was_warned = before.kind == NoticeKind::Warning;
        succeed(&mut notice, before, taken);
        if let Some(appeal) = taken.appeal.as_ref().and_then(|id| case.appeal_mut(id)) {
            appeal.notice = notice.id.clone();
            appeal.revision += 1;
            // What kept a warning from lapsing keeps no emergency from being met.
            appeal.stays_penalty &= !(was_warned && notice.kind == NoticeKind::Penalty);
        }
    }
    case.notices.push(notice);
}

fn succeed(notice: &mut Notice, before: &Notice, taken: &TakenOver) {
    notice.lineage.clone_from(&before.lineage);
    notice.lineage.push(before.id.clone());
    notice.found_at = notice.found_at.min(before.found_at);
    for step in &mut notice.steps {
        let same = before.steps.iter().find(|it| it.id == step.id);
        step.standing = same.map_or(step.standing, |it| it.standing);
    }
    notice.rectification.clone_from(&before.rectification);
    // A warning and a penalty have periods of another kind.
    if notice.kind == before.kind {
        notice.cure.clone_from(&before.cure);
        notice.window.clone_from(&before.window);
    } else {
        notice.rectification.still = Standstill::default();
        notice.rectification.stays_measures = false;
    }
    match &taken.completes {
        Some(declaration) => notice.declare(declaration, taken.rectification),
        None => notice.rectification.set_stage(taken.rectification),
    }
}

fn seal(case: &mut CaseState, sealed: &FindingsSealed, at: Instant) {
    if let Some(notice) = case.notice_mut(&sealed.notice) {
        for seal in &sealed.seals {
            let answer = match seal.why {
                SealReason::NotEstablished | SealReason::Mistaken => FindingAnswer::NotEstablished,
                SealReason::NotAViolation => FindingAnswer::NotAViolation,
            };
            notice.answer_finding(&seal.finding, answer, at);
        }
        if sealed.voided_strike.is_some() {
            notice.strike = None;
        }
    }
}

fn new_notice(
    id: &NoticeId,
    kind: NoticeKind,
    (actor, received): (&Actor, Instant),
    violation: &Violation,
    terms: &NoticeTerms,
) -> Notice {
    Notice {
        id: id.clone(),
        kind,
        standing: match kind {
            NoticeKind::Warning => NoticeStanding::Warned,
            NoticeKind::Penalty => NoticeStanding::Penalised,
        },
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
                put_right_at: None,
            })
            .collect(),
        steps: Vec::new(),
        threatened: Vec::new(),
        terms: Arc::new(terms.clone()),
        attempts_used: terms.attempts_used,
        appeals_withdrawn: terms.appeals_withdrawn,
        beyond_ladder: false,
        strike: None,
        rectification: Rectification::default(),
        cure: PartyPeriod::default(),
        window: PartyPeriod::default(),
        lineage: Vec::new(),
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
            served: 0,
            since: measure.starts_at,
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

//! What events about a notice change in the fold of its case.

use std::sync::Arc;

use events_schema::{
    AppealId, Closure, FindingAnswer, FindingsSealed, Header, Instant, Measure,
    MeasureViewStanding, NoticeEvent, NoticeId, NoticeKind, NoticeStanding, NoticeTerms,
    PenaltyImposed, RectificationStage, SealReason, TakenOver, Violation,
};

use crate::case::{Case, MeasureRecord, NoticeRecord};

pub(super) fn notice(case: &mut Case, header: &Header, event: &NoticeEvent) {
    let at = header.received.unwrap_or(header.time);
    match event {
        NoticeEvent::WarningIssued(issued) => {
            let command = &issued.command;
            let mut notice = issue(
                &command.notice,
                NoticeKind::Warning,
                &command.violation,
                &issued.terms,
                header,
                at,
            );
            notice.steps = command
                .steps
                .iter()
                .map(|step| (step.id.clone(), false))
                .collect();
            notice.threatened.clone_from(&command.threatened_measures);
            begin(case, notice, issued.takes_over.as_ref());
        }
        NoticeEvent::PenaltyIssued(issued) => {
            let command = &issued.command;
            let mut notice = issue(
                &command.notice,
                NoticeKind::Penalty,
                &command.violation,
                &issued.terms,
                header,
                at,
            );
            notice.steps = command
                .steps
                .iter()
                .map(|step| (step.id.clone(), false))
                .collect();
            begin(case, notice, issued.takes_over.as_ref());
            take(case, &command.notice, &issued.measures, at);
        }
        NoticeEvent::PenaltyImposed(imposed) => lapse(case, imposed, at),
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
            }
        }
        NoticeEvent::PenaltyLowered(lowered) => {
            let measures: Vec<_> = lowered
                .measures
                .iter()
                .map(|it| it.measure.clone())
                .collect();
            take(case, &lowered.notice, &measures, at);
        }
        NoticeEvent::NoticeComplied(complied) => {
            if let Some(notice) = case.notice_mut(&complied.notice) {
                notice.standing = NoticeStanding::OnRecord;
            }
        }
        NoticeEvent::NoticeExhausted(exhausted) => {
            if let Some(notice) = case.notice_mut(&exhausted.notice) {
                notice.standing = NoticeStanding::Exhausted;
                notice.exhaustion = Some(exhausted.why);
            }
        }
        NoticeEvent::CurePeriodHeld(held) => {
            if let Some(notice) = case.notice_mut(&held.notice) {
                notice.window_ended = true;
            }
        }
        // Deadlines are all that the one changes, and what becomes of the other is said by the events that follow.
        NoticeEvent::FilingWindowPassed(_) | NoticeEvent::NoticeWithdrawn(_) => {}
        NoticeEvent::FindingsSealed(sealed) => seal(case, sealed),
    }
}

fn lapse(case: &mut Case, imposed: &PenaltyImposed, at: Instant) {
    let Some(warning) = case.notice_mut(&imposed.warning) else {
        return;
    };
    warning.standing = NoticeStanding::Lapsed;
    warning.lapsed_into = Some(imposed.notice.clone());
    let penalty = NoticeRecord {
        id: imposed.notice.clone(),
        kind: NoticeKind::Penalty,
        standing: NoticeStanding::Penalised,
        issued_at: at,
        follows: Some(imposed.warning.clone()),
        lapsed_into: None,
        threatened: Vec::new(),
        terms: Arc::new(imposed.terms.clone()),
        attempts_used: imposed.terms.attempts_used,
        exhaustion: None,
        window_ended: false,
        ..warning.clone()
    };
    case.notices.push(penalty);
    take(case, &imposed.notice, &imposed.measures, at);
    carry(case, imposed.carried_appeal.as_ref(), &imposed.notice, 0);
}

/// A notice begins. A successor goes on with what the notice before it had come to.
fn begin(case: &mut Case, mut notice: NoticeRecord, takes_over: Option<&TakenOver>) {
    let before = notice.terms.succeeds.as_ref();
    let before = before.and_then(|id| case.notices.iter().find(|it| it.id == *id));
    if let (Some(before), Some(taken)) = (before, takes_over) {
        succeed(&mut notice, before, taken.rectification);
        carry(case, taken.appeal.as_ref(), &notice.id, 1);
    }
    case.notices.push(notice);
}

fn succeed(notice: &mut NoticeRecord, before: &NoticeRecord, stage: RectificationStage) {
    notice.follows = Some(before.id.clone());
    for step in &mut notice.steps {
        step.1 = before.steps.iter().any(|it| it.0 == step.0 && it.1);
    }
    notice.rectification = stage;
    notice.verified_by_ruling = before.verified_by_ruling && stage.is_with_the_platform();
    notice.code_review_pending = before.code_review_pending;
    notice.code_review_overdue = before.code_review_overdue;
    notice.in_review.clone_from(&before.in_review);
    notice.window_ended = before.window_ended && notice.kind == before.kind;
}

/// An open appeal is against this notice from now on, and so many revisions further.
fn carry(case: &mut Case, appeal: Option<&AppealId>, notice: &NoticeId, revisions: u32) {
    if let Some(appeal) = appeal.and_then(|id| case.appeal_mut(id)) {
        appeal.notice = notice.clone();
        appeal.revision += revisions;
    }
}

fn seal(case: &mut Case, sealed: &FindingsSealed) {
    if let Some(notice) = case.notice_mut(&sealed.notice) {
        for seal in &sealed.seals {
            let answer = match seal.why {
                SealReason::NotAViolation => FindingAnswer::NotAViolation,
                SealReason::NotEstablished | SealReason::Mistaken => FindingAnswer::NotEstablished,
            };
            for finding in &mut notice.findings {
                if finding.0 == seal.finding {
                    finding.2 = Some(answer);
                }
            }
        }
    }
}

fn issue(
    id: &NoticeId,
    kind: NoticeKind,
    violation: &Violation,
    terms: &NoticeTerms,
    header: &Header,
    at: Instant,
) -> NoticeRecord {
    NoticeRecord {
        id: id.clone(),
        kind,
        standing: match kind {
            NoticeKind::Warning => NoticeStanding::Warned,
            NoticeKind::Penalty => NoticeStanding::Penalised,
        },
        issued_at: at,
        issuer: header.actor.clone(),
        clause: violation.rule.clause.clone(),
        clause_version: violation.rule.version.clone(),
        title: violation.rule.title.clone(),
        category: violation.category.clone(),
        follows: None,
        lapsed_into: None,
        findings: violation
            .findings
            .iter()
            .map(|finding| (finding.id.clone(), finding.location.clone(), None))
            .collect(),
        steps: Vec::new(),
        threatened: Vec::new(),
        terms: Arc::new(terms.clone()),
        attempts_used: terms.attempts_used,
        rectification: RectificationStage::None,
        verified_by_ruling: false,
        code_review_pending: false,
        code_review_overdue: false,
        in_review: Vec::new(),
        exhaustion: None,
        window_ended: false,
    }
}

fn take(case: &mut Case, notice: &NoticeId, measures: &[Measure], at: Instant) {
    case.measures.reserve_exact(measures.len());
    case.measures.extend(measures.iter().map(|measure| {
        let (standing, since) = if measure.starts_at > at {
            (MeasureViewStanding::Scheduled, at)
        } else {
            (MeasureViewStanding::InForce, measure.starts_at)
        };
        MeasureRecord {
            measure: measure.clone(),
            notice: notice.clone(),
            standing,
            since,
        }
    }));
}

//! What events about a notice change in the fold of its case.

use std::sync::Arc;

use events_schema::{
    Closure, FindingAnswer, FindingsSealed, Header, Instant, Measure, MeasureViewStanding,
    NoticeEvent, NoticeId, NoticeKind, NoticeStanding, NoticeTerms, PenaltyImposed,
    RectificationStage, SealReason, Violation,
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
            case.notices.push(notice);
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
            case.notices.push(notice);
            take(case, &command.notice, &issued.measures, at);
        }
        NoticeEvent::PenaltyImposed(imposed) => lapse(case, imposed, at),
        NoticeEvent::NoticeWithdrawn(withdrawn) => {
            if let Some(notice) = case.notice_mut(&withdrawn.command.notice) {
                notice.awaits_successor = withdrawn.bequest.is_some();
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
            }
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
        // Its deadlines are all that it changes.
        NoticeEvent::FilingWindowPassed(_) => {}
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
    if let Some(carried) = &imposed.carried_appeal
        && let Some(appeal) = case.appeal_mut(carried)
    {
        appeal.notice = imposed.notice.clone();
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
        exhaustion: None,
        window_ended: false,
        awaits_successor: false,
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

//! What each event changes in the fold of its case.

use std::sync::Arc;

use events_schema::{
    Closure, CodeReviewOutcome, CodeReviewState, DeadlineChanges, DeadlinePurpose, DeclaredRelease,
    Event, FindingAnswer, Header, Instant, Measure, NoticeId, NoticeStanding, NoticeTerms,
    OpenDeadline, OverdueConsequence, RectificationStage, RulingOutcome, SealReason, StepAnswer,
    Violation,
};

use crate::{
    AppealViewStanding, MeasureViewStanding, NoticeKind,
    case::{AppealRecord, Case, MeasureRecord, NoticeRecord, RestorationRecord, RulingRecord},
};

pub(crate) fn apply(case: &mut Option<Case>, header: &Header, event: &Event) {
    if case.is_none() {
        *case = begin(header, event);
    }
    if let Some(case) = case {
        take_in(case, header, event);
    }
}

pub(crate) fn take_in(case: &mut Case, header: &Header, event: &Event) {
    case.revision = header.revision;
    change(case, header, event);
    if let Some(changes) = event.deadlines() {
        change_deadlines(case, changes);
        // The window of a warning opens again with its cure period, save for who took an appeal back and where a date
        // of the same period is fixed.
        if !matches!(event, Event::AppealWithdrawn(_) | Event::DeadlineRevised(_)) {
            reopen_windows(case, changes);
        }
    }
}

/// Whoever waits for a platform that is late may appeal instead.
fn reopen_window_of_a_warning(notice: &mut NoticeRecord) {
    if notice.standing == NoticeStanding::Warned {
        notice.window_ended = false;
    }
}

fn reopen_windows(case: &mut Case, changes: &DeadlineChanges) {
    for deadline in &changes.set {
        if let DeadlinePurpose::Cure { notice } = &deadline.purpose
            && let Some(notice) = case.notice_mut(notice)
        {
            notice.window_ended = false;
        }
    }
}

fn begin(header: &Header, event: &Event) -> Option<Case> {
    let (case, account, entity) = if let Event::WarningIssued(issued) = event {
        let command = &issued.command;
        (&command.case, &command.account, &command.entity)
    } else if let Event::PenaltyIssued(issued) = event {
        let command = &issued.command;
        (&command.case, &command.account, &command.entity)
    } else {
        return None;
    };
    Some(Case {
        id: case.clone(),
        account: account.clone(),
        entity: entity.clone(),
        // Most cases have one.
        notices: Vec::with_capacity(1),
        appeals: Vec::new(),
        measures: Vec::new(),
        restorations: Vec::new(),
        deadlines: Vec::new(),
        deadlines_ended: 0,
        revision: 0,
        begun_at: header.position,
    })
}

fn change_deadlines(case: &mut Case, changes: &DeadlineChanges) {
    for ended in changes.ended() {
        case.deadlines.retain(|deadline| deadline.id != *ended);
        case.deadlines_ended += 1;
    }
    case.deadlines.reserve_exact(changes.set.len());
    case.deadlines
        .extend(changes.set.iter().map(|deadline| OpenDeadline {
            id: deadline.id.clone(),
            purpose: deadline.purpose.clone(),
            due: deadline.due,
            provisional: deadline.provisional,
        }));
}

#[expect(
    clippy::too_many_lines,
    reason = "one arm per event, best read as a list"
)]
fn change(case: &mut Case, header: &Header, event: &Event) {
    let at = header.received.unwrap_or(header.time);
    match event {
        Event::WarningIssued(issued) => {
            let command = &issued.command;
            let mut notice = issue(
                &command.notice,
                NoticeKind::Warning,
                &command.violation,
                &issued.terms,
                header,
                at,
            );
            notice.steps = command.steps.iter().map(|step| (step.id.clone(), false)).collect();
            notice.threatened.clone_from(&command.threatened_measures);
            case.notices.push(notice);
        }
        Event::PenaltyIssued(issued) => {
            let command = &issued.command;
            let mut notice = issue(
                &command.notice,
                NoticeKind::Penalty,
                &command.violation,
                &issued.terms,
                header,
                at,
            );
            notice.steps = command.steps.iter().map(|step| (step.id.clone(), false)).collect();
            case.notices.push(notice);
            take(case, &command.notice, &issued.measures, at);
        }
        Event::PenaltyImposed(imposed) => {
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
                verified_by_ruling: false,
                code_review_overdue: false,
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
        Event::NoticeClosed(closed) => {
            if let Some(notice) = case.notice_mut(&closed.notice) {
                notice.standing = match closed.how {
                    Closure::Complied => NoticeStanding::Complied,
                    Closure::Overturned => NoticeStanding::Overturned,
                    Closure::Withdrawn => NoticeStanding::Withdrawn,
                    Closure::DeemedGranted => NoticeStanding::DeemedGranted,
                };
            }
        }
        Event::NoticeExhausted(exhausted) => {
            if let Some(notice) = case.notice_mut(&exhausted.notice) {
                notice.standing = NoticeStanding::Exhausted;
                notice.exhaustion = Some(exhausted.why);
            }
        }
        Event::FindingsSealed(sealed) => {
            if let Some(notice) = case.notice_mut(&sealed.notice) {
                for seal in &sealed.seals {
                    let answer = match seal.why {
                        SealReason::NotAViolation => FindingAnswer::NotAViolation,
                        SealReason::NotEstablished | SealReason::Mistaken => {
                            FindingAnswer::NotEstablished
                        }
                    };
                    for finding in &mut notice.findings {
                        if finding.0 == seal.finding {
                            finding.2 = Some(answer);
                        }
                    }
                }
            }
        }
        Event::RectificationDeclared(declared) => {
            let command = &declared.command;
            if let Some(notice) = case.notice_mut(&command.notice) {
                for step in &mut notice.steps {
                    step.1 |= command.steps.iter().any(|answered| answered.step == step.0);
                }
                // What is still with the platform goes on as it was.
                if !notice.rectification.is_with_the_platform() {
                    let pending = |it: &DeclaredRelease| it.code_review == CodeReviewState::Pending;
                    let in_parts = notice.rectification == RectificationStage::Partial;
                    let as_before = in_parts && notice.code_review_pending;
                    notice.code_review_pending = command.release.as_ref().map_or(as_before, pending);
                    notice.code_review_overdue = false;
                    notice.verified_by_ruling = false;
                }
                notice.rectification = declared.next;
            }
        }
        Event::CodeReviewRecorded(recorded) => {
            if let Some(notice) = case.notice_mut(&recorded.command.notice) {
                notice.rectification = recorded.next;
                notice.code_review_pending = false;
                if recorded.command.outcome == CodeReviewOutcome::Failed {
                    for step in &mut notice.steps {
                        step.1 = false;
                    }
                }
            }
        }
        Event::CodeReviewOverdue(overdue) => {
            if let Some(notice) = case.notice_mut(&overdue.notice) {
                notice.code_review_overdue = true;
                reopen_window_of_a_warning(notice);
            }
        }
        Event::RectificationVerified(verified) => {
            let command = &verified.command;
            if let Some(notice) = case.notice_mut(&command.notice) {
                notice.rectification = verified.next;
                for step in &mut notice.steps {
                    step.1 &= !command.unmet_steps.contains(&step.0);
                }
            }
        }
        Event::VerificationOverdue(overdue) => {
            if let Some(notice) = case.notice_mut(&overdue.notice) {
                reopen_window_of_a_warning(notice);
            }
        }
        Event::RectificationDeemedConfirmed(confirmed) => {
            if let Some(notice) = case.notice_mut(&confirmed.notice) {
                notice.rectification = RectificationStage::Confirmed;
            }
        }
        Event::AppealSubmitted(submitted) => {
            let command = &submitted.command;
            case.appeals.reserve_exact(1);
            case.appeals.push(AppealRecord {
                id: command.appeal.clone(),
                notice: command.notice.clone(),
                attempt: submitted.attempt,
                standing: AppealViewStanding::Filed,
                filed_at: at,
                grounds: command.grounds.iter().map(|ground| ground.kind).collect(),
                release: command.release.clone(),
                late: submitted.late,
                overdue: false,
                reviewer: None,
                ruling: None,
            });
            if let Some(notice) = case.notice_mut(&command.notice) {
                if submitted.declares_rectification {
                    notice.rectification = RectificationStage::Unverified;
                    notice.verified_by_ruling = true;
                }
                if submitted.late && notice.standing == NoticeStanding::Exhausted {
                    notice.standing = NoticeStanding::Penalised;
                    notice.exhaustion = None;
                }
            }
        }
        Event::AppealWithdrawn(withdrawn) => {
            set_appeal(case, &withdrawn.command.appeal, AppealViewStanding::Withdrawn);
            if let Some(notice) = case.notice_mut(&withdrawn.notice) {
                notice.attempts_used += u32::from(withdrawn.counts);
                notice.verified_by_ruling = false;
            }
        }
        Event::AppealClaimed(claimed) => {
            if let Some(appeal) = case.appeal_mut(&claimed.command.appeal) {
                appeal.standing = AppealViewStanding::Claimed;
                appeal.reviewer = Some(header.actor.clone());
            }
        }
        Event::AppealUnclaimed(unclaimed) => {
            if let Some(appeal) = case.appeal_mut(&unclaimed.appeal) {
                appeal.standing = AppealViewStanding::Filed;
                appeal.reviewer = None;
            }
        }
        Event::AppealRuled(ruled) => {
            let command = &ruled.command;
            if let Some(appeal) = case.appeal_mut(&command.appeal) {
                appeal.standing = match command.outcome {
                    RulingOutcome::Granted => AppealViewStanding::Granted,
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
                notice.rectification = ruled.rectification;
                notice.verified_by_ruling = false;
                let still_looked_at = ruled.rectification.is_with_the_platform();
                for answer in &command.steps {
                    let answered = answer.ruling == StepAnswer::Strike || still_looked_at;
                    for step in &mut notice.steps {
                        if step.0 == answer.id {
                            step.1 = answered;
                        }
                    }
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
        Event::AppealOverdue(overdue) => {
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
        Event::AppealClosedWithoutRuling(closed) => {
            let ended = AppealViewStanding::ClosedWithoutRuling;
            set_appeal(case, &closed.appeal, ended);
        }
        Event::MeasureStarted(started) => {
            let at = case.date_of(&started.measure, |it| Some(it.starts_at)).unwrap_or(at);
            case.set_measures([&started.measure], MeasureViewStanding::InForce, at);
        }
        Event::MeasureExpired(expired) => {
            let at = case.date_of(&expired.measure, |it| it.ends_at).unwrap_or(at);
            case.set_measures([&expired.measure], MeasureViewStanding::Expired, at);
            let ended = case.measures.iter().find(|it| it.measure.id == expired.measure);
            if let Some(notice) = ended.map(|it| it.notice.clone()) {
                case.restorations.push(RestorationRecord {
                    notice,
                    at,
                    position: header.position,
                    cause: None,
                    measures: vec![expired.measure.clone()],
                    still_restricted_by: expired.still_restricted_by.clone(),
                });
            }
        }
        Event::MeasuresStayed(stayed) => {
            case.set_measures(&stayed.measures, MeasureViewStanding::Stayed, at);
        }
        Event::MeasuresResumed(resumed) => {
            case.set_measures(&resumed.measures, MeasureViewStanding::InForce, at);
        }
        Event::MeasuresLifted(lifted) => {
            case.set_measures(&lifted.restored, MeasureViewStanding::Lifted, at);
            case.set_measures(&lifted.cancelled, MeasureViewStanding::Cancelled, at);
            if !lifted.restored.is_empty() {
                case.restorations.push(RestorationRecord {
                    notice: lifted.notice.clone(),
                    at,
                    position: header.position,
                    cause: Some(lifted.cause),
                    measures: lifted.restored.clone(),
                    still_restricted_by: lifted.still_restricted_by.clone(),
                });
            }
        }
        Event::NoticeWithdrawn(withdrawn) => {
            if let Some(notice) = case.notice_mut(&withdrawn.command.notice) {
                notice.awaits_successor = withdrawn.bequest.is_some();
            }
        }
        Event::CurePeriodHeld(held) => {
            if let Some(notice) = case.notice_mut(&held.notice) {
                notice.window_ended = true;
            }
        }
        // Their deadlines are all that they change.
        Event::FilingWindowPassed(_)
        | Event::DeadlineRevised(_)
        | Event::AppealEscalated(_)
        // These belong to other streams.
        | Event::FilingRefused(_)
        | Event::RulebookAdopted(_)
        | Event::CalendarPublished(_)
        | Event::LogCreated(_)
        | Event::BackfillStarted(_)
        | Event::BackfillCompleted(_)
        | Event::RollbackAccepted(_)
        | Event::DeadlinesHeld(_)
        | Event::DeadlinesReleased(_) => {}
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

fn set_appeal(case: &mut Case, id: &events_schema::AppealId, standing: AppealViewStanding) {
    if let Some(appeal) = case.appeal_mut(id) {
        appeal.standing = standing;
    }
}

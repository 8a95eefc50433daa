//! `evolve`: how each event changes the state of its case. Total: no error, no policy, no clock.

use std::sync::Arc;

use events_schema::{
    Actor, AppealId, Closure, CodeReviewOutcome, CodeReviewState, DeadlineChanges, DeadlinePurpose,
    Event, FindingAnswer, GroundKind, GuideStep, Instant, NoticeId, NoticeStanding,
    OverdueConsequence, Period, RectificationStage, RulingOutcome, SealReason, StepAnswer,
    Violation,
};

use crate::case_state::{
    Appeal, AppealStanding, CaseState, FoundFact, ImposedMeasure, MeasureStanding, Notice,
    Rectification, ReviewerPart, StepState,
};

/// An event with what its header adds.
#[derive(Debug, Clone, Copy)]
pub struct Occurrence<'a> {
    /// What happened.
    pub event: &'a Event,
    /// Who acted.
    pub actor: &'a Actor,
    /// When the command was received.
    pub received: Instant,
}

/// Changes the state of a case by one event. `None` is a case that does not exist yet; an event of
/// another stream changes nothing.
pub fn evolve(case: &mut Option<CaseState>, occurrence: Occurrence<'_>) {
    let Occurrence {
        event,
        actor,
        received,
    } = occurrence;
    if let Some((id, account, entity)) = born(event) {
        case.get_or_insert_with(|| CaseState::new(id.clone(), account.clone(), entity.clone()));
    }
    let Some(case) = case else { return };
    apply(case, event, actor, received);
    if let Some(changes) = event.deadlines() {
        change_deadlines(case, changes);
        // Who takes an appeal back has the original window, and a date that is fixed later is the same period.
        if !matches!(event, Event::AppealWithdrawn(_) | Event::DeadlineRevised(_)) {
            reopen_windows(case, changes);
        }
    }
}

/// The window of a warning is its cure period: one that goes on opens it again.
fn reopen_windows(case: &mut CaseState, changes: &DeadlineChanges) {
    for deadline in &changes.set {
        if let DeadlinePurpose::Cure { notice } = &deadline.purpose
            && let Some(notice) = notice_mut(case, notice)
        {
            notice.window_ended = None;
        }
    }
}

/// The identity of a case, from the events that can begin one.
fn born(
    event: &Event,
) -> Option<(
    &events_schema::CaseId,
    &events_schema::AccountId,
    &events_schema::EntityId,
)> {
    if let Event::WarningIssued(issued) = event {
        let command = &issued.command;
        Some((&command.case, &command.account, &command.entity))
    } else if let Event::PenaltyIssued(issued) = event {
        let command = &issued.command;
        Some((&command.case, &command.account, &command.entity))
    } else {
        None
    }
}

fn change_deadlines(case: &mut CaseState, changes: &DeadlineChanges) {
    for ended in changes.ended() {
        case.deadlines.retain(|deadline| deadline.id != *ended);
    }
    case.deadlines.reserve_exact(changes.set.len());
    for deadline in &changes.set {
        case.deadlines_ever += 1;
        case.deadlines.push(deadline.clone());
    }
}

#[expect(
    clippy::too_many_lines,
    reason = "one arm per event, best read as a list"
)]
fn apply(case: &mut CaseState, event: &Event, actor: &Actor, received: Instant) {
    match event {
        Event::WarningIssued(issued) => {
            let command = &issued.command;
            let mut notice = new_notice(
                &command.notice,
                NoticeStanding::Warned,
                actor,
                &command.violation,
                &issued.terms,
            );
            notice.steps = command.steps.iter().map(unanswered).collect();
            notice.threatened.clone_from(&command.threatened_measures);
            case.notices.push(notice);
        }
        Event::PenaltyIssued(issued) => {
            let command = &issued.command;
            let mut notice = new_notice(
                &command.notice,
                NoticeStanding::Penalised,
                actor,
                &command.violation,
                &issued.terms,
            );
            notice.steps = command.steps.iter().map(unanswered).collect();
            notice.strike = Some(Box::new(issued.strike.clone()));
            let emergency = command.emergency.as_ref().map(|it| &it.approver);
            let beyond_ladder = command.ladder_override.as_ref().map(|it| &it.approver);
            notice.approvers = emergency.into_iter().chain(beyond_ladder).cloned().collect();
            case.notices.push(notice);
            impose(case, &command.notice, &issued.measures, received);
        }
        Event::PenaltyImposed(imposed) => {
            let Some(warning) = notice_mut(case, &imposed.warning) else {
                return;
            };
            warning.standing = NoticeStanding::Lapsed;
            let mut penalty = warning.clone();
            penalty.id = imposed.notice.clone();
            penalty.standing = NoticeStanding::Penalised;
            penalty.threatened = Vec::new();
            penalty.terms = Arc::new(imposed.terms.clone());
            penalty.attempts_used = imposed.terms.attempts_used;
            penalty.appeals_withdrawn = imposed.terms.appeals_withdrawn;
            penalty.window_ended = None;
            penalty.strike = Some(Box::new(imposed.strike.clone()));
            penalty.rectification = Rectification {
                stage: warning.rectification.stage,
                release: warning.rectification.release.clone(),
                code_review: warning.rectification.code_review,
                declared_at: warning.rectification.declared_at,
                ..Rectification::default()
            };
            case.notices.push(penalty);
            impose(case, &imposed.notice, &imposed.measures, received);
            if let Some(appeal) = imposed
                .carried_appeal
                .as_ref()
                .and_then(|id| appeal_mut(case, id))
            {
                appeal.notice = imposed.notice.clone();
                appeal.carried = true;
            }
        }
        Event::NoticeWithdrawn(withdrawn) => {
            let command = &withdrawn.command;
            if let Some(notice) = notice_mut(case, &command.notice) {
                let bequest = command.successor.clone().zip(withdrawn.bequest.clone());
                notice.bequest = bequest.map(Box::new);
                if withdrawn.voided_strike.is_some() {
                    notice.strike = None;
                }
            }
        }
        Event::NoticeClosed(closed) => {
            if let Some(notice) = notice_mut(case, &closed.notice) {
                notice.standing = match closed.how {
                    Closure::Complied => NoticeStanding::Complied,
                    Closure::Overturned => NoticeStanding::Overturned,
                    Closure::Withdrawn => NoticeStanding::Withdrawn,
                    Closure::DeemedGranted => NoticeStanding::DeemedGranted,
                };
            }
        }
        Event::NoticeExhausted(exhausted) => {
            let window = window_due(case, &exhausted.notice);
            if let Some(notice) = notice_mut(case, &exhausted.notice) {
                notice.standing = NoticeStanding::Exhausted;
                notice.exhaustion = Some(exhausted.why);
                notice.window_ended = window.or(notice.window_ended);
            }
        }
        Event::FilingWindowPassed(passed) => {
            let window = window_due(case, &passed.notice);
            if let Some(notice) = notice_mut(case, &passed.notice) {
                notice.window_passed = true;
                notice.window_ended = window;
            }
        }
        Event::FindingsSealed(sealed) => {
            if let Some(notice) = notice_mut(case, &sealed.notice) {
                for seal in &sealed.seals {
                    let answer = match seal.why {
                        SealReason::NotEstablished | SealReason::Mistaken => {
                            FindingAnswer::NotEstablished
                        }
                        SealReason::NotAViolation => FindingAnswer::NotAViolation,
                    };
                    answer_finding(notice, &seal.finding, answer);
                }
                if sealed.voided_strike.is_some() {
                    notice.strike = None;
                }
            }
        }
        Event::RectificationDeclared(declared) => {
            let command = &declared.command;
            if let Some(notice) = notice_mut(case, &command.notice) {
                for answered in &command.steps {
                    mark_step(notice, &answered.step, true);
                }
                let rectification = &mut notice.rectification;
                if !rectification.stage.is_with_the_platform() {
                    (rectification.release, rectification.code_review) = rectification.release_with(command);
                    rectification.declared_at = Some(received);
                    rectification.code_review_overdue = false;
                    rectification.by_appeal = false;
                }
                rectification.stage = declared.next;
                let left = (declared.cure_left, declared.window_left);
                stop_periods(rectification, left, received);
            }
        }
        Event::CodeReviewRecorded(recorded) => {
            if let Some(notice) = notice_mut(case, &recorded.command.notice) {
                notice.rectification.stage = recorded.next;
                match recorded.command.outcome {
                    CodeReviewOutcome::Passed => {
                        notice.rectification.code_review = CodeReviewState::Passed;
                    }
                    CodeReviewOutcome::Failed => {
                        for step in &mut notice.steps {
                            step.answered = false;
                        }
                    }
                }
            }
        }
        Event::CodeReviewOverdue(overdue) => {
            if let Some(notice) = notice_mut(case, &overdue.notice) {
                notice.rectification.code_review_overdue = true;
                reopen_window_of_a_warning(notice);
            }
        }
        Event::RectificationVerified(verified) => {
            let command = &verified.command;
            case.reviewers
                .push((actor.principal.clone(), ReviewerPart::Verified));
            if let Some(notice) = notice_mut(case, &command.notice) {
                notice.rectification.stage = verified.next;
                let mut set = verified.deadlines.set.iter();
                notice.rectification.resumed_once |=
                    set.any(|deadline| matches!(deadline.purpose, DeadlinePurpose::Cure { .. }));
                for step in &command.unmet_steps {
                    mark_step(notice, step, false);
                }
            }
        }
        Event::VerificationOverdue(overdue) => {
            if let Some(notice) = notice_mut(case, &overdue.notice) {
                reopen_window_of_a_warning(notice);
            }
        }
        Event::RectificationDeemedConfirmed(confirmed) => {
            if let Some(notice) = notice_mut(case, &confirmed.notice) {
                notice.rectification.stage = RectificationStage::Confirmed;
            }
        }
        Event::AppealSubmitted(submitted) => {
            let command = &submitted.command;
            case.appeals.reserve_exact(1);
            case.appeals.push(Appeal {
                id: command.appeal.clone(),
                notice: command.notice.clone(),
                standing: AppealStanding::Filed,
                revision: 1,
                filed_at: received,
                release: command.release.clone(),
                grounds: command.grounds.iter().map(|ground| ground.id.clone()).collect(),
                claims_rectified: command
                    .grounds
                    .iter()
                    .any(|ground| ground.kind == GroundKind::Rectified),
                evidence: command.evidence.iter().map(|item| item.sha256).collect(),
                stays_penalty: submitted.stays_penalty,
                carried: false,
            });
            if let Some(notice) = notice_mut(case, &command.notice) {
                if submitted.late && notice.standing == NoticeStanding::Exhausted {
                    notice.standing = NoticeStanding::Penalised;
                    notice.exhaustion = None;
                    notice.window_passed = true;
                }
                let rectification = &mut notice.rectification;
                if submitted.declares_rectification {
                    rectification.stage = RectificationStage::Unverified;
                    rectification.by_appeal = true;
                    rectification.release = Some(command.release.clone());
                    rectification.declared_at = Some(received);
                }
                let left = (submitted.cure_left, submitted.window_left);
                stop_periods(rectification, left, received);
            }
        }
        Event::AppealWithdrawn(withdrawn) => {
            let appeal = &withdrawn.command.appeal;
            set_appeal(case, appeal, AppealStanding::Withdrawn);
            let carried = case.appeal(appeal).is_some_and(|it| it.carried);
            if let Some(notice) = notice_mut(case, &withdrawn.notice) {
                notice.appeals_withdrawn += u32::from(!carried);
                notice.attempts_used += u32::from(withdrawn.counts);
                notice.rectification.by_appeal = false;
            }
        }
        Event::AppealClaimed(claimed) => {
            set_appeal(
                case,
                &claimed.command.appeal,
                AppealStanding::Claimed(actor.principal.clone()),
            );
        }
        Event::AppealUnclaimed(unclaimed) => {
            set_appeal(case, &unclaimed.appeal, AppealStanding::Filed);
        }
        Event::AppealRuled(ruled) => {
            let command = &ruled.command;
            set_appeal(case, &command.appeal, AppealStanding::Ruled);
            case.reviewers
                .push((actor.principal.clone(), ReviewerPart::Ruled));
            if let Some(notice) = notice_mut(case, &ruled.notice) {
                notice.attempts_used += u32::from(ruled.counts);
                for finding in &command.findings {
                    answer_finding(notice, &finding.id, finding.ruling);
                }
                for step in &command.steps {
                    let answered = match step.ruling {
                        StepAnswer::Strike => true,
                        // What the platform has still to look at may meet it.
                        StepAnswer::Keep => ruled.rectification.is_with_the_platform(),
                    };
                    mark_step(notice, &step.id, answered);
                }
                notice.rectification.stage = ruled.rectification;
                notice.rectification.by_appeal = false;
                if command.outcome == RulingOutcome::Refused {
                    notice.window_passed = false;
                }
                let given = &mut notice.rectification.cure_not_before;
                *given = command.cure_due.max(*given);
            }
        }
        Event::AppealOverdue(overdue) => match overdue.consequence {
            OverdueConsequence::Escalated => set_appeal(case, &overdue.appeal, AppealStanding::Filed),
            OverdueConsequence::Stayed => {
                set_appeal(case, &overdue.appeal, AppealStanding::Filed);
                if let Some(appeal) = appeal_mut(case, &overdue.appeal) {
                    appeal.stays_penalty = true;
                }
            }
            OverdueConsequence::DeemedGranted => {
                set_appeal(case, &overdue.appeal, AppealStanding::DeemedGranted);
            }
        },
        Event::AppealClosedWithoutRuling(closed) => {
            set_appeal(case, &closed.appeal, AppealStanding::ClosedWithoutRuling);
        }
        Event::MeasureStarted(started) => {
            set_measure(case, &started.measure, MeasureStanding::InForce);
        }
        Event::MeasureExpired(expired) => {
            set_measure(case, &expired.measure, MeasureStanding::Expired);
        }
        Event::MeasuresStayed(stayed) => {
            for id in &stayed.measures {
                set_measure(case, id, MeasureStanding::Stayed);
            }
        }
        Event::MeasuresResumed(resumed) => {
            for id in &resumed.measures {
                set_measure(case, id, MeasureStanding::InForce);
            }
        }
        Event::MeasuresLifted(lifted) => {
            for id in &lifted.restored {
                set_measure(case, id, MeasureStanding::Lifted);
            }
            for id in &lifted.cancelled {
                set_measure(case, id, MeasureStanding::Cancelled);
            }
        }
        Event::CurePeriodHeld(held) => {
            let cure = DeadlinePurpose::Cure {
                notice: held.notice.clone(),
            };
            let ended = case.deadline_for(&cure).map(|deadline| deadline.due);
            if let Some(notice) = notice_mut(case, &held.notice) {
                notice.rectification.cure_left = None;
                notice.window_ended = ended;
            }
        }
        // Their deadlines are all they change here.
        Event::DeadlineRevised(_)
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

/// Whoever waits for a platform that is late may appeal instead.
fn reopen_window_of_a_warning(notice: &mut Notice) {
    if notice.standing == NoticeStanding::Warned {
        notice.window_ended = None;
    }
}

fn new_notice(
    id: &NoticeId,
    standing: NoticeStanding,
    actor: &Actor,
    violation: &Violation,
    terms: &events_schema::NoticeTerms,
) -> Notice {
    Notice {
        id: id.clone(),
        standing,
        exhaustion: None,
        issuer: actor.principal.clone(),
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
                answer: None,
            })
            .collect(),
        steps: Vec::new(),
        threatened: Vec::new(),
        terms: Arc::new(terms.clone()),
        attempts_used: terms.attempts_used,
        appeals_withdrawn: terms.appeals_withdrawn,
        strike: None,
        rectification: Rectification::default(),
        window_passed: false,
        window_ended: None,
        bequest: None,
    }
}

fn unanswered(step: &GuideStep) -> StepState {
    StepState {
        id: step.id.clone(),
        findings: step.findings.clone(),
        answered: false,
    }
}

fn impose(
    case: &mut CaseState,
    notice: &NoticeId,
    measures: &[events_schema::Measure],
    at: Instant,
) {
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

fn stop_periods(
    rectification: &mut Rectification,
    (cure, window): (Option<Period>, Option<Period>),
    at: Instant,
) {
    if cure.is_some() || window.is_some() {
        rectification.stopped_at = Some(at);
        rectification.cure_left = cure;
        rectification.window_left = window;
    }
}

fn mark_step(notice: &mut Notice, id: &events_schema::StepId, answered: bool) {
    for step in &mut notice.steps {
        if step.id == *id {
            step.answered = answered;
        }
    }
}

fn answer_finding(notice: &mut Notice, id: &events_schema::FindingId, answer: FindingAnswer) {
    for finding in &mut notice.findings {
        if finding.id == *id {
            finding.answer = Some(answer);
        }
    }
}

fn notice_mut<'a>(case: &'a mut CaseState, id: &NoticeId) -> Option<&'a mut Notice> {
    case.notices.iter_mut().find(|notice| notice.id == *id)
}

fn appeal_mut<'a>(case: &'a mut CaseState, id: &AppealId) -> Option<&'a mut Appeal> {
    case.appeals.iter_mut().find(|appeal| appeal.id == *id)
}

fn set_appeal(case: &mut CaseState, id: &AppealId, standing: AppealStanding) {
    if let Some(appeal) = appeal_mut(case, id) {
        appeal.standing = standing;
    }
}

fn set_measure(case: &mut CaseState, id: &events_schema::MeasureId, standing: MeasureStanding) {
    for imposed in &mut case.measures {
        if imposed.measure.id == *id {
            imposed.standing = standing;
        }
    }
}

/// When the window of a notice is due, read before the event ends it.
fn window_due(case: &CaseState, notice: &NoticeId) -> Option<Instant> {
    let purpose = DeadlinePurpose::Window {
        notice: notice.clone(),
    };
    case.deadline_for(&purpose).map(|deadline| deadline.due)
}

/// Whether the case is closed: nothing about it can happen by itself any more, and no successor of a notice is to come.
pub fn is_closed(case: &CaseState) -> bool {
    case.live_notice().is_none() && case.awaits_successor().is_none() && case.deadlines.is_empty()
}

//! How things end: the deadlines that go with a notice, an appeal or its measures, and the events that
//! restore what was taken.

use events_schema::{
    AnsweredFinding, AppealClosedWithoutRuling, CapabilityId, Closure, DeadlineChanges, DeadlineId,
    DeadlinePurpose, Event, Exhaustion, FilingWindowPassed, FindingId, FindingsSealed, LiftCause,
    MeasureId, MeasuresLifted, MeasuresResumed, NoticeClosed, NoticeComplied, NoticeExhausted,
    NoticeId, NoticeKind, NoticeStanding, Seal, SealReason,
};

use crate::{
    case_state::{Appeal, CaseState, ImposedMeasure, MeasureStanding, Notice},
    matter::Matter,
    next_steps::may_appeal,
};

/// The open deadlines whose purpose is among these.
pub(super) fn open_for(
    case: &CaseState,
    belongs: impl Fn(&DeadlinePurpose) -> bool,
) -> Vec<DeadlineId> {
    case.deadlines
        .iter()
        .filter(|deadline| belongs(&deadline.purpose))
        .map(|deadline| deadline.id.clone())
        .collect()
}

/// Whether a deadline is one of an appeal.
pub(super) fn of_appeal(appeal: &Appeal) -> impl Fn(&DeadlinePurpose) -> bool + '_ {
    move |purpose| match purpose {
        DeadlinePurpose::Review { appeal: id }
        | DeadlinePurpose::Escalation { appeal: id }
        | DeadlinePurpose::Lease { appeal: id } => *id == appeal.id,
        DeadlinePurpose::Cure { .. }
        | DeadlinePurpose::Window { .. }
        | DeadlinePurpose::CodeReview { .. }
        | DeadlinePurpose::Verification { .. }
        | DeadlinePurpose::SecondVerification { .. }
        | DeadlinePurpose::MeasureStart { .. }
        | DeadlinePurpose::MeasureEnd { .. } => false,
    }
}

/// Whether a deadline is one of a notice itself, and not of its appeals or measures.
pub(super) fn of_notice(id: &NoticeId) -> impl Fn(&DeadlinePurpose) -> bool + '_ {
    move |purpose| match purpose {
        DeadlinePurpose::Cure { notice }
        | DeadlinePurpose::Window { notice }
        | DeadlinePurpose::CodeReview { notice }
        | DeadlinePurpose::Verification { notice }
        | DeadlinePurpose::SecondVerification { notice } => notice == id,
        DeadlinePurpose::Review { .. }
        | DeadlinePurpose::Escalation { .. }
        | DeadlinePurpose::Lease { .. }
        | DeadlinePurpose::MeasureStart { .. }
        | DeadlinePurpose::MeasureEnd { .. } => false,
    }
}

/// Whether a deadline is one of the platform's verifications of a notice.
pub(super) fn of_verification(id: &NoticeId) -> impl Fn(&DeadlinePurpose) -> bool + '_ {
    move |purpose| {
        of_notice(id)(purpose)
            && matches!(
                purpose,
                DeadlinePurpose::Verification { .. } | DeadlinePurpose::SecondVerification { .. }
            )
    }
}

/// Whether a deadline is the one of the code review of a notice.
pub(super) fn of_code_review(id: &NoticeId) -> impl Fn(&DeadlinePurpose) -> bool + '_ {
    move |purpose| matches!(purpose, DeadlinePurpose::CodeReview { notice } if notice == id)
}

/// Only these deadlines end.
pub(super) fn clearing(cleared: Vec<DeadlineId>) -> DeadlineChanges {
    DeadlineChanges {
        cleared,
        ..DeadlineChanges::default()
    }
}

/// A notice ends, and with it every deadline that came from it.
///
/// `ended_already` are the deadlines that other events of the same decision end: none may end twice.
pub(super) fn close(matter: Matter<'_>, how: Closure, ended_already: &[DeadlineId]) -> Event {
    let notice = matter.notice;
    // Nobody has said that it stands.
    let strike = notice.strike.as_deref();
    let voided_strike = strike.filter(|_| how == Closure::DeemedGranted).cloned();
    // What was put right was answered then, and not once its record is closed.
    let before = notice.standing == NoticeStanding::OnRecord && how == Closure::Complied;
    Event::from(NoticeClosed {
        notice: notice.id.clone(),
        how,
        answered: if before { Vec::new() } else { answered(notice) },
        voided_strike,
        deadlines: ending(matter, ended_already),
    })
}

fn answered(notice: &Notice) -> Vec<AnsweredFinding> {
    let findings = notice.findings.iter();
    let answered = findings.map(|finding| AnsweredFinding {
        finding: finding.id.clone(),
        clause: notice.clause.0.clone(),
        location: finding.location.clone(),
    });
    answered.collect()
}

/// A notice ends because another takes its place: nothing of it is answered, and the same facts are one strike, which the
/// other makes.
pub(super) fn close_for_successor(matter: Matter<'_>) -> Event {
    Event::from(NoticeClosed {
        notice: matter.notice.id.clone(),
        how: Closure::Superseded,
        answered: Vec::new(),
        voided_strike: matter.notice.strike.as_deref().cloned(),
        deadlines: ending(matter, &[]),
    })
}

/// Every deadline of a notice ends that did not end already.
fn ending(Matter { case, notice, .. }: Matter<'_>, already: &[DeadlineId]) -> DeadlineChanges {
    let mut cleared = open_for(case, of_notice(&notice.id));
    cleared.retain(|id| !already.contains(id));
    clearing(cleared)
}

/// What becomes of a penalty, or of a warning that is confirmed, once nothing restricts: put right, it is on record as long
/// as it can be appealed, and then it is over; served, it is over once it cannot be. These measures end with the decision.
pub(super) fn settled(
    matter: Matter<'_>,
    can_be_appealed: bool,
    ended_already: &[DeadlineId],
    ending: &[&MeasureId],
) -> Option<Event> {
    let Matter { case, notice, .. } = matter;
    let mut left = case.active_measures(&notice.id);
    if left.any(|imposed| !ending.contains(&&imposed.measure.id)) {
        return None;
    }
    if !can_be_appealed {
        let how = if notice.is_rectified() {
            Closure::Complied
        } else {
            Closure::Served
        };
        return Some(close(matter, how, ended_already));
    }
    (notice.is_rectified() && notice.standing == NoticeStanding::Penalised)
        .then(|| on_record(notice))
}

/// The window of a record ends, and with it the notice.
pub(super) fn record_closed(matter: Matter<'_>, fired: DeadlineChanges) -> Event {
    let mut cleared = open_for(matter.case, of_notice(&matter.notice.id));
    cleared.retain(|id| fired.fired.as_ref() != Some(id));
    Event::from(NoticeClosed {
        notice: matter.notice.id.clone(),
        how: Closure::Complied,
        answered: Vec::new(),
        voided_strike: None,
        deadlines: DeadlineChanges { cleared, ..fired },
    })
}

/// Whether an appeal can still be filed against a penalty.
pub(super) fn can_be_appealed(notice: &Notice) -> bool {
    notice.kind == NoticeKind::Penalty && may_appeal(notice) && notice.window.ended_at().is_none()
}

fn on_record(notice: &Notice) -> Event {
    Event::from(NoticeComplied {
        notice: notice.id.clone(),
        answered: answered(notice),
    })
}

/// The deadlines that these events end.
pub(super) fn ended_by(events: &[Event]) -> Vec<DeadlineId> {
    let changes = events.iter().filter_map(Event::deadlines);
    changes.flat_map(DeadlineChanges::ended).cloned().collect()
}

/// An open appeal ends because there is nothing left to rule on.
pub(super) fn close_appeal(case: &CaseState, appeal: &Appeal) -> Event {
    Event::from(AppealClosedWithoutRuling {
        appeal: appeal.id.clone(),
        notice: appeal.notice.clone(),
        deadlines: clearing(open_for(case, of_appeal(appeal))),
    })
}

/// Lifts these measures in one event; `None` where there are none.
pub(super) fn lift<'a>(
    matter: Matter<'_>,
    cause: LiftCause,
    measures: impl Iterator<Item = &'a ImposedMeasure>,
) -> Option<Event> {
    let Matter {
        world,
        case,
        notice,
        ..
    } = matter;
    let mut restored = Vec::new();
    let mut cancelled = Vec::new();
    let mut capabilities: Vec<&CapabilityId> = Vec::new();
    for imposed in measures {
        let id = imposed.measure.id.clone();
        match imposed.standing {
            MeasureStanding::Scheduled => cancelled.push(id),
            MeasureStanding::InForce | MeasureStanding::Stayed => {
                restored.push(id);
                capabilities.push(&imposed.measure.restriction.capability);
            }
            MeasureStanding::Expired | MeasureStanding::Lifted | MeasureStanding::Cancelled => {}
        }
    }
    if restored.is_empty() && cancelled.is_empty() {
        return None;
    }
    let ends = |measure: &MeasureId| restored.contains(measure) || cancelled.contains(measure);
    let deadlines = open_for(case, |purpose| match purpose {
        DeadlinePurpose::MeasureStart { measure } | DeadlinePurpose::MeasureEnd { measure } => {
            ends(measure)
        }
        DeadlinePurpose::Cure { .. }
        | DeadlinePurpose::Window { .. }
        | DeadlinePurpose::CodeReview { .. }
        | DeadlinePurpose::Verification { .. }
        | DeadlinePurpose::SecondVerification { .. }
        | DeadlinePurpose::Review { .. }
        | DeadlinePurpose::Escalation { .. }
        | DeadlinePurpose::Lease { .. } => false,
    });
    let (still_restricted_by, still_restricted_by_more) = world
        .account
        .restrictions
        .still_restricted(&case.case, capabilities.into_iter());
    Some(Event::from(MeasuresLifted {
        notice: notice.id.clone(),
        cause,
        restored,
        cancelled,
        still_restricted_by,
        still_restricted_by_more,
        deadlines: clearing(deadlines),
    }))
}

/// Seals findings for these reasons; `None` where nothing is sealed. The strike falls when nothing of the
/// notice stands.
pub(super) fn seal(
    notice: &Notice,
    reason: impl Fn(&FindingId) -> Option<SealReason>,
) -> Option<Event> {
    let seals: Vec<_> = notice
        .findings
        .iter()
        .filter(|finding| !finding.is_unfounded())
        .filter_map(|finding| {
            Some(Seal {
                finding: finding.id.clone(),
                clause: notice.clause.0.clone(),
                location: finding.location.clone(),
                content_digest: finding.content_digest,
                evidence: finding.evidence.clone(),
                why: reason(&finding.id)?,
            })
        })
        .collect();
    if seals.is_empty() {
        return None;
    }
    let sealed = |id: &FindingId| seals.iter().any(|seal| seal.finding == *id);
    let voided_strike = notice
        .strike
        .as_deref()
        .filter(|_| {
            notice
                .findings
                .iter()
                .all(|it| it.fell_before || it.is_unfounded() || sealed(&it.id))
        })
        .cloned();
    Some(Event::from(FindingsSealed {
        notice: notice.id.clone(),
        seals,
        voided_strike,
    }))
}

/// No further appeal can be filed; a window that still runs ends.
pub(super) fn exhausted(matter: Matter<'_>, by_attempts: bool) -> Event {
    let Matter { case, notice, .. } = matter;
    Event::from(NoticeExhausted {
        notice: notice.id.clone(),
        why: if by_attempts {
            Exhaustion::Attempts
        } else {
            Exhaustion::Window
        },
        deadlines: clearing(open_for(
            case,
            |purpose| matches!(purpose, DeadlinePurpose::Window { notice: id } if *id == notice.id),
        )),
    })
}

/// Stayed measures are in force again, but for these, which end; `None` where there are none.
pub(super) fn resume_measures(matter: Matter<'_>, ending: &[&MeasureId]) -> Option<Event> {
    let Matter { case, notice, .. } = matter;
    let measures: Vec<_> = case
        .active_measures(&notice.id)
        .filter(|imposed| imposed.standing == MeasureStanding::Stayed)
        .filter(|imposed| !ending.contains(&&imposed.measure.id))
        .map(|imposed| imposed.measure.id.clone())
        .collect();
    (!measures.is_empty()).then(|| {
        Event::from(MeasuresResumed {
            notice: notice.id.clone(),
            measures,
        })
    })
}

/// The appeal window ended while an appeal is open.
pub(super) fn window_passed(notice: &Notice, deadlines: DeadlineChanges) -> Event {
    Event::from(FilingWindowPassed {
        notice: notice.id.clone(),
        deadlines,
    })
}

/// What follows when a rectification holds: measures that last until rectified lift. Nothing else is left of a warning, and
/// a penalty is on record as long as it can be appealed. An appeal that says more than that it was rectified goes on to its
/// ruling, and one that says nothing more has what it asked for (rule 19).
pub(super) fn confirmed(matter: Matter<'_>, ended_already: &[DeadlineId]) -> Vec<Event> {
    let Matter { case, notice, .. } = matter;
    let (open_ended, dated): (Vec<_>, Vec<_>) = case
        .active_measures(&notice.id)
        .partition(|imposed| imposed.measure.ends_at.is_none());
    let appeal = case.open_appeal();
    let contested = appeal.is_some_and(Appeal::contests);
    let mut events = Vec::new();
    events.extend(
        appeal
            .filter(|_| !contested)
            .map(|it| close_appeal(case, it)),
    );
    events.extend(lift(matter, LiftCause::Rectified, open_ended.into_iter()));
    if dated.is_empty() && !contested {
        events.push(if can_be_appealed(notice) {
            on_record(notice)
        } else {
            close(matter, Closure::Complied, ended_already)
        });
    }
    events
}

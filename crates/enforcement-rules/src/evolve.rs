//! `evolve`: how each event changes the state of its case. Total: no error, no policy, no clock.

mod appeal;
mod measure;
mod notice;
mod rectification;

use events_schema::{
    Actor, AppealEvent, CaseEvent, DeadlineChanges, DeadlineEvent, DeadlinePurpose, Instant,
};

use crate::case_state::CaseState;

/// An event with what its header adds.
#[derive(Debug, Clone, Copy)]
pub struct Occurrence<'a> {
    /// What happened.
    pub event: &'a CaseEvent,
    /// Who acted.
    pub actor: &'a Actor,
    /// When the command was received.
    pub received: Instant,
}

/// Changes the state of a case by one event. `None` is a case that does not exist yet.
pub fn evolve(case: &mut Option<CaseState>, occurrence: Occurrence<'_>) {
    let Occurrence {
        event,
        actor,
        received,
    } = occurrence;
    if let Some(issued) = event.issues() {
        case.get_or_insert_with(|| {
            CaseState::new(
                issued.case.clone(),
                issued.account.clone(),
                issued.entity.clone(),
            )
        });
    }
    let Some(case) = case else { return };
    match event {
        CaseEvent::Notice(event) => notice::notice(case, event, actor, received),
        CaseEvent::Rectification(event) => {
            rectification::rectification(case, event, actor, received);
        }
        CaseEvent::Appeal(event) => appeal::appeal(case, event, actor, received),
        CaseEvent::Measure(event) => measure::measure(case, event, received),
        // Its deadlines are all that it changes.
        CaseEvent::Deadline(DeadlineEvent::DeadlineRevised(_)) => {}
    }
    if let Some(changes) = event.deadlines() {
        change_deadlines(case, changes);
        run_periods(case, changes, gives_time_anew(event));
    }
}

/// Whether a cure period that the event sets is another one than before: who takes an appeal back has the original
/// window, and a date that is fixed later is the same period.
const fn gives_time_anew(event: &CaseEvent) -> bool {
    match event {
        CaseEvent::Appeal(AppealEvent::AppealWithdrawn(_)) | CaseEvent::Deadline(_) => false,
        CaseEvent::Notice(_)
        | CaseEvent::Rectification(_)
        | CaseEvent::Appeal(_)
        | CaseEvent::Measure(_) => true,
    }
}

/// A period whose deadline is set runs. The window of a warning is its cure period: one that goes on opens it again.
fn run_periods(case: &mut CaseState, changes: &DeadlineChanges, gives_time_anew: bool) {
    for deadline in &changes.set {
        match &deadline.purpose {
            DeadlinePurpose::Cure { notice } => {
                if let Some(notice) = case.notice_mut(notice) {
                    notice.cure.run();
                    if gives_time_anew {
                        notice.window.run();
                    }
                }
            }
            DeadlinePurpose::Window { notice } => {
                if let Some(notice) = case.notice_mut(notice) {
                    notice.window.run();
                }
            }
            DeadlinePurpose::CodeReview { .. }
            | DeadlinePurpose::Verification { .. }
            | DeadlinePurpose::SecondVerification { .. }
            | DeadlinePurpose::Review { .. }
            | DeadlinePurpose::Escalation { .. }
            | DeadlinePurpose::Lease { .. }
            | DeadlinePurpose::MeasureStart { .. }
            | DeadlinePurpose::MeasureEnd { .. } => {}
        }
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

/// Whether the case is closed: nothing about it can happen by itself any more.
pub fn is_closed(case: &CaseState) -> bool {
    case.live_notice().is_none() && case.deadlines.is_empty()
}

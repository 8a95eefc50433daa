//! What each event changes in the fold of its case.

mod appeal;
mod measure;
mod notice;
mod rectification;

use events_schema::{
    AppealEvent, CaseEvent, DeadlineChanges, DeadlineEvent, DeadlinePurpose, Header, OpenDeadline,
};

use crate::case::Case;

pub(crate) fn apply(case: &mut Option<Case>, header: &Header, event: &CaseEvent) {
    if case.is_none() {
        *case = begin(header, event);
    }
    if let Some(case) = case {
        take_in(case, header, event);
    }
}

pub(crate) fn take_in(case: &mut Case, header: &Header, event: &CaseEvent) {
    case.revision = header.revision;
    match event {
        CaseEvent::Notice(event) => notice::notice(case, header, event),
        CaseEvent::Rectification(event) => rectification::rectification(case, event),
        CaseEvent::Appeal(event) => appeal::appeal(case, header, event),
        CaseEvent::Measure(event) => measure::measure(case, header, event),
        // Its deadlines are all that it changes.
        CaseEvent::Deadline(DeadlineEvent::DeadlineRevised(_)) => {}
    }
    if let Some(changes) = event.deadlines() {
        change_deadlines(case, changes);
        if gives_time_anew(event) {
            reopen_windows(case, changes);
        }
    }
}

/// Whether a cure period that the event sets opens the window of its warning again: not for who took an appeal back,
/// and not where a date of the same period is fixed. The rules say so of their own state, and this is the second witness:
/// it is not taken from them.
const fn gives_time_anew(event: &CaseEvent) -> bool {
    match event {
        CaseEvent::Appeal(AppealEvent::AppealWithdrawn(_)) | CaseEvent::Deadline(_) => false,
        CaseEvent::Notice(_)
        | CaseEvent::Rectification(_)
        | CaseEvent::Appeal(_)
        | CaseEvent::Measure(_) => true,
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

fn begin(header: &Header, event: &CaseEvent) -> Option<Case> {
    let issued = event.issues()?;
    Some(Case {
        id: issued.case.clone(),
        account: issued.account.clone(),
        entity: issued.entity.clone(),
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

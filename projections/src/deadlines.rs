//! The open deadlines of every case, the soonest first: the timer index as the events alone tell it.
//!
//! It holds the order only. What a deadline is for stands in its case, and is kept once.

use std::collections::BTreeSet;

use events_schema::{CaseId, DeadlineChanges, DeadlineId, DeadlinePurpose, Instant, OpenDeadline};
use serde::{Deserialize, Serialize};

use crate::Case;

/// Every open deadline, by due date, case and id.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Deadlines(BTreeSet<(Instant, CaseId, DeadlineId)>);

/// An open deadline of any case.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeadlineView {
    /// The case.
    pub case: CaseId,
    /// Identifies it within the case.
    pub id: DeadlineId,
    /// When it falls due, exclusive.
    pub due: Instant,
    /// What it is for.
    pub purpose: DeadlinePurpose,
    /// Whether the date may still be fixed later by a newer calendar.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub provisional: bool,
}

impl Deadlines {
    /// Takes out what an event ends of a case, as it stood before: the event does not say when that would have been due.
    pub(crate) fn end(&mut self, case: &Case, changes: &DeadlineChanges) {
        for ended in changes.ended() {
            if let Some(open) = open(case, ended) {
                let at = (open.due, case.id.clone(), ended.clone());
                self.0.remove(&at);
            }
        }
    }

    /// Takes in what an event sets for a case.
    pub(crate) fn begin(&mut self, case: &CaseId, changes: &DeadlineChanges) {
        let set = changes.set.iter();
        self.0
            .extend(set.map(|deadline| (deadline.due, case.clone(), deadline.id.clone())));
    }

    /// Every one, the soonest first: its case and which one of it.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (&CaseId, &DeadlineId)> {
        self.0.iter().map(|(_, case, id)| (case, id))
    }
}

/// An open deadline of a case.
pub(crate) fn view(case: &Case, id: &DeadlineId) -> Option<DeadlineView> {
    open(case, id).map(|open| of(case, open))
}

/// Those of one case, the soonest first.
pub(crate) fn of_case(case: &Case) -> Vec<DeadlineView> {
    let mut views: Vec<_> = case.deadlines.iter().map(|open| of(case, open)).collect();
    views.sort_by(|a, b| a.due.cmp(&b.due).then_with(|| a.id.cmp(&b.id)));
    views
}

fn open<'a>(case: &'a Case, id: &DeadlineId) -> Option<&'a OpenDeadline> {
    case.deadlines.iter().find(|open| open.id == *id)
}

fn of(case: &Case, open: &OpenDeadline) -> DeadlineView {
    DeadlineView {
        case: case.id.clone(),
        id: open.id.clone(),
        due: open.due,
        purpose: open.purpose.clone(),
        provisional: open.provisional,
    }
}

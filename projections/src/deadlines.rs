//! The open deadlines of every case, the soonest first: the timer index as the events alone tell it.
//!
//! It holds the order only. What a deadline is for stands in its case, and is kept once.

use std::{collections::BTreeSet, ops::Bound};

use events_schema::{
    CaseId, DeadlineChanges, DeadlineId, DeadlinePlace, DeadlineView, DeadlinesView, Instant,
    OpenDeadline,
};

use crate::Case;

/// Every open deadline, by due date, case and id.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Deadlines(BTreeSet<(Instant, CaseId, DeadlineId)>);

/// At most so many, and at least one, of deadlines that are all that is left of so many that are open.
pub(crate) fn page(
    open: usize,
    left: impl Iterator<Item = DeadlineView>,
    limit: usize,
) -> DeadlinesView {
    let limit = limit.max(1);
    // One more than is shown tells whether there are more.
    let mut deadlines: Vec<_> = left.take(limit.saturating_add(1)).collect();
    let is_cut = deadlines.len() > limit;
    deadlines.truncate(limit);
    let last = deadlines.last().filter(|_| is_cut);
    let later = last.map(|last| DeadlinePlace {
        due: last.due,
        case: last.case.clone(),
        id: last.id.clone(),
    });
    DeadlinesView {
        deadlines,
        open: open as u64,
        later,
    }
}

impl Deadlines {
    /// Takes out what an event ends of a case, as it stood before: the event does not say when that would have been
    /// due.
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
        self.behind(None)
    }

    /// Those behind a place, likewise.
    pub(crate) fn behind(
        &self,
        place: Option<&DeadlinePlace>,
    ) -> impl Iterator<Item = (&CaseId, &DeadlineId)> {
        let place = place.map(|it| (it.due, it.case.clone(), it.id.clone()));
        let from = place.map_or(Bound::Unbounded, Bound::Excluded);
        let behind = self.0.range((from, Bound::Unbounded));
        behind.map(|(_, case, id)| (case, id))
    }

    /// How many there are.
    pub(crate) fn len(&self) -> usize {
        self.0.len()
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

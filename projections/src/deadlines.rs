//! The open deadlines of every case, the soonest first: the timer index as the events alone tell it.

use std::collections::BTreeMap;

use events_schema::{CaseId, DeadlineId, DeadlinePurpose, Event, Header, Instant, Stream};
use serde::{Deserialize, Serialize};

/// Every open deadline, by due date, case and id.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Deadlines {
    by_due: BTreeMap<(Instant, CaseId, DeadlineId), Open>,
    /// Where each one stands in the order above: an event names the deadline that ends, and not its date.
    by_case: BTreeMap<CaseId, Vec<(DeadlineId, Instant)>>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Open {
    purpose: DeadlinePurpose,
    provisional: bool,
}

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
    /// Takes in an event; one of another stream than a case changes nothing.
    pub fn apply(&mut self, header: &Header, event: &Event) {
        let (Stream::Case(case), Some(changes)) = (&header.stream, event.deadlines()) else {
            return;
        };
        if changes.is_empty() {
            return;
        }
        let open = self.by_case.entry(case.clone()).or_default();
        for ended in changes.ended() {
            if let Some(index) = open.iter().position(|(id, _)| id == ended) {
                let (id, due) = open.remove(index);
                self.by_due.remove(&(due, case.clone(), id));
            }
        }
        open.reserve_exact(changes.set.len());
        for deadline in &changes.set {
            open.push((deadline.id.clone(), deadline.due));
            self.by_due.insert(
                (deadline.due, case.clone(), deadline.id.clone()),
                Open {
                    purpose: deadline.purpose.clone(),
                    provisional: deadline.provisional,
                },
            );
        }
        if open.is_empty() {
            self.by_case.remove(case);
        }
    }

    /// Every one, the soonest first.
    pub fn iter(&self) -> impl Iterator<Item = DeadlineView> + '_ {
        self.by_due.iter().map(view)
    }

    /// Those that fall due before this instant, the soonest first.
    pub fn due_before(&self, instant: Instant) -> impl Iterator<Item = DeadlineView> + '_ {
        self.by_due
            .iter()
            .take_while(move |((due, ..), _)| *due < instant)
            .map(view)
    }

    /// Those whose time has come, the soonest first. A due date is exclusive, so at that very instant it has.
    pub fn overdue(&self, now: Instant) -> impl Iterator<Item = DeadlineView> + '_ {
        self.by_due
            .iter()
            .take_while(move |((due, ..), _)| *due <= now)
            .map(view)
    }

    /// Those of one case, the soonest first.
    pub fn of_case(&self, case: &CaseId) -> Vec<DeadlineView> {
        let open = self.by_case.get(case).map_or(&[][..], Vec::as_slice);
        let mut views: Vec<_> = open
            .iter()
            .filter_map(|(id, due)| {
                let key = (*due, case.clone(), id.clone());
                self.by_due.get_key_value(&key).map(view)
            })
            .collect();
        views.sort_by(|a, b| a.due.cmp(&b.due).then_with(|| a.id.cmp(&b.id)));
        views
    }
}

fn view(((due, case, id), open): (&(Instant, CaseId, DeadlineId), &Open)) -> DeadlineView {
    DeadlineView {
        case: case.clone(),
        id: id.clone(),
        due: *due,
        purpose: open.purpose.clone(),
        provisional: open.provisional,
    }
}

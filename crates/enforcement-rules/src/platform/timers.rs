//! The open deadlines of all cases in the order in which they fall due, and those that wait for a newer calendar.

use std::collections::BTreeMap;

use events_schema::{CalendarId, CaseId, Deadline, DeadlineId, Instant};

/// When what is due.
#[derive(Debug, Clone, Default)]
pub(super) struct Timers {
    /// Those that can fire, the soonest first, with the position of the event that set them.
    due: BTreeMap<Timed, u64>,
    /// Those whose date a newer calendar fixes, likewise. What the platform owes is among both.
    provisional: BTreeMap<Waiting, u64>,
}

type Timed = (Instant, CaseId, DeadlineId);
type Waiting = (CalendarId, CaseId, DeadlineId);

fn timed(case: &CaseId, deadline: &Deadline) -> Timed {
    (deadline.due, case.clone(), deadline.id.clone())
}

fn waiting(case: &CaseId, deadline: &Deadline) -> Waiting {
    (deadline.calendar.clone(), case.clone(), deadline.id.clone())
}

impl Timers {
    /// A deadline begins, by the event at this position.
    pub(super) fn begin(&mut self, case: &CaseId, deadline: &Deadline, position: u64) {
        if deadline.provisional {
            self.provisional.insert(waiting(case, deadline), position);
        }
        if deadline.can_fire() {
            self.due.insert(timed(case, deadline), position);
        }
    }

    /// A deadline ends, whether it has fired or not.
    pub(super) fn end(&mut self, case: &CaseId, deadline: &Deadline) {
        if deadline.provisional {
            self.provisional.remove(&waiting(case, deadline));
        }
        if deadline.can_fire() {
            self.due.remove(&timed(case, deadline));
        }
    }

    /// The position of the event that set a deadline.
    pub(super) fn set_at(&self, case: &CaseId, deadline: &Deadline) -> Option<u64> {
        let position = if deadline.provisional {
            self.provisional.get(&waiting(case, deadline))
        } else {
            self.due.get(&timed(case, deadline))
        };
        position.copied()
    }

    /// The next that can fire: when, of which case, and which of those that it has at that instant.
    pub(super) fn next(&self) -> Option<(Instant, &CaseId, &DeadlineId)> {
        let ((due, case, id), _) = self.due.first_key_value()?;
        Some((*due, case, id))
    }

    /// How many are due by then, counted one by one.
    pub(super) fn overdue(&self, by: Instant) -> u64 {
        self.due.keys().take_while(|(due, ..)| *due <= by).count() as u64
    }

    /// All of them, in no order that means anything. What the platform owes by a provisional date comes twice.
    pub(super) fn all(&self) -> impl Iterator<Item = (&CaseId, &DeadlineId)> {
        let due = self.due.keys().map(|(_, case, id)| (case, id));
        let provisional = self.provisional.keys().map(|(_, case, id)| (case, id));
        due.chain(provisional)
    }
}

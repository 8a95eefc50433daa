//! The open deadlines of all cases in the order in which they fall due, and those that wait for a newer calendar.

use std::collections::BTreeMap;

use events_schema::{CalendarId, CaseId, Deadline, DeadlineId, Instant};

/// When what is due.
#[derive(Debug, Clone, Default)]
pub(super) struct Timers {
    /// Those that can fire, the soonest first, with the position of the event that set them.
    due: BTreeMap<(Instant, CaseId, DeadlineId), u64>,
    /// Those whose date a newer calendar fixes, likewise.
    provisional: BTreeMap<(CalendarId, CaseId, DeadlineId), u64>,
}

impl Timers {
    /// A deadline begins, by the event at this position.
    pub(super) fn begin(&mut self, case: &CaseId, deadline: &Deadline, position: u64) {
        let (case, id) = (case.clone(), deadline.id.clone());
        if deadline.provisional {
            let waiting = (deadline.calendar.clone(), case, id);
            self.provisional.insert(waiting, position);
        } else {
            self.due.insert((deadline.due, case, id), position);
        }
    }

    /// A deadline ends, whether it has fired or not.
    pub(super) fn end(&mut self, case: &CaseId, deadline: &Deadline) {
        let (case, id) = (case.clone(), deadline.id.clone());
        if deadline.provisional {
            let waiting = (deadline.calendar.clone(), case, id);
            self.provisional.remove(&waiting);
        } else {
            self.due.remove(&(deadline.due, case, id));
        }
    }

    /// The position of the event that set a deadline.
    pub(super) fn set_at(&self, case: &CaseId, deadline: &Deadline) -> Option<u64> {
        let (case, id) = (case.clone(), deadline.id.clone());
        if deadline.provisional {
            let waiting = (deadline.calendar.clone(), case, id);
            self.provisional.get(&waiting).copied()
        } else {
            self.due.get(&(deadline.due, case, id)).copied()
        }
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

    /// Those that wait for a newer version of this calendar.
    pub(super) fn waiting_for(&self, calendar: &CalendarId) -> Vec<(CaseId, DeadlineId)> {
        let waiting = self.provisional.keys().filter(|(id, ..)| id == calendar);
        waiting
            .map(|(_, case, deadline)| (case.clone(), deadline.clone()))
            .collect()
    }
}

//! The party's own time of a notice: stopped once it has declared, going on when that was answered, and begun anew.

use events_schema::{Deadline, DeadlineChanges, Period};

use crate::{
    dates::{Dates, LEFT, cure_of, window_of},
    matter::Matter,
};

/// What was left of the party's periods when they were stopped.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Stopped {
    pub(crate) cure: Option<Period>,
    pub(crate) window: Option<Period>,
}

impl Dates<'_> {
    /// The cure period of a warning goes on with what was left when it was stopped, and never with less
    /// than the least that the rulebook gives. `None` where it still runs.
    pub(crate) fn resumed_cure(&mut self, matter: Matter<'_>) -> Option<Deadline> {
        if matter.running_cure().is_some() {
            return None;
        }
        let (cure, now) = (&matter.notice.cure, matter.context.now);
        let going_on = self.going_on(now, cure.left, cure.not_before);
        Some(self.resumed(now, going_on, cure_of(matter.notice)))
    }

    /// The cure period goes on with what was left of it, and where nothing was it ends at once. `None` where it still
    /// runs.
    pub(crate) fn rest_of_cure(&mut self, matter: Matter<'_>) -> Option<Deadline> {
        if matter.running_cure().is_some() {
            return None;
        }
        let (cure, now) = (&matter.notice.cure, matter.context.now);
        let (not_before, purpose) = (cure.not_before, cure_of(matter.notice));
        Some(match cure.left {
            Some(left) => self.after_but_not_before(now, left, not_before, LEFT, purpose),
            None => self.at(
                now,
                not_before.map_or(now, |due| due.max(now)),
                "cure",
                purpose,
            ),
        })
    }

    /// The appeal window of a penalty goes on in the same way. `None` where it still runs, or has ended.
    pub(crate) fn resumed_window(&mut self, matter: Matter<'_>) -> Option<Deadline> {
        let (notice, now) = (matter.notice, matter.context.now);
        if !notice.window.is_stopped() {
            return None;
        }
        let going_on = self.going_on(now, notice.window.left, None);
        Some(self.resumed(now, going_on, window_of(notice)))
    }

    /// The appeal window of a penalty begins anew in full.
    pub(crate) fn new_window(&mut self, matter: Matter<'_>) -> Deadline {
        let period = self.clause().params.appeal_window;
        let purpose = window_of(matter.notice);
        self.after(matter.context.now, period, "appeal_window", purpose)
    }

    /// A complete declaration stops what runs of the party's time, once for each notice (rule 4). Says what was left.
    pub(crate) fn stop_periods(
        &self,
        matter: Matter<'_>,
        changes: &mut DeadlineChanges,
    ) -> Stopped {
        let notice = matter.notice;
        if notice.cure.stops > 0 || notice.window.stops > 0 {
            return Stopped::default();
        }
        let mut stop = |running: Option<&Deadline>, in_full: Period| {
            let running = running?;
            changes.cleared.push(running.id.clone());
            Some(self.left_of(running, in_full, matter.context.now))
        };
        let params = &self.clause().params;
        Stopped {
            cure: stop(matter.running_cure(), params.cure),
            window: stop(matter.running_window(), params.appeal_window),
        }
    }
}

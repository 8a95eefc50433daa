//! The party's own time of a notice: stopped once it has declared, going on when that was answered, and begun anew.

use events_schema::{Deadline, DeadlineChanges, Declaration, NoticeStanding, Period};

use crate::{
    dates::{Dates, LEFT, cure_of, window_of},
    matter::Matter,
    pending::{answers_due, is_late},
};

/// How the party's time goes on once the platform has answered no.
#[derive(Debug, Default)]
pub(crate) struct AfterANo {
    pub(crate) set: Option<Deadline>,
    /// Whether it goes on with the least that the rulebook gives.
    pub(crate) least: bool,
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

    /// The platform's answer to a declaration was no, and the party's time goes on. The least is given as often as the
    /// rulebook says; then there is only what was left (rule 4).
    pub(crate) fn after_a_no(&mut self, matter: Matter<'_>) -> AfterANo {
        let notice = matter.notice;
        if notice.standing == NoticeStanding::Penalised {
            return AfterANo {
                set: self.resumed_window(matter),
                least: false,
            };
        }
        if notice.standing != NoticeStanding::Warned || matter.running_cure().is_some() {
            return AfterANo::default();
        }
        let (cure, now) = (&notice.cure, matter.context.now);
        let going_on = self.going_on(now, cure.left, cure.not_before);
        let given = notice.rectification.still.leasts;
        let least = going_on.is_the_least();
        if least && given >= self.clause().params.cure_residual_times {
            let set = Some(self.rest_of_cure(matter));
            return AfterANo { set, least: false };
        }
        let set = Some(self.resumed(now, going_on, cure_of(notice)));
        AfterANo { set, least }
    }

    /// The cure period goes on with what was left of it, and where nothing was it ends at once.
    fn rest_of_cure(&mut self, matter: Matter<'_>) -> Deadline {
        let (cure, now) = (&matter.notice.cure, matter.context.now);
        let (not_before, purpose) = (cure.not_before, cure_of(matter.notice));
        match cure.left {
            Some(left) => self.after_but_not_before(now, left, not_before, LEFT, purpose),
            None => self.at(
                now,
                not_before.map_or(now, |due| due.max(now)),
                "cure",
                purpose,
            ),
        }
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

    /// A complete declaration takes the place of an older one that waits, and stops what runs of the party's time, as
    /// often as the rulebook says (rule 4).
    pub(crate) fn take_declaration(
        &mut self,
        matter: Matter<'_>,
        changes: &mut DeadlineChanges,
    ) -> Declaration {
        let Matter { case, notice, .. } = matter;
        let rectification = &notice.rectification;
        // Where no appeal is left there is no time of the party's that could stand still.
        let can_be_held = matches!(
            notice.standing,
            NoticeStanding::Warned | NoticeStanding::Penalised
        );
        let params = &self.clause().params;
        // Whoever waits for a platform that is late loses nothing by declaring again.
        let is_late = rectification.still.holds && is_late(case, notice);
        let holds =
            is_late || can_be_held && rectification.still.held < params.declarations_that_hold;
        // What an appeal says is ruled on all the same.
        let waits = rectification.stage.is_with_the_platform() && !rectification.by_appeal;
        if waits {
            let answers = answers_due(case, notice).map(|due| due.id.clone());
            changes.cleared.extend(answers);
        }
        let declaration = Declaration {
            number: rectification.declarations + 1,
            supersedes: waits.then_some(rectification.declarations),
            holds,
            held: rectification.still.held + u32::from(holds && !is_late),
            cure_left: None,
            window_left: None,
        };
        if !holds {
            // What the older one had stopped goes on.
            if rectification.still.holds && notice.standing == NoticeStanding::Warned {
                changes.set.extend(self.resumed_cure(matter));
            }
            changes.set.extend(self.resumed_window(matter));
            return declaration;
        }
        let mut stop = |running: Option<&Deadline>, in_full: Period| {
            let running = running?;
            changes.cleared.push(running.id.clone());
            Some(self.left_of(running, in_full, matter.context.now))
        };
        Declaration {
            cure_left: stop(matter.running_cure(), params.cure),
            window_left: stop(matter.running_window(), params.appeal_window),
            ..declaration
        }
    }

    /// The same of a declaration in parts of which nothing is missing any more: it keeps the number of its last part.
    pub(crate) fn complete_declaration(
        &mut self,
        matter: Matter<'_>,
        changes: &mut DeadlineChanges,
    ) -> Declaration {
        let number = matter.notice.rectification.declarations;
        let taken = self.take_declaration(matter, changes);
        Declaration { number, ..taken }
    }
}

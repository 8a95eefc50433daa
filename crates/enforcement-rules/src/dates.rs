//! Making deadlines: the next number, the due date on the calendar, and where the period came from.

use events_schema::{Deadline, DeadlineId, DeadlinePurpose, Instant, Label, Period};

use crate::{Calendar, CaseState, Clause, Notice};

/// Makes the deadlines of one decision, numbering them on from those of the case.
#[derive(Debug)]
pub(crate) struct Dates<'a> {
    calendar: &'a Calendar,
    clause: &'a Clause,
    made: u32,
}

impl<'a> Dates<'a> {
    /// For a case that had so many deadlines so far.
    pub(crate) const fn new(
        calendar: &'a Calendar,
        clause: &'a Clause,
        deadlines_ever: u32,
    ) -> Self {
        Self {
            calendar,
            clause,
            made: deadlines_ever,
        }
    }

    /// The clause that the periods come from.
    pub(crate) const fn clause(&self) -> &'a Clause {
        self.clause
    }

    /// A deadline so long after an instant.
    pub(crate) fn after(
        &mut self,
        from: Instant,
        period: Period,
        parameter: &str,
        purpose: DeadlinePurpose,
    ) -> Deadline {
        let due = self.calendar.due(from, period);
        self.deadline(
            from,
            Some(period),
            due.at,
            due.provisional,
            parameter,
            purpose,
        )
    }

    /// The same, but not before an instant that already stood.
    pub(crate) fn after_but_not_before(
        &mut self,
        from: Instant,
        period: Period,
        not_before: Instant,
        parameter: &str,
        purpose: DeadlinePurpose,
    ) -> Deadline {
        let mut deadline = self.after(from, period, parameter, purpose);
        if deadline.due < not_before {
            deadline.due = not_before;
        }
        deadline.not_before = Some(not_before);
        deadline
    }

    /// A deadline at an instant that was named and not counted.
    pub(crate) fn at(
        &mut self,
        from: Instant,
        due: Instant,
        parameter: &str,
        purpose: DeadlinePurpose,
    ) -> Deadline {
        self.deadline(from, None, due, false, parameter, purpose)
    }

    /// When a period that begins then would end.
    pub(crate) fn end_of(&self, from: Instant, period: Period) -> Instant {
        self.calendar.due(from, period).at
    }

    /// The cure period of a warning goes on with what was left when it was stopped, and never with less
    /// than the least that the rulebook gives. `None` where it still runs.
    pub(crate) fn resumed_cure(
        &mut self,
        case: &CaseState,
        notice: &Notice,
        now: Instant,
    ) -> Option<Deadline> {
        let purpose = stopped_cure(case, notice)?;
        let left = notice.rectification.cure_left_seconds.unwrap_or(0);
        Some(self.resumed(notice, now, (self.clause.params.cure, left), purpose))
    }

    /// The cure period goes on with what was left, be it nothing. `None` where it still runs.
    pub(crate) fn rest_of_cure(
        &mut self,
        case: &CaseState,
        notice: &Notice,
        now: Instant,
    ) -> Option<Deadline> {
        let purpose = stopped_cure(case, notice)?;
        let left = notice.rectification.cure_left_seconds.unwrap_or(0);
        Some(self.at(now, now.plus_seconds(left), "cure", purpose))
    }

    /// The appeal window of a penalty goes on in the same way. `None` where it still runs.
    pub(crate) fn resumed_window(
        &mut self,
        case: &CaseState,
        notice: &Notice,
        now: Instant,
    ) -> Option<Deadline> {
        let purpose = DeadlinePurpose::Window {
            notice: notice.id.clone(),
        };
        if case.deadline_for(&purpose).is_some() || notice.window_passed {
            return None;
        }
        let left = notice.rectification.window_left_seconds?;
        let window = self.clause.params.appeal_window;
        Some(self.resumed(notice, now, (window, left), purpose))
    }

    /// What was left of a period, from now. What was left of working days is working days, so that a holiday that
    /// lies between now and then is no loss, and a date that no calendar covers stays provisional.
    fn resumed(
        &mut self,
        notice: &Notice,
        now: Instant,
        (period, left): (Period, i64),
        purpose: DeadlinePurpose,
    ) -> Deadline {
        const LEAST: &str = "cure_residual_minimum";
        let least = self.clause.params.cure_residual_minimum;
        if let (Period::WorkingDays(_), Some(stopped_at)) =
            (period, notice.rectification.stopped_at)
        {
            let days = self
                .calendar
                .working_days_until(stopped_at, stopped_at.plus_seconds(left));
            let left = Period::WorkingDays(days);
            if self.end_of(now, left) > self.end_of(now, least) {
                return self.after(now, left, "left", purpose);
            }
            return self.after(now, least, LEAST, purpose);
        }
        self.after_but_not_before(now, least, now.plus_seconds(left), LEAST, purpose)
    }

    /// The appeal window of a penalty begins anew in full.
    pub(crate) fn new_window(&mut self, notice: &Notice, from: Instant) -> Deadline {
        self.after(
            from,
            self.clause.params.appeal_window,
            "appeal_window",
            DeadlinePurpose::Window {
                notice: notice.id.clone(),
            },
        )
    }

    fn deadline(
        &mut self,
        from: Instant,
        period: Option<Period>,
        due: Instant,
        provisional: bool,
        parameter: &str,
        purpose: DeadlinePurpose,
    ) -> Deadline {
        self.made += 1;
        Deadline {
            id: DeadlineId::nth(self.made),
            purpose,
            due,
            from,
            period,
            not_before: None,
            zone: self.calendar.zone().clone(),
            calendar: self.calendar.id().clone(),
            calendar_version: self.calendar.version(),
            rule: label(&format!("{} {parameter}", self.clause.clause)),
            provisional,
        }
    }
}

/// The purpose of a cure period that does not run.
fn stopped_cure(case: &CaseState, notice: &Notice) -> Option<DeadlinePurpose> {
    let purpose = DeadlinePurpose::Cure {
        notice: notice.id.clone(),
    };
    case.deadline_for(&purpose).is_none().then_some(purpose)
}

/// A label made of text that this crate composed itself.
///
/// Cut to the longest label, since it may contain a clause that is nearly that long.
#[expect(
    clippy::expect_used,
    reason = "the text is cut, trimmed and never empty"
)]
pub(crate) fn label(text: &str) -> Label {
    let cut: String = text
        .chars()
        .filter(|character| !character.is_control())
        .take(events_schema::LABEL_LENGTH_MAX)
        .collect();
    cut.trim().parse().expect("a composed label is a label")
}

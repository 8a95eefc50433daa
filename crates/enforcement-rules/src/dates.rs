//! Making deadlines: the next number, the due date on the calendar, and where the period came from.

use events_schema::{
    Deadline, DeadlineId, DeadlinePurpose, Instant, Label, NoticeId, Period, Restriction,
};

use crate::{case_state::Notice, ladder_step, rulebook::Clause};

use working_calendar::Calendar;

/// Makes the deadlines of one decision, numbering them on from those of the case.
#[derive(Debug)]
pub(crate) struct Dates<'a> {
    calendar: &'a Calendar,
    clause: &'a Clause,
    made: u32,
}

/// How a period goes on that was stopped, or that a ruling makes longer.
#[derive(Debug, Clone, Copy)]
pub(crate) struct GoingOn {
    period: Period,
    parameter: &'static str,
    not_before: Option<Instant>,
    /// When it then ends.
    pub(crate) due: Instant,
}

impl GoingOn {
    /// Whether it goes on with the least that the rulebook gives, and with nothing more.
    pub(crate) fn is_the_least(&self) -> bool {
        self.parameter == LEAST && self.not_before.is_none()
    }
}

const LEAST: &str = "cure_residual_minimum";
pub(crate) const LEFT: &str = "left";

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

    /// The calendar that they are counted on.
    pub(crate) const fn calendar(&self) -> &'a Calendar {
        self.calendar
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
        not_before: Option<Instant>,
        parameter: &str,
        purpose: DeadlinePurpose,
    ) -> Deadline {
        let mut deadline = self.after(from, period, parameter, purpose);
        deadline.due = deadline.due.max(not_before.unwrap_or(deadline.due));
        deadline.not_before = not_before;
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

    /// The latest end that a step of the ladder allows a restriction that begins then; `None` where it names none.
    pub(crate) fn longest_end(
        &self,
        step: u32,
        restriction: &Restriction,
        from: Instant,
    ) -> Option<Instant> {
        let ends = ladder_step::longest(self.clause, step, restriction);
        ends.map(|period| self.end_of(from, period)).max()
    }

    /// What is left of a running deadline, to go on later. What is left of working days is working days, so that a
    /// holiday that lies between now and then is no loss, and a date that no calendar covers stays provisional.
    pub(crate) fn left_of(&self, running: &Deadline, in_full: Period, now: Instant) -> Period {
        match running.period.unwrap_or(in_full) {
            Period::WorkingDays(_) => {
                Period::WorkingDays(self.calendar.working_days_until(now, running.due))
            }
            Period::Seconds(_) | Period::Minutes(_) | Period::Hours(_) | Period::Days(_) => {
                let left = running.due.seconds_since(now);
                Period::Seconds(u32::try_from(left).unwrap_or(u32::MAX))
            }
        }
    }

    /// How a period goes on: with what was left or with the least that the rulebook gives, whichever is longer, and
    /// not before a date that was given.
    pub(crate) fn going_on(
        &self,
        now: Instant,
        left: Option<Period>,
        given: Option<Instant>,
    ) -> GoingOn {
        let least = self.clause.params.cure_residual_minimum;
        let at_least = self.calendar.due(now, least);
        let rest = left.map(|left| (left, self.calendar.due(now, left)));
        let (period, parameter, end, not_before) = match rest {
            // The least may yet turn out longer where its own end is not certain.
            Some((left, end))
                if end.at > at_least.at && (end.provisional || !at_least.provisional) =>
            {
                (left, LEFT, end.at, given)
            }
            rest => (
                least,
                LEAST,
                at_least.at,
                given.max(rest.map(|(_, end)| end.at)),
            ),
        };
        GoingOn {
            period,
            parameter,
            not_before: not_before.filter(|date| *date > end),
            due: not_before.map_or(end, |date| date.max(end)),
        }
    }

    /// The deadline of a period that goes on.
    pub(crate) fn resumed(
        &mut self,
        now: Instant,
        GoingOn {
            period,
            parameter,
            not_before,
            ..
        }: GoingOn,
        purpose: DeadlinePurpose,
    ) -> Deadline {
        self.after_but_not_before(now, period, not_before, parameter, purpose)
    }

    /// A running deadline of a notice as one of the notice that takes its place.
    pub(crate) fn of_notice(&mut self, running: &Deadline, notice: &NoticeId) -> Deadline {
        self.made += 1;
        let mut deadline = running.clone();
        deadline.id = DeadlineId::nth(self.made);
        deadline.purpose.move_to(notice);
        deadline
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

/// The purpose of the deadline that ends a cure period.
pub(crate) fn cure_of(notice: &Notice) -> DeadlinePurpose {
    DeadlinePurpose::Cure {
        notice: notice.id.clone(),
    }
}

/// The purpose of the deadline that ends an appeal window.
pub(crate) fn window_of(notice: &Notice) -> DeadlinePurpose {
    DeadlinePurpose::Window {
        notice: notice.id.clone(),
    }
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

//! What the service does by itself: deadlines that are reached, and dates that a newer calendar fixes.

use events_schema::{
    CalendarId, CaseId, Command, CommandId, DeadlineId, Instant, Locale, ReachDeadline, Rejection,
    ReviseDeadline, Sha256, Stream,
};

use super::{Origin, Processor};
use crate::Error;

impl Processor {
    /// Fires deadlines due by then, oldest first, at most so many. Gives how many were fired.
    ///
    /// # Errors
    /// When the log cannot be read.
    pub fn fire_due(
        &mut self,
        by: Instant,
        now: Instant,
        firings_max: usize,
    ) -> Result<usize, Error> {
        let mut fired = 0;
        if self.hold().is_some() {
            return Ok(fired);
        }
        while fired < firings_max
            && let Some(case) = self.memory.next_due(by)
        {
            if !self.fire_first_of(&case, by, now)? {
                return Err(Error::NotOurs {
                    problem: format!("case {case} has a timer and no deadline that is due"),
                });
            }
            fired += 1;
        }
        Ok(fired)
    }

    /// Fires what is due of one case, so that a command on it never comes before.
    pub(super) fn fire_due_of(
        &mut self,
        case: &CaseId,
        by: Instant,
        now: Instant,
    ) -> Result<(), Error> {
        while self.fire_first_of(case, by, now)? {}
        Ok(())
    }

    /// Fires what fell due first of one case; of deadlines due at the same instant, the one that was set first.
    /// False when nothing is due.
    fn fire_first_of(&mut self, case: &CaseId, by: Instant, now: Instant) -> Result<bool, Error> {
        let first = self.memory.case(case, &self.reader)?.and_then(|state| {
            let due = state.deadlines.iter();
            due.filter(|deadline| deadline.due <= by && !deadline.provisional)
                .min_by_key(|deadline| deadline.due)
                .map(|deadline| deadline.id.clone())
        });
        match first {
            None => Ok(false),
            Some(deadline) => self.fire(case, &deadline, now).map(|()| true),
        }
    }

    fn fire(&mut self, case: &CaseId, deadline: &DeadlineId, now: Instant) -> Result<(), Error> {
        let command = Command::ReachDeadline(ReachDeadline {
            case: case.clone(),
            deadline: deadline.clone(),
        });
        let id = CommandId::internal("reach", deadline);
        self.act(case, deadline, &command, &id, now)
    }

    /// Fixes the provisional dates that a newer calendar covers.
    pub(super) fn revise_waiting(
        &mut self,
        calendar: &CalendarId,
        now: Instant,
    ) -> Result<(), Error> {
        for (case, deadline) in self.memory.waiting_for(calendar) {
            let id = CommandId::internal("revise", format_args!("{deadline}:{calendar}"));
            let command = Command::ReviseDeadline(ReviseDeadline {
                case: case.clone(),
                deadline: deadline.clone(),
            });
            self.act(&case, &deadline, &command, &id, now)?;
        }
        Ok(())
    }

    /// Carries out a command of the service itself. A firing that the rules refuse would come again for
    /// ever, so it is a broken invariant; a revision that changes nothing is not.
    fn act(
        &mut self,
        case: &CaseId,
        deadline: &DeadlineId,
        command: &Command,
        id: &CommandId,
        now: Instant,
    ) -> Result<(), Error> {
        self.memory.case(case, &self.reader)?;
        let causation = self.memory.set_at(case, deadline);
        let actor = self.deadlines.clone();
        match self.decide(command, &actor, now) {
            Ok(events) => {
                let origin = Origin {
                    actor: &actor,
                    submission: None,
                    command_id: id,
                    command_hash: internal_hash(command),
                    causation,
                    received: now,
                    account: self.account_of(command),
                };
                let stream = Stream::Case(case.clone());
                self.record(&stream, events, &origin, now)
            }
            Err(Rejection::NothingToRevise { .. }) => Ok(()),
            Err(rejection) => Err(Error::NotOurs {
                problem: format!(
                    "the deadline of case {case} cannot be reached by {id}: {}",
                    rejection.sentence(Locale::English)
                ),
            }),
        }
    }
}

/// The hash of a command that the service gives itself: over its name and ids.
fn internal_hash(command: &Command) -> Sha256 {
    let text = match command {
        Command::ReachDeadline(command) => format!("reach {} {}", command.case, command.deadline),
        Command::ReviseDeadline(command) => format!("revise {} {}", command.case, command.deadline),
        other => other.name().to_string(),
    };
    Sha256::of(text.as_bytes())
}

//! What the service does by itself: deadlines that are reached, and dates that a newer calendar fixes.

use events_schema::{
    CalendarId, CaseId, CommandId, DeadlineId, Event, Instant, Locale, Positions, Rejection,
    Sha256, Stream, Subject,
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
        while fired < firings_max
            && let Some((case, deadline)) = self.memory.platform.due(by)
        {
            self.reach(&case, &deadline, now)?;
            fired += 1;
        }
        Ok(fired)
    }

    /// A deadline is reached. A firing that the rules refuse would come again for ever, so it is a broken invariant.
    pub(super) fn reach(
        &mut self,
        case: &CaseId,
        deadline: &DeadlineId,
        now: Instant,
    ) -> Result<(), Error> {
        let id = CommandId::internal("reach", deadline);
        let hash = internal_hash("reach", case, deadline);
        let events = self.memory.platform.reach(case, deadline, now);
        let events = events.map_err(|rejection| not_ours(case, "reached", &id, &rejection))?;
        let first = self.group.next_position;
        self.act((case, deadline), events, (&id, hash), now)?;
        let last = self.group.next_position.saturating_sub(1);
        self.lower_penalties(Positions { first, last }, now)
    }

    /// Where a strike fell by these events of the group, every later penalty that had counted it is lowered at once.
    pub(super) fn lower_penalties(
        &mut self,
        positions: Positions,
        now: Instant,
    ) -> Result<(), Error> {
        // Commands are many and strikes that fall are few, so only what these have entered is looked at.
        let entered = positions.last + 1 - positions.first;
        let entered = usize::try_from(entered).unwrap_or(usize::MAX);
        let caused = self.group.events.iter().rev().take(entered);
        let caused = caused.map(|(recorded, _)| &recorded.event);
        for (case, notice) in self.memory.platform.may_be_lowered(caused) {
            let id = CommandId::internal("lower", format_args!("{notice}:{}", positions.first));
            let events = self.memory.platform.lower(&case, &notice, now);
            let events = events.map_err(|rejection| not_ours(&case, "lowered", &id, &rejection))?;
            if events.is_empty() {
                continue;
            }
            let actor = self.deadlines.clone();
            let origin = Origin {
                actor: &actor,
                submission: None,
                command_id: &id,
                command_hash: Sha256::of(format!("lower {case} {notice}").as_bytes()),
                causation: Some(positions.first),
                received: now,
                account: self.memory.platform.account_of(Subject::Case(&case)),
            };
            self.record(&Stream::Case(case.clone()), events, &origin, now)?;
        }
        Ok(())
    }

    /// Fixes the provisional dates that a newer calendar covers, and moves the party's. A revision that changes nothing is
    /// none.
    pub(super) fn revise_dates(
        &mut self,
        calendar: &CalendarId,
        now: Instant,
    ) -> Result<(), Error> {
        for (case, deadline) in self.memory.platform.counted_on(calendar) {
            let id = CommandId::internal("revise", format_args!("{deadline}:{calendar}"));
            let hash = internal_hash("revise", &case, &deadline);
            match self.memory.platform.revise(&case, &deadline, now) {
                Ok(events) => self.act((&case, &deadline), events, (&id, hash), now)?,
                Err(Rejection::NothingToRevise { .. }) => {}
                Err(rejection) => return Err(not_ours(&case, "revised", &id, &rejection)),
            }
        }
        Ok(())
    }

    /// Records what the service does by itself about a deadline.
    fn act(
        &mut self,
        (case, deadline): (&CaseId, &DeadlineId),
        events: Vec<Event>,
        (command_id, command_hash): (&CommandId, Sha256),
        now: Instant,
    ) -> Result<(), Error> {
        let actor = self.deadlines.clone();
        let origin = Origin {
            actor: &actor,
            submission: None,
            command_id,
            command_hash,
            causation: self.memory.platform.set_at(case, deadline),
            received: now,
            account: self.memory.platform.account_of(Subject::Case(case)),
        };
        self.record(&Stream::Case(case.clone()), events, &origin, now)
    }
}

/// What the rules refuse the service itself.
fn not_ours(case: &CaseId, done: &str, id: &CommandId, rejection: &Rejection) -> Error {
    Error::NotOurs {
        problem: format!(
            "the deadline of case {case} cannot be {done} by {id}: {}",
            rejection.sentence(Locale::English)
        ),
    }
}

/// The hash of a command that the service gives itself: over its name and ids.
fn internal_hash(name: &str, case: &CaseId, deadline: &DeadlineId) -> Sha256 {
    Sha256::of(format!("{name} {case} {deadline}").as_bytes())
}

//! Saying no to a party so that it stays on record.

use enforcement_rules::{day_of, may_send, next_steps_of, next_steps_while_held};
use events_schema::{
    AccountId, CommandName, Event, Filing, FilingRefused, Instant, NextStep, Rejection, Role,
    Stream,
};

use super::{Origin, Processor};
use crate::{Answer, Error, Submission};

impl Processor {
    /// Answers that it holds still, if it does. Not on record, a party's filing neither: an event would be dated by the
    /// clock that is in doubt, and counted on its day. Nothing was judged; the party sends the same again, and that is
    /// its filing. Nobody has a next step but whoever can release.
    pub(crate) fn time_held(&self, submission: &Submission) -> Option<Answer> {
        let hold = self.hold()?;
        let rejection = Rejection::TimeHeld {
            reason: hold.reason().clone(),
            hold: Some(hold.id().clone()),
        };
        let may_release = may_send(submission.actor.role, CommandName::ReleaseDeadlines);
        let release = may_release.then_some(NextStep::ReleaseDeadlines {});
        let next = release.into_iter().collect();
        Some(Answer::refused_with(rejection, next, submission.locale))
    }

    /// Answers no, and puts the refusal of a party's filing on record: each one up to the number a day
    /// that the rulebook names, beyond it only those whose number doubles.
    pub(super) fn refuse(
        &mut self,
        submission: &Submission,
        rejection: Rejection,
        received: Instant,
        now: Instant,
    ) -> Result<Answer, Error> {
        let command = &submission.command.command;
        let Some(case) = command.subject().case() else {
            // Rulebooks, calendars and the log are the administrator's, who alone lets deadlines fire again.
            let release = self.hold().map(|_| NextStep::ReleaseDeadlines {});
            let next = release.into_iter().collect();
            return Ok(Answer::refused_with(rejection, next, submission.locale));
        };
        let own_case = self.memory.case_at_hand(case);
        let own_case = own_case.filter(|state| submission.actor.sees(&state.account));
        let next = own_case.map(|case| {
            if self.hold().is_some() {
                next_steps_while_held(case, &submission.actor, received)
            } else {
                next_steps_of(case, &submission.actor)
            }
        });
        let next = next.unwrap_or_default();
        let mut answer = Answer::refused_with(rejection.clone(), next.clone(), submission.locale);
        let Some(filing) = Filing::of(command).filter(|_| submission.actor.role == Role::Party)
        else {
            return Ok(answer);
        };
        let Ok(account) = submission.actor.principal.as_str().parse::<AccountId>() else {
            return Ok(answer);
        };
        let limit = self
            .memory
            .books
            .current()
            .map_or(1, |rulebook| rulebook.recorded_refusals_per_day.max(1));
        let (number_today, known) = self.memory.account(&account).map_or((1, false), |state| {
            let refusals = &state.refusals;
            if refusals.day == day_of(received) {
                (
                    refusals.number.saturating_add(1),
                    refusals.commands.contains(&submission.command_id),
                )
            } else {
                (1, false)
            }
        });
        if known {
            return Ok(answer);
        }
        let day = day_of(received);
        let number_today = self.memory.count_refusal(&account, day, number_today);
        let doubled =
            number_today.is_multiple_of(limit) && (number_today / limit).is_power_of_two();
        if number_today > limit && !doubled {
            return Ok(answer);
        }
        let mut refused = FilingRefused {
            filing,
            rejection,
            next,
            number_today,
        };
        let origin = Origin {
            actor: &submission.actor,
            submission: Some(submission),
            command_id: &submission.command_id,
            command_hash: submission.command.hash,
            causation: None,
            received,
            account: Some(account.clone()),
        };
        let stream = Stream::Account(account);
        let event = Event::from(refused.clone());
        let prepared = self
            .prepare(&stream, vec![event], &origin, now)
            .or_else(|_| {
                // A filing that fills a record by itself is kept without what the answer says besides.
                refused.next.clear();
                let event = Event::from(refused);
                self.prepare(&stream, vec![event], &origin, now)
            });
        let Ok(prepared) = prepared else {
            return Ok(answer);
        };
        let (positions, _) = self.enter(prepared)?;
        if let Answer::Refused(problem) = &mut answer {
            problem.recorded_at = Some(positions.first);
        }
        Ok(answer)
    }
}

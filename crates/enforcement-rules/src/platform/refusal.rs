//! Saying no, and of a party's filing so that it stays on record.

use events_schema::{
    AccountId, Actor, CommandName, Filing, FilingRefused, Instant, NextStep, Rejection, Role,
};

use super::{Platform, Sent};
use crate::{
    account_state::day_of,
    permissions::may_send,
    staff_steps::{next_steps_of, next_steps_while_held},
};

/// A refusal, with what can be done next.
#[derive(Debug)]
pub struct Refusal {
    /// Why.
    pub rejection: Rejection,
    /// What whoever was refused can do next.
    pub next: Vec<NextStep>,
    /// What is to be recorded of it, and of which account.
    pub record: Option<(AccountId, FilingRefused)>,
}

impl Refusal {
    /// One that leaves nothing to be done, and is not on record.
    pub(super) const fn bare(rejection: Rejection) -> Self {
        Self {
            rejection,
            next: Vec::new(),
            record: None,
        }
    }
}

impl Platform {
    /// That the service holds still, if it does. Not on record, a party's filing neither: an event would be dated by the
    /// clock that is in doubt, and counted on its day. Nothing was judged; the party sends the same again, and that is
    /// its filing. Nobody has a next step but whoever can release.
    pub fn time_held(&self, actor: &Actor) -> Option<Refusal> {
        let hold = self.hold.as_ref()?;
        let may_release = may_send(actor.role, CommandName::ReleaseDeadlines);
        let release = may_release.then_some(NextStep::ReleaseDeadlines {});
        Some(Refusal {
            rejection: Rejection::TimeHeld {
                reason: hold.reason().clone(),
                hold: Some(hold.id().clone()),
            },
            next: release.into_iter().collect(),
            record: None,
        })
    }

    /// Says no. The refusal of a party's filing goes on record: each one up to the number a day that the rulebook names,
    /// beyond it only those whose number doubles.
    pub fn refuse(&mut self, sent: &Sent<'_>, rejection: Rejection, received: Instant) -> Refusal {
        let Some(case) = sent.command.subject().case() else {
            // Rulebooks, calendars and the log are the administrator's, who alone lets deadlines fire again.
            let release = self.hold.as_ref().map(|_| NextStep::ReleaseDeadlines {});
            return Refusal {
                rejection,
                next: release.into_iter().collect(),
                record: None,
            };
        };
        let next = self.case_for(sent.actor, case).map(|case| {
            if self.hold.is_some() {
                next_steps_while_held(case, sent.actor, received)
            } else {
                next_steps_of(case, sent.actor)
            }
        });
        let next = next.unwrap_or_default();
        let record = self.record_of(sent, &rejection, &next, received);
        Refusal {
            rejection,
            next,
            record,
        }
    }

    /// What is to be recorded of a refusal, which counts from now on whether it is or not.
    fn record_of(
        &mut self,
        sent: &Sent<'_>,
        rejection: &Rejection,
        next: &[NextStep],
        received: Instant,
    ) -> Option<(AccountId, FilingRefused)> {
        let filing = Filing::of(sent.command).filter(|_| sent.actor.role == Role::Party)?;
        let account: AccountId = sent.actor.principal.as_str().parse().ok()?;
        let current = self.books.current();
        let limit = current.map_or(1, |rulebook| rulebook.recorded_refusals_per_day.max(1));
        let day = day_of(received);
        let on_record = self.account(&account).map(|state| &state.refusals);
        let on_record = on_record.filter(|refusals| refusals.day == day);
        // The same one again is on record already.
        if on_record.is_some_and(|refusals| refusals.commands.contains(sent.command_id)) {
            return None;
        }
        let number_today = on_record.map_or(1, |refusals| refusals.number.saturating_add(1));
        let number_today = self.count_refusal(&account, day, number_today);
        let doubled =
            number_today.is_multiple_of(limit) && (number_today / limit).is_power_of_two();
        (number_today <= limit || doubled).then(|| {
            let refused = FilingRefused {
                filing,
                rejection: rejection.clone(),
                next: next.to_vec(),
                number_today,
            };
            (account, refused)
        })
    }

    /// Counts a refused filing of an account. The number of the day goes on from what is on record.
    fn count_refusal(&mut self, account: &AccountId, day: i64, on_record: u32) -> u32 {
        let (counted_day, number) = self.refusals.entry(account.clone()).or_insert((day, 0));
        if *counted_day != day {
            (*counted_day, *number) = (day, 0);
        }
        *number = number.saturating_add(1).max(on_record);
        *number
    }
}

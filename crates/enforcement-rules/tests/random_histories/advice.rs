//! What somebody is told it can do next, held against what becomes of it when it does so.

use enforcement_rules::{next_steps_of, next_steps_while_held};
use events_schema::{Actor, Command, Instant, NextStep, Rejection};
use test_support::TestWorld;

/// The steps that a sender was told before it sent something.
pub(crate) struct Advice {
    advised: bool,
    is_a_step: bool,
}

/// Refusals that say that a step was none, whatever the command said besides.
const IMPOSSIBLE: [&str; 9] = [
    "unknown_appeal",
    "appeal_not_open",
    "already_claimed",
    "claimed_by_another",
    "reviewer_conflict",
    "nothing_to_verify",
    "human_required",
    "notice_not_live",
    "time_held",
];

impl Advice {
    /// What the sender of a command would be told just before, at that time where deadlines are held.
    pub(crate) fn before(
        world: &TestWorld,
        sender: &str,
        command: &Command,
        held_at: Option<Instant>,
    ) -> Self {
        let none = Self {
            advised: false,
            is_a_step: false,
        };
        let (Ok(sender), Some(case)) = (sender.parse::<Actor>(), command.subject().case()) else {
            return none;
        };
        let Some(state) = world.cases().find(|state| state.case == *case) else {
            return none;
        };
        let steps = match held_at {
            Some(at) => next_steps_while_held(state, &sender, at),
            None => next_steps_of(state, &sender),
        };
        let mut steps = steps.into_iter();
        let advised = if let Command::ClaimAppeal(it) = command {
            steps.any(|step| {
                matches!(step, NextStep::ClaimAppeal { appeal, from: None } if appeal == it.appeal)
            })
        } else if let Command::Decide(it) = command {
            steps.any(|step| matches!(step, NextStep::Decide { appeal, .. } if appeal == it.appeal))
        } else if let Command::VerifyRectification(it) = command {
            steps.any(|step| {
                matches!(step, NextStep::VerifyRectification { notice, .. } if notice == it.notice)
            })
        } else if let Command::WithdrawNotice(it) = command {
            steps.any(
                |step| matches!(step, NextStep::WithdrawNotice { notice } if notice == it.notice),
            )
        } else {
            return none;
        };
        Self {
            advised,
            is_a_step: true,
        }
    }

    /// Whoever was told a step can take it, and nobody takes one that it was not told.
    pub(crate) fn check(&self, outcome: Result<(), &Rejection>) -> Result<(), String> {
        match outcome {
            Ok(()) if self.is_a_step && !self.advised => {
                Err("a step was taken that was not among the next ones".to_owned())
            }
            Err(rejection) if self.advised && IMPOSSIBLE.contains(&rejection.code()) => {
                let code = rejection.code();
                Err(format!(
                    "a step was among the next ones and is refused as {code}"
                ))
            }
            Ok(()) | Err(_) => Ok(()),
        }
    }
}

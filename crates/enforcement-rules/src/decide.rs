//! `decide`: what a command comes to, as events or a rejection. Pure: the time and the actor are in the context,
//! everything else in the states it is given (`matter.rs`).

mod administration;
mod appeal;
mod endings;
mod issue;
pub(crate) mod lowering;
mod reach;
mod rectification;
mod ruling;
mod withdraw_notice;

use events_schema::{Command, Event, Rejection};

use crate::matter::{Context, InCase, World};

/// Decides a command.
///
/// # Errors
/// The rejection, with the facts that decided it. Nothing has changed then.
pub(crate) fn decide(
    world: World<'_>,
    command: &Command,
    context: Context<'_>,
) -> Result<Vec<Event>, Rejection> {
    match command {
        Command::IssueWarning(command) => issue::warning(world, command, context),
        Command::IssuePenalty(command) => issue::penalty(world, command, context),
        Command::WithdrawNotice(command) => {
            let at = InCase::at_hand(world, &command.case, context)?;
            withdraw_notice::decide(at, command)
        }
        Command::RecordCodeReview(command) => {
            let at = InCase::at_hand(world, &command.case, context)?;
            rectification::record_code_review(at, command)
        }
        Command::VerifyRectification(command) => {
            let at = InCase::at_hand(world, &command.case, context)?;
            rectification::verify(at, command)
        }
        Command::Rectify(command) => {
            let at = InCase::at_hand(world, &command.case, context)?;
            rectification::declare(at, command)
        }
        Command::SubmitAppeal(command) => {
            let at = InCase::at_hand(world, &command.case, context)?;
            appeal::submit(at, command)
        }
        Command::AmendAppeal(command) => {
            let at = InCase::at_hand(world, &command.case, context)?;
            appeal::amend(at, command)
        }
        Command::WithdrawAppeal(command) => {
            let at = InCase::at_hand(world, &command.case, context)?;
            appeal::withdraw(at, command)
        }
        Command::ClaimAppeal(command) => {
            let at = InCase::at_hand(world, &command.case, context)?;
            appeal::claim(at, command)
        }
        Command::UnclaimAppeal(command) => {
            let at = InCase::at_hand(world, &command.case, context)?;
            appeal::unclaim(at, command)
        }
        Command::Decide(command) => {
            let at = InCase::at_hand(world, &command.case, context)?;
            ruling::decide(at, command)
        }
        Command::ReachDeadline(command) => {
            let at = InCase::known(world, &command.case, context)?;
            reach::reach(at, command)
        }
        Command::ReviseDeadline(command) => {
            let at = InCase::known(world, &command.case, context)?;
            reach::revise(at, command)
        }
        Command::AdoptRulebook(command) => administration::adopt_rulebook(world.books, command),
        Command::PublishCalendar(command) => administration::publish_calendar(world.books, command),
        Command::ReleaseDeadlines(command) => {
            administration::release_deadlines(world.held, command, context)
        }
    }
}

//! `decide`: what a command comes to, as events or a rejection. Pure: the time and the actor are in the
//! context, everything else in the states it is given.

mod administration;
pub(crate) mod appeal;
mod endings;
mod issue;
mod reach;
pub(crate) mod rectification;
mod ruling;
mod withdraw_notice;

use events_schema::{
    Actor, CaseId, Command, Deadline, Event, HoldId, Instant, Label, MissingBook, NoticeId,
    PartInCase, PrincipalId, Rejection, Role,
};

use crate::{
    AtIssue, Books,
    account_state::{AccountState, EntityState},
    case_state::{CaseState, Notice, ReviewerPart, is_live},
    dates::{Dates, label},
};

/// When and by whom.
#[derive(Debug, Clone, Copy)]
pub struct Context<'a> {
    /// When the command was received. Rights count by it, and periods begin at it.
    pub now: Instant,
    /// Who sent it. That the role may send the command at all was checked before.
    pub actor: &'a Actor,
}

/// What a command is decided on.
#[derive(Debug, Clone, Copy)]
pub struct World<'a> {
    /// The case that it names, if it exists.
    pub case: Option<&'a CaseState>,
    /// The account of the case, or that the command names.
    pub account: &'a AccountState,
    /// Its entity.
    pub entity: &'a EntityState,
    /// What the open notices of all accounts are about; only a new notice asks.
    pub at_issue: &'a AtIssue,
    /// Rulebooks and calendars.
    pub books: &'a Books,
    /// What is held, if the service holds still.
    pub held: Option<Held<'a>>,
}

/// What a release of the administrator is decided on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Held<'a> {
    /// Which hold it is.
    pub id: &'a HoldId,
    /// Why it does.
    pub reason: &'a Label,
    /// Deadlines that are overdue.
    pub overdue: u64,
    /// The time of the last event, where that is ahead of the clock.
    pub log_ahead: Option<Instant>,
}

/// Decides a command.
///
/// # Errors
/// The rejection, with the facts that decided it. Nothing has changed then.
pub fn decide(
    world: World<'_>,
    command: &Command,
    context: Context<'_>,
) -> Result<Vec<Event>, Rejection> {
    match command {
        Command::IssueWarning(command) => issue::warning(world, command, context),
        Command::IssuePenalty(command) => issue::penalty(world, command, context),
        Command::WithdrawNotice(command) => withdraw_notice::decide(
            world,
            at_hand(world, &command.case, context)?,
            command,
            context,
        ),
        Command::RecordCodeReview(command) => {
            let case = at_hand(world, &command.case, context)?;
            rectification::record_code_review(world, case, command, context)
        }
        Command::VerifyRectification(command) => {
            let case = at_hand(world, &command.case, context)?;
            rectification::verify(world, case, command, context)
        }
        Command::Rectify(command) => {
            let case = at_hand(world, &command.case, context)?;
            rectification::declare(world, case, command, context)
        }
        Command::SubmitAppeal(command) => {
            let case = at_hand(world, &command.case, context)?;
            appeal::submit(world, case, command, context)
        }
        Command::WithdrawAppeal(command) => {
            let case = at_hand(world, &command.case, context)?;
            appeal::withdraw(world, case, command, context)
        }
        Command::ClaimAppeal(command) => {
            let case = at_hand(world, &command.case, context)?;
            appeal::claim(world, case, command, context)
        }
        Command::UnclaimAppeal(command) => {
            appeal::unclaim(at_hand(world, &command.case, context)?, command, context)
        }
        Command::Decide(command) => {
            let case = at_hand(world, &command.case, context)?;
            ruling::decide(world, case, command, context)
        }
        Command::ReachDeadline(command) => {
            let case = known(world, &command.case, context)?;
            reach::reach(world, case, command, context)
        }
        Command::ReviseDeadline(command) => {
            let case = known(world, &command.case, context)?;
            reach::revise(world, case, command)
        }
        Command::AdoptRulebook(command) => administration::adopt_rulebook(world.books, command),
        Command::PublishCalendar(command) => administration::publish_calendar(world.books, command),
        Command::ReleaseDeadlines(command) => {
            administration::release_deadlines(world.held, command, context)
        }
    }
}

/// The case, if it exists and the sender may see it. A party sees only its own, and is told the same of
/// another's as of none.
fn known<'a>(
    world: World<'a>,
    id: &CaseId,
    context: Context<'_>,
) -> Result<&'a CaseState, Rejection> {
    world
        .case
        .filter(|case| {
            context.actor.role != Role::Party
                || PrincipalId::from(&case.account) == context.actor.principal
        })
        .ok_or_else(|| Rejection::UnknownCase { case: id.clone() })
}

/// The case, for a command that changes it. While deadlines are held, what passed first is decided first: a command
/// that came after a due instant does not overtake it (rule 11).
fn at_hand<'a>(
    world: World<'a>,
    id: &CaseId,
    context: Context<'_>,
) -> Result<&'a CaseState, Rejection> {
    let case = known(world, id, context)?;
    let passed = passed_first(case, context.now);
    match passed.filter(|_| world.held.is_some()) {
        None => Ok(case),
        Some(deadline) => Err(Rejection::TimeHeld {
            reason: label(&format!(
                "the deadline {} of the case passed at {} and is held",
                deadline.id, deadline.due
            )),
            hold: None,
        }),
    }
}

/// The deadline of a case that passed first, if one has that did not fire.
pub(crate) fn passed_first(case: &CaseState, now: Instant) -> Option<&Deadline> {
    let passed = case.deadlines.iter();
    passed
        .filter(|deadline| deadline.due <= now && !deadline.provisional)
        .min_by_key(|deadline| deadline.due)
}

/// The live notice of this id.
fn live_notice<'a>(case: &'a CaseState, id: &NoticeId) -> Result<&'a Notice, Rejection> {
    let notice = case
        .notice(id)
        .ok_or_else(|| Rejection::UnknownNotice { notice: id.clone() })?;
    if is_live(notice.standing) {
        Ok(notice)
    } else {
        Err(Rejection::NoticeNotLive {
            notice: id.clone(),
            standing: notice.standing,
            live: case.live_notice().map(|live| live.id.clone()),
        })
    }
}

/// The dates of a notice under its own rulebook.
fn dates<'a>(world: World<'a>, case: &CaseState, notice: &Notice) -> Result<Dates<'a>, Rejection> {
    let (clause, calendar) =
        world
            .books
            .of_notice(notice)
            .ok_or_else(|| Rejection::NoRulebook {
                missing: MissingBook::RulebookOfNotice {
                    rulebook: notice.terms.rulebook.clone(),
                },
            })?;
    Ok(Dates::new(calendar, clause, case.deadlines_ever))
}

/// Nothing is known before it was seen.
fn check_captured(captured_at: Instant, context: Context<'_>) -> Result<(), Rejection> {
    if captured_at > context.now {
        return Err(Rejection::CapturedInFuture {
            captured_at,
            now: context.now,
        });
    }
    Ok(())
}

/// A reviewer must have had no part in the case before.
fn check_reviewer(case: &CaseState, context: Context<'_>) -> Result<(), Rejection> {
    match part_in(case, &context.actor.principal) {
        None => Ok(()),
        Some(part) => Err(Rejection::ReviewerConflict { part }),
    }
}

/// What somebody did in the case, so that somebody else has to review it.
pub(crate) fn part_in(case: &CaseState, principal: &PrincipalId) -> Option<PartInCase> {
    let mut notices = case.notices.iter();
    if notices.any(|notice| notice.issuer == *principal) {
        return Some(PartInCase::IssuedNotice);
    }
    let mut notices = case.notices.iter();
    if notices.any(|notice| notice.approvers.contains(principal)) {
        return Some(PartInCase::ApprovedPenalty);
    }
    let mut reviewers = case.reviewers.iter();
    let (_, part) = reviewers.find(|(reviewer, _)| reviewer == principal)?;
    Some(match part {
        ReviewerPart::Ruled => PartInCase::RuledOnAppeal,
        ReviewerPart::Verified => PartInCase::VerifiedRectification,
    })
}

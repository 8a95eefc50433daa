//! Taking a notice back (rule 10).

use events_schema::{
    Bequest, Closure, DeadlinePurpose, Event, LiftCause, NoticeStanding, NoticeWithdrawn, Period,
    Rejection, SealReason, WithdrawNotice, WithdrawalReason,
};

use super::{Context, World, dates, endings, live_notice};
use crate::{
    case_state::{CaseState, Notice},
    dates::label,
};

pub(super) fn decide(
    world: World<'_>,
    case: &CaseState,
    command: &WithdrawNotice,
    context: Context<'_>,
) -> Result<Vec<Event>, Rejection> {
    if let Some(waiting) = case.awaits_successor()
        && waiting.id == command.notice
        && command.why == WithdrawalReason::Mistaken
    {
        return Ok(abandoned(waiting, command));
    }
    let notice = live_notice(case, &command.notice)?;
    let superseded = command.why == WithdrawalReason::Superseded;
    if superseded != command.successor.is_some() {
        return Err(Rejection::SuccessorRequired {});
    }
    if let Some(successor) = &command.successor
        && case.notice(successor).is_some()
    {
        return Err(Rejection::SuccessorRequired {});
    }
    if let Some(successor) = &command.successor
        && case.knows_notice(successor)
    {
        return Err(Rejection::IdTaken {
            id: label(successor.as_str()),
        });
    }
    let bequest = if superseded {
        Some(bequest(world, case, notice, context)?)
    } else {
        None
    };
    let mut events = vec![Event::from(NoticeWithdrawn {
        command: command.clone(),
        bequest,
        voided_strike: notice.strike.as_deref().filter(|_| superseded).cloned(),
    })];
    events.extend(case.open_appeal().map(|it| endings::close_appeal(case, it)));
    events.extend(endings::lift(
        case,
        world.account,
        notice,
        LiftCause::Withdrawn,
        case.active_measures(&notice.id),
    ));
    if command.why == WithdrawalReason::Mistaken {
        events.extend(endings::seal(notice, |_| Some(SealReason::Mistaken)));
    }
    events.push(endings::close(case, notice, Closure::Withdrawn, &[]));
    Ok(events)
}

/// The successor is not to come after all: nothing of the matter is left.
fn abandoned(notice: &Notice, command: &WithdrawNotice) -> Vec<Event> {
    let withdrawn = Event::from(NoticeWithdrawn {
        command: command.clone(),
        bequest: None,
        voided_strike: None,
    });
    let sealed = endings::seal(notice, |_| Some(SealReason::Mistaken));
    std::iter::once(withdrawn).chain(sealed).collect()
}

/// What the successor goes on with: the dates that run, and of what is stopped or not certain yet, what is left.
fn bequest(
    world: World<'_>,
    case: &CaseState,
    notice: &Notice,
    context: Context<'_>,
) -> Result<Bequest, Rejection> {
    let dates = dates(world, case, notice)?;
    let params = &dates.clause().params;
    let inherited = |purpose: DeadlinePurpose, in_full: Period, stopped: Option<Period>| match case
        .deadline_for(&purpose)
    {
        None => (None, stopped),
        Some(running) if running.provisional => {
            (None, Some(dates.left_of(running, in_full, context.now)))
        }
        Some(running) => (Some(running.due), None),
    };
    let id = || notice.id.clone();
    let cure = DeadlinePurpose::Cure { notice: id() };
    let (cure_due, cure_left) = inherited(cure, params.cure, notice.cure.left);
    // What a reviewer gave holds for the successor too.
    let cure_due = cure_due.max(notice.cure.not_before);
    let window = DeadlinePurpose::Window { notice: id() };
    let (window_due, window_left) = inherited(window, params.appeal_window, notice.window.left);
    Ok(Bequest {
        attempts_used: notice.attempts_used,
        appeals_withdrawn: notice.appeals_withdrawn,
        of_warning: notice.standing == NoticeStanding::Warned,
        cure_due,
        cure_left,
        window_due,
        window_left,
    })
}

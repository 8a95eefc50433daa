//! Taking a notice back (rule 10).

use events_schema::{
    Bequest, Closure, Deadline, Event, LiftCause, NoticeStanding, NoticeWithdrawn, Period,
    Rejection, SealReason, WithdrawNotice, WithdrawalReason,
};

use super::endings;
use crate::{
    case_state::Notice,
    dates::label,
    matter::{InCase, Matter},
    periods::PartyPeriod,
};

pub(super) fn decide(at: InCase<'_>, command: &WithdrawNotice) -> Result<Vec<Event>, Rejection> {
    let case = at.case;
    // The notice has gone already; what is taken back is that a successor is to come.
    if let Some(waiting) = case.awaits_successor()
        && waiting.id == command.notice
        && command.why == WithdrawalReason::Mistaken
    {
        return Ok(abandoned(waiting, command));
    }
    let matter = at.notice(&command.notice)?;
    let notice = matter.notice;
    let superseded = command.why == WithdrawalReason::Superseded;
    // One that is superseded names who takes its place, and nothing else does (rule 10).
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
        Some(bequest(matter)?)
    } else {
        None
    };
    let mut events = vec![Event::from(NoticeWithdrawn {
        command: command.clone(),
        bequest,
        // The same facts are one strike, which the successor makes (rule 14).
        voided_strike: notice.strike.as_deref().filter(|_| superseded).cloned(),
    })];
    events.extend(case.open_appeal().map(|it| endings::close_appeal(case, it)));
    events.extend(endings::lift(
        matter,
        LiftCause::Withdrawn,
        case.active_measures(&notice.id),
    ));
    // What was a mistake is never penalised again (rule 10).
    if command.why == WithdrawalReason::Mistaken {
        events.extend(endings::seal(notice, |_| Some(SealReason::Mistaken)));
    }
    events.push(if superseded {
        endings::close_for_successor(matter)
    } else {
        endings::close(matter, Closure::Withdrawn, &[])
    });
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
fn bequest(matter: Matter<'_>) -> Result<Bequest, Rejection> {
    let Matter {
        notice, context, ..
    } = matter;
    let dates = matter.dates()?;
    let params = &dates.clause().params;
    let inherited =
        |running: Option<&Deadline>, in_full: Period, period: &PartyPeriod| match running {
            None => (None, period.left),
            Some(running) if running.provisional => {
                (None, Some(dates.left_of(running, in_full, context.now)))
            }
            Some(running) => (Some(running.due), None),
        };
    let (cure_due, cure_left) = inherited(matter.running_cure(), params.cure, &notice.cure);
    // What a reviewer gave holds for the successor too.
    let cure_due = cure_due.max(notice.cure.not_before);
    let (window_due, window_left) = inherited(
        matter.running_window(),
        params.appeal_window,
        &notice.window,
    );
    Ok(Bequest {
        attempts_used: notice.attempts_used,
        appeals_withdrawn: notice.appeals_withdrawn,
        warned_at: Some(notice.issued_at).filter(|_| notice.standing == NoticeStanding::Warned),
        cure_due,
        cure_left,
        window_due,
        window_left,
    })
}

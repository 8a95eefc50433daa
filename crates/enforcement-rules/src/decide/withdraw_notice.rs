//! Taking a notice back (domain rule 10).

use events_schema::{
    Bequest, Closure, DeadlinePurpose, Event, LiftCause, NoticeWithdrawn, Rejection, SealReason,
    WithdrawNotice, WithdrawalReason,
};

use super::{World, endings, live_notice};
use crate::case_state::CaseState;

pub(super) fn decide(
    world: World<'_>,
    case: &CaseState,
    command: &WithdrawNotice,
) -> Result<Vec<Event>, Rejection> {
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
    let due = |purpose: DeadlinePurpose| case.deadline_for(&purpose).map(|it| it.due);
    let bequest = superseded.then(|| Bequest {
        attempts_used: notice.attempts_used,
        cure_due: due(DeadlinePurpose::Cure {
            notice: notice.id.clone(),
        }),
        window_due: due(DeadlinePurpose::Window {
            notice: notice.id.clone(),
        }),
    });
    let mut events = vec![Event::NoticeWithdrawn(NoticeWithdrawn {
        command: command.clone(),
        bequest,
        voided_strike: notice.strike.clone().filter(|_| superseded),
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

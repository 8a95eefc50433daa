//! Taking a notice back as mistaken (rule 10).

use events_schema::{
    Closure, Event, LiftCause, NoticeWithdrawn, Rejection, SealReason, WithdrawNotice,
};

use super::endings;
use crate::matter::InCase;

pub(super) fn decide(at: InCase<'_>, command: &WithdrawNotice) -> Result<Vec<Event>, Rejection> {
    let case = at.case;
    let matter = at.notice(&command.notice)?;
    let notice = matter.notice;
    let mut events = vec![Event::from(NoticeWithdrawn {
        command: command.clone(),
    })];
    events.extend(case.open_appeal().map(|it| endings::close_appeal(case, it)));
    events.extend(endings::lift(
        matter,
        LiftCause::Withdrawn,
        case.active_measures(&notice.id),
    ));
    // What was a mistake is never penalised again.
    events.extend(endings::seal(notice, |_| Some(SealReason::Mistaken)));
    events.push(endings::close(matter, Closure::Withdrawn, &[]));
    Ok(events)
}

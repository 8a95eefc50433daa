//! Later penalties that had counted a strike that falls (rule 18).

use std::collections::BTreeSet;

use events_schema::{CaseId, Event, Instant, NoticeId, NoticeStanding, Rejection, Subject};

use super::Platform;
use crate::{
    account_state::{Strikes, voided_strike},
    decide::lowering,
    matter::{Context, InCase, World},
};

impl Platform {
    /// The penalties that may be of a lower step since these events, which are taken in.
    pub fn may_be_lowered<'e>(
        &self,
        events: impl Iterator<Item = &'e Event>,
    ) -> BTreeSet<(CaseId, NoticeId)> {
        let voided = events.filter_map(Event::of_case);
        let voided = voided.filter_map(voided_strike);
        let mut later = BTreeSet::new();
        for strike in voided {
            let of_account = self.account(&strike.account).map(|it| &it.strikes);
            let of_entity = self.entity(&strike.entity).map(|it| &it.strikes);
            for other in of_account
                .into_iter()
                .chain(of_entity)
                .flat_map(Strikes::iter)
            {
                if *other.clause == strike.clause && other.at >= strike.imposed_at {
                    later.insert((other.case.clone(), other.notice.clone()));
                }
            }
        }
        later
    }

    /// What becomes of a penalty that is of a lower step now; nothing where it is not, or where it has ended.
    ///
    /// # Errors
    /// The rejection, where it cannot be told.
    pub fn lower(
        &self,
        case: &CaseId,
        notice: &NoticeId,
        now: Instant,
    ) -> Result<Vec<Event>, Rejection> {
        let (state, party) = self.whose(Subject::Case(case));
        let restricts = state.and_then(|it| it.notice(notice)).is_some_and(|it| {
            matches!(
                it.standing,
                NoticeStanding::Penalised | NoticeStanding::Exhausted | NoticeStanding::OnRecord
            )
        });
        let Some((account, entity)) = party.filter(|_| restricts) else {
            return Ok(Vec::new());
        };
        let (nobody, no_entity) = Default::default();
        let world = World {
            case: state,
            at_issue: &self.at_issue,
            account: self.account(account).unwrap_or(&nobody),
            entity: self.entity(entity).unwrap_or(&no_entity),
            books: &self.books,
            held: None,
        };
        let actor = &super::service();
        let context = Context { now, actor };
        lowering::lower(InCase::known(world, case, context)?.notice(notice)?)
    }
}

//! Rule 18 from the events alone: a penalty goes no higher than what had been imposed when its act was found.

use std::collections::BTreeMap;

use events_schema::{CaseEvent, CaseId, Event, Instant, NoticeEvent, NoticeId, Strike};
use test_support::Happened;

/// The strikes that stand.
#[derive(Debug, Default)]
pub(crate) struct Laddered {
    standing: BTreeMap<(CaseId, NoticeId), (Strike, Instant)>,
}

impl Laddered {
    /// Takes in the next event and says what it breaks.
    pub(crate) fn witness(&mut self, happened: &Happened) -> Result<(), String> {
        let (Some(case), Event::Case(CaseEvent::Notice(event))) = (&happened.case, &happened.event)
        else {
            return Ok(());
        };
        if let NoticeEvent::PenaltyIssued(it) = event {
            let notice = (case.clone(), it.command.notice.clone());
            if it.terms.succeeds.is_none() && it.strike.imposed_at != happened.received {
                return Err("a strike has another date than its penalty".to_owned());
            }
            return self.impose(notice, &it.strike, it.strike.imposed_at);
        }
        if let NoticeEvent::PenaltyImposed(it) = event {
            let notice = (case.clone(), it.notice.clone());
            return self.impose(notice, &it.strike, it.strike.imposed_at);
        }
        let voided = if let NoticeEvent::FindingsSealed(it) = event {
            it.voided_strike.as_ref().map(|_| &it.notice)
        } else if let NoticeEvent::NoticeClosed(it) = event {
            it.voided_strike.as_ref().map(|_| &it.notice)
        } else {
            None
        };
        match voided.map(|notice| self.standing.remove(&(case.clone(), notice.clone()))) {
            Some(None) => Err("a strike falls that does not stand".to_owned()),
            Some(Some(_)) | None => Ok(()),
        }
    }

    fn impose(
        &mut self,
        notice: (CaseId, NoticeId),
        strike: &Strike,
        at: Instant,
    ) -> Result<(), String> {
        let counts = |(other, imposed): &&(Strike, Instant)| {
            other.clause == strike.clause
                && (other.account == strike.account || other.entity == strike.entity)
                && *imposed < strike.found_at
        };
        let highest = 1 + self.standing.values().filter(counts).count();
        if usize::try_from(strike.step).is_ok_and(|step| step > highest) {
            return Err(format!(
                "step {} where {highest} is the highest",
                strike.step
            ));
        }
        self.standing.insert(notice, (strike.clone(), at));
        Ok(())
    }
}

//! Rule 18 from the events alone: a penalty goes no higher than what had been imposed when its act was found.

use std::collections::{BTreeMap, BTreeSet};

use events_schema::{CaseEvent, CaseId, Event, Instant, NoticeEvent, NoticeId, Strike};
use test_support::Happened;

/// The strikes that stand.
#[derive(Debug, Default)]
pub(crate) struct Laddered {
    /// Penalties that restrict no more.
    ended: BTreeSet<(CaseId, NoticeId)>,
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
        if let NoticeEvent::PenaltyLowered(it) = event {
            let penalty = (case.clone(), it.notice.clone());
            let standing = self.standing.get_mut(&penalty);
            let standing = standing.ok_or("a penalty without a strike is lowered")?;
            if it.strike.step >= it.from || it.from != standing.0.step {
                return Err("a penalty is lowered to no lower step".to_owned());
            }
            standing.0 = it.strike.clone();
            return Ok(());
        }
        match event {
            NoticeEvent::NoticeClosed(it) => self.ended.insert((case.clone(), it.notice.clone())),
            NoticeEvent::NoticeComplied(it) => self.ended.insert((case.clone(), it.notice.clone())),
            _ => false,
        };
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

    /// No penalty that restricts is of a higher step than the strikes that still stand come to.
    pub(crate) fn compare(&self) -> Result<(), String> {
        for (penalty, (strike, _)) in &self.standing {
            let highest = self.highest(penalty, strike);
            if !self.ended.contains(penalty)
                && usize::try_from(strike.step).is_ok_and(|step| step > highest)
            {
                let (case, notice) = penalty;
                return Err(format!(
                    "{notice} of {case} is of step {} where {highest} is the highest now",
                    strike.step
                ));
            }
        }
        Ok(())
    }

    /// One more than the strikes that may count against an act.
    fn highest(&self, penalty: &(CaseId, NoticeId), strike: &Strike) -> usize {
        let counts = |(of, (other, imposed)): &(&(CaseId, NoticeId), &(Strike, Instant))| {
            *of != penalty
                && other.clause == strike.clause
                && (other.account == strike.account || other.entity == strike.entity)
                && *imposed < strike.found_at
        };
        1 + self.standing.iter().filter(counts).count()
    }

    fn impose(
        &mut self,
        notice: (CaseId, NoticeId),
        strike: &Strike,
        at: Instant,
    ) -> Result<(), String> {
        let highest = self.highest(&notice, strike);
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

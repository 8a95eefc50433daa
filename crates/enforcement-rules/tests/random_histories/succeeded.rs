//! Rule 10 from the events alone: whoever takes the place of a notice does so at once, and the time served counts.

use std::collections::BTreeMap;

use events_schema::{
    CapabilityId, CaseEvent, CaseId, Closure, Event, Instant, Measure, MeasureEvent, MeasureId,
    NoticeEvent, NoticeId, NoticeTerms,
};
use test_support::Happened;

/// The first two steps of the ladder of clause 4.2 allow so long.
const LONGEST_SECONDS: i64 = 7 * 86_400;

/// Who took whose place, and what was served.
#[derive(Debug, Default)]
pub(crate) struct Succeeded {
    /// Superseded, and its successor is the next event of the case.
    awaited: BTreeMap<CaseId, NoticeId>,
    before: BTreeMap<(CaseId, NoticeId), NoticeId>,
    measures: BTreeMap<(CaseId, MeasureId), Served>,
}

#[derive(Debug)]
struct Served {
    notice: NoticeId,
    capability: CapabilityId,
    since: Option<Instant>,
    seconds: i64,
}

impl Succeeded {
    /// Takes in the next event and says what it breaks.
    pub(crate) fn witness(&mut self, happened: &Happened) -> Result<(), String> {
        let (Some(case), Event::Case(event)) = (&happened.case, &happened.event) else {
            return Ok(());
        };
        let at = happened.received;
        let awaited = self.awaited.remove(case);
        match event {
            CaseEvent::Notice(NoticeEvent::WarningIssued(it)) => {
                self.follows(case, awaited, &it.command.notice, &it.terms)
            }
            CaseEvent::Notice(NoticeEvent::PenaltyIssued(it)) => {
                self.follows(case, awaited, &it.command.notice, &it.terms)?;
                let of_ladder = it.strike.clause.as_str() == "4.2" && it.strike.step <= 2;
                if of_ladder && it.command.ladder_override.is_none() {
                    self.check_served(case, &it.command.notice, &it.measures, at)?;
                }
                self.take(case, &it.command.notice, &it.measures, at);
                Ok(())
            }
            _ if awaited.is_some() => Err("a case is without its notice".to_owned()),
            CaseEvent::Notice(NoticeEvent::PenaltyImposed(it)) => {
                let warning = (case.clone(), it.warning.clone());
                if let Some(before) = self.before.get(&warning).cloned() {
                    self.before
                        .insert((case.clone(), it.notice.clone()), before);
                }
                if it.strike.clause.as_str() == "4.2" && it.strike.step <= 2 {
                    self.check_served(case, &it.notice, &it.measures, at)?;
                }
                self.take(case, &it.notice, &it.measures, at);
                Ok(())
            }
            CaseEvent::Notice(NoticeEvent::NoticeClosed(it)) => {
                if it.how == Closure::Superseded {
                    self.awaited.insert(case.clone(), it.notice.clone());
                }
                Ok(())
            }
            CaseEvent::Measure(event) => {
                self.change(case, event, at);
                Ok(())
            }
            CaseEvent::Notice(_)
            | CaseEvent::Rectification(_)
            | CaseEvent::Appeal(_)
            | CaseEvent::Deadline(_) => Ok(()),
        }
    }

    fn follows(
        &mut self,
        case: &CaseId,
        awaited: Option<NoticeId>,
        notice: &NoticeId,
        terms: &NoticeTerms,
    ) -> Result<(), String> {
        if awaited != terms.succeeds {
            return Err("another notice takes the place than says so".to_owned());
        }
        let Some(before) = awaited else { return Ok(()) };
        if self.before.contains_key(&(case.clone(), before.clone())) {
            return Err("a notice has more successors than there may be".to_owned());
        }
        self.before.insert((case.clone(), notice.clone()), before);
        Ok(())
    }

    fn check_served(
        &self,
        case: &CaseId,
        notice: &NoticeId,
        measures: &[Measure],
        now: Instant,
    ) -> Result<(), String> {
        let Some(before) = self.before.get(&(case.clone(), notice.clone())) else {
            return Ok(());
        };
        for measure in measures {
            let same = self.measures.iter().filter(|((of, _), it)| {
                of == case
                    && it.notice == *before
                    && it.capability == measure.restriction.capability
            });
            let served: i64 = same
                .map(|(_, it)| it.seconds + it.since.map_or(0, |since| now.seconds_since(since)))
                .sum();
            let more = measure
                .ends_at
                .map_or(i64::MAX, |end| end.seconds_since(measure.starts_at));
            if served.saturating_add(more) > LONGEST_SECONDS + 1 {
                return Err(format!(
                    "{} of {case} restricts for {more} s after {served} s, longer than its step allows",
                    measure.id
                ));
            }
        }
        Ok(())
    }

    fn take(&mut self, case: &CaseId, notice: &NoticeId, measures: &[Measure], at: Instant) {
        for measure in measures {
            let served = Served {
                notice: notice.clone(),
                capability: measure.restriction.capability.clone(),
                since: Some(measure.starts_at).filter(|start| *start <= at),
                seconds: 0,
            };
            self.measures
                .insert((case.clone(), measure.id.clone()), served);
        }
    }

    fn change(&mut self, case: &CaseId, event: &MeasureEvent, at: Instant) {
        let (ids, runs): (Vec<_>, bool) = match event {
            MeasureEvent::MeasureStarted(it) => (vec![&it.measure], true),
            MeasureEvent::MeasuresResumed(it) => (it.measures.iter().collect(), true),
            MeasureEvent::MeasureExpired(it) => (vec![&it.measure], false),
            MeasureEvent::MeasuresStayed(it) => (it.measures.iter().collect(), false),
            MeasureEvent::MeasuresLifted(it) => {
                (it.restored.iter().chain(&it.cancelled).collect(), false)
            }
        };
        for id in ids {
            if let Some(served) = self.measures.get_mut(&(case.clone(), id.clone())) {
                let since = served.since.take();
                served.seconds += since.map_or(0, |since| at.seconds_since(since).max(0));
                served.since = Some(at).filter(|_| runs);
            }
        }
    }
}

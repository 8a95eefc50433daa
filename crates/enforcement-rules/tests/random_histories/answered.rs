//! Rule 15 from the events alone: what was answered is raised again only on what the platform has captured since.

use std::collections::{BTreeMap, BTreeSet};

use events_schema::{
    AccountId, Capturer, CaseEvent, CaseId, Closure, Event, Finding, Instant, Label, NoticeEvent,
    NoticeId,
};
use test_support::Happened;

use crate::{auditor::issued, raised::read};

/// What has been raised, and when each place was answered last.
#[derive(Debug, Default)]
pub(crate) struct Answered {
    notices: BTreeMap<(CaseId, NoticeId), Vec<(Place, Finding)>>,
    /// Those that were put right, and answered then.
    on_record: BTreeSet<(CaseId, NoticeId)>,
    last: BTreeMap<Place, Instant>,
}

/// Of an account, under a clause.
type Place = (AccountId, Label, String);

impl Answered {
    /// Takes in the next event and says what it breaks.
    pub(crate) fn witness(&mut self, happened: &Happened) -> Result<(), String> {
        let (Some(case), Event::Case(CaseEvent::Notice(event))) = (&happened.case, &happened.event)
        else {
            return Ok(());
        };
        let of = |notice: &NoticeId| (case.clone(), notice.clone());
        if let Some((account, violation)) = issued(&happened.event) {
            let clause = &violation.rule.clause;
            let findings = violation.findings.iter().map(|finding| {
                let place = (account.clone(), clause.clone(), read(&finding.location));
                (place, finding.clone())
            });
            let findings: Vec<_> = findings.collect();
            for (place, finding) in &findings {
                let answered = self.last.get(place);
                let mut evidence = finding.evidence.iter();
                let since = |at: &Instant| {
                    let founds = |by| by == Capturer::Platform;
                    evidence.any(|it| founds(it.captured_by) && it.captured_at > *at)
                };
                if !answered.is_none_or(since) {
                    return Err("what was answered is raised again on old evidence".to_owned());
                }
            }
            if let NoticeEvent::WarningIssued(issued) = event {
                self.notices.insert(of(&issued.command.notice), findings);
            } else if let NoticeEvent::PenaltyIssued(issued) = event {
                self.notices.insert(of(&issued.command.notice), findings);
            }
        } else if let NoticeEvent::PenaltyImposed(imposed) = event {
            let warned = self.notices.get(&of(&imposed.warning)).cloned();
            self.notices.insert(
                of(&imposed.notice),
                warned.ok_or("an unknown warning lapsed")?,
            );
        } else if let NoticeEvent::NoticeComplied(complied) = event {
            let notice = of(&complied.notice);
            self.answer(&notice, happened.received);
            self.on_record.insert(notice);
        } else if let NoticeEvent::NoticeClosed(closed) = event {
            let notice = of(&closed.notice);
            let before = closed.how == Closure::Complied && self.on_record.contains(&notice);
            if !before && closed.how != Closure::Superseded {
                self.answer(&notice, happened.received);
            }
        }
        Ok(())
    }

    fn answer(&mut self, notice: &(CaseId, NoticeId), at: Instant) {
        let findings = self.notices.get(notice).into_iter().flatten();
        let places = findings.map(|(place, _)| (place.clone(), at));
        self.last.extend(places);
    }
}

//! The projections' own fold of the same events: it must tell of every case what the rules tell.

use std::collections::BTreeMap;

use events_schema::{CaseId, Event, Header, Sha256, Stream};
use projections::Case;
use test_support::{Happened, TestWorld};

/// The cases as the projections see them.
#[derive(Debug, Default)]
pub(crate) struct Witness {
    cases: BTreeMap<CaseId, Option<Case>>,
    revisions: BTreeMap<CaseId, u64>,
    position: u64,
}

impl Witness {
    /// Takes in the next event.
    pub(crate) fn witness(&mut self, happened: &Happened, world: &TestWorld) {
        self.position += 1;
        let Some(case) = &happened.case else { return };
        let revision = self.revisions.entry(case.clone()).or_default();
        *revision += 1;
        let state = world.cases().find(|it| it.case == *case);
        let header = Header {
            position: self.position,
            log_id: "0".repeat(32).into(),
            event_type: happened.event.event_type(),
            stream: Stream::Case(case.clone()),
            time: happened.received,
            revision: *revision,
            previous: None,
            account: state.map(|it| it.account.clone()),
            command_id: None,
            command_hash: None,
            correlation_id: None,
            causation: None,
            actor: happened.actor.clone(),
            received: None,
            rulebook: None,
            data_hash: Sha256([0; 32]),
        };
        let seen = self.cases.entry(case.clone()).or_default();
        if let Event::Case(event) = &happened.event {
            Case::apply(seen, &header, event);
        }
    }

    /// Compares the two folds.
    pub(crate) fn compare(&self, world: &TestWorld) -> Result<(), String> {
        for state in world.cases() {
            let seen = self.cases.get(&state.case).and_then(Option::as_ref);
            let shown = seen.and_then(projections::standing);
            let known = enforcement_rules::standing(state);
            if shown != known {
                return Err(format!(
                    "the projections show {shown:?}, the rules know {known:?}"
                ));
            }
            let live = state.live_notice().map(|notice| &notice.id);
            let view = seen.filter(|_| live.is_some()).map(Case::view);
            let notices = view.iter().flat_map(|view| &view.notices);
            let mut live = notices.filter(|notice| Some(&notice.id) == live);
            let shown = live.next().map_or(&[][..], |notice| &notice.entry.next);
            let known = enforcement_rules::next_steps(state);
            if shown != known {
                return Err(format!(
                    "the projections offer {shown:?}, the rules {known:?}"
                ));
            }
            let closed = seen.is_some_and(Case::is_closed);
            if closed != enforcement_rules::is_closed(state) {
                return Err(format!("is {} closed?", state.case));
            }
        }
        Ok(())
    }
}

//! Events on their way to the log: headers, bytes, and memory.

use event_log::{Commit, OwnedRecord};
use events_schema::{
    CommandId, Event, Header, Instant, Personal, Positions, RulebookVersion, Sha256, Stream,
};

use super::{Origin, Processor};
use crate::{Error, Recorded, memory::StreamHead, recorded::to_record};

impl Processor {
    /// Puts the events of one command into the group, and takes them into memory.
    pub(super) fn record(
        &mut self,
        stream: &Stream,
        events: Vec<Event>,
        origin: &Origin<'_>,
        now: Instant,
    ) -> Result<(Positions, u64), Error> {
        let time = self.memory.last_time.map_or(now, |last| last.max(now));
        let first = self.group.next_position;
        let mut records: Vec<OwnedRecord> = Vec::with_capacity(events.len());
        let mut revision = 0;
        let rulebook = self.rulebook_of(stream, &events);
        for (index, event) in events.into_iter().enumerate() {
            let is_first = index == 0;
            let head = self.memory.head(stream);
            revision = head.map_or(0, |head| head.revision) + 1;
            let mut header = Header {
                position: self.group.next_position,
                log_id: self.log_id.clone(),
                event_type: event.event_type(),
                stream: stream.clone(),
                time,
                revision,
                previous: head.map(|StreamHead { position, .. }| position),
                account: origin.account.clone(),
                command_id: Some(origin.command_id.clone()),
                command_hash: is_first.then_some(origin.command_hash),
                correlation_id: origin
                    .submission
                    .and_then(|submission| submission.correlation_id.clone()),
                causation: origin.causation,
                actor: origin.actor.clone(),
                received: Some(origin.received).filter(|at| is_first && *at != time),
                rulebook: rulebook.clone(),
                data_hash: Sha256([0; 32]),
            };
            let personal = origin
                .submission
                .filter(|_| is_first)
                .map_or_else(Personal::none, |submission| {
                    submission.command.personal.clone()
                });
            records.push(to_record(&mut header, &event, &personal));
            self.memory.apply(&header, &event, &self.reader)?;
            self.group
                .events
                .push((Recorded { header, event }, personal));
            self.group.next_position += 1;
        }
        self.group.commits.push(Commit { records });
        let positions = Positions {
            first,
            last: self.group.next_position.saturating_sub(1),
        };
        Ok((positions, revision))
    }

    /// The rulebook under which these events were decided: that of the notice they are about.
    fn rulebook_of(&self, stream: &Stream, events: &[Event]) -> Option<RulebookVersion> {
        let issued = events.first().and_then(|event| {
            if let Event::WarningIssued(issued) = event {
                Some(&issued.terms)
            } else if let Event::PenaltyIssued(issued) = event {
                Some(&issued.terms)
            } else {
                None
            }
        });
        let of_case = || match stream {
            Stream::Case(case) => {
                let notice = self.memory.case_at_hand(case)?.notices.last()?;
                Some(&notice.terms)
            }
            Stream::Account(_) | Stream::Rulebook | Stream::Calendar(_) | Stream::Log => None,
        };
        issued.or_else(of_case).map(|terms| terms.rulebook.clone())
    }

    /// Records events of the log itself.
    pub(crate) fn record_about_log(&mut self, event: Event, now: Instant) -> Result<(), Error> {
        let actor = self.deadlines.clone();
        let id = CommandId::internal("log", self.group.next_position);
        let origin = Origin {
            actor: &actor,
            submission: None,
            command_id: &id,
            command_hash: Sha256::of(id.as_str().as_bytes()),
            causation: None,
            received: now,
            account: None,
        };
        self.record(&Stream::Log, vec![event], &origin, now)?;
        Ok(())
    }
}

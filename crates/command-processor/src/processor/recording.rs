//! Events on their way to the log: headers, bytes, and memory.

use event_log::{Commit, MAX_RECORD_BYTES, OwnedRecord};
use events_schema::{
    CaseEvent, CommandId, Event, Header, Instant, Locale, NoticeEvent, Personal, Positions,
    Rejection, RulebookVersion, Sha256, Stream,
};

use super::{Origin, Processor};
use crate::{Error, Recorded, memory::StreamHead, recorded::to_record};

/// Bytes that a later event may take beyond this one: a warning that lapses says its measures again, and of each when
/// it starts and ends, with the deadline for that. No other event is followed by a larger one.
fn reserved_for_what_follows(event: &Event) -> usize {
    const OF_A_LAPSE: usize = 2 * 1024;
    const OF_A_MEASURE: usize = 704;
    if let Event::Case(CaseEvent::Notice(NoticeEvent::WarningIssued(issued))) = event {
        OF_A_LAPSE + issued.command.threatened_measures.len() * OF_A_MEASURE
    } else {
        0
    }
}

/// The events of one command with their bytes, on their way into the group.
pub(super) struct Prepared {
    events: Vec<(Recorded, Personal)>,
    records: Vec<OwnedRecord>,
}

impl Processor {
    /// Gives the events of one command their headers and bytes. Nothing has changed yet.
    ///
    /// # Errors
    /// The rejection, where one of them does not fit into a record.
    pub(super) fn prepare(
        &self,
        stream: &Stream,
        events: Vec<Event>,
        origin: &Origin<'_>,
        now: Instant,
    ) -> Result<Prepared, Rejection> {
        let time = self.memory.platform.time_of(&events, now);
        let rulebook = self.rulebook_of(stream, &events);
        let mut head = self.memory.head(stream);
        let mut prepared = Prepared {
            events: Vec::with_capacity(events.len()),
            records: Vec::with_capacity(events.len()),
        };
        for (position, event) in (self.group.next_position..).zip(events) {
            let is_first = position == self.group.next_position;
            let revision = head.map_or(0, |head| head.revision) + 1;
            let mut header = Header {
                position,
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
            let record = to_record(&mut header, &event, &personal);
            let bytes = record.header.len() + record.data.len();
            let max = MAX_RECORD_BYTES.saturating_sub(reserved_for_what_follows(&event));
            if bytes > max {
                return Err(Rejection::TooLarge {
                    bytes: bytes as u64,
                    max: max as u64,
                });
            }
            head = Some(StreamHead { position, revision });
            prepared.records.push(record);
            prepared.events.push((Recorded { header, event }, personal));
        }
        Ok(prepared)
    }

    /// Puts them into the group, and takes them into memory. Gives their positions and the revision of their stream.
    ///
    /// # Errors
    /// When the log cannot be read.
    pub(super) fn enter(&mut self, prepared: Prepared) -> Result<(Positions, u64), Error> {
        let first = self.group.next_position;
        let mut revision = 0;
        for (recorded, personal) in prepared.events {
            let Recorded { header, event } = &recorded;
            self.memory.apply(header, event, &self.reader)?;
            revision = header.revision;
            self.group.next_position += 1;
            self.group.events.push((recorded, personal));
        }
        self.group.commits.push(Commit {
            records: prepared.records,
        });
        let positions = Positions {
            first,
            last: self.group.next_position.saturating_sub(1),
        };
        Ok((positions, revision))
    }

    /// The rulebook under which these events were decided: that of the notice they are about.
    fn rulebook_of(&self, stream: &Stream, events: &[Event]) -> Option<RulebookVersion> {
        let issued = events.first().and_then(Event::of_case);
        let issued = issued.and_then(CaseEvent::issues).map(|it| it.terms);
        let of_case = || match stream {
            Stream::Case(case) => {
                let notice = self.memory.case_at_hand(case)?.notices.last()?;
                Some(&*notice.terms)
            }
            Stream::Account(_) | Stream::Rulebook | Stream::Calendar(_) | Stream::Log => None,
        };
        issued.or_else(of_case).map(|terms| terms.rulebook.clone())
    }

    /// Records what the service does by itself. That it fits was seen to when its cause was accepted, so that it does
    /// not is a broken invariant.
    pub(super) fn record(
        &mut self,
        stream: &Stream,
        events: Vec<Event>,
        origin: &Origin<'_>,
        now: Instant,
    ) -> Result<(), Error> {
        let prepared = self
            .prepare(stream, events, origin, now)
            .map_err(|rejection| Error::NotOurs {
                problem: format!(
                    "{} of {stream} cannot be recorded: {}",
                    origin.command_id.as_str(),
                    rejection.sentence(Locale::English)
                ),
            })?;
        self.enter(prepared)?;
        Ok(())
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
        self.record(&Stream::Log, vec![event], &origin, now)
    }
}

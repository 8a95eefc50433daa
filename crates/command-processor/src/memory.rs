//! Everything that the writer keeps in memory. All of it is a fold over the log and can be made again.
//!
//! What the rules decide on is in the platform: open cases in full, accounts, books, timers. Of a closed case there is
//! where its history ends, 32 bytes, and its id among the cases of its account; it is folded again from its own events,
//! walking back from its head, when somebody asks for it, and then kept for a while. One with a long history is kept for
//! good.

use std::collections::{HashMap, HashSet};

use enforcement_rules::{CaseInHand, CaseState, Platform, Sent, Step};
use event_log::LogReader;
use events_schema::{AccountId, CaseEvent, CaseId, Event, Header, Instant, Sha256, Stream};

use crate::{
    Error, history,
    lately::{Lately, Place},
    recorded::Recorded,
};

/// A case with more commands stays in memory when it is closed: it is folded at some 45 us an event, and there may be any
/// number of such cases. It takes 200 bytes a command, and the log five times as much.
const COMMANDS_OF_LONG: usize = 32;

/// What a case takes beside its commands and notices, in bytes, in round numbers.
const CASE_BYTES: usize = 2 * 1024;

/// What a notice takes, or a finding, step or measure of it.
const PART_BYTES: usize = 512;

/// The writer's memory.
#[derive(Debug, Default)]
pub(crate) struct Memory {
    /// What the rules decide on.
    pub(crate) platform: Platform,
    /// Where the history of every stream ends.
    pub(crate) heads: HashMap<StreamKey, StreamHead>,
    /// Positions of events that the fold needs beside the histories of open cases.
    pub(crate) lasting: Vec<u64>,
    /// The cases of each account, in the order in which they began.
    pub(crate) cases_of_accounts: HashMap<AccountId, Vec<CaseId>>,
    /// Cases that an event may have closed, and closed ones that were asked for, since memory was tidied.
    touched: HashSet<CaseId>,
    /// Closed cases that are not forgotten yet, and where each of them is among those.
    lately: Lately,
    places: HashMap<CaseId, Place>,
    /// Bytes of history that had to be read.
    read_back: usize,
}

/// A stream in 16 bytes: the first half of the SHA-256 of its name.
pub(crate) type StreamKey = u128;

/// Where the history of a stream ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct StreamHead {
    /// The position of its last event.
    pub(crate) position: u64,
    /// How many events it has.
    pub(crate) revision: u64,
}

/// The key of a stream.
pub(crate) fn key_of(stream: &Stream) -> StreamKey {
    let Sha256(digest) = Sha256::of(stream.to_string().as_bytes());
    digest
        .iter()
        .take(16)
        .fold(0, |key, byte| key << 8 | u128::from(*byte))
}

/// Whether to fold a case again would keep everybody waiting.
fn is_long(case: &CaseInHand) -> bool {
    case.seen().all().len() > COMMANDS_OF_LONG
}

fn bytes(case: &CaseInHand) -> usize {
    let notices = case.state().into_iter().flat_map(|state| &state.notices);
    let parts = notices.map(|it| 1 + it.findings.len() + it.steps.len() + it.threatened.len());
    CASE_BYTES + PART_BYTES * parts.sum::<usize>() + case.seen().bytes()
}

impl Memory {
    /// Where the history of a stream ends.
    pub(crate) fn head(&self, stream: &Stream) -> Option<StreamHead> {
        self.heads.get(&key_of(stream)).copied()
    }

    /// The state of a case that is in memory already.
    pub(crate) fn case_at_hand(&self, id: &CaseId) -> Option<&CaseState> {
        self.platform.case(id)
    }

    /// Takes in an event of the log, in order of position.
    pub(crate) fn apply(
        &mut self,
        header: &Header,
        event: &Event,
        reader: &LogReader,
    ) -> Result<(), Error> {
        // The first event of a case has no history to look for.
        if let Stream::Case(case) = &header.stream
            && header.revision > 1
        {
            self.load(case, reader)?;
        }
        let head = StreamHead {
            position: header.position,
            revision: header.revision,
        };
        self.heads.insert(key_of(&header.stream), head);
        if let (Stream::Case(case), Some(account), 1) =
            (&header.stream, &header.account, header.revision)
        {
            let cases = self.cases_of_accounts.entry(account.clone());
            let cases = cases.or_insert_with(|| Vec::with_capacity(1));
            cases.push(case.clone());
        }
        if self.platform.apply(header, event) {
            self.lasting.push(header.position);
        }
        if let Stream::Case(case) = &header.stream {
            self.touch(case);
        }
        Ok(())
    }

    /// What an event changes beside heads and cases, for ever.
    pub(crate) fn apply_lasting(&mut self, header: &Header, event: &Event) {
        if self.platform.apply_lasting(header, event) {
            self.lasting.push(header.position);
        }
    }

    /// What an event changes in its case, which must be in memory.
    pub(crate) fn apply_to_case(&mut self, id: &CaseId, header: &Header, event: &CaseEvent) {
        self.platform.apply_to_case(id, header, event);
        self.touch(id);
    }

    fn touch(&mut self, id: &CaseId) {
        if !self.touched.contains(id) {
            self.touched.insert(id.clone());
        }
    }

    /// What a command comes to. A closed case that it is about is in hand again.
    pub(crate) fn step(&mut self, sent: &Sent<'_>, received: Instant) -> Step {
        let subject = sent.command.subject();
        if let Some(case) = subject.case()
            && self.places.contains_key(case)
        {
            self.touch(case);
        }
        let Self {
            platform, heads, ..
        } = self;
        platform.step(sent, received, || {
            let head = heads.get(&key_of(&subject.stream()));
            head.map_or(0, |head| head.revision)
        })
    }

    /// Folds a case into memory from its own events, if it exists and is not there.
    pub(crate) fn load(&mut self, id: &CaseId, reader: &LogReader) -> Result<(), Error> {
        if self.platform.has(id) {
            return Ok(());
        }
        let Some(head) = self.head(&Stream::Case(id.clone())) else {
            return Ok(());
        };
        let mut case = Box::<CaseInHand>::default();
        self.read_back += history::for_each(head.position, reader, |recorded| {
            let Recorded { header, event } = recorded;
            if let Event::Case(event) = event {
                case.take_in(header, event);
            }
        })?;
        self.platform.restore(id.clone(), case);
        self.touch(id);
        Ok(())
    }

    /// Drops cases that are closed, but for long ones and for some that were in hand last. Only what is on disk may be
    /// dropped, so this is called after a commit.
    pub(crate) fn forget_closed(&mut self) {
        for id in self.touched.drain() {
            if let Some(place) = self.places.remove(&id) {
                self.lately.remove(place);
            }
            let Some(case) = self.platform.case_in_hand(&id) else {
                continue;
            };
            if case.is_closed() && !is_long(case) {
                let place = self.lately.add(id.clone(), bytes(case));
                self.places.insert(id, place);
            }
        }
        while let Some(id) = self.lately.pop_surplus() {
            self.platform.forget(&id);
            self.places.remove(&id);
        }
    }

    /// How many bytes of history had to be read since this was asked last.
    pub(crate) fn take_read_back(&mut self) -> usize {
        std::mem::take(&mut self.read_back)
    }

    /// The positions of the events of open cases and of long ones, ascending.
    pub(crate) fn events_of_cases_in_memory(&self) -> Vec<u64> {
        let cases = self.platform.cases();
        let cases = cases.filter(|case| !case.is_closed() || is_long(case));
        // Every event of a case belongs to a command, and the events of one stand in a row.
        let commands = cases.flat_map(|case| case.seen().all());
        let mut positions: Vec<_> = commands.flat_map(|it| it.first..=it.last).collect();
        positions.sort_unstable();
        positions
    }
}

#[cfg(test)]
mod tests {
    use events_schema::{DeadlineChanges, MeasureStarted};
    use test_support::{DEV7, parsed, withdraw_appeal};

    use super::*;
    use crate::lately::LATELY_BYTES_MAX;

    /// A command of one event, which changes nothing since there is no case.
    fn note(case: &mut CaseInHand, number: u64) {
        let event = Event::from(MeasureStarted {
            measure: "M1".parse().unwrap(),
            deadlines: DeadlineChanges::default(),
        });
        let header = Header {
            position: number,
            log_id: "0123456789abcdef0123456789abcdef".into(),
            event_type: event.event_type(),
            stream: "case/C1".parse().unwrap(),
            time: Instant::from_microseconds(0),
            revision: number + 1,
            previous: None,
            account: None,
            command_id: Some(format!("c-{number}").parse().unwrap()),
            command_hash: Some(Sha256::of(b"a command")),
            correlation_id: None,
            causation: None,
            actor: "party:dev7".parse().unwrap(),
            received: None,
            rulebook: None,
            data_hash: Sha256([0; 32]),
        };
        case.take_in(&header, event.of_case().unwrap());
    }

    fn closed(memory: &mut Memory, name: &str, commands: u64) {
        let id: CaseId = name.parse().unwrap();
        let mut case = Box::<CaseInHand>::default();
        for number in 0..commands {
            note(&mut case, number);
        }
        memory.platform.restore(id.clone(), case);
        memory.touched.insert(id);
        memory.forget_closed();
    }

    fn has(memory: &Memory, name: &str) -> bool {
        memory.platform.has(&name.parse::<CaseId>().unwrap())
    }

    #[test]
    fn closed_cases_are_kept_up_to_a_bound_and_those_that_were_in_hand_last_are() {
        let mut memory = Memory::default();
        let (actor, command) = parsed(DEV7, withdraw_appeal("A1"));
        let all = 3 * LATELY_BYTES_MAX / CASE_BYTES;
        for number in 0..all {
            closed(&mut memory, &format!("C{number}"), 0);
            // This one is asked about again and again, and refused.
            let sent = Sent {
                actor: &actor,
                command_id: &"again".parse().unwrap(),
                expected_revision: None,
                command: &command.command,
                hash: command.hash,
            };
            let step = memory.step(&sent, Instant::from_microseconds(0));
            assert!(matches!(step, Step::Refused(_)), "{step:?}");
        }
        assert!(memory.lately.bytes() <= LATELY_BYTES_MAX);
        assert_eq!(
            memory.platform.cases().count(),
            LATELY_BYTES_MAX / CASE_BYTES
        );
        assert!(has(&memory, "C1") && has(&memory, &format!("C{}", all - 1)));
        assert!(!has(&memory, "C0") && !has(&memory, "C2"));
    }

    #[test]
    fn a_long_one_is_kept_whatever_comes_after_it() {
        let mut memory = Memory::default();
        closed(&mut memory, "long", COMMANDS_OF_LONG as u64 + 1);
        closed(&mut memory, "short", COMMANDS_OF_LONG as u64);
        for number in 0..2 * LATELY_BYTES_MAX / CASE_BYTES {
            closed(&mut memory, &format!("C{number}"), 0);
        }
        assert!(has(&memory, "long") && !has(&memory, "short"));
    }
}

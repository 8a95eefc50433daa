//! Everything that the writer keeps in memory. All of it is a fold over the log and can be made again.
//!
//! Open cases are kept in full. Of a closed one there is where its history ends, 32 bytes, and its id among the
//! cases of its account; it is folded again from its own events, walking back from its head, when somebody
//! asks for it, and then kept for a while. One with a long history is kept for good.

use std::collections::{BTreeMap, HashMap, HashSet};

use enforcement_rules::{
    AccountState, AtIssue, Books, CaseState, EntityState, Occurrence, concerns_account, evolve,
    evolve_account, evolve_entity, is_closed, strike_of,
};
use event_log::LogReader;
use events_schema::{
    AccountEvent, AccountId, CalendarId, CaseEvent, CaseId, CommandId, DeadlineId, EntityId, Event,
    Header, Instant, LogEvent, NoticeEvent, Sha256, SharedTerms, Stream,
};

use crate::{
    Error, history,
    hold::Hold,
    lately::{Lately, Place},
    recorded::Recorded,
    seen::{SeenCommand, SeenCommands},
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
    /// Where the history of every stream ends.
    pub(crate) heads: HashMap<StreamKey, StreamHead>,
    /// Cases in full: the open ones, closed ones that are long, and others that were asked for of late.
    cases: HashMap<CaseId, Box<CaseInMemory>>,
    /// What their notices are about.
    pub(crate) at_issue: AtIssue,
    shared_terms: SharedTerms,
    /// Accounts that have something on record.
    accounts: HashMap<AccountId, AccountState>,
    entities: HashMap<EntityId, EntityState>,
    pub(crate) books: Books,
    /// The commands of the streams that belong to the whole platform.
    seen: HashMap<Stream, SeenCommands>,
    /// Open deadlines that can fire, soonest first, with the position of the event that set them.
    timers: BTreeMap<(Instant, CaseId, DeadlineId), u64>,
    /// Open deadlines that wait for a newer calendar, likewise.
    provisional: BTreeMap<(CalendarId, CaseId, DeadlineId), u64>,
    /// Refused filings of accounts today, those included that are only counted.
    refusals: HashMap<AccountId, (i64, u32)>,
    /// Positions of events that the fold needs beside the histories of open cases.
    pub(crate) lasting: Vec<u64>,
    /// The cases of each account, in the order in which they began.
    pub(crate) cases_of_accounts: HashMap<AccountId, Vec<CaseId>>,
    /// Cases that an event may have closed, and closed ones that were asked for, since memory was tidied.
    touched: HashSet<CaseId>,
    /// Closed cases that are not forgotten yet.
    lately: Lately,
    /// Bytes of history that had to be read.
    read_back: usize,
    /// The time of the last event.
    pub(crate) last_time: Option<Instant>,
    /// What the service holds still for, until a release.
    pub(crate) hold: Option<Hold>,
    /// Whether a takeover began and has not ended.
    pub(crate) taking_over: bool,
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

#[derive(Debug, Default)]
struct CaseInMemory {
    state: Option<CaseState>,
    /// Its commands.
    seen: SeenCommands,
    /// Where it is closed and yet here.
    place: Option<Place>,
}

/// The key of a stream.
pub(crate) fn key_of(stream: &Stream) -> StreamKey {
    let Sha256(digest) = Sha256::of(stream.to_string().as_bytes());
    digest
        .iter()
        .take(16)
        .fold(0, |key, byte| key << 8 | u128::from(*byte))
}

impl CaseInMemory {
    fn is_closed(&self) -> bool {
        self.state.as_ref().is_none_or(is_closed)
    }

    /// Whether to fold it again would keep everybody waiting.
    fn is_long(&self) -> bool {
        self.seen.iter().len() > COMMANDS_OF_LONG
    }

    fn bytes(&self) -> usize {
        let notices = self.state.iter().flat_map(|state| &state.notices);
        let parts = notices.map(|it| 1 + it.findings.len() + it.steps.len() + it.threatened.len());
        CASE_BYTES + PART_BYTES * parts.sum::<usize>() + self.seen.bytes()
    }
}

impl Memory {
    /// Where the history of a stream ends.
    pub(crate) fn head(&self, stream: &Stream) -> Option<StreamHead> {
        self.heads.get(&key_of(stream)).copied()
    }

    /// The state of a case; `None` if it does not exist.
    pub(crate) fn case(
        &mut self,
        id: &CaseId,
        reader: &LogReader,
    ) -> Result<Option<&CaseState>, Error> {
        self.load(id, reader)?;
        Ok(self.cases.get(id).and_then(|case| case.state.as_ref()))
    }

    /// The state of a case that is in memory already.
    pub(crate) fn case_at_hand(&self, id: &CaseId) -> Option<&CaseState> {
        self.cases.get(id).and_then(|case| case.state.as_ref())
    }

    pub(crate) fn account(&self, id: &AccountId) -> Option<&AccountState> {
        self.accounts.get(id)
    }

    pub(crate) fn entity(&self, id: &EntityId) -> Option<&EntityState> {
        self.entities.get(id)
    }

    /// The accepted command of this id in a stream. A case must be in memory.
    pub(crate) fn seen(&self, stream: &Stream, id: &CommandId) -> Option<&SeenCommand> {
        let seen = match stream {
            Stream::Case(case) => &self.cases.get(case)?.seen,
            Stream::Account(_) | Stream::Rulebook | Stream::Calendar(_) | Stream::Log => {
                self.seen.get(stream)?
            }
        };
        seen.get(id)
    }

    /// The case of the next deadline that can fire, if it is due by then.
    pub(crate) fn next_due(&self, by: Instant) -> Option<CaseId> {
        let ((due, case, _), _) = self.timers.first_key_value()?;
        (*due <= by).then(|| case.clone())
    }

    /// The position of the event that set an open deadline. The case must be in memory.
    pub(crate) fn set_at(&self, case: &CaseId, id: &DeadlineId) -> Option<u64> {
        let deadline = self.case_at_hand(case)?.deadline(id)?;
        let (case, id) = (case.clone(), id.clone());
        if deadline.provisional {
            let waiting = (deadline.calendar.clone(), case, id);
            self.provisional.get(&waiting).copied()
        } else {
            self.timers.get(&(deadline.due, case, id)).copied()
        }
    }

    /// Counts a refused filing of an account. The number of the day goes on from what is on record.
    pub(crate) fn count_refusal(&mut self, account: &AccountId, day: i64, on_record: u32) -> u32 {
        let (counted_day, number) = self.refusals.entry(account.clone()).or_insert((day, 0));
        if *counted_day != day {
            (*counted_day, *number) = (day, 0);
        }
        *number = number.saturating_add(1).max(on_record);
        *number
    }

    /// When the next deadline falls due.
    pub(crate) fn next_due_at(&self) -> Option<Instant> {
        self.timers.first_key_value().map(|((due, ..), _)| *due)
    }

    /// How many deadlines are due by then, counted one by one.
    pub(crate) fn overdue(&self, by: Instant) -> u64 {
        self.timers
            .keys()
            .take_while(|(due, ..)| *due <= by)
            .count() as u64
    }

    /// The deadlines that wait for a newer version of this calendar.
    pub(crate) fn waiting_for(&self, calendar: &CalendarId) -> Vec<(CaseId, DeadlineId)> {
        self.provisional
            .keys()
            .filter(|(id, ..)| id == calendar)
            .map(|(_, case, deadline)| (case.clone(), deadline.clone()))
            .collect()
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
        self.apply_outside_cases(header, event);
        if let (Stream::Case(case), Event::Case(event)) = (&header.stream, event) {
            self.apply_to_case(case, header, event);
        }
        Ok(())
    }

    /// What an event changes beside its case: heads, accounts, books, commands of the platform.
    pub(crate) fn apply_outside_cases(&mut self, header: &Header, event: &Event) {
        self.heads.insert(
            key_of(&header.stream),
            StreamHead {
                position: header.position,
                revision: header.revision,
            },
        );
        self.last_time = if leaves_the_future_behind(event) {
            Some(header.time)
        } else {
            self.last_time.max(Some(header.time))
        };
        if let (Stream::Case(case), Some(account), 1) =
            (&header.stream, &header.account, header.revision)
        {
            let cases = self.cases_of_accounts.entry(account.clone());
            let cases = cases.or_insert_with(|| Vec::with_capacity(1));
            cases.push(case.clone());
        }
        self.apply_lasting(header, event);
    }

    /// What an event changes beside heads and cases, for ever.
    pub(crate) fn apply_lasting(&mut self, header: &Header, event: &Event) {
        let received = header.received.unwrap_or(header.time);
        match (&header.stream, event) {
            (Stream::Case(case), Event::Case(event)) if concerns_account(event) => {
                self.lasting.push(header.position);
                if let Some(account) = &header.account {
                    let state = self.accounts.entry(account.clone()).or_default();
                    evolve_account(state, case, received, event);
                }
                if let Some(strike) = strike_of(event) {
                    let state = self.entities.entry(strike.entity.clone()).or_default();
                    evolve_entity(state, case, received, event);
                }
            }
            (Stream::Case(_), _) => {}
            (Stream::Account(account), event) => {
                self.lasting.push(header.position);
                if let Event::Account(AccountEvent::FilingRefused(refused)) = event {
                    let state = self.accounts.entry(account.clone()).or_default();
                    let refusals = &mut state.refusals;
                    refusals.take_in(refused, header.command_id.as_ref(), received);
                }
            }
            (Stream::Rulebook | Stream::Calendar(_) | Stream::Log, event) => {
                self.lasting.push(header.position);
                match event {
                    Event::Books(event) => self.books.evolve(event),
                    Event::Log(event) => self.apply_to_log(event),
                    Event::Case(_) | Event::Account(_) => {}
                }
                let seen = self.seen.entry(header.stream.clone()).or_default();
                seen.note(header);
            }
        }
    }

    /// What an event of the log itself changes: whether the service holds still, or takes over a history.
    fn apply_to_log(&mut self, event: &LogEvent) {
        match event {
            LogEvent::BackfillStarted(_) => self.taking_over = true,
            LogEvent::BackfillCompleted(_) => self.taking_over = false,
            LogEvent::DeadlinesHeld(held) => self.hold = Some(Hold::of(held)),
            LogEvent::DeadlinesReleased(_) => self.hold = None,
            LogEvent::LogCreated(_) | LogEvent::RollbackAccepted(_) => {}
        }
    }

    /// What an event changes in its case, which must be in memory.
    pub(crate) fn apply_to_case(&mut self, id: &CaseId, header: &Header, event: &CaseEvent) {
        let case = self.cases.entry(id.clone()).or_default();
        if let Some(changes) = event.deadlines()
            && let Some(state) = &case.state
        {
            for ended in changes.ended() {
                if let Some(deadline) = state.deadline(ended) {
                    let at = (deadline.due, id.clone(), ended.clone());
                    self.timers.remove(&at);
                    let waiting = (deadline.calendar.clone(), id.clone(), ended.clone());
                    self.provisional.remove(&waiting);
                }
            }
        }
        self.at_issue
            .evolve(&mut case.state, occurrence(header, event));
        case.seen.note(header);
        if begins_a_notice(event)
            && let Some(notice) = case.state.as_mut().and_then(|it| it.notices.last_mut())
        {
            self.shared_terms.share(&mut notice.terms);
        }
        if let Some(changes) = event.deadlines() {
            for deadline in &changes.set {
                let (case, id) = (id.clone(), deadline.id.clone());
                if deadline.provisional {
                    let waiting = (deadline.calendar.clone(), case, id);
                    self.provisional.insert(waiting, header.position);
                } else {
                    self.timers
                        .insert((deadline.due, case, id), header.position);
                }
            }
        }
        if !self.touched.contains(id) {
            self.touched.insert(id.clone());
        }
    }

    /// Folds a case into memory from its own events, if it exists and is not there.
    fn load(&mut self, id: &CaseId, reader: &LogReader) -> Result<(), Error> {
        if let Some(case) = self.cases.get(id) {
            if case.place.is_some() {
                self.touched.insert(id.clone());
            }
            return Ok(());
        }
        let Some(head) = self.head(&Stream::Case(id.clone())) else {
            return Ok(());
        };
        let mut case = Box::<CaseInMemory>::default();
        self.read_back += history::for_each(head.position, reader, |recorded| {
            let Recorded { header, event } = recorded;
            // It left because it was closed, and so has nothing at issue.
            if let Event::Case(event) = event {
                evolve(&mut case.state, occurrence(header, event));
            }
            case.seen.note(header);
        })?;
        self.cases.insert(id.clone(), case);
        self.touched.insert(id.clone());
        Ok(())
    }

    /// Drops cases that are closed, but for long ones and for some that were in hand last. Only what is on disk may be
    /// dropped, so this is called after a commit.
    pub(crate) fn forget_closed(&mut self) {
        for id in self.touched.drain() {
            let Some(case) = self.cases.get_mut(&id) else {
                continue;
            };
            if let Some(place) = case.place.take() {
                self.lately.remove(place);
            }
            if case.is_closed() && !case.is_long() {
                case.place = Some(self.lately.add(id, case.bytes()));
            }
        }
        while let Some(id) = self.lately.pop_surplus() {
            self.cases.remove(&id);
        }
    }

    /// How many bytes of history had to be read since this was asked last.
    pub(crate) fn take_read_back(&mut self) -> usize {
        std::mem::take(&mut self.read_back)
    }

    /// The positions of the events of open cases and of long ones, ascending.
    pub(crate) fn events_of_cases_in_memory(&self) -> Vec<u64> {
        let stay = |case: &CaseInMemory| !case.is_closed() || case.is_long();
        let cases = self.cases.values().filter(|case| stay(case));
        // Every event of a case belongs to a command, and the events of one stand in a row.
        let commands = cases.flat_map(|case| case.seen.iter());
        let mut positions: Vec<_> = commands.flat_map(|it| it.first..=it.last).collect();
        positions.sort_unstable();
        positions
    }
}

/// Whether time goes back with this event, which the administrator has asked for.
pub(crate) const fn leaves_the_future_behind(event: &Event) -> bool {
    if let Event::Log(LogEvent::DeadlinesReleased(released)) = event {
        released.left_behind.is_some()
    } else {
        false
    }
}

fn begins_a_notice(event: &CaseEvent) -> bool {
    matches!(
        event,
        CaseEvent::Notice(
            NoticeEvent::WarningIssued(_)
                | NoticeEvent::PenaltyIssued(_)
                | NoticeEvent::PenaltyImposed(_)
        )
    )
}

fn occurrence<'a>(header: &'a Header, event: &'a CaseEvent) -> Occurrence<'a> {
    Occurrence {
        event,
        actor: &header.actor,
        received: header.received.unwrap_or(header.time),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lately::LATELY_BYTES_MAX;

    fn closed(memory: &mut Memory, name: &str, commands: u64) {
        let id: CaseId = name.parse().unwrap();
        let mut case = Box::<CaseInMemory>::default();
        case.seen = SeenCommands::of_so_many(commands);
        memory.cases.insert(id.clone(), case);
        memory.touched.insert(id);
        memory.forget_closed();
    }

    fn has(memory: &Memory, name: &str) -> bool {
        memory.cases.contains_key(&name.parse::<CaseId>().unwrap())
    }

    #[test]
    fn closed_cases_are_kept_up_to_a_bound_and_those_that_were_in_hand_last_are() {
        let mut memory = Memory::default();
        let all = 3 * LATELY_BYTES_MAX / CASE_BYTES;
        for number in 0..all {
            closed(&mut memory, &format!("C{number}"), 0);
            // This one is asked for again and again.
            memory.touched.insert("C0".parse().unwrap());
        }
        assert!(memory.lately.bytes() <= LATELY_BYTES_MAX);
        assert_eq!(memory.cases.len(), LATELY_BYTES_MAX / CASE_BYTES);
        assert!(has(&memory, "C0") && has(&memory, &format!("C{}", all - 1)));
        assert!(!has(&memory, "C1"));
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

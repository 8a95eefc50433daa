//! A platform without I/O: everything that the rules decide on, as a fold over the log, with the order of checks, the
//! timers, and what is on record of refusals. One machine for the service, for tests, and for whoever follows a log.
//!
//! It is asked what a command comes to ([`Platform::step`]) and which deadline is next ([`Platform::due`]); what happens
//! is decided there, made to last by whoever asked, and taken in again ([`Platform::apply`]). It reads nothing: where a
//! case has left memory it says so.

mod by_id;
mod hold;
mod lowered;
mod refusal;
mod seen;
mod sent;
mod step;
mod timers;

use std::collections::BTreeSet;

use events_schema::{
    AccountEvent, AccountId, Actor, CalendarId, CaseEvent, CaseId, CaseStanding, CommandId,
    DeadlineId, EntityId, Event, Header, Instant, LogEvent, SharedTerms, Stream, Subject,
};

use self::{by_id::ById, timers::Timers};
pub use self::{
    hold::Hold,
    refusal::Refusal,
    seen::{SeenCommand, SeenCommands},
    sent::Sent,
    step::Step,
};
use crate::{
    account_state::{
        AccountState, EntityState, concerns_account, evolve_account, evolve_entity, strike_of,
    },
    at_issue::AtIssue,
    books::Books,
    case_state::CaseState,
    evolve::{Occurrence, evolve, is_closed},
    pending::passed_first,
    standing::standing,
};

const SERVICE: &str = "service:deadlines";

/// Who acts where the service does something by itself.
#[expect(clippy::expect_used, reason = "a constant that a test reads")]
pub fn service() -> Actor {
    SERVICE.parse().expect("an actor")
}

/// A platform.
#[derive(Debug, Clone, Default)]
pub struct Platform {
    books: Books,
    /// Cases in full, as far as they are in memory.
    cases: ById<CaseId, Box<CaseInHand>>,
    /// What their open notices are about.
    at_issue: AtIssue,
    shared_terms: SharedTerms,
    /// Accounts that have something on record.
    accounts: ById<AccountId, AccountState>,
    entities: ById<EntityId, EntityState>,
    /// The commands of the streams that belong to the whole platform.
    seen: ById<Stream, SeenCommands>,
    timers: Timers,
    /// Refused filings of accounts today, those included that are only counted.
    refusals: ById<AccountId, (i64, u32)>,
    last_time: Option<Instant>,
    hold: Option<Hold>,
    taking_over: bool,
}

/// A case with the commands that it has accepted.
#[derive(Debug, Clone, Default)]
pub struct CaseInHand {
    state: Option<CaseState>,
    seen: SeenCommands,
}

impl CaseInHand {
    /// Takes in an event of the case, in their order.
    pub fn take_in(&mut self, header: &Header, event: &CaseEvent) {
        evolve(&mut self.state, occurrence(header, event));
        self.seen.note(header);
    }

    /// Its state.
    pub const fn state(&self) -> Option<&CaseState> {
        self.state.as_ref()
    }

    /// Its commands.
    pub const fn seen(&self) -> &SeenCommands {
        &self.seen
    }

    /// Whether nothing about it can happen by itself any more.
    pub fn is_closed(&self) -> bool {
        self.state.as_ref().is_none_or(is_closed)
    }
}

impl Platform {
    /// One whose last event had this time, before anything else is taken in.
    pub fn resumed_at(last_time: Instant) -> Self {
        Self {
            last_time: Some(last_time),
            ..Self::default()
        }
    }

    /// Rulebooks and calendars.
    pub const fn books(&self) -> &Books {
        &self.books
    }

    /// A case that is in memory.
    pub fn case(&self, id: &CaseId) -> Option<&CaseState> {
        self.case_in_hand(id)?.state()
    }

    /// The same, for who may see it. A party sees its own alone, and is told the same of another's as of none.
    fn case_for(&self, actor: &Actor, id: &CaseId) -> Option<&CaseState> {
        self.case(id).filter(|case| actor.sees(&case.account))
    }

    /// Whether a case is in memory.
    pub fn has(&self, id: &CaseId) -> bool {
        self.cases.contains_key(id)
    }

    /// A case that is in memory, with its commands.
    pub fn case_in_hand(&self, id: &CaseId) -> Option<&CaseInHand> {
        self.cases.get(id).map(AsRef::as_ref)
    }

    /// Every case that is in memory, in no order that means anything.
    pub fn cases(&self) -> impl Iterator<Item = &CaseInHand> + Clone {
        self.cases.values().map(AsRef::as_ref)
    }

    /// What is known of an account across its cases.
    pub fn account(&self, id: &AccountId) -> Option<&AccountState> {
        self.accounts.get(id)
    }

    /// What is known of an entity across its accounts.
    pub fn entity(&self, id: &EntityId) -> Option<&EntityState> {
        self.entities.get(id)
    }

    /// What the service holds still for, until a release.
    pub const fn hold(&self) -> Option<&Hold> {
        self.hold.as_ref()
    }

    /// Whether the history of another platform is only taken over in part.
    pub const fn is_taking_over(&self) -> bool {
        self.taking_over
    }

    /// The time of the last event.
    pub const fn last_time(&self) -> Option<Instant> {
        self.last_time
    }

    /// When the next deadline falls due that can fire.
    pub fn next_due(&self) -> Option<Instant> {
        self.timers.next().map(|(due, ..)| due)
    }

    /// The next deadline that fires, if it is due by then and nothing holds. Of one case, the one that fell due first,
    /// and of several that did at the same instant, the one that was set first.
    ///
    /// A timer whose deadline is not in its case would be a fault of ours. It is given out as well, so that whoever
    /// reaches it is told, and does not ask for it for ever.
    pub fn due(&self, by: Instant) -> Option<(CaseId, DeadlineId)> {
        if self.hold.is_some() {
            return None;
        }
        let (due, case, timed) = self.timers.next()?;
        if due > by {
            return None;
        }
        let first = self.case(case).and_then(|it| passed_first(it, by));
        let deadline = first.map_or(timed, |deadline| &deadline.id);
        Some((case.clone(), deadline.clone()))
    }

    /// Deadlines due by then that have not fired. They are counted one by one.
    pub fn overdue(&self, by: Instant) -> u64 {
        self.timers.overdue(by)
    }

    /// The deadlines whose date a newer version of this calendar may fix or move, by case. All that are open are looked at.
    pub fn counted_on(&self, calendar: &CalendarId) -> Vec<(CaseId, DeadlineId)> {
        let counted = self.timers.all().filter(|(case, id)| {
            let deadline = self.case(case).and_then(|it| it.deadline(id));
            deadline.is_some_and(|it| it.calendar == *calendar && it.moves_with_its_calendar())
        });
        let counted = counted.map(|(case, id)| (case.clone(), id.clone()));
        let in_order: BTreeSet<_> = counted.collect();
        in_order.into_iter().collect()
    }

    /// The position of the event that set an open deadline.
    pub fn set_at(&self, case: &CaseId, id: &DeadlineId) -> Option<u64> {
        let deadline = self.case(case)?.deadline(id)?;
        self.timers.set_at(case, deadline)
    }

    /// Where a case stands, for whoever is answered.
    pub fn standing(&self, subject: Subject<'_>) -> Option<CaseStanding> {
        self.case(subject.case()?).and_then(standing)
    }

    /// The case that a command is about, if it exists, and whose it is: what the case says goes before what the command
    /// says.
    pub fn whose<'a>(
        &'a self,
        subject: Subject<'a>,
    ) -> (Option<&'a CaseState>, Option<(&'a AccountId, &'a EntityId)>) {
        let case = subject.case().and_then(|it| self.case(it));
        let party = case.map(|state| (&state.account, &state.entity));
        (case, party.or_else(|| subject.party()))
    }

    /// Whose account what is decided about a subject concerns.
    pub fn account_of(&self, subject: Subject<'_>) -> Option<AccountId> {
        let (_, party) = self.whose(subject);
        party.map(|(account, _)| account.clone())
    }

    /// The accepted command of this id in a stream. A case must be in memory.
    fn seen(&self, stream: &Stream, id: &CommandId) -> Option<&SeenCommand> {
        let seen = match stream {
            Stream::Case(case) => self.case_in_hand(case)?.seen(),
            Stream::Account(_) | Stream::Rulebook | Stream::Calendar(_) | Stream::Log => {
                self.seen.get(stream)?
            }
        };
        seen.get(id)
    }

    /// Takes in an event, in the order of the log. Its case must be in memory, or be new. Says whether it matters beyond
    /// its case, for ever.
    pub fn apply(&mut self, header: &Header, event: &Event) -> bool {
        self.note_time(header, event);
        let lasts = self.apply_lasting(header, event);
        if let (Stream::Case(case), Event::Case(event)) = (&header.stream, event) {
            self.apply_to_case(case, header, event);
        }
        lasts
    }

    /// What an event says of the time.
    fn note_time(&mut self, header: &Header, event: &Event) {
        self.last_time = if event.left_behind().is_some() {
            Some(header.time)
        } else {
            self.last_time.max(Some(header.time))
        };
    }

    /// The time of events that are recorded now: never before that of the last, but where that is left behind.
    pub fn time_of(&self, events: &[Event], now: Instant) -> Instant {
        let goes_back = events.iter().any(|event| event.left_behind().is_some());
        let last = self.last_time.filter(|_| !goes_back);
        last.map_or(now, |last| last.max(now))
    }

    /// What an event changes beside its case, for ever; `false` where it changes nothing there.
    pub fn apply_lasting(&mut self, header: &Header, event: &Event) -> bool {
        let received = header.received.unwrap_or(header.time);
        match (&header.stream, event) {
            (Stream::Case(case), Event::Case(event)) if concerns_account(event) => {
                if let Some(account) = &header.account {
                    let state = self.accounts.entry(account.clone()).or_default();
                    evolve_account(state, case, received, event);
                }
                if let Some(strike) = strike_of(event) {
                    let state = self.entities.entry(strike.entity.clone()).or_default();
                    evolve_entity(state, case, event);
                }
                true
            }
            (Stream::Case(_), _) => false,
            (Stream::Account(account), event) => {
                if let Event::Account(AccountEvent::FilingRefused(refused)) = event {
                    let state = self.accounts.entry(account.clone()).or_default();
                    let refusals = &mut state.refusals;
                    refusals.take_in(refused, header.command_id.as_ref(), received);
                }
                true
            }
            (Stream::Rulebook | Stream::Calendar(_) | Stream::Log, event) => {
                match event {
                    Event::Books(event) => self.books.evolve(event),
                    Event::Log(event) => self.apply_to_log(event),
                    Event::Case(_) | Event::Account(_) => {}
                }
                let seen = self.seen.entry(header.stream.clone()).or_default();
                seen.note(header);
                true
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

    /// What an event changes in its case, which must be in memory, or be new.
    pub fn apply_to_case(&mut self, id: &CaseId, header: &Header, event: &CaseEvent) {
        let case = self.cases.entry(id.clone()).or_default();
        if let Some(changes) = event.deadlines()
            && let Some(state) = &case.state
        {
            let ended = changes.ended().filter_map(|ended| state.deadline(ended));
            for deadline in ended {
                self.timers.end(id, deadline);
            }
        }
        self.at_issue
            .evolve(&mut case.state, occurrence(header, event));
        case.seen.note(header);
        if event.begins_a_notice()
            && let Some(notice) = case.state.as_mut().and_then(|it| it.notices.last_mut())
        {
            self.shared_terms.share(&mut notice.terms);
        }
        if let Some(changes) = event.deadlines() {
            for deadline in &changes.set {
                self.timers.begin(id, deadline, header.position);
            }
        }
    }

    /// Takes back a closed case that had left memory. It left because it was closed, and so has nothing at issue and no
    /// deadline.
    pub fn restore(&mut self, id: CaseId, case: Box<CaseInHand>) {
        self.cases.insert(id, case);
    }

    /// Lets a closed case go.
    pub fn forget(&mut self, id: &CaseId) {
        self.cases.remove(id);
    }
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
    use events_schema::{Deadline, DeadlinePurpose, Rejection};

    use super::*;

    /// It would come again at once and for ever, and nothing would be said.
    #[test]
    fn a_timer_whose_case_is_gone_is_given_out_and_refused() {
        let mut platform = Platform::default();
        let case: CaseId = "C1".parse().unwrap();
        let due = Instant::from_microseconds(5);
        let deadline = Deadline {
            id: DeadlineId::nth(1),
            purpose: DeadlinePurpose::MeasureStart {
                measure: "M1".parse().unwrap(),
            },
            due,
            from: due,
            period: None,
            not_before: None,
            zone: "UTC".parse().unwrap(),
            calendar: "utc".parse().unwrap(),
            calendar_version: 1,
            rule: "named".parse().unwrap(),
            provisional: false,
        };
        platform.timers.begin(&case, &deadline, 3);
        let (case, deadline) = platform.due(due).unwrap();
        let refused = platform.reach(&case, &deadline, due);
        assert_eq!(refused, Err(Rejection::UnknownCase { case }));
    }

    #[test]
    fn the_service_acts_by_a_name_that_reads() {
        assert_eq!(service().to_string(), SERVICE);
    }
}

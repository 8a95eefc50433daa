//! An in-memory platform: given what happened, when somebody sends a command, then these events or this
//! rejection.

use std::collections::BTreeMap;

use enforcement_rules::{
    AccountState, Books, CaseState, EntityState, Platform, Sent, Step, next_steps, service,
    standing,
};
use events_schema::{
    AccountId, Actor, CalendarId, CaseId, CaseStanding, Command, CommandId, Deadline,
    DeadlinesHeld, DeadlinesReleased, EntityId, Event, Header, HeldPart, Instant, MeasureId,
    NextStep, Rejection, ReleaseDeadlines, Role, Sha256, Stream, Subject,
};

use crate::{
    rulebooks::{RulebookBuilder, publication, rulebook},
    values::{day, id, label},
};

/// The hold of a [`TestWorld`] that is told to hold still.
pub const HOLD: &str = "7-5f0c9a1e";

/// An event with who caused it, in which case, and when.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Happened {
    /// The case, where it is about one.
    pub case: Option<CaseId>,
    /// Who acted.
    pub actor: Actor,
    /// The command that caused it, where somebody sent one.
    pub command_id: Option<CommandId>,
    /// When the command was received.
    pub received: Instant,
    /// What happened.
    pub event: Event,
}

/// A platform in memory: a thin shell over the machine that the service runs. Deadlines fire in the order of their times
/// before every command.
#[derive(Debug, Clone)]
pub struct TestWorld {
    platform: Platform,
    /// How many events each stream has.
    revisions: BTreeMap<Stream, u64>,
    clock: Instant,
    sent: u64,
    happened: Vec<Happened>,
    outcome: Result<usize, Rejection>,
}

impl Default for TestWorld {
    fn default() -> Self {
        Self::new()
    }
}

impl TestWorld {
    /// With the calendars of Redress and the rulebook of the tests.
    pub fn new() -> Self {
        Self::under(rulebook())
    }

    /// With the calendars of Redress and this rulebook.
    pub fn under(rulebook: RulebookBuilder) -> Self {
        let mut world = Self::empty();
        for calendar in ["utc", "cn"] {
            world.publish(calendar);
        }
        world.given("administrator:root", rulebook, day(0));
        world
    }

    /// Without any rulebook or calendar.
    pub fn empty() -> Self {
        Self::empty_at(day(0))
    }

    /// The same at another time.
    pub fn empty_at(clock: Instant) -> Self {
        Self {
            platform: Platform::default(),
            revisions: BTreeMap::new(),
            clock,
            sent: 0,
            happened: Vec::new(),
            outcome: Ok(0),
        }
    }

    /// With a calendar as it comes with Redress.
    pub fn publish(&mut self, calendar: &str) -> &mut Self {
        let command = Command::PublishCalendar(publication(calendar));
        let clock = self.clock;
        self.given("administrator:root", command, clock)
    }

    /// Something is sent and must be accepted; what follows is about what comes after.
    #[track_caller]
    pub fn given(
        &mut self,
        actor: &str,
        command: impl Into<Command>,
        received: Instant,
    ) -> &mut Self {
        self.when(actor, command, received);
        if let Err(rejection) = &self.outcome {
            panic!("given what was refused: {rejection:?}");
        }
        self
    }

    /// Something is sent. Deadlines due by then fire before.
    pub fn when(
        &mut self,
        actor: &str,
        command: impl Into<Command>,
        received: Instant,
    ) -> &mut Self {
        self.advance_to(received);
        self.outcome = self.send(&id(actor), &command.into(), received);
        self
    }

    /// The clock moves on, and what falls due fires when it does; what was overdue already, at once.
    #[track_caller]
    pub fn advance_to(&mut self, to: Instant) -> &mut Self {
        let clock = self.clock;
        self.fire_due(to, |due| due.max(clock))
    }

    /// The service was away until now: what fell due meanwhile fires in order, but only now.
    #[track_caller]
    pub fn wake_at(&mut self, now: Instant) -> &mut Self {
        self.fire_due(now, |_| now)
    }

    /// The service holds its deadlines, or does no longer. It is no part of what happened.
    pub fn hold(&mut self, held: bool) -> &mut Self {
        let (clock, is_held) = (self.clock, self.platform.hold().is_some());
        let event: Event = match (is_held, held) {
            (false, true) => DeadlinesHeld {
                hold: id(HOLD),
                held: HeldPart::Firing,
                reason: label("the test says so"),
                clock,
            }
            .into(),
            (true, false) => DeadlinesReleased {
                command: ReleaseDeadlines::default(),
                overdue: 0,
                left_behind: None,
            }
            .into(),
            (true, true) | (false, false) => return self,
        };
        let time = self.platform.time_of(std::slice::from_ref(&event), clock);
        let header = self.header(
            (&Stream::Log, None),
            (&service(), None),
            (clock, time),
            &event,
        );
        self.platform.apply(&header, &event);
        self
    }

    /// What was sent last came to events of these types, in this order, written without `redress.` and the
    /// version.
    #[track_caller]
    pub fn then_events(&mut self, expected: &[&str]) -> &mut Self {
        let found: Vec<&str> = self
            .last_events()
            .iter()
            .map(|event| short_type(event.event_type()))
            .collect();
        assert_eq!(found, expected);
        self
    }

    /// What was sent last was refused with this code.
    #[track_caller]
    pub fn then_rejected(&mut self, code: &str) -> &Rejection {
        match &self.outcome {
            Err(rejection) => {
                assert_eq!(rejection.code(), code, "{rejection:?}");
                rejection
            }
            Ok(_) => panic!("accepted, and not refused with {code}"),
        }
    }

    /// The events of what was sent last, or fired last. The test fails if it was refused.
    #[track_caller]
    pub fn last_events(&self) -> Vec<Event> {
        match &self.outcome {
            Ok(number) => {
                let before = self.happened.len() - number;
                let last = self.happened.iter().skip(before);
                last.map(|it| it.event.clone()).collect()
            }
            Err(rejection) => panic!("refused: {rejection:?}"),
        }
    }

    /// How the last command fared.
    pub const fn outcome(&self) -> &Result<usize, Rejection> {
        &self.outcome
    }

    /// Everything that happened, the oldest first.
    pub fn happened(&self) -> &[Happened] {
        &self.happened
    }

    /// The types of everything that happened in a case.
    pub fn history(&self, case: &str) -> Vec<&'static str> {
        let case: CaseId = id(case);
        self.happened
            .iter()
            .filter(|it| it.case.as_ref() == Some(&case))
            .map(|it| short_type(it.event.event_type()))
            .collect()
    }

    /// A case that there is.
    #[track_caller]
    pub fn case(&self, case: &str) -> &CaseState {
        self.platform.case(&id::<CaseId>(case)).expect("a case")
    }

    /// Every case, in no order that means anything.
    pub fn cases(&self) -> impl Iterator<Item = &CaseState> + Clone {
        self.platform.cases().filter_map(|case| case.state())
    }

    /// Where a case stands.
    #[track_caller]
    pub fn standing(&self, case: &str) -> CaseStanding {
        standing(self.case(case)).expect("a case has a notice")
    }

    /// What the party of a case can do next.
    #[track_caller]
    pub fn next_steps(&self, case: &str) -> Vec<NextStep> {
        next_steps(self.case(case))
    }

    /// The measures of a case that are in force.
    #[track_caller]
    pub fn in_force(&self, case: &str) -> Vec<MeasureId> {
        self.standing(case).measures_in_force
    }

    /// The open deadline of a case for a purpose, by its name.
    #[track_caller]
    pub fn deadline(&self, case: &str, purpose: &str) -> Option<Deadline> {
        let deadlines = &self.case(case).deadlines;
        let found = deadlines.iter().find(|it| it.purpose.name() == purpose);
        found.cloned()
    }

    /// When the deadline of a case for a purpose falls due.
    #[track_caller]
    pub fn due(&self, case: &str, purpose: &str) -> Option<Instant> {
        self.deadline(case, purpose).map(|deadline| deadline.due)
    }

    /// What is known of an account across its cases.
    pub fn account(&self, account: &AccountId) -> Option<&AccountState> {
        self.platform.account(account)
    }

    /// What is known of an entity across its accounts.
    pub fn entity(&self, entity: &EntityId) -> Option<&EntityState> {
        self.platform.entity(entity)
    }

    /// Rulebooks and calendars.
    pub const fn books(&self) -> &Books {
        self.platform.books()
    }

    /// The time.
    pub const fn clock(&self) -> Instant {
        self.clock
    }

    /// When the next deadline that can fire falls due.
    pub fn next_due(&self) -> Option<Instant> {
        self.platform.next_due()
    }

    #[track_caller]
    fn fire_due(&mut self, by: Instant, received: impl Fn(Instant) -> Instant) -> &mut Self {
        while let Some(due) = self.platform.next_due()
            && let Some((case, deadline)) = self.platform.due(by)
        {
            let now = received(due);
            let events = self.platform.reach(&case, &deadline, now);
            let events = events.unwrap_or_else(|rejection| {
                panic!("a deadline that fell due must fire: {rejection:?}")
            });
            let number = events.len();
            self.outcome = Ok(number);
            self.take_in_of(Subject::Case(&case), (&service(), None), now, events);
            self.lower_penalties(number, now);
        }
        self.clock = self.clock.max(by);
        self
    }

    fn send(
        &mut self,
        actor: &Actor,
        command: &Command,
        received: Instant,
    ) -> Result<usize, Rejection> {
        let stream = command.subject().stream();
        // The service gives itself commands by no other way.
        if actor.role == Role::Service {
            let events = self.platform.act(command, received)?;
            let number = events.len();
            self.take_in_of(command.subject(), (actor, None), received, events);
            return Ok(number);
        }
        self.sent += 1;
        let command_id: CommandId = id(&format!("sent-{}", self.sent));
        let sent = Sent {
            actor,
            command_id: &command_id,
            expected_revision: None,
            command,
            hash: Sha256::of(command_id.as_str().as_bytes()),
        };
        let revisions = &self.revisions;
        let revision = || revisions.get(&stream).copied().unwrap_or(0);
        match self.platform.step(&sent, received, revision) {
            Step::Events(events) => {
                let number = events.len();
                let by = (actor, Some(&command_id));
                self.take_in_of(command.subject(), by, received, events);
                self.lower_penalties(number, received);
                if let Command::PublishCalendar(command) = command {
                    self.revise_dates(&command.calendar, received);
                }
                Ok(number)
            }
            Step::Refused(refusal) => {
                if let Some((account, refused)) = refusal.record {
                    let stream = Stream::Account(account.clone());
                    let by = (actor, Some(&command_id));
                    self.take_in((&stream, Some(account)), by, received, vec![refused.into()]);
                }
                Err(refusal.rejection)
            }
            step @ (Step::Need(_) | Step::Reach(..) | Step::Replayed(_)) => {
                panic!(
                    "every case is here, what was due has fired, and no id occurs twice: {step:?}"
                )
            }
        }
    }

    /// Where a strike fell by the last events, so many, later penalties are lowered.
    fn lower_penalties(&mut self, number: usize, received: Instant) {
        let caused = self.happened.iter().rev().take(number);
        let caused = caused.map(|it| &it.event);
        for (case, notice) in self.platform.may_be_lowered(caused) {
            let lowered = self.platform.lower(&case, &notice, received);
            let events = lowered.unwrap_or_else(|rejection| panic!("not lowered: {rejection:?}"));
            let subject = Subject::Case(&case);
            self.take_in_of(subject, (&service(), None), received, events);
        }
    }

    /// A newer calendar fixes the provisional dates that it covers, and moves the party's.
    fn revise_dates(&mut self, calendar: &CalendarId, received: Instant) {
        for (case, deadline) in self.platform.counted_on(calendar) {
            match self.platform.revise(&case, &deadline, received) {
                Ok(events) => {
                    self.take_in_of(Subject::Case(&case), (&service(), None), received, events);
                }
                Err(Rejection::NothingToRevise { .. }) => {}
                Err(rejection) => panic!("a date must be revised: {rejection:?}"),
            }
        }
    }

    fn take_in_of(
        &mut self,
        subject: Subject<'_>,
        by: (&Actor, Option<&CommandId>),
        received: Instant,
        events: Vec<Event>,
    ) {
        let account = self.platform.account_of(subject);
        self.take_in((&subject.stream(), account), by, received, events);
    }

    fn take_in(
        &mut self,
        (stream, account): (&Stream, Option<AccountId>),
        by: (&Actor, Option<&CommandId>),
        received: Instant,
        events: Vec<Event>,
    ) {
        let case = if let Stream::Case(case) = stream {
            Some(case.clone())
        } else {
            None
        };
        let time = self.platform.time_of(&events, received);
        for event in events {
            let header = self.header((stream, account.clone()), by, (received, time), &event);
            self.platform.apply(&header, &event);
            self.happened.push(Happened {
                case: case.clone(),
                actor: by.0.clone(),
                command_id: by.1.cloned(),
                received,
                event,
            });
        }
    }

    fn header(
        &mut self,
        (stream, account): (&Stream, Option<AccountId>),
        (actor, command_id): (&Actor, Option<&CommandId>),
        (received, time): (Instant, Instant),
        event: &Event,
    ) -> Header {
        let revision = self.revisions.entry(stream.clone()).or_insert(0);
        *revision += 1;
        Header {
            position: self.happened.len() as u64,
            log_id: "of-a-test".into(),
            event_type: event.event_type(),
            stream: stream.clone(),
            time,
            revision: *revision,
            previous: None,
            account,
            command_id: command_id.cloned(),
            command_hash: command_id.map(|id| Sha256::of(id.as_str().as_bytes())),
            correlation_id: None,
            causation: None,
            actor: actor.clone(),
            received: Some(received),
            rulebook: None,
            data_hash: Sha256([0; 32]),
        }
    }
}

/// What tests call a type of event: `warning.issued` for `redress.warning.issued.v1`.
pub fn short_type(event_type: &str) -> &str {
    let name = event_type.strip_prefix("redress.").unwrap_or(event_type);
    name.rsplit_once('.').map_or(name, |(short, _)| short)
}

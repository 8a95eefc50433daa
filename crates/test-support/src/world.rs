//! An in-memory platform: given what happened, when somebody sends a command, then these events or this
//! rejection.

use std::collections::BTreeMap;

use enforcement_rules::{
    AccountState, AtIssue, Books, CaseState, Context, EntityState, Held, Occurrence, World, decide,
    evolve_account, evolve_entity, may_send, next_steps, standing,
};
use events_schema::{
    AccountId, Actor, CaseId, CaseStanding, Command, Deadline, DeadlineId, EntityId, Event,
    Instant, MeasureId, NextStep, ReachDeadline, Rejection, ReviseDeadline, Role,
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
    /// When the command was received.
    pub received: Instant,
    /// What happened.
    pub event: Event,
}

/// A platform in memory. Deadlines fire in the order of their times before every command, as in the
/// service; refused filings are not recorded here.
#[derive(Debug, Clone)]
pub struct TestWorld {
    books: Books,
    cases: BTreeMap<CaseId, CaseState>,
    accounts: BTreeMap<AccountId, AccountState>,
    entities: BTreeMap<EntityId, EntityState>,
    at_issue: AtIssue,
    clock: Instant,
    held: bool,
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
            books: Books::default(),
            cases: BTreeMap::new(),
            accounts: BTreeMap::new(),
            entities: BTreeMap::new(),
            at_issue: AtIssue::default(),
            clock,
            held: false,
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

    /// The service holds its deadlines, or does no longer.
    pub const fn hold(&mut self, held: bool) -> &mut Self {
        self.held = held;
        self
    }

    /// What was sent last came to events of these types, in this order, written without `redress.` and the
    /// version.
    #[track_caller]
    pub fn then_events(&mut self, expected: &[&str]) -> &mut Self {
        let found: Vec<&str> = self.last_events().iter().map(short_type).collect();
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
            .map(|it| short_type(&it.event))
            .collect()
    }

    /// A case that there is.
    #[track_caller]
    pub fn case(&self, case: &str) -> &CaseState {
        self.cases.get(&id::<CaseId>(case)).expect("a case")
    }

    /// Every case.
    pub fn cases(&self) -> impl Iterator<Item = &CaseState> + Clone {
        self.cases.values()
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
        self.accounts.get(account)
    }

    /// What is known of an entity across its accounts.
    pub fn entity(&self, entity: &EntityId) -> Option<&EntityState> {
        self.entities.get(entity)
    }

    /// Rulebooks and calendars.
    pub const fn books(&self) -> &Books {
        &self.books
    }

    /// The time.
    pub const fn clock(&self) -> Instant {
        self.clock
    }

    /// When the next deadline that can fire falls due.
    pub fn next_due(&self) -> Option<Instant> {
        self.earliest().map(|(due, ..)| due)
    }

    fn earliest(&self) -> Option<(Instant, CaseId, DeadlineId)> {
        let of_case = |case: &CaseState| {
            let deadlines = case.deadlines.iter().filter(|it| !it.provisional);
            let first = deadlines.min_by_key(|it| it.due)?;
            Some((first.due, case.case.clone(), first.id.clone()))
        };
        self.cases.values().filter_map(of_case).min()
    }

    #[track_caller]
    fn fire_due(&mut self, by: Instant, received: impl Fn(Instant) -> Instant) -> &mut Self {
        while !self.held
            && let Some((due, case, deadline)) = self.earliest().filter(|(due, ..)| *due <= by)
        {
            let command = Command::ReachDeadline(ReachDeadline { case, deadline });
            let outcome = self.decide(&service(), &command, received(due));
            match outcome {
                Ok(number) => self.outcome = Ok(number),
                Err(rejection) => panic!("a deadline that fell due must fire: {rejection:?}"),
            }
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
        let name = command.name();
        if !may_send(actor.role, name) {
            return Err(Rejection::NotPermitted {
                role: actor.role,
                name: label(name.as_str()),
            });
        }
        if let Some(case) = command.subject().case()
            && actor.role == Role::Party
            && self
                .cases
                .get(case)
                .is_none_or(|state| !actor.sees(&state.account))
        {
            return Err(Rejection::UnknownCase { case: case.clone() });
        }
        let number = self.decide(actor, command, received)?;
        if let Command::PublishCalendar(_) = command {
            self.revise_provisional(received);
        }
        if let Command::ReleaseDeadlines(_) = command {
            self.held = false;
        }
        Ok(number)
    }

    /// A newer calendar fixes the provisional dates that it covers.
    fn revise_provisional(&mut self, received: Instant) {
        let waiting: Vec<_> = self
            .cases
            .values()
            .flat_map(|case| case.deadlines.iter().map(move |it| (case, it)))
            .filter(|(_, deadline)| deadline.provisional)
            .map(|(case, deadline)| (case.case.clone(), deadline.id.clone()))
            .collect();
        for (case, deadline) in waiting {
            let command = Command::ReviseDeadline(ReviseDeadline { case, deadline });
            match self.decide(&service(), &command, received) {
                Ok(_) | Err(Rejection::NothingToRevise { .. }) => {}
                Err(rejection) => panic!("a provisional date must be revised: {rejection:?}"),
            }
        }
    }

    fn decide(
        &mut self,
        actor: &Actor,
        command: &Command,
        received: Instant,
    ) -> Result<usize, Rejection> {
        let case_id = command.subject().case().cloned();
        let case = case_id.as_ref().and_then(|case| self.cases.get(case));
        let (account, entity) = party(case, command).unzip();
        let (nobody, no_entity) = (AccountState::default(), EntityState::default());
        let (hold, reason) = (id(HOLD), label("the test says so"));
        let world = World {
            case,
            at_issue: &self.at_issue,
            account: account
                .as_ref()
                .and_then(|id| self.accounts.get(id))
                .unwrap_or(&nobody),
            entity: entity
                .as_ref()
                .and_then(|id| self.entities.get(id))
                .unwrap_or(&no_entity),
            books: &self.books,
            held: self.held.then(|| Held {
                id: &hold,
                reason: &reason,
                overdue: self.overdue(received),
                log_ahead: Some(self.clock).filter(|last| *last > received),
            }),
        };
        let context = Context {
            now: received,
            actor,
        };
        let events = decide(world, command, context)?;
        let number = events.len();
        for event in events {
            self.apply(Happened {
                case: case_id.clone(),
                actor: actor.clone(),
                received,
                event,
            });
        }
        Ok(number)
    }

    fn overdue(&self, by: Instant) -> u64 {
        let deadlines = self.cases.values().flat_map(|case| &case.deadlines);
        let due = deadlines.filter(|it| !it.provisional && it.due <= by);
        due.count() as u64
    }

    fn apply(&mut self, happened: Happened) {
        let event = &happened.event;
        if let Event::Books(event) = event {
            self.books.evolve(event);
        }
        if let (Some(case), Event::Case(event)) = (&happened.case, event) {
            let mut state = self.cases.remove(case);
            self.at_issue.evolve(
                &mut state,
                Occurrence {
                    event,
                    actor: &happened.actor,
                    received: happened.received,
                },
            );
            let state = state.expect("the first event of a case makes it");
            let account = self.accounts.entry(state.account.clone()).or_default();
            evolve_account(account, case, happened.received, event);
            let entity = self.entities.entry(state.entity.clone()).or_default();
            evolve_entity(entity, case, happened.received, event);
            self.cases.insert(case.clone(), state);
        }
        self.happened.push(happened);
    }
}

/// The account and entity that a command is about.
fn party(case: Option<&CaseState>, command: &Command) -> Option<(AccountId, EntityId)> {
    let of_case = case.map(|case| (&case.account, &case.entity));
    let party = of_case.or_else(|| command.subject().party());
    party.map(|(account, entity)| (account.clone(), entity.clone()))
}

fn service() -> Actor {
    id("service:deadlines")
}

fn short_type(event: &Event) -> &'static str {
    let name = event.event_type();
    let name = name.strip_prefix("redress.").unwrap_or(name);
    name.rsplit_once('.').map_or(name, |(short, _)| short)
}

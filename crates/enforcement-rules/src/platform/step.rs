//! The order of checks: what a command comes to, and what has to happen before that is decided.

use events_schema::{
    Actor, CaseId, Command, DeadlineId, Event, HeldPart, Instant, ReachDeadline, Rejection,
    ReviseDeadline, Role,
};

use super::{Platform, Refusal, SeenCommand, Sent};
use crate::{
    decide::decide,
    matter::{Context, Held, World},
    pending::passed_first,
    permissions::may_send,
};

/// What a command comes to, or what has to be done before it is asked again.
#[derive(Debug)]
pub enum Step {
    /// The case has left memory: its history has to be folded first ([`Platform::restore`]).
    Need(CaseId),
    /// A deadline of the case passed before the command came: it is reached first ([`Platform::reach`]).
    Reach(CaseId, DeadlineId),
    /// It was done before, and nothing is to be done now.
    Replayed(SeenCommand),
    /// What happens.
    Events(Vec<Event>),
    /// No.
    Refused(Box<Refusal>),
}

impl Platform {
    /// What a command that was received then comes to. Nothing changes but the number of refusals of the day.
    ///
    /// `revision` says how many events its stream has, and is asked only where that matters.
    pub fn step(&mut self, sent: &Sent<'_>, received: Instant, revision: impl Fn() -> u64) -> Step {
        let name = sent.command.name();
        // What the service does by itself never comes in from anybody, whatever lets one through.
        if sent.actor.role == Role::Service || !may_send(sent.actor.role, name) {
            let rejection = Rejection::not_permitted(sent.actor.role, name.as_str());
            return Step::Refused(Box::new(Refusal::bare(rejection)));
        }
        if self
            .hold
            .as_ref()
            .is_some_and(|it| it.holds(HeldPart::Deciding))
            && !matches!(sent.command, Command::ReleaseDeadlines(_))
            && let Some(refusal) = self.time_held(sent.actor)
        {
            return Step::Refused(Box::new(refusal));
        }
        let subject = sent.command.subject();
        if let Some(case) = subject.case() {
            if !self.has(case) && revision() > 0 {
                return Step::Need(case.clone());
            }
            let state = self.case(case);
            if self.hold.is_none()
                && let Some(deadline) = state.and_then(|it| passed_first(it, received))
            {
                return Step::Reach(case.clone(), deadline.id.clone());
            }
            // Before the ids are compared, so that nobody learns of another's commands.
            if sent.actor.role == Role::Party && self.case_for(sent.actor, case).is_none() {
                let rejection = Rejection::UnknownCase { case: case.clone() };
                return self.refused(sent, rejection, received);
            }
        }
        let stream = subject.stream();
        if let Some(seen) = self.seen(&stream, sent.command_id) {
            if seen.hash == sent.hash {
                return Step::Replayed(seen.clone());
            }
            let rejection = Rejection::CommandIdReused {
                command_id: sent.command_id.clone(),
                first_position: seen.first,
            };
            return self.refused(sent, rejection, received);
        }
        if let Some(expected) = sent.expected_revision {
            let actual = revision();
            if expected != actual {
                let rejection = Rejection::RevisionConflict { expected, actual };
                return self.refused(sent, rejection, received);
            }
        }
        match self.decide(sent.command, sent.actor, received) {
            Ok(events) => Step::Events(events),
            Err(rejection) => self.refused(sent, rejection, received),
        }
    }

    /// What follows where a deadline is reached.
    ///
    /// # Errors
    /// When it is not open, or its time has not come.
    pub fn reach(
        &self,
        case: &CaseId,
        deadline: &DeadlineId,
        now: Instant,
    ) -> Result<Vec<Event>, Rejection> {
        let command = Command::ReachDeadline(ReachDeadline {
            case: case.clone(),
            deadline: deadline.clone(),
        });
        self.act(&command, now)
    }

    /// What follows where a newer calendar may fix the date of a deadline.
    ///
    /// # Errors
    /// `nothing_to_revise` where it does not.
    pub fn revise(
        &self,
        case: &CaseId,
        deadline: &DeadlineId,
        now: Instant,
    ) -> Result<Vec<Event>, Rejection> {
        let command = Command::ReviseDeadline(ReviseDeadline {
            case: case.clone(),
            deadline: deadline.clone(),
        });
        self.act(&command, now)
    }

    /// What a command comes to that the service gives itself.
    ///
    /// # Errors
    /// The rejection, with the facts that decided it.
    pub fn act(&self, command: &Command, now: Instant) -> Result<Vec<Event>, Rejection> {
        self.decide(command, &super::service(), now)
    }

    fn decide(
        &self,
        command: &Command,
        actor: &Actor,
        received: Instant,
    ) -> Result<Vec<Event>, Rejection> {
        let (case, party) = self.whose(command.subject());
        let (account, entity) = party.unzip();
        let (nobody, no_entity) = Default::default();
        let world = World {
            case,
            at_issue: &self.at_issue,
            account: account.and_then(|id| self.account(id)).unwrap_or(&nobody),
            entity: entity.and_then(|id| self.entity(id)).unwrap_or(&no_entity),
            books: &self.books,
            // How many there are matters to their release alone, and counting them takes as long as there are many.
            held: self.hold.as_ref().map(|hold| Held {
                id: hold.id(),
                reason: hold.reason(),
                overdue: if let Command::ReleaseDeadlines(_) = command {
                    self.overdue(received)
                } else {
                    0
                },
                log_ahead: self.last_time.filter(|last| *last > received),
            }),
        };
        let context = Context {
            now: received,
            actor,
        };
        decide(world, command, context)
    }

    fn refused(&mut self, sent: &Sent<'_>, rejection: Rejection, received: Instant) -> Step {
        Step::Refused(Box::new(self.refuse(sent, rejection, received)))
    }
}

//! The processor: one command after the other, decided on memory, written in groups.
//!
//! It is used by one thread. Nothing it answers may leave before [`Processor::commit`] has returned.

use std::path::{Path, PathBuf};

use enforcement_rules::{
    AccountState, Context, EntityState, World, day_of, decide, may_send, next_steps, standing,
};
use event_log::{Commit, EventLog, Head, LogReader, OwnedRecord};
use events_schema::{
    Accepted, AccountId, Actor, CalendarId, CaseId, Command, CommandId, CommandName, DeadlineId,
    Event, Filing, FilingRefused, Header, Instant, Label, Locale, Personal, Positions, PrincipalId,
    ReachDeadline, Rejection, ReviseDeadline, Role, RulebookVersion, Sha256, Stream, Target,
};

use crate::{
    Answer, Error, Recorded, Stored, Submission,
    hold::Hold,
    memory::{Memory, StreamHead},
    recorded::to_record,
    start,
};

/// The role and principal of what the service does by itself.
const DEADLINES: &str = "service:deadlines";

/// Decides commands and writes what they come to.
#[derive(Debug)]
pub struct Processor {
    dir: PathBuf,
    log: EventLog,
    reader: LogReader,
    memory: Memory,
    log_id: Box<str>,
    group: Group,
    hold: Option<Hold>,
    deadlines: Actor,
    nobody: AccountState,
    no_entity: EntityState,
}

/// What was decided and is not on disk yet.
#[derive(Debug, Default)]
struct Group {
    commits: Vec<Commit>,
    /// The same events in the same order, as they were decided.
    events: Vec<(Recorded, Personal)>,
    next_position: u64,
}

/// What a commit of one command belongs to.
struct Origin<'a> {
    actor: &'a Actor,
    submission: Option<&'a Submission>,
    command_id: &'a CommandId,
    command_hash: Sha256,
    causation: Option<u64>,
    received: Instant,
    account: Option<AccountId>,
}

impl Processor {
    /// Opens the log in a folder, making it if there is none, and folds it into memory.
    ///
    /// # Errors
    /// Whatever keeps the log from being opened or read.
    pub fn open(
        dir: &Path,
        platform: &Label,
        now: Instant,
        progress: &mut dyn FnMut(u64, u64),
    ) -> Result<(Self, start::StartReport), Error> {
        start::open(dir, platform, now, progress)
    }

    /// Opens a log that must exist, and writes nothing.
    ///
    /// # Errors
    /// When there is none, or it cannot be opened or read.
    pub fn open_existing(dir: &Path) -> Result<(Self, start::StartReport), Error> {
        start::open_existing(dir, &mut |_, _| {})
    }

    #[expect(clippy::expect_used, reason = "a constant that a test reads")]
    pub(crate) fn new(log: EventLog, dir: &Path, memory: Memory) -> Self {
        Self {
            dir: dir.to_owned(),
            reader: log.reader(),
            log_id: log.log_id().to_string().into(),
            group: Group {
                next_position: log.head().next_position,
                ..Group::default()
            },
            log,
            memory,
            hold: None,
            deadlines: DEADLINES.parse().expect("an actor"),
            nobody: AccountState::default(),
            no_entity: EntityState::default(),
        }
    }

    /// Reads what is on disk.
    pub fn reader(&self) -> LogReader {
        self.reader.clone()
    }

    /// How far the log goes on disk.
    pub fn head(&self) -> Head {
        self.log.head()
    }

    /// Device flushes so far.
    pub fn syncs(&self) -> u64 {
        self.log.syncs()
    }

    /// The time of the last event; no later event has an earlier one.
    pub fn last_time(&self) -> Option<Instant> {
        self.memory.last_time
    }

    /// When the next deadline falls due that can fire.
    pub fn next_due(&self) -> Option<Instant> {
        self.memory.next_due_at()
    }

    /// Deadlines due by then that have not fired.
    pub fn overdue(&self, by: Instant) -> u64 {
        self.memory.overdue(by)
    }

    /// What keeps deadlines from firing, or commands from being decided.
    pub fn hold(&self) -> Option<&Hold> {
        self.hold.as_ref()
    }

    /// Stops firing, or deciding, until the administrator has looked or the reason is gone.
    pub fn set_hold(&mut self, hold: Option<Hold>) {
        self.hold = hold;
    }

    pub(crate) fn dir(&self) -> &Path {
        &self.dir
    }

    pub(crate) fn memory(&self) -> &Memory {
        &self.memory
    }

    /// Whether something was decided that is not on disk yet.
    pub fn has_uncommitted(&self) -> bool {
        !self.group.commits.is_empty()
    }

    /// Decides a command that was received then. `now` is the time to record; deadlines that fell due
    /// before the command was received must have been fired.
    ///
    /// # Errors
    /// When the log cannot be read.
    pub fn take(
        &mut self,
        submission: &Submission,
        received: Instant,
        now: Instant,
    ) -> Result<Answer, Error> {
        let locale = submission.locale;
        let name = submission.command.command.name();
        // What the service does by itself never comes in as a submission, whatever lets one through.
        if submission.actor.role == Role::Service || !may_send(submission.actor.role, name) {
            let rejection = Rejection::NotPermitted {
                role: submission.actor.role,
                name: label(name),
            };
            return Ok(Answer::refused(rejection, locale));
        }
        if let Some(Hold::Deciding { reason, .. }) = &self.hold
            && !matches!(submission.command.command, Command::ReleaseDeadlines(_))
        {
            let rejection = Rejection::TimeHeld {
                reason: reason.clone(),
            };
            return Ok(Answer::refused(rejection, locale));
        }
        let target = submission.command.command.target();
        let stream = target.stream();
        if let Target::Case(case) = target {
            if self.hold.is_none() {
                self.fire_due_of(case, received, now)?;
            }
            let exists = self.memory.case(case, &self.reader)?;
            // Before the ids are compared, so that nobody learns of another's commands.
            let foreign = submission.actor.role == Role::Party
                && exists.is_none_or(|state| {
                    PrincipalId::from(&state.account) != submission.actor.principal
                });
            if foreign {
                let rejection = Rejection::UnknownCase { case: case.clone() };
                return self.refuse(submission, rejection, received, now);
            }
        }
        if let Some(seen) = self.memory.seen(&stream, &submission.command_id) {
            return Ok(if seen.hash == submission.command.hash {
                Answer::Accepted(Box::new(Accepted {
                    positions: Positions {
                        first: seen.first,
                        last: seen.last,
                    },
                    revision: seen.revision,
                    replayed: true,
                    case: self.standing_of(target),
                    stream,
                }))
            } else {
                let rejection = Rejection::CommandIdReused {
                    command_id: submission.command_id.clone(),
                    first_position: seen.first,
                };
                Answer::refused(rejection, locale)
            });
        }
        if let Some(expected) = submission.expected_revision {
            let actual = self.memory.head(&stream).map_or(0, |head| head.revision);
            if expected != actual {
                let rejection = Rejection::RevisionConflict { expected, actual };
                return Ok(Answer::refused(rejection, locale));
            }
        }
        match self.decide(&submission.command.command, &submission.actor, received) {
            Err(rejection) => self.refuse(submission, rejection, received, now),
            Ok(events) => {
                let origin = Origin {
                    actor: &submission.actor,
                    submission: Some(submission),
                    command_id: &submission.command_id,
                    command_hash: submission.command.hash,
                    causation: None,
                    received,
                    account: self.account_of(&submission.command.command),
                };
                let (positions, revision) = self.record(&stream, events, &origin, now)?;
                if let Target::Calendar(calendar) = target {
                    let calendar = calendar.clone();
                    self.revise_waiting(&calendar, now)?;
                }
                if matches!(submission.command.command, Command::ReleaseDeadlines(_)) {
                    self.hold = None;
                }
                Ok(Answer::Accepted(Box::new(Accepted {
                    positions,
                    revision,
                    replayed: false,
                    case: self.standing_of(target),
                    stream,
                })))
            }
        }
    }

    /// Fires deadlines due by then, oldest first, at most so many. Gives how many were fired.
    ///
    /// # Errors
    /// When the log cannot be read.
    pub fn fire_due(
        &mut self,
        by: Instant,
        now: Instant,
        firings_max: usize,
    ) -> Result<usize, Error> {
        let mut fired = 0;
        if self.hold.is_some() {
            return Ok(fired);
        }
        while fired < firings_max
            && let Some(case) = self.memory.next_due(by)
        {
            if !self.fire_first_of(&case, by, now)? {
                return Err(Error::NotOurs {
                    problem: format!("case {case} has a timer and no deadline that is due"),
                });
            }
            fired += 1;
        }
        Ok(fired)
    }

    /// Fires what is due of one case, so that a command on it never comes before.
    fn fire_due_of(&mut self, case: &CaseId, by: Instant, now: Instant) -> Result<(), Error> {
        while self.fire_first_of(case, by, now)? {}
        Ok(())
    }

    /// Fires what fell due first of one case; of deadlines due at the same instant, the one that was set first.
    /// False when nothing is due.
    fn fire_first_of(&mut self, case: &CaseId, by: Instant, now: Instant) -> Result<bool, Error> {
        let first = self.memory.case(case, &self.reader)?.and_then(|state| {
            let due = state.deadlines.iter();
            due.filter(|deadline| deadline.due <= by && !deadline.provisional)
                .min_by_key(|deadline| deadline.due)
                .map(|deadline| deadline.id.clone())
        });
        match first {
            None => Ok(false),
            Some(deadline) => self.fire(case, &deadline, now).map(|()| true),
        }
    }

    fn fire(&mut self, case: &CaseId, deadline: &DeadlineId, now: Instant) -> Result<(), Error> {
        let command = Command::ReachDeadline(ReachDeadline {
            case: case.clone(),
            deadline: deadline.clone(),
        });
        let id = CommandId::internal("reach", deadline);
        self.act(case, deadline, &command, &id, now)
    }

    /// Fixes the provisional dates that a newer calendar covers.
    fn revise_waiting(&mut self, calendar: &CalendarId, now: Instant) -> Result<(), Error> {
        for (case, deadline) in self.memory.waiting_for(calendar) {
            let id = CommandId::internal("revise", format_args!("{deadline}:{calendar}"));
            let command = Command::ReviseDeadline(ReviseDeadline {
                case: case.clone(),
                deadline: deadline.clone(),
            });
            self.act(&case, &deadline, &command, &id, now)?;
        }
        Ok(())
    }

    /// Carries out a command of the service itself. A firing that the rules refuse would come again for
    /// ever, so it is a broken invariant; a revision that changes nothing is not.
    fn act(
        &mut self,
        case: &CaseId,
        deadline: &DeadlineId,
        command: &Command,
        id: &CommandId,
        now: Instant,
    ) -> Result<(), Error> {
        self.memory.case(case, &self.reader)?;
        let causation = self.memory.set_at(case, deadline);
        let actor = self.deadlines.clone();
        match self.decide(command, &actor, now) {
            Ok(events) => {
                let origin = Origin {
                    actor: &actor,
                    submission: None,
                    command_id: id,
                    command_hash: internal_hash(command),
                    causation,
                    received: now,
                    account: self.account_of(command),
                };
                let stream = Stream::Case(case.clone());
                self.record(&stream, events, &origin, now)?;
                Ok(())
            }
            Err(Rejection::NothingToRevise { .. }) => Ok(()),
            Err(rejection) => Err(Error::NotOurs {
                problem: format!(
                    "the deadline of case {case} cannot be reached by {id}: {}",
                    rejection.sentence(Locale::English)
                ),
            }),
        }
    }

    fn decide(
        &self,
        command: &Command,
        actor: &Actor,
        received: Instant,
    ) -> Result<Vec<Event>, Rejection> {
        let case = match command.target() {
            Target::Case(case) => self.memory.case_at_hand(case),
            Target::Rulebook | Target::Calendar(_) | Target::Log => None,
        };
        let (account, entity) = match (case, command) {
            (Some(state), _) => (Some(&state.account), Some(&state.entity)),
            (None, Command::IssueWarning(command)) => {
                (Some(&command.account), Some(&command.entity))
            }
            (None, Command::IssuePenalty(command)) => {
                (Some(&command.account), Some(&command.entity))
            }
            (None, _) => (None, None),
        };
        let world = World {
            case,
            account: account
                .and_then(|id| self.memory.account(id))
                .unwrap_or(&self.nobody),
            entity: entity
                .and_then(|id| self.memory.entity(id))
                .unwrap_or(&self.no_entity),
            books: &self.memory.books,
            held: self.hold.as_ref().map(|_| self.memory.overdue(received)),
        };
        decide(
            world,
            command,
            Context {
                now: received,
                actor,
            },
        )
    }

    fn account_of(&self, command: &Command) -> Option<AccountId> {
        match command.target() {
            Target::Case(case) => self
                .memory
                .case_at_hand(case)
                .map(|state| state.account.clone())
                .or_else(|| match command {
                    Command::IssueWarning(command) => Some(command.account.clone()),
                    Command::IssuePenalty(command) => Some(command.account.clone()),
                    Command::WithdrawNotice(_)
                    | Command::RecordCodeReview(_)
                    | Command::VerifyRectification(_)
                    | Command::Rectify(_)
                    | Command::SubmitAppeal(_)
                    | Command::WithdrawAppeal(_)
                    | Command::ClaimAppeal(_)
                    | Command::UnclaimAppeal(_)
                    | Command::Decide(_)
                    | Command::AdoptRulebook(_)
                    | Command::PublishCalendar(_)
                    | Command::ReleaseDeadlines(_)
                    | Command::ReachDeadline(_)
                    | Command::ReviseDeadline(_) => None,
                }),
            Target::Rulebook | Target::Calendar(_) | Target::Log => None,
        }
    }

    fn standing_of(&self, target: Target<'_>) -> Option<events_schema::CaseStanding> {
        match target {
            Target::Case(case) => self.memory.case_at_hand(case).and_then(standing),
            Target::Rulebook | Target::Calendar(_) | Target::Log => None,
        }
    }

    /// Answers no, and puts the refusal of a party's filing on record: each one up to the number a day
    /// that the rulebook names, beyond it only those whose number doubles.
    fn refuse(
        &mut self,
        submission: &Submission,
        rejection: Rejection,
        received: Instant,
        now: Instant,
    ) -> Result<Answer, Error> {
        let command = &submission.command.command;
        let Target::Case(case) = command.target() else {
            return Ok(Answer::refused(rejection, submission.locale));
        };
        let own_case = self.memory.case_at_hand(case).filter(|state| {
            submission.actor.role != Role::Party
                || PrincipalId::from(&state.account) == submission.actor.principal
        });
        let next = own_case.map(next_steps).unwrap_or_default();
        let mut answer = Answer::refused_with(rejection.clone(), next.clone(), submission.locale);
        let Some(filing) = Filing::of(command).filter(|_| submission.actor.role == Role::Party)
        else {
            return Ok(answer);
        };
        let Ok(account) = submission.actor.principal.as_str().parse::<AccountId>() else {
            return Ok(answer);
        };
        let limit = self
            .memory
            .books
            .current()
            .map_or(1, |rulebook| rulebook.recorded_refusals_per_day.max(1));
        let (number_today, known) = self.memory.account(&account).map_or((1, false), |state| {
            let refusals = &state.refusals;
            if refusals.day == day_of(received) {
                (
                    refusals.number.saturating_add(1),
                    refusals.commands.contains(&submission.command_id),
                )
            } else {
                (1, false)
            }
        });
        if known {
            return Ok(answer);
        }
        let day = day_of(received);
        let number_today = self.memory.count_refusal(&account, day, number_today);
        let doubled =
            number_today.is_multiple_of(limit) && (number_today / limit).is_power_of_two();
        if number_today > limit && !doubled {
            return Ok(answer);
        }
        let event = Event::FilingRefused(Box::new(FilingRefused {
            filing,
            rejection,
            next,
            number_today,
        }));
        let origin = Origin {
            actor: &submission.actor,
            submission: Some(submission),
            command_id: &submission.command_id,
            command_hash: submission.command.hash,
            causation: None,
            received,
            account: Some(account.clone()),
        };
        let stream = Stream::Account(account);
        let (positions, _) = self.record(&stream, vec![event], &origin, now)?;
        if let Answer::Refused(problem) = &mut answer {
            problem.recorded_at = Some(positions.first);
        }
        Ok(answer)
    }

    /// Puts the events of one command into the group, and takes them into memory.
    fn record(
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

    /// Writes what was decided since the last commit, durably. Gives the events, in order.
    ///
    /// # Errors
    /// When the log failed. What was decided is then in doubt, nothing of it may be answered, and the
    /// process must stop.
    pub fn commit(&mut self) -> Result<Vec<Stored>, Error> {
        if self.group.commits.is_empty() {
            return Ok(Vec::new());
        }
        self.log.append(&self.group.commits)?;
        self.memory.forget_closed();
        let bytes = self
            .group
            .commits
            .drain(..)
            .flat_map(|commit| commit.records);
        Ok(std::mem::take(&mut self.group.events)
            .into_iter()
            .zip(bytes)
            .map(|((recorded, personal), bytes)| Stored {
                recorded,
                personal,
                bytes,
            })
            .collect())
    }
}

#[expect(
    clippy::expect_used,
    reason = "the names of commands are short single words"
)]
fn label(name: CommandName) -> Label {
    name.as_str().parse().expect("a command's name is a label")
}

/// The hash of a command that the service gives itself: over its name and ids.
fn internal_hash(command: &Command) -> Sha256 {
    let text = match command {
        Command::ReachDeadline(command) => format!("reach {} {}", command.case, command.deadline),
        Command::ReviseDeadline(command) => format!("revise {} {}", command.case, command.deadline),
        other => other.name().to_string(),
    };
    Sha256::of(text.as_bytes())
}

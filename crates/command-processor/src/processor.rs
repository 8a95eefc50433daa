//! The processor: one command after the other, decided on memory, written in groups.
//!
//! Beside it: what the service does by itself when time comes, how a refusal gets on record, and how events become
//! records. It is used by one thread. Nothing it answers may leave before [`Processor::commit`] has returned.

mod deadlines;
#[cfg(test)]
mod golden;
mod recording;
mod refusals;

use std::path::{Path, PathBuf};

use enforcement_rules::{
    AccountState, Books, CaseState, Context, EntityState, Held, World, decide, may_send, standing,
};
use event_log::{Commit, EventLog, Head, LogReader};
use events_schema::{
    Accepted, AccountId, Actor, Command, CommandId, CommandName, DeadlinesHeld, EntityId, Event,
    HeldPart, HoldId, Instant, Label, Personal, Positions, Rejection, Role, Sha256, Subject,
};

use crate::{
    Answer, BootId, Contradiction, Error, Reading, Recorded, Stored, Submission, WriterStatus,
    doubt::{self, Doubt},
    heartbeat::LastAlive,
    hold::Hold,
    memory::Memory,
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
    /// What the heartbeat said when the log was opened.
    last_alive: LastAlive,
    pub(crate) contradictions: Vec<Contradiction>,
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
            last_alive: LastAlive::New,
            contradictions: Vec::new(),
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

    /// With what the files beside the log say.
    pub(crate) fn beside(mut self, alive: LastAlive, contradictions: Vec<Contradiction>) -> Self {
        self.last_alive = alive;
        self.contradictions = contradictions;
        self
    }

    /// What others may know of it while no writer runs.
    pub fn status(&self, now: Instant) -> WriterStatus {
        WriterStatus {
            next_position: self.head().next_position,
            syncs: self.syncs(),
            hold: self.hold().cloned(),
            overdue: self.overdue(now),
        }
    }

    /// The time of the last event; no later event has an earlier one, unless the administrator leaves it behind.
    pub fn last_time(&self) -> Option<Instant> {
        self.memory.last_time
    }

    /// When the next deadline falls due that can fire.
    pub fn next_due(&self) -> Option<Instant> {
        self.memory.next_due_at()
    }

    /// Deadlines due by then that have not fired. They are counted one by one.
    pub fn overdue(&self, by: Instant) -> u64 {
        self.memory.overdue(by)
    }

    /// What keeps deadlines from firing, or commands from being decided.
    pub const fn hold(&self) -> Option<&Hold> {
        self.memory.hold.as_ref()
    }

    /// What a service that starts now would hold still for. That is on record also where a hold of an earlier start
    /// stands: who releases it sees the newest reason, or would let go of a clock that was set since without knowing.
    /// Deadlines that are long overdue are the same at each start, and are held once.
    pub fn doubt_at_start(&self, reading: Reading, boot: Option<BootId>) -> Option<Doubt> {
        let doubt = doubt::at_start(reading, boot, &self.last_alive, self.last_time());
        doubt.or_else(|| {
            let held = self.hold().is_some_and(|hold| hold.holds(HeldPart::Firing));
            let overdue = || self.overdue(reading.wall);
            doubt::long_overdue(reading, self.next_due(), overdue).filter(|_| !held)
        })
    }

    /// Stops firing, or deciding, until the administrator has looked. It is dated as the last event, since a clock that
    /// is in doubt dates nothing.
    pub(crate) fn hold_still(&mut self, doubt: Doubt) -> Result<(), Error> {
        let Doubt {
            held,
            reason,
            clock,
        } = doubt;
        let (random, ..) = uuid::Uuid::new_v4().as_fields();
        let time = self.last_time().unwrap_or(clock);
        let held = DeadlinesHeld {
            hold: HoldId::at(self.group.next_position, random),
            held,
            reason,
            clock,
        };
        self.record_about_log(held.into(), time)
    }

    /// Whether the history of another platform is only taken over in part. A command between its lines would come
    /// before what is still to be taken over, so only the takeover may go on.
    pub fn is_taking_over(&self) -> bool {
        self.memory.taking_over
    }

    /// The rulebooks and calendars that were adopted.
    pub fn books(&self) -> &Books {
        &self.memory.books
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
        if matches!(self.hold(), Some(Hold::Deciding { .. }))
            && !matches!(submission.command.command, Command::ReleaseDeadlines(_))
            && let Some(refused) = self.time_held(submission)
        {
            return Ok(refused);
        }
        let subject = submission.command.command.subject();
        let stream = subject.stream();
        if let Some(case) = subject.case() {
            if self.hold().is_none() {
                self.fire_due_of(case, received, now)?;
            }
            let exists = self.memory.case(case, &self.reader)?;
            // Before the ids are compared, so that nobody learns of another's commands.
            let sees = |state: &CaseState| submission.actor.sees(&state.account);
            let own = exists.is_some_and(sees);
            let foreign = submission.actor.role == Role::Party && !own;
            if foreign {
                let rejection = Rejection::UnknownCase { case: case.clone() };
                return self.refuse(submission, rejection, received, now);
            }
        }
        if let Some(seen) = self.memory.seen(&stream, &submission.command_id) {
            if seen.hash != submission.command.hash {
                let rejection = Rejection::CommandIdReused {
                    command_id: submission.command_id.clone(),
                    first_position: seen.first,
                };
                return self.refuse(submission, rejection, received, now);
            }
            return Ok(Answer::Accepted(Box::new(Accepted {
                positions: Positions {
                    first: seen.first,
                    last: seen.last,
                },
                revision: seen.revision,
                replayed: true,
                case: self.standing_of(subject),
                stream,
            })));
        }
        if let Some(expected) = submission.expected_revision {
            let actual = self.memory.head(&stream).map_or(0, |head| head.revision);
            if expected != actual {
                let rejection = Rejection::RevisionConflict { expected, actual };
                return self.refuse(submission, rejection, received, now);
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
                let prepared = match self.prepare(&stream, events, &origin, now) {
                    Ok(prepared) => prepared,
                    Err(rejection) => return self.refuse(submission, rejection, received, now),
                };
                let (positions, revision) = self.enter(prepared)?;
                if let Subject::Calendar(calendar) = subject {
                    let calendar = calendar.clone();
                    self.revise_waiting(&calendar, now)?;
                }
                Ok(Answer::Accepted(Box::new(Accepted {
                    positions,
                    revision,
                    replayed: false,
                    case: self.standing_of(subject),
                    stream,
                })))
            }
        }
    }

    /// How many bytes of the log had to be read back for what was decided since this was asked last.
    pub(crate) fn take_read_back(&mut self) -> usize {
        self.memory.take_read_back()
    }

    fn decide(
        &self,
        command: &Command,
        actor: &Actor,
        received: Instant,
    ) -> Result<Vec<Event>, Rejection> {
        let (case, party) = self.whose(command.subject());
        let (account, entity) = party.unzip();
        let world = World {
            case,
            at_issue: &self.memory.at_issue,
            account: account
                .and_then(|id| self.memory.account(id))
                .unwrap_or(&self.nobody),
            entity: entity
                .and_then(|id| self.memory.entity(id))
                .unwrap_or(&self.no_entity),
            books: &self.memory.books,
            // How many there are matters to their release alone, and counting them takes as long as there are many.
            held: self.hold().map(|hold| {
                let release = matches!(command, Command::ReleaseDeadlines(_));
                let overdue = if release {
                    self.memory.overdue(received)
                } else {
                    0
                };
                Held {
                    id: hold.id(),
                    reason: hold.reason(),
                    overdue,
                    log_ahead: self.memory.last_time.filter(|last| *last > received),
                }
            }),
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

    /// The case that a command is about, if it exists, and whose it is: what the case says goes before what the command
    /// says.
    fn whose<'a>(
        &'a self,
        subject: Subject<'a>,
    ) -> (Option<&'a CaseState>, Option<(&'a AccountId, &'a EntityId)>) {
        let case = subject.case().and_then(|it| self.memory.case_at_hand(it));
        let party = case.map(|state| (&state.account, &state.entity));
        (case, party.or_else(|| subject.party()))
    }

    fn account_of(&self, command: &Command) -> Option<AccountId> {
        let (_, party) = self.whose(command.subject());
        party.map(|(account, _)| account.clone())
    }

    fn standing_of(&self, subject: Subject<'_>) -> Option<events_schema::CaseStanding> {
        let (case, _) = self.whose(subject);
        case.and_then(standing)
    }

    /// Writes what was decided since the last commit, durably. Gives the events, in order.
    ///
    /// # Errors
    /// When the log failed. What was decided is then in doubt, nothing of it may be answered, and the
    /// process must stop.
    pub fn commit(&mut self) -> Result<Vec<Stored>, Error> {
        if self.group.commits.is_empty() {
            self.memory.forget_closed();
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

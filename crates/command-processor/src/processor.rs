//! The processor: one command after the other, decided on memory, written in groups.
//!
//! What a command comes to, and in which order that is looked at, the platform says, without I/O. Beside it: what the
//! service does by itself when time comes, and how events become records. It is used by one thread. Nothing it answers may leave before [`Processor::commit`] has returned.

mod adopting;
mod deadlines;
#[cfg(test)]
mod golden;
mod recording;

use std::path::{Path, PathBuf};

use enforcement_rules::{Books, Hold, Refusal, Sent, Step, service};
use event_log::{Commit, EventLog, Head, LogReader};
use events_schema::{
    Accepted, AccountId, Actor, CommandId, DeadlinesHeld, HeldPart, HoldId, Instant, Label,
    Personal, Positions, Sha256, Stream, Subject,
};

use crate::{
    Answer, BootId, Contradiction, Error, Reading, Recorded, Stored, Submission, WriterStatus,
    doubt::{self, Doubt},
    heartbeat::LastAlive,
    memory::Memory,
    start,
};

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

impl<'a> Origin<'a> {
    /// That of a command that somebody sent.
    const fn of(submission: &'a Submission, received: Instant, account: Option<AccountId>) -> Self {
        Self {
            actor: &submission.actor,
            submission: Some(submission),
            command_id: &submission.command_id,
            command_hash: submission.command.hash,
            causation: None,
            received,
            account,
        }
    }
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
            deadlines: service(),
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
        self.memory.platform.last_time()
    }

    /// When the next deadline falls due that can fire.
    pub fn next_due(&self) -> Option<Instant> {
        self.memory.platform.next_due()
    }

    /// Deadlines due by then that have not fired. They are counted one by one.
    pub fn overdue(&self, by: Instant) -> u64 {
        self.memory.platform.overdue(by)
    }

    /// What keeps deadlines from firing, or commands from being decided.
    pub const fn hold(&self) -> Option<&Hold> {
        self.memory.platform.hold()
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
        self.memory.platform.is_taking_over()
    }

    /// The rulebooks and calendars that were adopted.
    pub fn books(&self) -> &Books {
        self.memory.platform.books()
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
    /// before the command was received must have been fired, those of its own case are.
    ///
    /// # Errors
    /// When the log cannot be read.
    pub fn take(
        &mut self,
        submission: &Submission,
        received: Instant,
        now: Instant,
    ) -> Result<Answer, Error> {
        let sent = Sent {
            actor: &submission.actor,
            command_id: &submission.command_id,
            expected_revision: submission.expected_revision,
            command: &submission.command.command,
            hash: submission.command.hash,
        };
        let subject = sent.command.subject();
        let stream = subject.stream();
        loop {
            match self.memory.step(&sent, received) {
                Step::Need(case) => self.memory.load(&case, &self.reader)?,
                Step::Reach(case, deadline) => self.reach(&case, &deadline, now)?,
                Step::Replayed(seen) => {
                    return Ok(Answer::Accepted(Box::new(Accepted {
                        positions: Positions {
                            first: seen.first,
                            last: seen.last,
                        },
                        revision: seen.revision,
                        replayed: true,
                        case: self.memory.platform.standing(subject),
                        stream,
                    })));
                }
                Step::Refused(refusal) => return self.refuse(*refusal, submission, received, now),
                Step::Events(events) => {
                    let origin = Origin::of(
                        submission,
                        received,
                        self.memory.platform.account_of(subject),
                    );
                    let prepared = match self.prepare(&stream, events, &origin, now) {
                        Ok(prepared) => prepared,
                        Err(rejection) => {
                            let refusal = self.memory.platform.refuse(&sent, rejection, received);
                            return self.refuse(refusal, submission, received, now);
                        }
                    };
                    let (positions, revision) = self.enter(prepared)?;
                    self.lower_penalties(positions, now)?;
                    if let Subject::Calendar(calendar) = subject {
                        self.revise_dates(calendar, now)?;
                    }
                    return Ok(Answer::Accepted(Box::new(Accepted {
                        positions,
                        revision,
                        replayed: false,
                        case: self.memory.platform.standing(subject),
                        stream,
                    })));
                }
            }
        }
    }

    /// Answers no, and writes down what is to be on record of it.
    fn refuse(
        &mut self,
        refusal: Refusal,
        submission: &Submission,
        received: Instant,
        now: Instant,
    ) -> Result<Answer, Error> {
        let Refusal {
            rejection,
            next,
            record,
        } = refusal;
        let mut answer = Answer::refused_with(rejection, next, submission.locale);
        let Some((account, mut refused)) = record else {
            return Ok(answer);
        };
        let origin = Origin::of(submission, received, Some(account.clone()));
        let stream = Stream::Account(account);
        let prepared = self
            .prepare(&stream, vec![refused.clone().into()], &origin, now)
            .or_else(|_| {
                // A filing that fills a record by itself is kept without what the answer says besides.
                refused.next.clear();
                self.prepare(&stream, vec![refused.into()], &origin, now)
            });
        let Ok(prepared) = prepared else {
            return Ok(answer);
        };
        let (positions, _) = self.enter(prepared)?;
        if let Answer::Refused(problem) = &mut answer {
            problem.recorded_at = Some(positions.first);
        }
        Ok(answer)
    }

    /// How many bytes of the log had to be read back for what was decided since this was asked last.
    pub(crate) fn take_read_back(&mut self) -> usize {
        self.memory.take_read_back()
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

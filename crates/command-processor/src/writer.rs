//! The one writer: takes what waits, decides it, writes it in one group, and only then answers.
//!
//! There is no timer that gathers a group: whatever arrived while the last sync ran is the next group.

use std::{
    iter,
    sync::{Arc, mpsc},
    thread::{self, JoinHandle},
    time::Duration,
};

use events_schema::{Command, Instant, Role};
use tokio::sync::{oneshot, watch};

use crate::{
    Clock, Decided, Error, Hold, Intake, Processor, Reading, Stored, Submission,
    doubt::{self, ClockGuard, Doubt},
    heartbeat::Heartbeat,
    intake::Drained,
    snapshot,
};

/// Deadlines fired in one group, so that answers do not wait for all of a busy midnight.
const FIRINGS_PER_GROUP: usize = 64;

/// How long the writer sleeps when nothing is due, so that a jump of the clock is noticed.
const LOOK_AT_LEAST_EVERY: Duration = Duration::from_secs(1);

/// How often a jump is recorded while nothing is decided anyway, so that a clock that flickers does not fill the log.
const JUMP_RECORDED_AT_MOST_EVERY: Duration = Duration::from_mins(1);

/// How long a count of overdue deadlines is told again.
const COUNT_AT_MOST_EVERY: Duration = Duration::from_secs(1);

/// Events after which an idle writer writes a new snapshot of its caches.
const SNAPSHOT_EVERY_EVENTS: u64 = 100_000;

/// What others may know of the writer.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct WriterStatus {
    /// The position after the last durable event.
    pub next_position: u64,
    /// Device flushes so far.
    pub syncs: u64,
    /// What it holds still for.
    pub hold: Option<Hold>,
    /// Deadlines due that have not fired, as they were counted in the last second or so.
    pub overdue: u64,
}

/// The count of overdue deadlines. While firing is held there may be very many, and to count them for each group would
/// take longer than to decide it.
#[derive(Debug, Default)]
struct Overdue {
    counted: Option<(std::time::Instant, u64)>,
}

impl Overdue {
    fn count(&mut self, processor: &Processor, now: Instant, at: std::time::Instant) -> u64 {
        if processor.next_due().is_none_or(|due| due > now) {
            self.counted = None;
            return 0;
        }
        match self.counted {
            Some((before, count)) if at.duration_since(before) < COUNT_AT_MOST_EVERY => count,
            Some(_) | None => {
                let count = processor.overdue(now);
                self.counted = Some((at, count));
                count
            }
        }
    }
}

/// The running writer.
#[derive(Debug)]
pub struct Writer<Asker> {
    /// Where commands go in.
    pub intake: Arc<Intake<Asker>>,
    /// What it tells of itself after each group.
    pub status: watch::Receiver<WriterStatus>,
    thread: JoinHandle<Result<(), Error>>,
    ended: oneshot::Receiver<()>,
}

impl<Asker: Send + 'static> Writer<Asker> {
    /// Starts the writer on a thread of its own. Durable events go to `feed`, in order, and the answers of each
    /// group, once it is durable, to `answer`. Where the clock is in doubt, that is on disk when this returns.
    ///
    /// # Errors
    /// When the log was rolled back and nobody has accepted it, when the hold could not be written, or when the
    /// operating system gives no thread.
    pub fn spawn(
        processor: Processor,
        queue_length_max: usize,
        clock: Clock,
        feed: mpsc::SyncSender<Vec<Stored>>,
        mut answer: impl FnMut(Vec<Decided<Asker>>) + Send + 'static,
    ) -> Result<Self, Error> {
        let intake = Arc::new(Intake::new(queue_length_max, clock.clone()));
        let (turns, held) = Turns::begin(processor, clock)?;
        pass_on(&feed, held)?;
        // Who asks before the first group is through is told that it holds still.
        let overdue = turns.processor.overdue(turns.clock.read().wall);
        let (tell, status) = watch::channel(status_of(&turns.processor, overdue));
        let (end, ended) = oneshot::channel();
        let queue = Arc::clone(&intake);
        let thread = thread::Builder::new()
            .name("writer".to_owned())
            .spawn(move || {
                let result = run(turns, &queue, &feed, &tell, &mut answer);
                // Whatever ended it, nothing more is taken on and whoever waits is told.
                queue.close();
                drop(end);
                result
            })
            .map_err(|source| Error::Thread { source })?;
        Ok(Self {
            intake,
            status,
            thread,
            ended,
        })
    }

    /// Resolves when the writer has ended, by itself after an error or because the intake was closed.
    pub async fn ended(&mut self) {
        // The sender is only ever dropped.
        let _ = (&mut self.ended).await;
    }

    /// The outcome, once it has ended.
    ///
    /// # Errors
    /// Whatever made it stop.
    ///
    /// # Panics
    /// When the writer panicked: a broken invariant, on which nothing may be written.
    pub fn join(self) -> Result<(), Error> {
        self.intake.close();
        match self.thread.join() {
            Ok(result) => result,
            Err(panic) => std::panic::resume_unwind(panic),
        }
    }
}

fn run<Asker>(
    mut turns: Turns,
    intake: &Intake<Asker>,
    feed: &mpsc::SyncSender<Vec<Stored>>,
    status: &watch::Sender<WriterStatus>,
    answer: &mut impl FnMut(Vec<Decided<Asker>>),
) -> Result<(), Error> {
    loop {
        let turn = turns.decide(intake.drain(turns.sleep_max()))?;
        let stored = turns.commit()?;
        tell_how_far(status, &turns.processor, turn.overdue);
        // Who released it must not find it held again after a kill.
        turns.note_release(turn.looked_at);
        // The one place where answers leave: after the sync.
        if !turn.answers.is_empty() {
            answer(turn.answers);
        }
        pass_on(feed, stored)?;
        turns.note_alive(turn.looked_at);
        if turn.idle {
            turns.rest();
            if turn.closed {
                let held = turns.stop()?;
                tell_how_far(status, &turns.processor, turn.overdue);
                return pass_on(feed, held);
            }
        }
    }
}

fn pass_on(feed: &mpsc::SyncSender<Vec<Stored>>, stored: Vec<Stored>) -> Result<(), Error> {
    if !stored.is_empty() && feed.send(stored).is_err() {
        // Whoever shows the views is gone, which it only is when it failed; so do we.
        return Err(Error::NotOurs {
            problem: "the views have stopped".to_owned(),
        });
    }
    Ok(())
}

/// What the writer goes by from one group to the next.
struct Turns {
    processor: Processor,
    clock: Clock,
    guard: ClockGuard,
    heartbeat: Heartbeat,
    overdue: Overdue,
    snapshot_at: u64,
    /// A hold that was recorded and is not passed on yet.
    recorded: Vec<Stored>,
    /// The last instant that was stamped.
    last_stamp: Instant,
    /// A jump of the clock that is not on record yet.
    unrecorded: Option<Doubt>,
    /// What the boot clock said when the last hold was recorded.
    held_at: Duration,
    /// Whether it held still when it was last noted that it is alive.
    was_held: bool,
}

/// What one group came to.
struct Turn<Asker> {
    answers: Vec<Decided<Asker>>,
    overdue: u64,
    /// What the clocks said, which was looked at before anything was decided.
    looked_at: Reading,
    /// Nothing waited and nothing fired.
    idle: bool,
    /// Nothing more will come.
    closed: bool,
}

impl Turns {
    /// Looks at the clock before anything is decided or fired. Gives what had to be recorded of it.
    fn begin(mut processor: Processor, clock: Clock) -> Result<(Self, Vec<Stored>), Error> {
        processor.refuse_rollback()?;
        let reading = clock.read();
        let heartbeat =
            Heartbeat::open(processor.dir(), processor.reader().log_id(), clock.boot())?;
        let doubt = processor.doubt_at_start(reading, clock.boot());
        let held = doubt.map_or(Ok(Vec::new()), |held| hold_still(&mut processor, held))?;
        let held_at = if held.is_empty() {
            Duration::ZERO
        } else {
            reading.since_boot
        };
        let mut turns = Self {
            guard: ClockGuard::new(reading),
            heartbeat,
            overdue: Overdue::default(),
            snapshot_at: processor.head().next_position,
            recorded: Vec::new(),
            last_stamp: reading.wall,
            unrecorded: None,
            held_at,
            was_held: processor.hold().is_some(),
            processor,
            clock,
        };
        turns.note_alive(reading);
        Ok((turns, held))
    }

    /// Looks at the clock, and decides what waits and fires what is due.
    fn decide<Asker>(&mut self, drained: Drained<Asker>) -> Result<Turn<Asker>, Error> {
        self.look(&drained)?;
        let processor = &mut self.processor;
        let waited = !drained.waiting.is_empty();
        let mut answers = Vec::with_capacity(drained.waiting.len());
        let mut fired = 0;
        for stamped in drained.waiting {
            // A command fires what its own case has due, whatever is left for a later group.
            let firings_max = FIRINGS_PER_GROUP - fired;
            fired += processor.fire_due(stamped.received, drained.now, firings_max)?;
            answers.push(Decided {
                asker: stamped.asker,
                answer: processor.take(&stamped.submission, stamped.received, drained.now)?,
                read_back: processor.take_read_back(),
            });
        }
        fired += processor.fire_due(drained.now, drained.now, FIRINGS_PER_GROUP - fired)?;

        let overdue = &mut self.overdue;
        Ok(Turn {
            answers,
            overdue: overdue.count(processor, drained.now, std::time::Instant::now()),
            looked_at: drained.reading,
            idle: !waited && fired == 0,
            closed: drained.closed,
        })
    }

    /// Holds still, before anything of it is decided, where the clock jumped or was wrong for a moment. While nothing
    /// is decided anyway a further jump is on record too, or a release for what happened before would let go of it:
    /// after a while, or when somebody would release.
    fn look<Asker>(&mut self, drained: &Drained<Asker>) -> Result<(), Error> {
        let reading = drained.reading;
        // The very reading that `now` was stamped by, or one that was wrong for a moment would fire deadlines unseen.
        let jump = self.guard.look(reading).or_else(|| {
            let received = drained.waiting.iter().map(|stamped| stamped.received);
            let stamps = iter::once(self.last_stamp).chain(received);
            doubt::in_stamps(stamps.chain([drained.now]), reading)
        });
        self.last_stamp = drained.now;
        let Some(jump) = jump.or_else(|| self.unrecorded.take()) else {
            return Ok(());
        };
        let since = reading.since_boot.saturating_sub(self.held_at);
        let mut waiting = drained.waiting.iter();
        if self.is_in_doubt()
            && since < JUMP_RECORDED_AT_MOST_EVERY
            && !waiting.any(|stamped| is_release(&stamped.submission))
        {
            self.unrecorded = Some(jump);
            return Ok(());
        }
        self.unrecorded = None;
        self.recorded = hold_still(&mut self.processor, jump)?;
        self.held_at = reading.since_boot;
        Ok(())
    }

    /// Makes it durable. Gives what was recorded.
    fn commit(&mut self) -> Result<Vec<Stored>, Error> {
        let mut stored = std::mem::take(&mut self.recorded);
        stored.extend(self.processor.commit()?);
        Ok(stored)
    }

    /// Notes at once that the administrator has looked at the clock and released what was held.
    fn note_release(&mut self, looked_at: Reading) {
        let was_held = self.was_held;
        self.was_held = self.processor.hold().is_some();
        if was_held && !self.was_held {
            self.heartbeat.beat_anew(looked_at, self.processor.head());
        }
    }

    /// Notes that the service is alive, every ten seconds. Not while the clock is in doubt. What is noted is the reading
    /// that the guard has looked at, and not a later one: between the two the clock may have been set, and the next start
    /// would believe it.
    fn note_alive(&mut self, looked_at: Reading) {
        if !self.is_in_doubt() {
            let head = self.processor.head();
            self.heartbeat.beat_now_and_then(looked_at, head);
        }
    }

    fn is_in_doubt(&self) -> bool {
        matches!(self.processor.hold(), Some(Hold::Deciding { .. }))
    }

    /// Nothing is to be done: time for the caches.
    fn rest(&mut self) {
        let written = self.processor.head().next_position;
        if written - self.snapshot_at >= SNAPSHOT_EVERY_EVENTS {
            self.write_snapshot();
        }
    }

    fn write_snapshot(&mut self) {
        snapshot::write(&self.processor);
        self.snapshot_at = self.processor.head().next_position;
    }

    /// Nothing more will come: the caches, a last look at the clock, and the last beat. Gives what had to be recorded.
    fn stop(&mut self) -> Result<Vec<Stored>, Error> {
        self.write_snapshot();
        let reading = self.clock.read();
        if let Some(held) = self.guard.look(reading).or(self.unrecorded.take()) {
            return hold_still(&mut self.processor, held);
        }
        if !self.is_in_doubt() {
            self.heartbeat.last_beat(reading, self.processor.head());
        }
        Ok(Vec::new())
    }

    /// Until the next deadline falls due, and not for long.
    fn sleep_max(&self) -> Duration {
        let now = self.clock.read().wall;
        self.processor
            .next_due()
            .filter(|_| self.processor.hold().is_none())
            .map_or(LOOK_AT_LEAST_EVERY, |due| {
                let micros = due.microseconds().saturating_sub(now.microseconds());
                Duration::from_micros(u64::try_from(micros).unwrap_or(0)).min(LOOK_AT_LEAST_EVERY)
            })
    }
}

/// Whether the administrator lets go of what is held.
fn is_release(submission: &Submission) -> bool {
    submission.actor.role == Role::Administrator
        && matches!(submission.command.command, Command::ReleaseDeadlines(_))
}

/// Holds still, durably, before anything else is decided or fired. Gives what was recorded.
fn hold_still(processor: &mut Processor, doubt: Doubt) -> Result<Vec<Stored>, Error> {
    tracing::error!(
        reason = %doubt.reason,
        "the service holds still until the administrator has looked, and has run `redress deadlines release`"
    );
    processor.hold_still(doubt)?;
    processor.commit()
}

/// Says how far the log goes. Before the answers leave: whoever has one and asks what came of it is shown
/// everything up to here.
fn tell_how_far(status: &watch::Sender<WriterStatus>, processor: &Processor, overdue: u64) {
    status.send_replace(status_of(processor, overdue));
}

fn status_of(processor: &Processor, overdue: u64) -> WriterStatus {
    WriterStatus {
        next_position: processor.head().next_position,
        syncs: processor.syncs(),
        hold: processor.hold().cloned(),
        overdue,
    }
}

#[cfg(test)]
mod clock_set_at_a_read;
#[cfg(test)]
mod clock_steps;

#[cfg(test)]
pub(crate) mod tests {
    use std::path::Path;

    use events_schema::AdoptRulebook;
    use test_support::{PLATFORM, ROOT, day, label, publication, rulebook, warning};

    use super::*;
    use crate::testing::accept;

    /// A warning of day 1, which is long overdue on day 40, and one of that day.
    pub(crate) fn two_warnings(dir: &Path) -> Processor {
        let (mut processor, _) =
            Processor::open(dir, &label("tests"), day(0), &mut |_, _| {}).unwrap();
        let adopt = AdoptRulebook {
            toml: rulebook().toml(),
        };
        let calendar = Command::PublishCalendar(publication("utc"));
        accept(&mut processor, (ROOT, "calendar"), calendar, day(0));
        let adopt = Command::AdoptRulebook(adopt);
        accept(&mut processor, (ROOT, "rulebook"), adopt, day(0));
        accept(&mut processor, (PLATFORM, "w-1"), warning(), day(1));
        let later = warning().with_case("C2").with_location("elsewhere");
        accept(&mut processor, (PLATFORM, "w-2"), later, day(40));
        processor
    }

    fn started(dir: &Path, wall: Instant) -> Turns {
        let clock = Clock::new(None, move || Reading {
            wall,
            since_boot: Duration::ZERO,
        });
        let (processor, _) = Processor::open_existing(dir).unwrap();
        Turns::begin(processor, clock).unwrap().0
    }

    #[test]
    fn a_clock_that_was_set_while_a_hold_stood_is_on_record_before_anybody_can_release_it() {
        let dir = tempfile::tempdir().unwrap();
        drop(two_warnings(dir.path()));
        for at in [day(42), day(60)] {
            let turns = started(dir.path(), at);
            let hold = turns.processor.hold().unwrap();
            let says = format!("the clock says {at}");
            assert!(hold.reason().as_str().starts_with(&says), "{hold:?}");
        }
    }

    #[test]
    fn overdue_deadlines_are_counted_once_a_second_and_none_at_once() {
        let dir = tempfile::tempdir().unwrap();
        let processor = two_warnings(dir.path());
        let mut overdue = Overdue::default();
        let at = std::time::Instant::now();
        let half_a_second = COUNT_AT_MOST_EVERY / 2;
        assert_eq!(overdue.count(&processor, day(40), at), 1);
        let later = day(90);
        assert_eq!(overdue.count(&processor, later, at + half_a_second), 1);
        assert_eq!(
            overdue.count(&processor, later, at + COUNT_AT_MOST_EVERY),
            2
        );
        assert_eq!(
            overdue.count(&processor, day(2), at + COUNT_AT_MOST_EVERY),
            0
        );
        assert_eq!(
            overdue.count(&processor, day(40), at + COUNT_AT_MOST_EVERY),
            1
        );
    }
}

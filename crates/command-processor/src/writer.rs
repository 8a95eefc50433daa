//! The one writer: takes what waits, decides it, writes it in one group, and only then answers.
//!
//! There is no timer that gathers a group: whatever arrived while the last sync ran is the next group.

use std::{
    sync::{Arc, mpsc},
    thread::{self, JoinHandle},
    time::Duration,
};

use events_schema::Instant;
use tokio::sync::{oneshot, watch};

use crate::{
    Answer, Error, Hold, Intake, Processor, Stored,
    clock::{self, ClockGuard},
    snapshot,
};

/// Deadlines fired in one group, so that answers do not wait for all of a busy midnight.
const FIRINGS_PER_GROUP: usize = 64;

/// How long the writer sleeps when nothing is due, so that a jump of the clock is noticed.
const LOOK_AT_LEAST_EVERY: Duration = Duration::from_secs(1);

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
    /// group, once it is durable, to `answer`.
    ///
    /// # Errors
    /// When the operating system gives no thread.
    pub fn spawn(
        mut processor: Processor,
        queue_length_max: usize,
        feed: mpsc::SyncSender<Vec<Stored>>,
        mut answer: impl FnMut(Vec<(Asker, Answer)>) + Send + 'static,
    ) -> Result<Self, std::io::Error> {
        let intake = Arc::new(Intake::new(queue_length_max));
        let start = clock::now();
        let hold = hold_at(&processor, start);
        processor.set_hold(hold);
        // Who asks before the first group is through is told that it holds still.
        let (tell, status) = watch::channel(status_of(&processor, processor.overdue(start)));
        let (end, ended) = oneshot::channel();
        let queue = Arc::clone(&intake);
        let thread = thread::Builder::new()
            .name("writer".to_owned())
            .spawn(move || {
                let result = run(processor, &queue, &feed, &tell, &mut answer);
                // Whatever ended it, nothing more is taken on and whoever waits is told.
                queue.close();
                drop(end);
                result
            })?;
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
    mut processor: Processor,
    intake: &Intake<Asker>,
    feed: &mpsc::SyncSender<Vec<Stored>>,
    status: &watch::Sender<WriterStatus>,
    answer: &mut impl FnMut(Vec<(Asker, Answer)>),
) -> Result<(), Error> {
    let mut guard = ClockGuard::new();
    let mut overdue = Overdue::default();
    let mut snapshot_at = processor.head().next_position;
    loop {
        let drained = intake.drain(sleep_max(&processor));
        watch_the_clock(&mut processor, &mut guard, drained.now);
        let idle = drained.waiting.is_empty();
        let mut answers = Vec::with_capacity(drained.waiting.len());
        let mut fired = 0;
        for stamped in drained.waiting {
            // A command fires what its own case has due, whatever is left for a later group.
            let firings_max = FIRINGS_PER_GROUP - fired;
            fired += processor.fire_due(stamped.received, drained.now, firings_max)?;
            let decided = processor.take(&stamped.submission, stamped.received, drained.now)?;
            answers.push((stamped.asker, decided));
        }
        fired += processor.fire_due(drained.now, drained.now, FIRINGS_PER_GROUP - fired)?;

        let stored = processor.commit()?;
        let overdue = overdue.count(&processor, drained.now, std::time::Instant::now());
        tell_how_far(status, &processor, overdue);
        // The one place where answers leave: after the sync.
        if !answers.is_empty() {
            answer(answers);
        }
        if !stored.is_empty() && feed.send(stored).is_err() {
            // Whoever shows the views is gone, which it only is when it failed; so do we.
            return Err(Error::NotOurs {
                problem: "the views have stopped".to_owned(),
            });
        }
        if idle && fired == 0 {
            let written = processor.head().next_position;
            if drained.closed || written - snapshot_at >= SNAPSHOT_EVERY_EVENTS {
                snapshot::write(&processor);
                snapshot_at = written;
            }
            if drained.closed {
                return Ok(());
            }
        }
    }
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

/// Until the next deadline falls due, and not for long.
fn sleep_max(processor: &Processor) -> Duration {
    let now: Instant = clock::now();
    processor
        .next_due()
        .filter(|_| processor.hold().is_none())
        .map_or(LOOK_AT_LEAST_EVERY, |due| {
            let micros = due.microseconds().saturating_sub(now.microseconds());
            Duration::from_micros(u64::try_from(micros).unwrap_or(0)).min(LOOK_AT_LEAST_EVERY)
        })
}

fn watch_the_clock(processor: &mut Processor, guard: &mut ClockGuard, now: Instant) {
    if let Some(jump) = guard.jumped(now) {
        tracing::error!(reason = %jump.reason(), "the clock cannot be trusted; nothing is decided");
        processor.set_hold(Some(jump));
    }
    if matches!(
        processor.hold(),
        Some(Hold::Deciding {
            until_clock_catches_up: true,
            ..
        })
    ) {
        let hold = hold_at(processor, now);
        processor.set_hold(hold);
    }
}

/// What there is to hold still for at this time. A clock that has caught up with the log says nothing of the deadlines
/// that passed meanwhile: whether they wait for the administrator is asked then, as at any start.
fn hold_at(processor: &Processor, now: Instant) -> Option<Hold> {
    clock::behind(now, processor.last_time()).or_else(|| {
        let overdue = processor.overdue(now);
        clock::absent(now, processor.last_time(), processor.next_due(), overdue)
    })
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use events_schema::{Actor, AdoptRulebook, Command, Locale, parse_command};
    use test_support::{PLATFORM, ROOT, body_in_words, day, label, publication, rulebook, warning};

    use super::*;
    use crate::Submission;

    fn accept(processor: &mut Processor, sender: &str, command: impl Into<Command>, at: Instant) {
        let command = command.into();
        let actor: Actor = sender.parse().unwrap();
        let body = body_in_words(&command).to_string();
        let name = command.name();
        let command = parse_command(name, actor.role, &actor.principal, body.as_bytes()).unwrap();
        let submission = Submission {
            actor,
            command_id: name.as_str().parse().unwrap(),
            correlation_id: None,
            expected_revision: None,
            locale: Locale::English,
            command,
        };
        let answer = processor.take(&submission, at, at).unwrap();
        assert!(matches!(answer, Answer::Accepted(_)), "{answer:?}");
        processor.commit().unwrap();
    }

    /// A warning of day 1, which is long overdue on day 40, and one of that day.
    fn two_warnings(dir: &Path) -> Processor {
        let (mut processor, _) =
            Processor::open(dir, &label("tests"), day(0), &mut |_, _| {}).unwrap();
        let adopt = AdoptRulebook {
            toml: rulebook().toml(),
        };
        accept(
            &mut processor,
            ROOT,
            Command::PublishCalendar(publication("utc")),
            day(0),
        );
        accept(&mut processor, ROOT, Command::AdoptRulebook(adopt), day(0));
        accept(&mut processor, PLATFORM, warning(), day(1));
        let later = warning().with_case("C2").with_location("elsewhere");
        accept(&mut processor, PLATFORM, later, day(40));
        processor
    }

    #[test]
    fn a_clock_that_has_caught_up_lets_no_deadline_fire_that_the_administrator_has_not_seen() {
        let dir = tempfile::tempdir().unwrap();
        let mut processor = two_warnings(dir.path());
        let behind = day(40).plus_seconds(-60);
        assert!(processor.next_due().unwrap() < behind);

        let hold = hold_at(&processor, behind);
        assert!(matches!(hold, Some(Hold::Deciding { .. })), "{hold:?}");
        processor.set_hold(hold);
        let mut guard = ClockGuard::at(day(40));
        watch_the_clock(&mut processor, &mut guard, day(40));
        let hold = processor.hold();
        assert!(matches!(hold, Some(Hold::Firing { .. })), "{hold:?}");
        assert_eq!(processor.fire_due(day(40), day(40), 1).unwrap(), 0);
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

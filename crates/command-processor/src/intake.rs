//! The queue in front of the writer. It stamps what comes in, so that the order of the queue is the order
//! of receipt; it is bounded, and says so when it is full.
//!
//! With each command waits whatever its answer goes to, which nothing here looks into.

use std::{
    collections::VecDeque,
    sync::{Condvar, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use events_schema::Instant;

use crate::{Clock, Reading, Submission, doubt::BACK_MAX_SECONDS, submission::Stamped};

/// The bounded queue of commands.
#[derive(Debug)]
pub struct Intake<Asker> {
    queue: Mutex<Queue<Asker>>,
    arrived: Condvar,
    length_max: usize,
    clock: Clock,
}

#[derive(Debug)]
struct Queue<Asker> {
    waiting: VecDeque<Stamped<Asker>>,
    last_stamp: Option<Instant>,
    closed: bool,
}

/// Why a command was not taken on. Nothing was done with it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NotTaken {
    /// As many commands wait as the queue holds.
    Full,
    /// The service is stopping.
    Closed,
}

/// What the writer takes from the queue at once.
pub(crate) struct Drained<Asker> {
    pub(crate) waiting: VecDeque<Stamped<Asker>>,
    /// Read under the lock: everything received before it is in `waiting` or was taken earlier.
    pub(crate) now: Instant,
    /// What the clocks said when `now` was stamped.
    pub(crate) reading: Reading,
    pub(crate) closed: bool,
}

impl<Asker> Intake<Asker> {
    /// A queue for so many commands, stamped by this clock.
    pub fn new(length_max: usize, clock: Clock) -> Self {
        Self {
            queue: Mutex::new(Queue {
                waiting: VecDeque::new(),
                last_stamp: None,
                closed: false,
            }),
            arrived: Condvar::new(),
            length_max,
            clock,
        }
    }

    /// Takes a command on, stamped with the time of its receipt. The writer hands the asker out again with the
    /// answer, once that is durable; an asker that is dropped without one has met a process that is stopping, and
    /// the outcome is unknown.
    ///
    /// # Errors
    /// When the queue is full or closed; the asker comes back.
    pub fn submit(&self, submission: Submission, asker: Asker) -> Result<(), (NotTaken, Asker)> {
        let mut queue = self.lock();
        if queue.closed {
            return Err((NotTaken::Closed, asker));
        }
        if queue.waiting.len() >= self.length_max {
            return Err((NotTaken::Full, asker));
        }
        let reading = self.clock.read();
        let received = queue.stamp(reading);
        let was_empty = queue.waiting.is_empty();
        queue.waiting.push_back(Stamped {
            received,
            submission,
            asker,
        });
        drop(queue);
        // Behind another command, the writer has been told.
        if was_empty {
            self.arrived.notify_one();
        }
        Ok(())
    }

    /// Takes on nothing more; what waits is still done.
    pub fn close(&self) {
        self.lock().closed = true;
        self.arrived.notify_one();
    }

    /// Everything that waits, after waiting at most so long for something to come.
    pub(crate) fn drain(&self, wait_max: Duration) -> Drained<Asker> {
        let queue = self.lock();
        let (mut queue, _) = self
            .arrived
            .wait_timeout_while(queue, wait_max, |queue| {
                queue.waiting.is_empty() && !queue.closed
            })
            .unwrap_or_else(PoisonError::into_inner);
        let reading = self.clock.read();
        Drained {
            waiting: std::mem::take(&mut queue.waiting),
            now: queue.stamp(reading),
            reading,
            closed: queue.closed,
        }
    }

    fn lock(&self) -> MutexGuard<'_, Queue<Asker>> {
        // Nothing that runs under the lock can leave the queue half changed.
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<Asker> Queue<Asker> {
    /// The wall clock, going back only where that is so far that it is not believed.
    fn stamp(&mut self, reading: Reading) -> Instant {
        let wall = reading.wall;
        let stamp = match self.last_stamp {
            Some(last) if last > wall && last <= wall.plus_seconds(BACK_MAX_SECONDS) => last,
            Some(_) | None => wall,
        };
        self.last_stamp = Some(stamp);
        stamp
    }
}

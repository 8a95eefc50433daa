//! The queue in front of the writer. It stamps what comes in, so that the order of the queue is the order
//! of receipt; it is bounded, and says so when it is full.

use std::{
    collections::VecDeque,
    sync::{Condvar, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use events_schema::Instant;
use tokio::sync::oneshot;

use crate::{Answer, Submission, clock, submission::Stamped};

type Waiting = Stamped<oneshot::Sender<Answer>>;

/// The bounded queue of commands.
#[derive(Debug)]
pub struct Intake {
    queue: Mutex<Queue>,
    arrived: Condvar,
    length_max: usize,
}

#[derive(Debug, Default)]
struct Queue {
    waiting: VecDeque<Waiting>,
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
pub(crate) struct Drained {
    pub(crate) waiting: VecDeque<Waiting>,
    /// Read under the lock: everything received before it is in `waiting` or was taken earlier.
    pub(crate) now: Instant,
    pub(crate) closed: bool,
}

impl Intake {
    /// A queue for so many commands.
    pub fn new(length_max: usize) -> Self {
        Self {
            queue: Mutex::default(),
            arrived: Condvar::new(),
            length_max,
        }
    }

    /// Takes a command on, stamped with the time of its receipt. The answer comes through the receiver once
    /// it is durable; if the sender is dropped instead, the process is stopping and the outcome unknown.
    ///
    /// # Errors
    /// When the queue is full or closed.
    pub fn submit(&self, submission: Submission) -> Result<oneshot::Receiver<Answer>, NotTaken> {
        let (reply, answer) = oneshot::channel();
        let mut queue = self.lock();
        if queue.closed {
            return Err(NotTaken::Closed);
        }
        if queue.waiting.len() >= self.length_max {
            return Err(NotTaken::Full);
        }
        let received = queue.stamp();
        queue.waiting.push_back(Stamped {
            received,
            submission,
            reply,
        });
        drop(queue);
        self.arrived.notify_one();
        Ok(answer)
    }

    /// Takes on nothing more; what waits is still done.
    pub fn close(&self) {
        self.lock().closed = true;
        self.arrived.notify_one();
    }

    /// Everything that waits, after waiting at most so long for something to come.
    pub(crate) fn drain(&self, wait_max: Duration) -> Drained {
        let queue = self.lock();
        let (mut queue, _) = self
            .arrived
            .wait_timeout_while(queue, wait_max, |queue| {
                queue.waiting.is_empty() && !queue.closed
            })
            .unwrap_or_else(PoisonError::into_inner);
        Drained {
            waiting: std::mem::take(&mut queue.waiting),
            now: queue.stamp(),
            closed: queue.closed,
        }
    }

    fn lock(&self) -> MutexGuard<'_, Queue> {
        // Nothing that runs under the lock can leave the queue half changed.
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Queue {
    /// The wall clock, never going back by less than the guard would notice.
    fn stamp(&mut self) -> Instant {
        let wall = clock::now();
        let stamp = match self.last_stamp {
            Some(last) if last > wall && last < wall.plus_seconds(2) => last,
            Some(_) | None => wall,
        };
        self.last_stamp = Some(stamp);
        stamp
    }
}

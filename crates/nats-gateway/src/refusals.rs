//! Refusals that nothing was decided for: they wait for their turn to be sent, so many and no more.

use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};

use async_nats::Subject;
use events_schema::{Locale, Problem, Rejection, Role};

use crate::{
    in_hand::{InHand, Ledger, Room},
    outlet::Outlet,
    reply,
    turns::Turns,
};

/// Refusals that may wait to be sent. They are small and leave as fast as the connection takes them.
const WAITING_MAX: Room = Room {
    messages: 8 * 1024,
    bytes: 16 * 1024 * 1024,
};

/// The refusals of one connection.
#[derive(Debug)]
pub(crate) struct Refusals {
    room: Arc<Ledger>,
    turns: Turns<Refusal>,
    dropped: AtomicU64,
}

#[derive(Debug)]
struct Refusal {
    reply: Subject,
    locale: Locale,
    rejection: Rejection,
    waiting: InHand,
}

impl Refusals {
    pub(crate) fn new() -> Self {
        Self {
            room: Ledger::new(WAITING_MAX),
            turns: Turns::new(),
            dropped: AtomicU64::new(0),
        }
    }

    /// Lets a refusal wait to be sent. When too many of this sender wait, it sends faster than it can be answered, and
    /// hears nothing.
    pub(crate) fn add(
        &self,
        role: Role,
        sender: &str,
        reply: &str,
        locale: Locale,
        rejection: Rejection,
    ) {
        let text = match &rejection {
            Rejection::MalformedCommand { path, problem } => path.len() + problem.len(),
            _ => 0,
        };
        let Some(waiting) = self.room.take(sender, reply.len() + text) else {
            self.dropped.fetch_add(1, Ordering::Relaxed);
            return;
        };
        let sender = Arc::clone(waiting.sender());
        let refusal = Refusal {
            reply: reply.into(),
            locale,
            rejection,
            waiting,
        };
        // At the end there is nobody left to send it.
        let _ = self.turns.push(role, &sender, refusal);
    }

    /// How many were not even kept.
    pub(crate) fn dropped(&self) -> u64 {
        self.dropped.load(Ordering::Relaxed)
    }

    /// What would be sent next.
    #[cfg(test)]
    pub(crate) async fn next_for_test(&self) -> (Rejection, Locale) {
        let refusal = self.turns.next().await.expect("a refusal waits");
        (refusal.rejection, refusal.locale)
    }

    /// Nothing more will be refused.
    pub(crate) fn close(&self) {
        self.turns.close();
    }

    /// Sends them, until no more will come.
    pub(crate) async fn send(&self, outlet: &Outlet) {
        while let Some(refusal) = self.turns.next().await {
            let Refusal {
                reply,
                locale,
                rejection,
                waiting,
            } = refusal;
            let problem = Problem::new(rejection, Vec::new(), locale);
            reply::send_problem_to(outlet, &reply, &problem).await;
            drop(waiting);
        }
    }
}

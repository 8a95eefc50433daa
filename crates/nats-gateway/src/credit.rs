//! What a sender may ask for in vain: so many points, which come back with time.
//!
//! Whoever is refused costs as much as whoever is not, and whoever asks costs more than it takes to ask. Each command
//! and each query costs points by its size, what is read for it and a long answer cost some more, and a command that is
//! accepted gets most of its own back: there are rules that let a party append again and again. So who does its business
//! never notices, and who floods is told [`busy`](events_schema::Rejection::Busy) before anything of it is read.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

/// Bytes that cost a point, beside the one that each message costs.
const BYTES_A_POINT: usize = 8 * 1024;

/// Senders that are remembered before those are forgotten who have all of their points again.
const SENDERS_BEFORE_TIDYING: usize = 8 * 1024;

/// How fast points come back, and how many there are at most, as the time in which they come.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Terms {
    pub(crate) a_point_every: Duration,
    pub(crate) all_within: Duration,
}

/// What senders have spent.
#[derive(Debug)]
pub(crate) struct Credit {
    terms: Terms,
    senders: Mutex<Senders>,
}

#[derive(Debug, Default)]
struct Senders {
    /// When each will have all of its points again.
    whole_at: HashMap<Arc<str>, Instant>,
    /// How many there may be before they are looked through.
    tidied_beyond: usize,
}

/// What was spent for a message.
#[derive(Debug)]
pub(crate) struct Spent {
    credit: Arc<Credit>,
    sender: Arc<str>,
    points: u32,
}

/// The points of something of so many bytes.
fn points(bytes: usize) -> u32 {
    u32::try_from(bytes / BYTES_A_POINT).unwrap_or(u32::MAX)
}

impl Credit {
    pub(crate) fn new(terms: Terms) -> Arc<Self> {
        Arc::new(Self {
            terms,
            senders: Mutex::new(Senders {
                whole_at: HashMap::new(),
                tidied_beyond: SENDERS_BEFORE_TIDYING,
            }),
        })
    }

    /// Spends what a message of so many bytes costs, or says after how long there is enough for it.
    pub(crate) fn spend(
        self: &Arc<Self>,
        sender: &Arc<str>,
        bytes: usize,
        now: Instant,
    ) -> Result<Spent, Duration> {
        let points = points(bytes).saturating_add(1);
        let mut senders = self.lock();
        let whole_at = senders.whole_at(sender, now) + self.terms.a_point_every * points;
        let missing = whole_at.saturating_duration_since(now + self.terms.all_within);
        if !missing.is_zero() {
            return Err(missing);
        }
        senders.set(sender, whole_at, now);
        drop(senders);
        Ok(Spent {
            credit: Arc::clone(self),
            sender: Arc::clone(sender),
            points,
        })
    }

    fn lock(&self) -> MutexGuard<'_, Senders> {
        // Nothing that runs under the lock can leave the sums half changed.
        self.senders.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Senders {
    fn whole_at(&self, sender: &str, now: Instant) -> Instant {
        let whole_at = self.whole_at.get(sender).copied();
        whole_at.map_or(now, |at| at.max(now))
    }

    fn set(&mut self, sender: &Arc<str>, whole_at: Instant, now: Instant) {
        if let Some(at) = self.whole_at.get_mut(sender) {
            *at = whole_at;
            return;
        }
        self.whole_at.insert(Arc::clone(sender), whole_at);
        if self.whole_at.len() > self.tidied_beyond {
            self.whole_at.retain(|_, at| *at > now);
            // Half as many again, so that looking through them costs each of them little.
            self.tidied_beyond = SENDERS_BEFORE_TIDYING.max(self.whole_at.len() * 3 / 2);
        }
    }
}

impl Spent {
    /// It was not in vain, and three quarters come back. What had come back with time meanwhile comes back twice, which
    /// is no more than it cost.
    pub(crate) fn give_back(self) {
        let mut senders = self.credit.lock();
        let given = self.credit.terms.a_point_every * self.points * 3 / 4;
        if let Some(at) = senders.whole_at.get_mut(&self.sender) {
            *at = at.checked_sub(given).unwrap_or(*at);
        }
    }

    /// More was to be done for it than it took to ask: so many bytes were read or are answered. That may cost more than
    /// there is, and what comes next waits, but for no longer than this: any number of messages may have been let in
    /// before the first one had cost anything.
    pub(crate) fn charge(&self, bytes: usize, none_for_at_most: Duration, now: Instant) {
        let points = points(bytes);
        if points == 0 {
            return;
        }
        let mut senders = self.credit.lock();
        let terms = self.credit.terms;
        let before = senders.whole_at(&self.sender, now);
        let whole_at = before + terms.a_point_every * points;
        let latest = now + terms.all_within + none_for_at_most;
        senders.set(&self.sender, whole_at.min(latest).max(before), now);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TERMS: Terms = Terms {
        a_point_every: Duration::from_millis(10),
        all_within: Duration::from_secs(1),
    };

    fn spend(credit: &Arc<Credit>, name: &str, bytes: usize, now: Instant) -> Vec<Spent> {
        std::iter::from_fn(|| credit.spend(&name.into(), bytes, now).ok()).collect()
    }

    #[test]
    fn what_is_asked_in_vain_costs_by_its_size_and_comes_back_with_time() {
        let credit = Credit::new(TERMS);
        let now = Instant::now();
        assert_eq!(spend(&credit, "party.a", 100, now).len(), 100);
        let missing = credit.spend(&"party.a".into(), 9 * BYTES_A_POINT, now);
        assert_eq!(missing.err(), Some(Duration::from_millis(100)));
        assert_eq!(spend(&credit, "party.b", 9 * BYTES_A_POINT, now).len(), 10);
        let later = now + Duration::from_millis(100);
        assert_eq!(spend(&credit, "party.a", 100, later).len(), 10);
    }

    #[test]
    fn what_is_accepted_costs_a_quarter() {
        let credit = Credit::new(TERMS);
        let now = Instant::now();
        for _ in 0..90 {
            let spent = credit.spend(&"party.a".into(), 3 * BYTES_A_POINT, now);
            spent.unwrap().give_back();
        }
        assert_eq!(spend(&credit, "party.a", 100, now).len(), 10);
    }

    #[test]
    fn what_takes_much_keeps_its_sender_waiting_and_not_for_long() {
        let credit = Credit::new(TERMS);
        let now = Instant::now();
        let spent = spend(&credit, "party.a", 10, now);
        for spent in &spent[..5] {
            spent.charge(20 * BYTES_A_POINT, Duration::from_millis(500), now);
        }
        let missing = credit.spend(&"party.a".into(), 10, now);
        assert_eq!(missing.err(), Some(Duration::from_millis(510)));
    }

    #[test]
    fn who_has_all_of_its_points_again_is_forgotten() {
        let credit = Credit::new(TERMS);
        let now = Instant::now();
        for number in 0..10 * SENDERS_BEFORE_TIDYING {
            let at = now + Duration::from_millis(u64::try_from(number).unwrap());
            let spent = credit.spend(&format!("party.{number}").into(), 10, at);
            assert!(spent.is_ok());
        }
        assert!(credit.lock().whole_at.len() <= SENDERS_BEFORE_TIDYING);
    }
}

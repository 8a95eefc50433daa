//! How much of what has come in may be in hand, in all and of one sender.
//!
//! It is asked for each message before its body is read. Of what is free one sender may take half: whoever fills the
//! service finds the other half kept for everybody else, and two of them leave a third. What is in hand is given back
//! when the answer waits to be written, where there is a bound of its own.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use crate::credit::Spent;

/// Bytes that a message takes beside what was sent: its place in queues, and what was made of it.
const BYTES_BESIDE: usize = 1024;

/// How long a sender is kept waiting at the most after its answers were long.
const ANSWERS_COST_FOR_AT_MOST: Duration = Duration::from_secs(1);

/// How long after the log had to be read for it. A history of 100 MB takes half a second.
const READING_COSTS_FOR_AT_MOST: Duration = Duration::from_secs(10);

/// Senders of whom it is remembered how much had to be read.
const READERS_MAX: usize = 8 * 1024;

/// How much may be in hand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Room {
    pub(crate) messages: usize,
    pub(crate) bytes: usize,
}

/// Who has how much in hand.
#[derive(Debug)]
pub(crate) struct Ledger {
    room: Room,
    sums: Mutex<Sums>,
    /// How many bytes had to be read for the last message of those for whom any had to be.
    read_last: Mutex<HashMap<Arc<str>, usize>>,
}

#[derive(Debug, Default)]
struct Sums {
    all: Used,
    of_senders: HashMap<Arc<str>, Used>,
}

#[derive(Debug, Default, Clone, Copy)]
struct Used {
    messages: usize,
    bytes: usize,
}

/// A message that is in hand until this is dropped.
#[derive(Debug)]
pub(crate) struct InHand {
    ledger: Arc<Ledger>,
    sender: Arc<str>,
    bytes: usize,
    spent: Option<Spent>,
}

impl Ledger {
    pub(crate) fn new(room: Room) -> Arc<Self> {
        Arc::new(Self {
            room,
            sums: Mutex::new(Sums::default()),
            read_last: Mutex::new(HashMap::new()),
        })
    }

    /// Takes a message of so many bytes in hand, if this sender may have it there.
    pub(crate) fn take(self: &Arc<Self>, sender: &str, bytes: usize) -> Option<InHand> {
        let bytes = bytes + BYTES_BESIDE;
        let mut sums = self.lock();
        let all = sums.all;
        let (known, own) = sums
            .of_senders
            .get_key_value(sender)
            .map_or((None, Used::default()), |(name, used)| {
                (Some(Arc::clone(name)), *used)
            });
        let free = Room {
            messages: self.room.messages.saturating_sub(all.messages),
            bytes: self.room.bytes.saturating_sub(all.bytes),
        };
        let fits = own.messages < free.messages && own.bytes < free.bytes && bytes <= free.bytes;
        if !fits {
            return None;
        }
        let sender = known.unwrap_or_else(|| Arc::from(sender));
        sums.all = all.with(bytes);
        sums.of_senders.insert(Arc::clone(&sender), own.with(bytes));
        drop(sums);
        Some(InHand {
            ledger: Arc::clone(self),
            sender,
            bytes,
            spent: None,
        })
    }

    fn give_back(&self, sender: &str, bytes: usize) {
        let mut sums = self.lock();
        sums.all = sums.all.without(bytes);
        if let Some(own) = sums.of_senders.get_mut(sender) {
            *own = own.without(bytes);
            if own.messages == 0 {
                sums.of_senders.remove(sender);
            }
        }
    }

    fn read_last(&self) -> MutexGuard<'_, HashMap<Arc<str>, usize>> {
        self.read_last
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }

    fn lock(&self) -> MutexGuard<'_, Sums> {
        // Nothing that runs under the lock can leave the sums half changed.
        self.sums.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Used {
    const fn with(self, bytes: usize) -> Self {
        Self {
            messages: self.messages + 1,
            bytes: self.bytes + bytes,
        }
    }

    const fn without(self, bytes: usize) -> Self {
        Self {
            messages: self.messages - 1,
            bytes: self.bytes - bytes,
        }
    }
}

impl InHand {
    /// Who sent it: role and principal, as the subject says them.
    pub(crate) const fn sender(&self) -> &Arc<str> {
        &self.sender
    }

    /// With what its sender has spent for it.
    pub(crate) fn paid_by(&mut self, spent: Spent) {
        self.spent = Some(spent);
    }

    /// It was accepted, and its sender gets back what it has spent for it.
    pub(crate) fn was_accepted(&mut self) {
        if let Some(spent) = self.spent.take() {
            spent.give_back();
        }
    }

    /// An answer of so many bytes leaves.
    pub(crate) fn answered(&self, bytes: usize) {
        self.charge(bytes, ANSWERS_COST_FOR_AT_MOST);
    }

    /// So many bytes of the log had to be read for it, while others waited.
    pub(crate) fn read_back(&self, bytes: usize) {
        self.charge(bytes, READING_COSTS_FOR_AT_MOST);
        let mut read_last = self.ledger.read_last();
        if bytes == 0 {
            read_last.remove(&self.sender);
            return;
        }
        if read_last.len() >= READERS_MAX {
            read_last.clear();
        }
        read_last.insert(Arc::clone(&self.sender), bytes);
    }

    /// What it is reckoned to take until it is decided, in bytes: itself, and what will have to be read for it if that is
    /// as much as for the last one of its sender.
    pub(crate) fn bytes_until_decided(&self) -> usize {
        let read_last = self.ledger.read_last();
        self.bytes + read_last.get(&self.sender).copied().unwrap_or_default()
    }

    fn charge(&self, bytes: usize, none_for_at_most: Duration) {
        if let Some(spent) = &self.spent {
            spent.charge(bytes, none_for_at_most, Instant::now());
        }
    }

    /// What it is reckoned to take in memory, in bytes.
    #[cfg(test)]
    pub(crate) const fn bytes(&self) -> usize {
        self.bytes
    }
}

impl Drop for InHand {
    fn drop(&mut self) {
        self.ledger.give_back(&self.sender, self.bytes);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ledger(messages: usize, bytes: usize) -> Arc<Ledger> {
        Ledger::new(Room { messages, bytes })
    }

    fn taken(ledger: &Arc<Ledger>, sender: &str, bytes: usize) -> Vec<InHand> {
        std::iter::from_fn(|| ledger.take(sender, bytes)).collect()
    }

    #[test]
    fn one_sender_gets_half_and_the_next_ones_find_room() {
        let ledger = ledger(1_000, usize::MAX);
        let first = taken(&ledger, "party.a", 1);
        assert_eq!(first.len(), 500);
        let second = taken(&ledger, "party.b", 1);
        assert_eq!(second.len(), 250);
        assert!(ledger.take("platform.watch", 1).is_some());
        assert!(ledger.take("party.a", 1).is_none());
    }

    #[test]
    fn bytes_are_bounded_whatever_their_number() {
        let room = 64 * 1024 * 1024;
        let ledger = ledger(usize::MAX, room);
        let body = 1024 * 1024;
        let many: Vec<_> = (0..200)
            .flat_map(|sender| taken(&ledger, &format!("party.{sender}"), body))
            .collect();
        let bytes: usize = many.iter().map(InHand::bytes).sum();
        assert!(bytes <= room, "{bytes}");
        assert!(bytes > room / 2);
    }

    #[test]
    fn what_has_left_makes_room_again_and_nothing_is_kept_of_its_sender() {
        let ledger = ledger(4, usize::MAX);
        let held = taken(&ledger, "party.a", 1);
        assert_eq!(held.len(), 2);
        drop(held);
        let sums = ledger.lock();
        assert_eq!((sums.all.messages, sums.all.bytes), (0, 0));
        assert!(sums.of_senders.is_empty());
        drop(sums);
        assert_eq!(taken(&ledger, "party.a", 1).len(), 2);
    }

    #[test]
    fn what_had_to_be_read_for_a_sender_is_reckoned_for_its_next_message() {
        let ledger = ledger(8, usize::MAX);
        let first = ledger.take("party.a", 1).unwrap();
        let itself = first.bytes_until_decided();
        first.read_back(50_000);
        let next = ledger.take("party.a", 1).unwrap();
        assert_eq!(next.bytes_until_decided(), itself + 50_000);
        let other = ledger.take("party.b", 1).unwrap();
        assert_eq!(other.bytes_until_decided(), itself);
        next.read_back(0);
        assert_eq!(first.bytes_until_decided(), itself);
    }

    #[test]
    fn the_least_room_holds_one_message() {
        let ledger = ledger(1, usize::MAX);
        let only = ledger.take("party.a", 1);
        assert!(only.is_some());
        assert!(ledger.take("party.b", 1).is_none());
    }
}

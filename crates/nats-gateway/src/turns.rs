//! Whose turn it is: roles take turns, and within a role those who send do. Whoever sends a thousand waits behind
//! whoever sends one.

use std::{
    collections::{HashMap, VecDeque},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use events_schema::Role;
use tokio::sync::Notify;

/// What waits for its turn. How much that is was bounded before it came here.
#[derive(Debug)]
pub(crate) struct Turns<T> {
    waiting: Mutex<Waiting<T>>,
    changed: Notify,
}

#[derive(Debug)]
struct Waiting<T> {
    /// The roles of which something waits for a turn, the one whose turn is next in front.
    order: VecDeque<Role>,
    of_roles: HashMap<Role, OfRole<T>>,
    closed: bool,
}

#[derive(Debug)]
struct OfRole<T> {
    /// Those of whom something waits for a turn, the one whose turn is next in front.
    order: VecDeque<Arc<str>>,
    of_senders: HashMap<Arc<str>, OfSender<T>>,
}

#[derive(Debug)]
struct OfSender<T> {
    waiting: VecDeque<T>,
    /// Whether something of it is under way, which the rest waits for.
    under_way: bool,
}

/// Something of a sender is under way. When this is dropped, the next of the same sender waits for its turn again.
#[derive(Debug)]
pub(crate) struct UnderWay<T> {
    turns: Arc<Turns<T>>,
    role: Role,
    sender: Arc<str>,
}

impl<T> Turns<T> {
    pub(crate) fn new() -> Self {
        Self {
            waiting: Mutex::new(Waiting {
                order: VecDeque::new(),
                of_roles: HashMap::new(),
                closed: false,
            }),
            changed: Notify::new(),
        }
    }

    /// Lets something of a sender wait for its turn, or gives it back when nothing more gets one.
    pub(crate) fn push(&self, role: Role, sender: &Arc<str>, item: T) -> Result<(), T> {
        let mut waiting = self.lock();
        if waiting.closed {
            return Err(item);
        }
        waiting.push(role, sender, item);
        drop(waiting);
        self.changed.notify_one();
        Ok(())
    }

    /// Nothing more comes; what waits still gets its turn.
    pub(crate) fn close(&self) {
        self.lock().closed = true;
        self.changed.notify_one();
    }

    /// The next one whose turn it is; none when nothing more will come. There is one who asks.
    pub(crate) async fn next(&self) -> Option<T> {
        let (_, _, item) = self.take(false).await?;
        Some(item)
    }

    /// The next one whose turn it is of a sender of whom nothing is under way, likewise. It is under way until what
    /// comes with it is dropped.
    pub(crate) async fn next_alone(self: &Arc<Self>) -> Option<(T, UnderWay<T>)> {
        let (role, sender, item) = self.take(true).await?;
        let under_way = UnderWay {
            turns: Arc::clone(self),
            role,
            sender,
        };
        Some((item, under_way))
    }

    async fn take(&self, alone: bool) -> Option<(Role, Arc<str>, T)> {
        loop {
            let changed = self.changed.notified();
            {
                let mut waiting = self.lock();
                if let Some(taken) = waiting.pop(alone) {
                    return Some(taken);
                }
                if waiting.closed && waiting.is_empty() {
                    return None;
                }
            }
            changed.await;
        }
    }

    fn lock(&self) -> MutexGuard<'_, Waiting<T>> {
        // Nothing that runs under the lock can leave the turns half changed.
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<T> Drop for UnderWay<T> {
    fn drop(&mut self) {
        self.turns.lock().is_through(self.role, &self.sender);
        self.turns.changed.notify_one();
    }
}

impl<T> Waiting<T> {
    fn push(&mut self, role: Role, sender: &Arc<str>, item: T) {
        let of_role = self.of_roles.entry(role).or_insert_with(|| OfRole {
            order: VecDeque::new(),
            of_senders: HashMap::new(),
        });
        let had_a_turn = !of_role.order.is_empty();
        of_role.push(sender, item);
        if !had_a_turn && !of_role.order.is_empty() {
            self.order.push_back(role);
        }
    }

    fn pop(&mut self, alone: bool) -> Option<(Role, Arc<str>, T)> {
        let role = self.order.pop_front()?;
        let of_role = self.of_roles.get_mut(&role)?;
        let (sender, item) = of_role.pop(alone)?;
        if !of_role.order.is_empty() {
            self.order.push_back(role);
        }
        Some((role, sender, item))
    }

    fn is_through(&mut self, role: Role, sender: &Arc<str>) {
        let Some(of_role) = self.of_roles.get_mut(&role) else {
            return;
        };
        let had_a_turn = !of_role.order.is_empty();
        of_role.is_through(sender);
        if !had_a_turn && !of_role.order.is_empty() {
            self.order.push_back(role);
        }
    }

    /// Whether nothing waits, neither for a turn nor for what is under way.
    fn is_empty(&self) -> bool {
        let mut senders = self.of_roles.values().flat_map(|it| it.of_senders.values());
        senders.all(|it| it.waiting.is_empty())
    }
}

impl<T> OfRole<T> {
    fn push(&mut self, sender: &Arc<str>, item: T) {
        let of_sender = self.of_senders.entry(Arc::clone(sender));
        let of_sender = of_sender.or_insert_with(|| OfSender {
            waiting: VecDeque::new(),
            under_way: false,
        });
        if of_sender.waiting.is_empty() && !of_sender.under_way {
            self.order.push_back(Arc::clone(sender));
        }
        of_sender.waiting.push_back(item);
    }

    fn pop(&mut self, alone: bool) -> Option<(Arc<str>, T)> {
        let sender = self.order.pop_front()?;
        let of_sender = self.of_senders.get_mut(&sender)?;
        let item = of_sender.waiting.pop_front()?;
        if alone {
            of_sender.under_way = true;
        } else if of_sender.waiting.is_empty() {
            self.of_senders.remove(&sender);
        } else {
            self.order.push_back(Arc::clone(&sender));
        }
        Some((sender, item))
    }

    fn is_through(&mut self, sender: &Arc<str>) {
        let Some(of_sender) = self.of_senders.get_mut(sender) else {
            return;
        };
        of_sender.under_way = false;
        if of_sender.waiting.is_empty() {
            self.of_senders.remove(sender);
        } else {
            self.order.push_back(Arc::clone(sender));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn in_turn(turns: &Turns<String>) -> Vec<String> {
        turns.close();
        let mut order = Vec::new();
        while let Some(item) = turns.next().await {
            order.push(item);
        }
        order
    }

    fn push(turns: &Turns<String>, role: Role, sender: &str, item: &str) {
        turns
            .push(role, &Arc::from(sender), item.to_owned())
            .unwrap();
    }

    #[tokio::test]
    async fn who_sends_a_thousand_waits_behind_who_sends_one() {
        let turns = Turns::new();
        for number in 0..1_000 {
            push(&turns, Role::Party, "party.a", &format!("a{number}"));
        }
        push(&turns, Role::Party, "party.b", "b0");
        push(&turns, Role::Platform, "platform.watch", "w0");
        let order = in_turn(&turns).await;
        assert_eq!(order.len(), 1_002);
        assert_eq!(order[..4], ["a0", "w0", "b0", "a1"]);
    }

    #[tokio::test]
    async fn many_senders_of_one_role_take_no_more_than_one_of_another() {
        let turns = Turns::new();
        for sender in 0..100 {
            for _ in 0..3 {
                push(&turns, Role::Party, &format!("party.{sender}"), "party");
            }
        }
        for number in 0..3 {
            push(&turns, Role::Reviewer, "reviewer.lin", &format!("{number}"));
        }
        let order = in_turn(&turns).await;
        assert_eq!(order[..6], ["party", "0", "party", "1", "party", "2"]);
    }

    #[tokio::test]
    async fn each_sender_keeps_its_own_order() {
        let turns = Turns::new();
        for number in 0..50 {
            for sender in ["a", "b", "c"] {
                push(&turns, Role::Party, sender, &format!("{sender}{number}"));
            }
        }
        let order = in_turn(&turns).await;
        let of_b: Vec<_> = order.iter().filter(|it| it.starts_with('b')).collect();
        let expected: Vec<_> = (0..50).map(|number| format!("b{number}")).collect();
        assert_eq!(of_b, expected.iter().collect::<Vec<_>>());
    }

    #[tokio::test]
    async fn whoever_waits_for_a_turn_is_told_of_the_first_that_comes() {
        let turns = Arc::new(Turns::new());
        let waiting = Arc::clone(&turns);
        let next = tokio::spawn(async move { waiting.next().await });
        tokio::task::yield_now().await;
        push(&turns, Role::Party, "party.a", "a");
        assert_eq!(next.await.unwrap().as_deref(), Some("a"));
    }

    #[tokio::test]
    async fn of_one_sender_one_is_under_way_and_others_go_on() {
        let turns = Arc::new(Turns::new());
        for item in ["a0", "a1", "a2"] {
            push(&turns, Role::Auditor, "auditor.a", item);
        }
        let (first, of_a) = turns.next_alone().await.unwrap();
        push(&turns, Role::Auditor, "auditor.b", "b0");
        let (second, _of_b) = turns.next_alone().await.unwrap();
        assert_eq!((first.as_str(), second.as_str()), ("a0", "b0"));
        turns.close();
        let waiting = Arc::clone(&turns);
        let next = tokio::spawn(async move {
            let (item, _under_way) = waiting.next_alone().await.unwrap();
            item
        });
        tokio::task::yield_now().await;
        assert!(!next.is_finished(), "two of one sender are under way");
        drop(of_a);
        assert_eq!(next.await.unwrap(), "a1");
        assert_eq!(turns.next_alone().await.unwrap().0, "a2");
        let late = turns.push(Role::Auditor, &Arc::from("auditor.a"), "a3".to_owned());
        assert_eq!(late, Err("a3".to_owned()));
        assert!(turns.next_alone().await.is_none());
        assert!(turns.lock().of_roles.values().all(|it| it.order.is_empty()));
    }
}

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
    /// The roles of which something waits, the one whose turn is next in front.
    roles: VecDeque<OfRole<T>>,
    closed: bool,
}

#[derive(Debug)]
struct OfRole<T> {
    role: Role,
    /// Those of whom something waits, the one whose turn is next in front.
    order: VecDeque<Arc<str>>,
    of_senders: HashMap<Arc<str>, VecDeque<T>>,
}

impl<T> Turns<T> {
    pub(crate) fn new() -> Self {
        Self {
            waiting: Mutex::new(Waiting {
                roles: VecDeque::new(),
                closed: false,
            }),
            changed: Notify::new(),
        }
    }

    /// Lets something of a sender wait for its turn.
    pub(crate) fn push(&self, role: Role, sender: &Arc<str>, item: T) {
        self.lock().push(role, sender, item);
        self.changed.notify_one();
    }

    /// Nothing more comes; what waits still gets its turn.
    pub(crate) fn close(&self) {
        self.lock().closed = true;
        self.changed.notify_one();
    }

    /// The next one whose turn it is; none when nothing more will come. There is one who asks.
    pub(crate) async fn next(&self) -> Option<T> {
        loop {
            let changed = self.changed.notified();
            {
                let mut waiting = self.lock();
                if let Some(item) = waiting.pop() {
                    return Some(item);
                }
                if waiting.closed {
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

impl<T> Waiting<T> {
    fn push(&mut self, role: Role, sender: &Arc<str>, item: T) {
        if let Some(of_role) = self.roles.iter_mut().find(|it| it.role == role) {
            of_role.push(sender, item);
            return;
        }
        let mut of_role = OfRole {
            role,
            order: VecDeque::new(),
            of_senders: HashMap::new(),
        };
        of_role.push(sender, item);
        self.roles.push_back(of_role);
    }

    fn pop(&mut self) -> Option<T> {
        let mut of_role = self.roles.pop_front()?;
        let item = of_role.pop();
        if !of_role.order.is_empty() {
            self.roles.push_back(of_role);
        }
        item
    }
}

impl<T> OfRole<T> {
    fn push(&mut self, sender: &Arc<str>, item: T) {
        let waiting = self.of_senders.entry(Arc::clone(sender)).or_default();
        if waiting.is_empty() {
            self.order.push_back(Arc::clone(sender));
        }
        waiting.push_back(item);
    }

    fn pop(&mut self) -> Option<T> {
        let sender = self.order.pop_front()?;
        let waiting = self.of_senders.get_mut(&sender)?;
        let item = waiting.pop_front();
        if waiting.is_empty() {
            self.of_senders.remove(&sender);
        } else {
            self.order.push_back(sender);
        }
        item
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
        turns.push(role, &Arc::from(sender), item.to_owned());
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
}

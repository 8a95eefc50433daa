//! What the service answers on a connection, beside what the client library says there: bytes that wait to be written,
//! up to a bound.
//!
//! The server lets the service answer on the connection that the question came in on and on no other, and the library
//! sends its bytes through the sieve. An answer that is put here is written by the sieve itself.

use std::{
    io::Write as _,
    sync::{Mutex, MutexGuard, PoisonError},
};

use tokio::sync::{Notify, Semaphore, watch};

/// Bytes that may wait before the next answer does. An answer that is larger waits by itself.
const WAITING_BYTES_MAX: usize = 1024 * 1024;

/// What an answer is reckoned to take beside its parts: the words and numbers of its line.
const BYTES_BESIDE: usize = 64;

/// Headers of an answer, in their order. None has a line break.
pub(crate) type AnswerHeaders<'a> = &'a [(&'a str, &'a str)];

/// The answers of one connection.
#[derive(Debug)]
pub(crate) struct Outlet {
    waiting: Mutex<Waiting>,
    /// Bytes that there is room for. Who came first gets it first.
    room: Semaphore,
    /// Something waits to be written.
    wanted: Notify,
    /// Something was written, or lost with its connection.
    settled: Notify,
    /// How many connections there were. The last one takes what waits.
    connections: watch::Sender<u64>,
}

#[derive(Debug, Default)]
struct Waiting {
    bytes: Vec<u8>,
    /// The room that they take.
    room: usize,
    /// Bytes that were ever put here.
    put: u64,
    /// Of those, the ones that were written, or lost with their connection.
    settled: u64,
    /// The largest message that the server passes on, once there was one.
    max_payload: Option<usize>,
}

/// The answer is larger than the server passes on.
#[derive(Debug)]
pub(crate) struct TooLarge;

impl Outlet {
    pub(crate) fn new() -> Self {
        Self {
            waiting: Mutex::default(),
            room: Semaphore::new(WAITING_BYTES_MAX),
            wanted: Notify::new(),
            settled: Notify::new(),
            connections: watch::Sender::new(0),
        }
    }

    /// Lets an answer wait to be written, once there is room for it. The gate has seen that `reply` is one word: nobody
    /// looks at it again.
    pub(crate) async fn answer(
        &self,
        reply: &str,
        headers: AnswerHeaders<'_>,
        body: &[u8],
    ) -> Result<(), TooLarge> {
        debug_assert!(!reply.contains([' ', '\t', '\r', '\n']), "{reply:?}");
        let lines = headers.iter().map(|(name, value)| name.len() + value.len());
        let bytes = BYTES_BESIDE + reply.len() + lines.sum::<usize>() + body.len();
        let room = bytes.min(WAITING_BYTES_MAX);
        // It is never closed, and never asked for more than there is.
        if let Ok(taken) = self
            .room
            .acquire_many(room.try_into().unwrap_or(u32::MAX))
            .await
        {
            let mut waiting = self.lock();
            waiting.put(reply, headers, body)?;
            waiting.room += room;
            taken.forget();
        }
        self.wanted.notify_one();
        Ok(())
    }

    /// Waits until everything that was put here before was written, or lost with its connection.
    pub(crate) async fn flushed(&self) {
        let put = self.lock().put;
        loop {
            let settled = self.settled.notified();
            if self.lock().settled >= put {
                return;
            }
            settled.await;
        }
    }

    /// Takes what waits from now on for a new connection, to a server that passes on so many bytes at most. What was put
    /// here before is lost with the one before: answers are allowed on the connection of their questions, and what stands
    /// in front of the subscriptions of a new one keeps it from hearing anybody.
    pub(crate) fn connect(&self, max_payload: usize) -> Mouth<'_> {
        let mut waiting = self.lock();
        waiting.bytes.clear();
        self.room.add_permits(std::mem::take(&mut waiting.room));
        waiting.settled = waiting.put;
        waiting.max_payload = Some(max_payload);
        let connection = *self.connections.borrow() + 1;
        self.connections.send_replace(connection);
        drop(waiting);
        self.settled.notify_waiters();
        Mouth {
            outlet: self,
            connection,
            taken: 0,
        }
    }

    fn lock(&self) -> MutexGuard<'_, Waiting> {
        // Nothing that runs under the lock can leave half of an answer.
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Waiting {
    fn put(
        &mut self,
        reply: &str,
        headers: AnswerHeaders<'_>,
        body: &[u8],
    ) -> Result<(), TooLarge> {
        const VERSION: &str = "NATS/1.0\r\n";
        let before = self.bytes.len();
        let header_bytes = if headers.is_empty() {
            0
        } else {
            let lines = headers
                .iter()
                .map(|(name, value)| name.len() + value.len() + 4);
            VERSION.len() + lines.sum::<usize>() + 2
        };
        let bytes = header_bytes + body.len();
        if self.max_payload.is_some_and(|max| bytes > max) {
            return Err(TooLarge);
        }
        let written = if headers.is_empty() {
            write!(self.bytes, "PUB {reply} {bytes}\r\n")
        } else {
            let begun = write!(
                self.bytes,
                "HPUB {reply} {header_bytes} {bytes}\r\n{VERSION}"
            );
            let mut lines = headers.iter();
            let lines =
                lines.try_for_each(|(name, value)| write!(self.bytes, "{name}: {value}\r\n"));
            begun.and(lines).and_then(|()| write!(self.bytes, "\r\n"))
        };
        debug_assert!(written.is_ok(), "memory takes what is written");
        self.bytes.extend_from_slice(body);
        self.bytes.extend_from_slice(b"\r\n");
        self.put += (self.bytes.len() - before) as u64;
        Ok(())
    }
}

/// The connection that answers leave on.
#[derive(Debug)]
pub(crate) struct Mouth<'a> {
    outlet: &'a Outlet,
    connection: u64,
    /// Bytes that were taken and are not settled.
    taken: u64,
}

impl<'a> Mouth<'a> {
    /// Waits until another connection has taken over.
    pub(crate) fn taken_over(&self) -> impl Future<Output = ()> + use<'a> {
        let (mut connections, ours) = (self.outlet.connections.subscribe(), self.connection);
        async move {
            // The sender is in the outlet, which outlives this.
            let _ = connections.wait_for(|newest| *newest != ours).await;
        }
    }

    /// Waits until there are answers, and moves them into `bytes`. It never ends once another connection has taken
    /// over. Nothing is lost when it is given up.
    pub(crate) async fn take(&mut self, bytes: &mut Vec<u8>) {
        loop {
            let wanted = self.outlet.wanted.notified();
            {
                let mut waiting = self.outlet.lock();
                if *self.outlet.connections.borrow() != self.connection {
                    break;
                }
                if !waiting.bytes.is_empty() {
                    bytes.clear();
                    std::mem::swap(&mut waiting.bytes, bytes);
                    self.taken = bytes.len() as u64;
                    let room = std::mem::take(&mut waiting.room);
                    self.outlet.room.add_permits(room);
                    return;
                }
            }
            wanted.await;
        }
        // What woke us was meant for the other one.
        self.outlet.wanted.notify_one();
        std::future::pending::<()>().await;
    }

    /// What was taken has been written, or was lost.
    pub(crate) fn settle(&mut self) {
        let taken = std::mem::take(&mut self.taken);
        let mut waiting = self.outlet.lock();
        // What another connection found here is settled already.
        if taken > 0 && *self.outlet.connections.borrow() == self.connection {
            waiting.settled += taken;
            drop(waiting);
            self.outlet.settled.notify_waiters();
        }
    }
}

impl Drop for Mouth<'_> {
    fn drop(&mut self) {
        self.settle();
    }
}

#[cfg(test)]
mod tests {
    use std::{sync::Arc, time::Duration};

    use tokio::time::timeout;

    use super::*;

    const BRIEFLY: Duration = Duration::from_millis(50);
    const LIMIT: Duration = Duration::from_secs(10);

    async fn taken(mouth: &mut Mouth<'_>) -> String {
        let mut bytes = Vec::new();
        let taken = timeout(LIMIT, mouth.take(&mut bytes)).await;
        assert!(taken.is_ok(), "nothing waits");
        String::from_utf8(bytes).unwrap()
    }

    #[tokio::test]
    async fn answers_are_what_the_server_reads() {
        let outlet = Outlet::new();
        let mut mouth = outlet.connect(100);
        outlet.answer("_INBOX.a", &[], b"{}").await.unwrap();
        let headers = [("Nats-Service-Error", "no"), ("X", "")];
        outlet.answer("_INBOX.b", &headers, b"{}").await.unwrap();
        assert_eq!(
            taken(&mut mouth).await,
            "PUB _INBOX.a 2\r\n{}\r\n\
             HPUB _INBOX.b 41 43\r\nNATS/1.0\r\nNats-Service-Error: no\r\nX: \r\n\r\n{}\r\n"
        );
    }

    #[tokio::test]
    async fn what_the_server_does_not_pass_on_is_told_from_what_it_does_and_takes_no_room() {
        let outlet = Outlet::new();
        let mut mouth = outlet.connect(20);
        outlet.answer("a", &[], &[b'x'; 20]).await.unwrap();
        assert!(outlet.answer("a", &[], &[b'x'; 21]).await.is_err());
        assert!(outlet.answer("a", &[("X", "y")], b"xyz").await.is_err());
        assert_eq!(
            taken(&mut mouth).await.len(),
            b"PUB a 20\r\n\r\n".len() + 20
        );
        assert_eq!(outlet.room.available_permits(), WAITING_BYTES_MAX);
    }

    #[tokio::test]
    async fn no_more_waits_than_there_is_room_for_and_who_waits_is_woken() {
        let outlet = Arc::new(Outlet::new());
        let mut mouth = outlet.connect(usize::MAX);
        let large = vec![b'x'; WAITING_BYTES_MAX];
        outlet.answer("a", &[], &large).await.unwrap();
        let asleep = Arc::clone(&outlet);
        let second = tokio::spawn(async move { asleep.answer("b", &[], b"").await });
        let asleep = Arc::clone(&outlet);
        let flushed = tokio::spawn(async move { asleep.flushed().await });
        tokio::time::sleep(BRIEFLY).await;
        assert!(!second.is_finished() && !flushed.is_finished());
        taken(&mut mouth).await;
        timeout(LIMIT, second).await.unwrap().unwrap().unwrap();
        assert!(!flushed.is_finished(), "nothing was written yet");
        mouth.settle();
        timeout(LIMIT, flushed).await.unwrap().unwrap();
        assert_eq!(taken(&mut mouth).await, "PUB b 0\r\n\r\n");
    }

    #[tokio::test]
    async fn who_waits_for_answers_is_woken_by_the_first_that_comes() {
        let outlet = Outlet::new();
        let mut mouth = outlet.connect(100);
        let later = async {
            tokio::time::sleep(BRIEFLY).await;
            outlet.answer("a", &[], b"").await
        };
        let (taken, answered) = tokio::join!(taken(&mut mouth), later);
        answered.unwrap();
        assert_eq!(taken, "PUB a 0\r\n\r\n");
    }

    #[tokio::test]
    async fn a_new_connection_takes_what_comes_then_and_what_was_lost_is_waited_for_no_more() {
        let outlet = Outlet::new();
        let mut old = outlet.connect(100);
        outlet.answer("a", &[], b"").await.unwrap();
        taken(&mut old).await;
        outlet.answer("b", &[], b"").await.unwrap();
        let over = old.taken_over();
        let (mut waits_too, mut new) = (Vec::new(), outlet.connect(100));
        timeout(LIMIT, over).await.unwrap();
        timeout(LIMIT, outlet.flushed()).await.unwrap();
        assert!(timeout(BRIEFLY, old.take(&mut waits_too)).await.is_err());
        outlet.answer("c", &[], b"").await.unwrap();
        // The old one is in the way of nothing: neither of what comes, nor of its being flushed.
        assert!(timeout(BRIEFLY, old.take(&mut waits_too)).await.is_err());
        assert_eq!(taken(&mut new).await, "PUB c 0\r\n\r\n");
        drop(old);
        assert!(timeout(BRIEFLY, outlet.flushed()).await.is_err());
        new.settle();
        timeout(LIMIT, outlet.flushed()).await.unwrap();
    }
}

//! What the service answers on a connection, beside what the client library says there: bytes that wait to be written,
//! up to a bound.
//!
//! The server lets the service answer on the connection that the question came in on and on no other, and the library
//! sends its bytes through the sieve. An answer that is put here is written by the sieve itself.

use std::{
    io::Write as _,
    sync::{
        Mutex, MutexGuard, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
};

use tokio::sync::Notify;

use crate::refusals::Refusals;

/// Bytes that may wait before the next answer does. One that is let in may be larger than the server passes on at once,
/// and no more.
const WAITING_BYTES_MAX: usize = 1024 * 1024;

/// Headers of an answer, in their order. None has a line break.
pub(crate) type AnswerHeaders<'a> = &'a [(&'a str, &'a str)];

/// The way back to whoever asked on a connection.
#[derive(Debug)]
pub(crate) struct WayBack {
    pub(crate) outlet: Outlet,
    /// What is refused before anything is decided leaves by the outlet too, in its turn.
    pub(crate) refusals: Refusals,
}

impl WayBack {
    pub(crate) fn new() -> Self {
        Self {
            outlet: Outlet::default(),
            refusals: Refusals::new(),
        }
    }
}

/// The answers of one connection.
#[derive(Debug, Default)]
pub(crate) struct Outlet {
    waiting: Mutex<Waiting>,
    /// Something waits to be written.
    wanted: Notify,
    /// Something was written, or lost with its connection.
    settled: Notify,
    max_payload: AtomicUsize,
}

#[derive(Debug, Default)]
struct Waiting {
    bytes: Vec<u8>,
    /// Bytes that were ever put here.
    put: u64,
    /// Of those, the ones that were written, or lost with their connection.
    settled: u64,
    /// The connections that there were, the last of which takes what waits.
    connections: u64,
}

/// The answer is larger than the server passes on.
#[derive(Debug)]
pub(crate) struct TooLarge;

impl Outlet {
    /// Lets an answer wait to be written, once there is room for it.
    pub(crate) async fn answer(
        &self,
        reply: &str,
        headers: AnswerHeaders<'_>,
        body: &[u8],
    ) -> Result<(), TooLarge> {
        loop {
            let settled = self.settled.notified();
            if let Some(put) = self.put(reply, headers, body) {
                return put;
            }
            settled.await;
        }
    }

    /// Lets an answer wait, if there is room for it.
    fn put(
        &self,
        reply: &str,
        headers: AnswerHeaders<'_>,
        body: &[u8],
    ) -> Option<Result<(), TooLarge>> {
        let max_payload = self.max_payload.load(Ordering::Relaxed);
        let mut waiting = self.lock();
        if waiting.bytes.len() >= WAITING_BYTES_MAX {
            return None;
        }
        let put = waiting.put(reply, headers, body, max_payload);
        drop(waiting);
        self.wanted.notify_one();
        Some(put)
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

    /// Takes what waits from now on for a new connection, to a server that passes on so many bytes at most. What waited
    /// for the one before is lost with it: answers are allowed on the connection of their questions, and what stands in
    /// front of the subscriptions of a new one keeps it from hearing anybody.
    pub(crate) fn connect(&self, max_payload: usize) -> Mouth<'_> {
        self.max_payload.store(max_payload, Ordering::Relaxed);
        let mut waiting = self.lock();
        waiting.settled += waiting.bytes.len() as u64;
        waiting.bytes.clear();
        waiting.connections += 1;
        let connection = waiting.connections;
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
        max_payload: usize,
    ) -> Result<(), TooLarge> {
        let before = self.bytes.len();
        let written = if headers.is_empty() {
            if body.len() > max_payload {
                return Err(TooLarge);
            }
            write!(self.bytes, "PUB {reply} {}\r\n", body.len())
        } else {
            const VERSION: &str = "NATS/1.0\r\n";
            let lines = headers
                .iter()
                .map(|(name, value)| name.len() + value.len() + 4);
            let header_bytes = VERSION.len() + lines.sum::<usize>() + 2;
            let bytes = header_bytes + body.len();
            if bytes > max_payload {
                return Err(TooLarge);
            }
            let begun = write!(
                self.bytes,
                "HPUB {reply} {header_bytes} {bytes}\r\n{VERSION}"
            );
            let lines = headers
                .iter()
                .try_for_each(|(name, value)| write!(self.bytes, "{name}: {value}\r\n"));
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

impl Mouth<'_> {
    /// Waits until there are answers, and moves them into `bytes`. It never ends once another connection has taken
    /// over. Nothing is lost when it is given up.
    pub(crate) async fn take(&mut self, bytes: &mut Vec<u8>) {
        loop {
            let wanted = self.outlet.wanted.notified();
            {
                let mut waiting = self.outlet.lock();
                if waiting.connections != self.connection {
                    break;
                }
                if !waiting.bytes.is_empty() {
                    bytes.clear();
                    std::mem::swap(&mut waiting.bytes, bytes);
                    self.taken = bytes.len() as u64;
                    return;
                }
            }
            wanted.await;
        }
        // What woke us was meant for the other one.
        self.outlet.wanted.notify_one();
        std::future::pending::<()>().await;
    }

    /// What was taken has been written.
    pub(crate) fn settle(&mut self) {
        let taken = std::mem::take(&mut self.taken);
        if taken > 0 {
            self.outlet.lock().settled += taken;
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
    use std::time::Duration;

    use tokio::time::timeout;

    use super::*;

    const BRIEFLY: Duration = Duration::from_millis(50);

    async fn taken(mouth: &mut Mouth<'_>) -> String {
        let mut bytes = Vec::new();
        let taken = timeout(BRIEFLY, mouth.take(&mut bytes)).await;
        assert!(taken.is_ok(), "nothing waits");
        String::from_utf8(bytes).unwrap()
    }

    #[tokio::test]
    async fn answers_are_what_the_server_reads() {
        let outlet = Outlet::default();
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
    async fn what_the_server_does_not_pass_on_is_told_from_what_it_does() {
        let outlet = Outlet::default();
        let mut mouth = outlet.connect(20);
        outlet.answer("a", &[], &[b'x'; 20]).await.unwrap();
        assert!(outlet.answer("a", &[], &[b'x'; 21]).await.is_err());
        assert!(outlet.answer("a", &[("X", "y")], b"xyz").await.is_err());
        assert_eq!(
            taken(&mut mouth).await.len(),
            b"PUB a 20\r\n\r\n".len() + 20
        );
    }

    #[tokio::test]
    async fn no_more_waits_than_there_is_room_for() {
        let outlet = Outlet::default();
        let mut mouth = outlet.connect(usize::MAX);
        outlet
            .answer("a", &[], &vec![b'x'; WAITING_BYTES_MAX])
            .await
            .unwrap();
        assert!(
            timeout(BRIEFLY, outlet.answer("b", &[], b""))
                .await
                .is_err()
        );
        assert!(timeout(BRIEFLY, outlet.flushed()).await.is_err());
        taken(&mut mouth).await;
        mouth.settle();
        outlet.flushed().await;
        outlet.answer("b", &[], b"").await.unwrap();
        assert_eq!(taken(&mut mouth).await, "PUB b 0\r\n\r\n");
    }

    #[tokio::test]
    async fn a_new_connection_takes_what_comes_then_and_what_was_lost_is_waited_for_no_more() {
        let outlet = Outlet::default();
        let mut old = outlet.connect(100);
        outlet.answer("a", &[], b"").await.unwrap();
        taken(&mut old).await;
        outlet.answer("b", &[], b"").await.unwrap();
        let mut new = outlet.connect(100);
        outlet.answer("c", &[], b"").await.unwrap();
        let mut bytes = Vec::new();
        assert!(timeout(BRIEFLY, old.take(&mut bytes)).await.is_err());
        assert_eq!(taken(&mut new).await, "PUB c 0\r\n\r\n");
        drop(new);
        assert!(timeout(BRIEFLY, outlet.flushed()).await.is_err());
        drop(old);
        timeout(BRIEFLY, outlet.flushed()).await.unwrap();
    }
}

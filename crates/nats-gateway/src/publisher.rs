//! Events out: in order, from the cursor to the head of the log, and on as the head moves.
//!
//! The log is the outbox. On core NATS an event goes to whoever listens; a gap shows in the position, and
//! the query `Events` fills it.

use async_nats::{Client, HeaderMap};
use command_processor::{Views, WriterStatus};
use events_schema::{Event, Header, Stream, read_personal, subjects};
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use crate::{Error, cursor::Cursor};

/// Events published before the server is asked whether it has them.
const EVENTS_PER_FLUSH: u64 = 2_048;

/// Publishes until it is told to stop and has caught up.
pub(crate) struct Publisher {
    pub(crate) client: Client,
    pub(crate) views: Views,
    pub(crate) cursor: Cursor,
    pub(crate) prefix: String,
    pub(crate) head: watch::Receiver<WriterStatus>,
    pub(crate) stop: CancellationToken,
}

impl Publisher {
    pub(crate) async fn run(mut self) -> Result<(), Error> {
        loop {
            let head = self.head.borrow_and_update().next_position;
            while self.cursor.next_position() < head {
                self.publish_some(head).await?;
            }
            tokio::select! {
                changed = self.head.changed() => {
                    if changed.is_err() {
                        return self.cursor.store();
                    }
                }
                () = self.stop.cancelled() => {
                    if self.cursor.next_position() >= self.head.borrow().next_position {
                        return self.cursor.store();
                    }
                }
            }
        }
    }

    async fn publish_some(&mut self, head: u64) -> Result<(), Error> {
        let from = self.cursor.next_position();
        let to = head.min(from + EVENTS_PER_FLUSH);
        for record in self.views.reader().range(from, to) {
            let record = record?;
            self.publish(record.header(), record.data(), record.position())
                .await?;
        }
        // What the server has confirmed it has; a lost connection makes this wait for the next one.
        self.client.flush().await.map_err(|error| Error::Nats {
            action: "publish events",
            problem: error.to_string(),
        })?;
        self.cursor.advance(to)
    }

    async fn publish(&self, stored: &[u8], data: &[u8], position: u64) -> Result<(), Error> {
        let header =
            Header::from_bytes(stored).map_err(|error| command_processor::Error::Unreadable {
                position,
                problem: error.to_string(),
            })?;
        let subject = subjects::event(
            &self.prefix,
            header.account.as_ref(),
            &header.stream,
            header.event_type,
        );
        let headers = cloud_event(&header, stored);
        self.send(subject, headers, data.to_vec()).await?;
        if let (Stream::Case(_), Some(account)) = (&header.stream, &header.account) {
            let unreadable =
                |problem: String| command_processor::Error::Unreadable { position, problem };
            let event = Event::read(header.event_type, data)
                .map_err(|error| unreadable(error.to_string()))?;
            let personal = read_personal(header.event_type, data)
                .map_err(|error| unreadable(error.to_string()))?;
            if let Some(notification) = projections::notification(&header, &event, &personal) {
                let subject = subjects::notification(&self.prefix, account);
                let mut headers = HeaderMap::new();
                headers.insert("Nats-Msg-Id", format!("{}-{position}-ntf", header.log_id));
                let body = serde_json::to_vec(&notification)
                    .map_err(|error| unreadable(error.to_string()))?;
                self.send(subject, headers, body).await?;
            }
        }
        Ok(())
    }

    async fn send(&self, subject: String, headers: HeaderMap, body: Vec<u8>) -> Result<(), Error> {
        self.client
            .publish_with_headers(subject, headers, body.into())
            .await
            .map_err(|error| Error::Nats {
                action: "publish an event",
                problem: error.to_string(),
            })
    }
}

/// The headers of a `CloudEvent` in binary mode. `redress-header` holds the stored bytes that the log hashes;
/// the attributes that every `CloudEvents` reader looks for stand beside them.
fn cloud_event(header: &Header, stored: &[u8]) -> HeaderMap {
    let mut headers = HeaderMap::new();
    headers.insert(
        "Nats-Msg-Id",
        format!("{}-{}", header.log_id, header.position),
    );
    headers.insert("ce-specversion", "1.0");
    headers.insert("ce-id", header.position.to_string());
    headers.insert("ce-source", format!("/redress/{}", header.log_id));
    headers.insert("ce-type", header.event_type);
    headers.insert("ce-subject", header.stream.to_string());
    headers.insert("ce-time", header.time.to_string());
    headers.insert("content-type", "application/json");
    // Canonical headers are ASCII: identifiers, numbers, instants and digests.
    headers.insert(
        "redress-header",
        String::from_utf8_lossy(stored).into_owned(),
    );
    headers
}

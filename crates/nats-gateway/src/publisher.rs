//! Events out: in order, from the cursor to the head of the log, and on as the head moves.
//!
//! The log is the outbox. An event that has just been written comes from memory with the bytes that were stored;
//! whatever did not come that way is read from the log. On core NATS an event goes to whoever listens: a gap shows in
//! the position, and the query `Events` fills it. What was sent while the connection broke is sent again.

use std::{
    sync::atomic::Ordering,
    time::{Duration, Instant},
};

use async_nats::{Client, HeaderMap, HeaderName};
use command_processor::{FreshEvents, Recorded};
use event_log::LogReader;
use events_schema::{Event, Header, Personal, Stream, read_personal, subjects};
use tokio_util::sync::CancellationToken;

use crate::{Error, cursor::Cursor};

/// Events published before the server is asked whether it has them.
const EVENTS_PER_CONFIRMATION: u64 = 2_048;

/// How long to wait for more events before the server is asked about the last ones.
const QUIET: Duration = Duration::from_millis(50);

/// How long events may be unconfirmed where they leave no quiet moment.
const CONFIRM_AFTER: Duration = Duration::from_millis(250);

/// Publishes until it is told to stop and has caught up.
pub(crate) struct Publisher {
    pub(crate) client: Client,
    pub(crate) fresh: FreshEvents,
    pub(crate) log: LogReader,
    pub(crate) cursor: Cursor,
    pub(crate) prefix: String,
    pub(crate) stop: CancellationToken,
}

/// What is known of the connection.
struct Stands {
    /// How many there were.
    connection: u64,
    /// Up to which position events were written to it at the last confirmation.
    written: u64,
}

impl Publisher {
    pub(crate) async fn run(mut self) -> Result<(), Error> {
        // What is taken to have arrived at the server is the cursor's; what was sent beyond it is known here only.
        let mut sent = self.cursor.next_position();
        let mut stands = Stands {
            connection: self.connection(),
            written: sent,
        };
        let mut confirmed_at = Instant::now();
        loop {
            let come_to = self.fresh.come_to();
            while let Some(group) = self.fresh.next_group() {
                for stored in group {
                    let position = stored.recorded.header.position;
                    if position < sent {
                        continue;
                    }
                    self.publish_from_log(&mut sent, position).await?;
                    self.publish(
                        &stored.recorded,
                        &stored.personal,
                        stored.bytes.header,
                        stored.bytes.data,
                    )
                    .await?;
                    sent = position + 1;
                }
            }
            let stopping = self.stop.is_cancelled();
            let all = if stopping {
                self.log.head().next_position
            } else {
                come_to
            };
            self.publish_from_log(&mut sent, all).await?;

            let unconfirmed = sent - self.cursor.next_position();
            if unconfirmed == 0 {
                confirmed_at = Instant::now();
            }
            let long_ago = confirmed_at.elapsed() >= CONFIRM_AFTER;
            if unconfirmed >= EVENTS_PER_CONFIRMATION || long_ago || stopping {
                confirmed_at = Instant::now();
                self.confirm(&mut sent, &mut stands).await?;
                if stopping && self.cursor.next_position() >= all {
                    return self.cursor.store();
                }
                continue;
            }
            tokio::select! {
                more = self.fresh.more() => if !more {
                    return self.cursor.store();
                },
                () = tokio::time::sleep(QUIET), if unconfirmed > 0 => {
                    self.confirm(&mut sent, &mut stands).await?;
                }
                () = store_at(&self.cursor), if unconfirmed == 0 => self.cursor.store()?,
                () = self.stop.cancelled() => {}
            }
        }
    }

    /// How many connections there were.
    fn connection(&self) -> u64 {
        self.client.statistics().connects.load(Ordering::Relaxed)
    }

    /// Writes everything that was sent to the connection. What had been written at the confirmation before is taken to
    /// have arrived if it is the same connection still; if it is another one, some may be lost, and all of it is sent
    /// again. The library waits for no answer of the server: one that hangs and dies takes what it never read along.
    async fn confirm(&mut self, sent: &mut u64, stands: &mut Stands) -> Result<(), Error> {
        self.client.flush().await.map_err(|error| Error::Nats {
            action: "publish events",
            problem: error.to_string(),
        })?;
        let connection = self.connection();
        if connection == stands.connection {
            let arrived = std::mem::replace(&mut stands.written, *sent);
            return self.cursor.advance(arrived, Instant::now());
        }
        *sent = self.cursor.next_position();
        *stands = Stands {
            connection,
            written: *sent,
        };
        Ok(())
    }

    /// Publishes from the log up to a position.
    async fn publish_from_log(&self, sent: &mut u64, to: u64) -> Result<(), Error> {
        if *sent >= to {
            return Ok(());
        }
        for record in self.log.range(*sent, to) {
            let record = record?;
            let position = record.position();
            let recorded = Recorded::read(position, record.header(), record.data())?;
            let personal =
                read_personal(recorded.header.event_type, record.data()).map_err(|error| {
                    command_processor::Error::Unreadable {
                        position,
                        problem: error.to_string(),
                    }
                })?;
            let (header, data) = (record.header().to_vec(), record.data().to_vec());
            self.publish(&recorded, &personal, header, data).await?;
            *sent = position + 1;
        }
        Ok(())
    }

    async fn publish(
        &self,
        Recorded { header, event }: &Recorded,
        personal: &Personal,
        stored: Vec<u8>,
        data: Vec<u8>,
    ) -> Result<(), Error> {
        let subject = subjects::event(
            &self.prefix,
            header.account.as_ref(),
            &header.stream,
            header.event_type,
        );
        self.send(subject, cloud_event(header, stored), data)
            .await?;
        if let (Stream::Case(_), Some(account)) = (&header.stream, &header.account) {
            self.notify(account, header, event, personal).await?;
        }
        Ok(())
    }

    async fn notify(
        &self,
        account: &events_schema::AccountId,
        header: &Header,
        event: &Event,
        personal: &Personal,
    ) -> Result<(), Error> {
        let Some(notification) = projections::notification(header, event, personal) else {
            return Ok(());
        };
        let body = serde_json::to_vec(&notification).map_err(|error| {
            command_processor::Error::Unreadable {
                position: header.position,
                problem: error.to_string(),
            }
        })?;
        let mut headers = HeaderMap::new();
        headers.insert(
            async_nats::header::NATS_MESSAGE_ID,
            format!("{}-{}-ntf", header.log_id, header.position),
        );
        headers.insert(CONTENT_TYPE, JSON);
        let subject = subjects::notification(&self.prefix, account);
        self.send(subject, headers, body).await
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

/// Resolves when it is time to write down what was published, also when nothing follows it: after a kill, nothing is
/// sent again that was delivered.
async fn store_at(cursor: &Cursor) {
    match cursor.store_at() {
        Some(at) => tokio::time::sleep_until(at.into()).await,
        None => std::future::pending().await,
    }
}

const CONTENT_TYPE: HeaderName = HeaderName::from_static("content-type");
const JSON: &str = "application/json";

/// The headers of a `CloudEvent` in binary mode. `redress-header` holds the stored bytes that the log hashes;
/// the attributes that every `CloudEvents` reader looks for stand beside them.
fn cloud_event(header: &Header, stored: Vec<u8>) -> HeaderMap {
    let mut headers = HeaderMap::new();
    headers.insert(
        async_nats::header::NATS_MESSAGE_ID,
        format!("{}-{}", header.log_id, header.position),
    );
    headers.insert(CONTENT_TYPE, JSON);
    let mut attribute = |name: &'static str, value: String| {
        headers.insert(HeaderName::from_static(name), value);
    };
    attribute("ce-specversion", "1.0".to_owned());
    attribute("ce-id", header.position.to_string());
    attribute("ce-source", format!("/redress/{}", header.log_id));
    attribute("ce-type", header.event_type.to_owned());
    attribute("ce-subject", header.stream.to_string());
    attribute("ce-time", header.time.to_string());
    // Canonical headers are ASCII: identifiers, numbers, instants and digests.
    let stored = String::from_utf8(stored)
        .unwrap_or_else(|error| String::from_utf8_lossy(error.as_bytes()).into_owned());
    attribute("redress-header", stored);
    headers
}

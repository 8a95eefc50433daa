//! Events out: in order, from the cursor to the head of the log, and on as the head moves.
//!
//! The log is the outbox. An event that has just been written comes from memory with the bytes that were stored;
//! whatever did not come that way is read from the log. On core NATS an event goes to whoever listens: a gap shows in
//! the position, and the query `Events` fills it. What was sent while the connection broke is sent again, unless the
//! server is known to have it (`arrival.rs`).

use std::{
    sync::atomic::Ordering,
    time::{Duration, Instant},
};

use async_nats::{Client, HeaderMap, HeaderName, client::PublishErrorKind};
use bytes::Bytes;
use command_processor::{Cursor, FreshEvents, Recorded};
use event_log::LogReader;
use events_schema::{Event, Header, Personal, Stream, read_personal, subjects};
use tokio_util::sync::CancellationToken;

use crate::{
    Error,
    arrival::{Arrival, Heard},
    gateway::MAX_PAYLOAD_MIN,
    limited::Limited,
};

/// Events published before the server is asked whether they have arrived.
const EVENTS_PER_QUESTION: u64 = 2_048;

/// How long to wait for more events before the server is asked about the last ones.
const QUIET: Duration = Duration::from_millis(50);

/// How often it is asked where they leave no quiet moment.
const ASK_EVERY: Duration = Duration::from_millis(250);

/// How long to wait before an event is tried again that the server does not pass on.
const AGAIN_AFTER: Duration = Duration::from_secs(5);

/// Publishes until it is told to stop and has caught up.
pub(crate) struct Publisher {
    pub(crate) client: Client,
    pub(crate) fresh: FreshEvents,
    pub(crate) log: LogReader,
    pub(crate) cursor: Cursor,
    pub(crate) arrival: Arrival,
    pub(crate) prefix: String,
    pub(crate) stop: CancellationToken,
}

/// How far events were sent, and what is known of them.
struct Sent {
    /// Up to which position.
    to: u64,
    /// Over which connection, by how many there were.
    connection: u64,
    /// Up to which position they were sent before the question that is under way.
    asked_of: u64,
    asked_at: Instant,
}

impl Publisher {
    pub(crate) async fn run(mut self) -> Result<(), Error> {
        let mut sent = Sent {
            // What is known to have arrived is the cursor's; what was sent beyond it is known here only.
            to: self.cursor.next_position(),
            connection: self.connections_made(),
            asked_of: 0,
            asked_at: Instant::now(),
        };
        let mut quiet = false;
        loop {
            let stopping = self.stop.is_cancelled();
            let all = match self.publish_all(&mut sent.to, stopping).await {
                // It waited until it was told to stop. What it did not publish, the next start does.
                Err(small @ Error::SmallMessages { .. }) => {
                    tracing::warn!(error = %small, "events are left to the next start");
                    return Ok(self.cursor.store()?);
                }
                published => published?,
            };
            self.send_again_what_may_be_lost(&mut sent);
            let under_way = sent.to - self.cursor.next_position();
            if stopping && self.cursor.next_position() >= all {
                return Ok(self.cursor.store()?);
            }
            let is_time = quiet
                || stopping
                || under_way >= EVENTS_PER_QUESTION
                || sent.asked_at.elapsed() >= ASK_EVERY;
            if under_way > 0 && is_time && !self.arrival.is_asked() {
                (sent.asked_of, sent.asked_at) = (sent.to, Instant::now());
                self.arrival.ask().await?;
            }
            quiet = false;
            tokio::select! {
                biased;
                heard = self.arrival.heard(), if self.arrival.is_asked() => {
                    self.send_again_what_may_be_lost(&mut sent);
                    if heard == Heard::Arrived && sent.asked_of > self.cursor.next_position() {
                        self.cursor.advance(sent.asked_of, Instant::now())?;
                    }
                }
                more = self.fresh.wait_for_more() => if !more {
                    return Ok(self.cursor.store()?);
                },
                () = tokio::time::sleep(QUIET), if under_way > 0 && !self.arrival.is_asked() => {
                    quiet = true;
                }
                () = store_at(&self.cursor), if under_way == 0 => self.cursor.store()?,
                () = self.stop.cancelled(), if !stopping => {}
            }
        }
    }

    /// How many connections there were.
    fn connections_made(&self) -> u64 {
        self.client.statistics().connects.load(Ordering::Relaxed)
    }

    /// Publishes what there is, and gives up to where that is.
    async fn publish_all(&mut self, to: &mut u64, stopping: bool) -> Result<u64, Error> {
        let come_to = self.fresh.folded_up_to();
        while let Some(group) = self.fresh.next_group() {
            for stored in group {
                let position = stored.recorded.header.position;
                if position < *to {
                    continue;
                }
                self.publish_from_log(to, position).await?;
                let bytes = stored.bytes;
                self.publish(&stored.recorded, &stored.personal, bytes.header, bytes.data)
                    .await?;
                *to = position + 1;
            }
        }
        let all = if stopping {
            self.log.head().next_position
        } else {
            come_to
        };
        self.publish_from_log(to, all).await?;
        Ok(all)
    }

    /// When the connection is another one, what was sent over the last and is not known to have arrived may be lost.
    fn send_again_what_may_be_lost(&self, sent: &mut Sent) {
        let connection = self.connections_made();
        if connection != sent.connection {
            sent.connection = connection;
            sent.to = self.cursor.next_position();
            sent.asked_of = sent.to;
        }
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
        let id = message_id(header, &stored);
        self.send(subject, cloud_event(header, stored, &id), data)
            .await?;
        if let (Stream::Case(_), Some(account)) = (&header.stream, &header.account) {
            self.notify(account, (header, event, personal), &id).await?;
        }
        Ok(())
    }

    async fn notify(
        &self,
        account: &events_schema::AccountId,
        (header, event, personal): (&Header, &Event, &Personal),
        id: &str,
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
        headers.insert(async_nats::header::NATS_MESSAGE_ID, format!("{id}-ntf"));
        headers.insert(CONTENT_TYPE, JSON);
        let subject = subjects::notification(&self.prefix, account);
        self.send(subject, headers, body).await
    }

    /// A server that has come back with other limits may pass on less than an event takes. Nothing is passed over: it
    /// waits for one that passes it on, and meanwhile everything else goes on.
    async fn send(&self, subject: String, headers: HeaderMap, body: Vec<u8>) -> Result<(), Error> {
        static TOO_SMALL: Limited = Limited::new();

        let body = Bytes::from(body);
        loop {
            let (subject, headers) = (subject.clone(), headers.clone());
            let publishing = self
                .client
                .publish_with_headers(subject, headers, body.clone());
            let Err(error) = publishing.await else {
                return Ok(());
            };
            if error.kind() != PublishErrorKind::MaxPayloadExceeded {
                return Err(Error::Nats {
                    action: "publish an event",
                    problem: error.to_string(),
                });
            }
            let small = Error::SmallMessages {
                max_payload: self.client.server_info().max_payload,
                needed: MAX_PAYLOAD_MIN,
            };
            if let Some(left_out) = TOO_SMALL.left_out() {
                tracing::error!(error = %small, left_out, "events wait");
            }
            // A server tells its limits to new connections only.
            let connected_again = async {
                tokio::time::sleep(AGAIN_AFTER).await;
                self.client.force_reconnect().await
            };
            tokio::select! {
                // Where there is no connection any more, publishing says so.
                _ = connected_again => {}
                () = self.stop.cancelled() => return Err(small),
            }
        }
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

/// The same for an event each time that it is published, and another one for what takes its position after the log was
/// rolled back: whoever leaves out repeats would leave that out too.
fn message_id(header: &Header, stored: &[u8]) -> String {
    let which = crc32c::crc32c(stored);
    format!("{}-{}-{which:08x}", header.log_id, header.position)
}

/// The headers of a `CloudEvent` in binary mode. `redress-header` holds the stored bytes that the log hashes;
/// the attributes that every `CloudEvents` reader looks for stand beside them.
fn cloud_event(header: &Header, stored: Vec<u8>, id: &str) -> HeaderMap {
    let mut headers = HeaderMap::new();
    headers.insert(async_nats::header::NATS_MESSAGE_ID, id);
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

//! A connection on which others are heard: made, watched, and made again when it ends.
//!
//! What is asked on it is taken out by the gate before the client library sees it; the library subscribes and sends.
//!
//! There are two. What a party sends comes in on one, what everybody else sends on the other, so that nothing that a
//! party sends keeps the platform, the reviewers or the administrator waiting.

use std::{collections::HashMap, fmt, sync::Arc, time::Duration};

use async_nats::{
    Client, Subscriber,
    service::{Service, ServiceExt as _},
};
use events_schema::subjects;
use futures::{StreamExt as _, stream::select_all};
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use crate::{
    ConnectionOptions, Error, circle::Circle, connection::connect_to, gate::Gate, sieve::Sieve,
    way_back::WayBack,
};

/// The name of the micro service.
pub(crate) const SERVICE: &str = "redress";

/// Between two attempts to be heard again, where the first one failed.
const AGAIN_AFTER: Duration = Duration::from_millis(50);

/// A connection on which nobody is heard yet, nor heard of.
pub(crate) struct Unheard {
    circle: Circle,
    options: ConnectionOptions,
    prefix: String,
    sieve: Sieve,
    pub(crate) client: Client,
}

/// What stays when a connection is made again.
pub(crate) struct Listener {
    circle: Circle,
    options: ConnectionOptions,
    prefix: String,
    metadata: HashMap<String, String>,
    sieve: Sieve,
    heard: Heard,
    /// The connection that there is now.
    clients: watch::Sender<Client>,
}

/// A connection with everything that listens on it.
struct Heard {
    client: Client,
    /// It answers who asks what there is for as long as it is kept, on the connection of the parties alone: who asks must
    /// not stand in the way of the staff.
    service: Option<Service>,
    /// What was subscribed to. The gate takes out what comes in there, so nothing comes out here but the end.
    doors: Vec<Subscriber>,
}

/// What instances of one service have in common, so that each request comes to one of them.
const QUEUE_GROUP: &str = SERVICE;

impl Unheard {
    /// Connects.
    pub(crate) async fn connect(
        circle: Circle,
        options: &ConnectionOptions,
        prefix: &str,
        gate: Arc<Gate>,
        way_back: Arc<WayBack>,
    ) -> Result<Self, Error> {
        let shown = format!("{}, {}", options.name, circle.name());
        let sieve = Sieve::start(options.upstream()?, shown, gate, way_back);
        let sieve = sieve.await.map_err(|error| Error::Nats {
            action: "listen for the client library",
            problem: error.to_string(),
        })?;
        let options = ConnectionOptions {
            // By which the sieve knows its own library. The server is shown another one.
            name: sieve.password().to_owned(),
            // TLS is between the sieve and the server.
            root_certificate: None,
            ..options.clone()
        };
        let client = connect_to(&sieve.url(), &options).await?;
        Ok(Self {
            circle,
            options,
            prefix: prefix.to_owned(),
            sieve,
            client,
        })
    }

    /// Listens, and says so to who asks.
    pub(crate) async fn listen(self, metadata: HashMap<String, String>) -> Result<Listener, Error> {
        let Self {
            circle,
            options,
            prefix,
            sieve,
            client,
        } = self;
        let heard = Heard::listen(circle, client, &prefix, &metadata).await?;
        let (clients, _) = watch::channel(heard.client.clone());
        Ok(Listener {
            circle,
            options,
            prefix,
            metadata,
            sieve,
            heard,
            clients,
        })
    }
}

impl Listener {
    /// The connection, and each one that is made in its place.
    pub(crate) fn clients(&self) -> watch::Receiver<Client> {
        self.clients.subscribe()
    }

    /// Sees that requests are heard, until it is told to stop. Then nothing more is taken on, and what was delivered
    /// still is.
    pub(crate) async fn run(mut self, stop: CancellationToken) -> Last {
        loop {
            self.heard.last(&stop).await;
            if stop.is_cancelled() {
                return Last {
                    client: self.heard.client,
                    _service: self.heard.service,
                    _sieve: self.sieve,
                };
            }
            tracing::error!(
                connection = self.circle.name(),
                "what was to be heard there has ended; connecting again"
            );
            self.connect_again(&stop).await;
        }
    }

    async fn connect_again(&mut self, stop: &CancellationToken) {
        while !stop.is_cancelled() {
            match self.connect().await {
                Ok(heard) => {
                    self.clients.send_replace(heard.client.clone());
                    self.heard = heard;
                    return;
                }
                Err(error) => {
                    tracing::debug!(%error, "not connected again yet");
                    tokio::time::sleep(AGAIN_AFTER).await;
                }
            }
        }
    }
}

impl Listener {
    async fn connect(&self) -> Result<Heard, Error> {
        let client = connect_to(&self.sieve.url(), &self.options).await?;
        Heard::listen(self.circle, client, &self.prefix, &self.metadata).await
    }
}

/// What is left of a listener that takes nothing on any more: the connection that the last answers leave on.
pub(crate) struct Last {
    client: Client,
    _service: Option<Service>,
    _sieve: Sieve,
}

impl Last {
    /// Writes everything that the client library has to send.
    pub(crate) async fn flush(&self) -> Result<(), Error> {
        let flushed = self.client.flush().await;
        flushed.map_err(|error| Self::failed(&error))
    }

    /// Ends the connection.
    pub(crate) async fn end(self) -> Result<(), Error> {
        let drained = self.client.drain().await;
        drained.map_err(|error| Self::failed(&error))
    }

    fn failed(error: &impl fmt::Display) -> Error {
        Error::Nats {
            action: "send the last answers",
            problem: error.to_string(),
        }
    }
}

impl Heard {
    /// Lasts until the connection is gone for good, or nothing more is heard because this was told to stop.
    async fn last(&mut self, stop: &CancellationToken) {
        let mut stopping = false;
        loop {
            let mut ends = select_all(&mut self.doors);
            tokio::select! {
                biased;
                end = ends.next() => if end.is_none() { return },
                () = stop.cancelled(), if !stopping => {
                    stopping = true;
                    drop(ends);
                    for door in &mut self.doors {
                        // When the connection is gone, nothing is delivered either.
                        let _ = door.drain().await;
                    }
                }
            }
        }
    }

    async fn listen(
        circle: Circle,
        client: Client,
        prefix: &str,
        metadata: &HashMap<String, String>,
    ) -> Result<Self, Error> {
        let nats = |action: &'static str| {
            move |error: async_nats::Error| Error::Nats {
                action,
                problem: error.to_string(),
            }
        };
        let service = if circle == Circle::Parties {
            let service = client
                .service_builder()
                .description("Enforcement notices, rectification and appeals; durable before reply")
                .metadata(metadata.clone())
                .start(SERVICE, env!("CARGO_PKG_VERSION"));
            Some(service.await.map_err(nats("start the service"))?)
        } else {
            None
        };
        let failed = nats("listen for commands and queries");
        let mut doors = Vec::new();
        for role in circle.roles() {
            for subject in [
                subjects::every_command(prefix, role),
                subjects::every_query(prefix, role),
            ] {
                let door = client.queue_subscribe(subject, QUEUE_GROUP.to_owned());
                doors.push(door.await.map_err(|error| failed(error.into()))?);
            }
        }
        // Whoever is told that we are ready must find us.
        client.flush().await.map_err(|error| failed(error.into()))?;
        Ok(Self {
            client,
            service,
            doors,
        })
    }
}

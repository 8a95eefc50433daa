//! The life of the service on NATS: connect, see that nobody else serves, serve, drain.

use std::{path::PathBuf, sync::Arc};

use async_nats::{
    Client,
    service::{Request, Service, ServiceExt as _, endpoint::Endpoint},
};
use command_processor::{FreshEvents, Intake, Views, WriterStatus};
use events_schema::subjects;
use futures::StreamExt as _;
use tokio::{sync::watch, task::JoinHandle};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use crate::{
    Answers, Error, commands,
    cursor::Cursor,
    others::{self, Instance},
    publisher::Publisher,
    queries,
};

/// The name of the micro service.
pub(crate) const SERVICE: &str = "redress";

/// What the server must pass on, in bytes: the largest event, with its headers.
const MAX_PAYLOAD_MIN: usize = 128 * 1024;

/// How the gateway serves.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The prefix of all subjects.
    pub prefix: String,
    /// The data folder, for the cursor.
    pub dir: PathBuf,
    /// Queries answered at the same time; the next ones wait.
    pub queries_at_once: usize,
    /// Queries that may wait before callers are told that the service is busy.
    pub queries_waiting_max: usize,
}

/// What the gateway stands in front of.
#[derive(Debug)]
pub struct Inside {
    /// Where commands go in.
    pub intake: Arc<Intake<Request>>,
    /// Where their answers come out.
    pub answers: Answers,
    /// What is shown to those who ask.
    pub views: Views,
    /// What has just been written.
    pub fresh: FreshEvents,
    /// What the writer tells of itself.
    pub status: watch::Receiver<WriterStatus>,
}

/// The running gateway.
#[derive(Debug)]
pub struct Gateway {
    client: Client,
    stop_taking: CancellationToken,
    stop_publishing: CancellationToken,
    tasks: TaskTracker,
    loops: Vec<JoinHandle<()>>,
    answering: JoinHandle<()>,
    publisher: JoinHandle<Result<(), Error>>,
    look_out: JoinHandle<Error>,
}

/// The gateway once it is known that nobody else serves, with nothing behind it yet. What comes in waits.
pub struct Listening {
    client: Client,
    settings: Settings,
    service: Service,
    commands: Endpoint,
    queries: Endpoint,
    cursor: Cursor,
    own: Instance,
}

impl Listening {
    /// Sees that nobody else serves, and listens. Nothing may be decided before: what a service decides that is refused
    /// here would be in its log, beside what the one that serves decides of the same. `next_position` is where the log
    /// ends.
    ///
    /// # Errors
    /// When another instance serves the same prefix, or the server does not let us.
    pub async fn start(
        client: Client,
        settings: Settings,
        next_position: u64,
    ) -> Result<Self, Error> {
        let prefix = settings.prefix.clone();
        if !subjects::is_prefix(&prefix) {
            return Err(Error::Prefix { prefix });
        }
        let max_payload = client.server_info().max_payload;
        if max_payload < MAX_PAYLOAD_MIN {
            return Err(Error::SmallMessages {
                max_payload,
                needed: MAX_PAYLOAD_MIN,
            });
        }
        let last_asked = others::refuse_if_served(&client, &prefix).await?;

        let nats = |action: &'static str| {
            move |error: async_nats::Error| Error::Nats {
                action,
                problem: error.to_string(),
            }
        };
        let service = client
            .service_builder()
            .description("Enforcement notices, rectification and appeals; durable before reply")
            .metadata(others::metadata(&prefix))
            .start(SERVICE, env!("CARGO_PKG_VERSION"))
            .await
            .map_err(nats("start the service"))?;
        let commands = service
            .endpoint_builder()
            .name("commands")
            .add(subjects::every_command(&prefix))
            .await
            .map_err(nats("listen for commands"))?;
        let queries = service
            .endpoint_builder()
            .name("queries")
            .add(subjects::every_query(&prefix))
            .await
            .map_err(nats("listen for queries"))?;

        // Whoever is told that we are ready must find us.
        client
            .flush()
            .await
            .map_err(|error| nats("listen for commands and queries")(error.into()))?;
        let info = service.info().await;
        let own = Instance {
            id: info.id,
            metadata: info.metadata,
        };
        others::give_way_at_start(&client, &prefix, &own, last_asked).await?;
        let cursor = Cursor::open(&settings.dir, next_position)?;
        Ok(Self {
            client,
            settings,
            service,
            commands,
            queries,
            cursor,
            own,
        })
    }

    /// Begins to serve what it now stands in front of.
    pub fn serve(self, inside: Inside) -> Gateway {
        let Self {
            client,
            settings,
            service,
            commands,
            queries,
            cursor,
            own,
        } = self;
        let Inside {
            intake,
            answers,
            views,
            fresh,
            status,
        } = inside;
        let root = format!("{}.", settings.prefix);
        let tasks = TaskTracker::new();
        let stop_taking = CancellationToken::new();
        let commands = tokio::spawn(take_commands(
            service,
            commands,
            root.clone(),
            intake,
            tasks.clone(),
            stop_taking.clone(),
        ));
        let limits = queries::Limits {
            at_once: settings.queries_at_once,
            waiting_max: settings.queries_waiting_max,
            max_payload: client.server_info().max_payload,
        };
        let asked = queries::Queries::new(views.clone(), status, limits);
        let queries = tokio::spawn(take_queries(
            queries,
            root,
            asked,
            client.clone(),
            tasks.clone(),
            stop_taking.clone(),
        ));
        let stop_publishing = CancellationToken::new();
        let publisher = Publisher {
            client: client.clone(),
            fresh,
            log: views.reader().clone(),
            cursor,
            prefix: settings.prefix.clone(),
            stop: stop_publishing.clone(),
        };
        let look_out = others::look_out(client.clone(), settings.prefix, settings.dir, own);
        Gateway {
            client,
            stop_taking,
            stop_publishing,
            tasks,
            loops: vec![commands, queries],
            answering: tokio::spawn(answers.send()),
            publisher: tokio::spawn(publisher.run()),
            look_out: tokio::spawn(look_out),
        }
    }
}

impl Gateway {
    /// Resolves when events can no longer be published, or when another instance serves that this one gives way to, with
    /// the reason; then there is nothing to finish. What was not answered is sent again, to whoever serves then.
    pub async fn broken(&mut self) -> Error {
        let broken = |action: &'static str, problem: String| Error::Nats { action, problem };
        tokio::select! {
            published = &mut self.publisher => match published {
                Ok(Err(error)) => error,
                Ok(Ok(())) => broken("publish events", "the views have stopped".to_owned()),
                Err(panic) => broken("publish events", panic.to_string()),
            },
            found = &mut self.look_out => {
                found.unwrap_or_else(|panic| broken("look for other instances", panic.to_string()))
            }
        }
    }

    /// Takes on nothing more and waits until everything taken on is in the queue. The writer must then be
    /// ended, and [`Gateway::finish`] called.
    pub async fn stop_taking(&mut self) {
        self.stop_taking.cancel();
        self.look_out.abort();
        for task in self.loops.drain(..) {
            // A panic in a loop has been printed; there is nothing left to wait for.
            let _ = task.await;
        }
    }

    /// Sends what is still to be sent: the answers of the writer, and the events up to its head.
    ///
    /// # Errors
    /// When the publisher failed, or the connection is gone.
    pub async fn finish(self) -> Result<(), Error> {
        // It ends with the writer; a panic in it has been printed.
        let _ = self.answering.await;
        self.tasks.close();
        self.tasks.wait().await;
        self.stop_publishing.cancel();
        if let Ok(published) = self.publisher.await {
            published?;
        }
        let nats = |problem: String| Error::Nats {
            action: "send the last answers",
            problem,
        };
        self.client
            .flush()
            .await
            .map_err(|error| nats(error.to_string()))?;
        self.client
            .drain()
            .await
            .map_err(|error| nats(error.to_string()))
    }
}

/// Puts commands in the queue until it is told to stop. The service lives as long as its endpoints listen.
async fn take_commands(
    service: Service,
    requests: Endpoint,
    root: String,
    intake: Arc<Intake<Request>>,
    tasks: TaskTracker,
    stop: CancellationToken,
) {
    let hand_on = |request| commands::handle(request, &intake, &tasks);
    take(requests, &root, &stop, hand_on).await;
    drop(service);
}

async fn take_queries(
    requests: Endpoint,
    root: String,
    queries: queries::Queries,
    client: Client,
    tasks: TaskTracker,
    stop: CancellationToken,
) {
    let hand_on = |request| queries.handle(request, &client, &tasks);
    take(requests, &root, &stop, hand_on).await;
}

/// Hands requests on until it is told to stop. Handing on never waits: a subscription whose buffer is full drops what
/// comes in.
async fn take(
    mut requests: Endpoint,
    root: &str,
    stop: &CancellationToken,
    hand_on: impl Fn(Request),
) {
    loop {
        tokio::select! {
            biased;
            request = requests.next() => match request {
                Some(request) if !is_answerable(&request, root) => {}
                Some(request) => hand_on(request),
                None => return,
            },
            () = stop.cancelled() => {}
        }
        if stop.is_cancelled() {
            // No more is delivered; what was delivered is still done.
            if requests.stop().await.is_ok() {
                while let Some(request) = requests.next().await {
                    if is_answerable(&request, root) {
                        hand_on(request);
                    }
                }
            }
            return;
        }
    }
}

/// Whether the answer may go where the caller asks for it. Our own subjects and the server's are not for answers: others
/// would take one for an event, or for a notification, that we published.
fn is_answerable(request: &Request, root: &str) -> bool {
    let reply = request.message.reply.as_deref().unwrap_or_default();
    let ours = reply.starts_with(root) || reply.starts_with('$');
    if ours {
        let asked_by = request.message.subject.as_str();
        tracing::warn!(
            subject = asked_by,
            reply,
            "a request is left out: nothing is answered there"
        );
    }
    !ours
}

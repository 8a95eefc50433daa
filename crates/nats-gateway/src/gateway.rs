//! The life of the service on NATS: connect, see that nobody else serves, serve, drain.

use std::{path::PathBuf, sync::Arc};

use async_nats::Client;
use command_processor::{Cursor, FreshEvents, Intake, ReadingRoom, Views, WriterStatus};
use event_log::LogId;
use events_schema::subjects;
use tokio::{sync::watch, task::JoinHandle};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use crate::{
    Answers, Asked, ConnectionOptions, Error,
    arrival::Arrival,
    circle::Circle,
    commands,
    desks::Desks,
    gate::{Admission, Gate},
    in_hand::{Ledger, Room},
    inboxes::Inboxes,
    left_out,
    listener::{Last, Listener, Unheard},
    others::{self, Instance},
    publisher::Publisher,
    queries,
    readers::Readers,
    turns::Turns,
    way_back::WayBack,
};

/// What the server must pass on, in bytes: the largest event, with its headers.
pub(crate) const MAX_PAYLOAD_MIN: usize = 128 * 1024;

/// Bytes that commands of parties may take while they are in hand, and those of everybody else.
const COMMANDS_BYTES_MAX: usize = 24 * 1024 * 1024;

/// Bytes that queries may take while they are in hand, without their answers, likewise.
const QUERIES_BYTES_MAX: usize = 8 * 1024 * 1024;

/// How the gateway serves.
#[derive(Debug, Clone)]
pub struct Settings {
    /// How to connect, for the connections that requests come in on.
    pub connection: ConnectionOptions,
    /// The prefix of all subjects.
    pub prefix: String,
    /// The data folder, for the cursor.
    pub dir: PathBuf,
    /// Commands of parties in hand, from their receipt to their answer, and those of everybody else. Of the places that
    /// are free one sender gets half.
    pub commands_max: usize,
    /// Queries of parties answered at the same time, and of everybody else; the next ones wait.
    pub queries_at_once: usize,
    /// Queries that may wait before callers are told that the service is busy, likewise. Of the places that are free
    /// one sender gets half.
    pub queries_waiting_max: usize,
}

/// What the gateway stands in front of.
#[derive(Debug)]
pub struct Inside {
    /// Where commands go in.
    pub intake: Arc<Intake<Asked>>,
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
pub struct Gateway {
    /// What nothing comes in on: events leave here.
    client: Client,
    stop_taking: CancellationToken,
    stop_publishing: CancellationToken,
    tasks: TaskTracker,
    sides: [Side; 2],
    listeners: Vec<JoinHandle<Last>>,
    lasts: Vec<Last>,
    refusing: [JoinHandle<()>; 2],
    readers: Vec<JoinHandle<()>>,
    answering: JoinHandle<()>,
    publisher: JoinHandle<Result<(), Error>>,
    look_out: JoinHandle<Error>,
    telling: JoinHandle<()>,
    _query_threads: Readers,
}

/// What a circle has beside its connection.
struct Side {
    gate: Arc<Gate>,
    desks: Desks,
    way_back: Arc<WayBack>,
}

/// The gateway once it is known that nobody else serves, with nothing behind it yet. What comes in waits.
pub struct Listening {
    client: Client,
    settings: Settings,
    staff: Listener,
    parties: Listener,
    sides: [Side; 2],
    cursor: Cursor,
    readers: Readers,
    inboxes: Inboxes,
    own: Instance,
}

impl Listening {
    /// Sees that nobody else serves, and listens. Nothing may be decided before: what a service decides that is refused
    /// here would be in its log, beside what the one that serves decides of the same. `next_position` is where the log
    /// ends; over `client` events leave.
    ///
    /// # Errors
    /// When another instance serves the same prefix, or the server does not let us.
    pub async fn start(
        client: Client,
        settings: Settings,
        log_id: LogId,
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
        let inboxes = Inboxes::new();
        let commands = Arc::new(Turns::new());
        let connect = async |circle| {
            let (desks, way_back) = (Desks::with(&commands), Arc::new(WayBack::new()));
            let gate = Arc::new(Gate::new(
                circle,
                &prefix,
                settings.admission(),
                inboxes.clone(),
                Arc::clone(&way_back),
                desks.clone(),
            ));
            let side = Side {
                gate: Arc::clone(&gate),
                desks,
                way_back: Arc::clone(&way_back),
            };
            let unheard = Unheard::connect(circle, &settings.connection, &prefix, gate, way_back);
            Ok::<_, Error>((unheard.await?, side))
        };
        let (staff, of_staff) = connect(Circle::Staff).await?;
        let (parties, of_parties) = connect(Circle::Parties).await?;
        // Over a connection behind a gate: anybody may answer.
        let asking = staff.client.clone();
        let last_asked = others::refuse_if_served(&asking, &inboxes, &prefix).await?;
        let own = Instance::new(&prefix);
        let staff = staff.listen(own.metadata.clone()).await?;
        let parties = parties.listen(own.metadata.clone()).await?;
        others::give_way_at_start((&asking, &inboxes), &prefix, &own, last_asked).await?;
        let cursor = Cursor::open(&settings.dir, log_id, next_position)?;
        // What parties ask for keeps no thread from everybody else.
        let threads = settings.queries_at_once.saturating_mul(2).max(1);
        let readers = Readers::start(threads).map_err(|source| Error::Threads { source })?;
        Ok(Self {
            client,
            settings,
            staff,
            parties,
            sides: [of_staff, of_parties],
            cursor,
            readers,
            inboxes,
            own,
        })
    }

    /// Begins to serve what it now stands in front of.
    pub fn serve(self, inside: Inside) -> Gateway {
        let Self {
            client,
            settings,
            staff,
            parties,
            sides,
            cursor,
            readers: query_threads,
            inboxes,
            own,
        } = self;
        let Inside {
            intake,
            answers,
            views,
            fresh,
            status,
        } = inside;
        let tasks = TaskTracker::new();
        let stop_taking = CancellationToken::new();
        // In an answer each quotation mark of an event takes two bytes.
        let events_bytes_max = client.server_info().max_payload / 2;
        let room = ReadingRoom::new(views.clone(), status.clone(), events_bytes_max);
        let [staff_side, _] = &sides;
        let commands = Arc::clone(&staff_side.desks.commands);
        let mut readers = vec![tokio::spawn(commands::read_in_turn(commands, intake))];
        readers.extend(sides.iter().map(|side| {
            let threads = query_threads.handle().clone();
            let queries = queries::Queries::new(room.clone(), threads, settings.queries_at_once);
            let turns = Arc::clone(&side.desks.queries);
            tokio::spawn(queries.answer_in_turn(turns, tasks.clone()))
        }));
        // Requests never wait for refusals to be sent, nor the other way round.
        let refusing = sides.each_ref().map(|side| {
            let way_back = Arc::clone(&side.way_back);
            tokio::spawn(async move { way_back.refusals.send(&way_back.outlet).await })
        });
        let gates = sides.each_ref().map(|side| Arc::clone(&side.gate));
        let stop_publishing = CancellationToken::new();
        let publisher = Publisher {
            client: client.clone(),
            fresh,
            log: views.reader().clone(),
            cursor,
            arrival: Arrival::new(client.clone(), staff.clients(), inboxes.clone()),
            prefix: settings.prefix.clone(),
            stop: stop_publishing.clone(),
        };
        let (prefix, dir) = (settings.prefix, settings.dir);
        let look_out = others::look_out(staff.clients(), inboxes, prefix, dir, own);
        let listeners = [staff, parties].map(|it| tokio::spawn(it.run(stop_taking.clone())));
        Gateway {
            client,
            stop_taking,
            stop_publishing,
            tasks,
            listeners: listeners.into(),
            sides,
            lasts: Vec::new(),
            refusing,
            readers,
            answering: tokio::spawn(answers.send()),
            publisher: tokio::spawn(publisher.run()),
            look_out: tokio::spawn(look_out),
            telling: tokio::spawn(left_out::tell(gates)),
            _query_threads: query_threads,
        }
    }
}

impl Gateway {
    /// Resolves when events can no longer be published, or when another instance serves that this one gives way to,
    /// with the reason; then there is nothing to finish. What was not answered is sent again, to whoever serves then.
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
        self.telling.abort();
        // A panic in one has been printed; there is nothing left to wait for.
        let ended = futures::future::join_all(self.listeners.drain(..)).await;
        self.lasts.extend(ended.into_iter().flatten());
        for side in &self.sides {
            side.desks.commands.close();
            side.desks.queries.close();
        }
        for reader in self.readers.drain(..) {
            let _ = reader.await;
        }
    }

    /// Sends what is still to be sent: the answers of the writer, and the events up to its head.
    ///
    /// # Errors
    /// When the publisher failed, or a connection is gone.
    pub async fn finish(self) -> Result<(), Error> {
        // It ends with the writer; a panic in it has been printed.
        let _ = self.answering.await;
        self.tasks.close();
        self.tasks.wait().await;
        self.stop_publishing.cancel();
        // What one connection does not take keeps nothing from leaving over the others.
        let sides = self.sides.iter().zip(self.refusing);
        let written = futures::future::join_all(sides.map(|(side, refusing)| async {
            side.way_back.refusals.close();
            let _ = refusing.await;
            side.way_back.outlet.flushed().await;
        }));
        let sent = async {
            written.await;
            futures::future::join_all(self.lasts.iter().map(Last::flush)).await
        };
        let (published, sent) = tokio::join!(self.publisher, sent);
        if let Ok(published) = published {
            published?;
        }
        sent.into_iter().collect::<Result<(), _>>()?;
        // Until here they have heard whether events arrived.
        let ended = futures::future::join_all(self.lasts.into_iter().map(Last::end)).await;
        ended.into_iter().collect::<Result<(), _>>()?;
        self.client.drain().await.map_err(|error| Error::Nats {
            action: "send the last events",
            problem: error.to_string(),
        })
    }
}

impl Settings {
    /// What may be in hand of what comes in on one connection.
    fn admission(&self) -> Admission {
        let queries = self
            .queries_at_once
            .saturating_add(self.queries_waiting_max);
        Admission {
            commands: Ledger::new(Room {
                messages: self.commands_max,
                bytes: COMMANDS_BYTES_MAX,
            }),
            queries: Ledger::new(Room {
                messages: queries,
                bytes: QUERIES_BYTES_MAX,
            }),
        }
    }
}

//! Queries in: read from the wire, asked of the reading room in their turn, and answered.

use std::{sync::Arc, time::Duration};

use command_processor::{Looked, ReadingRoom};
use events_schema::{Actor, Query, QueryName, Rejection, Role, subjects};
use tokio::{runtime::Handle, sync::Semaphore, time::timeout};
use tokio_util::task::TaskTracker;

use crate::{
    Error,
    limited::Limited,
    reply::{self, malformed},
    request::Request,
    turns::Turns,
};

/// An answer larger than this keeps its turn until it is written, so that the next one of the same sender is not looked
/// up before.
const WAITED_FOR_BYTES_MIN: usize = 4 * 1024;

/// How long an answer has to leave. The server has it within a moment, or the connection is lost and the caller asks
/// again.
const TAKEN_WITHIN: Duration = Duration::from_secs(5);

/// Answers queries.
#[derive(Debug, Clone)]
pub(crate) struct Queries {
    room: ReadingRoom,
    readers: Handle,
    at_once: Arc<Semaphore>,
}

/// What a look-up came to.
#[derive(Debug)]
enum LookedUp {
    /// The body of the answer.
    Answer(Vec<u8>),
    Refused(Rejection),
}

impl Queries {
    /// They are looked up on the threads of `readers`, so many at the same time.
    pub(crate) fn new(room: ReadingRoom, readers: Handle, at_once: usize) -> Self {
        Self {
            room,
            readers,
            at_once: Arc::new(Semaphore::new(at_once.clamp(1, Semaphore::MAX_PERMITS))),
        }
    }

    /// Answers queries in their turn, so many at the same time and of one sender one, until no more will come.
    pub(crate) async fn answer_in_turn(self, turns: Arc<Turns<Request>>, tasks: TaskTracker) {
        // Places are never closed.
        while let Ok(place) = Arc::clone(&self.at_once).acquire_owned().await {
            let Some((request, under_way)) = turns.next_alone().await else {
                return;
            };
            let queries = self.clone();
            tasks.spawn(async move {
                queries.answer(&request).await;
                drop((request, under_way, place));
            });
        }
    }

    async fn answer(&self, request: &Request) {
        // Of what cannot be read anybody may ask as often as it likes.
        static UNANSWERED: Limited = Limited::new();

        let found = match read(request) {
            Err(rejection) => Ok(LookedUp::Refused(rejection)),
            Ok((actor, query)) => {
                let head = self.room.caught_up().await;
                let room = self.room.clone();
                let looking = move || look_up(&room, &actor, query, head);
                let found = self.readers.spawn_blocking(looking).await;
                // A panic in it has been printed.
                let unreadable = || {
                    Ok(Looked::at_hand(LookedUp::Refused(
                        Rejection::LogUnreadable {},
                    )))
                };
                found.unwrap_or_else(|_| unreadable()).map(|looked| {
                    request.in_hand.read_back(looked.read_back);
                    looked.found
                })
            }
        };
        let rejection = match found {
            Ok(LookedUp::Answer(body)) => {
                request.in_hand.answered(body.len());
                let large = body.len() >= WAITED_FOR_BYTES_MIN;
                let leave = async {
                    reply::send_body(request, &body).await;
                    if large {
                        request.way_back.outlet.flushed().await;
                    }
                };
                // A connection that takes nothing must not keep the place of others who ask.
                let _ = timeout(TAKEN_WITHIN, leave).await;
                return;
            }
            Ok(LookedUp::Refused(rejection)) => rejection,
            Err(error) => {
                if let Some(left_out) = UNANSWERED.left_out() {
                    tracing::error!(%error, left_out, "a query could not be answered");
                }
                Rejection::LogUnreadable {}
            }
        };
        let refusal = reply::refuse(request, rejection);
        let _ = timeout(TAKEN_WITHIN, refusal).await;
    }
}

/// Finds what was asked for, and writes it. It reads the log, so it is for a thread that may wait.
#[expect(clippy::expect_used, reason = "the views have string keys throughout")]
fn look_up(
    room: &ReadingRoom,
    asker: &Actor,
    query: Query,
    head: u64,
) -> Result<Looked<LookedUp>, Error> {
    let looked = room.answer(asker, query, head)?;
    Ok(looked.map(|found| match found {
        Ok(view) => {
            LookedUp::Answer(serde_json::to_vec(&view).expect("views serialise into memory"))
        }
        Err(rejection) => LookedUp::Refused(rejection),
    }))
}

/// Reads who asks what.
fn read(request: &Request) -> Result<(Actor, Query), Rejection> {
    let subject = request.subject.as_str();
    let (role, principal, name) = subjects::sender_and_name(subject)
        .map_err(|error| malformed("subject", error.to_string()))?;
    // Nobody who asks over NATS is the service itself, whatever the server's permissions let through.
    if role == Role::Service
        && let Ok(name) = name.parse()
    {
        return Err(Rejection::NotPermitted { role, name });
    }
    let known = QueryName::parse(name).ok_or_else(|| Rejection::UnknownCommand {
        found: name.to_owned(),
    })?;
    let asker = Actor { role, principal };
    let query = Query::read(known, &asker, request.body())
        .map_err(|error| malformed(&error.path, error.problem))?;
    Ok((asker, query))
}

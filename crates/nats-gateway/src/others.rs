//! Other instances on the same prefix: one alone may serve, since two writers would split its history.
//!
//! Who serves is asked before we listen, while we begin to, and again and again while we serve: an instance that waits
//! for the server to come back answers nobody, so whoever starts meanwhile finds the prefix free.
//!
//! Of two that find each other the **later** one gives way, and of two of the same millisecond the one with the larger
//! id. The earlier one has what was acknowledged first, and both come to the same whichever looks.

use std::{collections::HashMap, path::PathBuf, time::Duration};

use async_nats::{Client, StatusCode, Subscriber, connection::State};
use futures::StreamExt as _;
use tokio::{
    sync::watch,
    time::{Instant, timeout_at},
};

use crate::{Error, inboxes::Inboxes};

/// How often others are asked, one after the other. Whoever does not listen yet when it is asked first hears it the
/// next time.
const QUESTIONS_AT_START: u32 = 6;

/// How long they have to answer each time.
const ANSWER_WITHIN: Duration = Duration::from_millis(100);

/// Whoever takes longer from its last question to listening may have been missed by one that began to serve meanwhile.
/// Half of the time for which that one asks.
const PROMPT_WITHIN: Duration = Duration::from_millis(300);

/// Between two questions while we serve.
const ASK_EVERY: Duration = Duration::from_secs(1);

/// What an instance says of itself in its metadata.
const PREFIX: &str = "prefix";
const STARTED: &str = "started_ms";
const INSTANCE: &str = "instance";

/// An instance of the service, this one or another, as it speaks of itself.
#[derive(Debug, Clone, PartialEq, Eq, serde::Deserialize)]
pub(crate) struct Instance {
    /// Of each of its connections another one, where it says no id of its own in the metadata.
    id: String,
    #[serde(default)]
    pub(crate) metadata: HashMap<String, String>,
}

impl Instance {
    /// One that serves this prefix from now on.
    pub(crate) fn new(prefix: &str) -> Self {
        let started = command_processor::now().microseconds() / 1_000;
        let id = uuid::Uuid::new_v4().simple().to_string();
        Self {
            metadata: HashMap::from([
                (PREFIX.to_owned(), prefix.to_owned()),
                (
                    "commands".to_owned(),
                    format!("{prefix}.v1.cmd.ROLE.PRINCIPAL.COMMAND"),
                ),
                (
                    "queries".to_owned(),
                    format!("{prefix}.v1.qry.ROLE.PRINCIPAL.QUERY"),
                ),
                (STARTED.to_owned(), started.to_string()),
                (INSTANCE.to_owned(), id.clone()),
            ]),
            id,
        }
    }

    fn id(&self) -> &str {
        self.metadata.get(INSTANCE).unwrap_or(&self.id)
    }

    fn serves(&self, prefix: &str) -> bool {
        self.metadata.get(PREFIX).is_some_and(|its| its == prefix)
    }

    /// When it began to listen, in milliseconds of its own clock.
    fn started(&self) -> Option<i64> {
        self.metadata.get(STARTED)?.parse().ok()
    }

    /// One that does not say when it began is taken for the earlier one: it is of a version that never gives way.
    fn gives_way_to(&self, other: &Self) -> bool {
        let age = |it: &Self| (it.started(), it.id().to_owned());
        other.id() != self.id() && age(other) < age(self)
    }
}

/// Sees that nobody serves the prefix, and gives when that was last asked.
pub(crate) async fn refuse_if_served(
    client: &Client,
    inboxes: &Inboxes,
    prefix: &str,
) -> Result<Instant, Error> {
    let mut others = Others::of(client, inboxes, prefix).await?;
    let mut asked = Instant::now();
    for _ in 0..QUESTIONS_AT_START {
        asked = Instant::now();
        others.ask().await?;
        match others.heard(asked + ANSWER_WITHIN).await {
            Some(Heard::Instance(other)) => return Err(served(prefix, &other)),
            Some(Heard::Nobody) => break,
            None => {}
        }
    }
    Ok(asked)
}

/// Sees, once we listen too, that we need not give way to anybody. Two that start at the same moment find nobody when
/// they look, and each other here. Nothing is taken on before.
pub(crate) async fn give_way_at_start(
    (client, inboxes): (&Client, &Inboxes),
    prefix: &str,
    own: &Instance,
    last_asked: Instant,
) -> Result<(), Error> {
    let prompt = last_asked.elapsed() < PROMPT_WITHIN;
    let mut others = Others::of(client, inboxes, prefix).await?;
    for _ in 0..QUESTIONS_AT_START {
        let asked = Instant::now();
        others.ask().await?;
        while let Some(heard) = others.heard(asked + ANSWER_WITHIN).await {
            if let Heard::Instance(other) = heard
                && other.id() != own.id()
                && (!prompt || own.gives_way_to(&other))
            {
                return Err(served(prefix, &other));
            }
        }
    }
    Ok(())
}

/// Looks for others while we serve, and gives the error to end with when there is one that we give way to. What we have
/// acknowledged is in our log in `dir`, and nowhere else. Others are asked over the connection that is looked after:
/// whoever hears the question knows where we listen for answers.
pub(crate) async fn look_out(
    mut clients: watch::Receiver<Client>,
    inboxes: Inboxes,
    prefix: String,
    dir: PathBuf,
    own: Instance,
) -> Error {
    loop {
        let client = clients.borrow_and_update().clone();
        let found = tokio::select! {
            found = find_earlier(&client, &inboxes, &prefix, &own) => found,
            Ok(()) = clients.changed() => continue,
        };
        match found {
            Ok(other) => {
                return Error::GivesWay {
                    prefix,
                    instance: other.id().to_owned(),
                    dir,
                };
            }
            Err(error) => {
                // The connection is closed, and another one is being made.
                if clients.changed().await.is_err() {
                    return error;
                }
            }
        }
    }
}

async fn find_earlier(
    client: &Client,
    inboxes: &Inboxes,
    prefix: &str,
    own: &Instance,
) -> Result<Instance, Error> {
    let mut others = Others::of(client, inboxes, prefix).await?;
    loop {
        // Questions that cannot be sent would be kept and sent all at once.
        if client.connection_state() == State::Connected {
            others.ask().await?;
        }
        let until = Instant::now() + ASK_EVERY;
        while let Some(heard) = others.heard(until).await {
            if let Heard::Instance(other) = heard
                && own.gives_way_to(&other)
            {
                return Ok(other);
            }
        }
    }
}

fn served(prefix: &str, other: &Instance) -> Error {
    Error::Served {
        prefix: prefix.to_owned(),
        instance: other.id().to_owned(),
    }
}

/// Everybody who says that they serve a prefix, ourselves among them.
struct Others<'a> {
    client: &'a Client,
    prefix: &'a str,
    inbox: String,
    answers: Subscriber,
}

enum Heard {
    Instance(Instance),
    /// The server says that nobody listens at all.
    Nobody,
}

impl<'a> Others<'a> {
    async fn of(client: &'a Client, inboxes: &Inboxes, prefix: &'a str) -> Result<Self, Error> {
        let inbox = inboxes.of(client);
        let answers = client
            .subscribe(inbox.clone())
            .await
            .map_err(|error| failed(&error))?;
        Ok(Self {
            client,
            prefix,
            inbox,
            answers,
        })
    }

    async fn ask(&self) -> Result<(), Error> {
        let subject = format!("$SRV.INFO.{}", crate::listener::SERVICE);
        self.client
            .publish_with_reply(subject, self.inbox.clone(), "".into())
            .await
            .map_err(|error| failed(&error))
    }

    /// The next one that answers until then.
    async fn heard(&mut self, until: Instant) -> Option<Heard> {
        while let Ok(message) = timeout_at(until, self.answers.next()).await {
            let Some(message) = message else {
                // No more will come: the connection is closed, which the publisher says.
                tokio::time::sleep_until(until).await;
                return None;
            };
            if message.status == Some(StatusCode::NO_RESPONDERS) {
                return Some(Heard::Nobody);
            }
            let instance = serde_json::from_slice::<Instance>(&message.payload).ok();
            if let Some(instance) = instance.filter(|it| it.serves(self.prefix)) {
                return Some(Heard::Instance(instance));
            }
        }
        None
    }
}

fn failed(error: &impl std::fmt::Display) -> Error {
    Error::Nats {
        action: "look for other instances",
        problem: error.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn instance(id: &str, started: Option<&str>) -> Instance {
        let started = started.map(|started| (STARTED.to_owned(), started.to_owned()));
        Instance {
            id: id.to_owned(),
            metadata: started.into_iter().collect(),
        }
    }

    #[test]
    fn of_two_the_later_one_gives_way_and_of_one_moment_the_larger_id() {
        let in_order = [
            instance("z", None),
            instance("y", Some("999")),
            instance("a", Some("1000")),
            instance("b", Some("1000")),
        ];
        for (index, own) in in_order.iter().enumerate() {
            for (other_index, other) in in_order.iter().enumerate() {
                let gives_way = own.gives_way_to(other);
                assert_eq!(gives_way, other_index < index, "{own:?} {other:?}");
            }
        }
    }
}

//! Speaking to the service over NATS, as any other client would.

use std::time::Duration;

use async_nats::{Client, HeaderMap};
use events_schema::{
    Actor, CommandId, CommandName, Problem, Query, Rejection, Role, StatusQuery, subjects,
};
use nats_gateway::ConnectionOptions;
use serde::de::{DeserializeOwned, IgnoredAny};
use tokio::{
    sync::broadcast::{self, error::RecvError},
    time::{Instant, sleep_until, timeout_at},
};

use crate::{arguments, failure::Failure, login::say_who_sends};

/// A connection to the service.
#[derive(Debug, Clone)]
pub struct Wire {
    client: Client,
    prefix: String,
    timeout: Duration,
    url: String,
    /// What the server denies us, in its words.
    denied: broadcast::Sender<String>,
}

/// Denials that may wait to be read by each who waits for an answer.
const DENIALS_MAX: usize = 256;

/// The roles that somebody can ask in, the one that sees most first.
const ROLES_THAT_ASK: [Role; 5] = [
    Role::Auditor,
    Role::Administrator,
    Role::Platform,
    Role::Reviewer,
    Role::Party,
];

impl Wire {
    /// Connects.
    pub async fn connect(service: &arguments::Service) -> Result<Self, Failure> {
        if !subjects::is_prefix(&service.prefix) {
            let prefix = service.prefix.clone();
            return Err(nats_gateway::Error::Prefix { prefix }.into());
        }
        let timeout = Duration::from_secs(service.timeout_seconds);
        let (denied, _) = broadcast::channel(DENIALS_MAX);
        let options = ConnectionOptions {
            request_timeout: timeout,
            denied: Some(denied.clone()),
            ..service.options("redress")?
        };
        Ok(Self {
            client: nats_gateway::connect(&options).await?,
            prefix: service.prefix.clone(),
            timeout,
            url: service.nats.clone(),
            denied,
        })
    }

    /// Who asks: whoever was said, or what the user of the login may be, which the server is asked.
    pub async fn asker(&self, service: &arguments::Service) -> Result<Actor, Failure> {
        if let Some(sender) = &service.sender {
            return Ok(sender.clone());
        }
        let Some(principal) = service.login.principal() else {
            return "auditor:cli"
                .parse()
                .map_err(|error| Failure::World(format!("{error}")));
        };
        for role in ROLES_THAT_ASK {
            let actor = Actor {
                role,
                principal: principal.clone(),
            };
            if self.may_be(&actor).await? {
                return Ok(actor);
            }
        }
        let roles = ROLES_THAT_ASK.map(Role::as_str).join(", ");
        Err(Failure::Denied(format!(
            "the NATS server denies the user {principal} to ask as {roles}, with {principal} as the principal; say who \
             it is with --as ROLE:PRINCIPAL or REDRESS_AS, or log in as somebody who may ask"
        )))
    }

    /// Who sends a command, of those that [`arguments::Service::senders_of`] gives: where there are several, the server is
    /// asked which of them the user may be.
    pub async fn sender(&self, name: CommandName, senders: Vec<Actor>) -> Result<Actor, Failure> {
        if let [sender] = senders.as_slice() {
            return Ok(sender.clone());
        }
        let mut may_be = Vec::new();
        for sender in senders {
            if self.may_be(&sender).await? {
                may_be.push(sender);
            }
        }
        let sender = may_be.pop().filter(|_| may_be.is_empty());
        sender.ok_or_else(|| say_who_sends(name))
    }

    /// Whether the server lets the user ask as this one.
    async fn may_be(&self, actor: &Actor) -> Result<bool, Failure> {
        match self
            .query::<IgnoredAny>(actor, &Query::Status(StatusQuery {}))
            .await
        {
            Ok(_) => Ok(true),
            Err(Failure::Denied(_)) => Ok(false),
            Err(failure) => Err(failure),
        }
    }

    /// The instant until which something that begins now is waited for.
    pub fn patience(&self) -> Instant {
        Instant::now() + self.timeout
    }

    /// Sends a command and gives the answer, as it came before `until`.
    pub async fn command(
        &self,
        (sender, name, id): (&Actor, CommandName, &CommandId),
        mut headers: HeaderMap,
        body: Vec<u8>,
        until: Instant,
    ) -> Result<async_nats::Message, Failure> {
        headers.insert("Nats-Msg-Id", id.as_str());
        let subject = subjects::command(&self.prefix, sender, name);
        let unknown = format!(
            "; the command {id} may or may not have been done, so send it again with --id {id} (in a file \
             \"id\": \"{id}\"): it is done once"
        );
        let to_be_sent = ToBeSent {
            sender,
            subject,
            headers,
            body,
        };
        self.request(to_be_sent, until, &unknown).await
    }

    /// Asks something, again while the service is busy and there is time.
    pub async fn query<T: DeserializeOwned>(
        &self,
        sender: &Actor,
        query: &Query,
    ) -> Result<T, Failure> {
        let subject = subjects::query(&self.prefix, sender, query.name().as_str());
        let body = query.body();
        let until = self.patience();
        while_busy(until, async || {
            let to_be_sent = ToBeSent {
                sender,
                subject: subject.clone(),
                headers: HeaderMap::new(),
                body: body.clone(),
            };
            read(&self.request(to_be_sent, until, "").await?)
        })
        .await
    }

    /// The version of the server, and the size of the largest message it passes on, in bytes.
    pub fn server(&self) -> (String, usize) {
        let info = self.client.server_info();
        (info.version, info.max_payload)
    }

    async fn request(
        &self,
        to_be_sent: ToBeSent<'_>,
        until: Instant,
        unanswered: &str,
    ) -> Result<async_nats::Message, Failure> {
        use async_nats::RequestErrorKind;
        let ToBeSent {
            sender,
            subject,
            headers,
            body,
        } = to_be_sent;
        let silence = || {
            Failure::Timeout(format!(
                "no answer within {} s{unanswered}",
                self.timeout.as_secs()
            ))
        };
        let mut denials = self.denied.subscribe();
        let request = self
            .client
            .request_with_headers(subject.clone(), headers, body.into());
        let answer = tokio::select! {
            answer = timeout_at(until, request) => answer,
            denial = denial_of(&mut denials, &subject) => return Err(match denial {
                Denial::OfSubject => Failure::Denied(format!(
                    "the NATS server denies this login the subject {subject}, so it is not {sender}; nothing was done. \
                     Say who it is with --as ROLE:PRINCIPAL or REDRESS_AS, or log in as {sender}"
                )),
                Denial::OfInbox(inbox) => Failure::Usage(format!(
                    "the NATS server denies this login to listen on {inbox}, where answers come{unanswered}. Say where \
                     it may listen with --inbox-prefix or REDRESS_INBOX_PREFIX"
                )),
            }),
        };
        answer
            .map_err(|_| silence())?
            .map_err(|error| match error.kind() {
                RequestErrorKind::NoResponders => Failure::NoService(format!(
                    "nobody serves {subject} on {}; start `redress serve`, or name the prefix with --prefix",
                    self.url
                )),
                RequestErrorKind::TimedOut => silence(),
                RequestErrorKind::InvalidSubject
                | RequestErrorKind::MaxPayloadExceeded
                | RequestErrorKind::Other => {
                    Failure::World(format!("failed to send to {subject}: {error}"))
                }
            })
    }
}

/// What is asked, by whom and where.
struct ToBeSent<'a> {
    sender: &'a Actor,
    subject: String,
    headers: HeaderMap,
    body: Vec<u8>,
}

/// Why no answer will come.
#[derive(Debug, PartialEq, Eq)]
enum Denial {
    /// Nobody was asked.
    OfSubject,
    /// Nobody can answer us; here.
    OfInbox(String),
}

/// Resolves when the server denies what was asked, or us to listen for the answer.
async fn denial_of(denials: &mut broadcast::Receiver<String>, subject: &str) -> Denial {
    loop {
        match denials.recv().await {
            Ok(said) => {
                if let Some(denial) = denial(&said, subject) {
                    return denial;
                }
            }
            // What was missed is found out by waiting.
            Err(RecvError::Lagged(_)) => {}
            Err(RecvError::Closed) => return std::future::pending().await,
        }
    }
}

/// What the server said, if it is about this subject: `Permissions Violation for Publish to "a.b"`. Servers differ in
/// the case of letters.
fn denial(said: &str, subject: &str) -> Option<Denial> {
    let (what, rest) = said.split_once(" to \"")?;
    let named = rest.split('"').next()?;
    let what = what.to_ascii_lowercase();
    if what.ends_with("violation for publish") {
        let ours = named.eq_ignore_ascii_case(subject);
        ours.then_some(Denial::OfSubject)
    } else if what.ends_with("violation for subscription") {
        // All that we listen for is answers.
        Some(Denial::OfInbox(named.to_owned()))
    } else {
        None
    }
}

/// Asks again while the service says that it is busy and there is time; then that is the answer.
pub async fn while_busy<T>(
    until: Instant,
    ask: impl AsyncFn() -> Result<T, Failure>,
) -> Result<T, Failure> {
    loop {
        let answer = ask().await;
        let Err(Failure::Rejected(problem)) = &answer else {
            return answer;
        };
        let Rejection::Busy { retry_after_ms } = problem.facts else {
            return answer;
        };
        let again = Instant::now() + Duration::from_millis(retry_after_ms);
        if again >= until {
            return answer;
        }
        sleep_until(again).await;
    }
}

/// Reads an answer: what was asked for, or the problem.
pub fn read<T: DeserializeOwned>(message: &async_nats::Message) -> Result<T, Failure> {
    let refused = message
        .headers
        .as_ref()
        .is_some_and(|headers| headers.get("Nats-Service-Error-Code").is_some());
    let unreadable =
        |error: serde_json::Error| Failure::World(format!("the answer does not read: {error}"));
    if refused {
        let problem: Problem = serde_json::from_slice(&message.payload).map_err(unreadable)?;
        return Err(Failure::Rejected(Box::new(problem)));
    }
    serde_json::from_slice(&message.payload).map_err(unreadable)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_server_denies_is_told_from_what_it_denies_others() {
        let subject = "redress.v1.qry.auditor.cli.Status";
        let publish = |subject| format!("Permissions Violation for Publish to \"{subject}\"");
        let inbox = "_INBOX.x.*";
        for (said, expected) in [
            (publish(subject), Some(Denial::OfSubject)),
            (publish("redress.v1.qry.auditor.cli.Case"), None),
            (
                format!("permissions violation for subscription to \"{inbox}\" using queue \"q\""),
                Some(Denial::OfInbox(inbox.to_owned())),
            ),
            ("maximum connections exceeded".to_owned(), None),
        ] {
            assert_eq!(denial(&said, subject), expected, "{said}");
        }
    }
}

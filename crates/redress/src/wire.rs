//! Speaking to the service over NATS, as any other client would.

use std::time::Duration;

use async_nats::{Client, HeaderMap};
use events_schema::{Actor, CommandId, CommandName, Problem, Rejection, subjects};
use nats_gateway::ConnectionOptions;
use serde::de::DeserializeOwned;
use tokio::time::{Instant, sleep_until, timeout_at};

use crate::{cli, failure::Failure};

/// A connection to the service.
#[derive(Debug, Clone)]
pub struct Wire {
    client: Client,
    prefix: String,
    timeout: Duration,
    url: String,
}

impl Wire {
    /// Connects.
    pub async fn connect(service: &cli::Service) -> Result<Self, Failure> {
        if !subjects::is_prefix(&service.prefix) {
            let prefix = service.prefix.clone();
            return Err(nats_gateway::Error::Prefix { prefix }.into());
        }
        let timeout = Duration::from_secs(service.timeout_seconds);
        let user = match &service.login {
            None => None,
            Some(login) => Some(
                login
                    .split_once(':')
                    .filter(|(user, _)| is_part_of_subject(user))
                    .map(|(user, password)| (user.to_owned(), password.to_owned()))
                    .ok_or_else(|| {
                        Failure::Usage(
                            "the login is USER:PASSWORD; answers come on a subject that USER is part of, so it \
                             must have no blanks, no * and no >"
                                .to_owned(),
                        )
                    })?,
            ),
        };
        let options = ConnectionOptions {
            inbox_prefix: user.as_ref().map(|(user, _)| format!("_INBOX_{user}")),
            user,
            request_timeout: timeout,
            ..ConnectionOptions::new(&service.nats, "redress")
        };
        Ok(Self {
            client: nats_gateway::connect(&options).await?,
            prefix: service.prefix.clone(),
            timeout,
            url: service.nats.clone(),
        })
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
        self.request(subject, headers, body, until, &unknown).await
    }

    /// Asks something, again while the service is busy and there is time.
    pub async fn query<T: DeserializeOwned>(
        &self,
        sender: &Actor,
        name: &str,
        body: &serde_json::Value,
    ) -> Result<T, Failure> {
        let subject = subjects::query(&self.prefix, sender, name);
        let body = body.to_string().into_bytes();
        let until = self.patience();
        loop {
            let (subject, body) = (subject.clone(), body.clone());
            let message = self
                .request(subject, HeaderMap::new(), body, until, "")
                .await?;
            let problem = match read(&message) {
                Err(Failure::Rejected(problem)) => problem,
                answer => return answer,
            };
            let Rejection::Busy { retry_after_ms } = problem.facts else {
                return Err(Failure::Rejected(problem));
            };
            let again = Instant::now() + Duration::from_millis(retry_after_ms);
            if again >= until {
                return Err(Failure::Rejected(problem));
            }
            sleep_until(again).await;
        }
    }

    /// The version of the server, and the size of the largest message it passes on, in bytes.
    pub fn server(&self) -> (String, usize) {
        let info = self.client.server_info();
        (info.version, info.max_payload)
    }

    async fn request(
        &self,
        subject: String,
        headers: HeaderMap,
        body: Vec<u8>,
        until: Instant,
        unanswered: &str,
    ) -> Result<async_nats::Message, Failure> {
        use async_nats::RequestErrorKind;
        let silence = || {
            Failure::Timeout(format!(
                "no answer within {} s{unanswered}. If the server denies this user the subject {subject}, it is \
                 silent too",
                self.timeout.as_secs()
            ))
        };
        let request = self
            .client
            .request_with_headers(subject.clone(), headers, body.into());
        timeout_at(until, request)
            .await
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

fn is_part_of_subject(text: &str) -> bool {
    let breaks = |c: char| c.is_whitespace() || c.is_control() || matches!(c, '*' | '>');
    text.split('.').all(|token| !token.is_empty()) && !text.contains(breaks)
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

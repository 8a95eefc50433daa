//! Another service: it knows the subjects, the headers and JSON, and nothing else of Redress.

use std::{future::Future, time::Duration};

use async_nats::{ConnectOptions, HeaderMap, Request, RequestError, RequestErrorKind};
use futures::StreamExt;
use serde_json::Value;
use tokio::runtime::Runtime;

/// How long a reply or a message may take before the test gives up.
const REPLY_LIMIT: Duration = Duration::from_secs(20);

/// A connection to NATS whose methods wait for their answer, so that tests are plain functions.
#[derive(Debug)]
pub struct Client {
    nats: async_nats::Client,
    runtime: Runtime,
}

/// What the service answered.
#[derive(Debug, Clone)]
pub struct Reply {
    /// The body.
    pub json: Value,
    /// `Nats-Service-Error-Code`, where the answer is a rejection or an error.
    pub error_code: Option<String>,
    /// All headers, in no particular order.
    pub headers: Vec<(String, String)>,
}

/// A message that came in on a subscription.
#[derive(Debug, Clone)]
pub struct Message {
    /// Where it was published.
    pub subject: String,
    /// Its headers, in no particular order.
    pub headers: Vec<(String, String)>,
    /// Its body.
    pub payload: Vec<u8>,
}

/// What is published on a subject from now on.
#[derive(Debug)]
pub struct Subscription<'a> {
    client: &'a Client,
    subscriber: async_nats::Subscriber,
}

impl Client {
    /// Connects as nobody in particular, and waits until the connection stands.
    #[track_caller]
    pub fn connect(url: &str) -> Self {
        Self::connect_with(ConnectOptions::new(), url)
    }

    /// Connects with these options, a user and its inbox prefix among them.
    ///
    /// A user in the URL would be ignored: async-nats takes it from the options only.
    #[track_caller]
    pub fn connect_with(options: ConnectOptions, url: &str) -> Self {
        // One thread beside the test's own keeps the connection alive while the test waits for something else.
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build()
            .expect("a runtime can be made");
        let options = options.request_timeout(Some(REPLY_LIMIT));
        let nats = runtime
            .block_on(options.connect(url))
            .unwrap_or_else(|error| panic!("{url} cannot be reached: {error}"));
        Self { nats, runtime }
    }

    /// Sends a command as `role:principal` and waits for its reply.
    ///
    /// # Panics
    ///
    /// When no reply comes; what the service says in a reply is left to the test.
    #[track_caller]
    pub fn send(&self, sender: &str, command: &str, id: &str, body: &Value) -> Reply {
        self.send_with(sender, command, id, body, &[])
    }

    /// As [`Client::send`], with more headers, such as `Redress-Expected-Revision` or `Accept-Language`.
    #[track_caller]
    pub fn send_with(
        &self,
        sender: &str,
        command: &str,
        id: &str,
        body: &Value,
        headers: &[(&str, &str)],
    ) -> Reply {
        self.block_on(self.sending(sender, command, id, body, headers))
            .unwrap_or_else(|error| panic!("{command} {id} as {sender} got no reply: {error}"))
    }

    /// Sends a command; the kind of error where no reply came.
    #[track_caller]
    pub fn try_send(
        &self,
        sender: &str,
        command: &str,
        id: &str,
        body: &Value,
    ) -> Result<Reply, RequestErrorKind> {
        self.block_on(self.sending(sender, command, id, body, &[]))
            .map_err(|error| error.kind())
    }

    /// As [`Client::send_with`], as a future: for tests that have many commands under way at once.
    #[track_caller]
    pub fn sending(
        &self,
        sender: &str,
        command: &str,
        id: &str,
        body: &Value,
        headers: &[(&str, &str)],
    ) -> impl Future<Output = Result<Reply, RequestError>> + Send + use<> {
        let subject = format!("redress.v1.cmd.{}.{command}", tokens(sender));
        let headers = [&[("Nats-Msg-Id", id)], headers].concat();
        self.requesting(subject, &headers, body.to_string().into_bytes())
    }

    /// Asks a query as `role:principal` and waits for its answer.
    #[track_caller]
    pub fn query(&self, sender: &str, query: &str, body: &Value) -> Reply {
        let subject = format!("redress.v1.qry.{}.{query}", tokens(sender));
        self.request(&subject, &[], body.to_string().as_bytes())
    }

    /// As [`Client::query`], as a future: for tests that have many queries under way at once.
    #[track_caller]
    pub fn querying(
        &self,
        sender: &str,
        query: &str,
        body: &Value,
    ) -> impl Future<Output = Result<Reply, RequestError>> + Send + use<> {
        let subject = format!("redress.v1.qry.{}.{query}", tokens(sender));
        self.requesting(subject, &[], body.to_string().into_bytes())
    }

    /// Sends a request of any subject, headers and body, and waits for its reply.
    #[track_caller]
    pub fn request(&self, subject: &str, headers: &[(&str, &str)], body: &[u8]) -> Reply {
        self.block_on(self.requesting(subject.to_owned(), headers, body.to_vec()))
            .unwrap_or_else(|error| panic!("{subject} got no reply: {error}"))
    }

    /// Publishes a message, and waits until the server has it.
    pub fn publish(&self, subject: &str, payload: &[u8]) {
        let (subject, payload) = (subject.to_owned(), payload.to_vec());
        self.block_on(async {
            self.nats
                .publish(subject, payload.into())
                .await
                .expect("the connection stands");
            self.nats.flush().await.expect("the connection stands");
        });
    }

    /// Listens on a subject; whatever is published after this returns is heard.
    pub fn subscribe(&self, subject: &str) -> Subscription<'_> {
        let subscriber = self.block_on(async {
            let subscriber = self.nats.subscribe(subject.to_owned()).await;
            self.nats.flush().await.expect("the connection stands");
            subscriber.unwrap_or_else(|error| panic!("{subject} cannot be subscribed to: {error}"))
        });
        Subscription {
            client: self,
            subscriber,
        }
    }

    /// Runs a future on this client's runtime.
    pub fn block_on<F: Future>(&self, future: F) -> F::Output {
        self.runtime.block_on(future)
    }

    /// The connection itself, for what this harness does not offer.
    pub fn nats(&self) -> &async_nats::Client {
        &self.nats
    }

    fn requesting(
        &self,
        subject: String,
        headers: &[(&str, &str)],
        body: Vec<u8>,
    ) -> impl Future<Output = Result<Reply, RequestError>> + Send + use<> {
        let nats = self.nats.clone();
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            map.append(*name, *value);
        }
        async move {
            let request = Request::new().headers(map).payload(body.into());
            nats.send_request(subject, request)
                .await
                .map(|message| Reply::of(&message))
        }
    }
}

/// `party:dev7` as the two tokens of a subject.
#[track_caller]
fn tokens(sender: &str) -> String {
    let (role, principal) = sender
        .split_once(':')
        .unwrap_or_else(|| panic!("expected role:principal, got {sender:?}"));
    format!("{role}.{principal}")
}

fn pairs(headers: Option<&HeaderMap>) -> Vec<(String, String)> {
    let mut pairs = Vec::new();
    for (name, values) in headers.into_iter().flat_map(HeaderMap::iter) {
        pairs.extend(
            values
                .iter()
                .map(|value| (name.to_string(), value.to_string())),
        );
    }
    pairs
}

/// The first header of this name; HTTP's habit of ignoring the case is kept here, NATS itself does not.
fn first<'a>(headers: &'a [(String, String)], name: &str) -> Option<&'a str> {
    let found = headers
        .iter()
        .find(|(key, _)| key.eq_ignore_ascii_case(name));
    found.map(|(_, value)| value.as_str())
}

impl Reply {
    fn of(message: &async_nats::Message) -> Self {
        let headers = pairs(message.headers.as_ref());
        let json = serde_json::from_slice(&message.payload).unwrap_or_else(|reason| {
            let body = String::from_utf8_lossy(&message.payload);
            panic!("a reply whose body is not JSON ({reason}): {body:?}, headers {headers:?}")
        });
        Self {
            json,
            error_code: first(&headers, "Nats-Service-Error-Code").map(str::to_owned),
            headers,
        }
    }

    /// The first header of this name.
    pub fn header(&self, name: &str) -> Option<&str> {
        first(&self.headers, name)
    }

    /// `Nats-Service-Error`: one line of text for a person, empty where the answer is no error.
    pub fn error_text(&self) -> &str {
        self.header("Nats-Service-Error").unwrap_or_default()
    }

    /// The value at a JSON pointer such as `/positions/0`; null where there is none.
    pub fn at(&self, pointer: &str) -> &Value {
        self.json.pointer(pointer).unwrap_or(&Value::Null)
    }

    /// The body of an answer that is no error.
    #[track_caller]
    pub fn accepted(self) -> Value {
        assert!(
            self.error_code.is_none(),
            "expected to be accepted, got {}: {:#}",
            self.error_text(),
            self.json
        );
        self.json
    }

    /// The stable code of a rejection or an error, from `urn:redress:problem:<code>` in the body.
    ///
    /// # Panics
    ///
    /// When the answer is no error, or when its header does not say so: a reader of either must be told the same.
    #[track_caller]
    pub fn code(&self) -> &str {
        let header = self
            .error_code
            .as_deref()
            .unwrap_or_else(|| panic!("expected a rejection, got {:#}", self.json));
        let kind = self.at("/type").as_str().unwrap_or_default();
        let code = kind
            .strip_prefix("urn:redress:problem:")
            .unwrap_or_else(|| panic!("expected a problem with a type, got {:#}", self.json));
        assert_eq!(header, code, "the header and the body name two errors");
        code
    }
}

impl Subscription<'_> {
    /// The next message.
    ///
    /// # Panics
    ///
    /// When none comes for a long time.
    #[track_caller]
    pub fn receive(&mut self) -> Message {
        self.receive_within(REPLY_LIMIT)
            .unwrap_or_else(|| panic!("no message came in {REPLY_LIMIT:?}"))
    }

    /// The next message, if one comes in this time.
    pub fn receive_within(&mut self, limit: Duration) -> Option<Message> {
        let next = async { tokio::time::timeout(limit, self.subscriber.next()).await };
        self.client
            .block_on(next)
            .ok()
            .flatten()
            .map(|message| Message::of(&message))
    }
}

impl Iterator for Subscription<'_> {
    type Item = Message;

    /// The next message; the end where none comes for a long time.
    fn next(&mut self) -> Option<Message> {
        self.receive_within(REPLY_LIMIT)
    }
}

impl Message {
    fn of(message: &async_nats::Message) -> Self {
        Self {
            subject: message.subject.to_string(),
            headers: pairs(message.headers.as_ref()),
            payload: message.payload.to_vec(),
        }
    }

    /// The first header of this name.
    pub fn header(&self, name: &str) -> Option<&str> {
        first(&self.headers, name)
    }

    /// The body as JSON.
    #[track_caller]
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.payload).unwrap_or_else(|error| {
            panic!("a message on {} that is not JSON: {error}", self.subject)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::NatsServer;

    #[test]
    fn nobody_listening_is_told_from_a_late_reply() {
        let server = NatsServer::start();
        let client = Client::connect(server.url());
        let sent = client.try_send("party:dev7", "Rectify", "r-1", &Value::Null);
        assert_eq!(sent.unwrap_err(), RequestErrorKind::NoResponders);
    }

    #[test]
    fn a_command_goes_to_its_subject_and_its_error_headers_come_back() {
        let server = NatsServer::start();
        let service = Client::connect(server.url());
        let mut commands = service.subscribe("redress.v1.cmd.>");
        let client = Client::connect(server.url());
        let body = serde_json::json!({"case": "C1"});
        let sent = client.runtime.spawn(client.sending(
            "party:dev7",
            "Rectify",
            "r-1",
            &body,
            &[("Redress-Expected-Revision", "3")],
        ));

        let nats = service.nats();
        service.block_on(async {
            let command = commands.subscriber.next().await.unwrap();
            assert_eq!(
                command.subject.as_str(),
                "redress.v1.cmd.party.dev7.Rectify"
            );
            assert_eq!(Message::of(&command).header("nats-msg-id"), Some("r-1"));
            assert_eq!(
                Message::of(&command).header("Redress-Expected-Revision"),
                Some("3")
            );
            assert_eq!(Message::of(&command).json(), body);
            let mut headers = HeaderMap::new();
            headers.insert("Nats-Service-Error", "no such case");
            headers.insert("Nats-Service-Error-Code", "case_not_found");
            let problem = r#"{"type": "urn:redress:problem:case_not_found"}"#;
            nats.publish_with_headers(command.reply.unwrap(), headers, problem.into())
                .await
                .unwrap();
        });

        let reply = client.block_on(sent).unwrap().unwrap();
        assert_eq!(reply.code(), "case_not_found");
        assert_eq!(reply.error_text(), "no such case");
    }
}

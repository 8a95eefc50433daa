//! The load: so many slots, each with one request under way. A slot of commands walks through cases, four
//! commands each (`IssueWarning`, `Rectify`, `SubmitAppeal`, `Decide`), each with the revision it expects.

use events_schema::{QueryName, Status};
use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Instant,
};

use async_nats::{Client, HeaderMap};
use serde::{Deserialize, de::DeserializeOwned};
use serde_json::json;

use crate::failure::Failure;

const PICTURE: &str = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

/// The commands of a case.
const COMMANDS_PER_CASE: usize = 4;

pub(super) struct Load {
    client: Client,
    prefix: String,
    next_case: AtomicUsize,
    templates: Arc<Vec<Template>>,
}

impl Load {
    pub(super) async fn new(client: Client, prefix: String) -> Result<Self, Failure> {
        let load = Self {
            client,
            prefix,
            next_case: AtomicUsize::new(0),
            templates: Arc::new(templates()),
        };
        let (id, version, content) = working_calendar::shipped_calendars()
            .into_iter()
            .find(|(id, ..)| id.as_str() == "cn")
            .ok_or_else(|| Failure::World("the calendar cn is not shipped".to_owned()))?;
        let calendar =
            json!({ "facts": { "calendar": id, "version": version, "content": content } });
        let toml = enforcement_rules::default_rulebook_toml();
        let rulebook = json!({ "facts": { "toml": toml } });
        for (name, body) in [("PublishCalendar", calendar), ("AdoptRulebook", rulebook)] {
            let subject = load.subject("administrator", "bench", name);
            let mut headers = HeaderMap::new();
            headers.insert("Nats-Msg-Id", name);
            let _: Accepted = load
                .request(subject, headers, body.to_string().into())
                .await?;
        }
        Ok(load)
    }

    /// The size of the body of a typical command.
    pub(super) fn payload_bytes(&self) -> usize {
        let bodies = self.templates.iter().map(|(.., body)| body.len());
        bodies.sum::<usize>() / self.templates.len()
    }

    /// Echoes a second, with bodies of the commands.
    pub(super) async fn echo(&self, in_flight: usize, count: usize) -> Result<f64, Failure> {
        let subject = super::echo::subject(&self.prefix);
        let left = Arc::new(AtomicUsize::new(count));
        let slots = (0..in_flight).map(|_| {
            let (client, subject, left) = (self.client.clone(), subject.clone(), Arc::clone(&left));
            let bodies: Vec<bytes::Bytes> = self
                .templates
                .iter()
                .map(|(.., body)| body.clone().into_bytes().into())
                .collect();
            tokio::spawn(async move {
                for body in bodies.iter().cycle() {
                    if take(&left, 1) == 0 {
                        return Ok(());
                    }
                    let mut headers = HeaderMap::new();
                    headers.insert("Nats-Msg-Id", "C-0-00000000-1");
                    headers.insert("Redress-Expected-Revision", "0");
                    client
                        .request_with_headers(subject.clone(), headers, body.clone())
                        .await
                        .map_err(|error| Failure::World(format!("the echo failed: {error}")))?;
                }
                Ok(())
            })
        });
        timed(count, slots.collect()).await
    }

    /// Commands a second, each durable before its reply.
    pub(super) async fn commands(&self, in_flight: usize, count: usize) -> Result<f64, Failure> {
        let left = Arc::new(AtomicUsize::new(count));
        let first = self
            .next_case
            .fetch_add(count + in_flight * COMMANDS_PER_CASE, Ordering::Relaxed);
        let next = Arc::new(AtomicUsize::new(first));
        let slots = (0..in_flight).map(|_| {
            let (left, next) = (Arc::clone(&left), Arc::clone(&next));
            let (client, prefix) = (self.client.clone(), self.prefix.clone());
            let templates = Arc::clone(&self.templates);
            tokio::spawn(async move {
                let slot = Self {
                    client,
                    prefix,
                    next_case: AtomicUsize::new(0),
                    templates,
                };
                while take(&left, COMMANDS_PER_CASE) > 0 {
                    let number = next.fetch_add(1, Ordering::Relaxed);
                    slot.case(&format!("C-{}-{number:08}", number % 97)).await?;
                }
                Ok(())
            })
        });
        timed(count, slots.collect()).await
    }

    /// So many cases that are closed at the end.
    pub(super) async fn closed_cases(&self, count: usize, in_flight: usize) -> Result<(), Failure> {
        self.commands(in_flight, count * COMMANDS_PER_CASE)
            .await
            .map(|_| ())
    }

    /// Notices a second, each of a case of its own that stays open; the n-th goes to the account that is named for n.
    pub(super) async fn notices(
        &self,
        count: usize,
        in_flight: usize,
        account: impl Fn(usize) -> String + Copy + Send + 'static,
    ) -> Result<f64, Failure> {
        let first = self.next_case.fetch_add(count, Ordering::Relaxed);
        let next = Arc::new(AtomicUsize::new(0));
        let slots = (0..in_flight).map(|_| {
            let slot = Self {
                client: self.client.clone(),
                prefix: self.prefix.clone(),
                next_case: AtomicUsize::new(0),
                templates: Arc::clone(&self.templates),
            };
            let next = Arc::clone(&next);
            tokio::spawn(async move {
                loop {
                    let number = next.fetch_add(1, Ordering::Relaxed);
                    if number >= count {
                        return Ok(());
                    }
                    let case = format!("N-{:08}", first + number);
                    for notice in slot.templates.iter().take(1) {
                        slot.send(notice, &case, &account(number), 0).await?;
                    }
                }
            })
        });
        timed(count, slots.collect()).await
    }

    /// The four commands of a case, one after the other.
    async fn case(&self, case: &str) -> Result<(), Failure> {
        let mut revision = 0;
        let account = format!(
            "dev-{}",
            case.get(2..4).unwrap_or("0").trim_end_matches('-')
        );
        for template in self.templates.iter() {
            revision = self.send(template, case, &account, revision).await?;
        }
        Ok(())
    }

    /// One command. Gives the revision of its case.
    async fn send(
        &self,
        (role, principal, name, template): &Template,
        case: &str,
        account: &str,
        revision: u64,
    ) -> Result<u64, Failure> {
        let now = command_processor::now().to_string();
        let body = template
            .replace(CASE, case)
            .replace(ACCOUNT, account)
            .replace(NOW, &now);
        let principal = principal.replace(ACCOUNT, account);
        let mut headers = HeaderMap::new();
        headers.insert("Nats-Msg-Id", format!("{case}-{name}"));
        headers.insert("Redress-Expected-Revision", revision.to_string());
        let subject = self.subject(role, &principal, name);
        let answer: Accepted = self
            .request(subject, headers, body.into_bytes().into())
            .await?;
        Ok(answer.revision)
    }

    /// Device flushes of the service so far, as it counts them.
    pub(super) async fn device_flushes(&self) -> Result<u64, Failure> {
        let subject = format!("{}.v1.qry.auditor.bench.{}", self.prefix, QueryName::Status);
        let status: Status = self
            .request(subject, HeaderMap::new(), bytes::Bytes::new())
            .await?;
        Ok(status.device_flushes)
    }

    fn subject(&self, role: &str, principal: &str, name: &str) -> String {
        format!("{}.v1.cmd.{role}.{principal}.{name}", self.prefix)
    }

    async fn request<Answer: DeserializeOwned>(
        &self,
        subject: String,
        headers: HeaderMap,
        body: bytes::Bytes,
    ) -> Result<Answer, Failure> {
        let message = self
            .client
            .request_with_headers(subject, headers, body)
            .await
            .map_err(|error| Failure::World(format!("a request failed: {error}")))?;
        serde_json::from_slice(&message.payload).map_err(|error| {
            let answer = String::from_utf8_lossy(&message.payload);
            Failure::World(format!(
                "an answer is not what was expected, {error}: {answer}"
            ))
        })
    }
}

/// What the load needs of an answer; reading the rest would be measured too.
#[derive(Deserialize)]
struct Accepted {
    revision: u64,
}

/// Takes so many of what is left; 0 when nothing is.
fn take(left: &AtomicUsize, wanted: usize) -> usize {
    left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| {
        (left > 0).then(|| left.saturating_sub(wanted))
    })
    .unwrap_or(0)
}

async fn timed(
    count: usize,
    slots: Vec<tokio::task::JoinHandle<Result<(), Failure>>>,
) -> Result<f64, Failure> {
    let begun = Instant::now();
    for slot in slots {
        slot.await
            .map_err(|error| Failure::World(format!("a slot broke off: {error}")))??;
    }
    #[expect(clippy::cast_precision_loss, reason = "a rate for people")]
    let rate = count as f64 / begun.elapsed().as_secs_f64();
    Ok(rate)
}

/// What stands in a template for the case, its account and the time.
const CASE: &str = "@CASE@";
const ACCOUNT: &str = "@ACCOUNT@";
const NOW: &str = "@NOW@";

/// Sender and body of each command of a case, made once: the load must cost as little as it can.
type Template = (&'static str, &'static str, &'static str, String);

fn templates() -> Vec<Template> {
    vec![
        ("platform", "watch", "IssueWarning", json!({
            "facts": {
                "case": CASE, "notice": "W1", "account": ACCOUNT, "entity": "acme",
                "violation": {
                    "rule": {
                        "clause": "4.2", "version": "2026-01", "title": "Login abuse",
                        "url": "https://example.com/rules/4.2", "quoted": "ask before you collect"
                    },
                    "category": "login", "severity": "medium",
                    "findings": [{
                        "id": "f1", "location": format!("login page {CASE}"), "test_met": "asks before consent",
                        "evidence": [{
                            "sha256": PICTURE, "captured_at": "2026-01-01T00:00:00Z", "captured_by": "platform"
                        }]
                    }],
                    "source": "own_initiative"
                },
                "steps": [{ "id": "s1", "findings": ["f1"] }],
                "threatened_measures": [{
                    "id": "m1", "findings": ["f1"], "lasts": "7 days",
                    "restriction": {
                        "capability": "login", "kind": "capability", "extent": "partial", "scope": "new_users",
                        "mode": "suspension"
                    }
                }]
            },
            "personal": {
                "findings": { "f1": "The login button collects the phone number first." },
                "steps": { "s1": "Ask for consent first." }
            }
        }).to_string()),
        ("party", ACCOUNT, "Rectify", json!({
            "facts": {
                "case": CASE, "notice": "W1", "kind": "release",
                "steps": [{ "step": "s1", "evidence": [PICTURE] }],
                "release": { "version": "2.0.1", "code_review": "passed" }
            },
            "personal": { "steps": { "s1": "The button now asks for consent, on the first screen." } }
        }).to_string()),
        ("party", ACCOUNT, "SubmitAppeal", json!({
            "facts": {
                "case": CASE, "notice": "W1", "appeal": "A1",
                "grounds": [{ "id": "g1", "kind": "rectified" }],
                "release": { "version": "2.0.1" }, "relief": "quash"
            },
            "personal": {
                "reason": "The button asks first since release 2.0.1; see the screenshots of all pages.",
                "grounds": { "g1": "Released and reviewed." }
            }
        }).to_string()),
        ("reviewer", "lin", "Decide", json!({
            "facts": {
                "case": CASE, "appeal": "A1", "appeal_revision": 1, "outcome": "granted",
                "findings": [{ "id": "f1", "ruling": "rectified" }], "grounds": [{ "id": "g1" }],
                "steps": [{ "id": "s1", "ruling": "strike" }],
                "release_reviewed": { "version": "2.0.1" },
                "observations": [{
                    "sha256": PICTURE, "release": { "version": "2.0.1" }, "captured_at": NOW
                }]
            },
            "personal": {
                "reasons": "Seen in 2.0.1.", "grounds": { "g1": "Agreed." },
                "observations": { PICTURE: "The first screen." }
            }
        }).to_string()),
    ]
}

//! Floods: as much as one sender can send, with no regard for answers; and a quiet sender beside them, who sends one
//! command at a time and waits for its answer.

use std::{
    fmt::Write as _,
    io::{Read as _, Write as _},
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    thread::{self, JoinHandle},
    time::{Duration, Instant},
};

use futures::StreamExt as _;
use serde_json::Value;

use crate::{
    Client,
    bodies::{self, with},
    raw::{Raw, message},
};

/// How long the quiet sender waits for an answer.
const PATIENCE: Duration = Duration::from_secs(5);

/// Bytes that a flood writes at once.
const WRITTEN_AT_ONCE: usize = 256 * 1024;

/// What a flood consists of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Flood {
    /// Filings of 44 KB that do not read, over so many connections.
    Refused(usize),
    /// Filings of 48 KB that read, over two connections.
    Valid,
    /// The smallest query.
    Queries,
    /// Commands of nothing but `{}`.
    Empty,
    /// A megabyte of blanks, over two connections.
    Large,
    /// Malformed messages, a hundred a second.
    Malformed,
    /// Answers that would have to go to the service's own subjects.
    OwnSubjects,
    /// Filings of 48 KB of twenty parties, each over a connection of its own.
    ManySenders,
    /// Queries with as many headers as fit.
    Headers,
    /// Queries with large answers, over two connections.
    LargeAnswers,
    /// The same, and nobody reads the answers.
    Unread,
    /// Questions of the micro service protocol: small ones, and a megabyte of blanks.
    Discovery,
    /// Large answers again, asked for by an auditor, over the connection of the staff.
    OfAnAuditor,
    /// Commands about a closed case that has had ten thousand commands.
    LongHistory,
    /// Bodies of 45 KB with a fault at their end, over the connection of the staff.
    FaultAtTheEnd,
    /// Rulebooks in which nothing is right.
    Rulebooks,
    /// All that a party can send by the permissions of the guide, at once.
    All,
}

impl Flood {
    /// Every flood by itself, and all at once.
    pub const EACH: [Self; 18] = [
        Self::Refused(1),
        Self::Refused(2),
        Self::Valid,
        Self::Queries,
        Self::Empty,
        Self::Large,
        Self::Malformed,
        Self::OwnSubjects,
        Self::ManySenders,
        Self::Headers,
        Self::LargeAnswers,
        Self::Unread,
        Self::Discovery,
        Self::OfAnAuditor,
        Self::LongHistory,
        Self::FaultAtTheEnd,
        Self::Rulebooks,
        Self::All,
    ];

    /// What it is called in a table.
    pub fn name(self) -> String {
        match self {
            Self::Refused(connections) => {
                format!("refused filings of 44 KB, {connections} connections")
            }
            Self::Valid => "valid filings of 48 KB, 2 connections".to_owned(),
            Self::Queries => "queries as fast as they go".to_owned(),
            Self::Empty => "commands of {} as fast as they go".to_owned(),
            Self::Large => "bodies of 1 MB, 2 connections".to_owned(),
            Self::Malformed => "malformed messages, 100 a second".to_owned(),
            Self::OwnSubjects => "replies to the service's own subjects".to_owned(),
            Self::ManySenders => "valid filings of 48 KB of 20 parties".to_owned(),
            Self::Headers => "queries with thousands of headers".to_owned(),
            Self::LargeAnswers => "queries with large answers, 2 connections".to_owned(),
            Self::Unread => "large answers that nobody reads".to_owned(),
            Self::Discovery => "questions of the protocol, small and of 1 MB".to_owned(),
            Self::OfAnAuditor => "large answers to an auditor".to_owned(),
            Self::LongHistory => "commands about a closed case with a long history".to_owned(),
            Self::FaultAtTheEnd => "bodies of the platform with a fault at their end".to_owned(),
            Self::Rulebooks => "rulebooks of the administrator with 2,400 faults".to_owned(),
            Self::All => "all of these at once".to_owned(),
        }
    }

    /// Whether a party can send it by the permissions of the guide.
    pub fn is_of_a_party(self) -> bool {
        !matches!(
            self,
            Self::Discovery | Self::OfAnAuditor | Self::FaultAtTheEnd | Self::Rulebooks
        )
    }

    /// What each connection of it sends.
    fn streams(self) -> Vec<Stream> {
        let filing = "redress.v1.cmd.party.flood.SubmitAppeal";
        let id = b"NATS/1.0\r\nNats-Msg-Id: flood-1\r\n\r\n";
        let at_will = |body: &[u8]| Stream::at_will(message(filing.as_bytes(), INBOX, id, body));
        let query = b"redress.v1.qry.party.flood.Inbox";
        match self {
            Self::Refused(connections) => vec![at_will(unknown_keys().as_bytes()); connections],
            Self::Valid => vec![at_will(large_filing().to_string().as_bytes()); 2],
            Self::Queries => vec![Stream::at_will(message(query, INBOX, b"", b""))],
            Self::Empty => vec![at_will(b"{}")],
            Self::Large => vec![at_will(&vec![b' '; 1_000_000]); 2],
            Self::Malformed => malformed(filing)
                .into_iter()
                .map(|bytes| Stream::at(bytes, 13))
                .collect(),
            Self::OwnSubjects => {
                let reply = "redress.v1.ntf.dev7";
                let bytes = message(filing.as_bytes(), reply, id, b"{}");
                vec![Stream::at(bytes, 20_000)]
            }
            Self::ManySenders => {
                let body = large_filing().to_string();
                let stream = |number| {
                    let subject = format!("redress.v1.cmd.party.flood{number}.SubmitAppeal");
                    Stream::at_will(message(subject.as_bytes(), INBOX, id, body.as_bytes()))
                };
                (0..20).map(stream).collect()
            }
            Self::Headers => {
                let lines = "a:\r\n".repeat(1_300);
                let headers = format!("NATS/1.0\r\n{lines}\r\n");
                vec![Stream::at_will(message(
                    query,
                    INBOX,
                    headers.as_bytes(),
                    b"",
                ))]
            }
            Self::LargeAnswers | Self::Unread => {
                let query = b"redress.v1.qry.party.dev7.Inbox";
                let stream = Stream {
                    reads: self == Self::LargeAnswers,
                    ..Stream::at_will(message(query, INBOX, b"", b""))
                };
                vec![stream; 2]
            }
            Self::Discovery => [0, 1_000_000]
                .map(|bytes| {
                    let body = vec![b' '; bytes];
                    Stream::at_will(message(b"$SRV.PING", INBOX, b"", &body))
                })
                .into(),
            Self::OfAnAuditor => {
                let query = b"redress.v1.qry.auditor.flood.Events";
                vec![Stream::at_will(message(query, INBOX, b"", b"{}"))]
            }
            Self::LongHistory => {
                let subject = b"redress.v1.cmd.party.dev7.Rectify";
                let body = bodies::rectify(LONG_HISTORY, "W1", "passed").to_string();
                vec![Stream::at_will(message(
                    subject,
                    INBOX,
                    id,
                    body.as_bytes(),
                ))]
            }
            Self::FaultAtTheEnd => {
                let subject = b"redress.v1.cmd.platform.flood.IssueWarning";
                let nested = format!("{}1{},", "{\"a\":".repeat(70), "}".repeat(70));
                let body = format!("[{}null]", nested.repeat(90));
                vec![Stream::at_will(message(
                    subject,
                    INBOX,
                    id,
                    body.as_bytes(),
                ))]
            }
            Self::Rulebooks => {
                let subject = b"redress.v1.cmd.administrator.flood.AdoptRulebook";
                let mut toml = String::new();
                for number in 0..2_400 {
                    // Writing into a string cannot fail.
                    let _ = write!(toml, "[t{number}]\na=1\n");
                }
                let body = serde_json::json!({ "facts": { "toml": toml } }).to_string();
                vec![Stream::at_will(message(
                    subject,
                    INBOX,
                    id,
                    body.as_bytes(),
                ))]
            }
            Self::All => Self::EACH
                .into_iter()
                .filter(|flood| *flood != Self::All && flood.is_of_a_party())
                .flat_map(Self::streams)
                .collect(),
        }
    }

    /// Begins it. It ends when it is stopped, and by itself after a minute and a half.
    pub fn start(self, url: &str) -> Running {
        let stop = Arc::new(AtomicBool::new(false));
        let sent = Arc::new(AtomicU64::new(0));
        let threads = self
            .streams()
            .into_iter()
            .flat_map(|stream| stream.start(url, &stop, &sent))
            .collect();
        Running {
            stop,
            sent,
            threads,
        }
    }
}

/// The case that [`Flood::LongHistory`] is about.
const LONG_HISTORY: &str = "long";

/// Makes that case: its party rectified it again for each of so many releases, and then its notice was withdrawn.
pub fn make_long_history(client: &Client, releases: usize) {
    let warning = bodies::warning(LONG_HISTORY, "W1");
    let issued = client.send("platform:watch", "IssueWarning", "long", &warning);
    issued.accepted();
    client.block_on(
        futures::stream::iter(0..releases)
            .map(|number| {
                let body = with(
                    bodies::rectify(LONG_HISTORY, "W1", "passed"),
                    "/facts/release/version",
                    format!("1.{number}").into(),
                );
                let id = format!("long-{number}");
                async move {
                    loop {
                        let sending = client.sending("party:dev7", "Rectify", &id, &body, &[]);
                        let reply = sending.await.expect("an answer");
                        if reply.error_code.as_deref() != Some("busy") {
                            return reply.accepted();
                        }
                        tokio::time::sleep(Duration::from_millis(50)).await;
                    }
                }
            })
            .buffered(64)
            .for_each(async |_| ()),
    );
    let withdrawn = bodies::mistaken(LONG_HISTORY, "W1");
    let withdrawn = client.send("platform:watch", "WithdrawNotice", "long-end", &withdrawn);
    withdrawn.accepted();
}

/// Where the answers to a flood go.
const INBOX: &str = "_INBOX_flood.x";

/// A flood that runs.
#[derive(Debug)]
pub struct Running {
    stop: Arc<AtomicBool>,
    sent: Arc<AtomicU64>,
    threads: Vec<JoinHandle<()>>,
}

impl Running {
    /// Waits until it has begun to send.
    pub fn wait_until_it_sends(&self) {
        crate::wait_for("a flood", PATIENCE, || {
            (self.sent.load(Ordering::Relaxed) > 0).then_some(())
        });
    }

    /// Ends it, and gives how many messages it sent.
    pub fn stop(self) -> u64 {
        self.stop.store(true, Ordering::Relaxed);
        for thread in self.threads {
            // One whose connection the server has cut off has ended by itself.
            let _ = thread.join();
        }
        self.sent.load(Ordering::Relaxed)
    }
}

/// A connection that sends the same message again and again.
#[derive(Debug, Clone)]
struct Stream {
    bytes: Vec<u8>,
    /// How many a second; as many as go where it is not said.
    a_second: Option<u32>,
    /// Whether it reads the answers, to the air.
    reads: bool,
}

impl Stream {
    fn at_will(bytes: Vec<u8>) -> Self {
        Self {
            bytes,
            a_second: None,
            reads: true,
        }
    }

    fn at(bytes: Vec<u8>, a_second: u32) -> Self {
        Self {
            a_second: Some(a_second),
            ..Self::at_will(bytes)
        }
    }

    fn start(
        self,
        url: &str,
        stop: &Arc<AtomicBool>,
        sent: &Arc<AtomicU64>,
    ) -> Vec<JoinHandle<()>> {
        const LONGEST: Duration = Duration::from_secs(90);

        let Self {
            bytes,
            a_second,
            reads,
        } = self;
        let mut raw = Raw::connect(url);
        raw.say(format!("SUB {INBOX} 1\r\n").as_bytes());
        let mut writing = raw.into_stream();
        let mut reading = writing.try_clone().expect("a socket can be shared");
        let repeated = match a_second {
            Some(_) => 1,
            None => WRITTEN_AT_ONCE.div_ceil(bytes.len()),
        };
        let chunk = bytes.repeat(repeated);
        let (is_over, sent) = (Arc::clone(stop), Arc::clone(sent));
        let ends = Instant::now() + LONGEST;
        let sending = thread::spawn(move || {
            while !is_over.load(Ordering::Relaxed) && Instant::now() < ends {
                if writing.write_all(&chunk).is_err() {
                    return;
                }
                sent.fetch_add(repeated as u64, Ordering::Relaxed);
                if let Some(a_second) = a_second {
                    thread::sleep(Duration::from_secs(1) / a_second);
                }
            }
            // The other half reads until then.
            let _ = writing.shutdown(std::net::Shutdown::Both);
        });
        let answers = reads.then(|| {
            thread::spawn(move || {
                let mut buffer = vec![0; 1 << 16];
                while reading.read(&mut buffer).is_ok_and(|read| read > 0) {}
            })
        });
        [Some(sending), answers].into_iter().flatten().collect()
    }
}

/// Messages that a client library does not read, each of another kind.
pub fn malformed(subject: &str) -> Vec<Vec<u8>> {
    let with_headers = |headers: &[u8]| message(subject.as_bytes(), INBOX, headers, b"{}");
    let mut not_utf8 = subject.as_bytes().to_vec();
    not_utf8.extend_from_slice(b"\xff\xfe");
    vec![
        with_headers(b"NATS/1.0\r\nX-Trace: a\rb\r\n\r\n"),
        with_headers(b"NATS/1.0\r\nno colon\r\n\r\n"),
        with_headers(b"X: no version\r\n\r\n"),
        with_headers(b"NATS/1.0\r\n\xff\xfe: binary\r\n\r\n"),
        with_headers(b"NATS/1.0\r\n : blank\r\n\r\n"),
        with_headers(b"NATS/1.0 abc\r\n\r\n"),
        message(&not_utf8, INBOX, b"", b"{}"),
        message(b"$SRV.PING", INBOX, b"NATS/1.0\r\nX: a\rb\r\n\r\n", b""),
    ]
}

/// A filing with four thousand keys that it does not have.
fn unknown_keys() -> String {
    let mut body = "{\"facts\":{".to_owned();
    for number in 0..4_000 {
        let comma = if number == 0 { "" } else { "," };
        // Writing into a string cannot fail.
        let _ = write!(body, "{comma}\"k{number}\":{number}");
    }
    body.push_str("}}");
    body
}

/// A filing with as much evidence as fits.
fn large_filing() -> Value {
    let evidence: Vec<_> = (0..300)
        .map(|number| {
            serde_json::json!({
                "sha256": format!("{number:064x}"), "media_type": "image/png", "size_bytes": 48_213,
                "captured_at": "2026-01-01T00:00:00Z"
            })
        })
        .collect();
    with(
        bodies::appeal("flood", "W1", "A1", "not_occurred"),
        "/facts/evidence",
        evidence.into(),
    )
}

/// What a quiet sender saw.
#[derive(Debug)]
pub struct Quiet {
    /// How long each answer took, the shortest first.
    took: Vec<Duration>,
    /// The commands that were acknowledged, in order, with the position of the first event of each.
    pub acknowledged: Vec<(String, u64)>,
    /// Commands without an answer within five seconds.
    pub unanswered: usize,
    /// For how long it sent.
    lasted: Duration,
}

impl Quiet {
    /// Sends warnings one at a time for so long, each as soon as the one before it is answered, or after a pause.
    pub fn send(client: &Client, name: &str, lasts: Duration, pause: Duration) -> Self {
        let begun = Instant::now();
        let (mut took, mut acknowledged, mut unanswered) = (Vec::new(), Vec::new(), 0);
        for number in 0.. {
            if begun.elapsed() >= lasts {
                break;
            }
            let case = format!("{name}-{number}");
            let body = bodies::warning(&case, "W1");
            let sent = Instant::now();
            let sending = client.sending("platform:watch", "IssueWarning", &case, &body, &[]);
            let answer = client.block_on(async { tokio::time::timeout(PATIENCE, sending).await });
            match answer {
                Ok(Ok(reply)) => {
                    took.push(sent.elapsed());
                    let answer = reply.accepted();
                    let position = answer.pointer("/positions/first").and_then(Value::as_u64);
                    acknowledged.push((case, position.unwrap_or(u64::MAX)));
                }
                Ok(Err(_)) | Err(_) => unanswered += 1,
            }
            thread::sleep(pause);
        }
        took.sort();
        Self {
            took,
            acknowledged,
            unanswered,
            lasted: begun.elapsed(),
        }
    }

    /// Answers a second.
    #[expect(clippy::cast_precision_loss, reason = "a rate for people")]
    pub fn a_second(&self) -> f64 {
        self.took.len() as f64 / self.lasted.as_secs_f64()
    }

    /// The time within which so many of a hundred answers came, in milliseconds.
    pub fn percentile_ms(&self, percent: usize) -> f64 {
        let last = self.took.len().saturating_sub(1);
        let took = self.took.get(last * percent / 100);
        took.map_or(f64::INFINITY, |took| took.as_secs_f64() * 1_000.0)
    }
}

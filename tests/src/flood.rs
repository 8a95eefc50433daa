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
    /// All of these at once.
    All,
}

impl Flood {
    /// Every flood by itself, and all at once.
    pub const EACH: [Self; 9] = [
        Self::Refused(1),
        Self::Refused(2),
        Self::Valid,
        Self::Queries,
        Self::Empty,
        Self::Large,
        Self::Malformed,
        Self::OwnSubjects,
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
            Self::All => "all of these at once".to_owned(),
        }
    }

    /// Whom each connection of it sends as, what, and how many a second if not as many as it can.
    fn streams(self) -> Vec<(Vec<u8>, Option<u32>)> {
        let filing = "redress.v1.cmd.party.flood.SubmitAppeal";
        let id = b"NATS/1.0\r\nNats-Msg-Id: flood-1\r\n\r\n";
        let at_will = |body: &[u8]| (message(filing.as_bytes(), INBOX, id, body), None);
        match self {
            Self::Refused(connections) => vec![at_will(unknown_keys().as_bytes()); connections],
            Self::Valid => vec![at_will(large_filing().to_string().as_bytes()); 2],
            Self::Queries => {
                let query = b"redress.v1.qry.party.flood.Inbox";
                vec![(message(query, INBOX, b"", b""), None)]
            }
            Self::Empty => vec![at_will(b"{}")],
            Self::Large => vec![at_will(&vec![b' '; 1_000_000]); 2],
            Self::Malformed => malformed(filing)
                .into_iter()
                .map(|bytes| (bytes, Some(12)))
                .collect(),
            Self::OwnSubjects => {
                let reply = "redress.v1.ntf.dev7";
                vec![(message(filing.as_bytes(), reply, id, b"{}"), Some(20_000))]
            }
            Self::All => Self::EACH
                .into_iter()
                .filter(|flood| *flood != Self::All)
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
            .flat_map(|(bytes, a_second)| stream(url, bytes, a_second, &stop, &sent))
            .collect();
        Running {
            stop,
            sent,
            threads,
        }
    }
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

/// A connection that sends the same message again and again, and reads the answers to the air.
fn stream(
    url: &str,
    bytes: Vec<u8>,
    a_second: Option<u32>,
    stop: &Arc<AtomicBool>,
    sent: &Arc<AtomicU64>,
) -> [JoinHandle<()>; 2] {
    const LONGEST: Duration = Duration::from_secs(90);

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
    let answers = thread::spawn(move || {
        let mut buffer = vec![0; 1 << 16];
        while reading.read(&mut buffer).is_ok_and(|read| read > 0) {}
    });
    [sending, answers]
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
    /// Commands without an answer within five seconds.
    pub unanswered: usize,
    /// For how long it sent.
    lasted: Duration,
}

impl Quiet {
    /// Sends warnings one at a time for so long, each as soon as the one before it is answered, or after a pause.
    pub fn send(client: &Client, name: &str, lasts: Duration, pause: Duration) -> Self {
        let begun = Instant::now();
        let (mut took, mut unanswered) = (Vec::new(), 0);
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
                    reply.accepted();
                    took.push(sent.elapsed());
                }
                Ok(Err(_)) | Err(_) => unanswered += 1,
            }
            thread::sleep(pause);
        }
        took.sort();
        Self {
            took,
            unanswered,
            lasted: begun.elapsed(),
        }
    }

    /// Answers in all.
    pub fn answers(&self) -> usize {
        self.took.len()
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

//! The gate in front of a connection that others send to: what is let in, judged by subject and headers alone.
//!
//! It keeps out what the client library cannot read, what could be answered nowhere, and what is more than its sender
//! may have in hand. Whoever sent that is told so from here, before the body was looked at.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use bytes::Bytes;
use events_schema::{Rejection, Role, check_length};

use crate::{
    circle::Circle,
    credit::{Credit, Terms},
    desks::Desks,
    in_hand::Ledger,
    inboxes::Inboxes,
    per_second::PerSecond,
    reply::{self, malformed},
    request::{Kind, Request},
    sieve::{Headers, Judge, MessageLine},
    way_back::WayBack,
};

/// Bytes of headers that may come with a command or a query.
pub(crate) const HEADER_BYTES_MAX: usize = 8 * 1024;

/// Headers that may come with it. We read four of them, and clients trace with some of their own.
const HEADERS_MAX: usize = 64;

/// Bytes of a query, with its headers.
pub(crate) const QUERY_BYTES_MAX: usize = 8 * 1024;

/// Bytes of a question of the micro service protocol. They say nothing.
const DISCOVERY_BYTES_MAX: usize = 1024;

/// Questions of the micro service protocol that are let in within a second. The client library answers each by itself.
const DISCOVERY_PER_SECOND: u32 = 500;

/// Bytes of an answer to a question of our own.
const ANSWER_BYTES_MAX: usize = 64 * 1024;

/// Of questions of our own, and of answers to them, that are let in within a second. We ask a few times a second.
const OWN_PER_SECOND: u32 = 500;

/// What a party may ask for in vain: 200 points a second, and a thousand at once.
const IN_VAIN: Terms = Terms {
    a_point_every: Duration::from_millis(5),
    all_within: Duration::from_secs(5),
};

/// How often anybody is told that something was not let in: 2,000 times a second. Beyond that it hears nothing.
const TOLD: Terms = Terms {
    a_point_every: Duration::from_micros(500),
    all_within: Duration::from_secs(2),
};

/// What may be in hand of what comes in on one connection.
#[derive(Debug, Clone)]
pub(crate) struct Admission {
    pub(crate) commands: Arc<Ledger>,
    pub(crate) queries: Arc<Ledger>,
}

/// What becomes of what comes in.
type Verdict = crate::sieve::Verdict<Request>;

/// The gate of one connection.
#[derive(Debug)]
pub(crate) struct Gate {
    circle: Circle,
    /// `redress.`
    root: String,
    /// `redress.v1.cmd.`
    commands: String,
    /// `redress.v1.qry.`
    queries: String,
    admission: Admission,
    /// What those who send here may ask for in vain, if they are to be sparing.
    in_vain: Option<Arc<Credit>>,
    told: Arc<Credit>,
    inboxes: Inboxes,
    way_back: Arc<WayBack>,
    desks: Desks,
    discovery: PerSecond,
    own: PerSecond,
    left_out: LeftOut,
}

/// How many messages were left out without an answer, since the service began.
#[derive(Debug, Default)]
pub(crate) struct LeftOut {
    pub(crate) unreadable: AtomicU64,
    pub(crate) unanswerable: AtomicU64,
    pub(crate) unanswered: AtomicU64,
}

/// Whoever sent something about the procedure, as far as its line and its headers say.
struct Sender<'a> {
    role: Role,
    /// Role and principal, as the subject has them.
    name: &'a str,
    reply: Option<&'a str>,
    headers: Option<Headers<'a>>,
}

impl Gate {
    /// What it lets in waits at the desks. Parties are to be sparing: their requests cost them points.
    pub(crate) fn new(
        circle: Circle,
        prefix: &str,
        admission: Admission,
        inboxes: Inboxes,
        way_back: Arc<WayBack>,
        desks: Desks,
    ) -> Self {
        Self {
            circle,
            root: format!("{prefix}."),
            commands: format!("{prefix}.v1.cmd."),
            queries: format!("{prefix}.v1.qry."),
            admission,
            in_vain: (circle == Circle::Parties).then(|| Credit::new(IN_VAIN)),
            told: Credit::new(TOLD),
            inboxes,
            way_back,
            desks,
            discovery: PerSecond::new(DISCOVERY_PER_SECOND),
            own: PerSecond::new(OWN_PER_SECOND),
            left_out: LeftOut::default(),
        }
    }

    /// The same, and it lets in as much as it is sent of what is about no procedure.
    #[cfg(test)]
    pub(crate) fn without_rates(self) -> Self {
        Self {
            discovery: PerSecond::new(u32::MAX),
            own: PerSecond::new(u32::MAX),
            ..self
        }
    }

    pub(crate) const fn left_out(&self) -> &LeftOut {
        &self.left_out
    }

    /// How many were refused without a word, here and after they were read.
    pub(crate) fn unanswered(&self) -> u64 {
        self.left_out.unanswered.load(Ordering::Relaxed) + self.way_back.refusals.dropped()
    }

    /// Whether what is about no procedure may come in: a question of the micro service protocol, or an answer that we
    /// wait for. What others ask does not keep our own questions out.
    fn is_of_ours_or_few(&self, subject: &str, reply: Option<&str>, bytes: usize) -> bool {
        let (bytes_max, per_second) = if self.inboxes.has(subject) {
            (ANSWER_BYTES_MAX, &self.own)
        } else if !subject.starts_with('$') {
            return false;
        } else if reply.is_some_and(|reply| self.inboxes.has(reply)) {
            (DISCOVERY_BYTES_MAX, &self.own)
        } else {
            (DISCOVERY_BYTES_MAX, &self.discovery)
        };
        bytes <= bytes_max && per_second.may()
    }

    /// Kind, role and sender of a subject, if it is one of a command or a query.
    fn sender_of<'a>(&self, subject: &'a str) -> Option<(Kind, Role, &'a str)> {
        let (kind, rest) = if let Some(rest) = subject.strip_prefix(&self.commands) {
            (Kind::Command, rest)
        } else {
            (Kind::Query, subject.strip_prefix(&self.queries)?)
        };
        let (sender, _) = rest.rsplit_once('.')?;
        let (role, _) = sender.split_once('.')?;
        Some((kind, Role::parse(role)?, sender))
    }

    /// Leaves a message out, and says so to whoever sent it.
    fn turn_away(&self, sender: &Sender<'_>, rejection: Rejection) -> Verdict {
        let told = self.told.spend(&sender.name.into(), 0, Instant::now());
        let told_enough = told.is_err();
        let Some(reply) = sender.reply.filter(|_| !told_enough) else {
            count(&self.left_out.unanswered);
            return Verdict::LeaveOut;
        };
        let locale = sender.headers.unwrap_or_default().locale();
        let refusals = &self.way_back.refusals;
        refusals.add(sender.role, sender.name, reply, locale, rejection);
        Verdict::LeaveOut
    }
}

impl Judge for Gate {
    type Known = Request;

    fn judge(&self, line: MessageLine<'_>, headers: Option<&[u8]>) -> Verdict {
        let (Some(subject), Some(reply)) = (
            token_text(line.subject),
            line.reply.map_or(Some(None), |it| token_text(it).map(Some)),
        ) else {
            count(&self.left_out.unreadable);
            return Verdict::LeaveOut;
        };
        if reply.is_some_and(|reply| reply.starts_with(&self.root) || reply.starts_with('$')) {
            // Our own subjects and the server's are not for answers: others would take one for an event, or for a
            // notification, that we published.
            count(&self.left_out.unanswerable);
            return Verdict::LeaveOut;
        }
        let read = match headers {
            Some([]) => Some(None),
            Some(block) => Headers::read(block).map(Some),
            None => None,
        };
        let Some((kind, role, name)) = self.sender_of(subject) else {
            if read.is_none() {
                count(&self.left_out.unreadable);
                return Verdict::LeaveOut;
            }
            if !self.is_of_ours_or_few(subject, reply, line.bytes) {
                count(&self.left_out.unanswered);
                return Verdict::LeaveOut;
            }
            return Verdict::Pass;
        };
        let sender = Sender {
            role,
            name,
            reply,
            headers: read.flatten(),
        };
        if let Some(problem) = too_large(kind, line).or_else(|| too_many(headers)) {
            return self.turn_away(&sender, problem);
        }
        if read.is_none() {
            let problem = "are none: a line of `NATS/1.0`, and lines of a name in visible ASCII, a colon and a value in \
                           UTF-8 on one line";
            return self.turn_away(&sender, malformed("headers", problem));
        }
        let length = length(line);
        let ledger = match kind {
            Kind::Command => &self.admission.commands,
            Kind::Query => &self.admission.queries,
        };
        let Some(mut in_hand) = ledger.take(name, length) else {
            return self.turn_away(&sender, reply::busy());
        };
        if let Some(in_vain) = &self.in_vain {
            match in_vain.spend(in_hand.sender(), length, Instant::now()) {
                Ok(spent) => in_hand.paid_by(spent),
                Err(missing) => return self.turn_away(&sender, reply::busy_for(missing)),
            }
        }
        Verdict::Take(Request {
            circle: self.circle,
            kind,
            role,
            subject: subject.into(),
            reply: reply.map(Into::into),
            header_bytes: line.header_bytes,
            message: Bytes::new(),
            in_hand,
            way_back: Arc::clone(&self.way_back),
        })
    }

    fn take(&self, request: Request, message: Bytes) {
        self.desks.let_wait(Request { message, ..request });
    }
}

/// The length of a message: of its subject, of where its answer goes, and of what is in it.
fn length(line: MessageLine<'_>) -> usize {
    line.subject.len() + line.reply.map_or(0, <[u8]>::len) + line.bytes
}

/// A subject that the client library reads, and that can stand in a line of ours: one word.
fn token_text(bytes: &[u8]) -> Option<&str> {
    let text = std::str::from_utf8(bytes).ok()?;
    let divides = |it: char| it.is_whitespace() || it.is_control();
    (!text.contains(divides)).then_some(text)
}

/// What is too much to be read, whatever it is.
fn too_large(kind: Kind, line: MessageLine<'_>) -> Option<Rejection> {
    let (headers, body) = (line.header_bytes, line.bytes - line.header_bytes);
    match kind {
        Kind::Command if headers > HEADER_BYTES_MAX => Some(malformed(
            "headers",
            format!("take {headers} bytes, and those of a command at most {HEADER_BYTES_MAX}"),
        )),
        Kind::Query if line.bytes > QUERY_BYTES_MAX => Some(malformed(
            ".",
            format!(
                "takes {} bytes with its headers, and a query at most {QUERY_BYTES_MAX}",
                line.bytes
            ),
        )),
        Kind::Command => {
            let problem = check_length(body).err()?;
            Some(malformed(&problem.path, problem.problem))
        }
        Kind::Query => None,
    }
}

/// Headers in such numbers that they are none of a client's.
fn too_many(headers: Option<&[u8]>) -> Option<Rejection> {
    let lines = headers?.split(|byte| *byte == b'\n').count();
    // The first line is the version, and behind the headers are an empty one and nothing.
    (lines > HEADERS_MAX + 3).then(|| {
        malformed(
            "headers",
            format!("are more than {HEADERS_MAX}, on {lines} lines"),
        )
    })
}

fn count(counter: &AtomicU64) {
    counter.fetch_add(1, Ordering::Relaxed);
}

#[cfg(test)]
mod tests;

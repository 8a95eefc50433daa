//! The gate in front of a connection that others send to: what is let in, judged by subject and headers alone.
//!
//! It keeps out what the client library cannot read, what could be answered nowhere, and what is more than its sender
//! may have in hand. Whoever sent that is told so from here, before the body was looked at.

use std::{
    collections::{HashMap, VecDeque},
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use async_nats::Message;
use events_schema::{Locale, Rejection, Role, check_length};

use crate::{
    credit::{Credit, Terms},
    in_hand::{InHand, Ledger},
    inboxes::Inboxes,
    per_second::PerSecond,
    refusals::Refusals,
    reply,
    sieve::{Headers, MessageLine, Verdict},
};

/// Bytes of headers that may come with a command or a query.
pub(crate) const HEADER_BYTES_MAX: usize = 8 * 1024;

/// Headers that may come with it. The client library makes some three hundred bytes of the shortest.
const HEADERS_MAX: usize = 64;

/// For how long what was let in may be with the client library. What is still there was lost with a connection.
const WITH_LIBRARY_MAX: Duration = Duration::from_secs(10);

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
    none_for_at_most: Duration::from_secs(1),
};

/// How often anybody is told that something was not let in: 2,000 times a second. Beyond that it hears nothing.
const TOLD: Terms = Terms {
    a_point_every: Duration::from_micros(500),
    all_within: Duration::from_secs(2),
    none_for_at_most: Duration::ZERO,
};

/// What is asked of the service.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Kind {
    Command,
    Query,
}

/// What may be in hand of what comes in on one connection.
#[derive(Debug, Clone)]
pub(crate) struct Admission {
    pub(crate) commands: Arc<Ledger>,
    pub(crate) queries: Arc<Ledger>,
}

/// The gate of one connection.
#[derive(Debug)]
pub(crate) struct Gate {
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
    refusals: Arc<Refusals>,
    let_in: Mutex<LetIn>,
    discovery: PerSecond,
    own: PerSecond,
    left_out: LeftOut,
}

/// What was let in and has not come out of the client library yet: in the order of the messages, for each of its
/// subscriptions.
type LetIn = HashMap<(Kind, Role), VecDeque<AtLibrary>>;

#[derive(Debug)]
struct AtLibrary {
    /// The length of the message as the library reckons it.
    length: usize,
    since: Instant,
    in_hand: InHand,
}

/// How many messages were left out without an answer, since the service began.
#[derive(Debug, Default)]
pub(crate) struct LeftOut {
    pub(crate) unreadable: AtomicU64,
    pub(crate) unanswerable: AtomicU64,
    pub(crate) unanswered: AtomicU64,
}

/// A message that is about the procedure, as far as its line and its headers say.
struct Request<'a> {
    role: Role,
    /// Role and principal, as the subject has them.
    sender: &'a str,
    reply: Option<&'a str>,
    headers: Option<Headers<'a>>,
}

impl Gate {
    /// `sparing` are those whose requests cost them points.
    pub(crate) fn new(
        prefix: &str,
        admission: Admission,
        sparing: bool,
        inboxes: Inboxes,
        refusals: Arc<Refusals>,
    ) -> Self {
        Self {
            root: format!("{prefix}."),
            commands: format!("{prefix}.v1.cmd."),
            queries: format!("{prefix}.v1.qry."),
            admission,
            in_vain: sparing.then(|| Credit::new(IN_VAIN)),
            told: Credit::new(TOLD),
            inboxes,
            refusals,
            let_in: Mutex::default(),
            discovery: PerSecond::new(DISCOVERY_PER_SECOND),
            own: PerSecond::new(OWN_PER_SECOND),
            left_out: LeftOut::default(),
        }
    }

    pub(crate) const fn left_out(&self) -> &LeftOut {
        &self.left_out
    }

    /// How many were refused without a word, here and after they were read.
    pub(crate) fn unanswered(&self) -> u64 {
        self.left_out.unanswered.load(Ordering::Relaxed) + self.refusals.dropped()
    }

    /// Judges a message by its line and its headers.
    pub(crate) fn judge(&self, line: MessageLine<'_>, headers: Option<&[u8]>) -> Verdict {
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
        let Some((kind, role, sender)) = self.sender_of(subject) else {
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
        let request = Request {
            role,
            sender,
            reply,
            headers: read.flatten(),
        };
        if let Some(problem) = too_large(kind, line).or_else(|| too_many(headers)) {
            return self.turn_away(&request, problem);
        }
        if read.is_none() {
            let problem = "are none: a line of `NATS/1.0`, and lines of a name in visible ASCII, a colon and a value in \
                           UTF-8 on one line";
            return self.turn_away(&request, malformed("headers", problem.to_owned()));
        }
        let length = length(line);
        let ledger = match kind {
            Kind::Command => &self.admission.commands,
            Kind::Query => &self.admission.queries,
        };
        let taken = ledger.take(sender, length).or_else(|| {
            self.give_up_what_was_lost();
            ledger.take(sender, length)
        });
        let Some(mut in_hand) = taken else {
            return self.turn_away(&request, reply::busy());
        };
        if let Some(in_vain) = &self.in_vain {
            let (sender, now) = (in_hand.sender(), Instant::now());
            match in_vain.spend(sender, length, now) {
                Ok(spent) => in_hand.paid_by(spent),
                Err(missing) => return self.turn_away(&request, reply::busy_for(missing)),
            }
        }
        let let_in = &mut *self.let_in();
        let of_subscription = let_in.entry((kind, role)).or_default();
        of_subscription.push_back(AtLibrary {
            length,
            since: Instant::now(),
            in_hand,
        });
        Verdict::Pass
    }

    /// Frees the places of messages that a connection lost between here and the client library.
    fn give_up_what_was_lost(&self) {
        for of_subscription in self.let_in().values_mut() {
            let is_lost = |it: &AtLibrary| it.since.elapsed() > WITH_LIBRARY_MAX;
            while of_subscription.front().is_some_and(is_lost) {
                of_subscription.pop_front();
            }
        }
    }

    fn let_in(&self) -> MutexGuard<'_, LetIn> {
        // Nothing that runs under the lock can leave it half changed.
        self.let_in.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The place in hand of a message that has come out of the client library. What was let in before it and has not
    /// come out was lost with a connection.
    pub(crate) fn claim(&self, kind: Kind, role: Role, message: &Message) -> Option<InHand> {
        let (_, _, sender) = self.sender_of(&message.subject)?;
        let mut let_in = self.let_in();
        let of_subscription = let_in.get_mut(&(kind, role))?;
        while let Some(it) = of_subscription.pop_front() {
            if it.length == message.length && **it.in_hand.sender() == *sender {
                return Some(it.in_hand);
            }
        }
        None
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
    fn turn_away(&self, request: &Request<'_>, rejection: Rejection) -> Verdict {
        let told = self.told.spend(&request.sender.into(), 0, Instant::now());
        let told_enough = told.is_err();
        let Some(reply) = request.reply.filter(|_| !told_enough) else {
            count(&self.left_out.unanswered);
            return Verdict::LeaveOut;
        };
        let language = request.headers.and_then(|it| it.value("Accept-Language"));
        let locale = language.map_or(Locale::English, Locale::from_accept_language);
        self.refusals
            .add(request.role, request.sender, reply, locale, rejection);
        Verdict::LeaveOut
    }
}

/// The length of a message as the client library reckons it.
fn length(line: MessageLine<'_>) -> usize {
    line.subject.len() + line.reply.map_or(0, <[u8]>::len) + line.bytes
}

/// A subject that the client library reads.
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

/// Headers in such numbers that they take far more memory than they have bytes.
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

fn malformed(path: &str, problem: String) -> Rejection {
    Rejection::MalformedCommand {
        path: path.to_owned(),
        problem,
    }
}

fn count(counter: &AtomicU64) {
    counter.fetch_add(1, Ordering::Relaxed);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::in_hand::Room;

    const COMMAND: &[u8] = b"redress.v1.cmd.party.dev7.Rectify";
    const QUERY: &[u8] = b"redress.v1.qry.party.dev7.Inbox";

    fn gate(messages: usize) -> Gate {
        let room = Room {
            messages,
            bytes: usize::MAX,
        };
        let admission = Admission {
            commands: Ledger::new(room),
            queries: Ledger::new(room),
        };
        let refusals = Arc::new(Refusals::new());
        Gate::new("redress", admission, true, Inboxes::new(), refusals)
    }

    fn line<'a>(subject: &'a [u8], reply: Option<&'a [u8]>, bytes: usize) -> MessageLine<'a> {
        MessageLine {
            subject,
            reply,
            header_bytes: 0,
            bytes,
        }
    }

    fn judged(gate: &Gate, subject: &[u8], bytes: usize) -> Verdict {
        gate.judge(line(subject, Some(b"_INBOX.a"), bytes), Some(b""))
    }

    async fn refused(gate: &Gate) -> (Rejection, Locale) {
        gate.refusals.next_for_test().await
    }

    #[tokio::test]
    async fn more_than_a_sender_may_have_in_hand_is_busy_in_its_language() {
        let gate = gate(2);
        assert_eq!(judged(&gate, COMMAND, 2), Verdict::Pass);
        let headers = b"NATS/1.0\r\nAccept-Language: zh-CN\r\n\r\n";
        let line = MessageLine {
            header_bytes: headers.len(),
            ..line(COMMAND, Some(b"_INBOX.a"), 300)
        };
        assert_eq!(gate.judge(line, Some(headers)), Verdict::LeaveOut);
        let (rejection, locale) = refused(&gate).await;
        assert!(matches!(rejection, Rejection::Busy { .. }), "{rejection:?}");
        assert_eq!(locale, Locale::Chinese);
        // Commands and queries are counted apart, and so are senders.
        assert_eq!(judged(&gate, QUERY, 0), Verdict::Pass);
        let other = b"redress.v1.cmd.platform.watch.IssueWarning";
        assert_eq!(judged(&gate, other, 2), Verdict::Pass);
    }

    #[tokio::test]
    async fn what_is_too_large_is_refused_before_it_has_come() {
        for (subject, bytes, says) in [
            (COMMAND, 1_000_000, "the body has 1000000 bytes"),
            (QUERY, 9_000, "takes 9000 bytes"),
        ] {
            let gate = gate(8);
            assert_eq!(judged(&gate, subject, bytes), Verdict::LeaveOut);
            let (rejection, _) = refused(&gate).await;
            let sentence = rejection.sentence(Locale::English);
            assert!(sentence.contains(says), "{sentence}");
        }
    }

    #[tokio::test]
    async fn headers_that_nobody_can_read_are_refused_where_there_is_somebody_to_tell() {
        let gate = gate(8);
        let headers = b"NATS/1.0\r\nX: a\rb\r\n\r\n";
        let broken = |reply| MessageLine {
            header_bytes: headers.len(),
            ..line(COMMAND, reply, headers.len())
        };
        assert_eq!(gate.judge(broken(None), Some(headers)), Verdict::LeaveOut);
        let told = gate.judge(broken(Some(b"_INBOX.a")), Some(headers));
        assert_eq!(told, Verdict::LeaveOut);
        let (rejection, _) = refused(&gate).await;
        let Rejection::MalformedCommand { path, .. } = rejection else {
            panic!("{rejection:?}");
        };
        assert_eq!(path, "headers");
    }

    #[tokio::test]
    async fn headers_in_great_numbers_are_refused() {
        let gate = gate(8);
        let mut headers = b"NATS/1.0\r\n".to_vec();
        for number in 0..=HEADERS_MAX {
            headers.extend_from_slice(format!("h{number}:\r\n").as_bytes());
        }
        headers.extend_from_slice(b"\r\n");
        let line = MessageLine {
            header_bytes: headers.len(),
            ..line(QUERY, Some(b"_INBOX.a"), headers.len())
        };
        assert_eq!(gate.judge(line, Some(&headers)), Verdict::LeaveOut);
        let (rejection, _) = refused(&gate).await;
        let sentence = rejection.sentence(Locale::English);
        assert!(sentence.contains("more than 64"), "{sentence}");
    }

    #[test]
    fn nothing_is_answered_on_subjects_of_ours_or_of_the_server() {
        let gate = gate(8);
        for reply in [
            &b"redress.v1.evt.a"[..],
            b"redress.v1.ntf.dev7",
            b"$SRV.PING",
        ] {
            for subject in [COMMAND, QUERY, b"$SRV.INFO.redress"] {
                let verdict = gate.judge(line(subject, Some(reply), 0), Some(b""));
                assert_eq!(verdict, Verdict::LeaveOut);
            }
        }
        assert_eq!(gate.left_out().unanswerable.load(Ordering::Relaxed), 9);
    }

    #[test]
    fn questions_of_the_protocol_are_few_and_small() {
        let gate = gate(8);
        let ask = |bytes| judged(&gate, b"$SRV.INFO.redress", bytes);
        assert_eq!(ask(DISCOVERY_BYTES_MAX + 1), Verdict::LeaveOut);
        let passed = (0..10 * DISCOVERY_PER_SECOND).filter(|_| ask(0) == Verdict::Pass);
        assert!(passed.count() < 2 * DISCOVERY_PER_SECOND as usize);
        // They keep out none of ours, nor an answer to it.
        let own = gate.inboxes.named("_INBOX.x");
        let own = own.as_bytes();
        let question = line(b"$SRV.INFO.redress", Some(own), 0);
        assert_eq!(gate.judge(question, Some(b"")), Verdict::Pass);
        assert_eq!(judged(&gate, own, ANSWER_BYTES_MAX), Verdict::Pass);
        assert_eq!(judged(&gate, own, ANSWER_BYTES_MAX + 1), Verdict::LeaveOut);
        // Nobody asked for what comes in elsewhere.
        assert_eq!(judged(&gate, b"_INBOX.x", 10), Verdict::LeaveOut);
    }
}

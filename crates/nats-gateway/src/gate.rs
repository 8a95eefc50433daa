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
mod tests {
    use command_processor::{Answer, Decided};
    use events_schema::Locale;

    use super::*;
    use crate::{commands::Asked, in_hand::Room, sieve::Verdict, turns::Turns};

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
        Gate::new(
            Circle::Parties,
            "redress",
            admission,
            Inboxes::new(),
            Arc::new(WayBack::new()),
            Desks::with(&Arc::new(Turns::new())),
        )
    }

    fn line<'a>(subject: &'a [u8], reply: Option<&'a [u8]>, bytes: usize) -> MessageLine<'a> {
        MessageLine {
            subject,
            reply,
            header_bytes: 0,
            bytes,
        }
    }

    /// What becomes of a message. One that is taken out stays at its desk.
    fn verdict(gate: &Gate, line: MessageLine<'_>, headers: &[u8]) -> Verdict<()> {
        match gate.judge(line, Some(headers)) {
            Verdict::Pass => Verdict::Pass,
            Verdict::LeaveOut => Verdict::LeaveOut,
            Verdict::Take(request) => {
                gate.take(request, Bytes::copy_from_slice(headers));
                Verdict::Take(())
            }
        }
    }

    fn judged(gate: &Gate, subject: &[u8], bytes: usize) -> Verdict<()> {
        verdict(gate, line(subject, Some(b"_INBOX.a"), bytes), b"")
    }

    async fn refused(gate: &Gate) -> (Rejection, Locale) {
        gate.way_back.refusals.next_for_test().await
    }

    #[tokio::test]
    async fn more_than_a_sender_may_have_in_hand_is_busy_in_its_language() {
        let gate = gate(2);
        assert_eq!(judged(&gate, COMMAND, 2), Verdict::Take(()));
        let headers = b"NATS/1.0\r\nAccept-Language: zh-CN\r\n\r\n";
        let line = MessageLine {
            header_bytes: headers.len(),
            ..line(COMMAND, Some(b"_INBOX.a"), 300)
        };
        assert_eq!(verdict(&gate, line, headers), Verdict::LeaveOut);
        let (rejection, locale) = refused(&gate).await;
        assert!(matches!(rejection, Rejection::Busy { .. }), "{rejection:?}");
        assert_eq!(locale, Locale::Chinese);
        // Commands and queries are counted apart, and so are senders.
        assert_eq!(judged(&gate, QUERY, 0), Verdict::Take(()));
        let other = b"redress.v1.cmd.platform.watch.IssueWarning";
        assert_eq!(judged(&gate, other, 2), Verdict::Take(()));
    }

    #[tokio::test]
    async fn who_makes_the_writer_read_the_log_is_kept_waiting() {
        let gate = gate(8);
        assert_eq!(judged(&gate, COMMAND, 2), Verdict::Take(()));
        let request = gate.desks.commands.next().await.unwrap();
        let rejection = Rejection::LogUnreadable {};
        let (mut answer, _answers) = crate::answers::answering(8);
        answer(vec![Decided {
            asker: Asked {
                request,
                at_writer: None,
            },
            answer: Answer::refused(rejection, Locale::English),
            read_back: 100_000_000,
        }]);
        assert_eq!(judged(&gate, COMMAND, 2), Verdict::LeaveOut);
        let (rejection, _) = refused(&gate).await;
        assert!(matches!(rejection, Rejection::Busy { .. }), "{rejection:?}");
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
        assert_eq!(verdict(&gate, broken(None), headers), Verdict::LeaveOut);
        let told = verdict(&gate, broken(Some(b"_INBOX.a")), headers);
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
        assert_eq!(verdict(&gate, line, &headers), Verdict::LeaveOut);
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
                let verdict = verdict(&gate, line(subject, Some(reply), 0), b"");
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
        assert_eq!(verdict(&gate, question, b""), Verdict::Pass);
        assert_eq!(judged(&gate, own, ANSWER_BYTES_MAX), Verdict::Pass);
        assert_eq!(judged(&gate, own, ANSWER_BYTES_MAX + 1), Verdict::LeaveOut);
        // Nobody asked for what comes in elsewhere.
        assert_eq!(judged(&gate, b"_INBOX.x", 10), Verdict::LeaveOut);
    }
}

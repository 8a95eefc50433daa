//! What is let in, refused or dropped, by its line and its headers alone.

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

//! Whether what was published has arrived at the server.
//!
//! The client library's `flush` waits until everything was written to the socket, and a server that hangs and then dies
//! takes along what it never read. So a question is sent behind the events, on their connection, and the answer comes
//! back on another one. A server takes what a connection sends in order: who has the question has the events.
//!
//! We ask what is asked of every micro service, and answer it ourselves. Whoever else does so has had the question too.

use std::time::Duration;

use async_nats::{Client, Subscriber};
use futures::StreamExt as _;
use tokio::{
    sync::watch,
    time::{Instant, sleep_until, timeout_at},
};

use crate::{Error, inboxes::Inboxes, limited::Limited, listener::SERVICE};

/// How long an answer is waited for before the question is put again. The server may not have known yet where the
/// answer goes to, or the connection was lost that it came on.
const ANSWER_WITHIN: Duration = Duration::from_secs(1);

/// Questions without an answer after which it is said that there is none.
const QUESTIONS_UNANSWERED: u32 = 10;

/// Asks over one connection, and hears over another one.
pub(crate) struct Arrival {
    asks: Client,
    hears: watch::Receiver<Client>,
    inboxes: Inboxes,
    ear: Option<Ear>,
    number: u64,
    unanswered: u32,
    /// Until when the answer to the last question is waited for, if it has not come.
    until: Option<Instant>,
}

/// Where answers are heard.
struct Ear {
    /// What the subjects begin with.
    begin: String,
    answers: Subscriber,
}

/// What came of a question.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Heard {
    /// Everything that was sent before it has arrived.
    Arrived,
    /// Nothing yet, so it is time to ask again.
    Nothing,
}

impl Arrival {
    pub(crate) fn new(asks: Client, hears: watch::Receiver<Client>, inboxes: Inboxes) -> Self {
        Self {
            asks,
            hears,
            inboxes,
            ear: None,
            number: 0,
            unanswered: 0,
            until: None,
        }
    }

    /// Whether a question is under way.
    pub(crate) const fn is_asked(&self) -> bool {
        self.until.is_some()
    }

    /// Asks, behind everything that was sent before.
    pub(crate) async fn ask(&mut self) -> Result<(), Error> {
        self.number += 1;
        self.until = Some(Instant::now() + ANSWER_WITHIN);
        let Some(reply) = self.listen().await else {
            // There is no connection to hear on just now. The next question finds another one.
            return Ok(());
        };
        let subject = format!("$SRV.INFO.{SERVICE}");
        let asked = self.asks.publish_with_reply(subject, reply, "".into());
        asked.await.map_err(|error| Error::Nats {
            action: "ask whether events have arrived",
            problem: error.to_string(),
        })
    }

    /// Waits for the answer to the last question, if there is one.
    pub(crate) async fn heard(&mut self) -> Heard {
        let Some(until) = self.until else {
            return Heard::Nothing;
        };
        let Some(ear) = &mut self.ear else {
            sleep_until(until).await;
            return self.nothing();
        };
        let expected = self
            .inboxes
            .named(&format!("{}.{}", ear.begin, self.number));
        while let Ok(Some(answer)) = timeout_at(until, ear.answers.next()).await {
            // The others are answers to questions that were put again.
            if answer.subject.as_str() == expected {
                (self.until, self.unanswered) = (None, 0);
                return Heard::Arrived;
            }
        }
        self.nothing()
    }

    fn nothing(&mut self) -> Heard {
        static SILENCE: Limited = Limited::new();

        (self.ear, self.until) = (None, None);
        self.unanswered += 1;
        if self.unanswered >= QUESTIONS_UNANSWERED
            && let Some(left_out) = SILENCE.left_out()
        {
            tracing::warn!(
                left_out,
                "whether events arrive is not known, so after each start and each lost connection they are sent again: \
                 there is no answer to $SRV.INFO.{SERVICE}, where the service must be allowed to publish and to \
                 subscribe"
            );
        }
        Heard::Nothing
    }

    /// Listens on the connection that there is now, if it is open. Gives where the answer to the next question goes.
    async fn listen(&mut self) -> Option<String> {
        if self.hears.has_changed().unwrap_or(false) {
            self.ear = None;
        }
        let ear = if let Some(ear) = self.ear.take() {
            ear
        } else {
            let client = self.hears.borrow_and_update().clone();
            let begin = client.new_inbox();
            let all = self.inboxes.named(&format!("{begin}.*"));
            let answers = client.subscribe(all).await.ok()?;
            Ear { begin, answers }
        };
        let subject = self
            .inboxes
            .named(&format!("{}.{}", ear.begin, self.number));
        self.ear = Some(ear);
        Some(subject)
    }
}

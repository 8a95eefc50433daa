//! Where the demonstration is played: in this process, or over NATS.

use std::sync::Arc;

use command_processor::{
    Answer, Clock, Decided, Page, Processor, Submission, Views, ViewsFeed, Writer,
};
use events_schema::{
    Accepted, AccountId, AccountQuery, Actor, CommandName, InboxView, Locale, Query, Rejection,
    parse_command,
};
use serde_json::Value;
use tempfile::TempDir;
use tokio::sync::oneshot;

use crate::{
    arguments,
    failure::Failure,
    send,
    wire::{self, Wire},
};

/// A place to play.
pub(super) enum Stage {
    /// The writer and the views, without any server.
    InProcess(Box<InProcess>),
    /// A running service.
    Nats(Box<Wire>),
}

pub(super) struct InProcess {
    writer: Writer<oneshot::Sender<Answer>>,
    views: Views,
    feed: ViewsFeed,
    data: TempDir,
}

impl Stage {
    pub(super) fn in_process() -> Result<Self, Failure> {
        let failed = |error: std::io::Error| {
            Failure::World(format!("failed to set the demonstration up: {error}"))
        };
        let data = tempfile::Builder::new()
            .prefix("redress-demo-")
            .tempdir()
            .map_err(failed)?;
        let platform = "demonstration"
            .parse()
            .map_err(|error| Failure::World(format!("{error}")))?;
        let now = command_processor::now();
        let (processor, report) = Processor::open(data.path(), &platform, now, &mut |_, _| {})?;
        let (views, feed, _) = Views::start(&processor, report.views).map_err(failed)?;
        let answer = |answers: Vec<Decided<oneshot::Sender<Answer>>>| {
            for Decided { asker, answer, .. } in answers {
                // Whoever has stopped waiting has left the demonstration.
                let _ = asker.send(answer);
            }
        };
        let clock = Clock::of_this_machine();
        let writer = Writer::spawn(processor, 64, clock, feed.events.clone(), answer)?;
        Ok(Self::InProcess(Box::new(InProcess {
            writer,
            views,
            feed,
            data,
        })))
    }

    pub(super) async fn over_nats(service: &arguments::Service) -> Result<Self, Failure> {
        Ok(Self::Nats(Box::new(Wire::connect(service).await?)))
    }

    /// Sends a command, as its sender would.
    pub(super) async fn send(
        &self,
        sender: &Actor,
        name: CommandName,
        body: &Value,
    ) -> Result<Accepted, Failure> {
        let id = send::new_id()?;
        let body = body.to_string().into_bytes();
        match self {
            Self::Nats(wire) => {
                let headers = async_nats::HeaderMap::new();
                let command = (sender, name, &id);
                wire::read(
                    &wire
                        .command(command, headers, body, wire.patience())
                        .await?,
                )
            }
            Self::InProcess(here) => {
                let rejected =
                    |rejection: Rejection| match Answer::refused(rejection, Locale::English) {
                        Answer::Refused(problem) => Failure::Rejected(problem),
                        Answer::Accepted(_) => {
                            Failure::World("a refusal is no acceptance".to_owned())
                        }
                    };
                let command = parse_command(name, sender.role, &sender.principal, &body)
                    .map_err(|malformed| rejected(malformed.into()))?;
                let submission = Submission {
                    actor: sender.clone(),
                    command_id: id,
                    correlation_id: None,
                    expected_revision: None,
                    locale: Locale::English,
                    command,
                };
                let stopped = || Failure::World("the writer has stopped".to_owned());
                let (asker, answer) = oneshot::channel();
                here.writer
                    .intake
                    .submit(submission, asker)
                    .map_err(|_| stopped())?;
                match answer.await.map_err(|_| stopped())? {
                    Answer::Accepted(accepted) => Ok(*accepted),
                    Answer::Refused(problem) => Err(Failure::Rejected(problem)),
                }
            }
        }
    }

    /// What the party sees in its notification centre.
    pub(super) async fn inbox(&self, account: &AccountId) -> Result<InboxView, Failure> {
        match self {
            Self::Nats(wire) => {
                let party = format!("party:{account}")
                    .parse()
                    .map_err(|error| Failure::World(format!("{error}")))?;
                let own = AccountQuery {
                    account: None,
                    limit: None,
                    before: None,
                };
                wire.query(&party, &Query::Inbox(own)).await
            }
            Self::InProcess(here) => {
                let head = here.writer.status.borrow().next_position;
                here.views.caught_up(head).await;
                let page = Page {
                    cases_max: 100,
                    before: None,
                };
                Ok(here.views.inbox(account, &page)?.found)
            }
        }
    }

    /// Ends what was started here. In process, there is a log to look at then.
    pub(super) fn close(self) -> Result<Option<TempDir>, Failure> {
        let Self::InProcess(here) = self else {
            return Ok(None);
        };
        let InProcess {
            writer,
            views,
            feed,
            data,
        } = *here;
        drop(views);
        let intake = Arc::clone(&writer.intake);
        intake.close();
        writer.join()?;
        feed.join();
        Ok(Some(data))
    }
}

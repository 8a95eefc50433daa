//! Queries in: what cases, accounts and deadlines look like, and the log itself, to whoever may see it.

mod asked;

use std::{sync::Arc, time::Duration};

use command_processor::{Hold, Looked, Views, WriterStatus};
use event_log::StoredRecord;
use events_schema::{AccountId, Actor, CaseId, HoldId, Label, PrincipalId, Rejection, Role};
use projections::{BooksView, ReadModel};
use serde::Serialize;
use tokio::{
    runtime::Handle,
    sync::{Semaphore, watch},
    time::timeout,
};
use tokio_util::task::TaskTracker;

use self::asked::{Query, read};
use crate::{Error, limited::Limited, reply, request::Request, turns::Turns};

/// Bytes of events in one answer, and no more than half of what the server passes on: in the answer each quotation mark
/// takes two.
const EVENTS_ANSWER_BYTES_MAX: usize = 512 * 1024;

/// An answer larger than this keeps its turn until it is written, so that the next one of the same sender is not looked
/// up before.
const WAITED_FOR_BYTES_MIN: usize = 4 * 1024;

/// How long an answer has to leave. The server has it within a moment, or the connection is lost and the caller asks
/// again.
const TAKEN_WITHIN: Duration = Duration::from_secs(5);

/// Cases of an account in one answer.
const CASES_LIMIT: usize = 100;

/// Deadlines in one answer.
const DEADLINES_LIMIT: usize = 1_000;

/// Answers queries.
#[derive(Debug, Clone)]
pub(crate) struct Queries {
    views: Views,
    status: watch::Receiver<WriterStatus>,
    readers: Handle,
    at_once: Arc<Semaphore>,
    events_bytes_max: usize,
}

/// How many queries are answered at the same time, and what an answer may hold.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Limits {
    /// Answered at the same time.
    pub(crate) at_once: usize,
    /// The largest message that the server passes on, in bytes.
    pub(crate) max_payload: usize,
}

/// What a look-up came to.
#[derive(Debug)]
enum Found {
    /// The body of the answer.
    Answer(Vec<u8>),
    Refused(Rejection),
}

/// Events as they are stored: the header and the data are the very bytes that were hashed.
#[derive(Debug, Serialize)]
struct StoredEvents {
    events: Vec<StoredEvent>,
    /// Ask from here for the next ones.
    next: u64,
    /// The position after the last event that this answer knows of.
    head: u64,
}

#[derive(Debug, Serialize)]
struct StoredEvent {
    position: u64,
    header: String,
    data: String,
}

#[derive(Debug, Serialize)]
struct Status {
    log_id: String,
    next_position: u64,
    commits: u64,
    last_commit_hash: String,
    device_flushes: u64,
    overdue_deadlines: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    held: Option<Label>,
    /// What holds it, which a release names.
    #[serde(skip_serializing_if = "Option::is_none")]
    hold: Option<HoldId>,
    #[serde(flatten)]
    books: BooksView,
}

impl Queries {
    /// They are looked up on the threads of `readers`.
    pub(crate) fn new(
        views: Views,
        status: watch::Receiver<WriterStatus>,
        readers: Handle,
        limits: Limits,
    ) -> Self {
        let at_once = limits.at_once.clamp(1, Semaphore::MAX_PERMITS);
        Self {
            views,
            status,
            readers,
            at_once: Arc::new(Semaphore::new(at_once)),
            events_bytes_max: EVENTS_ANSWER_BYTES_MAX.min(limits.max_payload / 2),
        }
    }

    /// Answers queries in their turn, so many at the same time and of one sender one, until no more will come.
    pub(crate) async fn answer_in_turn(self, turns: Arc<Turns<Request>>, tasks: TaskTracker) {
        // Places are never closed.
        while let Ok(place) = Arc::clone(&self.at_once).acquire_owned().await {
            let Some((request, under_way)) = turns.next_alone().await else {
                return;
            };
            let queries = self.clone();
            tasks.spawn(async move {
                queries.answer(&request).await;
                drop((request, under_way, place));
            });
        }
    }

    async fn answer(&self, request: &Request) {
        // Of what cannot be read anybody may ask as often as it likes.
        static UNANSWERED: Limited = Limited::new();

        let found = match read(request) {
            Err(rejection) => Ok(Found::Refused(rejection)),
            Ok((actor, query)) => {
                // What a caller was told was done, it sees.
                let head = self.views.reader().head().next_position;
                self.views.caught_up(head).await;
                let queries = self.clone();
                let looking = move || queries.look_up(&actor, query, head);
                let found = self.readers.spawn_blocking(looking).await;
                // A panic in it has been printed.
                let unreadable = || Ok(at_hand(Found::Refused(Rejection::LogUnreadable {})));
                found.unwrap_or_else(|_| unreadable()).map(|looked| {
                    request.in_hand.read_back(looked.read_back);
                    looked.found
                })
            }
        };
        let rejection = match found {
            Ok(Found::Answer(body)) => {
                request.in_hand.answered(body.len());
                let large = body.len() >= WAITED_FOR_BYTES_MIN;
                let leave = async {
                    reply::send_body(request, &body).await;
                    if large {
                        request.way_back.outlet.flushed().await;
                    }
                };
                // A connection that takes nothing must not keep the place of others who ask.
                let _ = timeout(TAKEN_WITHIN, leave).await;
                return;
            }
            Ok(Found::Refused(rejection)) => rejection,
            Err(error) => {
                if let Some(left_out) = UNANSWERED.left_out() {
                    tracing::error!(%error, left_out, "a query could not be answered");
                }
                Rejection::LogUnreadable {}
            }
        };
        let refusal = reply::refuse(request, rejection);
        let _ = timeout(TAKEN_WITHIN, refusal).await;
    }

    /// Finds what was asked for. It reads the log, so it is for a thread that may wait.
    fn look_up(&self, actor: &Actor, query: Query, head: u64) -> Result<Looked<Found>, Error> {
        Ok(at_hand(match query {
            Query::Case { case } => {
                let Looked { found, read_back } = self.views.case(&case)?;
                let found = match found.filter(|view| sees_account(actor, &view.account)) {
                    None => Found::Refused(Rejection::UnknownCase { case }),
                    Some(view) if actor.role == Role::Party => Found::answer(&view.for_the_party()),
                    Some(view) => Found::answer(&view),
                };
                return Ok(Looked { found, read_back });
            }
            Query::Account { account, .. } if !sees_account(actor, &account) => {
                not_permitted(actor, "Account")
            }
            Query::Account { account, page } => {
                let looked = self.views.account(&account, &page)?;
                return Ok(looked.map(|view| Found::answer(&view)));
            }
            Query::Inbox { account, .. } if !sees_account(actor, &account) => {
                not_permitted(actor, "Inbox")
            }
            Query::Inbox { account, page } => {
                let looked = self.views.inbox(&account, &page)?;
                return Ok(looked.map(|view| Found::answer(&view)));
            }
            Query::Deadlines { .. } if actor.role == Role::Party => {
                not_permitted(actor, "Deadlines")
            }
            Query::Deadlines { case, after, limit } => {
                let limit = limit.min(DEADLINES_LIMIT);
                let page = self.views.deadlines(case.as_ref(), after.as_ref(), limit);
                Found::answer(&page)
            }
            Query::Events { .. }
                if !matches!(
                    actor.role,
                    Role::Auditor | Role::Platform | Role::Administrator
                ) =>
            {
                not_permitted(actor, "Events")
            }
            Query::Events { from, limit, case } => {
                Found::answer(&self.events(case.as_ref(), from, limit, head)?)
            }
            Query::Status => Found::answer(&self.status()),
        }))
    }

    /// Events of the log, or of one case, below the head that the views have caught up with. Both the log and the views
    /// may have moved on since, each by itself, so neither is asked again how far it goes: whoever follows a case would
    /// lose what only one of them has.
    fn events(
        &self,
        case: Option<&CaseId>,
        from: u64,
        limit: u64,
        head: u64,
    ) -> Result<StoredEvents, Error> {
        let reader = self.views.reader();
        let Some(case) = case else {
            return self.page(reader.range(from, head), limit, head);
        };
        let positions = self.views.positions(case, from)?;
        let positions = positions.into_iter().take_while(|it| *it < head);
        self.page(reader.read_many(positions), limit, head)
    }

    /// As many of these records as were asked for and fit; they are all that lie below `head`.
    fn page(
        &self,
        records: impl Iterator<Item = Result<StoredRecord, event_log::Error>>,
        limit: u64,
        head: u64,
    ) -> Result<StoredEvents, Error> {
        let mut page = StoredEvents {
            events: Vec::new(),
            next: head,
            head,
        };
        let mut bytes = 0;
        for record in records {
            let record = record?;
            bytes += record.header().len() + record.data().len();
            let fits = bytes <= self.events_bytes_max || page.events.is_empty();
            if !fits || page.events.len() as u64 >= limit {
                page.next = record.position();
                break;
            }
            page.events.push(StoredEvent {
                position: record.position(),
                // Both are JSON, which is UTF-8.
                header: String::from_utf8_lossy(record.header()).into_owned(),
                data: String::from_utf8_lossy(record.data()).into_owned(),
            });
        }
        Ok(page)
    }
    fn status(&self) -> Status {
        let reader = self.views.reader();
        let head = reader.head();
        let status = self.status.borrow().clone();
        Status {
            log_id: reader.log_id().to_string(),
            next_position: head.next_position,
            commits: head.commits,
            last_commit_hash: events_schema::Sha256(head.last_commit_hash).to_string(),
            device_flushes: status.syncs,
            overdue_deadlines: status.overdue,
            held: status.hold.as_ref().map(Hold::reason).cloned(),
            hold: status.hold.as_ref().map(Hold::id).cloned(),
            books: self.views.look(ReadModel::books),
        }
    }
}

/// What was found without reading the histories of cases.
const fn at_hand(found: Found) -> Looked<Found> {
    let read_back = 0;
    Looked { found, read_back }
}

impl Found {
    #[expect(clippy::expect_used, reason = "the views have string keys throughout")]
    fn answer(view: &impl Serialize) -> Self {
        Self::Answer(serde_json::to_vec(view).expect("views serialise into memory"))
    }
}

/// A party sees its own account and nothing else; everybody else sees every account.
fn sees_account(actor: &Actor, account: &AccountId) -> bool {
    actor.role != Role::Party || PrincipalId::from(account) == actor.principal
}

#[expect(
    clippy::expect_used,
    reason = "the names of queries are short single words"
)]
fn not_permitted(actor: &Actor, name: &str) -> Found {
    Found::Refused(Rejection::NotPermitted {
        role: actor.role,
        name: name.parse().expect("a query's name is a label"),
    })
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use command_processor::{Answer, Processor, Submission};
    use events_schema::{AdoptRulebook, Command, Locale};
    use test_support::{
        DEV7, PLATFORM, ROOT, appeal, day, label, parsed, publication, rulebook, warning,
    };

    use super::*;
    use crate::readers::Readers;

    /// A log with the case C1, which has one event.
    fn warned(dir: &Path) -> Processor {
        let (mut processor, _) =
            Processor::open(dir, &label("tests"), day(0), &mut |_, _| {}).unwrap();
        let adopt = AdoptRulebook {
            toml: rulebook().toml(),
        };
        accept(
            &mut processor,
            ROOT,
            Command::PublishCalendar(publication("utc")),
        );
        accept(&mut processor, ROOT, Command::AdoptRulebook(adopt));
        accept(&mut processor, PLATFORM, warning());
        processor
    }

    fn accept(processor: &mut Processor, sender: &str, command: impl Into<Command>) {
        let (actor, command) = parsed(sender, command);
        let submission = Submission {
            actor,
            command_id: command.command.name().as_str().parse().unwrap(),
            correlation_id: None,
            expected_revision: None,
            locale: Locale::English,
            command,
        };
        let answer = processor.take(&submission, day(1), day(1)).unwrap();
        assert!(matches!(answer, Answer::Accepted(_)), "{answer:?}");
        processor.commit().unwrap();
    }

    /// Queries on what the processor has by now; what it writes later is in the log and not in the views.
    fn queries(processor: &Processor) -> Queries {
        let model = ReadModel::default();
        let (views, ..) = Views::start(processor, model).unwrap();
        let (_, status) = watch::channel(WriterStatus::default());
        let limits = Limits {
            at_once: 1,
            max_payload: 1024 * 1024,
        };
        let readers = Readers::start(1).unwrap();
        Queries::new(views, status, readers.handle().clone(), limits)
    }

    fn positions(page: &StoredEvents) -> Vec<u64> {
        page.events.iter().map(|event| event.position).collect()
    }

    #[test]
    fn whoever_follows_a_case_is_told_to_ask_again_from_where_the_answer_ends() {
        let dir = tempfile::tempdir().unwrap();
        let mut processor = warned(dir.path());
        let before = queries(&processor);
        let head = processor.head().next_position;
        accept(&mut processor, DEV7, appeal("A1", "W1"));
        let after = queries(&processor);
        let later = processor.head().next_position;
        assert!(later > head);

        let case = "C1".parse().unwrap();
        // The log has moved on, and the views have or have not.
        for queries in [&before, &after] {
            let page = queries.events(Some(&case), 0, 100, head).unwrap();
            assert_eq!(positions(&page), [head - 1]);
            assert_eq!((page.next, page.head), (head, head));
        }
        let page = after.events(Some(&case), head, 100, later).unwrap();
        assert_eq!(positions(&page), (head..later).collect::<Vec<_>>());
        assert_eq!(page.next, later);
    }

    #[test]
    fn events_of_a_case_come_in_pages_as_those_of_the_log_do() {
        let dir = tempfile::tempdir().unwrap();
        let mut processor = warned(dir.path());
        let first = processor.head().next_position - 1;
        accept(&mut processor, DEV7, appeal("A1", "W1"));
        let head = processor.head().next_position;
        let queries = queries(&processor);
        let case = "C1".parse().unwrap();
        for (case, begin) in [(Some(&case), first), (None, 0)] {
            let (mut from, mut seen) = (0, Vec::new());
            while from < head {
                let page = queries.events(case, from, 1, head).unwrap();
                assert_eq!(page.events.len(), 1);
                seen.extend(positions(&page));
                from = page.next;
            }
            assert_eq!(seen, (begin..head).collect::<Vec<_>>());
        }
    }
}

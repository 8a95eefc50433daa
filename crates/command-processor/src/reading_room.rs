//! The reading room: who may read what, how much of it in one answer, and what it comes to.
//!
//! Whoever asks over NATS is answered from here, and so is who looks into a folder on which no service runs.

use event_log::{LogReader, StoredRecord};
use events_schema::{
    AccountId, AccountQuery, Actor, CaseId, CaseQuery, DeadlinesQuery, EventsQuery, Query,
    QueryName, Rejection, Role, Sha256, Status, StatusQuery, StoredEvent, StoredEvents, View,
};
use projections::ReadModel;
use tokio::sync::watch;

use crate::{Error, Hold, Looked, Page, Views, WriterStatus};

/// Bytes of events in one answer.
const EVENTS_BYTES_MAX: usize = 512 * 1024;

/// Events in one answer where the query does not say.
const EVENTS_UNASKED: u64 = 100;

/// Cases of an account in one answer.
const CASES_MAX: usize = 100;

/// Deadlines in one answer.
const DEADLINES_MAX: usize = 1_000;

/// Deadlines in one answer where the query does not say.
const DEADLINES_UNASKED: usize = 100;

/// Answers queries on what is durable.
#[derive(Debug, Clone)]
pub struct ReadingRoom {
    views: Views,
    status: watch::Receiver<WriterStatus>,
    events_bytes_max: usize,
}

impl ReadingRoom {
    /// On these views, with what the writer says of itself. An answer holds no more than so many bytes of events.
    pub fn new(
        views: Views,
        status: watch::Receiver<WriterStatus>,
        events_bytes_max: usize,
    ) -> Self {
        Self {
            views,
            status,
            events_bytes_max: events_bytes_max.min(EVENTS_BYTES_MAX),
        }
    }

    /// Waits until everything that is durable now is shown, so that a caller sees what it was told was done. Gives the
    /// position after the last of it.
    pub async fn caught_up(&self) -> u64 {
        let head = self.log().head().next_position;
        self.views.caught_up(head).await;
        head
    }

    /// Answers a query of somebody, or refuses it, as of a head that the views have caught up with. It reads the log, so
    /// it is for a thread that may wait.
    ///
    /// # Errors
    /// When the log cannot be read.
    pub fn answer(
        &self,
        asker: &Actor,
        query: Query,
        head: u64,
    ) -> Result<Looked<Result<View, Rejection>>, Error> {
        let name = query.name();
        let not_permitted = || Rejection::not_permitted(asker.role, name.as_str());
        if !may_ask(asker.role, name) {
            return Ok(Looked::at_hand(Err(not_permitted())));
        }
        match query {
            Query::Case(CaseQuery { case }) => {
                let looked = self.views.case(&case)?;
                Ok(looked.map(|found| {
                    let own = found.filter(|view| asker.sees(&view.account));
                    let view = own.ok_or(Rejection::UnknownCase { case })?;
                    Ok(View::Case(if asker.role == Role::Party {
                        view.for_the_party()
                    } else {
                        view
                    }))
                }))
            }
            Query::Account(asked) => {
                let Some((account, page)) = page_of(asker, asked) else {
                    return Ok(Looked::at_hand(Err(not_permitted())));
                };
                let looked = self.views.account(&account, &page)?;
                Ok(looked.map(|view| Ok(View::Account(view))))
            }
            Query::Inbox(asked) => {
                let Some((account, page)) = page_of(asker, asked) else {
                    return Ok(Looked::at_hand(Err(not_permitted())));
                };
                let looked = self.views.inbox(&account, &page)?;
                Ok(looked.map(|view| Ok(View::Inbox(view))))
            }
            Query::Deadlines(DeadlinesQuery { case, after, limit }) => {
                let limit = limit.map_or(DEADLINES_UNASKED, length).min(DEADLINES_MAX);
                let page = self.views.deadlines(case.as_ref(), after.as_ref(), limit);
                Ok(Looked::at_hand(Ok(View::Deadlines(page))))
            }
            Query::Events(EventsQuery { from, limit, case }) => {
                let (from, limit) = (from.unwrap_or(0), limit.unwrap_or(EVENTS_UNASKED));
                let page = self.events(case.as_ref(), from, limit, head)?;
                Ok(Looked::at_hand(Ok(View::Events(page))))
            }
            Query::Status(StatusQuery {}) => Ok(Looked::at_hand(Ok(View::Status(self.status())))),
        }
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
        let reader = self.log();
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
        let head = self.log().head();
        let status = self.status.borrow().clone();
        Status {
            log_id: self.log().log_id().to_string(),
            next_position: head.next_position,
            commits: head.commits,
            last_commit_hash: Sha256(head.last_commit_hash).to_string(),
            device_flushes: status.syncs,
            overdue_deadlines: status.overdue,
            held: status.hold.as_ref().map(Hold::reason).cloned(),
            hold: status.hold.as_ref().map(Hold::id).cloned(),
            books: self.views.look(ReadModel::books),
        }
    }

    fn log(&self) -> &LogReader {
        self.views.reader()
    }
}

/// Which role may ask what at all. What of an account or a case a party sees is its own.
const fn may_ask(role: Role, query: QueryName) -> bool {
    match query {
        QueryName::Case | QueryName::Account | QueryName::Inbox | QueryName::Status => true,
        QueryName::Deadlines => !matches!(role, Role::Party),
        QueryName::Events => {
            matches!(role, Role::Auditor | Role::Platform | Role::Administrator)
        }
    }
}

/// The account, and which of its cases, if whoever asks may see it.
fn page_of(asker: &Actor, asked: AccountQuery) -> Option<(AccountId, Page)> {
    let account = asked.account.filter(|it| asker.sees(it))?;
    let page = Page {
        cases_max: asked.limit.map_or(CASES_MAX, length).min(CASES_MAX),
        before: asked.before,
    };
    Some((account, page))
}

fn length(number: u64) -> usize {
    usize::try_from(number).unwrap_or(usize::MAX)
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use events_schema::{AdoptRulebook, Command};
    use test_support::{DEV7, PLATFORM, ROOT, appeal, day, label, publication, rulebook, warning};

    use super::*;
    use crate::{Processor, testing};

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
        let command = command.into();
        let id = command.name();
        testing::accept(processor, (sender, id.as_str()), command, day(1));
    }

    /// On what the processor has by now; what it writes later is in the log and not in the views.
    fn reading_room(processor: &Processor) -> ReadingRoom {
        let (views, ..) = Views::start(processor, ReadModel::default()).unwrap();
        let (_, status) = watch::channel(WriterStatus::default());
        ReadingRoom::new(views, status, EVENTS_BYTES_MAX)
    }

    fn positions(page: &StoredEvents) -> Vec<u64> {
        page.events.iter().map(|event| event.position).collect()
    }

    #[test]
    fn whoever_follows_a_case_is_told_to_ask_again_from_where_the_answer_ends() {
        let dir = tempfile::tempdir().unwrap();
        let mut processor = warned(dir.path());
        let before = reading_room(&processor);
        let head = processor.head().next_position;
        accept(&mut processor, DEV7, appeal("A1", "W1"));
        let after = reading_room(&processor);
        let later = processor.head().next_position;
        assert!(later > head);

        let case = "C1".parse().unwrap();
        // The log has moved on, and the views have or have not.
        for room in [&before, &after] {
            let page = room.events(Some(&case), 0, 100, head).unwrap();
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
        let room = reading_room(&processor);
        let case = "C1".parse().unwrap();
        for (case, begin) in [(Some(&case), first), (None, 0)] {
            let (mut from, mut seen) = (0, Vec::new());
            while from < head {
                let page = room.events(case, from, 1, head).unwrap();
                assert_eq!(page.events.len(), 1);
                seen.extend(positions(&page));
                from = page.next;
            }
            assert_eq!(seen, (begin..head).collect::<Vec<_>>());
        }
    }
}

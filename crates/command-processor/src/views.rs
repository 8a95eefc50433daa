//! What is shown to those who ask: the projections, folded from durable events on a thread of their own.

use std::{
    collections::HashMap,
    sync::{Arc, PoisonError, RwLock, mpsc},
    thread::{self, JoinHandle},
};

use event_log::LogReader;
use events_schema::{
    AccountId, AccountView, CaseId, CaseView, DeadlinePlace, DeadlinesView, Event, InboxView,
    Stream,
};
use projections::{Case, CasesOfAccount, ReadModel};
use tokio::sync::watch;

use crate::{
    Error, Processor, Recorded, Stored, history,
    memory::{StreamKey, key_of},
};

/// Groups of events that may wait to be folded before the writer waits.
const GROUPS_WAITING_MAX: usize = 64;

/// Groups of events kept for whoever publishes them. What does not fit is read from the log instead.
const FRESH_GROUPS_MAX: usize = 64;

/// Which of the cases of an account to show: so many, the latest ones or those before a case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page {
    /// At most so many cases.
    pub cases_max: usize,
    /// Only what began before this case.
    pub before: Option<CaseId>,
}

/// What was looked up.
#[derive(Debug)]
pub struct Looked<T> {
    /// What was found.
    pub found: T,
    /// How many bytes of the log had to be read for it: the histories of closed cases.
    pub read_back: usize,
}

impl<T> Looked<T> {
    /// What was found without reading the histories of cases.
    pub const fn at_hand(found: T) -> Self {
        let read_back = 0;
        Self { found, read_back }
    }

    /// The same with something else made of it.
    pub fn map<U>(self, make: impl FnOnce(T) -> U) -> Looked<U> {
        Looked {
            found: make(self.found),
            read_back: self.read_back,
        }
    }
}

/// Read access to the projections.
#[derive(Debug, Clone)]
pub struct Views {
    shown: Arc<RwLock<Folded>>,
    reader: LogReader,
    folded: watch::Receiver<u64>,
}

#[derive(Debug)]
struct Folded {
    model: ReadModel,
    /// Where the history of each case ends, for those that are closed and folded on demand.
    heads: HashMap<StreamKey, u64>,
}

/// The thread that folds.
#[derive(Debug)]
pub struct ViewsFeed {
    /// Where durable events go in.
    pub events: mpsc::SyncSender<Vec<Stored>>,
    thread: JoinHandle<()>,
}

/// The latest events, with their bytes, once they are folded: for whoever passes them on, so that it need not read
/// them back from the log. It is no queue to rely on: a group that comes while too many wait is left out.
#[derive(Debug)]
pub struct FreshEvents {
    groups: tokio::sync::mpsc::Receiver<Vec<Stored>>,
    folded: watch::Receiver<u64>,
}

impl Views {
    /// Starts folding behind what the processor has folded at its start.
    ///
    /// # Errors
    /// When the operating system gives no thread.
    pub fn start(
        processor: &Processor,
        model: ReadModel,
    ) -> Result<(Self, ViewsFeed, FreshEvents), std::io::Error> {
        let heads = processor
            .memory()
            .heads
            .iter()
            .map(|(key, head)| (*key, head.position))
            .collect();
        let shown = Arc::new(RwLock::new(Folded { model, heads }));
        let (tell, folded) = watch::channel(processor.head().next_position);
        let (events, groups) = mpsc::sync_channel::<Vec<Stored>>(GROUPS_WAITING_MAX);
        let (pass_on, fresh) = tokio::sync::mpsc::channel(FRESH_GROUPS_MAX);
        let folding = Arc::clone(&shown);
        let reader = processor.reader();
        let thread = thread::Builder::new()
            .name("views".to_owned())
            .spawn(move || {
                for group in groups {
                    let mut next_position = 0;
                    let mut shown = folding.write().unwrap_or_else(PoisonError::into_inner);
                    for stored in &group {
                        if let Err(error) = shown.take_in(&stored.recorded, &reader) {
                            // What is shown would be false from here on: the writer notices that nobody
                            // listens, and the process stops.
                            tracing::error!(%error, "the views cannot go on");
                            return;
                        }
                        next_position = stored.recorded.header.position + 1;
                    }
                    shown.model.forget_closed();
                    drop(shown);
                    // Left out when nobody takes them or too many wait: they are in the log.
                    let _ = pass_on.try_send(group);
                    tell.send_replace(next_position);
                }
            })?;
        let views = Self {
            shown,
            reader: processor.reader(),
            folded: folded.clone(),
        };
        let fresh = FreshEvents {
            groups: fresh,
            folded,
        };
        Ok((views, ViewsFeed { events, thread }, fresh))
    }

    /// Looks at what is shown now.
    pub fn look<T>(&self, look: impl FnOnce(&ReadModel) -> T) -> T {
        let shown = self.shown.read().unwrap_or_else(PoisonError::into_inner);
        look(&shown.model)
    }

    /// Waits until everything below this position is shown, so that a caller sees what it was told was
    /// done.
    pub async fn caught_up(&self, next_position: u64) {
        let mut folded = self.folded.clone();
        // The feed ends only with the process.
        let _ = folded.wait_for(|position| *position >= next_position).await;
    }

    /// A case; a closed one is folded from its own history.
    ///
    /// # Errors
    /// When the log cannot be read.
    pub fn case(&self, id: &CaseId) -> Result<Looked<Option<CaseView>>, Error> {
        let found = self.look(|model| model.case(id).map(Case::view));
        if let (None, Some(head)) = (&found, self.head_of(id)) {
            let folded = fold(head, &self.reader)?;
            return Ok(folded.map(|case| case.as_ref().map(Case::view)));
        }
        let read_back = 0;
        Ok(Looked { found, read_back })
    }

    /// An account, with some of its cases.
    ///
    /// # Errors
    /// When the log cannot be read.
    pub fn account(&self, id: &AccountId, page: &Page) -> Result<Looked<AccountView>, Error> {
        let cases = self.cases_of(id, page)?;
        Ok(cases.map(|cases| self.look(|model| model.account(id, cases))))
    }

    /// The inbox of an account, as far as some of its cases go.
    ///
    /// # Errors
    /// When the log cannot be read.
    pub fn inbox(&self, id: &AccountId, page: &Page) -> Result<Looked<InboxView>, Error> {
        let cases = self.cases_of(id, page)?;
        Ok(cases.map(|cases| self.look(|model| model.inbox(id, &cases))))
    }

    /// Open deadlines, of one case or of all, the soonest first or those after a place, at most so many.
    pub fn deadlines(
        &self,
        case: Option<&CaseId>,
        after: Option<&DeadlinePlace>,
        limit: usize,
    ) -> DeadlinesView {
        self.look(|model| model.deadlines_page(case, after, limit))
    }

    fn cases_of(&self, account: &AccountId, page: &Page) -> Result<Looked<CasesOfAccount>, Error> {
        let (ids, older) = self.look(|model| {
            let all = model.cases_of(account);
            let before = page.before.as_ref();
            let end = before
                .and_then(|before| all.iter().rposition(|id| id == before))
                .unwrap_or(all.len());
            let start = end.saturating_sub(page.cases_max.max(1));
            let ids: Vec<_> = all.iter().take(end).skip(start).cloned().collect();
            let older = ids.first().filter(|_| start > 0).cloned();
            (ids, older)
        });
        // A closed case is folded from its own history, outside the lock.
        let (mut cases, mut read_back) = (Vec::with_capacity(ids.len()), 0);
        for id in &ids {
            let looked = self.case(id)?;
            cases.extend(looked.found);
            read_back += looked.read_back;
        }
        let found = CasesOfAccount { cases, older };
        Ok(Looked { found, read_back })
    }

    /// The positions of the events of a case from this one on, ascending.
    ///
    /// # Errors
    /// When the log cannot be read.
    pub fn positions(&self, id: &CaseId, from: u64) -> Result<Vec<u64>, Error> {
        let head = self.head_of(id);
        let positions = |head| history::positions(from, head, &self.reader);
        head.map_or(Ok(Vec::new()), positions)
    }

    /// The position of the last event of a case.
    fn head_of(&self, id: &CaseId) -> Option<u64> {
        let key = key_of(&Stream::Case(id.clone()));
        let shown = self.shown.read().unwrap_or_else(PoisonError::into_inner);
        shown.heads.get(&key).copied()
    }

    /// Reads the log.
    pub fn reader(&self) -> &LogReader {
        &self.reader
    }
}

impl FreshEvents {
    /// The next group, if one waits. Groups come in order, and one may be missing between two.
    pub fn next_group(&mut self) -> Option<Vec<Stored>> {
        self.groups.try_recv().ok()
    }

    /// The position up to which events have come here or were left out; what comes later is not counted until this
    /// is asked again.
    pub fn folded_up_to(&mut self) -> u64 {
        *self.folded.borrow_and_update()
    }

    /// Waits for more. False when there will be no more.
    pub async fn wait_for_more(&mut self) -> bool {
        self.folded.changed().await.is_ok()
    }
}

impl ViewsFeed {
    /// Waits until everything sent is folded. Every other sender must be gone.
    pub fn join(self) {
        drop(self.events);
        if let Err(panic) = self.thread.join() {
            std::panic::resume_unwind(panic);
        }
    }
}

impl Folded {
    fn take_in(&mut self, recorded: &Recorded, reader: &LogReader) -> Result<(), Error> {
        let header = &recorded.header;
        self.heads.insert(key_of(&header.stream), header.position);
        show(&mut self.model, recorded, reader)
    }
}

/// Takes an event into the model. A closed case that has left and lives again is folded from its own history
/// first.
///
/// # Errors
/// When the log cannot be read.
pub fn show(model: &mut ReadModel, recorded: &Recorded, reader: &LogReader) -> Result<(), Error> {
    if let Some(head) = model.history_needed(&recorded.header)
        && let Some(case) = fold(head, reader)?.found
    {
        model.restore(case);
    }
    model.apply(&recorded.header, &recorded.event);
    Ok(())
}

/// A case as of the event at this position.
fn fold(head: u64, reader: &LogReader) -> Result<Looked<Option<Case>>, Error> {
    let mut found = None;
    let read_back = history::for_each(head, reader, |recorded| {
        if let Event::Case(event) = &recorded.event {
            Case::apply(&mut found, &recorded.header, event);
        }
    })?;
    Ok(Looked { found, read_back })
}

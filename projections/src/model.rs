//! The whole platform: open cases, every account, every open deadline, the books in use.

use std::{
    collections::{BTreeMap, BTreeSet, btree_map::Entry},
    io::BufWriter,
};

use events_schema::{
    AccountEvent, AccountId, AccountView, BooksView, CaseEvent, CaseId, DeadlinePlace,
    DeadlineView, DeadlinesView, Event, Header, InboxView, RefusedFiling, Sha256, Sha256Writer,
    SharedTerms, Stream,
};
use serde::{Serialize, Serializer};

use crate::{
    Case, CasesOfAccount,
    accounts::{self, AccountRecord, Restricted},
    books::Books,
    deadlines::{self, Deadlines},
};

/// The read model of a platform.
///
/// Closed cases may leave it and come back: [`ReadModel::forget_closed`], [`ReadModel::restore`].
#[derive(Debug, Default)]
pub struct ReadModel {
    cases: BTreeMap<CaseId, Box<Case>>,
    accounts: BTreeMap<AccountId, AccountRecord>,
    deadlines: Deadlines,
    shared_terms: SharedTerms,
    books: Books,
    /// Cases that an event may have closed since the last time the closed ones left.
    touched: BTreeSet<CaseId>,
}

impl ReadModel {
    /// Takes in an event, in order of position. The case must be here, or be new: see
    /// [`ReadModel::history_needed`].
    pub fn apply(&mut self, header: &Header, event: &Event) {
        self.apply_outside_cases(header, event);
        if let (Stream::Case(case), Event::Case(event)) = (&header.stream, event) {
            if header.revision == 1
                && let Some(account) = &header.account
            {
                let record = self.accounts.entry(account.clone()).or_default();
                record.cases.push(case.clone());
            }
            self.apply_to_case(case, header, event);
        }
    }

    /// The position of the event up to which a case has to be folded and restored before this event can be
    /// taken in: it is closed and has left, and now lives again.
    pub fn history_needed(&self, header: &Header) -> Option<u64> {
        let previous = header.previous?;
        match &header.stream {
            Stream::Case(case) if !self.cases.contains_key(case) => Some(previous),
            Stream::Case(_)
            | Stream::Account(_)
            | Stream::Rulebook
            | Stream::Calendar(_)
            | Stream::Log => None,
        }
    }

    /// What an event changes beside cases.
    pub fn apply_outside_cases(&mut self, header: &Header, event: &Event) {
        match event {
            Event::Account(AccountEvent::FilingRefused(refused)) => {
                let Stream::Account(account) = &header.stream else {
                    return;
                };
                let record = self.accounts.entry(account.clone()).or_default();
                record.refuse(RefusedFiling {
                    position: header.position,
                    at: header.received.unwrap_or(header.time),
                    command: refused.filing.command(),
                    case: refused.filing.case().clone(),
                    code: refused.rejection.code().to_owned(),
                    next: refused.next.clone(),
                });
            }
            Event::Books(event) => self.books.apply(event),
            Event::Case(_) | Event::Log(_) => {}
        }
    }

    /// What an event changes in its case and the deadlines.
    pub fn apply_to_case(&mut self, id: &CaseId, header: &Header, event: &CaseEvent) {
        let changes = event.deadlines();
        let (case, restricted_before) = match self.cases.entry(id.clone()) {
            Entry::Occupied(entry) => {
                let case = entry.into_mut();
                if let Some(changes) = changes {
                    self.deadlines.end(case, changes);
                }
                let restricted = accounts::in_force(case);
                case.take_in(header, event);
                (case, restricted)
            }
            Entry::Vacant(entry) => {
                let mut case = None;
                Case::apply(&mut case, header, event);
                let Some(case) = case else { return };
                (entry.insert(Box::new(case)), 0)
            }
        };
        if let Some(changes) = changes {
            self.deadlines.begin(id, changes);
        }
        if accounts::in_force(case) != restricted_before {
            let record = self.accounts.entry(case.account().clone()).or_default();
            record.restrict(case, restricted_before);
        }
        if event.begins_a_notice() {
            case.share_terms(&mut self.shared_terms);
        }
        if case.is_closed() {
            self.touched.insert(id.clone());
        }
    }

    /// Takes back a case that had left.
    pub fn restore(&mut self, case: Case) {
        self.cases.insert(case.id().clone(), Box::new(case));
    }

    /// Takes back which cases an account has.
    pub fn restore_account(&mut self, account: AccountId, cases: Vec<CaseId>) {
        self.accounts.entry(account).or_default().cases = cases;
    }

    /// Lets the closed cases go, and names them; they can be folded again from their own histories.
    pub fn forget_closed(&mut self) -> Vec<CaseId> {
        let mut gone = Vec::new();
        for id in std::mem::take(&mut self.touched) {
            if self.cases.get(&id).is_some_and(|it| it.is_closed()) {
                self.cases.remove(&id);
                gone.push(id);
            }
        }
        gone
    }

    /// A case that is here.
    pub fn case(&self, id: &CaseId) -> Option<&Case> {
        self.cases.get(id).map(AsRef::as_ref)
    }

    /// The cases of an account, in the order in which they began.
    pub fn cases_of(&self, account: &AccountId) -> &[CaseId] {
        self.accounts
            .get(account)
            .map_or(&[], |record| record.cases.as_slice())
    }

    /// An account with these cases of it.
    pub fn account(&self, account: &AccountId, cases: CasesOfAccount) -> AccountView {
        let restricted = self.restricted(account);
        match self.accounts.get(account) {
            None => AccountRecord::default().view(account, cases, restricted),
            Some(record) => record.view(account, cases, restricted),
        }
    }

    /// The inbox of an account with these cases of it.
    pub fn inbox(&self, account: &AccountId, cases: &CasesOfAccount) -> InboxView {
        accounts::inbox(account, cases, self.restricted(account))
    }

    /// What is restricted of an account now, over all its cases: one that restricts something is open, and here.
    fn restricted(&self, account: &AccountId) -> Restricted {
        let Some(record) = self.accounts.get(account) else {
            return Restricted::by(std::iter::empty(), 0);
        };
        let cases = record.restricting().filter_map(|id| self.case(id));
        Restricted::by(cases, record.in_force())
    }

    /// Open deadlines, the soonest first.
    pub fn deadlines(&self) -> impl Iterator<Item = DeadlineView> + '_ {
        let open = self.deadlines.iter();
        open.filter_map(|(case, id)| deadlines::view(self.case(case)?, id))
    }

    /// Open deadlines, of one case or of all, the soonest first or those behind a place: so many, and at least one.
    pub fn deadlines_page(
        &self,
        case: Option<&CaseId>,
        after: Option<&DeadlinePlace>,
        limit: usize,
    ) -> DeadlinesView {
        let Some(case) = case else {
            let behind = self.deadlines.behind(after);
            let views = behind.filter_map(|(case, id)| deadlines::view(self.case(case)?, id));
            return deadlines::page(self.deadlines.len(), views, limit);
        };
        let all = self.case(case).map(deadlines::of_case).unwrap_or_default();
        let open = all.len();
        let behind = all
            .into_iter()
            .filter(|it| after.is_none_or(|after| (it.due, &it.id) > (after.due, &after.id)));
        deadlines::page(open, behind, limit)
    }

    /// The rulebook in force and the calendars.
    pub fn books(&self) -> BooksView {
        self.books.view()
    }

    /// SHA-256 of each projection, for comparing two folds. Closed cases should have left.
    pub fn digests(&self) -> BTreeMap<&'static str, Sha256> {
        BTreeMap::from([
            (
                "cases",
                digest(&Each(|| self.cases.values().map(|it| it.view()))),
            ),
            ("accounts", digest(&self.accounts)),
            ("deadlines", digest(&Each(|| self.deadlines()))),
            ("books", digest(&self.books)),
        ])
    }
}

/// A list of which each one is made when it is written: all views at once would take more memory than the model.
struct Each<F>(F);

impl<Views: Iterator<Item: Serialize>, F: Fn() -> Views> Serialize for Each<F> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq((self.0)())
    }
}

#[expect(clippy::expect_used, reason = "the views have string keys throughout")]
fn digest(shown: &impl Serialize) -> Sha256 {
    let mut written = BufWriter::new(Sha256Writer::default());
    serde_json::to_writer(&mut written, shown).expect("views serialise into memory");
    let written = written.into_inner().expect("a digest takes everything");
    written.finish()
}

//! The read side: what can be asked, what is answered, and what a party is told of its own accord.
//!
//! A query's body on the wire is an object with the fields of that query and no other, or nothing. Answers are read as
//! events are: unknown fields are passed over, since a newer service may say more.

mod account;
mod asked;
mod case;
mod deadlines;
mod entry;
mod events;
mod notification;
mod status;

use serde::Serialize;

pub use self::{
    account::{
        AccountView, CaseInBrief, InboxItem, InboxView, RefusedFiling, RestrictionInForce,
        ResultNotice,
    },
    asked::{AccountQuery, CaseQuery, DeadlinesQuery, EventsQuery, Query, QueryName, StatusQuery},
    case::{
        AppealView, AppealViewStanding, CaseView, FindingView, MeasureView, MeasureViewStanding,
        NoticeKind, NoticeView, RestorationView, RulingView, StepView,
    },
    deadlines::{DeadlinePlace, DeadlineView, DeadlinesView},
    entry::{Entry, WhyClosed},
    events::{StoredEvent, StoredEvents},
    notification::{Notification, NotificationKind},
    status::{BooksView, CalendarInBrief, RulebookInBrief, Status},
};

/// The answer to a query. What it is follows from the query, so that it says nothing of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(untagged)]
#[expect(
    missing_docs,
    reason = "each variant's documentation is that of the answer it holds"
)]
pub enum View {
    Case(CaseView),
    Account(AccountView),
    Inbox(InboxView),
    Deadlines(DeadlinesView),
    Events(StoredEvents),
    Status(Status),
}

//! The read models of Redress: pure folds over events, for those who ask.
//!
//! What it is not: it knows no rule, no clock and no calendar. It sees events only, so it is a witness that is
//! independent of the rules; a property test holds the two folds together.
//!
//! Start with [`Case`], the fold of one case, and [`CaseView`], what is shown of it; [`ReadModel`] holds the
//! open cases, the accounts and the open deadlines of the whole platform.

mod accounts;
mod apply;
mod books;
mod case;
mod deadlines;
mod entry;
mod model;
mod notification;
mod standing;
mod summary;
mod view;

pub use self::{
    accounts::{
        AccountView, CaseInBrief, CasesOfAccount, InboxItem, InboxView, RefusedFiling,
        RestrictionInForce, ResultNotice,
    },
    books::{BooksView, CalendarInBrief, RulebookInBrief},
    case::Case,
    deadlines::{DeadlinePlace, DeadlineView, DeadlinesView},
    entry::{Entry, WhyClosed},
    model::ReadModel,
    notification::{Notification, NotificationKind, notification},
    standing::standing,
    summary::summary,
    view::{
        AppealView, AppealViewStanding, CaseView, FindingView, MeasureView, MeasureViewStanding,
        NoticeKind, NoticeView, RestorationView, RulingView, StepView,
    },
};

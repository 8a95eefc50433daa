//! The read models of Redress: pure folds over events, for those who ask.
//!
//! What it is not: it knows no rule, no clock and no calendar. It sees events only, so it is a witness that is
//! independent of the rules; a property test holds the two folds together.
//!
//! Start with [`Case`], the fold of one case; what is shown of it is said by the published language. [`ReadModel`] holds
//! the open cases, the accounts and the open deadlines of the whole platform.

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
    accounts::CasesOfAccount, case::Case, model::ReadModel, notification::notification,
    standing::standing, summary::summary,
};

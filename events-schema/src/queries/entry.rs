//! The appeal entry at the bottom of a notice: whether it is open, and if not, why and what else there is.

use serde::{Deserialize, Serialize};

use crate::{AppealId, Instant, NextStep, NoticeId, NoticeStanding};

/// The appeal entry of a notice. It never vanishes: closed, it says why, and what can be done instead.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Entry {
    /// Whether an appeal can be filed now.
    pub open: bool,
    /// Attempts used.
    pub used: u32,
    /// Attempts allowed.
    pub cap: u32,
    /// Why no appeal can be filed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub why_closed: Option<WhyClosed>,
    /// Before when an appeal has to be filed; absent while the window is stopped.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Instant>,
    /// Before when to rectify what a warning is about, so that no penalty follows; absent while that is stopped.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rectify_until: Option<Instant>,
    /// Whether the ground `rectified` waits for a code review.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub rectified_waits_for_code_review: bool,
    /// What can be done next, the nearest first; empty only once the notice is closed.
    pub next: Vec<NextStep>,
}

/// Why no appeal can be filed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case", tag = "reason")]
pub enum WhyClosed {
    /// One is open; one at a time.
    AppealPending {
        /// The open appeal.
        appeal: AppealId,
    },
    /// Every attempt is used.
    AttemptsExhausted,
    /// The window has ended.
    WindowClosed,
    /// The warning lapsed; its penalty has an entry of its own.
    Lapsed {
        /// The penalty.
        penalty: Option<NoticeId>,
    },
    /// The notice has ended.
    NoticeClosed {
        /// How.
        standing: NoticeStanding,
    },
}

//! What a party can do next. No open state is without one.

use serde::{Deserialize, Serialize};

use crate::{AppealId, Instant, NoticeId, Route};

/// Something that a party can do, or wait for, next.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case", tag = "kind")]
pub enum NextStep {
    /// Declare a rectification; never uses an attempt.
    Rectify {
        /// The notice.
        notice: NoticeId,
    },
    /// Appeal.
    SubmitAppeal {
        /// The notice.
        notice: NoticeId,
        /// Before when; absent while the window is stopped.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        until: Option<Instant>,
    },
    /// Appeal late, and say why: the window has ended, and the rulebook accepts reasons.
    SubmitLateAppeal {
        /// The notice.
        notice: NoticeId,
    },
    /// Wait for the ruling.
    AwaitRuling {
        /// The appeal.
        appeal: AppealId,
        /// Before when it is due; absent once it is overdue.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        due: Option<Instant>,
    },
    /// Wait for the platform's code review.
    AwaitCodeReview {
        /// The notice.
        notice: NoticeId,
        /// Before when it is due; absent once it is overdue.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        due: Option<Instant>,
    },
    /// Wait for the platform to verify the rectification.
    AwaitVerification {
        /// The notice.
        notice: NoticeId,
        /// Before when it is due; absent once it is overdue.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        due: Option<Instant>,
    },
    /// Go outside the platform.
    ExternalRoute {
        /// Where.
        route: Route,
    },
}

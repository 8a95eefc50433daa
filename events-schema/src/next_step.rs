//! What can be done next: by a party, for whom no open state is without a step, and by whoever works on its case.

use serde::{Deserialize, Serialize};

use crate::{AppealId, Instant, NoticeId, Route};

/// Something that somebody can do, or wait for, next. A refusal names the steps of whoever was refused.
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
    /// The platform: record how the code review of the declared release came out.
    RecordCodeReview {
        /// The notice.
        notice: NoticeId,
        /// Before when it is due; absent once it is overdue, and where steps are still to be declared.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        due: Option<Instant>,
    },
    /// The platform, or a reviewer: verify what is declared.
    VerifyRectification {
        /// The notice.
        notice: NoticeId,
        /// Before when it is due; absent once it is overdue, and where steps are still to be declared.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        due: Option<Instant>,
    },
    /// Add to the open appeal.
    AmendAppeal {
        /// The appeal.
        appeal: AppealId,
    },
    /// The platform: take the notice back as mistaken.
    WithdrawNotice {
        /// The notice.
        notice: NoticeId,
    },
    /// A reviewer: claim the appeal.
    ClaimAppeal {
        /// The appeal.
        appeal: AppealId,
        /// When the claim of another reviewer ends; absent where nobody holds it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        from: Option<Instant>,
    },
    /// A reviewer: rule on the appeal.
    Decide {
        /// The appeal.
        appeal: AppealId,
        /// Before when it is due; absent once it is overdue.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        due: Option<Instant>,
    },
    /// The administrator: look at the clock and at what is overdue, and let deadlines fire again.
    ReleaseDeadlines {},
}

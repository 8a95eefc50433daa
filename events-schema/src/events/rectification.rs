//! Events about rectification.

use serde::{Deserialize, Serialize};

use super::facts::event_facts;
use crate::{
    CodeReviewText, DeadlineChanges, NoText, NoticeId, Period, RecordCodeReview, RectificationText,
    Rectify, StepId, VerificationText, VerifyRectification,
};

/// The party declared what it did.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct RectificationDeclared {
    /// What was declared.
    pub command: Rectify,
    /// Where the rectification stands now.
    pub next: RectificationStage,
    /// What was left of the cure period when this declaration stopped it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cure_left: Option<Period>,
    /// What was left of the appeal window when this declaration stopped it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub window_left: Option<Period>,
    /// Cure period and window stop, the platform's own time begins.
    #[serde(default, skip_serializing_if = "DeadlineChanges::is_empty")]
    pub deadlines: DeadlineChanges,
}

event_facts!(RectificationDeclared: "redress.rectification.declared.v1", RectificationText, deadlines);

/// Where a rectification stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum RectificationStage {
    /// Nothing was declared.
    None,
    /// Some steps are answered.
    Partial,
    /// Every step is answered and the release is in code review.
    ReviewPending,
    /// Every step is answered and nobody has verified it yet.
    Unverified,
    /// The review failed, or somebody found steps unmet.
    Rejected,
    /// It holds.
    Confirmed,
}

impl RectificationStage {
    /// Whether the party has declared everything and the platform has not answered yet.
    pub const fn is_with_the_platform(self) -> bool {
        match self {
            Self::ReviewPending | Self::Unverified => true,
            Self::None | Self::Partial | Self::Rejected | Self::Confirmed => false,
        }
    }
}

/// The platform's code review of a declared release came out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct CodeReviewRecorded {
    /// What came out.
    pub command: RecordCodeReview,
    /// Where the rectification stands now.
    pub next: RectificationStage,
    /// Failed: the steps that this declaration had answered, which are to be done again. Those of others stay answered.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub reopened: Vec<StepId>,
    /// Passed: verification begins and the window restarts. Failed: the cure period resumes.
    #[serde(default, skip_serializing_if = "DeadlineChanges::is_empty")]
    pub deadlines: DeadlineChanges,
}

event_facts!(CodeReviewRecorded: "redress.code_review.recorded.v1", CodeReviewText, deadlines);

/// The platform let the time for a code review pass. It escalates, and the party may appeal without it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct CodeReviewOverdue {
    /// The notice.
    pub notice: NoticeId,
    /// The deadline fired.
    pub deadlines: DeadlineChanges,
}

event_facts!(CodeReviewOverdue: "redress.code_review.overdue.v1", NoText, deadlines);

/// Somebody verified a rectification.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct RectificationVerified {
    /// What was found.
    pub command: VerifyRectification,
    /// Where the rectification stands now: confirmed, rejected, or partial where not every step was declared yet.
    pub next: RectificationStage,
    /// Rejected: the cure period resumes with what was left, never under the least the rulebook gives.
    #[serde(default, skip_serializing_if = "DeadlineChanges::is_empty")]
    pub deadlines: DeadlineChanges,
}

event_facts!(RectificationVerified: "redress.rectification.verified.v1", VerificationText, deadlines);

/// The platform let the time to verify a rectification pass. It escalates, and does so again and again until there is an
/// answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct VerificationOverdue {
    /// The notice.
    pub notice: NoticeId,
    /// The deadline fired; the next one begins.
    pub deadlines: DeadlineChanges,
}

event_facts!(VerificationOverdue: "redress.verification.overdue.v1", NoText, deadlines);

/// The platform let the second time pass too, and the rulebook holds the rectification for confirmed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct RectificationDeemedConfirmed {
    /// The notice.
    pub notice: NoticeId,
    /// The deadline fired.
    pub deadlines: DeadlineChanges,
}

event_facts!(RectificationDeemedConfirmed: "redress.rectification.deemed_confirmed.v1", NoText, deadlines);

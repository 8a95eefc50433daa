//! What a party is told of its own case, and nothing that is not for it: no reviewer, no reporter, no internal note.

use serde::{Deserialize, Serialize};

use serde_json::Value;

use crate::{
    AppealId, CaseId, Instant, MeasureId, NoticeId, OpenDeadline, RulingOutcome, StepId,
    StillRestricted,
};

/// A notification to a party.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Notification {
    /// What it is about.
    pub kind: NotificationKind,
    /// The position of the event in the log.
    pub position: u64,
    /// When it happened.
    pub at: Instant,
    /// The case.
    pub case: CaseId,
    /// The notice.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub notice: Option<NoticeId>,
    /// The appeal.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub appeal: Option<AppealId>,
    /// The outcome of a ruling.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub outcome: Option<RulingOutcome>,
    /// The steps that are still unmet.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub unmet_steps: Vec<StepId>,
    /// The measures that were taken, restored, stayed, or began.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub measures: Vec<MeasureId>,
    /// What other cases keep restricted.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub still_restricted_by: Vec<StillRestricted>,
    /// Deadlines that begin.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub deadlines: Vec<OpenDeadline>,
    /// The words that the party may read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<Value>,
}

/// The kinds of notification.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum NotificationKind {
    /// A warning: 警告通知.
    WarningNotice,
    /// A penalty: 处罚通知.
    PenaltyNotice,
    /// A ruling: 结果通知.
    ResultNotice,
    /// What was taken is restored: 恢复功能.
    RestorationNotice,
    /// A measure began, ended, was stayed or resumed.
    MeasureNotice,
    /// A code review or a verification came out, or is overdue.
    RectificationNotice,
    /// An appeal was filed, taken back, is overdue, or ended without a ruling.
    AppealNotice,
    /// A notice was taken back, closed, or can no longer be appealed.
    NoticeEnded,
    /// A due date changed.
    DeadlineNotice,
}

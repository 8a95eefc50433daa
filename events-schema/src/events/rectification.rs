//! Events about rectification.

use serde::{Deserialize, Serialize};

use super::facts::event_facts;
use crate::{
    CodeReviewText, DeadlineChanges, NoText, NoticeId, OverdueConsequence, Period,
    RecordCodeReview, RectificationText, Rectify, StepId, VerificationText, VerifyRectification,
};

/// The party declared what it did.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct RectificationDeclared {
    /// What was declared.
    pub command: Rectify,
    /// Which declaration of the notice it is, and what it does to the ones before.
    pub declaration: Declaration,
    /// Where the rectification stands now.
    pub next: RectificationStage,
    /// Complete: cure period and window stop, the platform's own time begins, and that for an older declaration ends.
    #[serde(default, skip_serializing_if = "DeadlineChanges::is_empty")]
    pub deadlines: DeadlineChanges,
}

event_facts!(RectificationDeclared: "redress.rectification.declared.v1", RectificationText, deadlines);

/// One declaration of a notice among the others: the newest complete one is what is reviewed and verified (rule 4).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Declaration {
    /// Its number, counted from 1 for each notice; those that came with an appeal are counted too.
    pub number: u32,
    /// The older one that waited for the platform, and is looked at no more.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub supersedes: Option<u32>,
    /// Whether the party's time stands still until it is answered. The rulebook says how many of a notice do; a later one
    /// is looked at all the same.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub holds: bool,
    /// How many of the notice have stopped its time by now. One that takes the place of an older one which the platform is
    /// late with is not counted again.
    pub held: u32,
    /// What was left of the cure period when it stopped that.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cure_left: Option<Period>,
    /// What was left of the appeal window when it stopped that.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub window_left: Option<Period>,
}

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
    /// Every step is answered while an appeal is open. It is looked at once that is ruled on or taken back.
    AwaitsRuling,
    /// The review failed, or somebody found steps unmet.
    Rejected,
    /// It holds.
    Confirmed,
}

impl RectificationStage {
    /// Whether the party has declared everything and the platform has not answered yet.
    pub const fn is_with_the_platform(self) -> bool {
        match self {
            Self::ReviewPending | Self::Unverified | Self::AwaitsRuling => true,
            Self::None | Self::Partial | Self::Rejected | Self::Confirmed => false,
        }
    }
}

/// The platform recorded where its code review of a release stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct CodeReviewRecorded {
    /// What came out.
    pub command: RecordCodeReview,
    /// The declaration that it is about; absent where the release is not the one that was declared last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub declaration: Option<u32>,
    /// Where the rectification stands now.
    pub next: RectificationStage,
    /// Failed or not submitted: the steps that this declaration had answered, which are to be done again. Those of others stay answered.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub reopened: Vec<StepId>,
    /// Whether the cure period goes on with the least that the rulebook gives, which is given twice at most.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub least: bool,
    /// In review: the time for it begins. Passed: verification begins and the window goes on. Failed or not submitted:
    /// the cure period goes on.
    #[serde(default, skip_serializing_if = "DeadlineChanges::is_empty")]
    pub deadlines: DeadlineChanges,
}

event_facts!(CodeReviewRecorded: "redress.code_review.recorded.v1", CodeReviewText, deadlines);

/// The platform let the time for a code review pass. It escalates, again and again while a declaration waits for it, and the
/// party may appeal without it.
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
    /// The declaration that was looked at; of one in parts, the last.
    pub declaration: u32,
    /// Where the rectification stands now: confirmed, rejected, or partial where not every step was declared yet.
    pub next: RectificationStage,
    /// The steps that were found done: all that were declared and are not unmet. They stay done.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub verified: Vec<StepId>,
    /// Whether the cure period goes on with the least that the rulebook gives, which is given twice at most.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub least: bool,
    /// Rejected: the cure period goes on with what was left.
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
    /// What the rulebook makes of it.
    pub consequence: OverdueConsequence,
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

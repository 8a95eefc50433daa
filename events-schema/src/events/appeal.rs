//! Events about appeals and rulings.

use serde::{Deserialize, Serialize};

use super::facts::event_facts;
use crate::{
    AmendAppeal, AmendmentText, AppealId, AppealText, AppealWithdrawalText, ClaimAppeal,
    DeadlineChanges, Decide, Declaration, NoText, NoticeId, Period, RectificationStage, RulingText,
    StepId, SubmitAppeal, UnclaimAppeal, WithdrawAppeal,
};

/// The party appealed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct AppealSubmitted {
    /// What was filed.
    pub command: SubmitAppeal,
    /// Which attempt this is, counted from 1; it is used only if the appeal is refused.
    pub attempt: u32,
    /// Attempts allowed.
    pub attempt_cap: u32,
    /// The declaration that the filing also is, which the ruling then verifies.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub declares: Option<Declaration>,
    /// Whether it was filed after the window, as the rulebook accepts with reasons.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub late: bool,
    /// Whether the warning cannot lapse while this appeal is open.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub stays_penalty: bool,
    /// The time to rule begins.
    pub deadlines: DeadlineChanges,
}

event_facts!(AppealSubmitted: "redress.appeal.submitted.v1", AppealText, deadlines);

/// The party added to its appeal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct AppealAmended {
    /// What was added.
    pub command: AmendAppeal,
    /// The notice it is against.
    pub notice: NoticeId,
    /// The revision of the appeal from now on; a ruling names it.
    pub revision: u32,
    /// The declaration that it also is, which the ruling then verifies.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub declares: Option<Declaration>,
    /// What the declaration stops.
    #[serde(default, skip_serializing_if = "DeadlineChanges::is_empty")]
    pub deadlines: DeadlineChanges,
}

event_facts!(AppealAmended: "redress.appeal.amended.v1", AmendmentText, deadlines);

/// The party took its appeal back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct AppealWithdrawn {
    /// What was asked for.
    pub command: WithdrawAppeal,
    /// The notice it was against.
    pub notice: NoticeId,
    /// Whether an attempt is used: not the first time.
    pub counts: bool,
    /// Where the rectification stands after it.
    pub rectification: RectificationStage,
    /// The time to rule ends; what the ruling was to verify, the platform verifies; a cure period that the appeal had held
    /// begins again.
    pub deadlines: DeadlineChanges,
}

event_facts!(AppealWithdrawn: "redress.appeal.withdrawn.v1", AppealWithdrawalText, deadlines);

/// A reviewer took an appeal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct AppealClaimed {
    /// What was asked for.
    pub command: ClaimAppeal,
    /// The claim lapses by itself.
    pub deadlines: DeadlineChanges,
}

event_facts!(AppealClaimed: "redress.appeal.claimed.v1", NoText, deadlines);

/// A claimed appeal is back in the queue.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct AppealUnclaimed {
    /// The appeal.
    pub appeal: AppealId,
    /// What the reviewer asked for; absent where the claim lapsed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub command: Option<UnclaimAppeal>,
    /// The claim ends.
    pub deadlines: DeadlineChanges,
}

event_facts!(AppealUnclaimed: "redress.appeal.unclaimed.v1", NoText, deadlines);

/// A reviewer ruled on an appeal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct AppealRuled {
    /// The ruling.
    pub command: Decide,
    /// The notice it was against.
    pub notice: NoticeId,
    /// Whether an attempt is used.
    pub counts: bool,
    /// The steps still unmet.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub unmet_steps: Vec<StepId>,
    /// Those of them that the declaration had answered on which it ruled.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub reopened: Vec<StepId>,
    /// The declaration that is complete since the step that was missing was struck.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub completes: Option<Declaration>,
    /// The appeal window that begins anew, where a declaration that holds keeps it standing still.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub window_left: Option<Period>,
    /// Where the rectification stands after it.
    pub rectification: RectificationStage,
    /// The time to rule ends. Refused: the cure period or the appeal window begins anew, and what was declared meanwhile is
    /// looked at.
    pub deadlines: DeadlineChanges,
}

event_facts!(AppealRuled: "redress.appeal.ruled.v1", RulingText, deadlines);

/// Nobody ruled in time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct AppealOverdue {
    /// The appeal.
    pub appeal: AppealId,
    /// The notice it is against.
    pub notice: NoticeId,
    /// What the rulebook makes of it.
    pub consequence: OverdueConsequence,
    /// The time to rule ended; a claim ends; the next escalation is set.
    pub deadlines: DeadlineChanges,
}

event_facts!(AppealOverdue: "redress.appeal.overdue.v1", NoText, deadlines);

/// What follows when nobody rules, or verifies, in time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum OverdueConsequence {
    /// It goes to a higher desk.
    Escalated,
    /// That, and the measures wait for the answer.
    Stayed,
    /// The appeal is granted; what was taken is restored, nothing is sealed.
    DeemedGranted,
}

/// An overdue appeal still has no ruling. It escalates again and again until there is one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct AppealEscalated {
    /// The appeal.
    pub appeal: AppealId,
    /// The escalation deadline fired; the next one begins.
    pub deadlines: DeadlineChanges,
}

event_facts!(AppealEscalated: "redress.appeal.escalated.v1", NoText, deadlines);

/// An open appeal ended because there was nothing left to rule on. No attempt is used.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct AppealClosedWithoutRuling {
    /// The appeal.
    pub appeal: AppealId,
    /// The notice it was against.
    pub notice: NoticeId,
    /// The time to rule and a claim end.
    #[serde(default, skip_serializing_if = "DeadlineChanges::is_empty")]
    pub deadlines: DeadlineChanges,
}

event_facts!(AppealClosedWithoutRuling: "redress.appeal.closed_without_ruling.v1", NoText, deadlines);

//! What an account sees: its notices with their appeal entries, results, restrictions, refused filings.

use serde::{Deserialize, Serialize};

use crate::{
    AccountId, AppealId, CapabilityId, CaseId, CommandName, Entry, Extent, FindingView, Instant,
    Label, MeasureId, Mode, NextStep, NoticeId, NoticeKind, NoticeStanding, RestorationView,
    RulingOutcome, Scope, StepId, StepView, ThreatenedMeasure,
};

/// A filing that was refused, on record.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct RefusedFiling {
    /// Where it is recorded.
    pub position: u64,
    /// When it was received.
    pub at: Instant,
    /// What was filed.
    pub command: CommandName,
    /// The case that it named.
    pub case: CaseId,
    /// The code of the refusal.
    pub code: String,
    /// What the party was told it could do instead.
    pub next: Vec<NextStep>,
}

/// An account at a glance.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct AccountView {
    /// The account.
    pub account: AccountId,
    /// Its cases, the oldest first; the latest cases where there are many.
    pub cases: Vec<CaseInBrief>,
    /// The oldest case of these, where there are older ones: what to ask for the ones before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub older: Option<CaseId>,
    /// What is restricted now, over all cases; of the latest cases where there is much.
    pub restrictions: Vec<RestrictionInForce>,
    /// How many more restrictions there are than are shown.
    #[serde(default, skip_serializing_if = "crate::is_zero")]
    pub restrictions_more: u64,
    /// Its refused filings on record; the latest where there are many.
    pub refused_filings: Vec<RefusedFiling>,
    /// How many earlier ones are on record: the query `Events` has them.
    #[serde(default, skip_serializing_if = "crate::is_zero")]
    pub refused_filings_more: u64,
}

/// A case of an account in brief.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct CaseInBrief {
    /// The case.
    pub case: CaseId,
    /// Where its latest notice stands.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub standing: Option<NoticeStanding>,
}

/// A restriction in force.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct RestrictionInForce {
    /// What is restricted.
    pub capability: CapabilityId,
    /// The case.
    pub case: CaseId,
    /// The measure.
    pub measure: MeasureId,
    /// How much of it is taken.
    pub extent: Extent,
    /// Whose use is restricted.
    pub scope: Scope,
    /// The manner.
    pub mode: Mode,
    /// When it ends by itself, if it does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ends_at: Option<Instant>,
}

/// The notification centre of an account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct InboxView {
    /// The account.
    pub account: AccountId,
    /// The notices it was sent, the latest first.
    pub notices: Vec<InboxItem>,
    /// The oldest case of these, where there are older ones: what to ask for the ones before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub older: Option<CaseId>,
    /// What is restricted now, over all cases; of the latest cases where there is much.
    pub restrictions: Vec<RestrictionInForce>,
    /// How many more restrictions there are than are shown.
    #[serde(default, skip_serializing_if = "crate::is_zero")]
    pub restrictions_more: u64,
}

/// A notice in the inbox.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct InboxItem {
    /// The case.
    pub case: CaseId,
    /// The notice.
    pub notice: NoticeId,
    /// Its kind.
    pub kind: NoticeKind,
    /// When it was issued.
    pub at: Instant,
    /// Where it stands.
    pub standing: NoticeStanding,
    /// The clause.
    pub clause: Label,
    /// Its title.
    pub title: Label,
    /// What was found.
    pub findings: Vec<FindingView>,
    /// What the guide asks for.
    pub steps: Vec<StepView>,
    /// What a warning threatens.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub threatened: Vec<ThreatenedMeasure>,
    /// The appeal entry at its bottom.
    pub entry: Entry,
    /// The results of its appeals, read from the same entry.
    pub results: Vec<ResultNotice>,
    /// What of it was given back.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub restorations: Vec<RestorationView>,
}

/// The result of an appeal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ResultNotice {
    /// The appeal.
    pub appeal: AppealId,
    /// The outcome.
    pub outcome: RulingOutcome,
    /// When.
    pub at: Instant,
    /// The steps still unmet.
    pub unmet_steps: Vec<StepId>,
    /// Where it is recorded, with its reasons.
    pub position: u64,
}

//! Events about notices and what is sealed.

use serde::{Deserialize, Serialize};

use super::facts::event_facts;
use crate::{
    AccountId, AppealId, DeadlineChanges, Declaration, EntityId, FindingAnswer, FindingId,
    IssuePenalty, IssueWarning, Label, Measure, MeasureId, NoText, NoticeId, NoticeText,
    RectificationStage, Route, RulebookVersion, Sha256, WithdrawNotice, WithdrawalText,
};

/// The account was warned. Nothing is restricted; the cure period runs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct WarningIssued {
    /// What was asked for.
    pub command: IssueWarning,
    /// The terms that the notice keeps for life.
    pub terms: NoticeTerms,
    /// Of a successor: what it goes on with beside the terms, the periods and the strike.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub takes_over: Option<TakenOver>,
    /// The cure period begins, or goes on.
    #[serde(default, skip_serializing_if = "DeadlineChanges::is_empty")]
    pub deadlines: DeadlineChanges,
}

event_facts!(WarningIssued: "redress.warning.issued.v1", NoticeText, deadlines);

/// The account was penalised at once.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct PenaltyIssued {
    /// What was asked for.
    pub command: IssuePenalty,
    /// The terms that the notice keeps for life.
    pub terms: NoticeTerms,
    /// The restrictions; one that starts later is scheduled. In a successor each lasts no longer, with the time that the
    /// notice before it has restricted the same, than the step of the ladder allows.
    pub measures: Vec<Measure>,
    /// The strike that the penalty is.
    pub strike: Strike,
    /// Of a successor: what it goes on with beside the terms, the periods and the strike.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub takes_over: Option<TakenOver>,
    /// The appeal window begins, or goes on, and the start and end of each measure that has one.
    #[serde(default, skip_serializing_if = "DeadlineChanges::is_empty")]
    pub deadlines: DeadlineChanges,
}

event_facts!(PenaltyIssued: "redress.penalty.issued.v1", NoticeText, deadlines);

/// What a successor goes on with from the notice whose place it takes (rule 10).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct TakenOver {
    /// The open appeal, which is against the successor now.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub appeal: Option<AppealId>,
    /// Where the rectification stands under the new guide. Steps that the guide before had too stay as they were.
    pub rectification: RectificationStage,
    /// The declaration that is complete under the new guide, which does not ask for what was missing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub completes: Option<Declaration>,
}

/// A warning lapsed: its cure period ended with nothing declared and nothing pending that stays it. A
/// penalty notice takes its place, with its own appeal entry and no attempt used.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct PenaltyImposed {
    /// The warning.
    pub warning: NoticeId,
    /// The penalty that follows.
    pub notice: NoticeId,
    /// The terms that the penalty keeps for life.
    pub terms: NoticeTerms,
    /// The restrictions, in force from the instant the cure period ended.
    pub measures: Vec<Measure>,
    /// The strike that the penalty is.
    pub strike: Strike,
    /// An appeal pending against the warning, carried to the penalty without using an attempt of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub carried_appeal: Option<AppealId>,
    /// The cure period ended; the appeal window begins, and the end of each temporary measure.
    #[serde(default, skip_serializing_if = "DeadlineChanges::is_empty")]
    pub deadlines: DeadlineChanges,
}

event_facts!(PenaltyImposed: "redress.penalty.imposed.v1", NoText, deadlines);

/// A strike fell that the step of this penalty had counted, so the penalty is of a lower step from now on (rule 18).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct PenaltyLowered {
    /// The penalty.
    pub notice: NoticeId,
    /// The step that it was of.
    pub from: u32,
    /// Its strike, of the step that it is of now.
    pub strike: Strike,
    /// The milder measures that replace those that went beyond it, with the time served counted. What was beyond it
    /// altogether is lifted.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub measures: Vec<LoweredMeasure>,
    /// When the milder measures start and end.
    #[serde(default, skip_serializing_if = "DeadlineChanges::is_empty")]
    pub deadlines: DeadlineChanges,
}

event_facts!(PenaltyLowered: "redress.penalty.lowered.v1", NoText, deadlines);

/// A milder measure in the place of another.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct LoweredMeasure {
    /// The measure that it replaces.
    pub replaces: MeasureId,
    /// The milder one.
    pub measure: Measure,
}

/// What a notice keeps for life, whatever rulebook is adopted later.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct NoticeTerms {
    /// The rulebook that the notice is under.
    pub rulebook: RulebookVersion,
    /// Attempts allowed.
    pub attempt_cap: u32,
    /// Attempts already used by the notice that this one succeeds; 0 otherwise.
    #[serde(default, skip_serializing_if = "crate::is_zero")]
    pub attempts_used: u32,
    /// Appeals that the party had taken back of the notice that this one succeeds; 0 otherwise.
    #[serde(default, skip_serializing_if = "crate::is_zero")]
    pub appeals_withdrawn: u32,
    /// The notice whose place this one took.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub succeeds: Option<NoticeId>,
    /// Whether an appeal filed in time keeps a warning from lapsing.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub appeal_stays_penalty: bool,
    /// Whether an appeal may be filed after the window, with reasons.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub late_filing: bool,
    /// The ways out of the platform.
    pub routes: Vec<Route>,
}

/// One step on a ladder.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Strike {
    /// The clause whose ladder it is.
    pub clause: Label,
    /// The account.
    pub account: AccountId,
    /// The entity, where the ladder may count.
    pub entity: EntityId,
    /// The step that applied, counted from 1.
    pub step: u32,
    /// When the platform had first seen the act that it is for, by the evidence of the notice. A later penalty goes one step
    /// further only for what was found after this one was imposed.
    pub found_at: crate::Instant,
    /// When it was imposed, from which it counts; that of the penalty whose place another takes stays.
    pub imposed_at: crate::Instant,
}

/// The platform took a notice back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct NoticeWithdrawn {
    /// What was asked for.
    pub command: WithdrawNotice,
}

event_facts!(NoticeWithdrawn: "redress.notice.withdrawn.v1", WithdrawalText, no deadlines);

/// What a penalty asked for is done, and nothing restricts any more. Its strike stays, and its record can be appealed until
/// its window ends (rule 19).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct NoticeComplied {
    /// The notice.
    pub notice: NoticeId,
    /// What was answered with it: a later notice about the same place under the same clause needs evidence captured after
    /// this.
    pub answered: Vec<AnsweredFinding>,
}

event_facts!(NoticeComplied: "redress.notice.complied.v1", NoText, no deadlines);

/// A notice ended for good.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct NoticeClosed {
    /// The notice.
    pub notice: NoticeId,
    /// How it ended.
    pub how: Closure,
    /// What was answered with it: a later notice about the same place under the same clause needs evidence captured after
    /// this. Empty where another notice takes its place, and where it was answered before.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub answered: Vec<AnsweredFinding>,
    /// The strike that falls: nobody ruled in time and the appeal is granted for that, or its successor makes its own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub voided_strike: Option<Strike>,
    /// Every deadline that came from it ends.
    #[serde(default, skip_serializing_if = "DeadlineChanges::is_empty")]
    pub deadlines: DeadlineChanges,
}

event_facts!(NoticeClosed: "redress.notice.closed.v1", NoText, deadlines);

/// A finding that was answered by the end of its notice.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct AnsweredFinding {
    /// The finding.
    pub finding: FindingId,
    /// The clause of the notice.
    pub clause: Label,
    /// Where it was.
    pub location: Label,
}

/// How a notice ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Closure {
    /// The matter was put right.
    Complied,
    /// Nothing of it was upheld.
    Overturned,
    /// The platform took it back.
    Withdrawn,
    /// Another notice took its place.
    Superseded,
    /// Nobody ruled in time, and the rulebook says that the appeal is granted then.
    DeemedGranted,
    /// Every measure has ended by its date, and no appeal can be filed any more. The strike stays.
    Served,
}

/// No further appeal can be filed against a notice. Rectifying and the external routes stay open.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct NoticeExhausted {
    /// The notice.
    pub notice: NoticeId,
    /// Why.
    pub why: Exhaustion,
    /// The window ends, where it still ran.
    #[serde(default, skip_serializing_if = "DeadlineChanges::is_empty")]
    pub deadlines: DeadlineChanges,
}

event_facts!(NoticeExhausted: "redress.notice.exhausted.v1", NoText, deadlines);

/// Why no further appeal can be filed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Exhaustion {
    /// Every attempt is used.
    Attempts,
    /// The window ended.
    Window,
}

/// The cure period ended while an appeal kept the warning from lapsing. A declaration that holds stops the period itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct CurePeriodHeld {
    /// The warning.
    pub notice: NoticeId,
    /// The pending appeal that stays the penalty.
    pub appeal: AppealId,
    /// The cure period ended, and the window with it.
    #[serde(default, skip_serializing_if = "DeadlineChanges::is_empty")]
    pub deadlines: DeadlineChanges,
}

event_facts!(CurePeriodHeld: "redress.cure_period.held.v1", NoText, deadlines);

/// The appeal window ended while an appeal was open.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct FilingWindowPassed {
    /// The penalty.
    pub notice: NoticeId,
    /// The window ended.
    #[serde(default, skip_serializing_if = "DeadlineChanges::is_empty")]
    pub deadlines: DeadlineChanges,
}

event_facts!(FilingWindowPassed: "redress.filing_window.passed.v1", NoText, deadlines);

/// Findings may not be penalised again on this account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct FindingsSealed {
    /// The notice that they belonged to.
    pub notice: NoticeId,
    /// What is sealed.
    pub seals: Vec<Seal>,
    /// The strike of the notice, if it had one and is void now because nothing of the notice stands.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub voided_strike: Option<Strike>,
}

event_facts!(FindingsSealed: "redress.findings.sealed.v1", NoText, no deadlines);

/// A finding that may not be penalised again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Seal {
    /// The finding.
    pub finding: FindingId,
    /// With place and content its fingerprint.
    pub clause: Label,
    /// Where it was.
    pub location: Label,
    /// What it was found in; absent where the finding named no content.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub content_digest: Option<Sha256>,
    /// The evidence that it stood on, which founds nothing any more, wherever and under whatever clause.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub evidence: Vec<Sha256>,
    /// Why it is sealed.
    pub why: SealReason,
}

/// Why a finding is sealed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum SealReason {
    /// A ruling found the facts not shown.
    NotEstablished,
    /// A ruling found that they break no rule.
    NotAViolation,
    /// The platform withdrew the notice as mistaken.
    Mistaken,
}

impl SealReason {
    /// Whether and why this answer to a finding seals it.
    pub const fn of(answer: FindingAnswer) -> Option<Self> {
        match answer {
            FindingAnswer::NotEstablished => Some(Self::NotEstablished),
            FindingAnswer::NotAViolation => Some(Self::NotAViolation),
            FindingAnswer::Rectified | FindingAnswer::Upheld => None,
        }
    }
}

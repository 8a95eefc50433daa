//! Commands that issue and withdraw notices.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::{
    AccountId, CaseId, EntityId, FindingId, FreeText, Instant, Label, Locale, NoticeId,
    PrincipalId, Release, RequestedMeasure, Severity, Sha256, StepId, Text, ThreatenedMeasure,
};

/// Findings in one notice at most. This and the two below keep whatever may follow from a notice within a record.
pub const FINDINGS_MAX: usize = 20;
/// Steps in the guide of one notice at most.
pub const STEPS_MAX: usize = 50;
/// Measures of one notice at most.
pub const MEASURES_MAX: usize = 20;

/// Warns an account: nothing is restricted yet; what is rectified in time has no penalty.
///
/// Sent by the platform. Refused unless the clause exists at the cited version, every finding says
/// where it is and carries evidence captured by the platform, nothing in it is sealed, and the case
/// has no live notice. Every date is computed by the service from the rulebook.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct IssueWarning {
    /// The case; a new one, one whose notices are all closed, or that of the notice whose place this one takes.
    pub case: CaseId,
    /// The new notice; unique within the case for ever.
    pub notice: NoticeId,
    /// The live notice whose place it takes. That one ends with it, and everything goes over: the open appeal, what was
    /// declared, attempts used, periods, and the time that its measures were in force.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub supersedes: Option<NoticeId>,
    /// The sanctioned party.
    pub account: AccountId,
    /// The legal entity that the account belongs to.
    pub entity: EntityId,
    /// What is wrong, where, and under which rule.
    pub violation: Violation,
    /// The rectification guide, step by step.
    #[cfg_attr(feature = "schema", schemars(length(max = STEPS_MAX)))]
    pub steps: Vec<GuideStep>,
    /// What applies if the cure period passes and nothing was declared.
    #[cfg_attr(feature = "schema", schemars(length(max = MEASURES_MAX)))]
    pub threatened_measures: Vec<ThreatenedMeasure>,
    /// The language that the party is addressed in.
    #[serde(default)]
    pub locale: Locale,
}

/// Penalises an account at once.
///
/// Sent by the platform. Refused where the rule is to be warned about first, unless a listed
/// emergency ground applies and somebody else approved it; refused where a measure goes beyond the
/// step of the ladder, unless an override names its approver.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct IssuePenalty {
    /// The case; a new one, one whose notices are all closed, or that of the notice whose place this one takes.
    pub case: CaseId,
    /// The new notice; unique within the case for ever.
    pub notice: NoticeId,
    /// The live notice whose place it takes. That one ends with it, and everything goes over: the open appeal, what was
    /// declared, attempts used, periods, and the time that its measures were in force.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub supersedes: Option<NoticeId>,
    /// The sanctioned party.
    pub account: AccountId,
    /// The legal entity that the account belongs to.
    pub entity: EntityId,
    /// What is wrong, where, and under which rule.
    pub violation: Violation,
    /// The rectification guide, step by step.
    #[cfg_attr(feature = "schema", schemars(length(max = STEPS_MAX)))]
    pub steps: Vec<GuideStep>,
    /// What is restricted.
    #[cfg_attr(feature = "schema", schemars(length(max = MEASURES_MAX)))]
    pub measures: Vec<RequestedMeasure>,
    /// Why there was no warning first; needed where the rule is to be warned about first.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub emergency: Option<Emergency>,
    /// Who approved measures beyond the step of the ladder.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ladder_override: Option<LadderOverride>,
    /// The legal or contractual ground, for statements of reasons (DSA Art. 17).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub decision_ground: Option<Label>,
    /// Whether the penalty itself was decided by a machine.
    #[serde(default)]
    pub automated_decision: bool,
    /// The kind of content, for statements of reasons.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub content_type: Option<Label>,
    /// The kind of account, for statements of reasons.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account_type: Option<Label>,
    /// The language that the party is addressed in.
    #[serde(default)]
    pub locale: Locale,
}

/// Takes a notice back.
///
/// Sent by the platform. A pending appeal ends without a ruling and without using an attempt, and every measure lifts. A
/// notice that another takes the place of is not taken back: the other says so when it is issued (`supersedes`).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct WithdrawNotice {
    /// The case.
    pub case: CaseId,
    /// The live notice.
    pub notice: NoticeId,
    /// Why.
    pub why: WithdrawalReason,
}

/// Why a notice is taken back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum WithdrawalReason {
    /// The finding was wrong; it is sealed and may not be penalised again.
    Mistaken,
}

/// What is wrong, and under which rule.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Violation {
    /// The rule that was broken.
    pub rule: CitedRule,
    /// The platform's category.
    pub category: Label,
    /// How grave it is.
    pub severity: Severity,
    /// The version of the app that it was found in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub release: Option<Release>,
    /// What is wrong and where; at least one.
    #[cfg_attr(feature = "schema", schemars(length(max = FINDINGS_MAX)))]
    pub findings: Vec<Finding>,
    /// How the platform came to look.
    pub source: ViolationSource,
    /// Whether a machine detected it.
    #[serde(default)]
    pub automated_detection: bool,
}

/// A rule at a version, as the party could read it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct CitedRule {
    /// The clause, as the rulebook numbers it.
    pub clause: Label,
    /// The version of the clause.
    pub version: Label,
    /// Its title.
    pub title: Label,
    /// Where it can be read: a URL that begins with `https://` or `http://`.
    pub url: Label,
    /// The words of the clause that apply, quoted.
    pub quoted: Label,
}

/// One thing that is wrong.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Finding {
    /// Identifies the finding within the notice.
    pub id: FindingId,
    /// Where it is: page, function, item.
    pub location: Label,
    /// Which test of the clause it meets.
    pub test_met: Label,
    /// Digest of the content found, if there is content; with the clause and the place it is the
    /// fingerprint that a seal protects.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub content_digest: Option<Sha256>,
    /// What shows it; at least one item that the platform captured itself.
    pub evidence: Vec<CapturedEvidence>,
    /// What is new, where the same clause and place were sealed with other content.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub new_facts: Option<NewFacts>,
}

/// A piece of evidence kept elsewhere, by its digest.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct CapturedEvidence {
    /// The digest of its bytes.
    pub sha256: Sha256,
    /// When it was captured.
    pub captured_at: Instant,
    /// By whom.
    pub captured_by: Capturer,
}

/// Who captured a piece of evidence.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Capturer {
    /// The platform itself.
    Platform,
    /// Somebody who reported the account. Never enough alone.
    Reporter,
}

/// What is new where only a warning can follow: at the clause and place of a finding that was sealed, or of an appeal that
/// nobody ruled on in time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct NewFacts {
    /// The case that sealed it, or in which nobody ruled.
    pub sealed_in: CaseId,
    /// The evidence of this finding that was not known then.
    pub evidence: Vec<Sha256>,
}

/// One thing that the rectification guide asks for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct GuideStep {
    /// Identifies the step within the notice.
    pub id: StepId,
    /// The findings that it cures.
    pub findings: Vec<FindingId>,
}

/// How the platform came to look.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum ViolationSource {
    /// On its own initiative.
    OwnInitiative,
    /// Somebody reported it.
    Report,
    /// A machine flagged it.
    Automated,
}

/// Why a rule that is to be warned about first is penalised at once.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Emergency {
    /// A ground that the rulebook lists for the clause.
    pub ground: Label,
    /// Who approved it; not the issuer.
    pub approver: PrincipalId,
}

/// Who approved measures beyond the step of the ladder.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct LadderOverride {
    /// Not the issuer.
    pub approver: PrincipalId,
}

/// The free text of a notice.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct NoticeText {
    /// What was found, finding by finding; each must be described.
    pub findings: BTreeMap<FindingId, Text>,
    /// What the party is asked to do, step by step; each must be described.
    pub steps: BTreeMap<StepId, Text>,
    /// More on the source; never shown to the party.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source_detail: Option<Text>,
    /// Why measures go beyond the ladder; needed with an override.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub override_reason: Option<Text>,
}

impl FreeText for NoticeText {
    fn for_the_party(self) -> Self {
        let Self {
            findings,
            steps,
            source_detail: _,
            override_reason: _,
        } = self;
        Self {
            findings,
            steps,
            source_detail: None,
            override_reason: None,
        }
    }
}

/// The free text of a withdrawal.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct WithdrawalText {
    /// Why, in words; shown to the party.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<Text>,
}

impl FreeText for WithdrawalText {
    fn for_the_party(self) -> Self {
        let Self { reason } = self;
        Self { reason }
    }
}

//! Commands about appeals, up to but not including the ruling.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::{
    AppealId, CaseId, FreeText, GroundId, Instant, Label, NoticeId, Release, Sha256, Text,
};

/// Appeals against a notice.
///
/// Sent by the party on its own case. One appeal is open per case at a time; attempts are counted
/// per notice. An appeal with the ground `rectified` is also a declaration of rectification, and
/// waits for the code review of the declared release to pass, fail or be overdue. A refused filing is
/// itself on record.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct SubmitAppeal {
    /// The case.
    pub case: CaseId,
    /// The live notice that is appealed.
    pub notice: NoticeId,
    /// The new appeal; unique within the case for ever.
    pub appeal: AppealId,
    /// The arguments, at least one; the ruling must answer each.
    pub grounds: Vec<Ground>,
    /// The release that the reviewer is to look at; a ruling on another is refused.
    pub release: Release,
    /// What supports the appeal.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub evidence: Vec<AppealEvidence>,
    /// What is asked for.
    pub relief: Relief,
    /// That the filing is late and the text gives reasons, where the rulebook accepts such filings.
    #[serde(default)]
    pub late: bool,
    /// That a quick answer matters, and to how many users; the text says why.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expedite: Option<Expedite>,
}

/// One argument of an appeal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Ground {
    /// Identifies the ground within the appeal.
    pub id: GroundId,
    /// What kind of argument.
    pub kind: GroundKind,
    /// The rule that requires or allows what was found; for `required_elsewhere`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cites: Option<Citation>,
}

/// The kinds of argument.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum GroundKind {
    /// It did not happen.
    NotOccurred,
    /// It happened and breaks no rule.
    NotAViolation,
    /// Another rule requires or allows it.
    RequiredElsewhere,
    /// It has been put right.
    Rectified,
    /// The measure goes too far.
    Excessive,
    /// The time to rectify was too short.
    TooShort,
    /// The notice never arrived.
    NotServed,
    /// Something else.
    Other,
}

/// A rule of any source at a version.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Citation {
    /// Who made the rule.
    pub source: Label,
    /// The rule.
    pub rule: Label,
    /// Its version.
    pub version: Label,
}

/// A piece of evidence kept elsewhere, by its digest.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct AppealEvidence {
    /// The digest of its bytes.
    pub sha256: Sha256,
    /// Its media type: `image/png`.
    pub media_type: Label,
    /// Its size in bytes.
    pub size_bytes: u64,
    /// When it was captured.
    pub captured_at: Instant,
}

/// What an appeal asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Relief {
    /// That the notice falls.
    Quash,
    /// That it becomes milder.
    Vary,
    /// That its measures wait.
    Stay,
    /// More time.
    Extend,
}

/// That a quick answer matters.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Expedite {
    /// How many users are affected, by the party's own count.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub users_affected: Option<u64>,
}

/// Adds to an open appeal.
///
/// Sent by the party on its own case, instead of taking the appeal back and filing it anew: nothing is lost by it, not the
/// stay and not the date of the ruling. The reviewer rules on what the appeal then says, by its revision. Grounds and
/// evidence are added, never taken away; the release can be changed as long as nobody has claimed the appeal. With the
/// ground `rectified` it is a declaration too.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct AmendAppeal {
    /// The case.
    pub case: CaseId,
    /// The open appeal.
    pub appeal: AppealId,
    /// More arguments.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub grounds: Vec<Ground>,
    /// More of what supports it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub evidence: Vec<AppealEvidence>,
    /// The release that the reviewer is to look at, instead of the one before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub release: Option<Release>,
}

/// Takes an open appeal back.
///
/// Sent by the party on its own case. The first time for a notice no attempt is used. A stay ends; an
/// appeal filed again gets no second stay and the original window.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct WithdrawAppeal {
    /// The case.
    pub case: CaseId,
    /// The open appeal.
    pub appeal: AppealId,
}

/// Takes an appeal for review.
///
/// Sent by a reviewer who did not issue the notice or the warning behind it, and has neither ruled nor
/// verified in the case. The claim lapses by itself, so that no appeal is stuck on a desk.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ClaimAppeal {
    /// The case.
    pub case: CaseId,
    /// The filed appeal.
    pub appeal: AppealId,
}

/// Gives a claimed appeal back to the queue. Sent by the reviewer who claimed it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct UnclaimAppeal {
    /// The case.
    pub case: CaseId,
    /// The claimed appeal.
    pub appeal: AppealId,
}

/// The free text of an appeal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct AppealText {
    /// What was changed, or why the finding is wrong.
    pub reason: Text,
    /// The facts of each ground; each must be given.
    pub grounds: BTreeMap<GroundId, Text>,
    /// Name and content of each piece of evidence, by its digest.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub evidence: BTreeMap<Sha256, EvidenceText>,
    /// Why the filing is late; needed when it says so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub late_reasons: Option<Text>,
    /// Why a quick answer matters; needed when one is asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expedite_reason: Option<Text>,
}

impl FreeText for AppealText {
    fn for_the_party(self) -> Self {
        let Self {
            reason,
            grounds,
            evidence: _,
            late_reasons: _,
            expedite_reason: _,
        } = self;
        Self {
            reason,
            grounds,
            evidence: BTreeMap::new(),
            late_reasons: None,
            expedite_reason: None,
        }
    }
}

/// What a piece of evidence is called and shows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct EvidenceText {
    /// The name of the file.
    pub name: Text,
    /// What it shows.
    pub shows: Text,
}

/// The free text of what is added to an appeal.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct AmendmentText {
    /// What there is to say besides.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<Text>,
    /// The facts of each ground that is added.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub grounds: BTreeMap<GroundId, Text>,
    /// Name and content of each piece of evidence that is added, by its digest.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub evidence: BTreeMap<Sha256, EvidenceText>,
}

impl FreeText for AmendmentText {
    fn for_the_party(self) -> Self {
        let Self {
            reason,
            grounds,
            evidence: _,
        } = self;
        Self {
            reason,
            grounds,
            evidence: BTreeMap::new(),
        }
    }
}

/// The free text of a withdrawal by the party.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct AppealWithdrawalText {
    /// Why.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<Text>,
}

impl FreeText for AppealWithdrawalText {
    fn for_the_party(self) -> Self {
        let Self { reason } = self;
        Self { reason }
    }
}

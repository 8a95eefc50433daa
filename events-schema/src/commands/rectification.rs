//! Commands about rectification: declared by the party, reviewed and verified by the platform.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::{CaseId, FreeText, Label, NoticeId, Observation, Release, Sha256, StepId, Text};

/// Declares what was done about a notice.
///
/// Sent by the party on its own case. Accepted while a warning or a measure stands, and never uses
/// an attempt. The first declaration that answers every step stops the cure period and the filing
/// window.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Rectify {
    /// The case.
    pub case: CaseId,
    /// The live notice.
    pub notice: NoticeId,
    /// What kind of thing was changed.
    pub kind: RectificationKind,
    /// The steps that this declaration answers; earlier ones stay answered.
    pub steps: Vec<AnsweredStep>,
    /// The release that contains the change, if one was needed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub release: Option<DeclaredRelease>,
}

/// What kind of thing was changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum RectificationKind {
    /// A new release of the app.
    Release,
    /// Its category.
    Category,
    /// A licence was supplied.
    Licence,
    /// Content.
    Content,
    /// A setting.
    Setting,
}

/// A step of the guide and what shows that it was done.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct AnsweredStep {
    /// The step.
    pub step: StepId,
    /// Digests of the evidence.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub evidence: Vec<Sha256>,
}

/// A release and where its code review stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct DeclaredRelease {
    /// The version as the platform names it.
    pub version: Label,
    /// Digest of the package.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub digest: Option<Sha256>,
    /// Where its code review stands.
    pub code_review: CodeReviewState,
}

impl DeclaredRelease {
    /// The release without its review.
    #[must_use]
    pub fn release(&self) -> Release {
        Release {
            version: self.version.clone(),
            digest: self.digest,
        }
    }
}

/// Where a code review stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum CodeReviewState {
    /// The change needs none.
    NotNeeded,
    /// The platform has not answered yet.
    Pending,
    /// The platform let it through.
    Passed,
}

/// Records the outcome of the platform's code review of a declared release.
///
/// Sent by the platform while such a review is pending. The review has its own deadline; when that
/// passes, the review escalates and the gate of the appeal opens.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct RecordCodeReview {
    /// The case.
    pub case: CaseId,
    /// The live notice.
    pub notice: NoticeId,
    /// The release that was reviewed; the declared one.
    pub release: Release,
    /// What came out.
    pub outcome: CodeReviewOutcome,
}

/// What came out of a code review.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum CodeReviewOutcome {
    /// The release may go live.
    Passed,
    /// It may not; the text says why.
    Failed,
}

/// Records whether a declared rectification holds.
///
/// Sent by the platform or by a reviewer; once the attempts are exhausted only by a reviewer, who is
/// a human. Confirmed, it ends a warning, and lifts the measures that last until rectified.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct VerifyRectification {
    /// The case.
    pub case: CaseId,
    /// The live notice.
    pub notice: NoticeId,
    /// Whether it holds.
    pub outcome: VerificationOutcome,
    /// The release that was looked at, where one was declared.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub release: Option<Release>,
    /// The steps still unmet; at least one when rejected, none when confirmed.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub unmet_steps: Vec<StepId>,
    /// What was seen; at least one when rejected.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub observations: Vec<Observation>,
}

/// Whether a rectification holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum VerificationOutcome {
    /// It does.
    Confirmed,
    /// It does not; the unmet steps say where.
    Rejected,
}

/// The free text of a declaration.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct RectificationText {
    /// What was done, step by step; each answered step must be described.
    pub steps: BTreeMap<StepId, Text>,
}

impl FreeText for RectificationText {
    fn for_the_party(self) -> Self {
        let Self { steps } = self;
        Self { steps }
    }
}

/// The free text of a code review.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct CodeReviewText {
    /// Why it failed; needed then. Shown to the party.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reasons: Option<Text>,
}

impl FreeText for CodeReviewText {
    fn for_the_party(self) -> Self {
        let Self { reasons } = self;
        Self { reasons }
    }
}

/// The free text of a verification.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct VerificationText {
    /// Why it was rejected; needed then. Shown to the party.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reasons: Option<Text>,
    /// What each observation shows, by the digest of the picture.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub observations: BTreeMap<Sha256, Text>,
}

impl FreeText for VerificationText {
    fn for_the_party(self) -> Self {
        let Self {
            reasons,
            observations,
        } = self;
        Self {
            reasons,
            observations,
        }
    }
}

//! Commands about rectification: declared by the party, reviewed and verified by the platform.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::{CaseId, FreeText, Label, NoticeId, Observation, Release, Sha256, StepId, Text};

/// Declares what was done about a notice.
///
/// Sent by the party on its own case. Accepted while a warning or a measure stands, and never uses an attempt. One that
/// answers every step takes the place of an older one that still waits, and the party's time stands still until it is
/// answered, as often as the rulebook says. While an appeal is open it waits for the ruling.
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

/// Records where the platform's code review of a release stands.
///
/// Sent by the platform, whether or not the party declared the release: an appeal that says it is rectified waits while
/// the release is in review. The review has its own deadline; when that passes, the review escalates and the gate of the
/// appeal opens.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct RecordCodeReview {
    /// The case.
    pub case: CaseId,
    /// The live notice.
    pub notice: NoticeId,
    /// The release that is reviewed.
    pub release: Release,
    /// Where its review stands.
    pub outcome: CodeReviewOutcome,
}

/// What the platform says of a code review.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum CodeReviewOutcome {
    /// It has begun.
    InReview,
    /// The release may go live.
    Passed,
    /// It may not; the text says why.
    Failed,
    /// Nobody has handed the release in.
    NotSubmitted,
}

impl CodeReviewOutcome {
    /// Whether the review has come to an end.
    pub const fn is_an_answer(self) -> bool {
        match self {
            Self::InReview => false,
            Self::Passed | Self::Failed | Self::NotSubmitted => true,
        }
    }
}

/// Records whether a declared rectification holds.
///
/// Sent by the platform or by a reviewer; once the attempts are exhausted only by a reviewer, who is a human. It is about
/// every step that is declared and not confirmed yet. Confirmed, it ends a warning, and lifts the measures that last until
/// rectified; of one in parts, and of one with unmet steps, those whose findings are put right all the same.
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
    /// The declared steps that are unmet; at least one when rejected, none when confirmed. The others are confirmed.
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

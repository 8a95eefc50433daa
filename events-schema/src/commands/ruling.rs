//! The command that rules on an appeal.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::{
    AppealId, CaseId, Citation, FindingId, FreeText, GroundId, Instant, MeasureId, Observation,
    Release, Sha256, StepId, Text,
};

/// Rules on an appeal.
///
/// Sent by a reviewer, who is a human with no earlier part in the case. Every ground, finding, step and
/// measure is answered; the outcome must follow from the answers; what was looked at is the release that
/// the appeal names, seen after the appeal was filed. An appeal that nobody claimed is claimed and ruled
/// on in one go.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Decide {
    /// The case.
    pub case: CaseId,
    /// The open appeal.
    pub appeal: AppealId,
    /// The revision of the appeal that the reviewer saw, counted from 1.
    pub appeal_revision: u32,
    /// The outcome.
    pub outcome: RulingOutcome,
    /// The answer to each finding that is still to be answered: those of the notice, without what an earlier ruling found
    /// unfounded or rectified.
    pub findings: Vec<FindingRuling>,
    /// Each ground of the appeal; the answers are in the text.
    pub grounds: Vec<GroundRuling>,
    /// The answer to each step of the guide that no earlier ruling struck; what is kept is still unmet.
    pub steps: Vec<StepRuling>,
    /// The answer to each measure in force, scheduled or stayed. One of which no finding is upheld lifts whatever the
    /// answer.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub measures: Vec<MeasureRuling>,
    /// A later end of the cure period than the rulebook gives; for a refusal of an appeal against a
    /// warning.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cure_due: Option<Instant>,
    /// The release that was looked at.
    pub release_reviewed: Release,
    /// What was seen; at least one.
    pub observations: Vec<Observation>,
    /// Digests of the appeal's evidence that was looked at.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub evidence_considered: Vec<Sha256>,
}

/// The outcome of an appeal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum RulingOutcome {
    /// No finding is upheld; the notice ends and what was taken is restored.
    Granted,
    /// At least one finding is upheld and the notice stands.
    Refused,
    /// At least one finding is upheld and at least one is not: the notice stands for what is upheld, and what was taken
    /// for the rest is restored. It uses no attempt.
    GrantedInPart,
}

/// The answer to a finding.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct FindingRuling {
    /// The finding.
    pub id: FindingId,
    /// The answer.
    pub ruling: FindingAnswer,
}

/// How a finding fares.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum FindingAnswer {
    /// The facts are not shown; the finding is sealed, and with the last one the strike is void.
    NotEstablished,
    /// The facts break no rule; the finding is sealed, and with the last one the strike is void.
    NotAViolation,
    /// It has been put right; measures lift, the strike stays.
    Rectified,
    /// It stands.
    Upheld,
}

/// A ground that the ruling answers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct GroundRuling {
    /// The ground.
    pub id: GroundId,
    /// Which rule prevails, where the ground cites another.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub prevails: Option<Citation>,
}

/// The answer to a step of the guide.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct StepRuling {
    /// The step.
    pub id: StepId,
    /// The answer.
    pub ruling: StepAnswer,
}

/// How a step fares.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum StepAnswer {
    /// Still to be done.
    Keep,
    /// Done, or not needed.
    Strike,
}

/// The answer to a measure.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct MeasureRuling {
    /// The measure.
    pub id: MeasureId,
    /// The answer.
    pub ruling: MeasureAnswer,
}

/// How a measure fares.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum MeasureAnswer {
    /// It ends.
    Lift,
    /// It stays as it is.
    Keep,
}

/// The free text of a ruling.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct RulingText {
    /// The reasons; shown to the party.
    pub reasons: Text,
    /// The answer to each ground; each must be given. Shown to the party.
    pub grounds: BTreeMap<GroundId, Text>,
    /// What each observation shows, by the digest of the picture; each must be given. Shown to the party.
    pub observations: BTreeMap<Sha256, Text>,
    /// Notes for the platform only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub internal_notes: Option<Text>,
}

impl FreeText for RulingText {
    fn for_the_party(self) -> Self {
        let Self {
            reasons,
            grounds,
            observations,
            internal_notes: _,
        } = self;
        Self {
            reasons,
            grounds,
            observations,
            internal_notes: None,
        }
    }
}

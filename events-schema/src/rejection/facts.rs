//! What decided a rejection, where an id or a date alone does not say it: a kind for programs, and words in each
//! language (`sentences/facts.rs`).

use serde::{Deserialize, Serialize};

use crate::{CalendarId, GroundId, Label, MeasureId, RulebookVersion, Sha256, StepId};

/// What a notice lists.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum NoticePart {
    /// What was found.
    Findings,
    /// What the guide asks for.
    Steps,
    /// What is restricted, or threatened.
    Measures,
}

/// What the administrator has not published.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case", tag = "kind")]
pub enum MissingBook {
    /// Any rulebook at all.
    Rulebook {},
    /// A calendar that a rulebook counts on.
    Calendar {
        /// The calendar.
        calendar: CalendarId,
    },
    /// The rulebook that a notice was issued under, or its calendar.
    RulebookOfNotice {
        /// The rulebook.
        rulebook: RulebookVersion,
    },
}

/// What a notice does not say, or says of nothing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case", tag = "kind")]
pub enum NoticeGap {
    /// It has no finding.
    NoFinding {},
    /// Its guide has no step.
    NoStep {},
    /// It imposes or threatens nothing.
    NoMeasure {},
    /// A step names none of the findings, or one that the notice does not have.
    StepWithoutFinding {
        /// The step.
        step: StepId,
    },
    /// A measure names none of the findings, or one that the notice does not have.
    MeasureWithoutFinding {
        /// The measure.
        measure: MeasureId,
    },
    /// A measure ends before it starts.
    MeasureEndsBeforeStart {
        /// The measure.
        measure: MeasureId,
    },
}

/// What a verification does not say, or says against itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum VerificationGap {
    /// Which release was looked at.
    ReleaseNotNamed,
    /// It confirms, and names steps as unmet.
    ConfirmedWithUnmetStep,
    /// It rejects, and names no step as unmet.
    RejectedWithoutUnmetStep,
    /// It rejects, and shows nothing that was observed.
    RejectedWithoutObservation,
    /// The digest of the build, which the declaration names, in the release or in an observation.
    DigestNotNamed,
}

/// What somebody did in a case before, so that somebody else has to review it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum PartInCase {
    /// Issued a notice of it.
    IssuedNotice,
    /// Approved a penalty of it.
    ApprovedPenalty,
    /// Ruled on an appeal.
    RuledOnAppeal,
    /// Verified a rectification.
    VerifiedRectification,
    /// Is the sanctioned party itself.
    IsTheParty,
}

/// What a ruling answers, one by one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum RulingPart {
    /// A finding of the notice.
    Finding,
    /// A ground of the appeal.
    Ground,
    /// A step of the guide.
    Step,
    /// A measure in force or to come.
    Measure,
}

/// What a ruling leaves open, or answers although nobody asked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case", tag = "kind")]
pub enum RulingGap {
    /// It shows nothing that was observed of the release reviewed.
    NoObservation {},
    /// It leaves out the digest of the build, which the appeal names, in the release reviewed or in an observation.
    DigestNotNamed {},
    /// It does not say which rule prevails, where the ground is that another requires or allows it.
    PrevailsNotSaid {
        /// The ground.
        ground: GroundId,
    },
    /// It considers evidence that is not part of the appeal.
    EvidenceNotOfAppeal {
        /// The digest of the evidence.
        sha256: Sha256,
    },
    /// It leaves something without an answer.
    NotAnswered {
        /// Of which kind.
        what: RulingPart,
        /// Its id.
        id: Label,
    },
    /// It answers something more than once.
    AnsweredTwice {
        /// Of which kind.
        what: RulingPart,
        /// Its id.
        id: Label,
    },
    /// It answers something that is not there.
    NothingToAnswer {
        /// Of which kind.
        what: RulingPart,
        /// Its id.
        id: Label,
    },
}

/// How an outcome contradicts the answers that it comes with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum RulingContradiction {
    /// Granted, and a finding is upheld.
    GrantedWithUpheldFinding,
    /// Granted, and a step is kept.
    GrantedWithKeptStep,
    /// Granted, and a measure is kept.
    GrantedWithKeptMeasure,
    /// Granted, and a cure period is set.
    GrantedWithCurePeriod,
    /// Refused, and no finding is upheld.
    RefusedWithoutUpheldFinding,
    /// Refused, and a finding is no violation or not established: that is granted in part.
    RefusedWithUnfoundedFinding,
    /// Refused, and no step is named as still unmet.
    RefusedWithoutUnmetStep,
    /// Refused over steps that were verified as done.
    RefusedOverVerifiedStep,
    /// Refused, and a measure is lifted that has a finding that is upheld.
    RefusedWithLiftedMeasure,
    /// Granted in part, and no finding is upheld.
    InPartWithoutUpheldFinding,
    /// Granted in part, and every finding is upheld.
    InPartWithoutFallenFinding,
    /// A step is kept, and none of its findings is upheld.
    KeptStepWithoutUpheldFinding,
    /// A cure period is set for a penalty, which has none.
    CurePeriodOfPenalty,
}

/// How an appeal ended, where a ruling was not deemed granted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum AppealEnd {
    /// It was ruled on.
    Ruled,
    /// The party took it back.
    Withdrawn,
    /// There was nothing left to rule on.
    ClosedWithoutRuling,
}

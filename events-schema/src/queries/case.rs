//! What is shown of a case.

use serde::{Deserialize, Serialize};

use crate::{
    AccountId, Actor, AppealId, CaseId, EntityId, Entry, FindingAnswer, FindingId, GroundKind,
    Instant, Label, LiftCause, MeasureId, NoticeId, NoticeStanding, OpenDeadline,
    RectificationStage, Release, Restriction, RulebookVersion, RulingOutcome, StepId,
    StillRestricted, ThreatenedMeasure,
};

/// A case, for whoever asks.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct CaseView {
    /// The case.
    pub case: CaseId,
    /// The sanctioned party.
    pub account: AccountId,
    /// Its entity.
    pub entity: EntityId,
    /// The revision of its stream.
    pub revision: u64,
    /// Whether nothing about it can happen by itself any more.
    pub closed: bool,
    /// Every notice, the oldest first.
    pub notices: Vec<NoticeView>,
    /// Every appeal, the oldest first.
    pub appeals: Vec<AppealView>,
    /// Every measure ever imposed.
    pub measures: Vec<MeasureView>,
    /// What was given back, the oldest first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub restorations: Vec<RestorationView>,
    /// Open deadlines, the soonest first.
    pub deadlines: Vec<OpenDeadline>,
    /// Deadlines that have ended.
    pub deadlines_ended: u32,
}

/// A notice.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct NoticeView {
    /// The notice.
    pub id: NoticeId,
    /// Its kind.
    pub kind: NoticeKind,
    /// Where it stands.
    pub standing: NoticeStanding,
    /// When it was issued.
    pub issued_at: Instant,
    /// Who issued it; not shown to parties.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub issuer: Option<Actor>,
    /// The clause.
    pub clause: Label,
    /// Its version.
    pub clause_version: Label,
    /// Its title.
    pub title: Label,
    /// The platform's category.
    pub category: Label,
    /// The rulebook that the notice is under.
    pub rulebook: RulebookVersion,
    /// The notice whose place it took: the warning that lapsed into it, or the one that it superseded.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub follows: Option<NoticeId>,
    /// What was found.
    pub findings: Vec<FindingView>,
    /// What the guide asks for.
    pub steps: Vec<StepView>,
    /// What a warning threatens.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub threatened: Vec<ThreatenedMeasure>,
    /// Where its rectification stands.
    pub rectification: RectificationStage,
    /// The appeal entry.
    pub entry: Entry,
}

/// The kinds of notice.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum NoticeKind {
    /// Nothing is restricted yet.
    Warning,
    /// Something is.
    Penalty,
}

/// A finding.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct FindingView {
    /// The finding.
    pub id: FindingId,
    /// Where it is.
    pub location: Label,
    /// How it was answered, once it was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub answer: Option<FindingAnswer>,
}

/// A step of the guide.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct StepView {
    /// The step.
    pub id: StepId,
    /// Whether it is declared done or was struck; otherwise it is unmet.
    pub answered: bool,
}

/// An appeal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct AppealView {
    /// The appeal.
    pub id: AppealId,
    /// The notice it is against.
    pub notice: NoticeId,
    /// Which attempt it is.
    pub attempt: u32,
    /// Its revision, which a ruling names: it changes with what the party adds.
    pub revision: u32,
    /// Where it stands.
    pub standing: AppealViewStanding,
    /// When it was received.
    pub filed_at: Instant,
    /// When the ruling is due; absent once it is made or overdue.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub due: Option<Instant>,
    /// Whether the ruling is overdue.
    pub overdue: bool,
    /// Whether it was filed late.
    pub late: bool,
    /// Its grounds.
    pub grounds: Vec<GroundKind>,
    /// The release it names.
    pub release: Release,
    /// Who has it, or ruled; not shown to parties.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reviewer: Option<Actor>,
    /// The ruling.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ruling: Option<RulingView>,
}

/// Where an appeal stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum AppealViewStanding {
    /// In the queue.
    Filed,
    /// Being reviewed.
    Claimed,
    /// Granted.
    Granted,
    /// Granted for some findings and refused for others.
    GrantedInPart,
    /// Refused.
    Refused,
    /// Taken back by the party.
    Withdrawn,
    /// Granted because nobody ruled in time.
    DeemedGranted,
    /// Ended because there was nothing left to rule on.
    ClosedWithoutRuling,
}

/// A ruling.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct RulingView {
    /// The outcome.
    pub outcome: RulingOutcome,
    /// When.
    pub at: Instant,
    /// Where it is recorded, with its reasons.
    pub position: u64,
    /// The release that was looked at.
    pub release_reviewed: Release,
    /// The steps still unmet.
    pub unmet_steps: Vec<StepId>,
    /// Whether it used an attempt.
    pub counts: bool,
}

/// A measure.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct MeasureView {
    /// The measure.
    pub id: MeasureId,
    /// The notice that imposed it.
    pub notice: NoticeId,
    /// What it restricts.
    pub restriction: Restriction,
    /// Where it stands.
    pub standing: MeasureViewStanding,
    /// Since when.
    pub since: Instant,
    /// When it starts or started.
    pub starts_at: Instant,
    /// When it ends by itself; absent: until rectified, or lifted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ends_at: Option<Instant>,
}

/// Where a measure stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum MeasureViewStanding {
    /// Starts later.
    Scheduled,
    /// Restricts.
    InForce,
    /// Waits for a ruling.
    Stayed,
    /// Ended by its date.
    Expired,
    /// Restored.
    Lifted,
    /// Never started.
    Cancelled,
}

/// Something that was taken and given back: 恢复功能.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct RestorationView {
    /// The notice that had taken it.
    pub notice: NoticeId,
    /// When.
    pub at: Instant,
    /// Where it is recorded.
    pub position: u64,
    /// Why; absent where the measure ended by its date.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cause: Option<LiftCause>,
    /// The measures that ended.
    pub measures: Vec<MeasureId>,
    /// What other cases keep restricted of the same capabilities.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub still_restricted_by: Vec<StillRestricted>,
}

impl CaseView {
    /// What is shown to the party itself: not who issued, reviewed or ruled.
    #[must_use]
    pub fn for_the_party(mut self) -> Self {
        // Each field is named, so that whoever adds one says here whether the party may read it.
        let Self {
            notices,
            appeals,
            case: _,
            account: _,
            entity: _,
            revision: _,
            closed: _,
            measures: _,
            restorations: _,
            deadlines: _,
            deadlines_ended: _,
        } = &mut self;
        for notice in notices {
            let NoticeView {
                issuer,
                id: _,
                kind: _,
                standing: _,
                issued_at: _,
                clause: _,
                clause_version: _,
                title: _,
                category: _,
                rulebook: _,
                follows: _,
                findings: _,
                steps: _,
                threatened: _,
                rectification: _,
                entry: _,
            } = notice;
            *issuer = None;
        }
        for appeal in appeals {
            let AppealView {
                reviewer,
                id: _,
                notice: _,
                attempt: _,
                revision: _,
                standing: _,
                filed_at: _,
                due: _,
                overdue: _,
                late: _,
                grounds: _,
                release: _,
                ruling: _,
            } = appeal;
            *reviewer = None;
        }
        self
    }
}

impl AppealViewStanding {
    /// Whether a ruling can still come.
    pub const fn is_open(self) -> bool {
        match self {
            Self::Filed | Self::Claimed => true,
            Self::Granted
            | Self::GrantedInPart
            | Self::Refused
            | Self::Withdrawn
            | Self::DeemedGranted
            | Self::ClosedWithoutRuling => false,
        }
    }
}

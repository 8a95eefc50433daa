//! Answers: what a caller gets back for a command.

use serde::{Deserialize, Serialize};

use crate::{
    AppealId, CaseId, DeadlineId, DeadlinePurpose, Instant, Locale, MeasureId, NextStep, NoticeId,
    RectificationStage, Rejection, Stream,
};

/// The answer to an accepted command. It is sent after the events are on disk, never before.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Accepted {
    /// The positions of its events in the log.
    pub positions: Positions,
    /// The stream that it changed.
    pub stream: Stream,
    /// The revision of the stream after it; send it as `Redress-Expected-Revision` with the next command.
    pub revision: u64,
    /// Whether the same command had been accepted before, and nothing was done now.
    pub replayed: bool,
    /// Where the case stands now; absent for commands about no case.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub case: Option<CaseStanding>,
}

/// First and last position of the events of a command.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Positions {
    /// The first.
    pub first: u64,
    /// The last; equal to the first where there is one event.
    pub last: u64,
}

/// Where a case stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct CaseStanding {
    /// The case.
    pub case: CaseId,
    /// The latest notice.
    pub notice: NoticeId,
    /// Where that notice stands.
    pub standing: NoticeStanding,
    /// Attempts used against it.
    pub attempts_used: u32,
    /// Attempts allowed.
    pub attempt_cap: u32,
    /// Where its rectification stands.
    pub rectification: RectificationStage,
    /// The open appeal.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub open_appeal: Option<AppealId>,
    /// Measures in force.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub measures_in_force: Vec<MeasureId>,
    /// Open deadlines, earliest first.
    pub deadlines: Vec<OpenDeadline>,
}

/// Where a notice stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum NoticeStanding {
    /// Warned: nothing is restricted yet.
    Warned,
    /// Penalised; an appeal can be filed.
    Penalised,
    /// Penalised; no appeal can be filed any more.
    Exhausted,
    /// Penalised, put right, and nothing restricts any more; its record can still be appealed.
    OnRecord,
    /// A warning that lapsed; the penalty took its place.
    Lapsed,
    /// Closed: put right.
    Complied,
    /// Closed: nothing was upheld.
    Overturned,
    /// Closed: taken back by the platform.
    Withdrawn,
    /// Closed: another notice took its place.
    Superseded,
    /// Closed: granted because nobody ruled in time.
    DeemedGranted,
    /// Closed: every measure has ended by its date, and no appeal can be filed any more.
    Served,
}

impl NoticeStanding {
    /// Whether the notice can still be acted on.
    pub const fn is_live(self) -> bool {
        match self {
            Self::Warned | Self::Penalised | Self::Exhausted | Self::OnRecord => true,
            Self::Lapsed
            | Self::Complied
            | Self::Overturned
            | Self::Withdrawn
            | Self::Superseded
            | Self::DeemedGranted
            | Self::Served => false,
        }
    }
}

/// An open deadline in short.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct OpenDeadline {
    /// Identifies it within the case.
    pub id: DeadlineId,
    /// What it is for.
    pub purpose: DeadlinePurpose,
    /// When it falls due, exclusive.
    pub due: Instant,
    /// Whether the date may still be fixed later by a newer calendar.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub provisional: bool,
}

/// The answer to a command or query that was refused: an RFC 9457 problem.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Problem {
    /// `urn:redress:problem:` and the code.
    #[serde(rename = "type")]
    pub problem_type: String,
    /// The stable code.
    pub code: String,
    /// One sentence in the caller's language: what, why, and what to do.
    pub detail: String,
    /// The language of the sentence.
    pub locale: Locale,
    /// The facts that decided it, with the code once more.
    pub facts: Rejection,
    /// What can be done next.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub next: Vec<NextStep>,
    /// Where the refusal is on record, for filings of a party.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub recorded_at: Option<u64>,
}

impl Problem {
    /// The answer for this rejection.
    pub fn new(rejection: Rejection, next: Vec<NextStep>, locale: Locale) -> Self {
        Self {
            problem_type: format!("urn:redress:problem:{}", rejection.code()),
            code: rejection.code().to_owned(),
            detail: rejection.sentence(locale),
            locale,
            facts: rejection,
            next,
            recorded_at: None,
        }
    }
}

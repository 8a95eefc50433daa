//! Events about measures after they were imposed.

use serde::{Deserialize, Serialize};

use super::facts::event_facts;
use crate::{DeadlineChanges, MeasureId, NoText, NoticeId, StillRestricted};

/// A scheduled measure came into force.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct MeasureStarted {
    /// The measure.
    pub measure: MeasureId,
    /// The start fired.
    pub deadlines: DeadlineChanges,
}

event_facts!(MeasureStarted: "redress.measure.started.v1", NoText, deadlines);

/// A temporary measure ended by itself. It is never revived; an appeal outlives it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct MeasureExpired {
    /// The measure.
    pub measure: MeasureId,
    /// What other cases keep restricted of the same capability.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub still_restricted_by: Vec<StillRestricted>,
    /// How many more such restrictions there are than are named.
    #[serde(default, skip_serializing_if = "crate::is_zero")]
    pub still_restricted_by_more: u32,
    /// The end fired.
    pub deadlines: DeadlineChanges,
}

event_facts!(MeasureExpired: "redress.measure.expired.v1", NoText, deadlines);

/// Measures wait while an appeal is pending: the platform let its time to rule pass.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct MeasuresStayed {
    /// The notice.
    pub notice: NoticeId,
    /// Those that were in force.
    pub measures: Vec<MeasureId>,
}

event_facts!(MeasuresStayed: "redress.measures.stayed.v1", NoText, no deadlines);

/// Stayed measures are in force again. What was lost to the stay is not added at the end.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct MeasuresResumed {
    /// The notice.
    pub notice: NoticeId,
    /// Those that were stayed.
    pub measures: Vec<MeasureId>,
}

event_facts!(MeasuresResumed: "redress.measures.resumed.v1", NoText, no deadlines);

/// Measures ended and what was taken is restored: the platform must switch it on again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct MeasuresLifted {
    /// The notice.
    pub notice: NoticeId,
    /// Why.
    pub cause: LiftCause,
    /// Those that were in force or stayed: what is restored.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub restored: Vec<MeasureId>,
    /// Those that had not started yet: they never will.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub cancelled: Vec<MeasureId>,
    /// What other cases keep restricted of the same capabilities.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub still_restricted_by: Vec<StillRestricted>,
    /// How many more such restrictions there are than are named.
    #[serde(default, skip_serializing_if = "crate::is_zero")]
    pub still_restricted_by_more: u32,
    /// Starts and ends are cleared.
    #[serde(default, skip_serializing_if = "DeadlineChanges::is_empty")]
    pub deadlines: DeadlineChanges,
}

event_facts!(MeasuresLifted: "redress.measures.lifted.v1", NoText, deadlines);

/// Why measures ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum LiftCause {
    /// An appeal was granted.
    Granted,
    /// Nobody ruled in time, and the rulebook grants the appeal then.
    DeemedGranted,
    /// The rectification holds.
    Rectified,
    /// The platform took the notice back.
    Withdrawn,
    /// Another notice took its place.
    Superseded,
    /// A strike fell that the step of the penalty had counted.
    StrikeFell,
}

//! The open deadlines, of a case or of all.

use serde::{Deserialize, Serialize};

use crate::{CaseId, DeadlineId, DeadlinePurpose, Instant};

/// An open deadline of any case.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct DeadlineView {
    /// The case.
    pub case: CaseId,
    /// Identifies it within the case.
    pub id: DeadlineId,
    /// When it falls due, exclusive.
    pub due: Instant,
    /// What it is for.
    pub purpose: DeadlinePurpose,
    /// Whether the date may still be fixed later by a newer calendar.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub provisional: bool,
}

impl DeadlineView {
    /// Whether it is late: its date has passed, and it fires at it ([`crate::Deadline::can_fire`]).
    pub fn is_overdue(&self, now: Instant) -> bool {
        self.due <= now && (!self.provisional || !self.purpose.is_the_partys())
    }
}

/// Some of the open deadlines, the soonest first, and how many there are: a list that ends early says so.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct DeadlinesView {
    /// The deadlines.
    pub deadlines: Vec<DeadlineView>,
    /// How many are open in all.
    pub open: u64,
    /// The last of these, where there are later ones: what to ask for the ones after it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub later: Option<DeadlinePlace>,
}

/// Where a deadline stands in the order of all.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct DeadlinePlace {
    /// When it falls due.
    pub due: Instant,
    /// The case.
    pub case: CaseId,
    /// Identifies it within the case.
    pub id: DeadlineId,
}

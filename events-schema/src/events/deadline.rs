//! Events about a deadline alone.

use serde::{Deserialize, Serialize};

use super::facts::event_facts;
use crate::{DeadlineChanges, DeadlineId, NoText};

/// A due date was computed again on a newer calendar.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct DeadlineRevised {
    /// The deadline that ends.
    pub deadline: DeadlineId,
    /// The one that replaces it is in `set`.
    pub deadlines: DeadlineChanges,
}

event_facts!(DeadlineRevised: "redress.deadline.revised.v1", NoText, deadlines);

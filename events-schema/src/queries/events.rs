//! Events of the log, as they are stored.

use serde::{Deserialize, Serialize};

/// Events as they are stored: the header and the data are the very bytes that were hashed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct StoredEvents {
    /// The events, ascending.
    pub events: Vec<StoredEvent>,
    /// Ask from here for the next ones.
    pub next: u64,
    /// The position after the last event that this answer knows of.
    pub head: u64,
}

/// An event as it is stored.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct StoredEvent {
    /// Where it stands in the log.
    pub position: u64,
    /// The canonical text of the header; the leaf of the chain is its hash.
    pub header: String,
    /// The text of the data, whose SHA-256 is the `datahash` of the header.
    pub data: String,
}

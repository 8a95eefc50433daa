//! The free text of commands and events, which only people read, and what of it the party may.

use serde::{Deserialize, Serialize, de::DeserializeOwned};

/// The free text beside the facts of a command and of its first event.
///
/// Each type takes itself apart, so that a text that is added stays inside until somebody decides who reads it.
pub trait FreeText: Serialize + DeserializeOwned {
    /// Whether there is any.
    const IS_THERE: bool = true;

    /// What the party of the case may read of it.
    #[must_use]
    fn for_the_party(self) -> Self;
}

/// No free text at all.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct NoText {}

impl FreeText for NoText {
    const IS_THERE: bool = false;

    fn for_the_party(self) -> Self {
        self
    }
}

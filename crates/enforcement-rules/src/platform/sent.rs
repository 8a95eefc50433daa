//! A command as it comes to the platform.

use events_schema::{Actor, Command, CommandId, Sha256};

/// A command as somebody sent it.
#[derive(Debug, Clone, Copy)]
pub struct Sent<'a> {
    /// Who sent it.
    pub actor: &'a Actor,
    /// Its identity within its stream.
    pub command_id: &'a CommandId,
    /// The revision of the stream that the sender decided on, if it wants that checked.
    pub expected_revision: Option<u64>,
    /// What it asks for.
    pub command: &'a Command,
    /// What it says, in short.
    pub hash: Sha256,
}

//! Events of the log itself.

use serde::{Deserialize, Serialize};

use super::facts::event_facts;
use crate::{HoldId, Instant, Label, NoText, ReleaseDeadlines, ReleaseText, Sha256};

/// The log begins. Always at position 0.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct LogCreated {
    /// The identity of the log, 32 hexadecimal digits; the source of every event is `/redress/` and it.
    pub log_id: String,
    /// The version of the format of what is stored.
    pub format: u32,
    /// The platform that the log serves.
    pub platform: Label,
}

event_facts!(LogCreated: "redress.log.created.v1", NoText);

/// An existing platform's history is being taken over from a file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct BackfillStarted {
    /// SHA-256 of the file.
    pub file_sha256: Sha256,
    /// When it was done in truth; the events between carry the times of the history.
    pub wall_time: Instant,
}

event_facts!(BackfillStarted: "redress.backfill.started.v1", NoText);

/// The file was taken over to its end.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct BackfillCompleted {
    /// SHA-256 of the file.
    pub file_sha256: Sha256,
    /// When it was done in truth.
    pub wall_time: Instant,
    /// Lines of the file.
    pub lines: u64,
    /// Lines whose command was accepted.
    pub accepted: u64,
    /// Lines whose command was refused; the report lists them.
    pub refused: u64,
}

event_facts!(BackfillCompleted: "redress.backfill.completed.v1", NoText);

/// The service holds still until the administrator releases it, whatever restarts meanwhile.
///
/// It is dated as the event before it, since the clock is what is in doubt.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct DeadlinesHeld {
    /// Which hold it is. Its release has to name it.
    pub hold: HoldId,
    /// What does not go on.
    pub held: HeldPart,
    /// What happened.
    pub reason: Label,
    /// What the clock said then.
    pub clock: Instant,
}

event_facts!(DeadlinesHeld: "redress.deadlines.held.v1", NoText);

/// What does not go on while the service holds still.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum HeldPart {
    /// No deadline fires; commands are decided.
    Firing,
    /// No deadline fires and no command is decided but the release: the clock is in doubt.
    Deciding,
}

/// The log was rolled back to an older copy, which the files beside it tell, and its operator has
/// started the service on it all the same.
///
/// The service holds still after it: what was held in the events that are gone nobody can know.
///
/// What was acknowledged and published at positions from here on before the rollback is not in the log
/// any more, and its positions are given again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct RollbackAccepted {
    /// What told it, file by file.
    pub evidence: Vec<RollbackEvidence>,
    /// What the clock said then. The event is dated as the one before it: the clock was not looked at yet.
    pub clock: Instant,
}

event_facts!(RollbackAccepted: "redress.log.rollback_accepted.v1", NoText);

/// A file beside the log that knew of other events than the log has.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct RollbackEvidence {
    /// Its name.
    pub file: Label,
    /// The position after the last event that it knew of. Where that is not beyond the log, another
    /// history was served under these positions before, and from which one on is not known: whoever has
    /// events compares all of them.
    pub next_position: u64,
    /// The name that it is kept under since.
    pub kept_as: Label,
}

/// Deadlines fire, and commands are decided, after the service had held them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct DeadlinesReleased {
    /// What was asked for.
    pub command: ReleaseDeadlines,
    /// Deadlines that were overdue then.
    pub overdue: u64,
    /// The latest time of the log, where that was ahead of the clock and is left behind: this event and
    /// what follows it are dated before it. Nowhere else in a log does time go back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub left_behind: Option<Instant>,
}

event_facts!(DeadlinesReleased: "redress.deadlines.released.v1", ReleaseText);

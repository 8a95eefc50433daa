//! What comes in and what goes out: a command with its sender, and the answer.

use events_schema::{
    Accepted, Actor, CommandId, CorrelationId, Instant, Locale, NextStep, ParsedCommand, Problem,
    Rejection,
};

/// A command as somebody sent it.
#[derive(Debug, Clone)]
pub struct Submission {
    /// Who sent it; bound by the subject it came in on, never by its body.
    pub actor: Actor,
    /// Its identity within its stream.
    pub command_id: CommandId,
    /// What the caller tied it to.
    pub correlation_id: Option<CorrelationId>,
    /// The revision of the stream that the caller decided on, if it wants that checked.
    pub expected_revision: Option<u64>,
    /// The language of the answer.
    pub locale: Locale,
    /// The command itself.
    pub command: ParsedCommand,
}

/// The answer to a command. It is given only once everything that it rests on is on disk.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    /// It was done, or had been done before.
    Accepted(Box<Accepted>),
    /// It was refused.
    Refused(Box<Problem>),
}

impl Answer {
    /// A refusal without next steps.
    pub fn refused(rejection: Rejection, locale: Locale) -> Self {
        Self::refused_with(rejection, Vec::new(), locale)
    }

    /// A refusal with what can be done next.
    pub fn refused_with(rejection: Rejection, next: Vec<NextStep>, locale: Locale) -> Self {
        Self::Refused(Box::new(Problem::new(rejection, next, locale)))
    }
}

/// A command with the instant at which it was received.
#[derive(Debug)]
pub(crate) struct Stamped<Asker> {
    pub(crate) received: Instant,
    pub(crate) submission: Submission,
    /// Whatever the answer goes to.
    pub(crate) asker: Asker,
}

/// A command that the writer is through with.
#[derive(Debug)]
pub struct Decided<Asker> {
    /// Whatever the answer goes to.
    pub asker: Asker,
    /// What came of it.
    pub answer: Answer,
    /// How many bytes of the log had to be read back for it: the history of a case that had left memory, as a rule.
    pub read_back: usize,
}

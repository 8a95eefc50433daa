//! Commands for the unit tests of this crate.

use events_schema::{Command, Instant, Locale};
use test_support::parsed;

use crate::{Answer, Processor, Submission};

/// A command as its sender sends it.
pub(crate) fn submission(sender: &str, id: &str, command: impl Into<Command>) -> Submission {
    let (actor, command) = parsed(sender, command);
    Submission {
        actor,
        command_id: id.parse().unwrap(),
        correlation_id: None,
        expected_revision: None,
        locale: Locale::English,
        command,
    }
}

/// A command that is accepted at that time, and on disk.
pub(crate) fn accept(
    processor: &mut Processor,
    (sender, id): (&str, &str),
    command: impl Into<Command>,
    at: Instant,
) {
    let submission = submission(sender, id, command);
    let answer = processor.take(&submission, at, at).unwrap();
    assert!(matches!(answer, Answer::Accepted(_)), "{answer:?}");
    processor.commit().unwrap();
}

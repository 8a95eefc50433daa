//! Commands for the unit tests of this crate.

use events_schema::{Actor, Command, Instant, Locale, parse_command};
use test_support::body_in_words;

use crate::{Answer, Processor, Submission};

/// A command as its sender sends it.
pub(crate) fn submission(sender: &str, id: &str, command: impl Into<Command>) -> Submission {
    let (actor, command): (Actor, Command) = (sender.parse().unwrap(), command.into());
    let body = body_in_words(&command).to_string();
    let name = command.name();
    let command = parse_command(name, actor.role, &actor.principal, body.as_bytes()).unwrap();
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

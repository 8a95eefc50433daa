//! The examples of commands.

use std::collections::BTreeSet;

use events_schema::{Actor, CommandName, ParsedCommand, parse_command};

use crate::files;

/// Who sends the example of a command.
pub(crate) fn sender(name: CommandName) -> Actor {
    let actor = match name {
        CommandName::IssueWarning | CommandName::IssuePenalty | CommandName::WithdrawNotice => {
            "platform:notices"
        }
        CommandName::RecordCodeReview => "platform:code-review",
        CommandName::VerifyRectification => "reviewer:rev-wang",
        CommandName::Rectify | CommandName::SubmitAppeal | CommandName::WithdrawAppeal => {
            "party:dev7"
        }
        CommandName::ClaimAppeal | CommandName::UnclaimAppeal => "reviewer:rev-chen",
        CommandName::Decide => "reviewer:rev-lin",
        CommandName::AdoptRulebook
        | CommandName::PublishCalendar
        | CommandName::ReleaseDeadlines => "administrator:ops",
        CommandName::ReachDeadline | CommandName::ReviseDeadline => "service:deadlines",
    };
    actor.parse().unwrap()
}

/// The example of a command, read as the service reads it.
pub(crate) fn parsed(name: CommandName) -> ParsedCommand {
    let actor = sender(name);
    let body = files::text(&format!("examples/commands/{name}.json"));
    parse_command(name, actor.role, &actor.principal, body.as_bytes())
        .unwrap_or_else(|malformed| panic!("{name}: {malformed}"))
}

#[test]
fn each_command_has_one_example() {
    let expected: BTreeSet<String> = CommandName::ALL.map(|name| name.to_string()).into();
    assert_eq!(files::names("examples/commands"), expected);
}

#[test]
fn each_example_reads_as_its_command() {
    for name in CommandName::ALL {
        assert_eq!(parsed(name).command.name(), name);
    }
}

#[test]
fn the_hash_of_a_command_does_not_depend_on_blanks() {
    for name in CommandName::ALL {
        let actor = sender(name);
        let body = files::compact(&files::text(&format!("examples/commands/{name}.json")));
        let compact = parse_command(name, actor.role, &actor.principal, body.as_bytes()).unwrap();
        assert_eq!(compact, parsed(name));
    }
}

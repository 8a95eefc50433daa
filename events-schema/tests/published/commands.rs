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
        CommandName::Rectify
        | CommandName::SubmitAppeal
        | CommandName::AmendAppeal
        | CommandName::WithdrawAppeal => "party:dev7",
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
    let expected: BTreeSet<String> = CommandName::ALL.iter().map(ToString::to_string).collect();
    assert_eq!(files::names("examples/commands"), expected);
}

#[test]
fn each_example_reads_as_its_command() {
    for &name in CommandName::ALL {
        assert_eq!(parsed(name).command.name(), name);
    }
}

#[test]
fn the_hash_of_a_command_does_not_depend_on_blanks() {
    for &name in CommandName::ALL {
        let actor = sender(name);
        let body = files::compact(&files::text(&format!("examples/commands/{name}.json")));
        let compact = parse_command(name, actor.role, &actor.principal, body.as_bytes()).unwrap();
        assert_eq!(compact, parsed(name));
    }
}

/// The places of all values that have this form.
fn places(value: &serde_json::Value, form: fn(&str) -> bool, at: &str, found: &mut Vec<String>) {
    match value {
        serde_json::Value::String(text) if form(text) => found.push(at.to_owned()),
        serde_json::Value::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                places(item, form, &format!("{at}/{index}"), found);
            }
        }
        serde_json::Value::Object(members) => {
            for (name, member) in members {
                places(member, form, &format!("{at}/{name}"), found);
            }
        }
        _ => {}
    }
}

/// Each command with one value of a form replaced is refused, and says where.
fn each_is_refused(form: fn(&str) -> bool, others: &[&str]) -> usize {
    let mut tried = 0;
    for &name in CommandName::ALL {
        let actor = sender(name);
        let text = files::text(&format!("examples/commands/{name}.json"));
        let body: serde_json::Value = serde_json::from_str(&text).unwrap();
        let mut found = Vec::new();
        places(&body, form, "", &mut found);
        for place in &found {
            for other in others {
                let mut body = body.clone();
                *body.pointer_mut(place).unwrap() = (*other).into();
                let body = body.to_string();
                let refused = parse_command(name, actor.role, &actor.principal, body.as_bytes())
                    .expect_err(&format!("{name}{place}: {other}"));
                let last = place.rsplit('/').next().unwrap();
                let path = &refused.path;
                assert!(path.contains("facts."), "{path}");
                assert!(last.parse::<u8>().is_ok() || path.contains(last), "{path}");
                tried += 1;
            }
        }
    }
    tried
}

#[test]
fn no_command_has_a_time_that_is_only_like_one() {
    let is_time = |text: &str| text.parse::<events_schema::Instant>().is_ok();
    let others = [
        "0000-01-01T00:00:00.000000Z",
        "2026-03-01T08:12:60Z",
        "2026-03-01T08:12:30+24:00",
        "2026-03-01T08:12:30,5Z",
        "2026-03-01 08:12:30Z",
        "2026-03-01T08:12:30+08:00[Asia/Shanghai]",
        " 2026-03-01T08:12:30Z",
    ];
    assert!(each_is_refused(is_time, &others) > 5 * others.len());
}

#[test]
fn no_command_has_a_date_that_is_only_like_one() {
    let is_date = |text: &str| events_schema::parse_day(text).is_ok();
    let others = [
        "0000-01-01",
        "20260501",
        "2026-05-01T00:00:00",
        "2026-05-01[UTC]",
    ];
    assert!(each_is_refused(is_date, &others) > 3 * others.len());
}

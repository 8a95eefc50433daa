//! The `AsyncAPI` document, line by line: it names every command, event type and schema, and nothing else.

use std::collections::BTreeSet;

use events_schema::{CommandName, EVENT_TYPES, QueryName, Role};

use crate::files;

/// The first word after each occurrence of a mark.
fn after(mark: &str) -> BTreeSet<String> {
    let text = files::text("asyncapi.yaml");
    let ends = |c: char| c.is_whitespace() || c == '"' || c == ';';
    text.split(mark)
        .skip(1)
        .map(|rest| rest.split(ends).next().unwrap().to_owned())
        .collect()
}

/// The keys right below a line of the document.
fn keys_below(path: &[&str]) -> BTreeSet<String> {
    let text = files::text("asyncapi.yaml");
    let mut lines = text.lines().peekable();
    for (depth, key) in path.iter().enumerate() {
        let heading = format!("{}{key}:", "  ".repeat(depth));
        assert!(lines.any(|line| line == heading), "no {heading}");
    }
    let indent = "  ".repeat(path.len());
    lines
        .take_while(|line| line.is_empty() || line.starts_with(&indent))
        .filter_map(|line| line.strip_prefix(&indent)?.strip_suffix(':'))
        .filter(|key| !key.starts_with(' '))
        .map(str::to_owned)
        .collect()
}

fn names(commands: impl IntoIterator<Item = CommandName>) -> BTreeSet<String> {
    commands.into_iter().map(|name| name.to_string()).collect()
}

#[test]
fn every_schema_is_referred_to_and_no_other() {
    let mut expected = BTreeSet::from(["Header.json", "Notification.json"].map(str::to_owned));
    for folder in ["commands", "events", "rejections", "queries", "answers"] {
        let names = files::names(&format!("schemas/{folder}"));
        expected.extend(names.iter().map(|name| format!("{folder}/{name}.json")));
    }
    assert_eq!(after("$ref: ./schemas/"), expected);
}

#[test]
fn every_event_type_is_named_and_no_other() {
    assert_eq!(
        after("      name: "),
        EVENT_TYPES.iter().map(|it| (*it).to_owned()).collect()
    );
    assert_eq!(
        keys_below(&["channels", "events", "messages"]),
        files::names("schemas/events")
    );
}

#[test]
fn every_command_that_somebody_can_send_has_its_place_on_the_channel() {
    let own = [CommandName::ReachDeadline, CommandName::ReviseDeadline];
    let sendable = CommandName::ALL
        .iter()
        .copied()
        .filter(|n| !own.contains(n));
    assert_eq!(
        keys_below(&["channels", "commands", "messages"]),
        names(sendable)
    );
}

#[test]
fn every_message_is_known() {
    let mut expected = names(CommandName::ALL.iter().copied());
    expected.extend(files::names("schemas/events"));
    expected.extend(files::names("schemas/answers"));
    expected.extend(["Answer", "Notification"].map(str::to_owned));
    assert_eq!(keys_below(&["components", "messages"]), expected);
    let messages = after("#/components/messages/");
    assert!(messages.is_subset(&expected));
}

#[test]
fn every_query_and_every_role_of_a_sender_is_listed() {
    let text = files::text("asyncapi.yaml");
    assert!(text.contains(&format!(
        "enum: [{}]",
        QueryName::ALL
            .iter()
            .map(|name| name.as_str())
            .collect::<Vec<_>>()
            .join(", ")
    )));
    let senders = Role::ALL
        .iter()
        .copied()
        .filter(|role| *role != Role::Service);
    let senders: Vec<&str> = senders.map(Role::as_str).collect();
    assert!(text.contains(&format!("enum: [{}]", senders.join(", "))));
    let below: BTreeSet<String> = QueryName::ALL.iter().map(ToString::to_string).collect();
    assert_eq!(keys_below(&["channels", "queries", "messages"]), below);
}

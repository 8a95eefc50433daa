//! The exchange that the README works through: every block is recomputed.

use events_schema::{
    Accepted, CommandName, Event, Header, OpenDeadline, ParsedCommand, Problem, Sha256,
    parse_command, read_personal,
};
use serde_json::{Value, json};

use crate::{commands::sender, files};

const NAME: CommandName = CommandName::WithdrawAppeal;

/// What stands in the fenced block of this name.
fn block(kind: &str) -> String {
    let text = files::text("README.md");
    let fence = format!("```{kind}\n");
    assert_eq!(text.matches(&fence).count(), 1, "{fence}");
    let after = text.split(&fence).nth(1).unwrap();
    after.split("\n```").next().unwrap().to_owned()
}

fn hash(name: &str) -> Sha256 {
    block(&format!("text {name}")).parse().unwrap()
}

fn json_block(kind: &str) -> Value {
    serde_json::from_str(&block(&format!("json {kind}"))).unwrap()
}

fn parsed() -> ParsedCommand {
    let actor = sender(NAME);
    let body = block("json command");
    parse_command(NAME, actor.role, &actor.principal, body.as_bytes()).unwrap()
}

fn header() -> Header {
    Header::from_bytes(block("json header").as_bytes()).unwrap()
}

fn leaf() -> Sha256 {
    let mut bytes = vec![0];
    bytes.extend_from_slice(block("json header").as_bytes());
    Sha256::of(&bytes)
}

#[test]
fn the_command_is_the_example_and_has_the_hash() {
    let example = files::json(&format!("examples/commands/{NAME}.json"));
    assert_eq!(json_block("command"), example);
    let actor = sender(NAME);
    let hashed = json!({
        "body": example,
        "command": NAME.as_str(),
        "principal": actor.principal.as_str(),
        "role": actor.role.as_str(),
    });
    let canonical = serde_json_canonicalizer::to_vec(&hashed).unwrap();
    assert_eq!(block("json hashed").as_bytes(), canonical);
    assert_eq!(hash("commandhash"), Sha256::of(&canonical));
    assert_eq!(hash("commandhash"), parsed().hash);
}

#[test]
fn the_data_are_those_of_the_example_and_have_the_hash() {
    let data = block("json data");
    let example = files::json("examples/events/AppealWithdrawn.json");
    assert_eq!(json_block("data"), example["data"]);
    assert_eq!(hash("datahash"), Sha256::of(data.as_bytes()));
    let event_type = header().event_type;
    let event = Event::read(event_type, data.as_bytes()).unwrap();
    let personal = read_personal(event_type, data.as_bytes()).unwrap();
    assert_eq!(event.write(&personal), data.as_bytes());
    assert_eq!(personal, parsed().personal);
}

#[test]
fn the_header_is_stored_so_and_its_leaf_is_its_hash() {
    let header = header();
    assert_eq!(header.to_bytes(), block("json header").as_bytes());
    let example = files::json("examples/events/AppealWithdrawn.json");
    assert_eq!(json_block("header"), example["header"]);
    assert_eq!(header.data_hash, hash("datahash"));
    assert_eq!(header.command_hash, Some(hash("commandhash")));
    assert_eq!(header.actor, sender(NAME));
    assert_eq!(hash("leaf"), leaf());
}

#[test]
fn the_reply_says_where_the_event_is_and_when_what_is_due() {
    let reply: Accepted = serde_json::from_value(json_block("reply")).unwrap();
    assert_eq!(serde_json::to_value(&reply).unwrap(), json_block("reply"));
    let schema = files::json("schemas/answers/Accepted.json");
    assert!(jsonschema::draft202012::is_valid(
        &schema,
        &json_block("reply")
    ));
    let header = header();
    assert_eq!(reply.positions.first, header.position);
    assert_eq!(reply.positions.last, header.position);
    assert_eq!(reply.stream, header.stream);
    assert_eq!(reply.revision, header.revision);
    let event = Event::read(header.event_type, block("json data").as_bytes()).unwrap();
    let set = event.deadlines().unwrap().set.iter();
    let open: Vec<OpenDeadline> = set
        .map(|deadline| OpenDeadline {
            id: deadline.id.clone(),
            purpose: deadline.purpose.clone(),
            due: deadline.due,
            provisional: deadline.provisional,
        })
        .collect();
    assert_eq!(reply.case.unwrap().deadlines, open);
}

#[test]
fn the_refusal_is_the_example_of_its_code() {
    let problem: Problem = serde_json::from_value(json_block("rejection")).unwrap();
    let example = files::json(&format!("examples/rejections/{}.json", problem.code));
    assert_eq!(json_block("rejection"), example);
    assert!(
        files::text("README.md").contains(&format!("`Nats-Service-Error-Code: {}`", problem.code))
    );
}

#[test]
fn the_session_prints_the_hashes_of_the_exchange() {
    let session = block("sh check");
    let printed: Vec<&str> = session
        .lines()
        .filter_map(|line| line.strip_prefix("# "))
        .collect();
    let expected = ["datahash", "leaf", "commandhash"].map(|name| hash(name).to_string());
    assert_eq!(printed, expected);
}

#[test]
fn every_command_stands_in_the_table_of_roles() {
    let text = files::text("README.md");
    for &name in CommandName::ALL {
        assert!(text.contains(&format!("`{name}`")), "{name}");
    }
}

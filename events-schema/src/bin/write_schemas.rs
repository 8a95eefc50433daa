//! Writes `schemas/` from the types of this crate: one JSON Schema per command and event, and those of
//! the header, of rejections and of answers.
//!
//! `write-schemas` writes them, `write-schemas --check` only says how what is on disk differs.

use std::{
    collections::BTreeMap,
    env, fs, io,
    io::Write as _,
    path::{Path, PathBuf},
    process::ExitCode,
};

use events_schema::{
    Accepted, AccountId, AccountQuery, AccountView, Actor, AdoptRulebook, AmendAppeal,
    AmendmentText, AppealText, AppealWithdrawalText, CaseQuery, CaseView, ClaimAppeal,
    CodeReviewText, CommandId, CommandName, CorrelationId, DeadlinesQuery, DeadlinesView, Decide,
    EVENT_TYPES, EventFacts, EventsQuery, FreeText as _, InboxView, Instant, IssuePenalty,
    IssueWarning, NoticeText, Notification, Problem, PublishCalendar, QueryName, ReachDeadline,
    RecordCodeReview, RectificationText, Rectify, Rejection, ReleaseDeadlines, ReleaseText,
    ReviseDeadline, RulebookVersion, RulingText, Sha256, Status, StatusQuery, StoredEvents, Stream,
    SubmitAppeal, UnclaimAppeal, VerificationText, VerifyRectification, VisitEvents,
    WithdrawAppeal, WithdrawNotice, WithdrawalText, visit_events,
};
use schemars::{
    JsonSchema, Schema, SchemaGenerator, generate::SchemaSettings, json_schema,
    transform::transform_subschemas,
};
use serde::{Serialize, Serializer, ser::SerializeMap as _};
use serde_json::{Map, Value, json};

/// The texts of the schemas by their path below `schemas/`.
type Schemas = BTreeMap<PathBuf, String>;

fn main() -> ExitCode {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("schemas");
    let done = match arguments.as_slice() {
        [] => write(&folder),
        ["--check"] => check(&folder),
        _ => Err("usage: write-schemas [--check]".to_owned()),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(sentence) => {
            // Where nobody reads stderr, the exit code has to do.
            let _ = writeln!(io::stderr(), "{sentence}");
            ExitCode::FAILURE
        }
    }
}

fn write(folder: &Path) -> Result<(), String> {
    let schemas = schemas()?;
    for stale in files(folder)?.keys().filter(|p| !schemas.contains_key(*p)) {
        let path = folder.join(stale);
        fs::remove_file(&path)
            .map_err(|error| format!("cannot remove {}: {error}", path.display()))?;
    }
    for (path, text) in schemas {
        let path = folder.join(path);
        let cannot = |error| format!("cannot write {}: {error}", path.display());
        path.parent()
            .map_or(Ok(()), fs::create_dir_all)
            .map_err(cannot)?;
        fs::write(&path, text).map_err(cannot)?;
    }
    Ok(())
}

fn check(folder: &Path) -> Result<(), String> {
    let schemas = schemas()?;
    let files = files(folder)?;
    let mut differences: Vec<String> = Vec::new();
    for (path, text) in &schemas {
        match files.get(path) {
            None => differences.push(format!("{} is missing", path.display())),
            Some(found) if found != text => {
                differences.push(format!("{} is not what the types say", path.display()));
            }
            Some(_) => {}
        }
    }
    let stale = files.keys().filter(|path| !schemas.contains_key(*path));
    differences.extend(stale.map(|path| format!("{} belongs to no type", path.display())));
    if differences.is_empty() {
        return Ok(());
    }
    Err(format!(
        "events-schema/schemas differs from the types:\n  {}\nto write it anew: cargo run -p \
         events-schema --features schema --bin write-schemas",
        differences.join("\n  ")
    ))
}

/// Every file below the folder, by its path there.
fn files(folder: &Path) -> Result<BTreeMap<PathBuf, String>, String> {
    let mut found = BTreeMap::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(here) = folders.pop() {
        let cannot = |error| format!("cannot read {}: {error}", here.display());
        let entries = match fs::read_dir(&here) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
            entries => entries.map_err(cannot)?,
        };
        for entry in entries {
            let path = entry.map_err(cannot)?.path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            let text = fs::read(&path).map_err(cannot)?;
            let below = path.strip_prefix(folder).unwrap_or(&path).to_owned();
            found.insert(below, String::from_utf8_lossy(&text).into_owned());
        }
    }
    Ok(found)
}

fn schemas() -> Result<Schemas, String> {
    let mut schemas = Schemas::new();
    let mut add = |folder: &str, name: &str, mut schema: Schema| {
        let path = Path::new(folder).join(format!("{name}.json"));
        let id = [folder, name].into_iter().filter(|part| !part.is_empty());
        let id = id.collect::<Vec<_>>().join(":");
        schema.insert("$id".to_owned(), json!(format!("urn:redress:schema:{id}")));
        schema.insert("title".to_owned(), json!(name));
        unwrap_lines(&mut schema);
        let text = serde_json::to_string_pretty(&Ordered(schema.as_value()))
            .map_err(|error| format!("cannot write the schema of {name}: {error}"))?;
        schemas.insert(path, text + "\n");
        Ok::<(), String>(())
    };
    for &name in CommandName::ALL {
        add("commands", name.as_str(), command(name))?;
    }
    let mut events = Events::default();
    visit_events(&mut events);
    for (name, schema) in events.0 {
        add("events", &name, schema)?;
    }
    for &name in QueryName::ALL {
        let (asked, answered) = query(name);
        add("queries", name.as_str(), asked)?;
        add("answers", name.as_str(), answered)?;
    }
    add(
        "answers",
        "Accepted",
        generator().into_root_schema_for::<Accepted>(),
    )?;
    add(
        "answers",
        "Problem",
        generator().into_root_schema_for::<Problem>(),
    )?;
    add(
        "rejections",
        "Rejection",
        generator().into_root_schema_for::<Rejection>(),
    )?;
    add(
        "",
        "Notification",
        generator().into_root_schema_for::<Notification>(),
    )?;
    add("", "Header", header())?;
    Ok(schemas)
}

/// What a reader accepts, which is what other teams have to write.
fn generator() -> SchemaGenerator {
    SchemaSettings::draft2020_12()
        .for_deserialize()
        .into_generator()
}

fn command(name: CommandName) -> Schema {
    use Personal::{Absent, Needed, Optional};

    let mut schema = match name {
        CommandName::IssueWarning => payload::<IssueWarning>(Needed(part::<NoticeText>)),
        CommandName::IssuePenalty => payload::<IssuePenalty>(Needed(part::<NoticeText>)),
        CommandName::WithdrawNotice => payload::<WithdrawNotice>(Optional(part::<WithdrawalText>)),
        CommandName::RecordCodeReview => {
            payload::<RecordCodeReview>(Optional(part::<CodeReviewText>))
        }
        CommandName::VerifyRectification => {
            payload::<VerifyRectification>(Optional(part::<VerificationText>))
        }
        CommandName::Rectify => payload::<Rectify>(Needed(part::<RectificationText>)),
        CommandName::SubmitAppeal => payload::<SubmitAppeal>(Needed(part::<AppealText>)),
        CommandName::AmendAppeal => payload::<AmendAppeal>(Optional(part::<AmendmentText>)),
        CommandName::WithdrawAppeal => {
            payload::<WithdrawAppeal>(Optional(part::<AppealWithdrawalText>))
        }
        CommandName::ClaimAppeal => payload::<ClaimAppeal>(Absent),
        CommandName::UnclaimAppeal => payload::<UnclaimAppeal>(Absent),
        CommandName::Decide => payload::<Decide>(Needed(part::<RulingText>)),
        CommandName::AdoptRulebook => payload::<AdoptRulebook>(Absent),
        CommandName::PublishCalendar => payload::<PublishCalendar>(Absent),
        CommandName::ReleaseDeadlines => payload::<ReleaseDeadlines>(Optional(part::<ReleaseText>)),
        CommandName::ReachDeadline => payload::<ReachDeadline>(Absent),
        CommandName::ReviseDeadline => payload::<ReviseDeadline>(Absent),
    }
    .1;
    close(&mut schema);
    schema
}

/// What a query is asked with, and what it is answered.
fn query(name: QueryName) -> (Schema, Schema) {
    fn both<Asked: JsonSchema, Answered: JsonSchema>() -> (Schema, Schema) {
        let mut asked = generator().into_root_schema_for::<Asked>();
        close(&mut asked);
        (asked, generator().into_root_schema_for::<Answered>())
    }
    match name {
        QueryName::Case => both::<CaseQuery, CaseView>(),
        QueryName::Account => both::<AccountQuery, AccountView>(),
        QueryName::Inbox => both::<AccountQuery, InboxView>(),
        QueryName::Deadlines => both::<DeadlinesQuery, DeadlinesView>(),
        QueryName::Events => both::<EventsQuery, StoredEvents>(),
        QueryName::Status => both::<StatusQuery, Status>(),
    }
}

/// The name and the schema of the payload of each type of event.
///
/// The personal part is never needed here: it may have been erased.
#[derive(Default)]
struct Events(Vec<(String, Schema)>);

impl VisitEvents for Events {
    fn visit<Facts>(&mut self)
    where
        Facts: EventFacts<Text: JsonSchema> + JsonSchema,
    {
        let text = if Facts::Text::IS_THERE {
            Personal::Optional(part::<Facts::Text>)
        } else {
            Personal::Absent
        };
        let (name, mut schema) = payload::<Facts>(text);
        schema.insert("x-event-type".to_owned(), json!(Facts::TYPE));
        self.0.push((name, schema));
    }
}

/// Whether a payload has a personal part, and of which form.
enum Personal {
    Needed(fn(&mut SchemaGenerator) -> Schema),
    Optional(fn(&mut SchemaGenerator) -> Schema),
    Absent,
}

fn part<T: JsonSchema>(generator: &mut SchemaGenerator) -> Schema {
    generator.subschema_for::<T>()
}

/// `{"facts": {...}, "personal": {...}}`, described as its facts are.
fn payload<Facts: JsonSchema>(personal: Personal) -> (String, Schema) {
    let mut generator = generator();
    let name = Facts::schema_name().into_owned();
    let mut properties = Map::new();
    let mut required = vec!["facts"];
    properties.insert("facts".to_owned(), part::<Facts>(&mut generator).into());
    let text = match personal {
        Personal::Needed(text) => {
            required.push("personal");
            Some(text)
        }
        Personal::Optional(text) => Some(text),
        Personal::Absent => None,
    };
    if let Some(text) = text {
        properties.insert("personal".to_owned(), text(&mut generator).into());
    }
    let defs = generator.take_definitions(true);
    let description = defs
        .get(&name)
        .and_then(|facts| facts.get("description"))
        .cloned();
    let schema = json_schema!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "description": description,
        "type": "object",
        "properties": properties,
        "required": required,
        "$defs": defs,
    });
    (name, schema)
}

/// The header is written by hand in [`events_schema::Header`], and so is its schema; the test of the
/// examples holds the two together.
fn header() -> Schema {
    let mut generator = generator();
    let position = |description: &str| {
        json!({
            "type": "string",
            "pattern": "^(0|[1-9][0-9]*)$",
            "description": description,
        })
    };
    let of = |schema: Schema, description: &str| {
        let mut value = Value::from(schema);
        if let Some(object) = value.as_object_mut() {
            object.insert("description".to_owned(), json!(description));
        }
        value
    };
    let properties = json!({
        "specversion": { "const": "1.0", "description": "The version of CloudEvents." },
        "id": position("The position in the log, dense from 0."),
        "source": {
            "type": "string",
            "pattern": "^/redress/[0-9a-f]{32}$",
            "description": "The log: `/redress/` and its identity. With `id` it names the event for ever.",
        },
        "type": { "enum": EVENT_TYPES, "description": "What happened, with the version of its form." },
        "subject": of(part::<Stream>(&mut generator), "The stream: the thing whose history it belongs to."),
        "time": of(part::<Instant>(&mut generator), "When it was recorded, UTC with six digits after the second."),
        "revision": position("Its number among the events of the stream, counted from 1."),
        "previous": position("The position of the event of the stream before it; absent on the first."),
        "account": of(part::<AccountId>(&mut generator), "The account concerned; absent on events of no account."),
        "actor": of(part::<Actor>(&mut generator), "Who acted: `role:principal`."),
        "commandid": of(part::<CommandId>(&mut generator), "The command that it came from; those of the service itself contain a `:`."),
        "commandhash": of(part::<Sha256>(&mut generator), "SHA-256 over the RFC 8785 form of {body, command, principal, role}, for the service's own commands over their name and ids; on the first event of a command only."),
        "correlationid": of(part::<CorrelationId>(&mut generator), "What the caller tied it to, from `Redress-Correlation-Id`."),
        "causationid": position("The position of the event that set the deadline that caused it."),
        "receivedtime": of(part::<Instant>(&mut generator), "When the command was received, which decides what was in time; on the first event of a command only, and absent where it equals `time`."),
        "rulebook": of(part::<RulebookVersion>(&mut generator), "The rulebook under which it was decided."),
        "datahash": of(part::<Sha256>(&mut generator), "SHA-256 of the stored bytes of the data."),
    });
    let defs = generator.take_definitions(true);
    json_schema!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "description": "Everything about an event but its data: the attributes of CloudEvents 1.0, stored as \
            RFC 8785 canonical JSON. Its bytes are the leaf of the Merkle tree: SHA-256 of a zero byte and them.",
        "type": "object",
        "properties": properties,
        "required": ["specversion", "id", "source", "type", "subject", "time", "revision", "actor", "datahash"],
        "$defs": defs,
    })
}

/// Commands refuse unknown fields at every level, and numbers that their hash could confuse.
fn close(schema: &mut Schema) {
    if let Some(object) = schema.as_object_mut() {
        let is_object = object.get("type").is_some_and(|kind| *kind == "object");
        if is_object {
            object
                .entry("additionalProperties")
                .or_insert(Value::Bool(false));
        }
    }
    if schema
        .get("format")
        .is_some_and(|format| *format == "uint64")
    {
        schema.insert("maximum".to_owned(), json!((1_u64 << 53) - 1));
    }
    transform_subschemas(&mut close, schema);
}

/// Joins the lines of each paragraph: where the source breaks them says nothing.
fn unwrap_lines(schema: &mut Schema) {
    if let Some(Value::String(text)) = schema.get_mut("description") {
        let paragraphs: Vec<String> = text.split("\n\n").map(|p| p.replace('\n', " ")).collect();
        *text = paragraphs.join("\n\n");
    }
    transform_subschemas(&mut unwrap_lines, schema);
}

/// Writes members in an order of their own, whichever order the JSON library keeps them in: first what
/// a reader looks for, the definitions last, and the rest by name.
struct Ordered<'a>(&'a Value);

fn rank(key: &str) -> usize {
    const FIRST: [&str; 8] = [
        "$schema",
        "$id",
        "title",
        "description",
        "x-event-type",
        "type",
        "properties",
        "required",
    ];
    let place = FIRST.iter().position(|first| *first == key);
    place.unwrap_or(FIRST.len() + usize::from(key == "$defs"))
}

impl Serialize for Ordered<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.0 {
            Value::Object(object) => {
                let mut members: Vec<_> = object.iter().collect();
                members.sort_by_key(|(key, _)| (rank(key), *key));
                let mut map = serializer.serialize_map(Some(members.len()))?;
                for (key, value) in members {
                    map.serialize_entry(key, &Self(value))?;
                }
                map.end()
            }
            Value::Array(items) => serializer.collect_seq(items.iter().map(Self)),
            plain => plain.serialize(serializer),
        }
    }
}

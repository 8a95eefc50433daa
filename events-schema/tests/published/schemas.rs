//! The schemas on disk, against the examples and against the types.

use std::collections::BTreeSet;

use events_schema::{CommandName, EVENT_TYPES, QueryName, Rejection};
use jsonschema::Validator;
use serde_json::{Value, json};

use crate::files;

fn validator(schema: &str) -> Validator {
    let schema = files::json(&format!("schemas/{schema}.json"));
    jsonschema::draft202012::meta::validate(&schema).unwrap();
    jsonschema::draft202012::options()
        .should_validate_formats(true)
        .build(&schema)
        .unwrap()
}

fn assert_valid(validator: &Validator, instance: &Value, name: &str) {
    let errors: Vec<String> = validator
        .iter_errors(instance)
        .map(|error| format!("{}: {error}", error.instance_path()))
        .collect();
    assert!(errors.is_empty(), "{name}: {errors:#?}");
}

#[test]
fn each_command_is_valid() {
    for &name in CommandName::ALL {
        let body = files::json(&format!("examples/commands/{name}.json"));
        assert_valid(
            &validator(&format!("commands/{name}")),
            &body,
            name.as_str(),
        );
    }
}

#[test]
fn a_command_with_an_unknown_field_at_any_level_is_invalid() {
    for &name in CommandName::ALL {
        let validator = validator(&format!("commands/{name}"));
        let body = files::json(&format!("examples/commands/{name}.json"));
        let mut objects = Vec::new();
        pointers_of_objects(&body, String::new(), &mut objects);
        for pointer in objects {
            let mut changed = body.clone();
            let object = changed.pointer_mut(&pointer).unwrap();
            // No identifier, digest or field has this form.
            object["not a field"] = json!(1);
            assert!(!validator.is_valid(&changed), "{name}{pointer}");
        }
    }
}

fn pointers_of_objects(value: &Value, here: String, found: &mut Vec<String>) {
    match value {
        Value::Object(object) => {
            for (key, value) in object {
                pointers_of_objects(value, format!("{here}/{key}"), found);
            }
            found.push(here);
        }
        Value::Array(items) => {
            for (index, value) in items.iter().enumerate() {
                pointers_of_objects(value, format!("{here}/{index}"), found);
            }
        }
        _ => {}
    }
}

#[test]
fn each_event_is_valid_and_so_is_one_with_more_fields_or_without_its_personal_part() {
    let header = validator("Header");
    for name in files::names("examples/events") {
        let example = files::json(&format!("examples/events/{name}.json"));
        assert_valid(&header, &example["header"], &name);
        let schema = files::json(&format!("schemas/events/{name}.json"));
        assert_eq!(schema["x-event-type"], example["header"]["type"]);
        let data = validator(&format!("events/{name}"));
        assert_valid(&data, &example["data"], &name);
        let mut newer = example["data"].clone();
        newer["facts"]["since_v9"] = json!(1);
        assert_valid(&data, &newer, &name);
        let erased = json!({"facts": example["data"]["facts"]});
        assert_valid(&data, &erased, &name);
    }
}

#[test]
fn each_query_and_each_answer_is_valid() {
    for &name in QueryName::ALL {
        for folder in ["queries", "answers"] {
            let example = files::json(&format!("examples/{folder}/{name}.json"));
            let validator = validator(&format!("{folder}/{name}"));
            assert_valid(&validator, &example, name.as_str());
            let mut more = example;
            more["not a field"] = json!(1);
            assert_eq!(validator.is_valid(&more), folder == "answers", "{name}");
        }
    }
    let told = files::json("examples/Notification.json");
    assert_valid(&validator("Notification"), &told, "Notification");
}

#[test]
fn each_refusal_is_valid() {
    let [problem, rejection] = ["answers/Problem", "rejections/Rejection"].map(validator);
    for &code in Rejection::CODES {
        let example = files::json(&format!("examples/rejections/{code}.json"));
        assert_valid(&problem, &example, code);
        assert_valid(&rejection, &example["facts"], code);
    }
}

#[test]
fn the_schema_of_rejections_knows_every_code() {
    let schema = files::json("schemas/rejections/Rejection.json");
    let codes = schema["oneOf"].as_array().unwrap().iter();
    let codes: Vec<&str> = codes
        .map(|variant| variant["properties"]["code"]["const"].as_str().unwrap())
        .collect();
    assert_eq!(codes, Rejection::CODES);
}

#[test]
fn the_schemas_are_those_of_the_commands_and_events_and_no_others() {
    let commands: BTreeSet<String> = CommandName::ALL.iter().map(ToString::to_string).collect();
    assert_eq!(files::names("schemas/commands"), commands);
    assert_eq!(
        files::names("schemas/events"),
        files::names("examples/events")
    );
    assert_eq!(files::names("schemas/events").len(), EVENT_TYPES.len());
}

#[cfg(feature = "schema")]
#[test]
fn the_schemas_on_disk_are_what_the_types_say() {
    let checked = std::process::Command::new(env!("CARGO_BIN_EXE_write-schemas"))
        .arg("--check")
        .output()
        .unwrap();
    assert!(
        checked.status.success(),
        "{}",
        String::from_utf8_lossy(&checked.stderr)
    );
}

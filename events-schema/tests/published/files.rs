//! The published files.

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

use serde_json::Value;

/// A path within this crate.
pub(crate) fn path(below: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(below)
}

pub(crate) fn text(below: &str) -> String {
    fs::read_to_string(path(below)).unwrap_or_else(|error| panic!("{below}: {error}"))
}

pub(crate) fn json(below: &str) -> Value {
    serde_json::from_str(&text(below)).unwrap_or_else(|error| panic!("{below}: {error}"))
}

/// The names of the JSON files of a folder, without their ending.
pub(crate) fn names(folder: &str) -> BTreeSet<String> {
    let entries = fs::read_dir(path(folder)).unwrap_or_else(|error| panic!("{folder}: {error}"));
    entries
        .map(|entry| {
            let name = entry.unwrap().file_name().into_string().unwrap();
            let stem = name.strip_suffix(".json");
            stem.unwrap_or_else(|| panic!("{folder}/{name} is no JSON file"))
                .to_owned()
        })
        .collect()
}

/// The JSON text without the blanks between its tokens: what `jq -c` prints.
pub(crate) fn compact(json: &str) -> String {
    let mut in_string = false;
    let mut escaped = false;
    json.chars()
        .filter(|c| {
            if in_string {
                in_string = escaped || *c != '"';
                escaped = !escaped && *c == '\\';
                return true;
            }
            in_string = *c == '"';
            !c.is_ascii_whitespace()
        })
        .collect()
}

#[test]
fn compact_json_keeps_the_blanks_within_strings() {
    assert_eq!(
        compact("{ \"a \\\" b\\\\\" :\n [1, \" \"] }"),
        "{\"a \\\" b\\\\\":[1,\" \"]}"
    );
}

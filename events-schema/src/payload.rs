//! The payload of an event: `{"facts": {...}, "personal": {...}}`.
//!
//! Personal text passes in and out here and nowhere else, so that it can later be sealed per account
//! and erased without a change of format.

use serde::{Deserialize, Serialize, de::DeserializeOwned};
use serde_json::{Value, value::RawValue};

use crate::FreeText;

/// The personal part of a payload, as the JSON text that is stored. Nothing in the rules can look
/// inside.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Personal(Option<Box<str>>);

/// How a payload is written.
const FACTS: &[u8] = b"{\"facts\":";

/// Why stored bytes are no payload of their type.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidPayload {
    /// The type is not one that this version knows.
    #[error("the event type `{0}` is unknown to this version")]
    UnknownType(String),
    /// The bytes do not have the form of the type.
    #[error("the payload of `{event_type}` does not read: {problem}")]
    Form {
        /// The type.
        event_type: String,
        /// What is wrong.
        problem: String,
    },
}

impl Personal {
    /// Nothing personal.
    pub const fn none() -> Self {
        Self(None)
    }

    /// The text of this value; nothing when all of it is absent.
    ///
    /// # Panics
    /// Never for the text types of this crate, which have string keys throughout.
    #[expect(clippy::expect_used, reason = "maps with string keys always serialise")]
    pub fn of(text: &impl Serialize) -> Self {
        let json = serde_json::to_string(text).expect("text types serialise");
        Self((json != "{}").then(|| json.into()))
    }

    /// The JSON text, if there is any.
    pub fn as_json(&self) -> Option<&str> {
        self.0.as_deref()
    }
}

/// The bytes to be stored and hashed.
///
/// # Panics
/// Never for the types of this crate, which have string keys throughout.
#[expect(clippy::expect_used, reason = "maps with string keys always serialise")]
pub fn write_payload(facts: &impl Serialize, personal: &Personal) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(1024);
    bytes.extend_from_slice(FACTS);
    serde_json::to_writer(&mut bytes, facts).expect("facts serialise into memory");
    if let Some(json) = personal.as_json() {
        bytes.extend_from_slice(b",\"personal\":");
        bytes.extend_from_slice(json.as_bytes());
    }
    bytes.push(b'}');
    bytes
}

/// The facts of a stored payload. Unknown fields are passed over: a newer writer may add some. What comes behind the
/// facts is not looked at: nothing that folds events reads it, and it may be long.
pub fn read_facts<Facts: DeserializeOwned>(
    event_type: &str,
    data: &[u8],
) -> Result<Facts, InvalidPayload> {
    #[derive(Deserialize)]
    struct Payload<Facts> {
        facts: Facts,
    }
    match data.strip_prefix(FACTS) {
        Some(facts) => Facts::deserialize(&mut serde_json::Deserializer::from_slice(facts)),
        None => serde_json::from_slice(data).map(|Payload { facts }| facts),
    }
    .map_err(|error| InvalidPayload::Form {
        event_type: event_type.to_owned(),
        problem: error.to_string(),
    })
}

/// The personal part of a stored payload, if it has one.
pub fn read_personal(event_type: &str, data: &[u8]) -> Result<Personal, InvalidPayload> {
    #[derive(Deserialize)]
    struct Payload<'a> {
        #[serde(borrow, default)]
        personal: Option<&'a RawValue>,
    }
    serde_json::from_slice(data)
        .map(|Payload { personal }| Personal(personal.map(|json| json.get().into())))
        .map_err(|error| InvalidPayload::Form {
            event_type: event_type.to_owned(),
            problem: error.to_string(),
        })
}

/// What the party may read of a personal part of this type. What does not read as one is not shown.
pub(crate) fn for_the_party<T: FreeText>(personal: &Personal) -> Option<Value> {
    let text: T = serde_json::from_str(personal.as_json()?).ok()?;
    let shown = serde_json::to_value(text.for_the_party()).ok()?;
    shown
        .as_object()
        .is_some_and(|shown| !shown.is_empty())
        .then_some(shown)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn personal_text_is_stored_beside_the_facts_and_read_apart() {
        let personal = Personal(Some(r#"{"reason":"为什么"}"#.into()));
        let data = write_payload(&serde_json::json!({"case": "C1"}), &personal);
        assert_eq!(
            String::from_utf8(data.clone()).unwrap(),
            r#"{"facts":{"case":"C1"},"personal":{"reason":"为什么"}}"#
        );
        let facts: serde_json::Value = read_facts("t", &data).unwrap();
        assert_eq!(facts, serde_json::json!({"case": "C1"}));
        assert_eq!(read_personal("t", &data).unwrap(), personal);
    }
}

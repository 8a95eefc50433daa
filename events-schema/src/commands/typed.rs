//! From the content of a body to the fields of a command: an object is an object, and nothing is left over.
//!
//! Reading from the content and not from the bytes again costs less, and a list is never taken for an object whose
//! fields it would name by their order: one command would have two forms, and two hashes.

use serde::{
    Deserializer,
    de::{
        self, IntoDeserializer, Visitor,
        value::{MapAccessDeserializer, MapDeserializer, SeqDeserializer},
    },
    forward_to_deserialize_any,
};

use super::{Malformed, content::Content};
use crate::written::WRITTEN_BY_OTHERS;

/// Reads a typed body. The place of a fault is worked out in a second pass, which good input never
/// pays for.
pub(super) fn typed<T: de::DeserializeOwned>(body: &Content<'_>) -> Result<T, Malformed> {
    let mut unknown = None;
    let read = serde_ignored::deserialize(body, |path| {
        unknown.get_or_insert_with(|| place(&path));
    });
    match (read, unknown) {
        (Ok(value), None) => Ok(value),
        (Ok(_), Some(path)) => Err(Malformed::new(
            path,
            "is unknown; nothing a command says is ignored, so take it out or correct its name",
        )),
        (Err(_), _) => match serde_path_to_error::deserialize::<_, T>(body) {
            // Only a reader that is not deterministic could get here.
            Ok(value) => Ok(value),
            Err(error) => Err(Malformed::new(error.path().to_string(), error.inner())),
        },
    }
}

/// A place as the other faults name theirs: `facts.evidence[2].sha256`.
fn place(path: &serde_ignored::Path<'_>) -> String {
    use serde_ignored::Path;

    match path {
        Path::Root => String::new(),
        Path::Seq { parent, index } => format!("{}[{index}]", place(parent)),
        Path::Map { parent, key } => match place(parent) {
            parent if parent.is_empty() => key.clone(),
            parent => format!("{parent}.{key}"),
        },
        Path::Some { parent }
        | Path::NewtypeStruct { parent }
        | Path::NewtypeVariant { parent } => place(parent),
    }
}

type Fault = serde_json::Error;

impl<'de> IntoDeserializer<'de, Fault> for &'de Content<'_> {
    type Deserializer = Self;

    fn into_deserializer(self) -> Self {
        self
    }
}

impl<'de> Deserializer<'de> for &'de Content<'_> {
    type Error = Fault;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        match self {
            Content::Bool(value) => visitor.visit_bool(*value),
            Content::Number(value) => match u64::try_from(*value) {
                Ok(value) => visitor.visit_u64(value),
                Err(_) => visitor.visit_i64(*value),
            },
            Content::Text(text) => visitor.visit_borrowed_str(text),
            Content::List(items) => visitor.visit_seq(SeqDeserializer::new(items.iter())),
            Content::Map(members) => {
                let members = members.iter().map(|(key, value)| (key.as_ref(), value));
                visitor.visit_map(MapDeserializer::new(members))
            }
        }
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        visitor.visit_some(self)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        visitor: V,
    ) -> Result<V::Value, Fault> {
        if let Content::Text(text) = self
            && name == WRITTEN_BY_OTHERS
        {
            return visitor.visit_borrowed_str(text);
        }
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Fault> {
        match self {
            Content::Map(_) => self.deserialize_any(visitor),
            Content::Bool(_) | Content::Number(_) | Content::Text(_) | Content::List(_) => {
                let problem = format_args!("is {}, and an object is expected", self.kind());
                Err(de::Error::custom(problem))
            }
        }
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Fault> {
        match self {
            Content::Text(text) => visitor.visit_enum(text.as_ref().into_deserializer()),
            Content::Map(members) => {
                let members = members.iter().map(|(key, value)| (key.as_ref(), value));
                visitor.visit_enum(MapAccessDeserializer::new(MapDeserializer::new(members)))
            }
            Content::Bool(_) | Content::Number(_) | Content::List(_) => {
                let problem = format_args!("is {}, and a word is expected", self.kind());
                Err(de::Error::custom(problem))
            }
        }
    }

    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        visitor.visit_unit()
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf unit unit_struct seq tuple
        tuple_struct map identifier
    }
}

//! The content of a command's body, for its hash: read strictly, and written in the form of RFC 8785.
//!
//! Every command is read and hashed this way before anything else is known of it. The general canonicaliser took
//! half of the time that reading a command takes; a body has no fractions and few keys, and a test compares what
//! is written here with what that library writes.

use std::{borrow::Cow, cell::RefCell, cmp::Ordering, fmt};

use serde::{
    Deserialize, Deserializer,
    de::{self, DeserializeSeed, Error as _},
};

use super::Malformed;

/// The largest whole number that RFC 8785 keeps apart from its neighbours. Beyond it two commands of
/// different content would have one hash, and the second would be taken for a repeat of the first.
const NUMBER_MAX: u64 = (1 << 53) - 1;

/// A JSON value without null, fractions and duplicate keys at any depth.
#[derive(Debug)]
pub(super) enum Content<'a> {
    Bool(bool),
    Number(i64),
    Text(Cow<'a, str>),
    List(Vec<Content<'a>>),
    /// In the order of RFC 8785.
    Map(Vec<(Cow<'a, str>, Content<'a>)>),
}

/// Reads a body. The place of a fault is put together on the way out of it, so that a fault costs no more than none: many
/// send bodies, and one thread reads them.
pub(super) fn content(body: &[u8]) -> Result<Content<'_>, Malformed> {
    let way_out = WayOut::default();
    let mut deserializer = serde_json::Deserializer::from_slice(body);
    let content = Reading(&way_out)
        .deserialize(&mut deserializer)
        .map_err(|error| Malformed::new(way_out.place(), error))?;
    deserializer
        .end()
        .map_err(|error| Malformed::new(".", error))?;
    Ok(content)
}

impl Content<'_> {
    /// What it is, in words.
    pub(super) const fn kind(&self) -> &'static str {
        match self {
            Self::Bool(_) => "true or false",
            Self::Number(_) => "a number",
            Self::Text(_) => "a text",
            Self::List(_) => "a list",
            Self::Map(_) => "an object",
        }
    }

    /// Appends the form of RFC 8785.
    pub(super) fn write_canonical(&self, bytes: &mut Vec<u8>) {
        match self {
            Self::Bool(value) => bytes.extend_from_slice(if *value { b"true" } else { b"false" }),
            Self::Number(value) => write_json(bytes, value),
            Self::Text(text) => write_json(bytes, text),
            Self::List(items) => {
                bytes.push(b'[');
                for (index, item) in items.iter().enumerate() {
                    if index > 0 {
                        bytes.push(b',');
                    }
                    item.write_canonical(bytes);
                }
                bytes.push(b']');
            }
            Self::Map(members) => {
                bytes.push(b'{');
                for (index, (key, value)) in members.iter().enumerate() {
                    if index > 0 {
                        bytes.push(b',');
                    }
                    write_json(bytes, key);
                    bytes.push(b':');
                    value.write_canonical(bytes);
                }
                bytes.push(b'}');
            }
        }
    }
}

/// Whole numbers and texts are written by `serde_json` just as RFC 8785 asks.
#[expect(
    clippy::expect_used,
    reason = "numbers and texts always serialise into memory"
)]
fn write_json(bytes: &mut Vec<u8>, value: &impl serde::Serialize) {
    serde_json::to_writer(bytes, value).expect("numbers and texts serialise");
}

/// RFC 8785 orders keys by their UTF-16 code units, which for ASCII is the order of the bytes.
fn in_order(a: &str, b: &str) -> Ordering {
    if a.is_ascii() && b.is_ascii() {
        a.cmp(b)
    } else {
        a.encode_utf16().cmp(b.encode_utf16())
    }
}

/// The steps that led to a fault, the last one first.
#[derive(Default)]
struct WayOut(RefCell<Vec<Step>>);

enum Step {
    Key(String),
    Index(usize),
}

impl WayOut {
    fn note(&self, step: Step) {
        self.0.borrow_mut().push(step);
    }

    /// Where the fault is, as `facts.evidence[2].sha256`.
    fn place(&self) -> String {
        let mut place = String::new();
        for step in self.0.borrow().iter().rev() {
            match step {
                Step::Key(key) if place.is_empty() => place.push_str(key),
                Step::Key(key) => {
                    place.push('.');
                    place.push_str(key);
                }
                Step::Index(index) => {
                    place.push('[');
                    place.push_str(&index.to_string());
                    place.push(']');
                }
            }
        }
        if place.is_empty() {
            place.push('.');
        }
        place
    }
}

/// Reads one value.
#[derive(Clone, Copy)]
struct Reading<'w>(&'w WayOut);

impl<'de> DeserializeSeed<'de> for Reading<'_> {
    type Value = Content<'de>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> de::Visitor<'de> for Reading<'_> {
    type Value = Content<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_bool<E>(self, value: bool) -> Result<Self::Value, E> {
        Ok(Content::Bool(value))
    }

    fn visit_u64<E: de::Error>(self, value: u64) -> Result<Self::Value, E> {
        match i64::try_from(value) {
            Ok(number) if value <= NUMBER_MAX => Ok(Content::Number(number)),
            Ok(_) | Err(_) => Err(E::custom(format_args!(
                "`{value}` is beyond {NUMBER_MAX}, the largest whole number of RFC 8785"
            ))),
        }
    }

    fn visit_i64<E: de::Error>(self, value: i64) -> Result<Self::Value, E> {
        // No field of any command is negative either, but its reader has the better words for it.
        if value.unsigned_abs() > NUMBER_MAX {
            return Err(E::custom(format_args!(
                "`{value}` is beyond -{NUMBER_MAX}, the least whole number of RFC 8785"
            )));
        }
        Ok(Content::Number(value))
    }

    fn visit_f64<E: de::Error>(self, value: f64) -> Result<Self::Value, E> {
        // No field of any command is a fraction; the hash never has to say how one is written.
        Err(E::custom(format_args!(
            "`{value}` is not a whole number; commands carry whole numbers only"
        )))
    }

    fn visit_borrowed_str<E>(self, value: &'de str) -> Result<Self::Value, E> {
        Ok(Content::Text(Cow::Borrowed(value)))
    }

    fn visit_str<E>(self, value: &str) -> Result<Self::Value, E> {
        Ok(Content::Text(Cow::Owned(value.to_owned())))
    }

    fn visit_unit<E: de::Error>(self) -> Result<Self::Value, E> {
        // Absent and null would mean the same and hash differently.
        Err(E::custom("null says nothing; leave the field out"))
    }

    fn visit_seq<A: de::SeqAccess<'de>>(self, mut access: A) -> Result<Self::Value, A::Error> {
        let mut items = Vec::new();
        loop {
            match access.next_element_seed(self) {
                Ok(Some(item)) => items.push(item),
                Ok(None) => return Ok(Content::List(items)),
                Err(fault) => {
                    self.0.note(Step::Index(items.len()));
                    return Err(fault);
                }
            }
        }
    }

    fn visit_map<A: de::MapAccess<'de>>(self, mut access: A) -> Result<Self::Value, A::Error> {
        let mut members: Vec<(Cow<'de, str>, Content<'de>)> = Vec::new();
        while let Some(Key(key)) = access.next_key()? {
            match access.next_value_seed(self) {
                Ok(value) => members.push((key, value)),
                Err(fault) => {
                    self.0.note(Step::Key(key.into_owned()));
                    return Err(fault);
                }
            }
        }
        members.sort_by(|(a, _), (b, _)| in_order(a, b));
        if let Some((key, _)) = twice(&members) {
            return Err(A::Error::custom(format_args!(
                "the key `{key}` occurs twice"
            )));
        }
        Ok(Content::Map(members))
    }
}

fn twice<'m, 'a>(
    members: &'m [(Cow<'a, str>, Content<'a>)],
) -> Option<&'m (Cow<'a, str>, Content<'a>)> {
    let pairs = members.iter().zip(members.iter().skip(1));
    pairs
        .filter(|(first, second)| first.0 == second.0)
        .map(|(first, _)| first)
        .next()
}

/// A key, borrowed where nothing in it is escaped.
struct Key<'a>(Cow<'a, str>);

impl<'de: 'a, 'a> Deserialize<'de> for Key<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct KeyVisitor;

        impl<'de> de::Visitor<'de> for KeyVisitor {
            type Value = Key<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a key")
            }

            fn visit_borrowed_str<E>(self, key: &'de str) -> Result<Self::Value, E> {
                Ok(Key(Cow::Borrowed(key)))
            }

            fn visit_str<E>(self, key: &str) -> Result<Self::Value, E> {
                Ok(Key(Cow::Owned(key.to_owned())))
            }
        }

        deserializer.deserialize_str(KeyVisitor)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_what_a_jcs_library_writes() {
        for body in [
            r"{}",
            r#" { "b" : [ 1 , -2, true, false, "x" , [], {} ] , "a" : { "z" : 9007199254740991, "y": 0 } } "#,
            r#"{"aa":1,"a":2,"B":3,"é":4,"\u0041":5,"\ud83d\ude00":6,"ﬁ":7,"€":8,"":9}"#,
            r#"{"text":"tab\t line\n \"quoted\" back\\slash \/ \b \f \r \u0001 \u001f \u007f \u2028 为什么 😀"}"#,
        ] {
            let value: serde_json::Value = serde_json::from_str(body).unwrap();
            let mut bytes = Vec::new();
            content(body.as_bytes())
                .unwrap()
                .write_canonical(&mut bytes);
            let canonical = serde_json_canonicalizer::to_vec(&value).unwrap();
            assert_eq!(String::from_utf8(bytes), String::from_utf8(canonical));
        }
    }

    #[test]
    fn a_fault_is_named_with_its_place() {
        for (body, path, problem) in [
            (
                r#"{"a":{"b":[1,{"c":1,"d":2,"c":3}]}}"#,
                "a.b[1]",
                "the key `c` occurs twice",
            ),
            (r#"{"a":[null]}"#, "a[0]", "null says nothing"),
            (r#"{"a":1.5}"#, "a", "`1.5` is not a whole number"),
            (r#"{"a":9007199254740992}"#, "a", "beyond 9007199254740991"),
            (r#"{"a":1} x"#, ".", "trailing characters"),
            (r#"{"a":"#, "a", "EOF"),
        ] {
            let fault = content(body.as_bytes()).unwrap_err();
            assert!(fault.problem.contains(problem), "{body}: {fault}");
            assert_eq!(fault.path, path, "{body}: {fault}");
        }
    }
}

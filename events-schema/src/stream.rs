//! Streams: the things that have a history of their own.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use crate::{AccountId, CalendarId, CaseId};

/// A thing with a history of its own: the subject of an event.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Stream {
    /// One matter found on one account: `case/C1`.
    Case(CaseId),
    /// An account, for what belongs to no case: `account/dev7`.
    Account(AccountId),
    /// The rulebook: `rulebook`.
    Rulebook,
    /// A calendar: `calendar/cn`.
    Calendar(CalendarId),
    /// The log itself: `log`.
    Log,
}

/// Why a text names no stream.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{found}` names no stream: use case/ID, account/ID, calendar/ID, rulebook or log")]
pub struct InvalidStream {
    found: String,
}

impl fmt::Display for Stream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Case(id) => write!(f, "case/{id}"),
            Self::Account(id) => write!(f, "account/{id}"),
            Self::Rulebook => f.write_str("rulebook"),
            Self::Calendar(id) => write!(f, "calendar/{id}"),
            Self::Log => f.write_str("log"),
        }
    }
}

impl fmt::Debug for Stream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for Stream {
    type Err = InvalidStream;

    fn from_str(text: &str) -> Result<Self, InvalidStream> {
        let read = || match text.split_once('/') {
            Some(("case", id)) => id.parse().ok().map(Self::Case),
            Some(("account", id)) => id.parse().ok().map(Self::Account),
            Some(("calendar", id)) => id.parse().ok().map(Self::Calendar),
            None if text == "rulebook" => Some(Self::Rulebook),
            None if text == "log" => Some(Self::Log),
            Some(_) | None => None,
        };
        read().ok_or_else(|| InvalidStream {
            found: text.chars().take(80).collect(),
        })
    }
}

impl Serialize for Stream {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Stream {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct StreamVisitor;

        impl de::Visitor<'_> for StreamVisitor {
            type Value = Stream;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a stream such as case/C1")
            }

            fn visit_str<E: de::Error>(self, text: &str) -> Result<Stream, E> {
                text.parse().map_err(E::custom)
            }
        }

        deserializer.deserialize_str(StreamVisitor)
    }
}

#[cfg(feature = "schema")]
impl schemars::JsonSchema for Stream {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Stream".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({
            "type": "string",
            "pattern": "^((case|account|calendar)/[A-Za-z0-9_-]{1,64}|rulebook|log)$",
            "description": "A thing with a history of its own.",
        })
    }
}

//! Texts: labels that rules may compare, and free text that only people read.

use std::{fmt, str::FromStr};

use compact_str::CompactString;
use serde::{Deserialize, Deserializer, Serialize, de};

/// The longest label, in characters.
pub const LABEL_LENGTH_MAX: usize = 300;
/// The longest free text, in characters.
pub const TEXT_LENGTH_MAX: usize = 4_000;

/// A short text that rules and reports compare: a clause, a place, a capability. One line, no
/// blanks at its ends, 1 to 300 characters; never about a person.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct Label(CompactString);

/// Free text by a person or about one; kept in the `personal` part only. 1 to 4,000 characters.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct Text(String);

/// Why a text is too long, empty or not on one line.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidText {
    /// Nothing but blanks.
    #[error("the text is empty")]
    Empty,
    /// More characters than allowed.
    #[error("the text has {length} characters, at most {length_max} are allowed")]
    TooLong {
        /// Characters found.
        length: usize,
        /// Characters allowed.
        length_max: usize,
    },
    /// A label with a line break, another control character, or blanks at its ends.
    #[error("a label is one line without control characters or blanks at its ends")]
    NotALabel,
}

fn check_length(text: &str, length_max: usize) -> Result<(), InvalidText> {
    if text.trim().is_empty() {
        return Err(InvalidText::Empty);
    }
    // A character has at least one byte, so most texts need no count.
    if text.len() > length_max {
        let length = text.chars().count();
        if length > length_max {
            return Err(InvalidText::TooLong { length, length_max });
        }
    }
    Ok(())
}

impl Label {
    /// The label as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Text {
    /// The text itself.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Label {
    type Err = InvalidText;

    fn from_str(text: &str) -> Result<Self, InvalidText> {
        check_length(text, LABEL_LENGTH_MAX)?;
        if text.trim() != text || text.chars().any(char::is_control) {
            return Err(InvalidText::NotALabel);
        }
        Ok(Self(CompactString::new(text)))
    }
}

impl FromStr for Text {
    type Err = InvalidText;

    fn from_str(text: &str) -> Result<Self, InvalidText> {
        check_length(text, TEXT_LENGTH_MAX)?;
        Ok(Self(text.to_owned()))
    }
}

macro_rules! text {
    ($name:ident, $expecting:literal, $length_max:expr, $description:literal) => {
        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Debug::fmt(&self.0, f)
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                struct TextVisitor;

                impl de::Visitor<'_> for TextVisitor {
                    type Value = $name;

                    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                        f.write_str($expecting)
                    }

                    fn visit_str<E: de::Error>(self, text: &str) -> Result<$name, E> {
                        text.parse().map_err(E::custom)
                    }
                }

                deserializer.deserialize_str(TextVisitor)
            }
        }

        #[cfg(feature = "schema")]
        impl schemars::JsonSchema for $name {
            fn schema_name() -> std::borrow::Cow<'static, str> {
                stringify!($name).into()
            }

            fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
                schemars::json_schema!({
                    "type": "string",
                    "minLength": 1,
                    "maxLength": $length_max,
                    "description": $description,
                })
            }
        }
    };
}

text!(
    Label,
    "a label (one line, 1 to 300 characters)",
    LABEL_LENGTH_MAX,
    "A short text that rules and reports compare; one line, never about a person."
);
text!(
    Text,
    "a text (1 to 4,000 characters)",
    TEXT_LENGTH_MAX,
    "Free text by a person or about one."
);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_label_is_one_line() {
        assert!("login / callback".parse::<Label>().is_ok());
        assert_eq!("a\nb".parse::<Label>(), Err(InvalidText::NotALabel));
        assert_eq!(" a".parse::<Label>(), Err(InvalidText::NotALabel));
        assert_eq!(" ".parse::<Label>(), Err(InvalidText::Empty));
    }

    #[test]
    fn length_counts_characters_and_not_bytes() {
        assert!("改".repeat(TEXT_LENGTH_MAX).parse::<Text>().is_ok());
        assert!("改".repeat(TEXT_LENGTH_MAX + 1).parse::<Text>().is_err());
    }
}

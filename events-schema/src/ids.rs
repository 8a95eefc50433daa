//! Identifiers: opaque, chosen by whoever creates the thing, never re-used, and safe to keep after
//! an erasure because they say nothing about a person.

use std::{fmt, str::FromStr};

use compact_str::CompactString;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

/// The longest identifier that a command may carry, in characters.
pub const ID_LENGTH_MAX: usize = 64;

/// Why a text is no identifier.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{found}` is no identifier: use 1 to {ID_LENGTH_MAX} of A-Z a-z 0-9 _ -{also}")]
pub struct InvalidId {
    found: String,
    also: &'static str,
}

/// Identifiers are tokens of NATS subjects, so neither `.` nor `*`, `>` or blanks may occur.
fn check(text: &str) -> Result<(), InvalidId> {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-';
    if (1..=ID_LENGTH_MAX).contains(&text.len()) && text.bytes().all(allowed) {
        Ok(())
    } else {
        Err(InvalidId {
            found: text.chars().take(80).collect(),
            also: "",
        })
    }
}

/// In the subjects of events `-` stands for no account, so no account may be called so, nor by what reads like it.
fn check_account(text: &str) -> Result<(), InvalidId> {
    check(text)?;
    if text.bytes().any(|byte| byte.is_ascii_alphanumeric()) {
        Ok(())
    } else {
        Err(InvalidId {
            found: text.to_owned(),
            also: ", at least one of them a letter or a digit",
        })
    }
}

macro_rules! id {
    ($name:ident, $doc:literal) => {
        id!($name, $doc, check);
    };
    ($name:ident, $doc:literal, $check:ident) => {
        #[doc = $doc]
        #[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(CompactString);

        impl $name {
            /// The identifier as text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl FromStr for $name {
            type Err = InvalidId;

            fn from_str(text: &str) -> Result<Self, InvalidId> {
                $check(text)?;
                Ok(Self(CompactString::new(text)))
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(&self.0)
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                deserializer.deserialize_str(IdVisitor($check)).map(Self)
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
                    "pattern": "^[A-Za-z0-9_-]{1,64}$",
                    "description": $doc,
                })
            }
        }
    };
}

struct IdVisitor(fn(&str) -> Result<(), InvalidId>);

impl de::Visitor<'_> for IdVisitor {
    type Value = CompactString;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "an identifier (1 to {ID_LENGTH_MAX} of A-Z a-z 0-9 _ -)")
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<CompactString, E> {
        self.0(text).map_err(E::custom)?;
        Ok(CompactString::new(text))
    }
}

id!(
    AccountId,
    "The sanctioned party: a developer's account on the platform. A letter or a digit is among its characters.",
    check_account
);
id!(
    EntityId,
    "The legal entity that an account belongs to; ladders may count here."
);
id!(CaseId, "One matter found on one account.");
id!(NoticeId, "A warning or a penalty within a case.");
id!(AppealId, "An appeal against a notice.");
id!(FindingId, "What is wrong and where, within a notice.");
id!(
    StepId,
    "One thing that the rectification guide asks for, within a notice."
);
id!(
    MeasureId,
    "One restriction of one capability, within a case."
);
id!(
    CapabilityId,
    "A capability by its name on the platform: `login`, `search`, `payment`."
);
id!(GroundId, "One argument of an appeal.");
id!(
    DeadlineId,
    "A time by which something must have happened, within a case."
);
id!(
    PrincipalId,
    "Whoever sends commands: a service, a reviewer, or for a party its account."
);
id!(CalendarId, "A calendar of working days.");
id!(RulebookVersion, "A version of the rulebook.");
id!(
    HoldId,
    "What holds the service still: the position of its event and a random number, since positions are given again after a rollback."
);
id!(
    CorrelationId,
    "What ties the commands and events of one business exchange together, chosen by the caller."
);

/// The identity of a command within its stream, for ever: sent again with the same content it is
/// answered with the first result, sent with other content it is refused.
///
/// Callers use 1 to 64 of `A-Z a-z 0-9 _ -`. The service's own commands contain a `:`, which no
/// caller may use, so that nobody can take the place of a deadline.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct CommandId(CompactString);

impl CommandId {
    /// The identity of an internal command: `reach:D3`, `revise:D3:cn:4`.
    pub fn internal(purpose: &str, what: impl fmt::Display) -> Self {
        Self(compact_str::format_compact!("{purpose}:{what}"))
    }

    /// The identity as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Reads an identity back from the log, where internal ones occur too.
    pub(crate) fn recorded(text: &str) -> Self {
        Self(CompactString::new(text))
    }
}

impl fmt::Display for CommandId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for CommandId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for CommandId {
    type Err = InvalidId;

    fn from_str(text: &str) -> Result<Self, InvalidId> {
        check(text)?;
        Ok(Self(CompactString::new(text)))
    }
}

impl<'de> Deserialize<'de> for CommandId {
    /// Reads what was recorded, internal ids included. Callers' ids come in by [`FromStr`].
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        CompactString::deserialize(deserializer).map(Self)
    }
}

#[cfg(feature = "schema")]
impl schemars::JsonSchema for CommandId {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "CommandId".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({
            "type": "string",
            "pattern": "^[A-Za-z0-9_:-]+$",
            "description": "The identity of a command within its stream; a `:` marks the service's own.",
        })
    }
}

impl NoticeId {
    /// The id of the penalty that follows when the warning of this id lapses.
    ///
    /// Derived, so that the same history always makes the same penalty. Two warnings of one case
    /// whose ids share their first 62 characters would collide; issuing the second is refused.
    #[must_use]
    pub fn of_lapse(&self) -> Self {
        let stem: CompactString = self.0.chars().take(ID_LENGTH_MAX - 2).collect();
        Self(compact_str::format_compact!("{stem}-P"))
    }
}

impl MeasureId {
    /// The id of the milder measure that replaces the one of this id at this step of a ladder.
    #[must_use]
    pub fn of_step(&self, step: u32) -> Self {
        let suffix = compact_str::format_compact!("-S{step}");
        let stem: CompactString = self.0.chars().take(ID_LENGTH_MAX - suffix.len()).collect();
        Self(compact_str::format_compact!("{stem}{suffix}"))
    }
}

impl DeadlineId {
    /// The n-th deadline that a case ever had, counted from 1.
    pub fn nth(n: u32) -> Self {
        Self(compact_str::format_compact!("D{n}"))
    }
}

impl HoldId {
    /// The id of the hold whose event is at a position, told by a random number from all that was ever at it.
    pub fn at(position: u64, random: u32) -> Self {
        Self(compact_str::format_compact!("{position}-{random:08x}"))
    }
}

impl From<&AccountId> for PrincipalId {
    /// A party's principal is its account.
    fn from(account: &AccountId) -> Self {
        Self(account.0.clone())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_identifier_is_a_token_of_a_subject() {
        for good in ["A", "a-b_9", &"x".repeat(64)] {
            assert_eq!(good.parse::<CaseId>().unwrap().as_str(), good);
        }
        for bad in ["", "a.b", "a b", "*", "é", &"x".repeat(65)] {
            assert!(bad.parse::<CaseId>().is_err(), "{bad}");
        }
    }

    #[test]
    fn an_account_is_told_from_no_account() {
        for good in ["A", "-7", "a-"] {
            assert_eq!(good.parse::<AccountId>().unwrap().as_str(), good);
        }
        for bad in ["-", "_", "--_", ""] {
            assert!(bad.parse::<AccountId>().is_err(), "{bad}");
            assert!(serde_json::from_value::<AccountId>(bad.into()).is_err());
        }
        let refused = "-".parse::<AccountId>().unwrap_err().to_string();
        assert!(refused.ends_with("at least one of them a letter or a digit"));
    }

    #[test]
    fn no_caller_can_choose_the_id_of_an_internal_command() {
        let internal = CommandId::internal("reach", DeadlineId::nth(3));
        assert_eq!(internal.as_str(), "reach:D3");
        assert!(internal.as_str().parse::<CommandId>().is_err());
    }
}

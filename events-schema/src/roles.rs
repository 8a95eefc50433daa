//! Who acts: the role and the principal, bound by the subject that a command came in on.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use strum::{IntoStaticStr, VariantArray};

use crate::{AccountId, PrincipalId};

/// In which role somebody acts.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Serialize,
    Deserialize,
    IntoStaticStr,
    VariantArray,
)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum Role {
    /// A service of the platform that issues notices and records facts.
    Platform,
    /// The sanctioned party; its principal is its account.
    Party,
    /// A human who rules on appeals.
    Reviewer,
    /// Whoever runs Redress.
    Administrator,
    /// Reads everything, changes nothing.
    Auditor,
    /// Redress itself, when a deadline is reached. Nobody can send in this role.
    Service,
}

impl Role {
    /// Every role.
    pub const ALL: &'static [Self] = <Self as VariantArray>::VARIANTS;

    /// The token in subjects.
    pub fn as_str(self) -> &'static str {
        self.into()
    }

    /// The role of this token.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|role| role.as_str() == text)
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Somebody in a role, written `role:principal`.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Actor {
    /// The role.
    pub role: Role,
    /// Who.
    pub principal: PrincipalId,
}

/// Why a text names no actor.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{found}` names no actor: write ROLE:PRINCIPAL, such as party:dev7; the roles are platform, \
     party, reviewer, administrator, auditor"
)]
pub struct InvalidActor {
    found: String,
}

impl Actor {
    /// Whether it may see what belongs to an account: a party sees its own and no other, everybody else sees all.
    pub fn sees(&self, account: &AccountId) -> bool {
        self.role != Role::Party || PrincipalId::from(account) == self.principal
    }
}

impl fmt::Display for Actor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.role, self.principal)
    }
}

impl fmt::Debug for Actor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for Actor {
    type Err = InvalidActor;

    fn from_str(text: &str) -> Result<Self, InvalidActor> {
        let read = || {
            let (role, principal) = text.split_once(':')?;
            Some(Self {
                role: Role::parse(role)?,
                principal: principal.parse().ok()?,
            })
        };
        read().ok_or_else(|| InvalidActor {
            found: text.chars().take(80).collect(),
        })
    }
}

impl Serialize for Actor {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Actor {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct ActorVisitor;

        impl de::Visitor<'_> for ActorVisitor {
            type Value = Actor;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("ROLE:PRINCIPAL")
            }

            fn visit_str<E: de::Error>(self, text: &str) -> Result<Actor, E> {
                text.parse().map_err(E::custom)
            }
        }

        deserializer.deserialize_str(ActorVisitor)
    }
}

#[cfg(feature = "schema")]
impl schemars::JsonSchema for Actor {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Actor".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({
            "type": "string",
            "pattern": "^(platform|party|reviewer|administrator|auditor|service):[A-Za-z0-9_-]{1,64}$",
            "description": "Somebody in a role: `role:principal`.",
        })
    }
}

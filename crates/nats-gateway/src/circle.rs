//! Whose requests come in on which connection.

use events_schema::Role;

/// Whom a connection hears.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Circle {
    /// Parties, and whoever claims to be the service itself.
    Parties,
    /// Everybody else.
    Staff,
}

impl Circle {
    /// Whose requests come in there. Together they have every role once.
    pub(crate) fn roles(self) -> impl Iterator<Item = Role> {
        let of = |role| match role {
            Role::Party | Role::Service => Self::Parties,
            Role::Platform | Role::Reviewer | Role::Administrator | Role::Auditor => Self::Staff,
        };
        Role::ALL
            .iter()
            .copied()
            .filter(move |role| of(*role) == self)
    }

    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Parties => "parties",
            Self::Staff => "staff",
        }
    }
}

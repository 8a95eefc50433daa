//! What can be asked: the queries by name, and the body of each, with its own fields and no other.

use serde::{Deserialize, Serialize};
use strum::{IntoStaticStr, VariantArray};

use crate::{AccountId, Actor, CaseId, DeadlinePlace, Malformed, Role};

/// The name of a query, as it stands in subjects.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, IntoStaticStr, VariantArray)]
pub enum QueryName {
    /// A case.
    Case,
    /// An account at a glance.
    Account,
    /// The notification centre of an account.
    Inbox,
    /// Open deadlines.
    Deadlines,
    /// Events as they are stored.
    Events,
    /// What the service says of itself.
    Status,
}

/// A query with what it asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(
    missing_docs,
    reason = "each variant's documentation is that of its name"
)]
pub enum Query {
    Case(CaseQuery),
    Account(AccountQuery),
    Inbox(AccountQuery),
    Deadlines(DeadlinesQuery),
    Events(EventsQuery),
    Status(StatusQuery),
}

/// Which case to show. A party is shown its own.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct CaseQuery {
    /// The case.
    pub case: CaseId,
}

/// Which account to show, and which of its cases: the latest ones, or those before a case.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct AccountQuery {
    /// The account. A party asks for its own, and need not say so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account: Option<AccountId>,
    /// At most so many cases; 100 without it, and never more.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<u64>,
    /// Only cases that began before this one: what an earlier answer called `older`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub before: Option<CaseId>,
}

/// Which open deadlines to show, the soonest first. Not for parties.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct DeadlinesQuery {
    /// Those of this case only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub case: Option<CaseId>,
    /// Those behind this one: what an earlier answer called `later`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<DeadlinePlace>,
    /// At most so many; 100 without it, and never more than 1,000.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<u64>,
}

/// Which events to give out. For platform, administrator and auditors.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct EventsQuery {
    /// From this position on; 0 without it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<u64>,
    /// At most so many; 100 without it, and never more than fit into one answer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<u64>,
    /// Those of this case only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub case: Option<CaseId>,
}

/// Nothing is to be said with it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct StatusQuery {}

impl QueryName {
    /// Every query.
    pub const ALL: &'static [Self] = <Self as VariantArray>::VARIANTS;

    /// The name as text.
    pub fn as_str(self) -> &'static str {
        self.into()
    }

    /// The query of this name; names are compared to the letter.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|name| name.as_str() == text)
    }

    /// Whether it is about one account, so that a party is refused it for another account only.
    pub const fn is_about_an_account(self) -> bool {
        match self {
            Self::Account | Self::Inbox => true,
            Self::Case | Self::Deadlines | Self::Events | Self::Status => false,
        }
    }

    /// The fields that its body may have.
    const fn fields(self) -> &'static [&'static str] {
        match self {
            Self::Case => &["case"],
            Self::Account | Self::Inbox => &["account", "limit", "before"],
            Self::Deadlines => &["case", "after", "limit"],
            Self::Events => &["from", "limit", "case"],
            Self::Status => &[],
        }
    }
}

impl std::fmt::Display for QueryName {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

impl Query {
    /// Reads what somebody asks. A party that does not say of which account asks for its own.
    ///
    /// # Errors
    /// The first fault of the body: no object, a duplicate field, one that this query does not have, or one that is
    /// missing.
    pub fn read(name: QueryName, asker: &Actor, body: &[u8]) -> Result<Self, Malformed> {
        let asked = Asked::read(name, body)?;
        let missing = |field: &str| Malformed::new(field, "is missing");
        let of_account = |asked: Asked| {
            let own = (asker.role == Role::Party)
                .then(|| asker.principal.as_str().parse().ok())
                .flatten();
            let account = asked.account.or(own).ok_or_else(|| missing("account"))?;
            Ok(AccountQuery {
                account: Some(account),
                limit: asked.limit,
                before: asked.before,
            })
        };
        Ok(match name {
            QueryName::Case => Self::Case(CaseQuery {
                case: asked.case.ok_or_else(|| missing("case"))?,
            }),
            QueryName::Account => Self::Account(of_account(asked)?),
            QueryName::Inbox => Self::Inbox(of_account(asked)?),
            QueryName::Deadlines => Self::Deadlines(DeadlinesQuery {
                case: asked.case,
                after: asked.after,
                limit: asked.limit,
            }),
            QueryName::Events => Self::Events(EventsQuery {
                from: asked.from,
                limit: asked.limit,
                case: asked.case,
            }),
            QueryName::Status => Self::Status(StatusQuery {}),
        })
    }

    /// Its name.
    pub const fn name(&self) -> QueryName {
        match self {
            Self::Case(_) => QueryName::Case,
            Self::Account(_) => QueryName::Account,
            Self::Inbox(_) => QueryName::Inbox,
            Self::Deadlines(_) => QueryName::Deadlines,
            Self::Events(_) => QueryName::Events,
            Self::Status(_) => QueryName::Status,
        }
    }

    /// Its body, as it is sent.
    ///
    /// # Panics
    /// Never for these types, which have string keys throughout.
    #[expect(clippy::expect_used, reason = "maps with string keys always serialise")]
    pub fn body(&self) -> Vec<u8> {
        match self {
            Self::Case(query) => serde_json::to_vec(query),
            Self::Account(query) | Self::Inbox(query) => serde_json::to_vec(query),
            Self::Deadlines(query) => serde_json::to_vec(query),
            Self::Events(query) => serde_json::to_vec(query),
            Self::Status(query) => serde_json::to_vec(query),
        }
        .expect("queries serialise into memory")
    }
}

/// What the body of a query can say. Each query has some of it.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Asked {
    case: Option<CaseId>,
    account: Option<AccountId>,
    from: Option<u64>,
    limit: Option<u64>,
    before: Option<CaseId>,
    after: Option<DeadlinePlace>,
}

impl Asked {
    /// Reads the body of a query. A field that the query does not have is refused: whoever sends it expects less than it
    /// would be answered.
    fn read(name: QueryName, body: &[u8]) -> Result<Self, Malformed> {
        if body.is_empty() {
            return Ok(Self::default());
        }
        // A list would be read as the fields in their order.
        if !body.trim_ascii_start().starts_with(b"{") {
            return Err(Malformed::new(".", "an object is expected, or nothing"));
        }
        let asked: Self =
            serde_json::from_slice(body).map_err(|error| Malformed::new(".", error))?;
        let given = [
            ("case", asked.case.is_some()),
            ("account", asked.account.is_some()),
            ("from", asked.from.is_some()),
            ("limit", asked.limit.is_some()),
            ("before", asked.before.is_some()),
            ("after", asked.after.is_some()),
        ];
        let fields = name.fields();
        let foreign = given
            .into_iter()
            .find(|(field, is_given)| *is_given && !fields.contains(field));
        match foreign {
            None => Ok(asked),
            Some((field, _)) if fields.is_empty() => Err(Malformed::new(
                field,
                format_args!("{name} is asked without anything"),
            )),
            Some((field, _)) => Err(Malformed::new(
                field,
                format_args!("{name} is asked by {} only", fields.join(", ")),
            )),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(name: QueryName, asker: &str, body: &str) -> Result<Query, Malformed> {
        Query::read(name, &asker.parse().unwrap(), body.as_bytes())
    }

    #[test]
    fn a_query_is_asked_by_an_object_with_its_own_fields() {
        let events = |body: &str| read(QueryName::Events, "auditor:eve", body);
        let asked = events(" {\"from\": 3, \"account\": null}");
        let from_3 = EventsQuery {
            from: Some(3),
            ..EventsQuery::default()
        };
        assert_eq!(asked, Ok(Query::Events(from_3)));
        assert_eq!(events(""), Ok(Query::Events(EventsQuery::default())));
        for (body, place, says) in [
            ("[\"C1\", null, 3]", ".", "an object is expected"),
            ("\"C1\"", ".", "an object is expected"),
            (
                "{\"account\": \"dev7\"}",
                "account",
                "asked by from, limit, case only",
            ),
            ("{\"acount\": \"dev7\"}", ".", "unknown field `acount`"),
            ("{\"from\": 1, \"from\": 2}", ".", "duplicate field `from`"),
        ] {
            let Malformed { path, problem } = events(body).unwrap_err();
            assert_eq!(path, place, "{body}");
            assert!(problem.contains(says), "{body}: {problem}");
        }
        let of_nothing = read(QueryName::Status, "auditor:eve", "{\"case\": \"C1\"}").unwrap_err();
        assert!(of_nothing.problem.contains("asked without anything"));
    }

    #[test]
    fn a_party_asks_for_its_own_account_without_a_word_and_everybody_else_names_one() {
        let Ok(Query::Inbox(asked)) = read(QueryName::Inbox, "party:dev7", "") else {
            panic!("not read");
        };
        assert_eq!(asked.account, Some("dev7".parse().unwrap()));
        let nobodys = read(QueryName::Inbox, "auditor:eve", "").unwrap_err();
        assert_eq!(nobodys.path, "account");
    }

    #[test]
    fn a_body_is_written_as_it_is_read() {
        for (name, body) in [
            (QueryName::Case, "{\"case\":\"C1\"}"),
            (
                QueryName::Account,
                "{\"account\":\"dev7\",\"limit\":3,\"before\":\"C9\"}",
            ),
            (QueryName::Inbox, "{\"account\":\"dev7\"}"),
            (QueryName::Deadlines, "{\"case\":\"C1\",\"limit\":5}"),
            (
                QueryName::Events,
                "{\"from\":0,\"limit\":1,\"case\":\"C1\"}",
            ),
            (QueryName::Status, "{}"),
        ] {
            let query = read(name, "auditor:eve", body).unwrap();
            assert_eq!(query.name(), name);
            assert_eq!(String::from_utf8(query.body()).unwrap(), body);
        }
    }
}

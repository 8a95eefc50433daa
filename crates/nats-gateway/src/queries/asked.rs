//! What a query asks for: its name, and a body with the fields of that query and no other.

use command_processor::Page;
use events_schema::{AccountId, Actor, CaseId, Rejection, Role, subjects};
use projections::DeadlinePlace;
use serde::Deserialize;

use super::CASES_LIMIT;
use crate::{reply::malformed, request::Request};

/// The queries by name, with what each asks for.
#[derive(Debug)]
pub(super) enum Query {
    Case {
        case: CaseId,
    },
    Account {
        account: AccountId,
        page: Page,
    },
    Inbox {
        account: AccountId,
        page: Page,
    },
    Deadlines {
        case: Option<CaseId>,
        after: Option<DeadlinePlace>,
        limit: usize,
    },
    Events {
        from: u64,
        limit: u64,
        case: Option<CaseId>,
    },
    Status,
}

/// Reads who asks what.
pub(super) fn read(request: &Request) -> Result<(Actor, Query), Rejection> {
    let subject = request.subject.as_str();
    let (role, principal, name) = subjects::sender_and_name(subject)
        .map_err(|error| malformed("subject", error.to_string()))?;
    // Nobody who asks over NATS is the service itself, whatever the server's permissions let through.
    if role == Role::Service
        && let Ok(name) = name.parse()
    {
        return Err(Rejection::NotPermitted { role, name });
    }
    let asked = |fields: &[&str]| Asked::read(name, fields, request.body());
    // A party need not say who it is.
    let own = || {
        (role == Role::Party)
            .then(|| principal.as_str().parse().ok())
            .flatten()
    };
    let missing = |field: &str| malformed(field, "is missing");
    let account_and_page = || {
        let asked = asked(&["account", "limit", "before"])?;
        let page = Page {
            cases_max: asked.limit.map_or(CASES_LIMIT, length).min(CASES_LIMIT),
            before: asked.before,
        };
        let account = asked.account.or_else(own);
        Ok((account.ok_or_else(|| missing("account"))?, page))
    };
    let query = match name {
        "Case" => {
            let asked = asked(&["case"])?;
            Query::Case {
                case: asked.case.ok_or_else(|| missing("case"))?,
            }
        }
        "Account" => {
            let (account, page) = account_and_page()?;
            Query::Account { account, page }
        }
        "Inbox" => {
            let (account, page) = account_and_page()?;
            Query::Inbox { account, page }
        }
        "Deadlines" => {
            let asked = asked(&["case", "after", "limit"])?;
            Query::Deadlines {
                case: asked.case,
                after: asked.after,
                limit: asked.limit.map_or(100, length),
            }
        }
        "Events" => {
            let asked = asked(&["from", "limit", "case"])?;
            Query::Events {
                from: asked.from.unwrap_or(0),
                limit: asked.limit.unwrap_or(100),
                case: asked.case,
            }
        }
        "Status" => {
            asked(&[])?;
            Query::Status
        }
        unknown => {
            return Err(Rejection::UnknownCommand {
                found: unknown.to_owned(),
            });
        }
    };
    Ok((Actor { role, principal }, query))
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
    /// Reads the body of a query that has these fields. One that the query does not have is refused: whoever sends it
    /// expects less than it would be answered.
    fn read(name: &str, fields: &[&str], body: &[u8]) -> Result<Self, Rejection> {
        if body.is_empty() {
            return Ok(Self::default());
        }
        // A list would be read as the fields in their order.
        if !body.trim_ascii_start().starts_with(b"{") {
            let problem = "an object is expected, or nothing".to_owned();
            return Err(malformed(".", problem));
        }
        let asked: Self =
            serde_json::from_slice(body).map_err(|error| malformed(".", error.to_string()))?;
        let given = [
            ("case", asked.case.is_some()),
            ("account", asked.account.is_some()),
            ("from", asked.from.is_some()),
            ("limit", asked.limit.is_some()),
            ("before", asked.before.is_some()),
            ("after", asked.after.is_some()),
        ];
        let foreign = given
            .into_iter()
            .find(|(field, is_given)| *is_given && !fields.contains(field));
        if let Some((field, _)) = foreign {
            let problem = if fields.is_empty() {
                format!("{name} is asked without anything")
            } else {
                format!("{name} is asked by {} only", fields.join(", "))
            };
            return Err(malformed(field, problem));
        }
        Ok(asked)
    }
}

fn length(number: u64) -> usize {
    usize::try_from(number).unwrap_or(usize::MAX)
}

#[cfg(test)]
mod tests {
    use events_schema::Locale;

    use super::*;

    #[test]
    fn a_query_is_asked_by_an_object_with_its_own_fields() {
        let read = |body: &str| Asked::read("Events", &["from", "limit", "case"], body.as_bytes());
        let asked = read(" {\"from\": 3, \"account\": null}").unwrap();
        assert_eq!(asked.from, Some(3));
        assert!(read("").is_ok());
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
            let refused = read(body).unwrap_err();
            let Rejection::MalformedCommand { path, problem } = &refused else {
                panic!("{refused:?}");
            };
            assert_eq!(path, place, "{body}");
            assert!(problem.contains(says), "{body}: {problem}");
        }
        let of_nothing = Asked::read("Status", &[], b"{\"case\": \"C1\"}").unwrap_err();
        let sentence = of_nothing.sentence(Locale::English);
        assert!(sentence.contains("asked without anything"), "{sentence}");
    }
}

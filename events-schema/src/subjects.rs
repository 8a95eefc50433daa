//! NATS subjects. The role and the principal are tokens, so that the server's permissions can bind them.

use crate::{AccountId, Actor, CommandName, InvalidId, PrincipalId, Role, Stream};

/// The prefix where none is configured.
pub const DEFAULT_PREFIX: &str = "redress";

/// Whether a text can be a prefix: one or more tokens of `A-Z a-z 0-9 _ -`, joined by dots.
pub fn is_prefix(text: &str) -> bool {
    text.split('.')
        .all(|token| token.parse::<PrincipalId>().is_ok())
}

/// Where somebody sends a command.
pub fn command(prefix: &str, actor: &Actor, name: CommandName) -> String {
    format!("{prefix}.v1.cmd.{}.{}.{name}", actor.role, actor.principal)
}

/// Where the service listens for commands of a role.
pub fn every_command(prefix: &str, role: Role) -> String {
    format!("{prefix}.v1.cmd.{role}.*.*")
}

/// Where somebody sends a query.
pub fn query(prefix: &str, actor: &Actor, name: &str) -> String {
    format!("{prefix}.v1.qry.{}.{}.{name}", actor.role, actor.principal)
}

/// Where the service listens for queries of a role.
pub fn every_query(prefix: &str, role: Role) -> String {
    format!("{prefix}.v1.qry.{role}.*.*")
}

/// Where an event is published, for the platform and auditors.
///
/// `<prefix>.v1.evt.<account>.<stream>.<Type>`: the stream is its subject with `/` written `-`, the type
/// is that of the event without `redress.` and with `-` for `.`; `-` stands for no account.
pub fn event(
    prefix: &str,
    account: Option<&AccountId>,
    stream: &Stream,
    event_type: &str,
) -> String {
    let account = account.map_or("-", AccountId::as_str);
    let stream = stream.to_string().replace('/', "-");
    let kind = event_type
        .strip_prefix("redress.")
        .unwrap_or(event_type)
        .replace('.', "-");
    format!("{prefix}.v1.evt.{account}.{stream}.{kind}")
}

/// Where a party is told about its own notices.
pub fn notification(prefix: &str, account: &AccountId) -> String {
    format!("{prefix}.v1.ntf.{account}")
}

/// Why the subject of a request names no sender.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidSubject {
    /// Too few tokens.
    #[error("`{subject}` does not end in ROLE.PRINCIPAL.NAME")]
    TooShort {
        /// The subject.
        subject: String,
    },
    /// A role that there is not.
    #[error(
        "`{found}` is no role; the roles are platform, party, reviewer, administrator and auditor"
    )]
    UnknownRole {
        /// What stands in its place.
        found: String,
    },
    /// A principal that cannot be one.
    #[error("the principal is none: {problem}")]
    Principal {
        /// What is wrong with it.
        problem: InvalidId,
    },
}

/// What the last three tokens of a command's or query's subject say: role, principal, name.
pub fn sender_and_name(subject: &str) -> Result<(Role, PrincipalId, &str), InvalidSubject> {
    let mut tokens = subject.rsplit('.');
    let (Some(name), Some(principal), Some(role)) = (tokens.next(), tokens.next(), tokens.next())
    else {
        return Err(InvalidSubject::TooShort {
            subject: subject.to_owned(),
        });
    };
    let role = Role::parse(role).ok_or_else(|| InvalidSubject::UnknownRole {
        found: role.to_owned(),
    })?;
    let principal = principal
        .parse()
        .map_err(|problem| InvalidSubject::Principal { problem })?;
    Ok((role, principal, name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_subject_names_sender_and_command() {
        let actor: Actor = "party:dev7".parse().unwrap();
        let subject = command(DEFAULT_PREFIX, &actor, CommandName::Rectify);
        assert_eq!(subject, "redress.v1.cmd.party.dev7.Rectify");
        assert_eq!(
            sender_and_name(&subject),
            Ok((Role::Party, "dev7".parse().unwrap(), "Rectify"))
        );
    }

    #[test]
    fn a_subject_that_names_no_sender_is_told_which_part_of_it_does_not() {
        let said = |subject| sender_and_name(subject).unwrap_err().to_string();
        let role = said("redress.v1.cmd.king.x.Rectify");
        assert!(role.starts_with("`king` is no role; the roles are platform, party"));
        let principal = said("redress.v1.cmd.party.a+b.Rectify");
        assert!(principal.contains("`a+b`"), "{principal}");
        assert_eq!(
            said("Rectify"),
            "`Rectify` does not end in ROLE.PRINCIPAL.NAME"
        );
    }

    #[test]
    fn an_event_subject_has_one_token_each() {
        let subject = event(
            "a.b",
            Some(&"dev7".parse().unwrap()),
            &"case/C1".parse().unwrap(),
            "redress.appeal.submitted.v1",
        );
        assert_eq!(subject, "a.b.v1.evt.dev7.case-C1.appeal-submitted-v1");
    }
}

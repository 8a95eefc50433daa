//! Who we are to the NATS server, and to the service behind it.

use enforcement_rules::may_send;
use events_schema::{Actor, CommandName, PrincipalId, Role};
use nats_gateway::ConnectionOptions;

use crate::{arguments, failure::Failure};

impl arguments::Login {
    /// How to connect. Who has no user is known by `principal` to the permissions of the guide.
    pub fn options(
        &self,
        url: &str,
        name: &str,
        principal: Option<&PrincipalId>,
    ) -> Result<ConnectionOptions, Failure> {
        let said = [
            self.user.is_some(),
            self.creds.is_some(),
            self.nkey.is_some(),
        ];
        if said.into_iter().filter(|said| *said).count() > 1 {
            return Err(Failure::Usage(
                "a connection has one login: say --login, --creds or --nkey, or one of REDRESS_LOGIN, REDRESS_CREDS \
                 and REDRESS_NKEY in the environment, and not several of them"
                    .to_owned(),
            ));
        }
        let user = self.user_and_password()?;
        let inbox_prefix = match (&self.inbox_prefix, &user, principal) {
            (Some(prefix), ..) if is_part_of_subject(prefix) => Some(prefix.clone()),
            (Some(prefix), ..) => {
                return Err(Failure::Usage(format!(
                    "answers come on subjects that begin with --inbox-prefix, so `{prefix}` must have no blanks, no * \
                     and no >"
                )));
            }
            (None, Some((user, _)), _) => Some(format!("_INBOX_{user}")),
            (None, None, Some(principal)) if self.creds.is_some() || self.nkey.is_some() => {
                Some(format!("_INBOX_{principal}"))
            }
            (None, None, _) => None,
        };
        Ok(ConnectionOptions {
            user,
            credentials: self.creds.clone(),
            nkey: self.nkey.clone(),
            root_certificate: self.ca.clone(),
            inbox_prefix,
            ..ConnectionOptions::new(url, name)
        })
    }

    /// The user of `--login`, where a principal can be called so.
    pub fn principal(&self) -> Option<PrincipalId> {
        let (user, _) = self.user.as_ref()?.split_once(':')?;
        user.parse().ok()
    }

    fn user_and_password(&self) -> Result<Option<(String, String)>, Failure> {
        let Some(login) = &self.user else {
            return Ok(None);
        };
        login
            .split_once(':')
            .filter(|(user, _)| is_part_of_subject(user))
            .map(|(user, password)| Some((user.to_owned(), password.to_owned())))
            .ok_or_else(|| {
                Failure::Usage(
                    "the login is USER:PASSWORD; answers come on a subject that USER is part of, so it must have no \
                     blanks, no * and no >"
                        .to_owned(),
                )
            })
    }
}

impl arguments::Service {
    /// How to connect to its server.
    pub fn options(&self, name: &str) -> Result<ConnectionOptions, Failure> {
        let principal = self.sender.as_ref().map(|sender| &sender.principal);
        self.login.options(&self.nats, name, principal)
    }

    /// Who can be sending a command: whoever was said, or the user of `--login` in each role that may send it.
    pub fn senders_of(&self, name: CommandName) -> Result<Vec<Actor>, Failure> {
        if let Some(sender) = &self.sender {
            return Ok(vec![sender.clone()]);
        }
        let Some(principal) = self.login.principal() else {
            return Err(say_who_sends(name));
        };
        let in_role = |role| Actor {
            role,
            principal: principal.clone(),
        };
        Ok(roles_that_send(name).map(in_role).collect())
    }

    /// Sees that nobody asked a folder for what somebody may see. Who is named in the environment is named for the
    /// commands that ask a service.
    pub fn refuse_sender_of_a_folder(&self) -> Result<(), Failure> {
        let Some(sender) = &self.sender else {
            return Ok(());
        };
        let in_environment = std::env::var("REDRESS_AS").is_ok_and(|it| it == sender.to_string());
        if in_environment {
            return Ok(());
        }
        Err(Failure::Usage(format!(
            "a folder shows everything, and not what {sender} may see; leave out --as or --data"
        )))
    }
}

/// Asks for who sends a command, where that cannot be told.
pub fn say_who_sends(name: CommandName) -> Failure {
    let roles: Vec<&str> = roles_that_send(name).map(Role::as_str).collect();
    Failure::Usage(format!(
        "say who sends {name}, with --as ROLE:PRINCIPAL or REDRESS_AS in the environment; it is for the role {}",
        roles.join(" or ")
    ))
}

fn roles_that_send(name: CommandName) -> impl Iterator<Item = Role> {
    let roles = Role::ALL.iter().copied();
    roles.filter(move |role| may_send(*role, name))
}

fn is_part_of_subject(text: &str) -> bool {
    let breaks = |c: char| c.is_whitespace() || c.is_control() || matches!(c, '*' | '>');
    text.split('.').all(|token| !token.is_empty()) && !text.contains(breaks)
}

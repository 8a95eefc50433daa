//! The configuration of the service: defaults, then the file, then the environment
//! (`REDRESS_SERVE_QUEUE_LENGTH_MAX`), then flags.

use std::{fmt, fs, path::Path};

use config::{Config, ConfigBuilder, Environment, File, builder::DefaultState};
use events_schema::{Label, subjects};
use serde::{
    Deserialize, Deserializer,
    de::{self, Unexpected, Visitor},
};
use tokio::sync::Semaphore;

use crate::{
    cli,
    failure::{Failure, unreadable},
};

/// What the service can be told.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Configuration {
    /// The NATS server.
    pub nats: String,
    /// The user for the server, if it wants one.
    pub user: Option<String>,
    /// The password of the user.
    pub password: Option<String>,
    /// The certificate of the authority that signed the server's.
    pub root_certificate: Option<std::path::PathBuf>,
    /// The prefix of reply subjects, where the server's permissions ask for one.
    pub inbox_prefix: Option<String>,
    /// The prefix of all subjects.
    pub prefix: String,
    /// The platform that a new log serves.
    pub platform: Label,
    /// Commands that may wait before callers are told that the service is busy.
    #[serde(deserialize_with = "whole_number")]
    pub queue_length_max: usize,
    /// Queries answered at the same time.
    #[serde(deserialize_with = "whole_number")]
    pub queries_at_once: usize,
    /// Queries that may wait before callers are told that the service is busy.
    #[serde(deserialize_with = "whole_number")]
    pub queries_waiting_max: usize,
}

/// Each key with what it means and is without being said, for `redress serve --help`.
pub const KEYS: &str = "  nats                 the NATS server: nats://127.0.0.1:4222
  user, password       for the server; both or none
  root_certificate     the file of the authority that signed the server's certificate
  inbox_prefix         the prefix of reply subjects, where the server's permissions ask for one
  prefix               the prefix of all subjects: redress
  platform             the platform that a new log serves: platform
  queue_length_max     commands that may wait before callers are told that the service is busy: 4096
  queries_at_once      queries answered at the same time: 32
  queries_waiting_max  queries that may wait before callers are told that the service is busy: 1024";

/// Reads the configuration. `nats` is the flag, which goes before everything.
pub fn read(file: Option<&Path>, nats: Option<&str>) -> Result<Configuration, Failure> {
    let failed = |error: config::ConfigError| {
        Failure::Usage(format!(
            "the configuration does not read: {error}; the keys are\n{KEYS}"
        ))
    };
    if let Some(file) = file {
        fs::metadata(file).map_err(|error| unreadable(file.display(), &error))?;
    }
    let mut builder = Config::builder()
        .set_default("nats", "nats://127.0.0.1:4222")
        .and_then(|it| it.set_default("prefix", subjects::DEFAULT_PREFIX))
        .and_then(|it| it.set_default("platform", "platform"))
        .and_then(|it| it.set_default("queue_length_max", 4096_u64))
        .and_then(|it| it.set_default("queries_at_once", 32_u64))
        .and_then(|it| it.set_default("queries_waiting_max", 1024_u64))
        .map_err(failed)?;
    if let Some(file) = file {
        builder = builder.add_source(File::from(file).format(config::FileFormat::Toml));
    }
    // Not plain REDRESS_, which other variables of ours begin with. Values stay text, or a password such as 0017 would
    // become a number.
    builder = builder.add_source(Environment::with_prefix("REDRESS_SERVE"));
    let configuration: Configuration = builder
        .set_override_option("nats", nats)
        .and_then(ConfigBuilder::<DefaultState>::build)
        .and_then(Config::try_deserialize)
        .map_err(failed)?;
    configuration.check().map_err(|problem| {
        Failure::Usage(format!(
            "the configuration does not hold together: {problem}"
        ))
    })?;
    Ok(configuration)
}

impl Configuration {
    /// Whatever would otherwise be said by a panic, by a service that refuses everything, or by nobody.
    fn check(&self) -> Result<(), String> {
        if self.user.is_some() != self.password.is_some() {
            return Err("user and password belong together; give both or none".to_owned());
        }
        if !subjects::is_prefix(&self.prefix) {
            let prefix = self.prefix.clone();
            return Err(nats_gateway::Error::Prefix { prefix }.to_string());
        }
        cli::nats_servers(&self.nats).map_err(|problem| format!("nats: {problem}"))?;
        if self.queue_length_max == 0 {
            return Err("queue_length_max: every command would be refused with 0".to_owned());
        }
        if !(1..=Semaphore::MAX_PERMITS).contains(&self.queries_at_once) {
            return Err(format!(
                "queries_at_once: write 1 to {}",
                Semaphore::MAX_PERMITS
            ));
        }
        if let Some(certificate) = &self.root_certificate {
            // The client would connect without it, and without a word.
            fs::read(certificate).map_err(|error| {
                format!(
                    "root_certificate: failed to read {}: {error}",
                    certificate.display()
                )
            })?;
        }
        Ok(())
    }
}

/// Reads a whole number, which the environment writes as text. A fraction would be cut off.
fn whole_number<'de, D: Deserializer<'de>>(deserializer: D) -> Result<usize, D::Error> {
    struct WholeNumber;

    impl Visitor<'_> for WholeNumber {
        type Value = usize;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("a whole number")
        }

        fn visit_u64<E: de::Error>(self, number: u64) -> Result<usize, E> {
            usize::try_from(number)
                .map_err(|_| E::invalid_value(Unexpected::Unsigned(number), &self))
        }

        fn visit_i64<E: de::Error>(self, number: i64) -> Result<usize, E> {
            usize::try_from(number).map_err(|_| E::invalid_value(Unexpected::Signed(number), &self))
        }

        fn visit_str<E: de::Error>(self, text: &str) -> Result<usize, E> {
            text.parse()
                .map_err(|_| E::invalid_value(Unexpected::Str(text), &self))
        }
    }

    deserializer.deserialize_any(WholeNumber)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read_text(toml: &str) -> Result<Configuration, String> {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("redress.toml");
        fs::write(&file, toml).unwrap();
        read(Some(&file), None).map_err(|failure| failure.to_string())
    }

    #[test]
    fn a_configuration_that_says_nothing_holds_together() {
        let configuration = read_text("").unwrap();
        assert_eq!(configuration.queue_length_max, 4096);
        assert_eq!(configuration.queries_at_once, 32);
        assert_eq!(configuration.queries_waiting_max, 1024);
    }

    #[test]
    fn a_login_and_numbers_are_taken_as_they_are_written() {
        let text =
            "user = \"a\"\npassword = \"0017\"\nqueue_length_max = 1\nqueries_at_once = \"2\"";
        let configuration = read_text(text).unwrap();
        assert_eq!(configuration.password.as_deref(), Some("0017"));
        assert_eq!(configuration.queue_length_max, 1);
        assert_eq!(configuration.queries_at_once, 2);
    }

    #[test]
    fn what_would_not_work_is_refused_with_its_key() {
        for (toml, key) in [
            ("queue_length_max = 0", "queue_length_max"),
            ("queue_length_max = -1", "queue_length_max"),
            ("queue_length_max = 1.5", "queue_length_max"),
            ("queue_length_max = \"many\"", "queue_length_max"),
            ("queries_at_once = 0", "queries_at_once"),
            ("queries_at_once = 9223372036854775807", "queries_at_once"),
            ("user = \"a\"", "password"),
            ("password = \"a\"", "user"),
            ("prefix = \"a b\"", "`a b` cannot be a prefix"),
            ("root_certificate = \"/no/such/file\"", "/no/such/file"),
            ("root_certificate = \"/\"", "root_certificate"),
            ("queries_waiting_max = -1", "queries_waiting_max"),
            ("nats = \"nats://\"", "nats: "),
            ("colour = \"red\"", "colour"),
        ] {
            let refused = read_text(toml).unwrap_err();
            let (said, _keys) = refused
                .split_once("; the keys are")
                .unwrap_or((&refused, ""));
            assert!(said.contains(key), "{toml}: {said}");
        }
    }
}

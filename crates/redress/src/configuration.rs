//! The configuration of the service: defaults, then the file, then the environment
//! (`REDRESS_SERVE_QUEUE_LENGTH_MAX`), then flags.

use std::{
    env, fmt, fs,
    path::{Path, PathBuf},
};

use config::{Config, ConfigBuilder, Environment, File, builder::DefaultState};
use events_schema::{Label, subjects};
use serde::{
    Deserialize, Deserializer,
    de::{self, Unexpected, Visitor},
};
use tokio::sync::Semaphore;

use crate::{
    arguments,
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
    /// A `.creds` file, if the server knows the service by one.
    pub credentials: Option<PathBuf>,
    /// The file with the seed of a key, if the server knows the service by it.
    pub nkey: Option<PathBuf>,
    /// The certificate of the authority that signed the server's.
    pub root_certificate: Option<PathBuf>,
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

/// Each key, what it is without being said if there is such a thing, and what it means.
pub const KEYS: [(&str, &str); 12] = [
    ("nats", "the NATS server: nats://127.0.0.1:4222"),
    ("user", "the user for the server, with its password"),
    ("password", "the password of the user"),
    (
        "credentials",
        "a .creds file that the server knows the service by",
    ),
    (
        "nkey",
        "a file with the seed of the nkey that the server knows the service by",
    ),
    (
        "root_certificate",
        "the certificate of the authority that signed the server's, PEM; with it nothing is said without TLS",
    ),
    (
        "inbox_prefix",
        "the prefix of reply subjects, where the server's permissions ask for one",
    ),
    ("prefix", "the prefix of all subjects: redress"),
    ("platform", "the platform that a new log serves: platform"),
    (
        "queue_length_max",
        "commands that may wait before callers are told that the service is busy: 4096",
    ),
    ("queries_at_once", "queries answered at the same time: 4"),
    (
        "queries_waiting_max",
        "queries that may wait before callers are told that the service is busy: 1024",
    ),
];

/// How the variables of the environment begin that say a key.
const VARIABLES: &str = "REDRESS_SERVE";

/// Reads the configuration. `nats` is the flag, which goes before everything.
pub fn read(file: Option<&Path>, nats: Option<&str>) -> Result<Configuration, Failure> {
    if let Some(file) = file {
        fs::metadata(file).map_err(|error| unreadable(file.display(), &error))?;
    }
    let said = Said { file, nats };
    let failed = |error: config::ConfigError| Failure::Usage(said.problem(&error));
    let mut builder = Config::builder()
        .set_default("nats", "nats://127.0.0.1:4222")
        .and_then(|it| it.set_default("prefix", subjects::DEFAULT_PREFIX))
        .and_then(|it| it.set_default("platform", "platform"))
        .and_then(|it| it.set_default("queue_length_max", 4096_u64))
        .and_then(|it| it.set_default("queries_at_once", 4_u64))
        .and_then(|it| it.set_default("queries_waiting_max", 1024_u64))
        .map_err(failed)?;
    if let Some(file) = file {
        builder = builder.add_source(File::from(file).format(config::FileFormat::Toml));
    }
    // Not plain REDRESS_, which other variables of ours begin with. Values stay text, or a password such as 0017 would
    // become a number.
    builder = builder.add_source(Environment::with_prefix(VARIABLES));
    let configuration: Configuration = builder
        .set_override_option("nats", nats)
        .and_then(ConfigBuilder::<DefaultState>::build)
        .and_then(Config::try_deserialize)
        .map_err(failed)?;
    configuration
        .check()
        .map_err(|Unfit { key, problem }| Failure::Usage(said.about(key, &problem)))?;
    Ok(configuration)
}

/// Where the configuration was said, so that what is wrong with it is told with its place.
#[derive(Debug, Clone, Copy)]
struct Said<'a> {
    file: Option<&'a Path>,
    nats: Option<&'a str>,
}

impl Said<'_> {
    /// What could not be read. The library knows the key, and of the environment no variable.
    fn problem(&self, error: &config::ConfigError) -> String {
        use config::ConfigError;
        if let ConfigError::FileParse { cause, .. } = error {
            return format!("{}: {cause}", self.places());
        }
        if let Some(unknown) = self.unknown_key() {
            let keys = KEYS.map(|(key, _)| key).join(", ");
            return format!("{unknown} is no key; the keys are {keys}");
        }
        match error {
            ConfigError::Type {
                unexpected,
                expected,
                key: Some(key),
                ..
            } => self.about(
                key,
                &format!("it is {unexpected}, and {expected} is expected"),
            ),
            ConfigError::At {
                error,
                key: Some(key),
                ..
            } => self.about(key, &error.to_string()),
            other => format!("{}: {other}", self.places()),
        }
    }

    /// What is wrong with the value of a key.
    fn about(&self, key: &str, problem: &str) -> String {
        format!("{}: {key}: {problem}", self.place_of(key))
    }

    /// Where a key was said last, which is where it counts.
    fn place_of(&self, key: &str) -> String {
        if key == "nats" && self.nats.is_some() {
            return "--nats, or REDRESS_NATS in the environment".to_owned();
        }
        let variable = format!("{VARIABLES}_{}", key.to_ascii_uppercase());
        let in_environment =
            env::vars_os().any(|(name, _)| name.to_string_lossy().eq_ignore_ascii_case(&variable));
        match self.file {
            _ if in_environment => format!("{variable} in the environment"),
            Some(file) => file.display().to_string(),
            None => format!("the configuration, where {variable} in the environment would say it"),
        }
    }

    /// A variable that begins as ours do and names no key, or else the key of the file that there is not.
    fn unknown_key(&self) -> Option<String> {
        let is_known = |key: &str| {
            KEYS.iter()
                .any(|(known, _)| key.eq_ignore_ascii_case(known))
        };
        let variable = env::vars_os().find_map(|(name, _)| {
            let name = name.into_string().ok()?;
            let key = name.get(VARIABLES.len() + 1..)?;
            let ours = name.to_ascii_uppercase().starts_with("REDRESS_SERVE_");
            (ours && !is_known(key)).then(|| format!("{name} in the environment"))
        });
        variable.or_else(|| {
            let file = self.file?;
            let table: toml::Table = fs::read_to_string(file).ok()?.parse().ok()?;
            let unknown = table.keys().find(|key| !is_known(key))?;
            Some(format!("`{unknown}` in {}", file.display()))
        })
    }

    fn places(&self) -> String {
        self.file.map_or_else(
            || format!("{VARIABLES}_... in the environment"),
            |file| file.display().to_string(),
        )
    }
}

/// A value that would not work, and its key.
#[derive(Debug)]
struct Unfit {
    key: &'static str,
    problem: String,
}

impl Configuration {
    /// Whatever would otherwise be said by a panic, by a service that refuses everything, or by nobody.
    fn check(&self) -> Result<(), Unfit> {
        let unfit = |key, problem: &str| {
            let problem = problem.to_owned();
            Err(Unfit { key, problem })
        };
        match (&self.user, &self.password) {
            (Some(_), None) => return unfit("user", "it needs a password; give both or none"),
            (None, Some(_)) => return unfit("password", "it needs a user; give both or none"),
            (Some(_), Some(_)) | (None, None) => {}
        }
        let logins = [
            ("user", self.user.is_some()),
            ("credentials", self.credentials.is_some()),
            ("nkey", self.nkey.is_some()),
        ];
        let mut logins = logins.into_iter().filter(|(_, said)| *said);
        if let (Some((first, _)), Some((second, _))) = (logins.next(), logins.next()) {
            let problem = format!("the service has one login, and {first} is another");
            return unfit(second, &problem);
        }
        if !subjects::is_prefix(&self.prefix) {
            let prefix = self.prefix.clone();
            let problem = nats_gateway::Error::Prefix { prefix }.to_string();
            return unfit("prefix", &problem);
        }
        if let Err(problem) = arguments::nats_servers(&self.nats) {
            return unfit("nats", &problem);
        }
        if self.queue_length_max == 0 {
            return unfit("queue_length_max", "every command would be refused with 0");
        }
        if !(1..=Semaphore::MAX_PERMITS).contains(&self.queries_at_once) {
            let problem = format!("write 1 to {}", Semaphore::MAX_PERMITS);
            return unfit("queries_at_once", &problem);
        }
        let files = [
            ("credentials", &self.credentials),
            ("nkey", &self.nkey),
            ("root_certificate", &self.root_certificate),
        ];
        for (key, file) in files {
            if let Some(file) = file
                && let Err(error) = fs::read(file)
            {
                let problem = format!("failed to read {}: {error}", file.display());
                return unfit(key, &problem);
            }
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
        assert_eq!(configuration.queries_at_once, 4);
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
            ("credentials = \"/no/such/file\"", "credentials"),
            ("nkey = \"/no/such/file\"", "nkey"),
            (
                "nkey = \"/\"\ncredentials = \"/\"",
                "credentials is another",
            ),
            ("nkey = 3", "nkey"),
        ] {
            let (refused, file) = refused(toml);
            assert!(refused.contains(key), "{toml}: {refused}");
            assert!(refused.contains(&file), "{toml}: {refused}");
        }
    }

    #[test]
    fn a_key_that_there_is_not_is_named_with_its_file_and_those_that_there_are() {
        let (said, file) = refused("colour = \"red\"");
        let expected = format!("`colour` in {file} is no key; the keys are nats, user, ");
        assert!(said.starts_with(&expected), "{said}");
    }

    #[test]
    fn a_file_that_is_no_toml_is_named_with_the_line() {
        let (said, file) = refused("nats = \"nats://here\"\nuser: a");
        assert!(said.contains(&file) && said.contains("line 2"), "{said}");
    }

    fn refused(toml: &str) -> (String, String) {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("redress.toml");
        fs::write(&file, toml).unwrap();
        let said = read(Some(&file), None).unwrap_err().to_string();
        (said, file.display().to_string())
    }
}

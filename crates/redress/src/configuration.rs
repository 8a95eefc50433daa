//! The configuration of the service: defaults, then the file, then the environment
//! (`REDRESS_SERVE_QUEUE_LENGTH_MAX`), then flags.

use std::path::Path;

use config::{Config, ConfigBuilder, Environment, File, builder::DefaultState};
use events_schema::Label;
use serde::Deserialize;

use crate::failure::Failure;

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
    pub queue_length_max: usize,
    /// Queries answered at the same time.
    pub queries_at_once: usize,
}

/// Reads the configuration. `nats` is the flag, which goes before everything.
pub fn read(file: Option<&Path>, nats: Option<&str>) -> Result<Configuration, Failure> {
    let failed = |error: config::ConfigError| {
        Failure::Usage(format!(
            "the configuration does not read: {error}; the keys are nats, user, password, \
             root_certificate, inbox_prefix, prefix, platform, queue_length_max, queries_at_once"
        ))
    };
    let mut builder = Config::builder()
        .set_default("nats", "nats://127.0.0.1:4222")
        .and_then(|it| it.set_default("prefix", events_schema::subjects::DEFAULT_PREFIX))
        .and_then(|it| it.set_default("platform", "platform"))
        .and_then(|it| it.set_default("queue_length_max", 4096_u64))
        .and_then(|it| it.set_default("queries_at_once", 32_u64))
        .map_err(failed)?;
    if let Some(file) = file {
        builder = builder.add_source(File::from(file).format(config::FileFormat::Toml));
    }
    // Not plain REDRESS_, which other variables of ours begin with.
    builder = builder.add_source(Environment::with_prefix("REDRESS_SERVE").try_parsing(true));
    builder
        .set_override_option("nats", nats)
        .and_then(ConfigBuilder::<DefaultState>::build)
        .and_then(Config::try_deserialize)
        .map_err(failed)
}

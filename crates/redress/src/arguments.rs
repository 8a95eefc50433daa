//! What several commands are told: where the service is, how the server knows us, and values that they share.

use std::path::PathBuf;

use async_nats::ServerAddr;
use clap::{
    Args,
    builder::{PathBufValueParser, RangedU64ValueParser, TypedValueParser},
};
use events_schema::Actor;
use tokio::runtime::Runtime;

use crate::failure::Failure;

/// Where the service is.
#[derive(Debug, Args)]
pub struct Service {
    /// The NATS server.
    #[arg(
        long,
        env = "REDRESS_NATS",
        default_value = "nats://127.0.0.1:4222",
        value_parser = nats_url,
        global = true
    )]
    pub nats: String,
    /// The prefix of its subjects.
    #[arg(long, env = "REDRESS_PREFIX", default_value = "redress", global = true)]
    pub prefix: String,
    /// How the server knows us.
    #[command(flatten)]
    pub login: Login,
    /// Who you are: `ROLE:PRINCIPAL`. Where nobody says so, it is asked of the server what the user of --login may be.
    /// Whoever has no user asks as `auditor:cli`, and has to say so to send.
    #[arg(
        id = "sender",
        long = "as",
        value_name = "ROLE:PRINCIPAL",
        env = "REDRESS_AS",
        global = true
    )]
    pub sender: Option<Actor>,
    /// Seconds to wait for an answer.
    #[arg(long, default_value_t = 10, global = true, value_parser = clap::value_parser!(u64).range(1..=86_400))]
    pub timeout_seconds: u64,
}

/// How the NATS server knows us, and we know it.
#[derive(Debug, Clone, Default, Args)]
pub struct Login {
    /// User and password for the server: `USER:PASSWORD`.
    #[arg(
        id = "login",
        long = "login",
        value_name = "USER:PASSWORD",
        env = "REDRESS_LOGIN",
        hide_env_values = true,
        global = true
    )]
    pub user: Option<String>,
    /// A .creds file, with the JWT and the seed of the user.
    #[arg(long, value_name = "FILE", env = "REDRESS_CREDS", global = true)]
    pub creds: Option<PathBuf>,
    /// A file with the seed of the user's nkey.
    #[arg(long, value_name = "FILE", env = "REDRESS_NKEY", global = true)]
    pub nkey: Option<PathBuf>,
    /// The certificate of the authority that signed the server's, PEM. With it nothing is said without TLS.
    #[arg(long, value_name = "FILE", env = "REDRESS_CA", global = true)]
    pub ca: Option<PathBuf>,
    /// The prefix of the subjects that answers come on; if absent `_INBOX_` and the user of --login, or with --creds
    /// and --nkey the principal of --as.
    #[arg(
        long,
        value_name = "PREFIX",
        env = "REDRESS_INBOX_PREFIX",
        global = true
    )]
    pub inbox_prefix: Option<String>,
}

/// The folder of a log, which need not be there yet.
pub fn data_folder() -> impl TypedValueParser<Value = PathBuf> {
    PathBufValueParser::new().try_map(|path| {
        let is_link = path.is_symlink();
        match path.metadata() {
            Ok(found) if !found.is_dir() => Err("is a file and no folder"),
            Err(_) if is_link => Err("is a link to nothing"),
            Ok(_) | Err(_) => Ok(path),
        }
    })
}

/// The servers of a URL, or of several with commas between them.
pub fn nats_servers(text: &str) -> Result<Vec<ServerAddr>, String> {
    text.split(',')
        .map(|server| {
            let server = server.trim();
            let wrong = |problem: &str| format!("`{server}` is no URL of a NATS server: {problem}");
            let address: ServerAddr = server
                .parse()
                .map_err(|error: std::io::Error| wrong(&error.to_string()))?;
            if address.host().is_empty() {
                return Err(wrong("it names no host"));
            }
            Ok(address)
        })
        .collect()
}

pub fn nats_url(text: &str) -> Result<String, String> {
    nats_servers(text).map(|_| text.to_owned())
}

pub fn at_least_one() -> RangedU64ValueParser<usize> {
    RangedU64ValueParser::new().range(1..)
}

pub fn one_to(max: u64) -> RangedU64ValueParser<usize> {
    RangedU64ValueParser::new().range(1..=max)
}

/// What a command that talks to the service runs on.
pub fn runtime() -> Result<Runtime, Failure> {
    Runtime::new().map_err(|error| Failure::World(format!("failed to start: {error}")))
}

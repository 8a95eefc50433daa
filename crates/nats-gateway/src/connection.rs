//! The connection to the server: it comes back by itself, and what the server says is said on.

use std::{path::PathBuf, time::Duration};

use async_nats::{Client, ConnectErrorKind, ConnectOptions, Event, ServerAddr, ServerError};
use tokio::sync::broadcast;

use crate::{Error, limited::Limited, login_file, sieve::Upstream, tls::Tls};

/// How to connect.
#[derive(Debug, Clone)]
pub struct ConnectionOptions {
    /// The server: `nats://127.0.0.1:4222`; several are separated by commas.
    pub url: String,
    /// The name that the server shows for this connection.
    pub name: String,
    /// User and password, if the server wants them.
    pub user: Option<(String, String)>,
    /// A `.creds` file, which holds the user's JWT and seed, if the server wants one.
    pub credentials: Option<PathBuf>,
    /// A file with the seed of the user's key, if the server knows users by their keys.
    pub nkey: Option<PathBuf>,
    /// The prefix of reply subjects, where the server's permissions ask for one: `_INBOX_redress`.
    pub inbox_prefix: Option<String>,
    /// The certificate of the authority that signed the server's. With it nothing is said to a server without TLS.
    pub root_certificate: Option<PathBuf>,
    /// Messages that may wait in each subscription before the client drops some.
    pub subscription_capacity: usize,
    /// How long a request waits for its answer.
    pub request_timeout: Duration,
    /// Where it is said on what the server denies us, in its words: nobody answers a message that was denied.
    pub denied: Option<broadcast::Sender<String>>,
}

impl ConnectionOptions {
    /// A connection to this server with nothing special about it.
    pub fn new(url: impl Into<String>, name: impl Into<String>) -> Self {
        Self {
            url: url.into(),
            name: name.into(),
            user: None,
            credentials: None,
            nkey: None,
            inbox_prefix: None,
            root_certificate: None,
            subscription_capacity: 65_536,
            request_timeout: Duration::from_secs(10),
            denied: None,
        }
    }
}

impl ConnectionOptions {
    /// The servers, for a connection that we make ourselves.
    pub(crate) fn upstream(&self) -> Result<Upstream, Error> {
        let servers = self.url.split(',').map(|it| it.trim().parse());
        let servers: Result<Vec<ServerAddr>, _> = servers.collect();
        let servers = servers.map_err(|error| Error::Connect {
            url: self.url.clone(),
            problem: error.to_string(),
        })?;
        Ok(Upstream {
            servers,
            tls: Tls::new(self.root_certificate.as_deref()),
        })
    }
}

/// How often the server is asked whether it is there. After two questions without an answer the connection is made again:
/// a network can lose one without a word to either end.
const PING_EVERY: Duration = Duration::from_secs(10);

/// Connects. The first connection must succeed; later ones are made again for ever.
///
/// # Errors
/// When the server is not there, or refuses us, and when a file that is named does not hold what it should.
pub async fn connect(options: &ConnectionOptions) -> Result<Client, Error> {
    refuse_login_in_url(&options.url)?;
    connect_to(&options.url, options).await
}

/// Connects to these servers with the login of the options.
pub(crate) async fn connect_to(url: &str, options: &ConnectionOptions) -> Result<Client, Error> {
    let mut connect = ConnectOptions::new()
        .name(&options.name)
        .subscription_capacity(options.subscription_capacity)
        .client_capacity(8_192)
        .request_timeout(Some(options.request_timeout))
        .ping_interval(PING_EVERY)
        .reconnect_delay_callback(delay_before)
        .event_callback({
            let denied = options.denied.clone();
            move |event| {
                tell(&event, denied.as_ref());
                std::future::ready(())
            }
        });
    if let Some((user, password)) = &options.user {
        connect = connect.user_and_password(user.clone(), password.clone());
    }
    if let Some(path) = &options.credentials {
        let credentials = login_file::credentials(path)?;
        connect = connect
            .credentials(&credentials)
            .map_err(|source| login_file::wrong(login_file::CREDENTIALS, path, source))?;
    }
    if let Some(path) = &options.nkey {
        connect = connect.nkey(login_file::seed(path)?);
    }
    if let Some(prefix) = &options.inbox_prefix {
        connect = connect.custom_inbox_prefix(prefix);
    }
    if let Some(certificate) = &options.root_certificate {
        login_file::check_certificate(certificate)?;
        connect = connect
            .add_root_certificates(certificate.clone())
            .require_tls(true);
    }
    let servers: Vec<&str> = url.split(',').map(str::trim).collect();
    connect.connect(servers.as_slice()).await.map_err(|error| {
        let (url, problem) = (options.url.clone(), error.to_string());
        match error.kind() {
            ConnectErrorKind::Authentication | ConnectErrorKind::AuthorizationViolation => {
                Error::LoginRefused { url, problem }
            }
            _ => Error::Connect { url, problem },
        }
    })
}

/// How long to wait before an attempt to connect again. A server that is back is found within a moment, however long it
/// was gone.
fn delay_before(attempt: usize) -> Duration {
    const LONGEST: Duration = Duration::from_millis(50);
    if attempt <= 1 {
        return Duration::ZERO;
    }
    let doubled = u32::try_from(attempt).map_or(u32::MAX, |attempt| attempt - 1);
    Duration::from_millis(2_u64.saturating_pow(doubled)).min(LONGEST)
}

/// The client would connect without it, and without a word.
fn refuse_login_in_url(url: &str) -> Result<(), Error> {
    let mut servers = url
        .split(',')
        .filter_map(|server| server.parse::<ServerAddr>().ok());
    servers
        .find(ServerAddr::has_user_pass)
        .map_or(Ok(()), |server| {
            Err(Error::LoginInUrl {
                host: server.host().to_owned(),
            })
        })
}

fn tell(event: &Event, denied: Option<&broadcast::Sender<String>>) {
    // A sender chooses where its answers go, and how much it sends: it can cause these as often as it likes.
    static SLOW: Limited = Limited::new();
    static REFUSED: Limited = Limited::new();

    match event {
        Event::Connected => tracing::info!("connected to NATS"),
        Event::Disconnected => {
            tracing::warn!("the connection to NATS is lost; connecting again");
        }
        Event::SlowConsumer(subscription) => {
            if let Some(left_out) = SLOW.left_out() {
                tracing::error!(
                    subscription,
                    left_out,
                    "messages were dropped before they were read"
                );
            }
        }
        // A denied publish shows up here and nowhere else.
        Event::ServerError(error) => {
            if let Some(left_out) = REFUSED.left_out() {
                tracing::error!(%error, left_out, "the NATS server refused something");
            }
            if let (ServerError::Other(said), Some(denied)) = (error, denied) {
                // Nobody may be listening just now.
                let _ = denied.send(said.clone());
            }
        }
        other => tracing::debug!(event = %other, "NATS"),
    }
}

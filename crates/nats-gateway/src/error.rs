//! What can go wrong with the network.

/// Why the gateway cannot start or go on.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// No server, or it does not let us in.
    #[error(
        "failed to connect to NATS at {url}: {problem}; start a nats-server there or name another with --nats"
    )]
    Connect {
        /// Where.
        url: String,
        /// Why.
        problem: String,
    },
    /// The server is there, and does not take the login.
    #[error(
        "the NATS server at {url} does not take this login: {problem}; see that user and password, credentials or key are \
         those that its configuration has"
    )]
    LoginRefused {
        /// Where.
        url: String,
        /// What it said.
        problem: String,
    },
    /// The URL of the server holds a login.
    #[error(
        "the URL of the NATS server on {host} holds a login, which would show wherever the URL does; name user and \
         password apart from it: in the configuration of the service, or with --login"
    )]
    LoginInUrl {
        /// The server.
        host: String,
    },
    /// A file that proves who we are, or who the server is, does not do so.
    #[error("failed to read the {what} in {path}: {source}")]
    LoginFile {
        /// What it should hold.
        what: &'static str,
        /// The file.
        path: std::path::PathBuf,
        /// Why it does not.
        source: std::io::Error,
    },
    /// The service could not be set up on the server.
    #[error("failed to {action} on NATS: {problem}")]
    Nats {
        /// What was tried.
        action: &'static str,
        /// Why it failed.
        problem: String,
    },
    /// Another instance serves the same prefix.
    #[error(
        "another redress (instance {instance}) serves the prefix `{prefix}` already; stop it, or name another \
         prefix"
    )]
    Served {
        /// The prefix.
        prefix: String,
        /// The other instance, as it calls itself.
        instance: String,
    },
    /// Another instance, which began earlier, was found to serve the same prefix.
    #[error(
        "another redress (instance {instance}) serves the prefix `{prefix}` and began earlier, so this one stops; what \
         this one has acknowledged meanwhile is in its log in {dir} only: look at it with `redress replay --data {dir}` \
         and send it to the one that serves"
    )]
    GivesWay {
        /// The prefix.
        prefix: String,
        /// The other instance, as it calls itself.
        instance: String,
        /// Our data folder.
        dir: std::path::PathBuf,
    },
    /// The server passes on too little.
    #[error(
        "the NATS server passes on messages up to {max_payload} bytes, and events need {needed}; raise max_payload in \
         its configuration"
    )]
    SmallMessages {
        /// What it passes on.
        max_payload: usize,
        /// What is needed.
        needed: usize,
    },
    /// The prefix cannot be part of a subject.
    #[error("`{prefix}` cannot be a prefix: use tokens of A-Z a-z 0-9 _ -, joined by dots")]
    Prefix {
        /// The prefix.
        prefix: String,
    },
    /// The operating system gives no threads.
    #[error("failed to start the threads that look things up for queries: {source}")]
    Threads {
        /// Why.
        source: std::io::Error,
    },
    /// The log or the views failed.
    #[error(transparent)]
    Processor(#[from] command_processor::Error),
    /// The log could not be read.
    #[error(transparent)]
    Log(#[from] event_log::Error),
}

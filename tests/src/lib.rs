//! The harness of the end-to-end tests: a real nats-server, the real binary, and a client that knows of Redress only
//! what its README tells other services.
//!
//! It depends on none of the workspace's crates on purpose: a test must not pass because both sides share a mistake.
//! Everything here panics with a sentence and the other side's own words when something fails, since the caller is
//! always a test. Nothing sleeps for a fixed time: what takes a while is waited for, up to a deadline.
//!
//! ```no_run
//! use end_to_end::{Client, NatsServer, Service};
//! use serde_json::json;
//!
//! let nats = NatsServer::start();
//! let data = end_to_end::data_dir();
//! let service = Service::start(nats.url(), data.path(), &[]);
//! let client = Client::connect(nats.url());
//! let reply = client.send("platform:shop", "IssueWarning", "w-1", &json!({}));
//! assert_eq!(reply.code(), "malformed_command");
//! assert_eq!(service.terminate().code(), Some(0));
//! ```
//!
//! Start with [`NatsServer`], [`Service`] and [`Client`]; [`cli`] runs the other subcommands.

mod authority;
pub mod bodies;
pub mod cli;
mod client;
pub mod flood;
pub mod jwt;
mod nats_server;
mod programs;
pub mod raw;
mod service;
mod strace;
mod waiting;

pub use async_nats::{ConnectOptions, RequestErrorKind};
pub use authority::{Authority, authority};
pub use client::{Client, Message, Reply, Subscription};
pub use nats_server::NatsServer;
pub use programs::{
    nats_server_program, python_program, redress_program, strace_program, unshare_program,
};
pub use service::{Ended, Service};
pub use strace::{Strace, as_strace_prints};
pub use waiting::wait_for;

/// A data folder for one test, removed with it.
pub fn data_dir() -> tempfile::TempDir {
    tempfile::Builder::new()
        .prefix("redress-test-")
        .tempdir()
        .expect("a temporary folder can be made")
}

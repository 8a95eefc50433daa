//! The outer shell of Redress: NATS in and out.
//!
//! Commands and queries come in by request and reply, as a NATS micro service; events go out in order from a
//! cursor in the log, and parties are told about their own notices. Core NATS only.
//!
//! What it is not: it decides nothing and keeps nothing. The role and the principal of a sender are tokens of
//! the subject, which the server's permissions bind; nothing in a body is believed about who sent it.
//!
//! Start with `gateway.rs`, the life of the service from connection to drain; `others.rs` sees that one alone serves; `commands.rs` and `queries.rs`
//! are what comes in, `answers.rs` and `publisher.rs` what goes out.

mod answers;
mod commands;
mod connection;
mod cursor;
mod error;
mod gateway;
mod others;
mod publisher;
mod queries;
mod reply;

pub use self::{
    answers::{Answers, answering},
    connection::{ConnectionOptions, connect},
    cursor::{CURSOR_FILE, published_beyond},
    error::Error,
    gateway::{Gateway, Inside, Listening, Settings},
};

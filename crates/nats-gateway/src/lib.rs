//! The outer shell of Redress: NATS in and out.
//!
//! Commands and queries come in by request and reply, as a NATS micro service; events go out in order from a
//! cursor in the log, and parties are told about their own notices. Core NATS only.
//!
//! What it is not: it decides nothing and keeps nothing. The role and the principal of a sender are tokens of
//! the subject, which the server's permissions bind; nothing in a body is believed about who sent it.
//!
//! Start with `gateway.rs`, the life of the service from connection to drain; `others.rs` sees that one alone serves.
//! What comes in on a connection (`listener.rs`) passes `sieve.rs` and `gate.rs`, where it is bounded before it is read
//! (`in_hand.rs`, `credit.rs`) and becomes a `request.rs`, which waits for its turn (`turns.rs`) to be read in
//! `commands.rs` and `queries.rs`, which look things up on `readers.rs`. `answers.rs` and `refusals.rs` are what goes
//! back, by way of `reply.rs` and `outlet.rs`; `publisher.rs` is what goes out, and `arrival.rs` knows whether it
//! arrived.

mod answers;
mod arrival;
mod circle;
mod commands;
mod connection;
mod credit;
mod desks;
mod error;
mod gate;
mod gateway;
mod in_hand;
mod inboxes;
mod left_out;
mod limited;
mod listener;
mod login_file;
mod others;
mod outlet;
mod per_second;
mod publisher;
mod queries;
mod readers;
mod refusals;
mod reply;
mod request;
mod sieve;
mod tls;
mod turns;
mod way_back;

pub use self::{
    answers::{Answers, answering},
    commands::Asked,
    connection::{ConnectionOptions, connect},
    error::Error,
    gateway::{Gateway, Inside, Listening, Settings},
};

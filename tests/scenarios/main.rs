//! The scenarios, one file each, named after the rule or the promise that it proves.
//!
//! They are one program, since linking one for each would take longer than running them. A new scenario is a new
//! file and its line here.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "a scenario fails where it unwraps, and says what it could not run"
)]

mod backfill_traffic_fines;
mod fault_kill_9;
mod foreign_client;
mod nats_server;
mod service;
mod trace_warning_lapses_and_is_appealed_away;
mod trace_warning_refused_then_rectified;

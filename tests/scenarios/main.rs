//! The scenarios, one file each, named after the rule or the promise that it proves.
//!
//! They are one program, since linking one for each would take longer than running them. A new scenario is a new
//! file and its line here.

mod backfill_traffic_fines;
mod nats_server;
mod service;
mod trace_warning_refused_then_rectified;

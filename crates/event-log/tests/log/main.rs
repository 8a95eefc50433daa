//! The rules of the log, one module for each matter.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "the helpers of tests fail like tests"
)]

mod appending;
mod damage;
mod failing;
mod framing;
mod killing;
mod opening;
mod scenes;
mod surgery;

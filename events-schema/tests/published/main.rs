//! What other teams read is true: the examples, the schemas, the README and the `AsyncAPI` document
//! agree with the types and with each other. The tests only read these files; nothing writes the
//! examples but people.

#![expect(clippy::unwrap_used, reason = "what a test cannot read fails the test")]

mod asyncapi;
mod commands;
mod earlier;
mod events;
mod files;
mod queries;
mod readme;
mod refusals;
mod rejections;
mod schemas;

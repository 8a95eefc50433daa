//! The developer's commands: `cargo xtask <command>`.
//!
//! It is not part of the service and nothing depends on it. Each command is one file in `commands/` with its
//! `Arguments` and a function `run`; to add one, add the file and its line in [`Command`] and in [`run`].
//! Progress goes to stderr; stdout carries results only, so that `--print` can be used in scripts.

#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a command line tool for developers talks to its terminal"
)]

mod commands;
mod dependencies;
mod failure;
mod local_server;
mod process;
mod toolbox;
mod workspace;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::{
    commands::{acceptance, check, demo, floods, test, tools},
    failure::Failure,
};

const EXAMPLES: &str = "\
Examples:
  cargo xtask demo                        see it at work: everything is set up, nothing is left running
  cargo xtask test                        install what the tests need, run them all
  cargo xtask test -p event-log           the tests of one crate
  cargo xtask test --release third_appeal
                                          other arguments go to the test runner as they are
  cargo xtask check                       everything that is checked without running the product
  cargo xtask check --only dependencies   one step of it
  cargo xtask floods                      what a quiet sender keeps of its rate beside one who floods
  cargo xtask tools                       make sure of a nats-server and a Python NATS client
  cargo xtask tools --print nats-server   where the nats-server is

Everything that is installed goes to the folder .tools, which git ignores; delete it to start afresh.";

#[derive(Parser)]
#[command(
    name = "xtask",
    bin_name = "cargo xtask",
    about = "The developer's commands of Redress.",
    after_help = EXAMPLES
)]
struct CommandLine {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Make sure that a nats-server and a Python NATS client are there
    Tools(tools::Arguments),
    /// Check formatting, lints, docs, schemas, dependencies, licences
    Check(check::Arguments),
    /// Install what the tests need and run them all
    Test(test::Arguments),
    /// Set everything up, play the two traces over real NATS, then replay and verify the log
    Demo(demo::Arguments),
    /// Measure what a quiet sender keeps of its rate while another one floods the service
    Floods(floods::Arguments),
    /// Show everything that must be shown, on a release build, with the commit
    Acceptance(acceptance::Arguments),
}

fn main() -> ExitCode {
    match run(&CommandLine::parse().command) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            if let Some(sentence) = failure.sentence() {
                eprintln!("xtask: {sentence}");
            }
            ExitCode::FAILURE
        }
    }
}

fn run(command: &Command) -> Result<(), Failure> {
    match command {
        Command::Tools(arguments) => tools::run(arguments),
        Command::Check(arguments) => check::run(arguments),
        Command::Test(arguments) => test::run(arguments),
        Command::Demo(arguments) => demo::run(arguments),
        Command::Floods(arguments) => floods::run(arguments),
        Command::Acceptance(arguments) => acceptance::run(arguments),
    }
}

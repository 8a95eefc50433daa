//! The one binary of Redress: the service, and the command line to work with it.
//!
//! Start with `cli.rs`, what can be asked for; each subcommand has a file of its own, with what it is told beside it.

#![expect(
    unreachable_pub,
    reason = "a program: nothing is reachable from outside"
)]

mod arguments;
mod backfill;
mod bench;
mod calendar;
mod cli;
mod columns;
mod configuration;
mod deadlines;
mod demo;
mod doctor;
mod explain;
mod failure;
mod logging;
mod login;
mod nearest;
mod output;
mod replay;
mod rulebook;
mod send;
mod serve;
mod shell;
mod show;
mod text_file;
mod verify;
mod when;
mod wire;

use std::process::ExitCode;

use clap::{Parser as _, error::ErrorKind};

use crate::{
    cli::{Cli, Command},
    failure::Failure,
    output::Output,
};

/// Commands are parsed on one thread and freed on another, which the system's allocator is slow at.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    // One provider for the whole process, before anything could ask for TLS.
    let installed = rustls::crypto::ring::default_provider().install_default();
    debug_assert!(installed.is_ok(), "nothing else installs a provider");
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => return misused(&error),
    };
    let output = Output::new(cli.output);
    match run(cli.command, output) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            output.failure(&failure);
            ExitCode::from(failure.exit_code())
        }
    }
}

/// Help, or why the command line does not read. Programs read that as any other error.
fn misused(error: &clap::Error) -> ExitCode {
    let output = Output::new(output::asked_for(std::env::args_os()));
    if !error.use_stderr() || output.is_human() {
        error.exit();
    }
    let said = if error.kind() == ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand {
        "say what to do; `redress --help` lists it".to_owned()
    } else {
        let text = error.to_string();
        text.trim_start_matches("error: ").trim_end().to_owned()
    };
    let failure = Failure::Usage(said);
    output.failure(&failure);
    ExitCode::from(failure.exit_code())
}

fn run(command: Command, output: Output) -> Result<(), Failure> {
    match command {
        Command::Serve(arguments) => serve::run(&arguments, output),
        Command::Send(arguments) => send::run(arguments, output),
        Command::Replay(arguments) => replay::run(&arguments, output),
        Command::Verify(arguments) => verify::run(&arguments, output),
        Command::Backfill(arguments) => backfill::run(arguments, output),
        Command::Demo(arguments) => demo::run(&arguments, output),
        Command::Bench(arguments) => bench::run(&arguments, output),
        Command::Show(arguments) => show::run(&arguments, output),
        Command::Calendar(arguments) => calendar::run(&arguments, output),
        Command::Rulebook(arguments) => rulebook::run(&arguments, output),
        Command::Explain(arguments) => explain::run(&arguments, output),
        Command::Doctor(arguments) => doctor::run(&arguments, output),
        Command::Deadlines(arguments) => deadlines::run(&arguments, output),
        Command::Completions(arguments) => {
            shell::completions(&arguments, output);
            Ok(())
        }
        Command::Man(arguments) => shell::manual(&arguments, output),
    }
}

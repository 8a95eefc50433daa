//! What can be asked for on the command line. What each command is told stands beside it.

use clap::{Parser, Subcommand};

use crate::{
    backfill, bench, calendar, deadlines, demo, doctor, explain, output::Format, replay, rulebook,
    send, serve, shell, show, verify,
};

/// Enforcement notices, rectification and appeals: a service on NATS with an append-only log, and the tools
/// to look into it.
#[derive(Debug, Parser)]
#[command(
    version,
    max_term_width = 100,
    after_help = "\
Exit codes: 0 done, 1 the world failed, 2 usage, 3 rejected by the procedure, 4 not found (a case, a log, a file), \
5 no server or nobody serves, 6 no answer in time, 7 verification failed, 8 storage failed or damaged, 9 the log \
was rolled back or is gone, 10 denied by the NATS server.

Results go to standard output, errors to standard error: with -o json and -o jsonl as one JSON object on the last line,
  {\"error\": \"not_found\", \"exit_code\": 4, \"detail\": \"...\"}
and what the procedure answered as \"problem\" where \
it refused. What is on standard output then is complete JSON, and was found or done before."
)]
pub struct Cli {
    /// The form of results: for people, one JSON document, or one JSON document a line.
    #[arg(short, long, global = true, value_enum, default_value = "human")]
    pub output: Format,
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Run the service.
    Serve(serve::Arguments),
    /// Send a command, or many from a file.
    Send(send::Arguments),
    /// Show what happened, event by event.
    Replay(replay::Arguments),
    /// Check the whole log: every checksum, hash and digest, and that the projections follow from it.
    Verify(verify::Arguments),
    /// Take over an existing platform's history from a file.
    Backfill(backfill::Arguments),
    /// Play the two traces of the procedure, step by step.
    Demo(demo::Arguments),
    /// Measure commands a second beside an echo, and replay.
    Bench(bench::Arguments),
    /// Show a case, an account, an inbox or the open deadlines.
    Show(show::Arguments),
    /// Import, show and explain calendars of working days.
    Calendar(calendar::Arguments),
    /// Check and show rulebooks.
    Rulebook(rulebook::Arguments),
    /// Say what the code of a refusal means.
    Explain(explain::Arguments),
    /// Look at everything that the service needs.
    Doctor(doctor::Arguments),
    /// Let held deadlines fire again.
    Deadlines(deadlines::Arguments),
    /// Print what makes a shell complete commands and flags.
    Completions(shell::Completions),
    /// Write the manual pages, one for each subcommand.
    Man(shell::Man),
}

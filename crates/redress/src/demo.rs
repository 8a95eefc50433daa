//! `redress demo`: the two traces of the procedure, step by step, in process or against a running service.
//!
//! Deadlines pass because the rulebook counts in seconds; no clock is faked.

mod bodies;
mod guest;
mod script;
mod stage;

use clap::Args;
use serde::Serialize;

use self::script::Played;
use crate::{
    arguments::{self, nats_url},
    failure::Failure,
    output::Output,
    replay, verify,
};

/// Arguments of `demo`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  redress demo
  redress demo --nats nats://127.0.0.1:4222 --prefix demo

Without --nats everything runs in this process, in a temporary folder that is removed. A service on \
which anything but demonstrations happened is refused: the demonstration adopts a rulebook of seconds.")]
pub struct Arguments {
    /// Play against the service on this NATS server instead.
    #[arg(long, value_parser = nats_url)]
    pub nats: Option<String>,
    /// The prefix of its subjects.
    #[arg(long, default_value = "redress")]
    pub prefix: String,
    /// How the server knows us; it plays every role, so the user may be all of them.
    #[command(flatten)]
    pub login: arguments::Login,
}

pub fn run(arguments: &Arguments, output: Output) -> Result<(), Failure> {
    let service = arguments.nats.as_ref().map(|nats| arguments::Service {
        nats: nats.clone(),
        prefix: arguments.prefix.clone(),
        login: arguments.login.clone(),
        sender: None,
        timeout_seconds: 10,
    });
    if let Some(service) = &service {
        guest::refuse_history_of_others(service)?;
    }
    let runtime = arguments::runtime()?;
    runtime.block_on(async {
        let stage = match &service {
            None => stage::Stage::in_process()?,
            Some(service) => stage::Stage::over_nats(service).await?,
        };
        let played = script::play(&stage, output).await;
        let folder = stage.close()?;
        match (played, folder) {
            (Ok(played), None) => {
                output.result(&played, |played| {
                    format!("\nplayed with account {}", played.account)
                });
                Ok(())
            }
            (Ok(played), Some(folder)) => {
                let shown = Demonstration {
                    played,
                    history: replay::whole(folder.path())?,
                    proof: verify::verify(folder.path(), output)?,
                };
                // Before anything is printed, which may end the program.
                drop(folder);
                show(&shown, output)
            }
            (Err(failure), _) => Err(failure),
        }
    })
}

/// What a demonstration in this process comes to.
#[derive(Serialize)]
struct Demonstration {
    #[serde(flatten)]
    played: Played,
    history: Vec<replay::ReplayedEvent>,
    proof: verify::Verified,
}

fn show(shown: &Demonstration, output: Output) -> Result<(), Failure> {
    if output.is_human() {
        output.note("\nThe history, from the log:\n");
        output.stream(shown.history.iter().map(Ok), |event| {
            replay::describe(event)
        })?;
        output.note("\nAnd the proof:\n");
    }
    output.result(shown, |shown| verify::describe(&shown.proof));
    shown.proof.judge()
}

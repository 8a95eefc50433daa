//! `redress demo`: the two traces of the procedure, step by step, in process or against a running service.
//!
//! Deadlines pass because the rulebook counts in seconds; no clock is faked.

mod bodies;
mod guest;
mod script;
mod stage;

use serde::Serialize;

use self::script::Played;
use crate::{cli, failure::Failure, output::Output, replay, verify};

pub fn run(arguments: &cli::Demo, output: Output) -> Result<(), Failure> {
    let service = arguments.nats.as_ref().map(|nats| cli::Service {
        nats: nats.clone(),
        prefix: arguments.prefix.clone(),
        login: arguments.login.clone(),
        sender: None,
        timeout_seconds: 10,
    });
    if let Some(service) = &service {
        guest::refuse_history_of_others(service)?;
    }
    let runtime = tokio::runtime::Runtime::new()
        .map_err(|error| Failure::World(format!("failed to start: {error}")))?;
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
                let shown = Shown {
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
struct Shown {
    #[serde(flatten)]
    played: Played,
    history: Vec<replay::Shown>,
    proof: verify::Verified,
}

fn show(shown: &Shown, output: Output) -> Result<(), Failure> {
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

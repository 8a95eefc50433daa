//! `redress demo`: the two traces of the procedure, step by step, in process or against a running service.
//!
//! Deadlines pass because the rulebook counts in seconds; no clock is faked.

mod script;
mod stage;

use crate::{cli, failure::Failure, output::Output};

pub fn run(arguments: &cli::Demo, output: Output) -> Result<(), Failure> {
    let runtime = tokio::runtime::Runtime::new()
        .map_err(|error| Failure::World(format!("failed to start: {error}")))?;
    runtime.block_on(async {
        let stage = match &arguments.nats {
            None => stage::Stage::in_process()?,
            Some(url) => stage::Stage::over_nats(url, &arguments.prefix).await?,
        };
        let played = script::play(&stage, output).await;
        stage.close(output)?;
        played
    })
}

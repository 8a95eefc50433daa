//! `redress deadlines release`: lets deadlines fire again after the administrator has looked.

use async_nats::HeaderMap;
use events_schema::{Accepted, CommandName};
use serde_json::json;

use crate::{
    cli,
    failure::Failure,
    output::Output,
    send,
    wire::{self, Wire},
};

pub fn run(arguments: &cli::Deadlines, output: Output) -> Result<(), Failure> {
    let cli::DeadlinesCommand::Release {
        service,
        reason,
        leave_future_behind,
    } = &arguments.what;
    let name = CommandName::ReleaseDeadlines;
    let senders = service.senders_of(name)?;
    let runtime = tokio::runtime::Runtime::new()
        .map_err(|error| Failure::World(format!("failed to start: {error}")))?;
    runtime.block_on(async {
        let wire = Wire::connect(service).await?;
        let sender = wire.sender(name, senders).await?;
        let facts = if *leave_future_behind {
            json!({ "leave_future_behind": true })
        } else {
            json!({})
        };
        let body = match reason {
            None => json!({ "facts": facts }),
            Some(reason) => json!({ "facts": facts, "personal": { "reason": reason } }),
        };
        let id = send::new_id()?;
        let message = wire
            .command(
                (&sender, name, &id),
                HeaderMap::new(),
                body.to_string().into_bytes(),
                wire.patience(),
            )
            .await?;
        let accepted: Accepted = wire::read(&message)?;
        output.result(&accepted, |accepted| {
            format!(
                "released; recorded at position {}",
                accepted.positions.first
            )
        });
        Ok(())
    })
}

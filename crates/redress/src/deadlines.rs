//! `redress deadlines release`: lets deadlines fire again after the administrator has looked.

use async_nats::HeaderMap;
use events_schema::{Accepted, CommandName, ReleaseDeadlines};
use serde::Deserialize;
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
        hold,
        leave_future_behind,
    } = &arguments.what;
    let name = CommandName::ReleaseDeadlines;
    let senders = service.senders_of(name)?;
    let runtime = tokio::runtime::Runtime::new()
        .map_err(|error| Failure::World(format!("failed to start: {error}")))?;
    runtime.block_on(async {
        let wire = Wire::connect(service).await?;
        let sender = wire.sender(name, senders).await?;
        let hold = match hold {
            Some(hold) => Some(*hold),
            None => {
                wire.query::<Status>(&sender, "Status", &json!({}))
                    .await?
                    .hold
            }
        };
        let facts = ReleaseDeadlines {
            hold,
            leave_future_behind: *leave_future_behind,
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
                "released what was held since position {}; recorded at position {}",
                hold.unwrap_or_default(),
                accepted.positions.first
            )
        });
        Ok(())
    })
}

/// What is read of the answer to `Status`.
#[derive(Debug, Deserialize)]
struct Status {
    hold: Option<u64>,
}

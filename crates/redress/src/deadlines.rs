//! `redress deadlines release`: lets deadlines fire again after the administrator has looked.

use async_nats::HeaderMap;
use events_schema::{Accepted, CommandName, HoldId, ReleaseDeadlines};
use serde::Deserialize;
use serde_json::json;

use crate::{
    cli,
    failure::Failure,
    output::{Output, counted},
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
        if hold.is_none() {
            let status: Status = wire.query(&sender, "Status", &json!({})).await?;
            status.ask_to_look()?;
        }
        let facts = ReleaseDeadlines {
            hold: hold.clone(),
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
                "released; recorded at position {}",
                accepted.positions.first
            )
        });
        Ok(())
    })
}

/// What is read of the answer to `Status`.
#[derive(Debug, Deserialize)]
struct Status {
    held: Option<String>,
    hold: Option<HoldId>,
    overdue_deadlines: u64,
}

impl Status {
    /// A release says that somebody has looked at what it releases, so it names that: what was found in doubt since is
    /// another hold. Where nothing is held the service says so.
    fn ask_to_look(self) -> Result<(), Failure> {
        let (Some(why), Some(hold)) = (self.held, self.hold) else {
            return Ok(());
        };
        Err(Failure::Usage(format!(
            "hold {hold}: {why}; {} overdue. Look whether the clock of the service is right now, and at \
             `redress show deadlines`; then say that you have looked at this one: `redress deadlines release --hold \
             {hold}`",
            counted(self.overdue_deadlines, "deadline")
        )))
    }
}

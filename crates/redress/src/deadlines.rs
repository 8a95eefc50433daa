//! `redress deadlines release`: lets deadlines fire again after the administrator has looked.

use async_nats::HeaderMap;
use events_schema::{Accepted, CommandName, Query, ReleaseDeadlines, Status, StatusQuery};
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
            let status = wire.query(&sender, &Query::Status(StatusQuery {})).await?;
            ask_to_look(status)?;
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

/// A release says that somebody has looked at what it releases, so it names that: what was found in doubt since is
/// another hold. Where nothing is held the service says so.
fn ask_to_look(status: Status) -> Result<(), Failure> {
    let (Some(why), Some(hold)) = (status.held, status.hold) else {
        return Ok(());
    };
    Err(Failure::Usage(format!(
        "hold {hold}: {why}; {} overdue. Look whether the clock of the service is right now, and at \
         `redress show deadlines`; then say that you have looked at this one: `redress deadlines release --hold \
         {hold}`",
        counted(status.overdue_deadlines, "deadline")
    )))
}

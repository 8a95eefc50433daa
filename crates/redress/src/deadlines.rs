//! `redress deadlines release`: lets deadlines fire again after the administrator has looked.

use async_nats::HeaderMap;
use clap::{Args, Subcommand};
use events_schema::{Accepted, CommandName, HoldId, Query, ReleaseDeadlines, Status, StatusQuery};
use serde_json::json;

use crate::{
    arguments,
    failure::Failure,
    output::{Output, counted},
    send,
    wire::{self, Wire},
};

/// Arguments of `deadlines`.
#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  redress deadlines release --as administrator:me --hold 47-5f0c9a1e \\\n    --reason \"the machine was down\""
)]
pub struct Arguments {
    /// What to do.
    #[command(subcommand)]
    pub what: What,
}

/// What to do with deadlines.
#[derive(Debug, Subcommand)]
pub enum What {
    /// Let them fire again, after looking at `redress show deadlines`.
    #[command(after_help = "\
A service that was away for more than 24 hours, or whose clock jumped or went back, fires and decides nothing by \
itself, whatever restarts meanwhile: a month of penalties is not imposed at once before somebody has looked. It says so \
when it starts, `redress doctor` and `redress show deadlines` say so too. Set the clock right first: the release says \
that it is right. After it everything overdue fires, the oldest first, with effects dated at their deadlines. Where \
nothing is held it is refused, and so is a release of a hold behind which there is a newer one. Without --hold it says \
what is held and why, and releases nothing.

Where a clock that ran ahead was believed, the last events are dated in the future, and a release is refused as \
time_held until the clock has passed them. With --leave-future-behind those times are left behind: the release and all \
that follows are dated by the clock. That is on record, and nowhere else does time go back.

Examples:
  redress deadlines release --as administrator:me
  redress deadlines release --as administrator:me --hold 47-5f0c9a1e \\
    --reason \"the machine was down over the weekend\"")]
    Release {
        /// The service.
        #[command(flatten)]
        service: arguments::Service,
        /// What was found.
        #[arg(long)]
        reason: Option<String>,
        /// The hold that was looked at; without it nothing is released, and what is held is said
        #[arg(long, value_name = "ID")]
        hold: Option<HoldId>,
        /// Leave times behind that were recorded ahead of the clock.
        #[arg(long)]
        leave_future_behind: bool,
    },
}

pub fn run(arguments: &Arguments, output: Output) -> Result<(), Failure> {
    let What::Release {
        service,
        reason,
        hold,
        leave_future_behind,
    } = &arguments.what;
    let name = CommandName::ReleaseDeadlines;
    let senders = service.senders_of(name)?;
    let runtime = arguments::runtime()?;
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

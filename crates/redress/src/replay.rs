//! `redress replay`: what happened, event by event, from the log or over NATS.

use std::path::{Path, PathBuf};

use clap::Args;
use command_processor::{Contradiction, Recorded, refuse_what_a_log_left};
use event_log::{EventLog, OpenReport};
use events_schema::{CaseId, Event, EventsQuery, Header, Query, StoredEvent, StoredEvents, Stream};
use serde::Serialize;
use serde_json::{Value, value::RawValue};

use crate::{
    arguments::{self, data_folder},
    failure::{ASK_THE_SERVICE, Failure},
    output::{Output, counted, tell_rolled_back},
    wire::Wire,
};

/// Events asked for at once.
const EVENTS_PER_QUERY: u64 = 500;

/// An event as it is shown: the header and the data as they are stored.
#[derive(Debug, Serialize)]
pub struct ReplayedEvent {
    position: u64,
    header: Box<RawValue>,
    data: Box<RawValue>,
}

impl ReplayedEvent {
    /// The event as this version reads it.
    pub fn read(&self) -> Option<Recorded> {
        let header = Header::from_bytes(self.header.get().as_bytes()).ok()?;
        let event = Event::read(header.event_type, self.data.get().as_bytes()).ok()?;
        Some(Recorded { header, event })
    }
}

/// Arguments of `replay`.
#[derive(Debug, Args)]
#[command(after_help = "Example: redress replay --data DIR --case C1")]
pub struct Arguments {
    /// The folder of the log, if no service runs on it.
    #[arg(long, value_parser = data_folder())]
    pub data: Option<PathBuf>,
    /// The service, otherwise; for an auditor, the platform or the administrator.
    #[command(flatten)]
    pub service: arguments::Service,
    /// Only this case.
    #[arg(long)]
    pub case: Option<CaseId>,
    /// From this position.
    #[arg(long, default_value_t = 0)]
    pub from: u64,
    /// Up to this position, which is not shown itself.
    #[arg(long)]
    pub to: Option<u64>,
}

pub fn run(arguments: &Arguments, output: Output) -> Result<(), Failure> {
    let to = arguments.to.unwrap_or(u64::MAX);
    if arguments.from > to {
        return Err(Failure::Usage(format!(
            "--from {} lies behind --to {to}; nothing is between them",
            arguments.from
        )));
    }
    let count = if let Some(dir) = &arguments.data {
        arguments.service.refuse_sender_of_a_folder()?;
        let opened = open(dir);
        let (log, _) = opened.map_err(|failure| failure.or_where_in_use(ASK_THE_SERVICE))?;
        tell_rolled_back(&Contradiction::all(dir, &log.reader())?);
        let wanted = arguments.case.clone().map(Stream::Case);
        let events = log.reader().range(arguments.from, to).filter_map(|record| {
            let record = match record {
                Ok(record) => record,
                Err(error) => return Some(Err(Failure::from(error))),
            };
            let of_other = wanted.as_ref().is_some_and(|wanted| {
                Header::from_bytes(record.header()).is_ok_and(|header| header.stream != *wanted)
            });
            (!of_other).then(|| shown(record.position(), record.header(), record.data()))
        });
        print(arguments, events, output)?
    } else {
        let events = served(&arguments.service, arguments.from, arguments.case.as_ref())?
            .take_while(|event| !matches!(event, Ok(event) if event.position >= to));
        print(arguments, events, output)?
    };
    output.note(&counted(count, "event"));
    Ok(())
}

/// Every event of the log in a folder.
pub fn whole(dir: &Path) -> Result<Vec<ReplayedEvent>, Failure> {
    let (log, _) = open(dir)?;
    let records = log.reader().range(0, u64::MAX);
    records
        .map(|record| {
            let record = record?;
            shown(record.position(), record.header(), record.data())
        })
        .collect()
}

/// Opens the log in a folder, if there is one.
pub fn open(dir: &Path) -> Result<(EventLog, OpenReport), Failure> {
    if !EventLog::exists(dir) {
        refuse_what_a_log_left(dir)?;
        return Err(Failure::NotFound(format!(
            "there is no log in {}",
            dir.display()
        )));
    }
    Ok(EventLog::open(dir)?)
}

/// A case without any event is said before anything is printed.
fn print(
    arguments: &Arguments,
    events: impl Iterator<Item = Result<ReplayedEvent, Failure>>,
    output: Output,
) -> Result<u64, Failure> {
    let mut events = events.peekable();
    if let Some(case) = &arguments.case
        && events.peek().is_none()
    {
        return Err(Failure::NotFound(format!(
            "there is no event of case {case} in that range"
        )));
    }
    output.stream(events, describe)
}

/// The events that a service has from a position on, as they are asked for.
pub fn served(
    service: &arguments::Service,
    from: u64,
    case: Option<&CaseId>,
) -> Result<impl Iterator<Item = Result<ReplayedEvent, Failure>>, Failure> {
    let runtime = arguments::runtime()?;
    let (wire, sender) = runtime.block_on(async {
        let wire = Wire::connect(service).await?;
        let sender = wire.asker(service).await?;
        Ok::<_, Failure>((wire, sender))
    })?;
    let mut from = from;
    let mut batch = Vec::new().into_iter();
    let mut done = false;
    Ok(std::iter::from_fn(move || {
        loop {
            if let Some(StoredEvent {
                position,
                header,
                data,
            }) = batch.next()
            {
                return Some(shown(position, header.as_bytes(), data.as_bytes()));
            }
            if done {
                return None;
            }
            let asked = Query::Events(EventsQuery {
                from: Some(from),
                limit: Some(EVENTS_PER_QUERY),
                case: case.cloned(),
            });
            let answer: StoredEvents = match runtime.block_on(wire.query(&sender, &asked)) {
                Ok(answer) => answer,
                Err(failure) => {
                    done = true;
                    return Some(Err(failure));
                }
            };
            done = answer.next >= answer.head;
            from = answer.next;
            batch = answer.events.into_iter();
        }
    }))
}

fn shown(position: u64, header: &[u8], data: &[u8]) -> Result<ReplayedEvent, Failure> {
    let raw = |bytes: &[u8]| {
        RawValue::from_string(String::from_utf8_lossy(bytes).into_owned()).map_err(|error| {
            Failure::Storage(format!(
                "event {position} is not JSON: {error}; run `redress verify`"
            ))
        })
    };
    Ok(ReplayedEvent {
        position,
        header: raw(header)?,
        data: raw(data)?,
    })
}

/// One line for a person: position, time, who, what about, and what happened.
pub fn describe(shown: &ReplayedEvent) -> String {
    if let Some(Recorded { header, event }) = shown.read() {
        return format!(
            "{:>8}  {}  {:<24} {:<20} {}",
            shown.position,
            header.time,
            header.stream.to_string(),
            header.actor.to_string(),
            projections::summary(&event)
        );
    }
    let header: Value = serde_json::from_str(shown.header.get()).unwrap_or_default();
    let kind = header
        .get("type")
        .and_then(Value::as_str)
        .unwrap_or("unreadable");
    format!(
        "{:>8}  {kind} (of a version that this one does not know)",
        shown.position
    )
}

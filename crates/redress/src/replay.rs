//! `redress replay`: what happened, event by event, from the log or over NATS.

use command_processor::Recorded;
use event_log::EventLog;
use events_schema::{Event, Header, Stream};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json, value::RawValue};

use crate::{cli, failure::Failure, output::Output, wire::Wire};

/// Events asked for at once.
const EVENTS_PER_QUERY: u64 = 500;

/// An event as it is shown: the header and the data as they are stored.
#[derive(Debug, Serialize)]
pub struct Shown {
    position: u64,
    header: Box<RawValue>,
    data: Box<RawValue>,
}

pub fn run(arguments: &cli::Replay, output: Output) -> Result<(), Failure> {
    let count = match &arguments.data {
        Some(dir) => {
            if !EventLog::exists(dir) {
                return Err(Failure::NotFound(format!(
                    "there is no log in {}",
                    dir.display()
                )));
            }
            let (log, _) = EventLog::open(dir)?;
            let to = arguments.to.unwrap_or(u64::MAX);
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
            output.stream(events, describe)?
        }
        None => over_nats(arguments, output)?,
    };
    if count == 0
        && let Some(case) = &arguments.case
    {
        return Err(Failure::NotFound(format!(
            "there is no event of case {case} in that range"
        )));
    }
    output.note(&format!("{count} events"));
    Ok(())
}

fn over_nats(arguments: &cli::Replay, output: Output) -> Result<u64, Failure> {
    #[derive(Deserialize)]
    struct Answer {
        events: Vec<Stored>,
        next: u64,
        head: u64,
    }
    #[derive(Deserialize)]
    struct Stored {
        position: u64,
        header: String,
        data: String,
    }
    let runtime = tokio::runtime::Runtime::new()
        .map_err(|error| Failure::World(format!("failed to start: {error}")))?;
    let wire = runtime.block_on(Wire::connect(&arguments.service))?;
    let to = arguments.to.unwrap_or(u64::MAX);
    let mut from = arguments.from;
    let mut batch = Vec::new().into_iter();
    let mut done = false;
    let events = std::iter::from_fn(|| {
        loop {
            if let Some(Stored {
                position,
                header,
                data,
            }) = batch.next()
            {
                return (position < to)
                    .then(|| shown(position, header.as_bytes(), data.as_bytes()));
            }
            if done {
                return None;
            }
            let asked = json!({ "from": from, "limit": EVENTS_PER_QUERY, "case": arguments.case });
            let answer: Answer =
                match runtime.block_on(wire.query(&arguments.sender, "Events", &asked)) {
                    Ok(answer) => answer,
                    Err(failure) => {
                        done = true;
                        return Some(Err(failure));
                    }
                };
            done = answer.next >= answer.head || answer.next >= to;
            from = answer.next;
            batch = answer.events.into_iter();
        }
    });
    output.stream(events, describe)
}

fn shown(position: u64, header: &[u8], data: &[u8]) -> Result<Shown, Failure> {
    let raw = |bytes: &[u8]| {
        RawValue::from_string(String::from_utf8_lossy(bytes).into_owned()).map_err(|error| {
            Failure::Storage(format!(
                "event {position} is not JSON: {error}; run `redress verify`"
            ))
        })
    };
    Ok(Shown {
        position,
        header: raw(header)?,
        data: raw(data)?,
    })
}

/// One line for a person: position, time, who, what about, and what happened.
fn describe(shown: &Shown) -> String {
    let read = Header::from_bytes(shown.header.get().as_bytes())
        .ok()
        .and_then(|header| {
            let event = Event::read(header.event_type, shown.data.get().as_bytes()).ok()?;
            Some(Recorded { header, event })
        });
    if let Some(Recorded { header, event }) = read {
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

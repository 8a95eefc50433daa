//! A demonstration on somebody's service is a guest: it adopts a rulebook of seconds, which is in force for everybody
//! from then on. So it plays only where nothing but demonstrations were played.

use events_schema::{BooksEvent, Event, Header, LogEvent, Stream};

use super::script;
use crate::{arguments, failure::Failure, replay};

/// Refuses a service that has a history of its own. It reads no further than the first event of it.
pub(super) fn refuse_history_of_others(service: &arguments::Service) -> Result<(), Failure> {
    for event in replay::served(service, 0, None)? {
        let event = event?;
        let ours = event
            .read()
            .is_some_and(|recorded| is_of_a_demonstration(&recorded.header, &recorded.event));
        if !ours {
            return Err(Failure::Usage(format!(
                "the service {}.v1 on {} has a history of its own:\n  {}\nThe demonstration would put a rulebook of \
                 seconds in force there, for everybody. Leave out --nats, or play it on a service of its own:\n  \
                 REDRESS_SERVE_PREFIX=demo redress serve --nats {} --data DIR\n  redress demo --nats {} --prefix demo",
                service.prefix,
                service.nats,
                replay::describe(&event).trim(),
                service.nats,
                service.nats
            )));
        }
    }
    Ok(())
}

fn is_of_a_demonstration(header: &Header, event: &Event) -> bool {
    match (&header.stream, event) {
        // That the clock was in doubt says nothing of what the service is for.
        (
            Stream::Log,
            Event::Log(
                LogEvent::LogCreated(_)
                | LogEvent::DeadlinesHeld(_)
                | LogEvent::DeadlinesReleased(_),
            ),
        ) => true,
        (Stream::Calendar(id), _) => id.as_str() == script::CALENDAR,
        (Stream::Rulebook, Event::Books(BooksEvent::RulebookAdopted(adopted))) => {
            adopted.command.toml == script::RULEBOOK
        }
        (Stream::Case(id), _) => header
            .account
            .as_ref()
            .is_some_and(|account| script::is_played(account, id)),
        (Stream::Account(account), _) => script::is_playing(account),
        (Stream::Log | Stream::Rulebook, _) => false,
    }
}

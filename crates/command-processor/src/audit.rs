//! The rules of the log, apart from those of the procedure: whose it is, in which order its events stand, and that time
//! does not go back. An auditor holds every event against them.

use std::collections::HashMap;

use events_schema::{Event, Instant as Time, LogEvent, Sha256, Stream};

use crate::Recorded;

/// The rules of the log: what each event must fit, given those before it.
#[derive(Debug, Default)]
pub struct LogRules {
    streams: HashMap<Stream, (u64, u64)>,
    last_time: Option<Time>,
}

impl LogRules {
    /// Takes in the next event, and says what of it does not fit. The digest is that of its data as they are stored.
    pub fn check(&mut self, recorded: &Recorded, data_hash: Sha256, log_id: &str) -> Vec<String> {
        let header = &recorded.header;
        let position = header.position;
        let mut problems = Vec::new();
        if data_hash != header.data_hash {
            problems.push(format!(
                "event {position}: its data is not what its datahash says"
            ));
        }
        if *header.log_id != *log_id {
            problems.push(format!(
                "event {position}: its source is another log, {}",
                header.log_id
            ));
        }
        if (position == 0) != matches!(recorded.event, Event::Log(LogEvent::LogCreated(_))) {
            problems.push(format!(
                "event {position}: {} does not belong there",
                header.event_type
            ));
        }
        if header.event_type != recorded.event.event_type() {
            problems.push(format!("event {position}: its type does not fit its data"));
        }
        problems.extend(self.check_time(recorded));
        let before = self
            .streams
            .insert(header.stream.clone(), (position, header.revision));
        let revision = before.map_or(1, |(_, revision)| revision + 1);
        if header.revision != revision {
            problems.push(format!(
                "event {position}: it is revision {} of {}, and {revision} was to come",
                header.revision, header.stream
            ));
        }
        if header.previous != before.map(|(previous, _)| previous) {
            problems.push(format!(
                "event {position}: it does not name the event of {} before it",
                header.stream
            ));
        }
        problems
    }

    /// Times never go back, but where the administrator has left the future behind: to the time of that event, and what
    /// is left behind is the time of the last one.
    fn check_time(&mut self, Recorded { header, event }: &Recorded) -> Option<String> {
        let (position, time, last) = (header.position, header.time, self.last_time);
        if let Some(left) = event.left_behind() {
            self.last_time = Some(time);
            return (last != Some(left)).then(|| {
                format!(
                    "event {position}: it leaves the time {left} behind, which is not that of the event before it"
                )
            });
        }
        self.last_time = last.max(Some(time));
        last.is_some_and(|last| time < last)
            .then(|| format!("event {position}: its time goes back to {time}"))
    }
}

#[cfg(test)]
mod tests {
    use events_schema::{BackfillStarted, DeadlinesReleased, Header, ReleaseDeadlines};

    use super::*;

    fn at(second: u32) -> Time {
        format!("2026-03-02T00:00:{second:02}Z").parse().unwrap()
    }

    fn recorded(event: Event, second: u32) -> Recorded {
        Recorded {
            header: Header {
                position: u64::from(second),
                log_id: "0123456789abcdef0123456789abcdef".into(),
                event_type: event.event_type(),
                stream: Stream::Log,
                time: at(second),
                revision: 1,
                previous: None,
                account: None,
                command_id: None,
                command_hash: None,
                correlation_id: None,
                causation: None,
                actor: "service:deadlines".parse().unwrap(),
                received: None,
                rulebook: None,
                data_hash: Sha256([0; 32]),
            },
            event,
        }
    }

    fn some(second: u32) -> Recorded {
        let event = Event::from(BackfillStarted {
            file_sha256: Sha256([0; 32]),
            wall_time: at(0),
        });
        recorded(event, second)
    }

    fn released(second: u32, left_behind: Option<u32>) -> Recorded {
        let event = Event::from(DeadlinesReleased {
            command: ReleaseDeadlines::default(),
            overdue: 0,
            left_behind: left_behind.map(at),
        });
        recorded(event, second)
    }

    fn problems(events: &[Recorded]) -> Vec<String> {
        let mut expected = LogRules::default();
        let problems = events.iter().filter_map(|it| expected.check_time(it));
        problems.collect()
    }

    #[test]
    fn times_go_back_where_the_future_is_left_behind_and_nowhere_else() {
        assert_eq!(problems(&[some(1), some(9), some(9)]), Vec::<String>::new());
        let left = [some(9), released(3, Some(9)), some(3), some(4)];
        assert_eq!(problems(&left), Vec::<String>::new());
        for broken in [
            vec![some(9), some(3)],
            vec![some(9), released(3, None)],
            vec![some(9), released(3, Some(8))],
            vec![some(9), released(3, Some(9)), some(2)],
            vec![released(3, Some(9))],
        ] {
            assert_eq!(problems(&broken).len(), 1, "{broken:?}");
        }
    }
}

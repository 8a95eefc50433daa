//! Where a takeover begins, and where one goes on that was killed.

use std::collections::BTreeSet;

use events_schema::{BackfillStarted, Event, Instant, LogEvent, Sha256};

use crate::{Error, Processor, Recorded, clock};

/// How far an earlier run came.
pub(super) struct Resume {
    /// The last line that left an event.
    pub(super) line: u64,
    /// The time of the last event: every line before it, in order, was decided before it.
    pub(super) older_than: Instant,
    /// The lines that were accepted. Of those that are done, the report must list the others and no more.
    pub(super) accepted: BTreeSet<u64>,
}

impl Resume {
    fn take_in(&mut self, recorded: &Recorded) {
        let Recorded { header, event } = recorded;
        self.older_than = self.older_than.max(header.time);
        let number = header
            .command_id
            .as_ref()
            .and_then(|id| id.as_str().strip_prefix("line-")?.parse().ok());
        if let Some(number) = number {
            self.line = number;
            if !matches!(event, Event::Account(_)) {
                self.accepted.insert(number);
            }
        }
    }

    /// Whether a line that stands in time order was decided by it.
    pub(super) fn is_done(&self, line: u64, at: Instant) -> bool {
        line <= self.line || at < self.older_than
    }
}

/// Where to begin: at the first line of an empty log, or behind what is in it of the same file.
pub(super) fn place(
    processor: &mut Processor,
    file_sha256: Sha256,
    begin: Instant,
) -> Result<Resume, Error> {
    let log = processor.reader();
    let next_position = log.head().next_position;
    let event_at = |position: u64| -> Result<Option<Recorded>, Error> {
        log.read(position)?
            .map(|record| Recorded::read(position, record.header(), record.data()))
            .transpose()
    };
    let refuse = |problem: &str| {
        Err(Error::Backfill {
            problem: problem.to_owned(),
        })
    };
    // No event is dated before the one in front of it, so the history would lose its times.
    if let Some(created) = event_at(0)?.map(|recorded| recorded.header.time)
        && created > begin
    {
        return refuse(&format!(
            "the log was begun at {created}, after the first line, which is of {begin}; use an empty folder"
        ));
    }
    if next_position == 1 {
        let started = BackfillStarted {
            file_sha256,
            wall_time: clock::now(),
        };
        processor.record_about_log(started.into(), begin)?;
        processor.commit()?;
        return Ok(Resume {
            line: 0,
            older_than: begin,
            accepted: BTreeSet::new(),
        });
    }
    match event_at(1)?.map(|recorded| recorded.event) {
        Some(Event::Log(LogEvent::BackfillStarted(started)))
            if started.file_sha256 == file_sha256 => {}
        Some(Event::Log(LogEvent::BackfillStarted(_))) => {
            return refuse("the log holds another file; use an empty folder for this one");
        }
        Some(_) | None => {
            return refuse("the log has a life of its own already; use an empty folder");
        }
    }
    let mut resume = Resume {
        line: 0,
        older_than: begin,
        accepted: BTreeSet::new(),
    };
    for record in log.range(2, next_position) {
        let record = record?;
        let recorded = Recorded::read(record.position(), record.header(), record.data())?;
        if matches!(recorded.event, Event::Log(LogEvent::BackfillCompleted(_))) {
            return refuse("the log holds the whole of this file already");
        }
        resume.take_in(&recorded);
    }
    Ok(resume)
}

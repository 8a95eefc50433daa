//! Starting: open or make the log, fold it into memory, from the snapshot of the caches as far as that
//! holds, and event by event from there.

use std::path::Path;

use enforcement_rules::Platform;
use event_log::{EventLog, LogId};
use events_schema::{Event, Instant, Label, LogCreated, LogEvent, Stream};
use projections::ReadModel;

use crate::{
    Contradiction, Error, HEARTBEAT_FILE, Processor, Recorded,
    heartbeat::LastAlive,
    memory::Memory,
    parse_ahead::{Which, for_each_event},
    rollback,
    snapshot::{self, Loaded},
    views::show,
};

/// The version of what the log stores.
pub const FORMAT: u32 = 1;

/// Events folded between two reports of progress.
const PROGRESS_EVERY: u64 = 20_000;

/// What was found at the start.
#[derive(Debug)]
pub struct StartReport {
    /// Whether the log is new.
    pub created: bool,
    /// What the log had to say, sentence by sentence.
    pub findings: Vec<String>,
    /// Up to which position the caches came from their snapshot; 0 without one.
    pub from_snapshot: u64,
    /// Why the snapshot was not used, if there was one.
    pub snapshot_refused: Option<String>,
    /// Events folded one by one.
    pub replayed: u64,
    /// What is shown to those who ask, folded from the same events.
    pub views: ReadModel,
}

pub(crate) fn open(
    dir: &Path,
    platform: &Label,
    now: Instant,
    progress: &mut dyn FnMut(u64, u64),
) -> Result<(Processor, StartReport), Error> {
    if EventLog::exists(dir) {
        let (log, report) = EventLog::open(dir)?;
        if log.head().next_position > 0 {
            rollback::finish_acceptance(dir, &log.reader())?;
            return fold(log, dir, report.findings, progress);
        }
        // Whoever made it was killed before its first event.
        create(log, dir, platform, now)
    } else {
        rollback::refuse_what_a_log_left(dir)?;
        let log = EventLog::create(dir, LogId(*uuid::Uuid::new_v4().as_bytes()))?;
        create(log, dir, platform, now)
    }
}

pub(crate) fn open_existing(
    dir: &Path,
    progress: &mut dyn FnMut(u64, u64),
) -> Result<(Processor, StartReport), Error> {
    if !EventLog::exists(dir) {
        rollback::refuse_what_a_log_left(dir)?;
        return Err(Error::NoLog {
            path: dir.to_owned(),
        });
    }
    let (log, report) = EventLog::open(dir)?;
    fold(log, dir, report.findings, progress)
}

fn create(
    log: EventLog,
    dir: &Path,
    platform: &Label,
    now: Instant,
) -> Result<(Processor, StartReport), Error> {
    let log_id = log.log_id();
    let contradictions = Contradiction::all(dir, &log.reader())?;
    let is_contradicted = !contradictions.is_empty();
    let alive = if is_contradicted {
        LastAlive::read(dir, log_id, false)?
    } else {
        LastAlive::New
    };
    let mut processor = Processor::new(log, dir, Memory::default()).beside(alive, contradictions);
    processor.record_about_log(
        Event::from(LogCreated {
            log_id: log_id.to_string(),
            format: FORMAT,
            platform: platform.clone(),
        }),
        now,
    )?;
    let mut views = ReadModel::default();
    // A log that lost all of its events is not begun anew: that is written with the acceptance of its operator.
    if !is_contradicted {
        for stored in processor.commit()? {
            views.apply(&stored.recorded.header, &stored.recorded.event);
        }
    }
    let report = StartReport {
        created: true,
        findings: Vec::new(),
        from_snapshot: 0,
        snapshot_refused: None,
        replayed: 0,
        views,
    };
    Ok((processor, report))
}

fn fold(
    log: EventLog,
    dir: &Path,
    mut findings: Vec<String>,
    progress: &mut dyn FnMut(u64, u64),
) -> Result<(Processor, StartReport), Error> {
    let reader = log.reader();
    let head = log.head();
    let mut memory = Memory::default();
    let mut views = ReadModel::default();
    let mut from = 0;
    let mut refused = None;
    let mut contradictions = Vec::new();
    match snapshot::read(dir, &reader)? {
        Loaded::None => {}
        Loaded::Refused(why) => refused = Some(why),
        Loaded::Contradicts(contradiction) => {
            refused = Some(contradiction.how.clone());
            contradictions.push(contradiction);
        }
        Loaded::Snapshot(snapshot) => {
            from = snapshot.next_position;
            memory.heads = snapshot.heads;
            memory.platform = Platform::resumed_at(snapshot.last_time);
            for (account, cases) in snapshot.cases_of_accounts {
                views.restore_account(account.clone(), cases.clone());
                memory.cases_of_accounts.insert(account, cases);
            }
            let (lasting, open) = (&snapshot.lasting, &snapshot.open);
            for_each_event(&reader, Which::These(&merged(lasting, open)), |recorded| {
                let Recorded { header, event } = &recorded;
                if lasting.binary_search(&header.position).is_ok() {
                    memory.apply_lasting(header, event);
                    views.apply_outside_cases(header, event);
                }
                if let (Stream::Case(case), Event::Case(event)) = (&header.stream, event)
                    && open.binary_search(&header.position).is_ok()
                {
                    memory.apply_to_case(case, header, event);
                    views.apply_to_case(case, header, event);
                }
                Ok(())
            })?;
        }
    }
    let mut replayed = 0;
    for_each_event(
        &reader,
        Which::Range(from, head.next_position),
        |recorded| {
            if recorded.header.position == 0
                && !matches!(recorded.event, Event::Log(LogEvent::LogCreated(_)))
            {
                return Err(Error::NotOurs {
                    problem: format!("it begins with {}", recorded.header.event_type),
                });
            }
            memory.apply(&recorded.header, &recorded.event, &reader)?;
            show(&mut views, &recorded, &reader)?;
            replayed += 1;
            if replayed % PROGRESS_EVERY == 0 {
                memory.forget_closed();
                views.forget_closed();
                progress(from + replayed, head.next_position);
            }
            Ok(())
        },
    )?;
    memory.forget_closed();
    views.forget_closed();
    // What a start reads is no sender's.
    memory.take_read_back();
    let alive = LastAlive::read(dir, reader.log_id(), head.next_position <= 1)?;
    if let LastAlive::Unknown(why) = alive {
        findings.push(format!("the heartbeat `{HEARTBEAT_FILE}` {why}"));
    }
    contradictions.extend(Contradiction::beside(dir, &reader)?);
    let report = StartReport {
        created: false,
        findings,
        from_snapshot: from,
        snapshot_refused: refused,
        replayed,
        views,
    };
    let processor = Processor::new(log, dir, memory).beside(alive, contradictions);
    Ok((processor, report))
}

/// The positions of both lists, ascending as they are, each once.
fn merged(one: &[u64], other: &[u64]) -> Vec<u64> {
    let mut positions = Vec::with_capacity(one.len() + other.len());
    positions.extend_from_slice(one);
    positions.extend_from_slice(other);
    positions.sort_unstable();
    positions.dedup();
    positions
}

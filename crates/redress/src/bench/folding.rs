//! Replay with a full fold: every event of the log read, parsed, and folded by the rules' state and by the
//! projections, as a start without a snapshot does.

use std::{fs, path::Path, time::Instant};

use command_processor::{Processor, SNAPSHOT_FILE};
use serde::Serialize;

use crate::failure::Failure;

#[derive(Debug, Serialize)]
pub(super) struct Folded {
    pub(super) events: u64,
    pub(super) events_per_second: f64,
}

pub(super) fn measure(data: &Path, rounds: usize) -> Result<Folded, Failure> {
    let mut rates = Vec::new();
    let mut events = 0;
    for _ in 0..rounds {
        let snapshot = data.join(SNAPSHOT_FILE);
        if snapshot.exists() {
            fs::remove_file(&snapshot).map_err(|error| {
                Failure::World(format!("failed to remove the snapshot: {error}"))
            })?;
        }
        let begun = Instant::now();
        let (processor, report) = Processor::open_existing(data)?;
        let seconds = begun.elapsed().as_secs_f64();
        events = report.replayed;
        drop(processor);
        #[expect(clippy::cast_precision_loss, reason = "a rate for people")]
        rates.push(events as f64 / seconds);
    }
    Ok(Folded {
        events,
        events_per_second: super::table::median(rates),
    })
}

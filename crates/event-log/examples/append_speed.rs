//! How fast the log is: durable appends in groups, and reading back.
//!
//! `cargo run --release -p event-log --example append_speed -- [folder] [records] [group]`
#![expect(clippy::print_stdout, reason = "it is there to print figures")]

use std::error::Error;
use std::path::PathBuf;
use std::time::Instant;

use event_log::{Commit, EventLog, LogId, OwnedRecord};

const HEADER_BYTES: usize = 350;
const DATA_BYTES: usize = 250;

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let dir = arguments.next().map_or_else(
        || std::env::temp_dir().join(format!("append-speed-{}", std::process::id())),
        PathBuf::from,
    );
    let records: u64 = arguments.next().map_or(Ok(500_000), |text| text.parse())?;
    let group: u64 = arguments.next().map_or(Ok(256), |text| text.parse())?;

    let mut log = EventLog::create(&dir, LogId([7; 16]))?;
    let mut framing = Vec::new();
    let begun = Instant::now();
    let mut position = 0;
    while position < records {
        framing.clear();
        framing.extend((position..position + group).map(commit));
        position = log.append(&framing)?.next_position;
    }
    let seconds = begun.elapsed().as_secs_f64();
    println!(
        "appended {position} records in groups of {group}: {} a second, {} syncs",
        rate(position, seconds),
        log.syncs()
    );
    let bytes = std::fs::metadata(dir.join("blocks").join("db"))?.len();
    println!(
        "bytes on disk for each byte of record: {:.2}",
        float(bytes) / float(position * (HEADER_BYTES + DATA_BYTES) as u64)
    );

    let reader = log.reader();
    let begun = Instant::now();
    let read = reader.range(0, position).try_fold(0, |sum, record| {
        record.map(|record| sum + record.data().len() as u64)
    })?;
    println!(
        "range: {} records a second ({read} bytes)",
        rate(position, begun.elapsed().as_secs_f64())
    );

    let begun = Instant::now();
    let mut read = 0;
    for block in reader.blocks(0, position) {
        read += block?
            .records()
            .map(|record| record.header.len() as u64)
            .sum::<u64>();
    }
    println!(
        "blocks: {} records a second ({read} bytes)",
        rate(position, begun.elapsed().as_secs_f64())
    );

    let begun = Instant::now();
    let reads = 20_000;
    for step in 0..reads {
        reader
            .read(step * 7_919 % position)?
            .ok_or("a record is missing")?;
    }
    println!(
        "single reads: {} a second",
        rate(reads, begun.elapsed().as_secs_f64())
    );

    let begun = Instant::now();
    let checked = reader.check(&mut |_| {})?;
    println!(
        "check: {} records a second, {} problems",
        rate(position, begun.elapsed().as_secs_f64()),
        checked.problems.len()
    );

    drop(reader);
    drop(log);
    let begun = Instant::now();
    let (_log, report) = EventLog::open(&dir)?;
    println!(
        "open: {:.2} s, {} commits, {:?}",
        begun.elapsed().as_secs_f64(),
        report.head.commits,
        report.findings
    );
    Ok(())
}

fn commit(position: u64) -> Commit {
    let filled = |bytes: usize, with: u64| {
        with.to_be_bytes()
            .iter()
            .copied()
            .cycle()
            .take(bytes)
            .collect()
    };
    Commit {
        records: vec![OwnedRecord {
            header: filled(HEADER_BYTES, position),
            data: filled(DATA_BYTES, !position),
        }],
    }
}

fn rate(count: u64, seconds: f64) -> String {
    format!("{:.0}", float(count) / seconds)
}

#[expect(clippy::cast_precision_loss, reason = "figures for a reader")]
fn float(number: u64) -> f64 {
    number as f64
}

//! The result, as numbers and as a table. Medians over the rounds; ratios within one run.

use comfy_table::{Table, presets::UTF8_BORDERS_ONLY};
use serde::Serialize;

#[derive(Debug, Serialize)]
pub(super) struct Bench {
    pub(super) rounds: usize,
    pub(super) commands_per_measurement: usize,
    pub(super) payload_bytes: usize,
    pub(super) rows: Vec<Row>,
    pub(super) replay: super::folding::Folded,
}

#[derive(Debug, Serialize)]
pub(super) struct Round {
    pub(super) echo_per_second: f64,
    pub(super) commands_per_second: f64,
    pub(super) device_flushes: u64,
    pub(super) commands: usize,
}

#[derive(Debug, Serialize)]
pub(super) struct Row {
    in_flight: usize,
    echo_per_second: f64,
    commands_per_second: f64,
    ratio: f64,
    commands_per_device_flush: f64,
    rounds: Vec<Round>,
}

impl Row {
    pub(super) fn of(in_flight: usize, rounds: Vec<Round>) -> Self {
        let of = |value: fn(&Round) -> f64| median(rounds.iter().map(value).collect());
        Self {
            in_flight,
            echo_per_second: of(|round| round.echo_per_second),
            commands_per_second: of(|round| round.commands_per_second),
            ratio: of(|round| round.commands_per_second / round.echo_per_second),
            #[expect(clippy::cast_precision_loss, reason = "a ratio for people")]
            commands_per_device_flush: of(|round| {
                round.commands as f64 / round.device_flushes.max(1) as f64
            }),
            rounds,
        }
    }
}

pub(super) fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(0.0)
}

pub(super) fn describe(bench: &Bench) -> String {
    let mut table = Table::new();
    table.load_style(UTF8_BORDERS_ONLY).set_header([
        "in flight",
        "echo/s",
        "commands/s",
        "ratio",
        "commands a flush",
    ]);
    for row in &bench.rows {
        table.add_row([
            row.in_flight.to_string(),
            format!("{:.0}", row.echo_per_second),
            format!("{:.0}", row.commands_per_second),
            format!("{:.2}", row.ratio),
            format!("{:.1}", row.commands_per_device_flush),
        ]);
    }
    format!(
        "{table}\nmedians of {}; bodies of {} bytes; IssueWarning, Rectify, SubmitAppeal, Decide; durable before \
         reply, revision checked, events published\nreplay with a full fold: {:.0} events/s over {} events",
        bench.rounds, bench.payload_bytes, bench.replay.events_per_second, bench.replay.events
    )
}

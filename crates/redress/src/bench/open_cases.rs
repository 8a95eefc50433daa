//! What grows with the cases that are open: what a notice costs, how long a start and a verification take, and memory.
//!
//! The service is another process, and may be another version of this program, so that two can be compared.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
    time::Instant,
};

use async_nats::Client;
use comfy_table::{Table, presets::UTF8_BORDERS_ONLY};
use command_processor::SNAPSHOT_FILE;
use serde::Serialize;

use super::{load::Load, start, table::median};
use crate::{arguments, failure::Failure, output::Output};

/// Open cases of one account, one row each.
const OF_ONE_ACCOUNT: [usize; 3] = [1, 1_000, 10_000];

/// Notices in each measurement.
const NOTICES: usize = 1_000;

/// Notices under way while they are measured.
const IN_FLIGHT: usize = 64;

/// Commands under way while the log is filled.
const FILLING_IN_FLIGHT: usize = 256;

/// Cases of an account that only fills the log.
const CASES_PER_ACCOUNT: usize = 10;

/// Open cases by which memory is measured, at the least: of fewer, what the process keeps for itself says more.
const MEASURING_MEMORY_MIN: usize = 1_000;

/// How much is open, on which service.
pub(super) struct Setting<'a> {
    pub(super) program: PathBuf,
    pub(super) nats: &'a str,
    pub(super) login: &'a arguments::Login,
    pub(super) prefix: &'a str,
    pub(super) data: &'a Path,
    pub(super) open_cases: usize,
    pub(super) closed_cases: usize,
    pub(super) rounds: usize,
}

#[derive(Debug, Serialize)]
pub(super) struct Grown {
    open_cases: usize,
    closed_cases: usize,
    rounds: usize,
    notices: Vec<Notices>,
    /// Between the first half of the cases that only fill the log and the second, where there are enough of them.
    bytes_per_open_case: Option<f64>,
    /// Until the service says that it is ready.
    start_seconds_from_snapshot: f64,
    start_seconds_from_log: f64,
    verify_seconds: f64,
}

#[derive(Debug, Serialize)]
struct Notices {
    open_cases_of_the_account: usize,
    notices_per_second: f64,
}

impl Setting<'_> {
    pub(super) fn measure(
        &self,
        runtime: &tokio::runtime::Runtime,
        client: Client,
        output: Output,
    ) -> Result<Grown, Failure> {
        let service = self.serve(output)?;
        let load = runtime.block_on(Load::new(client, self.prefix.to_owned()))?;
        let mut notices = Vec::new();
        let mut open = 0;
        for of_account in OF_ONE_ACCOUNT {
            output.note(&format!("notices to accounts with {of_account} open cases"));
            let each = (of_account / 10).max(1);
            let accounts = NOTICES / each;
            let account = move |number: usize| format!("of-{of_account}-{}", number % accounts);
            let fill = load.notices(accounts * of_account, FILLING_IN_FLIGHT, account);
            runtime.block_on(fill)?;
            let rate = runtime.block_on(load.notices(NOTICES, IN_FLIGHT, account))?;
            open += accounts * of_account + NOTICES;
            notices.push(Notices {
                open_cases_of_the_account: of_account,
                notices_per_second: rate,
            });
        }
        output.note("filling the log");
        if self.closed_cases > 0 {
            runtime.block_on(load.closed_cases(self.closed_cases, FILLING_IN_FLIGHT))?;
        }
        let half = self.open_cases.saturating_sub(open) / 2;
        let account = |number: usize| format!("fill-{}", number / CASES_PER_ACCOUNT);
        runtime.block_on(load.notices(half, FILLING_IN_FLIGHT, account))?;
        let before = service.resident_bytes();
        runtime.block_on(load.notices(half, FILLING_IN_FLIGHT, account))?;
        let after = service.resident_bytes();
        service.stop()?;

        let (mut from_snapshot, mut from_log) = (Vec::new(), Vec::new());
        for round in 0..self.rounds {
            output.note(&format!("starts, round {} of {}", round + 1, self.rounds));
            from_snapshot.push(self.start_seconds(output)?);
            let snapshot = self.data.join(SNAPSHOT_FILE);
            fs::remove_file(&snapshot).map_err(|error| {
                Failure::World(format!("failed to remove the snapshot: {error}"))
            })?;
            from_log.push(self.start_seconds(output)?);
        }
        output.note("verifying");
        Ok(Grown {
            open_cases: open + 2 * half,
            closed_cases: self.closed_cases,
            rounds: self.rounds,
            notices,
            bytes_per_open_case: before
                .zip(after)
                .and_then(|(before, after)| bytes_of_each(half, before, after)),
            start_seconds_from_snapshot: median(from_snapshot),
            start_seconds_from_log: median(from_log),
            verify_seconds: self.verify_seconds()?,
        })
    }

    fn serve(&self, output: Output) -> Result<super::Running, Failure> {
        let data = self.data.to_string_lossy();
        let arguments = ["serve", "--data", &data, "--nats", self.nats];
        start(&self.program, &arguments, self.prefix, self.login, output)
    }

    fn start_seconds(&self, output: Output) -> Result<f64, Failure> {
        let begun = Instant::now();
        let service = self.serve(output)?;
        let seconds = begun.elapsed().as_secs_f64();
        service.stop()?;
        Ok(seconds)
    }

    fn verify_seconds(&self) -> Result<f64, Failure> {
        let begun = Instant::now();
        let verified = Command::new(&self.program)
            .args(["verify", "-o", "json", "--data"])
            .arg(self.data)
            .output()
            .map_err(|error| Failure::World(format!("failed to start a child: {error}")))?;
        if verified.status.success() {
            return Ok(begun.elapsed().as_secs_f64());
        }
        let said = String::from_utf8_lossy(&verified.stderr);
        Err(Failure::World(format!(
            "what was filled does not verify: {said}"
        )))
    }
}

/// What each of so many cases took, where there are enough of them to tell.
fn bytes_of_each(cases: usize, before: u64, after: u64) -> Option<f64> {
    #[expect(clippy::cast_precision_loss, reason = "a figure for people")]
    let each = || after.saturating_sub(before) as f64 / cases as f64;
    (cases >= MEASURING_MEMORY_MIN).then(each)
}

pub(super) fn describe(grown: &Grown) -> String {
    let mut table = Table::new();
    table
        .load_style(UTF8_BORDERS_ONLY)
        .set_header(["open cases of the account", "notices/s"]);
    for row in &grown.notices {
        table.add_row([
            row.open_cases_of_the_account.to_string(),
            format!("{:.0}", row.notices_per_second),
        ]);
    }
    let memory = grown.bytes_per_open_case.map_or_else(
        || "not known, too few of them were filled in".to_owned(),
        |bytes| format!("{bytes:.0} bytes"),
    );
    format!(
        "{table}\n{} open cases, {} closed; medians of {} starts\nmemory of an open case: {memory}\nstart from the \
         snapshot: {:.2} s, from the log alone: {:.2} s\nverify: {:.2} s",
        grown.open_cases,
        grown.closed_cases,
        grown.rounds,
        grown.start_seconds_from_snapshot,
        grown.start_seconds_from_log,
        grown.verify_seconds,
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn memory_is_not_told_by_cases_that_are_too_few() {
        for cases in [0, 1, MEASURING_MEMORY_MIN - 1] {
            assert_eq!(bytes_of_each(cases, 5_000_000, 5_000_000), None, "{cases}");
        }
        assert_eq!(bytes_of_each(2_000, 5_000_000, 9_000_000), Some(2_000.0));
    }
}

//! `cargo xtask floods`: what a quiet sender keeps of its rate under each flood, with the memory that the service
//! takes.

use std::{path::PathBuf, process::Command};

use serde_json::Value;

use crate::{failure::Failure, process, toolbox, workspace};

/// What to measure.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// Only the floods whose name contains this
    only: Option<String>,
    /// Measure this binary of redress instead of a release build of what is here, to hold two beside each other
    #[arg(long, value_name = "FILE")]
    binary: Option<PathBuf>,
}

/// Measures, and prints an object a line.
pub(crate) fn run(arguments: &Arguments) -> Result<(), Failure> {
    process::run(&mut measuring(arguments)?)
}

/// The same for the table of acceptance: the figures in a line, and a failure where a bound is passed.
pub(crate) fn shown() -> Result<String, Failure> {
    let arguments = Arguments {
        only: None,
        binary: None,
    };
    let (printed, status) = process::capture_however_it_ends(&mut measuring(&arguments)?)?;
    let line = in_a_line(&printed);
    if status.success() {
        Ok(line)
    } else {
        Err(Failure::new(format!(
            "ended with {status}, and what is out of its bounds is marked: {line}"
        )))
    }
}

fn in_a_line(printed: &str) -> String {
    let rows = printed
        .lines()
        .filter_map(|line| serde_json::from_str::<Value>(line).ok());
    let cells: Vec<_> = rows.filter_map(|row| describe(&row)).collect();
    cells.join("; ")
}

fn describe(row: &Value) -> Option<String> {
    let number = |name: &str| row.get(name)?.as_f64();
    let is_within = row.get("within_bounds")?.as_bool()?;
    let mark = if is_within { "" } else { "(!) " };
    Some(format!(
        "{mark}{}: keeps {:.2} of {:.0}/s, p99 {:.0} ms, without a pause {:.2} of {:.0}/s, p99 {:.0} ms, {:.0} MB",
        row.get("flood")?.as_str()?,
        number("paced_keeps")?,
        number("paced_a_second")?,
        number("paced_during_p99_ms")?,
        number("keeps")?,
        number("undisturbed_a_second")?,
        number("during_p99_ms")?,
        number("memory_peak_mb")?
    ))
}

fn measuring(arguments: &Arguments) -> Result<Command, Failure> {
    let nats_server = toolbox::nats_server_path()?;
    let release = ["build", "--release"];
    process::run(
        workspace::cargo()
            .args(release)
            .args(["-p", "redress", "--bin", "redress"]),
    )?;
    process::run(
        workspace::cargo()
            .args(release)
            .args(["-p", "end-to-end", "--bin", "floods"]),
    )?;
    let built = workspace::root().join("target/release");
    let binary = arguments.binary.clone();
    let mut floods = Command::new(built.join("floods"));
    floods
        .args(&arguments.only)
        .env("REDRESS_NATS_SERVER", nats_server)
        .env(
            "REDRESS_BIN",
            binary.unwrap_or_else(|| built.join("redress")),
        );
    Ok(floods)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_out_of_its_bounds_is_marked_and_its_figures_are_there() {
        let row = |flood: &str, within: bool| {
            serde_json::json!({
                "flood": flood, "paced_keeps": 0.48, "paced_a_second": 44.0, "paced_during_p99_ms": 75.0, "keeps": 0.07,
                "undisturbed_a_second": 1_100.0, "during_p99_ms": 44.0, "memory_peak_mb": 196, "within_bounds": within
            })
        };
        let printed = format!("{}\n{}\n", row("one", true), row("other", false));
        let line = in_a_line(&printed);
        let (one, other) = line.split_once("; ").unwrap();
        assert!(one.starts_with("one: keeps 0.48 of 44/s"), "{one}");
        assert!(other.starts_with("(!) other: keeps 0.48"), "{other}");
    }
}

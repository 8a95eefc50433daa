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
    let printed = process::capture(&mut measuring(&arguments)?)?;
    let rows = printed
        .lines()
        .filter_map(|line| serde_json::from_str::<Value>(line).ok());
    let cells: Vec<_> = rows.filter_map(|row| describe(&row)).collect();
    Ok(cells.join("; "))
}

fn describe(row: &Value) -> Option<String> {
    let number = |name: &str| row.get(name)?.as_f64();
    Some(format!(
        "{}: keeps {:.2} of {:.0}/s, p99 {:.0} ms, without a pause {:.2} of {:.0}/s, p99 {:.0} ms, {:.0} MB",
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

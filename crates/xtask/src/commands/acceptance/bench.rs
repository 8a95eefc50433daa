//! The benchmark, with its figures beside the aims. A missed aim is reported; it fails nothing.

use std::fmt::Write as _;

use serde_json::Value;

use crate::{failure::Failure, local_server::LocalServer, process, toolbox, workspace};

/// Share of the echo that is aimed at, for so many commands in flight, on 2 cores.
const AIMS: [(u64, f64); 2] = [(16, 0.28), (256, 0.35)];

/// Events a second that are aimed at when a log is replayed, on 2 cores.
const REPLAY_AIM: f64 = 700_000.0;

/// Runs it and gives its figures in a line.
pub(super) fn run() -> Result<String, Failure> {
    let nats_server = toolbox::nats_server_path()?;
    process::run_aside(workspace::cargo().args([
        "build",
        "--quiet",
        "--release",
        "-p",
        "redress",
    ]))?;
    let folder = workspace::root().join("target/acceptance-bench");
    std::fs::create_dir_all(&folder)
        .map_err(|error| Failure::new(format!("failed to make a folder: {error}")))?;
    let server = LocalServer::start(&nats_server, &folder.join("ports"))?;
    let redress = workspace::root().join("target/release/redress");
    let mut bench = std::process::Command::new(redress);
    bench
        .args(["bench", "-o", "json", "--nats", server.url(), "--dir"])
        .arg(&folder);
    let result: Value = serde_json::from_str(&process::capture(&mut bench)?)
        .map_err(|error| Failure::new(format!("the result of the bench does not read: {error}")))?;
    describe(&result).ok_or_else(|| Failure::new("the result of the bench lacks a figure"))
}

fn describe(result: &Value) -> Option<String> {
    let mut line = String::new();
    for row in result.get("rows")?.as_array()? {
        let in_flight = row.get("in_flight")?.as_u64()?;
        // Writing into a string cannot fail.
        let _ = write!(
            line,
            "{in_flight} in flight: {:.0} of {:.0}/s = {:.2}",
            row.get("commands_per_second")?.as_f64()?,
            row.get("echo_per_second")?.as_f64()?,
            row.get("ratio")?.as_f64()?
        );
        if let Some((_, aim)) = AIMS.iter().find(|(of, _)| *of == in_flight) {
            let _ = write!(line, " (aim {aim})");
        }
        line.push_str("; ");
    }
    let replay = result.pointer("/replay/events_per_second")?.as_f64()?;
    let _ = write!(line, "replay {replay:.0} events/s (aim {REPLAY_AIM:.0})");
    Some(line)
}

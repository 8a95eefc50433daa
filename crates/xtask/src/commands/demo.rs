//! `cargo xtask demo`: sets everything up, plays the traces over real NATS, then replays and verifies the log.

use std::{
    fs,
    io::{BufRead as _, BufReader},
    path::{Path, PathBuf},
    process::{Command, Stdio},
    thread,
};

use crate::{
    failure::Failure,
    local_server::{Ending, LocalServer},
    process, toolbox, workspace,
};

/// Nothing can be chosen: one command, one demonstration.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {}

/// Runs the demonstration.
pub(crate) fn run(_: &Arguments) -> Result<(), Failure> {
    let nats_server = toolbox::nats_server_path()?;
    eprintln!("building a release of redress; the first time that takes some minutes");
    process::run(workspace::cargo().args(["build", "--release", "-p", "redress"]))?;
    let redress = workspace::root().join("target/release/redress");
    let folder = workspace::root().join(".demo");
    if folder.exists() {
        fs::remove_dir_all(&folder).map_err(|error| failed("empty .demo", &error))?;
    }
    fs::create_dir_all(&folder).map_err(|error| failed("make .demo", &error))?;
    let server = LocalServer::start(&nats_server, &folder.join("ports"))?;
    let data = folder.join("data");
    let service = start_service(&redress, &data, server.url())?;

    process::run(Command::new(&redress).args(["demo", "--nats", server.url()]))?;

    stop(service)?;
    process::run(
        Command::new(&redress)
            .arg("replay")
            .arg("--data")
            .arg(&data),
    )?;
    process::run(
        Command::new(&redress)
            .arg("verify")
            .arg("--data")
            .arg(&data),
    )
}

fn start_service(redress: &PathBuf, data: &Path, url: &str) -> Result<Ending, Failure> {
    let mut child = Command::new(redress)
        .arg("serve")
        .arg("--data")
        .arg(data)
        .args(["--nats", url])
        .stderr(Stdio::piped())
        .spawn()
        .map_err(|error| failed("start the service", &error))?;
    let stderr = child.stderr.take();
    let service = Ending(child);
    let Some(stderr) = stderr else {
        return Err(Failure::new("the service has no standard error"));
    };
    let mut said = Vec::new();
    let mut lines = BufReader::new(stderr).lines();
    for line in lines.by_ref().map_while(Result::ok) {
        if line.starts_with("ready") {
            // Its later lines are read on, so that it never waits for a reader.
            thread::spawn(move || lines.map_while(Result::ok).for_each(drop));
            return Ok(service);
        }
        said.push(line);
    }
    Err(Failure::new(format!(
        "the service did not start:\n{}",
        said.join("\n")
    )))
}

/// Ends the service as an administrator would, so that it drains.
fn stop(mut service: Ending) -> Result<(), Failure> {
    process::run(Command::new("kill").args(["-TERM", &service.0.id().to_string()]))?;
    let status = service
        .0
        .wait()
        .map_err(|error| failed("wait for the service", &error))?;
    if status.success() {
        Ok(())
    } else {
        Err(Failure::new(format!("the service ended with {status}")))
    }
}

fn failed(what: &str, error: &std::io::Error) -> Failure {
    Failure::new(format!("failed to {what}: {error}"))
}

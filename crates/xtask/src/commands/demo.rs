//! `cargo xtask demo`: sets everything up, plays the traces over real NATS, then replays and verifies the log.

use std::{
    fs,
    io::{BufRead as _, BufReader},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use crate::{failure::Failure, process, toolbox, workspace};

/// How long a server may take to be ready.
const READY_WITHIN: Duration = Duration::from_secs(20);

/// Nothing can be chosen: one command, one demonstration.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {}

/// A child that ends with this value.
struct Ending(Child);

impl Drop for Ending {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Runs the demonstration.
pub(crate) fn run(_: &Arguments) -> Result<(), Failure> {
    let nats_server = toolbox::nats_server_path()?;
    process::run(workspace::cargo().args(["build", "--quiet", "--release", "-p", "redress"]))?;
    let redress = workspace::root().join("target/release/redress");
    let folder = workspace::root().join(".demo");
    if folder.exists() {
        fs::remove_dir_all(&folder).map_err(|error| failed("empty .demo", &error))?;
    }
    let ports = folder.join("ports");
    fs::create_dir_all(&ports).map_err(|error| failed("make .demo", &error))?;

    let server = Command::new(nats_server)
        .args(["-a", "127.0.0.1", "-p", "-1", "--ports_file_dir"])
        .arg(&ports)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .map_err(|error| failed("start nats-server", &error))?;
    let _server = Ending(server);
    let url = wait_for_url(&ports)?;
    let data = folder.join("data");
    let service = start_service(&redress, &data, &url)?;

    process::run(Command::new(&redress).args(["demo", "--nats", &url]))?;

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

fn wait_for_url(ports: &Path) -> Result<String, Failure> {
    let begun = Instant::now();
    while begun.elapsed() < READY_WITHIN {
        let files = fs::read_dir(ports).map_err(|error| failed("read .demo/ports", &error))?;
        for file in files.flatten() {
            let text = fs::read_to_string(file.path()).unwrap_or_default();
            let said: serde_json::Value = serde_json::from_str(&text).unwrap_or_default();
            if let Some(url) = said.pointer("/nats/0").and_then(serde_json::Value::as_str) {
                return Ok(url.to_owned());
            }
        }
        thread::sleep(Duration::from_millis(20));
    }
    Err(Failure::new("nats-server did not say its port within 20 s"))
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

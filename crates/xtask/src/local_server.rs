//! A nats-server of our own on a free port of this machine, for the length of one command.

use std::{
    fs,
    path::Path,
    process::{Child, Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use crate::failure::Failure;

/// How long a server may take to be ready.
const READY_WITHIN: Duration = Duration::from_secs(20);

/// A child that ends with this value.
pub(crate) struct Ending(pub(crate) Child);

impl Drop for Ending {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// A running nats-server that ends with this value.
pub(crate) struct LocalServer {
    url: String,
    _process: Ending,
}

impl LocalServer {
    /// Starts it; it writes its port to this folder.
    pub(crate) fn start(program: &Path, ports: &Path) -> Result<Self, Failure> {
        let failed =
            |what: &str, error: std::io::Error| Failure::new(format!("failed to {what}: {error}"));
        // A server that was killed leaves its file behind.
        if ports.exists() {
            fs::remove_dir_all(ports)
                .map_err(|error| failed("empty the folder for ports", error))?;
        }
        fs::create_dir_all(ports).map_err(|error| failed("make a folder for ports", error))?;
        let process = Command::new(program)
            .args(["-a", "127.0.0.1", "-p", "-1", "--ports_file_dir"])
            .arg(ports)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .map(Ending)
            .map_err(|error| failed("start nats-server", error))?;
        let begun = Instant::now();
        while begun.elapsed() < READY_WITHIN {
            let files = fs::read_dir(ports).map_err(|error| failed("read its port", error))?;
            for file in files.flatten() {
                let text = fs::read_to_string(file.path()).unwrap_or_default();
                let said: serde_json::Value = serde_json::from_str(&text).unwrap_or_default();
                if let Some(url) = said.pointer("/nats/0").and_then(serde_json::Value::as_str) {
                    return Ok(Self {
                        url: url.to_owned(),
                        _process: process,
                    });
                }
            }
            thread::sleep(Duration::from_millis(20));
        }
        Err(Failure::new("nats-server did not say its port within 20 s"))
    }

    /// Where it listens.
    pub(crate) fn url(&self) -> &str {
        &self.url
    }
}

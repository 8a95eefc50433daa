//! A nats-server of the test's own, on a port that no other test can have.

use std::{
    fs::{self, File},
    path::Path,
    process::{Child, Command},
    time::Duration,
};

use rustix::process::{Pid, Signal, kill_process};
use tempfile::TempDir;

use crate::{data_dir, programs::nats_server_program, waiting::poll};

/// Generous: the machine may be building something at the same time.
const START_LIMIT: Duration = Duration::from_secs(30);

/// A running nats-server. It is killed when this is dropped.
#[derive(Debug)]
pub struct NatsServer {
    /// Its ports file, its log, its configuration; relative paths in the configuration are relative to this.
    folder: TempDir,
    configured: bool,
    child: Option<Child>,
    url: String,
}

impl NatsServer {
    /// A server without any configuration: core NATS, open to everybody on this machine.
    pub fn start() -> Self {
        Self::launch(None, &[])
    }

    /// A server with this configuration file. It must not set a port: the server chooses one.
    pub fn start_with(configuration: &str) -> Self {
        Self::launch(Some(configuration), &[])
    }

    /// The same with files beside the configuration, which may name them.
    pub fn start_with_files(configuration: &str, files: &[(&str, &str)]) -> Self {
        Self::launch(Some(configuration), files)
    }

    /// Where clients connect.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Ends it at once, as a machine that loses power would; clients see the connection break.
    pub fn stop(&mut self) {
        if let Some(mut child) = self.child.take() {
            child.kill().expect("a child can be killed");
            child.wait().expect("a killed child can be waited for");
        }
    }

    /// Tells it to go by another configuration from now on. It must have been started with one.
    pub fn reload_with(&self, configuration: &str) {
        fs::write(self.folder.path().join("nats.conf"), configuration)
            .expect("the configuration can be written");
        self.signal(Signal::HUP);
    }

    /// Stops it where it is: what is sent to it waits until it is let go on.
    pub fn freeze(&self) {
        self.signal(Signal::STOP);
    }

    /// Lets it go on after [`NatsServer::freeze`].
    pub fn let_go_on(&self) {
        self.signal(Signal::CONT);
    }

    fn signal(&self, signal: Signal) {
        let child = self.child.as_ref().expect("the server runs");
        kill_process(Pid::from_child(child), signal).expect("a child can be signalled");
    }

    /// Ends it, if it still runs, and starts it again at the same address.
    pub fn restart(&mut self) {
        self.stop();
        let port = self
            .address()
            .rsplit_once(':')
            .map_or_else(String::new, |(_, port)| port.to_owned());
        let url = self.spawn(&port);
        assert_eq!(url, self.url, "the server came back at another address");
    }

    fn launch(configuration: Option<&str>, files: &[(&str, &str)]) -> Self {
        let folder = data_dir();
        for (name, text) in files {
            fs::write(folder.path().join(name), text).expect("a file can be written");
        }
        if let Some(text) = configuration {
            fs::write(folder.path().join("nats.conf"), text)
                .expect("the configuration can be written");
        }
        let mut server = Self {
            folder,
            configured: configuration.is_some(),
            child: None,
            url: String::new(),
        };
        // -1: the server takes a free port and holds it. To look for a free one and pass it on would be a race.
        server.url = server.spawn("-1");
        server
    }

    fn address(&self) -> &str {
        self.url.rsplit("//").next().unwrap_or_default()
    }

    /// Starts the server and gives its URL once it listens.
    fn spawn(&mut self, port: &str) -> String {
        let log = File::create(self.folder.path().join("log")).expect("the log can be made");
        let mut command = Command::new(nats_server_program());
        command
            .current_dir(self.folder.path())
            .args(["-a", "127.0.0.1", "-p", port]);
        command.arg("--ports_file_dir").arg(self.folder.path());
        if self.configured {
            command.args(["-c", "nats.conf"]);
        }
        let child = command
            .stderr(log)
            .spawn()
            .expect("the nats-server can be started");
        let ports_file = self
            .folder
            .path()
            .join(format!("nats-server_{}.ports", child.id()));
        let child = self.child.insert(child);
        let url = poll(START_LIMIT, || {
            let ended = child
                .try_wait()
                .expect("a child can be asked whether it ended");
            match ended {
                Some(_) => Some(None),
                None => first_url(&ports_file).map(Some),
            }
        });
        url.flatten()
            .unwrap_or_else(|| panic!("the nats-server did not start; it said:\n{}", self.log()))
    }

    /// What the server said since it was last started.
    pub fn log(&self) -> String {
        fs::read_to_string(self.folder.path().join("log")).unwrap_or_default()
    }
}

impl Drop for NatsServer {
    fn drop(&mut self) {
        self.stop();
    }
}

/// The file may be there and not yet be whole, so what cannot be read is read again.
fn first_url(ports_file: &Path) -> Option<String> {
    let text = fs::read_to_string(ports_file).ok()?;
    let ports: serde_json::Value = serde_json::from_str(&text).ok()?;
    ports.pointer("/nats/0")?.as_str().map(str::to_owned)
}

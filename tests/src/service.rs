//! The service, as its users run it: a process.

use std::{
    fs,
    io::{BufRead as _, BufReader, Read},
    path::Path,
    process::{Child, Command, ExitStatus, Stdio},
    sync::{
        Arc, Mutex,
        mpsc::{self, RecvTimeoutError, Sender},
    },
    thread::{self, JoinHandle},
    time::Duration,
};

use rustix::process::{Pid, Signal, kill_process};

use crate::{
    programs::redress_program,
    waiting::{poll, wait_for},
};

/// Generous: it may have a long history to read, on a machine that is building something at the same time.
const LIMIT: Duration = Duration::from_mins(1);

/// How the line on stderr starts that `redress serve` prints once commands will be answered.
const READY: &str = "ready";

/// So many looks, one shortly after the other, must find every thread asleep before a service is taken for idle.
const IDLE_LOOKS: u32 = 40;

/// A running `redress serve`. It is killed when this is dropped.
#[derive(Debug)]
pub struct Service {
    child: Child,
    stdout: Captured,
    stderr: Captured,
    readers: Vec<JoinHandle<()>>,
}

/// What one of its streams said so far.
type Captured = Arc<Mutex<String>>;

/// How a service ended.
#[derive(Debug)]
pub struct Ended {
    /// The exit code or the signal.
    pub status: ExitStatus,
    /// What it printed on stdout.
    pub stdout: String,
    /// What it printed on stderr.
    pub stderr: String,
}

impl Service {
    /// Starts it and waits until it is ready.
    ///
    /// # Panics
    ///
    /// When it ends instead, with what it said.
    #[track_caller]
    pub fn start(nats_url: &str, data: &Path, arguments: &[&str]) -> Self {
        match Self::try_start(Self::command(nats_url, data, arguments)) {
            Ok(service) => service,
            Err(Ended { status, stderr, .. }) => {
                panic!("redress serve ended with {status}; it said:\n{stderr}")
            }
        }
    }

    /// The command line that [`Service::start`] runs, for tests that change its environment or wrap it.
    pub fn command(nats_url: &str, data: &Path, arguments: &[&str]) -> Command {
        let mut command = Command::new(redress_program());
        command
            .args(["serve", "--nats", nats_url, "--data"])
            .arg(data)
            .args(arguments);
        command
    }

    /// Starts it and waits until it is ready, or says how it ended instead: for tests of what it must refuse.
    #[track_caller]
    pub fn try_start(mut command: Command) -> Result<Self, Ended> {
        let mut child = command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap_or_else(|error| panic!("{command:?} cannot be started: {error}"));
        let (stdout, stderr) = (Captured::default(), Captured::default());
        let (ready, became_ready) = mpsc::channel();
        let readers = vec![
            read(child.stdout.take(), &stdout, None),
            read(child.stderr.take(), &stderr, Some(ready)),
        ];
        let service = Self {
            child,
            stdout,
            stderr,
            readers,
        };
        match became_ready.recv_timeout(LIMIT) {
            Ok(()) => Ok(service),
            // Its stderr is closed: it has ended or is about to.
            Err(RecvTimeoutError::Disconnected) => Err(service.ended()),
            Err(RecvTimeoutError::Timeout) => {
                panic!(
                    "redress serve was not ready after {LIMIT:?}; it said:\n{}",
                    service.stderr()
                )
            }
        }
    }

    /// What it printed on stderr so far: its log.
    pub fn stderr(&self) -> String {
        said(&self.stderr)
    }

    /// Waits until it has nothing left that it can do: all of its threads sleep for a while.
    pub fn wait_until_idle(&self) {
        let mut looks = 0;
        wait_for("the service to be idle", LIMIT, || {
            looks = if self.sleeps() { looks + 1 } else { 0 };
            (looks == IDLE_LOOKS).then_some(())
        });
    }

    fn sleeps(&self) -> bool {
        let tasks = fs::read_dir(format!("/proc/{}/task", self.child.id()));
        tasks.expect("the service runs").flatten().all(|task| {
            let stat = fs::read_to_string(task.path().join("stat")).unwrap_or_default();
            // The name of a thread, in parentheses, may hold anything.
            let state = stat.rsplit_once(") ").map_or("", |(_, rest)| rest);
            state.starts_with('S')
        })
    }

    /// The most memory that it ever held, in bytes.
    pub fn memory_peak_bytes(&self) -> u64 {
        self.memory("VmHWM:")
    }

    /// The memory that it holds, in bytes.
    pub fn memory_bytes(&self) -> u64 {
        self.memory("VmRSS:")
    }

    fn memory(&self, line: &str) -> u64 {
        let status = fs::read_to_string(format!("/proc/{}/status", self.child.id()));
        let status = status.expect("the service runs");
        let found = status.lines().find_map(|it| it.strip_prefix(line));
        let kibibytes = found.and_then(|peak| peak.split_whitespace().next()?.parse::<u64>().ok());
        kibibytes.expect("the system says how much memory a process held") * 1_024
    }

    /// Its process id.
    pub fn process_id(&self) -> u32 {
        self.child.id()
    }

    /// Stops it where it is: it answers nobody until it is let go on.
    pub fn freeze(&self) {
        self.signal(Signal::STOP);
    }

    /// Lets it go on after [`Service::freeze`].
    pub fn let_go_on(&self) {
        self.signal(Signal::CONT);
    }

    fn signal(&self, signal: Signal) {
        kill_process(Pid::from_child(&self.child), signal).expect("a child can be signalled");
    }

    /// Kills it as a machine that fails would, and waits until it is gone.
    pub fn kill9(mut self) {
        self.child.kill().expect("a child can be killed");
        self.ended();
    }

    /// Asks it to end, and waits until it has.
    #[track_caller]
    pub fn terminate(self) -> ExitStatus {
        self.signal(Signal::TERM);
        self.wait()
    }

    /// Waits until it ends by itself.
    #[track_caller]
    pub fn wait(self) -> ExitStatus {
        self.ended().status
    }

    /// Waits until it ends by itself, and gives its last words too.
    #[track_caller]
    pub fn ended(mut self) -> Ended {
        let status = poll(LIMIT, || {
            self.child.try_wait().expect("a child can be waited for")
        })
        .unwrap_or_else(|| {
            panic!(
                "redress serve did not end in {LIMIT:?}; it said:\n{}",
                self.stderr()
            )
        });
        for reader in self.readers.drain(..) {
            reader.join().expect("no reader panics");
        }
        Ended {
            status,
            stdout: said(&self.stdout),
            stderr: said(&self.stderr),
        }
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        // Both fail only where it has ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn said(captured: &Captured) -> String {
    captured.lock().expect("no reader panics").clone()
}

/// Collects what a process prints on one stream, and says once that it is ready.
fn read(
    stream: Option<impl Read + Send + 'static>,
    captured: &Captured,
    mut ready: Option<Sender<()>>,
) -> JoinHandle<()> {
    let captured = Arc::clone(captured);
    thread::spawn(move || {
        for line in stream
            .into_iter()
            .flat_map(|stream| BufReader::new(stream).split(b'\n'))
        {
            let Ok(line) = line else { return };
            let line = String::from_utf8_lossy(&line);
            let mut captured = captured.lock().expect("no reader panics");
            captured.push_str(&line);
            captured.push('\n');
            if line.starts_with(READY)
                && let Some(ready) = ready.take()
            {
                // Nobody waits any more where it took too long.
                let _ = ready.send(());
            }
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shell(script: &str) -> Command {
        let mut command = Command::new("sh");
        command.args(["-c", script]);
        command
    }

    #[test]
    fn a_service_is_started_once_it_says_so_and_ends_when_asked() {
        let script = "trap 'echo bye; exit 3' TERM; echo 'ready: not this one'; echo opening >&2; \
                      echo 'ready: now' >&2; while :; do sleep 0.01; done";
        let service = Service::try_start(shell(script)).unwrap();
        assert_eq!(service.stderr(), "opening\nready: now\n");
        kill_process(Pid::from_child(&service.child), Signal::TERM).unwrap();
        let ended = service.ended();
        assert_eq!(ended.status.code(), Some(3));
        assert_eq!(ended.stdout, "ready: not this one\nbye\n");
    }

    #[test]
    fn a_service_that_refuses_to_start_is_not_waited_for() {
        let ended =
            Service::try_start(shell("echo 'the data folder is in use' >&2; exit 4")).unwrap_err();
        assert_eq!(ended.status.code(), Some(4));
        assert_eq!(ended.stderr, "the data folder is in use\n");
    }
}

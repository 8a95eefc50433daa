//! strace around the service: what it asks of the kernel, and answers of the kernel that a test chooses.

use std::{
    ffi::OsString,
    path::{Path, PathBuf},
    process::Command,
};

use crate::{
    programs::strace_program,
    service::{Ended, Service},
};

/// Under this the trace holds whole events and replies.
const LONGEST_STRING: &str = "65536";

/// What strace is asked to do.
#[derive(Debug)]
pub struct Strace {
    arguments: Vec<OsString>,
}

impl Strace {
    /// Writes these system calls into a file, with the paths and addresses behind the descriptors.
    pub fn record(calls: &str, into: &Path) -> Self {
        let mut arguments = ["-yy", "-s", LONGEST_STRING, "-e"]
            .map(OsString::from)
            .to_vec();
        arguments.extend([format!("trace={calls}").into(), "-o".into(), into.into()]);
        Self { arguments }
    }

    /// Lets these system calls on one file fail with this error from the `when`-th on, and leaves the others alone.
    pub fn fail(calls: &str, file: &Path, error: &str, when: u32, into: &Path) -> Self {
        let inject = format!("inject={calls}:error={error}:when={when}+");
        let mut strace = Self::record(calls, into);
        strace
            .arguments
            .extend(["-P".into(), file.into(), "-e".into(), inject.into()]);
        strace
    }

    /// Starts the service under strace, which watches from aside: the process that the test has is the service itself.
    ///
    /// # Panics
    ///
    /// When strace cannot be run or the kernel does not let it watch.
    #[track_caller]
    pub fn try_start(&self, service: &Command) -> Result<Service, Ended> {
        let mut command = Command::new(strace_program());
        command.args(["-D", "-f", "-qq"]).args(&self.arguments);
        command.arg(service.get_program()).args(service.get_args());
        for (name, value) in service.get_envs() {
            if let Some(value) = value {
                command.env(name, value);
            }
        }
        let started = Service::try_start(command);
        if let Err(ended) = &started {
            assert!(
                !ended.stderr.contains("strace: "),
                "strace cannot watch the service; does the kernel, or the container, allow ptrace? It said:\n{}",
                ended.stderr
            );
        }
        started
    }

    /// As [`Strace::try_start`], for a service that becomes ready.
    #[track_caller]
    pub fn start(&self, service: &Command) -> Service {
        self.try_start(service).unwrap_or_else(|ended| {
            panic!(
                "redress serve under strace ended with {}; it said:\n{}",
                ended.status, ended.stderr
            )
        })
    }
}

/// The path that strace prints for a file that a process opens by `path`: without symbolic links.
pub fn as_strace_prints(path: &Path) -> PathBuf {
    path.canonicalize()
        .unwrap_or_else(|error| panic!("{} cannot be found: {error}", path.display()))
}

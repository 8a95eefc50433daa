//! What is installed, and how we know that it already is.

use std::{fs, io, path::Path, process::Command};

use crate::process;

/// One pinned package and the tool that it gives us.
pub(super) struct Package {
    /// As a person knows it.
    pub(super) name: &'static str,
    /// The file in `requirements/` with its version and hashes.
    pub(super) requirements: &'static str,
    /// The tool's name in `.tools/bin`.
    pub(super) tool: &'static str,
    pub(super) entry: Entry,
}

/// What the tool is.
pub(super) enum Entry {
    /// A program that the package brings.
    Program,
    /// An interpreter that can import this module of the package.
    Interpreter(&'static str),
}

impl Entry {
    /// Whether the tool does what it is for.
    pub(super) fn works(&self, tool: &Path) -> bool {
        match self {
            Self::Program => tool.exists(),
            // Its own files may all be there and the machine's Python be another since.
            Self::Interpreter(module) => {
                process::succeeds(Command::new(tool).args(["-c", &format!("import {module}")]))
            }
        }
    }
}

pub(super) const NATS_SERVER: Package = Package {
    name: "nats-server",
    requirements: "nats-server.txt",
    tool: "nats-server",
    entry: Entry::Program,
};

pub(super) const NATS_PY: Package = Package {
    name: "nats-py",
    requirements: "nats-py.txt",
    tool: "python3",
    entry: Entry::Interpreter("nats"),
};

/// Whether what the stamp says was installed is what is required now.
pub(super) fn is_installed(requirements: &Path, stamp: &Path) -> bool {
    match (fs::read(requirements), fs::read(stamp)) {
        (Ok(required), Ok(installed)) => required == installed,
        _ => false,
    }
}

/// Notes that it is installed: the stamp is a copy of the requirements.
pub(super) fn stamp(requirements: &Path, stamp: &Path) -> io::Result<()> {
    if let Some(folder) = stamp.parent() {
        fs::create_dir_all(folder)?;
    }
    fs::copy(requirements, stamp).map(|_| ())
}

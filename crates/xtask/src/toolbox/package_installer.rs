//! Python's pip, however this machine can have one.
//!
//! A fresh machine may have Python without pip and without what a virtual environment needs, so three ways are
//! tried: a virtual environment, the machine's own pip, and these two again after asking apt for them.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use crate::{failure::Failure, process};

/// The folder of the virtual environment.
const ENVIRONMENT: &str = "python";
/// The folder that the machine's own pip installs into.
const PACKAGES: &str = "packages";

/// A pip that works.
pub(super) enum Installer {
    /// That of a virtual environment.
    Environment,
    /// The machine's own, told to install into a folder of ours and nowhere else.
    Machine,
}

/// The first way that works.
pub(super) fn find(toolbox: &Path) -> Result<Installer, Failure> {
    if let Some(installer) = present(toolbox) {
        return Ok(installer);
    }
    if may_use_apt() {
        // Where apt fails too, its own words are on the screen and the sentence below says the rest.
        ask_apt().unwrap_or_else(|failure| eprintln!("{failure}"));
        if let Some(installer) = present(toolbox) {
            return Ok(installer);
        }
    }
    Err(Failure::new(
        "Python 3 with pip is needed to install the test tools and is not there. \
         On Debian or Ubuntu: `apt-get install python3-venv python3-pip` as root, then run this again.",
    ))
}

impl Installer {
    /// Installs exactly what the file pins, and refuses what has another hash.
    pub(super) fn install(&self, toolbox: &Path, requirements: &Path) -> Result<(), Failure> {
        let mut pip = match self {
            Self::Environment => pip_of(&toolbox.join(ENVIRONMENT).join("bin/python3")),
            Self::Machine => pip_of(Path::new("python3")),
        };
        pip.args([
            "install",
            "--quiet",
            "--no-input",
            "--disable-pip-version-check",
        ])
        .args([
            "--no-deps",
            "--only-binary=:all:",
            "--require-hashes",
            "--requirement",
        ])
        .arg(requirements);
        match self {
            Self::Environment => {}
            Self::Machine => {
                pip.arg("--upgrade")
                    .arg("--target")
                    .arg(toolbox.join(PACKAGES));
            }
        }
        process::run_aside(&mut pip).map_err(|failure| {
            Failure::new(format!(
                "{failure}: {} was not installed. It needs Linux on x86_64 or aarch64 and a Python package index \
                 that can be reached; pip's own words are above.",
                requirements.file_stem().unwrap_or_default().to_string_lossy()
            ))
        })
    }

    /// Where programs of packages end up, seen from the toolbox.
    pub(super) fn scripts(&self) -> PathBuf {
        match self {
            Self::Environment => Path::new(ENVIRONMENT).join("bin"),
            Self::Machine => Path::new(PACKAGES).join("bin"),
        }
    }

    /// A shell script for `bin` that becomes the interpreter which finds the packages.
    ///
    /// A symbolic link would not do: an interpreter knows its environment by the path it is called by.
    pub(super) fn interpreter_script(&self) -> String {
        let toolbox = "$(dirname \"$0\")/..";
        match self {
            Self::Environment => {
                format!("#!/bin/sh\nexec \"{toolbox}/{ENVIRONMENT}/bin/python3\" \"$@\"\n")
            }
            Self::Machine => {
                format!("#!/bin/sh\nPYTHONPATH=\"{toolbox}/{PACKAGES}\" exec python3 \"$@\"\n")
            }
        }
    }
}

fn present(toolbox: &Path) -> Option<Installer> {
    if make_environment(&toolbox.join(ENVIRONMENT)) {
        Some(Installer::Environment)
    } else if process::succeeds(pip_of(Path::new("python3")).arg("--version")) {
        Some(Installer::Machine)
    } else {
        None
    }
}

/// Whether there is a virtual environment with pip in this folder now.
fn make_environment(folder: &Path) -> bool {
    let works = || process::succeeds(pip_of(&folder.join("bin/python3")).arg("--version"));
    if works() {
        return true;
    }
    // What is there is half an environment, or one whose interpreter has gone; `venv` would not repair it.
    if folder.exists() && fs::remove_dir_all(folder).is_err() {
        return false;
    }
    process::succeeds(Command::new("python3").args(["-m", "venv"]).arg(folder)) && works()
}

fn pip_of(interpreter: &Path) -> Command {
    let mut command = Command::new(interpreter);
    command.args(["-m", "pip"]);
    command
}

fn may_use_apt() -> bool {
    let root = Command::new("id")
        .arg("-u")
        .output()
        .is_ok_and(|output| output.stdout.trim_ascii() == b"0");
    root && process::succeeds(Command::new("apt-get").arg("--version"))
}

fn ask_apt() -> Result<(), Failure> {
    process::run_aside(Command::new("apt-get").args(["update", "-qq"]))?;
    process::run_aside(
        Command::new("apt-get")
            .env("DEBIAN_FRONTEND", "noninteractive")
            .args(["install", "-y", "-qq", "--no-install-recommends"])
            .args(["python3", "python3-venv", "python3-pip"]),
    )
}

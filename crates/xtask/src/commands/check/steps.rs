//! The steps, quick ones first.

use std::process::Command;

use clap::ValueEnum;

use super::Outcome;
use crate::{dependencies, process, workspace};

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum Step {
    /// The format of the source
    Format,
    /// The dependencies of each crate against the list that says why
    Dependencies,
    /// Warnings of the compiler and of clippy
    Lints,
    /// Warnings of rustdoc, broken links among them
    Docs,
    /// The JSON Schemas are those that the types give
    Schemas,
    /// Licences, banned crates and sources, by cargo-deny
    Supply,
}

impl Step {
    pub(super) const ALL: [Self; 6] = [
        Self::Format,
        Self::Dependencies,
        Self::Lints,
        Self::Docs,
        Self::Schemas,
        Self::Supply,
    ];

    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Format => "format",
            Self::Dependencies => "dependencies",
            Self::Lints => "lints",
            Self::Docs => "docs",
            Self::Schemas => "schemas",
            Self::Supply => "supply",
        }
    }

    pub(super) fn check(self) -> Outcome {
        match self {
            Self::Format => of_run(&mut cargo(&["fmt", "--all", "--check"])),
            Self::Dependencies => dependencies(),
            Self::Lints => lints(),
            Self::Docs => of_run(
                cargo(&["doc", "--workspace", "--no-deps", "--all-features"])
                    .env("RUSTDOCFLAGS", "--deny=warnings"),
            ),
            Self::Schemas => of_run(&mut cargo(&[
                "run",
                "--quiet",
                "--package=events-schema",
                "--features=schema",
                "--bin=write-schemas",
                "--",
                "--check",
            ])),
            Self::Supply => supply(),
        }
    }
}

fn dependencies() -> Outcome {
    eprintln!("comparing each crate's dependencies with crates/xtask/allowed-dependencies.toml");
    match dependencies::differences() {
        Ok(sentences) if sentences.is_empty() => Outcome::Passed,
        Ok(sentences) => {
            for sentence in &sentences {
                eprintln!("{sentence}");
            }
            Outcome::Failed(format!("{} differences, named above", sentences.len()))
        }
        Err(failure) => Outcome::Failed(failure.to_string()),
    }
}

/// As the service is built, and with all features: what stands behind one must be looked at, and so must what is
/// left over without it. One crate's warnings do not hide those of the next.
fn lints() -> Outcome {
    let [as_built, all_features] = [None, Some("--all-features")].map(|features| {
        let mut clippy = cargo(&["clippy", "--workspace", "--all-targets", "--keep-going"]);
        clippy.args(features).args(["--", "--deny=warnings"]);
        of_run(&mut clippy)
    });
    match as_built {
        Outcome::Passed => all_features,
        Outcome::Failed(_) | Outcome::NotChecked(_) => as_built,
    }
}

/// The advisories are left out: they need a database that must not be fetched during a check.
fn supply() -> Outcome {
    if !process::succeeds(&mut cargo(&["deny", "--version"])) {
        return Outcome::NotChecked(
            "cargo-deny is not installed: `cargo install cargo-deny --locked`",
        );
    }
    // cargo-deny looks at the crates of all targets, and the build may have needed those of this machine only.
    if let Err(failure) = process::run(&mut cargo(&["fetch", "--quiet"])) {
        return Outcome::Failed(failure.to_string());
    }
    of_run(&mut cargo(&[
        "deny",
        "--offline",
        "check",
        "--hide-inclusion-graph",
        "licenses",
        "bans",
        "sources",
    ]))
}

fn of_run(command: &mut Command) -> Outcome {
    match process::run(command) {
        Ok(()) => Outcome::Passed,
        Err(failure) => Outcome::Failed(failure.to_string()),
    }
}

fn cargo(words: &[&str]) -> Command {
    let mut command = workspace::cargo();
    command.args(words);
    command
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_step_is_called_by_the_name_that_the_table_shows() {
        for step in Step::ALL {
            assert!(Step::from_str(step.name(), false) == Ok(step));
        }
    }
}

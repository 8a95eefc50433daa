//! `cargo xtask test`: everything the tests need, then the tests. The runner's own closing lines come last.

use std::{path::PathBuf, process::Command};

use clap::Args;
use serde::Deserialize;

use crate::{failure::Failure, process, toolbox, workspace};

#[derive(Args)]
pub(crate) struct Arguments {
    /// Test what users run: the release build
    #[arg(long)]
    release: bool,
    /// Fail where this machine does not let a test do what it needs, instead of leaving the test out
    #[arg(long)]
    complete: bool,
    /// More arguments for the test runner: cargo-nextest where it is installed, else `cargo test`
    #[arg(
        trailing_var_arg = true,
        allow_hyphen_values = true,
        value_name = "RUNNER ARGUMENTS"
    )]
    for_runner: Vec<String>,
}

pub(crate) fn run(arguments: &Arguments) -> Result<(), Failure> {
    let surroundings = [
        ("REDRESS_NATS_SERVER", toolbox::nats_server_path()?),
        ("REDRESS_PYTHON", toolbox::python_path()?),
        ("REDRESS_BIN", build_redress(arguments.release)?),
    ];
    let left_out = left_out(arguments.complete)?;
    // All of them run even where one fails, or a broken example in a comment would hide every other result.
    let mut ended = Ok(());
    for mut runner in runners(arguments, &left_out) {
        let surroundings = surroundings.iter().map(|(name, path)| (name, path));
        if arguments.complete {
            // Tests on data that a fresh clone does not have fail without it.
            runner.env("REDRESS_COMPLETE", "1");
        }
        ended = ended.and(process::run_telling(runner.envs(surroundings)));
    }
    ended
}

/// The tests that cannot run on this machine, by the module they are in. They are named, so that nobody takes them for
/// passed.
fn left_out(complete: bool) -> Result<Vec<&'static str>, Failure> {
    let mut left_out = Vec::new();
    if !toolbox::strace_works() {
        left_out.extend(["fault_failing_sync::", "fault_sync_order::every"]);
    }
    if !toolbox::namespaces_work() {
        left_out.push("fault_full_disk::");
    }
    if left_out.is_empty() {
        return Ok(left_out);
    }
    let names = left_out.join(", ");
    if complete {
        return Err(Failure::new(format!(
            "this machine does not let these tests do what they need: {names}. They need strace (ptrace) and a mount in a \
             namespace (unshare -Urm)"
        )));
    }
    eprintln!("NOT RUN, because this machine allows no ptrace or no mount namespace: {names}");
    Ok(left_out)
}

fn runners(arguments: &Arguments, left_out: &[&str]) -> Vec<Command> {
    if !process::succeeds(workspace::cargo().args(["nextest", "--version"])) {
        // Without --no-fail-fast the first crate with a failing test would hide the results of the others.
        let mut plain = cargo(arguments, &["test", "--no-fail-fast"]);
        plain.args(without(&arguments.for_runner, left_out));
        return vec![plain];
    }
    let mut nextest = cargo(arguments, &["nextest", "run"]);
    nextest.args(without(&arguments.for_runner, left_out));
    if arguments.for_runner.is_empty() {
        // nextest leaves out the tests in documentation, which plain `cargo test` runs: both must cover the same.
        vec![
            cargo(arguments, &["test", "--doc", "--no-fail-fast"]),
            nextest,
        ]
    } else {
        vec![nextest]
    }
}

/// The arguments of a runner, and what it leaves out. Behind `--` both runners take any number of filters; before it
/// `cargo test` takes one.
fn without<'a>(for_runner: &'a [String], left_out: &[&'a str]) -> Vec<&'a str> {
    let mut arguments: Vec<&str> = for_runner.iter().map(String::as_str).collect();
    if !left_out.is_empty() && !arguments.contains(&"--") {
        arguments.push("--");
    }
    arguments.extend(left_out.iter().flat_map(|name| ["--skip", name]));
    arguments
}

fn cargo(arguments: &Arguments, words: &[&str]) -> Command {
    let mut command = workspace::cargo();
    command.args(words);
    if arguments.release {
        command.arg("--release");
    }
    command
}

/// Builds the product and gives its path, as cargo itself reports it.
fn build_redress(release: bool) -> Result<PathBuf, Failure> {
    eprintln!("building the redress binary");
    let mut build = workspace::cargo();
    build.args(["build", "--package", "redress", "--bin", "redress"]);
    build.arg("--message-format=json-render-diagnostics");
    if release {
        build.arg("--release");
    }
    let messages = process::capture(&mut build)?;
    messages
        .lines()
        .filter_map(|line| serde_json::from_str::<Artifact>(line).ok())
        .find_map(|artifact| artifact.executable)
        .ok_or_else(|| Failure::new("cargo built redress but did not say where the binary is"))
}

/// The part we need of the messages that cargo prints for each thing it has built.
#[derive(Deserialize)]
struct Artifact {
    executable: Option<PathBuf>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_left_out_stands_behind_the_filters() {
        for (given, left_out, expected) in [
            ("", &[][..], ""),
            ("-p end-to-end name", &[], "-p end-to-end name"),
            ("-p end-to-end -- one two", &[], "-p end-to-end -- one two"),
            ("name", &["disk::"], "name -- --skip disk::"),
            (
                "-- one two",
                &["disk::", "sync::"],
                "-- one two --skip disk:: --skip sync::",
            ),
        ] {
            let given: Vec<_> = given.split_whitespace().map(str::to_owned).collect();
            assert_eq!(without(&given, left_out).join(" "), expected);
        }
    }
}

//! `cargo xtask test`: everything the tests need, then the tests. The runner's own closing lines come last, and behind
//! them only which tests were left out.

use std::{path::PathBuf, process::Command};

use clap::Args;
use serde::Deserialize;

use crate::{failure::Failure, process, toolbox, workspace};

#[derive(Args)]
pub(crate) struct Arguments {
    /// Test what users run: the release build
    #[arg(long)]
    release: bool,
    /// Fail where a test cannot do what it needs on this machine, instead of leaving it out
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
    let plan = Plan {
        skipped: left_out.iter().flat_map(|it| it.tests).copied().collect(),
        // With --complete they fail by themselves where their data is not there.
        with_ignored: arguments.complete || left_out.iter().all(|it| !it.of_data),
    };
    // All of them run even where one fails, or a broken example in a comment would hide every other result.
    let mut ended = Ok(());
    for mut runner in runners(arguments, &plan) {
        let surroundings = surroundings.iter().map(|(name, path)| (name, path));
        ended = ended.and(process::run_telling(runner.envs(surroundings)));
    }
    for LeftOut { tests, why, .. } in &left_out {
        eprintln!("NOT RUN, because {why}: {}", tests.join(", "));
    }
    ended
}

/// Tests that cannot run on this machine, by the module that they are in or the name that they begin with. They are
/// named, so that nobody takes them for passed.
struct LeftOut {
    tests: &'static [&'static str],
    why: &'static str,
    /// Whether they are `#[ignore]`d, since a clone alone does not have what they need.
    of_data: bool,
}

const OF_STRACE: LeftOut = LeftOut {
    tests: &["fault_failing_sync::", "fault_sync_order::every"],
    why: "strace may not watch a program on this machine (ptrace)",
    of_data: false,
};

const OF_NAMESPACES: LeftOut = LeftOut {
    tests: &["fault_full_disk::"],
    why: "nothing can be mounted in a namespace on this machine (unshare -Urm)",
    of_data: false,
};

const OF_DATA: LeftOut = LeftOut {
    tests: &[
        "backfill_traffic_fines::each_recorded_penalty_date",
        "backfill_traffic_fines::killed_in_the_middle",
        "the_shipped_calendar_of_china_agrees_with_the_published_files",
    ],
    why: "the real data that they need is not in ../shared/data beside the project",
    of_data: true,
};

/// What of `../shared/data` the tests of [`OF_DATA`] need.
const DATA: [&str; 2] = ["traffic-fines.jsonl", "calendars/cn-2026.ics"];

fn left_out(complete: bool) -> Result<Vec<LeftOut>, Failure> {
    let mut left_out = Vec::new();
    if !toolbox::strace_works() {
        left_out.push(OF_STRACE);
    }
    if !toolbox::namespaces_work() {
        left_out.push(OF_NAMESPACES);
    }
    if complete && !left_out.is_empty() {
        let because = left_out.iter().map(|LeftOut { tests, why, .. }| {
            format!("{why}, which these tests need: {}", tests.join(", "))
        });
        let because: Vec<_> = because.collect();
        return Err(Failure::new(because.join("; ")));
    }
    let data = workspace::root().join("../shared/data");
    if !complete && !DATA.iter().all(|name| data.join(name).exists()) {
        left_out.push(OF_DATA);
    }
    Ok(left_out)
}

/// Which of all tests are run.
struct Plan {
    /// Left out, by the beginning of the name.
    skipped: Vec<&'static str>,
    /// Whether those that need more than a clone are run too.
    with_ignored: bool,
}

fn runners(arguments: &Arguments, plan: &Plan) -> Vec<Command> {
    if !process::succeeds(workspace::cargo().args(["nextest", "--version"])) {
        // Without --no-fail-fast the first crate with a failing test would hide the results of the others.
        let mut plain = cargo(arguments, &["test", "--no-fail-fast"]);
        plain.args(plan.arguments(&arguments.for_runner));
        return vec![plain];
    }
    let mut nextest = cargo(arguments, &["nextest", "run"]);
    nextest.args(plan.arguments(&arguments.for_runner));
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

impl Plan {
    /// The arguments of a runner, with what it leaves out. Behind `--` both runners take any number of filters; before
    /// it `cargo test` takes one.
    fn arguments<'a>(&self, for_runner: &'a [String]) -> Vec<&'a str> {
        let mut arguments: Vec<&str> = for_runner.iter().map(String::as_str).collect();
        let more = self.with_ignored || !self.skipped.is_empty();
        if more && !arguments.contains(&"--") {
            arguments.push("--");
        }
        if self.with_ignored {
            arguments.push("--include-ignored");
        }
        arguments.extend(self.skipped.iter().flat_map(|name| ["--skip", *name]));
        arguments
    }
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
        for (given, skipped, with_ignored, expected) in [
            ("", &[][..], false, ""),
            ("-p end-to-end name", &[], false, "-p end-to-end name"),
            ("name", &[], true, "name -- --include-ignored"),
            ("name", &["disk::"], false, "name -- --skip disk::"),
            (
                "-- one two",
                &["disk::", "sync::"],
                true,
                "-- one two --include-ignored --skip disk:: --skip sync::",
            ),
        ] {
            let given: Vec<_> = given.split_whitespace().map(str::to_owned).collect();
            let plan = Plan {
                skipped: skipped.to_vec(),
                with_ignored,
            };
            assert_eq!(plan.arguments(&given).join(" "), expected);
        }
    }

    /// A name in these lists that no test has would leave a test out in silence, or run one that cannot run.
    #[test]
    fn each_test_that_may_be_left_out_is_there_and_each_ignored_one_is_named() {
        let sources = sources();
        for left_out in [OF_STRACE, OF_NAMESPACES, OF_DATA] {
            for name in left_out.tests {
                let (module, test) = name.split_once("::").unwrap_or(("tests", name));
                let file = format!("{module}.rs");
                let mut of_module = sources.iter().filter(|(path, _)| path.ends_with(&file));
                let is_there = of_module.any(|(_, source)| source.contains(&format!("fn {test}")));
                assert!(is_there, "{name}");
            }
        }
        let ignored: Vec<&str> = sources.iter().flat_map(|(_, it)| ignored(it)).collect();
        assert!(!ignored.is_empty());
        for test in &ignored {
            let named = |name: &str| test.starts_with(name.rsplit("::").next().unwrap_or(name));
            assert!(OF_DATA.tests.iter().copied().any(named), "{test}");
        }
        for name in OF_DATA.tests {
            let begin = name.rsplit("::").next().unwrap_or(name);
            assert!(ignored.iter().any(|test| test.starts_with(begin)), "{name}");
        }
    }

    #[test]
    fn an_ignored_test_is_found_whatever_else_stands_above_it() {
        let source = "#[test]\n#[ignore = \"of (data)\"]\nfn one() {}\n#[ignore]\n#[test]\nasync fn two() {}\nfn three() {}";
        assert_eq!(ignored(source), ["one", "two"]);
    }

    /// Every Rust source of the project.
    fn sources() -> Vec<(PathBuf, String)> {
        let mut folders = vec![workspace::root()];
        let mut sources = Vec::new();
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(folder).unwrap() {
                let entry = entry.unwrap();
                let (path, name) = (entry.path(), entry.file_name());
                let hidden = name.as_encoded_bytes().starts_with(b".");
                let kind = entry.file_type().unwrap();
                if kind.is_dir() && !hidden && name != "target" {
                    folders.push(path);
                } else if kind.is_file() && path.extension().is_some_and(|it| it == "rs") {
                    let source = std::fs::read_to_string(&path).unwrap();
                    sources.push((path, source));
                }
            }
        }
        sources
    }

    /// The names of the tests that a source ignores.
    fn ignored(source: &str) -> Vec<&str> {
        let mut lines = source.lines().map(str::trim_start);
        let mut names = Vec::new();
        while lines.any(|line| line.starts_with("#[ignore")) {
            let name = lines.find_map(|line| {
                let (_, rest) = line.split_once("fn ")?;
                rest.split('(').next()
            });
            names.extend(name);
        }
        names
    }
}

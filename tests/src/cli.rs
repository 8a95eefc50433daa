//! The command line, as a person or a script uses it.

use std::{
    ffi::OsStr,
    io::Write as _,
    process::{Command, Stdio},
    thread,
};

use serde_json::Value;

use crate::programs::redress_program;

/// What one call gave.
#[derive(Debug)]
pub struct Output {
    /// The exit code; -1 where a signal ended it.
    pub code: i32,
    /// What it printed as its result.
    pub stdout: String,
    /// What it told its user on the side.
    pub stderr: String,
}

/// Runs `redress` with these arguments, and nothing on its stdin.
pub fn run<A: AsRef<OsStr>>(arguments: impl IntoIterator<Item = A>) -> Output {
    run_with_input(arguments, "")
}

/// Runs `redress` with these arguments and this text on its stdin.
pub fn run_with_input<A: AsRef<OsStr>>(
    arguments: impl IntoIterator<Item = A>,
    input: &str,
) -> Output {
    let mut command = Command::new(redress_program());
    command.args(arguments);
    finish(command, input)
}

fn finish(mut command: Command, input: &str) -> Output {
    let mut child = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap_or_else(|error| panic!("{command:?} cannot be started: {error}"));
    let mut stdin = child.stdin.take();
    thread::scope(|scope| {
        // On a thread of its own, or a long input and a long output would wait for each other for ever.
        // A program that ends without reading all of it breaks the pipe, which is its right.
        scope.spawn(move || {
            stdin
                .take()
                .map(|mut stdin| stdin.write_all(input.as_bytes()))
        });
        let output = child.wait_with_output().expect("a child can be waited for");
        Output {
            code: output.status.code().unwrap_or(-1),
            stdout: String::from_utf8(output.stdout).expect("stdout is UTF-8"),
            stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
        }
    })
}

impl Output {
    /// The output of a call that ended well.
    ///
    /// # Panics
    ///
    /// When it did not, with everything it said.
    #[expect(
        clippy::return_self_not_must_use,
        reason = "some callers only want to know how it ended"
    )]
    #[track_caller]
    pub fn succeeded(self) -> Self {
        self.ended_with(0)
    }

    /// The output of a call that ended with this exit code.
    #[expect(
        clippy::return_self_not_must_use,
        reason = "some callers only want to know how it ended"
    )]
    #[track_caller]
    pub fn ended_with(self, code: i32) -> Self {
        assert_eq!(
            self.code, code,
            "stdout:\n{}\nstderr:\n{}",
            self.stdout, self.stderr
        );
        self
    }

    /// What `-o json` printed: one JSON value.
    #[track_caller]
    pub fn json(&self) -> Value {
        parse(&self.stdout)
    }

    /// Why it failed, as `-o json` and `-o jsonl` say: one JSON object on the last line of stderr.
    ///
    /// # Panics
    ///
    /// When there is no such line.
    #[track_caller]
    pub fn error(&self) -> Value {
        parse(self.stderr.lines().last().unwrap_or_default())
    }

    /// What `-o jsonl` printed: one JSON value a line.
    #[track_caller]
    pub fn jsonl(&self) -> Vec<Value> {
        self.stdout.lines().map(parse).collect()
    }
}

#[track_caller]
fn parse(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or_else(|error| panic!("not JSON ({error}):\n{text}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shell(script: &str, input: &str) -> Output {
        let mut command = Command::new("sh");
        command.args(["-c", script]);
        finish(command, input)
    }

    #[test]
    fn code_and_both_outputs_are_kept_apart() {
        let output = shell("echo '{\"a\": 1}'; echo careful >&2; exit 7", "").ended_with(7);
        assert_eq!(output.json(), serde_json::json!({"a": 1}));
        assert_eq!(output.stderr, "careful\n");
    }

    #[test]
    fn a_long_input_and_a_long_output_do_not_wait_for_each_other() {
        let input = "[1]\n".repeat(100_000);
        assert_eq!(shell("cat", &input).succeeded().jsonl().len(), 100_000);
    }
}

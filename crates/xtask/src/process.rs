//! Running other programs, with a sentence when they fail.

use std::process::{Command, ExitStatus, Stdio};

use crate::failure::Failure;

/// Shows the command line and runs it; its output goes where ours goes.
pub(crate) fn run(command: &mut Command) -> Result<(), Failure> {
    let status = status(command)?;
    if status.success() {
        Ok(())
    } else {
        Err(Failure::new(format!(
            "`{}` ended with {status}",
            line(command)
        )))
    }
}

/// As [`run`], for a program whose own closing lines say all there is to say.
pub(crate) fn run_telling(command: &mut Command) -> Result<(), Failure> {
    if status(command)?.success() {
        Ok(())
    } else {
        Err(Failure::told())
    }
}

/// As [`run`], with the program's stdout on our stderr: our own stdout is for results.
pub(crate) fn run_aside(command: &mut Command) -> Result<(), Failure> {
    run(command.stdout(Stdio::from(std::io::stderr())))
}

/// Runs it and gives its stdout; its stderr goes where ours goes.
pub(crate) fn capture(command: &mut Command) -> Result<String, Failure> {
    let (printed, status) = capture_however_it_ends(command)?;
    if status.success() {
        Ok(printed)
    } else {
        Err(Failure::new(format!(
            "`{}` ended with {status}",
            line(command)
        )))
    }
}

/// The same for what prints something of use when it fails.
pub(crate) fn capture_however_it_ends(
    command: &mut Command,
) -> Result<(String, ExitStatus), Failure> {
    let output = command
        .stderr(Stdio::inherit())
        .output()
        .map_err(|error| not_started(command, &error))?;
    let printed = String::from_utf8(output.stdout).map_err(|_| {
        Failure::new(format!(
            "`{}` printed something that is not UTF-8",
            line(command)
        ))
    })?;
    Ok((printed, output.status))
}

/// Whether it starts and ends well; it prints nothing.
pub(crate) fn succeeds(command: &mut Command) -> bool {
    command
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .is_ok_and(|status| status.success())
}

fn status(command: &mut Command) -> Result<ExitStatus, Failure> {
    eprintln!("$ {}", line(command));
    command
        .status()
        .map_err(|error| not_started(command, &error))
}

fn not_started(command: &Command, error: &std::io::Error) -> Failure {
    Failure::new(format!("`{}` could not be started: {error}", line(command)))
}

/// As a person would type it, without the folder that the program is in.
fn line(command: &Command) -> String {
    let program = std::path::Path::new(command.get_program());
    let program = program.file_name().unwrap_or(command.get_program());
    std::iter::once(program)
        .chain(command.get_args())
        .map(|word| word.to_string_lossy())
        .collect::<Vec<_>>()
        .join(" ")
}

//! `redress completions` and `redress man`: what shells and `man` read of the command line itself.

use std::{fs, path::PathBuf};

use clap::{Args, CommandFactory as _};
use clap_complete::Shell;

use crate::{cli::Cli, failure::Failure, output::Output};

const NAME: &str = "redress";

/// Arguments of `completions`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  redress completions bash > ~/.local/share/bash-completion/completions/redress
  redress completions zsh > /usr/local/share/zsh/site-functions/_redress
  redress completions fish > ~/.config/fish/completions/redress.fish")]
pub struct Completions {
    /// The shell.
    pub shell: Shell,
}

/// Arguments of `man`.
#[derive(Debug, Args)]
#[command(after_help = "\
Example:
  redress man ~/.local/share/man/man1
  man redress-serve")]
pub struct Man {
    /// The folder for them, made if there is none: a `man1` where `man` looks.
    pub folder: PathBuf,
}

/// Prints what a shell reads.
pub fn completions(arguments: &Completions, output: Output) {
    let mut script = Vec::new();
    clap_complete::generate(arguments.shell, &mut Cli::command(), NAME, &mut script);
    let script = String::from_utf8_lossy(&script).into_owned();
    // For people as for programs: it is to be read by a shell.
    output.text(&script);
}

/// Writes a page for the program and one for each subcommand.
pub fn manual(arguments: &Man, output: Output) -> Result<(), Failure> {
    let folder = &arguments.folder;
    let written = fs::create_dir_all(folder)
        .and_then(|()| clap_mangen::generate_to(Cli::command().name(NAME), folder));
    written.map_err(|error| {
        Failure::World(format!(
            "failed to write the manual pages to {}: {error}",
            folder.display()
        ))
    })?;
    output.note(&format!(
        "the manual pages are in {}; `man {NAME}` shows the first where `man` looks there",
        folder.display()
    ));
    Ok(())
}

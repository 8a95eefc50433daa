//! `redress completions` and `redress man`: what shells and `man` read of the command line itself.

use std::fs;

use clap::CommandFactory as _;

use crate::{
    cli::{self, Cli},
    failure::Failure,
    output::Output,
};

const NAME: &str = "redress";

/// Prints what a shell reads.
pub fn completions(arguments: &cli::Completions, output: Output) {
    let mut script = Vec::new();
    clap_complete::generate(arguments.shell, &mut Cli::command(), NAME, &mut script);
    let script = String::from_utf8_lossy(&script).into_owned();
    // For people as for programs: it is to be read by a shell.
    output.text(&script);
}

/// Writes a page for the program and one for each subcommand.
pub fn manual(arguments: &cli::Man, output: Output) -> Result<(), Failure> {
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

//! Where the workspace is, and cargo as it should be called from inside cargo.

use std::{
    env,
    path::{Path, PathBuf},
    process::Command,
};

use crate::{failure::Failure, process};

/// The folder with the workspace's Cargo.toml.
pub(crate) fn root() -> PathBuf {
    // The variable of the running `cargo xtask` comes first: the folder may have moved since we were compiled.
    let here = env::var_os("CARGO_MANIFEST_DIR")
        .map_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")), PathBuf::from);
    here.ancestors().nth(2).unwrap_or(Path::new(".")).to_owned()
}

/// Cargo, in the workspace's root.
pub(crate) fn cargo() -> Command {
    let mut command = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.current_dir(root());
    // What `cargo run` told us about ourselves must not reach the inner cargo: some build scripts ask to be run
    // again when these change, and then everything above them is built anew on each call.
    for (name, _) in env::vars_os() {
        if name.to_str().is_some_and(describes_this_package) {
            command.env_remove(name);
        }
    }
    command
}

/// The platform that cargo builds for here.
pub(crate) fn host() -> Result<String, Failure> {
    let text = process::capture(cargo().args(["--version", "--verbose"]))?;
    text.lines()
        .find_map(|line| line.strip_prefix("host: "))
        .map(str::to_owned)
        .ok_or_else(|| Failure::new("`cargo --version --verbose` does not name the host"))
}

fn describes_this_package(variable: &str) -> bool {
    variable.starts_with("CARGO_PKG_") || variable.starts_with("CARGO_MANIFEST_")
}

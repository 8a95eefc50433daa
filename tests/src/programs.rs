//! Where the programs are that the tests start.
//!
//! `cargo xtask test` says it in environment variables. Under a bare `cargo test` they are looked for where they
//! usually are, and a missing one ends in a sentence that says how to get it.

use std::{
    env,
    path::{Path, PathBuf},
};

/// The `redress` binary: `REDRESS_BIN`, or the one that was built beside this test.
pub fn redress_program() -> PathBuf {
    let test = env::current_exe().expect("a test knows its own path");
    // target/<profile>/deps/<test> -> target/<profile>/redress
    let beside = test
        .ancestors()
        .nth(2)
        .map(|profile| profile.join("redress"));
    named("REDRESS_BIN", beside.into_iter())
}

/// The nats-server: `REDRESS_NATS_SERVER`, or that of PATH, or that of `.tools`.
pub fn nats_server_program() -> PathBuf {
    let places = on_path("nats-server")
        .into_iter()
        .chain([tools_bin().join("nats-server")]);
    named("REDRESS_NATS_SERVER", places)
}

/// A Python interpreter that can `import nats`: `REDRESS_PYTHON`, or that of `.tools`.
pub fn python_program() -> PathBuf {
    named("REDRESS_PYTHON", [tools_bin().join("python3")].into_iter())
}

/// strace: `REDRESS_STRACE`, or that of PATH.
pub fn strace_program() -> PathBuf {
    named("REDRESS_STRACE", on_path("strace").into_iter())
}

/// unshare, of util-linux: `REDRESS_UNSHARE`, or that of PATH.
pub fn unshare_program() -> PathBuf {
    named("REDRESS_UNSHARE", on_path("unshare").into_iter())
}

fn on_path(program: &str) -> Vec<PathBuf> {
    let path = env::var_os("PATH").unwrap_or_default();
    env::split_paths(&path)
        .map(|folder| folder.join(program))
        .collect()
}

fn tools_bin() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../.tools/bin")
}

fn named(variable: &str, mut places: impl Iterator<Item = PathBuf>) -> PathBuf {
    if let Some(path) = env::var_os(variable) {
        return path.into();
    }
    places.find(|path| path.is_file()).unwrap_or_else(|| {
        panic!("{variable} is not set and nothing is in the usual places: run `cargo xtask test`, which \
             installs what it can and says what you have to")
    })
}

//! strace, which shows what the service asks of the kernel and makes calls fail. It comes from the system's packages.

use std::process::Command;

use crate::process;

/// Whether strace is there and may watch a program; installed first where the machine has apt and lets us.
pub(super) fn works() -> bool {
    watches() || (installed() && watches())
}

fn watches() -> bool {
    process::succeeds(Command::new("strace").args(["-f", "-o", "/dev/null", "true"]))
}

fn installed() -> bool {
    let install = [
        "apt-get",
        "install",
        "--yes",
        "--no-install-recommends",
        "strace",
    ];
    let root = process::succeeds(Command::new("sh").args(["-c", "test $(id -u) = 0"]));
    let mut command = if root {
        Command::new("env")
    } else {
        let mut sudo = Command::new("sudo");
        sudo.args(["--non-interactive", "env"]);
        sudo
    };
    eprintln!("installing strace");
    process::succeeds(command.arg("DEBIAN_FRONTEND=noninteractive").args(install))
}

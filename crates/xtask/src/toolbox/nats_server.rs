//! The machine's own nats-server, where it is new enough.

use std::{
    env, fmt,
    path::PathBuf,
    process::{Command, Stdio},
};

/// The oldest server that the service needs: it uses core NATS only.
pub(super) const OLDEST: Version = Version { major: 2, minor: 9 };

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Version {
    major: u32,
    minor: u32,
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.major, self.minor)
    }
}

/// The first nats-server of PATH, unless it is too old.
pub(super) fn on_path() -> Option<PathBuf> {
    let path = env::split_paths(&env::var_os("PATH")?)
        .map(|folder| folder.join("nats-server"))
        .find(|program| program.is_file())?;
    let output = Command::new(&path)
        .arg("--version")
        .stderr(Stdio::null())
        .output()
        .ok()?;
    let version = parse(&String::from_utf8_lossy(&output.stdout))?;
    if version >= OLDEST {
        Some(path)
    } else {
        eprintln!(
            "{} is version {version}, older than {OLDEST}: not used",
            path.display()
        );
        None
    }
}

/// Reads `nats-server: v2.15.1`.
fn parse(text: &str) -> Option<Version> {
    let (_, numbers) = text.trim().rsplit_once('v')?;
    let mut numbers = numbers.split('.');
    let major = numbers.next()?.parse().ok()?;
    let minor = numbers.next()?.parse().ok()?;
    Some(Version { major, minor })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ten_is_newer_than_nine() {
        assert!(parse("nats-server: v2.10.0\n").unwrap() > OLDEST);
        assert!(parse("nats-server: v2.9.10").unwrap() >= OLDEST);
        assert!(parse("nats-server: v2.8.4").unwrap() < OLDEST);
        assert!(parse("nats-server: v1.4.1").unwrap() < OLDEST);
    }

    #[test]
    fn what_is_no_version_is_not_used() {
        assert_eq!(parse("command not found"), None);
        assert_eq!(parse(""), None);
    }
}

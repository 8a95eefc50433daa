//! Small values from short texts.

use std::{fmt::Debug, str::FromStr};

use events_schema::{
    Extent, Instant, Label, MeasureKind, Mode, Observation, Release, Restriction, Scope, Sha256,
};

/// The service of the platform that issues notices.
pub const PLATFORM: &str = "platform:enforcement";
/// The party of case `C1`.
pub const DEV7: &str = "party:dev7";
/// A reviewer.
pub const ANN: &str = "reviewer:ann";
/// Another.
pub const BOB: &str = "reviewer:bob";
/// A third.
pub const CID: &str = "reviewer:cid";
/// Whoever runs Redress.
pub const ROOT: &str = "administrator:root";

/// An id, or anything else that is read from text.
pub fn id<T: FromStr<Err: Debug>>(text: &str) -> T {
    text.parse().expect("a test writes what can be read")
}

/// A label.
pub fn label(text: &str) -> Label {
    id(text)
}

/// An instant.
pub fn at(text: &str) -> Instant {
    id(text)
}

/// So many days after Monday 2026-03-02, 08:00 UTC, on which the tests begin.
pub fn day(days: i64) -> Instant {
    at("2026-03-02T08:00:00Z").plus_seconds(days * 86_400)
}

/// The digest of a content that a test names.
pub fn digest(content: &str) -> Sha256 {
    Sha256::of(content.as_bytes())
}

/// A release of the app, by its version.
pub fn release(version: &str) -> Release {
    Release {
        version: label(version),
        digest: None,
    }
}

/// What somebody saw of a release, and when.
pub fn observation(version: &str, captured_at: Instant) -> Observation {
    Observation {
        sha256: digest("what was seen"),
        release: release(version),
        captured_at,
    }
}

/// Login suspended for new users: the first step of the ladder of clause 4.2.
pub fn login() -> Restriction {
    Restriction {
        scope: Scope::NewUsers,
        ..restriction("login")
    }
}

/// A capability suspended for all.
pub fn restriction(capability: &str) -> Restriction {
    Restriction {
        capability: id(capability),
        kind: MeasureKind::Capability,
        extent: Extent::Total,
        scope: Scope::All,
        mode: Mode::Suspension,
        territory: Vec::new(),
    }
}

//! Measures: what a platform takes from an account, one restriction of one capability at a time.

use serde::{Deserialize, Serialize};

use crate::{CapabilityId, CaseId, FindingId, Instant, Label, MeasureId, Period};

/// How grave a finding is, mild to grave.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// Little harm; usually cured by a small change.
    Low,
    /// Harm to some users.
    Medium,
    /// Harm to many users, or to what they cannot get back.
    High,
}

/// What kind of thing is restricted (the kinds of a statement of reasons, DSA Art. 17).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum MeasureKind {
    /// How visible the content is: search, recommendation, sharing.
    Visibility,
    /// Money: payments, advertising income.
    Monetary,
    /// Provision of the service as such.
    Provision,
    /// The account itself.
    Account,
    /// One capability of the app, such as login.
    Capability,
}

/// How much of the capability is taken, mild to severe.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Extent {
    /// It works with limits.
    Partial,
    /// It does not work.
    Total,
}

/// Whose use is restricted, mild to severe.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Scope {
    /// Only users who were not users before.
    NewUsers,
    /// Every user.
    All,
}

/// The manner of a measure, mild to severe.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Mode {
    /// Ranked or recommended less.
    Demotion,
    /// Switched off, and can be switched on again.
    Suspension,
    /// Taken down.
    Removal,
    /// Ended.
    Termination,
}

/// One restriction threatened by a warning, in force if the warning lapses.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ThreatenedMeasure {
    /// Identifies the measure within the case.
    pub id: MeasureId,
    /// The findings that it answers; it lifts when none of them survives.
    pub findings: Vec<FindingId>,
    /// What it would restrict.
    pub restriction: Restriction,
    /// How long it would last from the day it starts; absent: until the platform finds the matter
    /// rectified, or lifts it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lasts: Option<Period>,
}

/// One restriction that a penalty asks for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct RequestedMeasure {
    /// Identifies the measure within the case.
    pub id: MeasureId,
    /// The findings that it answers; it lifts when none of them survives.
    pub findings: Vec<FindingId>,
    /// What it restricts.
    pub restriction: Restriction,
    /// When it starts, never in the past; absent: at once.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub starts_at: Option<Instant>,
    /// When it ends by itself (exclusive); absent: until rectified, or lifted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ends_at: Option<Instant>,
}

/// One restriction as it was imposed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Measure {
    /// Identifies the measure within the case.
    pub id: MeasureId,
    /// The findings that it answers; it lifts when none of them survives.
    pub findings: Vec<FindingId>,
    /// What it restricts.
    pub restriction: Restriction,
    /// When it starts. A measure that starts later than its notice is scheduled until then.
    pub starts_at: Instant,
    /// When it ends by itself (exclusive); absent: until rectified, or lifted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ends_at: Option<Instant>,
}

/// What is restricted, how far, and for whom.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Restriction {
    /// The capability.
    pub capability: CapabilityId,
    /// What kind of thing it is.
    pub kind: MeasureKind,
    /// How much of it is taken.
    pub extent: Extent,
    /// Whose use is restricted.
    pub scope: Scope,
    /// The manner.
    pub mode: Mode,
    /// ISO 3166-1 codes of where it applies; empty: everywhere.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub territory: Vec<Label>,
}

/// A restriction of the same capability that another case keeps in force.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct StillRestricted {
    /// The capability that stays restricted.
    pub capability: CapabilityId,
    /// The case whose measure restricts it.
    pub case: CaseId,
    /// That measure.
    pub measure: MeasureId,
}

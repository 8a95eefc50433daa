//! The rulebook: every period, cap, ladder and route that the procedure leaves to the platform.
//!
//! It is TOML and adopted by a command, so its content is in the log. A notice pins its rulebook for
//! life; so nothing that a rulebook says may come from this program's own defaults, and every key is
//! required. Start with [`Rulebook::parse`] and `rulebooks/guide.toml`.

mod ladder;
mod params;
mod problems;
mod reading;
mod section;

use std::collections::BTreeSet;

use events_schema::{CalendarId, CapabilityId, Label, Route, RulebookVersion, Severity};

pub use self::{
    ladder::{AllowedMeasure, Ladder, LadderPer, LadderStep},
    params::{LateFiling, Params, ReviewBreach, VerificationBreach},
    problems::{RulebookProblem, RulebookProblems},
};

/// A rulebook, checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rulebook {
    /// Names it for ever; a changed rulebook has another version.
    pub version: RulebookVersion,
    /// What people call it.
    pub title: Label,
    /// The calendar that its days and working days are counted on.
    pub calendar: CalendarId,
    /// So many refusals of a party's filings are recorded per account and day; the rest is only answered.
    pub recorded_refusals_per_day: u32,
    /// Capabilities that people depend on, such as the only way to log in: under whatever clause, their restriction
    /// is warned about first (complaint C4).
    pub critical_capabilities: BTreeSet<CapabilityId>,
    /// The ways out of the platform; at least one.
    pub routes: Vec<Route>,
    /// In the order of clause and version, each pair once.
    clauses: Vec<Clause>,
}

/// One clause of the platform's rules at one version, and how it is enforced.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Clause {
    /// Its number or name: `4.2`.
    pub clause: Label,
    /// The version of its wording: `2026-01`.
    pub version: Label,
    /// What it is about.
    pub title: Label,
    /// Where it can be read.
    pub url: Label,
    /// The kind of violation.
    pub category: Label,
    /// How grave a violation is.
    pub severity: Severity,
    /// Whether a violation is warned about before it is penalised.
    pub warning_first: bool,
    /// On which grounds it may be penalised at once all the same; each an identifier.
    pub emergency_grounds: Vec<Label>,
    /// Its periods and caps: the rulebook's, with what the clause says differently.
    pub params: Params,
    /// Which measures its penalties may impose; absent: any.
    pub ladder: Option<Ladder>,
}

impl Rulebook {
    /// Reads and checks a rulebook.
    pub fn parse(toml: &str) -> Result<Self, RulebookProblems> {
        reading::read(toml)
    }

    /// The clause of this number at this version of its wording.
    pub fn clause(&self, clause: &Label, version: &Label) -> Option<&Clause> {
        self.clauses
            .binary_search_by(|known| (&known.clause, &known.version).cmp(&(clause, version)))
            .ok()
            .and_then(|index| self.clauses.get(index))
    }

    /// Every clause, in the order of clause and version.
    pub fn clauses(&self) -> &[Clause] {
        &self.clauses
    }
}

/// The rulebook that comes with Redress, as text: the flow of the public guide as it stands.
pub const fn default_rulebook_toml() -> &'static str {
    include_str!("../rulebooks/guide.toml")
}

#[cfg(test)]
mod tests;

//! The ladder of a clause: which measures a penalty may impose, strike by strike.

use events_schema::{CapabilityId, Extent, MeasureKind, Mode, Period, Scope};
use serde::Deserialize;

use super::section::{Found, Section};

/// Which measures the penalties under a clause may impose.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ladder {
    /// Whose strikes are counted.
    pub per: LadderPer,
    /// How long a strike counts, from when it was dealt.
    pub counts_for: Period,
    /// At least one.
    steps: Vec<LadderStep>,
}

/// Whose strikes a ladder counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LadderPer {
    /// Those of the account.
    Account,
    /// Those of every account of its legal entity.
    Entity,
}

impl LadderPer {
    /// As a rulebook writes it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Account => "account",
            Self::Entity => "entity",
        }
    }
}

/// What the penalty for one strike may impose.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LadderStep {
    /// The most severe measures that it may impose; at least one.
    pub measures: Vec<AllowedMeasure>,
}

/// A measure that a step allows, and with it every milder one of the same capability.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AllowedMeasure {
    /// The capability.
    pub capability: CapabilityId,
    /// What kind of thing it is.
    pub kind: MeasureKind,
    /// How much of it may be taken.
    pub extent: Extent,
    /// Whose use may be restricted.
    pub scope: Scope,
    /// The manner.
    pub mode: Mode,
    /// For how long at most; absent: until rectified.
    pub lasts: Option<Period>,
}

impl Ladder {
    /// The step for the n-th strike, counted from 1. The last step repeats.
    #[expect(clippy::expect_used, reason = "a ladder is only made with a step")]
    pub fn step(&self, n: u32) -> &LadderStep {
        let index = usize::try_from(n.saturating_sub(1)).unwrap_or(usize::MAX);
        self.steps
            .get(index)
            .or_else(|| self.steps.last())
            .expect("a ladder has a step")
    }

    /// The steps, the first strike first; at least one.
    pub fn steps(&self) -> &[LadderStep] {
        &self.steps
    }

    pub(super) fn read(mut section: Section, found: &mut Found) -> Option<Self> {
        let per = section.required("per", found);
        let counts_for = section.required("counts_for", found);
        section.check_period("counts_for", counts_for, found);
        if let Some(Period::WorkingDays(_)) = counts_for {
            found.add(
                section.key("counts_for"),
                "is in working days, but a strike counts for days",
            );
        }
        let steps: Vec<LadderStep> = section
            .sections("step", found)
            .into_iter()
            .map(|step| read_step(step, found))
            .collect();
        section.finish(found);
        if steps.is_empty() {
            return None;
        }
        Some(Self {
            per: per?,
            counts_for: counts_for?,
            steps,
        })
    }
}

fn read_step(mut section: Section, found: &mut Found) -> LadderStep {
    let measures = section
        .sections("measures", found)
        .into_iter()
        .filter_map(|measure| read_measure(measure, found))
        .collect();
    section.finish(found);
    LadderStep { measures }
}

fn read_measure(mut section: Section, found: &mut Found) -> Option<AllowedMeasure> {
    let capability = section.required("capability", found);
    let kind = section.required("kind", found);
    let extent = section.required("extent", found);
    let scope = section.required("scope", found);
    let mode = section.required("mode", found);
    let lasts = section.optional("lasts", found);
    section.check_period("lasts", lasts, found);
    section.finish(found);
    Some(AllowedMeasure {
        capability: capability?,
        kind: kind?,
        extent: extent?,
        scope: scope?,
        mode: mode?,
        lasts,
    })
}

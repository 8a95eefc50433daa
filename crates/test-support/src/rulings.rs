//! Rulings on appeals.

use events_schema::{
    Command, Decide, FindingAnswer, FindingRuling, GroundRuling, Instant, MeasureAnswer,
    MeasureRuling, RulingOutcome, StepAnswer, StepRuling,
};

use crate::values::{digest, id, observation, release};

/// A ruling in the making.
#[derive(Debug, Clone)]
pub struct RulingBuilder(pub Decide);

/// A reviewer grants an appeal of case `C1`: finding `F1` is no violation, step `S1` struck, as seen in
/// release `1.0` then. It names no measure.
pub fn granting(appeal: &str, seen_at: Instant) -> RulingBuilder {
    RulingBuilder(Decide {
        case: id("C1"),
        appeal: id(appeal),
        appeal_revision: 1,
        outcome: RulingOutcome::Granted,
        findings: vec![FindingRuling {
            id: id("F1"),
            ruling: FindingAnswer::NotAViolation,
        }],
        grounds: vec![GroundRuling {
            id: id("G1"),
            prevails: None,
        }],
        steps: vec![StepRuling {
            id: id("S1"),
            ruling: StepAnswer::Strike,
        }],
        measures: Vec::new(),
        cure_due: None,
        release_reviewed: release("1.0"),
        observations: vec![observation("1.0", seen_at)],
        evidence_considered: Vec::new(),
    })
}

/// A reviewer refuses an appeal of case `C1`: finding `F1` is upheld, step `S1` still unmet, as seen in
/// release `1.0` then. It names no measure.
pub fn refusing(appeal: &str, seen_at: Instant) -> RulingBuilder {
    RulingBuilder(Decide {
        outcome: RulingOutcome::Refused,
        ..granting(appeal, seen_at).0
    })
    .finding("F1", FindingAnswer::Upheld)
    .step("S1", StepAnswer::Keep)
}

impl RulingBuilder {
    /// In another case.
    #[must_use]
    pub fn with_case(mut self, case: &str) -> Self {
        self.0.case = id(case);
        self
    }

    /// Answering this finding so.
    #[must_use]
    pub fn finding(mut self, name: &str, ruling: FindingAnswer) -> Self {
        self.0.findings.retain(|it| it.id != id(name));
        self.0.findings.push(FindingRuling {
            id: id(name),
            ruling,
        });
        self
    }

    /// Answering this step so.
    #[must_use]
    pub fn step(mut self, name: &str, ruling: StepAnswer) -> Self {
        self.0.steps.retain(|it| it.id != id(name));
        self.0.steps.push(StepRuling {
            id: id(name),
            ruling,
        });
        self
    }

    /// Answering these steps only, as still unmet.
    #[must_use]
    pub fn with_steps_of(mut self, names: &[&str]) -> Self {
        self.0.steps.clear();
        names
            .iter()
            .fold(self, |it, name| it.step(name, StepAnswer::Keep))
    }

    /// Answering this measure so.
    #[must_use]
    pub fn measure(mut self, name: &str, ruling: MeasureAnswer) -> Self {
        self.0.measures.retain(|it| it.id != id(name));
        self.0.measures.push(MeasureRuling {
            id: id(name),
            ruling,
        });
        self
    }

    /// Having reviewed another release.
    #[must_use]
    pub fn with_release(mut self, version: &str) -> Self {
        self.0.release_reviewed = release(version);
        for seen in &mut self.0.observations {
            seen.release = release(version);
        }
        self
    }

    /// Giving time to rectify until then.
    #[must_use]
    pub const fn with_cure_due(mut self, due: Instant) -> Self {
        self.0.cure_due = Some(due);
        self
    }

    /// Having considered this evidence.
    #[must_use]
    pub fn considering(mut self, content: &str) -> Self {
        self.0.evidence_considered.push(digest(content));
        self
    }

    /// Answering this ground too.
    #[must_use]
    pub fn answering_ground(mut self, name: &str) -> Self {
        self.0.grounds.push(GroundRuling {
            id: id(name),
            prevails: None,
        });
        self
    }

    /// Without an answer to any ground.
    #[must_use]
    pub fn without_grounds(mut self) -> Self {
        self.0.grounds = Vec::new();
        self
    }
}

impl From<RulingBuilder> for Command {
    fn from(built: RulingBuilder) -> Self {
        Self::Decide(Box::new(built.0))
    }
}

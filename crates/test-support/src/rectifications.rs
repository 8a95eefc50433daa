//! Declarations of rectification, code reviews and verifications.

use events_schema::{
    AnsweredStep, CodeReviewOutcome, CodeReviewState, Command, DeclaredRelease, Instant,
    RecordCodeReview, RectificationKind, Rectify, VerificationOutcome, VerifyRectification,
};

use crate::values::{id, label, observation, release};

/// A declaration in the making.
#[derive(Debug, Clone)]
pub struct RectifyBuilder(pub Rectify);

/// A verification in the making.
#[derive(Debug, Clone)]
pub struct VerificationBuilder(pub VerifyRectification);

/// The party answers step `S1` of a notice of case `C1`, without a new release.
pub fn rectify(notice: &str) -> RectifyBuilder {
    RectifyBuilder(Rectify {
        case: id("C1"),
        notice: id(notice),
        kind: RectificationKind::Setting,
        steps: vec![answered("S1")],
        release: None,
    })
}

/// A release of case `C1` passed code review.
pub fn code_review_passed(notice: &str, version: &str) -> Command {
    code_review(notice, version, CodeReviewOutcome::Passed)
}

/// A release of case `C1` failed code review.
pub fn code_review_failed(notice: &str, version: &str) -> Command {
    code_review(notice, version, CodeReviewOutcome::Failed)
}

/// The rectification of a notice of case `C1` holds; no release was declared.
pub fn confirmed(notice: &str) -> VerificationBuilder {
    VerificationBuilder(VerifyRectification {
        case: id("C1"),
        notice: id(notice),
        outcome: VerificationOutcome::Confirmed,
        release: None,
        unmet_steps: Vec::new(),
        observations: Vec::new(),
    })
}

/// Step `S1` of a notice of case `C1` is unmet, as was seen in release `1.0` then.
pub fn rejected(notice: &str, seen_at: Instant) -> VerificationBuilder {
    VerificationBuilder(VerifyRectification {
        outcome: VerificationOutcome::Rejected,
        unmet_steps: vec![id("S1")],
        observations: vec![observation("1.0", seen_at)],
        ..confirmed(notice).0
    })
}

/// Where the code review of a release of case `C1` stands.
pub fn code_review(notice: &str, version: &str, outcome: CodeReviewOutcome) -> Command {
    Command::RecordCodeReview(RecordCodeReview {
        case: id("C1"),
        notice: id(notice),
        release: release(version),
        outcome,
    })
}

fn answered(step: &str) -> AnsweredStep {
    AnsweredStep {
        step: id(step),
        evidence: Vec::new(),
    }
}

impl RectifyBuilder {
    /// In another case.
    #[must_use]
    pub fn with_case(mut self, case: &str) -> Self {
        self.0.case = id(case);
        self
    }

    /// Answering these steps.
    #[must_use]
    pub fn with_steps(mut self, steps: &[&str]) -> Self {
        self.0.steps = steps.iter().map(|step| answered(step)).collect();
        self
    }

    /// With this release, whose code review stands there.
    #[must_use]
    pub fn with_release(mut self, version: &str, code_review: CodeReviewState) -> Self {
        self.0.kind = RectificationKind::Release;
        self.0.release = Some(DeclaredRelease {
            version: label(version),
            digest: None,
            code_review,
        });
        self
    }
}

impl VerificationBuilder {
    /// In another case.
    #[must_use]
    pub fn with_case(mut self, case: &str) -> Self {
        self.0.case = id(case);
        self
    }

    /// Of this release, in which everything was seen.
    #[must_use]
    pub fn with_release(mut self, version: &str) -> Self {
        self.0.release = Some(release(version));
        for seen in &mut self.0.observations {
            seen.release = release(version);
        }
        self
    }

    /// Naming these steps as unmet.
    #[must_use]
    pub fn with_unmet(mut self, steps: &[&str]) -> Self {
        self.0.unmet_steps = steps.iter().map(|step| id(step)).collect();
        self
    }

    /// Having seen nothing.
    #[must_use]
    pub fn without_observations(mut self) -> Self {
        self.0.observations = Vec::new();
        self
    }
}

impl From<RectifyBuilder> for Command {
    fn from(built: RectifyBuilder) -> Self {
        Self::Rectify(built.0)
    }
}

impl From<VerificationBuilder> for Command {
    fn from(built: VerificationBuilder) -> Self {
        Self::VerifyRectification(built.0)
    }
}

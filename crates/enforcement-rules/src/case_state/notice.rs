//! The state of a notice: what was found, what its guide asks for, and what was done about it.

use std::sync::Arc;

use events_schema::{
    Capturer, CodeReviewOutcome, CodeReviewState, Declaration, Exhaustion, FindingAnswer,
    FindingId, Instant, Label, NoticeId, NoticeKind, NoticeStanding, NoticeTerms, PrincipalId,
    RectificationStage, Rectify, Release, SealReason, Sha256, StepId, Strike, ThreatenedMeasure,
    Violation,
};

use crate::{matter::same_release, periods::PartyPeriod};

/// A notice.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notice {
    /// The notice.
    pub id: NoticeId,
    /// Whether it warns or penalises.
    pub kind: NoticeKind,
    /// Where it stands.
    pub standing: NoticeStanding,
    /// Why no appeal can be filed, when exhausted.
    pub exhaustion: Option<Exhaustion>,
    /// Who issued it, or the warning behind it.
    pub issuer: PrincipalId,
    /// When it, or the warning behind it, was issued.
    pub issued_at: Instant,
    /// When the platform had first seen what it is for.
    pub found_at: Instant,
    /// Who approved an emergency or an override of the ladder.
    pub approvers: Vec<PrincipalId>,
    /// The clause, with its version.
    pub clause: (Label, Label),
    /// What was found.
    pub findings: Vec<FoundFact>,
    /// What the guide asks for.
    pub steps: Vec<StepState>,
    /// What a warning threatens.
    pub threatened: Vec<ThreatenedMeasure>,
    /// The terms it keeps for life.
    pub terms: Arc<NoticeTerms>,
    /// Attempts used.
    pub attempts_used: u32,
    /// Appeals that the party took back.
    pub appeals_withdrawn: u32,
    /// Whether somebody approved measures beyond the ladder.
    pub beyond_ladder: bool,
    /// The strike that a penalty is.
    pub strike: Option<Box<Strike>>,
    /// What was done about it.
    pub rectification: Rectification,
    /// Its time to put it right, of a warning.
    pub cure: PartyPeriod,
    /// Its time to appeal. That of a warning is its cure period, and yet may be over when the cure period goes on.
    pub window: PartyPeriod,
    /// The notices whose place it took, one after the other, the first one first.
    pub lineage: Vec<NoticeId>,
}

/// A finding of a notice.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FoundFact {
    /// The finding.
    pub id: FindingId,
    /// Where it is.
    pub location: Label,
    /// What it was found in.
    pub content_digest: Option<Sha256>,
    /// What the platform and others captured of it.
    pub evidence: Vec<Sha256>,
    /// How a ruling answered it.
    pub answer: Option<FindingAnswer>,
    /// Whether it fell while the penalty was still a warning: the penalty was never for it.
    pub fell_before: bool,
    /// When somebody found it put right.
    pub put_right_at: Option<Instant>,
}

impl FoundFact {
    /// Whether a ruling has found it not established, or no violation.
    pub fn is_unfounded(&self) -> bool {
        self.answer.and_then(SealReason::of).is_some()
    }

    /// Whether no ruling has found it unfounded or rectified.
    pub const fn stands(&self) -> bool {
        match self.answer {
            None | Some(FindingAnswer::Upheld) => true,
            Some(
                FindingAnswer::NotEstablished
                | FindingAnswer::NotAViolation
                | FindingAnswer::Rectified,
            ) => false,
        }
    }
}

/// A step of the guide.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StepState {
    /// The step.
    pub id: StepId,
    /// The findings that it puts right.
    pub findings: Vec<FindingId>,
    /// Where it stands.
    pub standing: StepStanding,
}

/// Where a step of the guide stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StepStanding {
    /// Still to be done.
    Unmet,
    /// Done, as the declaration of this number says.
    Declared(u32),
    /// Done, as somebody has seen: nothing makes it one again either.
    Verified,
    /// A ruling struck it: it is no step any more, and nothing makes it one again (rule 4).
    Struck,
}

impl StepState {
    /// Whether nothing is to be done about it, as far as its party says.
    pub fn is_answered(&self) -> bool {
        self.standing != StepStanding::Unmet
    }

    /// Whether it is done or asks for nothing, whatever comes.
    pub const fn is_settled(&self) -> bool {
        match self.standing {
            StepStanding::Verified | StepStanding::Struck => true,
            StepStanding::Unmet | StepStanding::Declared(_) => false,
        }
    }

    /// Whether it is declared and nobody has looked yet.
    pub const fn is_declared(&self) -> bool {
        matches!(self.standing, StepStanding::Declared(_))
    }
}

/// What was done about a notice.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rectification {
    /// Where it stands.
    pub stage: RectificationStage,
    /// How many declarations there were; they are numbered from 1.
    pub declarations: u32,
    /// What they did to the party's time.
    pub still: Standstill,
    /// The release declared last.
    pub release: Option<Release>,
    /// Where the code review of that release stood when it was declared, and once it came out.
    pub code_review: CodeReviewState,
    /// When it was declared.
    pub declared_at: Option<Instant>,
    /// Whether the platform let the time for the code review pass.
    pub code_review_overdue: bool,
    /// Whether the declaration came with the open appeal, so that its ruling verifies.
    pub by_appeal: bool,
    /// Whether measures wait because the platform has let its time to verify pass and has not answered yet.
    pub stays_measures: bool,
    /// What the platform recorded of the code review of releases, the latest of each.
    pub reviews: Vec<RecordedReview>,
}

/// How the time of a party stands still while the platform has its declaration in hand (rule 4).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Standstill {
    /// Whether it does, until the last declaration is answered.
    pub holds: bool,
    /// How many declarations have stopped it.
    pub held: u32,
    /// How often the cure period went on with the least that the rulebook gives.
    pub leasts: u32,
}

/// What the platform recorded of a code review.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecordedReview {
    /// The release.
    pub release: Release,
    /// Where its review stands.
    pub outcome: CodeReviewOutcome,
    /// Whether the time for it has passed.
    pub overdue: bool,
}

impl Rectification {
    /// Where the rectification stands now. What the platform has no more to answer holds nothing, and stays nothing.
    pub(crate) const fn set_stage(&mut self, stage: RectificationStage) {
        self.stage = stage;
        if !stage.is_with_the_platform() {
            self.still.holds = false;
            self.stays_measures = false;
            self.by_appeal = false;
        }
    }

    /// What the platform recorded of a release.
    pub(crate) fn review_of(&self, release: &Release) -> Option<&RecordedReview> {
        let mut reviews = self.reviews.iter();
        reviews.find(|review| same_release(&review.release, release).is_ok())
    }

    /// Where the code review of a declared release stands: the platform knows better than its party (rule 3).
    pub(crate) fn code_review_of(
        &self,
        release: Option<&Release>,
        said: CodeReviewState,
    ) -> CodeReviewState {
        let recorded = release.and_then(|it| self.review_of(it));
        match (recorded.map(|it| it.outcome), said) {
            (Some(CodeReviewOutcome::Passed), _) => CodeReviewState::Passed,
            // Whoever says that a review passed which the platform has not let through waits for its answer.
            (Some(CodeReviewOutcome::InReview | CodeReviewOutcome::Failed), _)
            | (Some(CodeReviewOutcome::NotSubmitted), CodeReviewState::Passed) => {
                CodeReviewState::Pending
            }
            (Some(CodeReviewOutcome::NotSubmitted) | None, said) => said,
        }
    }

    /// The release that a declaration is about, and where its code review stands. A declaration in parts may name
    /// its release in any of them; one that begins anew, after a rejection too, has only what it names itself.
    pub fn release_with(&self, command: &Rectify) -> (Option<Release>, CodeReviewState) {
        match &command.release {
            Some(named) => (Some(named.release()), named.code_review),
            None if self.stage == RectificationStage::Partial => {
                (self.release.clone(), self.code_review)
            }
            None => (None, CodeReviewState::NotNeeded),
        }
    }
}

impl Default for Rectification {
    fn default() -> Self {
        Self {
            stage: RectificationStage::None,
            declarations: 0,
            still: Standstill::default(),
            release: None,
            code_review: CodeReviewState::NotNeeded,
            declared_at: None,
            code_review_overdue: false,
            by_appeal: false,
            stays_measures: false,
            reviews: Vec::new(),
        }
    }
}

/// When the platform had first seen what a notice is for: who names an older picture beside a newer one says that it was
/// found then (rule 18).
pub(crate) fn found_at(violation: &Violation) -> Instant {
    let evidence = violation.findings.iter().flat_map(|it| &it.evidence);
    let captured = evidence.filter(|it| it.captured_by == Capturer::Platform);
    let first = captured.map(|it| it.captured_at).min();
    first.unwrap_or(Instant::from_microseconds(0))
}

impl Notice {
    /// A declaration is on record, and stops what it says. What the platform has no more to answer holds nothing.
    pub(crate) const fn declare(&mut self, declaration: &Declaration, stage: RectificationStage) {
        let rectification = &mut self.rectification;
        rectification.declarations = declaration.number;
        rectification.still.holds = declaration.holds;
        rectification.still.held = declaration.held;
        rectification.set_stage(stage);
        if let Some(left) = declaration.cure_left {
            self.cure.stop(left);
        }
        if let Some(left) = declaration.window_left {
            self.window.stop(left);
        }
    }

    /// The findings of which every step was found done are put right.
    pub(crate) fn note_what_is_put_right(&mut self, at: Instant) {
        for finding in &mut self.findings {
            let steps = self.steps.iter();
            let mut steps = steps
                .filter(|it| it.findings.contains(&finding.id))
                .peekable();
            let done = |it: &StepState| it.standing == StepStanding::Verified;
            if finding.put_right_at.is_none() && steps.peek().is_some() && steps.all(done) {
                finding.put_right_at = Some(at);
            }
        }
    }

    /// A struck step stays struck, and one that was found done stays so unless it is struck.
    pub(crate) fn mark_step(&mut self, id: &StepId, standing: StepStanding) {
        for step in &mut self.steps {
            if step.id == *id && (!step.is_settled() || standing == StepStanding::Struck) {
                step.standing = standing;
            }
        }
    }

    /// The findings that no ruling has settled: one that it found unfounded or rectified is none any more.
    pub fn findings_left(&self) -> impl Iterator<Item = &FoundFact> + Clone {
        let findings = self.findings.iter();
        findings.filter(|finding| finding.stands())
    }

    /// Whether one of these findings stands.
    pub fn stands_for(&self, findings: &[FindingId]) -> bool {
        let mut left = self.findings_left();
        left.any(|finding| findings.contains(&finding.id))
    }

    /// The steps that no ruling struck and nobody found done.
    pub fn steps_left(&self) -> impl Iterator<Item = &StepState> + Clone {
        let steps = self.steps.iter();
        steps.filter(|step| !step.is_settled())
    }

    /// Whether somebody found the step done.
    pub(crate) fn is_verified(&self, id: &StepId) -> bool {
        let mut steps = self.steps.iter();
        steps.any(|step| step.id == *id && step.standing == StepStanding::Verified)
    }

    /// The steps that are declared and that nobody has looked at.
    pub(crate) fn steps_declared(&self) -> impl Iterator<Item = &StepState> + Clone {
        let steps = self.steps.iter();
        steps.filter(|step| step.is_declared())
    }

    pub(crate) fn answer_finding(&mut self, id: &FindingId, answer: FindingAnswer, at: Instant) {
        for finding in &mut self.findings {
            if finding.id == *id {
                finding.answer = Some(answer);
                if answer == FindingAnswer::Rectified {
                    finding.put_right_at.get_or_insert(at);
                }
            }
        }
    }

    /// Whether what it asked for was verified as done, or is held for it.
    pub fn is_rectified(&self) -> bool {
        self.rectification.stage == RectificationStage::Confirmed
    }

    /// Whether every step that puts those of these findings right that stand is settled once these are verified, and each
    /// has one.
    pub fn puts_right(&self, findings: &[FindingId], verified: &[StepId]) -> bool {
        let mut left = self.findings_left().filter(|it| findings.contains(&it.id));
        left.all(|finding| {
            let steps = self.steps.iter();
            let mut steps = steps
                .filter(|it| it.findings.contains(&finding.id))
                .peekable();
            steps.peek().is_some() && steps.all(|it| it.is_settled() || verified.contains(&it.id))
        })
    }

    /// Whether everything the guide asks for is answered, once these are answered too.
    pub fn answered_with<'a>(&self, more: impl Iterator<Item = &'a StepId> + Clone) -> bool {
        self.steps
            .iter()
            .all(|step| step.is_answered() || more.clone().any(|id| *id == step.id))
    }
}

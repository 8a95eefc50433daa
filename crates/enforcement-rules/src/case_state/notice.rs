//! The state of a notice: what was found, what its guide asks for, and what was done about it.

use std::sync::Arc;

use events_schema::{
    Capturer, CodeReviewState, Exhaustion, FindingAnswer, FindingId, Instant, Label, NoticeId,
    NoticeStanding, NoticeTerms, Period, PrincipalId, RectificationStage, Rectify, Release,
    SealReason, Sha256, StepId, Strike, ThreatenedMeasure, Violation,
};

use crate::periods::PartyPeriod;

/// A notice.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notice {
    /// The notice.
    pub id: NoticeId,
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
    /// The strike that a penalty is.
    pub strike: Option<Box<Strike>>,
    /// What was done about it.
    pub rectification: Rectification,
    /// Its time to put it right, of a warning.
    pub cure: PartyPeriod,
    /// Its time to appeal. That of a warning is its cure period, and yet may be over when the cure period goes on.
    pub window: PartyPeriod,
    /// What it leaves to its successor, once withdrawn.
    pub bequest: Option<Box<(NoticeId, events_schema::Bequest)>>,
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
    /// A ruling struck it: it is no step any more, and nothing makes it one again (rule 4).
    Struck,
}

impl StepState {
    /// Whether nothing is to be done about it.
    pub fn is_answered(&self) -> bool {
        self.standing != StepStanding::Unmet
    }
}

/// What was done about a notice.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rectification {
    /// Where it stands.
    pub stage: RectificationStage,
    /// How many declarations there were; they are numbered from 1.
    pub declarations: u32,
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
}

impl Rectification {
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
            release: None,
            code_review: CodeReviewState::NotNeeded,
            declared_at: None,
            code_review_overdue: false,
            by_appeal: false,
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

/// Whether a notice can still be acted on.
pub const fn is_live(standing: NoticeStanding) -> bool {
    match standing {
        NoticeStanding::Warned | NoticeStanding::Penalised | NoticeStanding::Exhausted => true,
        NoticeStanding::Lapsed
        | NoticeStanding::Complied
        | NoticeStanding::Overturned
        | NoticeStanding::Withdrawn
        | NoticeStanding::DeemedGranted
        | NoticeStanding::Served => false,
    }
}

impl Notice {
    /// A declaration stops what ran, of which so much was left.
    pub(crate) const fn stop_periods(&mut self, cure: Option<Period>, window: Option<Period>) {
        if let Some(left) = cure {
            self.cure.stop(left);
        }
        if let Some(left) = window {
            self.window.stop(left);
        }
    }

    /// A struck step stays struck.
    pub(crate) fn mark_step(&mut self, id: &StepId, standing: StepStanding) {
        for step in &mut self.steps {
            if step.id == *id && step.standing != StepStanding::Struck {
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

    /// The steps that no ruling struck.
    pub fn steps_left(&self) -> impl Iterator<Item = &StepState> + Clone {
        let steps = self.steps.iter();
        steps.filter(|step| step.standing != StepStanding::Struck)
    }

    pub(crate) fn answer_finding(&mut self, id: &FindingId, answer: FindingAnswer) {
        for finding in &mut self.findings {
            if finding.id == *id {
                finding.answer = Some(answer);
            }
        }
    }

    /// Whether what it asked for was verified as done, or is held for it.
    pub fn is_rectified(&self) -> bool {
        self.rectification.stage == RectificationStage::Confirmed
    }

    /// Whether every step that puts those of these findings right that stand is declared done, and each has one.
    pub fn answers(&self, findings: &[FindingId]) -> bool {
        let mut left = self.findings_left().filter(|it| findings.contains(&it.id));
        left.all(|finding| {
            let steps = self.steps.iter();
            let mut steps = steps
                .filter(|it| it.findings.contains(&finding.id))
                .peekable();
            steps.peek().is_some() && steps.all(StepState::is_answered)
        })
    }

    /// Whether everything the guide asks for is answered, once these are answered too.
    pub fn answered_with<'a>(&self, more: impl Iterator<Item = &'a StepId> + Clone) -> bool {
        self.steps
            .iter()
            .all(|step| step.is_answered() || more.clone().any(|id| *id == step.id))
    }
}

//! The state of a case, as the rules need it: a fold over its events.
//!
//! Hundreds of thousands of them are in memory at once, so what few cases have is kept apart (`Box`), what most have in
//! common is shared (`Arc`), and lists are as long as what is in them.

use std::sync::Arc;

use events_schema::{
    AccountId, AppealId, Capturer, CaseId, CodeReviewState, Deadline, DeadlineId, DeadlinePurpose,
    EntityId, Exhaustion, FindingAnswer, FindingId, GroundId, GroundKind, Instant, Label, Measure,
    MeasureId, NoticeId, NoticeStanding, NoticeTerms, Period, PrincipalId, RectificationStage,
    Rectify, Release, SealReason, Sha256, StepId, Strike, ThreatenedMeasure, Violation,
};

use crate::periods::PartyPeriod;

/// A case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CaseState {
    /// The case.
    pub case: CaseId,
    /// The sanctioned party.
    pub account: AccountId,
    /// The entity that it belongs to.
    pub entity: EntityId,
    /// Every notice ever, the oldest first. At most the last is live.
    pub notices: Vec<Notice>,
    /// Every appeal ever, the oldest first. At most one is open.
    pub appeals: Vec<Appeal>,
    /// Every measure ever imposed.
    pub measures: Vec<ImposedMeasure>,
    /// The open deadlines, in the order in which they were set.
    pub deadlines: Vec<Deadline>,
    /// Deadlines ever set; the next one's number is one more.
    pub deadlines_ever: u32,
    /// Who ruled or verified, and so may not review again.
    pub reviewers: Vec<(PrincipalId, ReviewerPart)>,
}

/// What a reviewer did in a case.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReviewerPart {
    /// Ruled on an appeal.
    Ruled,
    /// Verified a rectification.
    Verified,
}

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

/// An appeal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Appeal {
    /// The appeal.
    pub id: AppealId,
    /// The notice it is against; the penalty, once carried.
    pub notice: NoticeId,
    /// Where it stands.
    pub standing: AppealStanding,
    /// Counted from 1.
    pub revision: u32,
    /// When it was received.
    pub filed_at: Instant,
    /// The release it names.
    pub release: Release,
    /// Its grounds.
    pub grounds: Vec<(GroundId, GroundKind)>,
    /// Its evidence.
    pub evidence: Vec<Sha256>,
    /// Whether the warning cannot lapse while it is open.
    pub stays_penalty: bool,
    /// Whether it was filed against a warning that has lapsed since; it then uses no attempt.
    pub carried: bool,
}

/// Where an appeal stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AppealStanding {
    /// In the queue.
    Filed,
    /// On the desk of this reviewer.
    Claimed(PrincipalId),
    /// Ruled on.
    Ruled,
    /// Taken back by the party.
    Withdrawn,
    /// Granted because nobody ruled in time.
    DeemedGranted,
    /// Ended because there was nothing left to rule on.
    ClosedWithoutRuling,
}

/// A measure of the case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImposedMeasure {
    /// What it is.
    pub measure: Measure,
    /// The notice that imposed it.
    pub notice: NoticeId,
    /// Where it stands.
    pub standing: MeasureStanding,
}

/// Where a measure stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MeasureStanding {
    /// Starts later.
    Scheduled,
    /// Restricts.
    InForce,
    /// Waits for a ruling.
    Stayed,
    /// Ended by its date.
    Expired,
    /// Restored.
    Lifted,
    /// Never started.
    Cancelled,
}

impl Appeal {
    /// Whether one of its grounds is that the matter was rectified.
    pub fn claims_rectified(&self) -> bool {
        let mut grounds = self.grounds.iter();
        grounds.any(|(_, kind)| *kind == GroundKind::Rectified)
    }
}

impl AppealStanding {
    /// Whether a ruling can still come.
    pub const fn is_open(&self) -> bool {
        match self {
            Self::Filed | Self::Claimed(_) => true,
            Self::Ruled | Self::Withdrawn | Self::DeemedGranted | Self::ClosedWithoutRuling => {
                false
            }
        }
    }
}

impl MeasureStanding {
    /// Whether it restricts or may yet.
    pub const fn is_active(self) -> bool {
        match self {
            Self::Scheduled | Self::InForce | Self::Stayed => true,
            Self::Expired | Self::Lifted | Self::Cancelled => false,
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

impl CaseState {
    /// A case before its first event.
    pub fn new(case: CaseId, account: AccountId, entity: EntityId) -> Self {
        Self {
            case,
            account,
            entity,
            // Most cases have one.
            notices: Vec::with_capacity(1),
            appeals: Vec::new(),
            measures: Vec::new(),
            deadlines: Vec::new(),
            deadlines_ever: 0,
            reviewers: Vec::new(),
        }
    }

    pub(crate) fn notice_mut(&mut self, id: &NoticeId) -> Option<&mut Notice> {
        self.notices.iter_mut().find(|notice| notice.id == *id)
    }

    pub(crate) fn appeal_mut(&mut self, id: &AppealId) -> Option<&mut Appeal> {
        self.appeals.iter_mut().find(|appeal| appeal.id == *id)
    }

    pub(crate) fn set_appeal(&mut self, id: &AppealId, standing: AppealStanding) {
        if let Some(appeal) = self.appeal_mut(id) {
            appeal.standing = standing;
        }
    }

    pub(crate) fn set_measure(&mut self, id: &MeasureId, standing: MeasureStanding) {
        for imposed in &mut self.measures {
            if imposed.measure.id == *id {
                imposed.standing = standing;
            }
        }
    }

    /// The live notice, if there is one. A case without one is closed.
    pub fn live_notice(&self) -> Option<&Notice> {
        self.notices
            .last()
            .filter(|notice| is_live(notice.standing))
    }

    /// The notice that was superseded and whose successor is still to come.
    pub fn awaits_successor(&self) -> Option<&Notice> {
        self.notices.last().filter(|it| it.bequest.is_some())
    }

    /// The notice that is still about its matter: the party can rectify or appeal against it, something is restricted,
    /// or its successor is to come. One that was served out is not: what is found then is a matter of its own.
    pub fn notice_at_issue(&self) -> Option<&Notice> {
        let live = self.live_notice().filter(|notice| {
            notice.standing != NoticeStanding::Exhausted
                || notice.rectification.stage.is_with_the_platform()
                || self.open_appeal().is_some()
                || self.active_measures(&notice.id).next().is_some()
        });
        live.or_else(|| self.awaits_successor())
    }

    /// Whether an id was ever used for a notice of the case, or stands for one that a warning would lapse into.
    pub fn knows_notice(&self, id: &NoticeId) -> bool {
        let lapse = id.of_lapse();
        let mut notices = self.notices.iter();
        notices.any(|known| known.id == *id || known.id == lapse || known.id.of_lapse() == *id)
    }

    /// The notice of this id.
    pub fn notice(&self, id: &NoticeId) -> Option<&Notice> {
        self.notices.iter().find(|notice| notice.id == *id)
    }

    /// The appeal of this id.
    pub fn appeal(&self, id: &AppealId) -> Option<&Appeal> {
        self.appeals.iter().find(|appeal| appeal.id == *id)
    }

    /// The open appeal, if there is one.
    pub fn open_appeal(&self) -> Option<&Appeal> {
        self.appeals
            .iter()
            .rfind(|appeal| appeal.standing.is_open())
    }

    /// The open deadline of this id.
    pub fn deadline(&self, id: &DeadlineId) -> Option<&Deadline> {
        self.deadlines.iter().find(|deadline| deadline.id == *id)
    }

    /// The open deadline for this purpose.
    pub fn deadline_for(&self, purpose: &DeadlinePurpose) -> Option<&Deadline> {
        self.deadlines
            .iter()
            .find(|deadline| deadline.purpose == *purpose)
    }

    /// The measures of a notice that restrict or may yet.
    pub fn active_measures<'a>(
        &'a self,
        notice: &'a NoticeId,
    ) -> impl Iterator<Item = &'a ImposedMeasure> + Clone {
        self.measures
            .iter()
            .filter(move |measure| measure.notice == *notice && measure.standing.is_active())
    }

    /// Whether an id was ever used for a measure of the case, imposed or threatened.
    pub fn knows_measure(&self, id: &MeasureId) -> bool {
        self.measures.iter().any(|known| known.measure.id == *id)
            || self
                .notices
                .iter()
                .flat_map(|notice| &notice.threatened)
                .any(|threatened| threatened.id == *id)
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

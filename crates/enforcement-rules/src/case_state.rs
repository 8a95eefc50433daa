//! The state of a case, as the rules need it: a fold over its events.
//!
//! Hundreds of thousands of them are in memory at once, so what few cases have is kept apart (`Box`), what most have in
//! common is shared (`Arc`), and lists are as long as what is in them.

mod notice;

use events_schema::{
    AccountId, AppealId, CapabilityId, CaseId, Deadline, DeadlineId, DeadlinePurpose, EntityId,
    GroundId, GroundKind, Instant, Measure, MeasureId, NoticeId, NoticeStanding, PrincipalId,
    Release, Sha256,
};

pub(crate) use self::notice::found_at;
pub use self::notice::{
    FoundFact, Notice, RecordedReview, Rectification, Standstill, StepStanding, StepState,
};

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
    /// The declaration that it also is.
    pub declares: Option<u32>,
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
    /// Seconds that it has restricted, up to when it began to last.
    pub served: i64,
    /// When it began to restrict last.
    pub since: Instant,
}

impl ImposedMeasure {
    /// Seconds that it has restricted by now.
    pub fn served_by(&self, now: Instant) -> i64 {
        let running = match self.standing {
            MeasureStanding::InForce => now.seconds_since(self.since).max(0),
            MeasureStanding::Scheduled
            | MeasureStanding::Stayed
            | MeasureStanding::Expired
            | MeasureStanding::Lifted
            | MeasureStanding::Cancelled => 0,
        };
        self.served + running
    }
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
    /// Whether it says more than that the matter was rectified.
    pub fn contests(&self) -> bool {
        let mut grounds = self.grounds.iter();
        grounds.any(|(_, kind)| *kind != GroundKind::Rectified)
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

    pub(crate) fn set_measure(&mut self, id: &MeasureId, standing: MeasureStanding, at: Instant) {
        for imposed in &mut self.measures {
            if imposed.measure.id == *id {
                imposed.served = imposed.served_by(at);
                imposed.since = at;
                imposed.standing = standing;
            }
        }
    }

    /// The live notice, if there is one. A case without one is closed.
    pub fn live_notice(&self) -> Option<&Notice> {
        self.notices
            .last()
            .filter(|notice| notice.standing.is_live())
    }

    /// The notice that is still about its matter: the party can rectify or appeal against it, or something is restricted. One that was served out or put right is not: what is found then is a matter of its own.
    pub fn notice_at_issue(&self) -> Option<&Notice> {
        self.live_notice().filter(|notice| {
            let over = match notice.standing {
                NoticeStanding::Exhausted => {
                    !notice.rectification.stage.is_with_the_platform()
                        && self.active_measures(&notice.id).next().is_none()
                }
                standing => standing == NoticeStanding::OnRecord,
            };
            !over || self.open_appeal().is_some()
        })
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

    /// Seconds that a capability was restricted by these notices.
    pub(crate) fn served(&self, by: &[NoticeId], capability: &CapabilityId, now: Instant) -> i64 {
        let measures = self.measures.iter();
        measures
            .filter(|it| it.measure.restriction.capability == *capability)
            .filter(|it| by.contains(&it.notice))
            .map(|it| it.served_by(now))
            .sum()
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

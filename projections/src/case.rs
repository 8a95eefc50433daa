//! The fold of one case: what is kept of its events, close to how they said it.
//!
//! Hundreds of thousands of them are in memory at once, so terms that most have in common are shared, and lists are as
//! long as what is in them.

use std::sync::Arc;

use events_schema::{
    AccountId, Actor, AppealId, AppealViewStanding, CaseEvent, CaseId, EntityId, Exhaustion,
    FindingAnswer, FindingId, GroundKind, Header, Instant, Label, LiftCause, Measure, MeasureId,
    MeasureViewStanding, NoticeId, NoticeKind, NoticeStanding, NoticeTerms, OpenDeadline,
    RectificationStage, Release, RulingOutcome, SharedTerms, StepId, StillRestricted,
    ThreatenedMeasure,
};

use crate::apply;

/// A case as its events tell it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Case {
    pub(crate) id: CaseId,
    pub(crate) account: AccountId,
    pub(crate) entity: EntityId,
    pub(crate) notices: Vec<NoticeRecord>,
    pub(crate) appeals: Vec<AppealRecord>,
    pub(crate) measures: Vec<MeasureRecord>,
    pub(crate) restorations: Vec<RestorationRecord>,
    pub(crate) deadlines: Vec<OpenDeadline>,
    pub(crate) deadlines_ended: u32,
    pub(crate) revision: u64,
    /// The position of its first event.
    pub(crate) begun_at: u64,
}

#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a fact of its own, told by an event of its own"
)]
pub(crate) struct NoticeRecord {
    pub(crate) id: NoticeId,
    pub(crate) kind: NoticeKind,
    pub(crate) standing: NoticeStanding,
    pub(crate) issued_at: Instant,
    pub(crate) issuer: Actor,
    pub(crate) clause: Label,
    pub(crate) clause_version: Label,
    pub(crate) title: Label,
    pub(crate) category: Label,
    /// The notice whose place it took.
    pub(crate) follows: Option<NoticeId>,
    pub(crate) lapsed_into: Option<NoticeId>,
    pub(crate) findings: Vec<(FindingId, Label, Option<FindingAnswer>)>,
    pub(crate) steps: Vec<(StepId, bool)>,
    pub(crate) threatened: Vec<ThreatenedMeasure>,
    pub(crate) terms: Arc<NoticeTerms>,
    pub(crate) attempts_used: u32,
    pub(crate) rectification: RectificationStage,
    pub(crate) verified_by_ruling: bool,
    /// Whether the release declared last is in code review, as far as it was said.
    pub(crate) code_review_pending: bool,
    pub(crate) code_review_overdue: bool,
    /// Releases that the platform recorded as in code review.
    pub(crate) in_review: Vec<Label>,
    pub(crate) exhaustion: Option<Exhaustion>,
    /// Whether the cure period of a warning, which is its window, has ended.
    pub(crate) window_ended: bool,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct AppealRecord {
    pub(crate) id: AppealId,
    pub(crate) notice: NoticeId,
    pub(crate) attempt: u32,
    pub(crate) revision: u32,
    pub(crate) standing: AppealViewStanding,
    pub(crate) filed_at: Instant,
    pub(crate) grounds: Vec<GroundKind>,
    pub(crate) release: Release,
    pub(crate) late: bool,
    pub(crate) overdue: bool,
    pub(crate) reviewer: Option<Actor>,
    pub(crate) ruling: Option<RulingRecord>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct RulingRecord {
    pub(crate) outcome: RulingOutcome,
    pub(crate) at: Instant,
    pub(crate) position: u64,
    pub(crate) release_reviewed: Release,
    pub(crate) unmet_steps: Vec<StepId>,
    pub(crate) counts: bool,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct MeasureRecord {
    pub(crate) measure: Measure,
    pub(crate) notice: NoticeId,
    pub(crate) standing: MeasureViewStanding,
    pub(crate) since: Instant,
}

/// Something that was taken and given back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct RestorationRecord {
    pub(crate) notice: NoticeId,
    pub(crate) at: Instant,
    pub(crate) position: u64,
    /// Absent where the measure ended by its date.
    pub(crate) cause: Option<LiftCause>,
    pub(crate) measures: Vec<MeasureId>,
    pub(crate) still_restricted_by: Vec<StillRestricted>,
}

impl Case {
    /// Takes in an event of the case. `None` is a case that does not exist yet.
    pub fn apply(case: &mut Option<Self>, header: &Header, event: &CaseEvent) {
        apply::apply(case, header, event);
    }

    /// Takes in an event of a case that exists.
    pub(crate) fn take_in(&mut self, header: &Header, event: &CaseEvent) {
        apply::take_in(self, header, event);
    }

    /// Shares the terms of its latest notice with other cases.
    pub(crate) fn share_terms(&mut self, shared: &mut SharedTerms) {
        if let Some(notice) = self.notices.last_mut() {
            shared.share(&mut notice.terms);
        }
    }

    /// The case.
    pub const fn id(&self) -> &CaseId {
        &self.id
    }

    /// The sanctioned party.
    pub const fn account(&self) -> &AccountId {
        &self.account
    }

    /// Whether nothing about it can happen by itself any more.
    pub fn is_closed(&self) -> bool {
        self.live_notice().is_none() && self.deadlines.is_empty()
    }

    pub(crate) fn live_notice(&self) -> Option<&NoticeRecord> {
        self.notices
            .last()
            .filter(|notice| notice.standing.is_live())
    }

    pub(crate) fn open_appeal(&self) -> Option<&AppealRecord> {
        self.appeals
            .iter()
            .rfind(|appeal| appeal.standing.is_open())
    }

    pub(crate) fn notice_mut(&mut self, id: &NoticeId) -> Option<&mut NoticeRecord> {
        self.notices.iter_mut().find(|notice| notice.id == *id)
    }

    pub(crate) fn appeal_mut(&mut self, id: &AppealId) -> Option<&mut AppealRecord> {
        self.appeals.iter_mut().find(|appeal| appeal.id == *id)
    }

    pub(crate) fn set_appeal(&mut self, id: &AppealId, standing: AppealViewStanding) {
        if let Some(appeal) = self.appeal_mut(id) {
            appeal.standing = standing;
        }
    }

    /// A date of a measure: what happens by itself happened then, however late that was noticed.
    pub(crate) fn date_of(
        &self,
        id: &MeasureId,
        date: impl Fn(&Measure) -> Option<Instant>,
    ) -> Option<Instant> {
        let record = self.measures.iter().find(|it| it.measure.id == *id)?;
        date(&record.measure)
    }

    pub(crate) fn set_measures<'a>(
        &mut self,
        ids: impl IntoIterator<Item = &'a MeasureId>,
        standing: MeasureViewStanding,
        since: Instant,
    ) {
        for id in ids {
            for record in &mut self.measures {
                if record.measure.id == *id {
                    record.standing = standing;
                    record.since = since;
                }
            }
        }
    }
}

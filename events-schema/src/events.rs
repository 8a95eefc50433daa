//! The events: what happened, for ever.
//!
//! An event's type is `redress.<thing>.<what happened>.v<version>`. From the first release on, types and
//! fields are only added; a reader passes over fields that it does not know.

mod administration;
mod appeal;
mod measures;
mod notice;
mod rectification;

pub use self::{
    administration::{
        BackfillCompleted, BackfillStarted, CalendarPublished, DeadlinesHeld, DeadlinesReleased,
        Filing, FilingRefused, HeldPart, LogCreated, RollbackAccepted, RollbackEvidence,
        RulebookAdopted,
    },
    appeal::{
        AppealClaimed, AppealClosedWithoutRuling, AppealEscalated, AppealOverdue, AppealRuled,
        AppealSubmitted, AppealUnclaimed, AppealWithdrawn, OverdueConsequence,
    },
    measures::{
        LiftCause, MeasureExpired, MeasureStarted, MeasuresLifted, MeasuresResumed, MeasuresStayed,
    },
    notice::{
        Bequest, Closure, CurePeriodHeld, DeadlineRevised, Exhaustion, FilingWindowPassed,
        FindingsSealed, HeldBy, NoticeClosed, NoticeExhausted, NoticeTerms, NoticeWithdrawn,
        PenaltyImposed, PenaltyIssued, Seal, SealReason, Strike, WarningIssued,
    },
    rectification::{
        CodeReviewOverdue, CodeReviewRecorded, RectificationDeclared, RectificationDeemedConfirmed,
        RectificationStage, RectificationVerified, VerificationOverdue,
    },
};

use crate::{DeadlineChanges, InvalidPayload, Personal, read_facts, write_payload};

/// Something that happened.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(
    missing_docs,
    reason = "each variant's documentation is that of the event it holds"
)]
pub enum Event {
    WarningIssued(Box<WarningIssued>),
    PenaltyIssued(Box<PenaltyIssued>),
    PenaltyImposed(Box<PenaltyImposed>),
    NoticeWithdrawn(NoticeWithdrawn),
    NoticeClosed(NoticeClosed),
    NoticeExhausted(NoticeExhausted),
    CurePeriodHeld(CurePeriodHeld),
    FilingWindowPassed(FilingWindowPassed),
    FindingsSealed(FindingsSealed),
    DeadlineRevised(DeadlineRevised),
    RectificationDeclared(Box<RectificationDeclared>),
    CodeReviewRecorded(Box<CodeReviewRecorded>),
    CodeReviewOverdue(CodeReviewOverdue),
    RectificationVerified(Box<RectificationVerified>),
    VerificationOverdue(VerificationOverdue),
    RectificationDeemedConfirmed(RectificationDeemedConfirmed),
    AppealSubmitted(Box<AppealSubmitted>),
    AppealWithdrawn(AppealWithdrawn),
    AppealClaimed(AppealClaimed),
    AppealUnclaimed(AppealUnclaimed),
    AppealRuled(Box<AppealRuled>),
    AppealOverdue(AppealOverdue),
    AppealEscalated(AppealEscalated),
    AppealClosedWithoutRuling(AppealClosedWithoutRuling),
    MeasureStarted(MeasureStarted),
    MeasureExpired(MeasureExpired),
    MeasuresStayed(MeasuresStayed),
    MeasuresResumed(MeasuresResumed),
    MeasuresLifted(MeasuresLifted),
    FilingRefused(Box<FilingRefused>),
    RulebookAdopted(RulebookAdopted),
    CalendarPublished(Box<CalendarPublished>),
    LogCreated(LogCreated),
    BackfillStarted(BackfillStarted),
    BackfillCompleted(BackfillCompleted),
    RollbackAccepted(RollbackAccepted),
    DeadlinesHeld(DeadlinesHeld),
    DeadlinesReleased(DeadlinesReleased),
}

impl Event {
    /// The stable name and version of its type.
    pub const fn event_type(&self) -> &'static str {
        match self {
            Self::WarningIssued(_) => "redress.warning.issued.v1",
            Self::PenaltyIssued(_) => "redress.penalty.issued.v1",
            Self::PenaltyImposed(_) => "redress.penalty.imposed.v1",
            Self::NoticeWithdrawn(_) => "redress.notice.withdrawn.v1",
            Self::NoticeClosed(_) => "redress.notice.closed.v1",
            Self::NoticeExhausted(_) => "redress.notice.exhausted.v1",
            Self::CurePeriodHeld(_) => "redress.cure_period.held.v1",
            Self::FilingWindowPassed(_) => "redress.filing_window.passed.v1",
            Self::FindingsSealed(_) => "redress.findings.sealed.v1",
            Self::DeadlineRevised(_) => "redress.deadline.revised.v1",
            Self::RectificationDeclared(_) => "redress.rectification.declared.v1",
            Self::CodeReviewRecorded(_) => "redress.code_review.recorded.v1",
            Self::CodeReviewOverdue(_) => "redress.code_review.overdue.v1",
            Self::RectificationVerified(_) => "redress.rectification.verified.v1",
            Self::VerificationOverdue(_) => "redress.verification.overdue.v1",
            Self::RectificationDeemedConfirmed(_) => "redress.rectification.deemed_confirmed.v1",
            Self::AppealSubmitted(_) => "redress.appeal.submitted.v1",
            Self::AppealWithdrawn(_) => "redress.appeal.withdrawn.v1",
            Self::AppealClaimed(_) => "redress.appeal.claimed.v1",
            Self::AppealUnclaimed(_) => "redress.appeal.unclaimed.v1",
            Self::AppealRuled(_) => "redress.appeal.ruled.v1",
            Self::AppealOverdue(_) => "redress.appeal.overdue.v1",
            Self::AppealEscalated(_) => "redress.appeal.escalated.v1",
            Self::AppealClosedWithoutRuling(_) => "redress.appeal.closed_without_ruling.v1",
            Self::MeasureStarted(_) => "redress.measure.started.v1",
            Self::MeasureExpired(_) => "redress.measure.expired.v1",
            Self::MeasuresStayed(_) => "redress.measures.stayed.v1",
            Self::MeasuresResumed(_) => "redress.measures.resumed.v1",
            Self::MeasuresLifted(_) => "redress.measures.lifted.v1",
            Self::FilingRefused(_) => "redress.filing.refused.v1",
            Self::RulebookAdopted(_) => "redress.rulebook.adopted.v1",
            Self::CalendarPublished(_) => "redress.calendar.published.v1",
            Self::LogCreated(_) => "redress.log.created.v1",
            Self::BackfillStarted(_) => "redress.backfill.started.v1",
            Self::BackfillCompleted(_) => "redress.backfill.completed.v1",
            Self::RollbackAccepted(_) => "redress.log.rollback_accepted.v1",
            Self::DeadlinesHeld(_) => "redress.deadlines.held.v1",
            Self::DeadlinesReleased(_) => "redress.deadlines.released.v1",
        }
    }

    /// Reads the facts of a stored payload.
    ///
    /// Older versions of a type are upgraded here and nowhere else.
    ///
    /// # Errors
    /// When the type is unknown to this version, or the bytes do not have its form.
    pub fn read(event_type: &str, data: &[u8]) -> Result<Self, InvalidPayload> {
        Ok(match event_type {
            "redress.warning.issued.v1" => Self::WarningIssued(read_facts(event_type, data)?),
            "redress.penalty.issued.v1" => Self::PenaltyIssued(read_facts(event_type, data)?),
            "redress.penalty.imposed.v1" => Self::PenaltyImposed(read_facts(event_type, data)?),
            "redress.notice.withdrawn.v1" => Self::NoticeWithdrawn(read_facts(event_type, data)?),
            "redress.notice.closed.v1" => Self::NoticeClosed(read_facts(event_type, data)?),
            "redress.notice.exhausted.v1" => Self::NoticeExhausted(read_facts(event_type, data)?),
            "redress.cure_period.held.v1" => Self::CurePeriodHeld(read_facts(event_type, data)?),
            "redress.filing_window.passed.v1" => {
                Self::FilingWindowPassed(read_facts(event_type, data)?)
            }
            "redress.findings.sealed.v1" => Self::FindingsSealed(read_facts(event_type, data)?),
            "redress.deadline.revised.v1" => Self::DeadlineRevised(read_facts(event_type, data)?),
            "redress.rectification.declared.v1" => {
                Self::RectificationDeclared(read_facts(event_type, data)?)
            }
            "redress.code_review.recorded.v1" => {
                Self::CodeReviewRecorded(read_facts(event_type, data)?)
            }
            "redress.code_review.overdue.v1" => {
                Self::CodeReviewOverdue(read_facts(event_type, data)?)
            }
            "redress.rectification.verified.v1" => {
                Self::RectificationVerified(read_facts(event_type, data)?)
            }
            "redress.verification.overdue.v1" => {
                Self::VerificationOverdue(read_facts(event_type, data)?)
            }
            "redress.rectification.deemed_confirmed.v1" => {
                Self::RectificationDeemedConfirmed(read_facts(event_type, data)?)
            }
            "redress.appeal.submitted.v1" => Self::AppealSubmitted(read_facts(event_type, data)?),
            "redress.appeal.withdrawn.v1" => Self::AppealWithdrawn(read_facts(event_type, data)?),
            "redress.appeal.claimed.v1" => Self::AppealClaimed(read_facts(event_type, data)?),
            "redress.appeal.unclaimed.v1" => Self::AppealUnclaimed(read_facts(event_type, data)?),
            "redress.appeal.ruled.v1" => Self::AppealRuled(read_facts(event_type, data)?),
            "redress.appeal.overdue.v1" => Self::AppealOverdue(read_facts(event_type, data)?),
            "redress.appeal.escalated.v1" => Self::AppealEscalated(read_facts(event_type, data)?),
            "redress.appeal.closed_without_ruling.v1" => {
                Self::AppealClosedWithoutRuling(read_facts(event_type, data)?)
            }
            "redress.measure.started.v1" => Self::MeasureStarted(read_facts(event_type, data)?),
            "redress.measure.expired.v1" => Self::MeasureExpired(read_facts(event_type, data)?),
            "redress.measures.stayed.v1" => Self::MeasuresStayed(read_facts(event_type, data)?),
            "redress.measures.resumed.v1" => Self::MeasuresResumed(read_facts(event_type, data)?),
            "redress.measures.lifted.v1" => Self::MeasuresLifted(read_facts(event_type, data)?),
            "redress.filing.refused.v1" => Self::FilingRefused(read_facts(event_type, data)?),
            "redress.rulebook.adopted.v1" => Self::RulebookAdopted(read_facts(event_type, data)?),
            "redress.calendar.published.v1" => {
                Self::CalendarPublished(read_facts(event_type, data)?)
            }
            "redress.log.created.v1" => Self::LogCreated(read_facts(event_type, data)?),
            "redress.backfill.started.v1" => Self::BackfillStarted(read_facts(event_type, data)?),
            "redress.backfill.completed.v1" => {
                Self::BackfillCompleted(read_facts(event_type, data)?)
            }
            "redress.log.rollback_accepted.v1" => {
                Self::RollbackAccepted(read_facts(event_type, data)?)
            }
            "redress.deadlines.held.v1" => Self::DeadlinesHeld(read_facts(event_type, data)?),
            "redress.deadlines.released.v1" => {
                Self::DeadlinesReleased(read_facts(event_type, data)?)
            }
            unknown => return Err(InvalidPayload::UnknownType(unknown.to_owned())),
        })
    }

    /// The bytes to be stored: the facts, and the personal part beside them.
    pub fn write(&self, personal: &Personal) -> Vec<u8> {
        match self {
            Self::WarningIssued(facts) => write_payload(facts, personal),
            Self::PenaltyIssued(facts) => write_payload(facts, personal),
            Self::PenaltyImposed(facts) => write_payload(facts, personal),
            Self::NoticeWithdrawn(facts) => write_payload(facts, personal),
            Self::NoticeClosed(facts) => write_payload(facts, personal),
            Self::NoticeExhausted(facts) => write_payload(facts, personal),
            Self::CurePeriodHeld(facts) => write_payload(facts, personal),
            Self::FilingWindowPassed(facts) => write_payload(facts, personal),
            Self::FindingsSealed(facts) => write_payload(facts, personal),
            Self::DeadlineRevised(facts) => write_payload(facts, personal),
            Self::RectificationDeclared(facts) => write_payload(facts, personal),
            Self::CodeReviewRecorded(facts) => write_payload(facts, personal),
            Self::CodeReviewOverdue(facts) => write_payload(facts, personal),
            Self::RectificationVerified(facts) => write_payload(facts, personal),
            Self::VerificationOverdue(facts) => write_payload(facts, personal),
            Self::RectificationDeemedConfirmed(facts) => write_payload(facts, personal),
            Self::AppealSubmitted(facts) => write_payload(facts, personal),
            Self::AppealWithdrawn(facts) => write_payload(facts, personal),
            Self::AppealClaimed(facts) => write_payload(facts, personal),
            Self::AppealUnclaimed(facts) => write_payload(facts, personal),
            Self::AppealRuled(facts) => write_payload(facts, personal),
            Self::AppealOverdue(facts) => write_payload(facts, personal),
            Self::AppealEscalated(facts) => write_payload(facts, personal),
            Self::AppealClosedWithoutRuling(facts) => write_payload(facts, personal),
            Self::MeasureStarted(facts) => write_payload(facts, personal),
            Self::MeasureExpired(facts) => write_payload(facts, personal),
            Self::MeasuresStayed(facts) => write_payload(facts, personal),
            Self::MeasuresResumed(facts) => write_payload(facts, personal),
            Self::MeasuresLifted(facts) => write_payload(facts, personal),
            Self::FilingRefused(facts) => write_payload(facts, personal),
            Self::RulebookAdopted(facts) => write_payload(facts, personal),
            Self::CalendarPublished(facts) => write_payload(facts, personal),
            Self::LogCreated(facts) => write_payload(facts, personal),
            Self::BackfillStarted(facts) => write_payload(facts, personal),
            Self::BackfillCompleted(facts) => write_payload(facts, personal),
            Self::RollbackAccepted(facts) => write_payload(facts, personal),
            Self::DeadlinesHeld(facts) => write_payload(facts, personal),
            Self::DeadlinesReleased(facts) => write_payload(facts, personal),
        }
    }

    /// What it does to the deadlines of its case; `None` for events of no case.
    pub const fn deadlines(&self) -> Option<&DeadlineChanges> {
        match self {
            Self::WarningIssued(event) => Some(&event.deadlines),
            Self::PenaltyIssued(event) => Some(&event.deadlines),
            Self::PenaltyImposed(event) => Some(&event.deadlines),
            Self::NoticeClosed(event) => Some(&event.deadlines),
            Self::NoticeExhausted(event) => Some(&event.deadlines),
            Self::CurePeriodHeld(event) => Some(&event.deadlines),
            Self::FilingWindowPassed(event) => Some(&event.deadlines),
            Self::DeadlineRevised(event) => Some(&event.deadlines),
            Self::RectificationDeclared(event) => Some(&event.deadlines),
            Self::CodeReviewRecorded(event) => Some(&event.deadlines),
            Self::CodeReviewOverdue(event) => Some(&event.deadlines),
            Self::RectificationVerified(event) => Some(&event.deadlines),
            Self::VerificationOverdue(event) => Some(&event.deadlines),
            Self::RectificationDeemedConfirmed(event) => Some(&event.deadlines),
            Self::AppealSubmitted(event) => Some(&event.deadlines),
            Self::AppealWithdrawn(event) => Some(&event.deadlines),
            Self::AppealClaimed(event) => Some(&event.deadlines),
            Self::AppealUnclaimed(event) => Some(&event.deadlines),
            Self::AppealRuled(event) => Some(&event.deadlines),
            Self::AppealOverdue(event) => Some(&event.deadlines),
            Self::AppealEscalated(event) => Some(&event.deadlines),
            Self::AppealClosedWithoutRuling(event) => Some(&event.deadlines),
            Self::MeasureStarted(event) => Some(&event.deadlines),
            Self::MeasureExpired(event) => Some(&event.deadlines),
            Self::MeasuresLifted(event) => Some(&event.deadlines),
            Self::NoticeWithdrawn(_)
            | Self::FindingsSealed(_)
            | Self::MeasuresStayed(_)
            | Self::MeasuresResumed(_)
            | Self::FilingRefused(_)
            | Self::RulebookAdopted(_)
            | Self::CalendarPublished(_)
            | Self::LogCreated(_)
            | Self::BackfillStarted(_)
            | Self::BackfillCompleted(_)
            | Self::RollbackAccepted(_)
            | Self::DeadlinesHeld(_)
            | Self::DeadlinesReleased(_) => None,
        }
    }
}

/// The types that this version knows, in the order of [`Event`].
pub const EVENT_TYPES: [&str; 38] = [
    "redress.warning.issued.v1",
    "redress.penalty.issued.v1",
    "redress.penalty.imposed.v1",
    "redress.notice.withdrawn.v1",
    "redress.notice.closed.v1",
    "redress.notice.exhausted.v1",
    "redress.cure_period.held.v1",
    "redress.filing_window.passed.v1",
    "redress.findings.sealed.v1",
    "redress.deadline.revised.v1",
    "redress.rectification.declared.v1",
    "redress.code_review.recorded.v1",
    "redress.code_review.overdue.v1",
    "redress.rectification.verified.v1",
    "redress.verification.overdue.v1",
    "redress.rectification.deemed_confirmed.v1",
    "redress.appeal.submitted.v1",
    "redress.appeal.withdrawn.v1",
    "redress.appeal.claimed.v1",
    "redress.appeal.unclaimed.v1",
    "redress.appeal.ruled.v1",
    "redress.appeal.overdue.v1",
    "redress.appeal.escalated.v1",
    "redress.appeal.closed_without_ruling.v1",
    "redress.measure.started.v1",
    "redress.measure.expired.v1",
    "redress.measures.stayed.v1",
    "redress.measures.resumed.v1",
    "redress.measures.lifted.v1",
    "redress.filing.refused.v1",
    "redress.rulebook.adopted.v1",
    "redress.calendar.published.v1",
    "redress.log.created.v1",
    "redress.backfill.started.v1",
    "redress.backfill.completed.v1",
    "redress.log.rollback_accepted.v1",
    "redress.deadlines.held.v1",
    "redress.deadlines.released.v1",
];

/// The same text with the life of the program, if the type is known.
pub(crate) fn known_type(event_type: &str) -> Option<&'static str> {
    EVENT_TYPES
        .iter()
        .copied()
        .find(|known| *known == event_type)
}

#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "the signature that serde asks for"
)]
fn is_zero(n: &u32) -> bool {
    *n == 0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_type_is_known_once_and_names_its_version() {
        for (index, event_type) in EVENT_TYPES.iter().enumerate() {
            let parts: Vec<&str> = event_type.split('.').collect();
            assert_eq!(parts.first(), Some(&"redress"));
            assert_eq!(parts.last(), Some(&"v1"));
            assert_eq!(
                EVENT_TYPES.iter().position(|t| t == event_type),
                Some(index)
            );
        }
    }
}

//! The events: what happened, for ever.
//!
//! An event's type is `redress.<thing>.<what happened>.v<version>`. From the first release on, types and
//! fields are only added; a reader passes over fields that it does not know.
//!
//! [`Event`] is sorted by whose it is, so that whoever folds one thing meets the events of that thing alone. What is to
//! be known of each event stands beside its facts ([`EventFacts`]). The list at the end of this file has them all, and
//! `table.rs` makes type names, reading and writing of it: an event that is missing there does not compile.

mod account;
mod appeal;
mod books;
mod deadline;
mod facts;
mod log;
mod measure;
mod notice;
mod rectification;
mod table;

pub use self::{
    account::{Filing, FilingRefused, FilingText},
    appeal::{
        AppealAmended, AppealClaimed, AppealClosedWithoutRuling, AppealEscalated, AppealOverdue,
        AppealRuled, AppealSubmitted, AppealUnclaimed, AppealWithdrawn, OverdueConsequence,
    },
    books::{CalendarPublished, RulebookAdopted},
    deadline::DeadlineRevised,
    facts::{CaseFacts, EventFacts},
    log::{
        BackfillCompleted, BackfillStarted, DeadlinesHeld, DeadlinesReleased, HeldPart, LogCreated,
        RollbackAccepted, RollbackEvidence,
    },
    measure::{
        LiftCause, MeasureExpired, MeasureStarted, MeasuresLifted, MeasuresResumed, MeasuresStayed,
    },
    notice::{
        AnsweredFinding, Closure, CurePeriodHeld, Exhaustion, FilingWindowPassed, FindingsSealed,
        LoweredMeasure, NoticeClosed, NoticeComplied, NoticeExhausted, NoticeTerms,
        NoticeWithdrawn, PenaltyImposed, PenaltyIssued, PenaltyLowered, Seal, SealReason, Strike,
        TakenOver, WarningIssued,
    },
    rectification::{
        CodeReviewOverdue, CodeReviewRecorded, Declaration, RectificationDeclared,
        RectificationDeemedConfirmed, RectificationStage, RectificationVerified,
        VerificationOverdue,
    },
};

use self::table::{events, group};
use crate::{AccountId, CaseId, DeadlineChanges, EntityId, Instant};

/// Something that happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// In a case.
    Case(CaseEvent),
    /// To an account, in none of its cases.
    Account(AccountEvent),
    /// To the rulebook or a calendar.
    Books(BooksEvent),
    /// To the log.
    Log(LogEvent),
}

/// Something that happened in a case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CaseEvent {
    /// To a notice, or what it found.
    Notice(NoticeEvent),
    /// To its rectification.
    Rectification(RectificationEvent),
    /// To an appeal.
    Appeal(AppealEvent),
    /// To a measure.
    Measure(MeasureEvent),
    /// To a deadline and nothing else.
    Deadline(DeadlineEvent),
}

/// An event about a notice of a case.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(
    missing_docs,
    reason = "each variant's documentation is that of the event it holds"
)]
pub enum NoticeEvent {
    WarningIssued(Box<WarningIssued>),
    PenaltyIssued(Box<PenaltyIssued>),
    PenaltyImposed(Box<PenaltyImposed>),
    NoticeWithdrawn(NoticeWithdrawn),
    NoticeClosed(NoticeClosed),
    NoticeExhausted(NoticeExhausted),
    /// It is put right, and still on record.
    NoticeComplied(NoticeComplied),
    /// It is of a lower step, since a strike fell.
    PenaltyLowered(PenaltyLowered),
    CurePeriodHeld(CurePeriodHeld),
    FilingWindowPassed(FilingWindowPassed),
    FindingsSealed(FindingsSealed),
}

/// A notice as an event issues it: of whom, and under which terms. A case may begin with it.
#[derive(Debug, Clone, Copy)]
pub struct Issued<'a> {
    /// The case.
    pub case: &'a CaseId,
    /// Whose it is.
    pub account: &'a AccountId,
    /// The entity behind the account.
    pub entity: &'a EntityId,
    /// What the notice keeps for life.
    pub terms: &'a NoticeTerms,
}

impl NoticeEvent {
    /// The notice that somebody issues with it.
    pub fn issues(&self) -> Option<Issued<'_>> {
        match self {
            Self::WarningIssued(issued) => Some(Issued {
                case: &issued.command.case,
                account: &issued.command.account,
                entity: &issued.command.entity,
                terms: &issued.terms,
            }),
            Self::PenaltyIssued(issued) => Some(Issued {
                case: &issued.command.case,
                account: &issued.command.account,
                entity: &issued.command.entity,
                terms: &issued.terms,
            }),
            Self::PenaltyImposed(_)
            | Self::NoticeWithdrawn(_)
            | Self::NoticeClosed(_)
            | Self::NoticeExhausted(_)
            | Self::NoticeComplied(_)
            | Self::PenaltyLowered(_)
            | Self::CurePeriodHeld(_)
            | Self::FilingWindowPassed(_)
            | Self::FindingsSealed(_) => None,
        }
    }

    /// Whether a notice begins with it: one that is issued, or the penalty that a warning becomes by itself.
    pub fn begins_a_notice(&self) -> bool {
        self.issues().is_some() || matches!(self, Self::PenaltyImposed(_))
    }
}

impl CaseEvent {
    /// The notice that somebody issues with it.
    pub fn issues(&self) -> Option<Issued<'_>> {
        self.about_a_notice()?.issues()
    }

    /// Whether a notice begins with it.
    pub fn begins_a_notice(&self) -> bool {
        self.about_a_notice()
            .is_some_and(NoticeEvent::begins_a_notice)
    }

    const fn about_a_notice(&self) -> Option<&NoticeEvent> {
        match self {
            Self::Notice(event) => Some(event),
            Self::Deadline(_) | Self::Rectification(_) | Self::Appeal(_) | Self::Measure(_) => None,
        }
    }
}

/// An event about what was done to put a notice right.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(
    missing_docs,
    reason = "each variant's documentation is that of the event it holds"
)]
pub enum RectificationEvent {
    RectificationDeclared(Box<RectificationDeclared>),
    CodeReviewRecorded(Box<CodeReviewRecorded>),
    CodeReviewOverdue(CodeReviewOverdue),
    RectificationVerified(Box<RectificationVerified>),
    VerificationOverdue(VerificationOverdue),
    RectificationDeemedConfirmed(RectificationDeemedConfirmed),
}

/// An event about an appeal.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(
    missing_docs,
    reason = "each variant's documentation is that of the event it holds"
)]
pub enum AppealEvent {
    AppealSubmitted(Box<AppealSubmitted>),
    AppealWithdrawn(AppealWithdrawn),
    /// Its party added to it.
    AppealAmended(AppealAmended),
    AppealClaimed(AppealClaimed),
    AppealUnclaimed(AppealUnclaimed),
    AppealRuled(Box<AppealRuled>),
    AppealOverdue(AppealOverdue),
    AppealEscalated(AppealEscalated),
    AppealClosedWithoutRuling(AppealClosedWithoutRuling),
}

/// An event about measures after they were imposed.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(
    missing_docs,
    reason = "each variant's documentation is that of the event it holds"
)]
pub enum MeasureEvent {
    MeasureStarted(MeasureStarted),
    MeasureExpired(MeasureExpired),
    MeasuresStayed(MeasuresStayed),
    MeasuresResumed(MeasuresResumed),
    MeasuresLifted(MeasuresLifted),
}

/// An event about a deadline alone.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(
    missing_docs,
    reason = "each variant's documentation is that of the event it holds"
)]
pub enum DeadlineEvent {
    DeadlineRevised(DeadlineRevised),
}

/// An event of an account.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(
    missing_docs,
    reason = "each variant's documentation is that of the event it holds"
)]
pub enum AccountEvent {
    FilingRefused(Box<FilingRefused>),
}

/// An event of the rulebook or of a calendar.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(
    missing_docs,
    reason = "each variant's documentation is that of the event it holds"
)]
pub enum BooksEvent {
    RulebookAdopted(RulebookAdopted),
    CalendarPublished(Box<CalendarPublished>),
}

/// An event of the log itself.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(
    missing_docs,
    reason = "each variant's documentation is that of the event it holds"
)]
pub enum LogEvent {
    LogCreated(LogCreated),
    BackfillStarted(BackfillStarted),
    BackfillCompleted(BackfillCompleted),
    RollbackAccepted(RollbackAccepted),
    DeadlinesHeld(DeadlinesHeld),
    DeadlinesReleased(DeadlinesReleased),
}

impl Event {
    /// What happened in a case; `None` for what belongs to no case.
    pub const fn of_case(&self) -> Option<&CaseEvent> {
        match self {
            Self::Case(event) => Some(event),
            Self::Account(_) | Self::Books(_) | Self::Log(_) => None,
        }
    }

    /// What it does to the deadlines of its case; `None` for events of no case.
    pub fn deadlines(&self) -> Option<&DeadlineChanges> {
        self.of_case().and_then(CaseEvent::deadlines)
    }
}

events! {
    Case {
        Notice(NoticeEvent):
            WarningIssued, PenaltyIssued, PenaltyImposed, NoticeWithdrawn, NoticeClosed, NoticeExhausted, NoticeComplied, PenaltyLowered,
            CurePeriodHeld, FilingWindowPassed, FindingsSealed;
        Deadline(DeadlineEvent):
            DeadlineRevised;
        Rectification(RectificationEvent):
            RectificationDeclared, CodeReviewRecorded, CodeReviewOverdue, RectificationVerified,
            VerificationOverdue, RectificationDeemedConfirmed;
        Appeal(AppealEvent):
            AppealSubmitted, AppealAmended, AppealWithdrawn, AppealClaimed, AppealUnclaimed, AppealRuled, AppealOverdue,
            AppealEscalated, AppealClosedWithoutRuling;
        Measure(MeasureEvent):
            MeasureStarted, MeasureExpired, MeasuresStayed, MeasuresResumed, MeasuresLifted;
    }
    Account(AccountEvent):
        FilingRefused;
    Books(BooksEvent):
        RulebookAdopted, CalendarPublished;
    Log(LogEvent):
        LogCreated, BackfillStarted, BackfillCompleted, RollbackAccepted, DeadlinesHeld, DeadlinesReleased;
}

impl Event {
    /// Where time goes back with it, as the administrator has asked for: the time of the last event before it.
    pub const fn left_behind(&self) -> Option<Instant> {
        match self {
            Self::Log(LogEvent::DeadlinesReleased(released)) => released.left_behind,
            Self::Log(
                LogEvent::LogCreated(_)
                | LogEvent::BackfillStarted(_)
                | LogEvent::BackfillCompleted(_)
                | LogEvent::RollbackAccepted(_)
                | LogEvent::DeadlinesHeld(_),
            )
            | Self::Case(_)
            | Self::Account(_)
            | Self::Books(_) => None,
        }
    }
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

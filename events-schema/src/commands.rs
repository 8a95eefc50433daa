//! The commands: what the other teams ask Redress to do.
//!
//! A command's body on the wire is `{"facts": {...}, "personal": {...}}`. Rules read the facts only;
//! free text, names and contacts go into `personal`, which can be erased later. Unknown fields and
//! duplicate keys are refused, so that nothing a caller says is silently ignored.

mod administration;
mod appeal;
mod content;
mod notice;
mod parse;
mod rectification;
mod ruling;
mod typed;

pub use self::{
    administration::{
        AdoptRulebook, PublishCalendar, ReachDeadline, ReleaseDeadlines, ReleaseText,
        ReviseDeadline,
    },
    appeal::{
        AmendAppeal, AmendmentText, AppealEvidence, AppealText, AppealWithdrawalText, Citation,
        ClaimAppeal, EvidenceText, Expedite, Ground, GroundKind, Relief, SubmitAppeal,
        UnclaimAppeal, WithdrawAppeal,
    },
    notice::{
        CapturedEvidence, Capturer, CitedRule, Emergency, FINDINGS_MAX, Finding, GuideStep,
        IssuePenalty, IssueWarning, LadderOverride, MEASURES_MAX, NewFacts, NoticeText, STEPS_MAX,
        Violation, ViolationSource, WithdrawNotice, WithdrawalReason, WithdrawalText,
    },
    parse::{COMMAND_BYTES_MAX, Malformed, ParsedCommand, check_length, parse_command},
    rectification::{
        AnsweredStep, CodeReviewOutcome, CodeReviewState, CodeReviewText, DeclaredRelease,
        RecordCodeReview, RectificationKind, RectificationText, Rectify, VerificationOutcome,
        VerificationText, VerifyRectification,
    },
    ruling::{
        Decide, FindingAnswer, FindingRuling, GroundRuling, MeasureAnswer, MeasureRuling,
        RulingOutcome, RulingText, StepAnswer, StepRuling,
    },
};

use serde::{Deserialize, Serialize};
use strum::{IntoStaticStr, VariantArray};

use crate::{AccountId, CalendarId, CaseId, EntityId, Stream};

/// The facts of a command. The free text travels beside it and is never seen by a rule.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(
    missing_docs,
    reason = "each variant's documentation is that of the command it holds"
)]
pub enum Command {
    IssueWarning(Box<IssueWarning>),
    IssuePenalty(Box<IssuePenalty>),
    WithdrawNotice(WithdrawNotice),
    RecordCodeReview(RecordCodeReview),
    VerifyRectification(VerifyRectification),
    Rectify(Rectify),
    SubmitAppeal(Box<SubmitAppeal>),
    AmendAppeal(Box<AmendAppeal>),
    WithdrawAppeal(WithdrawAppeal),
    ClaimAppeal(ClaimAppeal),
    UnclaimAppeal(UnclaimAppeal),
    Decide(Box<Decide>),
    AdoptRulebook(AdoptRulebook),
    PublishCalendar(PublishCalendar),
    ReleaseDeadlines(ReleaseDeadlines),
    ReachDeadline(ReachDeadline),
    ReviseDeadline(ReviseDeadline),
}

/// The name of a command, as it stands in subjects and events.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Serialize,
    Deserialize,
    IntoStaticStr,
    VariantArray,
)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[expect(
    missing_docs,
    reason = "each variant's documentation is that of the command it names"
)]
pub enum CommandName {
    IssueWarning,
    IssuePenalty,
    WithdrawNotice,
    RecordCodeReview,
    VerifyRectification,
    Rectify,
    SubmitAppeal,
    AmendAppeal,
    WithdrawAppeal,
    ClaimAppeal,
    UnclaimAppeal,
    Decide,
    AdoptRulebook,
    PublishCalendar,
    ReleaseDeadlines,
    ReachDeadline,
    ReviseDeadline,
}

impl CommandName {
    /// Every command.
    pub const ALL: &'static [Self] = <Self as VariantArray>::VARIANTS;

    /// The name as text.
    pub fn as_str(self) -> &'static str {
        self.into()
    }

    /// The command of this name; names are compared to the letter.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|name| name.as_str() == text)
    }
}

impl std::fmt::Display for CommandName {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

impl Command {
    /// Its name.
    pub const fn name(&self) -> CommandName {
        match self {
            Self::IssueWarning(_) => CommandName::IssueWarning,
            Self::IssuePenalty(_) => CommandName::IssuePenalty,
            Self::WithdrawNotice(_) => CommandName::WithdrawNotice,
            Self::RecordCodeReview(_) => CommandName::RecordCodeReview,
            Self::VerifyRectification(_) => CommandName::VerifyRectification,
            Self::Rectify(_) => CommandName::Rectify,
            Self::SubmitAppeal(_) => CommandName::SubmitAppeal,
            Self::AmendAppeal(_) => CommandName::AmendAppeal,
            Self::WithdrawAppeal(_) => CommandName::WithdrawAppeal,
            Self::ClaimAppeal(_) => CommandName::ClaimAppeal,
            Self::UnclaimAppeal(_) => CommandName::UnclaimAppeal,
            Self::Decide(_) => CommandName::Decide,
            Self::AdoptRulebook(_) => CommandName::AdoptRulebook,
            Self::PublishCalendar(_) => CommandName::PublishCalendar,
            Self::ReleaseDeadlines(_) => CommandName::ReleaseDeadlines,
            Self::ReachDeadline(_) => CommandName::ReachDeadline,
            Self::ReviseDeadline(_) => CommandName::ReviseDeadline,
        }
    }

    /// What the command is about.
    pub const fn subject(&self) -> Subject<'_> {
        match self {
            Self::IssueWarning(command) => Subject::CaseOf {
                case: &command.case,
                account: &command.account,
                entity: &command.entity,
            },
            Self::IssuePenalty(command) => Subject::CaseOf {
                case: &command.case,
                account: &command.account,
                entity: &command.entity,
            },
            Self::WithdrawNotice(command) => Subject::Case(&command.case),
            Self::RecordCodeReview(command) => Subject::Case(&command.case),
            Self::VerifyRectification(command) => Subject::Case(&command.case),
            Self::Rectify(command) => Subject::Case(&command.case),
            Self::SubmitAppeal(command) => Subject::Case(&command.case),
            Self::AmendAppeal(command) => Subject::Case(&command.case),
            Self::WithdrawAppeal(command) => Subject::Case(&command.case),
            Self::ClaimAppeal(command) => Subject::Case(&command.case),
            Self::UnclaimAppeal(command) => Subject::Case(&command.case),
            Self::Decide(command) => Subject::Case(&command.case),
            Self::ReachDeadline(command) => Subject::Case(&command.case),
            Self::ReviseDeadline(command) => Subject::Case(&command.case),
            Self::AdoptRulebook(_) => Subject::Rulebook,
            Self::PublishCalendar(command) => Subject::Calendar(&command.calendar),
            Self::ReleaseDeadlines(_) => Subject::Log,
        }
    }
}

/// What a command is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Subject<'a> {
    /// A case that there should be.
    Case(&'a CaseId),
    /// A case by a notice, which says whose it is: it may be the first of it.
    CaseOf {
        /// The case.
        case: &'a CaseId,
        /// The sanctioned party.
        account: &'a AccountId,
        /// The entity that it belongs to.
        entity: &'a EntityId,
    },
    /// The rulebook.
    Rulebook,
    /// A calendar.
    Calendar(&'a CalendarId),
    /// The log itself.
    Log,
}

impl<'a> Subject<'a> {
    /// The case, for a command about one.
    pub const fn case(self) -> Option<&'a CaseId> {
        match self {
            Self::Case(case) | Self::CaseOf { case, .. } => Some(case),
            Self::Rulebook | Self::Calendar(_) | Self::Log => None,
        }
    }

    /// Whose case the command says it is.
    pub const fn party(self) -> Option<(&'a AccountId, &'a EntityId)> {
        match self {
            Self::CaseOf {
                account, entity, ..
            } => Some((account, entity)),
            Self::Case(_) | Self::Rulebook | Self::Calendar(_) | Self::Log => None,
        }
    }

    /// The stream whose revision the command counts against.
    pub fn stream(self) -> Stream {
        match self {
            Self::Case(case) | Self::CaseOf { case, .. } => Stream::Case(case.clone()),
            Self::Rulebook => Stream::Rulebook,
            Self::Calendar(calendar) => Stream::Calendar(calendar.clone()),
            Self::Log => Stream::Log,
        }
    }
}

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
        AppealEvidence, AppealText, AppealWithdrawalText, Citation, ClaimAppeal, EvidenceText,
        Expedite, Ground, GroundKind, Relief, SubmitAppeal, UnclaimAppeal, WithdrawAppeal,
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

use crate::{CalendarId, CaseId, Stream};

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
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
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
    pub const ALL: [Self; 16] = [
        Self::IssueWarning,
        Self::IssuePenalty,
        Self::WithdrawNotice,
        Self::RecordCodeReview,
        Self::VerifyRectification,
        Self::Rectify,
        Self::SubmitAppeal,
        Self::WithdrawAppeal,
        Self::ClaimAppeal,
        Self::UnclaimAppeal,
        Self::Decide,
        Self::AdoptRulebook,
        Self::PublishCalendar,
        Self::ReleaseDeadlines,
        Self::ReachDeadline,
        Self::ReviseDeadline,
    ];

    /// The name as text.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::IssueWarning => "IssueWarning",
            Self::IssuePenalty => "IssuePenalty",
            Self::WithdrawNotice => "WithdrawNotice",
            Self::RecordCodeReview => "RecordCodeReview",
            Self::VerifyRectification => "VerifyRectification",
            Self::Rectify => "Rectify",
            Self::SubmitAppeal => "SubmitAppeal",
            Self::WithdrawAppeal => "WithdrawAppeal",
            Self::ClaimAppeal => "ClaimAppeal",
            Self::UnclaimAppeal => "UnclaimAppeal",
            Self::Decide => "Decide",
            Self::AdoptRulebook => "AdoptRulebook",
            Self::PublishCalendar => "PublishCalendar",
            Self::ReleaseDeadlines => "ReleaseDeadlines",
            Self::ReachDeadline => "ReachDeadline",
            Self::ReviseDeadline => "ReviseDeadline",
        }
    }

    /// The command of this name; names are compared to the letter.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|name| name.as_str() == text)
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

    /// What the command acts on: a case, or something that belongs to the whole platform.
    pub const fn target(&self) -> Target<'_> {
        match self {
            Self::IssueWarning(command) => Target::Case(&command.case),
            Self::IssuePenalty(command) => Target::Case(&command.case),
            Self::WithdrawNotice(command) => Target::Case(&command.case),
            Self::RecordCodeReview(command) => Target::Case(&command.case),
            Self::VerifyRectification(command) => Target::Case(&command.case),
            Self::Rectify(command) => Target::Case(&command.case),
            Self::SubmitAppeal(command) => Target::Case(&command.case),
            Self::WithdrawAppeal(command) => Target::Case(&command.case),
            Self::ClaimAppeal(command) => Target::Case(&command.case),
            Self::UnclaimAppeal(command) => Target::Case(&command.case),
            Self::Decide(command) => Target::Case(&command.case),
            Self::ReachDeadline(command) => Target::Case(&command.case),
            Self::ReviseDeadline(command) => Target::Case(&command.case),
            Self::AdoptRulebook(_) => Target::Rulebook,
            Self::PublishCalendar(command) => Target::Calendar(&command.calendar),
            Self::ReleaseDeadlines(_) => Target::Log,
        }
    }
}

/// What a command acts on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Target<'a> {
    /// A case.
    Case(&'a CaseId),
    /// The rulebook.
    Rulebook,
    /// A calendar.
    Calendar(&'a CalendarId),
    /// The log itself.
    Log,
}

impl Target<'_> {
    /// The stream whose revision the command counts against.
    pub fn stream(&self) -> Stream {
        match *self {
            Self::Case(case) => Stream::Case(case.clone()),
            Self::Rulebook => Stream::Rulebook,
            Self::Calendar(calendar) => Stream::Calendar(calendar.clone()),
            Self::Log => Stream::Log,
        }
    }
}

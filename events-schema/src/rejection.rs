//! Rejections: every way in which the procedure says no, with the facts that decided it.
//!
//! A rejection is a value and not an error: it is answered, recorded where it concerns a party's filing,
//! and tested. Its code is stable for ever; its sentence is not.

mod code;
mod earlier;
mod facts;

use serde::{Deserialize, Serialize};
use strum::{IntoStaticStr, VariantNames};

pub use self::facts::{
    AppealEnd, MissingBook, NoticeGap, NoticePart, PartInCase, RulingContradiction, RulingGap,
    RulingPart, VerificationGap,
};
use crate::{
    AccountId, AppealId, CapabilityId, CaseId, CodeReviewOutcome, CommandId, DeadlineId, EntityId,
    FindingId, GroundId, HoldId, Instant, Label, MeasureId, NoticeId, NoticeStanding, PrincipalId,
    RectificationStage, Role, RulebookVersion, StepId,
};

/// Why a command or query was refused.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, IntoStaticStr, VariantNames)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case", tag = "code")]
#[strum(serialize_all = "snake_case")]
pub enum Rejection {
    /// The body is not what the command's schema says.
    MalformedCommand {
        /// Where: `facts.evidence[2].sha256`, or a header by its name.
        path: String,
        /// What is wrong there.
        problem: String,
    },
    /// No command or query has this name.
    UnknownCommand {
        /// What was asked for.
        found: String,
    },
    /// More commands or queries are waiting than the service takes on. Nothing was done.
    Busy {
        /// Milliseconds after which to try again.
        retry_after_ms: u64,
    },
    /// The service is shutting down. Nothing was done.
    Stopping {},
    /// The service's clock cannot be trusted, so nothing can be decided. Nothing was done.
    TimeHeld {
        /// What is wrong with it.
        reason: Label,
        /// What holds the service still, which its release has to name. Absent where one deadline alone is
        /// held, and in refusals recorded before.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        hold: Option<HoldId>,
    },
    /// What was asked for takes more than the NATS server passes on in one message.
    AnswerTooLarge {
        /// Bytes of the answer.
        bytes: u64,
    },
    /// What was asked for could not be read from the log.
    LogUnreadable {},
    /// This role may not send this command or query.
    NotPermitted {
        /// The sender's role.
        role: Role,
        /// The command or query.
        name: Label,
    },
    /// The command id was used before in this stream for other content.
    CommandIdReused {
        /// The id.
        command_id: CommandId,
        /// Where the earlier command is recorded.
        first_position: u64,
    },
    /// There is no such case, or for a party: none of its own.
    UnknownCase {
        /// The case.
        case: CaseId,
    },
    /// The stream has changed since the caller read it.
    RevisionConflict {
        /// The revision that the caller expected.
        expected: u64,
        /// The revision that it has.
        actual: u64,
    },
    /// No rulebook is in force, or its calendar was not published.
    NoRulebook {
        /// What is missing.
        #[serde(deserialize_with = "earlier::missing_book")]
        missing: MissingBook,
    },
    /// The rulebook has no such clause at this version.
    UnknownClause {
        /// The clause.
        clause: Label,
        /// The version cited.
        version: Label,
        /// The rulebook in force.
        rulebook: RulebookVersion,
    },
    /// A notice does not say what every notice must say.
    NoticeIncomplete {
        /// What is missing or does not fit.
        missing: NoticeGap,
    },
    /// A notice lists more of something than one notice may: the matter is several cases.
    TooMany {
        /// Of what.
        what: NoticePart,
        /// How many it lists.
        found: u64,
        /// How many it may list.
        max: u64,
    },
    /// What would have to be recorded does not fit into one record of the log. Nothing was done.
    TooLarge {
        /// Bytes that it would take.
        bytes: u64,
        /// Bytes that fit.
        max: u64,
    },
    /// A finding has no evidence that the platform captured itself. A report alone never founds a notice.
    EvidenceRequired {
        /// The finding.
        finding: FindingId,
    },
    /// The case has a live notice already.
    NoticeLive {
        /// That notice.
        notice: NoticeId,
    },
    /// An id that must be new is in use in this case.
    IdTaken {
        /// The id.
        id: Label,
    },
    /// The case belongs to another account or entity.
    WrongAccount {
        /// The account of the case.
        account: AccountId,
        /// Its entity.
        entity: EntityId,
    },
    /// The same facts were found not established or no violation before.
    AlreadyDecided {
        /// The case that decided it.
        case: CaseId,
        /// The finding that would repeat it.
        finding: FindingId,
    },
    /// A notice about this place under this clause has ended, and nothing that the platform captured since shows it again.
    AlreadyAnswered {
        /// The case of that notice.
        case: CaseId,
        /// When it ended.
        at: Instant,
        /// The finding that would repeat it.
        finding: FindingId,
    },
    /// A penalty that takes the place of a warning shows nothing that the platform has captured since the warning.
    NewerEvidenceRequired {
        /// The finding.
        finding: FindingId,
        /// The warning.
        warning: NoticeId,
        /// When it was issued.
        since: Instant,
    },
    /// An open notice of another case is about the very same facts.
    AlreadyRaised {
        /// That case.
        case: CaseId,
        /// The notice.
        notice: NoticeId,
        /// The finding that repeats it.
        finding: FindingId,
    },
    /// The same clause and place were sealed with other content; a warning must name the new facts.
    NewFactsRequired {
        /// The case that sealed it.
        case: CaseId,
        /// The finding.
        finding: FindingId,
    },
    /// The matter must be warned about first: because of its clause, a seal, or a capability that is critical.
    WarningRequired {
        /// The clause.
        clause: Label,
        /// The capability whose restriction is always warned about first, where the clause alone would not require it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        critical_capability: Option<CapabilityId>,
        /// The warning in whose place the penalty would come: what it gave is not taken by superseding it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        warning: Option<NoticeId>,
        /// The case that answered the place: what is new there is only ever warned about.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        decided_in: Option<CaseId>,
        /// The grounds that would allow a penalty at once.
        emergency_grounds: Vec<Label>,
    },
    /// An emergency or an override needs an approver who is neither the issuer nor the party.
    ApproverRequired {
        /// Who was named.
        approver: PrincipalId,
    },
    /// A measure goes beyond the step of the ladder.
    AboveLadder {
        /// The measure.
        measure: MeasureId,
        /// The step that applies, counted from 1.
        step: u32,
    },
    /// A measure would start before the notice.
    StartsInPast {
        /// The measure.
        measure: MeasureId,
        /// When it would start.
        starts_at: Instant,
        /// The time of the notice.
        now: Instant,
    },
    /// A notice has taken the place of another as often as the rulebook allows.
    SuccessorLimit {
        /// The live notice.
        notice: NoticeId,
        /// How many successors there may be.
        limit: u32,
    },
    /// The measure would last longer, with the time that the notice before has restricted the same, than the step of the
    /// ladder allows: nothing is left of it.
    TimeServed {
        /// The measure.
        measure: MeasureId,
        /// The step that applies, counted from 1.
        step: u32,
    },
    /// The case has no such notice.
    UnknownNotice {
        /// The notice.
        notice: NoticeId,
    },
    /// The notice has ended or another took its place.
    NoticeNotLive {
        /// The notice.
        notice: NoticeId,
        /// Where it stands.
        standing: NoticeStanding,
        /// The live notice of the case, if there is one.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        live: Option<NoticeId>,
    },
    /// The notice's guide has no such step.
    UnknownStep {
        /// The step.
        step: StepId,
    },
    /// A ruling struck the step: it is none any more, and cannot be unmet.
    StepStruck {
        /// The step.
        step: StepId,
    },
    /// A declaration answers nothing new.
    NothingDeclared {},
    /// The release of an appeal that is being reviewed is not changed any more.
    ReleaseFixed {
        /// The appeal.
        appeal: AppealId,
        /// Who reviews it.
        by: PrincipalId,
    },
    /// The rectification is confirmed: an appeal on that ground alone has nothing left to ask for.
    AlreadyConfirmed {
        /// The notice.
        notice: NoticeId,
    },
    /// The step is none that waits for verification: it is not declared, or was confirmed before.
    StepNotDeclared {
        /// The step.
        step: StepId,
    },
    /// The same was recorded of the code review of the release before.
    CodeReviewRecorded {
        /// The notice.
        notice: NoticeId,
        /// The version of the release.
        release: Label,
        /// What is recorded.
        outcome: CodeReviewOutcome,
    },
    /// Another release was looked at than the one declared or appealed.
    WrongReleaseReviewed {
        /// The version that should have been looked at.
        expected: Label,
        /// The version that was.
        found: Label,
    },
    /// No complete rectification waits for verification.
    NothingToVerify {
        /// The notice.
        notice: NoticeId,
        /// Where its rectification stands.
        rectification: RectificationStage,
    },
    /// A verification does not say what it must say.
    VerificationIncomplete {
        /// What is missing or does not fit.
        missing: VerificationGap,
    },
    /// Once the attempts are exhausted a human verifies.
    HumanRequired {
        /// The notice.
        notice: NoticeId,
    },
    /// The reviewer had a part in the case before, or is its party.
    ReviewerConflict {
        /// Which.
        part: PartInCase,
    },
    /// An appeal is open in the case; one at a time.
    AppealPending {
        /// The open appeal.
        appeal: AppealId,
        /// When the ruling is due, exclusive; absent once overdue.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        due: Option<Instant>,
    },
    /// Every attempt against the notice is used.
    AttemptsExhausted {
        /// Attempts used.
        used: u32,
        /// Attempts allowed.
        cap: u32,
    },
    /// The time to appeal is over.
    WindowClosed {
        /// When it ended, exclusive.
        due: Instant,
        /// When the filing was received.
        received: Instant,
    },
    /// The ground `rectified` waits for the code review of the declared release.
    CodeReviewPending {
        /// The notice; absent in the log where an earlier version refused.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        notice: Option<NoticeId>,
        /// When the review is due, exclusive.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        due: Option<Instant>,
    },
    /// An appeal has no ground.
    NoGrounds {},
    /// A ground says that another rule requires or allows what was found, and does not cite it.
    CitationRequired {
        /// The ground.
        ground: GroundId,
    },
    /// The case has no such appeal.
    UnknownAppeal {
        /// The appeal.
        appeal: AppealId,
    },
    /// The appeal has ended.
    AppealNotOpen {
        /// The appeal.
        appeal: AppealId,
        /// How it ended; absent in the log where an earlier version refused.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        ended: Option<AppealEnd>,
    },
    /// The appeal was deemed granted because nobody ruled in time.
    AlreadyDetermined {
        /// The appeal.
        appeal: AppealId,
    },
    /// The appeal is claimed. Only reviewers claim, so no party is told by whom.
    AlreadyClaimed {
        /// The appeal.
        appeal: AppealId,
        /// The reviewer who holds it.
        by: PrincipalId,
        /// When the claim ends unless there is a ruling before, exclusive.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        until: Option<Instant>,
    },
    /// The appeal is not claimed.
    NotClaimed {
        /// The appeal.
        appeal: AppealId,
    },
    /// Another reviewer holds the appeal. Only reviewers give back and rule, so no party is told who.
    ClaimedByAnother {
        /// The appeal.
        appeal: AppealId,
        /// The reviewer who holds it.
        by: PrincipalId,
        /// When the claim ends unless there is a ruling before, exclusive.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        until: Option<Instant>,
    },
    /// The appeal has another revision than the reviewer saw.
    AppealChanged {
        /// The revision that the reviewer saw.
        seen: u32,
        /// The revision that it has.
        actual: u32,
    },
    /// Evidence or an observation is said to be captured after it was sent.
    CapturedInFuture {
        /// When it is said to be captured.
        captured_at: Instant,
        /// The instant of the decision.
        now: Instant,
    },
    /// An observation is older than what it is about.
    StaleEvidence {
        /// When it was captured.
        captured_at: Instant,
        /// When the appeal or declaration was received.
        filed_at: Instant,
    },
    /// A ruling does not answer everything.
    RulingIncomplete {
        /// What is missing or unknown.
        missing: RulingGap,
    },
    /// The outcome does not follow from the answers.
    RulingInconsistent {
        /// What does not fit.
        problem: RulingContradiction,
    },
    /// The ruling would leave the party worse off than before.
    WorseThanAppealed {
        /// When the cure period would end, exclusive.
        cure_due: Instant,
        /// When it ends at the earliest, exclusive: the party has that already.
        not_before: Instant,
    },
    /// The deadline has ended.
    DeadlineNotOpen {
        /// The deadline.
        deadline: DeadlineId,
    },
    /// The deadline has not come.
    DeadlineNotDue {
        /// The deadline.
        deadline: DeadlineId,
        /// When it comes, exclusive.
        due: Instant,
        /// The time now.
        now: Instant,
    },
    /// The calendar does not cover the due date yet, so the party's time does not end on it.
    DeadlineProvisional {
        /// The deadline.
        deadline: DeadlineId,
        /// Its provisional date.
        due: Instant,
    },
    /// The deadline would not change.
    NothingToRevise {
        /// The deadline.
        deadline: DeadlineId,
    },
    /// The rulebook is not well formed.
    InvalidRulebook {
        /// Each with the key it is about, the first ones if there are many.
        problems: Vec<String>,
        /// How many more there are.
        #[serde(default, skip_serializing_if = "crate::is_zero")]
        more: u64,
    },
    /// A rulebook of this version was adopted before.
    RulebookVersionTaken {
        /// The version.
        version: RulebookVersion,
    },
    /// The calendar is not well formed.
    InvalidCalendar {
        /// Each with the day it is about, the first ones if there are many.
        problems: Vec<String>,
        /// How many more there are.
        #[serde(default, skip_serializing_if = "crate::is_zero")]
        more: u64,
    },
    /// A calendar's versions go up by one.
    CalendarVersionOutOfOrder {
        /// The next version.
        expected: u32,
        /// The version that was sent.
        found: u32,
    },
    /// Deadlines are not held.
    NothingHeld {},
}

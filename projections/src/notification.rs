//! What a party is told of its own case, and nothing that is not for it: no reviewer, no reporter, no
//! internal note.

use events_schema::{
    AppealId, CaseId, Event, Header, Instant, MeasureId, NoticeId, OpenDeadline, Personal,
    RulingOutcome, StepId, StillRestricted, Stream,
};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// Free text that the party may see, by its name in the personal part of the event.
const TEXT_FOR_THE_PARTY: [&str; 6] = [
    "findings",
    "steps",
    "reason",
    "reasons",
    "grounds",
    "observations",
];

/// A notification to a party.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Notification {
    /// What it is about.
    pub kind: NotificationKind,
    /// The position of the event in the log.
    pub position: u64,
    /// When it happened.
    pub at: Instant,
    /// The case.
    pub case: CaseId,
    /// The notice.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub notice: Option<NoticeId>,
    /// The appeal.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub appeal: Option<AppealId>,
    /// The outcome of a ruling.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub outcome: Option<RulingOutcome>,
    /// The steps that are still unmet.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub unmet_steps: Vec<StepId>,
    /// The measures that were taken, restored, stayed, or began.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub measures: Vec<MeasureId>,
    /// What other cases keep restricted.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub still_restricted_by: Vec<StillRestricted>,
    /// Deadlines that begin.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub deadlines: Vec<OpenDeadline>,
    /// The words that the party may read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<Value>,
}

/// The kinds of notification.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NotificationKind {
    /// A warning: 警告通知.
    WarningNotice,
    /// A penalty: 处罚通知.
    PenaltyNotice,
    /// A ruling: 结果通知.
    ResultNotice,
    /// What was taken is restored: 恢复功能.
    RestorationNotice,
    /// A measure began, ended, was stayed or resumed.
    MeasureNotice,
    /// A code review or a verification came out, or is overdue.
    RectificationNotice,
    /// An appeal was filed, taken back, is overdue, or ended without a ruling.
    AppealNotice,
    /// A notice was taken back, closed, or can no longer be appealed.
    NoticeEnded,
    /// A due date changed.
    DeadlineNotice,
}

/// What the party of a case is told of an event; `None` for what does not concern it.
pub fn notification(header: &Header, event: &Event, personal: &Personal) -> Option<Notification> {
    let Stream::Case(case) = &header.stream else {
        return None;
    };
    let mut told = Notification {
        kind: NotificationKind::DeadlineNotice,
        position: header.position,
        at: header.received.unwrap_or(header.time),
        case: case.clone(),
        notice: None,
        appeal: None,
        outcome: None,
        unmet_steps: Vec::new(),
        measures: Vec::new(),
        still_restricted_by: Vec::new(),
        deadlines: event.deadlines().map_or_else(Vec::new, |changes| {
            changes
                .set
                .iter()
                .map(|deadline| OpenDeadline {
                    id: deadline.id.clone(),
                    purpose: deadline.purpose.clone(),
                    due: deadline.due,
                    provisional: deadline.provisional,
                })
                .collect()
        }),
        text: words(personal),
    };
    fill(&mut told, event).then_some(told)
}

/// Fills in what the event says; false where the party is not told.
#[expect(
    clippy::too_many_lines,
    reason = "one arm per event, best read as a list"
)]
fn fill(told: &mut Notification, event: &Event) -> bool {
    match event {
        Event::WarningIssued(issued) => {
            told.kind = NotificationKind::WarningNotice;
            told.notice = Some(issued.command.notice.clone());
        }
        Event::PenaltyIssued(issued) => {
            told.kind = NotificationKind::PenaltyNotice;
            told.notice = Some(issued.command.notice.clone());
            told.measures = issued.measures.iter().map(|it| it.id.clone()).collect();
        }
        Event::PenaltyImposed(imposed) => {
            told.kind = NotificationKind::PenaltyNotice;
            told.notice = Some(imposed.notice.clone());
            told.measures = imposed.measures.iter().map(|it| it.id.clone()).collect();
        }
        Event::NoticeWithdrawn(withdrawn) => {
            told.kind = NotificationKind::NoticeEnded;
            told.notice = Some(withdrawn.command.notice.clone());
        }
        Event::NoticeClosed(closed) => {
            told.kind = NotificationKind::NoticeEnded;
            told.notice = Some(closed.notice.clone());
        }
        Event::NoticeExhausted(exhausted) => {
            told.kind = NotificationKind::NoticeEnded;
            told.notice = Some(exhausted.notice.clone());
        }
        Event::CodeReviewRecorded(recorded) => {
            told.kind = NotificationKind::RectificationNotice;
            told.notice = Some(recorded.command.notice.clone());
        }
        Event::CodeReviewOverdue(overdue) => {
            told.kind = NotificationKind::RectificationNotice;
            told.notice = Some(overdue.notice.clone());
        }
        Event::RectificationDeclared(declared) => {
            told.kind = NotificationKind::RectificationNotice;
            told.notice = Some(declared.command.notice.clone());
        }
        Event::RectificationVerified(verified) => {
            told.kind = NotificationKind::RectificationNotice;
            told.notice = Some(verified.command.notice.clone());
            told.unmet_steps.clone_from(&verified.command.unmet_steps);
        }
        Event::VerificationOverdue(overdue) => {
            told.kind = NotificationKind::RectificationNotice;
            told.notice = Some(overdue.notice.clone());
        }
        Event::RectificationDeemedConfirmed(confirmed) => {
            told.kind = NotificationKind::RectificationNotice;
            told.notice = Some(confirmed.notice.clone());
        }
        Event::AppealSubmitted(submitted) => {
            told.kind = NotificationKind::AppealNotice;
            told.notice = Some(submitted.command.notice.clone());
            told.appeal = Some(submitted.command.appeal.clone());
        }
        Event::AppealWithdrawn(withdrawn) => {
            told.kind = NotificationKind::AppealNotice;
            told.notice = Some(withdrawn.notice.clone());
            told.appeal = Some(withdrawn.command.appeal.clone());
        }
        Event::AppealOverdue(overdue) => {
            told.kind = NotificationKind::AppealNotice;
            told.notice = Some(overdue.notice.clone());
            told.appeal = Some(overdue.appeal.clone());
        }
        Event::AppealClosedWithoutRuling(closed) => {
            told.kind = NotificationKind::AppealNotice;
            told.notice = Some(closed.notice.clone());
            told.appeal = Some(closed.appeal.clone());
        }
        Event::AppealRuled(ruled) => {
            told.kind = NotificationKind::ResultNotice;
            told.notice = Some(ruled.notice.clone());
            told.appeal = Some(ruled.command.appeal.clone());
            told.outcome = Some(ruled.command.outcome);
            told.unmet_steps.clone_from(&ruled.unmet_steps);
        }
        Event::MeasuresLifted(lifted) => {
            told.kind = NotificationKind::RestorationNotice;
            told.notice = Some(lifted.notice.clone());
            told.measures.clone_from(&lifted.restored);
            told.still_restricted_by
                .clone_from(&lifted.still_restricted_by);
        }
        Event::MeasureStarted(started) => {
            told.kind = NotificationKind::MeasureNotice;
            told.measures = vec![started.measure.clone()];
        }
        Event::MeasureExpired(expired) => {
            told.kind = NotificationKind::RestorationNotice;
            told.measures = vec![expired.measure.clone()];
            told.still_restricted_by
                .clone_from(&expired.still_restricted_by);
        }
        Event::MeasuresStayed(stayed) => {
            told.kind = NotificationKind::MeasureNotice;
            told.measures.clone_from(&stayed.measures);
        }
        Event::MeasuresResumed(resumed) => {
            told.kind = NotificationKind::MeasureNotice;
            told.measures.clone_from(&resumed.measures);
        }
        Event::DeadlineRevised(_) => told.kind = NotificationKind::DeadlineNotice,
        // The platform's own desk, and what the party has been told otherwise.
        Event::AppealClaimed(_)
        | Event::AppealUnclaimed(_)
        | Event::AppealEscalated(_)
        | Event::CurePeriodHeld(_)
        | Event::FilingWindowPassed(_)
        | Event::FindingsSealed(_)
        // Of no case.
        | Event::FilingRefused(_)
        | Event::RulebookAdopted(_)
        | Event::CalendarPublished(_)
        | Event::LogCreated(_)
        | Event::BackfillStarted(_)
        | Event::BackfillCompleted(_)
        | Event::RollbackAccepted(_)
        | Event::DeadlinesHeld(_)
        | Event::DeadlinesReleased(_) => return false,
    }
    true
}

/// Only what is named is passed on, so that a field added later stays inside until somebody decides.
fn words(personal: &Personal) -> Option<Value> {
    let all: Map<String, Value> = serde_json::from_str(personal.as_json()?).ok()?;
    let shown: Map<String, Value> = all
        .into_iter()
        .filter(|(name, _)| TEXT_FOR_THE_PARTY.contains(&name.as_str()))
        .collect();
    (!shown.is_empty()).then_some(Value::Object(shown))
}

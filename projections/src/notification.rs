//! What a party is told of its own case, and nothing that is not for it: no reviewer, no reporter, no
//! internal note.

use events_schema::{
    AppealEvent, CaseEvent, DeadlineEvent, Event, Header, MeasureEvent, NoticeEvent, Notification,
    NotificationKind, OpenDeadline, Personal, RectificationEvent, Stream,
};

/// What the party of a case is told of an event; `None` for what does not concern it.
pub fn notification(header: &Header, event: &Event, personal: &Personal) -> Option<Notification> {
    let (Stream::Case(case), Event::Case(of_case)) = (&header.stream, event) else {
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
        text: None,
    };
    fill(&mut told, of_case).then(|| Notification {
        text: event.words_for_the_party(personal),
        ..told
    })
}

/// Fills in what the event says; false where the party is not told.
fn fill(told: &mut Notification, event: &CaseEvent) -> bool {
    match event {
        CaseEvent::Notice(event) => of_notice(told, event),
        CaseEvent::Rectification(event) => {
            of_rectification(told, event);
            true
        }
        CaseEvent::Appeal(event) => of_appeal(told, event),
        CaseEvent::Measure(event) => {
            of_measure(told, event);
            true
        }
        CaseEvent::Deadline(DeadlineEvent::DeadlineRevised(_)) => {
            told.kind = NotificationKind::DeadlineNotice;
            true
        }
    }
}

fn of_notice(told: &mut Notification, event: &NoticeEvent) -> bool {
    match event {
        NoticeEvent::WarningIssued(issued) => {
            told.kind = NotificationKind::WarningNotice;
            told.notice = Some(issued.command.notice.clone());
        }
        NoticeEvent::PenaltyIssued(issued) => {
            told.kind = NotificationKind::PenaltyNotice;
            told.notice = Some(issued.command.notice.clone());
            told.measures = issued.measures.iter().map(|it| it.id.clone()).collect();
        }
        NoticeEvent::PenaltyImposed(imposed) => {
            told.kind = NotificationKind::PenaltyNotice;
            told.notice = Some(imposed.notice.clone());
            told.measures = imposed.measures.iter().map(|it| it.id.clone()).collect();
        }
        NoticeEvent::NoticeWithdrawn(withdrawn) => {
            told.kind = NotificationKind::NoticeEnded;
            told.notice = Some(withdrawn.command.notice.clone());
        }
        NoticeEvent::NoticeClosed(closed) => {
            told.kind = NotificationKind::NoticeEnded;
            told.notice = Some(closed.notice.clone());
        }
        NoticeEvent::PenaltyLowered(lowered) => {
            told.kind = NotificationKind::MeasureNotice;
            told.notice = Some(lowered.notice.clone());
        }
        NoticeEvent::NoticeComplied(complied) => {
            told.kind = NotificationKind::NoticeEnded;
            told.notice = Some(complied.notice.clone());
        }
        NoticeEvent::NoticeExhausted(exhausted) => {
            told.kind = NotificationKind::NoticeEnded;
            told.notice = Some(exhausted.notice.clone());
        }
        // What the party has been told otherwise.
        NoticeEvent::CurePeriodHeld(_)
        | NoticeEvent::FilingWindowPassed(_)
        | NoticeEvent::FindingsSealed(_) => return false,
    }
    true
}

fn of_rectification(told: &mut Notification, event: &RectificationEvent) {
    match event {
        RectificationEvent::RectificationDeclared(declared) => {
            told.kind = NotificationKind::RectificationNotice;
            told.notice = Some(declared.command.notice.clone());
        }
        RectificationEvent::CodeReviewRecorded(recorded) => {
            told.kind = NotificationKind::RectificationNotice;
            told.notice = Some(recorded.command.notice.clone());
        }
        RectificationEvent::CodeReviewOverdue(overdue) => {
            told.kind = NotificationKind::RectificationNotice;
            told.notice = Some(overdue.notice.clone());
        }
        RectificationEvent::RectificationVerified(verified) => {
            told.kind = NotificationKind::RectificationNotice;
            told.notice = Some(verified.command.notice.clone());
            told.unmet_steps.clone_from(&verified.command.unmet_steps);
        }
        RectificationEvent::VerificationOverdue(overdue) => {
            told.kind = NotificationKind::RectificationNotice;
            told.notice = Some(overdue.notice.clone());
        }
        RectificationEvent::RectificationDeemedConfirmed(confirmed) => {
            told.kind = NotificationKind::RectificationNotice;
            told.notice = Some(confirmed.notice.clone());
        }
    }
}

fn of_appeal(told: &mut Notification, event: &AppealEvent) -> bool {
    match event {
        AppealEvent::AppealSubmitted(submitted) => {
            told.kind = NotificationKind::AppealNotice;
            told.notice = Some(submitted.command.notice.clone());
            told.appeal = Some(submitted.command.appeal.clone());
        }
        AppealEvent::AppealAmended(amended) => {
            told.kind = NotificationKind::AppealNotice;
            told.notice = Some(amended.notice.clone());
            told.appeal = Some(amended.command.appeal.clone());
        }
        AppealEvent::AppealWithdrawn(withdrawn) => {
            told.kind = NotificationKind::AppealNotice;
            told.notice = Some(withdrawn.notice.clone());
            told.appeal = Some(withdrawn.command.appeal.clone());
        }
        AppealEvent::AppealRuled(ruled) => {
            told.kind = NotificationKind::ResultNotice;
            told.notice = Some(ruled.notice.clone());
            told.appeal = Some(ruled.command.appeal.clone());
            told.outcome = Some(ruled.command.outcome);
            told.unmet_steps.clone_from(&ruled.unmet_steps);
        }
        AppealEvent::AppealOverdue(overdue) => {
            told.kind = NotificationKind::AppealNotice;
            told.notice = Some(overdue.notice.clone());
            told.appeal = Some(overdue.appeal.clone());
        }
        AppealEvent::AppealClosedWithoutRuling(closed) => {
            told.kind = NotificationKind::AppealNotice;
            told.notice = Some(closed.notice.clone());
            told.appeal = Some(closed.appeal.clone());
        }
        // The platform's own desk.
        AppealEvent::AppealClaimed(_)
        | AppealEvent::AppealUnclaimed(_)
        | AppealEvent::AppealEscalated(_) => return false,
    }
    true
}

fn of_measure(told: &mut Notification, event: &MeasureEvent) {
    match event {
        MeasureEvent::MeasureStarted(started) => {
            told.kind = NotificationKind::MeasureNotice;
            told.measures = vec![started.measure.clone()];
        }
        MeasureEvent::MeasureExpired(expired) => {
            told.kind = NotificationKind::RestorationNotice;
            told.measures = vec![expired.measure.clone()];
            told.still_restricted_by
                .clone_from(&expired.still_restricted_by);
        }
        MeasureEvent::MeasuresStayed(stayed) => {
            told.kind = NotificationKind::MeasureNotice;
            told.measures.clone_from(&stayed.measures);
        }
        MeasureEvent::MeasuresResumed(resumed) => {
            told.kind = NotificationKind::MeasureNotice;
            told.measures.clone_from(&resumed.measures);
        }
        MeasureEvent::MeasuresLifted(lifted) => {
            told.kind = NotificationKind::RestorationNotice;
            told.notice = Some(lifted.notice.clone());
            told.measures.clone_from(&lifted.restored);
            told.still_restricted_by
                .clone_from(&lifted.still_restricted_by);
        }
    }
}

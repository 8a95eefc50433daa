//! One sentence for each event, for people who read a history.

use events_schema::{
    AccountEvent, AppealEvent, BooksEvent, CaseEvent, Closure, CodeReviewOutcome, DeadlineEvent,
    Event, Exhaustion, HeldPart, LogEvent, MeasureEvent, NoticeEvent, OverdueConsequence,
    RectificationEvent, RectificationStage, RulingOutcome, VerificationOutcome,
};

/// What happened, in one sentence.
pub fn summary(event: &Event) -> String {
    match event {
        Event::Case(CaseEvent::Notice(event)) => of_notice(event),
        Event::Case(CaseEvent::Rectification(event)) => of_rectification(event),
        Event::Case(CaseEvent::Appeal(event)) => of_appeal(event),
        Event::Case(CaseEvent::Measure(event)) => of_measure(event),
        Event::Case(CaseEvent::Deadline(DeadlineEvent::DeadlineRevised(it))) => {
            let counted = it.deadlines.set.first();
            let now =
                counted.map(|set| format!(": {} now ends at {}", set.purpose.name(), set.due));
            format!(
                "deadline {} counted again{}",
                it.deadline,
                now.unwrap_or_default()
            )
        }
        Event::Account(AccountEvent::FilingRefused(it)) => format!(
            "{} on case {} refused: {}",
            it.filing.command(),
            it.filing.case(),
            it.rejection.code()
        ),
        Event::Books(event) => of_books(event),
        Event::Log(event) => of_log(event),
    }
}

fn of_notice(event: &NoticeEvent) -> String {
    match event {
        NoticeEvent::WarningIssued(it) => {
            let violation = &it.command.violation;
            format!(
                "warning {} issued under clause {} for {} finding(s); rectify in time and no penalty follows",
                it.command.notice,
                violation.rule.clause,
                violation.findings.len()
            )
        }
        NoticeEvent::PenaltyIssued(it) => format!(
            "penalty {} issued under clause {}, step {} of the ladder: {}",
            it.command.notice,
            it.strike.clause,
            it.strike.step,
            list(it.measures.iter().map(|measure| &measure.id))
        ),
        NoticeEvent::PenaltyImposed(it) => format!(
            "warning {} lapsed; penalty {} takes its place: {}",
            it.warning,
            it.notice,
            list(it.measures.iter().map(|measure| &measure.id))
        ),
        NoticeEvent::NoticeWithdrawn(it) => {
            format!("notice {} withdrawn as mistaken", it.command.notice)
        }
        NoticeEvent::NoticeClosed(it) => {
            let how = match it.how {
                Closure::Complied => "the matter was put right",
                Closure::Overturned => "nothing of it was upheld",
                Closure::Withdrawn => "the platform took it back",
                Closure::Superseded => "another notice takes its place",
                Closure::DeemedGranted => "nobody ruled in time, and the appeal holds as granted",
                Closure::Served => "every measure has ended, and no appeal can be filed any more",
            };
            format!("notice {} closed: {how}", it.notice)
        }
        NoticeEvent::PenaltyLowered(it) => format!(
            "penalty {} lowered from step {} to step {} of the ladder, since a strike fell: {}",
            it.notice,
            it.from,
            it.strike.step,
            list(it.measures.iter().map(|lowered| &lowered.measure.id))
        ),
        NoticeEvent::NoticeComplied(it) => format!(
            "{} is put right and restricts nothing any more; its record can still be appealed",
            it.notice
        ),
        NoticeEvent::NoticeExhausted(it) => match it.why {
            Exhaustion::Attempts => {
                format!(
                    "no further appeal against {}: every attempt is used",
                    it.notice
                )
            }
            Exhaustion::Window => {
                format!(
                    "no further appeal against {}: the window has ended",
                    it.notice
                )
            }
        },
        NoticeEvent::CurePeriodHeld(it) => format!(
            "cure period of {} ended; the pending appeal {} stays the penalty",
            it.notice, it.appeal
        ),
        NoticeEvent::FilingWindowPassed(it) => {
            format!(
                "appeal window of {} ended while an appeal is open",
                it.notice
            )
        }
        NoticeEvent::FindingsSealed(it) => format!(
            "sealed, never to be penalised again: {}",
            list(it.seals.iter().map(|seal| &seal.finding))
        ),
    }
}

fn of_rectification(event: &RectificationEvent) -> String {
    match event {
        RectificationEvent::RectificationDeclared(it) => {
            let waits = it.next == RectificationStage::AwaitsRuling;
            format!(
                "rectification {} of {} declared, {} step(s) answered{}",
                it.declaration.number,
                it.command.notice,
                it.command.steps.len(),
                if waits {
                    "; it waits for the ruling"
                } else {
                    ""
                }
            )
        }
        RectificationEvent::CodeReviewRecorded(it) => {
            let stands = match it.command.outcome {
                CodeReviewOutcome::InReview => "has begun",
                CodeReviewOutcome::Passed => "passed",
                CodeReviewOutcome::Failed => "failed",
                CodeReviewOutcome::NotSubmitted => "was not asked for",
            };
            format!("code review of {} {stands}", it.command.release.version)
        }
        RectificationEvent::CodeReviewOverdue(it) => {
            format!(
                "code review for {} is overdue; the party may appeal without it",
                it.notice
            )
        }
        RectificationEvent::RectificationVerified(it) => match it.command.outcome {
            VerificationOutcome::Confirmed => {
                format!("rectification of {} confirmed", it.command.notice)
            }
            VerificationOutcome::Rejected => format!(
                "rectification of {} rejected; unmet: {}",
                it.command.notice,
                list(it.command.unmet_steps.iter())
            ),
        },
        RectificationEvent::VerificationOverdue(it) => {
            format!("verification for {} is overdue and escalates", it.notice)
        }
        RectificationEvent::RectificationDeemedConfirmed(it) => {
            format!(
                "rectification of {} holds as confirmed: nobody verified in time",
                it.notice
            )
        }
    }
}

fn of_appeal(event: &AppealEvent) -> String {
    match event {
        AppealEvent::AppealSubmitted(it) => format!(
            "appeal {} filed against {}, attempt {} of {}",
            it.command.appeal, it.command.notice, it.attempt, it.attempt_cap
        ),
        AppealEvent::AppealAmended(it) => format!(
            "appeal {} added to; it is of revision {}",
            it.command.appeal, it.revision
        ),
        AppealEvent::AppealWithdrawn(it) => format!("appeal {} taken back", it.command.appeal),
        AppealEvent::AppealClaimed(it) => format!("appeal {} claimed", it.command.appeal),
        AppealEvent::AppealUnclaimed(it) => format!("appeal {} back in the queue", it.appeal),
        AppealEvent::AppealRuled(it) => match it.command.outcome {
            RulingOutcome::Granted => format!("appeal {} granted", it.command.appeal),
            RulingOutcome::GrantedInPart => format!(
                "appeal {} granted in part; unmet: {}",
                it.command.appeal,
                list(it.unmet_steps.iter())
            ),
            RulingOutcome::Refused => format!(
                "appeal {} refused; unmet: {}",
                it.command.appeal,
                list(it.unmet_steps.iter())
            ),
        },
        AppealEvent::AppealOverdue(it) => {
            let then = match it.consequence {
                OverdueConsequence::Escalated => "it escalates",
                OverdueConsequence::Stayed => "it escalates and the measures wait",
                OverdueConsequence::DeemedGranted => "it holds as granted",
            };
            format!("ruling on appeal {} is overdue; {then}", it.appeal)
        }
        AppealEvent::AppealEscalated(it) => format!("appeal {} escalates again", it.appeal),
        AppealEvent::AppealClosedWithoutRuling(it) => {
            format!(
                "appeal {} ended without a ruling; no attempt is used",
                it.appeal
            )
        }
    }
}

fn of_measure(event: &MeasureEvent) -> String {
    match event {
        MeasureEvent::MeasureStarted(it) => format!("measure {} in force", it.measure),
        MeasureEvent::MeasureExpired(it) => format!("measure {} ended by its date", it.measure),
        MeasureEvent::MeasuresStayed(it) => format!("stayed: {}", list(it.measures.iter())),
        MeasureEvent::MeasuresResumed(it) => {
            format!("in force again: {}", list(it.measures.iter()))
        }
        MeasureEvent::MeasuresLifted(it) => format!(
            "restored: {}",
            list(it.restored.iter().chain(it.cancelled.iter()))
        ),
    }
}

fn of_books(event: &BooksEvent) -> String {
    match event {
        BooksEvent::RulebookAdopted(it) => format!("rulebook {} adopted", it.version),
        BooksEvent::CalendarPublished(it) => format!(
            "calendar {} version {} published",
            it.command.calendar, it.command.version
        ),
    }
}

fn of_log(event: &LogEvent) -> String {
    match event {
        LogEvent::LogCreated(it) => format!("log created for {}", it.platform),
        LogEvent::BackfillStarted(_) => "taking over a history begins".to_owned(),
        LogEvent::BackfillCompleted(it) => format!(
            "history taken over: {} lines, {} refused",
            it.lines, it.refused
        ),
        LogEvent::RollbackAccepted(_) => {
            "served again although the log was rolled back to an older copy".to_owned()
        }
        LogEvent::DeadlinesHeld(it) => {
            let what = match it.held {
                HeldPart::Firing => "no deadline fires",
                HeldPart::Deciding => "no deadline fires and nothing is decided",
            };
            format!("{what} until the administrator has looked: {}", it.reason)
        }
        LogEvent::DeadlinesReleased(it) => {
            let left = it.left_behind.map_or_else(String::new, |until| {
                format!("; times up to {until} are left behind")
            });
            format!("deadlines released; {} were overdue{left}", it.overdue)
        }
    }
}

fn list<'a, Id: std::fmt::Display + 'a>(ids: impl Iterator<Item = &'a Id>) -> String {
    let ids: Vec<_> = ids.map(ToString::to_string).collect();
    if ids.is_empty() {
        "nothing".to_owned()
    } else {
        ids.join(", ")
    }
}

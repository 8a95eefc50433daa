//! One sentence for each event, for people who read a history.

use events_schema::{
    Closure, CodeReviewOutcome, Event, Exhaustion, HeldBy, HeldPart, OverdueConsequence,
    RulingOutcome, VerificationOutcome,
};

/// What happened, in one sentence.
#[expect(
    clippy::too_many_lines,
    reason = "one arm per event, best read as a list"
)]
pub fn summary(event: &Event) -> String {
    match event {
        Event::WarningIssued(it) => {
            let violation = &it.command.violation;
            format!(
                "warning {} issued under clause {} for {} finding(s); rectify in time and no penalty follows",
                it.command.notice,
                violation.rule.clause,
                violation.findings.len()
            )
        }
        Event::PenaltyIssued(it) => format!(
            "penalty {} issued under clause {}, step {} of the ladder: {}",
            it.command.notice,
            it.strike.clause,
            it.strike.step,
            list(it.measures.iter().map(|measure| &measure.id))
        ),
        Event::PenaltyImposed(it) => format!(
            "warning {} lapsed; penalty {} takes its place: {}",
            it.warning,
            it.notice,
            list(it.measures.iter().map(|measure| &measure.id))
        ),
        Event::NoticeWithdrawn(it) => match &it.command.successor {
            Some(successor) => format!("notice {} superseded by {successor}", it.command.notice),
            None => format!("notice {} withdrawn as mistaken", it.command.notice),
        },
        Event::NoticeClosed(it) => {
            let how = match it.how {
                Closure::Complied => "the matter was put right",
                Closure::Overturned => "nothing of it was upheld",
                Closure::Withdrawn => "the platform took it back",
                Closure::DeemedGranted => "nobody ruled in time, and the appeal holds as granted",
            };
            format!("notice {} closed: {how}", it.notice)
        }
        Event::NoticeExhausted(it) => match it.why {
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
        Event::CurePeriodHeld(it) => match it.held_by {
            HeldBy::Appeal => {
                format!(
                    "cure period of {} ended; the pending appeal stays the penalty",
                    it.notice
                )
            }
            HeldBy::Declaration => {
                format!(
                    "cure period of {} ended; the platform has yet to verify",
                    it.notice
                )
            }
        },
        Event::FilingWindowPassed(it) => {
            format!(
                "appeal window of {} ended while an appeal is open",
                it.notice
            )
        }
        Event::FindingsSealed(it) => format!(
            "sealed, never to be penalised again: {}",
            list(it.seals.iter().map(|seal| &seal.finding))
        ),
        Event::DeadlineRevised(it) => format!("deadline {} counted again", it.deadline),
        Event::RectificationDeclared(it) => format!(
            "rectification of {} declared, {} step(s) answered",
            it.command.notice,
            it.command.steps.len()
        ),
        Event::CodeReviewRecorded(it) => match it.command.outcome {
            CodeReviewOutcome::Passed => {
                format!("code review of {} passed", it.command.release.version)
            }
            CodeReviewOutcome::Failed => {
                format!("code review of {} failed", it.command.release.version)
            }
        },
        Event::CodeReviewOverdue(it) => {
            format!(
                "code review for {} is overdue; the party may appeal without it",
                it.notice
            )
        }
        Event::RectificationVerified(it) => match it.command.outcome {
            VerificationOutcome::Confirmed => {
                format!("rectification of {} confirmed", it.command.notice)
            }
            VerificationOutcome::Rejected => format!(
                "rectification of {} rejected; unmet: {}",
                it.command.notice,
                list(it.command.unmet_steps.iter())
            ),
        },
        Event::VerificationOverdue(it) => {
            format!("verification for {} is overdue and escalates", it.notice)
        }
        Event::RectificationDeemedConfirmed(it) => {
            format!(
                "rectification of {} holds as confirmed: nobody verified in time",
                it.notice
            )
        }
        Event::AppealSubmitted(it) => format!(
            "appeal {} filed against {}, attempt {} of {}",
            it.command.appeal, it.command.notice, it.attempt, it.attempt_cap
        ),
        Event::AppealWithdrawn(it) => format!("appeal {} taken back", it.command.appeal),
        Event::AppealClaimed(it) => format!("appeal {} claimed", it.command.appeal),
        Event::AppealUnclaimed(it) => format!("appeal {} back in the queue", it.appeal),
        Event::AppealRuled(it) => match it.command.outcome {
            RulingOutcome::Granted => format!("appeal {} granted", it.command.appeal),
            RulingOutcome::Refused => format!(
                "appeal {} refused; unmet: {}",
                it.command.appeal,
                list(it.unmet_steps.iter())
            ),
        },
        Event::AppealOverdue(it) => {
            let then = match it.consequence {
                OverdueConsequence::Escalated => "it escalates",
                OverdueConsequence::Stayed => "it escalates and the measures wait",
                OverdueConsequence::DeemedGranted => "it holds as granted",
            };
            format!("ruling on appeal {} is overdue; {then}", it.appeal)
        }
        Event::AppealEscalated(it) => format!("appeal {} escalates again", it.appeal),
        Event::AppealClosedWithoutRuling(it) => {
            format!(
                "appeal {} ended without a ruling; no attempt is used",
                it.appeal
            )
        }
        Event::MeasureStarted(it) => format!("measure {} in force", it.measure),
        Event::MeasureExpired(it) => format!("measure {} ended by its date", it.measure),
        Event::MeasuresStayed(it) => format!("stayed: {}", list(it.measures.iter())),
        Event::MeasuresResumed(it) => format!("in force again: {}", list(it.measures.iter())),
        Event::MeasuresLifted(it) => format!(
            "restored: {}",
            list(it.restored.iter().chain(it.cancelled.iter()))
        ),
        Event::FilingRefused(it) => format!(
            "{} on case {} refused: {}",
            it.filing.command(),
            it.filing.case(),
            it.rejection.code()
        ),
        Event::RulebookAdopted(it) => format!("rulebook {} adopted", it.version),
        Event::CalendarPublished(it) => format!(
            "calendar {} version {} published",
            it.command.calendar, it.command.version
        ),
        Event::LogCreated(it) => format!("log created for {}", it.platform),
        Event::BackfillStarted(_) => "taking over a history begins".to_owned(),
        Event::BackfillCompleted(it) => format!(
            "history taken over: {} lines, {} refused",
            it.lines, it.refused
        ),
        Event::RollbackAccepted(_) => {
            "served again although the log was rolled back to an older copy".to_owned()
        }
        Event::DeadlinesHeld(it) => {
            let what = match it.held {
                HeldPart::Firing => "no deadline fires",
                HeldPart::Deciding => "no deadline fires and nothing is decided",
            };
            format!("{what} until the administrator has looked: {}", it.reason)
        }
        Event::DeadlinesReleased(it) => {
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

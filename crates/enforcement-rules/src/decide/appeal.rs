//! Filing, withdrawing, claiming and giving back an appeal (rules 1, 2, 3, 6, 7, 11).

use events_schema::{
    AppealClaimed, AppealEnd, AppealId, AppealSubmitted, AppealUnclaimed, AppealWithdrawn,
    ClaimAppeal, CodeReviewState, DeadlineChanges, DeadlinePurpose, Event, Exhaustion,
    FilingWindowPassed, GroundKind, Instant, MeasuresResumed, NoticeExhausted, NoticeStanding,
    RectificationStage, Rejection, SubmitAppeal, UnclaimAppeal, WithdrawAppeal,
};

use super::{
    Context, World, check_reviewer, dates, endings, live_notice,
    rectification::{same_release, stop_periods},
};
use crate::{
    LateFiling,
    case_state::{Appeal, AppealStanding, CaseState, MeasureStanding, Notice, Rectification},
    dates::label,
};

pub(super) fn submit(
    world: World<'_>,
    case: &CaseState,
    command: &SubmitAppeal,
    context: Context<'_>,
) -> Result<Vec<Event>, Rejection> {
    let notice = live_notice(case, &command.notice)?;
    if let Some(open) = case.open_appeal() {
        let purpose = DeadlinePurpose::Review {
            appeal: open.id.clone(),
        };
        return Err(Rejection::AppealPending {
            appeal: open.id.clone(),
            due: case.deadline_for(&purpose).map(|deadline| deadline.due),
        });
    }
    if case.appeal(&command.appeal).is_some() {
        return Err(Rejection::IdTaken {
            id: label(command.appeal.as_str()),
        });
    }
    if command.grounds.is_empty() {
        return Err(Rejection::NoGrounds {});
    }
    let cap = notice.terms.attempt_cap;
    if notice.attempts_used >= cap {
        return Err(Rejection::AttemptsExhausted {
            used: notice.attempts_used,
            cap,
        });
    }
    let mut dates = dates(world, case, notice)?;
    let late = check_window(notice, command, dates.clause().params.late_filing, context)?;
    let rectified = command
        .grounds
        .iter()
        .any(|ground| ground.kind == GroundKind::Rectified);
    let rectification = &notice.rectification;
    if rectified && waits_for_code_review(rectification, command) {
        let purpose = DeadlinePurpose::CodeReview {
            notice: notice.id.clone(),
        };
        return Err(Rejection::CodeReviewPending {
            notice: Some(notice.id.clone()),
            due: case.deadline_for(&purpose).map(|deadline| deadline.due),
        });
    }

    let mut changes = DeadlineChanges::default();
    let declares = rectified
        && match rectification.stage {
            RectificationStage::None
            | RectificationStage::Partial
            | RectificationStage::Rejected => true,
            RectificationStage::ReviewPending
            | RectificationStage::Unverified
            | RectificationStage::Confirmed => false,
        };
    let left = if declares {
        stop_periods(case, notice, &dates, context, &mut changes)
    } else {
        (None, None)
    };
    changes.set.push(dates.after(
        context.now,
        dates.clause().params.review,
        "review",
        DeadlinePurpose::Review {
            appeal: command.appeal.clone(),
        },
    ));
    Ok(vec![Event::from(AppealSubmitted {
        command: command.clone(),
        attempt: notice.attempts_used + 1,
        attempt_cap: cap,
        declares_rectification: declares,
        late,
        // An appeal filed again after a withdrawal gets no second stay, and one filed late gets none.
        stays_penalty: !late
            && notice.standing == NoticeStanding::Warned
            && notice.terms.appeal_stays_penalty
            && notice.appeals_withdrawn == 0,
        cure_left: left.0,
        window_left: left.1,
        deadlines: changes,
    })])
}

/// Whether the release that the appeal is about is still with the platform's code review, in time. One that was
/// declared with some of the steps waits until the others are declared too.
fn waits_for_code_review(rectification: &Rectification, command: &SubmitAppeal) -> bool {
    match rectification.stage {
        RectificationStage::ReviewPending => !rectification.code_review_overdue,
        RectificationStage::Partial => {
            let declared = rectification.release.as_ref();
            rectification.code_review == CodeReviewState::Pending
                && declared.is_some_and(|it| same_release(it, &command.release).is_ok())
        }
        RectificationStage::None
        | RectificationStage::Unverified
        | RectificationStage::Rejected
        | RectificationStage::Confirmed => false,
    }
}

/// Whether the filing is late and accepted as such.
fn check_window(
    notice: &Notice,
    command: &SubmitAppeal,
    late_filing: LateFiling,
    context: Context<'_>,
) -> Result<bool, Rejection> {
    let ended = match notice.standing {
        NoticeStanding::Warned | NoticeStanding::Exhausted => notice.window.ended_at(),
        NoticeStanding::Penalised
        | NoticeStanding::Lapsed
        | NoticeStanding::Complied
        | NoticeStanding::Overturned
        | NoticeStanding::Withdrawn
        | NoticeStanding::DeemedGranted => None,
    };
    match ended {
        None => Ok(false),
        Some(due) => match late_filing {
            LateFiling::AcceptWithReasons if command.late => Ok(true),
            LateFiling::AcceptWithReasons | LateFiling::Refuse => Err(Rejection::WindowClosed {
                due,
                received: context.now,
            }),
        },
    }
}

pub(super) fn withdraw(
    world: World<'_>,
    case: &CaseState,
    command: &WithdrawAppeal,
    context: Context<'_>,
) -> Result<Vec<Event>, Rejection> {
    let appeal = open_appeal(case, &command.appeal)?;
    let notice = live_notice(case, &appeal.notice)?;
    // One that was carried from a warning is none of the penalty's.
    let counts = !appeal.carried && notice.appeals_withdrawn > 0;
    let used_up = notice.attempts_used + u32::from(counts) >= notice.terms.attempt_cap;
    let exhausts = notice.standing == NoticeStanding::Penalised
        && (used_up || notice.window.ended_at().is_some());
    let mut dates = dates(world, case, notice)?;
    let mut changes = endings::clearing(endings::open_for(case, endings::of_appeal(appeal)));
    if notice.rectification.by_appeal {
        // What the ruling would have verified, the platform verifies now.
        let period = dates.clause().params.verification;
        let purpose = DeadlinePurpose::Verification {
            notice: notice.id.clone(),
        };
        changes
            .set
            .push(dates.after(context.now, period, "verification", purpose));
        if notice.standing == NoticeStanding::Penalised && !exhausts {
            // The declaration had stopped the window; the platform's answer must not keep it from ending.
            changes
                .set
                .extend(dates.resumed_window(notice, context.now));
        }
    } else if notice.standing == NoticeStanding::Warned
        && !notice.rectification.stage.is_with_the_platform()
    {
        // The cure period ended while the appeal held it: there is nothing left of it but the least.
        changes
            .set
            .extend(dates.resumed_cure(case, notice, context.now));
    }
    let mut events = vec![Event::from(AppealWithdrawn {
        command: command.clone(),
        notice: notice.id.clone(),
        counts,
        deadlines: changes,
    })];
    events.extend(resume_measures(case, notice));
    if let Some(closed) = endings::complied(case, notice, &[], &[]) {
        events.push(closed);
    } else if exhausts {
        events.push(exhausted(case, notice, used_up));
    }
    Ok(events)
}

/// No further appeal can be filed; a window that still runs ends.
pub(super) fn exhausted(case: &CaseState, notice: &Notice, by_attempts: bool) -> Event {
    Event::from(NoticeExhausted {
        notice: notice.id.clone(),
        why: if by_attempts {
            Exhaustion::Attempts
        } else {
            Exhaustion::Window
        },
        deadlines: endings::clearing(endings::open_for(
            case,
            |purpose| matches!(purpose, DeadlinePurpose::Window { notice: id } if *id == notice.id),
        )),
    })
}

/// Stayed measures are in force again; `None` where there are none.
pub(super) fn resume_measures(case: &CaseState, notice: &Notice) -> Option<Event> {
    let measures: Vec<_> = case
        .active_measures(&notice.id)
        .filter(|imposed| imposed.standing == MeasureStanding::Stayed)
        .map(|imposed| imposed.measure.id.clone())
        .collect();
    (!measures.is_empty()).then(|| {
        Event::from(MeasuresResumed {
            notice: notice.id.clone(),
            measures,
        })
    })
}

/// The appeal window ended while an appeal is open.
pub(super) fn window_passed(notice: &Notice, deadlines: DeadlineChanges) -> Event {
    Event::from(FilingWindowPassed {
        notice: notice.id.clone(),
        deadlines,
    })
}

pub(super) fn claim(
    world: World<'_>,
    case: &CaseState,
    command: &ClaimAppeal,
    context: Context<'_>,
) -> Result<Vec<Event>, Rejection> {
    let appeal = open_appeal(case, &command.appeal)?;
    if let AppealStanding::Claimed(by) = &appeal.standing {
        return Err(Rejection::AlreadyClaimed {
            appeal: appeal.id.clone(),
            by: by.clone(),
            until: lease_end(case, appeal),
        });
    }
    let notice = live_notice(case, &appeal.notice)?;
    check_reviewer(case, context)?;
    let mut dates = dates(world, case, notice)?;
    let period = dates.clause().params.claim_lease;
    let purpose = DeadlinePurpose::Lease {
        appeal: appeal.id.clone(),
    };
    let lease = dates.after(context.now, period, "claim_lease", purpose);
    Ok(vec![Event::from(AppealClaimed {
        command: command.clone(),
        deadlines: DeadlineChanges {
            set: vec![lease],
            ..DeadlineChanges::default()
        },
    })])
}

pub(super) fn unclaim(
    case: &CaseState,
    command: &UnclaimAppeal,
    context: Context<'_>,
) -> Result<Vec<Event>, Rejection> {
    let appeal = open_appeal(case, &command.appeal)?;
    check_claim(case, appeal, context)?;
    if appeal.standing == AppealStanding::Filed {
        return Err(Rejection::NotClaimed {
            appeal: appeal.id.clone(),
        });
    }
    Ok(vec![Event::from(AppealUnclaimed {
        appeal: appeal.id.clone(),
        command: Some(command.clone()),
        deadlines: endings::clearing(endings::open_for(
            case,
            |purpose| matches!(purpose, DeadlinePurpose::Lease { appeal: id } if *id == appeal.id),
        )),
    })])
}

/// Nobody else holds the appeal.
pub(super) fn check_claim(
    case: &CaseState,
    appeal: &Appeal,
    context: Context<'_>,
) -> Result<(), Rejection> {
    match &appeal.standing {
        AppealStanding::Claimed(by) if *by != context.actor.principal => {
            Err(Rejection::ClaimedByAnother {
                appeal: appeal.id.clone(),
                by: by.clone(),
                until: lease_end(case, appeal),
            })
        }
        AppealStanding::Claimed(_)
        | AppealStanding::Filed
        | AppealStanding::Ruled
        | AppealStanding::Withdrawn
        | AppealStanding::DeemedGranted
        | AppealStanding::ClosedWithoutRuling => Ok(()),
    }
}

/// When the claim of an appeal ends by itself.
pub(crate) fn lease_end(case: &CaseState, appeal: &Appeal) -> Option<Instant> {
    let lease = DeadlinePurpose::Lease {
        appeal: appeal.id.clone(),
    };
    case.deadline_for(&lease).map(|deadline| deadline.due)
}

/// The open appeal of this id.
pub(super) fn open_appeal<'a>(case: &'a CaseState, id: &AppealId) -> Result<&'a Appeal, Rejection> {
    let appeal = case
        .appeal(id)
        .ok_or_else(|| Rejection::UnknownAppeal { appeal: id.clone() })?;
    let ended = |ended| {
        Err(Rejection::AppealNotOpen {
            appeal: id.clone(),
            ended: Some(ended),
        })
    };
    match appeal.standing {
        AppealStanding::Filed | AppealStanding::Claimed(_) => Ok(appeal),
        AppealStanding::DeemedGranted => Err(Rejection::AlreadyDetermined { appeal: id.clone() }),
        AppealStanding::Ruled => ended(AppealEnd::Ruled),
        AppealStanding::Withdrawn => ended(AppealEnd::Withdrawn),
        AppealStanding::ClosedWithoutRuling => ended(AppealEnd::ClosedWithoutRuling),
    }
}

//! Filing, withdrawing, claiming and giving back an appeal (rules 1, 2, 3, 6, 7, 11).

use events_schema::{
    AmendAppeal, AppealAmended, AppealClaimed, AppealSubmitted, AppealUnclaimed, AppealWithdrawn,
    ClaimAppeal, CodeReviewOutcome, CodeReviewState, DeadlineChanges, DeadlinePurpose, Event,
    Ground, GroundKind, NoticeKind, NoticeStanding, RectificationStage, Rejection, Release,
    SubmitAppeal, UnclaimAppeal, WithdrawAppeal,
};

use super::{endings, rectification::look_at};
use crate::{
    case_state::{AppealStanding, Notice, Rectification},
    dates::label,
    matter::{Context, InCase, Matter, same_release},
    pending::lease_end,
    rulebook::LateFiling,
};

pub(super) fn submit(at: InCase<'_>, command: &SubmitAppeal) -> Result<Vec<Event>, Rejection> {
    let matter = at.notice(&command.notice)?;
    let Matter {
        case,
        notice,
        context,
        ..
    } = matter;
    // One at a time (rule 2), and the refusal says until when.
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
    check_grounds(&command.grounds)?;
    for item in &command.evidence {
        context.check_captured(item.captured_at)?;
    }
    // What is put right already is not contested by saying so again (rule 19).
    if notice.is_rectified() && !contests(&command.grounds) {
        return Err(Rejection::AlreadyConfirmed {
            notice: notice.id.clone(),
        });
    }
    let cap = notice.terms.attempt_cap;
    // With what was used and allowed, so that the entry never just vanishes (rule 1, C3).
    if notice.attempts_used >= cap {
        return Err(Rejection::AttemptsExhausted {
            used: notice.attempts_used,
            cap,
        });
    }
    let mut dates = matter.dates()?;
    // Late is refused with the date, or marked as late where the rulebook accepts it (rule 11).
    let late = check_window(notice, command, dates.clause().params.late_filing, context)?;
    let mut grounds = command.grounds.iter();
    let rectified = grounds.any(|ground| ground.kind == GroundKind::Rectified);
    // Only this ground waits; whoever says that there never was a violation need not (rule 3).
    if rectified {
        check_gate(matter, &command.release)?;
    }

    let mut changes = DeadlineChanges::default();
    // The ground declares, unless what was declared is confirmed already (rules 3, 4).
    let declares =
        (rectified && !notice.is_rectified()).then(|| dates.take_declaration(matter, &mut changes));
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
        declares,
        late,
        // An appeal filed again after a withdrawal gets no second stay, and one filed late gets none.
        stays_penalty: !late
            && notice.standing == NoticeStanding::Warned
            && notice.terms.appeal_stays_penalty
            && notice.appeals_withdrawn == 0,
        deadlines: changes,
    })])
}

/// Without the citation nobody can say which rule prevails (C9, rule 20).
fn check_grounds(grounds: &[Ground]) -> Result<(), Rejection> {
    let mut grounds = grounds.iter();
    let uncited = |it: &&Ground| it.kind == GroundKind::RequiredElsewhere && it.cites.is_none();
    grounds.find(uncited).map_or(Ok(()), |ground| {
        let ground = ground.id.clone();
        Err(Rejection::CitationRequired { ground })
    })
}

/// What says that a release puts the matter right waits for the code review of that release (rule 3).
fn check_gate(matter: Matter<'_>, release: &Release) -> Result<(), Rejection> {
    let Matter { case, notice, .. } = matter;
    if !is_in_code_review(&notice.rectification, release) {
        return Ok(());
    }
    let purpose = DeadlinePurpose::CodeReview {
        notice: notice.id.clone(),
    };
    Err(Rejection::CodeReviewPending {
        notice: Some(notice.id.clone()),
        due: case.deadline_for(&purpose).map(|deadline| deadline.due),
    })
}

/// Adds to an open appeal. Nothing of it is lost: neither its stay nor the date of its ruling.
pub(super) fn amend(at: InCase<'_>, command: &AmendAppeal) -> Result<Vec<Event>, Rejection> {
    let appeal = at.appeal(&command.appeal)?;
    let matter = at.notice(&appeal.notice)?;
    let mut added = command.grounds.iter();
    if let Some(ground) = added.find(|it| appeal.grounds.iter().any(|(id, _)| *id == it.id)) {
        return Err(Rejection::IdTaken {
            id: label(ground.id.as_str()),
        });
    }
    check_grounds(&command.grounds)?;
    for item in &command.evidence {
        at.context.check_captured(item.captured_at)?;
    }
    let newer = command.release.as_ref().filter(|it| **it != appeal.release);
    if newer.is_some()
        && let AppealStanding::Claimed(by) = &appeal.standing
    {
        return Err(Rejection::ReleaseFixed {
            appeal: appeal.id.clone(),
            by: by.clone(),
        });
    }
    let says_so = |kind: GroundKind| kind == GroundKind::Rectified;
    let claimed = appeal.grounds.iter().any(|(_, kind)| says_so(*kind));
    let claims = command.grounds.iter().any(|it| says_so(it.kind));
    let mut changes = DeadlineChanges::default();
    let mut declares = None;
    if (claims || claimed && newer.is_some()) && !matter.notice.is_rectified() {
        check_gate(matter, newer.unwrap_or(&appeal.release))?;
        declares = Some(matter.dates()?.take_declaration(matter, &mut changes));
    }
    Ok(vec![Event::from(AppealAmended {
        command: command.clone(),
        notice: appeal.notice.clone(),
        revision: appeal.revision + 1,
        declares,
        deadlines: changes,
    })])
}

/// Whether they say more than that the matter was rectified.
fn contests(grounds: &[Ground]) -> bool {
    let mut grounds = grounds.iter();
    grounds.any(|ground| ground.kind != GroundKind::Rectified)
}

/// Whether the release that the appeal is about is with the platform's code review, in time. What the platform recorded of
/// it counts, and where it recorded nothing, what the party declared.
fn is_in_code_review(rectification: &Rectification, release: &Release) -> bool {
    if let Some(recorded) = rectification.review_of(release) {
        return recorded.outcome == CodeReviewOutcome::InReview && !recorded.overdue;
    }
    let declared = rectification.release.as_ref();
    let is_declared = declared.is_some_and(|it| same_release(it, release).is_ok());
    is_declared
        && match rectification.stage {
            RectificationStage::ReviewPending => !rectification.code_review_overdue,
            RectificationStage::Partial => rectification.code_review == CodeReviewState::Pending,
            RectificationStage::None
            | RectificationStage::Unverified
            | RectificationStage::AwaitsRuling
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
        // A penalty whose window ended is exhausted, or an appeal kept it open and it ends with that: whoever files
        // against one that is neither is in time.
        NoticeStanding::Warned | NoticeStanding::Exhausted => notice.window.ended_at(),
        NoticeStanding::Penalised
        | NoticeStanding::OnRecord
        | NoticeStanding::Lapsed
        | NoticeStanding::Complied
        | NoticeStanding::Overturned
        | NoticeStanding::Withdrawn
        | NoticeStanding::Superseded
        | NoticeStanding::DeemedGranted
        | NoticeStanding::Served => None,
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

pub(super) fn withdraw(at: InCase<'_>, command: &WithdrawAppeal) -> Result<Vec<Event>, Rejection> {
    let appeal = at.appeal(&command.appeal)?;
    let matter = at.notice(&appeal.notice)?;
    let Matter { case, notice, .. } = matter;
    // One that was carried from a warning is none of the penalty's.
    let counts = !appeal.carried && notice.appeals_withdrawn > 0;
    // The first withdrawal is free and each later one uses an attempt, so that nobody files and withdraws for ever.
    let used_up = notice.attempts_used + u32::from(counts) >= notice.terms.attempt_cap;
    // A penalty is over with its last attempt, and where its window passed while the appeal was open, with the appeal.
    let is_penalty = notice.kind == NoticeKind::Penalty;
    let exhausts = is_penalty && (used_up || notice.window.ended_at().is_some());
    // Over with it, where nothing restricts any more: then there is nothing left to verify either.
    let is_over = exhausts && case.active_measures(&notice.id).next().is_none();
    let mut dates = matter.dates()?;
    let mut changes = endings::clearing(endings::open_for(case, endings::of_appeal(appeal)));
    let rectification = &notice.rectification;
    let mut next = rectification.stage;
    let waited = rectification.by_appeal || next == RectificationStage::AwaitsRuling;
    if waited && !is_over {
        // What the ruling would have verified, or was waited for with, the platform verifies now.
        let declared = (rectification.release.as_ref(), rectification.code_review);
        next = look_at(matter, &mut dates, declared, &mut changes);
    }
    if !is_penalty && !rectification.still.holds && !notice.is_rectified() {
        // The cure period ended while the appeal held it: there is nothing left of it but the least.
        changes.set.extend(dates.resumed_cure(matter));
    }
    let mut events = vec![Event::from(AppealWithdrawn {
        command: command.clone(),
        notice: notice.id.clone(),
        counts,
        rectification: next,
        deadlines: changes,
    })];
    // What an overdue verification stays, it stays until there is an answer.
    if !rectification.stays_measures {
        events.extend(endings::resume_measures(matter, &[]));
    }
    let put_right = notice.is_rectified() && case.active_measures(&notice.id).next().is_none();
    if exhausts && !put_right {
        events.push(endings::exhausted(matter, used_up));
    }
    // What kept a notice open that is put right and restricts nothing was this appeal alone.
    if exhausts || put_right {
        let ended = endings::ended_by(&events);
        let can_be_appealed = is_penalty && !exhausts;
        events.extend(endings::settled(matter, can_be_appealed, &ended, &[]));
    }
    Ok(events)
}

pub(super) fn claim(at: InCase<'_>, command: &ClaimAppeal) -> Result<Vec<Event>, Rejection> {
    let appeal = at.appeal(&command.appeal)?;
    // One desk at a time; the lease frees it by itself.
    if let AppealStanding::Claimed(by) = &appeal.standing {
        return Err(Rejection::AlreadyClaimed {
            appeal: appeal.id.clone(),
            by: by.clone(),
            until: lease_end(at.case, appeal),
        });
    }
    let matter = at.notice(&appeal.notice)?;
    at.check_reviewer()?;
    let mut dates = matter.dates()?;
    let period = dates.clause().params.claim_lease;
    let purpose = DeadlinePurpose::Lease {
        appeal: appeal.id.clone(),
    };
    let lease = dates.after(at.context.now, period, "claim_lease", purpose);
    Ok(vec![Event::from(AppealClaimed {
        command: command.clone(),
        deadlines: DeadlineChanges {
            set: vec![lease],
            ..DeadlineChanges::default()
        },
    })])
}

pub(super) fn unclaim(at: InCase<'_>, command: &UnclaimAppeal) -> Result<Vec<Event>, Rejection> {
    let appeal = at.appeal(&command.appeal)?;
    at.check_claim(appeal)?;
    if appeal.standing == AppealStanding::Filed {
        return Err(Rejection::NotClaimed {
            appeal: appeal.id.clone(),
        });
    }
    Ok(vec![Event::from(AppealUnclaimed {
        appeal: appeal.id.clone(),
        command: Some(command.clone()),
        deadlines: endings::clearing(endings::open_for(
            at.case,
            |purpose| matches!(purpose, DeadlinePurpose::Lease { appeal: id } if *id == appeal.id),
        )),
    })])
}

//! Ruling on an appeal (rules 1, 6, 7, 8; complaints C1, C2, C6, C7).

mod answers;

use events_schema::{
    AppealRuled, Closure, DeadlineChanges, Decide, Declaration, Event, FindingAnswer, GroundKind,
    LiftCause, NoticeKind, NoticeStanding, Period, RectificationStage, Rejection,
    RulingContradiction, RulingGap, RulingOutcome, RulingPart, StepId,
};

use self::answers::Answers;
use super::{endings, rectification::look_at};
use crate::{
    case_state::{Appeal, FoundFact, StepStanding},
    dates::{Dates, cure_of, label},
    matter::{Context, InCase, Matter, names_the_build, same_release},
};

pub(super) fn decide(at: InCase<'_>, command: &Decide) -> Result<Vec<Event>, Rejection> {
    let appeal = at.appeal(&command.appeal)?;
    let matter = at.notice(&appeal.notice)?;
    at.check_claim(appeal)?;
    at.check_reviewer()?;
    // Who rules says which state of the appeal was looked at: it may have been changed since.
    if command.appeal_revision != appeal.revision {
        return Err(Rejection::AppealChanged {
            seen: command.appeal_revision,
            actual: appeal.revision,
        });
    }
    check_what_was_seen(appeal, command, at.context)?;
    check_everything_is_answered(matter, appeal, command)?;
    let answers = Answers::of(command, matter.notice);
    answers.check_outcome(matter.case)?;
    consequences(matter, appeal, &answers)
}

fn check_what_was_seen(
    appeal: &Appeal,
    command: &Decide,
    context: Context<'_>,
) -> Result<(), Rejection> {
    // The release that was appealed is the one reviewed, as it was after the filing (C7).
    same_release(&appeal.release, &command.release_reviewed)?;
    if command.observations.is_empty() {
        return Err(incomplete(RulingGap::NoObservation {}));
    }
    let observed = command.observations.iter().map(|it| &it.release);
    for seen in std::iter::once(&command.release_reviewed).chain(observed) {
        same_release(&appeal.release, seen)?;
        // Who leaves the digest out says nothing of the build that was appealed (rule 20).
        if !names_the_build(&appeal.release, seen) {
            return Err(incomplete(RulingGap::DigestNotNamed {}));
        }
    }
    for observation in &command.observations {
        context.check_captured(observation.captured_at)?;
        if observation.captured_at < appeal.filed_at {
            return Err(Rejection::StaleEvidence {
                captured_at: observation.captured_at,
                filed_at: appeal.filed_at,
            });
        }
    }
    // What decides is what the party filed and what is observed above, and nothing that it never saw (C1).
    for digest in &command.evidence_considered {
        if !appeal.evidence.contains(digest) {
            let sha256 = *digest;
            return Err(incomplete(RulingGap::EvidenceNotOfAppeal { sha256 }));
        }
    }
    Ok(())
}

fn check_everything_is_answered(
    matter: Matter<'_>,
    appeal: &Appeal,
    command: &Decide,
) -> Result<(), Rejection> {
    let Matter { case, notice, .. } = matter;
    same_ids(
        RulingPart::Finding,
        notice.findings_left().map(|finding| &finding.id),
        command.findings.iter().map(|finding| &finding.id),
    )?;
    same_ids(
        RulingPart::Ground,
        appeal.grounds.iter().map(|(id, _)| id),
        command.grounds.iter().map(|ground| &ground.id),
    )?;
    // Neither side can leave the other rule out (C9, rule 20).
    for ground in &command.grounds {
        let mut asked = appeal.grounds.iter();
        let cites =
            asked.any(|(id, kind)| *id == ground.id && *kind == GroundKind::RequiredElsewhere);
        if cites && ground.prevails.is_none() {
            let ground = ground.id.clone();
            return Err(incomplete(RulingGap::PrevailsNotSaid { ground }));
        }
    }
    // What an earlier ruling struck is no step any more, and what somebody found done need not be answered (rule 4).
    let answered = command.steps.iter().map(|step| &step.id);
    same_ids(
        RulingPart::Step,
        notice.steps_left().map(|step| &step.id),
        answered.filter(|id| !notice.is_verified(id)),
    )?;
    same_ids(
        RulingPart::Measure,
        case.active_measures(&notice.id)
            .map(|imposed| &imposed.measure.id),
        command.measures.iter().map(|measure| &measure.id),
    )
}

/// Each id of the one side stands once on the other, and nothing else does.
fn same_ids<'a, Id: PartialEq + std::fmt::Display + 'a>(
    what: RulingPart,
    expected: impl Iterator<Item = &'a Id> + Clone,
    answered: impl Iterator<Item = &'a Id> + Clone,
) -> Result<(), Rejection> {
    for expected in expected.clone() {
        let id = label(&expected.to_string());
        match answered.clone().filter(|it| *it == expected).count() {
            0 => return Err(incomplete(RulingGap::NotAnswered { what, id })),
            1 => {}
            _ => return Err(incomplete(RulingGap::AnsweredTwice { what, id })),
        }
    }
    match answered
        .into_iter()
        .find(|id| !expected.clone().any(|it| it == *id))
    {
        None => Ok(()),
        Some(id) => {
            let id = label(&id.to_string());
            Err(incomplete(RulingGap::NothingToAnswer { what, id }))
        }
    }
}

/// What follows from the answers: what is lifted and sealed, whether an attempt is used, and how the notice goes on or
/// ends.
fn consequences(
    matter: Matter<'_>,
    appeal: &Appeal,
    answers: &Answers<'_>,
) -> Result<Vec<Event>, Rejection> {
    let Matter { case, notice, .. } = matter;
    let mut changes = endings::clearing(endings::open_for(case, endings::of_appeal(appeal)));
    let goes_on = if answers.upheld {
        Some(go_on(matter, appeal, answers, &mut changes)?)
    } else {
        None
    };
    let rectification = match &goes_on {
        Some(goes_on) => goes_on.declared.stage,
        // Found rectified is confirmed (rule 8).
        None if answers.rectified => RectificationStage::Confirmed,
        None => notice.rectification.stage,
    };
    let declared = goes_on.as_ref().map(|it| &it.declared);
    let mut events = vec![Event::from(AppealRuled {
        command: answers.command.clone(),
        notice: notice.id.clone(),
        counts: goes_on.as_ref().is_some_and(|it| it.counts),
        unmet_steps: answers.unmet_steps(),
        reopened: declared.map_or_else(Vec::new, |it| it.reopened.clone()),
        completes: declared.and_then(|it| it.completes),
        window_left: goes_on.as_ref().and_then(|it| it.window_left),
        rectification,
        deadlines: changes,
    })];
    let lifted = case.active_measures(&notice.id);
    let lifted = lifted.filter(|imposed| answers.lifts(&imposed.measure));
    events.extend(endings::lift(matter, LiftCause::Granted, lifted.clone()));
    events.extend(endings::seal(notice, |id| answers.seal_of(id)));
    match goes_on {
        // Nothing of the notice stands.
        None => {
            // Put right, the strike stays; never founded, it is void (rule 8).
            let put_right =
                |it: &FoundFact| !it.fell_before && it.answer == Some(FindingAnswer::Rectified);
            let how = if answers.rectified || notice.findings.iter().any(put_right) {
                Closure::Complied
            } else {
                Closure::Overturned
            };
            events.push(endings::close(matter, how, &[]));
        }
        Some(goes_on) => {
            let lifted: Vec<_> = lifted.map(|imposed| &imposed.measure.id).collect();
            // What an overdue verification stays, it stays until there is an answer.
            if !(notice.rectification.stays_measures
                && goes_on.declared.stage.is_with_the_platform())
            {
                events.extend(endings::resume_measures(matter, &lifted));
            }
            events.extend(goes_on.complied);
            if goes_on.exhausts {
                events.push(endings::exhausted(matter, true));
                let ended = endings::ended_by(&events);
                events.extend(endings::settled(matter, false, &ended, &lifted));
            }
        }
    }
    Ok(events)
}

/// How a notice goes on of which something stands.
struct GoesOn {
    declared: DeclaredAfter,
    /// The new window, where it stands still.
    window_left: Option<Period>,
    /// Whether the ruling uses an attempt.
    counts: bool,
    /// Whether that was the last one.
    exhausts: bool,
    /// The end of the notice, where what was found is put right already and nothing restricts any more.
    complied: Option<Event>,
}

fn go_on(
    matter: Matter<'_>,
    appeal: &Appeal,
    answers: &Answers<'_>,
    changes: &mut DeadlineChanges,
) -> Result<GoesOn, Rejection> {
    let Matter { case, notice, .. } = matter;
    let command = answers.command;
    let mut dates = matter.dates()?;
    // An appeal carried from a warning uses no attempt of the penalty (rule 2), and what was granted in part uses none
    // (rule 1).
    let counts = !appeal.carried && command.outcome == RulingOutcome::Refused;
    let used = notice.attempts_used + u32::from(counts);
    let lifted = case.active_measures(&notice.id);
    let lifted = lifted.filter(|imposed| answers.lifts(&imposed.measure));
    let lifted: Vec<_> = lifted.map(|imposed| &imposed.measure.id).collect();
    let is_penalty = notice.kind == NoticeKind::Penalty;
    let used_up = is_penalty && used >= notice.terms.attempt_cap;
    let mut active = case.active_measures(&notice.id);
    let restricts = active.any(|imposed| !lifted.contains(&&imposed.measure.id));
    // Where nothing restricts and nothing can be appealed, it is over, and nothing is left to look at.
    let is_over = used_up && !restricts;
    let declared = declared_after(matter, appeal, answers, is_over, &mut dates, changes);
    let complied = notice.is_rectified().then(|| {
        let can_be_appealed = is_penalty && !used_up;
        endings::settled(matter, can_be_appealed, &changes.cleared, &lifted)
    });
    let complied = complied.flatten();
    let exhausts = used_up && complied.is_none() && notice.standing == NoticeStanding::Penalised;
    let mut window_left = None;
    match notice.standing {
        // What is put right already needs no time to do so.
        NoticeStanding::Warned if notice.is_rectified() => {}
        NoticeStanding::Warned => {
            let held = notice.rectification.still.holds && declared.stage.is_with_the_platform();
            let completes = declared.completes.as_ref();
            let holds = held || completes.is_some_and(|it| it.holds);
            extend_cure(&mut dates, matter, command, holds, changes)?;
        }
        NoticeStanding::Penalised | NoticeStanding::Exhausted | NoticeStanding::OnRecord => {
            // What is penalised has no time to put it right before a penalty.
            if command.cure_due.is_some() {
                return Err(Rejection::RulingInconsistent {
                    problem: RulingContradiction::CurePeriodOfPenalty,
                });
            }
            // Each attempt has a window of its own, from the ruling on the one before (rule 1).
            if !used_up {
                let running = matter.running_window().map(|running| running.id.clone());
                changes.cleared.extend(running);
                // It stands still while the platform has a declaration in hand that holds it (rule 4).
                if notice.rectification.still.holds && declared.stage.is_with_the_platform() {
                    window_left = Some(dates.clause().params.appeal_window);
                } else {
                    changes.set.push(dates.new_window(matter));
                }
            }
        }
        NoticeStanding::Lapsed
        | NoticeStanding::Complied
        | NoticeStanding::Overturned
        | NoticeStanding::Withdrawn
        | NoticeStanding::Superseded
        | NoticeStanding::DeemedGranted
        | NoticeStanding::Served => {}
    }
    Ok(GoesOn {
        declared,
        window_left,
        counts,
        exhausts,
        complied,
    })
}

/// What is declared, after a ruling that leaves something standing.
struct DeclaredAfter {
    stage: RectificationStage,
    /// The declaration that is complete now.
    completes: Option<Declaration>,
    /// The declared steps that the ruling found unmet.
    reopened: Vec<StepId>,
}

fn declared_after(
    matter: Matter<'_>,
    appeal: &Appeal,
    answers: &Answers<'_>,
    is_over: bool,
    dates: &mut Dates<'_>,
    changes: &mut DeadlineChanges,
) -> DeclaredAfter {
    let notice = matter.notice;
    // A ruling on a declaration opens again what that had answered, and nothing else (rules 3, 4).
    let kept = answers.unmet_steps();
    let ruled_on = appeal.declares.map(StepStanding::Declared);
    let reopened: Vec<_> = notice
        .steps_declared()
        .filter(|step| kept.contains(&step.id) && ruled_on == Some(step.standing))
        .map(|step| step.id.clone())
        .collect();
    let mut left = notice.steps_left().filter(|step| kept.contains(&step.id));
    let is_complete = left.all(|step| step.is_answered() && !reopened.contains(&step.id));
    let mut completes = None;
    let stage = match notice.rectification.stage {
        RectificationStage::Unverified if notice.rectification.by_appeal => {
            RectificationStage::Rejected
        }
        // What was declared meanwhile is looked at now, and what a struck step made complete.
        stage @ (RectificationStage::AwaitsRuling | RectificationStage::Partial)
            if is_complete && !is_over =>
        {
            let declared = &notice.rectification;
            if stage == RectificationStage::Partial {
                completes = Some(completed(matter, dates, changes));
            }
            let declared = (declared.release.as_ref(), declared.code_review);
            look_at(matter, dates, declared, changes)
        }
        RectificationStage::AwaitsRuling if !is_complete => RectificationStage::Partial,
        // The platform's own review or verification goes on, and the cure period stays stopped until it
        // comes out.
        stage @ (RectificationStage::ReviewPending
        | RectificationStage::AwaitsRuling
        | RectificationStage::Unverified
        | RectificationStage::None
        | RectificationStage::Partial
        | RectificationStage::Rejected
        | RectificationStage::Confirmed) => stage,
    };
    DeclaredAfter {
        stage,
        completes,
        reopened,
    }
}

/// A declaration in parts of which nothing is missing any more. A penalty has a window of its own after each ruling, so
/// only the time to rectify stops.
fn completed(
    matter: Matter<'_>,
    dates: &mut Dates<'_>,
    changes: &mut DeadlineChanges,
) -> Declaration {
    let declared = &matter.notice.rectification;
    if matter.notice.standing == NoticeStanding::Warned {
        return dates.complete_declaration(matter, changes);
    }
    Declaration {
        number: declared.declarations,
        supersedes: None,
        holds: false,
        held: declared.still.held,
        cure_left: None,
        window_left: None,
    }
}

/// The cure period ends at the latest of the old due date, the least that is left after a ruling, and
/// what the reviewer gives.
fn extend_cure(
    dates: &mut Dates<'_>,
    matter: Matter<'_>,
    command: &Decide,
    holds: bool,
    changes: &mut DeadlineChanges,
) -> Result<(), Rejection> {
    let Matter {
        notice, context, ..
    } = matter;
    let running = matter.running_cure();
    let (left, not_before) = match running {
        Some(cure) => {
            let in_full = dates.clause().params.cure;
            let uncertain = cure.provisional;
            let left = uncertain.then(|| dates.left_of(cure, in_full, context.now));
            (left, Some(cure.due))
        }
        None => (notice.cure.left, notice.cure.not_before),
    };
    let least = dates.going_on(context.now, left, not_before).due;
    let given = command.cure_due;
    // Never worse off than before the appeal (rules 6, 7).
    if let Some(given) = given
        && given < least
    {
        return Err(Rejection::WorseThanAppealed {
            cure_due: given,
            not_before: least,
        });
    }
    // It goes on once the platform has answered, and not before what the reviewer gives here.
    if holds {
        return Ok(());
    }
    let going_on = dates.going_on(context.now, left, not_before.max(given));
    // The same date again is no new deadline: each ends once (rule 12).
    if running.is_some_and(|cure| cure.due == going_on.due) {
        return Ok(());
    }
    changes.cleared.extend(running.map(|cure| cure.id.clone()));
    changes
        .set
        .push(dates.resumed(context.now, going_on, cure_of(notice)));
    Ok(())
}

fn incomplete(missing: RulingGap) -> Rejection {
    Rejection::RulingIncomplete { missing }
}

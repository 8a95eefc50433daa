//! What a notice takes over from the one whose place it takes: all of it (rule 10).

use events_schema::{
    CapabilityId, Deadline, DeadlinePurpose, Event, GuideStep, Instant, Label, LiftCause,
    MeasureId, MeasuresStayed, NoticeId, NoticeKind, NoticeStanding, Period, RectificationStage,
    Rejection, TakenOver,
};

use super::ground::Asks;
use crate::{
    case_state::{CaseState, Notice, StepState},
    dates::Dates,
    decide::{endings, rectification::look_at},
    matter::{Context, InCase, Matter, World},
    pending::{answers_due, stayed_by_appeal},
    places::PlaceKey,
};

/// The notice whose place a new one takes.
#[derive(Clone, Copy)]
pub(super) struct Predecessor<'a> {
    pub(super) matter: Matter<'a>,
}

/// What goes on under the new notice.
pub(super) struct GoesOn {
    pub(super) facts: TakenOver,
    /// The deadlines of what is declared, and of the party's own time where that runs.
    pub(super) deadlines: Vec<Deadline>,
}

impl GoesOn {
    /// Whether the party's time stands still for what is declared.
    fn holds(&self, before: &Notice) -> bool {
        let completes = self.facts.completes.as_ref();
        let holds = completes.map_or(before.rectification.still.holds, |it| it.holds);
        holds && self.facts.rectification.is_with_the_platform()
    }
}

/// The live notice that the new one supersedes, if there is one. A case has one live notice: what is appealed is one thing
/// (rule 2).
pub(super) fn of<'a>(
    world: World<'a>,
    asks: &Asks<'_>,
    context: Context<'a>,
) -> Result<Option<Predecessor<'a>>, Rejection> {
    let live = world.case.and_then(CaseState::live_notice);
    let Some(superseded) = asks.supersedes else {
        return live.map_or(Ok(None), |live| {
            Err(Rejection::NoticeLive {
                notice: live.id.clone(),
            })
        });
    };
    let matter = InCase::at_hand(world, asks.case, context)?.notice(superseded)?;
    // The record of what was put right is no matter any more that another notice could be about.
    if matter.notice.standing == NoticeStanding::OnRecord {
        return Err(Rejection::NoticeNotLive {
            notice: superseded.clone(),
            standing: matter.notice.standing,
            live: None,
        });
    }
    let limit = matter.dates()?.clause().params.successors;
    if matter.notice.lineage.len() >= usize::try_from(limit).unwrap_or(usize::MAX) {
        return Err(Rejection::SuccessorLimit {
            notice: superseded.clone(),
            limit,
        });
    }
    Ok(Some(Predecessor { matter }))
}

impl<'a> Predecessor<'a> {
    pub(super) const fn notice(self) -> &'a Notice {
        self.matter.notice
    }

    pub(super) const fn is_warning(self) -> bool {
        matches!(self.matter.notice.kind, NoticeKind::Warning)
    }

    /// It ends, in the same commit in which the new one begins: what it took is given back, and its strike is the new one's.
    pub(super) fn ended(self) -> Vec<Event> {
        let Matter { case, notice, .. } = self.matter;
        let measures = case.active_measures(&notice.id);
        let lifted = endings::lift(self.matter, LiftCause::Superseded, measures);
        let closed = endings::close_for_successor(self.matter);
        lifted.into_iter().chain([closed]).collect()
    }

    /// What was declared goes on under the guide of the new notice: steps that both have stay as they were.
    pub(super) fn goes_on(
        self,
        steps: &[GuideStep],
        notice: &NoticeId,
        kind: NoticeKind,
        dates: &mut Dates<'_>,
    ) -> GoesOn {
        let Matter { case, .. } = self.matter;
        let before = self.matter.notice;
        let same = |step: &GuideStep| before.steps.iter().find(|it| it.id == step.id);
        let answered = |step: &GuideStep| same(step).is_some_and(StepState::is_answered);
        let declared = |step: &GuideStep| same(step).is_some_and(StepState::is_declared);
        let settled = |step: &GuideStep| same(step).is_some_and(StepState::is_settled);
        let is_complete = steps.iter().all(answered);
        let in_parts = steps.iter().any(declared);
        let stage = before.rectification.stage;
        let mut deadlines = Vec::new();
        let mut completes = None;
        let stage = match stage {
            stage if stage.is_with_the_platform() && is_complete => stage,
            RectificationStage::Confirmed if steps.iter().all(settled) => stage,
            RectificationStage::Rejected if !in_parts => stage,
            // What was missing is not asked for any more.
            RectificationStage::Partial if is_complete && in_parts => {
                let release = before.rectification.release.as_ref();
                let declared = (release, before.rectification.code_review);
                let mut changes = events_schema::DeadlineChanges::default();
                if kind == before.kind {
                    let mut ended = events_schema::DeadlineChanges::default();
                    completes = Some(dates.complete_declaration(self.matter, &mut ended));
                }
                let stage = look_at(self.matter, dates, declared, &mut changes);
                deadlines.extend(changes.set);
                stage
            }
            _ if in_parts => RectificationStage::Partial,
            _ => RectificationStage::None,
        };
        for deadline in &mut deadlines {
            deadline.purpose.move_to(notice);
        }
        let begun = !deadlines.is_empty();
        for due in answers_due(case, before).filter(|_| !begun) {
            let of_a_review = matches!(due.purpose, DeadlinePurpose::CodeReview { .. });
            if of_a_review || stage.is_with_the_platform() {
                deadlines.push(dates.of_notice(due, notice));
            }
        }
        GoesOn {
            facts: TakenOver {
                appeal: case.open_appeal().map(|appeal| appeal.id.clone()),
                rectification: stage,
                completes,
            },
            deadlines,
        }
    }

    /// Whether the notice before was about this place.
    pub(super) fn was_about(self, clause: &Label, location: &Label) -> bool {
        let place = PlaceKey::of(clause, location);
        let before = self.matter.notice;
        let mut findings = before.findings.iter();
        findings.any(|it| PlaceKey::of(&before.clause.0, &it.location) == place)
    }

    /// The time to rectify of a warning in the place of a warning goes on, or stands still with what holds it. Who is warned
    /// of something more besides has the time for that in full.
    pub(super) fn cure(
        self,
        goes_on: &GoesOn,
        (in_full, adds): (Period, bool),
        dates: &mut Dates<'_>,
        purpose: DeadlinePurpose,
    ) -> Option<Deadline> {
        let now = self.matter.context.now;
        let notice = self.matter.notice;
        if !self.is_warning() {
            return Some(dates.after(now, in_full, "cure", purpose));
        }
        let period = &notice.cure;
        if goes_on.holds(notice) {
            return None;
        }
        if adds {
            let before = self.matter.running_cure().map(|running| running.due);
            let not_before = before.max(period.not_before);
            return Some(dates.after_but_not_before(now, in_full, not_before, "cure", purpose));
        }
        match self.matter.running_cure() {
            Some(running) => Some(go_on(dates, running, in_full, purpose, now)),
            None if !period.is_stopped() && stayed_by_appeal(self.matter.case) => None,
            None => {
                let going_on = dates.going_on(now, period.left, period.not_before);
                Some(dates.resumed(now, going_on, purpose))
            }
        }
    }

    /// The same of the time to appeal of a penalty.
    pub(super) fn window(
        self,
        goes_on: &GoesOn,
        in_full: Period,
        dates: &mut Dates<'_>,
        purpose: DeadlinePurpose,
    ) -> Option<Deadline> {
        let now = self.matter.context.now;
        let notice = self.matter.notice;
        if goes_on.holds(notice) && !self.is_warning() {
            // A window that was never stopped by it goes on.
            let stopped = goes_on.facts.completes.is_some() || notice.window.is_stopped();
            if stopped {
                return None;
            }
        }
        if let Some(running) = self.matter.running_window() {
            return Some(go_on(dates, running, in_full, purpose, now));
        }
        if notice.window.is_stopped() {
            let going_on = dates.going_on(now, notice.window.left, None);
            return Some(dates.resumed(now, going_on, purpose));
        }
        Some(dates.after(now, in_full, "appeal_window", purpose))
    }

    /// Seconds that a capability was restricted by it and those before it.
    pub(super) fn served(self, capability: &CapabilityId) -> i64 {
        let Matter {
            case,
            notice,
            context,
            ..
        } = self.matter;
        let now = context.now;
        case.served(&notice.lineage, capability, now)
            + case.served(std::slice::from_ref(&notice.id), capability, now)
    }

    /// What an overdue answer of the platform stays, it stays under the new notice too; `None` where it stays nothing.
    pub(super) fn still_stayed(
        self,
        stage: RectificationStage,
        notice: &NoticeId,
        in_force: Vec<MeasureId>,
    ) -> Option<Event> {
        let before = self.matter.notice;
        let by_verification = before.rectification.stays_measures && stage.is_with_the_platform();
        let stays = by_verification || stayed_by_appeal(self.matter.case);
        let stays = stays && !self.is_warning() && !in_force.is_empty();
        stays.then(|| {
            Event::from(MeasuresStayed {
                notice: notice.clone(),
                measures: in_force,
            })
        })
    }

    /// When somebody found what a finding is about put right, where that is at this place.
    pub(super) fn put_right_at(self, is_there: impl Fn(&Label) -> bool) -> Option<Instant> {
        let findings = self.matter.notice.findings.iter();
        let there = findings.filter(|it| is_there(&it.location));
        there.filter_map(|it| it.put_right_at).max()
    }
}

/// A running period of the party goes on to the same end, and never to an earlier one.
fn go_on(
    dates: &mut Dates<'_>,
    running: &Deadline,
    in_full: Period,
    purpose: DeadlinePurpose,
    now: Instant,
) -> Deadline {
    let (left, due) = if running.provisional {
        (Some(dates.left_of(running, in_full, now)), None)
    } else {
        (None, Some(running.due))
    };
    let going_on = dates.going_on(now, left, due);
    dates.resumed(now, going_on, purpose)
}

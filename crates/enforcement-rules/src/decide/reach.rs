//! What happens when a deadline is reached, and when a provisional one is fixed (rules 2, 5, 6, 9,
//! 12).

use events_schema::{
    AppealEscalated, AppealId, AppealOverdue, AppealUnclaimed, Closure, CodeReviewOverdue,
    CurePeriodHeld, Deadline, DeadlineChanges, DeadlinePurpose, DeadlineRevised, Event, Exhaustion,
    Instant, LiftCause, Measure, MeasureExpired, MeasureId, MeasureStarted, MeasuresStayed,
    NoticeExhausted, NoticeId, NoticeStanding, OverdueConsequence, PenaltyImposed, ReachDeadline,
    RectificationDeemedConfirmed, RectificationStage, Rejection, ReviseDeadline, Strike,
    ThreatenedMeasure, VerificationOverdue,
};

use super::endings;
use crate::{
    case_state::{CaseState, MeasureStanding, Notice},
    dates::Dates,
    ladder_step,
    matter::{InCase, Matter},
    pending::{answers_due, stayed_by_appeal},
    rulebook::{ReviewBreach, VerificationBreach},
};

pub(super) fn reach(at: InCase<'_>, command: &ReachDeadline) -> Result<Vec<Event>, Rejection> {
    let InCase { case, context, .. } = at;
    let reached = open(case, &command.deadline)?;
    if reached.due > context.now {
        return Err(Rejection::DeadlineNotDue {
            deadline: reached.id.clone(),
            due: reached.due,
            now: context.now,
        });
    }
    // Nothing adverse to the party fires on a date that the calendar does not cover yet (rule 12).
    if !reached.can_fire() {
        return Err(Rejection::DeadlineProvisional {
            deadline: reached.id.clone(),
            due: reached.due,
        });
    }
    let firing = Firing { at, reached };
    match &reached.purpose {
        DeadlinePurpose::Cure { notice } => firing.cure_ended(notice),
        DeadlinePurpose::Window { notice } => firing.window_ended(notice),
        DeadlinePurpose::CodeReview { notice } => firing.code_review_overdue(notice),
        DeadlinePurpose::Verification { notice } => firing.verification_overdue(notice),
        DeadlinePurpose::SecondVerification { notice } => firing.verification_overdue_again(notice),
        DeadlinePurpose::Review { appeal } => firing.review_overdue(appeal),
        DeadlinePurpose::Escalation { appeal } => firing.still_overdue(appeal),
        DeadlinePurpose::Lease { appeal } => Ok(vec![firing.claim_lapsed(appeal)]),
        DeadlinePurpose::MeasureStart { measure } => Ok(firing.measure_starts(measure)),
        DeadlinePurpose::MeasureEnd { measure } => Ok(firing.measure_ends(measure)),
    }
}

/// A deadline whose time has come.
struct Firing<'a> {
    at: InCase<'a>,
    reached: &'a Deadline,
}

impl Firing<'_> {
    fn changes(&self) -> DeadlineChanges {
        DeadlineChanges {
            fired: Some(self.reached.id.clone()),
            ..DeadlineChanges::default()
        }
    }

    /// A warning lapses unless something holds it.
    fn cure_ended(&self, id: &NoticeId) -> Result<Vec<Event>, Rejection> {
        let matter = self.at.notice(id)?;
        // An appeal in time stays the penalty until the ruling (rule 6). A declaration that holds has stopped the period, so
        // it does not end over one (rules 4, 5).
        let staying = self.at.case.open_appeal().filter(|it| it.stays_penalty);
        match staying {
            Some(appeal) => Ok(vec![Event::from(CurePeriodHeld {
                notice: id.clone(),
                appeal: appeal.id.clone(),
                deadlines: self.changes(),
            })]),
            None => self.lapse(matter),
        }
    }

    /// The threatened measures apply, dated at the instant the cure period ended.
    fn lapse(&self, matter: Matter<'_>) -> Result<Vec<Event>, Rejection> {
        let mut dates = matter.dates()?;
        let warning = matter.notice;
        let starts_at = self.reached.due;
        let strike = self.strike(&dates, warning.found_at);
        let measures: Vec<_> = warning
            .threatened
            .iter()
            .filter_map(|threatened| imposed(matter, &dates, threatened, strike.step, starts_at))
            .collect();

        let notice = warning.id.of_lapse();
        let mut changes = self.changes();
        let window = DeadlinePurpose::Window {
            notice: notice.clone(),
        };
        let period = dates.clause().params.appeal_window;
        // The party's own time begins when the penalty is issued, even if that was late.
        let from = self.at.context.now;
        changes
            .set
            .push(dates.after(from, period, "appeal_window", window));
        for measure in &measures {
            if let Some(ends_at) = measure.ends_at {
                let purpose = DeadlinePurpose::MeasureEnd {
                    measure: measure.id.clone(),
                };
                changes
                    .set
                    .push(dates.at(starts_at, ends_at, "measure end", purpose));
            }
        }
        // What is declared and held nothing is looked at all the same.
        for answer in answers_due(self.at.case, warning) {
            changes.cleared.push(answer.id.clone());
            changes.set.push(dates.of_notice(answer, &notice));
        }
        let mut terms = (*warning.terms).clone();
        terms.attempts_used = 0;
        terms.appeals_withdrawn = 0;
        terms.succeeds = None;
        let stayed = measures.iter().map(|it| it.id.clone()).collect();
        let restricts = !measures.is_empty();
        let imposed = Event::from(PenaltyImposed {
            warning: warning.id.clone(),
            notice,
            terms,
            measures,
            strike,
            carried_appeal: self.at.case.open_appeal().map(|appeal| appeal.id.clone()),
            deadlines: changes,
        });
        // What the platform is late with stays them from the start (rule 4).
        let late = Some(Event::from(MeasuresStayed {
            notice: warning.id.of_lapse(),
            measures: stayed,
        }));
        let late = late.filter(|_| warning.rectification.stays_measures && restricts);
        Ok(std::iter::once(imposed).chain(late).collect())
    }

    fn strike(&self, dates: &Dates<'_>, found_at: Instant) -> Strike {
        let clause = dates.clause();
        let InCase {
            world,
            case,
            context,
        } = self.at;
        let calendar = world.books.calendar(&self.reached.calendar);
        Strike {
            clause: clause.clause.clone(),
            account: case.account.clone(),
            entity: case.entity.clone(),
            step: calendar.map_or(1, |calendar| {
                let times = (found_at, context.now);
                ladder_step::next_step(clause, calendar, world.account, world.entity, times, None)
            }),
            found_at,
            // Dated at the deadline, however late that fired.
            imposed_at: self.reached.due,
        }
    }

    fn window_ended(&self, id: &NoticeId) -> Result<Vec<Event>, Rejection> {
        let matter = self.at.notice(id)?;
        // An appeal that was filed in time is heard to its end (rule 11).
        if matter.case.open_appeal().is_some() {
            return Ok(vec![endings::window_passed(matter.notice, self.changes())]);
        }
        if matter.notice.standing == NoticeStanding::OnRecord {
            return Ok(vec![endings::record_closed(matter, self.changes())]);
        }
        let mut events = vec![Event::from(NoticeExhausted {
            notice: id.clone(),
            why: Exhaustion::Window,
            deadlines: self.changes(),
        })];
        let ended = endings::ended_by(&events);
        events.extend(endings::settled(matter, false, &ended, &[]));
        Ok(events)
    }

    /// Again and again while a declaration waits for it, so that nobody waits without a date (C10).
    fn code_review_overdue(&self, id: &NoticeId) -> Result<Vec<Event>, Rejection> {
        let matter = self.at.notice(id)?;
        let mut changes = self.changes();
        if matter.notice.rectification.stage == RectificationStage::ReviewPending {
            let mut dates = matter.dates()?;
            let period = dates.clause().params.code_review;
            let purpose = DeadlinePurpose::CodeReview { notice: id.clone() };
            let from = self.at.context.now;
            changes
                .set
                .push(dates.after(from, period, "code_review", purpose));
        }
        Ok(vec![Event::from(CodeReviewOverdue {
            notice: id.clone(),
            deadlines: changes,
        })])
    }

    fn verification_overdue(&self, id: &NoticeId) -> Result<Vec<Event>, Rejection> {
        self.verification_escalates(id, self.reached.due)
    }

    fn verification_escalates(
        &self,
        id: &NoticeId,
        from: Instant,
    ) -> Result<Vec<Event>, Rejection> {
        let matter = self.at.notice(id)?;
        let mut dates = matter.dates()?;
        let mut changes = self.changes();
        let params = &dates.clause().params;
        let period = params.verification_second;
        let consequence = match params.verification_breach {
            VerificationBreach::Stay | VerificationBreach::DeemedConfirmed => {
                OverdueConsequence::Stayed
            }
            VerificationBreach::Escalate => OverdueConsequence::Escalated,
        };
        let purpose = DeadlinePurpose::SecondVerification { notice: id.clone() };
        changes
            .set
            .push(dates.after(from, period, "verification_second", purpose));
        let mut events = vec![Event::from(VerificationOverdue {
            notice: id.clone(),
            consequence,
            deadlines: changes,
        })];
        if consequence == OverdueConsequence::Stayed {
            events.extend(stay(matter));
        }
        Ok(events)
    }

    fn verification_overdue_again(&self, id: &NoticeId) -> Result<Vec<Event>, Rejection> {
        let matter = self.at.notice(id)?;
        // What the platform's own lateness costs is said by the rulebook of the notice.
        match matter.dates()?.clause().params.verification_breach {
            // Again and again, so that nobody waits without a date (C10).
            VerificationBreach::Escalate | VerificationBreach::Stay => {
                self.verification_escalates(id, self.at.context.now)
            }
            VerificationBreach::DeemedConfirmed => {
                let mut changes = self.changes();
                let cure = matter.running_cure().map(|cure| cure.id.clone());
                changes.cleared.extend(cure);
                if endings::can_be_appealed(matter.notice) {
                    changes.set.extend(matter.dates()?.resumed_window(matter));
                }
                let ended: Vec<_> = changes.ended().cloned().collect();
                let mut events = vec![Event::from(RectificationDeemedConfirmed {
                    notice: id.clone(),
                    deadlines: changes,
                })];
                events.extend(endings::confirmed(matter, &ended));
                Ok(events)
            }
        }
    }

    fn review_overdue(&self, id: &AppealId) -> Result<Vec<Event>, Rejection> {
        let appeal = self.at.appeal(id)?;
        let matter = self.at.notice(&appeal.notice)?;
        let Matter { case, notice, .. } = matter;
        let mut dates = matter.dates()?;
        let mut changes = self.changes();
        changes.cleared = endings::open_for(case, endings::of_appeal(appeal));
        changes.cleared.retain(|it| *it != self.reached.id);
        let consequence = match dates.clause().params.review_breach {
            ReviewBreach::Escalate => OverdueConsequence::Escalated,
            ReviewBreach::Stay => OverdueConsequence::Stayed,
            ReviewBreach::DeemedGranted => OverdueConsequence::DeemedGranted,
        };
        // Whoever rules late is still to rule, and escalates again until then.
        if consequence != OverdueConsequence::DeemedGranted {
            let period = dates.clause().params.review_escalation;
            let purpose = DeadlinePurpose::Escalation { appeal: id.clone() };
            changes
                .set
                .push(dates.after(self.reached.due, period, "review_escalation", purpose));
        }
        let mut events = vec![Event::from(AppealOverdue {
            appeal: id.clone(),
            notice: notice.id.clone(),
            consequence,
            deadlines: changes,
        })];
        match consequence {
            OverdueConsequence::Escalated => {}
            OverdueConsequence::Stayed => events.extend(stay(matter)),
            OverdueConsequence::DeemedGranted => {
                events.extend(endings::lift(
                    matter,
                    LiftCause::DeemedGranted,
                    case.active_measures(&notice.id),
                ));
                events.push(endings::close(matter, Closure::DeemedGranted, &[]));
            }
        }
        Ok(events)
    }

    /// It escalates again and again, so that nobody waits without a date (C10).
    fn still_overdue(&self, id: &AppealId) -> Result<Vec<Event>, Rejection> {
        let appeal = self.at.appeal(id)?;
        let mut dates = self.at.notice(&appeal.notice)?.dates()?;
        let mut changes = self.changes();
        let period = dates.clause().params.review_escalation;
        let purpose = DeadlinePurpose::Escalation { appeal: id.clone() };
        // After a time in which nothing fired there is one, and not all that were missed.
        let from = self.at.context.now;
        changes
            .set
            .push(dates.after(from, period, "review_escalation", purpose));
        Ok(vec![Event::from(AppealEscalated {
            appeal: id.clone(),
            deadlines: changes,
        })])
    }

    fn claim_lapsed(&self, id: &AppealId) -> Event {
        Event::from(AppealUnclaimed {
            appeal: id.clone(),
            command: None,
            deadlines: self.changes(),
        })
    }

    /// A measure that an overdue review or verification stays does not restrict from its start either.
    fn measure_starts(&self, id: &MeasureId) -> Vec<Event> {
        let mut events = vec![Event::from(MeasureStarted {
            measure: id.clone(),
            deadlines: self.changes(),
        })];
        let case = self.at.case;
        let stays =
            |notice: &&Notice| notice.rectification.stays_measures || stayed_by_appeal(case);
        events.extend(case.live_notice().filter(stays).map(|notice| {
            Event::from(MeasuresStayed {
                notice: notice.id.clone(),
                measures: vec![id.clone()],
            })
        }));
        events
    }

    fn measure_ends(&self, id: &MeasureId) -> Vec<Event> {
        let InCase { world, case, .. } = self.at;
        let capability = case
            .measures
            .iter()
            .filter(|imposed| imposed.measure.id == *id)
            .map(|imposed| &imposed.measure.restriction.capability);
        let (still_restricted_by, still_restricted_by_more) = world
            .account
            .restrictions
            .still_restricted(&case.case, capability);
        // One that has ended never starts, whichever of the two instants is reached first.
        let start = DeadlinePurpose::MeasureStart {
            measure: id.clone(),
        };
        let mut deadlines = self.changes();
        deadlines.cleared = endings::open_for(case, |purpose| *purpose == start);
        let mut events = vec![Event::from(MeasureExpired {
            measure: id.clone(),
            still_restricted_by,
            still_restricted_by_more,
            deadlines,
        })];
        // With no measure left a notice that is put right is over, and one that can be appealed no more; an appeal goes on,
        // since the record still matters (rule 9).
        if case.open_appeal().is_none() {
            let live = case
                .live_notice()
                .and_then(|it| self.at.notice(&it.id).ok());
            events.extend(live.and_then(|matter| {
                let can_be_appealed = endings::can_be_appealed(matter.notice);
                endings::settled(matter, can_be_appealed, &[], &[id])
            }));
        }
        events
    }
}

/// A threatened measure as it is imposed; `None` where it is for nothing that stands (rule 8), or nothing is left of it.
fn imposed(
    matter: Matter<'_>,
    dates: &Dates<'_>,
    threatened: &ThreatenedMeasure,
    step: u32,
    starts_at: Instant,
) -> Option<Measure> {
    let Matter { case, notice, .. } = matter;
    if !notice.stands_for(&threatened.findings) {
        return None;
    }
    // What the ladder gives now, and at most what was threatened (rule 18).
    let restriction = ladder_step::lowered(dates.clause(), step, &threatened.restriction)?;
    // It lasts no longer than the step allows, whatever holidays draw it out, and less the time that the notice before the
    // warning has restricted the same (rule 10).
    let longest = dates.longest_end(step, &restriction, starts_at);
    let served = case.served(&notice.lineage, &restriction.capability, starts_at);
    let longest = longest.map(|longest| longest.plus_seconds(-served));
    let end = threatened.lasts.map(|lasts| dates.end_of(starts_at, lasts));
    let ends_at = end.into_iter().chain(longest).min();
    ends_at.is_none_or(|end| end > starts_at).then(|| Measure {
        id: threatened.id.clone(),
        findings: threatened.findings.clone(),
        restriction,
        starts_at,
        ends_at,
    })
}

/// What is in force waits for the ruling; `None` where nothing is.
fn stay(Matter { case, notice, .. }: Matter<'_>) -> Option<Event> {
    let measures: Vec<_> = case
        .active_measures(&notice.id)
        .filter(|imposed| imposed.standing == MeasureStanding::InForce)
        .map(|imposed| imposed.measure.id.clone())
        .collect();
    (!measures.is_empty()).then(|| {
        Event::from(MeasuresStayed {
            notice: notice.id.clone(),
            measures,
        })
    })
}

/// Computes a due date again on a newer version of its calendar. A party's date never moves earlier.
pub(super) fn revise(at: InCase<'_>, command: &ReviseDeadline) -> Result<Vec<Event>, Rejection> {
    let InCase { world, case, .. } = at;
    let old = open(case, &command.deadline)?;
    let nothing = || Rejection::NothingToRevise {
        deadline: old.id.clone(),
    };
    let period = old.period.filter(|_| old.moves_with_its_calendar());
    let period = period.ok_or_else(nothing)?;
    let calendar = world
        .books
        .calendar(&old.calendar)
        .filter(|calendar| calendar.version() > old.calendar_version)
        .ok_or_else(nothing)?;
    let counted = calendar.due(old.from, period);
    let mut revised = old.clone();
    revised.id = events_schema::DeadlineId::nth(case.deadlines_ever + 1);
    revised.calendar_version = calendar.version();
    // What was certain stays so, whatever the newer version covers.
    revised.provisional = old.provisional && counted.provisional;
    revised.due = counted.at.max(old.not_before.unwrap_or(counted.at));
    // A newer calendar never takes time from the party (rule 12).
    if old.purpose.is_the_partys() {
        revised.due = revised.due.max(old.due);
    }
    if revised.due == old.due && revised.provisional == old.provisional {
        return Err(nothing());
    }
    Ok(vec![Event::from(DeadlineRevised {
        deadline: old.id.clone(),
        deadlines: DeadlineChanges {
            set: vec![revised],
            revised: Some(old.id.clone()),
            ..DeadlineChanges::default()
        },
    })])
}

fn open<'a>(
    case: &'a CaseState,
    id: &events_schema::DeadlineId,
) -> Result<&'a Deadline, Rejection> {
    case.deadline(id).ok_or_else(|| Rejection::DeadlineNotOpen {
        deadline: id.clone(),
    })
}

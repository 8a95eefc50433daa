//! An independent witness of rule 14: it keeps its own books from the events alone and never asks the
//! rules what they think.

use std::collections::{BTreeMap, BTreeSet};

use events_schema::{
    AccountId, Actor, AppealEvent, AppealId, CaseEvent, CaseId, Deadline, DeadlineId,
    DeadlinePurpose, Event, Finding, FindingAnswer, FindingId, Instant, Label, Measure,
    MeasureEvent, MeasureId, NoticeEvent, NoticeId, NoticeStanding, PenaltyImposed, PrincipalId,
    RectificationEvent, Role, RulingOutcome, Sha256, StepAnswer, StepId, Violation,
};
use test_support::{Happened, TestWorld};

/// What the witness knows.
#[derive(Debug, Default)]
pub(crate) struct Auditor {
    cases: BTreeMap<CaseId, Matter>,
    /// Fingerprints that may not be penalised any more, per account.
    seals: BTreeMap<AccountId, BTreeSet<Fingerprint>>,
}

/// Clause, place and content.
type Fingerprint = (Label, Label, Option<Sha256>);

/// A case as the witness sees it.
#[derive(Debug)]
struct Matter {
    account: AccountId,
    notices: BTreeMap<NoticeId, Seen>,
    appeals: BTreeMap<AppealId, NoticeId>,
    open_appeals: BTreeSet<AppealId>,
    /// Those that a lapse carried from a warning.
    carried: BTreeSet<AppealId>,
    measures: BTreeMap<MeasureId, Taken>,
    open_deadlines: BTreeMap<DeadlineId, Deadline>,
    ended_deadlines: BTreeSet<DeadlineId>,
    ruled: Vec<PrincipalId>,
}

/// A notice as the witness sees it.
#[derive(Debug, Clone)]
struct Seen {
    issuer: PrincipalId,
    live: bool,
    cap: u32,
    used: u32,
    withdrawals: u32,
    clause: Label,
    /// Those that no ruling has found unfounded or rectified.
    findings: Vec<Finding>,
    /// Steps that a ruling struck.
    struck: BTreeSet<StepId>,
    threatened: BTreeMap<MeasureId, Vec<FindingId>>,
    cure_due: Option<Instant>,
    /// The latest end of its cure period that a reviewer gave.
    given: Option<Instant>,
    is_warning: bool,
    lapsed_from: bool,
    /// Then what it threatens may have been served before.
    succeeds: Option<NoticeId>,
}

/// A measure as the witness sees it.
#[derive(Debug)]
struct Taken {
    notice: NoticeId,
    measure: Measure,
    phase: Phase,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Phase {
    Scheduled,
    Restricting,
    Stayed,
    Over,
}

impl Auditor {
    /// Takes in the next event and says what it breaks.
    pub(crate) fn witness(&mut self, happened: &Happened) -> Result<(), String> {
        let Happened {
            case,
            actor,
            received,
            event,
            ..
        } = happened;
        let Some(case) = case else { return Ok(()) };
        if let Some((account, violation)) = issued(event) {
            let matter = self
                .cases
                .entry(case.clone())
                .or_insert_with(|| Matter::new(account.clone()));
            ensure(matter.account == *account, "a case changed its account")?;
            let sealed = self.seals.entry(account.clone()).or_default();
            for finding in &violation.findings {
                let clause = &violation.rule.clause;
                ensure(
                    !sealed.contains(&fingerprint(clause, finding)),
                    "a notice names a sealed fingerprint",
                )?;
            }
        }
        let Some(matter) = self.cases.get_mut(case) else {
            return Err("an event of a case that has no notice".to_owned());
        };
        let sealed = self.seals.entry(matter.account.clone()).or_default();
        if let Event::Case(CaseEvent::Notice(NoticeEvent::PenaltyImposed(imposed))) = event {
            matter.check_lapse(imposed, sealed)?;
        }
        matter.deadlines(event, actor, *received)?;
        matter.notices(event, actor)?;
        matter.appeals(event, actor)?;
        matter.steps(event)?;
        matter.measures(event, *received)?;
        if let Event::Case(CaseEvent::Notice(NoticeEvent::FindingsSealed(it))) = event {
            // One that names no content may be about other facts than the next.
            let named = it.seals.iter().filter(|seal| seal.content_digest.is_some());
            let of = |seal: &events_schema::Seal| {
                (
                    seal.clause.clone(),
                    seal.location.clone(),
                    seal.content_digest,
                )
            };
            sealed.extend(named.map(of));
        }
        Ok(())
    }

    /// Compares what the rules' own state says with the books, once a command is done.
    pub(crate) fn compare(&self, world: &TestWorld) -> Result<(), String> {
        for (id, matter) in &self.cases {
            let state = world
                .cases()
                .find(|it| it.case == *id)
                .ok_or("a case was lost")?;
            let standing = enforcement_rules::standing(state).ok_or("a case has no notice")?;
            let restricting: BTreeSet<_> = matter.restricting().cloned().collect();
            let in_force: BTreeSet<_> = standing.measures_in_force.iter().cloned().collect();
            ensure(
                restricting == in_force,
                "other measures restrict than were taken",
            )?;
            let open: BTreeSet<_> = standing.deadlines.iter().map(|it| it.id.clone()).collect();
            let known: BTreeSet<_> = matter.open_deadlines.keys().cloned().collect();
            ensure(open == known, "other deadlines are open than were set")?;
            ensure(
                standing.open_appeal.as_ref() == matter.open_appeals.first(),
                "another appeal is open than was filed",
            )?;
            let live: Vec<_> = matter.notices.iter().filter(|(_, it)| it.live).collect();
            ensure(live.len() <= 1, "two notices are live")?;
            let next = enforcement_rules::next_steps(state);
            if let Some((id, seen)) = live.first() {
                ensure(**id == standing.notice, "an older notice is live")?;
                ensure(!next.is_empty(), "an open state is a dead end")?;
                ensure(
                    seen.used == standing.attempts_used,
                    "attempts are miscounted",
                )?;
                let stands = |it: &&FindingId| seen.findings.iter().any(|of| of.id == **it);
                let outlives = |it: &Taken| {
                    it.notice == **id
                        && it.phase != Phase::Over
                        && it.measure.findings.iter().find(stands).is_none()
                };
                ensure(
                    !matter.measures.values().any(outlives),
                    "a measure outlives what it is for",
                )?;
            } else {
                ensure(next.is_empty(), "a closed case offers a step")?;
                ensure(
                    matter.open_appeals.is_empty(),
                    "a closed case has an open appeal",
                )?;
                ensure(restricting.is_empty(), "a closed case restricts")?;
                ensure(matter.open_deadlines.is_empty(), "a closed case waits")?;
            }
            for deadline in matter.open_deadlines.values() {
                ensure(
                    waits_for_calendar(deadline) || deadline.due > world.clock(),
                    &format!("{} has not fired", deadline.id),
                )?;
            }
            matter.check_held(state, world.clock())?;
        }
        Ok(())
    }
}

impl Matter {
    const fn new(account: AccountId) -> Self {
        Self {
            account,
            notices: BTreeMap::new(),
            appeals: BTreeMap::new(),
            open_appeals: BTreeSet::new(),
            carried: BTreeSet::new(),
            measures: BTreeMap::new(),
            open_deadlines: BTreeMap::new(),
            ended_deadlines: BTreeSet::new(),
            ruled: Vec::new(),
        }
    }

    fn restricting(&self) -> impl Iterator<Item = &MeasureId> {
        let taken = self.measures.iter();
        taken
            .filter(|(_, it)| it.phase == Phase::Restricting)
            .map(|(id, _)| id)
    }

    /// A warning without a cure period that runs, or a penalty without a window, must be waiting for
    /// somebody, or it would never end.
    fn check_held(&self, state: &enforcement_rules::CaseState, now: Instant) -> Result<(), String> {
        let Some(notice) = state.live_notice() else {
            return Ok(());
        };
        if notice.standing == NoticeStanding::Penalised {
            let window = |it: &Deadline| matches!(it.purpose, DeadlinePurpose::Window { .. });
            let waits =
                !self.open_appeals.is_empty() || notice.rectification.stage.is_with_the_platform();
            return ensure(
                waits || self.open_deadlines.values().any(window),
                "the appeal entry of a penalty has no end",
            );
        }
        if notice.standing != NoticeStanding::Warned {
            return Ok(());
        }
        let cure = |it: &&Deadline| matches!(it.purpose, DeadlinePurpose::Cure { .. });
        let runs = self.open_deadlines.values().find(cure);
        let waits = !self.open_appeals.is_empty() || notice.rectification.still.holds;
        ensure(
            runs.is_some() || waits,
            &format!("at {now} a warning neither lapses nor waits"),
        )
    }

    /// What a lapse imposes was threatened, is not sealed, and is dated at the deadline.
    fn check_lapse(
        &self,
        imposed: &PenaltyImposed,
        sealed: &BTreeSet<Fingerprint>,
    ) -> Result<(), String> {
        let seen = self
            .notices
            .get(&imposed.warning)
            .ok_or("an unknown warning lapsed")?;
        let measures = &imposed.measures;
        let stands =
            |findings: &[FindingId]| seen.findings.iter().any(|it| findings.contains(&it.id));
        ensure(
            !measures.is_empty()
                || seen.succeeds.is_some()
                || !seen.threatened.values().any(|it| stands(it)),
            "a penalty restricts nothing",
        )?;
        ensure(
            measures.iter().all(|it| stands(&it.findings)),
            "a measure of a penalty is for nothing that stands",
        )?;
        let mut prints = seen.findings.iter().map(|it| fingerprint(&seen.clause, it));
        ensure(
            !prints.any(|print| sealed.contains(&print)),
            "a penalty is about a sealed finding",
        )?;
        for measure in measures {
            let findings = seen.threatened.get(&measure.id);
            ensure(
                findings == Some(&measure.findings),
                "a measure was not threatened so",
            )?;
            // The first two steps of the ladder of clause 4.2 allow seven days, whatever holidays fall into them.
            let longest = measure.starts_at.plus_seconds(7 * 86_400);
            let unlimited = seen.clause.as_str() != "4.2" || imposed.strike.step > 2;
            ensure(
                unlimited || measure.ends_at.is_some_and(|end| end <= longest),
                "a measure lasts longer than its step of the ladder allows",
            )?;
            ensure(
                Some(measure.starts_at) == seen.cure_due,
                "a measure is not dated at the end of the cure period",
            )?;
        }
        Ok(())
    }

    fn deadlines(&mut self, event: &Event, actor: &Actor, received: Instant) -> Result<(), String> {
        let Some(changes) = event.deadlines() else {
            return Ok(());
        };
        for ended in changes.ended() {
            let deadline = self
                .open_deadlines
                .remove(ended)
                .ok_or_else(|| format!("{ended} ends and is not open"))?;
            ensure(
                self.ended_deadlines.insert(ended.clone()),
                "a deadline ends twice",
            )?;
            if changes.fired.as_ref() == Some(ended) {
                ensure(deadline.due <= received, "a deadline fired early")?;
                ensure(
                    !waits_for_calendar(&deadline),
                    "the party's time ended on a provisional date",
                )?;
            }
            if changes.cleared.contains(ended) && actor.role != Role::Service {
                let passed = deadline.due <= received && !waits_for_calendar(&deadline);
                ensure(!passed, "a command overtook a deadline that had passed")?;
            }
            if changes.revised.as_ref() == Some(ended) && deadline.purpose.is_the_partys() {
                let new = changes.set.first().ok_or("a revision sets no deadline")?;
                ensure(new.due >= deadline.due, "a party's date moved earlier")?;
            }
        }
        for deadline in &changes.set {
            ensure(
                !self.ended_deadlines.contains(&deadline.id),
                "the id of a deadline is used again",
            )?;
            let same = |it: &Deadline| it.purpose == deadline.purpose;
            ensure(
                !self.open_deadlines.values().any(same),
                &format!("two deadlines for {:?}", deadline.purpose),
            )?;
            if let DeadlinePurpose::Cure { notice } = &deadline.purpose
                && let Some(seen) = self.notices.get_mut(notice)
            {
                seen.cure_due = Some(deadline.due);
            }
            let id = deadline.id.clone();
            let before = self.open_deadlines.insert(id, deadline.clone());
            ensure(before.is_none(), "a deadline is set twice")?;
        }
        Ok(())
    }

    fn notices(&mut self, event: &Event, actor: &Actor) -> Result<(), String> {
        let cure = |changes: &events_schema::DeadlineChanges| {
            let mut set = changes.set.iter();
            let cure = set.find(|it| matches!(it.purpose, DeadlinePurpose::Cure { .. }));
            cure.map(|it| it.due)
        };
        if let Event::Case(CaseEvent::Notice(NoticeEvent::WarningIssued(issued))) = event {
            let command = &issued.command;
            let mut seen = Seen::new(actor, &command.violation, &issued.terms);
            seen.cure_due = cure(&issued.deadlines);
            seen.is_warning = true;
            self.inherit(&mut seen, &issued.terms)?;
            self.carry(
                &issued.terms,
                issued.takes_over.as_ref().and_then(|it| it.appeal.as_ref()),
                &command.notice,
            )?;
            let threatened = command.threatened_measures.iter();
            seen.threatened = threatened
                .map(|it| (it.id.clone(), it.findings.clone()))
                .collect();
            return self.begin(&command.notice, seen);
        }
        if let Event::Case(CaseEvent::Notice(NoticeEvent::PenaltyIssued(issued))) = event {
            let command = &issued.command;
            let mut seen = Seen::new(actor, &command.violation, &issued.terms);
            let predecessor = self.inherit(&mut seen, &issued.terms)?;
            ensure(
                command.emergency.is_some() || !predecessor.is_some_and(|it| it.is_warning),
                "a penalty took the place of a warning",
            )?;
            self.carry(
                &issued.terms,
                issued.takes_over.as_ref().and_then(|it| it.appeal.as_ref()),
                &command.notice,
            )?;
            return self.begin(&command.notice, seen);
        }
        if let Event::Case(CaseEvent::Notice(NoticeEvent::PenaltyImposed(imposed))) = event {
            let warning = self.notices.get_mut(&imposed.warning);
            let warning = warning.ok_or("an unknown warning lapsed")?;
            ensure(warning.live, "a warning that had ended lapsed")?;
            warning.live = false;
            ensure(
                warning.cure_due >= warning.given,
                "a warning lapsed before the end that a reviewer gave",
            )?;
            let mut seen = warning.clone();
            seen.live = true;
            seen.used = 0;
            seen.withdrawals = 0;
            seen.lapsed_from = true;
            seen.is_warning = false;
            let carried: BTreeSet<_> = imposed.carried_appeal.iter().cloned().collect();
            ensure(
                carried == self.open_appeals,
                "an open appeal was not carried",
            )?;
            for appeal in carried {
                self.carried.insert(appeal.clone());
                self.appeals.insert(appeal, imposed.notice.clone());
            }
            return self.begin(&imposed.notice, seen);
        }
        if let Event::Case(CaseEvent::Notice(NoticeEvent::NoticeClosed(closed))) = event {
            let seen = self
                .notices
                .get_mut(&closed.notice)
                .ok_or("closed, unknown")?;
            ensure(seen.live, "a notice ends twice")?;
            seen.live = false;
            let left = self.measures.values().any(|it| {
                it.notice == closed.notice && matches!(it.phase, Phase::Restricting | Phase::Stayed)
            });
            ensure(!left, "a closed notice left a measure")?;
        }
        Ok(())
    }

    /// What a successor has from the notice whose place it takes, which it gives.
    fn inherit(
        &self,
        seen: &mut Seen,
        terms: &events_schema::NoticeTerms,
    ) -> Result<Option<&Seen>, String> {
        let Some(predecessor) = &terms.succeeds else {
            return Ok(None);
        };
        let predecessor = self.notices.get(predecessor).ok_or("succeeds, unknown")?;
        seen.withdrawals = predecessor.withdrawals;
        seen.given = predecessor.given;
        let (used, withdrawn) = (terms.attempts_used, terms.appeals_withdrawn);
        ensure(
            (used, withdrawn) == (predecessor.used, predecessor.withdrawals),
            "a successor begins anew",
        )?;
        Ok(Some(predecessor))
    }

    /// An open appeal goes over to the notice that takes the place of its own.
    fn carry(
        &mut self,
        terms: &events_schema::NoticeTerms,
        carried: Option<&AppealId>,
        notice: &NoticeId,
    ) -> Result<(), String> {
        let open = self
            .open_appeals
            .first()
            .filter(|_| terms.succeeds.is_some());
        ensure(open == carried, "an open appeal did not go over")?;
        if let Some(appeal) = carried {
            self.appeals.insert(appeal.clone(), notice.clone());
        }
        Ok(())
    }

    fn begin(&mut self, id: &NoticeId, seen: Seen) -> Result<(), String> {
        let other = self.notices.values().any(|it| it.live);
        ensure(!other, "a notice begins while another is live")?;
        let before = self.notices.insert(id.clone(), seen);
        ensure(before.is_none(), "the id of a notice is used again")
    }

    fn appeals(&mut self, event: &Event, actor: &Actor) -> Result<(), String> {
        if let Event::Case(CaseEvent::Appeal(AppealEvent::AppealSubmitted(submitted))) = event {
            let command = &submitted.command;
            ensure(self.open_appeals.is_empty(), "two appeals are open")?;
            let seen = self
                .notices
                .get(&command.notice)
                .ok_or("appealed, unknown")?;
            ensure(seen.live, "an appeal against a notice that has ended")?;
            ensure(seen.used < seen.cap, "an appeal beyond the attempts")?;
            self.open_appeals.insert(command.appeal.clone());
            let notice = command.notice.clone();
            let before = self.appeals.insert(command.appeal.clone(), notice);
            ensure(before.is_none(), "the id of an appeal is used again")?;
        } else if let Event::Case(CaseEvent::Appeal(AppealEvent::AppealRuled(ruled))) = event {
            self.end(&ruled.command.appeal)?;
            ensure(actor.role == Role::Reviewer, "no human ruled")?;
            ensure(
                !self.ruled.contains(&actor.principal),
                "somebody ruled twice",
            )?;
            self.ruled.push(actor.principal.clone());
            let on = self.appeals.get(&ruled.command.appeal);
            ensure(on == Some(&ruled.notice), "a ruling on another notice")?;
            let carried = self.carried.contains(&ruled.command.appeal);
            let seen = self
                .notices
                .get_mut(&ruled.notice)
                .ok_or("ruled, unknown")?;
            ensure(seen.issuer != actor.principal, "the issuer ruled")?;
            match ruled.command.outcome {
                RulingOutcome::Granted | RulingOutcome::GrantedInPart => {
                    ensure(!ruled.counts, "a grant counts")?;
                }
                RulingOutcome::Refused => {
                    ensure(ruled.counts != carried, "a refusal is miscounted")?;
                }
            }
            seen.given = ruled.command.cure_due.max(seen.given);
            seen.count(ruled.counts)?;
            // What a ruling found unfounded or rectified is no finding any more.
            let fallen = |it: &Finding| {
                let mut answers = ruled.command.findings.iter();
                answers.any(|answer| answer.id == it.id && answer.ruling != FindingAnswer::Upheld)
            };
            seen.findings.retain(|it| !fallen(it));
            let steps = ruled.command.steps.iter();
            let struck = steps.filter(|it| it.ruling == StepAnswer::Strike);
            seen.struck.extend(struck.map(|it| it.id.clone()));
        } else if let Event::Case(CaseEvent::Appeal(AppealEvent::AppealWithdrawn(withdrawn))) =
            event
        {
            self.end(&withdrawn.command.appeal)?;
            let seen = self.notices.get_mut(&withdrawn.notice).ok_or("unknown")?;
            let carried = self.carried.contains(&withdrawn.command.appeal);
            let counts = !carried && seen.withdrawals > 0;
            ensure(withdrawn.counts == counts, "a withdrawal is miscounted")?;
            seen.withdrawals += u32::from(!carried);
            seen.count(counts)?;
        } else if let Event::Case(CaseEvent::Appeal(AppealEvent::AppealClosedWithoutRuling(
            closed,
        ))) = event
        {
            self.end(&closed.appeal)?;
        } else if let Event::Case(CaseEvent::Appeal(AppealEvent::AppealOverdue(overdue))) = event
            && overdue.consequence == events_schema::OverdueConsequence::DeemedGranted
        {
            self.end(&overdue.appeal)?;
        }
        Ok(())
    }

    /// What a ruling struck is asked for by nobody any more.
    fn steps(&self, event: &Event) -> Result<(), String> {
        let (notice, unmet) = match event {
            Event::Case(CaseEvent::Appeal(AppealEvent::AppealRuled(it))) => {
                (&it.notice, &it.unmet_steps)
            }
            Event::Case(CaseEvent::Rectification(RectificationEvent::CodeReviewRecorded(it))) => {
                (&it.command.notice, &it.reopened)
            }
            Event::Case(CaseEvent::Rectification(RectificationEvent::RectificationVerified(
                it,
            ))) => (&it.command.notice, &it.command.unmet_steps),
            _ => return Ok(()),
        };
        let seen = self.notices.get(notice).ok_or("unknown")?;
        ensure(
            !unmet.iter().any(|step| seen.struck.contains(step)),
            "a struck step is asked for again",
        )
    }

    fn end(&mut self, appeal: &AppealId) -> Result<(), String> {
        ensure(
            self.open_appeals.remove(appeal),
            "an appeal ends that is not open",
        )
    }

    fn measures(&mut self, event: &Event, received: Instant) -> Result<(), String> {
        if let Event::Case(CaseEvent::Notice(NoticeEvent::PenaltyIssued(issued))) = event {
            self.take(&issued.command.notice, &issued.measures, received)?;
        } else if let Event::Case(CaseEvent::Notice(NoticeEvent::PenaltyImposed(imposed))) = event {
            self.take(&imposed.notice, &imposed.measures, received)?;
        } else if let Event::Case(CaseEvent::Notice(NoticeEvent::PenaltyLowered(lowered))) = event {
            let milder: Vec<_> = lowered
                .measures
                .iter()
                .map(|it| it.measure.clone())
                .collect();
            let replaced = lowered.measures.iter().map(|it| &it.replaces);
            for replaced in replaced {
                let over = self
                    .measures
                    .get(replaced)
                    .is_some_and(|it| it.phase == Phase::Over);
                ensure(over, "a measure is replaced that still restricts")?;
            }
            self.take(&lowered.notice, &milder, received)?;
        } else if let Event::Case(CaseEvent::Measure(MeasureEvent::MeasureStarted(started))) = event
        {
            self.pass(&started.measure, &[Phase::Scheduled], Phase::Restricting)?;
        } else if let Event::Case(CaseEvent::Measure(MeasureEvent::MeasureExpired(expired))) = event
        {
            let from = [Phase::Scheduled, Phase::Restricting, Phase::Stayed];
            self.pass(&expired.measure, &from, Phase::Over)?;
        } else if let Event::Case(CaseEvent::Measure(MeasureEvent::MeasuresStayed(stayed))) = event
        {
            for id in &stayed.measures {
                self.pass(id, &[Phase::Restricting], Phase::Stayed)?;
            }
        } else if let Event::Case(CaseEvent::Measure(MeasureEvent::MeasuresResumed(resumed))) =
            event
        {
            for id in &resumed.measures {
                self.pass(id, &[Phase::Stayed], Phase::Restricting)?;
                let ended = self
                    .measures
                    .get(id)
                    .and_then(|it| it.measure.ends_at)
                    .is_some_and(|end| end <= received);
                ensure(!ended, "a measure is revived after its end")?;
            }
        } else if let Event::Case(CaseEvent::Measure(MeasureEvent::MeasuresLifted(lifted))) = event
        {
            for id in &lifted.restored {
                self.pass(id, &[Phase::Restricting, Phase::Stayed], Phase::Over)?;
            }
            for id in &lifted.cancelled {
                self.pass(id, &[Phase::Scheduled], Phase::Over)?;
            }
        }
        Ok(())
    }

    fn take(
        &mut self,
        notice: &NoticeId,
        measures: &[Measure],
        received: Instant,
    ) -> Result<(), String> {
        for measure in measures {
            let taken = Taken {
                notice: notice.clone(),
                measure: measure.clone(),
                phase: if measure.starts_at > received {
                    Phase::Scheduled
                } else {
                    Phase::Restricting
                },
            };
            let before = self.measures.insert(measure.id.clone(), taken);
            ensure(before.is_none(), "a measure is taken twice")?;
        }
        Ok(())
    }

    fn pass(&mut self, id: &MeasureId, from: &[Phase], to: Phase) -> Result<(), String> {
        let taken = self
            .measures
            .get_mut(id)
            .ok_or("a measure that was never taken")?;
        if !from.contains(&taken.phase) {
            return Err(format!(
                "measure {id} goes from {:?} to {to:?}",
                taken.phase
            ));
        }
        taken.phase = to;
        let live = self.notices.get(&taken.notice).is_some_and(|it| it.live);
        ensure(live, "a measure changes after its notice ended")
    }
}

impl Seen {
    fn new(actor: &Actor, violation: &Violation, terms: &events_schema::NoticeTerms) -> Self {
        Self {
            issuer: actor.principal.clone(),
            live: true,
            cap: terms.attempt_cap,
            used: terms.attempts_used,
            withdrawals: 0,
            clause: violation.rule.clause.clone(),
            findings: violation.findings.clone(),
            struck: BTreeSet::new(),
            threatened: BTreeMap::new(),
            cure_due: None,
            given: None,
            is_warning: false,
            lapsed_from: false,
            succeeds: terms.succeeds.clone(),
        }
    }

    fn count(&mut self, counts: bool) -> Result<(), String> {
        self.used += u32::from(counts);
        ensure(self.used <= self.cap, "more attempts are used than allowed")
    }
}

/// The party's own time ends on no date that may still move.
const fn waits_for_calendar(deadline: &Deadline) -> bool {
    let of_the_party = matches!(
        deadline.purpose,
        DeadlinePurpose::Cure { .. } | DeadlinePurpose::Window { .. }
    );
    deadline.provisional && of_the_party
}

pub(crate) fn issued(event: &Event) -> Option<(&AccountId, &Violation)> {
    if let Event::Case(CaseEvent::Notice(NoticeEvent::WarningIssued(issued))) = event {
        Some((&issued.command.account, &issued.command.violation))
    } else if let Event::Case(CaseEvent::Notice(NoticeEvent::PenaltyIssued(issued))) = event {
        Some((&issued.command.account, &issued.command.violation))
    } else {
        None
    }
}

fn fingerprint(clause: &Label, finding: &Finding) -> Fingerprint {
    (
        clause.clone(),
        finding.location.clone(),
        finding.content_digest,
    )
}

fn ensure(holds: bool, broken: &str) -> Result<(), String> {
    if holds {
        Ok(())
    } else {
        Err(broken.to_owned())
    }
}

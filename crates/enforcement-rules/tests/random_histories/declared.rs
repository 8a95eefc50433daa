//! Rules 4 and 5 from the events alone: the newest complete declaration is what counts, and what holds a warning holds it
//! until it is answered.

use std::collections::{BTreeMap, BTreeSet};

use events_schema::{
    AppealEvent, CaseEvent, CaseId, DeadlinePurpose, Declaration, DeclaredRelease, Event,
    NoticeEvent, NoticeId, RectificationEvent, RectificationStage, Release, StepId, TakenOver,
};
use test_support::Happened;

/// The rulebook of these histories says nothing of it, so these are the defaults.
const HOLD_AT_MOST: u32 = 3;
const LEAST_AT_MOST: u32 = 2;

/// What was declared.
#[derive(Debug, Default)]
pub(crate) struct Declared {
    notices: BTreeMap<(CaseId, NoticeId), Seen>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Warning,
    Penalty,
}

/// The declarations of a notice.
#[derive(Debug, Clone, Default)]
struct Seen {
    kind: Option<Kind>,
    last: u32,
    /// The newest complete one, until it is answered.
    waits: Option<u32>,
    holds: bool,
    held: u32,
    leasts: u32,
    /// The release declared last; a declaration in parts may name it in any of them.
    release: Option<Release>,
    in_parts: bool,
    /// Which steps each declaration answered; one that came with an appeal answers all that were left, and is not here.
    steps: BTreeMap<u32, BTreeSet<StepId>>,
    verified: BTreeSet<StepId>,
}

impl Declared {
    /// Takes in the next event and says what it breaks.
    pub(crate) fn witness(&mut self, happened: &Happened) -> Result<(), String> {
        let (Some(case), Event::Case(event)) = (&happened.case, &happened.event) else {
            return Ok(());
        };
        match event {
            CaseEvent::Notice(NoticeEvent::PenaltyImposed(it)) => {
                let warning = self.of(case, &it.warning);
                ensure(
                    !(warning.holds && warning.waits.is_some()),
                    "a warning lapsed over a declaration that holds it",
                )?;
                let penalty = Seen {
                    kind: Some(Kind::Penalty),
                    holds: false,
                    held: 0,
                    leasts: 0,
                    ..warning.clone()
                };
                self.notices
                    .insert((case.clone(), it.notice.clone()), penalty);
            }
            CaseEvent::Rectification(event) => self.rectification(case, event)?,
            CaseEvent::Appeal(AppealEvent::AppealSubmitted(it)) => {
                if let Some(declaration) = it.declares {
                    let seen = self.of(case, &it.command.notice);
                    seen.declare(declaration, RectificationStage::Unverified)?;
                    seen.release = Some(it.command.release.clone());
                }
            }
            CaseEvent::Appeal(AppealEvent::AppealAmended(it)) => {
                if let Some(declaration) = it.declares {
                    let seen = self.of(case, &it.notice);
                    seen.declare(declaration, RectificationStage::Unverified)?;
                    seen.release.clone_from(&it.command.release);
                }
            }
            CaseEvent::Appeal(AppealEvent::AppealRuled(it)) => {
                let seen = self.of(case, &it.notice);
                if let Some(declaration) = it.completes {
                    seen.last -= 1;
                    seen.declare(declaration, it.rectification)?;
                }
                seen.open_again(&it.reopened)?;
                seen.answer(it.rectification, false)?;
            }
            CaseEvent::Appeal(AppealEvent::AppealWithdrawn(it)) => {
                self.of(case, &it.notice).answer(it.rectification, false)?;
            }
            CaseEvent::Notice(NoticeEvent::WarningIssued(it)) => {
                let new = (&it.command.notice, Kind::Warning);
                self.take_over(
                    case,
                    it.terms.succeeds.as_ref(),
                    new,
                    it.takes_over.as_ref(),
                )?;
            }
            CaseEvent::Notice(NoticeEvent::PenaltyIssued(it)) => {
                let new = (&it.command.notice, Kind::Penalty);
                self.take_over(
                    case,
                    it.terms.succeeds.as_ref(),
                    new,
                    it.takes_over.as_ref(),
                )?;
            }
            CaseEvent::Notice(_)
            | CaseEvent::Appeal(_)
            | CaseEvent::Measure(_)
            | CaseEvent::Deadline(_) => {}
        }
        self.deadlines(case, event)
    }

    fn rectification(&mut self, case: &CaseId, event: &RectificationEvent) -> Result<(), String> {
        match event {
            RectificationEvent::RectificationDeclared(it) => {
                let seen = self.of(case, &it.command.notice);
                seen.declare(it.declaration, it.next)?;
                let steps = it.command.steps.iter().map(|step| step.step.clone());
                seen.steps.insert(it.declaration.number, steps.collect());
                let named = it.command.release.as_ref().map(DeclaredRelease::release);
                let before = seen.release.take().filter(|_| seen.in_parts);
                seen.release = named.or(before);
                seen.in_parts = it.next == RectificationStage::Partial;
            }
            RectificationEvent::CodeReviewRecorded(it) => {
                let seen = self.of(case, &it.command.notice);
                let answered = it.declaration.and_then(|number| seen.steps.get(&number));
                let of_it = |step: &StepId| answered.is_none_or(|steps| steps.contains(step));
                ensure(
                    it.reopened.iter().all(of_it),
                    "a failed review opens a step of another declaration",
                )?;
                seen.open_again(&it.reopened)?;
                seen.answer(it.next, it.least)?;
            }
            RectificationEvent::RectificationVerified(it) => {
                let seen = self.of(case, &it.command.notice);
                ensure(
                    it.declaration == seen.last,
                    "an older declaration is verified",
                )?;
                if let (Some(newest), Some(looked_at)) = (&seen.release, &it.command.release) {
                    ensure(
                        newest.version == looked_at.version,
                        &format!(
                            "{} is verified, and {} was declared last",
                            looked_at.version, newest.version
                        ),
                    )?;
                }
                seen.open_again(&it.command.unmet_steps)?;
                seen.verified.extend(it.verified.iter().cloned());
                seen.answer(it.next, it.least)?;
            }
            RectificationEvent::RectificationDeemedConfirmed(it) => {
                self.of(case, &it.notice).waits = None;
            }
            RectificationEvent::CodeReviewOverdue(_)
            | RectificationEvent::VerificationOverdue(_) => {}
        }
        Ok(())
    }

    /// What was declared for the notice before is declared for its successor.
    fn take_over(
        &mut self,
        case: &CaseId,
        before: Option<&NoticeId>,
        (notice, kind): (&NoticeId, Kind),
        taken: Option<&TakenOver>,
    ) -> Result<(), String> {
        let mut seen = Seen::default();
        if let (Some(before), Some(taken)) = (before, taken) {
            let stage = taken.rectification;
            seen = self.of(case, before).clone();
            if seen.kind != Some(kind) {
                (seen.holds, seen.held, seen.leasts) = (false, 0, 0);
            }
            if let Some(declaration) = taken.completes {
                seen.last -= 1;
                seen.declare(declaration, stage)?;
            } else if stage.is_with_the_platform() && seen.waits.is_none() {
                // A step that was missing is not asked for any more.
                seen.waits = Some(seen.last);
            }
            seen.answer(stage, false)?;
        }
        seen.kind = Some(kind);
        self.notices.insert((case.clone(), notice.clone()), seen);
        Ok(())
    }

    fn of(&mut self, case: &CaseId, notice: &NoticeId) -> &mut Seen {
        let id = (case.clone(), notice.clone());
        self.notices.entry(id).or_default()
    }

    /// While a declaration holds, the time to rectify stands still.
    fn deadlines(&mut self, case: &CaseId, event: &CaseEvent) -> Result<(), String> {
        let Some(changes) = event.deadlines() else {
            return Ok(());
        };
        for deadline in &changes.set {
            if let DeadlinePurpose::Cure { notice } = &deadline.purpose {
                let seen = self.of(case, notice);
                ensure(
                    !(seen.holds && seen.waits.is_some()),
                    "the time to rectify goes on while the platform has a declaration that holds",
                )?;
            }
        }
        Ok(())
    }
}

impl Seen {
    fn declare(
        &mut self,
        declaration: Declaration,
        next: RectificationStage,
    ) -> Result<(), String> {
        let Declaration {
            number,
            supersedes,
            holds,
            held,
            ..
        } = declaration;
        ensure(number == self.last + 1, "declarations are misnumbered")?;
        self.last = number;
        if !next.is_with_the_platform() {
            return ensure(!holds, "a declaration in parts holds");
        }
        ensure(
            supersedes.is_none() || supersedes == self.waits,
            "a declaration takes the place of one that does not wait",
        )?;
        self.waits = Some(number);
        let again = supersedes.is_some() && self.holds;
        ensure(
            held == self.held + u32::from(holds) || again && held == self.held,
            "declarations that hold are miscounted",
        )?;
        self.held = held;
        self.holds = holds;
        ensure(held <= HOLD_AT_MOST, "too many declarations hold")
    }

    fn answer(&mut self, next: RectificationStage, least: bool) -> Result<(), String> {
        if !next.is_with_the_platform() {
            self.waits = None;
            self.holds = false;
            self.in_parts = next == RectificationStage::Partial;
        }
        self.leasts += u32::from(least);
        ensure(self.leasts <= LEAST_AT_MOST, "the least is given too often")
    }

    fn open_again(&self, steps: &[StepId]) -> Result<(), String> {
        let done = steps.iter().any(|step| self.verified.contains(step));
        ensure(!done, "a step that was found done is open again")
    }
}

fn ensure(holds: bool, broken: &str) -> Result<(), String> {
    if holds {
        Ok(())
    } else {
        Err(broken.to_owned())
    }
}

//! What a ruling answered, and whether its outcome is what the answers come to (rules 6, 8).

use events_schema::{
    Decide, FindingAnswer, FindingId, Measure, MeasureAnswer, MeasureId, Rejection,
    RulingContradiction, RulingOutcome, SealReason, StepAnswer, StepId,
};

use crate::case_state::{CaseState, Notice};

/// What was answered, finding by finding, and with it about steps and measures. What follows from a ruling follows from
/// this; the outcome that it names has to fit.
pub(super) struct Answers<'a> {
    pub(super) command: &'a Decide,
    notice: &'a Notice,
    /// Whether a finding stands.
    pub(super) upheld: bool,
    /// Whether one was put right.
    pub(super) rectified: bool,
    /// Whether one never was, or was no violation.
    unfounded: bool,
}

impl<'a> Answers<'a> {
    pub(super) fn of(command: &'a Decide, notice: &'a Notice) -> Self {
        let any = |is: fn(FindingAnswer) -> bool| command.findings.iter().any(|it| is(it.ruling));
        Self {
            command,
            notice,
            upheld: any(|answer| answer == FindingAnswer::Upheld),
            rectified: any(|answer| answer == FindingAnswer::Rectified),
            unfounded: any(|answer| SealReason::of(answer).is_some()),
        }
    }

    fn keeps_a_step(&self) -> bool {
        let mut steps = self.command.steps.iter();
        steps.any(|step| step.ruling == StepAnswer::Keep)
    }

    fn keeps_a_measure(&self) -> bool {
        let mut measures = self.command.measures.iter();
        measures.any(|measure| measure.ruling == MeasureAnswer::Keep)
    }

    fn upholds_one_of(&self, findings: &[FindingId]) -> bool {
        let mut answers = self.command.findings.iter();
        answers.any(|it| it.ruling == FindingAnswer::Upheld && findings.contains(&it.id))
    }

    /// Whether the reviewer lifts it. One of which no finding is upheld lifts by rule, whoever forgets it (rule 8).
    pub(super) fn lifts(&self, measure: &Measure) -> bool {
        !self.upholds_one_of(&measure.findings) || self.says_lifted(&measure.id)
    }

    fn says_lifted(&self, id: &MeasureId) -> bool {
        let mut measures = self.command.measures.iter();
        measures.any(|measure| measure.id == *id && measure.ruling == MeasureAnswer::Lift)
    }

    fn keeps_a_step_without_a_finding(&self) -> bool {
        let mut kept = self.unmet_steps().into_iter();
        kept.any(|id| {
            let step = self.notice.steps.iter().find(|step| step.id == id);
            step.is_some_and(|step| !self.upholds_one_of(&step.findings))
        })
    }

    /// Why a finding may not be penalised again.
    pub(super) fn seal_of(&self, id: &FindingId) -> Option<SealReason> {
        let mut findings = self.command.findings.iter();
        let answer = findings.find(|finding| finding.id == *id)?;
        SealReason::of(answer.ruling)
    }

    pub(super) fn unmet_steps(&self) -> Vec<StepId> {
        let steps = self.command.steps.iter();
        steps
            .filter(|step| step.ruling == StepAnswer::Keep)
            .map(|step| step.id.clone())
            .collect()
    }

    fn lifts_what_is_upheld(&self, case: &CaseState) -> bool {
        case.active_measures(&self.notice.id)
            .map(|imposed| &imposed.measure)
            .any(|it| self.says_lifted(&it.id) && self.upholds_one_of(&it.findings))
    }

    /// The outcome is what the answers come to.
    pub(super) fn check_outcome(&self, case: &CaseState) -> Result<(), Rejection> {
        use RulingContradiction as Problem;

        let notice = self.notice;
        let kept_step = self.keeps_a_step();
        let problem = match self.command.outcome {
            // A grant leaves nothing standing (rule 8, C6).
            RulingOutcome::Granted if self.upheld => Problem::GrantedWithUpheldFinding,
            RulingOutcome::Granted if kept_step => Problem::GrantedWithKeptStep,
            RulingOutcome::Granted if self.keeps_a_measure() => Problem::GrantedWithKeptMeasure,
            RulingOutcome::Granted if self.command.cure_due.is_some() => {
                Problem::GrantedWithCurePeriod
            }
            // A refusal says what stands; what was unfounded is sealed and not refused (C5).
            RulingOutcome::Refused if !self.upheld => Problem::RefusedWithoutUpheldFinding,
            RulingOutcome::GrantedInPart if !self.upheld => Problem::InPartWithoutUpheldFinding,
            RulingOutcome::GrantedInPart if !self.unfounded && !self.rectified => {
                Problem::InPartWithoutFallenFinding
            }
            RulingOutcome::Refused if self.unfounded => Problem::RefusedWithUnfoundedFinding,
            // What was verified meanwhile is met; the finding may stand all the same.
            RulingOutcome::Refused | RulingOutcome::GrantedInPart
                if !kept_step && notice.steps_left().next().is_some() =>
            {
                Problem::RefusedWithoutUnmetStep
            }
            RulingOutcome::Refused | RulingOutcome::GrantedInPart
                if self.unmet_steps().iter().any(|id| notice.is_verified(id)) =>
            {
                Problem::RefusedOverVerifiedStep
            }
            RulingOutcome::Refused if self.lifts_what_is_upheld(case) => {
                Problem::RefusedWithLiftedMeasure
            }
            // What asks for nothing that stands asks for nothing.
            RulingOutcome::Refused | RulingOutcome::GrantedInPart
                if self.keeps_a_step_without_a_finding() =>
            {
                Problem::KeptStepWithoutUpheldFinding
            }
            RulingOutcome::Granted | RulingOutcome::Refused | RulingOutcome::GrantedInPart => {
                return Ok(());
            }
        };
        Err(Rejection::RulingInconsistent { problem })
    }
}

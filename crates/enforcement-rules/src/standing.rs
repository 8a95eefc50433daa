//! Where a case stands, as an answer tells it.

use events_schema::{CaseStanding, OpenDeadline};

use crate::{CaseState, case_state::MeasureStanding};

/// Where a case stands; `None` for one that never had a notice.
pub fn standing(case: &CaseState) -> Option<CaseStanding> {
    let notice = case.notices.last()?;
    let mut deadlines: Vec<_> = case
        .deadlines
        .iter()
        .map(|deadline| OpenDeadline {
            id: deadline.id.clone(),
            purpose: deadline.purpose.clone(),
            due: deadline.due,
            provisional: deadline.provisional,
        })
        .collect();
    deadlines.sort_by(|a, b| a.due.cmp(&b.due).then_with(|| a.id.cmp(&b.id)));
    Some(CaseStanding {
        case: case.case.clone(),
        notice: notice.id.clone(),
        standing: notice.standing,
        attempts_used: notice.attempts_used,
        attempt_cap: notice.terms.attempt_cap,
        rectification: notice.rectification.stage,
        open_appeal: case.open_appeal().map(|appeal| appeal.id.clone()),
        measures_in_force: case
            .measures
            .iter()
            .filter(|imposed| imposed.standing == MeasureStanding::InForce)
            .map(|imposed| imposed.measure.id.clone())
            .collect(),
        deadlines,
    })
}

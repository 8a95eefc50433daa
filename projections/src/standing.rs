//! Where a case stands, as an answer tells it: made from the events alone, to be compared with the rules'.

use events_schema::{CaseStanding, MeasureViewStanding};

use crate::case::Case;

/// Where a case stands; `None` for one that never had a notice.
pub fn standing(case: &Case) -> Option<CaseStanding> {
    let notice = case.notices.last()?;
    let mut deadlines = case.deadlines.clone();
    deadlines.sort_by(|a, b| a.due.cmp(&b.due).then_with(|| a.id.cmp(&b.id)));
    Some(CaseStanding {
        case: case.id.clone(),
        notice: notice.id.clone(),
        standing: notice.standing,
        attempts_used: notice.attempts_used,
        attempt_cap: notice.terms.attempt_cap,
        rectification: notice.rectification,
        open_appeal: case.open_appeal().map(|appeal| appeal.id.clone()),
        measures_in_force: case
            .measures
            .iter()
            .filter(|record| record.standing == MeasureViewStanding::InForce)
            .map(|record| record.measure.id.clone())
            .collect(),
        deadlines,
    })
}

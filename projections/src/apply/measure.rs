//! What events about measures change in the fold of their case.

use events_schema::{Header, MeasureEvent, MeasureViewStanding};

use crate::case::{Case, RestorationRecord};

pub(super) fn measure(case: &mut Case, header: &Header, event: &MeasureEvent) {
    let at = header.received.unwrap_or(header.time);
    match event {
        MeasureEvent::MeasureStarted(started) => {
            let at = case
                .date_of(&started.measure, |it| Some(it.starts_at))
                .unwrap_or(at);
            case.set_measures([&started.measure], MeasureViewStanding::InForce, at);
        }
        MeasureEvent::MeasureExpired(expired) => {
            let at = case
                .date_of(&expired.measure, |it| it.ends_at)
                .unwrap_or(at);
            case.set_measures([&expired.measure], MeasureViewStanding::Expired, at);
            let ended = case
                .measures
                .iter()
                .find(|it| it.measure.id == expired.measure);
            if let Some(notice) = ended.map(|it| it.notice.clone()) {
                case.restorations.push(RestorationRecord {
                    notice,
                    at,
                    position: header.position,
                    cause: None,
                    measures: vec![expired.measure.clone()],
                    still_restricted_by: expired.still_restricted_by.clone(),
                });
            }
        }
        MeasureEvent::MeasuresStayed(stayed) => {
            case.set_measures(&stayed.measures, MeasureViewStanding::Stayed, at);
        }
        MeasureEvent::MeasuresResumed(resumed) => {
            case.set_measures(&resumed.measures, MeasureViewStanding::InForce, at);
        }
        MeasureEvent::MeasuresLifted(lifted) => {
            case.set_measures(&lifted.restored, MeasureViewStanding::Lifted, at);
            case.set_measures(&lifted.cancelled, MeasureViewStanding::Cancelled, at);
            if !lifted.restored.is_empty() {
                case.restorations.push(RestorationRecord {
                    notice: lifted.notice.clone(),
                    at,
                    position: header.position,
                    cause: Some(lifted.cause),
                    measures: lifted.restored.clone(),
                    still_restricted_by: lifted.still_restricted_by.clone(),
                });
            }
        }
    }
}

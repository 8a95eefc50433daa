//! What events about measures change in their case.

use events_schema::{Instant, MeasureEvent};

use crate::case_state::{CaseState, MeasureStanding};

pub(super) fn measure(case: &mut CaseState, event: &MeasureEvent, at: Instant) {
    match event {
        MeasureEvent::MeasureStarted(started) => {
            case.set_measure(&started.measure, MeasureStanding::InForce, at);
        }
        MeasureEvent::MeasureExpired(expired) => {
            case.set_measure(&expired.measure, MeasureStanding::Expired, at);
        }
        MeasureEvent::MeasuresStayed(stayed) => {
            for id in &stayed.measures {
                case.set_measure(id, MeasureStanding::Stayed, at);
            }
        }
        MeasureEvent::MeasuresResumed(resumed) => {
            for id in &resumed.measures {
                case.set_measure(id, MeasureStanding::InForce, at);
            }
        }
        MeasureEvent::MeasuresLifted(lifted) => {
            for id in &lifted.restored {
                case.set_measure(id, MeasureStanding::Lifted, at);
            }
            for id in &lifted.cancelled {
                case.set_measure(id, MeasureStanding::Cancelled, at);
            }
        }
    }
}

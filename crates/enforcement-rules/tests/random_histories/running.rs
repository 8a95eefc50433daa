//! A period of the party runs where a deadline ends it, and nowhere else.

use enforcement_rules::PartyClock;
use events_schema::{DeadlinePurpose, NoticeStanding};
use test_support::TestWorld;

/// Compares the clocks of live notices with the open deadlines of their cases.
pub(crate) fn compare(world: &TestWorld) -> Result<(), String> {
    for case in world.cases() {
        let Some(notice) = case.live_notice() else {
            continue;
        };
        let id = notice.id.clone();
        let (period, purpose) = match notice.standing {
            NoticeStanding::Warned => (&notice.cure, DeadlinePurpose::Cure { notice: id }),
            _ => (&notice.window, DeadlinePurpose::Window { notice: id }),
        };
        let runs = period.clock == PartyClock::Running;
        if runs != case.deadline_for(&purpose).is_some() {
            let (clock, case) = (period.clock, &case.case);
            return Err(format!("{} of case {case} is {clock:?}", purpose.name()));
        }
    }
    Ok(())
}

//! Commands of the administrator, and those that the service gives itself.

use serde::{Deserialize, Serialize};

use crate::{CalendarContent, CalendarId, CaseId, DeadlineId, FreeText, HoldId, Text};

/// Puts a rulebook into force for notices issued from now on.
///
/// Sent by the administrator. A notice keeps the rulebook under which it was issued.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct AdoptRulebook {
    /// The rulebook itself, TOML; it names its own version, which must be new. `redress rulebook
    /// check` says what is wrong with one.
    pub toml: String,
}

/// Publishes a version of a calendar of working days.
///
/// Sent by the administrator. Provisional due dates that it covers are fixed by explicit revisions,
/// never to the disadvantage of a party.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct PublishCalendar {
    /// The calendar.
    pub calendar: CalendarId,
    /// Its version; one more than the last, from 1.
    pub version: u32,
    /// Its days.
    pub content: CalendarContent,
}

/// Lets deadlines fire, and commands be decided, after the service held them because its clock was in
/// doubt or it was away for more than 24 hours.
///
/// Sent by the administrator, who has looked at the clock and at what is overdue: from then on the clock
/// of the service is believed again.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ReleaseDeadlines {
    /// What is released: the newest hold, as its event and `Status` say it in `hold`. Whatever was found in
    /// doubt after that has not been looked at, so a release that names an earlier hold, one that a rollback
    /// took with it, or none, is refused as `time_held`, with the newer one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hold: Option<HoldId>,
    /// Whether times that were recorded ahead of the clock are left behind: the release and what follows
    /// it are dated by the clock, although earlier events are dated later. Without it a release is refused
    /// as `time_held` while the last event is dated more than two seconds ahead of the clock.
    #[serde(default, skip_serializing_if = "is_false")]
    pub leave_future_behind: bool,
}

#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "the signature that serde asks for"
)]
const fn is_false(it: &bool) -> bool {
    !*it
}

/// Acts on a deadline whose time has come. Sent by the service itself only.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ReachDeadline {
    /// The case.
    pub case: CaseId,
    /// The open deadline.
    pub deadline: DeadlineId,
}

/// Computes a provisional due date again on a newer calendar. Sent by the service itself only, after
/// `PublishCalendar`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ReviseDeadline {
    /// The case.
    pub case: CaseId,
    /// The open provisional deadline.
    pub deadline: DeadlineId,
}

/// The free text of a release of deadlines.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ReleaseText {
    /// What was found.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<Text>,
}

impl FreeText for ReleaseText {
    fn for_the_party(self) -> Self {
        let Self { reason } = self;
        Self { reason }
    }
}

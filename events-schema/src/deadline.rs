//! Deadlines: facts in events. The timers of the service are a projection of them.

use serde::{Deserialize, Serialize};
use strum::IntoStaticStr;

use crate::{AppealId, CalendarId, DeadlineId, Instant, Label, MeasureId, NoticeId, Period};

/// A time by which something must have happened, exclusive: what is received before `due` is in time.
///
/// A deadline ends exactly once: it is fired, cleared, or revised, which replaces it by one of another
/// id.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Deadline {
    /// Identifies it within the case: `D1`, `D2`, and so on.
    pub id: DeadlineId,
    /// What it is for, and of what.
    pub purpose: DeadlinePurpose,
    /// When it falls due, exclusive.
    pub due: Instant,
    /// What it was counted from.
    pub from: Instant,
    /// The period that was counted; absent where the instant was named and not counted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub period: Option<Period>,
    /// The due date that it may not fall before, where one already stood.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub not_before: Option<Instant>,
    /// The time zone that days are counted in, by its IANA name.
    pub zone: Label,
    /// The calendar that it was counted on.
    pub calendar: CalendarId,
    /// The version of the calendar.
    pub calendar_version: u32,
    /// The parameter of the rulebook that set the period: `4.2 cure`.
    pub rule: Label,
    /// Counted beyond what the calendar covers; a newer version of the calendar fixes it. The party's own time does not
    /// end on such a date; the platform's does.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub provisional: bool,
}

impl Deadline {
    /// Whether it fires at its date. A date that no calendar covers yet may still move; until that is known, nothing
    /// adverse to the party follows from it, while what the platform owes is owed by it (rule 12).
    pub const fn can_fire(&self) -> bool {
        !self.provisional || !self.purpose.is_the_partys()
    }

    /// Whether a newer version of its calendar changes its date: one that was beyond what the calendar covered, and any of
    /// the party's, which a holiday that is announced late moves later (rule 12).
    pub const fn moves_with_its_calendar(&self) -> bool {
        self.period.is_some() && (self.provisional || self.purpose.is_the_partys())
    }
}

/// What a deadline is for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, IntoStaticStr)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(!try_from))]
#[serde(rename_all = "snake_case", tag = "kind", try_from = "Flat")]
#[strum(serialize_all = "snake_case")]
pub enum DeadlinePurpose {
    /// The party's time to rectify after a warning. The appeal window ends with it.
    Cure {
        /// The warning.
        notice: NoticeId,
    },
    /// The party's time to appeal against a penalty.
    Window {
        /// The penalty.
        notice: NoticeId,
    },
    /// The platform's time for a code review.
    CodeReview {
        /// The notice.
        notice: NoticeId,
    },
    /// The platform's time to verify a rectification.
    Verification {
        /// The notice.
        notice: NoticeId,
    },
    /// The platform's further time to verify, after it let the one before pass.
    SecondVerification {
        /// The notice.
        notice: NoticeId,
    },
    /// The platform's time to rule on an appeal.
    Review {
        /// The appeal.
        appeal: AppealId,
    },
    /// The time after which an overdue appeal escalates again.
    Escalation {
        /// The appeal.
        appeal: AppealId,
    },
    /// The time after which a claim lapses.
    Lease {
        /// The appeal.
        appeal: AppealId,
    },
    /// When a scheduled measure starts.
    MeasureStart {
        /// The measure.
        measure: MeasureId,
    },
    /// When a temporary measure ends.
    MeasureEnd {
        /// The measure.
        measure: MeasureId,
    },
}

/// A purpose as it is written. The general reader of tagged enums keeps all members of the object until it has found
/// the tag, and nearly every event has deadlines.
#[derive(Deserialize)]
struct Flat {
    kind: Kind,
    notice: Option<NoticeId>,
    appeal: Option<AppealId>,
    measure: Option<MeasureId>,
}

#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum Kind {
    Cure,
    Window,
    CodeReview,
    Verification,
    SecondVerification,
    Review,
    Escalation,
    Lease,
    MeasureStart,
    MeasureEnd,
}

impl TryFrom<Flat> for DeadlinePurpose {
    type Error = &'static str;

    fn try_from(flat: Flat) -> Result<Self, Self::Error> {
        let notice = flat.notice.ok_or("missing field `notice`");
        let appeal = flat.appeal.ok_or("missing field `appeal`");
        let measure = flat.measure.ok_or("missing field `measure`");
        Ok(match flat.kind {
            Kind::Cure => Self::Cure { notice: notice? },
            Kind::Window => Self::Window { notice: notice? },
            Kind::CodeReview => Self::CodeReview { notice: notice? },
            Kind::Verification => Self::Verification { notice: notice? },
            Kind::SecondVerification => Self::SecondVerification { notice: notice? },
            Kind::Review => Self::Review { appeal: appeal? },
            Kind::Escalation => Self::Escalation { appeal: appeal? },
            Kind::Lease => Self::Lease { appeal: appeal? },
            Kind::MeasureStart => Self::MeasureStart { measure: measure? },
            Kind::MeasureEnd => Self::MeasureEnd { measure: measure? },
        })
    }
}

impl DeadlinePurpose {
    /// Its name without what it is of: `cure`.
    pub fn name(&self) -> &'static str {
        self.into()
    }

    /// The same for the notice that takes the place of the one it is about. What is about no notice stays as it is.
    pub fn move_to(&mut self, successor: &NoticeId) {
        match self {
            Self::Cure { notice }
            | Self::Window { notice }
            | Self::CodeReview { notice }
            | Self::Verification { notice }
            | Self::SecondVerification { notice } => notice.clone_from(successor),
            Self::Review { .. }
            | Self::Escalation { .. }
            | Self::Lease { .. }
            | Self::MeasureStart { .. }
            | Self::MeasureEnd { .. } => {}
        }
    }

    /// Whether the time is the party's to use, so that it may move later only.
    pub const fn is_the_partys(&self) -> bool {
        match self {
            Self::Cure { .. } | Self::Window { .. } => true,
            Self::CodeReview { .. }
            | Self::Verification { .. }
            | Self::SecondVerification { .. }
            | Self::Review { .. }
            | Self::Escalation { .. }
            | Self::Lease { .. }
            | Self::MeasureStart { .. }
            | Self::MeasureEnd { .. } => false,
        }
    }
}

/// What an event does to the deadlines of its case.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct DeadlineChanges {
    /// Deadlines that begin.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub set: Vec<Deadline>,
    /// Deadlines that end because they are no longer needed.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub cleared: Vec<DeadlineId>,
    /// The deadline that ended because its time came, and caused this event.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fired: Option<DeadlineId>,
    /// The deadline that ended because one of `set` replaces it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub revised: Option<DeadlineId>,
}

impl DeadlineChanges {
    /// Whether nothing changes.
    pub fn is_empty(&self) -> bool {
        self.set.is_empty()
            && self.cleared.is_empty()
            && self.fired.is_none()
            && self.revised.is_none()
    }

    /// Every deadline that ends.
    pub fn ended(&self) -> impl Iterator<Item = &DeadlineId> {
        self.cleared
            .iter()
            .chain(self.fired.as_ref())
            .chain(self.revised.as_ref())
    }
}

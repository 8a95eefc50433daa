//! The periods of the party: its time to put a notice right, and its time to appeal. Each runs, stands still, or has
//! ended; while it runs, an open deadline of the case says when it ends.

use events_schema::{Instant, Period};

/// A period of the party.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PartyPeriod {
    /// Where it stands.
    pub clock: PartyClock,
    /// What was left of it when it was stopped last.
    pub left: Option<Period>,
    /// The latest end that a ruling gave: it never goes on to an earlier one.
    pub not_before: Option<Instant>,
}

/// Where a period of the party stands.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum PartyClock {
    /// It has never begun, as a penalty has no time to rectify, or there is nothing left to do in it.
    #[default]
    Absent,
    /// It runs, and a deadline of the case ends it.
    Running,
    /// It stands still while the platform has something to answer.
    Stopped,
    /// It ended. What comes from then on is late.
    Ended {
        /// The due instant.
        at: Instant,
    },
    /// It ended, and the platform let its own time pass since: nothing is late.
    Excused,
}

impl PartyPeriod {
    /// It begins, or goes on.
    pub(crate) const fn run(&mut self) {
        self.clock = PartyClock::Running;
    }

    /// It stops with so much left.
    pub(crate) const fn stop(&mut self, left: Period) {
        self.clock = PartyClock::Stopped;
        self.left = Some(left);
    }

    /// It ends.
    pub(crate) const fn end(&mut self, at: Instant) {
        self.clock = PartyClock::Ended { at };
    }

    /// There is nothing left to do in it.
    pub(crate) const fn give_up(&mut self) {
        self.clock = PartyClock::Absent;
    }

    /// The platform is late itself: that the period has ended is held against nobody.
    pub(crate) const fn excuse(&mut self) {
        if let PartyClock::Ended { .. } = self.clock {
            self.clock = PartyClock::Excused;
        }
    }

    /// When it ended, where that counts.
    pub const fn ended_at(&self) -> Option<Instant> {
        match self.clock {
            PartyClock::Ended { at } => Some(at),
            PartyClock::Absent
            | PartyClock::Running
            | PartyClock::Stopped
            | PartyClock::Excused => None,
        }
    }

    /// Whether it stands still.
    pub const fn is_stopped(&self) -> bool {
        matches!(self.clock, PartyClock::Stopped)
    }
}

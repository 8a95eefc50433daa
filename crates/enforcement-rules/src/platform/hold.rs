//! Why the service holds still although it could go on.
//!
//! A hold is an event in the log, and stands until the administrator releases it, whatever restarts meanwhile. None
//! ends by itself: a clock that was wrong once and says something plausible now is still a clock that somebody has to
//! look at.

use events_schema::{DeadlinesHeld, HeldPart, HoldId, Label};

/// A reason to hold still until the administrator has looked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Hold {
    /// Commands are decided, and no deadline fires: they passed long ago, and a month of them must not fire at once.
    Firing {
        /// Which one it is.
        id: HoldId,
        /// What happened.
        reason: Label,
    },
    /// Nothing is decided and nothing fires: the clock cannot be trusted.
    Deciding {
        /// Which one it is.
        id: HoldId,
        /// What happened.
        reason: Label,
    },
}

impl Hold {
    /// The hold that an event began.
    pub fn of(event: &DeadlinesHeld) -> Self {
        let (id, reason) = (event.hold.clone(), event.reason.clone());
        match event.held {
            HeldPart::Firing => Self::Firing { id, reason },
            HeldPart::Deciding => Self::Deciding { id, reason },
        }
    }

    /// Which one it is: what its release names.
    pub const fn id(&self) -> &HoldId {
        match self {
            Self::Firing { id, .. } | Self::Deciding { id, .. } => id,
        }
    }

    /// What happened.
    pub const fn reason(&self) -> &Label {
        match self {
            Self::Firing { reason, .. } | Self::Deciding { reason, .. } => reason,
        }
    }

    /// Whether as much is held already.
    pub const fn holds(&self, part: HeldPart) -> bool {
        match (self, part) {
            (Self::Deciding { .. }, _) | (Self::Firing { .. }, HeldPart::Firing) => true,
            (Self::Firing { .. }, HeldPart::Deciding) => false,
        }
    }
}

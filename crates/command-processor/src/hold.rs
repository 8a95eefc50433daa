//! Why the service holds still although it could go on.

use events_schema::Label;

/// A reason to hold still until somebody has looked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Hold {
    /// Commands are decided, and no deadline fires: the service was away for long, and a month of
    /// deadlines must not fire at once.
    Firing {
        /// What happened.
        reason: Label,
    },
    /// Nothing is decided and nothing fires: the clock cannot be trusted.
    Deciding {
        /// What happened.
        reason: Label,
        /// Whether it is over once the clock has passed the last event; a jump is not.
        until_clock_catches_up: bool,
    },
}

impl Hold {
    /// What happened.
    pub const fn reason(&self) -> &Label {
        match self {
            Self::Firing { reason } | Self::Deciding { reason, .. } => reason,
        }
    }
}

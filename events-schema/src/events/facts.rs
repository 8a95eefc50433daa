//! What is to be known of each event beside its facts.

use serde::{Serialize, de::DeserializeOwned};

use crate::{DeadlineChanges, FreeText};

/// The facts of an event.
pub trait EventFacts: Serialize + DeserializeOwned {
    /// The stable name and version of the type.
    const TYPE: &'static str;

    /// The free text beside them.
    type Text: FreeText;
}

/// The facts of an event in a case.
pub trait CaseFacts: EventFacts {
    /// What the event does to the deadlines of its case, where it can do something to them.
    fn deadlines(&self) -> Option<&DeadlineChanges>;
}

/// Says it beside the struct: the type, the free text (`NoText` where there is none), and of an event in a case whether
/// it changes `deadlines`.
macro_rules! event_facts {
    ($facts:ident: $event_type:literal, $text:ty) => {
        impl $crate::EventFacts for $facts {
            const TYPE: &'static str = $event_type;
            type Text = $text;
        }
    };
    ($facts:ident: $event_type:literal, $text:ty, deadlines) => {
        event_facts!($facts: $event_type, $text);

        impl $crate::CaseFacts for $facts {
            fn deadlines(&self) -> Option<&$crate::DeadlineChanges> {
                Some(&self.deadlines)
            }
        }
    };
    ($facts:ident: $event_type:literal, $text:ty, no deadlines) => {
        event_facts!($facts: $event_type, $text);

        impl $crate::CaseFacts for $facts {
            fn deadlines(&self) -> Option<&$crate::DeadlineChanges> {
                None
            }
        }
    };
}

pub(super) use event_facts;

//! What is made from the list of events: type names, reading, writing, and what goes through all of them.
//!
//! Each `match` that is made here is over an enum that is written by hand, so an event that the list leaves out does not
//! compile, and neither does one that the enums leave out.

macro_rules! events {
    (
        Case {
            $($thing:ident($of_thing:ident): $($case_facts:ident),+;)+
        }
        $($part:ident($of_part:ident): $($facts:ident),+;)+
    ) => {
        /// The types that this version knows, in the order of the list.
        pub const EVENT_TYPES: &[&str] = &[
            $($($case_facts::TYPE,)+)+
            $($($facts::TYPE,)+)+
        ];

        /// The same text with the life of the program, if the type is known.
        pub(crate) fn known_type(event_type: &str) -> Option<&'static str> {
            match event_type {
                $($($case_facts::TYPE => Some($case_facts::TYPE),)+)+
                $($($facts::TYPE => Some($facts::TYPE),)+)+
                _ => None,
            }
        }

        $(group!($of_thing: $($case_facts),+);)+
        $(group!($of_part: $($facts),+);)+

        $(
            impl From<$of_thing> for Event {
                fn from(event: $of_thing) -> Self {
                    Self::Case(CaseEvent::$thing(event))
                }
            }

            impl $of_thing {
                fn deadlines(&self) -> Option<&DeadlineChanges> {
                    match self {
                        $(Self::$case_facts(facts) => facts.deadlines(),)+
                    }
                }
            }
        )+

        $(
            impl From<$of_part> for Event {
                fn from(event: $of_part) -> Self {
                    Self::$part(event)
                }
            }
        )+

        impl CaseEvent {
            /// What it does to the deadlines of its case.
            pub fn deadlines(&self) -> Option<&DeadlineChanges> {
                match self {
                    $(Self::$thing(event) => event.deadlines(),)+
                }
            }
        }

        impl Event {
            /// Reads the facts of a stored payload.
            ///
            /// Older versions of a type are upgraded here and nowhere else.
            ///
            /// # Errors
            /// When the type is unknown to this version, or the bytes do not have its form.
            pub fn read(event_type: &str, data: &[u8]) -> Result<Self, $crate::InvalidPayload> {
                Ok(match event_type {
                    $($($case_facts::TYPE => {
                        $of_thing::$case_facts($crate::read_facts(event_type, data)?).into()
                    })+)+
                    $($($facts::TYPE => $of_part::$facts($crate::read_facts(event_type, data)?).into(),)+)+
                    unknown => return Err($crate::InvalidPayload::UnknownType(unknown.to_owned())),
                })
            }

            /// The stable name and version of its type.
            pub const fn event_type(&self) -> &'static str {
                match self {
                    $(Self::Case(CaseEvent::$thing(event)) => event.event_type(),)+
                    $(Self::$part(event) => event.event_type(),)+
                }
            }

            /// The bytes to be stored: the facts, and the personal part beside them.
            pub fn write(&self, personal: &$crate::Personal) -> Vec<u8> {
                match self {
                    $(Self::Case(CaseEvent::$thing(event)) => event.write(personal),)+
                    $(Self::$part(event) => event.write(personal),)+
                }
            }

            /// What the party that it is about may read of the personal part beside it.
            pub fn words_for_the_party(&self, personal: &$crate::Personal) -> Option<serde_json::Value> {
                match self {
                    $(Self::Case(CaseEvent::$thing(event)) => event.words_for_the_party(personal),)+
                    $(Self::$part(event) => event.words_for_the_party(personal),)+
                }
            }
        }

        /// What is done with the facts of every event.
        #[cfg(feature = "schema")]
        pub trait VisitEvents {
            /// Does it with these.
            fn visit<Facts>(&mut self)
            where
                Facts: EventFacts<Text: schemars::JsonSchema> + schemars::JsonSchema;
        }

        /// Shows the facts of every event, one type after the other.
        #[cfg(feature = "schema")]
        pub fn visit_events(visitor: &mut impl VisitEvents) {
            $($(visitor.visit::<$case_facts>();)+)+
            $($(visitor.visit::<$facts>();)+)+
        }
    };
}

macro_rules! group {
    ($group:ident: $($facts:ident),+) => {
        impl $group {
            const fn event_type(&self) -> &'static str {
                match self {
                    $(Self::$facts(_) => $facts::TYPE,)+
                }
            }

            fn write(&self, personal: &$crate::Personal) -> Vec<u8> {
                match self {
                    $(Self::$facts(facts) => $crate::write_payload(facts, personal),)+
                }
            }

            fn words_for_the_party(&self, personal: &$crate::Personal) -> Option<serde_json::Value> {
                match self {
                    $(Self::$facts(_) => {
                        $crate::payload::for_the_party::<<$facts as EventFacts>::Text>(personal)
                    })+
                }
            }
        }

        $(
            impl From<$facts> for Event {
                fn from(facts: $facts) -> Self {
                    $group::$facts(facts.into()).into()
                }
            }
        )+
    };
}

pub(super) use {events, group};

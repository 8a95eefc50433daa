//! How often each event and each rejection occurred, and which of them never did.

use std::collections::BTreeMap;

use events_schema::{EVENT_TYPES, Rejection};

use test_support::short_type;

/// Counts by name.
#[derive(Debug, Default)]
pub(crate) struct Tally {
    events: BTreeMap<String, u64>,
    rejections: BTreeMap<&'static str, u64>,
}

/// Events that no decision of the platform makes: the log, its import, and what is held because a clock is not
/// trusted are the processor's.
const EVENTS_OF_THE_PROCESSOR: [&str; 5] = [
    "log.created",
    "log.rollback_accepted",
    "backfill.started",
    "backfill.completed",
    "deadlines.held",
];

/// Rejections that are decided before the rules: on the wire, by the role, by the ids and revisions of
/// streams, by a service that is busy, stopping or does not trust its clock.
const REJECTIONS_BEFORE_THE_RULES: [&str; 10] = [
    "malformed_command",
    "unknown_command",
    "busy",
    "stopping",
    "not_permitted",
    "command_id_reused",
    "too_large",
    "answer_too_large",
    "log_unreadable",
    "revision_conflict",
];

impl Tally {
    pub(crate) fn event(&mut self, short: &str) {
        *self.events.entry(short.to_owned()).or_default() += 1;
    }

    pub(crate) fn rejection(&mut self, code: &'static str) {
        *self.rejections.entry(code).or_default() += 1;
    }

    /// The two lists, the names that never occurred included.
    pub(crate) fn table(&self) -> String {
        let mut lines = vec!["events".to_owned()];
        lines.extend(self.all_events().map(|(name, n)| format!("{n:>9}  {name}")));
        lines.push("rejections".to_owned());
        lines.extend(
            self.all_rejections()
                .map(|(code, n)| format!("{n:>9}  {code}")),
        );
        lines.join("\n")
    }

    /// What never occurred although the rules can bring it about.
    pub(crate) fn missing(&self) -> Vec<String> {
        let events = self.all_events().filter(|(_, n)| *n == 0);
        let rejections = self.all_rejections().filter(|(_, n)| *n == 0);
        events
            .map(|(name, _)| name)
            .chain(rejections.map(|(code, _)| code.to_owned()))
            .collect()
    }

    fn all_events(&self) -> impl Iterator<Item = (String, u64)> {
        EVENT_TYPES
            .iter()
            .map(|event_type| short_type(event_type))
            .filter(|name| !EVENTS_OF_THE_PROCESSOR.contains(name))
            .map(|name| (name.to_owned(), self.events.get(name).copied().unwrap_or(0)))
    }

    fn all_rejections(&self) -> impl Iterator<Item = (&'static str, u64)> {
        Rejection::CODES
            .iter()
            .copied()
            .filter(|code| !REJECTIONS_BEFORE_THE_RULES.contains(code))
            .map(|code| (code, self.rejections.get(code).copied().unwrap_or(0)))
    }
}

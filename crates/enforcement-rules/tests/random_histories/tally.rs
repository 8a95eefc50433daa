//! How often each event and each rejection occurred, and which of them never did.

use std::collections::BTreeMap;

/// Counts by name.
#[derive(Debug, Default)]
pub(crate) struct Tally {
    events: BTreeMap<String, u64>,
    rejections: BTreeMap<&'static str, u64>,
}

/// Events that no decision of the platform makes: the log and its import are the processor's.
const EVENTS_OF_THE_PROCESSOR: [&str; 3] =
    ["log.created", "backfill.started", "backfill.completed"];

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
        EVENTS
            .into_iter()
            .filter(|name| !EVENTS_OF_THE_PROCESSOR.contains(name))
            .map(|name| (name.to_owned(), self.events.get(name).copied().unwrap_or(0)))
    }

    fn all_rejections(&self) -> impl Iterator<Item = (&'static str, u64)> {
        events_schema::Rejection::CODES
            .into_iter()
            .filter(|code| !REJECTIONS_BEFORE_THE_RULES.contains(code))
            .map(|code| (code, self.rejections.get(code).copied().unwrap_or(0)))
    }
}

/// Every type of event.
const EVENTS: [&str; 36] = [
    "warning.issued",
    "penalty.issued",
    "penalty.imposed",
    "notice.withdrawn",
    "notice.closed",
    "notice.exhausted",
    "cure_period.held",
    "filing_window.passed",
    "findings.sealed",
    "deadline.revised",
    "rectification.declared",
    "code_review.recorded",
    "code_review.overdue",
    "rectification.verified",
    "verification.overdue",
    "rectification.deemed_confirmed",
    "appeal.submitted",
    "appeal.withdrawn",
    "appeal.claimed",
    "appeal.unclaimed",
    "appeal.ruled",
    "appeal.overdue",
    "appeal.escalated",
    "appeal.closed_without_ruling",
    "measure.started",
    "measure.expired",
    "measures.stayed",
    "measures.resumed",
    "measures.lifted",
    "filing.refused",
    "rulebook.adopted",
    "calendar.published",
    "log.created",
    "backfill.started",
    "backfill.completed",
    "deadlines.released",
];

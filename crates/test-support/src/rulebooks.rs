//! A small rulebook and the calendars that it may count on.

use events_schema::{AdoptRulebook, CalendarId, Command, PublishCalendar};
use working_calendar::shipped_calendars;

use crate::values::id;

/// A rulebook in the making.
#[derive(Debug, Clone)]
pub struct RulebookBuilder {
    version: String,
    calendar: String,
    defaults: Vec<(&'static str, String)>,
}

/// The guide's periods on the calendar `utc`. Clauses, each at version `2026-01`:
///
/// * 4.2 is warned about first, save for the ground `account_theft`; its ladder counts per account for
///   365 days: login suspended for new users for 7 days, for all for 7 days, for all until rectified;
/// * 5.1 is warned about first, without exception and without a ladder;
/// * 9.1 is penalised at once; its ladder counts per entity: service suspended, then terminated;
/// * 9.2 is penalised at once, without a ladder.
pub fn rulebook() -> RulebookBuilder {
    RulebookBuilder {
        version: "tests-1".to_owned(),
        calendar: "utc".to_owned(),
        defaults: [
            ("appeal_cap", "2"),
            ("appeal_window", "\"30 days\""),
            ("cure", "\"15 days\""),
            ("cure_residual_minimum", "\"2 working days\""),
            ("cure_residual_times", "2"),
            ("declarations_that_hold", "3"),
            ("successors", "1"),
            ("review", "\"7 working days\""),
            ("review_breach", "\"escalate\""),
            ("review_escalation", "\"2 working days\""),
            ("claim_lease", "\"2 working days\""),
            ("code_review", "\"7 working days\""),
            ("verification", "\"5 working days\""),
            ("verification_second", "\"5 working days\""),
            ("verification_breach", "\"escalate\""),
            ("stay_on_warning_appeal", "true"),
            ("late_filing", "\"refuse\""),
        ]
        .map(|(key, value)| (key, value.to_owned()))
        .to_vec(),
    }
}

impl RulebookBuilder {
    /// With another version.
    #[must_use]
    pub fn with_version(mut self, version: &str) -> Self {
        version.clone_into(&mut self.version);
        self
    }

    /// Counting on another calendar.
    #[must_use]
    pub fn with_calendar(mut self, calendar: &str) -> Self {
        calendar.clone_into(&mut self.calendar);
        self
    }

    /// With another default; `value` is TOML, so texts are in quotes.
    #[must_use]
    pub fn with(mut self, key: &str, value: &str) -> Self {
        let (_, set) = self
            .defaults
            .iter_mut()
            .find(|(known, _)| *known == key)
            .expect("a default of the rulebook");
        value.clone_into(set);
        self
    }

    /// The rulebook as text.
    pub fn toml(&self) -> String {
        let lines = self.defaults.iter();
        let defaults: Vec<_> = lines
            .map(|(key, value)| format!("{key} = {value}"))
            .collect();
        let defaults = defaults.join("\n");
        format!(
            "version = \"{}\"\ntitle = \"Rules of the tests\"\ncalendar = \"{}\"\n\
             recorded_refusals_per_day = 20\ncritical_capabilities = [\"login\"]\n\n[defaults]\n{defaults}\n\n{REST}",
            self.version, self.calendar
        )
    }
}

impl From<RulebookBuilder> for Command {
    fn from(built: RulebookBuilder) -> Self {
        Self::AdoptRulebook(AdoptRulebook { toml: built.toml() })
    }
}

/// Publishes a calendar as it comes with Redress.
pub fn publication(calendar: &str) -> PublishCalendar {
    let wanted: CalendarId = id(calendar);
    let (calendar, version, content) = shipped_calendars()
        .into_iter()
        .find(|(known, ..)| *known == wanted)
        .expect("a calendar that comes with Redress");
    PublishCalendar {
        calendar,
        version,
        content,
    }
}

const REST: &str = r#"
[[route]]
name = "Mediation"
url = "https://example.com/routes/mediation"

[[clause]]
clause = "4.2"
version = "2026-01"
title = "Abuse of the login capability"
url = "https://example.com/rules/4.2"
category = "login_abuse"
severity = "medium"
warning_first = true
emergency_grounds = ["account_theft"]

[clause.ladder]
per = "account"
counts_for = "365 days"

[[clause.ladder.step]]
measures = [{ capability = "login", kind = "capability", extent = "total", scope = "new_users", mode = "suspension", lasts = "7 days" }]

[[clause.ladder.step]]
measures = [{ capability = "login", kind = "capability", extent = "total", scope = "all", mode = "suspension", lasts = "7 days" }]

[[clause.ladder.step]]
measures = [{ capability = "login", kind = "capability", extent = "total", scope = "all", mode = "suspension" }]

[[clause]]
clause = "5.1"
version = "2026-01"
title = "Personal data collected without need"
url = "https://example.com/rules/5.1"
category = "privacy"
severity = "medium"
warning_first = true

[[clause]]
clause = "9.1"
version = "2026-01"
title = "Malicious code"
url = "https://example.com/rules/9.1"
category = "malware"
severity = "high"
warning_first = false

[clause.ladder]
per = "entity"
counts_for = "730 days"

[[clause.ladder.step]]
measures = [{ capability = "service", kind = "capability", extent = "total", scope = "all", mode = "suspension" }]

[[clause.ladder.step]]
measures = [{ capability = "service", kind = "capability", extent = "total", scope = "all", mode = "termination" }]

[[clause]]
clause = "9.2"
version = "2026-01"
title = "Payments outside the permitted channel"
url = "https://example.com/rules/9.2"
category = "payment"
severity = "high"
warning_first = false
emergency_grounds = ["fraud"]
"#;

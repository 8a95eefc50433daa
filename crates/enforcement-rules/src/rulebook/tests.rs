use events_schema::{CapabilityId, Extent, MeasureKind, Mode, Period, Scope};
use proptest::prelude::*;

use super::*;

const DEFAULTS: &str = r#"
version = "test-1"
title = "Test"
calendar = "utc"
recorded_refusals_per_day = 20
critical_capabilities = ["login"]

[defaults]
appeal_cap = 2
appeal_window = "30 days"
cure = "15 days"
cure_residual_minimum = "2 working days"
review = "7 working days"
review_breach = "escalate"
review_escalation = "2 working days"
claim_lease = "2 working days"
code_review = "7 working days"
verification = "5 working days"
verification_second = "5 working days"
verification_breach = "escalate"
stay_on_warning_appeal = true
late_filing = "refuse"

[[route]]
name = "Court"
url = "https://example.com/court"
"#;

const CLAUSE: &str = r#"
[[clause]]
clause = "4.2"
version = "2026-01"
title = "Login"
url = "https://example.com/4.2"
category = "login"
severity = "medium"
warning_first = true

[clause.ladder]
per = "account"
counts_for = "365 days"

[[clause.ladder.step]]
measures = [{ capability = "login", kind = "capability", extent = "total", scope = "all", mode = "suspension", lasts = "7 days" }]
"#;

fn problems(toml: &str) -> Vec<String> {
    Rulebook::parse(toml).unwrap_err().sentences()
}

/// The test's rulebook with one text in it replaced, which must occur in it.
fn with(from: &str, to: &str) -> String {
    let toml = format!("{DEFAULTS}{CLAUSE}");
    assert!(toml.contains(from), "{from}");
    toml.replacen(from, to, 1)
}

fn label(text: &str) -> Label {
    text.parse().unwrap()
}

fn id(text: &str) -> CapabilityId {
    text.parse().unwrap()
}

#[test]
fn the_default_rulebook_runs_the_guide_as_documented() {
    let guide = Rulebook::parse(default_rulebook_toml()).unwrap();
    assert_eq!(guide.version.as_str(), "guide-1");
    assert_eq!(guide.calendar.as_str(), "cn");
    assert_eq!(guide.recorded_refusals_per_day, 20);
    assert_eq!(guide.critical_capabilities, [id("login")].into());
    assert_eq!(guide.routes.len(), 3);
    let login = guide.clause(&label("4.2"), &label("2026-01")).unwrap();
    assert_eq!(
        login.params,
        Params {
            appeal_cap: 2,
            appeal_window: Period::Days(30),
            cure: Period::Days(15),
            cure_residual_minimum: Period::WorkingDays(2),
            cure_residual_times: 2,
            declarations_that_hold: 3,
            successors: 1,
            review: Period::WorkingDays(7),
            review_breach: ReviewBreach::Stay,
            review_escalation: Period::WorkingDays(2),
            claim_lease: Period::WorkingDays(2),
            code_review: Period::WorkingDays(7),
            verification: Period::WorkingDays(5),
            verification_second: Period::WorkingDays(5),
            verification_breach: VerificationBreach::Stay,
            stay_on_warning_appeal: true,
            late_filing: LateFiling::Refuse,
        }
    );
    assert!(login.warning_first);
    assert_eq!(
        login.emergency_grounds,
        [label("account_theft"), label("mass_registration")]
    );
}

#[test]
fn a_critical_capability_is_never_penalised_at_once_without_an_emergency_ground() {
    let guide = Rulebook::parse(default_rulebook_toml()).unwrap();
    for clause in guide.clauses() {
        let takes_login = clause
            .ladder
            .iter()
            .flat_map(Ladder::steps)
            .flat_map(|step| &step.measures)
            .any(|measure| measure.capability == id("login"));
        assert!(!takes_login || clause.warning_first, "{}", clause.clause);
    }
}

#[test]
fn a_clause_overrides_the_defaults() {
    let guide = Rulebook::parse(default_rulebook_toml()).unwrap();
    let malware = guide.clause(&label("9.1"), &label("2026-01")).unwrap();
    assert!(!malware.warning_first);
    assert_eq!(malware.params.review, Period::WorkingDays(3));
    assert_eq!(malware.params.review_breach, ReviewBreach::DeemedGranted);
    assert_eq!(malware.params.late_filing, LateFiling::AcceptWithReasons);
    assert_eq!(malware.params.appeal_cap, 2);
    assert_eq!(malware.ladder.as_ref().unwrap().per, LadderPer::Entity);
}

#[test]
fn the_last_step_of_a_ladder_repeats() {
    let guide = Rulebook::parse(default_rulebook_toml()).unwrap();
    let login = guide.clause(&label("4.2"), &label("2026-01")).unwrap();
    let ladder = login.ladder.as_ref().unwrap();
    assert_eq!(
        ladder.step(1).measures,
        [AllowedMeasure {
            capability: id("login"),
            kind: MeasureKind::Capability,
            extent: Extent::Total,
            scope: Scope::NewUsers,
            mode: Mode::Suspension,
            lasts: Some(Period::Days(7)),
        }]
    );
    assert_eq!(ladder.step(3).measures.first().unwrap().lasts, None);
    assert_eq!(ladder.step(4), ladder.step(3));
    assert_eq!(ladder.step(u32::MAX), ladder.step(3));
}

#[test]
fn a_clause_is_found_by_its_number_and_version() {
    let newer = CLAUSE.replace("2026-01", "2026-07");
    let other = CLAUSE.replace("4.2", "10.1");
    let rulebook = Rulebook::parse(&format!("{DEFAULTS}{newer}{other}{CLAUSE}")).unwrap();
    assert_eq!(rulebook.clauses().len(), 3);
    for clause in rulebook.clauses() {
        let found = rulebook.clause(&clause.clause, &clause.version).unwrap();
        assert_eq!(found, clause);
    }
    assert_eq!(rulebook.clause(&label("4.2"), &label("2026-02")), None);
}

#[test]
fn critical_capabilities_are_named_and_may_be_none() {
    let read = |list: &str| Rulebook::parse(&with(r#"["login"]"#, list)).unwrap();
    assert!(read("[]").critical_capabilities.is_empty());
    let named = read(r#"["payment", "login"]"#).critical_capabilities;
    assert_eq!(named, [id("login"), id("payment")].into());
}

#[test]
fn a_clause_may_do_without_ladder() {
    let (clause, _) = CLAUSE.split_once("[clause.ladder]").unwrap();
    let rulebook = Rulebook::parse(&format!("{DEFAULTS}{clause}")).unwrap();
    assert_eq!(rulebook.clauses().first().unwrap().ladder, None);
}

#[test]
fn each_problem_is_reported_with_its_key() {
    for (from, to, problem) in [
        ("calendar = \"utc\"\n", "", "calendar: is missing"),
        (
            "\"test-1\"",
            "\"test 1\"",
            "version: `test 1` is no identifier: use 1 to 64 of A-Z a-z 0-9 _ -",
        ),
        (
            "recorded_refusals_per_day = 20",
            "recorded_refusals_per_day = 0",
            "recorded_refusals_per_day: records no refusal at all",
        ),
        (
            "[\"login\"]",
            "[\"login\", \"login\"]",
            "critical_capabilities[1]: `login` is there twice",
        ),
        (
            "appeal_cap = 2",
            "appeal_cap = 0",
            "defaults.appeal_cap: allows no appeal at all",
        ),
        (
            "cure = \"15 days\"",
            "cure = \"0 days\"",
            "defaults.cure: lasts no time",
        ),
        (
            "review = \"7 working days\"",
            "review = \"a week\"",
            "defaults.review: `a week` is no period: write a whole number and seconds, minutes, hours, \
             days or working days, as in `7 working days`",
        ),
        (
            "late_filing = \"refuse\"",
            "late_filing = \"refuse\"\ngrace = \"2 days\"",
            "defaults.grace: is no key of a rulebook",
        ),
        (
            "url = \"https://example.com/court\"",
            "url = \"example.com/court\"",
            "route[0].url: is no web address: it begins with https:// or http://",
        ),
        (
            "warning_first = true",
            "warning_first = true\ncure = \"0 hours\"",
            "clause[0].cure: lasts no time",
        ),
        (
            "warning_first = true",
            "warning_first = true\nemergency_grounds = [\"fraud\", \"users at risk\"]",
            "clause[0].emergency_grounds[1]: `users at risk` is no identifier: use 1 to 64 of \
             A-Z a-z 0-9 _ -",
        ),
        (
            "warning_first = true",
            "warning_first = true\nemergency_grounds = [\"fraud\", \"fraud\"]",
            "clause[0].emergency_grounds[1]: `fraud` is there twice",
        ),
        (
            "counts_for = \"365 days\"",
            "counts_for = \"250 working days\"",
            "clause[0].ladder.counts_for: is in working days, but a strike counts for days",
        ),
        (
            "lasts = \"7 days\"",
            "lasts = \"0 days\"",
            "clause[0].ladder.step[0].measures[0].lasts: lasts no time",
        ),
        (
            "lasts = \"7 days\"",
            "for = \"7 days\"",
            "clause[0].ladder.step[0].measures[0].for: is no key of a rulebook",
        ),
        (
            "[[route]]",
            "[route]",
            "route: is a table, not a list of tables",
        ),
        (
            "title = \"Login\"",
            "title = ",
            "line 31: string values must be quoted, expected literal string",
        ),
    ] {
        assert_eq!(problems(&with(from, to)), [problem]);
    }
    assert_eq!(problems(DEFAULTS), ["clause: needs at least one entry"]);
    assert_eq!(
        problems(&format!("{DEFAULTS}{CLAUSE}{CLAUSE}")),
        ["clause[1].clause: 4.2 at version 2026-01 is there twice"]
    );
    let (no_steps, _) = CLAUSE.split_once("[[clause.ladder.step]]").unwrap();
    assert_eq!(
        problems(&format!("{DEFAULTS}{no_steps}")),
        ["clause[0].ladder.step: needs at least one entry"]
    );
}

#[test]
fn all_problems_are_reported_at_once() {
    let toml = with("severity = \"medium\"", "severity = \"awful\"")
        .replace("appeal_cap = 2", "appeal_cap = -1")
        .replace("per = \"account\"", "per = \"person\"")
        .replace("title = \"Test\"", "");
    let problems = problems(&toml);
    let keys: Vec<&str> = problems
        .iter()
        .filter_map(|problem| problem.split(": ").next())
        .collect();
    assert_eq!(
        keys,
        [
            "title",
            "defaults.appeal_cap",
            "clause[0].severity",
            "clause[0].ladder.per",
        ]
    );
    assert!(
        problems
            .iter()
            .any(|it| it.contains("unknown variant `awful`"))
    );
    assert_eq!(
        Rulebook::parse(&toml).unwrap_err().to_string(),
        problems.join("\n")
    );
}

#[test]
fn an_empty_rulebook_lists_all_that_is_missing() {
    assert_eq!(
        problems(""),
        [
            "version: is missing",
            "title: is missing",
            "calendar: is missing",
            "recorded_refusals_per_day: is missing",
            "critical_capabilities: is missing",
            "defaults: is missing",
            "route: needs at least one entry",
            "clause: needs at least one entry",
        ]
    );
}

proptest! {
    /// Whatever an administrator sends is a rulebook or is told what is wrong with it.
    #[test]
    fn a_damaged_rulebook_is_refused_with_reasons(
        line in 0_usize..218, key in 0_usize..5, value in prop::sample::select(vec![
            "", "[]", "{}", "0", "-1", "true", "1979-05-27", "\"\"", "\"0 days\"", "[1]", "[{}]", "[[]]",
        ]),
    ) {
        let mut lines: Vec<String> = default_rulebook_toml().lines().map(str::to_owned).collect();
        if let Some(line) = lines.get_mut(line) {
            let name = line.split_once(" = ").map_or("version", |(name, _)| name);
            let replaced = ["clause", "route", "defaults", "ladder", name];
            *line = replaced.get(key).map(|name| format!("{name} = {value}")).unwrap_or_default();
        }
        if let Err(problems) = Rulebook::parse(&lines.join("\n")) {
            prop_assert!(!problems.problems().is_empty());
            prop_assert!(problems.problems().iter().all(|it| !it.key.is_empty()));
        }
    }
}

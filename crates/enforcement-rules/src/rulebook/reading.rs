//! Reading a rulebook and finding everything that is wrong with it in one go.

use std::collections::BTreeSet;

use events_schema::{CapabilityId, ID_LENGTH_MAX, Label, Route};
use toml::Table;

use super::{
    Clause, Ladder, Params, Rulebook, RulebookProblem, RulebookProblems,
    params::Inherited,
    section::{Found, Section},
};

/// Every notice and every refusal names the routes.
const ROUTES_MAX: usize = 8;

/// Bytes of the number of a clause, which stands in every deadline.
const CLAUSE_LENGTH_MAX: usize = 64;

pub(super) fn read(toml: &str) -> Result<Rulebook, RulebookProblems> {
    let table: Table = toml.parse().map_err(|error| not_toml(toml, &error))?;
    let mut found = Found::default();
    let rulebook = read_rulebook(Section::root(table), &mut found);
    match rulebook {
        Some(rulebook) if found.0.is_empty() => Ok(rulebook),
        Some(_) | None => {
            assert!(
                !found.0.is_empty(),
                "a rulebook that does not read says why"
            );
            Err(RulebookProblems::new(found.0))
        }
    }
}

fn not_toml(text: &str, error: &toml::de::Error) -> RulebookProblems {
    let before = error
        .span()
        .and_then(|span| text.get(..span.start))
        .unwrap_or_default();
    let line = before.matches('\n').count() + 1;
    RulebookProblems::new(vec![RulebookProblem {
        key: format!("line {line}"),
        problem: error.message().to_owned(),
    }])
}

fn read_rulebook(mut section: Section, found: &mut Found) -> Option<Rulebook> {
    let version = section.required("version", found);
    let title = section.required("title", found);
    let calendar = section.required("calendar", found);
    let recorded_refusals_per_day = section.required("recorded_refusals_per_day", found);
    if recorded_refusals_per_day == Some(0) {
        found.add(
            section.key("recorded_refusals_per_day"),
            "records no refusal at all",
        );
    }
    let critical_capabilities = read_critical_capabilities(&mut section, found);
    let defaults = if section.has("defaults") {
        let problems_before = found.0.len();
        let defaults = section.section("defaults", found).and_then(|mut defaults| {
            let params = Params::read(&mut defaults, Inherited::Nothing, found);
            defaults.finish(found);
            params
        });
        // What is wrong in the defaults is wrong once, not at every clause.
        defaults.filter(|_| found.0.len() == problems_before)
    } else {
        found.add(section.key("defaults"), "is missing");
        None
    };
    let inherited = defaults
        .as_ref()
        .map_or(Inherited::Unknown, Inherited::Defaults);
    let routes = section.sections("route", found);
    if routes.len() > ROUTES_MAX {
        found.add(
            section.key("route"),
            format!(
                "has {} entries, and at most {ROUTES_MAX} are told of",
                routes.len()
            ),
        );
    }
    let routes = routes
        .into_iter()
        .filter_map(|route| read_route(route, found))
        .collect();
    let clauses = read_clauses(&mut section, inherited, found);
    section.finish(found);
    Some(Rulebook {
        version: version?,
        title: title?,
        calendar: calendar?,
        recorded_refusals_per_day: recorded_refusals_per_day?,
        critical_capabilities: critical_capabilities?,
        routes,
        clauses,
    })
}

fn read_critical_capabilities(
    section: &mut Section,
    found: &mut Found,
) -> Option<BTreeSet<CapabilityId>> {
    let capabilities: Vec<CapabilityId> = section.required("critical_capabilities", found)?;
    let mut seen = BTreeSet::new();
    for (index, capability) in capabilities.into_iter().enumerate() {
        if let Some(twice) = seen.replace(capability) {
            let key = section.key(&format!("critical_capabilities[{index}]"));
            found.add(key, format!("`{twice}` is there twice"));
        }
    }
    Some(seen)
}

fn read_route(mut section: Section, found: &mut Found) -> Option<Route> {
    let name = section.required("name", found);
    let url: Option<Label> = section.required("url", found);
    section.check_url("url", url.as_ref().map(Label::as_str), found);
    section.finish(found);
    Some(Route {
        name: name?,
        url: url?,
    })
}

/// In the order of clause and version, so that one is found without a walk.
fn read_clauses(section: &mut Section, inherited: Inherited<'_>, found: &mut Found) -> Vec<Clause> {
    let mut seen = BTreeSet::new();
    let mut clauses: Vec<Clause> = Vec::new();
    for mut section in section.sections("clause", found) {
        let key = section.key("clause");
        let clause: Option<Label> = section.required("clause", found);
        let version: Option<Label> = section.required("version", found);
        if let Some(clause) = &clause
            && clause.as_str().len() > CLAUSE_LENGTH_MAX
        {
            found.add(
                key.clone(),
                format!(
                    "is longer than {CLAUSE_LENGTH_MAX} bytes; the words belong into the title"
                ),
            );
        }
        let identity = clause.zip(version);
        if let Some((clause, version)) = &identity
            && !seen.insert((clause.clone(), version.clone()))
        {
            found.add(key, format!("{clause} at version {version} is there twice"));
        }
        clauses.extend(read_clause(section, identity, inherited, found));
    }
    clauses.sort_by(|one, other| (&one.clause, &one.version).cmp(&(&other.clause, &other.version)));
    clauses
}

fn read_clause(
    mut section: Section,
    identity: Option<(Label, Label)>,
    inherited: Inherited<'_>,
    found: &mut Found,
) -> Option<Clause> {
    let title = section.required("title", found);
    let url: Option<Label> = section.required("url", found);
    section.check_url("url", url.as_ref().map(Label::as_str), found);
    let category = section.required("category", found);
    let severity = section.required("severity", found);
    let warning_first = section.required("warning_first", found);
    let emergency_grounds = read_grounds(&mut section, found);
    let params = Params::read(&mut section, inherited, found);
    let ladder = section
        .section("ladder", found)
        .and_then(|ladder| Ladder::read(ladder, found));
    section.finish(found);
    let (clause, version) = identity?;
    Some(Clause {
        clause,
        version,
        title: title?,
        url: url?,
        category: category?,
        severity: severity?,
        warning_first: warning_first?,
        emergency_grounds,
        params: params?,
        ladder,
    })
}

/// Grounds are ids: a command names one letter by letter, which a sentence would not survive.
fn read_grounds(section: &mut Section, found: &mut Found) -> Vec<Label> {
    let grounds: Vec<Label> = section
        .optional("emergency_grounds", found)
        .unwrap_or_default();
    let mut seen = BTreeSet::new();
    for (index, ground) in grounds.iter().enumerate() {
        let key = section.key(&format!("emergency_grounds[{index}]"));
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-';
        if ground.as_str().len() > ID_LENGTH_MAX || !ground.as_str().bytes().all(plain) {
            found.add(
                key,
                format!("`{ground}` is no identifier: use 1 to {ID_LENGTH_MAX} of A-Z a-z 0-9 _ -"),
            );
        } else if !seen.insert(ground) {
            found.add(key, format!("`{ground}` is there twice"));
        }
    }
    grounds
}

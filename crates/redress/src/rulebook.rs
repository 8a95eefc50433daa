//! `redress rulebook`: check one, show one.

use std::{
    collections::BTreeSet,
    fmt::Write as _,
    path::{Path, PathBuf},
};

use clap::{Args, Subcommand};
use enforcement_rules::{
    Clause, Params, ReviewBreach, Rulebook, RulebookProblems, default_rulebook_toml,
};
use serde::Serialize;
use serde_json::json;

use crate::{
    failure::{Failure, unreadable},
    output::{Output, manner, word},
    text_file,
};

/// Arguments of `rulebook`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  redress rulebook show --toml > rules.toml
  redress rulebook check rules.toml
  redress rulebook show rules.toml --command |
    redress send --as administrator:me AdoptRulebook -")]
pub struct Arguments {
    /// What to do.
    #[command(subcommand)]
    pub what: What,
}

/// What to do with rulebooks.
#[derive(Debug, Subcommand)]
pub enum What {
    /// Say everything that is wrong with one.
    #[command(after_help = "Example: redress rulebook check rules.toml")]
    Check {
        /// The file.
        file: PathBuf,
    },
    /// Show one; the shipped default if no file is named.
    #[command(
        after_help = "Example:\n  redress rulebook show --command |\n    redress send --as administrator:me AdoptRulebook -"
    )]
    Show {
        /// The file.
        file: Option<PathBuf>,
        /// Print the body of `AdoptRulebook`.
        #[arg(long, conflicts_with = "toml")]
        command: bool,
        /// Print the text itself.
        #[arg(long)]
        toml: bool,
    },
}

pub fn run(arguments: &Arguments, output: Output) -> Result<(), Failure> {
    match &arguments.what {
        What::Check { file } => {
            let (rulebook, _) = read(Some(file))?;
            output.result(&Checked::of(&rulebook), |checked| {
                format!(
                    "{}: {} clauses, nothing wrong",
                    checked.version,
                    checked.clauses.len()
                )
            });
        }
        What::Show {
            file,
            command,
            toml,
        } => {
            let (rulebook, text) = read(file.as_deref())?;
            if *command {
                let body = json!({ "facts": { "toml": text } });
                output.result(&body, ToString::to_string);
            } else if *toml {
                output.result(&json!({ "toml": text }), |_| text.clone());
            } else {
                output.result(&Checked::of(&rulebook), |_| describe(&rulebook));
            }
        }
    }
    Ok(())
}

/// A rulebook in short, for programs.
#[derive(Serialize)]
struct Checked {
    version: String,
    title: String,
    calendar: String,
    recorded_refusals_per_day: u32,
    critical_capabilities: BTreeSet<events_schema::CapabilityId>,
    routes: Vec<events_schema::Route>,
    clauses: Vec<serde_json::Value>,
}

impl Checked {
    fn of(rulebook: &Rulebook) -> Self {
        Self {
            version: rulebook.version.to_string(),
            title: rulebook.title.to_string(),
            calendar: rulebook.calendar.to_string(),
            recorded_refusals_per_day: rulebook.recorded_refusals_per_day,
            critical_capabilities: rulebook.critical_capabilities.clone(),
            routes: rulebook.routes.clone(),
            clauses: rulebook.clauses().iter().map(clause_json).collect(),
        }
    }
}

fn clause_json(clause: &Clause) -> serde_json::Value {
    let params = &clause.params;
    json!({
        "clause": clause.clause, "version": clause.version, "title": clause.title, "url": clause.url,
        "category": clause.category, "severity": clause.severity, "warning_first": clause.warning_first,
        "emergency_grounds": clause.emergency_grounds,
        "appeal_cap": params.appeal_cap, "appeal_window": params.appeal_window, "cure": params.cure,
        "cure_residual_minimum": params.cure_residual_minimum,
        "cure_residual_times": params.cure_residual_times,
        "declarations_that_hold": params.declarations_that_hold, "successors": params.successors,
        "review": params.review,
        "review_breach": params.review_breach.as_str(),
        "review_escalation": params.review_escalation, "claim_lease": params.claim_lease,
        "code_review": params.code_review, "verification": params.verification,
        "verification_second": params.verification_second,
        "verification_breach": params.verification_breach.as_str(),
        "stay_on_warning_appeal": params.stay_on_warning_appeal,
        "late_filing": params.late_filing.as_str(),
        "ladder": clause.ladder.as_ref().map(|ladder| json!({
            "per": ladder.per.as_str(), "counts_for": ladder.counts_for,
            "steps": ladder.steps().iter().map(|step| {
                step.measures.iter().map(|measure| json!({
                    "capability": measure.capability, "kind": measure.kind, "extent": measure.extent,
                    "scope": measure.scope, "mode": measure.mode, "lasts": measure.lasts
                })).collect::<Vec<_>>()
            }).collect::<Vec<_>>()
        }))
    })
}

fn read(file: Option<&Path>) -> Result<(Rulebook, String), Failure> {
    let text = match file {
        None => default_rulebook_toml().to_owned(),
        Some(file) => text_file::read(file).map_err(|error| unreadable(file.display(), &error))?,
    };
    let rulebook = Rulebook::parse(&text).map_err(|problems| {
        let lines = sentences(&problems, &text).join("\n  ");
        let name = file.map_or_else(
            || "the default".to_owned(),
            |file| file.display().to_string(),
        );
        Failure::Usage(format!("{name} does not hold together:\n  {lines}"))
    })?;
    Ok((rulebook, text))
}

/// Each problem, with the clause that it is about by its number: clauses are counted by nobody.
fn sentences(problems: &RulebookProblems, text: &str) -> Vec<String> {
    let table: toml::Table = text.parse().unwrap_or_default();
    let named = |place: usize| {
        let clause = table.get("clause")?.get(place)?;
        let number = clause.get("clause")?.as_str()?;
        let version = clause.get("version").and_then(toml::Value::as_str);
        Some(version.map_or_else(
            || format!("clause {number}"),
            |version| format!("clause {number} ({version})"),
        ))
    };
    problems
        .problems()
        .iter()
        .map(|problem| {
            let place = problem.key.strip_prefix("clause[");
            let about = place
                .and_then(|place| place.split_once(']'))
                .and_then(|(place, key)| {
                    let place: usize = place.parse().ok()?;
                    let name = named(place)
                        .unwrap_or_else(|| format!("clause without a number, entry {}", place + 1));
                    Some(format!("{name}: {}", key.trim_start_matches('.')))
                });
            let about = about.unwrap_or_else(|| problem.key.clone());
            format!("{about}: {}", problem.problem)
        })
        .collect()
}

fn describe(rulebook: &Rulebook) -> String {
    let mut text = format!(
        "rulebook {}: {}\ncalendar {}; {} refused filings recorded per account and day\n",
        rulebook.version, rulebook.title, rulebook.calendar, rulebook.recorded_refusals_per_day
    );
    let critical: Vec<_> = rulebook
        .critical_capabilities
        .iter()
        .map(events_schema::CapabilityId::as_str)
        .collect();
    if !critical.is_empty() {
        // Writing into a string cannot fail.
        let _ = writeln!(
            text,
            "warned about first, whatever the clause: {}",
            critical.join(", ")
        );
    }
    for clause in rulebook.clauses() {
        let params = &clause.params;
        // Writing into a string cannot fail.
        let _ = write!(
            text,
            "\nclause {} ({}), {}\n  {}; severity {}\n  cure {}, appeal window {}, {} attempts, ruling {}\n  \
             code review {}, verification {} and {} more; the first {} declarations stop these periods, and after the \
             first {} refusals at least {} is left\n",
            clause.clause,
            clause.version,
            clause.title,
            if clause.warning_first {
                "warned about first"
            } else {
                "may be penalised at once"
            },
            word(&clause.severity),
            params.cure,
            params.appeal_window,
            params.appeal_cap,
            params.review,
            params.code_review,
            params.verification,
            params.verification_second,
            params.declarations_that_hold,
            params.cure_residual_times,
            params.cure_residual_minimum
        );
        let spaced = |word: &str| word.replace('_', " ");
        let _ = writeln!(
            text,
            "  no ruling in time: {}; no verification in time: {}\n  late appeals: {}; appeal against \
             a warning: {}; claims end after {}",
            no_ruling(params),
            spaced(params.verification_breach.as_str()),
            spaced(params.late_filing.as_str()),
            if params.stay_on_warning_appeal {
                "stays its penalty until the ruling"
            } else {
                "stays nothing"
            },
            params.claim_lease
        );
        if !clause.emergency_grounds.is_empty() {
            let grounds: Vec<_> = clause
                .emergency_grounds
                .iter()
                .map(events_schema::Label::as_str)
                .collect();
            let _ = writeln!(
                text,
                "  penalised at once all the same on: {}",
                grounds.join(", ")
            );
        }
        if let Some(ladder) = &clause.ladder {
            for (index, step) in ladder.steps().iter().enumerate() {
                let measures: Vec<_> = step
                    .measures
                    .iter()
                    .map(|measure| {
                        let lasts = measure.lasts.map_or_else(
                            || "until rectified".to_owned(),
                            |period| period.to_string(),
                        );
                        format!(
                            "{} ({}), {}, {lasts}",
                            measure.capability,
                            word(&measure.kind),
                            manner(measure.extent, measure.mode, measure.scope)
                        )
                    })
                    .collect();
                let _ = writeln!(text, "  step {}: {}", index + 1, measures.join("; "));
            }
        }
    }
    text.push_str("\nexternal routes\n");
    for route in &rulebook.routes {
        let _ = writeln!(text, "  {} {}", route.name, route.url);
    }
    text
}

/// What follows when nobody rules in time. There is more time only where a ruling is still to come.
fn no_ruling(params: &Params) -> String {
    let more = params.review_escalation;
    match params.review_breach {
        ReviewBreach::Escalate => format!("escalated, {more} more to rule"),
        ReviewBreach::Stay => format!("escalated and the measures stayed, {more} more to rule"),
        ReviewBreach::DeemedGranted => "deemed granted".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said_of(toml: &str) -> Vec<String> {
        let problems = Rulebook::parse(toml).unwrap_err();
        sentences(&problems, toml)
    }

    #[test]
    fn a_problem_names_its_clause_by_number_and_version() {
        let whole = default_rulebook_toml();
        let broken = whole.replace("warning_first = false", "warning_first = \"no\"");
        let clauses: Vec<_> = Rulebook::parse(whole)
            .unwrap()
            .clauses()
            .iter()
            .filter(|clause| !clause.warning_first)
            .map(|clause| {
                format!(
                    "clause {} ({}): warning_first: ",
                    clause.clause, clause.version
                )
            })
            .collect();
        let said = said_of(&broken);
        assert!(
            !clauses.is_empty() && said.len() == clauses.len(),
            "{said:?}"
        );
        for clause in clauses {
            assert!(
                said.iter().any(|said| said.starts_with(&clause)),
                "{clause} is not in {said:?}"
            );
        }
    }

    #[test]
    fn a_clause_without_a_number_is_counted_from_one() {
        let broken = default_rulebook_toml().replacen("clause = \"", "klause = \"", 1);
        let said = said_of(&broken);
        assert!(
            said.iter()
                .any(|said| said.starts_with("clause without a number, entry 1: clause: ")),
            "{said:?}"
        );
    }

    #[test]
    fn an_appeal_that_is_deemed_granted_is_not_said_to_have_more_time() {
        let toml = default_rulebook_toml();
        let with = |breach: &str| {
            let toml = toml.replace("review_breach = \"stay\"", breach);
            describe(&Rulebook::parse(&toml).unwrap())
        };
        let granted = with("review_breach = \"deemed_granted\"");
        assert!(
            granted.contains("no ruling in time: deemed granted; "),
            "{granted}"
        );
        let escalated = with("review_breach = \"escalate\"");
        assert!(
            escalated.contains("no ruling in time: escalated, "),
            "{escalated}"
        );
        assert!(escalated.contains(" suspension for "), "{escalated}");
    }

    #[test]
    fn what_happens_when_somebody_is_late_is_shown() {
        let rulebook = Rulebook::parse(default_rulebook_toml()).unwrap();
        let shown = describe(&rulebook);
        for clause in rulebook.clauses() {
            for ground in &clause.emergency_grounds {
                assert!(shown.contains(ground.as_str()), "{shown}");
            }
        }
        for words in [
            "no ruling in time: ",
            "late appeals: ",
            "no verification in time: ",
        ] {
            assert_eq!(
                shown.matches(words).count(),
                rulebook.clauses().len(),
                "{words}: {shown}"
            );
        }
    }
}

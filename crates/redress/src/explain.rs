//! `redress explain`: what a code means, from the published schema and its golden example.

use std::fmt::Write as _;

use clap::Args;
use events_schema::{Locale, Problem, Rejection};
use include_dir::{Dir, include_dir};
use serde::Serialize;
use serde_json::Value;

use crate::{failure::Failure, nearest::proposal, output::Output};

static EXAMPLES: Dir<'_> =
    include_dir!("$CARGO_MANIFEST_DIR/../../events-schema/examples/rejections");
const SCHEMA: &str = include_str!("../../../events-schema/schemas/rejections/Rejection.json");

/// What is known of a code.
#[derive(Debug, Serialize)]
struct Explained {
    code: &'static str,
    meaning: String,
    facts: Vec<Fact>,
    example: Example,
}

#[derive(Debug, Serialize)]
struct Fact {
    name: String,
    meaning: String,
}

#[derive(Debug, Serialize)]
struct Example {
    en: String,
    #[serde(rename = "zh-CN")]
    zh_cn: String,
    problem: Problem,
}

/// Arguments of `explain`.
#[derive(Debug, Args)]
#[command(after_help = "Example: redress explain attempts_exhausted")]
pub struct Arguments {
    /// The code; all of them if absent.
    pub code: Option<String>,
}

pub fn run(arguments: &Arguments, output: Output) -> Result<(), Failure> {
    let Some(code) = &arguments.code else {
        let all: Vec<_> = Rejection::CODES
            .iter()
            .copied()
            .map(explain)
            .collect::<Result<_, _>>()?;
        output.results(&all, |all| {
            let mut text = String::new();
            for explained in all {
                // Writing into a string cannot fail.
                let _ = writeln!(text, "{:<28} {}", explained.code, explained.meaning);
            }
            text
        });
        return Ok(());
    };
    let known = Rejection::CODES
        .iter()
        .copied()
        .find(|known| known.eq_ignore_ascii_case(code))
        .ok_or_else(|| {
            Failure::NotFound(format!(
                "there is no code `{code}`{}. `redress explain` lists all",
                proposal(code, Rejection::CODES.iter().copied())
            ))
        })?;
    output.result(&explain(known)?, describe);
    Ok(())
}

fn explain(code: &'static str) -> Result<Explained, Failure> {
    let broken = |what: &str| Failure::World(format!("this build has no {what} for `{code}`"));
    let schema: Value = serde_json::from_str(SCHEMA).map_err(|_| broken("schema"))?;
    let variant = schema
        .get("oneOf")
        .and_then(Value::as_array)
        .and_then(|variants| {
            variants
                .iter()
                .find(|variant| variant.pointer("/properties/code/const") == Some(&code.into()))
        })
        .ok_or_else(|| broken("schema"))?;
    let text = |value: Option<&Value>| {
        value
            .and_then(|value| value.get("description"))
            .and_then(Value::as_str)
            .unwrap_or_default()
            .replace('\n', " ")
    };
    let facts = variant
        .get("properties")
        .and_then(Value::as_object)
        .into_iter()
        .flatten()
        .filter(|(name, _)| *name != "code")
        .map(|(name, fact)| Fact {
            name: name.clone(),
            meaning: text(Some(fact)),
        })
        .collect();
    let problem: Problem = EXAMPLES
        .get_file(format!("{code}.json"))
        .and_then(|file| serde_json::from_slice(file.contents()).ok())
        .ok_or_else(|| broken("example"))?;
    Ok(Explained {
        code,
        meaning: text(Some(variant)),
        facts,
        example: Example {
            en: problem.facts.sentence(Locale::English),
            zh_cn: problem.facts.sentence(Locale::Chinese),
            problem,
        },
    })
}

fn describe(explained: &Explained) -> String {
    let mut text = format!("{}\n  {}\n", explained.code, explained.meaning);
    if !explained.facts.is_empty() {
        text.push_str("\nfacts that decide it\n");
        for fact in &explained.facts {
            let _ = writeln!(text, "  {:<20} {}", fact.name, fact.meaning);
        }
    }
    let example = &explained.example;
    let _ = write!(
        text,
        "\nan example\n  {}\n  {}\n",
        example.en, example.zh_cn
    );
    for step in &example.problem.next {
        let _ = writeln!(text, "  next: {}", step.sentence(Locale::English));
    }
    if example.problem.recorded_at.is_some() {
        text.push_str("  a party's refused filing is on record\n");
    }
    text
}

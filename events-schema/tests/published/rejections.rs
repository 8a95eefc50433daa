//! The examples of refusals, each a whole answer.

use std::collections::BTreeSet;

use events_schema::{Locale, NextStep, Problem, Rejection};
use serde_json::Value;

use crate::files;

fn problem(code: &str) -> Problem {
    serde_json::from_str(&files::text(&format!("examples/rejections/{code}.json")))
        .unwrap_or_else(|error| panic!("{code}: {error}"))
}

#[test]
fn each_code_has_one_example() {
    let expected: BTreeSet<String> = Rejection::CODES
        .iter()
        .copied()
        .map(str::to_owned)
        .collect();
    assert_eq!(expected.len(), Rejection::CODES.len());
    assert_eq!(files::names("examples/rejections"), expected);
}

#[test]
fn each_example_is_the_answer_to_its_rejection() {
    for &code in Rejection::CODES {
        let example = problem(code);
        assert_eq!(example.facts.code(), code);
        let mut expected =
            Problem::new(example.facts.clone(), example.next.clone(), example.locale);
        expected.recorded_at = example.recorded_at;
        assert_eq!(example, expected);
        let written = serde_json::to_value(&example).unwrap();
        assert_eq!(
            written,
            files::json(&format!("examples/rejections/{code}.json"))
        );
    }
}

#[test]
fn each_rejection_has_a_whole_sentence_in_both_languages() {
    for &code in Rejection::CODES {
        let rejection = problem(code).facts;
        let [english, chinese] = [Locale::English, Locale::Chinese].map(|l| rejection.sentence(l));
        for sentence in [&english, &chinese] {
            assert!(!sentence.trim().is_empty(), "{code}");
            assert!(!sentence.contains('{'), "{code}: {sentence}");
        }
        assert_ne!(english, chinese, "{code}");
        let han = |c: char| ('\u{4e00}'..='\u{9fff}').contains(&c);
        assert!(chinese.contains(han), "{code}: {chinese}");
    }
}

/// Whatever a Chinese sentence has in Latin letters is an id, a code, a digest or an instant of its facts, the name of
/// a command, the name of the server, or stands between backticks as something to be typed or looked for.
#[test]
fn a_chinese_sentence_has_no_english_in_it() {
    for &code in Rejection::CODES {
        let problem = problem(code);
        let sentence = problem.facts.sentence(Locale::Chinese);
        let mut known = words_of_facts(&serde_json::to_value(&problem.facts).unwrap());
        known.extend(["NATS".to_owned()]);
        assert_eq!(latin(&sentence, &known), "", "{code}: {sentence}");
        for step in &problem.next {
            let mut known = words_of_facts(&serde_json::to_value(step).unwrap());
            if let NextStep::ExternalRoute { route } = step {
                // The platform calls its route what it likes.
                known.push(route.name.to_string());
            }
            let sentence = step.sentence(Locale::Chinese);
            assert_eq!(latin(&sentence, &known), "", "{code}: {sentence}");
        }
    }
}

/// Every text among the facts that is one word: ids, digests, instants, names of commands. A sentence is none.
fn words_of_facts(facts: &Value) -> Vec<String> {
    match facts {
        Value::String(text) if !text.contains(' ') => vec![text.clone()],
        Value::Array(items) => items.iter().flat_map(words_of_facts).collect(),
        Value::Object(fields) => fields.values().flat_map(words_of_facts).collect(),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => Vec::new(),
    }
}

/// The Latin letters of a sentence that are in none of these words, and not between backticks.
fn latin(sentence: &str, known: &[String]) -> String {
    let mut rest: String = sentence.split('`').step_by(2).collect();
    let mut known: Vec<_> = known.iter().collect();
    // A long word may hold a short one.
    known.sort_by_key(|word| std::cmp::Reverse(word.len()));
    for word in known {
        rest = rest.replace(word, "");
    }
    rest.retain(|c| c.is_ascii_alphabetic());
    rest
}

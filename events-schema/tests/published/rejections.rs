//! The examples of refusals, each a whole answer.

use std::collections::BTreeSet;

use events_schema::{Locale, Problem, Rejection};

use crate::files;

fn problem(code: &str) -> Problem {
    serde_json::from_str(&files::text(&format!("examples/rejections/{code}.json")))
        .unwrap_or_else(|error| panic!("{code}: {error}"))
}

#[test]
fn each_code_has_one_example() {
    let expected: BTreeSet<String> = Rejection::CODES.map(str::to_owned).into();
    assert_eq!(expected.len(), Rejection::CODES.len());
    assert_eq!(files::names("examples/rejections"), expected);
}

#[test]
fn each_example_is_the_answer_to_its_rejection() {
    for code in Rejection::CODES {
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
    for code in Rejection::CODES {
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

#[test]
fn a_chinese_sentence_says_in_english_only_what_it_marks_as_english() {
    for code in Rejection::CODES {
        let sentence = problem(code).facts.sentence(Locale::Chinese);
        let chinese = sentence.split("详情（英文）：").next().unwrap();
        let words: Vec<_> = chinese.split(' ').collect();
        let is_english =
            |word: &str| word.len() > 1 && word.chars().all(|c| c.is_ascii_alphabetic());
        let phrase = words
            .windows(2)
            .find(|two| two.iter().all(|word| is_english(word)));
        assert_eq!(phrase, None, "{code}: {sentence}");
    }
}

//! What somebody may have meant who typed a name wrong.

use std::{cmp::Reverse, collections::BTreeSet};

/// How many are offered.
const OFFERED: usize = 3;

/// How many of the pairs of letters of both must be shared, of a hundred, for a name to be near.
const SHARED_MIN_PERCENT: usize = 50;

/// The names that share the most pairs of letters with what was typed, which survives typing errors and other
/// endings. None where what was typed is like nothing.
pub fn nearest<'a>(typed: &str, known: impl IntoIterator<Item = &'a str>) -> Vec<&'a str> {
    let pairs = |text: &str| -> BTreeSet<(char, char)> {
        let text = text.to_lowercase().replace(['-', ' '], "_");
        text.chars().zip(text.chars().skip(1)).collect()
    };
    let wanted = pairs(typed);
    let mut near: Vec<_> = known
        .into_iter()
        .map(|name| {
            let has = pairs(name);
            let shared = wanted.intersection(&has).count();
            // Of two that share as much, the one with less beside it.
            (shared * 200 / (wanted.len() + has.len()).max(1), name)
        })
        .filter(|(shared, _)| *shared >= SHARED_MIN_PERCENT)
        .collect();
    near.sort_by_key(|(shared, name)| (Reverse(*shared), *name));
    near.truncate(OFFERED);
    near.into_iter().map(|(_, name)| name).collect()
}

/// The nearest names as the end of a sentence, or nothing.
pub fn proposal<'a>(typed: &str, known: impl IntoIterator<Item = &'a str>) -> String {
    match nearest(typed, known).as_slice() {
        [] => String::new(),
        [only] => format!("; the nearest is {only}"),
        several => format!("; the nearest are {}", several.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use events_schema::{CommandName, Rejection};

    use super::*;

    #[test]
    fn a_code_typed_wrong_is_found() {
        for (typed, meant) in [
            ("attempt_exhausted", "attempts_exhausted"),
            ("atempts-exausted", "attempts_exhausted"),
            ("Revision conflict", "revision_conflict"),
            ("unknown_cse", "unknown_case"),
        ] {
            let codes = nearest(typed, Rejection::CODES.iter().copied());
            assert_eq!(codes.first(), Some(&meant), "{typed}");
        }
    }

    #[test]
    fn what_is_like_nothing_is_no_occasion_to_guess() {
        assert_eq!(proposal("zzz", Rejection::CODES.iter().copied()), "");
        assert_eq!(proposal("", Rejection::CODES.iter().copied()), "");
        let one = proposal("attempts_exhaust", Rejection::CODES.iter().copied());
        assert_eq!(one, "; the nearest is attempts_exhausted");
    }

    #[test]
    fn a_command_typed_wrong_is_found() {
        for (typed, meant) in [
            ("SubmitApeal", "SubmitAppeal"),
            ("submitappeal", "SubmitAppeal"),
            ("issue-warning", "IssueWarning"),
            ("Decide.x", "Decide"),
        ] {
            let names = nearest(typed, CommandName::ALL.iter().map(|name| name.as_str()));
            assert_eq!(names.first(), Some(&meant), "{typed}");
        }
    }
}

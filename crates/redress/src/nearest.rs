//! What somebody may have meant who typed a name wrong.

use std::{cmp::Reverse, collections::BTreeSet};

/// How many are offered.
const OFFERED: usize = 3;

/// The names that share the most pairs of letters with what was typed, which survives typing errors and other
/// endings.
pub fn nearest<'a>(typed: &str, known: impl IntoIterator<Item = &'a str>) -> Vec<&'a str> {
    let pairs = |text: &str| -> BTreeSet<(char, char)> {
        let text = text.to_lowercase().replace(['-', ' '], "_");
        text.chars().zip(text.chars().skip(1)).collect()
    };
    let wanted = pairs(typed);
    let mut names: Vec<_> = known.into_iter().collect();
    names.sort_by_cached_key(|name| {
        let has = pairs(name);
        let shared = wanted.intersection(&has).count();
        // Of two that share as much, the one with less beside it.
        (
            Reverse(shared * 100 / (wanted.len() + has.len()).max(1)),
            *name,
        )
    });
    names.truncate(OFFERED);
    names
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
            let codes = nearest(typed, Rejection::CODES);
            assert_eq!(codes.first(), Some(&meant), "{typed}");
        }
    }

    #[test]
    fn a_command_typed_wrong_is_found() {
        for (typed, meant) in [
            ("SubmitApeal", "SubmitAppeal"),
            ("submitappeal", "SubmitAppeal"),
            ("issue-warning", "IssueWarning"),
            ("Decide.x", "Decide"),
        ] {
            let names = nearest(typed, CommandName::ALL.map(CommandName::as_str));
            assert_eq!(names.first(), Some(&meant), "{typed}");
        }
    }
}

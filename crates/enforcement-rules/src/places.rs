//! Whether two findings are about the same matter: what a person reads as one place is one.

use events_schema::{AccountId, Label, Sha256};

/// A clause and a place as a person reads it, and of which account: the first half of their SHA-256, so that as much is
/// kept of a long place as of a short one. Two that differ having one digest is as likely as guessing a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct PlaceKey([u8; 16]);

impl PlaceKey {
    /// Among the matters of all accounts.
    pub(crate) fn of_account(account: &AccountId, clause: &Label, location: &Label) -> Self {
        Self::digest(account.as_str(), clause, location)
    }

    /// Among the matters of one account.
    pub(crate) fn of(clause: &Label, location: &Label) -> Self {
        Self::digest("", clause, location)
    }

    fn digest(account: &str, clause: &Label, location: &Label) -> Self {
        // No id and no label has a line break, so no other three are written the same.
        let mut text = format!("{account}\n{clause}\n");
        text.extend(seen(location));
        let Sha256([first @ .., _, _, _, _, _, _, _, _, _, _, _, _, _, _, _, _]) =
            Sha256::of(text.as_bytes());
        Self(first)
    }
}

/// A place as a person reads it. Case, how many blanks, full-width forms and characters that nobody sees make no other
/// place: else whoever writes the notice could raise again what was decided.
fn seen(location: &Label) -> impl Iterator<Item = char> + '_ {
    let words = location.as_str().split_whitespace();
    words
        .filter(|word| !word.chars().all(is_invisible))
        .flat_map(|word| std::iter::once(' ').chain(word.chars()))
        .filter(|character| !is_invisible(*character))
        .map(half_width)
        .flat_map(char::to_lowercase)
}

/// The ASCII character of a full-width form.
fn half_width(character: char) -> char {
    const SHIFT: u32 = '\u{ff01}' as u32 - '!' as u32;
    match character {
        '\u{ff01}'..='\u{ff5e}' => {
            char::from_u32(u32::from(character) - SHIFT).unwrap_or(character)
        }
        _ => character,
    }
}

/// Format characters, fillers and variation selectors of Unicode 16.
const fn is_invisible(character: char) -> bool {
    matches!(
        character,
        '\u{ad}'
            | '\u{34f}'
            | '\u{61c}'
            | '\u{115f}'..='\u{1160}'
            | '\u{17b4}'..='\u{17b5}'
            | '\u{180b}'..='\u{180f}'
            | '\u{200b}'..='\u{200f}'
            | '\u{202a}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}'
            | '\u{2800}'
            | '\u{3164}'
            | '\u{fe00}'..='\u{fe0f}'
            | '\u{feff}'
            | '\u{ffa0}'
            | '\u{fff9}'..='\u{fffb}'
            | '\u{1d173}'..='\u{1d17a}'
            | '\u{e0000}'..='\u{e0fff}'
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_reads_the_same_is_the_same_place() {
        let clause: Label = "4.2".parse().unwrap();
        let page = PlaceKey::of(&clause, &"Pay page".parse().unwrap());
        let same_place = |text: &str| PlaceKey::of(&clause, &text.parse().unwrap()) == page;
        for text in [
            "Pay Page",
            "Pay  page",
            "Pay\u{a0}page",
            "Pay page\u{200b}",
            "\u{202e}Pay page",
            "Ｐay page",
            "pay \u{200b} PAGE",
        ] {
            assert!(same_place(text), "{text:?}");
        }
        for text in ["Pay page 2", "Pay-page", "Pa page", "Paypage"] {
            assert!(!same_place(text), "{text:?}");
        }
    }
}

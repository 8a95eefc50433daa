//! Whether two findings are about the same matter: what a person reads as one place is one.

use events_schema::{AccountId, Label, Sha256};
use percent_encoding::percent_decode_str;
use unicode_normalization::UnicodeNormalization;
use unicode_security::skeleton;

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
        text.push_str(&seen(location));
        let Sha256([first @ .., _, _, _, _, _, _, _, _, _, _, _, _, _, _, _, _]) =
            Sha256::of(text.as_bytes());
        Self(first)
    }
}

/// A place as a person reads it, so that whoever writes the notice cannot raise again by another spelling what was decided
/// (rule 15). Nothing is made of: how often it is percent-encoded, compatibility forms, case, traditional characters,
/// look-alike letters, how many blanks and slashes, characters that nobody sees, and the order of a query.
///
/// Two places that only a computer tells apart, such as `0` and `o`, are one. What that costs is newer evidence.
fn seen(location: &Label) -> String {
    let text = decoded(location.as_str()).replace('\\', "/");
    let words = text.split_whitespace().map(letters);
    let words: Vec<_> = words.filter(|word| !word.is_empty()).collect();
    let text = words.join(" ");
    let (path, query) = text.split_once('?').unwrap_or((&text, ""));
    let path = path.split('/').filter(|step| !matches!(*step, "" | "."));
    let mut query: Vec<_> = query.split('&').filter(|it| !it.is_empty()).collect();
    query.sort_unstable();
    let path: Vec<_> = path.collect();
    format!("{}?{}", path.join("/"), query.join("&"))
}

/// Each round makes it shorter, or there is none.
fn decoded(text: &str) -> String {
    let once = percent_decode_str(text).decode_utf8();
    match once {
        Ok(decoded) if decoded != text => self::decoded(&decoded),
        Ok(_) | Err(_) => text.to_owned(),
    }
}

/// The letters of a word as they look.
fn letters(word: &str) -> String {
    let folded = if word.is_ascii() {
        word.to_ascii_lowercase()
    } else {
        let visible = word.chars().filter(|it| !is_invisible(*it));
        let folded: String = visible.nfkc().flat_map(char::to_lowercase).collect();
        simplet2s::convert(&folded)
    };
    let look: String = skeleton(&folded).collect();
    look.to_lowercase()
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
            "P\u{430}y page",
            "Pay%20page",
            "Pay%2520page",
            "/Pay page/",
        ] {
            assert!(same_place(text), "{text:?}");
        }
        for text in ["Pay page 2", "Pay-page", "Pa page", "Paypage"] {
            assert!(!same_place(text), "{text:?}");
        }
    }

    #[test]
    fn no_spelling_makes_another_place() {
        let clause: Label = "4.2".parse().unwrap();
        let key = |text: &str| PlaceKey::of(&clause, &text.parse().unwrap());
        for (one, other) in [
            ("pages/a", "pages/a/"),
            ("pages/a", "/pages//./a"),
            ("pages/a", "pages\\a"),
            ("pages/a?x=1&y=2", "pages/a?y=2&x=1"),
            ("pages/a", "pages/a?"),
            ("pages/%C3%A9", "pages/é"),
            ("pages/é", "pages/e\u{301}"),
            ("pages/１２", "pages/12"),
            ("第一页", "第一頁"),
            ("pages/ﬁle", "pages/file"),
        ] {
            assert_eq!(key(one), key(other), "{one:?} {other:?}");
        }
        for (one, other) in [
            ("pages/a", "pages/b"),
            ("pages/a?x=1", "pages/a?x=2"),
            ("pages/a/b", "pages/ab"),
            ("第一页", "第二页"),
            ("100%", "100"),
            ("pages/e", "pages/é"),
        ] {
            assert_ne!(key(one), key(other), "{one:?} {other:?}");
        }
    }
}

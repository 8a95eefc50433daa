//! Whether two findings are about the same place: what a person reads as one place is one.

use events_schema::Label;

/// Whether two locations name the same place. Case, how many blanks, full-width forms and characters that nobody sees
/// make no other place: else whoever writes the notice could raise again what was decided.
pub(crate) fn same_place(one: &Label, other: &Label) -> bool {
    one == other || seen(one).eq(seen(other))
}

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
        let page: Label = "Pay page".parse().unwrap();
        for text in [
            "Pay Page",
            "Pay  page",
            "Pay\u{a0}page",
            "Pay page\u{200b}",
            "\u{202e}Pay page",
            "Ｐay page",
            "pay \u{200b} PAGE",
        ] {
            assert!(same_place(&page, &text.parse().unwrap()), "{text:?}");
        }
        for text in ["Pay page 2", "Pay-page", "Pa page", "Paypage"] {
            assert!(!same_place(&page, &text.parse().unwrap()), "{text:?}");
        }
    }
}

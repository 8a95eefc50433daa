//! From the bytes of a file to its unfolded lines.

use super::{IcsSource, ImportProblem};

const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// The text of a file with its folded lines put together again.
///
/// Lines are folded by bytes (RFC 5545, 3.1), so a fold may stand inside a character and the bytes are put together
/// before anything is taken for text. Lines that end in a line feed alone are in use, and unmistakable.
pub(super) fn unfolded(source: IcsSource<'_>) -> Result<String, ImportProblem> {
    let unreadable = |reason: String| ImportProblem::NotICalendar {
        place: source.name.to_owned(),
        reason,
    };
    let bytes = source
        .bytes
        .strip_prefix(BYTE_ORDER_MARK)
        .unwrap_or(source.bytes);
    if bytes.starts_with(b"\xff\xfe") || bytes.starts_with(b"\xfe\xff") {
        return Err(unreadable("it is UTF-16; save it as UTF-8".to_owned()));
    }
    if let Some(line) = first_lone_carriage_return(bytes) {
        let which = if bytes.contains(&b'\n') {
            format!("line {line} ends in a carriage return alone")
        } else {
            "its lines end in a carriage return alone".to_owned()
        };
        return Err(unreadable(format!(
            "{which}; end each line with a carriage return and a line feed, or with a line feed"
        )));
    }
    String::from_utf8(unfold(bytes)).map_err(|error| {
        let valid_up_to = error.utf8_error().valid_up_to();
        let text = String::from_utf8_lossy(error.as_bytes());
        // What is replaced comes behind, so up to there the text is as long as the bytes.
        let line_start = text
            .get(..valid_up_to)
            .and_then(|before| before.rfind('\n'))
            .map_or(0, |end| end + 1);
        let line = text.get(line_start..).unwrap_or_default();
        let shown: String = line
            .chars()
            .take_while(|it| !it.is_control())
            .take(60)
            .collect();
        unreadable(format!(
            "it is not UTF-8, first in the line `{shown}`; save it as UTF-8"
        ))
    })
}

/// The number of the line that ends in a carriage return with no line feed behind it.
fn first_lone_carriage_return(bytes: &[u8]) -> Option<usize> {
    let mut line = 1;
    let mut behind = bytes.iter().skip(1).map(Some).chain([None]);
    for byte in bytes {
        let next = behind.next().flatten();
        if *byte == b'\r' && next != Some(&b'\n') {
            return Some(line);
        }
        line += usize::from(*byte == b'\n');
    }
    None
}

/// Takes out each end of a line that a blank or a tab follows, with that one character.
fn unfold(bytes: &[u8]) -> Vec<u8> {
    let mut unfolded: Vec<u8> = Vec::with_capacity(bytes.len());
    let mut rest = bytes.iter().copied().peekable();
    while let Some(byte) = rest.next() {
        if byte == b'\n' && rest.next_if(|next| matches!(next, b' ' | b'\t')).is_some() {
            if unfolded.last() == Some(&b'\r') {
                unfolded.pop();
            }
        } else {
            unfolded.push(byte);
        }
    }
    unfolded
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn text(bytes: &[u8]) -> Result<String, String> {
        let source = IcsSource {
            name: "a.ics",
            bytes,
        };
        unfolded(source).map_err(|problem| problem.to_string())
    }

    #[test]
    fn what_cannot_be_taken_for_lines_of_text_says_why() {
        for (bytes, why) in [
            (
                &b"BEGIN:VCALENDAR\rEND:VCALENDAR\r"[..],
                "its lines end in a carriage return alone",
            ),
            (b"a\r\nb\rc\r\n", "line 2 ends in a carriage return alone"),
            (b"a\r\r\nb\r\r\n", "line 1 ends in a carriage return alone"),
            (b"\xff\xfeB\0E\0", "it is UTF-16"),
            (b"\xfe\xff\0B\0E", "it is UTF-16"),
            (b"a\r\nSUMMARY:\xc4\xcf\r\n", "first in the line `SUMMARY:"),
            (b"SUMMARY:\xe5\x8a\r\nx\r\n", "it is not UTF-8"),
        ] {
            let said = text(bytes).unwrap_err();
            assert!(said.starts_with("a.ics: no iCalendar file: "), "{said}");
            assert!(said.contains(why), "{said}");
        }
    }

    proptest! {
        /// A line may be folded anywhere, and at each place once.
        #[test]
        fn however_a_line_is_folded_it_is_the_same(
            line in "[a劳😀 \t:;é]{0,40}",
            folds in proptest::collection::btree_set(0_usize..80, 0..6),
            end in "\r?\n",
            blank in "[ \t]",
        ) {
            let mut folded = Vec::new();
            for (at, byte) in line.bytes().enumerate() {
                if at > 0 && folds.contains(&at) {
                    folded.extend_from_slice(end.as_bytes());
                    folded.extend_from_slice(blank.as_bytes());
                }
                folded.push(byte);
            }
            prop_assert_eq!(text(&folded), Ok(line));
        }
    }
}

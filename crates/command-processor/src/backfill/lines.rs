//! The lines of a history, however the program that wrote the file ends it.

use std::io::{self, BufRead};

/// What some programs put in front of UTF-8. It stands for nothing.
const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// Why a line cannot be read, where that is not to be seen in an editor.
pub(super) fn hidden_fault(line: &[u8]) -> Option<&'static str> {
    let within = line.trim_ascii();
    if line.starts_with(b"\xff\xfe") || line.starts_with(b"\xfe\xff") {
        Some("is UTF-16; save the file as UTF-8")
    } else if within.starts_with(BYTE_ORDER_MARK) {
        Some(
            "begins with a byte-order mark, which may stand once, in front of the file; take it out",
        )
    } else if within.contains(&b'\r') {
        Some(
            "holds a carriage return alone, as if it were several lines; end each line with a line feed",
        )
    } else {
        None
    }
}

/// Reads line by line. A byte-order mark in front of the first line and empty lines behind the last one are no part of
/// a history. An empty line between others is one of them: something may be missing there.
pub(super) struct Lines<R> {
    reader: R,
    bytes_read: u64,
    /// Empty lines that were read and not given, since nothing stood behind them yet.
    empty: u64,
    /// What stands behind them.
    behind: Option<Vec<u8>>,
}

impl<R: BufRead> Lines<R> {
    pub(super) const fn of(reader: R) -> Self {
        Self {
            reader,
            bytes_read: 0,
            empty: 0,
            behind: None,
        }
    }

    /// Bytes of the file that were read.
    pub(super) const fn bytes_read(&self) -> u64 {
        self.bytes_read
    }

    /// Puts the next line in place of what `text` holds; `false` behind the last one.
    pub(super) fn read(&mut self, text: &mut Vec<u8>) -> io::Result<bool> {
        text.clear();
        while self.behind.is_none() {
            let read = self.reader.read_until(b'\n', text)?;
            if read == 0 {
                return Ok(false);
            }
            if self.bytes_read == 0 && text.starts_with(BYTE_ORDER_MARK) {
                text.drain(..BYTE_ORDER_MARK.len());
            }
            self.bytes_read += read as u64;
            if text.trim_ascii().is_empty() {
                self.empty += 1;
                text.clear();
            } else if self.empty == 0 {
                return Ok(true);
            } else {
                self.behind = Some(std::mem::take(text));
            }
        }
        if self.empty > 0 {
            self.empty -= 1;
        } else if let Some(behind) = self.behind.take() {
            *text = behind;
        }
        Ok(true)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(file: &[u8]) -> Vec<String> {
        let mut lines = Lines::of(file);
        let (mut all, mut text) = (Vec::new(), Vec::new());
        while lines.read(&mut text).unwrap() {
            all.push(String::from_utf8(text.clone()).unwrap().trim().to_owned());
        }
        assert_eq!(lines.bytes_read(), file.len() as u64);
        all
    }

    #[test]
    fn a_byte_order_mark_and_what_ends_the_file_are_no_lines() {
        for file in [
            "a\nb",
            "a\nb\n",
            "\u{feff}a\r\nb\r\n",
            "a\nb\n\n",
            "a\r\nb\r\n\r\n\r\n",
            "a\nb\n \t\n\n ",
        ] {
            assert_eq!(lines(file.as_bytes()), ["a", "b"], "{file:?}");
        }
        for empty in ["", "\n", "\u{feff}", "\u{feff}\r\n\r\n"] {
            assert!(lines(empty.as_bytes()).is_empty(), "{empty:?}");
        }
    }

    #[test]
    fn what_an_editor_does_not_show_is_named() {
        for (line, why) in [
            (&b"\xff\xfe{\0}\0\n"[..], "UTF-16"),
            (b"\xfe\xff\0{\0}\0\n", "UTF-16"),
            ("\u{feff}{}\n".as_bytes(), "byte-order mark"),
            (b"{}\r{}\r", "carriage return alone"),
        ] {
            assert!(hidden_fault(line).unwrap().contains(why), "{line:?}");
        }
        for line in ["{}\n", "{}\r\n", " {} \r\n", "{"] {
            assert_eq!(hidden_fault(line.as_bytes()), None, "{line:?}");
        }
    }

    #[test]
    fn an_empty_line_between_others_keeps_its_number() {
        assert_eq!(lines(b"a\n\n\nb\n\nc\n\n"), ["a", "", "", "b", "", "c"]);
        assert_eq!(lines("\u{feff}\n\nb".as_bytes()), ["", "", "b"]);
    }
}

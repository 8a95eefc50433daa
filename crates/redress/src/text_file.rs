//! Text from files and from standard input, as other programs write it.

use std::{
    fs,
    io::{self, Read as _},
    path::Path,
};

/// Reads a file of text.
pub fn read(path: &Path) -> io::Result<String> {
    fs::read_to_string(path).map(without_mark)
}

/// Reads standard input to its end.
pub fn read_standard_input() -> io::Result<String> {
    let mut text = String::new();
    io::stdin().read_to_string(&mut text)?;
    Ok(without_mark(text))
}

/// Without the byte-order mark that some programs put in front of UTF-8, and that nobody sees.
pub fn without_mark(mut text: String) -> String {
    if text.starts_with('\u{feff}') {
        text.drain(..'\u{feff}'.len_utf8());
    }
    text
}

//! Why a command ended: a sentence for whoever typed it.

use std::fmt;

/// A sentence that says what failed and, where we know it, what to do.
///
/// One type for everything, since nobody but a person ever reads a failure of these commands.
#[derive(Debug)]
pub(crate) struct Failure(String);

impl Failure {
    pub(crate) fn new(sentence: impl Into<String>) -> Self {
        Self(sentence.into())
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

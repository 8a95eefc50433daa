//! Why a command ended: a sentence for whoever typed it.

/// One type for everything, since nobody but a person ever reads a failure of these commands.
#[derive(Debug)]
pub(crate) struct Failure {
    sentence: Option<String>,
}

impl Failure {
    /// A sentence that says what failed and, where we know it, what to do.
    pub(crate) fn new(sentence: impl Into<String>) -> Self {
        Self {
            sentence: Some(sentence.into()),
        }
    }

    /// What we ran has said in its own last words what failed, and these are to stay the last.
    pub(crate) fn told() -> Self {
        Self { sentence: None }
    }

    pub(crate) fn sentence(&self) -> Option<&str> {
        self.sentence.as_deref()
    }
}

impl std::fmt::Display for Failure {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.sentence().unwrap_or("it said so above"))
    }
}

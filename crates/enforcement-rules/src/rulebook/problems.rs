//! What is wrong with a rulebook.

use std::fmt;

/// Everything that is wrong with a rulebook; never empty.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RulebookProblems(Vec<RulebookProblem>);

/// One thing that is wrong with a rulebook.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RulebookProblem {
    /// The key it is about, as `clause[2].ladder.step[0].measures[0].lasts`, counted from 0; of a text
    /// that is no TOML, the line.
    pub key: String,
    /// What is wrong, as a fragment.
    pub problem: String,
}

impl RulebookProblems {
    pub(super) const fn new(problems: Vec<RulebookProblem>) -> Self {
        Self(problems)
    }

    /// Each of them.
    pub fn problems(&self) -> &[RulebookProblem] {
        &self.0
    }

    /// Each as a sentence that begins with its key.
    pub fn sentences(&self) -> Vec<String> {
        self.0.iter().map(ToString::to_string).collect()
    }
}

impl fmt::Display for RulebookProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.key, self.problem)
    }
}

impl fmt::Display for RulebookProblems {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.sentences().join("\n"))
    }
}

impl std::error::Error for RulebookProblems {}

//! What goes to the terminal: results on standard output, everything else on standard error.

#![expect(clippy::print_stderr, reason = "the one place that prints")]

use std::io::{IsTerminal as _, Write as _};

use clap::ValueEnum;
use indicatif::{ProgressBar, ProgressStyle};
use serde::Serialize;

use crate::failure::Failure;

/// The form of results.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// For people.
    Human,
    /// One JSON document.
    Json,
    /// One JSON document a line.
    Jsonl,
}

/// Prints in one form.
#[derive(Debug, Clone, Copy)]
pub struct Output {
    format: Format,
}

impl Output {
    /// Prints in this form.
    pub const fn new(format: Format) -> Self {
        Self { format }
    }

    /// Whether results are for people.
    pub fn is_human(self) -> bool {
        self.format == Format::Human
    }

    /// Prints one result.
    pub fn result<T: Serialize>(self, result: &T, human: impl FnOnce(&T) -> String) {
        match self.format {
            Format::Human => line(human(result).trim_end()),
            Format::Json => line(&serde_json::to_string_pretty(result).unwrap_or_default()),
            Format::Jsonl => line(&serde_json::to_string(result).unwrap_or_default()),
        }
    }

    /// Prints many results of one kind as they come. As one JSON document they form an array.
    pub fn stream<T: Serialize, E>(
        self,
        results: impl Iterator<Item = Result<T, E>>,
        human: impl Fn(&T) -> String,
    ) -> Result<u64, E> {
        let mut count = 0;
        for result in results {
            let result = result?;
            match self.format {
                Format::Human => line(human(&result).trim_end()),
                Format::Json => {
                    let opening = if count == 0 { "[" } else { "," };
                    let text = serde_json::to_string(&result).unwrap_or_default();
                    line(&format!("{opening}{text}"));
                }
                Format::Jsonl => line(&serde_json::to_string(&result).unwrap_or_default()),
            }
            count += 1;
        }
        if self.format == Format::Json {
            line(if count == 0 { "[]" } else { "]" });
        }
        Ok(count)
    }

    /// Tells a person something beside the result.
    pub fn note(self, text: &str) {
        if self.is_human() {
            eprintln!("{text}");
        }
    }

    /// Says why the run failed: a paragraph for people, a document for programs.
    pub fn failure(self, failure: &Failure) {
        if self.is_human() {
            eprintln!("error: {failure}");
            if let Failure::Rejected(problem) = failure {
                eprintln!("  code   {}", problem.code);
                for step in &problem.next {
                    eprintln!(
                        "  next   {}",
                        serde_json::to_string(step).unwrap_or_default()
                    );
                }
                if let Some(position) = problem.recorded_at {
                    eprintln!("  this refusal is on record at position {position}");
                }
            }
        } else if let Failure::Rejected(problem) = failure {
            self.result(problem, |_| String::new());
        } else {
            let error =
                serde_json::json!({ "error": failure.kind(), "detail": failure.to_string() });
            self.result(&error, |_| String::new());
        }
    }

    /// A bar for long work, on standard error, and only for a person who is looking.
    pub fn progress(self, length: u64, what: &'static str) -> ProgressBar {
        if !self.is_human() || !std::io::stderr().is_terminal() {
            return ProgressBar::hidden();
        }
        let style = ProgressStyle::with_template(
            "{msg} {bar:30} {human_pos}/{human_len}  {per_sec}  {eta} left",
        )
        .unwrap_or_else(|_| ProgressStyle::default_bar());
        ProgressBar::new(length)
            .with_style(style)
            .with_message(what)
    }
}

/// A reader that goes away early (`| head`) is no reason to fail.
fn line(text: &str) {
    let mut out = std::io::stdout().lock();
    if writeln!(out, "{text}").is_err() {
        std::process::exit(0);
    }
}

/// The word that the published language has for a value.
pub fn word(value: &impl Serialize) -> String {
    serde_json::to_value(value)
        .ok()
        .and_then(|value| value.as_str().map(|word| word.replace('_', " ")))
        .unwrap_or_default()
}

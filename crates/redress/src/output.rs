//! What goes to the terminal: results on standard output, everything else on standard error.

#![expect(clippy::print_stderr, reason = "the one place that prints")]

use std::io::{IsTerminal as _, Write as _};

use clap::ValueEnum;
use events_schema::{Extent, Mode, Scope};
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

    /// Prints a list, of which each part is a document of its own where there is one a line.
    pub fn results<T: Serialize>(self, results: &[T], human: impl FnOnce(&[T]) -> String) {
        match self.format {
            Format::Human | Format::Json => self.result(&results, |results| human(results)),
            Format::Jsonl => results
                .iter()
                .for_each(|result| self.result(result, |_| String::new())),
        }
    }

    /// Prints many results of one kind as they come. Where they break off behind the first, the failure is the last.
    pub fn stream<T: Serialize>(
        self,
        results: impl Iterator<Item = Result<T, Failure>>,
        human: impl Fn(&T) -> String,
    ) -> Result<u64, Failure> {
        let mut series = self.series();
        for result in results {
            match result {
                Ok(result) => series.add(&result, &human),
                Err(failure) if series.count == 0 => return Err(failure),
                Err(failure) => {
                    if !self.is_human() {
                        series.add(&document(&failure), |_| String::new());
                    }
                    series.end();
                    return Err(failure.told());
                }
            }
        }
        Ok(series.end())
    }

    /// A result of many parts, to be printed as they come. As one JSON document they form an array.
    pub const fn series(self) -> Series {
        Series {
            format: self.format,
            count: 0,
        }
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
                    eprintln!("  next   {}", step.sentence(problem.locale));
                }
                if let Some(position) = problem.recorded_at {
                    eprintln!("  this refusal is on record at position {position}");
                }
            }
        } else if !matches!(failure, Failure::Told { .. }) {
            self.result(&document(failure), |_| String::new());
        }
    }

    /// A bar for long work, on standard error, and only for a person who is looking.
    pub fn progress(self, length: u64, what: &'static str) -> ProgressBar {
        let form = "{msg} {bar:30} {human_pos}/{human_len}  {per_sec}  {eta} left";
        self.bar(length, what, form)
    }

    /// The same for work that is counted in bytes, of which it turns out later how many there are.
    pub fn progress_in_bytes(self, what: &'static str) -> ProgressBar {
        let form = "{msg} {bar:30} {binary_bytes}/{binary_total_bytes}  {binary_bytes_per_sec}  {eta} left";
        self.bar(0, what, form)
    }

    fn bar(self, length: u64, what: &'static str, form: &str) -> ProgressBar {
        if !self.is_human() || !std::io::stderr().is_terminal() {
            return ProgressBar::hidden();
        }
        let style = ProgressStyle::with_template(form);
        ProgressBar::new(length)
            .with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()))
            .with_message(what)
    }
}

/// A result of many parts that is being printed.
#[derive(Debug)]
#[must_use = "an array must be closed"]
pub struct Series {
    format: Format,
    count: u64,
}

impl Series {
    /// Prints one more.
    pub fn add<T: Serialize>(&mut self, part: &T, human: impl FnOnce(&T) -> String) {
        match self.format {
            Format::Human => line(human(part).trim_end()),
            Format::Json => {
                let opening = if self.count == 0 { "[" } else { "," };
                let text = serde_json::to_string(part).unwrap_or_default();
                line(&format!("{opening}{text}"));
            }
            Format::Jsonl => line(&serde_json::to_string(part).unwrap_or_default()),
        }
        self.count += 1;
    }

    /// Ends it, and says of how many parts it is.
    pub fn end(self) -> u64 {
        if self.format == Format::Json {
            line(if self.count == 0 { "[]" } else { "]" });
        }
        self.count
    }
}

/// A failure as programs read it.
fn document(failure: &Failure) -> serde_json::Value {
    if let Failure::Rejected(problem) = failure {
        return serde_json::to_value(problem).unwrap_or_default();
    }
    serde_json::json!({ "error": failure.kind(), "detail": failure.to_string() })
}

/// A reader that goes away early (`| head`) is no reason to fail. A result that is cut short by anything else, such
/// as a full disk, must not pass for the whole.
fn line(text: &str) {
    let mut out = std::io::stdout().lock();
    let written = writeln!(out, "{text}").and_then(|()| out.flush());
    if let Err(error) = written {
        if error.kind() == std::io::ErrorKind::BrokenPipe {
            std::process::exit(0);
        }
        eprintln!("error: failed to write the result to standard output: {error}");
        std::process::exit(Failure::World(String::new()).exit_code().into());
    }
}

/// The word that the published language has for a value.
pub fn word(value: &impl Serialize) -> String {
    serde_json::to_value(value)
        .ok()
        .and_then(|value| value.as_str().map(|word| word.replace('_', " ")))
        .unwrap_or_default()
}

/// How much of a capability is restricted, in which manner, and for whom: `partial suspension for new users`.
pub fn manner(extent: Extent, mode: Mode, scope: Scope) -> String {
    let whose = match scope {
        Scope::NewUsers => "new users",
        Scope::All => "all users",
    };
    format!("{} {} for {whose}", word(&extent), word(&mode))
}

/// So many of something: `1 event`, `2 events`.
pub fn counted(count: u64, one: &str) -> String {
    if count == 1 {
        format!("1 {one}")
    } else {
        format!("{count} {one}s")
    }
}

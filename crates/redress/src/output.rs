//! What goes to the terminal: results on standard output, everything else on standard error.
//!
//! So do errors, of every command: with `-o json` and `-o jsonl` as one JSON object on a line, the last one. Results
//! beside it are complete documents, and hold what was found or done before.

use std::io::{IsTerminal as _, Write as _};

use clap::ValueEnum;
use command_processor::Contradiction;
use events_schema::{Extent, Locale, Mode, Scope};
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

    /// Prints a text that is the same in every form.
    pub fn text(self, text: &str) {
        self.line(text.trim_end());
    }

    /// Whether each part of a list is a document of its own.
    pub fn is_one_a_line(self) -> bool {
        self.format == Format::Jsonl
    }

    /// Prints one result.
    pub fn result<T: Serialize>(self, result: &T, human: impl FnOnce(&T) -> String) {
        match self.format {
            Format::Human => self.line(human(result).trim_end()),
            Format::Json => self.line(&serde_json::to_string_pretty(result).unwrap_or_default()),
            Format::Jsonl => self.line(&serde_json::to_string(result).unwrap_or_default()),
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

    /// Prints many results of one kind as they come. Where they break off, what was printed is a whole document.
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
                    series.end();
                    return Err(failure);
                }
            }
        }
        Ok(series.end())
    }

    /// A result of many parts, to be printed as they come. As one JSON document they form an array.
    pub const fn series(self) -> Series {
        Series {
            output: self,
            count: 0,
        }
    }

    /// Tells a person something beside the result.
    pub fn note(self, text: &str) {
        if self.is_human() {
            tell(text);
        }
    }

    /// Says why the run failed, on standard error.
    pub fn failure(self, failure: &Failure) {
        if !matches!(failure, Failure::Said(_)) {
            tell(&self.failure_text(failure));
        }
    }

    /// Why the run failed: a paragraph for people, a JSON object on one line for programs.
    pub fn failure_text(self, failure: &Failure) -> String {
        if !self.is_human() {
            return document(failure).to_string();
        }
        let mut lines = vec![format!("error: {failure}")];
        if let Failure::Rejected(problem) = failure {
            lines.push(format!("  code   {}", problem.code));
            if problem.locale == Locale::Chinese {
                let said = problem.facts.in_one_language().into_iter();
                lines.extend(said.map(|said| format!("  facts  {said}")));
            }
            let next = problem.next.iter();
            lines.extend(next.map(|step| format!("  next   {}", step.sentence(problem.locale))));
            lines.extend(
                problem
                    .recorded_at
                    .map(|position| format!("  this refusal is on record at position {position}")),
            );
        }
        lines.join("\n")
    }

    /// A reader that goes away early (`| head`) is no reason to fail. A result that is cut short by anything else, such
    /// as a full disk, must not pass for the whole.
    fn line(self, text: &str) {
        let mut out = std::io::stdout().lock();
        let written = writeln!(out, "{text}").and_then(|()| out.flush());
        if let Err(error) = written {
            if error.kind() == std::io::ErrorKind::BrokenPipe {
                std::process::exit(0);
            }
            let failure = Failure::World(format!(
                "failed to write the result to standard output: {error}"
            ));
            self.failure(&failure);
            std::process::exit(failure.exit_code().into());
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
    output: Output,
    count: u64,
}

impl Series {
    /// Prints one more.
    pub fn add<T: Serialize>(&mut self, part: &T, human: impl FnOnce(&T) -> String) {
        let output = self.output;
        match output.format {
            Format::Human => output.line(human(part).trim_end()),
            Format::Json => {
                let opening = if self.count == 0 { "[" } else { "," };
                let text = serde_json::to_string(part).unwrap_or_default();
                output.line(&format!("{opening}{text}"));
            }
            Format::Jsonl => output.line(&serde_json::to_string(part).unwrap_or_default()),
        }
        self.count += 1;
    }

    /// Ends it, and says of how many parts it is.
    pub fn end(self) -> u64 {
        if self.output.format == Format::Json {
            self.output.line(if self.count == 0 { "[]" } else { "]" });
        }
        self.count
    }
}

/// A failure as programs read it: of one shape, whichever command fails. The refusal of the procedure is beside it as
/// it was answered.
fn document(failure: &Failure) -> serde_json::Value {
    let mut document = serde_json::json!({
        "error": failure.kind(), "exit_code": failure.exit_code(), "detail": failure.to_string()
    });
    if let (Failure::Rejected(problem), Some(members)) = (failure, document.as_object_mut()) {
        let problem = serde_json::to_value(problem).unwrap_or_default();
        members.insert("problem".to_owned(), problem);
    }
    document
}

/// The form that a command line asks for which does not read as a whole.
pub fn asked_for(arguments: impl Iterator<Item = std::ffi::OsString>) -> Format {
    let arguments: Vec<String> = arguments
        .map(|argument| argument.to_string_lossy().into_owned())
        .take_while(|argument| argument != "--")
        .collect();
    let values = arguments.iter().enumerate().filter_map(|(at, argument)| {
        if argument == "-o" || argument == "--output" {
            return arguments.get(at + 1).map(String::as_str);
        }
        let value = argument
            .strip_prefix("--output=")
            .or_else(|| argument.strip_prefix("-o="));
        value.or_else(|| argument.strip_prefix("-o"))
    });
    values
        .filter_map(|value| Format::from_str(value, false).ok())
        .next_back()
        .unwrap_or(Format::Human)
}

/// Says, whatever the form of results, that files beside a log know of events that it lost.
pub fn tell_rolled_back(contradictions: &[Contradiction]) {
    for Contradiction { file, how, .. } in contradictions {
        tell(&format!(
            "the log was rolled back, and this is what is left of it; of `{file}`, {how}. `redress verify` says what to do"
        ));
    }
}

/// Says something on standard error. Where that is closed nobody wants to know, and the exit code says the same.
fn tell(text: &str) {
    let _ = writeln!(std::io::stderr(), "{text}");
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_form_that_is_asked_for_is_known_although_the_rest_does_not_read() {
        for (line, form) in [
            ("redress shw", Format::Human),
            ("redress shw -o json", Format::Json),
            ("redress -ojsonl shw", Format::Jsonl),
            ("redress -o=json shw", Format::Json),
            ("redress --output=jsonl shw", Format::Jsonl),
            ("redress shw --output json --nats x", Format::Json),
            ("redress shw -o human -o json", Format::Json),
            ("redress shw -o yaml", Format::Human),
            ("redress shw -o", Format::Human),
            ("redress shw -- -o json", Format::Human),
        ] {
            let arguments = line.split(' ').map(std::ffi::OsString::from);
            assert_eq!(asked_for(arguments), form, "{line}");
        }
    }
}

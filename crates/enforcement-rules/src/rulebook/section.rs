//! Reading a TOML table key by key, so that one reading finds every problem with its full key.
//!
//! Deriving a reader for the whole would stop at the first problem.

use events_schema::Period;
use serde::de::DeserializeOwned;
use toml::{Table, Value};

use super::RulebookProblem;

/// A table of a rulebook, of which each key is taken once; what is left at the end is unknown.
#[derive(Debug)]
pub(super) struct Section {
    path: String,
    table: Table,
}

/// The problems found so far.
#[derive(Debug, Default)]
pub(super) struct Found(pub(super) Vec<RulebookProblem>);

impl Found {
    pub(super) fn add(&mut self, key: String, problem: impl Into<String>) {
        self.0.push(RulebookProblem {
            key,
            problem: problem.into(),
        });
    }
}

impl Section {
    pub(super) const fn root(table: Table) -> Self {
        Self {
            path: String::new(),
            table,
        }
    }

    /// The full key of one of its keys.
    pub(super) fn key(&self, key: &str) -> String {
        if self.path.is_empty() {
            key.to_owned()
        } else {
            format!("{}.{key}", self.path)
        }
    }

    /// A value that must be there.
    pub(super) fn required<T: DeserializeOwned>(
        &mut self,
        key: &str,
        found: &mut Found,
    ) -> Option<T> {
        if !self.table.contains_key(key) {
            found.add(self.key(key), "is missing");
        }
        self.optional(key, found)
    }

    /// A value that may be absent. `None` also where it is wrong, which is then noted.
    pub(super) fn optional<T: DeserializeOwned>(
        &mut self,
        key: &str,
        found: &mut Found,
    ) -> Option<T> {
        let value = self.table.remove(key)?;
        value
            .try_into()
            .map_err(|error: toml::de::Error| found.add(self.key(key), error.message()))
            .ok()
    }

    /// Whether the key is there.
    pub(super) fn has(&self, key: &str) -> bool {
        self.table.contains_key(key)
    }

    /// Notes a period that lasts no time: everything under it would be overdue at once.
    pub(super) fn check_period(&self, key: &str, period: Option<Period>, found: &mut Found) {
        if period.is_some_and(|period| period.count() == 0) {
            found.add(self.key(key), "lasts no time");
        }
    }

    /// Notes a text that is no web address.
    pub(super) fn check_url(&self, key: &str, url: Option<&str>, found: &mut Found) {
        if url.is_some_and(|url| !url.starts_with("https://") && !url.starts_with("http://")) {
            found.add(
                self.key(key),
                "is no web address: it begins with https:// or http://",
            );
        }
    }

    /// A table within it, if there.
    pub(super) fn section(&mut self, key: &str, found: &mut Found) -> Option<Self> {
        let path = self.key(key);
        match self.table.remove(key)? {
            Value::Table(table) => Some(Self { path, table }),
            other => {
                found.add(path, format!("is a {}, not a table", other.type_str()));
                None
            }
        }
    }

    /// A list of tables within it, which must hold at least one.
    pub(super) fn sections(&mut self, key: &str, found: &mut Found) -> Vec<Self> {
        let path = self.key(key);
        let values = match self.table.remove(key) {
            None => Vec::new(),
            Some(Value::Array(values)) => values,
            Some(other) => {
                found.add(
                    path,
                    format!("is a {}, not a list of tables", other.type_str()),
                );
                return Vec::new();
            }
        };
        if values.is_empty() {
            found.add(path.clone(), "needs at least one entry");
        }
        values
            .into_iter()
            .enumerate()
            .filter_map(|(index, value)| {
                let path = format!("{path}[{index}]");
                match value {
                    Value::Table(table) => Some(Self { path, table }),
                    other => {
                        found.add(path, format!("is a {}, not a table", other.type_str()));
                        None
                    }
                }
            })
            .collect()
    }

    /// Notes every key that nobody took: a misspelt key must not pass for a rule.
    pub(super) fn finish(self, found: &mut Found) {
        for key in self.table.keys() {
            found.add(self.key(key), "is no key of a rulebook");
        }
    }
}

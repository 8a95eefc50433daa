//! The list: what each crate may depend on, and why.

use std::{collections::BTreeMap, fs, path::Path};

use serde::Deserialize;

use super::declared::Section;
use crate::failure::Failure;

/// `allowed-dependencies.toml`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Allowed {
    /// What each crate of the workspace may name in its manifest.
    pub(super) crates: BTreeMap<String, Crate>,
    /// What a crate must not reach through any chain of dependencies.
    #[serde(default)]
    pub(super) never: Vec<Never>,
}

/// One crate's dependencies, each with the reason.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Crate {
    #[serde(default)]
    normal: BTreeMap<String, String>,
    #[serde(default)]
    dev: BTreeMap<String, String>,
    #[serde(default)]
    build: BTreeMap<String, String>,
}

/// A boundary that holds for chains too.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Never {
    pub(super) crates: Vec<String>,
    pub(super) reach: Vec<String>,
    pub(super) because: String,
}

impl Crate {
    pub(super) fn section(&self, section: Section) -> &BTreeMap<String, String> {
        match section {
            Section::Normal => &self.normal,
            Section::Dev => &self.dev,
            Section::Build => &self.build,
        }
    }
}

impl Allowed {
    pub(super) fn read(path: &Path) -> Result<Self, Failure> {
        let text = fs::read_to_string(path)
            .map_err(|error| Failure::new(format!("{} cannot be read: {error}", path.display())))?;
        Self::parse(&text).map_err(|error| Failure::new(format!("{}: {error}", path.display())))
    }

    pub(super) fn parse(text: &str) -> Result<Self, toml::de::Error> {
        toml::from_str(text)
    }
}

//! Small values that commands and events share: releases, observations, languages, routes.

use serde::{Deserialize, Serialize};

use crate::{Instant, Label, Sha256};

/// A version of the account's app.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Release {
    /// The version as the platform names it.
    pub version: Label,
    /// Digest of the package.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub digest: Option<Sha256>,
}

/// What somebody saw, in which release, and when.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Observation {
    /// Digest of the picture or record.
    pub sha256: Sha256,
    /// The release that was looked at.
    pub release: Release,
    /// When it was captured.
    pub captured_at: Instant,
}

/// A way out of the platform: a mediator, an authority, a court.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Route {
    /// Its name.
    pub name: Label,
    /// Where to find it.
    pub url: Label,
}

/// The languages that Redress answers in.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub enum Locale {
    /// English.
    #[default]
    #[serde(rename = "en")]
    English,
    /// Chinese, simplified.
    #[serde(rename = "zh-CN")]
    Chinese,
}

impl Locale {
    /// The first supported language of an `Accept-Language` value; English where there is none.
    pub fn from_accept_language(value: &str) -> Self {
        value
            .split(',')
            .map(|part| part.split(';').next().unwrap_or_default().trim())
            .find_map(|tag| {
                let tag = tag.to_ascii_lowercase();
                if tag == "zh" || tag.starts_with("zh-") {
                    Some(Self::Chinese)
                } else if tag == "en" || tag.starts_with("en-") {
                    Some(Self::English)
                } else {
                    None
                }
            })
            .unwrap_or_default()
    }

    /// Its BCP 47 tag.
    pub const fn tag(self) -> &'static str {
        match self {
            Self::English => "en",
            Self::Chinese => "zh-CN",
        }
    }
}

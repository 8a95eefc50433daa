//! Facts of a rejection as earlier versions wrote them: a refused filing is in the log, with them, for ever.

use serde::{Deserialize, Deserializer, de};

use super::MissingBook;

/// What is missing, or the English words that stood for it before it had a kind.
pub(super) fn missing_book<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<MissingBook, D::Error> {
    #[derive(Deserialize)]
    #[serde(
        untagged,
        expecting = "what is missing, or the words that stood for it"
    )]
    enum Stored {
        Kind(MissingBook),
        Words(String),
    }

    match Stored::deserialize(deserializer)? {
        Stored::Kind(missing) => Ok(missing),
        Stored::Words(words) => of_words(&words)
            .ok_or_else(|| de::Error::custom(format_args!("`{words}` never was missing"))),
    }
}

fn of_words(words: &str) -> Option<MissingBook> {
    if words == "a rulebook" {
        return Some(MissingBook::Rulebook {});
    }
    if let Some(calendar) = words.strip_prefix("the calendar ") {
        let calendar = calendar.parse().ok()?;
        return Some(MissingBook::Calendar { calendar });
    }
    let rulebook = words
        .strip_prefix("the rulebook ")?
        .strip_suffix(" or its calendar")?;
    let rulebook = rulebook.parse().ok()?;
    Some(MissingBook::RulebookOfNotice { rulebook })
}

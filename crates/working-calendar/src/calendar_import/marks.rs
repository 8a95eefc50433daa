//! What the words of an event say about its days.

/// The words by which events are told apart.
///
/// Letters of ASCII are compared without their case.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Marks<'a> {
    /// How the summaries of make-up working days begin.
    pub working_days: &'a [&'a str],
    /// What marks an observance, a day that is kept in mind and not off: one of its CATEGORIES, the first words of its
    /// DESCRIPTION up to a line's end or a punctuation mark, or what stands in brackets at the end of its SUMMARY. The
    /// calendars of Google mark them in the language of whoever looks at them, and say of no other event how it is
    /// hidden: whatever its first words are, an event whose DESCRIPTION says that in its second line is an observance.
    /// With none of these words nothing is.
    pub observances: &'a [&'a str],
}

impl Marks<'static> {
    /// Those that are in use in English and Chinese.
    pub const USUAL: Self = Self {
        working_days: &["上班", "补班", "work"],
        observances: &["observance", "observances", "纪念日", "紀念日"],
    };
}

/// What an event makes of its days.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Effect {
    Off,
    Working,
}

/// Words that in a summary speak of work.
const WORK: [&str; 4] = ["work", "working", "workday", "workdays"];
/// Words with which a summary that speaks of work means the opposite.
const NO_WORK: [&str; 5] = ["no", "non", "not", "off", "without"];
/// What says that an event is of half a day.
const HALF: [&str; 8] = [
    "half day",
    "half-day",
    "halfday",
    "half holiday",
    "half-holiday",
    "half working day",
    "半天",
    "半日",
];
/// Where the first words of a description end. `Observance of the birth of ...` is a description like any other.
const ENDS_OF_WORDS: [char; 14] = [
    '.', ',', ';', ':', '(', '[', '/', '|', '。', '，', '；', '：', '（', '、',
];

/// `None` where a summary speaks of work but does not begin as that of a make-up working day does, as
/// `春节（班）` or `Special Working Day`. Calendars in use write so, and taking it for a day off would be
/// wrong by the day that moved and by the day that it was moved to.
pub(super) fn effect_of(summary: &str, marks: &Marks<'_>) -> Option<Effect> {
    let mut prefixes = marks.working_days.iter();
    if prefixes.any(|prefix| begins_with(summary, prefix)) {
        return Some(Effect::Working);
    }
    let says = |wanted: &[&str]| {
        words(summary).any(|word| wanted.iter().any(|it| word.eq_ignore_ascii_case(it)))
    };
    let speaks_of_work = summary.contains('班') || (says(&WORK) && !says(&NO_WORK));
    (!speaks_of_work).then_some(Effect::Off)
}

/// What of an event can mark it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Phrases {
    /// Each of its categories, the first words of its description, and what stands in brackets at the end of its
    /// summary.
    all: Vec<String>,
    /// The first words of a description that goes on with how to hide the event.
    of_what_can_be_hidden: Option<String>,
}

impl Phrases {
    pub(super) fn of(summary: &str, description: &str, categories: &[String]) -> Self {
        // A line's end is written as two characters, and a comma within a text behind a backslash.
        let description = description.replace("\\n", "\n").replace("\\N", "\n");
        let mut lines = description.trim_start().lines();
        let first_words = lines
            .next()
            .and_then(|line| line.split(ENDS_OF_WORDS).next())
            .and_then(|words| words.split(" - ").next());
        let can_be_hidden = lines.next().is_some_and(|line| line.contains("Google"));
        let in_brackets = summary
            .trim_end()
            .strip_suffix([')', '）', ']', '】'])
            .and_then(|summary| summary.rsplit(['(', '（', '[', '【']).next());
        let categories = categories.iter().flat_map(|list| list.split(','));
        let plain = |phrase: &str| phrase.trim().trim_end_matches('\\').to_owned();
        Self {
            of_what_can_be_hidden: first_words.filter(|_| can_be_hidden).map(plain),
            all: categories
                .chain(first_words)
                .chain(in_brackets)
                .map(plain)
                .collect(),
        }
    }

    /// The phrase that marks an observance.
    pub(super) fn observance(&self, marks: &Marks<'_>) -> Option<&str> {
        let observances = || marks.observances.iter().filter(|it| !it.is_empty());
        observances().next()?;
        let mut phrases = self.all.iter();
        phrases
            .find(|phrase| observances().any(|it| it.eq_ignore_ascii_case(phrase)))
            .or(self.of_what_can_be_hidden.as_ref())
            .map(String::as_str)
    }

    /// Whether an event of this summary is of half a day by what it says.
    pub(super) fn say_half_a_day(&self, summary: &str) -> bool {
        let said = self.all.iter().map(String::as_str).chain([summary]);
        said.map(str::to_ascii_lowercase)
            .any(|text| HALF.iter().any(|half| text.contains(half)))
    }
}

/// A prefix of letters must stand alone: `work` does not begin `Workers' Day`, which is a day off.
fn begins_with(summary: &str, prefix: &str) -> bool {
    let Some((start, rest)) = summary.split_at_checked(prefix.len()) else {
        return false;
    };
    let goes_on = |next: char| next.is_alphanumeric() || is_apostrophe(next);
    !prefix.is_empty()
        && start.eq_ignore_ascii_case(prefix)
        && !(prefix.ends_with(|last: char| last.is_ascii_alphanumeric())
            && rest.starts_with(goes_on))
}

fn words(summary: &str) -> impl Iterator<Item = &str> {
    summary.split(|character: char| !character.is_alphanumeric() && !is_apostrophe(character))
}

const fn is_apostrophe(character: char) -> bool {
    matches!(character, '\'' | '’')
}

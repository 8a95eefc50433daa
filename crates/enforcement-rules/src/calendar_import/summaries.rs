//! What the summary of an event says about its days.

use super::Effect;

/// Words that in a summary speak of work.
const WORK: [&str; 4] = ["work", "working", "workday", "workdays"];
/// Words with which a summary that speaks of work means the opposite.
const NO_WORK: [&str; 5] = ["no", "non", "not", "off", "without"];

/// `None` where a summary speaks of work but does not begin as that of a make-up working day does, as
/// `春节（班）` or `Special Working Day`. Calendars in use write so, and taking it for a day off would be
/// wrong by the day that moved and by the day that it was moved to.
pub(super) fn effect_of(summary: &str, prefixes: &[&str]) -> Option<Effect> {
    if prefixes.iter().any(|prefix| begins_with(summary, prefix)) {
        return Some(Effect::Working);
    }
    let says = |wanted: &[&str]| {
        words(summary).any(|word| wanted.iter().any(|it| word.eq_ignore_ascii_case(it)))
    };
    let speaks_of_work = summary.contains('班') || (says(&WORK) && !says(&NO_WORK));
    (!speaks_of_work).then_some(Effect::Off)
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

//! A notice keeps the rulebook under which it was issued (rule 12).

use events_schema::{AdoptRulebook, BooksEvent, Command, Event, Locale, MeasureAnswer, Rejection};
use test_support::{
    ANN, DEV7, PLATFORM, ROOT, TestWorld, appeal, day, id, penalty, publication, refusing,
    rulebook, warning,
};

#[test]
fn a_notice_keeps_its_rulebook_for_life() {
    let mut world = TestWorld::new();
    let stricter = rulebook()
        .with_version("tests-2")
        .with("appeal_cap", "1")
        .with("appeal_window", "\"1 days\"");
    world
        .given(PLATFORM, penalty(), day(0))
        .given(ROOT, stricter, day(1))
        .given(DEV7, appeal("A1", "P1"), day(2))
        .given(
            ANN,
            refusing("A1", day(3)).measure("M1", MeasureAnswer::Keep),
            day(3),
        );
    assert_eq!(world.due("C1", "window"), Some(day(33)));
    assert_eq!(world.standing("C1").attempt_cap, 2);
}

#[test]
fn a_notice_issued_later_is_under_the_later_rulebook() {
    let mut world = TestWorld::new();
    let later = rulebook()
        .with_version("tests-2")
        .with("cure", "\"20 days\"");
    world
        .given(ROOT, later, day(1))
        .given(PLATFORM, warning(), day(2));
    assert_eq!(world.due("C1", "cure"), Some(day(22)));
    let notice = world.case("C1").notice(&id("W1")).expect("a notice");
    assert_eq!(notice.terms.rulebook, id("tests-2"));
}

#[test]
fn the_penalty_that_follows_a_warning_keeps_the_rulebook_of_the_warning() {
    let mut world = TestWorld::new();
    world
        .given(PLATFORM, warning(), day(0))
        .given(
            ROOT,
            rulebook().with_version("tests-2").with("appeal_cap", "1"),
            day(1),
        )
        .advance_to(day(15));
    let penalty = world.case("C1").notice(&id("W1-P")).expect("a penalty");
    assert_eq!(penalty.terms.rulebook, id("tests-1"));
    assert_eq!(penalty.terms.attempt_cap, 2);
}

#[test]
fn the_content_of_a_rulebook_is_on_record_with_its_digest() {
    let mut world = TestWorld::new();
    let toml = rulebook().with_version("tests-2").toml();
    world.given(ROOT, rulebook().with_version("tests-2"), day(1));
    let events = world.last_events();
    let [Event::Books(BooksEvent::RulebookAdopted(adopted))] = events.as_slice() else {
        panic!("a rulebook")
    };
    assert_eq!(adopted.digest, events_schema::Sha256::of(toml.as_bytes()));
    assert_eq!(adopted.command.toml, toml);
}

#[test]
fn a_rulebook_that_does_not_read_is_refused() {
    let mut world = TestWorld::new();
    world
        .when(
            ROOT,
            rulebook().with_version("tests-2").with("appeal_cap", "0"),
            day(1),
        )
        .then_rejected("invalid_rulebook");
}

#[test]
fn of_thousands_of_problems_the_first_are_told_and_their_number_is() {
    let tables: Vec<_> = (0..2_000).map(|number| format!("[t{number}]")).collect();
    let toml = tables.join("\n");
    let adopt = Command::AdoptRulebook(AdoptRulebook { toml });
    let mut world = TestWorld::new();
    world.when(ROOT, adopt, day(1));
    let refused = world.then_rejected("invalid_rulebook");
    let Rejection::InvalidRulebook { problems, more } = refused else {
        panic!("{refused:?}");
    };
    assert_eq!(problems.len(), 20);
    assert!(*more > 1_980, "{more}");
    let sentence = refused.sentence(Locale::English);
    let ends = format!("; and {more} more");
    assert!(sentence.ends_with(&ends), "{sentence}");
}

#[test]
fn an_adopted_version_never_changes() {
    let mut world = TestWorld::new();
    world
        .when(ROOT, rulebook().with("appeal_cap", "3"), day(1))
        .then_rejected("rulebook_version_taken");
}

#[test]
fn a_rulebook_is_adopted_after_its_calendar() {
    let mut world = TestWorld::empty();
    world
        .when(ROOT, rulebook(), day(0))
        .then_rejected("no_rulebook");
    let calendar = events_schema::Command::PublishCalendar(publication("utc"));
    world
        .given(ROOT, calendar, day(0))
        .given(ROOT, rulebook(), day(0));
}

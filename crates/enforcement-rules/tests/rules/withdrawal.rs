//! Taking a notice back (rule 10).

use events_schema::NoticeStanding;
use test_support::{DEV7, PLATFORM, TestWorld, appeal, day, mistaken, penalty, warning};

#[test]
fn a_mistaken_notice_lifts_its_measures_seals_and_closes_a_pending_appeal_without_ruling() {
    let mut world = TestWorld::new();
    world
        .given(PLATFORM, penalty(), day(0))
        .given(DEV7, appeal("A1", "P1"), day(1))
        .given(PLATFORM, mistaken("P1"), day(2))
        .then_events(&[
            "notice.withdrawn",
            "appeal.closed_without_ruling",
            "measures.lifted",
            "findings.sealed",
            "notice.closed",
        ]);
    assert_eq!(world.standing("C1").standing, NoticeStanding::Withdrawn);
    assert!(world.case("C1").deadlines.is_empty());
    assert!(world.in_force("C1").is_empty());
}

#[test]
fn a_withdrawn_warning_imposes_nothing() {
    let mut world = TestWorld::new();
    world
        .given(PLATFORM, warning(), day(0))
        .given(PLATFORM, mistaken("W1"), day(1))
        .advance_to(day(60));
    assert!(!world.history("C1").contains(&"penalty.imposed"));
}

#[test]
fn an_exhausted_notice_can_be_withdrawn() {
    let mut world = TestWorld::new();
    world
        .given(PLATFORM, penalty(), day(0))
        .given(PLATFORM, mistaken("P1"), day(40));
    assert!(world.in_force("C1").is_empty());
}

#[test]
fn what_has_ended_is_not_withdrawn() {
    let mut world = TestWorld::new();
    world
        .given(PLATFORM, penalty(), day(0))
        .given(PLATFORM, mistaken("P1"), day(1))
        .when(PLATFORM, mistaken("P1"), day(2))
        .then_rejected("notice_not_live");
}

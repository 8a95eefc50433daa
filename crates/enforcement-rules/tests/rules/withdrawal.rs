//! Taking a notice back (domain rule 10).

use events_schema::{NoticeStanding, Rejection, WithdrawalReason};
use test_support::{
    DEV7, PLATFORM, TestWorld, appeal, day, id, label, mistaken, penalty, restriction, superseded,
    warning,
};

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
fn a_superseded_notice_names_its_successor_and_only_such_a_one() {
    let mut nameless = superseded("P1", "P2");
    nameless.0.successor = None;
    let mut named = superseded("P1", "P2");
    named.0.why = WithdrawalReason::Mistaken;
    for wrong in [nameless, named, superseded("P1", "P1")] {
        let mut world = TestWorld::new();
        world
            .given(PLATFORM, penalty(), day(0))
            .when(PLATFORM, wrong, day(1))
            .then_rejected("successor_required");
    }
}

#[test]
fn a_successor_inherits_the_window() {
    let mut world = TestWorld::new();
    let successor = penalty()
        .with_notice("P2")
        .with_measures(&[("M2", restriction("payment"))]);
    world
        .given(PLATFORM, penalty(), day(0))
        .given(PLATFORM, superseded("P1", "P2"), day(10))
        .given(PLATFORM, successor, day(11));
    assert_eq!(world.due("C1", "window"), Some(day(30)));
}

#[test]
fn a_successor_inherits_the_cure_period() {
    let mut world = TestWorld::new();
    let mut successor = warning().with_notice("W2");
    for measure in &mut successor.0.threatened_measures {
        measure.id = id("M2");
    }
    world
        .given(PLATFORM, warning(), day(0))
        .given(PLATFORM, superseded("W1", "W2"), day(5))
        .given(PLATFORM, successor, day(6));
    assert_eq!(world.due("C1", "cure"), Some(day(15)));
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

#[test]
fn a_penalty_in_the_place_of_a_warning_waits_for_its_cure_period_unless_an_emergency_is_listed() {
    let mut world = TestWorld::new();
    // Clause 9.2 may be penalised at once; who was warned about it may rectify all the same.
    world
        .given(PLATFORM, warning().with_clause("9.2"), day(0))
        .given(PLATFORM, superseded("W1", "P1"), day(1));
    let successor = penalty()
        .with_clause("9.2")
        .with_measures(&[("M2", restriction("payment"))]);
    let refused = world
        .when(PLATFORM, successor.clone(), day(2))
        .then_rejected("warning_required");
    let required = Rejection::WarningRequired {
        clause: label("9.2"),
        critical_capability: None,
        cure_due: Some(day(15)),
        emergency_grounds: vec![label("fraud")],
    };
    assert_eq!(*refused, required);
    let mut later = world.clone();
    later.given(PLATFORM, successor.clone(), day(15));
    world.given(PLATFORM, successor.with_emergency("fraud", "chief"), day(2));
}

#[test]
fn after_a_supersession_comes_the_successor_that_was_named() {
    let mut world = TestWorld::new();
    let other = penalty()
        .with_notice("P3")
        .with_measures(&[("M3", restriction("payment"))]);
    let refused = world
        .given(PLATFORM, penalty(), day(0))
        .given(PLATFORM, superseded("P1", "P2"), day(1))
        .when(PLATFORM, other.clone(), day(2))
        .then_rejected("successor_expected");
    let successor = id("P2");
    assert_eq!(*refused, Rejection::SuccessorExpected { successor });
    world
        .given(PLATFORM, other.clone().with_notice("P2"), day(2))
        .given(PLATFORM, mistaken("P2"), day(3));
}

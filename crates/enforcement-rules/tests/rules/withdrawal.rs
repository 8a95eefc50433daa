//! Taking a notice back (rule 10).

use events_schema::{Capturer, CodeReviewState, NoticeStanding, Rejection, WithdrawalReason};
use test_support::{
    ANN, DEV7, PLATFORM, TestWorld, appeal, code_review_failed, confirmed, day, id, label,
    mistaken, penalty, rectify, refusing, restriction, superseded, warning, withdraw_appeal,
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

/// A warning that takes the place of W1.
fn second_warning() -> test_support::WarningBuilder {
    let mut successor = warning().with_notice("W2");
    for measure in &mut successor.0.threatened_measures {
        measure.id = id("M2");
    }
    successor
}

#[test]
fn a_successor_goes_on_with_what_was_left_of_a_stopped_cure_period() {
    let mut world = TestWorld::new();
    let declaration = rectify("W1").with_release("1.1", CodeReviewState::Pending);
    world
        .given(PLATFORM, warning(), day(0))
        .given(DEV7, declaration, day(1))
        .given(PLATFORM, superseded("W1", "W2"), day(5))
        .given(PLATFORM, second_warning(), day(6));
    // Fourteen days were left.
    assert_eq!(world.due("C1", "cure"), Some(day(20)));
}

#[test]
fn a_stopped_cure_period_does_not_make_way_for_a_penalty() {
    let mut world = TestWorld::new();
    let successor = penalty()
        .with_clause("9.2")
        .with_measures(&[("M2", restriction("payment"))]);
    world
        .given(PLATFORM, warning().with_clause("9.2"), day(0))
        .given(DEV7, rectify("W1"), day(1))
        .given(PLATFORM, superseded("W1", "P1"), day(1))
        .when(PLATFORM, successor, day(2))
        .then_rejected("warning_required");
}

#[test]
fn a_warning_that_waits_for_its_successor_is_not_passed_over_in_another_case() {
    let mut world = TestWorld::new();
    world
        .given(PLATFORM, warning().with_clause("9.2"), day(0))
        .given(PLATFORM, superseded("W1", "W2"), day(1));
    let elsewhere = penalty().with_clause("9.2").with_case("C2");
    world
        .when(PLATFORM, elsewhere.clone(), day(1))
        .then_rejected("already_raised");
    // Once the successor has come and gone, the way is free.
    world
        .given(PLATFORM, second_warning().with_clause("9.2"), day(2))
        .given(DEV7, rectify("W2"), day(3))
        .given(PLATFORM, confirmed("W2"), day(4))
        .given(
            PLATFORM,
            elsewhere.with_evidence(day(30), Capturer::Platform),
            day(30),
        );
}

#[test]
fn a_successor_brings_no_second_stay_and_no_second_free_withdrawal() {
    let mut world = TestWorld::new();
    world
        .given(PLATFORM, warning(), day(0))
        .given(DEV7, appeal("A1", "W1"), day(1))
        .given(DEV7, withdraw_appeal("A1"), day(2))
        .given(PLATFORM, superseded("W1", "W2"), day(3))
        .given(PLATFORM, second_warning(), day(3))
        .given(DEV7, appeal("A2", "W2"), day(4))
        .given(DEV7, withdraw_appeal("A2"), day(5));
    assert_eq!(world.standing("C1").attempts_used, 1);
    world
        .given(DEV7, appeal("A3", "W2"), day(14))
        .advance_to(day(15))
        .then_events(&["penalty.imposed"]);
}

#[test]
fn the_date_of_a_cure_period_that_no_calendar_covers_stays_provisional_with_the_successor() {
    let mut world = TestWorld::under(
        test_support::rulebook()
            .with_calendar("cn")
            .with("cure", "\"10 working days\""),
    );
    let december = |day: u32| test_support::at(&format!("2026-12-{day}T02:00:00Z"));
    world
        .given(PLATFORM, warning(), december(21))
        .given(PLATFORM, superseded("W1", "W2"), december(22))
        .given(PLATFORM, second_warning(), december(23));
    assert!(
        world
            .deadline("C1", "cure")
            .is_some_and(|it| it.provisional)
    );
}

#[test]
fn the_failed_review_of_a_successor_gives_the_least_of_a_cure_period() {
    let mut world = TestWorld::new();
    let declaration = rectify("W2").with_release("1.1", CodeReviewState::Pending);
    world
        .given(PLATFORM, warning(), day(0))
        .given(PLATFORM, superseded("W1", "W2"), day(14))
        .given(PLATFORM, second_warning(), day(14))
        .given(DEV7, declaration, day(14))
        .given(PLATFORM, code_review_failed("W2", "1.1"), day(18));
    assert_eq!(
        world.due("C1", "cure"),
        Some(test_support::at("2026-03-25T00:00:00Z"))
    );
}

#[test]
fn a_successor_that_could_never_be_issued_is_refused() {
    let mut world = TestWorld::new();
    world
        .given(PLATFORM, warning(), day(0))
        .when(PLATFORM, superseded("W1", "W1-P"), day(1))
        .then_rejected("id_taken");
}

#[test]
fn a_successor_that_is_not_to_come_is_given_up() {
    let mut world = TestWorld::new();
    world
        .given(PLATFORM, warning().with_clause("9.2"), day(0))
        .given(PLATFORM, superseded("W1", "W2"), day(1))
        .given(PLATFORM, mistaken("W1"), day(2))
        .then_events(&["notice.withdrawn", "findings.sealed"]);
    assert!(enforcement_rules::is_closed(world.case("C1")));
    world
        .when(PLATFORM, penalty().with_case("C2"), day(3))
        .then_rejected("already_decided");
}

#[test]
fn a_successor_keeps_the_later_end_that_a_reviewer_gave() {
    let mut world = TestWorld::new();
    let declaration = rectify("W1").with_release("1.1", CodeReviewState::Pending);
    world
        .given(PLATFORM, warning(), day(0))
        .given(DEV7, declaration, day(1))
        .given(DEV7, appeal("A1", "W1"), day(1))
        .given(ANN, refusing("A1", day(2)).with_cure_due(day(60)), day(2))
        .given(PLATFORM, superseded("W1", "W2"), day(5))
        .given(PLATFORM, second_warning(), day(6));
    assert_eq!(world.due("C1", "cure"), Some(day(60)));
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
fn in_the_place_of_a_warning_comes_a_warning_unless_an_emergency_is_listed() {
    let mut world = TestWorld::new();
    // Clause 9.2 may be penalised at once; who was warned about it may rectify all the same.
    world
        .given(PLATFORM, warning().with_clause("9.2"), day(0))
        .given(PLATFORM, superseded("W1", "P1"), day(1));
    let successor = penalty()
        .with_clause("9.2")
        .with_measures(&[("M2", restriction("payment"))]);
    let required = Rejection::WarningRequired {
        clause: label("9.2"),
        critical_capability: None,
        warning: Some(id("W1")),
        decided_in: None,
        emergency_grounds: vec![label("fraud")],
    };
    // Not after the cure period either: since the warning was taken back, nobody could rectify or appeal.
    for when in [day(2), day(15)] {
        let refused = world
            .clone()
            .when(PLATFORM, successor.clone(), when)
            .then_rejected("warning_required")
            .clone();
        assert_eq!(refused, required);
    }
    let emergency = successor.with_emergency("fraud", "chief");
    let refused = world.when(PLATFORM, emergency.clone(), day(2));
    let known_then = Rejection::NewerEvidenceRequired {
        finding: id("F1"),
        warning: id("W1"),
        since: day(0),
    };
    assert_eq!(
        *refused.then_rejected("newer_evidence_required"),
        known_then
    );
    let seen_since = emergency.with_evidence(day(1), Capturer::Platform);
    world.given(PLATFORM, seen_since, day(2));
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

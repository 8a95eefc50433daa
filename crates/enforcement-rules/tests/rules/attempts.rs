//! How attempts are counted (rules 1 and 2; complaint C3).

use events_schema::{Capturer, GroundKind, MeasureAnswer, NextStep, Rejection};
use test_support::{
    ANN, BOB, DEV7, PLATFORM, TestWorld, appeal, day, granting, id, mistaken, penalty, refusing,
    rulebook, warning, withdraw_appeal,
};

/// Penalty P1 with one appeal refused and a second filed.
fn second_appeal_filed() -> TestWorld {
    let mut world = TestWorld::new();
    world
        .given(PLATFORM, penalty(), day(0))
        .given(DEV7, appeal("A1", "P1"), day(1))
        .given(
            ANN,
            refusing("A1", day(2)).measure("M1", MeasureAnswer::Keep),
            day(2),
        )
        .given(DEV7, appeal("A2", "P1"), day(3));
    world
}

fn used(world: &TestWorld) -> u32 {
    world.standing("C1").attempts_used
}

#[test]
fn a_refused_appeal_uses_an_attempt() {
    assert_eq!(used(&second_appeal_filed()), 1);
}

#[test]
fn third_appeal_is_refused_when_two_are_allowed() {
    let mut world = second_appeal_filed();
    world
        .given(
            BOB,
            refusing("A2", day(4)).measure("M1", MeasureAnswer::Keep),
            day(4),
        )
        .then_events(&["appeal.ruled", "notice.exhausted"]);
    let exhausted = Rejection::AttemptsExhausted { used: 2, cap: 2 };
    let refused = world
        .when(DEV7, appeal("A3", "P1"), day(5))
        .then_rejected("attempts_exhausted");
    assert_eq!(*refused, exhausted);
}

#[test]
fn when_attempts_are_exhausted_rectifying_and_the_external_routes_stay_open() {
    let mut world = second_appeal_filed();
    world.given(
        BOB,
        refusing("A2", day(4)).measure("M1", MeasureAnswer::Keep),
        day(4),
    );
    let next = world.next_steps("C1");
    assert!(next.contains(&NextStep::Rectify { notice: id("P1") }));
    assert!(
        next.iter()
            .any(|it| matches!(it, NextStep::ExternalRoute { .. }))
    );
    assert!(
        !next
            .iter()
            .any(|it| matches!(it, NextStep::SubmitAppeal { .. }))
    );
}

#[test]
fn a_granted_appeal_uses_no_attempt() {
    let mut world = TestWorld::new();
    world
        .given(PLATFORM, penalty(), day(0))
        .given(DEV7, appeal("A1", "P1"), day(1))
        .given(
            ANN,
            granting("A1", day(2)).measure("M1", MeasureAnswer::Lift),
            day(2),
        );
    assert_eq!(used(&world), 0);
}

#[test]
fn an_appeal_withdrawn_uses_an_attempt_from_the_second_time_on() {
    let mut world = TestWorld::new();
    world
        .given(PLATFORM, penalty(), day(0))
        .given(DEV7, appeal("A1", "P1"), day(1))
        .given(DEV7, withdraw_appeal("A1"), day(1));
    assert_eq!(used(&world), 0);
    world
        .given(DEV7, appeal("A2", "P1"), day(2))
        .given(DEV7, withdraw_appeal("A2"), day(2));
    assert_eq!(used(&world), 1);
    world
        .given(DEV7, appeal("A3", "P1"), day(3))
        .given(DEV7, withdraw_appeal("A3"), day(3))
        .then_events(&["appeal.withdrawn", "notice.exhausted"]);
    assert_eq!(used(&world), 2);
}

#[test]
fn a_successor_inherits_the_attempts_and_the_open_appeal() {
    let mut world = second_appeal_filed();
    world.given(
        PLATFORM,
        penalty().with_notice("P2").superseding("P1"),
        day(5),
    );
    assert_eq!(used(&world), 1);
    assert_eq!(world.standing("C1").open_appeal, Some(id("A2")));
    let bequeathed = world
        .case("C1")
        .notice(&id("P2"))
        .and_then(|it| it.terms.succeeds.clone());
    assert_eq!(bequeathed, Some(id("P1")));
}

#[test]
fn a_notice_that_succeeds_nothing_inherits_no_attempt() {
    let mut world = second_appeal_filed();
    let other = penalty()
        .with_notice("P3")
        .with_location("another place")
        .with_evidence(day(5), Capturer::Platform)
        .with_measures(&[("M2", test_support::restriction("payment"))]);
    world
        .given(PLATFORM, mistaken("P1"), day(4))
        .given(PLATFORM, other, day(5));
    assert_eq!(used(&world), 0);
}

#[test]
fn a_penalty_that_follows_a_warning_begins_with_no_attempt_used() {
    let mut world = TestWorld::new();
    world
        .given(PLATFORM, warning(), day(0))
        .given(DEV7, appeal("A1", "W1"), day(1))
        .given(ANN, refusing("A1", day(2)), day(2));
    assert_eq!(used(&world), 1);
    world.advance_to(day(20));
    assert_eq!(world.standing("C1").notice, id("W1-P"));
    assert_eq!(used(&world), 0);
}

#[test]
fn an_appeal_carried_from_a_warning_uses_no_attempt_of_the_penalty() {
    let mut world = TestWorld::under(rulebook().with("stay_on_warning_appeal", "false"));
    world
        .given(PLATFORM, warning(), day(0))
        .given(DEV7, appeal("A1", "W1"), day(14))
        .advance_to(day(15));
    assert_eq!(world.standing("C1").open_appeal, Some(id("A1")));
    assert_eq!(world.standing("C1").notice, id("W1-P"));
    world.given(
        ANN,
        refusing("A1", day(16)).measure("M1", MeasureAnswer::Keep),
        day(16),
    );
    assert_eq!(used(&world), 0);
}

#[test]
fn a_warning_whose_attempts_are_used_has_no_entry_but_can_still_be_rectified() {
    let mut world = TestWorld::new();
    world
        .given(PLATFORM, warning(), day(0))
        .given(DEV7, appeal("A1", "W1"), day(1))
        .given(ANN, refusing("A1", day(2)), day(2))
        .given(DEV7, appeal("A2", "W1"), day(3))
        .given(BOB, refusing("A2", day(4)), day(4))
        .when(DEV7, appeal("A3", "W1"), day(5))
        .then_rejected("attempts_exhausted");
    assert_eq!(
        world.next_steps("C1").first(),
        Some(&NextStep::Rectify { notice: id("W1") })
    );
    world.given(DEV7, test_support::rectify("W1"), day(5));
}

#[test]
fn one_appeal_is_open_per_case() {
    let mut world = second_appeal_filed();
    let due = world.due("C1", "review");
    let refused = world
        .when(DEV7, appeal("A3", "P1"), day(3))
        .then_rejected("appeal_pending");
    let appeal = id("A2");
    assert_eq!(*refused, Rejection::AppealPending { appeal, due });
}

#[test]
fn an_appeal_id_is_never_used_again() {
    let mut world = TestWorld::new();
    world
        .given(PLATFORM, penalty(), day(0))
        .given(DEV7, appeal("A1", "P1"), day(1))
        .given(DEV7, withdraw_appeal("A1"), day(1))
        .when(DEV7, appeal("A1", "P1"), day(2))
        .then_rejected("id_taken");
}

#[test]
fn an_appeal_needs_a_ground() {
    let mut world = TestWorld::new();
    world
        .given(PLATFORM, penalty(), day(0))
        .when(DEV7, appeal("A1", "P1").with_grounds(&[]), day(1))
        .then_rejected("no_grounds");
}

#[test]
fn an_appeal_names_the_live_notice() {
    let mut world = TestWorld::new();
    world
        .given(PLATFORM, warning(), day(0))
        .when(DEV7, appeal("A1", "W9"), day(1))
        .then_rejected("unknown_notice");
    world
        .when(DEV7, appeal("A1", "W1"), day(16))
        .then_rejected("notice_not_live");
    world.given(DEV7, appeal("A1", "W1-P"), day(16));
}

#[test]
fn a_party_is_told_the_same_of_the_case_of_another_as_of_none() {
    let mut world = TestWorld::new();
    world.given(PLATFORM, penalty(), day(0));
    for case in ["C1", "C2"] {
        world
            .when("party:dev8", appeal("A1", "P1").with_case(case), day(1))
            .then_rejected("unknown_case");
    }
}

#[test]
fn a_case_that_does_not_exist_is_unknown_to_everybody() {
    let mut world = TestWorld::new();
    world
        .when(PLATFORM, mistaken("W1"), day(1))
        .then_rejected("unknown_case");
}

#[test]
fn a_closed_case_takes_no_appeal() {
    let mut world = TestWorld::new();
    world
        .given(PLATFORM, penalty(), day(0))
        .given(PLATFORM, mistaken("P1"), day(1))
        .when(
            DEV7,
            appeal("A1", "P1").with_grounds(&[("G1", GroundKind::Other)]),
            day(2),
        )
        .then_rejected("notice_not_live");
    assert!(!world.standing("C1").standing.is_live());
    assert!(world.next_steps("C1").is_empty());
}

#[test]
fn taking_back_a_carried_appeal_leaves_the_penalty_its_own_free_withdrawal() {
    let mut world = TestWorld::under(rulebook().with("stay_on_warning_appeal", "false"));
    world
        .given(PLATFORM, warning(), day(0))
        .given(DEV7, appeal("A1", "W1"), day(14))
        .given(DEV7, withdraw_appeal("A1"), day(16))
        .given(DEV7, appeal("A2", "W1-P"), day(17))
        .given(DEV7, withdraw_appeal("A2"), day(18));
    assert_eq!(world.standing("C1").attempts_used, 0);
    world
        .given(DEV7, appeal("A3", "W1-P"), day(19))
        .given(DEV7, withdraw_appeal("A3"), day(20));
    assert_eq!(world.standing("C1").attempts_used, 1);
}

#[test]
fn a_notice_whose_attempts_a_withdrawal_used_up_has_no_window_any_more() {
    let mut world = TestWorld::new();
    let mut rectified = appeal("A2", "P1");
    rectified.0.grounds[0].kind = GroundKind::Rectified;
    world
        .given(PLATFORM, penalty(), day(0))
        .given(DEV7, appeal("A0", "P1"), day(1))
        .given(DEV7, withdraw_appeal("A0"), day(2))
        .given(DEV7, appeal("A1", "P1"), day(3))
        .given(
            ANN,
            refusing("A1", day(4)).measure("M1", MeasureAnswer::Keep),
            day(4),
        )
        .given(DEV7, rectified, day(5))
        .given(DEV7, withdraw_appeal("A2"), day(6))
        .then_events(&["appeal.withdrawn", "notice.exhausted"]);
    assert_eq!(world.due("C1", "window"), None);
}

#[test]
fn no_appeal_is_founded_on_what_was_not_seen_yet() {
    let filed = |captured| appeal("A1", "P1").with_evidence("picture", captured);
    let mut world = TestWorld::new();
    world
        .given(PLATFORM, penalty(), day(0))
        .when(DEV7, filed(day(2)), day(1))
        .then_rejected("captured_in_future");
    world.given(DEV7, filed(day(1)), day(1));
}

//! The platform's code review, and the gate of the appeal (rules 3 and 4).

use events_schema::{
    CodeReviewOutcome::{Failed, InReview, NotSubmitted, Passed},
    CodeReviewState, GroundKind, NextStep, RectificationStage, Rejection,
};
use test_support::{
    DEV7, PLATFORM, TestWorld, appeal, at, code_review, code_review_failed, code_review_passed,
    day, id, penalty, rectify, warning,
};

/// Warning W1, rectified with release 1.1, which is in code review.
fn in_review() -> TestWorld {
    let mut world = TestWorld::new();
    world.given(PLATFORM, warning(), day(0)).given(
        DEV7,
        rectify("W1").with_release("1.1", CodeReviewState::Pending),
        day(1),
    );
    world
}

fn stage(world: &TestWorld) -> RectificationStage {
    world.standing("C1").rectification
}

#[test]
fn a_release_in_code_review_stops_the_cure_period_and_starts_the_reviews() {
    let world = in_review();
    assert_eq!(stage(&world), RectificationStage::ReviewPending);
    assert_eq!(world.due("C1", "cure"), None);
    assert_eq!(
        world.due("C1", "code_review"),
        Some(at("2026-03-13T00:00:00Z"))
    );
}

#[test]
fn the_ground_rectified_waits_for_the_code_review() {
    let mut world = in_review();
    let due = world.due("C1", "code_review");
    let refused = world
        .when(
            DEV7,
            appeal("A1", "W1").rectified().with_release("1.1"),
            day(2),
        )
        .then_rejected("code_review_pending");
    let notice: events_schema::NoticeId = id("W1");
    let expected = Rejection::CodeReviewPending {
        notice: Some(notice.clone()),
        due,
    };
    assert_eq!(*refused, expected);
    let next = NextStep::AwaitCodeReview { notice, due };
    assert!(world.next_steps("C1").contains(&next));
}

#[test]
fn the_gate_binds_no_other_ground() {
    let grounds = [("G1", GroundKind::NotOccurred)];
    in_review().given(DEV7, appeal("A1", "W1").with_grounds(&grounds), day(2));
}

#[test]
fn the_gate_opens_when_the_review_has_passed() {
    let mut world = in_review();
    world.given(PLATFORM, code_review_passed("W1", "1.1"), day(2));
    assert_eq!(stage(&world), RectificationStage::Unverified);
    assert!(world.due("C1", "verification").is_some());
    world.given(DEV7, appeal("A1", "W1").rectified(), day(3));
}

#[test]
fn the_gate_opens_when_the_review_has_failed() {
    let mut world = in_review();
    world.given(PLATFORM, code_review_failed("W1", "1.1"), day(2));
    assert_eq!(stage(&world), RectificationStage::Rejected);
    assert_eq!(world.due("C1", "cure"), Some(day(16)));
    world.given(DEV7, appeal("A1", "W1").rectified(), day(3));
}

#[test]
fn the_gate_opens_when_the_review_is_overdue() {
    let mut world = in_review();
    world
        .advance_to(at("2026-03-13T00:00:00Z"))
        .then_events(&["code_review.overdue"]);
    assert_eq!(stage(&world), RectificationStage::ReviewPending);
    // Whoever waits has a date still (C10).
    let again = world.due("C1", "code_review").expect("another date");
    world
        .clone()
        .advance_to(again)
        .then_events(&["code_review.overdue"]);
    let filing = appeal("A1", "W1").rectified().with_release("1.1");
    world.given(DEV7, filing, day(12));
    assert_eq!(world.due("C1", "code_review"), None);
}

#[test]
fn a_warning_never_lapses_while_the_platform_reviews_the_code() {
    let mut world = in_review();
    world.advance_to(day(90));
    assert!(!world.history("C1").contains(&"penalty.imposed"));
}

#[test]
fn what_is_recorded_of_another_release_answers_no_declaration() {
    let mut world = in_review();
    world.given(PLATFORM, code_review_passed("W1", "1.0"), day(2));
    assert_eq!(stage(&world), RectificationStage::ReviewPending);
    world.given(PLATFORM, code_review_failed("W1", "1.2"), day(2));
    assert_eq!(stage(&world), RectificationStage::ReviewPending);
    assert!(world.due("C1", "code_review").is_some());
}

#[test]
fn the_same_of_a_code_review_is_recorded_once() {
    let mut world = in_review();
    world
        .given(PLATFORM, code_review_passed("W1", "1.1"), day(2))
        .when(PLATFORM, code_review_passed("W1", "1.1"), day(2))
        .then_rejected("code_review_recorded");
}

#[test]
fn what_the_platform_recorded_counts_whether_or_not_the_release_was_declared() {
    let filing = appeal("A1", "W1").rectified().with_release("1.1");
    let mut world = TestWorld::new();
    world.given(PLATFORM, warning(), day(0)).given(
        PLATFORM,
        code_review("W1", "1.1", InReview),
        day(1),
    );
    let due = world.due("C1", "code_review");
    assert_eq!(due, Some(at("2026-03-13T00:00:00Z")));
    let mut overdue = world.clone();
    world
        .when(DEV7, filing.clone(), day(2))
        .then_rejected("code_review_pending");
    // Another release is not in review, and another ground waits for none.
    world.clone().given(
        DEV7,
        appeal("A1", "W1").rectified().with_release("1.0"),
        day(2),
    );
    world.clone().given(DEV7, appeal("A1", "W1"), day(2));
    for outcome in [Passed, Failed, NotSubmitted] {
        let mut world = world.clone();
        world.given(PLATFORM, code_review("W1", "1.1", outcome), day(3));
        assert_eq!(world.due("C1", "code_review"), None);
        world.given(DEV7, filing.clone(), day(3));
    }
    overdue
        .advance_to(due.unwrap())
        .then_events(&["code_review.overdue"])
        .given(DEV7, filing, day(12));
}

#[test]
fn the_platform_knows_better_than_the_party_where_a_review_stands() {
    for (recorded, said, waits) in [
        (InReview, CodeReviewState::Passed, true),
        (InReview, CodeReviewState::NotNeeded, true),
        (Failed, CodeReviewState::Passed, true),
        (NotSubmitted, CodeReviewState::Passed, true),
        (NotSubmitted, CodeReviewState::NotNeeded, false),
        (Passed, CodeReviewState::Pending, false),
    ] {
        let mut world = TestWorld::new();
        world
            .given(PLATFORM, warning(), day(0))
            .given(PLATFORM, code_review("W1", "1.1", recorded), day(1))
            .given(DEV7, rectify("W1").with_release("1.1", said), day(2));
        let pending = stage(&world) == RectificationStage::ReviewPending;
        assert_eq!(pending, waits, "{recorded:?} {said:?}");
    }
}

#[test]
fn a_release_that_is_said_to_have_passed_and_has_not_is_no_rectification() {
    for (outcome, expected) in [
        (Failed, RectificationStage::Rejected),
        (NotSubmitted, RectificationStage::Rejected),
        (InReview, RectificationStage::ReviewPending),
        (Passed, RectificationStage::Unverified),
    ] {
        let mut world = TestWorld::new();
        let said = rectify("W1").with_release("1.1", CodeReviewState::Passed);
        world
            .given(PLATFORM, warning(), day(0))
            .given(DEV7, said, day(2))
            .given(PLATFORM, code_review("W1", "1.1", outcome), day(3));
        assert_eq!(stage(&world), expected);
        let waits = expected == RectificationStage::Unverified;
        assert_eq!(world.due("C1", "verification").is_some(), waits);
    }
}

#[test]
fn the_window_of_a_penalty_goes_on_when_the_review_has_passed() {
    let mut world = TestWorld::new();
    let release = rectify("P1").with_release("1.1", CodeReviewState::Pending);
    world
        .given(PLATFORM, penalty(), day(0))
        .given(DEV7, release, day(10));
    assert_eq!(world.due("C1", "window"), None);
    world.given(PLATFORM, code_review_passed("P1", "1.1"), day(15));
    assert_eq!(world.due("C1", "window"), Some(day(35)));
}

#[test]
fn the_window_of_a_penalty_goes_on_with_what_was_left_when_the_review_has_failed() {
    let mut world = TestWorld::new();
    let release = rectify("P1").with_release("1.1", CodeReviewState::Pending);
    world
        .given(PLATFORM, penalty(), day(0))
        .given(DEV7, release, day(10))
        .given(PLATFORM, code_review_failed("P1", "1.1"), day(15));
    assert_eq!(world.due("C1", "window"), Some(day(35)));
}

#[test]
fn after_a_failed_review_every_step_is_to_be_answered_again() {
    let mut world = in_review();
    world
        .given(PLATFORM, code_review_failed("W1", "1.1"), day(2))
        .given(DEV7, rectify("W1"), day(3));
    assert_eq!(stage(&world), RectificationStage::Unverified);
}

#[test]
fn a_release_that_was_declared_with_some_of_the_steps_waits_for_its_review_too() {
    let mut world = TestWorld::new();
    let declaration = rectify("W1").with_release("1.1", CodeReviewState::Pending);
    let filing = appeal("A1", "W1").rectified().with_release("1.1");
    world
        .given(PLATFORM, warning().with_steps(&["S1", "S2"]), day(0))
        .given(DEV7, declaration, day(1))
        .when(DEV7, filing.clone(), day(2))
        .then_rejected("code_review_pending");
    world
        .given(DEV7, rectify("W1").with_steps(&["S2"]), day(2))
        .given(PLATFORM, code_review_passed("W1", "1.1"), day(3))
        .given(DEV7, filing, day(3));
}

#[test]
fn the_gate_of_a_release_declared_with_some_of_the_steps_opens_with_its_review() {
    let mut world = TestWorld::new();
    let declaration = rectify("W1").with_release("1.1", CodeReviewState::Pending);
    world
        .given(PLATFORM, warning().with_steps(&["S1", "S2"]), day(0))
        .given(DEV7, declaration, day(1))
        .given(PLATFORM, code_review_passed("W1", "1.1"), day(2));
    assert_eq!(stage(&world), RectificationStage::Partial);
    assert_eq!(world.due("C1", "cure"), Some(day(15)));
    let filing = appeal("A1", "W1").rectified().with_release("1.1");
    world.given(DEV7, filing, day(3));
}

#[test]
fn a_release_that_is_in_review_when_the_warning_lapses_is_in_review_still() {
    let mut world = TestWorld::new();
    let declaration = rectify("W1").with_release("1.1", CodeReviewState::Pending);
    world
        .given(PLATFORM, warning().with_steps(&["S1", "S2"]), day(0))
        .given(DEV7, declaration, day(1))
        .advance_to(day(15))
        .then_events(&["penalty.imposed"])
        .given(DEV7, rectify("W1-P").with_steps(&["S2"]), day(16));
    assert_eq!(stage(&world), RectificationStage::ReviewPending);
}

//! Adding to an open appeal instead of taking it back (rules 1, 3, 4).

use events_schema::{CodeReviewOutcome, GroundKind, NoticeStanding, RectificationStage, Rejection};
use test_support::{
    ANN, DEV7, PLATFORM, TestWorld, amend, appeal, at, claim, code_review, day, granting, id,
    penalty, refusing, rulebook, warning,
};

/// Warning W1 under appeal A1.
fn appealed() -> TestWorld {
    let mut world = TestWorld::new();
    world
        .given(PLATFORM, warning(), day(0))
        .given(DEV7, appeal("A1", "W1"), day(1));
    world
}

#[test]
fn nothing_is_lost_by_adding_a_picture() {
    let mut world = appealed();
    let review = world.due("C1", "review");
    world
        .given(
            DEV7,
            amend("A1").with_evidence("another page", day(1)),
            day(2),
        )
        .then_events(&["appeal.amended"]);
    assert_eq!(world.due("C1", "review"), review);
    assert_eq!(world.standing("C1").attempts_used, 0);
    // The stay is that of the filing.
    world.advance_to(day(15)).then_events(&["cure_period.held"]);
    let ruling = refusing("A1", day(16)).considering("another page");
    let refused = world
        .when(ANN, ruling.clone(), day(16))
        .then_rejected("appeal_changed");
    assert_eq!(*refused, Rejection::AppealChanged { seen: 1, actual: 2 });
    let mut anew = ruling;
    anew.0.appeal_revision = 2;
    world.given(ANN, anew, day(16));
}

#[test]
fn a_ground_that_is_added_is_answered_too() {
    let mut world = appealed();
    world.given(
        DEV7,
        amend("A1").with_ground("G2", GroundKind::TooShort),
        day(2),
    );
    let mut ruling = granting("A1", day(3));
    ruling.0.appeal_revision = 2;
    world
        .when(ANN, ruling, day(3))
        .then_rejected("ruling_incomplete");
}

#[test]
fn what_is_added_is_checked_as_what_is_filed() {
    let mut world = appealed();
    for (amendment, code) in [
        (
            amend("A1").with_ground("G1", GroundKind::TooShort),
            "id_taken",
        ),
        (
            amend("A1").with_ground("G2", GroundKind::RequiredElsewhere),
            "citation_required",
        ),
        (
            amend("A1").with_evidence("tomorrow", day(3)),
            "captured_in_future",
        ),
        (amend("A9"), "unknown_appeal"),
    ] {
        world.when(DEV7, amendment, day(2)).then_rejected(code);
    }
    world
        .given(ANN, refusing("A1", day(3)), day(3))
        .when(DEV7, amend("A1"), day(4))
        .then_rejected("appeal_not_open");
}

#[test]
fn the_release_is_changed_until_somebody_reviews_it() {
    let mut world = appealed();
    world.given(DEV7, amend("A1").with_release("1.1"), day(2));
    let mut claimed = world.clone();
    let refused = claimed
        .given(ANN, claim("A1"), day(3))
        .when(DEV7, amend("A1").with_release("1.2"), day(4))
        .then_rejected("release_fixed");
    let fixed = Rejection::ReleaseFixed {
        appeal: id("A1"),
        by: "ann".parse().unwrap(),
    };
    assert_eq!(*refused, fixed);
    claimed.given(DEV7, amend("A1").with_release("1.1"), day(4));
    // What was captured before the change shows another release.
    let mut ruling = granting("A1", day(1)).with_release("1.1");
    ruling.0.appeal_revision = 2;
    world
        .when(ANN, ruling, day(3))
        .then_rejected("stale_evidence");
}

#[test]
fn the_ground_rectified_declares_when_it_is_added() {
    let mut world = appealed();
    let in_review = code_review("W1", "1.1", CodeReviewOutcome::InReview);
    let amendment = amend("A1")
        .with_ground("G2", GroundKind::Rectified)
        .with_release("1.1");
    world
        .given(PLATFORM, in_review, day(2))
        .when(DEV7, amendment.clone(), day(3))
        .then_rejected("code_review_pending");
    world
        .given(
            PLATFORM,
            code_review("W1", "1.1", CodeReviewOutcome::Passed),
            day(4),
        )
        .given(DEV7, amendment, day(5));
    assert_eq!(
        world.standing("C1").rectification,
        RectificationStage::Unverified
    );
    assert_eq!(world.due("C1", "cure"), None);
    assert_eq!(world.due("C1", "verification"), None);
    let mut ruling = refusing("A1", day(6))
        .with_release("1.1")
        .answering_ground("G2");
    ruling.0.appeal_revision = 2;
    world.given(ANN, ruling, day(6));
    assert_eq!(
        world.standing("C1").rectification,
        RectificationStage::Rejected
    );
    // Ten days were left.
    assert_eq!(world.due("C1", "cure"), Some(day(16)));
}

#[test]
fn a_penalty_is_stayed_once_its_review_is_overdue_whatever_was_added() {
    let mut world = TestWorld::under(rulebook().with("review_breach", "\"stay\""));
    world
        .given(PLATFORM, penalty(), day(0))
        .given(DEV7, appeal("A1", "P1"), day(1))
        .given(
            DEV7,
            amend("A1").with_evidence("another page", day(8)),
            day(8),
        )
        .advance_to(at("2026-03-13T00:00:00Z"))
        .then_events(&["appeal.overdue", "measures.stayed"]);
    assert_eq!(world.standing("C1").standing, NoticeStanding::Penalised);
}

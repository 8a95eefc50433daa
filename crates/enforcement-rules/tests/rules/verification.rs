//! Checking a rectification (rule 4; complaints C7 and C8).

use events_schema::{
    Capturer, CodeReviewState, MeasureAnswer, NextStep, NoticeStanding, RectificationStage,
    Rejection, StepAnswer,
};
use test_support::{
    ANN, BOB, CID, DEV7, PLATFORM, TestWorld, appeal, at, confirmed, day, finding, granting, id,
    mistaken, penalty, rectify, refusing, rejected, release, restriction, rulebook, warning,
    withdraw_appeal,
};

/// Warning W1, rectified without a release on day 1.
fn declared() -> TestWorld {
    declared_under(rulebook())
}

fn declared_under(rulebook: test_support::RulebookBuilder) -> TestWorld {
    let mut world = TestWorld::under(rulebook);
    world
        .given(PLATFORM, warning(), day(0))
        .given(DEV7, rectify("W1"), day(1));
    world
}

/// Penalty P1 whose window has ended.
fn exhausted() -> TestWorld {
    let mut world = TestWorld::new();
    world.given(PLATFORM, penalty(), day(0)).advance_to(day(30));
    world
}

fn with_release(version: &str) -> test_support::RectifyBuilder {
    rectify("P1").with_release(version, CodeReviewState::NotNeeded)
}

#[test]
fn the_platform_verifies_within_its_time_or_it_escalates_again_and_again() {
    let mut world = declared();
    let first = world.due("C1", "verification").expect("a first time");
    assert_eq!(first, at("2026-03-11T00:00:00Z"));
    world
        .advance_to(first)
        .then_events(&["verification.overdue"]);
    let second = world
        .due("C1", "second_verification")
        .expect("a second time");
    world
        .advance_to(second)
        .then_events(&["verification.overdue"]);
    let due = world.due("C1", "second_verification");
    assert_eq!(due, Some(at("2026-03-27T00:00:00Z")));
    assert_eq!(
        world.standing("C1").rectification,
        RectificationStage::Unverified
    );
    let notice = id("W1");
    let next = NextStep::AwaitVerification { notice, due };
    assert!(world.next_steps("C1").contains(&next));
}

#[test]
fn a_rectification_nobody_verified_twice_is_deemed_confirmed_where_the_rulebook_says_so() {
    let mut world = declared_under(rulebook().with("verification_breach", "\"deemed_confirmed\""));
    world
        .advance_to(day(20))
        .then_events(&["rectification.deemed_confirmed", "notice.closed"]);
    assert_eq!(world.standing("C1").standing, NoticeStanding::Complied);
    assert!(world.case("C1").deadlines.is_empty());
}

#[test]
fn a_verification_after_the_first_time_has_passed_still_ends_the_second() {
    let mut world = declared();
    world.given(PLATFORM, rejected("W1", day(12)), day(12));
    assert_eq!(world.due("C1", "second_verification"), None);
}

#[test]
fn nothing_is_verified_that_nobody_declared() {
    let mut world = TestWorld::new();
    let refused = world
        .given(PLATFORM, warning(), day(0))
        .when(PLATFORM, confirmed("W1"), day(1))
        .then_rejected("nothing_to_verify");
    let nothing = Rejection::NothingToVerify {
        notice: id("W1"),
        rectification: RectificationStage::None,
    };
    assert_eq!(*refused, nothing);
}

#[test]
fn a_rejection_names_unmet_steps_and_what_was_seen_and_a_confirmation_none() {
    for incomplete in [
        rejected("W1", day(2)).with_unmet(&[]),
        rejected("W1", day(2)).without_observations(),
        confirmed("W1").with_unmet(&["S1"]),
    ] {
        declared()
            .when(PLATFORM, incomplete, day(2))
            .then_rejected("verification_incomplete");
    }
}

#[test]
fn an_unmet_step_is_one_of_the_guide() {
    declared()
        .when(PLATFORM, rejected("W1", day(2)).with_unmet(&["S9"]), day(2))
        .then_rejected("unknown_step");
}

#[test]
fn the_release_that_was_declared_is_the_one_that_is_verified() {
    let mut world = TestWorld::new();
    world
        .given(PLATFORM, penalty(), day(0))
        .given(DEV7, with_release("1.1"), day(1))
        .when(PLATFORM, confirmed("P1").with_release("1.0"), day(2))
        .then_rejected("wrong_release_reviewed");
    world
        .when(PLATFORM, confirmed("P1"), day(2))
        .then_rejected("verification_incomplete");
    world.given(PLATFORM, confirmed("P1").with_release("1.1"), day(2));
}

#[test]
fn what_was_seen_before_the_declaration_rejects_nothing() {
    let mut world = declared();
    let refused = world
        .when(PLATFORM, rejected("W1", day(0)), day(2))
        .then_rejected("stale_evidence");
    let stale = Rejection::StaleEvidence {
        captured_at: day(0),
        filed_at: day(1),
    };
    assert_eq!(*refused, stale);
    world
        .when(PLATFORM, rejected("W1", day(3)), day(2))
        .then_rejected("captured_in_future");
}

#[test]
fn after_the_last_attempt_against_a_warning_too_a_human_verifies() {
    let mut world = TestWorld::new();
    world
        .given(PLATFORM, warning(), day(0))
        .given(DEV7, appeal("A1", "W1"), day(1))
        .given(ANN, refusing("A1", day(2)), day(2))
        .given(DEV7, appeal("A2", "W1"), day(3))
        .given(BOB, refusing("A2", day(4)), day(4))
        .given(DEV7, rectify("W1"), day(5))
        .when(PLATFORM, confirmed("W1"), day(6))
        .then_rejected("human_required");
    world.given(CID, confirmed("W1"), day(6));
    assert_eq!(world.standing("C1").standing, NoticeStanding::Complied);
}

#[test]
fn after_the_last_attempt_a_human_verifies() {
    let mut world = exhausted();
    world
        .given(DEV7, with_release("1.1"), day(31))
        .when(PLATFORM, confirmed("P1").with_release("1.1"), day(32))
        .then_rejected("human_required");
    world.given(ANN, confirmed("P1").with_release("1.1"), day(32));
    assert_eq!(world.standing("C1").standing, NoticeStanding::Complied);
    assert!(world.in_force("C1").is_empty());
}

#[test]
fn the_platform_and_reviewers_are_told_whose_verification_it_is() {
    let steps = |world: &TestWorld, actor: &str| {
        enforcement_rules::next_steps_of(world.case("C1"), &actor.parse().unwrap())
    };
    let withdraw = |notice: &str| NextStep::WithdrawNotice { notice: id(notice) };
    let verify = |world: &TestWorld, notice: &str, purpose| NextStep::VerifyRectification {
        notice: id(notice),
        due: world.due("C1", purpose),
    };
    let mut world = TestWorld::new();
    world
        .given(PLATFORM, warning(), day(0))
        .given(DEV7, rectify("W1"), day(1));
    let expected = [verify(&world, "W1", "verification"), withdraw("W1")];
    assert_eq!(steps(&world, PLATFORM), expected);
    assert_eq!(steps(&world, ANN), expected[..1]);

    // A human verifies once no attempt is left.
    let mut world = exhausted();
    world.given(DEV7, with_release("1.1"), day(31));
    assert_eq!(steps(&world, PLATFORM), [withdraw("P1")]);
    let expected = [verify(&world, "P1", "verification")];
    assert_eq!(steps(&world, ANN), expected);

    let mut world = TestWorld::new();
    let pending = rectify("W1").with_release("1.1", CodeReviewState::Pending);
    world
        .given(PLATFORM, warning(), day(0))
        .given(DEV7, pending, day(1));
    let expected = NextStep::RecordCodeReview {
        notice: id("W1"),
        due: world.due("C1", "code_review"),
    };
    assert_eq!(steps(&world, PLATFORM), [expected, withdraw("W1")]);
}

#[test]
fn after_the_last_attempt_too_the_newest_declaration_is_the_one_that_is_looked_at() {
    let mut world = exhausted();
    world
        .given(DEV7, with_release("1.1"), day(31))
        .given(DEV7, with_release("1.2"), day(33));
    let due = world.due("C1", "verification");
    assert_eq!(due, Some(at("2026-04-11T00:00:00Z")));
    let refused = world
        .when(ANN, confirmed("P1").with_release("1.1"), day(34))
        .then_rejected("wrong_release_reviewed");
    let newest = Rejection::WrongReleaseReviewed {
        expected: "1.2".parse().unwrap(),
        found: "1.1".parse().unwrap(),
    };
    assert_eq!(*refused, newest);
    world.given(ANN, confirmed("P1").with_release("1.2"), day(34));
    assert_eq!(world.standing("C1").standing, NoticeStanding::Complied);
}

#[test]
fn after_the_last_attempt_a_declaration_is_of_something_new() {
    let mut world = exhausted();
    world
        .given(DEV7, with_release("1.1"), day(31))
        .given(
            ANN,
            rejected("P1", day(33))
                .with_release("1.1")
                .with_unmet(&["S1"]),
            day(33),
        )
        .when(DEV7, with_release("1.1").with_steps(&[]), day(34))
        .then_rejected("nothing_declared");
}

#[test]
fn rectifying_uses_no_attempt() {
    let mut world = declared();
    world.given(PLATFORM, rejected("W1", day(2)), day(2));
    assert_eq!(world.standing("C1").attempts_used, 0);
}

#[test]
fn a_declaration_answers_steps_of_the_guide() {
    let mut world = TestWorld::new();
    world
        .given(PLATFORM, warning(), day(0))
        .when(DEV7, rectify("W1").with_steps(&["S9"]), day(1))
        .then_rejected("unknown_step");
}

#[test]
fn a_declaration_answers_something_new() {
    let mut world = declared();
    for nothing in [rectify("W1"), rectify("W1").with_steps(&[])] {
        world
            .when(DEV7, nothing, day(2))
            .then_rejected("nothing_declared");
    }
}

#[test]
fn a_declaration_while_an_appeal_is_open_is_recorded_and_the_appeal_keeps_its_release() {
    let mut world = TestWorld::new();
    world
        .given(PLATFORM, penalty(), day(0))
        .given(DEV7, appeal("A1", "P1"), day(1))
        .given(DEV7, with_release("1.1"), day(2));
    let appeal = world.case("C1").appeal(&id("A1")).expect("an appeal");
    assert_eq!(appeal.release.version.as_str(), "1.0");
}

#[test]
fn a_warning_whose_rectification_is_confirmed_leaves_an_appeal_on_that_alone_nothing_to_rule_on() {
    let mut world = TestWorld::new();
    world
        .given(PLATFORM, warning(), day(0))
        .given(DEV7, appeal("A1", "W1").rectified(), day(1))
        .given(
            DEV7,
            rectify("W1").with_release("1.1", CodeReviewState::Passed),
            day(2),
        )
        .given(PLATFORM, confirmed("W1").with_release("1.1"), day(3))
        .then_events(&[
            "rectification.verified",
            "appeal.closed_without_ruling",
            "notice.closed",
        ]);
    assert!(world.case("C1").deadlines.is_empty());
}

#[test]
fn a_confirmation_ends_no_argument_about_a_warning() {
    let mut world = TestWorld::new();
    world
        .given(PLATFORM, warning(), day(0))
        .given(DEV7, appeal("A1", "W1"), day(1))
        .given(DEV7, rectify("W1"), day(2))
        .given(PLATFORM, confirmed("W1"), day(3))
        .then_events(&["rectification.verified"])
        .advance_to(day(10));
    assert_eq!(world.due("C1", "cure"), None);
    let mut refused = world.clone();
    refused
        .given(ANN, refusing("A1", day(10)).with_steps_of(&[]), day(10))
        .then_events(&["appeal.ruled", "notice.closed"]);
    assert_eq!(refused.standing("C1").standing, NoticeStanding::Complied);
    let mut taken_back = world.clone();
    taken_back
        .given(DEV7, withdraw_appeal("A1"), day(10))
        .then_events(&["appeal.withdrawn", "notice.closed"]);
    assert_eq!(taken_back.standing("C1").standing, NoticeStanding::Complied);
    world.given(ANN, granting("A1", day(10)), day(10));
    assert_eq!(world.standing("C1").standing, NoticeStanding::Overturned);
}

/// Penalty P1, put right and on record.
fn on_record() -> TestWorld {
    let mut world = TestWorld::new();
    world
        .given(PLATFORM, penalty(), day(0))
        .given(DEV7, rectify("P1"), day(2))
        .given(PLATFORM, confirmed("P1"), day(3))
        .then_events(&[
            "rectification.verified",
            "measures.lifted",
            "notice.complied",
        ]);
    world
}

#[test]
fn the_record_of_what_was_put_right_can_be_appealed_until_its_window_ends() {
    let strikes = |world: &TestWorld| world.account(&id("dev7")).map(|it| it.strikes.len());
    let mut world = on_record();
    // The window had stood still for a day.
    assert_eq!(world.due("C1", "window"), Some(day(31)));
    world
        .when(DEV7, appeal("A1", "P1").rectified(), day(4))
        .then_rejected("already_confirmed");
    world
        .when(DEV7, rectify("P1"), day(4))
        .then_rejected("nothing_declared");
    let mut closed = world.clone();
    closed.advance_to(day(31)).then_events(&["notice.closed"]);
    assert_eq!(closed.standing("C1").standing, NoticeStanding::Complied);
    assert_eq!(strikes(&closed), Some(1));
    assert!(closed.case("C1").deadlines.is_empty());
    let mut mistaken_after_all = world.clone();
    mistaken_after_all.given(PLATFORM, mistaken("P1"), day(5));
    assert_eq!(strikes(&mistaken_after_all), Some(0));

    world.given(DEV7, appeal("A1", "P1"), day(4));
    let mut granted = world.clone();
    granted
        .given(ANN, granting("A1", day(5)), day(5))
        .then_events(&["appeal.ruled", "findings.sealed", "notice.closed"]);
    assert_eq!(strikes(&granted), Some(0));
    // Each refusal uses an attempt and opens a window of its own; the last one closes the record.
    world
        .given(ANN, refusing("A1", day(5)).with_steps_of(&[]), day(5))
        .then_events(&["appeal.ruled"]);
    assert_eq!(world.due("C1", "window"), Some(day(35)));
    world
        .given(DEV7, appeal("A2", "P1"), day(6))
        .given(BOB, refusing("A2", day(7)).with_steps_of(&[]), day(7))
        .then_events(&["appeal.ruled", "notice.closed"]);
    assert_eq!(strikes(&world), Some(1));
    assert!(world.case("C1").deadlines.is_empty());
}

#[test]
fn what_is_found_after_it_was_put_right_is_a_matter_of_its_own() {
    let mut world = on_record();
    let again = penalty().with_case("C2").with_notice("P2");
    world
        .when(PLATFORM, again.clone(), day(5))
        .then_rejected("already_answered");
    let newer = again.with_evidence(day(5), Capturer::Platform);
    world.given(PLATFORM, newer, day(5));
}

/// Penalty P1 under appeal A1, whose party rectified meanwhile: everything is restored, and the strike is contested.
fn rectified_under_protest() -> TestWorld {
    let mut world = TestWorld::new();
    world
        .given(PLATFORM, penalty(), day(0))
        .given(DEV7, appeal("A1", "P1"), day(1))
        .given(DEV7, rectify("P1"), day(2))
        .given(PLATFORM, confirmed("P1"), day(3))
        .then_events(&["rectification.verified", "measures.lifted"]);
    world
}

#[test]
fn who_rectifies_under_protest_still_gets_a_ruling_on_the_strike() {
    let mut world = rectified_under_protest();
    world
        .given(ANN, granting("A1", day(4)), day(4))
        .then_events(&["appeal.ruled", "findings.sealed", "notice.closed"]);
    let strikes = |world: &TestWorld| world.account(&id("dev7")).map(|it| it.strikes.len());
    assert_eq!(strikes(&world), Some(0));

    let mut world = rectified_under_protest();
    world
        .when(ANN, refusing("A1", day(4)), day(4))
        .then_rejected("ruling_inconsistent");
    let upheld = refusing("A1", day(4)).step("S1", StepAnswer::Strike);
    world
        .given(ANN, upheld, day(4))
        .then_events(&["appeal.ruled", "notice.complied"]);
    assert_eq!(world.standing("C1").standing, NoticeStanding::OnRecord);
    assert_eq!(strikes(&world), Some(1));
}

#[test]
fn who_rectified_under_protest_and_takes_the_appeal_back_has_complied() {
    let mut world = rectified_under_protest();
    world
        .when(DEV7, rectify("P1"), day(4))
        .then_rejected("nothing_declared");
    world
        .given(DEV7, withdraw_appeal("A1"), day(4))
        .then_events(&["appeal.withdrawn", "notice.complied"]);
    assert!(world.due("C1", "window").is_some());
}

#[test]
fn a_confirmed_penalty_is_on_record_when_its_last_dated_measure_ends() {
    let mut world = TestWorld::new();
    world
        .given(PLATFORM, penalty().ending("M1", day(9)), day(0))
        .given(DEV7, rectify("P1"), day(2))
        .given(PLATFORM, confirmed("P1"), day(3))
        .advance_to(day(9))
        .then_events(&["measure.expired", "notice.complied"]);
    assert_eq!(world.standing("C1").standing, NoticeStanding::OnRecord);
}

#[test]
fn a_release_in_review_is_not_forgotten_when_the_declaration_comes_in_parts() {
    let mut world = TestWorld::new();
    let first = rectify("W1").with_release("1.1", CodeReviewState::Pending);
    let second = rectify("W1").with_steps(&["S2"]);
    world
        .given(PLATFORM, warning().with_steps(&["S1", "S2"]), day(0))
        .given(DEV7, first, day(1))
        .given(DEV7, second, day(2));
    let standing = world.standing("C1");
    assert_eq!(standing.rectification, RectificationStage::ReviewPending);
    let known = world
        .case("C1")
        .live_notice()
        .map(|it| it.rectification.release.clone());
    assert_eq!(known, Some(Some(release("1.1"))));
}

#[test]
fn what_is_declared_under_an_appeal_waits_for_the_ruling_and_is_verified_after_a_refusal() {
    let mut world = TestWorld::new();
    world
        .given(PLATFORM, warning(), day(0))
        .given(DEV7, appeal("A1", "W1"), day(1))
        .given(DEV7, rectify("W1"), day(2));
    assert_eq!(
        world.standing("C1").rectification,
        RectificationStage::AwaitsRuling
    );
    assert_eq!(world.due("C1", "verification"), None);
    world.given(ANN, refusing("A1", day(3)), day(3));
    assert_eq!(
        world.standing("C1").rectification,
        RectificationStage::Unverified
    );
    assert!(world.due("C1", "verification").is_some());
    assert_eq!(
        world.due("C1", "cure"),
        None,
        "the cure period stays stopped"
    );
    world.given(PLATFORM, confirmed("W1"), day(4));
    assert_eq!(world.standing("C1").standing, NoticeStanding::Complied);
}

#[test]
fn a_refusal_on_the_ground_rectified_answers_what_had_been_declared() {
    let mut world = declared();
    world
        .given(DEV7, appeal("A1", "W1").rectified(), day(2))
        .given(ANN, refusing("A1", day(3)), day(3));
    assert_eq!(
        world.standing("C1").rectification,
        RectificationStage::Rejected
    );
    assert_eq!(world.due("C1", "verification"), None);
    assert!(world.due("C1", "cure").is_some());
}

#[test]
fn after_an_appeal_that_declared_is_taken_back_its_release_is_what_is_verified() {
    let mut world = TestWorld::new();
    world
        .given(PLATFORM, warning(), day(0))
        .given(
            DEV7,
            appeal("A1", "W1").rectified().with_release("1.1"),
            day(1),
        )
        .given(DEV7, withdraw_appeal("A1"), day(2))
        .when(PLATFORM, confirmed("W1").with_release("1.0"), day(3))
        .then_rejected("wrong_release_reviewed");
    world.given(PLATFORM, confirmed("W1").with_release("1.1"), day(3));
}

#[test]
fn a_reviewer_who_ruled_does_not_verify() {
    let mut world = TestWorld::new();
    let keep = MeasureAnswer::Keep;
    world
        .given(PLATFORM, penalty(), day(0))
        .given(DEV7, appeal("A1", "P1"), day(1))
        .given(ANN, refusing("A1", day(2)).measure("M1", keep), day(2))
        .given(DEV7, appeal("A2", "P1"), day(3))
        .given(BOB, refusing("A2", day(4)).measure("M1", keep), day(4))
        .given(DEV7, rectify("P1"), day(5))
        .when(ANN, confirmed("P1"), day(6))
        .then_rejected("reviewer_conflict");
    world.given(CID, confirmed("P1"), day(6));
}

/// Penalty P1 about two findings, each with a step and a measure of its own.
fn two_matters() -> TestWorld {
    let mut two = penalty()
        .with_findings(vec![finding("F1"), finding("F2")])
        .with_steps(&["S1", "S2"])
        .with_measures(&[
            ("M1", restriction("payment")),
            ("M2", restriction("search")),
        ]);
    for step in two.0.steps.iter_mut().skip(1) {
        step.findings = vec![id("F2")];
    }
    for measure in two.0.measures.iter_mut().skip(1) {
        measure.findings = vec![id("F2")];
    }
    let mut world = TestWorld::new();
    world.given(PLATFORM, two, day(0));
    world
}

#[test]
fn what_is_put_right_in_part_is_verified_and_restored_in_part() {
    let mut world = two_matters();
    world
        .when(PLATFORM, confirmed("P1"), day(1))
        .then_rejected("nothing_to_verify");
    let window = world.due("C1", "window");
    world
        .given(DEV7, rectify("P1").with_steps(&["S2"]), day(1))
        .given(PLATFORM, confirmed("P1"), day(2))
        .then_events(&["rectification.verified", "measures.lifted"]);
    assert_eq!(world.in_force("C1"), [id("M1")]);
    let standing = world.standing("C1");
    assert_eq!(standing.rectification, RectificationStage::Partial);
    assert_eq!(world.due("C1", "window"), window);
    // Nothing more of it is to be verified until the rest comes.
    world
        .when(PLATFORM, confirmed("P1"), day(3))
        .then_rejected("nothing_to_verify");
    world
        .given(DEV7, rectify("P1"), day(3))
        .given(PLATFORM, confirmed("P1"), day(4))
        .then_events(&[
            "rectification.verified",
            "measures.lifted",
            "notice.complied",
        ]);
}

#[test]
fn what_is_not_put_right_in_part_stays_taken() {
    let mut world = two_matters();
    let mut unmet = rejected("P1", day(2));
    unmet.0.unmet_steps = vec![id("S2")];
    world
        .given(DEV7, rectify("P1").with_steps(&["S2"]), day(1))
        .given(PLATFORM, unmet, day(2))
        .then_events(&["rectification.verified"]);
    assert_eq!(world.in_force("C1").len(), 2);
    world
        .when(PLATFORM, confirmed("P1"), day(3))
        .then_rejected("nothing_to_verify");
    world.given(DEV7, rectify("P1").with_steps(&["S2"]), day(3));
}

//! The newest complete declaration counts (rule 4).

use events_schema::{
    CaseEvent, CodeReviewState, Event, MeasureAnswer, NoticeStanding, RectificationEvent,
    RectificationStage, Rejection, StepAnswer, StepId,
};
use test_support::{
    ANN, BOB, DEV7, PLATFORM, RectifyBuilder, TestWorld, appeal, at, code_review_failed, confirmed,
    day, id, penalty, rectify, refusing, rejected, rulebook, warning, withdraw_appeal,
};

fn stage(world: &TestWorld) -> RectificationStage {
    world.standing("C1").rectification
}

fn release(notice: &str, version: &str) -> RectifyBuilder {
    rectify(notice).with_release(version, CodeReviewState::NotNeeded)
}

/// Warning W1 with steps S1 and S2.
fn two_steps() -> TestWorld {
    let mut world = TestWorld::new();
    world.given(PLATFORM, warning().with_steps(&["S1", "S2"]), day(0));
    world
}

fn verified(world: &TestWorld) -> Vec<StepId> {
    let events = world.last_events();
    let mut verified = events.iter().filter_map(|event| match event {
        Event::Case(CaseEvent::Rectification(RectificationEvent::RectificationVerified(it))) => {
            Some(it.verified.clone())
        }
        _ => None,
    });
    verified.next().expect("a verification")
}

#[test]
fn a_newer_declaration_takes_the_place_of_one_that_waits() {
    let mut world = TestWorld::new();
    let pending = rectify("W1").with_release("1.1", CodeReviewState::Pending);
    world
        .given(PLATFORM, warning(), day(0))
        .given(DEV7, pending, day(1))
        .given(DEV7, release("W1", "1.2"), day(3));
    let events = world.last_events();
    let [Event::Case(CaseEvent::Rectification(RectificationEvent::RectificationDeclared(it)))] =
        events.as_slice()
    else {
        panic!("a declaration")
    };
    assert_eq!(it.declaration.number, 2);
    assert_eq!(it.declaration.supersedes, Some(1));
    assert_eq!(stage(&world), RectificationStage::Unverified);
    assert_eq!(world.due("C1", "code_review"), None);
    // The review of the older one comes out, and answers nothing.
    world.given(PLATFORM, code_review_failed("W1", "1.1"), day(4));
    assert_eq!(stage(&world), RectificationStage::Unverified);
    world
        .when(PLATFORM, confirmed("W1").with_release("1.1"), day(5))
        .then_rejected("wrong_release_reviewed");
    world.given(PLATFORM, confirmed("W1").with_release("1.2"), day(5));
}

#[test]
fn what_an_appeal_says_of_its_release_is_ruled_on_and_what_was_declared_meanwhile_is_looked_at_then()
 {
    for ending in ["refused", "withdrawn"] {
        let mut world = TestWorld::new();
        world
            .given(PLATFORM, warning(), day(0))
            .given(DEV7, appeal("A1", "W1").rectified(), day(1))
            .given(DEV7, release("W1", "1.2"), day(3));
        assert_eq!(stage(&world), RectificationStage::AwaitsRuling);
        assert_eq!(world.due("C1", "cure"), None);
        if ending == "refused" {
            world.given(ANN, refusing("A1", day(4)), day(4));
        } else {
            world.given(DEV7, withdraw_appeal("A1"), day(4));
        }
        assert_eq!(stage(&world), RectificationStage::Unverified, "{ending}");
        assert!(world.due("C1", "verification").is_some());
        assert_eq!(world.due("C1", "cure"), None);
        world.advance_to(day(60));
        assert!(!world.history("C1").contains(&"penalty.imposed"));
        world.given(PLATFORM, confirmed("W1").with_release("1.2"), day(61));
        assert_eq!(world.standing("C1").standing, NoticeStanding::Complied);
    }
}

#[test]
fn a_refusal_of_an_appeal_whose_time_ran_out_opens_the_next_attempt() {
    let mut world = TestWorld::new();
    world
        .given(PLATFORM, warning(), day(0))
        .given(DEV7, appeal("A1", "W1"), day(14))
        .advance_to(day(15))
        .given(DEV7, release("W1", "1.2"), day(16))
        .given(ANN, refusing("A1", day(17)), day(17));
    assert_eq!(stage(&world), RectificationStage::Unverified);
    world.given(DEV7, appeal("A2", "W1"), day(18));
}

#[test]
fn what_a_refusal_opens_again_is_what_its_declaration_had_answered() {
    let mut world = two_steps();
    world
        .given(DEV7, appeal("A1", "W1").rectified(), day(1))
        .given(DEV7, release("W1", "1.2"), day(3))
        .given(
            ANN,
            refusing("A1", day(4)).step("S2", StepAnswer::Keep),
            day(4),
        );
    // S1 was declared again since; S2 was not, so the newer declaration is one in parts.
    assert_eq!(stage(&world), RectificationStage::Partial);
    world.given(DEV7, rectify("W1").with_steps(&["S2"]), day(5));
    assert_eq!(stage(&world), RectificationStage::Unverified);
}

#[test]
fn a_step_that_is_struck_makes_a_declaration_complete() {
    let mut world = two_steps();
    world
        .given(DEV7, rectify("W1"), day(1))
        .given(DEV7, appeal("A1", "W1"), day(2))
        .given(
            ANN,
            refusing("A1", day(4)).step("S2", StepAnswer::Strike),
            day(4),
        );
    assert_eq!(stage(&world), RectificationStage::Unverified);
    assert_eq!(world.due("C1", "cure"), None);
    world.given(PLATFORM, rejected("W1", day(6)), day(6));
    assert_eq!(world.due("C1", "cure"), Some(day(17)));
}

#[test]
fn what_is_declared_in_parts_is_verified_step_by_step() {
    let mut world = two_steps();
    world
        .given(DEV7, rectify("W1"), day(1))
        .given(PLATFORM, confirmed("W1"), day(2));
    assert_eq!(verified(&world), [id("S1")]);
    assert_eq!(stage(&world), RectificationStage::Partial);
    world
        .when(DEV7, rectify("W1"), day(3))
        .then_rejected("nothing_declared");
    world.given(DEV7, rectify("W1").with_steps(&["S2"]), day(3));
    // A no is about what was declared since.
    let refused = world
        .when(PLATFORM, rejected("W1", day(4)), day(4))
        .then_rejected("step_not_declared");
    assert_eq!(*refused, Rejection::StepNotDeclared { step: id("S1") });
    world
        .given(PLATFORM, rejected("W1", day(4)).with_unmet(&["S2"]), day(4))
        .given(DEV7, rectify("W1").with_steps(&["S2"]), day(5))
        .given(PLATFORM, confirmed("W1"), day(6));
    assert_eq!(world.standing("C1").standing, NoticeStanding::Complied);
}

#[test]
fn what_a_no_does_not_name_is_done() {
    let mut world = two_steps();
    world
        .given(DEV7, rectify("W1").with_steps(&["S1", "S2"]), day(1))
        .given(PLATFORM, rejected("W1", day(2)), day(2));
    assert_eq!(verified(&world), [id("S2")]);
    // A ruling need not answer it, and cannot keep it.
    world.given(DEV7, appeal("A1", "W1"), day(3));
    world
        .when(
            ANN,
            refusing("A1", day(4)).step("S2", StepAnswer::Keep),
            day(4),
        )
        .then_rejected("ruling_inconsistent");
    world.clone().given(
        ANN,
        refusing("A1", day(4)).step("S2", StepAnswer::Strike),
        day(4),
    );
    world
        .given(ANN, refusing("A1", day(4)), day(4))
        .given(DEV7, rectify("W1"), day(5))
        .given(PLATFORM, confirmed("W1"), day(6));
    assert_eq!(world.standing("C1").standing, NoticeStanding::Complied);
}

#[test]
fn a_verification_that_is_overdue_stays_the_measures_until_there_is_an_answer() {
    let mut world = TestWorld::under(rulebook().with("verification_breach", "\"stay\""));
    world
        .given(PLATFORM, penalty(), day(0))
        .given(DEV7, rectify("P1"), day(1))
        .advance_to(at("2026-03-11T00:00:00Z"))
        .then_events(&["verification.overdue", "measures.stayed"]);
    assert!(world.in_force("C1").is_empty());
    // It stays so, whatever is appealed and declared meanwhile.
    world
        .given(DEV7, appeal("A1", "P1"), day(10))
        .given(DEV7, release("P1", "1.1"), day(11))
        .given(
            ANN,
            refusing("A1", day(12)).measure("M1", MeasureAnswer::Keep),
            day(12),
        );
    assert!(world.in_force("C1").is_empty());
    let no = rejected("P1", day(13)).with_release("1.1");
    world
        .given(BOB, no, day(13))
        .then_events(&["rectification.verified", "measures.resumed"]);
    assert_eq!(world.in_force("C1").len(), 1);
}

#[test]
fn a_warning_that_lapses_over_what_holds_nothing_takes_an_appeal_on_it_along() {
    let mut world = TestWorld::under(
        rulebook()
            .with("declarations_that_hold", "0")
            .with("stay_on_warning_appeal", "false"),
    );
    world
        .given(PLATFORM, warning(), day(0))
        .given(DEV7, appeal("A1", "W1").rectified(), day(14))
        .advance_to(day(15))
        .then_events(&["penalty.imposed"])
        .given(
            ANN,
            refusing("A1", day(16)).measure("M1", MeasureAnswer::Keep),
            day(16),
        );
    assert_eq!(stage(&world), RectificationStage::Rejected);
}

#[test]
fn what_a_late_platform_stays_is_stayed_from_the_start_of_a_penalty() {
    let mut world = TestWorld::under(
        rulebook()
            .with("verification_breach", "\"stay\"")
            .with("declarations_that_hold", "0"),
    );
    world
        .given(PLATFORM, warning(), day(0))
        .given(DEV7, rectify("W1"), day(1))
        .advance_to(day(15))
        .then_events(&["penalty.imposed", "measures.stayed"]);
    assert!(world.in_force("C1").is_empty());
    world
        .given(PLATFORM, rejected("W1-P", day(16)), day(16))
        .then_events(&["rectification.verified", "measures.resumed"]);
    assert_eq!(world.in_force("C1").len(), 1);
}

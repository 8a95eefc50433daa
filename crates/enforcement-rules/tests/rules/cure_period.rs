//! The time to rectify after a warning (rules 3 to 6; complaint C6).

use events_schema::{
    Capturer, CaseEvent, CodeReviewState, Event, MeasureAnswer, NextStep, NoticeEvent,
    NoticeStanding, RectificationStage, StepAnswer,
};
use test_support::{
    ANN, BOB, DEV7, PLATFORM, TestWorld, appeal, at, code_review_failed, confirmed, day, granting,
    id, rectify, refusing, rejected, rulebook, warning, withdraw_appeal,
};

fn warned() -> TestWorld {
    let mut world = TestWorld::new();
    world.given(PLATFORM, warning(), day(0));
    world
}

/// What a warning imposed, and when it said that this began.
fn imposed(world: &TestWorld) -> Option<events_schema::Instant> {
    world.happened().iter().find_map(|it| match &it.event {
        Event::Case(CaseEvent::Notice(NoticeEvent::PenaltyImposed(imposed))) => {
            imposed.measures.first().map(|it| it.starts_at)
        }
        _ => None,
    })
}

#[test]
fn a_warning_restricts_nothing_before_its_deadline() {
    let mut world = warned();
    world.advance_to(events_schema::Instant::from_microseconds(
        day(15).microseconds() - 1,
    ));
    assert!(world.in_force("C1").is_empty());
    assert_eq!(world.standing("C1").standing, NoticeStanding::Warned);
}

#[test]
fn a_warning_with_nothing_declared_lapses_at_its_deadline() {
    let mut world = warned();
    world.advance_to(day(15)).then_events(&["penalty.imposed"]);
    assert_eq!(imposed(&world), Some(day(15)));
    assert_eq!(world.in_force("C1"), [id("M1")]);
    let warning = world.case("C1").notice(&id("W1")).map(|it| it.standing);
    assert_eq!(warning, Some(NoticeStanding::Lapsed));
}

#[test]
fn a_lapse_that_fires_late_is_dated_at_the_deadline_and_its_appeal_window_at_the_firing() {
    let mut world = warned();
    world.wake_at(day(18));
    assert_eq!(imposed(&world), Some(day(15)));
    assert_eq!(world.due("C1", "measure_end"), Some(day(22)));
    let account = world.account(&id("dev7")).expect("an account");
    let strikes: Vec<_> = account.strikes.iter().map(|strike| strike.at).collect();
    assert_eq!(strikes, [day(15)]);
    assert_eq!(world.due("C1", "window"), Some(day(48)));
}

#[test]
fn a_declaration_that_leaves_a_step_open_stops_nothing() {
    let mut world = TestWorld::new();
    world
        .given(PLATFORM, warning().with_steps(&["S1", "S2"]), day(0))
        .given(DEV7, rectify("W1"), day(1));
    assert_eq!(world.due("C1", "cure"), Some(day(15)));
    world.advance_to(day(15)).then_events(&["penalty.imposed"]);
}

#[test]
fn declarations_add_up() {
    let mut world = TestWorld::new();
    world
        .given(PLATFORM, warning().with_steps(&["S1", "S2"]), day(0))
        .given(DEV7, rectify("W1"), day(1))
        .given(DEV7, rectify("W1").with_steps(&["S2"]), day(2));
    assert_eq!(world.due("C1", "cure"), None);
}

#[test]
fn a_complete_declaration_stops_the_cure_period() {
    let mut world = warned();
    world
        .given(DEV7, rectify("W1"), day(14))
        .advance_to(day(40));
    assert_eq!(imposed(&world), None);
}

#[test]
fn after_a_rejected_verification_the_cure_period_goes_on_with_what_was_left() {
    let mut world = warned();
    world
        .given(DEV7, rectify("W1"), day(5))
        .given(PLATFORM, rejected("W1", day(7)), day(7));
    assert_eq!(world.due("C1", "cure"), Some(day(17)));
}

#[test]
fn after_a_failed_code_review_the_cure_period_is_at_least_two_working_days() {
    let mut world = warned();
    let declaration = rectify("W1").with_release("1.1", CodeReviewState::Pending);
    world.given(DEV7, declaration, day(14)).given(
        PLATFORM,
        code_review_failed("W1", "1.1"),
        day(18),
    );
    // Friday 20 March, and the two working days after it.
    assert_eq!(world.due("C1", "cure"), Some(at("2026-03-25T00:00:00Z")));
}

#[test]
fn three_declarations_stop_the_cure_period_and_a_later_one_is_looked_at_all_the_same() {
    let mut world = warned();
    for start in [1, 3, 5] {
        world.given(DEV7, rectify("W1"), day(start));
        assert_eq!(world.due("C1", "cure"), None);
        world.given(PLATFORM, rejected("W1", day(start + 1)), day(start + 1));
    }
    assert_eq!(world.due("C1", "cure"), Some(day(18)));
    world.given(DEV7, rectify("W1"), day(16));
    assert_eq!(world.due("C1", "cure"), Some(day(18)));
    let verification = world.due("C1", "verification");
    assert!(verification.is_some());
    // What it threatened comes, and the declaration is looked at under the penalty.
    world.advance_to(day(18)).then_events(&["penalty.imposed"]);
    assert_eq!(world.due("C1", "verification"), verification);
    world.given(PLATFORM, confirmed("W1-P"), day(19));
    let stage = world.standing("C1").rectification;
    assert_eq!(stage, RectificationStage::Confirmed);
}

#[test]
fn a_newer_declaration_that_holds_nothing_lets_go_on_what_the_older_one_had_stopped() {
    let mut world = TestWorld::under(rulebook().with("declarations_that_hold", "1"));
    let newer = rectify("W1").with_release("1.1", CodeReviewState::NotNeeded);
    world
        .given(PLATFORM, warning(), day(0))
        .given(DEV7, rectify("W1"), day(5))
        .given(DEV7, newer, day(7));
    assert_eq!(world.due("C1", "cure"), Some(day(17)));
}

#[test]
fn after_a_no_the_least_of_a_cure_period_is_given_twice() {
    let mut world = warned();
    world
        .given(DEV7, rectify("W1"), day(14))
        .given(PLATFORM, rejected("W1", day(18)), day(18));
    // Friday 20 March, and the two working days after it.
    assert_eq!(world.due("C1", "cure"), Some(at("2026-03-25T00:00:00Z")));
    let declaration = rectify("W1").with_release("1.1", CodeReviewState::Pending);
    world.given(DEV7, declaration, day(22)).given(
        PLATFORM,
        code_review_failed("W1", "1.1"),
        day(25),
    );
    // Friday 27 March, and the two working days after it; then half a working day is left.
    assert_eq!(world.due("C1", "cure"), Some(at("2026-04-01T00:00:00Z")));
    world
        .given(DEV7, rectify("W1"), at("2026-03-31T12:00:00Z"))
        .given(PLATFORM, rejected("W1", day(33)), day(33));
    let due = world.due("C1", "cure").expect("what was left");
    // Half a day of 31 March was left, which is a working day.
    assert_eq!(due, at("2026-04-05T00:00:00Z"));
    world.advance_to(due).then_events(&["penalty.imposed"]);
}

#[test]
fn a_cure_period_in_working_days_goes_on_with_the_working_days_that_were_left() {
    let cure = rulebook()
        .with_calendar("cn")
        .with("cure", "\"5 working days\"");
    let mut world = TestWorld::under(cure);
    // Friday 6 February 2026: five working days end with Friday the 13th. Saturday the 14th is worked, and from the
    // 15th to the 23rd is Spring Festival.
    let issued = at("2026-02-06T02:00:00Z");
    world
        .given(
            PLATFORM,
            warning().with_evidence(issued, Capturer::Platform),
            issued,
        )
        .given(DEV7, rectify("W1"), at("2026-02-09T02:00:00Z"))
        .given(
            PLATFORM,
            rejected("W1", at("2026-02-13T02:00:00Z")),
            at("2026-02-13T02:00:00Z"),
        );
    // Four were left: the 14th, and 24 to 26 February.
    let due = at("2026-02-26T16:00:00Z");
    assert_eq!(world.due("C1", "cure"), Some(due));
}

#[test]
fn what_was_left_of_a_provisional_period_stays_provisional() {
    let cure = rulebook()
        .with_calendar("cn")
        .with("cure", "\"10 working days\"");
    let mut world = TestWorld::under(cure);
    let seen = at("2026-12-23T02:00:00Z");
    world
        .given(PLATFORM, warning(), at("2026-12-21T02:00:00Z"))
        .given(DEV7, rectify("W1"), at("2026-12-22T02:00:00Z"))
        .given(PLATFORM, rejected("W1", seen), seen)
        .advance_to(at("2027-03-01T00:00:00Z"));
    assert_eq!(imposed(&world), None);
}

#[test]
fn an_appeal_in_time_stays_the_penalty_until_the_ruling() {
    let mut world = warned();
    world
        .given(DEV7, appeal("A1", "W1"), day(14))
        .advance_to(day(15));
    world.then_events(&["cure_period.held"]);
    world.given(ANN, refusing("A1", day(17)), day(17));
    // Thursday 19 March, and the two working days after it.
    assert_eq!(world.due("C1", "cure"), Some(at("2026-03-24T00:00:00Z")));
    world.advance_to(at("2026-03-24T00:00:00Z"));
    assert_eq!(imposed(&world), Some(at("2026-03-24T00:00:00Z")));
}

#[test]
fn a_refusal_never_shortens_the_cure_period() {
    let mut world = warned();
    world
        .given(DEV7, appeal("A1", "W1"), day(1))
        .given(ANN, refusing("A1", day(2)), day(2));
    assert_eq!(world.due("C1", "cure"), Some(day(15)));
}

#[test]
fn a_reviewer_may_give_more_time() {
    let mut world = warned();
    let ruling = refusing("A1", day(2)).with_cure_due(day(30));
    world
        .given(DEV7, appeal("A1", "W1"), day(1))
        .given(ANN, ruling, day(2));
    assert_eq!(world.due("C1", "cure"), Some(day(30)));
}

#[test]
fn where_the_rulebook_gives_no_stay_the_warning_lapses_and_the_appeal_is_carried_over() {
    let mut world = TestWorld::under(rulebook().with("stay_on_warning_appeal", "false"));
    world
        .given(PLATFORM, warning(), day(0))
        .given(DEV7, appeal("A1", "W1"), day(14))
        .advance_to(day(15))
        .then_events(&["penalty.imposed"]);
    let ruling = granting("A1", day(16)).measure("M1", MeasureAnswer::Lift);
    world.given(ANN, ruling, day(16));
    assert!(world.in_force("C1").is_empty());
}

#[test]
fn an_appeal_filed_again_gets_no_second_stay() {
    let mut world = warned();
    world
        .given(DEV7, appeal("A1", "W1"), day(1))
        .given(DEV7, withdraw_appeal("A1"), day(2))
        .given(DEV7, appeal("A2", "W1"), day(14))
        .advance_to(day(15))
        .then_events(&["penalty.imposed"]);
}

#[test]
fn an_appeal_taken_back_after_the_cure_period_leaves_the_least_of_it() {
    let mut world = warned();
    world
        .given(DEV7, appeal("A1", "W1"), day(14))
        .given(DEV7, withdraw_appeal("A1"), day(16));
    assert_eq!(world.due("C1", "cure"), Some(at("2026-03-21T00:00:00Z")));
}

#[test]
fn a_grant_ends_the_warning_and_every_deadline_that_came_from_it() {
    let mut world = warned();
    world
        .given(DEV7, appeal("A1", "W1"), day(3))
        .given(ANN, granting("A1", day(4)), day(4))
        .then_events(&["appeal.ruled", "findings.sealed", "notice.closed"]);
    assert!(world.case("C1").deadlines.is_empty());
    world.advance_to(day(60));
    assert_eq!(imposed(&world), None);
    assert_eq!(world.standing("C1").standing, NoticeStanding::Overturned);
}

#[test]
fn a_confirmed_rectification_ends_the_warning_without_a_strike() {
    let mut world = warned();
    world
        .given(DEV7, rectify("W1"), day(3))
        .given(PLATFORM, confirmed("W1"), day(4))
        .then_events(&["rectification.verified", "notice.closed"]);
    assert_eq!(world.standing("C1").standing, NoticeStanding::Complied);
    let account = world.account(&id("dev7"));
    assert!(account.is_none_or(|account| account.strikes.is_empty()));
}

#[test]
fn an_appeal_on_the_ground_rectified_is_a_declaration_that_its_ruling_verifies() {
    let mut world = warned();
    world
        .given(DEV7, appeal("A1", "W1").rectified(), day(14))
        .when(PLATFORM, confirmed("W1"), day(15))
        .then_rejected("nothing_to_verify");
    assert_eq!(world.due("C1", "cure"), None);
    world.given(ANN, refusing("A1", day(16)), day(16));
    assert_eq!(world.due("C1", "cure"), Some(at("2026-03-21T00:00:00Z")));
}

#[test]
fn a_declaration_that_came_with_an_appeal_is_verified_by_the_platform_once_that_is_taken_back() {
    let mut world = warned();
    world
        .given(DEV7, appeal("A1", "W1").rectified(), day(14))
        .given(DEV7, withdraw_appeal("A1"), day(15));
    assert!(world.due("C1", "verification").is_some());
    world.given(PLATFORM, confirmed("W1").with_release("1.0"), day(16));
    assert_eq!(world.standing("C1").standing, NoticeStanding::Complied);
}

#[test]
fn a_step_that_a_ruling_struck_needs_no_declaration() {
    let mut world = TestWorld::new();
    world
        .given(PLATFORM, warning().with_steps(&["S1", "S2"]), day(0))
        .given(DEV7, appeal("A1", "W1"), day(1));
    let ruling = refusing("A1", day(2)).step("S2", StepAnswer::Strike);
    world
        .given(ANN, ruling, day(2))
        .given(DEV7, rectify("W1"), day(3));
    assert_eq!(world.due("C1", "cure"), None);
}

#[test]
fn a_later_end_that_a_ruling_gives_holds_when_the_stopped_period_goes_on() {
    let mut world = warned();
    world
        .given(
            DEV7,
            rectify("W1").with_release("1.1", CodeReviewState::Pending),
            day(5),
        )
        .given(DEV7, appeal("A1", "W1"), day(6))
        .given(ANN, refusing("A1", day(7)).with_cure_due(day(40)), day(7))
        .given(PLATFORM, code_review_failed("W1", "1.1"), day(8));
    assert_eq!(world.due("C1", "cure"), Some(day(40)));
}

#[test]
fn a_later_end_that_a_ruling_gives_holds_when_the_period_had_ended_before() {
    let mut world = warned();
    world
        .given(DEV7, appeal("A1", "W1"), day(14))
        .advance_to(day(15))
        .then_events(&["cure_period.held"]);
    let declaration = rectify("W1").with_release("1.1", CodeReviewState::Pending);
    world
        .given(DEV7, declaration, day(16))
        .given(ANN, refusing("A1", day(17)).with_cure_due(day(60)), day(17))
        .given(PLATFORM, code_review_failed("W1", "1.1"), day(18));
    assert_eq!(world.due("C1", "cure"), Some(day(60)));
}

#[test]
fn a_later_end_that_a_ruling_gives_is_not_cut_to_working_days() {
    let mut world = TestWorld::under(
        rulebook()
            .with_calendar("cn")
            .with("cure", "\"10 working days\""),
    );
    let issued = at("2026-02-10T02:00:00Z");
    let given = at("2026-03-12T16:00:00Z");
    let ruled = at("2026-02-23T02:00:00Z");
    let declaration = rectify("W1").with_release("1.1", CodeReviewState::Pending);
    world
        .given(
            PLATFORM,
            warning().with_evidence(issued, Capturer::Platform),
            issued,
        )
        .given(DEV7, declaration, at("2026-02-14T02:00:00Z"))
        .given(DEV7, appeal("A1", "W1"), at("2026-02-14T03:00:00Z"))
        .given(ANN, refusing("A1", ruled).with_cure_due(given), ruled)
        .given(
            PLATFORM,
            code_review_failed("W1", "1.1"),
            at("2026-02-23T03:00:00Z"),
        );
    assert_eq!(world.due("C1", "cure"), Some(given));
}

#[test]
fn after_a_refusal_too_what_was_left_of_working_days_is_working_days() {
    let mut world = TestWorld::under(
        rulebook()
            .with_calendar("cn")
            .with("cure", "\"5 working days\""),
    );
    let issued = at("2026-02-06T02:00:00Z");
    let ruled = at("2026-02-13T02:00:00Z");
    world
        .given(
            PLATFORM,
            warning().with_evidence(issued, Capturer::Platform),
            issued,
        )
        .given(
            DEV7,
            appeal("A1", "W1").rectified(),
            at("2026-02-09T02:00:00Z"),
        )
        .given(ANN, refusing("A1", ruled), ruled);
    // Four were left: the 14th, and 24 to 26 February.
    assert_eq!(world.due("C1", "cure"), Some(at("2026-02-26T16:00:00Z")));
}

#[test]
fn after_a_refusal_too_what_was_left_of_a_provisional_period_stays_provisional() {
    let mut world = TestWorld::under(
        rulebook()
            .with_calendar("cn")
            .with("cure", "\"10 working days\""),
    );
    let ruled = at("2026-12-23T02:00:00Z");
    world
        .given(PLATFORM, warning(), at("2026-12-21T02:00:00Z"))
        .given(
            DEV7,
            appeal("A1", "W1").rectified(),
            at("2026-12-22T02:00:00Z"),
        )
        .given(ANN, refusing("A1", ruled), ruled)
        .advance_to(at("2027-03-01T00:00:00Z"));
    assert_eq!(imposed(&world), None);
}

#[test]
fn an_end_at_the_end_of_time_is_an_end() {
    for cure in ["\"15 days\"", "\"10 working days\""] {
        let mut world = TestWorld::under(rulebook().with("cure", cure));
        let given = at("9999-12-28T00:00:00Z");
        let declaration = rectify("W1").with_release("1.1", CodeReviewState::Pending);
        world
            .given(PLATFORM, warning(), day(0))
            .given(DEV7, declaration, day(1))
            .given(DEV7, appeal("A1", "W1"), day(1))
            .given(ANN, refusing("A1", day(2)).with_cure_due(given), day(2))
            .given(PLATFORM, code_review_failed("W1", "1.1"), day(13));
        let cure = world.due("C1", "cure");
        assert_eq!(cure, Some(given));
        world
            .given(DEV7, appeal("A2", "W1").rectified(), day(14))
            .given(BOB, refusing("A2", day(15)), day(15));
        assert!(world.due("C1", "cure") >= Some(given));
    }
}

#[test]
fn an_appeal_against_a_warning_whose_cure_period_has_ended_is_late() {
    let mut world = warned();
    world
        .given(DEV7, appeal("A1", "W1"), day(14))
        .advance_to(day(15))
        .then_events(&["cure_period.held"])
        .given(DEV7, withdraw_appeal("A1"), day(16));
    world
        .when(DEV7, appeal("A2", "W1"), day(16))
        .then_rejected("window_closed");
    let entry = |it: &NextStep| matches!(it, NextStep::SubmitAppeal { .. });
    assert!(!world.next_steps("C1").iter().any(entry));
    // The warning lapses, and its penalty has a window of its own.
    let due = world.due("C1", "cure").expect("the least");
    world.advance_to(due).then_events(&["penalty.imposed"]);
}

#[test]
fn an_appeal_filed_again_has_the_original_window() {
    let mut world = warned();
    world
        .given(DEV7, appeal("A1", "W1"), day(14))
        .advance_to(day(15))
        .given(DEV7, withdraw_appeal("A1"), day(16))
        .when(DEV7, appeal("A2", "W1"), day(17))
        .then_rejected("window_closed");
}

#[test]
fn a_refusal_opens_the_window_of_a_warning_again() {
    let mut world = warned();
    world
        .given(DEV7, appeal("A1", "W1"), day(14))
        .advance_to(day(15))
        .given(ANN, refusing("A1", day(17)), day(17))
        .given(DEV7, appeal("A2", "W1"), day(18));
}

#[test]
fn a_late_appeal_against_a_warning_is_accepted_with_reasons_and_stays_nothing() {
    let mut world = TestWorld::under(rulebook().with("late_filing", "\"accept_with_reasons\""));
    world
        .given(PLATFORM, warning(), day(0))
        .given(DEV7, appeal("A1", "W1"), day(14))
        .advance_to(day(15))
        .given(DEV7, withdraw_appeal("A1"), day(16));
    let due = world.due("C1", "cure").expect("the least");
    let late = NextStep::SubmitLateAppeal { notice: id("W1") };
    assert!(world.next_steps("C1").contains(&late));
    world
        .given(DEV7, appeal("A2", "W1").late(), day(17))
        .advance_to(due)
        .then_events(&["penalty.imposed"]);
    assert_eq!(world.standing("C1").standing, NoticeStanding::Penalised);
}

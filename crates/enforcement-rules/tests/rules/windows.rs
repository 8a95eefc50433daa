//! When an appeal is in time (rules 1 and 11).

use enforcement_rules::next_steps_while_held;
use events_schema::{
    AppealEvent, CaseEvent, Command, Event, MeasureAnswer, NextStep, NoticeStanding, Rejection,
};
use test_support::{
    ANN, BOB, DEV7, PLATFORM, TestWorld, appeal, day, id, label, mistaken, penalty, rectify,
    refusing, rejected, rulebook, warning, withdraw_appeal,
};

fn penalised() -> TestWorld {
    let mut world = TestWorld::new();
    world.given(PLATFORM, penalty(), day(0));
    world
}

#[test]
fn an_appeal_is_in_time_before_the_instant_at_which_the_window_ends() {
    let before = events_schema::Instant::from_microseconds(day(30).microseconds() - 1);
    penalised().given(DEV7, appeal("A1", "P1"), before);
}

#[test]
fn an_appeal_at_the_instant_at_which_the_window_ends_is_late() {
    let mut world = penalised();
    let refused = world
        .when(DEV7, appeal("A1", "P1"), day(30))
        .then_rejected("window_closed");
    let (due, received) = (day(30), day(30));
    assert_eq!(*refused, Rejection::WindowClosed { due, received });
}

#[test]
fn a_window_that_ends_with_no_appeal_open_exhausts_the_notice() {
    let mut world = penalised();
    world.advance_to(day(30)).then_events(&["notice.exhausted"]);
    assert_eq!(world.standing("C1").standing, NoticeStanding::Exhausted);
    let next = world.next_steps("C1");
    assert!(next.contains(&NextStep::Rectify { notice: id("P1") }));
}

#[test]
fn the_window_begins_anew_with_a_refusal() {
    let mut world = penalised();
    let ruling = refusing("A1", day(20)).measure("M1", MeasureAnswer::Keep);
    world
        .given(DEV7, appeal("A1", "P1"), day(19))
        .given(ANN, ruling, day(20));
    assert_eq!(world.due("C1", "window"), Some(day(50)));
}

#[test]
fn a_window_that_ends_while_an_appeal_is_open_does_not_exhaust_the_notice() {
    let mut world = penalised();
    world
        .given(DEV7, appeal("A1", "P1"), day(29))
        .advance_to(day(30));
    world.then_events(&["filing_window.passed"]);
    assert_eq!(world.standing("C1").standing, NoticeStanding::Penalised);
    let ruling = refusing("A1", day(31)).measure("M1", MeasureAnswer::Keep);
    world.given(BOB, ruling, day(31));
    assert_eq!(world.due("C1", "window"), Some(day(61)));
}

#[test]
fn an_appeal_taken_back_after_its_window_leaves_no_other() {
    let mut world = penalised();
    world
        .given(DEV7, appeal("A1", "P1"), day(29))
        .given(DEV7, withdraw_appeal("A1"), day(31))
        .then_events(&["appeal.withdrawn", "notice.exhausted"]);
    world
        .when(DEV7, appeal("A2", "P1"), day(31))
        .then_rejected("window_closed");
}

#[test]
fn a_late_appeal_is_accepted_with_reasons_and_flagged_where_the_rulebook_says_so() {
    let mut world = TestWorld::under(rulebook().with("late_filing", "\"accept_with_reasons\""));
    world
        .given(PLATFORM, penalty(), day(0))
        .when(DEV7, appeal("A1", "P1"), day(31))
        .then_rejected("window_closed");
    world.given(DEV7, appeal("A1", "P1").late(), day(31));
    let Some(Event::Case(CaseEvent::Appeal(AppealEvent::AppealSubmitted(submitted)))) =
        world.last_events().pop()
    else {
        panic!("an appeal")
    };
    assert!(submitted.late);
    assert_eq!(world.standing("C1").standing, NoticeStanding::Penalised);
}

#[test]
fn while_deadlines_are_held_nothing_overtakes_one_that_has_passed() {
    let mut world = TestWorld::under(rulebook().with("late_filing", "\"accept_with_reasons\""));
    world
        .given(PLATFORM, warning(), day(0))
        .given(
            PLATFORM,
            warning().with_case("C2").with_location("start page"),
            day(10),
        )
        .hold(true);
    for late in [
        Command::from(appeal("A1", "W1").late()),
        rectify("W1").into(),
        mistaken("W1").into(),
    ] {
        let actor = if matches!(late, Command::WithdrawNotice(_)) {
            PLATFORM
        } else {
            DEV7
        };
        let refused = world.when(actor, late, day(16)).then_rejected("time_held");
        let reason =
            "the deadline D1 of the case passed at 2026-03-17T08:00:00.000000Z and is held";
        assert_eq!(
            *refused,
            Rejection::TimeHeld {
                reason: label(reason),
                hold: None,
            }
        );
        // And none of them is told as a step: what is left to the party is to turn elsewhere.
        let steps = |world: &TestWorld, now| {
            next_steps_while_held(world.case("C1"), &actor.parse().unwrap(), now)
        };
        let is_elsewhere = |step: &NextStep| matches!(step, NextStep::ExternalRoute { .. });
        assert!(!steps(&world, day(14)).iter().all(is_elsewhere));
        assert!(steps(&world, day(16)).iter().all(is_elsewhere));
    }
    // Other cases go on.
    world.given(DEV7, rectify("W1").with_case("C2"), day(16));
    world
        .hold(false)
        .wake_at(day(17))
        .given(DEV7, appeal("A1", "W1-P"), day(17));
}

#[test]
fn an_appeal_in_time_is_not_flagged_even_if_it_says_that_it_is_late() {
    let mut world = TestWorld::under(rulebook().with("late_filing", "\"accept_with_reasons\""));
    world
        .given(PLATFORM, penalty(), day(0))
        .given(DEV7, appeal("A1", "P1").late(), day(1));
    let Some(Event::Case(CaseEvent::Appeal(AppealEvent::AppealSubmitted(submitted)))) =
        world.last_events().pop()
    else {
        panic!("an appeal")
    };
    assert!(!submitted.late);
}

#[test]
fn the_window_of_a_warning_is_its_cure_period() {
    let mut world = TestWorld::new();
    world.given(PLATFORM, warning(), day(0));
    let until = Some(day(15));
    let notice = id("W1");
    let entry = NextStep::SubmitAppeal { notice, until };
    assert!(world.next_steps("C1").contains(&entry));
    assert_eq!(world.due("C1", "window"), None);
}

#[test]
fn a_complete_declaration_stops_the_window_until_it_is_answered() {
    let mut world = penalised();
    world.given(DEV7, rectify("P1"), day(10));
    assert_eq!(world.due("C1", "window"), None);
    // It stands still, and is open.
    world.clone().given(DEV7, appeal("A1", "P1"), day(11));
    world.given(PLATFORM, rejected("P1", day(12)), day(12));
    assert_eq!(world.due("C1", "window"), Some(day(32)));
}

#[test]
fn a_window_that_a_declaration_by_appeal_stopped_goes_on_once_that_is_answered() {
    let mut world = penalised();
    world
        .given(DEV7, appeal("A1", "P1").rectified(), day(10))
        .given(DEV7, withdraw_appeal("A1"), day(12));
    assert_eq!(world.due("C1", "window"), None);
    let rejected = rejected("P1", day(13)).with_release("1.0");
    world.given(PLATFORM, rejected, day(13));
    assert_eq!(world.due("C1", "window"), Some(day(33)));
}

#[test]
fn a_window_is_stopped_three_times() {
    let mut world = penalised();
    for start in [1, 3, 5] {
        world.given(DEV7, rectify("P1"), day(start)).given(
            PLATFORM,
            rejected("P1", day(start + 1)),
            day(start + 1),
        );
    }
    assert_eq!(world.due("C1", "window"), Some(day(33)));
    world.given(DEV7, rectify("P1"), day(20));
    assert_eq!(world.due("C1", "window"), Some(day(33)));
}

#[test]
fn the_window_that_a_refusal_opens_stands_still_while_a_declaration_holds_it() {
    let mut world = penalised();
    world
        .given(DEV7, rectify("P1"), day(1))
        .given(DEV7, appeal("A1", "P1"), day(2))
        .given(
            ANN,
            refusing("A1", day(3)).measure("M1", MeasureAnswer::Keep),
            day(3),
        );
    assert_eq!(world.due("C1", "window"), None);
    world.advance_to(day(60));
    world.given(PLATFORM, rejected("P1", day(61)), day(61));
    // It is that of the refusal, in full.
    assert_eq!(world.due("C1", "window"), Some(day(91)));
}

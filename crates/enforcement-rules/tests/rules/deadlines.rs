//! Deadlines: exclusive, in order, and each ends once (rules 5, 11 and 12).

use events_schema::{
    Command, DeadlineId, Event, LogEvent, ReachDeadline, Rejection, ReleaseDeadlines,
    ReviseDeadline,
};
use test_support::{
    DEV7, HOLD, PLATFORM, ROOT, TestWorld, appeal, day, id, penalty, rectify, warning,
};

const SERVICE: &str = "service:deadlines";

fn reach(number: u32) -> Command {
    Command::ReachDeadline(ReachDeadline {
        case: id("C1"),
        deadline: DeadlineId::nth(number),
    })
}

fn revise(number: u32) -> Command {
    Command::ReviseDeadline(ReviseDeadline {
        case: id("C1"),
        deadline: DeadlineId::nth(number),
    })
}

fn warned() -> TestWorld {
    let mut world = TestWorld::new();
    world.given(PLATFORM, warning(), day(0));
    world
}

#[test]
fn a_deadline_is_not_reached_before_its_time() {
    let mut world = warned();
    let before = events_schema::Instant::from_microseconds(day(15).microseconds() - 1);
    let refused = world
        .when(SERVICE, reach(1), before)
        .then_rejected("deadline_not_due");
    let early = Rejection::DeadlineNotDue {
        deadline: DeadlineId::nth(1),
        due: day(15),
        now: before,
    };
    assert_eq!(*refused, early);
}

#[test]
fn a_deadline_is_reached_at_its_time() {
    let mut world = warned();
    world.hold(true).given(SERVICE, reach(1), day(15));
    world.then_events(&["penalty.imposed"]);
}

#[test]
fn a_deadline_that_has_ended_is_not_reached_again() {
    let mut world = warned();
    world
        .given(DEV7, rectify("W1"), day(1))
        .when(SERVICE, reach(1), day(20))
        .then_rejected("deadline_not_open");
    world
        .when(SERVICE, reach(99), day(20))
        .then_rejected("deadline_not_open");
}

#[test]
fn nobody_but_the_service_reaches_a_deadline() {
    let mut world = warned();
    for actor in [PLATFORM, DEV7, "reviewer:ann", ROOT, "auditor:eve"] {
        world
            .when(actor, reach(1), day(1))
            .then_rejected("not_permitted");
    }
}

#[test]
fn the_numbers_of_deadlines_go_on_for_the_life_of_a_case() {
    let mut world = TestWorld::new();
    world
        .given(PLATFORM, penalty(), day(0))
        .given(DEV7, appeal("A1", "P1"), day(1))
        .advance_to(day(60));
    let set: Vec<DeadlineId> = world
        .happened()
        .iter()
        .filter_map(|it| it.event.deadlines())
        .flat_map(|changes| changes.set.iter().map(|it| it.id.clone()))
        .collect();
    let numbered: Vec<DeadlineId> = (1..).take(set.len()).map(DeadlineId::nth).collect();
    assert_eq!(set, numbered);
}

#[test]
fn what_falls_due_while_the_service_is_away_fires_in_order() {
    let mut world = TestWorld::new();
    world
        .given(PLATFORM, penalty().ending("M1", day(10)), day(0))
        .wake_at(day(40));
    assert_eq!(
        world.history("C1"),
        [
            "penalty.issued",
            "measure.expired",
            "notice.exhausted",
            "notice.closed"
        ]
    );
}

#[test]
fn a_date_that_its_calendar_does_not_change_is_not_revised() {
    let mut world = warned();
    world
        .when(SERVICE, revise(1), day(1))
        .then_rejected("nothing_to_revise");
    world
        .when(SERVICE, revise(9), day(1))
        .then_rejected("deadline_not_open");
}

fn release_of(hold: &str) -> Command {
    Command::ReleaseDeadlines(ReleaseDeadlines {
        hold: Some(id(hold)),
        ..ReleaseDeadlines::default()
    })
}

#[test]
fn held_deadlines_are_released_by_the_administrator_with_their_number() {
    let mut world = warned();
    let release = || release_of(HOLD);
    world
        .when(ROOT, release(), day(1))
        .then_rejected("nothing_held");
    world.hold(true);
    // The one before it, and one that was at the same position of a history that is gone.
    for other in [None, Some("3-5f0c9a1e"), Some("7-0c9a1e5f")] {
        let other = ReleaseDeadlines {
            hold: other.map(id),
            ..ReleaseDeadlines::default()
        };
        let refused = world
            .when(ROOT, Command::ReleaseDeadlines(other), day(16))
            .then_rejected("time_held");
        let Rejection::TimeHeld { hold, .. } = refused else {
            panic!("{refused:?}")
        };
        assert_eq!(*hold, Some(id(HOLD)));
    }
    world.given(ROOT, release(), day(16));
    let events = world.last_events();
    let [Event::Log(LogEvent::DeadlinesReleased(released))] = events.as_slice() else {
        panic!("released deadlines")
    };
    assert_eq!(released.overdue, 1);
    assert_eq!(released.left_behind, None);
    world.wake_at(day(16)).then_events(&["penalty.imposed"]);
}

#[test]
fn times_ahead_of_the_clock_are_left_behind_only_when_the_administrator_says_so() {
    let mut world = warned();
    world.wake_at(day(9)).hold(true);
    let release = |leave_future_behind| {
        Command::ReleaseDeadlines(ReleaseDeadlines {
            hold: Some(id(HOLD)),
            leave_future_behind,
        })
    };
    let refused = world
        .when(ROOT, release(false), day(3))
        .then_rejected("time_held");
    let Rejection::TimeHeld { reason, .. } = refused else {
        panic!("{refused:?}")
    };
    assert!(
        reason.as_str().contains("--leave-future-behind"),
        "{reason}"
    );
    world.given(ROOT, release(true), day(3));
    let events = world.last_events();
    let [Event::Log(LogEvent::DeadlinesReleased(released))] = events.as_slice() else {
        panic!("released deadlines")
    };
    assert_eq!(released.left_behind, Some(day(9)));
}

#[test]
fn a_clock_that_is_at_most_two_seconds_behind_the_log_is_released_without_leaving_anything() {
    let mut world = warned();
    world.wake_at(day(9)).hold(true);
    let release = || release_of(HOLD);
    let seconds_before = |seconds: i64| day(9).plus_seconds(-seconds);
    world
        .when(ROOT, release(), seconds_before(3))
        .then_rejected("time_held");
    world.given(ROOT, release(), seconds_before(2));
}

//! Working days, and dates beyond what a calendar covers (rule 12).

use events_schema::{
    CaseEvent, Command, DeadlineEvent, DeadlineId, Event, Instant, PublishCalendar, ReachDeadline,
    ReviseDeadline,
};
use test_support::{
    ANN, DEV7, PLATFORM, ROOT, TestWorld, appeal, at, claim, day, id, penalty, publication,
    rulebook, warning,
};

const SERVICE: &str = "service:deadlines";

/// A later version of the calendar `cn` that covers more, with one more day off.
fn newer(covered_until: &str, day_off: Option<&str>) -> Command {
    let mut newer: PublishCalendar = publication("cn");
    newer.version += 1;
    newer.content.covered_until = id(covered_until);
    if let Some(day_off) = day_off {
        newer.content.days_off.push(id(day_off));
    }
    Command::PublishCalendar(newer)
}

/// A warning on the calendar `cn` with a cure period of 10 working days, issued then.
fn warned_in_china(issued: &str) -> TestWorld {
    let rules = rulebook()
        .with_calendar("cn")
        .with("cure", "\"10 working days\"");
    let mut world = TestWorld::under(rules);
    let captured = at("2026-03-01T00:00:00Z");
    let notice = warning().with_evidence(captured, events_schema::Capturer::Platform);
    world.given(PLATFORM, notice, at(issued));
    world
}

#[test]
fn a_result_is_due_within_seven_working_days_of_the_calendar() {
    let mut world = TestWorld::under(rulebook().with_calendar("cn"));
    world
        .given(PLATFORM, penalty(), at("2026-04-01T02:00:00Z"))
        .given(DEV7, appeal("A1", "P1"), at("2026-04-29T02:00:00Z"));
    // 30 April, then 1 to 5 May off, 6 to 8, 9 (made up for), 11 and 12 May; midnight in Shanghai.
    assert_eq!(world.due("C1", "review"), Some(at("2026-05-12T16:00:00Z")));
}

#[test]
fn a_date_beyond_the_calendar_is_provisional_and_nothing_fires_on_it() {
    let mut world = warned_in_china("2026-12-28T02:00:00Z");
    let cure = world.deadline("C1", "cure").expect("a cure period");
    assert!(cure.provisional);
    world.advance_to(at("2027-03-01T00:00:00Z"));
    assert!(!world.history("C1").contains(&"penalty.imposed"));
    let reach = Command::ReachDeadline(ReachDeadline {
        case: id("C1"),
        deadline: cure.id,
    });
    world
        .when(SERVICE, reach, at("2027-03-01T00:00:00Z"))
        .then_rejected("deadline_provisional");
}

#[test]
fn what_the_platform_owes_is_owed_by_a_provisional_date() {
    let rules = rulebook()
        .with_calendar("cn")
        .with("review_breach", "\"stay\"")
        .with("review_escalation", "\"2 working days\"");
    let mut world = TestWorld::under(rules);
    world
        .given(PLATFORM, penalty(), at("2026-12-20T02:00:00Z"))
        .given(DEV7, appeal("A1", "P1"), at("2026-12-28T02:00:00Z"))
        .given(ANN, claim("A1"), at("2026-12-30T02:00:00Z"));
    for purpose in ["review", "lease"] {
        assert!(world.deadline("C1", purpose).unwrap().provisional);
    }
    world.advance_to(at("2027-03-01T00:00:00Z"));
    let history = world.history("C1");
    for event in ["appeal.unclaimed", "appeal.overdue", "measures.stayed"] {
        assert!(history.contains(&event), "{history:?}");
    }
    assert!(world.deadline("C1", "lease").is_none());
}

#[test]
fn nothing_is_late_by_a_provisional_date() {
    let mut world = warned_in_china("2026-12-28T02:00:00Z");
    world.given(DEV7, appeal("A1", "W1"), at("2027-03-01T00:00:00Z"));
}

#[test]
fn a_newer_calendar_fixes_provisional_dates_by_an_event() {
    let mut world = warned_in_china("2026-12-28T02:00:00Z");
    let provisional = world.due("C1", "cure").expect("a cure period");
    world.given(
        ROOT,
        newer("2027-12-31", Some("2027-01-04")),
        at("2026-12-29T00:00:00Z"),
    );
    let fixed = world.deadline("C1", "cure").expect("a cure period");
    assert!(!fixed.provisional);
    assert!(fixed.due > provisional);
    let last = world.happened().last().map(|it| &it.event);
    assert!(matches!(
        last,
        Some(Event::Case(CaseEvent::Deadline(
            DeadlineEvent::DeadlineRevised(_)
        )))
    ));
    world
        .advance_to(fixed.due)
        .then_events(&["penalty.imposed"]);
}

#[test]
fn a_newer_calendar_never_moves_a_partys_date_earlier() {
    let mut world = warned_in_china("2026-12-28T02:00:00Z");
    let provisional = world.due("C1", "cure").expect("a cure period");
    let Command::PublishCalendar(mut newer) = newer("2027-12-31", None) else {
        panic!("a publication")
    };
    for day in ["2027-01-02", "2027-01-03", "2027-01-09"] {
        newer.content.extra_working_days.push(id(day));
    }
    world.given(
        ROOT,
        Command::PublishCalendar(newer),
        at("2026-12-29T00:00:00Z"),
    );
    let fixed = world.deadline("C1", "cure").expect("a cure period");
    assert_eq!((fixed.due, fixed.provisional), (provisional, false));
}

#[test]
fn a_holiday_that_is_announced_late_moves_the_partys_date_later() {
    let mut world = warned_in_china("2026-03-02T02:00:00Z");
    // Ten working days after the 2nd end with the 16th.
    assert_eq!(world.due("C1", "cure"), Some(at("2026-03-16T16:00:00Z")));
    world.given(
        ROOT,
        newer("2027-12-31", Some("2026-03-10")),
        at("2026-03-03T00:00:00Z"),
    );
    let moved = world.deadline("C1", "cure").expect("a cure period");
    assert_eq!(
        (moved.due, moved.provisional),
        (at("2026-03-17T16:00:00Z"), false)
    );
    world
        .advance_to(moved.due)
        .then_events(&["penalty.imposed"]);
}

#[test]
fn a_newer_calendar_moves_no_date_that_it_does_not_change_and_none_of_the_platforms() {
    let rules = rulebook().with_calendar("cn");
    let mut world = TestWorld::under(rules);
    world
        .given(PLATFORM, penalty(), at("2026-03-02T02:00:00Z"))
        .given(DEV7, appeal("A1", "P1"), at("2026-03-02T03:00:00Z"));
    let before = [
        world.deadline("C1", "window"),
        world.deadline("C1", "review"),
    ];
    world.given(
        ROOT,
        newer("2027-12-31", Some("2026-03-04")),
        at("2026-03-03T00:00:00Z"),
    );
    let after = [
        world.deadline("C1", "window"),
        world.deadline("C1", "review"),
    ];
    assert_eq!(after, before);
}

#[test]
fn a_calendar_that_still_does_not_reach_the_date_revises_nothing() {
    let mut world = warned_in_china("2026-12-28T02:00:00Z");
    let before = world.deadline("C1", "cure").expect("a cure period");
    world.given(ROOT, newer("2027-01-01", None), at("2026-12-29T00:00:00Z"));
    assert_eq!(world.deadline("C1", "cure"), Some(before.clone()));
    let revise = Command::ReviseDeadline(ReviseDeadline {
        case: id("C1"),
        deadline: before.id,
    });
    world
        .when(SERVICE, revise, at("2026-12-29T00:00:00Z"))
        .then_rejected("nothing_to_revise");
}

#[test]
fn a_date_in_the_platforms_own_time_may_be_fixed_earlier() {
    let rules = rulebook().with_calendar("cn");
    let mut world = TestWorld::under(rules);
    let filed: Instant = at("2026-12-28T02:00:00Z");
    world
        .given(PLATFORM, penalty(), at("2026-12-20T02:00:00Z"))
        .given(DEV7, appeal("A1", "P1"), filed);
    let provisional = world.due("C1", "review").expect("a review");
    let Command::PublishCalendar(mut newer) = newer("2027-12-31", None) else {
        panic!("a publication")
    };
    newer.content.extra_working_days.push(id("2027-01-02"));
    world.given(
        ROOT,
        Command::PublishCalendar(newer),
        at("2026-12-29T00:00:00Z"),
    );
    assert!(world.due("C1", "review").expect("a review") < provisional);
}

#[test]
fn versions_of_a_calendar_go_up_by_one() {
    let mut world = TestWorld::new();
    world
        .when(ROOT, Command::PublishCalendar(publication("cn")), day(0))
        .then_rejected("calendar_version_out_of_order");
    world.given(ROOT, newer("2027-12-31", None), day(0));
}

#[test]
fn a_calendar_without_a_working_day_is_refused() {
    let mut wrong = publication("cn");
    wrong.version += 1;
    wrong.content.zone = test_support::label("Nowhere/AtAll");
    let mut world = TestWorld::new();
    world
        .when(ROOT, Command::PublishCalendar(wrong), day(0))
        .then_rejected("invalid_calendar");
}

#[test]
fn deadlines_are_counted_from_one_in_every_case() {
    let mut world = TestWorld::new();
    world
        .given(PLATFORM, warning(), day(0))
        .given(PLATFORM, penalty().with_case("C2"), day(0));
    for case in ["C1", "C2"] {
        let first = world.case(case).deadlines.first().map(|it| it.id.clone());
        assert_eq!(first, Some(DeadlineId::nth(1)));
    }
    world
        .when(ANN, warning(), day(0))
        .then_rejected("not_permitted");
}

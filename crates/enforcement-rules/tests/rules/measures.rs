//! What is taken, and that exactly this is restored (rules 8 and 9; complaint C4).

use enforcement_rules::MeasureStanding;
use events_schema::{
    CaseEvent, Event, MeasureAnswer, MeasureEvent, MeasureId, NoticeStanding, Rejection,
    StillRestricted,
};
use test_support::{
    ANN, DEV7, PLATFORM, TestWorld, appeal, confirmed, day, granting, id, mistaken, penalty,
    rectify, refusing, restriction, rulebook, withdraw_appeal,
};

/// Two measures: M1 until rectified, M2 until day 10.
fn two_measures() -> test_support::PenaltyBuilder {
    penalty()
        .with_measures(&[
            ("M1", restriction("payment")),
            ("M2", restriction("sharing")),
        ])
        .ending("M2", day(10))
}

fn lifted(world: &TestWorld) -> Vec<(Vec<MeasureId>, Vec<StillRestricted>)> {
    let of = |event: &Event| match event {
        Event::Case(CaseEvent::Measure(MeasureEvent::MeasuresLifted(it))) => {
            Some((it.restored.clone(), it.still_restricted_by.clone()))
        }
        _ => None,
    };
    world
        .happened()
        .iter()
        .filter_map(|it| of(&it.event))
        .collect()
}

fn standing_of(world: &TestWorld, measure: &str) -> Option<MeasureStanding> {
    let measures = &world.case("C1").measures;
    let found = measures.iter().find(|it| it.measure.id == id(measure));
    found.map(|it| it.standing)
}

#[test]
fn a_grant_restores_exactly_what_was_taken_in_one_event() {
    let mut world = TestWorld::new();
    let ruling = granting("A1", day(2))
        .measure("M1", MeasureAnswer::Lift)
        .measure("M2", MeasureAnswer::Lift);
    world
        .given(PLATFORM, two_measures(), day(0))
        .given(DEV7, appeal("A1", "P1"), day(1))
        .given(ANN, ruling, day(2))
        .then_events(&[
            "appeal.ruled",
            "measures.lifted",
            "findings.sealed",
            "notice.closed",
        ]);
    assert_eq!(lifted(&world), [(vec![id("M1"), id("M2")], vec![])]);
    assert!(world.in_force("C1").is_empty());
    assert!(world.case("C1").deadlines.is_empty());
}

#[test]
fn a_grant_does_not_restore_what_had_ended_before() {
    let mut world = TestWorld::new();
    let ruling = granting("A1", day(12)).measure("M1", MeasureAnswer::Lift);
    world
        .given(PLATFORM, two_measures(), day(0))
        .given(DEV7, appeal("A1", "P1"), day(11))
        .given(ANN, ruling, day(12));
    assert_eq!(lifted(&world), [(vec![id("M1")], vec![])]);
}

#[test]
fn what_another_case_keeps_restricted_is_named() {
    let mut world = TestWorld::new();
    world
        .given(
            PLATFORM,
            penalty().with_case("C2").with_location("start page"),
            day(0),
        )
        .given(PLATFORM, penalty(), day(0))
        .given(PLATFORM, mistaken("P1"), day(1));
    let other = StillRestricted {
        capability: id("payment"),
        case: id("C2"),
        measure: id("M1"),
    };
    assert_eq!(lifted(&world), [(vec![id("M1")], vec![other])]);
}

#[test]
fn a_measure_that_starts_before_its_notice_is_refused() {
    let mut world = TestWorld::new();
    let refused = world
        .when(PLATFORM, penalty().starting(day(0)), day(1))
        .then_rejected("starts_in_past");
    let in_past = Rejection::StartsInPast {
        measure: id("M1"),
        starts_at: day(0),
        now: day(1),
    };
    assert_eq!(*refused, in_past);
}

#[test]
fn a_scheduled_measure_restricts_from_its_start() {
    let mut world = TestWorld::new();
    world.given(PLATFORM, penalty().starting(day(3)), day(0));
    assert_eq!(standing_of(&world, "M1"), Some(MeasureStanding::Scheduled));
    world.advance_to(day(3)).then_events(&["measure.started"]);
    assert_eq!(world.in_force("C1"), [id("M1")]);
}

#[test]
fn a_scheduled_measure_is_cancelled_when_the_notice_falls() {
    let mut world = TestWorld::new();
    world
        .given(PLATFORM, penalty().starting(day(3)), day(0))
        .given(PLATFORM, mistaken("P1"), day(1))
        .advance_to(day(9));
    assert_eq!(standing_of(&world, "M1"), Some(MeasureStanding::Cancelled));
}

#[test]
fn a_temporary_measure_ends_by_itself() {
    let mut world = TestWorld::new();
    world
        .given(PLATFORM, two_measures(), day(0))
        .advance_to(day(10));
    world.then_events(&["measure.expired"]);
    assert_eq!(world.in_force("C1"), [id("M1")]);
}

#[test]
fn a_temporary_measure_that_has_ended_can_still_be_appealed() {
    let mut world = TestWorld::new();
    world
        .given(PLATFORM, penalty().ending("M1", day(10)), day(0))
        .given(DEV7, appeal("A1", "P1"), day(12))
        .given(ANN, granting("A1", day(13)), day(13));
    assert_eq!(world.standing("C1").standing, NoticeStanding::Overturned);
}

#[test]
fn a_confirmed_rectification_lifts_what_lasts_until_rectified_and_nothing_else() {
    let mut world = TestWorld::new();
    world
        .given(PLATFORM, two_measures(), day(0))
        .given(DEV7, rectify("P1"), day(1))
        .given(PLATFORM, confirmed("P1"), day(2))
        .then_events(&["rectification.verified", "measures.lifted"]);
    assert_eq!(world.in_force("C1"), [id("M2")]);
    assert_eq!(world.standing("C1").standing, NoticeStanding::Penalised);
}

#[test]
fn a_confirmed_rectification_leaves_the_record_when_nothing_is_left_in_force() {
    let mut world = TestWorld::new();
    world
        .given(PLATFORM, penalty(), day(0))
        .given(DEV7, rectify("P1"), day(1))
        .given(PLATFORM, confirmed("P1"), day(2));
    assert_eq!(world.standing("C1").standing, NoticeStanding::OnRecord);
}

#[test]
fn an_overdue_review_stays_the_measures_where_the_rulebook_says_so() {
    let mut world = TestWorld::under(rulebook().with("review_breach", "\"stay\""));
    world
        .given(PLATFORM, penalty(), day(0))
        .given(DEV7, appeal("A1", "P1"), day(1));
    let due = world.due("C1", "review").expect("a due date");
    world
        .advance_to(due)
        .then_events(&["appeal.overdue", "measures.stayed"]);
    assert!(world.in_force("C1").is_empty());
}

#[test]
fn a_refusal_and_a_withdrawal_end_the_stay() {
    let refusal = refusing("A1", day(12)).measure("M1", MeasureAnswer::Keep);
    for (actor, command) in [(ANN, refusal.into()), (DEV7, withdraw_appeal("A1"))] {
        let mut world = TestWorld::under(rulebook().with("review_breach", "\"stay\""));
        world
            .given(PLATFORM, penalty(), day(0))
            .given(DEV7, appeal("A1", "P1"), day(1))
            .given(actor, command, day(12));
        assert_eq!(world.in_force("C1"), [id("M1")]);
        assert!(world.history("C1").contains(&"measures.resumed"));
    }
}

#[test]
fn a_grant_lifts_stayed_measures_too() {
    let mut world = TestWorld::under(rulebook().with("review_breach", "\"stay\""));
    let ruling = granting("A1", day(12)).measure("M1", MeasureAnswer::Lift);
    world
        .given(PLATFORM, penalty(), day(0))
        .given(DEV7, appeal("A1", "P1"), day(1))
        .given(ANN, ruling, day(12));
    assert_eq!(standing_of(&world, "M1"), Some(MeasureStanding::Lifted));
}

#[test]
fn a_measure_whose_end_passes_while_stayed_is_not_revived() {
    let mut world = TestWorld::under(rulebook().with("review_breach", "\"stay\""));
    world
        .given(PLATFORM, penalty().ending("M1", day(14)), day(0))
        .given(DEV7, appeal("A1", "P1"), day(1))
        .given(ANN, refusing("A1", day(15)), day(15));
    assert_eq!(standing_of(&world, "M1"), Some(MeasureStanding::Expired));
    assert!(world.in_force("C1").is_empty());
}

#[test]
fn a_measure_whose_end_passes_while_stayed_and_held_is_not_revived() {
    let mut world = TestWorld::under(rulebook().with("review_breach", "\"stay\""));
    world
        .given(PLATFORM, penalty().ending("M1", day(14)), day(0))
        .given(DEV7, appeal("A1", "P1"), day(1))
        .advance_to(day(13))
        .hold(true)
        .when(
            ANN,
            refusing("A1", day(15)).measure("M1", MeasureAnswer::Keep),
            day(15),
        )
        .then_rejected("time_held");
    world.hold(false).wake_at(day(16));
    assert_eq!(standing_of(&world, "M1"), Some(MeasureStanding::Expired));
    world.given(ANN, refusing("A1", day(16)), day(16));
    assert!(world.in_force("C1").is_empty());
}

#[test]
fn a_measure_that_was_to_start_while_an_overdue_review_stays_the_others_waits_too() {
    let mut world = TestWorld::under(rulebook().with("review_breach", "\"stay\""));
    world
        .given(PLATFORM, penalty().starting(day(14)), day(0))
        .given(DEV7, appeal("A1", "P1"), day(1))
        .advance_to(day(14));
    assert_eq!(standing_of(&world, "M1"), Some(MeasureStanding::Stayed));
    let ruling = refusing("A1", day(15)).measure("M1", MeasureAnswer::Keep);
    world.given(ANN, ruling, day(15));
    assert_eq!(standing_of(&world, "M1"), Some(MeasureStanding::InForce));
}

#[test]
fn an_appeal_deemed_granted_restores_what_was_taken() {
    let mut world = TestWorld::under(rulebook().with("review_breach", "\"deemed_granted\""));
    world
        .given(PLATFORM, penalty(), day(0))
        .given(DEV7, appeal("A1", "P1"), day(1));
    let due = world.due("C1", "review").expect("a due date");
    world
        .advance_to(due)
        .then_events(&["appeal.overdue", "measures.lifted", "notice.closed"]);
    assert!(world.in_force("C1").is_empty());
}

#[test]
fn a_measure_ends_after_it_starts() {
    let mut world = TestWorld::new();
    world
        .when(
            PLATFORM,
            penalty().starting(day(3)).ending("M1", day(3)),
            day(0),
        )
        .then_rejected("notice_incomplete");
}

#[test]
fn the_id_of_a_measure_is_never_used_again_in_its_case() {
    let mut world = TestWorld::new();
    world
        .given(PLATFORM, penalty(), day(0))
        .given(PLATFORM, mistaken("P1"), day(1))
        .when(
            PLATFORM,
            penalty().with_notice("P2").with_location("start page"),
            day(2),
        )
        .then_rejected("id_taken");
}

/// A penalty whose only measure ends after three days.
fn of_three_days() -> TestWorld {
    let mut world = TestWorld::new();
    world.given(PLATFORM, penalty().ending("M1", day(3)), day(0));
    world
}

#[test]
fn a_penalty_is_served_once_its_measures_have_ended_and_its_window_is_over() {
    let mut world = of_three_days();
    world.advance_to(day(4));
    assert_eq!(world.standing("C1").standing, NoticeStanding::Penalised);
    let window = world.due("C1", "window").expect("a window");
    world
        .advance_to(window)
        .then_events(&["notice.exhausted", "notice.closed"]);
    assert_eq!(world.standing("C1").standing, NoticeStanding::Served);
    assert!(world.case("C1").deadlines.is_empty());
    assert!(world.next_steps("C1").is_empty());
}

#[test]
fn a_penalty_is_served_too_where_the_measure_ends_last() {
    let mut world = TestWorld::new();
    world
        .given(PLATFORM, penalty().ending("M1", day(60)), day(0))
        .advance_to(day(59));
    assert_eq!(world.standing("C1").standing, NoticeStanding::Exhausted);
    world
        .advance_to(day(60))
        .then_events(&["measure.expired", "notice.closed"]);
    assert_eq!(world.standing("C1").standing, NoticeStanding::Served);
}

#[test]
fn a_penalty_is_served_with_the_refusal_of_the_last_attempt() {
    let mut world = TestWorld::under(rulebook().with("appeal_cap", "1"));
    world
        .given(PLATFORM, penalty().ending("M1", day(3)), day(0))
        .given(DEV7, appeal("A1", "P1"), day(1))
        .given(ANN, refusing("A1", day(4)), day(4));
    world.then_events(&["appeal.ruled", "notice.exhausted", "notice.closed"]);
    assert_eq!(world.standing("C1").standing, NoticeStanding::Served);
}

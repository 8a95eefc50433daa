//! A strike that falls lowers the later penalties whose step had counted it (rule 18).

use events_schema::{CaseEvent, Event, NoticeEvent, NoticeStanding, PenaltyLowered, Scope};
use test_support::{
    ANN, DEV7, PLATFORM, PenaltyBuilder, RulebookBuilder, TestWorld, appeal, captured, confirmed,
    day, granting, id, login, mistaken, penalty, rectify, rulebook,
};

/// Login suspended for 7 days under clause 4.2, for what was seen at that day: step 1 takes it from new users, step 2
/// from all, and step 3 until rectified.
fn penalised(case: &str, scope: Scope, ends: Option<i64>, seen: i64) -> PenaltyBuilder {
    let restriction = events_schema::Restriction { scope, ..login() };
    let mut built = penalty()
        .with_clause("4.2")
        .with_case(case)
        .with_measures(&[("M1", restriction)])
        .with_emergency("account_theft", "chief");
    for finding in &mut built.0.violation.findings {
        finding.location = test_support::label(case);
        finding.evidence = vec![captured(day(seen), events_schema::Capturer::Platform)];
    }
    match ends {
        Some(ends) => built.ending("M1", day(ends)),
        None => built,
    }
}

/// C1 has a penalty of step 1 since day 0.
fn after_a_strike(rulebook: RulebookBuilder) -> TestWorld {
    let mut world = TestWorld::under(rulebook);
    let first = penalised("C1", Scope::NewUsers, Some(7), 0);
    world.given(PLATFORM, first, day(0));
    world
}

fn lowered(world: &TestWorld) -> Vec<PenaltyLowered> {
    let happened = world.happened().iter();
    let lowered = happened.filter_map(|it| match &it.event {
        Event::Case(CaseEvent::Notice(NoticeEvent::PenaltyLowered(it))) => Some(it.clone()),
        _ => None,
    });
    lowered.collect()
}

#[test]
fn a_grant_lowers_the_penalty_that_came_meanwhile() {
    let mut world = after_a_strike(rulebook());
    world
        .given(DEV7, appeal("A1", "P1"), day(1))
        .given(PLATFORM, penalised("C2", Scope::All, Some(17), 10), day(10))
        .given(ANN, granting("A1", day(12)), day(12));
    assert_eq!(lowered(&world).len(), 1);
    assert_eq!(world.in_force("C2"), [id("M1-S1")]);
}

#[test]
fn what_goes_beyond_the_lower_step_is_replaced_by_what_that_allows() {
    let mut world = after_a_strike(rulebook());
    world
        .given(PLATFORM, penalised("C2", Scope::All, Some(17), 10), day(10))
        .given(PLATFORM, mistaken("P1"), day(12));
    let lowered = lowered(&world);
    let [it] = lowered.as_slice() else {
        panic!("lowered once: {lowered:?}")
    };
    assert_eq!((it.from, it.strike.step), (2, 1));
    let milder = &it.measures[0];
    assert_eq!(milder.replaces, id("M1"));
    assert_eq!(milder.measure.restriction.scope, Scope::NewUsers);
    // Two days of the seven were served.
    assert_eq!(milder.measure.ends_at, Some(day(17)));
    assert_eq!(world.in_force("C2"), [id("M1-S1")]);
    world.advance_to(day(17));
    assert!(world.in_force("C2").is_empty());
}

#[test]
fn what_was_to_last_until_rectified_ends_with_the_lower_step() {
    let mut world = after_a_strike(rulebook());
    world
        .given(DEV7, appeal("A1", "P1"), day(1))
        .given(PLATFORM, penalised("C2", Scope::All, Some(17), 10), day(10))
        .given(PLATFORM, penalised("C3", Scope::All, None, 20), day(20))
        .given(PLATFORM, mistaken("P1"), day(31));
    // C3 had restricted for eleven days, and step 2 allows seven: nothing is left of it.
    assert!(world.in_force("C3").is_empty());
    let notice = world.case("C3").notice(&id("P1")).expect("a penalty");
    assert_eq!(notice.strike.as_deref().map(|it| it.step), Some(2));
    assert_eq!(notice.standing, NoticeStanding::Penalised);
    world.advance_to(day(50));
    let notice = world.case("C3").notice(&id("P1")).expect("a penalty");
    assert_eq!(notice.standing, NoticeStanding::Served);
}

#[test]
fn what_somebody_approved_beyond_the_ladder_stays() {
    let mut world = after_a_strike(rulebook());
    let beyond = penalised("C2", Scope::All, Some(30), 10).with_override("chief");
    world
        .given(PLATFORM, beyond, day(10))
        .given(PLATFORM, mistaken("P1"), day(12));
    assert_eq!(world.in_force("C2"), [id("M1")]);
    assert_eq!(lowered(&world)[0].strike.step, 1);
}

#[test]
fn a_penalty_that_had_not_counted_the_strike_stays_as_it_is() {
    let mut world = TestWorld::new();
    // Found before the first was imposed: one inspection, one step.
    world
        .given(
            PLATFORM,
            penalised("C1", Scope::NewUsers, Some(7), 0),
            day(1),
        )
        .given(
            PLATFORM,
            penalised("C2", Scope::NewUsers, Some(9), 0),
            day(2),
        )
        .given(PLATFORM, mistaken("P1"), day(3));
    assert!(lowered(&world).is_empty());
    assert_eq!(world.in_force("C2"), [id("M1")]);
}

#[test]
fn what_a_late_ruling_stays_is_stayed_when_it_is_milder_too() {
    let mut world = after_a_strike(rulebook().with("review_breach", "\"stay\""));
    world
        .given(PLATFORM, penalised("C2", Scope::All, Some(17), 10), day(10))
        .given(PLATFORM, penalised("C3", Scope::All, None, 18), day(18));
    let mut filing = appeal("A1", "P1");
    filing.0.case = id("C3");
    world.given(DEV7, filing, day(18)).advance_to(day(32));
    assert!(world.in_force("C3").is_empty());
    // P1 of C2 falls: that of C3 is of step 2, and nothing of seven days is left.
    world.given(PLATFORM, mistaken_notice("C2"), day(33));
    assert!(world.in_force("C3").is_empty());
}

fn mistaken_notice(case: &str) -> events_schema::Command {
    mistaken("P1").with_case(case).into()
}

#[test]
fn the_record_of_what_was_put_right_is_of_the_lower_step_too() {
    let mut world = after_a_strike(rulebook());
    world
        .given(PLATFORM, penalised("C2", Scope::All, Some(17), 10), day(10))
        .given("party:dev7", rectify("P1").with_case("C2"), day(11))
        .given(PLATFORM, confirmed("P1").with_case("C2"), day(12))
        .advance_to(day(18))
        .given(PLATFORM, mistaken("P1"), day(19));
    assert_eq!(lowered(&world).len(), 1);
    assert_eq!(world.standing("C2").standing, NoticeStanding::OnRecord);
}

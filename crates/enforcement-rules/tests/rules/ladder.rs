//! The least step of the ladder, and what may be penalised at once (complaint C4).

use events_schema::{Capturer, Mode, Period, Rejection, Restriction, Scope};
use test_support::{
    PLATFORM, PenaltyBuilder, TestWorld, WarningBuilder, day, id, label, login, mistaken, penalty,
    restriction, warning,
};

/// Malware in a case: clause 9.1 counts per entity.
fn malware(case: &str, account: &str, mode: Mode) -> PenaltyBuilder {
    let service = Restriction {
        mode,
        ..restriction("service")
    };
    penalty()
        .with_case(case)
        .with_account(account)
        .with_clause("9.1")
        .with_measures(&[("M1", service)])
}

/// Login abuse once more in another case.
fn login_again() -> WarningBuilder {
    let all = Restriction {
        scope: Scope::All,
        ..login()
    };
    warning()
        .with_case("C2")
        .with_location("another page")
        .with_measures(&[("M1", all)])
        .lasting(Some(Period::Days(7)))
}

/// The same, seen on that day.
fn found_on(days: i64) -> WarningBuilder {
    login_again().with_evidence(day(days), Capturer::Platform)
}

#[test]
fn a_measure_beyond_the_step_of_the_ladder_is_refused() {
    let mut world = TestWorld::new();
    let refused = world
        .when(PLATFORM, login_again(), day(0))
        .then_rejected("above_ladder");
    let measure = id("M1");
    assert_eq!(*refused, Rejection::AboveLadder { measure, step: 1 });
}

#[test]
fn a_measure_that_lasts_longer_than_the_step_allows_is_refused() {
    let mut world = TestWorld::new();
    for longer in [Some(Period::Days(8)), None] {
        world
            .when(PLATFORM, warning().lasting(longer), day(0))
            .then_rejected("above_ladder");
    }
    world.given(
        PLATFORM,
        warning().lasting(Some(Period::Hours(168))),
        day(0),
    );
}

#[test]
fn a_measure_milder_than_the_step_is_allowed() {
    let mut world = TestWorld::new();
    let milder = Restriction {
        mode: Mode::Demotion,
        ..login()
    };
    let notice = warning()
        .with_measures(&[("M1", milder)])
        .lasting(Some(Period::Days(1)));
    world.given(PLATFORM, notice, day(0));
}

#[test]
fn a_superseded_penalty_is_no_step_on_the_ladder_beside_its_successor() {
    let mut world = TestWorld::new();
    let first = malware("C1", "dev7", Mode::Suspension);
    let successor = malware("C1", "dev7", Mode::Suspension).with_notice("P2");
    world
        .given(PLATFORM, first, day(0))
        .given(PLATFORM, successor.superseding("P1"), day(2));
    let strikes = |world: &TestWorld| world.entity(&id("acme")).map(|it| it.strikes.len());
    assert_eq!(strikes(&world), Some(1));
    world
        .when(
            PLATFORM,
            malware("C2", "dev8", Mode::Termination).with_evidence(day(3), Capturer::Platform),
            day(3),
        )
        .then_events(&["penalty.issued"]);
}

#[test]
fn a_capability_that_the_step_does_not_name_is_refused() {
    let mut world = TestWorld::new();
    world
        .when(
            PLATFORM,
            warning().with_measures(&[("M1", restriction("payment"))]),
            day(0),
        )
        .then_rejected("above_ladder");
}

#[test]
fn a_strike_leads_to_the_next_step() {
    let mut world = TestWorld::new();
    world
        .given(PLATFORM, warning(), day(0))
        .given(PLATFORM, found_on(16), day(16));
}

#[test]
fn a_strike_counts_only_against_what_was_found_after_it() {
    let mut world = TestWorld::new();
    world.given(PLATFORM, warning(), day(0)).advance_to(day(15));
    for found in [0, 14, 15] {
        world
            .when(PLATFORM, found_on(found), day(16))
            .then_rejected("above_ladder");
    }
    world.given(PLATFORM, found_on(16), day(16));
}

#[test]
fn a_newer_picture_beside_an_older_one_makes_nothing_found_later() {
    let mut world = TestWorld::new();
    world.given(PLATFORM, warning(), day(0)).advance_to(day(15));
    let mut both = found_on(16);
    let older = found_on(14).0.violation.findings[0].evidence.clone();
    both.0.violation.findings[0].evidence.extend(older);
    world
        .when(PLATFORM, both, day(16))
        .then_rejected("above_ladder");
}

#[test]
fn several_places_of_one_inspection_are_one_strike() {
    let seen = |case: &str, place: &str, found: i64| {
        malware(case, "dev7", Mode::Suspension)
            .with_location(place)
            .with_evidence(day(found), Capturer::Platform)
    };
    let mut world = TestWorld::new();
    world
        .given(PLATFORM, seen("C1", "page one", 0), day(0))
        .given(PLATFORM, seen("C2", "page two", 0), day(2))
        .given(PLATFORM, seen("C3", "page three", 5), day(5));
    let step = |case: &str| {
        let notices = world.case(case).notices.iter();
        let steps = notices.filter_map(|it| Some(it.strike.as_deref()?.step));
        steps.collect::<Vec<_>>()
    };
    assert_eq!([step("C1"), step("C2"), step("C3")], [[1], [1], [2]]);
}

#[test]
fn a_strike_counts_for_so_long_and_no_longer() {
    let mut world = TestWorld::new();
    world.given(PLATFORM, warning(), day(0)).advance_to(day(15));
    let mut later = world.clone();
    world.given(PLATFORM, found_on(15 + 364), day(15 + 364));
    later
        .when(PLATFORM, found_on(15 + 365), day(15 + 365))
        .then_rejected("above_ladder");
}

#[test]
fn a_warning_that_did_not_lapse_is_no_strike() {
    let mut world = TestWorld::new();
    world
        .given(PLATFORM, warning().with_location("start page"), day(0))
        .given(PLATFORM, mistaken("W1"), day(1))
        .when(PLATFORM, found_on(2), day(16))
        .then_rejected("above_ladder");
}

#[test]
fn a_ladder_per_entity_counts_the_strikes_of_its_other_accounts() {
    let mut world = TestWorld::new();
    world
        .when(PLATFORM, malware("C1", "dev7", Mode::Termination), day(0))
        .then_rejected("above_ladder");
    world
        .given(PLATFORM, malware("C1", "dev7", Mode::Suspension), day(0))
        .given(
            PLATFORM,
            malware("C2", "dev8", Mode::Termination).with_evidence(day(1), Capturer::Platform),
            day(1),
        );
}

#[test]
fn a_ladder_per_account_counts_the_strikes_of_that_account_only() {
    let mut world = TestWorld::new();
    world
        .given(PLATFORM, warning(), day(0))
        .when(PLATFORM, found_on(16).with_account("dev8"), day(16))
        .then_rejected("above_ladder");
}

#[test]
fn beyond_the_ladder_goes_only_what_somebody_else_approved() {
    let mut world = TestWorld::new();
    let asked = malware("C1", "dev7", Mode::Termination);
    let refused = world
        .when(PLATFORM, asked.clone().with_override("enforcement"), day(0))
        .then_rejected("approver_required");
    let approver = id("enforcement");
    assert_eq!(*refused, Rejection::ApproverRequired { approver });
    world.given(PLATFORM, asked.with_override("chief"), day(0));
}

#[test]
fn a_rule_that_is_to_be_warned_about_first_is_not_penalised_at_once() {
    let mut world = TestWorld::new();
    let refused = world
        .when(PLATFORM, penalty().with_clause("4.2"), day(0))
        .then_rejected("warning_required");
    let required = Rejection::WarningRequired {
        clause: label("4.2"),
        critical_capability: None,
        warning: None,
        decided_in: None,
        emergency_grounds: vec![label("account_theft")],
    };
    assert_eq!(*refused, required);
}

#[test]
fn a_listed_emergency_is_penalised_at_once_when_somebody_else_approved_it() {
    let mut world = TestWorld::new();
    let asked = penalty()
        .with_clause("4.2")
        .with_measures(&[("M1", login())])
        .ending("M1", day(7));
    world
        .when(
            PLATFORM,
            asked.clone().with_emergency("it_annoys", "chief"),
            day(0),
        )
        .then_rejected("warning_required");
    world
        .when(
            PLATFORM,
            asked.clone().with_emergency("account_theft", "enforcement"),
            day(0),
        )
        .then_rejected("approver_required");
    world.given(
        PLATFORM,
        asked.with_emergency("account_theft", "chief"),
        day(0),
    );
}

#[test]
fn what_restricts_a_critical_capability_is_warned_about_first_whatever_the_clause() {
    let mut world = TestWorld::new();
    let asked = penalty()
        .with_clause("9.2")
        .with_measures(&[("M1", restriction("payment")), ("M2", restriction("login"))]);
    let refused = world
        .when(PLATFORM, asked.clone(), day(0))
        .then_rejected("warning_required");
    let required = Rejection::WarningRequired {
        clause: label("9.2"),
        critical_capability: Some(id("login")),
        warning: None,
        decided_in: None,
        emergency_grounds: vec![label("fraud")],
    };
    assert_eq!(*refused, required);
    let approved_by_the_issuer = asked.clone().with_emergency("fraud", "enforcement");
    world
        .when(PLATFORM, approved_by_the_issuer, day(0))
        .then_rejected("approver_required");
    world.given(PLATFORM, asked.with_emergency("fraud", "chief"), day(0));
}

#[test]
fn what_an_open_notice_of_another_case_is_about_is_raised_nowhere_else() {
    let mut world = TestWorld::new();
    let refused = world
        .given(PLATFORM, warning().with_clause("9.2"), day(0))
        .when(PLATFORM, penalty().with_case("C2"), day(1))
        .then_rejected("already_raised");
    let known = Rejection::AlreadyRaised {
        case: id("C1"),
        notice: id("W1"),
        finding: id("F1"),
    };
    assert_eq!(*refused, known);
    // Not in an emergency either, which may supersede the notice in its own case; nor in other letters, nor without
    // saying what the content is; nor is it warned about twice.
    let mut vague = penalty().with_case("C2");
    vague.0.violation.findings[0].content_digest = None;
    let same: [events_schema::Command; 5] = [
        penalty()
            .with_case("C2")
            .with_emergency("fraud", "chief")
            .into(),
        penalty()
            .with_case("C2")
            .with_location("Login  Page")
            .into(),
        vague.into(),
        warning().with_case("C2").with_clause("9.2").into(),
        penalty().with_case("C2").into(),
    ];
    for command in same {
        let mut world = world.clone();
        world
            .when(PLATFORM, command.clone(), day(1))
            .then_rejected("already_raised");
        // The warning lapses, and its penalty is about the same facts.
        world
            .when(PLATFORM, command, day(16))
            .then_rejected("already_raised");
    }
    world
        .given(
            PLATFORM,
            penalty().with_case("C2").with_location("elsewhere"),
            day(1),
        )
        .given(
            PLATFORM,
            penalty().with_case("C3").with_content("other content"),
            day(1),
        );
}

#[test]
fn what_a_penalty_that_was_served_out_was_about_may_be_raised_again() {
    let mut world = TestWorld::new();
    world.given(PLATFORM, penalty().ending("M1", day(7)), day(0));
    // While the party may appeal, the matter is at issue there.
    world
        .when(PLATFORM, penalty().with_case("C2"), day(29))
        .then_rejected("already_raised");
    world
        .when(PLATFORM, penalty().with_case("C2"), day(31))
        .then_rejected("already_answered");
    let seen_since = penalty()
        .with_case("C2")
        .with_evidence(day(31), Capturer::Platform);
    world.given(PLATFORM, seen_since, day(31));
    let account = world.account(&id("dev7")).expect("an account");
    assert_eq!(account.strikes.len(), 2);
}

#[test]
fn measures_in_a_row_last_no_longer_than_the_step_allows_one() {
    let mut world = TestWorld::new();
    let in_a_row = |last_day: i64| {
        penalty()
            .with_clause("4.2")
            .with_emergency("account_theft", "chief")
            .with_measures(&[("M1", login())])
            .ending("M1", day(3))
            .and_then("M2", login(), (day(3), day(last_day)))
    };
    let refused = world
        .when(PLATFORM, in_a_row(8), day(0))
        .then_rejected("above_ladder");
    let measure = id("M2");
    assert_eq!(*refused, Rejection::AboveLadder { measure, step: 1 });
    world.given(PLATFORM, in_a_row(7), day(0));
}

#[test]
fn a_clause_without_a_ladder_allows_any_measure() {
    let mut world = TestWorld::new();
    let account = Restriction {
        mode: Mode::Termination,
        ..restriction("account")
    };
    world.given(
        PLATFORM,
        penalty().with_measures(&[("M1", account)]),
        day(0),
    );
}

//! Taking the place of another notice (rule 10).

use events_schema::{
    Capturer, CodeReviewState, MeasureAnswer, NoticeStanding, RectificationStage, Rejection,
};
use test_support::{
    ANN, DEV7, PLATFORM, PenaltyBuilder, TestWorld, WarningBuilder, appeal, at, code_review_failed,
    code_review_passed, confirmed, day, finding, id, label, login, mistaken, penalty, rectify,
    refusing, rejected, restriction, rulebook, warning, withdraw_appeal,
};

/// A warning that takes the place of W1.
fn second_warning() -> WarningBuilder {
    warning().with_notice("W2").superseding("W1")
}

/// A penalty that takes the place of P1.
fn second_penalty() -> PenaltyBuilder {
    penalty().with_notice("P2").superseding("P1")
}

#[test]
fn a_case_is_never_without_its_notice() {
    let mut world = TestWorld::new();
    world
        .given(PLATFORM, penalty(), day(0))
        .given(PLATFORM, second_penalty(), day(1))
        .then_events(&["measures.lifted", "notice.closed", "penalty.issued"]);
    let ended = world.case("C1").notice(&id("P1")).map(|it| it.standing);
    assert_eq!(ended, Some(NoticeStanding::Superseded));
    assert_eq!(world.standing("C1").notice, id("P2"));
    assert_eq!(world.in_force("C1"), [id("M2")]);
    world
        .when(PLATFORM, mistaken("P1"), day(2))
        .then_rejected("notice_not_live");
}

#[test]
fn a_successor_says_whose_place_it_takes() {
    let mut world = TestWorld::new();
    world.given(PLATFORM, penalty(), day(0));
    for (successor, code) in [
        (penalty().with_notice("P2"), "notice_live"),
        (second_penalty().superseding("P9"), "unknown_notice"),
        (second_penalty().with_notice("P1"), "id_taken"),
        (second_penalty().with_case("C2"), "unknown_case"),
    ] {
        world.when(PLATFORM, successor, day(1)).then_rejected(code);
    }
    world
        .given(PLATFORM, mistaken("P1"), day(2))
        .when(PLATFORM, second_penalty(), day(3))
        .then_rejected("notice_not_live");
}

#[test]
fn a_notice_has_one_successor_unless_its_rulebook_says_more() {
    let third = || {
        penalty()
            .with_notice("P3")
            .superseding("P2")
            .with_measures(&[("M3", restriction("payment"))])
    };
    let mut world = TestWorld::new();
    let refused = world
        .given(PLATFORM, penalty(), day(0))
        .given(PLATFORM, second_penalty(), day(1))
        .when(PLATFORM, third(), day(2))
        .then_rejected("successor_limit");
    let limit = Rejection::SuccessorLimit {
        notice: id("P2"),
        limit: 1,
    };
    assert_eq!(*refused, limit);
    let mut world = TestWorld::under(rulebook().with("successors", "2"));
    world
        .given(PLATFORM, penalty(), day(0))
        .given(PLATFORM, second_penalty(), day(1))
        .given(PLATFORM, third(), day(2));
}

#[test]
fn a_successor_goes_on_with_the_periods() {
    let mut world = TestWorld::new();
    world
        .given(PLATFORM, penalty(), day(0))
        .given(PLATFORM, second_penalty(), day(11));
    assert_eq!(world.due("C1", "window"), Some(day(30)));
    let mut world = TestWorld::new();
    world
        .given(PLATFORM, warning(), day(0))
        .given(PLATFORM, second_warning(), day(6));
    assert_eq!(world.due("C1", "cure"), Some(day(15)));
}

#[test]
fn what_was_declared_goes_over_with_what_it_had_stopped() {
    let declaration = rectify("W1").with_release("1.1", CodeReviewState::Pending);
    let mut world = TestWorld::new();
    world
        .given(PLATFORM, warning(), day(0))
        .given(DEV7, declaration, day(1));
    let review = world.due("C1", "code_review");
    world.given(PLATFORM, second_warning(), day(6));
    assert_eq!(
        world.standing("C1").rectification,
        RectificationStage::ReviewPending
    );
    assert_eq!(world.due("C1", "code_review"), review);
    assert_eq!(world.due("C1", "cure"), None);
    let mut passed = world.clone();
    passed
        .given(PLATFORM, code_review_passed("W2", "1.1"), day(7))
        .given(PLATFORM, confirmed("W2").with_release("1.1"), day(8));
    assert_eq!(passed.standing("C1").standing, NoticeStanding::Complied);
    world.given(PLATFORM, code_review_failed("W2", "1.1"), day(7));
    // Fourteen days were left.
    assert_eq!(world.due("C1", "cure"), Some(day(21)));
}

#[test]
fn what_the_new_guide_asks_for_besides_is_to_be_declared_still() {
    let mut world = TestWorld::new();
    world
        .given(PLATFORM, warning(), day(0))
        .given(DEV7, rectify("W1"), day(1))
        .given(PLATFORM, second_warning().with_steps(&["S1", "S2"]), day(6));
    assert_eq!(
        world.standing("C1").rectification,
        RectificationStage::Partial
    );
    assert_eq!(world.due("C1", "verification"), None);
    assert_eq!(world.due("C1", "cure"), Some(day(20)));
    world.given(DEV7, rectify("W2").with_steps(&["S2"]), day(7));
    assert_eq!(
        world.standing("C1").rectification,
        RectificationStage::Unverified
    );
}

#[test]
fn an_open_appeal_goes_over_with_its_claim_and_its_date() {
    let mut world = TestWorld::new();
    world
        .given(PLATFORM, penalty(), day(0))
        .given(DEV7, appeal("A1", "P1"), day(1))
        .given(ANN, test_support::claim("A1"), day(2));
    let review = world.due("C1", "review");
    world.given(PLATFORM, second_penalty(), day(3));
    assert_eq!(world.due("C1", "review"), review);
    assert!(world.due("C1", "lease").is_some());
    let ruling = refusing("A1", day(4)).measure("M2", MeasureAnswer::Keep);
    // Whoever had looked at the notice before looks again.
    world
        .when(ANN, ruling.clone(), day(4))
        .then_rejected("appeal_changed");
    let mut anew = ruling;
    anew.0.appeal_revision = 2;
    world.given(ANN, anew, day(4));
    let standing = world.standing("C1");
    assert_eq!((standing.notice, standing.attempts_used), (id("P2"), 1));
}

#[test]
fn the_time_that_was_served_counts() {
    // Step 1 of the ladder of clause 4.2 has login suspended for 7 days.
    let issue = |notice: &str, measure: &str, ends| {
        let emergency = penalty().with_clause("4.2").with_notice(notice);
        emergency
            .with_measures(&[(measure, login())])
            .ending(measure, ends)
            .with_emergency("account_theft", "chief")
    };
    let mut world = TestWorld::new();
    world
        .given(PLATFORM, issue("P1", "M1", day(7)), day(0))
        .given(
            PLATFORM,
            issue("P2", "M2", day(13)).superseding("P1"),
            day(6),
        );
    let measures = &world.case("C1").measures;
    assert_eq!(measures[1].measure.ends_at, Some(day(7)));
    world.advance_to(day(7));
    assert!(world.in_force("C1").is_empty());

    let mut world = TestWorld::new();
    world
        .given(PLATFORM, issue("P1", "M1", day(7)), day(0))
        .advance_to(day(7))
        .when(
            PLATFORM,
            issue("P2", "M2", day(15)).superseding("P1"),
            day(8),
        )
        .then_rejected("time_served");
}

#[test]
fn a_successor_is_the_strike_of_the_first_with_its_date() {
    let mut world = TestWorld::new();
    world
        .given(PLATFORM, penalty(), day(0))
        .given(PLATFORM, second_penalty(), day(5));
    let account = world.account(&id("dev7")).expect("an account");
    let strikes: Vec<_> = account
        .strikes
        .iter()
        .map(|it| (it.notice.clone(), it.at))
        .collect();
    assert_eq!(strikes, [(id("P2"), day(0))]);
}

#[test]
fn a_stay_goes_over() {
    let mut world = TestWorld::under(rulebook().with("review_breach", "\"stay\""));
    world
        .given(PLATFORM, penalty(), day(0))
        .given(DEV7, appeal("A1", "P1"), day(1))
        .advance_to(day(12));
    assert!(world.in_force("C1").is_empty());
    world.given(PLATFORM, second_penalty(), day(13));
    assert!(world.in_force("C1").is_empty());
}

#[test]
fn what_was_found_put_right_is_found_again_only_on_what_was_seen_since() {
    let mut world = TestWorld::new();
    let two = || penalty().with_findings(vec![finding("F1"), other_place()]);
    let mut first = two().with_steps(&["S1", "S2"]);
    first.0.steps[1].findings = vec![id("F2")];
    world
        .given(PLATFORM, first, day(0))
        .given(DEV7, rectify("P1").with_steps(&["S2"]), day(1))
        .given(PLATFORM, confirmed("P1"), day(2));
    let refused = world
        .when(PLATFORM, two().with_notice("P2").superseding("P1"), day(3))
        .then_rejected("already_answered");
    let before = Rejection::AlreadyAnswered {
        case: id("C1"),
        at: day(2),
        finding: id("F2"),
    };
    assert_eq!(*refused, before);
    let newer = two().with_evidence(day(3), Capturer::Platform);
    world.given(PLATFORM, newer.with_notice("P2").superseding("P1"), day(3));
}

fn other_place() -> events_schema::Finding {
    let mut it = finding("F2");
    it.location = label("another page");
    it
}

#[test]
fn a_successor_brings_no_second_stay_and_no_second_free_withdrawal() {
    let mut world = TestWorld::new();
    world
        .given(PLATFORM, warning(), day(0))
        .given(DEV7, appeal("A1", "W1"), day(1))
        .given(DEV7, withdraw_appeal("A1"), day(2))
        .given(PLATFORM, second_warning(), day(3))
        .given(DEV7, appeal("A2", "W2"), day(4))
        .given(DEV7, withdraw_appeal("A2"), day(5));
    assert_eq!(world.standing("C1").attempts_used, 1);
    world
        .given(DEV7, appeal("A3", "W2"), day(14))
        .advance_to(day(15))
        .then_events(&["penalty.imposed"]);
}

#[test]
fn the_date_of_a_cure_period_that_no_calendar_covers_stays_provisional_with_the_successor() {
    let calendar = rulebook()
        .with_calendar("cn")
        .with("cure", "\"10 working days\"");
    let mut world = TestWorld::under(calendar);
    let december = |day: u32| at(&format!("2026-12-{day}T02:00:00Z"));
    world
        .given(PLATFORM, warning(), december(21))
        .given(PLATFORM, second_warning(), december(23));
    let cure = world.deadline("C1", "cure");
    assert!(cure.is_some_and(|it| it.provisional));
}

#[test]
fn a_successor_keeps_the_later_end_that_a_reviewer_gave() {
    let mut world = TestWorld::new();
    let declaration = rectify("W1").with_release("1.1", CodeReviewState::Pending);
    world
        .given(PLATFORM, warning(), day(0))
        .given(DEV7, declaration, day(1))
        .given(DEV7, appeal("A1", "W1"), day(1))
        .given(ANN, refusing("A1", day(2)).with_cure_due(day(60)), day(2))
        .given(PLATFORM, second_warning(), day(6))
        .given(PLATFORM, code_review_failed("W2", "1.1"), day(7));
    assert_eq!(world.due("C1", "cure"), Some(day(60)));
}

#[test]
fn in_the_place_of_a_warning_comes_a_warning_unless_an_emergency_is_listed() {
    let mut world = TestWorld::new();
    // Clause 9.2 may be penalised at once; who was warned about it may rectify all the same.
    world.given(PLATFORM, warning().with_clause("9.2"), day(0));
    let successor = penalty().with_clause("9.2").superseding("W1");
    let required = Rejection::WarningRequired {
        clause: label("9.2"),
        critical_capability: None,
        warning: Some(id("W1")),
        decided_in: None,
        emergency_grounds: vec![label("fraud")],
    };
    let refused = world
        .when(PLATFORM, successor.clone(), day(2))
        .then_rejected("warning_required");
    assert_eq!(*refused, required);
    let emergency = successor.with_emergency("fraud", "chief");
    let known_then = Rejection::NewerEvidenceRequired {
        finding: id("F1"),
        warning: id("W1"),
        since: day(0),
    };
    let refused = world
        .when(PLATFORM, emergency.clone(), day(2))
        .then_rejected("newer_evidence_required");
    assert_eq!(*refused, known_then);
    world.given(DEV7, rectify("W1"), day(1));
    let seen_since = emergency.with_evidence(day(1), Capturer::Platform);
    world.given(PLATFORM, seen_since, day(2));
    // What was declared is looked at all the same.
    assert_eq!(
        world.standing("C1").rectification,
        RectificationStage::Unverified
    );
    assert!(world.due("C1", "verification").is_some());
    world.given(PLATFORM, rejected("P1", day(3)), day(3));
    assert_eq!(world.due("C1", "window"), Some(day(32)));
}

#[test]
fn what_the_new_guide_does_not_ask_for_any_more_makes_a_declaration_complete_and_that_holds() {
    let mut world = TestWorld::new();
    world
        .given(PLATFORM, warning().with_steps(&["S1", "S2"]), day(0))
        .given(DEV7, rectify("W1"), day(1))
        .given(PLATFORM, second_warning(), day(2));
    let stage = world.standing("C1").rectification;
    assert_eq!(stage, RectificationStage::Unverified);
    assert_eq!(world.due("C1", "cure"), None);
    world.advance_to(day(60));
    assert!(!world.history("C1").contains(&"penalty.imposed"));
    world.given(PLATFORM, rejected("W2", day(61)), day(61));
    // Thirteen days were left.
    assert_eq!(world.due("C1", "cure"), Some(day(74)));
}

#[test]
fn who_is_warned_of_something_more_has_the_time_for_that_in_full() {
    let two = second_warning().with_findings(vec![finding("F1"), other_place()]);
    let mut world = TestWorld::new();
    world
        .given(PLATFORM, warning(), day(0))
        .given(PLATFORM, two.clone(), day(14));
    assert_eq!(world.due("C1", "cure"), Some(day(29)));
    // What was given beyond that stays.
    let mut given = TestWorld::new();
    given
        .given(PLATFORM, warning(), day(0))
        .given(DEV7, appeal("A1", "W1"), day(1))
        .given(ANN, refusing("A1", day(2)).with_cure_due(day(60)), day(2))
        .given(PLATFORM, two, day(14));
    assert_eq!(given.due("C1", "cure"), Some(day(60)));
}

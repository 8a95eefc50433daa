//! What was decided is not penalised again (rules 8 and 10; complaint C5).

use events_schema::{
    CaseEvent, Event, FindingAnswer, MeasureAnswer, NoticeEvent, NoticeStanding, Rejection,
};
use test_support::{
    ANN, BOB, DEV7, PLATFORM, PenaltyBuilder, TestWorld, WarningBuilder, appeal, day, finding,
    granting, id, label, mistaken, penalty, refusing, rulebook, warning,
};

/// The same facts once more, under the clause of the penalty, in another case.
fn again() -> PenaltyBuilder {
    penalty().with_case("C2")
}

/// The same, as the platform has seen it since.
fn seen_again(days: i64) -> PenaltyBuilder {
    again().with_evidence(day(days), events_schema::Capturer::Platform)
}

fn warned_again() -> WarningBuilder {
    warning()
        .with_case("C2")
        .with_clause("9.2")
        .with_evidence(day(5), events_schema::Capturer::Platform)
}

/// The penalty of case C1 granted on day 2, its finding answered so.
fn granted(answer: FindingAnswer) -> TestWorld {
    let mut world = TestWorld::new();
    let ruling = granting("A1", day(2))
        .finding("F1", answer)
        .measure("M1", MeasureAnswer::Lift);
    world
        .given(PLATFORM, penalty(), day(0))
        .given(DEV7, appeal("A1", "P1"), day(1))
        .given(ANN, ruling, day(2));
    world
}

#[test]
fn facts_found_no_violation_are_not_penalised_again() {
    for answer in [FindingAnswer::NotAViolation, FindingAnswer::NotEstablished] {
        let mut world = granted(answer);
        let refused = world
            .when(PLATFORM, again(), day(3))
            .then_rejected("already_decided");
        let (case, finding) = (id("C1"), id("F1"));
        assert_eq!(*refused, Rejection::AlreadyDecided { case, finding });
    }
}

#[test]
fn facts_found_no_violation_are_not_warned_about_again() {
    granted(FindingAnswer::NotAViolation)
        .when(PLATFORM, warned_again(), day(6))
        .then_rejected("already_decided");
}

#[test]
fn what_was_rectified_is_not_sealed_and_the_strike_stays() {
    let mut world = granted(FindingAnswer::Rectified);
    let account = world.account(&id("dev7")).expect("an account");
    assert_eq!((account.seals.len(), account.strikes.len()), (0, 1));
    world.given(PLATFORM, seen_again(3), day(3));
}

#[test]
fn what_was_answered_is_not_raised_again_on_what_was_seen_before() {
    let mut world = granted(FindingAnswer::Rectified);
    for old in [again(), again().with_content("B"), seen_again(2)] {
        let refused = world.when(PLATFORM, old, day(3));
        let answered = Rejection::AlreadyAnswered {
            case: id("C1"),
            at: day(2),
            finding: id("F1"),
        };
        assert_eq!(*refused.then_rejected("already_answered"), answered);
    }
    let warned = warned_again().with_evidence(day(1), events_schema::Capturer::Platform);
    world
        .when(PLATFORM, warned, day(3))
        .then_rejected("already_answered");
    world.given(PLATFORM, again().with_location("start page"), day(3));
}

#[test]
fn what_a_reporter_has_seen_since_founds_no_further_notice() {
    let reported = again().with_evidence(day(3), events_schema::Capturer::Reporter);
    let mut both = again();
    both.0.violation.findings[0]
        .evidence
        .extend(reported.0.violation.findings[0].evidence.clone());
    granted(FindingAnswer::Rectified)
        .when(PLATFORM, both, day(3))
        .then_rejected("already_answered");
}

#[test]
fn evidence_of_a_finding_that_fell_founds_nothing_anywhere() {
    for answer in [FindingAnswer::NotAViolation, FindingAnswer::NotEstablished] {
        let elsewhere = again().with_location("start page").with_clause("9.1");
        let mut world = granted(answer);
        let refused = world.when(PLATFORM, elsewhere.clone(), day(3));
        let (case, finding) = (id("C1"), id("F1"));
        let decided = Rejection::AlreadyDecided { case, finding };
        assert_eq!(*refused.then_rejected("already_decided"), decided);
    }
    let elsewhere = again().with_location("start page");
    granted(FindingAnswer::Rectified).given(PLATFORM, elsewhere, day(3));
}

#[test]
fn where_the_thing_found_was_not_named_a_warning_that_names_what_is_new_is_free() {
    let unnamed = |mut built: WarningBuilder| {
        built.0.violation.findings[0].content_digest = None;
        built
    };
    let mut first = penalty();
    first.0.violation.findings[0].content_digest = None;
    let ruling = granting("A1", day(2)).measure("M1", MeasureAnswer::Lift);
    let mut world = TestWorld::new();
    world
        .given(PLATFORM, first, day(0))
        .given(DEV7, appeal("A1", "P1"), day(1))
        .given(ANN, ruling, day(2));
    let mut second = seen_again(3);
    second.0.violation.findings[0].content_digest = None;
    world
        .when(PLATFORM, second, day(3))
        .then_rejected("warning_required");
    world
        .when(PLATFORM, unnamed(warned_again()), day(6))
        .then_rejected("new_facts_required");
    world.given(
        PLATFORM,
        unnamed(warned_again().with_new_facts("C1")),
        day(6),
    );
}

#[test]
fn a_seal_voids_the_strike_for_account_and_entity() {
    let world = granted(FindingAnswer::NotEstablished);
    let account = world.account(&id("dev7")).expect("an account");
    assert!(account.strikes.is_empty());
    assert!(
        world
            .entity(&id("acme"))
            .expect("an entity")
            .strikes
            .is_empty()
    );
}

#[test]
fn the_strike_stays_while_a_finding_stands() {
    let mut world = TestWorld::new();
    let mut other = finding("F2");
    other.location = label("start page");
    let ruling = granting("A1", day(2))
        .finding("F2", FindingAnswer::Rectified)
        .measure("M1", MeasureAnswer::Lift);
    world
        .given(
            PLATFORM,
            penalty().with_findings(vec![finding("F1"), other]),
            day(0),
        )
        .given(DEV7, appeal("A1", "P1"), day(1))
        .given(ANN, ruling, day(2));
    let account = world.account(&id("dev7")).expect("an account");
    assert_eq!((account.seals.len(), account.strikes.len()), (1, 1));
}

#[test]
fn other_content_at_a_sealed_place_may_only_be_warned_about() {
    granted(FindingAnswer::NotAViolation)
        .when(PLATFORM, seen_again(3).with_content("B"), day(3))
        .then_rejected("warning_required");
}

#[test]
fn a_warning_about_other_content_at_a_sealed_place_names_the_new_facts() {
    let mut world = granted(FindingAnswer::NotAViolation);
    let other = warned_again().with_content("B");
    let refused = world
        .when(PLATFORM, other.clone(), day(6))
        .then_rejected("new_facts_required");
    let (case, finding) = (id("C1"), id("F1"));
    assert_eq!(*refused, Rejection::NewFactsRequired { case, finding });
    world.given(PLATFORM, other.with_new_facts("C1"), day(6));
}

#[test]
fn evidence_that_is_older_than_the_seal_is_no_new_fact() {
    let stale = warned_again()
        .with_content("B")
        .with_evidence(day(1), events_schema::Capturer::Platform)
        .with_new_facts("C1");
    granted(FindingAnswer::NotAViolation)
        .when(PLATFORM, stale, day(6))
        .then_rejected("new_facts_required");
}

#[test]
fn another_place_is_not_sealed() {
    granted(FindingAnswer::NotAViolation).given(
        PLATFORM,
        seen_again(3).with_location("start page"),
        day(3),
    );
}

#[test]
fn a_seal_protects_its_account_only() {
    granted(FindingAnswer::NotAViolation).given(PLATFORM, again().with_account("dev8"), day(3));
}

#[test]
fn a_notice_withdrawn_as_mistaken_is_sealed() {
    let mut world = TestWorld::new();
    world
        .given(PLATFORM, penalty(), day(0))
        .given(PLATFORM, mistaken("P1"), day(1))
        .when(PLATFORM, again(), day(2))
        .then_rejected("already_decided");
}

#[test]
fn a_notice_whose_place_another_takes_is_not_sealed() {
    let mut world = TestWorld::new();
    world
        .given(PLATFORM, penalty(), day(0))
        .given(
            PLATFORM,
            penalty().with_notice("P2").superseding("P1"),
            day(1),
        )
        .when(PLATFORM, again(), day(2))
        .then_rejected("already_raised");
}

#[test]
fn an_appeal_deemed_granted_voids_the_strike_and_leaves_only_a_warning_that_names_what_is_new() {
    let mut world = TestWorld::under(rulebook().with("review_breach", "\"deemed_granted\""));
    world
        .given(PLATFORM, penalty(), day(0))
        .given(DEV7, appeal("A1", "P1"), day(1))
        .advance_to(day(20));
    assert_eq!(world.standing("C1").standing, NoticeStanding::DeemedGranted);
    let strikes = world.account(&id("dev7")).map(|it| it.strikes.len());
    assert_eq!(strikes, Some(0));
    world
        .when(PLATFORM, again(), day(21))
        .then_rejected("already_answered");
    world
        .when(PLATFORM, seen_again(21), day(21))
        .then_rejected("warning_required");
    let warned = warned_again().with_evidence(day(21), events_schema::Capturer::Platform);
    world
        .when(PLATFORM, warned.clone(), day(21))
        .then_rejected("new_facts_required");
    world.given(PLATFORM, warned.with_new_facts("C1"), day(21));
}

#[test]
fn a_refused_appeal_seals_nothing() {
    let mut world = TestWorld::new();
    let ruling = refusing("A1", day(2)).measure("M1", MeasureAnswer::Keep);
    world
        .given(PLATFORM, penalty(), day(0))
        .given(DEV7, appeal("A1", "P1"), day(1))
        .given(BOB, ruling, day(2));
    let sealed = |it: &test_support::Happened| {
        matches!(
            it.event,
            Event::Case(CaseEvent::Notice(NoticeEvent::FindingsSealed(_)))
        )
    };
    assert!(!world.happened().iter().any(sealed));
}

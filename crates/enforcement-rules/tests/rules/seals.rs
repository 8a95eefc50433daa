//! What was decided is not penalised again (domain rules 8 and 10; complaint C5).

use events_schema::{AppealId, Event, FindingAnswer, MeasureAnswer, NoticeStanding, Rejection};
use test_support::{
    ANN, BOB, DEV7, PLATFORM, PenaltyBuilder, TestWorld, WarningBuilder, appeal, day, digest,
    finding, granting, id, label, mistaken, penalty, refusing, rulebook, superseded, warning,
};

/// The same facts once more, under the clause of the penalty, in another case.
fn again() -> PenaltyBuilder {
    penalty().with_case("C2")
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
    world.given(PLATFORM, again(), day(3));
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
        .when(PLATFORM, again().with_content("B"), day(3))
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
        again().with_location("start page"),
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
fn a_notice_withdrawn_for_another_is_not_sealed() {
    let mut world = TestWorld::new();
    world
        .given(PLATFORM, penalty(), day(0))
        .given(PLATFORM, superseded("P1", "P2"), day(1))
        .given(PLATFORM, again(), day(2));
}

#[test]
fn an_appeal_deemed_granted_does_not_seal() {
    let mut world = TestWorld::under(rulebook().with("review_breach", "\"deemed_granted\""));
    world
        .given(PLATFORM, penalty(), day(0))
        .given(DEV7, appeal("A1", "P1"), day(1))
        .advance_to(day(20));
    assert_eq!(world.standing("C1").standing, NoticeStanding::DeemedGranted);
    world.given(PLATFORM, again(), day(21));
}

#[test]
fn a_warning_imposes_nothing_when_another_case_sealed_its_facts_meanwhile() {
    let mut world = TestWorld::new();
    world
        .given(PLATFORM, warning(), day(0))
        .given(PLATFORM, warning().with_case("C2"), day(0))
        .given(PLATFORM, mistaken("W1").with_case("C2"), day(1))
        .advance_to(day(15))
        .then_events(&["notice.closed"]);
    assert_eq!(world.standing("C1").standing, NoticeStanding::Overturned);
    assert!(world.in_force("C1").is_empty());
}

#[test]
fn a_warning_imposes_no_measure_that_rests_on_sealed_facts_only() {
    let mut world = TestWorld::new();
    let mut other = finding("F2");
    other.content_digest = Some(digest("B"));
    let mut two = warning().with_findings(vec![finding("F1"), other]);
    let mut second = two.0.threatened_measures.clone();
    for measure in &mut second {
        measure.id = id("M2");
        measure.findings = vec![id("F2")];
    }
    two.0.threatened_measures.extend(second);
    for measure in &mut two.0.threatened_measures {
        if measure.id == id("M2") {
            measure.findings.push(id("F1"));
        }
    }
    two = two.with_steps(&["S1", "S2"]);
    two.0.steps[1].findings = vec![id("F2")];
    world
        .given(PLATFORM, two, day(0))
        .given(PLATFORM, warning().with_case("C2"), day(0))
        .given(PLATFORM, mistaken("W1").with_case("C2"), day(1))
        .advance_to(day(15));
    assert_eq!(world.in_force("C1"), [id("M2")]);

    // The penalty is about what stands, and so is the ruling on it.
    let penalty = world.case("C1").live_notice().expect("a penalty");
    let findings: Vec<_> = penalty.findings.iter().map(|it| it.id.as_str()).collect();
    let steps: Vec<_> = penalty.steps.iter().map(|it| it.id.as_str()).collect();
    assert_eq!((findings, steps), (vec!["F2"], vec!["S2"]));
    let measures = &world.case("C1").measures;
    assert_eq!(measures[0].measure.findings, [id("F2")]);
    let mut ruling = refusing("A1", day(17)).measure("M2", MeasureAnswer::Keep);
    ruling.0.findings[0].id = id("F2");
    ruling.0.steps[0].id = id("S2");
    world
        .given(DEV7, appeal("A1", "W1-P"), day(16))
        .given(ANN, ruling, day(17));
}

#[test]
fn an_appeal_pending_against_a_warning_that_falls_by_a_seal_is_closed_without_ruling() {
    let mut world = TestWorld::under(rulebook().with("stay_on_warning_appeal", "false"));
    world
        .given(PLATFORM, warning(), day(0))
        .given(PLATFORM, warning().with_case("C2"), day(0))
        .given(PLATFORM, mistaken("W1").with_case("C2"), day(1))
        .given(DEV7, appeal("A1", "W1"), day(14))
        .advance_to(day(15))
        .then_events(&["appeal.closed_without_ruling", "notice.closed"]);
    let open: Option<AppealId> = world.standing("C1").open_appeal;
    assert_eq!(open, None);
    assert!(world.case("C1").deadlines.is_empty());
}

#[test]
fn a_refused_appeal_seals_nothing() {
    let mut world = TestWorld::new();
    let ruling = refusing("A1", day(2)).measure("M1", MeasureAnswer::Keep);
    world
        .given(PLATFORM, penalty(), day(0))
        .given(DEV7, appeal("A1", "P1"), day(1))
        .given(BOB, ruling, day(2));
    let sealed = |it: &test_support::Happened| matches!(it.event, Event::FindingsSealed(_));
    assert!(!world.happened().iter().any(sealed));
}

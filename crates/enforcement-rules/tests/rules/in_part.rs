//! Findings that fare differently: a ruling in part, and what hangs on each finding (rules 1, 4 and 8).

use events_schema::{
    AppealEvent, CaseEvent, CodeReviewState, Event, FindingAnswer, GuideStep, MeasureAnswer,
    NoticeStanding, Rejection, RequestedMeasure, RulingContradiction, RulingOutcome, StepAnswer,
    ThreatenedMeasure,
};
use test_support::{
    ANN, BOB, DEV7, PLATFORM, PenaltyBuilder, RulingBuilder, TestWorld, WarningBuilder, appeal,
    code_review_failed, confirmed, day, finding, id, label, penalty, rectify, refusing, rejected,
    restriction, warning,
};

fn two_findings() -> Vec<events_schema::Finding> {
    let mut second = finding("F2");
    second.location = label("pay page");
    vec![finding("F1"), second]
}

fn two_steps() -> Vec<GuideStep> {
    let step = |name, finding| GuideStep {
        id: id(name),
        findings: vec![id(finding)],
    };
    vec![step("S1", "F1"), step("S2", "F2")]
}

/// Penalty P1 for findings F1 and F2, each with its step and its measure.
fn penalty_for_two() -> PenaltyBuilder {
    let measure = |name, finding, capability| RequestedMeasure {
        id: id(name),
        findings: vec![id(finding)],
        restriction: restriction(capability),
        starts_at: None,
        ends_at: None,
    };
    let mut built = penalty().with_findings(two_findings());
    built.0.steps = two_steps();
    built.0.measures = vec![
        measure("M1", "F1", "payment"),
        measure("M2", "F2", "search"),
    ];
    built
}

/// Warning W1 for findings F1 and F2, each with its step; M1 is threatened for F1 and M2 for F2.
fn warning_for_two() -> WarningBuilder {
    let mut built = warning().with_findings(two_findings());
    built.0.steps = two_steps();
    let first = built.0.threatened_measures.remove(0);
    let second = ThreatenedMeasure {
        id: id("M2"),
        findings: vec![id("F2")],
        ..first.clone()
    };
    built.0.threatened_measures = vec![first, second];
    built
}

fn appealed() -> TestWorld {
    let mut world = TestWorld::new();
    world
        .given(PLATFORM, penalty_for_two(), day(0))
        .given(DEV7, appeal("A1", "P1"), day(1));
    world
}

/// F1 upheld with its step, F2 answered so, with its step struck and its measure lifted.
fn in_part(second: FindingAnswer) -> RulingBuilder {
    let mut built = refusing("A1", day(2))
        .finding("F2", second)
        .step("S2", StepAnswer::Strike)
        .measure("M1", MeasureAnswer::Keep)
        .measure("M2", MeasureAnswer::Lift);
    built.0.outcome = RulingOutcome::GrantedInPart;
    built
}

#[track_caller]
fn contradicts(ruling: RulingBuilder, problem: RulingContradiction) {
    let mut world = appealed();
    let refused = world
        .when(ANN, ruling, day(2))
        .then_rejected("ruling_inconsistent");
    assert_eq!(*refused, Rejection::RulingInconsistent { problem });
}

#[test]
fn what_is_unfounded_falls_and_what_is_upheld_stands() {
    let mut world = appealed();
    world.when(ANN, in_part(FindingAnswer::NotAViolation), day(2));
    world.then_events(&["appeal.ruled", "measures.lifted", "findings.sealed"]);
    assert_eq!(world.in_force("C1"), [id("M1")]);
    let standing = world.standing("C1");
    assert_eq!(standing.standing, NoticeStanding::Penalised);
    assert_eq!(standing.attempts_used, 0);
}

#[test]
fn the_strike_stands_while_a_finding_does_and_falls_with_the_last() {
    let mut world = appealed();
    world.given(ANN, in_part(FindingAnswer::NotAViolation), day(2));
    let dev7 = id("dev7");
    let strikes = |world: &TestWorld| world.account(&dev7).map_or(0, |it| it.strikes.len());
    assert_eq!(strikes(&world), 1);
    let mut rest = test_support::granting("A2", day(4)).measure("M1", MeasureAnswer::Lift);
    rest.0.findings.retain(|it| it.id == id("F1"));
    world
        .given(DEV7, appeal("A2", "P1"), day(3))
        .given(BOB, rest, day(4));
    assert_eq!(strikes(&world), 0);
    assert_eq!(
        world.case("C1").notices[0].standing,
        NoticeStanding::Overturned
    );
}

#[test]
fn a_measure_without_a_finding_that_stands_lifts_whoever_forgets_it() {
    for outcome in [RulingOutcome::GrantedInPart, RulingOutcome::Refused] {
        for answer in [MeasureAnswer::Lift, MeasureAnswer::Keep] {
            let mut ruling = in_part(FindingAnswer::Rectified).measure("M2", answer);
            ruling.0.outcome = outcome;
            let mut world = appealed();
            world.given(ANN, ruling, day(2));
            assert_eq!(world.in_force("C1"), [id("M1")], "{outcome:?} {answer:?}");
        }
    }
}

#[test]
fn the_outcome_is_what_the_answers_come_to() {
    let mut refused = in_part(FindingAnswer::NotAViolation);
    refused.0.outcome = RulingOutcome::Refused;
    contradicts(refused, RulingContradiction::RefusedWithUnfoundedFinding);
    let all_upheld = in_part(FindingAnswer::Upheld)
        .step("S2", StepAnswer::Keep)
        .measure("M2", MeasureAnswer::Keep);
    contradicts(all_upheld, RulingContradiction::InPartWithoutFallenFinding);
    let none_upheld =
        in_part(FindingAnswer::NotAViolation).finding("F1", FindingAnswer::NotEstablished);
    contradicts(none_upheld, RulingContradiction::InPartWithoutUpheldFinding);
    let kept = in_part(FindingAnswer::NotAViolation).step("S2", StepAnswer::Keep);
    contradicts(kept, RulingContradiction::KeptStepWithoutUpheldFinding);
    let mut lifted = in_part(FindingAnswer::Rectified).measure("M1", MeasureAnswer::Lift);
    lifted.0.outcome = RulingOutcome::Refused;
    contradicts(lifted, RulingContradiction::RefusedWithLiftedMeasure);
}

#[test]
fn what_was_settled_is_answered_no_more() {
    let mut world = appealed();
    world
        .given(ANN, in_part(FindingAnswer::NotAViolation), day(2))
        .given(DEV7, appeal("A2", "P1"), day(3));
    let again = refusing("A2", day(4)).measure("M1", MeasureAnswer::Keep);
    let with_the_other = again.clone().finding("F2", FindingAnswer::Upheld);
    let with_its_step = again.clone().step("S2", StepAnswer::Keep);
    for ruling in [with_the_other, with_its_step] {
        world
            .when(BOB, ruling, day(4))
            .then_rejected("ruling_incomplete");
    }
    world.given(BOB, again, day(4));
    assert_eq!(world.standing("C1").attempts_used, 1);
}

#[test]
fn what_is_threatened_for_nothing_that_stands_is_not_imposed() {
    let mut world = TestWorld::new();
    let mut ruling = in_part(FindingAnswer::NotAViolation);
    ruling.0.measures.clear();
    world
        .given(PLATFORM, warning_for_two(), day(0))
        .given(DEV7, appeal("A1", "W1"), day(1))
        .given(ANN, ruling, day(2))
        .advance_to(day(40));
    let case = world.case("C1");
    let penalty = case.notices.last().unwrap();
    assert_eq!(penalty.id, id("W1-P"));
    let standing: Vec<_> = penalty.findings_left().map(|it| it.id.clone()).collect();
    assert_eq!(standing, [id("F1")]);
    let imposed: Vec<_> = case
        .measures
        .iter()
        .map(|it| it.measure.id.clone())
        .collect();
    assert_eq!(imposed, [id("M1")]);
}

#[test]
fn a_penalty_was_never_for_what_fell_while_it_was_a_warning() {
    let mut world = TestWorld::new();
    let mut ruling = in_part(FindingAnswer::Rectified);
    ruling.0.measures.clear();
    let mut rest = test_support::granting("A2", day(20)).measure("M1", MeasureAnswer::Lift);
    rest.0.findings.retain(|it| it.id == id("F1"));
    world
        .given(PLATFORM, warning_for_two(), day(0))
        .given(DEV7, appeal("A1", "W1"), day(1))
        .given(ANN, ruling, day(2))
        .advance_to(day(18));
    world
        .given(DEV7, appeal("A2", "W1-P"), day(19))
        .given(BOB, rest, day(20));
    let notice = world.case("C1").notices.last().unwrap();
    assert_eq!(notice.standing, NoticeStanding::Overturned);
    let strikes = world.account(&id("dev7")).map(|it| it.strikes.len());
    assert_eq!(strikes, Some(0));
}

/// Warning W1 with F1 and F2, refused: step S1 is struck, S2 kept.
fn one_step_struck() -> TestWorld {
    let mut ruling = in_part(FindingAnswer::Upheld)
        .step("S1", StepAnswer::Strike)
        .step("S2", StepAnswer::Keep);
    ruling.0.outcome = RulingOutcome::Refused;
    ruling.0.measures.clear();
    let mut world = TestWorld::new();
    world
        .given(PLATFORM, warning_for_two(), day(0))
        .given(DEV7, appeal("A1", "W1"), day(1))
        .given(ANN, ruling, day(2));
    world
}

#[test]
fn a_failed_review_opens_no_struck_step() {
    let mut world = one_step_struck();
    let release = |version, review| {
        rectify("W1")
            .with_steps(&["S2"])
            .with_release(version, review)
    };
    world
        .given(DEV7, release("1.1", CodeReviewState::Pending), day(3))
        .given(PLATFORM, code_review_failed("W1", "1.1"), day(4))
        .given(DEV7, release("1.2", CodeReviewState::Passed), day(5));
    let case = world.case("C1");
    let stage = case.notices[0].rectification.stage;
    assert_eq!(stage, events_schema::RectificationStage::Unverified);
}

#[test]
fn a_failed_review_opens_only_what_its_declaration_answered() {
    let mut world = TestWorld::new();
    let first = rectify("W1").with_steps(&["S1"]);
    let second = rectify("W1").with_steps(&["S2"]);
    world
        .given(PLATFORM, warning_for_two(), day(0))
        .given(DEV7, first, day(1))
        .given(
            DEV7,
            second.clone().with_release("1.1", CodeReviewState::Pending),
            day(2),
        )
        .given(PLATFORM, code_review_failed("W1", "1.1"), day(3));
    let answered = |world: &TestWorld| -> Vec<bool> {
        let steps = &world.case("C1").notices[0].steps;
        steps
            .iter()
            .map(enforcement_rules::StepState::is_answered)
            .collect()
    };
    assert_eq!(answered(&world), [true, false]);
    world.given(
        DEV7,
        second.with_release("1.2", CodeReviewState::Passed),
        day(4),
    );
    assert_eq!(answered(&world), [true, true]);
}

#[test]
fn a_struck_step_cannot_be_named_as_unmet() {
    let mut world = one_step_struck();
    world.given(
        DEV7,
        rectify("W1")
            .with_steps(&["S2"])
            .with_release("1.1", CodeReviewState::Passed),
        day(3),
    );
    let no = |step| {
        rejected("W1", day(4))
            .with_release("1.1")
            .with_unmet(&[step])
    };
    world
        .when(PLATFORM, no("S1"), day(4))
        .then_rejected("step_struck");
    world.given(PLATFORM, no("S2"), day(4));
}

#[test]
fn what_is_struck_needs_no_declaration() {
    let mut world = one_step_struck();
    world
        .given(DEV7, rectify("W1").with_steps(&["S2"]), day(3))
        .given(PLATFORM, confirmed("W1"), day(4));
    assert_eq!(
        world.case("C1").notices[0].standing,
        NoticeStanding::Complied
    );
}

#[test]
fn a_grant_in_part_says_what_is_still_unmet() {
    let mut world = appealed();
    world.given(ANN, in_part(FindingAnswer::NotEstablished), day(2));
    let events = world.last_events();
    let Some(Event::Case(CaseEvent::Appeal(AppealEvent::AppealRuled(ruled)))) = events.first()
    else {
        panic!("a ruling")
    };
    assert_eq!(ruled.unmet_steps, [id("S1")]);
    assert!(!ruled.counts);
}

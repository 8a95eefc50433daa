//! What every notice must say (complaints C1 and C5).

use events_schema::{
    Capturer, FINDINGS_MAX, GuideStep, MEASURES_MAX, NoticePart, Rejection, STEPS_MAX,
    ThreatenedMeasure,
};
use test_support::{
    PLATFORM, TestWorld, at, day, finding, id, label, mistaken, penalty, restriction, warning,
};

#[test]
fn a_warning_starts_the_cure_period_and_restricts_nothing() {
    let mut world = TestWorld::new();
    world
        .given(PLATFORM, warning(), day(0))
        .then_events(&["warning.issued"]);
    assert_eq!(world.due("C1", "cure"), Some(day(15)));
    assert!(world.in_force("C1").is_empty());
}

#[test]
fn a_penalty_restricts_at_once_and_starts_the_appeal_window() {
    let mut world = TestWorld::new();
    world
        .given(PLATFORM, penalty(), day(0))
        .then_events(&["penalty.issued"]);
    assert_eq!(world.due("C1", "window"), Some(day(30)));
    assert_eq!(world.in_force("C1"), [id("M1")]);
}

#[test]
fn nothing_is_issued_without_a_rulebook_and_its_calendar() {
    let mut world = TestWorld::empty();
    world
        .when(PLATFORM, warning(), day(0))
        .then_rejected("no_rulebook");
}

#[test]
fn a_notice_cites_a_clause_of_the_rulebook_at_its_version() {
    let mut world = TestWorld::new();
    world
        .when(PLATFORM, warning().with_clause("4.9"), day(0))
        .then_rejected("unknown_clause");
    let refused = world
        .when(PLATFORM, warning().with_clause_version("2025-01"), day(0))
        .then_rejected("unknown_clause");
    let unknown = Rejection::UnknownClause {
        clause: label("4.2"),
        version: label("2025-01"),
        rulebook: id("tests-1"),
    };
    assert_eq!(*refused, unknown);
}

#[test]
fn a_notice_has_findings_steps_and_measures_that_belong_together() {
    let mut without_findings = warning();
    without_findings.0.steps.clear();
    let without_findings = without_findings.with_findings(Vec::new());
    let mut stray_measure = warning();
    for measure in &mut stray_measure.0.threatened_measures {
        measure.findings = vec![id("F9")];
    }
    let stray_step = warning().with_findings(vec![finding("F2")]);
    for incomplete in [
        without_findings,
        warning().with_steps(&[]),
        warning().with_measures(&[]),
        stray_measure,
        stray_step,
    ] {
        TestWorld::new()
            .when(PLATFORM, incomplete, day(0))
            .then_rejected("notice_incomplete");
    }
}

#[test]
fn a_notice_lists_no_more_than_can_be_followed_up() {
    let findings: Vec<_> = (0..=FINDINGS_MAX)
        .map(|n| finding(&format!("F{n}")))
        .collect();
    let mut steps = warning();
    let step = steps.0.steps[0].clone();
    steps.0.steps = (0..=STEPS_MAX)
        .map(|n| GuideStep {
            id: id(&format!("S{n}")),
            ..step.clone()
        })
        .collect();
    let mut measures = warning();
    let measure = measures.0.threatened_measures[0].clone();
    measures.0.threatened_measures = (0..=MEASURES_MAX)
        .map(|n| ThreatenedMeasure {
            id: id(&format!("M{n}")),
            ..measure.clone()
        })
        .collect();
    for (notice, what, max) in [
        (
            warning().with_findings(findings),
            NoticePart::Findings,
            FINDINGS_MAX,
        ),
        (steps, NoticePart::Steps, STEPS_MAX),
        (measures, NoticePart::Measures, MEASURES_MAX),
    ] {
        let mut world = TestWorld::new();
        let refused = world
            .when(PLATFORM, notice, day(0))
            .then_rejected("too_many");
        let (found, max) = (max as u64 + 1, max as u64);
        assert_eq!(*refused, Rejection::TooMany { what, found, max });
    }
}

#[test]
fn a_report_alone_never_founds_a_notice() {
    let mut world = TestWorld::new();
    let captured = at("2026-03-01T00:00:00Z");
    world
        .when(
            PLATFORM,
            warning().with_evidence(captured, Capturer::Reporter),
            day(0),
        )
        .then_rejected("evidence_required");
}

#[test]
fn evidence_from_the_future_founds_no_notice() {
    let mut world = TestWorld::new();
    for capturer in [Capturer::Platform, Capturer::Reporter] {
        let refused = world
            .when(PLATFORM, penalty().with_evidence(day(1), capturer), day(0))
            .then_rejected("captured_in_future");
        let future = Rejection::CapturedInFuture {
            captured_at: day(1),
            now: day(0),
        };
        assert_eq!(*refused, future);
    }
}

#[test]
fn a_case_has_one_live_notice() {
    let mut world = TestWorld::new();
    world
        .given(PLATFORM, warning(), day(0))
        .when(PLATFORM, warning().with_notice("W2"), day(1))
        .then_rejected("notice_live");
}

#[test]
fn a_case_stays_with_its_account_and_entity() {
    for foreign in [
        warning().with_notice("W2").with_account("dev8"),
        warning().with_notice("W2").with_entity("other"),
    ] {
        let mut world = TestWorld::new();
        world
            .given(PLATFORM, warning(), day(0))
            .when(PLATFORM, foreign, day(1))
            .then_rejected("wrong_account");
    }
}

#[test]
fn a_notice_id_is_never_used_again_in_its_case() {
    let mut world = TestWorld::new();
    let other = || {
        penalty()
            .with_location("start page")
            .with_evidence(day(2), Capturer::Platform)
            .with_measures(&[("M2", restriction("payment"))])
    };
    world
        .given(PLATFORM, warning(), day(0))
        .given(PLATFORM, mistaken("W1"), day(1));
    for taken in ["W1", "W1-P"] {
        world
            .when(PLATFORM, other().with_notice(taken), day(2))
            .then_rejected("id_taken");
    }
    world.given(PLATFORM, other(), day(2));
}

#[test]
fn the_same_measure_twice_is_refused() {
    let mut world = TestWorld::new();
    let twice = [("M1", restriction("payment")), ("M1", restriction("login"))];
    world
        .when(PLATFORM, penalty().with_measures(&twice), day(0))
        .then_rejected("id_taken");
}

#[test]
fn nobody_but_the_platform_issues_a_notice() {
    let mut world = TestWorld::new();
    for actor in [
        "party:dev7",
        "reviewer:ann",
        "administrator:root",
        "auditor:eve",
    ] {
        world
            .when(actor, warning(), day(0))
            .then_rejected("not_permitted");
    }
}

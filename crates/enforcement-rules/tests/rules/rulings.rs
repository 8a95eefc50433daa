//! What a ruling must say, and that it follows (complaints C1, C2 and C7).

use events_schema::{
    AppealEvent, CaseEvent, Command, Event, FindingAnswer, GroundKind, MeasureAnswer, Rejection,
    RulingGap, RulingOutcome, StepAnswer,
};
use test_support::{
    ANN, BOB, DEV7, PLATFORM, RulingBuilder, TestWorld, appeal, citation, day, finding, granting,
    id, penalty, refusing, rulebook, warning,
};

/// Penalty P1 with appeal A1 of day 1, about release 1.0.
fn appealed() -> TestWorld {
    let mut world = TestWorld::new();
    world.given(PLATFORM, penalty(), day(0)).given(
        DEV7,
        appeal("A1", "P1").with_evidence("picture", day(1)),
        day(1),
    );
    world
}

fn grant() -> RulingBuilder {
    granting("A1", day(2)).measure("M1", MeasureAnswer::Lift)
}

fn refusal() -> RulingBuilder {
    refusing("A1", day(2)).measure("M1", MeasureAnswer::Keep)
}

#[track_caller]
fn refused(ruling: impl Into<Command>, code: &str) {
    appealed().when(ANN, ruling, day(2)).then_rejected(code);
}

#[test]
fn a_refusal_lists_the_steps_still_unmet() {
    let mut world = appealed();
    world.given(ANN, refusal(), day(2));
    let events = world.last_events();
    let [Event::Case(CaseEvent::Appeal(AppealEvent::AppealRuled(ruled)))] = events.as_slice()
    else {
        panic!("a ruling")
    };
    assert_eq!(ruled.unmet_steps, [id("S1")]);
}

#[test]
fn a_ruling_is_about_the_release_that_the_appeal_names() {
    let mut world = appealed();
    let refused = world
        .when(ANN, refusal().with_release("0.9"), day(2))
        .then_rejected("wrong_release_reviewed");
    let wrong = Rejection::WrongReleaseReviewed {
        expected: test_support::label("1.0"),
        found: test_support::label("0.9"),
    };
    assert_eq!(*refused, wrong);
}

#[test]
fn every_observation_is_of_the_release_reviewed() {
    let mut ruling = refusal();
    let other = test_support::observation("0.9", day(2));
    ruling.0.observations.push(other);
    refused(ruling, "wrong_release_reviewed");
}

#[test]
fn a_ruling_on_a_build_gives_its_digest_and_so_does_every_observation() {
    let build = test_support::digest("build");
    let mut filed = appeal("A1", "P1");
    filed.0.release.digest = Some(build);
    let mut world = TestWorld::new();
    world
        .given(PLATFORM, penalty(), day(0))
        .given(DEV7, filed, day(1));
    let gap = Rejection::RulingIncomplete {
        missing: RulingGap::DigestNotNamed {},
    };
    let mut ruling = refusal();
    let refused = world.when(ANN, ruling.clone(), day(2));
    assert_eq!(*refused.then_rejected("ruling_incomplete"), gap);
    ruling.0.release_reviewed.digest = Some(build);
    let refused = world.when(ANN, ruling.clone(), day(2));
    assert_eq!(*refused.then_rejected("ruling_incomplete"), gap);
    for seen in &mut ruling.0.observations {
        seen.release.digest = Some(build);
    }
    world.given(ANN, ruling, day(2));
}

#[test]
fn what_another_rule_requires_is_cited_and_the_ruling_says_which_one_prevails() {
    let mut filed = appeal("A1", "P1").with_grounds(&[("G1", GroundKind::RequiredElsewhere)]);
    let mut world = TestWorld::new();
    world.given(PLATFORM, penalty(), day(0));
    let refused = world.when(DEV7, filed.clone(), day(1));
    let ground: events_schema::GroundId = id("G1");
    let uncited = Rejection::CitationRequired {
        ground: ground.clone(),
    };
    assert_eq!(*refused.then_rejected("citation_required"), uncited);
    filed.0.grounds[0].cites = Some(citation());
    world.given(DEV7, filed, day(1));
    let mut ruling = refusal();
    let refused = world.when(ANN, ruling.clone(), day(2));
    let silent = Rejection::RulingIncomplete {
        missing: RulingGap::PrevailsNotSaid { ground },
    };
    assert_eq!(*refused.then_rejected("ruling_incomplete"), silent);
    ruling.0.grounds[0].prevails = Some(citation());
    world.given(ANN, ruling, day(2));
}

#[test]
fn what_was_seen_before_the_filing_founds_no_ruling() {
    let old = refusing("A1", day(0)).measure("M1", MeasureAnswer::Keep);
    refused(old, "stale_evidence");
    let future = refusing("A1", day(3)).measure("M1", MeasureAnswer::Keep);
    refused(future, "captured_in_future");
}

#[test]
fn a_ruling_shows_what_was_seen() {
    let mut ruling = refusal();
    ruling.0.observations.clear();
    refused(ruling, "ruling_incomplete");
}

#[test]
fn every_finding_ground_step_and_measure_is_answered_once() {
    let mut without_finding = refusal();
    without_finding.0.findings.clear();
    let mut without_step = refusal();
    without_step.0.steps.clear();
    let mut twice = refusal();
    let again = twice.0.steps.clone();
    twice.0.steps.extend(again);
    for incomplete in [
        refusal().without_grounds(),
        without_finding,
        without_step,
        refusing("A1", day(2)),
        twice,
        refusal().finding("F9", FindingAnswer::Upheld),
        refusal().step("S9", StepAnswer::Keep),
        refusal().measure("M9", MeasureAnswer::Keep),
    ] {
        refused(incomplete, "ruling_incomplete");
    }
}

#[test]
fn the_evidence_considered_is_that_of_the_appeal() {
    refused(
        refusal().considering("another picture"),
        "ruling_incomplete",
    );
    appealed().given(ANN, refusal().considering("picture"), day(2));
}

#[test]
fn the_outcome_follows_from_the_answers() {
    for inconsistent in [
        grant().finding("F1", FindingAnswer::Upheld),
        grant().step("S1", StepAnswer::Keep),
        grant().measure("M1", MeasureAnswer::Keep),
        grant().with_cure_due(day(20)),
        refusal().finding("F1", FindingAnswer::NotEstablished),
        refusal().step("S1", StepAnswer::Strike),
        refusal().measure("M1", MeasureAnswer::Lift),
        refusal().with_cure_due(day(60)),
    ] {
        refused(inconsistent, "ruling_inconsistent");
    }
}

#[test]
fn nothing_is_refused_over_a_finding_that_did_not_stand() {
    let two = || vec![finding("F1"), finding("F2")];
    for (answer, rejection) in [
        (FindingAnswer::NotAViolation, Some("ruling_inconsistent")),
        (FindingAnswer::NotEstablished, Some("ruling_inconsistent")),
        (FindingAnswer::Rectified, None),
    ] {
        let mut world = TestWorld::new();
        world
            .given(PLATFORM, warning().with_findings(two()), day(0))
            .given(DEV7, appeal("A1", "W1"), day(1));
        world.when(ANN, refusing("A1", day(2)).finding("F2", answer), day(2));
        if let Some(code) = rejection {
            world.then_rejected(code);
        } else {
            world.then_events(&["appeal.ruled"]);
        }
    }
}

#[test]
fn a_ruling_never_leaves_the_party_worse_off() {
    let mut world = TestWorld::new();
    let ruling = refusing("A1", day(2)).with_cure_due(day(14));
    world
        .given(PLATFORM, warning(), day(0))
        .given(DEV7, appeal("A1", "W1"), day(1))
        .when(ANN, ruling, day(2))
        .then_rejected("worse_than_appealed");
}

#[test]
fn a_ruling_is_on_the_appeal_as_the_reviewer_saw_it() {
    let mut ruling = refusal();
    ruling.0.appeal_revision = 2;
    let mut world = appealed();
    let refused = world
        .when(ANN, ruling, day(2))
        .then_rejected("appeal_changed");
    let changed = Rejection::AppealChanged { seen: 2, actual: 1 };
    assert_eq!(*refused, changed);
}

#[test]
fn an_appeal_is_ruled_on_once() {
    let mut world = appealed();
    world
        .given(ANN, refusal(), day(2))
        .when(BOB, refusal(), day(2))
        .then_rejected("appeal_not_open");
}

#[test]
fn there_is_no_ruling_on_an_appeal_that_nobody_filed() {
    refused(refusing("A9", day(2)), "unknown_appeal");
}

#[test]
fn after_an_appeal_was_deemed_granted_nobody_rules_on_it() {
    let mut world = TestWorld::under(rulebook().with("review_breach", "\"deemed_granted\""));
    world
        .given(PLATFORM, penalty(), day(0))
        .given(DEV7, appeal("A1", "P1"), day(1))
        .when(ANN, refusing("A1", day(20)), day(20))
        .then_rejected("already_determined");
}

#[test]
fn the_review_deadline_ends_with_the_ruling() {
    let mut world = appealed();
    assert!(world.due("C1", "review").is_some());
    world.given(ANN, refusal(), day(2));
    assert_eq!(world.due("C1", "review"), None);
}

#[test]
fn findings_that_are_all_rectified_are_a_grant_and_close_the_notice_as_complied() {
    let mut world = appealed();
    let ruling = grant().finding("F1", FindingAnswer::Rectified);
    assert_eq!(ruling.0.outcome, RulingOutcome::Granted);
    world.given(ANN, ruling, day(2)).then_events(&[
        "appeal.ruled",
        "measures.lifted",
        "notice.closed",
    ]);
    let standing = world.standing("C1").standing;
    assert_eq!(standing, events_schema::NoticeStanding::Complied);
}

//! Who may rule, and whose desk an appeal is on (rule 7).

use enforcement_rules::{AppealStanding, next_steps_of};
use events_schema::{AppealId, Command, MeasureAnswer, NextStep, NoticeId, PartInCase, Rejection};
use test_support::{
    ANN, BOB, CID, DEV7, PLATFORM, TestWorld, appeal, claim, confirmed, day, granting, id, penalty,
    rectify, refusing, rejected, unclaim, warning, withdraw_appeal,
};

fn appealed() -> TestWorld {
    let mut world = TestWorld::new();
    world
        .given(PLATFORM, penalty(), day(0))
        .given(DEV7, appeal("A1", "P1"), day(1));
    world
}

fn refusal(appeal: &str, days: i64) -> Command {
    refusing(appeal, day(days))
        .measure("M1", MeasureAnswer::Keep)
        .into()
}

#[test]
fn who_issued_the_notice_does_not_rule_on_it() {
    for command in [claim("A1"), refusal("A1", 2)] {
        let mut world = appealed();
        let refused = world
            .when("reviewer:enforcement", command, day(2))
            .then_rejected("reviewer_conflict");
        let part = PartInCase::IssuedNotice;
        assert_eq!(*refused, Rejection::ReviewerConflict { part });
    }
}

#[test]
fn the_party_does_not_rule_on_its_own_appeal_nor_verify() {
    let part = PartInCase::IsTheParty;
    for command in [claim("A1"), refusal("A1", 2)] {
        let mut world = appealed();
        let refused = world
            .when("reviewer:dev7", command, day(2))
            .then_rejected("reviewer_conflict");
        assert_eq!(*refused, Rejection::ReviewerConflict { part });
    }
    let mut world = TestWorld::new();
    world
        .given(PLATFORM, penalty(), day(0))
        .given(DEV7, rectify("P1"), day(1));
    for sender in ["reviewer:dev7", "platform:dev7"] {
        let refused = world
            .when(sender, confirmed("P1"), day(2))
            .then_rejected("reviewer_conflict");
        assert_eq!(*refused, Rejection::ReviewerConflict { part });
    }
}

#[test]
fn who_issued_the_warning_does_not_rule_on_the_penalty_that_followed() {
    let mut world = TestWorld::new();
    world
        .given(PLATFORM, warning(), day(0))
        .given(DEV7, appeal("A1", "W1-P"), day(16))
        .when("reviewer:enforcement", claim("A1"), day(17))
        .then_rejected("reviewer_conflict");
}

#[test]
fn who_issued_a_notice_that_was_superseded_does_not_rule_on_its_successor() {
    let mut world = TestWorld::new();
    world
        .given("platform:scanner", penalty(), day(0))
        .given(
            PLATFORM,
            penalty().with_notice("P2").superseding("P1"),
            day(1),
        )
        .given(DEV7, appeal("A1", "P2"), day(2))
        .when("reviewer:scanner", claim("A1"), day(3))
        .then_rejected("reviewer_conflict");
}

#[test]
fn who_approved_an_emergency_does_not_rule_on_it() {
    let mut world = TestWorld::new();
    let refused = world
        .given(
            PLATFORM,
            penalty()
                .with_clause("9.2")
                .with_emergency("fraud", "chief"),
            day(0),
        )
        .given(DEV7, appeal("A1", "P1"), day(1))
        .when("reviewer:chief", claim("A1"), day(2))
        .then_rejected("reviewer_conflict");
    let part = PartInCase::ApprovedPenalty;
    assert_eq!(*refused, Rejection::ReviewerConflict { part });
}

#[test]
fn who_ruled_does_not_rule_again_in_the_case() {
    let mut world = appealed();
    world
        .given(ANN, refusal("A1", 2), day(2))
        .given(DEV7, appeal("A2", "P1"), day(3))
        .when(ANN, refusal("A2", 4), day(4))
        .then_rejected("reviewer_conflict");
    world.given(BOB, refusal("A2", 4), day(4));
}

#[test]
fn who_verified_does_not_rule_in_the_case() {
    let mut world = TestWorld::new();
    world
        .given(PLATFORM, penalty(), day(0))
        .given(DEV7, rectify("P1"), day(1))
        .given(ANN, rejected("P1", day(2)), day(2))
        .given(DEV7, appeal("A1", "P1"), day(3))
        .when(ANN, claim("A1"), day(4))
        .then_rejected("reviewer_conflict");
}

#[test]
fn who_verified_for_the_platform_does_not_rule_in_the_case() {
    let mut world = TestWorld::new();
    world
        .given(PLATFORM, penalty(), day(0))
        .given(DEV7, rectify("P1"), day(1))
        .given("platform:ann", rejected("P1", day(2)), day(2))
        .given(DEV7, appeal("A1", "P1"), day(3))
        .when(ANN, claim("A1"), day(4))
        .then_rejected("reviewer_conflict");
}

#[test]
fn who_issued_the_notice_does_not_verify_as_a_reviewer() {
    let mut world = TestWorld::new();
    world
        .given(PLATFORM, penalty(), day(0))
        .given(DEV7, rectify("P1"), day(1))
        .when("reviewer:enforcement", confirmed("P1"), day(2))
        .then_rejected("reviewer_conflict");
}

#[test]
fn a_claimed_appeal_is_ruled_on_by_who_claimed_it() {
    let mut world = appealed();
    world
        .given(ANN, claim("A1"), day(1))
        .when(BOB, refusal("A1", 2), day(2))
        .then_rejected("claimed_by_another");
    world.given(ANN, refusal("A1", 2), day(2));
}

#[test]
fn a_claimed_appeal_is_not_claimed_again() {
    let mut world = appealed();
    world.given(ANN, claim("A1"), day(1));
    for reviewer in [ANN, BOB] {
        let until = world.due("C1", "lease");
        let refused = world
            .when(reviewer, claim("A1"), day(1))
            .then_rejected("already_claimed");
        assert!(until.is_some());
        let expected = Rejection::AlreadyClaimed {
            appeal: id("A1"),
            by: id("ann"),
            until,
        };
        assert_eq!(*refused, expected);
    }
}

#[test]
fn a_reviewer_is_told_what_it_can_do_and_only_that() {
    let mut world = appealed();
    let steps = |world: &TestWorld, actor: &str| {
        let actor = actor.parse().unwrap();
        next_steps_of(world.case("C1"), &actor)
    };
    let due = world.due("C1", "review");
    let (appeal, notice) = (id::<AppealId>("A1"), id::<NoticeId>("P1"));
    let claim_from = |from| NextStep::ClaimAppeal {
        appeal: appeal.clone(),
        from,
    };
    let decide = NextStep::Decide {
        appeal: appeal.clone(),
        due,
    };
    assert_eq!(steps(&world, ANN), [claim_from(None), decide.clone()]);
    // Who issued the notice reviews nothing.
    assert_eq!(steps(&world, "reviewer:enforcement"), []);
    world.given(ANN, claim("A1"), day(1));
    let until = world.due("C1", "lease");
    assert_eq!(steps(&world, ANN), [decide]);
    assert_eq!(steps(&world, BOB), [claim_from(until)]);
    assert_eq!(
        steps(&world, PLATFORM),
        [NextStep::WithdrawNotice { notice }]
    );
    for nobody in ["administrator:ops", "auditor:audit"] {
        assert_eq!(steps(&world, nobody), [], "{nobody}");
    }
    assert_eq!(steps(&world, DEV7), world.next_steps("C1"));
}

#[test]
fn only_who_claimed_an_appeal_gives_it_back() {
    let mut world = appealed();
    world
        .when(ANN, unclaim("A1"), day(1))
        .then_rejected("not_claimed");
    world
        .given(ANN, claim("A1"), day(1))
        .when(BOB, unclaim("A1"), day(1))
        .then_rejected("claimed_by_another");
    world.given(ANN, unclaim("A1"), day(1));
    assert_eq!(world.due("C1", "lease"), None);
    world.given(BOB, claim("A1"), day(1));
}

#[test]
fn a_claim_lapses_by_itself() {
    let mut world = appealed();
    world.given(ANN, claim("A1"), day(1));
    let lease = world.due("C1", "lease").expect("a lease");
    world.advance_to(lease).then_events(&["appeal.unclaimed"]);
    world.given(BOB, refusal("A1", 6), day(6));
}

#[test]
fn an_overdue_review_breaks_the_claim_and_escalates_again_and_again() {
    let mut world = appealed();
    world.given(ANN, claim("A1"), day(10));
    let review = world.due("C1", "review").expect("a due date");
    world.advance_to(review).then_events(&["appeal.overdue"]);
    assert_eq!(world.due("C1", "lease"), None);
    let standing = world
        .case("C1")
        .appeal(&id("A1"))
        .map(|it| it.standing.clone());
    assert_eq!(standing, Some(AppealStanding::Filed));
    for _ in 0..3 {
        let escalation = world.due("C1", "escalation").expect("a further date");
        world
            .advance_to(escalation)
            .then_events(&["appeal.escalated"]);
    }
    world.given(BOB, refusal("A1", 40), day(40));
}

#[test]
fn an_appeal_that_nobody_claimed_is_ruled_on_in_one_go() {
    let ruling = granting("A1", day(2)).measure("M1", MeasureAnswer::Lift);
    appealed().given(CID, ruling, day(2));
}

#[test]
fn there_is_nothing_to_claim_in_an_appeal_that_is_unknown_or_has_ended() {
    let mut world = appealed();
    world
        .when(ANN, claim("A9"), day(2))
        .then_rejected("unknown_appeal");
    world
        .given(DEV7, withdraw_appeal("A1"), day(2))
        .when(ANN, claim("A1"), day(2))
        .then_rejected("appeal_not_open");
}

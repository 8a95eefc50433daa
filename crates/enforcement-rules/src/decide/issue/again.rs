//! Whether what a notice finds may be raised again, once it was answered (rule 15; complaints C5 and C6).

use events_schema::{
    CapturedEvidence, Capturer, CaseId, Finding, Instant, Label, NewFacts, Rejection,
};

use super::ground::{Asks, Ground};
use crate::{
    matter::World,
    places::PlaceKey,
    seals::{self, SealCheck},
};

/// What a notice does about what it finds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Warning,
    Penalty,
}

pub(super) fn check(
    world: World<'_>,
    ground: &Ground<'_>,
    asks: &Asks<'_>,
    kind: Kind,
) -> Result<(), Rejection> {
    let clause = &ground.clause.clause;
    let findings = &asks.violation.findings;
    findings.iter().try_for_each(|finding| {
        check_put_right(ground, asks, finding)?;
        check_finding(world, clause, finding, kind)
    })
}

/// What the notice before had put right is found again only on what was seen since.
fn check_put_right(
    ground: &Ground<'_>,
    asks: &Asks<'_>,
    finding: &Finding,
) -> Result<(), Rejection> {
    let clause = &ground.clause.clause;
    let place = PlaceKey::of(clause, &finding.location);
    let put_right = ground
        .predecessor
        .and_then(|before| before.put_right_at(|location| PlaceKey::of(clause, location) == place));
    let Some(at) = put_right else { return Ok(()) };
    let mut evidence = finding.evidence.iter();
    if evidence.any(|it| it.captured_by == Capturer::Platform && it.captured_at > at) {
        return Ok(());
    }
    Err(Rejection::AlreadyAnswered {
        case: asks.case.clone(),
        at,
        finding: finding.id.clone(),
    })
}

fn check_finding(
    world: World<'_>,
    clause: &Label,
    finding: &Finding,
    kind: Kind,
) -> Result<(), Rejection> {
    let seals = &world.account.seals;
    // What founded a finding that fell founds nothing, wherever and under whatever clause.
    let founds = |it: &&CapturedEvidence| seals.fallen_with(&it.sha256).is_none();
    let by_the_platform = |it: &&CapturedEvidence| it.captured_by == Capturer::Platform;
    let mut founding = finding
        .evidence
        .iter()
        .filter(by_the_platform)
        .filter(founds);
    if founding.clone().next().is_none() {
        let mut fallen = finding.evidence.iter();
        if let Some(case) = fallen.find_map(|it| seals.fallen_with(&it.sha256)) {
            return Err(seals::already_decided(case, finding));
        }
    }
    match seals::check(seals, clause, &finding.location, finding.content_digest) {
        SealCheck::Free => {}
        SealCheck::Decided(case) => return Err(seals::already_decided(case, finding)),
        // At a sealed place there may only be a warning, and it says what is new.
        SealCheck::OtherContent(seal) => {
            only_a_warning(clause, finding, (&seal.case, seal.sealed_at), kind)?;
        }
    }
    let Some(answer) = world.account.answers.about(clause, &finding.location) else {
        return Ok(());
    };
    // However it ended: what was seen before then was answered then.
    if !founding.any(|it| it.captured_at > answer.at) {
        return Err(Rejection::AlreadyAnswered {
            case: answer.case.clone(),
            at: answer.at,
            finding: finding.id.clone(),
        });
    }
    if answer.deemed_granted {
        only_a_warning(clause, finding, (&answer.case, answer.at), kind)?;
    }
    Ok(())
}

/// No penalty, whatever the emergency, and a warning that names what is new since that case.
fn only_a_warning(
    clause: &Label,
    finding: &Finding,
    (case, since): (&CaseId, Instant),
    kind: Kind,
) -> Result<(), Rejection> {
    if kind == Kind::Penalty {
        return Err(Rejection::WarningRequired {
            clause: clause.clone(),
            critical_capability: None,
            warning: None,
            decided_in: Some(case.clone()),
            emergency_grounds: Vec::new(),
        });
    }
    let is_new = |new: &NewFacts| {
        let since_then = |digest| {
            let mut evidence = finding.evidence.iter();
            evidence.any(|item| item.sha256 == digest && item.captured_at >= since)
        };
        new.sealed_in == *case
            && !new.evidence.is_empty()
            && new.evidence.iter().all(|digest| since_then(*digest))
    };
    if finding.new_facts.as_ref().is_some_and(is_new) {
        return Ok(());
    }
    Err(Rejection::NewFactsRequired {
        case: case.clone(),
        finding: finding.id.clone(),
    })
}

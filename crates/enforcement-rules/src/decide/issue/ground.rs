//! On what ground a notice stands: the clause in force, findings and steps that belong together, what it inherits, and
//! that the matter is not raised elsewhere (rule 12; complaint C1).

use events_schema::{
    AccountId, Capturer, CaseId, EntityId, FINDINGS_MAX, FindingId, GuideStep, Instant, Label,
    MEASURES_MAX, MeasureId, MissingBook, NoticeGap, NoticeId, NoticePart, NoticeTerms, Rejection,
    RulebookVersion, STEPS_MAX, Violation,
};

use super::succession::{self, Predecessor};
use crate::matter::{Context, World};
use crate::{
    CaseState, Clause, LateFiling, Rulebook,
    case_state::found_at,
    dates::{Dates, label},
};
use working_calendar::Calendar;

/// What both kinds of notice have in common.
pub(super) struct Asks<'a> {
    pub(super) case: &'a CaseId,
    pub(super) notice: &'a NoticeId,
    pub(super) account: &'a AccountId,
    pub(super) entity: &'a EntityId,
    pub(super) violation: &'a Violation,
    pub(super) steps: &'a [GuideStep],
    pub(super) supersedes: Option<&'a NoticeId>,
}

/// The rules in force for a new notice.
pub(super) struct Ground<'a> {
    pub(super) rulebook: &'a Rulebook,
    pub(super) clause: &'a Clause,
    pub(super) calendar: &'a Calendar,
    pub(super) predecessor: Option<Predecessor<'a>>,
}

impl<'a> Ground<'a> {
    /// Of a successor the better of both for the party, and what is used up stays so (rule 10).
    pub(super) fn terms(&self) -> NoticeTerms {
        let params = &self.clause.params;
        let before = self.predecessor.map(Predecessor::notice);
        let terms = before.map(|it| &*it.terms);
        NoticeTerms {
            rulebook: self.rulebook.version.clone(),
            attempt_cap: params
                .appeal_cap
                .max(terms.map_or(0, |terms| terms.attempt_cap)),
            attempts_used: before.map_or(0, |it| it.attempts_used),
            appeals_withdrawn: before.map_or(0, |it| it.appeals_withdrawn),
            succeeds: before.map(|it| it.id.clone()),
            appeal_stays_penalty: params.stay_on_warning_appeal
                || terms.is_some_and(|terms| terms.appeal_stays_penalty),
            late_filing: params.late_filing == LateFiling::AcceptWithReasons
                || terms.is_some_and(|terms| terms.late_filing),
            routes: self.rulebook.routes.clone(),
        }
    }

    /// When the platform had first seen what the notice, or the one whose place it takes, is for.
    pub(super) fn found_at(&self, asks: &Asks<'_>) -> Instant {
        let found_at = found_at(asks.violation);
        let before = self.predecessor.map(|it| it.notice().found_at);
        before.map_or(found_at, |before| before.min(found_at))
    }

    /// The warning in whose place the notice would come, and when it was issued.
    pub(super) fn superseded_warning(&self) -> Option<(&'a NoticeId, Instant)> {
        let warning = self.predecessor.filter(|it| it.is_warning())?.notice();
        Some((&warning.id, warning.issued_at))
    }

    pub(super) fn dates(&self, case: Option<&CaseState>) -> Dates<'a> {
        Dates::new(
            self.calendar,
            self.clause,
            case.map_or(0, |case| case.deadlines_ever),
        )
    }
}

pub(super) fn common<'a>(
    world: World<'a>,
    asks: &Asks<'_>,
    context: Context<'a>,
) -> Result<Ground<'a>, Rejection> {
    if let Some(case) = world.case {
        // A case is one account's and one entity's, whoever issues what.
        if case.account != *asks.account || case.entity != *asks.entity {
            return Err(Rejection::WrongAccount {
                account: case.account.clone(),
                entity: case.entity.clone(),
            });
        }
    }
    let predecessor = succession::of(world, asks, context)?;
    if world
        .case
        .is_some_and(|case| case.knows_notice(asks.notice))
    {
        return Err(id_taken(asks.notice));
    }
    let missing = |missing| Rejection::NoRulebook { missing };
    let rulebook = world
        .books
        .current()
        .ok_or_else(|| missing(MissingBook::Rulebook {}))?;
    let calendar = world.books.calendar(&rulebook.calendar).ok_or_else(|| {
        missing(MissingBook::Calendar {
            calendar: rulebook.calendar.clone(),
        })
    })?;
    let rule = &asks.violation.rule;
    let clause = rulebook
        .clause(&rule.clause, &rule.version)
        .ok_or_else(|| unknown_clause(&rule.clause, &rule.version, &rulebook.version))?;
    check_findings_and_steps(asks, context)?;
    Ok(Ground {
        rulebook,
        clause,
        calendar,
        predecessor,
    })
}

fn check_findings_and_steps(asks: &Asks<'_>, context: Context<'_>) -> Result<(), Rejection> {
    let findings = &asks.violation.findings;
    at_most(FINDINGS_MAX, NoticePart::Findings, findings.len())?;
    at_most(STEPS_MAX, NoticePart::Steps, asks.steps.len())?;
    if findings.is_empty() {
        return Err(incomplete(NoticeGap::NoFinding {}));
    }
    if asks.steps.is_empty() {
        return Err(incomplete(NoticeGap::NoStep {}));
    }
    for step in asks.steps {
        if step.findings.is_empty() || !step.findings.iter().all(|id| is_finding(asks, id)) {
            let step = step.id.clone();
            return Err(incomplete(NoticeGap::StepWithoutFinding { step }));
        }
    }
    for finding in findings {
        for item in &finding.evidence {
            context.check_captured(item.captured_at)?;
        }
        // A report alone founds nothing: the platform has seen it itself (C1).
        let mut evidence = finding.evidence.iter();
        if !evidence.any(|item| item.captured_by == Capturer::Platform) {
            return Err(Rejection::EvidenceRequired {
                finding: finding.id.clone(),
            });
        }
    }
    Ok(())
}

pub(super) fn check_measures<'m>(
    case: Option<&CaseState>,
    asks: &Asks<'_>,
    measures: impl Iterator<Item = (&'m MeasureId, &'m [FindingId])>,
) -> Result<(), Rejection> {
    let mut seen: Vec<&MeasureId> = Vec::new();
    for (id, findings) in measures {
        // An id means one measure for ever, so that what is lifted is what was taken (rule 8).
        if seen.contains(&id) || case.is_some_and(|case| case.knows_measure(id)) {
            return Err(id_taken(id));
        }
        if findings.is_empty() || !findings.iter().all(|finding| is_finding(asks, finding)) {
            let measure = id.clone();
            return Err(incomplete(NoticeGap::MeasureWithoutFinding { measure }));
        }
        seen.push(id);
    }
    if seen.is_empty() {
        return Err(incomplete(NoticeGap::NoMeasure {}));
    }
    at_most(MEASURES_MAX, NoticePart::Measures, seen.len())
}

fn is_finding(asks: &Asks<'_>, id: &FindingId) -> bool {
    asks.violation
        .findings
        .iter()
        .any(|finding| finding.id == *id)
}

/// One matter is one case: what an open notice of another case is about is rectified, appealed and ruled on there. Else
/// one of two warnings could lapse although the other was complied with, and one fact be two strikes.
pub(super) fn check_not_raised_elsewhere(
    world: World<'_>,
    ground: &Ground<'_>,
    asks: &Asks<'_>,
) -> Result<(), Rejection> {
    let clause = &ground.clause.clause;
    for finding in &asks.violation.findings {
        let elsewhere = world
            .at_issue
            .elsewhere(asks.case, asks.account, clause, finding);
        if let Some((case, notice)) = elsewhere {
            return Err(Rejection::AlreadyRaised {
                case: case.clone(),
                notice: notice.clone(),
                finding: finding.id.clone(),
            });
        }
    }
    Ok(())
}

pub(super) fn incomplete(missing: NoticeGap) -> Rejection {
    Rejection::NoticeIncomplete { missing }
}

fn at_most(max: usize, what: NoticePart, found: usize) -> Result<(), Rejection> {
    if found > max {
        return Err(Rejection::TooMany {
            what,
            found: found as u64,
            max: max as u64,
        });
    }
    Ok(())
}

fn id_taken(id: &impl ToString) -> Rejection {
    Rejection::IdTaken {
        id: label(&id.to_string()),
    }
}

fn unknown_clause(clause: &Label, version: &Label, rulebook: &RulebookVersion) -> Rejection {
    Rejection::UnknownClause {
        clause: clause.clone(),
        version: version.clone(),
        rulebook: rulebook.clone(),
    }
}

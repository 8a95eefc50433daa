//! Issuing notices (domain rules 1, 5, 12; complaints C1, C4, C5).

use events_schema::{
    AccountId, Bequest, Capturer, CaseId, Deadline, DeadlineChanges, DeadlinePurpose, EntityId,
    Event, FINDINGS_MAX, Finding, FindingId, GuideStep, Instant, IssuePenalty, IssueWarning, Label,
    MEASURES_MAX, Measure, MeasureId, NoticeId, NoticePart, NoticeTerms, PenaltyIssued, Period,
    Rejection, RequestedMeasure, RulebookVersion, STEPS_MAX, Strike, Violation, WarningIssued,
};

use super::{Context, World, check_captured};
use crate::{
    Calendar, CaseState, Clause, LateFiling, Rulebook,
    dates::{Dates, label},
    ladder_step::{self, Asked},
    places::same_place,
    seals::{self, SealCheck},
};

/// What both kinds of notice have in common.
struct Asks<'a> {
    case: &'a CaseId,
    notice: &'a NoticeId,
    account: &'a AccountId,
    entity: &'a EntityId,
    violation: &'a Violation,
    steps: &'a [GuideStep],
}

/// The rules in force for a new notice.
struct Ground<'a> {
    rulebook: &'a Rulebook,
    clause: &'a Clause,
    calendar: &'a Calendar,
    inherited: Option<(NoticeId, Bequest)>,
}

pub(super) fn warning(
    world: World<'_>,
    command: &IssueWarning,
    context: Context<'_>,
) -> Result<Vec<Event>, Rejection> {
    let asks = Asks {
        case: &command.case,
        notice: &command.notice,
        account: &command.account,
        entity: &command.entity,
        violation: &command.violation,
        steps: &command.steps,
    };
    let ground = common(world, &asks, context)?;
    let measures = command
        .threatened_measures
        .iter()
        .map(|measure| (&measure.id, measure.findings.as_slice()));
    check_measures(world.case, &asks, measures)?;
    for finding in &command.violation.findings {
        let place = (&ground.clause.clause, &finding.location);
        match seals::check(world.account, place.0, place.1, finding.content_digest) {
            SealCheck::Free => {}
            SealCheck::Decided(case) => return Err(seals::already_decided(case, finding)),
            SealCheck::OtherContent(seal) => {
                if !seals::names_new_facts(finding, seal) {
                    return Err(Rejection::NewFactsRequired {
                        case: seal.case.clone(),
                        finding: finding.id.clone(),
                    });
                }
            }
        }
    }
    check_not_raised_elsewhere(world, &ground, &asks)?;
    let step = next_step(world, &ground, context);
    for measure in &command.threatened_measures {
        let asked = measure.lasts.map_or(Asked::Open, Asked::Lasts);
        let restriction = &measure.restriction;
        let now = context.now;
        if !ladder_step::allows(
            ground.clause,
            ground.calendar,
            step,
            restriction,
            asked,
            now,
        ) {
            return Err(above_ladder(&measure.id, step));
        }
    }

    let mut dates = ground.dates(world.case);
    let params = &ground.clause.params;
    let purpose = DeadlinePurpose::Cure {
        notice: command.notice.clone(),
    };
    let inherited = ground.bequest().map(|it| (it.cure_left, it.cure_due));
    let in_full = ("cure", params.cure);
    let cure = begin(&mut dates, in_full, inherited, purpose, context);
    Ok(vec![Event::WarningIssued(Box::new(WarningIssued {
        command: command.clone(),
        terms: ground.terms(),
        deadlines: setting(vec![cure]),
    }))])
}

pub(super) fn penalty(
    world: World<'_>,
    command: &IssuePenalty,
    context: Context<'_>,
) -> Result<Vec<Event>, Rejection> {
    let asks = Asks {
        case: &command.case,
        notice: &command.notice,
        account: &command.account,
        entity: &command.entity,
        violation: &command.violation,
        steps: &command.steps,
    };
    let ground = common(world, &asks, context)?;
    let measures = command
        .measures
        .iter()
        .map(|measure| (&measure.id, measure.findings.as_slice()));
    check_measures(world.case, &asks, measures)?;
    for finding in &command.violation.findings {
        let clause = &ground.clause.clause;
        match seals::check(
            world.account,
            clause,
            &finding.location,
            finding.content_digest,
        ) {
            SealCheck::Free => {}
            SealCheck::Decided(case) => return Err(seals::already_decided(case, finding)),
            // New content at a sealed place may only be warned about, whatever the emergency.
            SealCheck::OtherContent(_) => {
                return Err(Rejection::WarningRequired {
                    clause: clause.clone(),
                    critical_capability: None,
                    warning: None,
                    emergency_grounds: Vec::new(),
                });
            }
        }
    }
    check_basis(&ground, command, context)?;
    check_not_raised_elsewhere(world, &ground, &asks)?;
    let step = check_ladder(world, &ground, command, context)?;

    let mut dates = ground.dates(world.case);
    let window = DeadlinePurpose::Window {
        notice: command.notice.clone(),
    };
    let inherited = ground.bequest().map(|it| (it.window_left, it.window_due));
    let in_full = ("appeal_window", ground.clause.params.appeal_window);
    let mut deadlines = vec![begin(&mut dates, in_full, inherited, window, context)];
    let mut imposed = Vec::with_capacity(command.measures.len());
    for measure in &command.measures {
        let starts_at = measure.starts_at.unwrap_or(context.now);
        if starts_at > context.now {
            let purpose = DeadlinePurpose::MeasureStart {
                measure: measure.id.clone(),
            };
            deadlines.push(dates.at(context.now, starts_at, "measure start", purpose));
        }
        if let Some(ends_at) = measure.ends_at {
            let purpose = DeadlinePurpose::MeasureEnd {
                measure: measure.id.clone(),
            };
            deadlines.push(dates.at(context.now, ends_at, "measure end", purpose));
        }
        imposed.push(Measure {
            id: measure.id.clone(),
            findings: measure.findings.clone(),
            restriction: measure.restriction.clone(),
            starts_at,
            ends_at: measure.ends_at,
        });
    }
    Ok(vec![Event::PenaltyIssued(Box::new(PenaltyIssued {
        command: command.clone(),
        terms: ground.terms(),
        measures: imposed,
        strike: Strike {
            clause: ground.clause.clause.clone(),
            account: command.account.clone(),
            entity: command.entity.clone(),
            step,
        },
        deadlines: setting(deadlines),
    }))])
}

impl<'a> Ground<'a> {
    fn terms(&self) -> NoticeTerms {
        NoticeTerms {
            rulebook: self.rulebook.version.clone(),
            attempt_cap: self.clause.params.appeal_cap,
            attempts_used: self.bequest().map_or(0, |it| it.attempts_used),
            appeals_withdrawn: self.bequest().map_or(0, |it| it.appeals_withdrawn),
            succeeds: self.inherited.as_ref().map(|(notice, _)| notice.clone()),
            appeal_stays_penalty: self.clause.params.stay_on_warning_appeal,
            late_filing: self.clause.params.late_filing == LateFiling::AcceptWithReasons,
            routes: self.rulebook.routes.clone(),
        }
    }

    fn bequest(&self) -> Option<&Bequest> {
        self.inherited.as_ref().map(|(_, bequest)| bequest)
    }

    /// The warning in whose place the notice would come.
    fn superseded_warning(&self) -> Option<&NoticeId> {
        let inherited = self.inherited.as_ref();
        inherited
            .filter(|(_, bequest)| bequest.of_warning)
            .map(|(notice, _)| notice)
    }

    fn dates(&self, case: Option<&CaseState>) -> Dates<'a> {
        Dates::new(
            self.calendar,
            self.clause,
            case.map_or(0, |case| case.deadlines_ever),
        )
    }
}

/// The party's own time begins: in full, or with what the notice that this one succeeds has left of it.
fn begin(
    dates: &mut Dates<'_>,
    (parameter, in_full): (&str, Period),
    inherited: Option<(Option<Period>, Option<Instant>)>,
    purpose: DeadlinePurpose,
    context: Context<'_>,
) -> Deadline {
    match inherited {
        None | Some((None, None)) => dates.after(context.now, in_full, parameter, purpose),
        Some((left, due)) => {
            let going_on = dates.going_on(context.now, left, due);
            dates.resumed(context.now, going_on, purpose)
        }
    }
}

fn common<'a>(
    world: World<'a>,
    asks: &Asks<'_>,
    context: Context<'_>,
) -> Result<Ground<'a>, Rejection> {
    if let Some(case) = world.case {
        if case.account != *asks.account || case.entity != *asks.entity {
            return Err(Rejection::WrongAccount {
                account: case.account.clone(),
                entity: case.entity.clone(),
            });
        }
        if let Some(live) = case.live_notice() {
            return Err(Rejection::NoticeLive {
                notice: live.id.clone(),
            });
        }
        let lapse = asks.notice.of_lapse();
        let taken = |id: &NoticeId| *id == *asks.notice || *id == lapse;
        if case
            .notices
            .iter()
            .any(|notice| taken(&notice.id) || notice.id.of_lapse() == *asks.notice)
        {
            return Err(id_taken(asks.notice));
        }
    }
    let missing = |what: &str| Rejection::NoRulebook {
        missing: label(what),
    };
    let rulebook = world.books.current().ok_or_else(|| missing("a rulebook"))?;
    let calendar = world
        .books
        .calendar(&rulebook.calendar)
        .ok_or_else(|| missing("the calendar of the rulebook"))?;
    let rule = &asks.violation.rule;
    let clause = rulebook
        .clause(&rule.clause, &rule.version)
        .ok_or_else(|| unknown_clause(&rule.clause, &rule.version, &rulebook.version))?;
    check_findings_and_steps(asks, context)?;
    let last = world.case.and_then(|case| case.notices.last());
    let inherited = match last.and_then(|last| Some((&last.id, last.bequest.as_ref()?))) {
        None => None,
        // Else what was used and what was left would be gone with another id.
        Some((_, (successor, _))) if successor != asks.notice => {
            return Err(Rejection::SuccessorExpected {
                successor: successor.clone(),
            });
        }
        Some((notice, (_, bequest))) => Some((notice.clone(), bequest.clone())),
    };
    Ok(Ground {
        rulebook,
        clause,
        calendar,
        inherited,
    })
}

fn check_findings_and_steps(asks: &Asks<'_>, context: Context<'_>) -> Result<(), Rejection> {
    let findings = &asks.violation.findings;
    at_most(FINDINGS_MAX, NoticePart::Findings, findings.len())?;
    at_most(STEPS_MAX, NoticePart::Steps, asks.steps.len())?;
    if findings.is_empty() {
        return Err(incomplete("it has no finding"));
    }
    if asks.steps.is_empty() {
        return Err(incomplete("its guide has no step"));
    }
    for step in asks.steps {
        if step.findings.is_empty() || !step.findings.iter().all(|id| is_finding(asks, id)) {
            return Err(incomplete(&format!(
                "step {} does not name findings of the notice",
                step.id
            )));
        }
    }
    for finding in findings {
        for item in &finding.evidence {
            check_captured(item.captured_at, context)?;
        }
        let mut evidence = finding.evidence.iter();
        if !evidence.any(|item| item.captured_by == Capturer::Platform) {
            return Err(Rejection::EvidenceRequired {
                finding: finding.id.clone(),
            });
        }
    }
    Ok(())
}

fn check_measures<'m>(
    case: Option<&CaseState>,
    asks: &Asks<'_>,
    measures: impl Iterator<Item = (&'m MeasureId, &'m [FindingId])>,
) -> Result<(), Rejection> {
    let mut seen: Vec<&MeasureId> = Vec::new();
    for (id, findings) in measures {
        if seen.contains(&id) || case.is_some_and(|case| case.knows_measure(id)) {
            return Err(id_taken(id));
        }
        if findings.is_empty() || !findings.iter().all(|finding| is_finding(asks, finding)) {
            return Err(incomplete(&format!(
                "measure {id} does not name findings of the notice"
            )));
        }
        seen.push(id);
    }
    if seen.is_empty() {
        return Err(incomplete("it names no measure"));
    }
    at_most(MEASURES_MAX, NoticePart::Measures, seen.len())
}

fn is_finding(asks: &Asks<'_>, id: &FindingId) -> bool {
    asks.violation
        .findings
        .iter()
        .any(|finding| finding.id == *id)
}

/// A rule that is to be warned about first is penalised at once only on a listed emergency ground that
/// somebody else approved, and so is whatever restricts a critical capability; an override of the ladder needs
/// somebody else as well.
fn check_basis(
    ground: &Ground<'_>,
    command: &IssuePenalty,
    context: Context<'_>,
) -> Result<(), Rejection> {
    let clause = ground.clause;
    let mut capabilities = command
        .measures
        .iter()
        .map(|measure| &measure.restriction.capability);
    let critical = capabilities.find(|it| ground.rulebook.critical_capabilities.contains(*it));
    // What a warning gave is not taken by putting a penalty in its place.
    let warning = ground.superseded_warning();
    if clause.warning_first || critical.is_some() || warning.is_some() {
        let listed = command
            .emergency
            .as_ref()
            .is_some_and(|emergency| clause.emergency_grounds.contains(&emergency.ground));
        if !listed {
            return Err(Rejection::WarningRequired {
                clause: clause.clause.clone(),
                critical_capability: critical.filter(|_| !clause.warning_first).cloned(),
                warning: warning.cloned(),
                emergency_grounds: clause.emergency_grounds.clone(),
            });
        }
    }
    let emergency = command.emergency.as_ref().map(|it| &it.approver);
    let beyond_ladder = command.ladder_override.as_ref().map(|it| &it.approver);
    match emergency
        .into_iter()
        .chain(beyond_ladder)
        .find(|approver| **approver == context.actor.principal)
    {
        None => Ok(()),
        Some(approver) => Err(Rejection::ApproverRequired {
            approver: approver.clone(),
        }),
    }
}

/// One matter is one case: what an open notice of another case is about is rectified, appealed and ruled on there. Else
/// one of two warnings could lapse although the other was complied with, and one fact be two strikes.
fn check_not_raised_elsewhere(
    world: World<'_>,
    ground: &Ground<'_>,
    asks: &Asks<'_>,
) -> Result<(), Rejection> {
    let others = world.other_cases.iter().filter(|it| it.case != *asks.case);
    for other in others {
        let open = other.live_notice().or_else(|| other.awaits_successor());
        let Some(open) = open.filter(|notice| notice.clause.0 == ground.clause.clause) else {
            continue;
        };
        let same = |finding: &&Finding| {
            open.findings.iter().any(|known| {
                // Who leaves the digest out speaks of whatever is there.
                let digests = known.content_digest.zip(finding.content_digest);
                same_place(&known.location, &finding.location)
                    && digests.is_none_or(|(one, other)| one == other)
            })
        };
        if let Some(finding) = asks.violation.findings.iter().find(same) {
            return Err(Rejection::AlreadyRaised {
                case: other.case.clone(),
                notice: open.id.clone(),
                finding: finding.id.clone(),
            });
        }
    }
    Ok(())
}

/// Every measure stays within the step of the ladder, unless somebody approved more. Gives the step.
fn check_ladder(
    world: World<'_>,
    ground: &Ground<'_>,
    command: &IssuePenalty,
    context: Context<'_>,
) -> Result<u32, Rejection> {
    let step = next_step(world, ground, context);
    for measure in &command.measures {
        check_dates(measure, context)?;
        if command.ladder_override.is_none() {
            let start = first_start(command, measure, context);
            let asked = measure
                .ends_at
                .map_or(Asked::Open, |end| Asked::Between(start, end));
            let (clause, calendar) = (ground.clause, ground.calendar);
            let restriction = &measure.restriction;
            if !ladder_step::allows(clause, calendar, step, restriction, asked, context.now) {
                return Err(above_ladder(&measure.id, step));
            }
        }
    }
    Ok(step)
}

fn check_dates(measure: &RequestedMeasure, context: Context<'_>) -> Result<(), Rejection> {
    if let Some(starts_at) = measure.starts_at
        && starts_at < context.now
    {
        return Err(Rejection::StartsInPast {
            measure: measure.id.clone(),
            starts_at,
            now: context.now,
        });
    }
    let start = measure.starts_at.unwrap_or(context.now);
    if measure.ends_at.is_some_and(|end| end <= start) {
        return Err(incomplete(&format!(
            "measure {} ends before it starts",
            measure.id
        )));
    }
    Ok(())
}

/// When the first restriction of this capability starts: several in a row last no longer than a step of the ladder
/// allows one to.
fn first_start(
    command: &IssuePenalty,
    measure: &RequestedMeasure,
    context: Context<'_>,
) -> Instant {
    let start = |it: &RequestedMeasure| it.starts_at.unwrap_or(context.now);
    let asked = &measure.restriction;
    command
        .measures
        .iter()
        .filter(|it| it.restriction.capability == asked.capability)
        .filter(|it| it.restriction.kind == asked.kind)
        .map(start)
        .fold(start(measure), Instant::min)
}

fn next_step(world: World<'_>, ground: &Ground<'_>, context: Context<'_>) -> u32 {
    ladder_step::next_step(
        ground.clause,
        ground.calendar,
        world.account,
        world.entity,
        context.now,
    )
}

fn setting(set: Vec<events_schema::Deadline>) -> DeadlineChanges {
    DeadlineChanges {
        set,
        ..DeadlineChanges::default()
    }
}

fn incomplete(missing: &str) -> Rejection {
    Rejection::NoticeIncomplete {
        missing: label(missing),
    }
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

fn above_ladder(measure: &MeasureId, step: u32) -> Rejection {
    Rejection::AboveLadder {
        measure: measure.clone(),
        step,
    }
}

fn unknown_clause(clause: &Label, version: &Label, rulebook: &RulebookVersion) -> Rejection {
    Rejection::UnknownClause {
        clause: clause.clone(),
        version: version.clone(),
        rulebook: rulebook.clone(),
    }
}

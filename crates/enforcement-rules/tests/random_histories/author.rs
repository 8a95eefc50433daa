//! Writes random histories: mostly what the procedure asks for next, sometimes something else, with few
//! ids so that they collide.

use enforcement_rules::{CaseState, Notice, StepStanding, StepState};
use events_schema::{
    Capturer,
    CodeReviewOutcome::{Failed, InReview, NotSubmitted, Passed},
    CodeReviewState, Command, DeadlineId, Finding, FindingAnswer, FindingId, FindingRuling,
    GroundId, GroundKind, GuideStep, Instant, MeasureAnswer, Mode, NoticeStanding, Period,
    PublishCalendar, ReachDeadline, RectificationStage, ReleaseDeadlines, Restriction,
    ReviseDeadline, RulingOutcome, STEPS_MAX, Scope, StepAnswer,
};
use test_support::{
    HOLD, PenaltyBuilder, RulebookBuilder, TestWorld, WarningBuilder, amend, appeal, at, captured,
    citation, claim, code_review, code_review_passed, confirmed, digest, finding, granting, id,
    label, login, mistaken, observation, penalty, publication, rectify, refusing, rejected,
    release, restriction, rulebook, unclaim, warning, withdraw_appeal,
};

use crate::random::Random;

/// A command with its sender.
pub(crate) type Sent = (String, Command);

const SERVICE: &str = "service:deadlines";
const REVIEWERS: [&str; 6] = ["ann", "bob", "cid", "dan", "eve", "enforcement"];
const VERSIONS: [&str; 3] = ["1.0", "1.1", "1.2"];

/// Rulebooks that differ in what they do about lateness.
pub(crate) fn rulebooks() -> Vec<RulebookBuilder> {
    let named = |n: u32| rulebook().with_version(&format!("random-{n}"));
    vec![
        named(0)
            .with_calendar("cn")
            .with("cure", "\"10 working days\""),
        named(1)
            .with("stay_on_warning_appeal", "false")
            .with("verification_breach", "\"deemed_confirmed\""),
        named(2)
            .with("review_breach", "\"deemed_granted\"")
            .with("appeal_cap", "1"),
        named(3)
            .with_calendar("cn")
            .with("review_breach", "\"stay\"")
            .with("review", "\"2 working days\"")
            .with("verification", "\"1 working days\"")
            .with("appeal_window", "\"10 working days\""),
        named(4)
            .with("late_filing", "\"accept_with_reasons\"")
            .with("appeal_cap", "3")
            .with("appeal_window", "\"5 days\"")
            .with("cure", "\"5 days\""),
    ]
}

/// How far the clock moves before the next command.
pub(crate) fn pause(random: &mut Random) -> i64 {
    let upto = random.pick(&[
        60,
        3_600,
        86_400,
        86_400,
        3 * 86_400,
        8 * 86_400,
        30 * 86_400,
    ]);
    i64::try_from(random.below(upto)).unwrap_or(0)
}

/// The next command.
pub(crate) fn write(random: &mut Random, world: &TestWorld) -> Sent {
    if random.percent(5) {
        return administration(random, world);
    }
    let case = random.pick(&["C1", "C2", "C3", "C4"]);
    if random.percent(4) {
        return internal(random, world, case);
    }
    let state = world.cases().find(|it| it.case.as_str() == case);
    let live = state.and_then(|state| Some((state, state.live_notice()?)));
    let mut sent = match live {
        Some((state, notice)) if random.percent(90) => about(random, world.clock(), state, notice),
        _ if random.percent(90) => issue(random, world, case),
        _ => stray(random, world.clock(), state),
    };
    in_case(&mut sent.1, case);
    sent
}

fn party(random: &mut Random, case: &str) -> String {
    if random.percent(2) {
        return "party:dev9".to_owned();
    }
    format!("party:{}", account(case))
}

fn account(case: &str) -> &'static str {
    match case {
        "C1" | "C4" => "dev1",
        "C2" => "dev2",
        _ => "dev3",
    }
}

fn reviewer(random: &mut Random) -> String {
    format!("reviewer:{}", random.pick(&REVIEWERS))
}

fn platform(random: &mut Random) -> String {
    format!("platform:{}", random.pick(&["enforcement", "scanner"]))
}

fn in_case(command: &mut Command, name: &str) {
    let case = match command {
        Command::IssueWarning(it) => &mut it.case,
        Command::IssuePenalty(it) => &mut it.case,
        Command::WithdrawNotice(it) => &mut it.case,
        Command::RecordCodeReview(it) => &mut it.case,
        Command::VerifyRectification(it) => &mut it.case,
        Command::Rectify(it) => &mut it.case,
        Command::SubmitAppeal(it) => &mut it.case,
        Command::AmendAppeal(it) => &mut it.case,
        Command::WithdrawAppeal(it) => &mut it.case,
        Command::ClaimAppeal(it) => &mut it.case,
        Command::UnclaimAppeal(it) => &mut it.case,
        Command::Decide(it) => &mut it.case,
        Command::ReachDeadline(it) => &mut it.case,
        Command::ReviseDeadline(it) => &mut it.case,
        Command::AdoptRulebook(_) | Command::PublishCalendar(_) | Command::ReleaseDeadlines(_) => {
            return;
        }
    };
    *case = id(name);
}

fn administration(random: &mut Random, world: &TestWorld) -> Sent {
    let command = match random.below(6) {
        0 => random.pick(&rulebooks()).into(),
        1 => rulebook().with("appeal_cap", "0").into(),
        2 | 3 => {
            let mut newer = calendar(
                "cn",
                random.pick(&["2020-01-31", "2020-06-30", "2021-12-31"]),
            );
            let known = world.books().calendar(&newer.calendar);
            newer.version = known.map_or(1, |it| it.version() + 1);
            if random.percent(50) {
                newer.content.days_off.push(id("2020-01-07"));
            }
            if random.percent(50) {
                newer.content.extra_working_days.push(id("2020-01-04"));
            }
            if random.percent(15) {
                newer.version += 1;
            }
            if random.percent(15) {
                newer.content.zone = label("Nowhere/AtAll");
            }
            Command::PublishCalendar(newer)
        }
        _ => Command::ReleaseDeadlines(ReleaseDeadlines {
            hold: Some(id(HOLD)),
            ..ReleaseDeadlines::default()
        }),
    };
    ("administrator:root".to_owned(), command)
}

/// What only the service sends, but at the wrong time.
fn internal(random: &mut Random, world: &TestWorld, case: &str) -> Sent {
    let state = world.cases().find(|it| it.case.as_str() == case);
    let open: Vec<DeadlineId> = state
        .map(|it| it.deadlines.iter().map(|it| it.id.clone()).collect())
        .unwrap_or_default();
    let deadline = if open.is_empty() || random.percent(20) {
        DeadlineId::nth(u32::try_from(random.below(6)).unwrap_or(0))
    } else {
        random.pick(&open)
    };
    let case = id(case);
    let command = if random.percent(60) {
        Command::ReachDeadline(ReachDeadline { case, deadline })
    } else {
        Command::ReviseDeadline(ReviseDeadline { case, deadline })
    };
    (SERVICE.to_owned(), command)
}

/// What warnings and penalties are drawn from alike.
struct Draft {
    account: &'static str,
    entity: &'static str,
    notice: String,
    findings: Vec<Finding>,
    steps: &'static [&'static str],
    measures: Vec<String>,
}

fn issue(random: &mut Random, world: &TestWorld, case: &str) -> Sent {
    let now = world.clock();
    let mut draft = draft(random, now, case);
    let state = world.cases().find(|it| it.case.as_str() == case);
    let mut warns = 60;
    let live = state.and_then(CaseState::live_notice);
    let supersedes = live.filter(|_| random.percent(85)).map(|it| it.id.clone());
    if let Some(live) = live.filter(|_| supersedes.is_some()) {
        if live.strike.is_none() {
            warns = 50;
        }
        // As if it were what the predecessor was issued on.
        let before = now.plus_seconds(-20 * 86_400);
        for finding in draft.findings.iter_mut().filter(|_| random.percent(20)) {
            finding.evidence = vec![captured(before, Capturer::Platform)];
        }
    }
    let command = if random.percent(warns) {
        let account = world.account(&id(draft.account));
        let sealed = account.and_then(|it| it.seals.last()).map(|it| &it.case);
        let mut built = drawn_warning(random, &draft);
        if let Some(sealed) = sealed.filter(|_| random.percent(60)) {
            built = built.with_new_facts(sealed.as_str());
        }
        if random.percent(1) {
            let steps = built.0.steps.clone();
            built
                .0
                .steps
                .extend(steps.into_iter().cycle().take(STEPS_MAX));
        }
        built.0.supersedes = supersedes;
        built.into()
    } else {
        let mut built = drawn_penalty(random, now, &draft);
        built.0.supersedes = supersedes;
        built.into()
    };
    (platform(random), command)
}

fn draft(random: &mut Random, now: Instant, case: &str) -> Draft {
    let before = i64::try_from(random.below(86_400)).unwrap_or(0);
    let before = if random.percent(2) { -60 } else { before };
    let reported = random.percent(2);
    let place = random.pick(&["login page", "Login  page", "start page", "shop"]);
    let content = random.pick(&["A", "B"]);
    let findings = ["F1", "F2"]
        .into_iter()
        .take(1 + usize::from(random.percent(30)))
        .map(|name| {
            let mut it = finding(name);
            it.location = label(if name == "F1" { place } else { "another place" });
            it.content_digest = Some(digest(content)).filter(|_| random.percent(90));
            let by = if reported {
                Capturer::Reporter
            } else {
                Capturer::Platform
            };
            it.evidence = vec![captured(now.plus_seconds(-before), by)];
            it
        })
        .collect();
    let choices: [&[&str]; 2] = [&["S1"], &["S1", "S2"]];
    let steps = random.pick(&choices);
    let number = 1 + usize::from(random.percent(40));
    Draft {
        account: if random.percent(3) {
            "dev9"
        } else {
            account(case)
        },
        // The accounts of C1, C2 and C4 share a ladder per entity.
        entity: if case == "C3" || random.percent(2) {
            "other"
        } else {
            "acme"
        },
        notice: format!("N{}", random.below(7)),
        findings,
        steps: if random.percent(2) { &[] } else { steps },
        measures: (0..number)
            .map(|_| format!("M{}", random.below(14)))
            .collect(),
    }
}

impl Draft {
    /// Where there are two findings, the second has the last step, and every other measure.
    fn spread<'a>(
        &self,
        steps: &mut [GuideStep],
        measures: impl Iterator<Item = &'a mut Vec<FindingId>>,
    ) {
        let [_, second] = self.findings.as_slice() else {
            return;
        };
        if let [_, last] = steps {
            last.findings = vec![second.id.clone()];
        }
        for findings in measures.skip(1).step_by(2) {
            *findings = vec![second.id.clone()];
        }
    }

    /// Its measures, all with this restriction.
    fn all(&self, restricted: &Restriction) -> Vec<(&str, Restriction)> {
        let names = self.measures.iter();
        names
            .map(|name| (name.as_str(), restricted.clone()))
            .collect()
    }
}

fn drawn_warning(random: &mut Random, draft: &Draft) -> WarningBuilder {
    let clause = random.pick(&["4.2", "4.2", "5.1", "5.1", "9.2", "9.9"]);
    let (restricted, lasts) = if clause == "4.2" {
        let scope = random.pick(&[Scope::NewUsers, Scope::NewUsers, Scope::All]);
        let lasts = random.pick(&[Period::Days(7), Period::Days(7), Period::WorkingDays(4)]);
        (Restriction { scope, ..login() }, Some(lasts))
    } else {
        (
            restriction("payment"),
            random.pick(&[None, Some(Period::Days(4))]),
        )
    };
    let mut built = warning()
        .with_account(draft.account)
        .with_entity(draft.entity)
        .with_notice(&draft.notice)
        .with_clause(clause)
        .with_findings(draft.findings.clone())
        .with_steps(draft.steps)
        .with_measures(&draft.all(&restricted))
        .lasting(lasts);
    let measures = built.0.threatened_measures.iter_mut();
    draft.spread(&mut built.0.steps, measures.map(|it| &mut it.findings));
    built
}

fn drawn_penalty(random: &mut Random, now: Instant, draft: &Draft) -> PenaltyBuilder {
    let clause = random.pick(&["9.1", "9.2", "9.2", "9.2", "4.2"]);
    let restricted = match clause {
        "9.1" => Restriction {
            mode: random.pick(&[Mode::Suspension, Mode::Suspension, Mode::Termination]),
            ..restriction("service")
        },
        "4.2" => login(),
        _ => restriction(random.pick(&["payment", "sharing"])),
    };
    let mut built = penalty()
        .with_account(draft.account)
        .with_entity(draft.entity)
        .with_notice(&draft.notice)
        .with_clause(clause)
        .with_findings(draft.findings.clone())
        .with_steps(draft.steps)
        .with_measures(&draft.all(&restricted));
    if random.percent(20) {
        let later = i64::try_from(random.below(6 * 86_400)).unwrap_or(0) - 3_600;
        built = built.starting(now.plus_seconds(later));
    }
    if clause == "4.2" || random.percent(30) {
        let days = 1 + i64::try_from(random.below(7)).unwrap_or(0);
        for name in draft.measures.iter().take(1) {
            built = built.ending(name, now.plus_seconds(days * 86_400));
        }
    }
    if clause == "4.2" && random.percent(70) {
        let approver = random.pick(&["chief", "chief", "enforcement"]);
        built = built.with_emergency("account_theft", approver);
    }
    if random.percent(10) {
        built = built.with_override("chief");
    }
    let measures = built.0.measures.iter_mut();
    draft.spread(&mut built.0.steps, measures.map(|it| &mut it.findings));
    built
}

/// Something about a live notice.
fn about(random: &mut Random, now: Instant, state: &CaseState, notice: &Notice) -> Sent {
    let case = state.case.as_str();
    let name = notice.id.as_str();
    if random.percent(4) {
        return withdrawal(random, state, name);
    }
    if random.percent(3) {
        return stray(random, now, Some(state));
    }
    let open = state.open_appeal().map(|it| it.id.to_string());
    let stage = notice.rectification.stage;
    if let Some(open) = open.filter(|_| random.percent(65)) {
        return match random.below(13) {
            12 => (party(random, case), amendment(random, now, &open)),
            0 | 1 => (party(random, case), withdraw_appeal(&open)),
            2..=4 => (reviewer(random), claim(&open)),
            5 => (reviewer(random), unclaim(&open)),
            _ => ruling(random, now, state, notice, &open),
        };
    }
    match stage {
        RectificationStage::ReviewPending if random.percent(60) => {
            let version = declared(random, notice);
            let outcome = random.pick(&[Passed, Passed, Passed, Failed, NotSubmitted]);
            (platform(random), code_review(name, &version, outcome))
        }
        RectificationStage::Unverified if random.percent(60) => verification(random, now, notice),
        RectificationStage::Partial if random.percent(25) => verification(random, now, notice),
        RectificationStage::AwaitsRuling if random.percent(10) => verification(random, now, notice),
        _ if random.percent(6) => {
            let outcome = random.pick(&[InReview, InReview, Passed, Failed, NotSubmitted]);
            let version = random.pick(&VERSIONS);
            (platform(random), code_review(name, version, outcome))
        }
        RectificationStage::None
        | RectificationStage::Partial
        | RectificationStage::ReviewPending
        | RectificationStage::Unverified
        | RectificationStage::AwaitsRuling
        | RectificationStage::Rejected
        | RectificationStage::Confirmed => {
            let entry = notice.standing == NoticeStanding::Exhausted;
            if random.percent(if entry { 25 } else { 50 }) {
                (party(random, case), filing(random, now, name))
            } else {
                (
                    party(random, case),
                    declaration(random, name, &notice.steps),
                )
            }
        }
    }
}

fn declared(random: &mut Random, notice: &Notice) -> String {
    let declared = notice.rectification.release.as_ref();
    let declared = declared.filter(|_| random.percent(92));
    declared.map_or("0.9".to_owned(), |it| it.version.to_string())
}

fn withdrawal(random: &mut Random, state: &CaseState, name: &str) -> Sent {
    let command = mistaken(name);
    let other = state.notices.first().filter(|_| random.percent(10));
    let mut command: Command = command.into();
    if let (Command::WithdrawNotice(it), Some(other)) = (&mut command, other) {
        it.notice = other.id.clone();
    }
    (platform(random), command)
}

fn filing(random: &mut Random, now: Instant, notice: &str) -> Command {
    let kind = random.pick(&[
        GroundKind::NotOccurred,
        GroundKind::Rectified,
        GroundKind::Rectified,
        GroundKind::NotAViolation,
        GroundKind::RequiredElsewhere,
    ]);
    let mut built = appeal(&format!("A{}", random.below(9)), notice)
        .with_release(random.pick(&VERSIONS))
        .with_grounds(&[("G1", kind)]);
    if random.percent(20) {
        built = built.with_grounds(&[("G1", kind), ("G2", GroundKind::Excessive)]);
    }
    if random.percent(30) {
        built = built.with_evidence("picture", now);
    }
    if random.percent(30) {
        built = built.late();
    }
    if random.percent(2) {
        built = built.with_grounds(&[]);
    }
    for ground in &mut built.0.grounds {
        if ground.kind == GroundKind::RequiredElsewhere && random.percent(80) {
            ground.cites = Some(citation());
        }
    }
    built.into()
}

fn amendment(random: &mut Random, now: Instant, appeal: &str) -> Command {
    let kinds = [
        GroundKind::Rectified,
        GroundKind::NotAViolation,
        GroundKind::RequiredElsewhere,
    ];
    let mut built = amend(appeal);
    if random.percent(40) {
        built = built.with_ground(random.pick(&["G1", "G2", "G3"]), random.pick(&kinds));
    }
    if random.percent(40) {
        built = built.with_evidence("another picture", now);
    }
    if random.percent(40) {
        built = built.with_release(random.pick(&VERSIONS));
    }
    for ground in &mut built.0.grounds {
        if ground.kind == GroundKind::RequiredElsewhere && random.percent(80) {
            ground.cites = Some(citation());
        }
    }
    built.into()
}

fn declaration(random: &mut Random, notice: &str, known: &[StepState]) -> Command {
    let mut steps: Vec<&str> = known.iter().map(|it| it.id.as_str()).collect();
    steps.retain(|_| random.percent(75));
    if random.percent(3) {
        steps.push("S9");
    }
    let mut built = rectify(notice).with_steps(&steps);
    if random.percent(60) {
        let review = random.pick(&[
            CodeReviewState::Pending,
            CodeReviewState::Passed,
            CodeReviewState::NotNeeded,
            CodeReviewState::Pending,
        ]);
        built = built.with_release(random.pick(&VERSIONS), review);
    }
    built.into()
}

fn verification(random: &mut Random, now: Instant, notice: &Notice) -> Sent {
    let name = notice.id.as_str();
    let since = notice.rectification.declared_at.unwrap_or(now);
    let seen = if random.percent(8) {
        since.plus_seconds(-60)
    } else {
        now
    };
    let mut built = if random.percent(50) {
        confirmed(name)
    } else {
        rejected(name, seen)
    };
    if notice.rectification.release.is_some() && random.percent(95) {
        let version = declared(random, notice);
        built = built.with_release(&version);
    }
    let declared = notice.steps.iter().filter(|step| step.is_declared());
    let mut declared: Vec<_> = declared.map(|step| step.id.as_str()).collect();
    let one = random.below(3);
    if declared.len() > 1 && one < 2 {
        declared.remove(usize::try_from(one).unwrap_or(0));
    }
    if !built.0.unmet_steps.is_empty() && random.percent(95) {
        built = built.with_unmet(&declared);
    }
    if random.percent(4) {
        built = built.with_unmet(random.pick(&[&["S9"] as &[&str], &[]]));
    }
    let mut steps = notice.steps.iter();
    if let Some(struck) = steps.find(|step| step.standing == StepStanding::Struck)
        && random.percent(20)
    {
        built = built.with_unmet(&[struck.id.as_str()]);
    }
    let by_human = notice.standing == NoticeStanding::Exhausted && random.percent(70);
    let sender = if by_human || random.percent(30) {
        reviewer(random)
    } else {
        platform(random)
    };
    (sender, built.into())
}

fn ruling(
    random: &mut Random,
    now: Instant,
    state: &CaseState,
    notice: &Notice,
    name: &str,
) -> Sent {
    let appeal = state.appeal(&id(name)).expect("the open appeal");
    let seen = if random.percent(6) {
        appeal.filed_at.plus_seconds(-1)
    } else {
        now
    };
    let grants = random.percent(40);
    let mut built = if grants {
        granting(name, seen)
    } else {
        refusing(name, seen)
    };
    built.0.appeal_revision = appeal.revision;
    // What an earlier ruling settled is answered no more.
    built.0.findings.clear();
    built.0.steps.clear();
    let first = notice.findings_left().next();
    let favourable = [
        FindingAnswer::NotEstablished,
        FindingAnswer::NotAViolation,
        FindingAnswer::Rectified,
    ];
    for it in notice.findings_left() {
        let upheld = !grants && (first == Some(it) || random.percent(50));
        let answer = if upheld {
            FindingAnswer::Upheld
        } else {
            random.pick(&favourable)
        };
        built = built.finding(it.id.as_str(), answer);
    }
    let fallen = |it: &FindingRuling| it.ruling != FindingAnswer::Upheld;
    if !grants && built.0.findings.iter().any(fallen) && random.percent(80) {
        built.0.outcome = RulingOutcome::GrantedInPart;
    }
    for (index, it) in notice.steps_left().enumerate() {
        let upheld = |id: &FindingId| {
            let mut answers = built.0.findings.iter();
            answers.any(|answer| answer.id == *id && answer.ruling == FindingAnswer::Upheld)
        };
        let asks_for_nothing = !it.findings.iter().any(upheld) && random.percent(95);
        let strikes = grants || asks_for_nothing || index > 0 && random.percent(30);
        let answer = if strikes {
            StepAnswer::Strike
        } else {
            StepAnswer::Keep
        };
        built = built.step(it.id.as_str(), answer);
    }
    for it in state.active_measures(&notice.id) {
        let answer = if grants {
            MeasureAnswer::Lift
        } else {
            MeasureAnswer::Keep
        };
        built = built.measure(it.measure.id.as_str(), answer);
    }
    let version = if random.percent(4) {
        "0.9"
    } else {
        appeal.release.version.as_str()
    };
    built = built.with_release(version);
    built
        .0
        .grounds
        .retain(|it| appeal.grounds.iter().any(|(id, _)| *id == it.id));
    if appeal.grounds.len() > 1 && random.percent(95) {
        let mut second = built.0.grounds.clone();
        for it in &mut second {
            it.id = id("G2");
        }
        built.0.grounds.extend(second);
    }
    let cites = |(_, kind): &(GroundId, GroundKind)| *kind == GroundKind::RequiredElsewhere;
    if appeal.grounds.iter().any(cites) && random.percent(80) {
        for it in &mut built.0.grounds {
            it.prevails = Some(citation());
        }
    }
    match random.below(40) {
        0 => built.0.appeal_revision += 1,
        1 => {
            built = built
                .finding("F1", FindingAnswer::Upheld)
                .step("S1", StepAnswer::Strike);
        }
        2 => built = built.considering("another picture"),
        3 | 4 => built = built.with_cure_due(now.plus_seconds(60)),
        5 | 6 => built = built.with_cure_due(now.plus_seconds(40 * 86_400)),
        8 => built = built.with_cure_due(at("9999-12-28T00:00:00Z")),
        7 => built.0.observations.push(observation("0.9", now)),
        _ => {}
    }
    let holder = match &appeal.standing {
        enforcement_rules::AppealStanding::Claimed(by) if random.percent(85) => {
            Some(format!("reviewer:{by}"))
        }
        _ => None,
    };
    (holder.unwrap_or_else(|| reviewer(random)), built.into())
}

/// Something about what there is not, or what has ended.
fn stray(random: &mut Random, now: Instant, state: Option<&CaseState>) -> Sent {
    let case = state.map_or("C1", |it| it.case.as_str());
    let notices: Vec<String> = state
        .map(|it| it.notices.iter().map(|it| it.id.to_string()).collect())
        .filter(|it: &Vec<_>| !it.is_empty() && random.percent(80))
        .unwrap_or_else(|| vec!["N99".to_owned()]);
    let appeals: Vec<String> = state
        .map(|it| it.appeals.iter().map(|it| it.id.to_string()).collect())
        .filter(|it: &Vec<_>| !it.is_empty() && random.percent(80))
        .unwrap_or_else(|| vec!["A99".to_owned()]);
    let (notice, name) = (random.pick(&notices), random.pick(&appeals));
    match random.below(8) {
        0 => (party(random, case), filing(random, now, &notice)),
        1 => (party(random, case), declaration(random, &notice, &[])),
        2 => (party(random, case), withdraw_appeal(&name)),
        3 => (reviewer(random), claim(&name)),
        4 => (reviewer(random), unclaim(&name)),
        5 => (reviewer(random), granting(&name, now).into()),
        6 => {
            let built = confirmed(&notice).with_release(&release("1.0").version.to_string());
            (platform(random), built.into())
        }
        _ => (platform(random), code_review_passed(&notice, "1.0")),
    }
}

/// When a history begins: some time before the calendar `cn` ends.
pub(crate) fn beginning(random: &mut Random) -> Instant {
    let days = i64::try_from(random.below(290)).unwrap_or(0);
    at("2019-03-04T08:00:00Z").plus_seconds(days * 86_400)
}

/// The calendars that a history begins with: no date is certain beyond a day that most of them reach.
pub(crate) fn calendars() -> [PublishCalendar; 2] {
    [publication("utc"), calendar("cn", "2019-12-31")]
}

/// The first version of a calendar of Redress, as if it were known up to this day only.
fn calendar(name: &str, covered_until: &str) -> PublishCalendar {
    let mut calendar = publication(name);
    let content = &mut calendar.content;
    content.covered_until = id(covered_until);
    let known = |day: &jiff::civil::Date| *day <= content.covered_until;
    content.days_off.retain(known);
    content.extra_working_days.retain(known);
    calendar
}

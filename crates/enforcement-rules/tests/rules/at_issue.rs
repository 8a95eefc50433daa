//! One matter is raised once, however its place is spelled and whatever else is open (rule 12).

use events_schema::{Capturer, Finding, Rejection};
use proptest::prelude::*;
use test_support::{
    BOB, PLATFORM, TestWorld, confirmed, day, digest, finding, id, label, rectify, warning,
};

/// Spellings of two places, a row each.
const PLACES: [[&str; 3]; 2] = [
    ["Pay page", "pay  PAGE", "Ｐay page\u{200b}"],
    ["Start page", "start page", "START\u{a0}page"],
];
const CONTENTS: [Option<&str>; 3] = [None, Some("A"), Some("B")];

/// A finding by place, spelling and content.
type Found = (usize, usize, usize);

#[derive(Debug, Clone)]
enum Step {
    /// A warning in the next case.
    Warn {
        account: &'static str,
        clause: &'static str,
        findings: Vec<Found>,
    },
    /// The platform finds what an earlier one was about rectified.
    Confirm(usize),
    /// Another takes the place of an earlier one.
    Supersede(usize),
}

fn step() -> impl Strategy<Value = Step> {
    let found = (0..2_usize, 0..3_usize, 0..3_usize);
    let warn = (
        prop::sample::select(vec!["dev7", "dev8"]),
        prop::sample::select(vec!["5.1", "9.2"]),
        prop::collection::vec(found, 1..3),
    );
    prop_oneof![
        4 => warn.prop_map(|(account, clause, findings)| Step::Warn { account, clause, findings }),
        1 => any::<usize>().prop_map(Step::Confirm),
        1 => any::<usize>().prop_map(Step::Supersede),
    ]
}

struct Open {
    case: String,
    account: &'static str,
    clause: &'static str,
    findings: Vec<Found>,
    superseded: bool,
}

impl Open {
    /// Whether a person who compares the two says that they are about one matter.
    fn is_about(&self, account: &str, clause: &str, findings: &[Found]) -> bool {
        let same = |one: &Found, other: &Found| {
            one.0 == other.0 && (one.2 == other.2 || one.2 == 0 || other.2 == 0)
        };
        self.account == account
            && self.clause == clause
            && self
                .findings
                .iter()
                .any(|one| findings.iter().any(|other| same(one, other)))
    }
}

#[expect(
    clippy::indexing_slicing,
    reason = "the strategies stay within the tables"
)]
fn found(number: usize, (place, spelling, content): Found) -> Finding {
    let mut finding = finding(&format!("F{number}"));
    finding.location = label(PLACES[place][spelling]);
    finding.content_digest = CONTENTS[content].map(digest);
    finding
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn a_notice_is_refused_as_raised_exactly_where_an_open_case_is_about_its_matter(
        steps in prop::collection::vec(step(), 1..30)
    ) {
        let mut world = TestWorld::new();
        let mut open: Vec<Open> = Vec::new();
        for (number, step) in steps.into_iter().enumerate() {
            let at = day(1).plus_seconds(60 * i64::try_from(number).unwrap());
            match step {
                Step::Warn { account, clause, findings } => {
                    let case = format!("C{number}");
                    let listed = findings.iter().zip(1..).map(|(it, n)| found(n, *it)).collect();
                    let notice = warning()
                        .with_findings(listed)
                        .with_case(&case)
                        .with_account(account)
                        .with_clause(clause)
                        .with_evidence(at, Capturer::Platform);
                    world.when(PLATFORM, notice, at);
                    let raised: Vec<_> = open
                        .iter()
                        .filter(|it| it.is_about(account, clause, &findings))
                        .map(|it| id(&it.case))
                        .collect();
                    match world.outcome() {
                        Ok(_) => {
                            prop_assert!(raised.is_empty(), "raised in {raised:?}");
                            open.push(Open { case, account, clause, findings, superseded: false });
                        }
                        Err(Rejection::AlreadyRaised { case, .. }) => {
                            prop_assert!(raised.contains(case), "{case} and not {raised:?}");
                        }
                        Err(other) => prop_assert!(false, "{other:?}"),
                    }
                }
                Step::Confirm(which) if !open.is_empty() => {
                    let which = which % open.len();
                    let Open { case, account, superseded, .. } = open.remove(which);
                    let notice = if superseded { "W2" } else { "W1" };
                    let steps = rectify(notice).with_case(&case);
                    world
                        .given(&format!("party:{account}"), steps, at)
                        .given(BOB, confirmed(notice).with_case(&case), at);
                }
                Step::Supersede(which) if !open.is_empty() => {
                    let which = which % open.len();
                    let open = &mut open[which];
                    if !open.superseded {
                        let Open { findings, account, clause, .. } = &*open;
                        let listed = findings.iter().zip(1..).map(|(it, n)| found(n, *it)).collect();
                        let successor = warning()
                            .with_notice("W2")
                            .superseding("W1")
                            .with_findings(listed)
                            .with_case(&open.case)
                            .with_account(account)
                            .with_clause(clause)
                            .with_evidence(at, Capturer::Platform);
                        world.given(PLATFORM, successor, at);
                        open.superseded = true;
                    }
                }
                Step::Confirm(_) | Step::Supersede(_) => {}
            }
        }
    }
}

//! Whether a matter is raised elsewhere, by a look at every case: the rules ask an index, which must say the same.

use events_schema::{CaseId, Command, Finding, Label, NoticeId, Rejection, Violation};
use test_support::TestWorld;

/// The open notices of other cases of the account that are about a matter of a new notice; `None` for other commands.
pub(crate) fn elsewhere(world: &TestWorld, command: &Command) -> Option<Vec<(CaseId, NoticeId)>> {
    let (case, account, violation) = if let Command::IssueWarning(it) = command {
        (&it.case, &it.account, &it.violation)
    } else if let Command::IssuePenalty(it) = command {
        (&it.case, &it.account, &it.violation)
    } else {
        return None;
    };
    let others = world
        .cases()
        .filter(|other| other.account == *account && other.case != *case);
    let raised = others.filter_map(|other| {
        let notice = other.notice_at_issue()?;
        let same_clause = notice.clause.0 == violation.rule.clause;
        let facts = &notice.findings;
        let same = facts.iter().any(|known| {
            found_again(violation, &known.location, |finding| {
                let digests = known.content_digest.zip(finding.content_digest);
                digests.is_none_or(|(one, other)| one == other)
            })
        });
        (same_clause && same).then(|| (other.case.clone(), notice.id.clone()))
    });
    Some(raised.collect())
}

fn found_again(
    violation: &Violation,
    place: &Label,
    same_content: impl Fn(&Finding) -> bool,
) -> bool {
    let mut findings = violation.findings.iter();
    findings.any(|finding| read(&finding.location) == read(place) && same_content(finding))
}

/// A place as a person reads it, as far as these histories spell one in several ways.
pub(crate) fn read(place: &Label) -> String {
    let words = place.as_str().split_whitespace();
    words.collect::<Vec<_>>().join(" ").to_lowercase()
}

/// Compares what came of a new notice with that look.
pub(crate) fn compare(
    raised: Option<&[(CaseId, NoticeId)]>,
    outcome: &Result<usize, Rejection>,
) -> Result<(), String> {
    match (raised, outcome) {
        (Some([]), Err(Rejection::AlreadyRaised { .. })) => {
            Err("what is raised nowhere is refused as raised".to_owned())
        }
        (Some(raised), Err(Rejection::AlreadyRaised { case, notice, .. })) => {
            if raised.contains(&(case.clone(), notice.clone())) {
                Ok(())
            } else {
                Err(format!(
                    "it is raised in {raised:?}, and not in {case} by {notice}"
                ))
            }
        }
        (Some([first, ..]), Ok(_)) => Err(format!("what {first:?} is about is raised again")),
        (Some(_) | None, _) => Ok(()),
    }
}

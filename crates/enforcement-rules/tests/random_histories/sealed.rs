//! What seals forbid, by a look at every seal that there is: the rules ask an index, which must say the same.

use events_schema::{
    CaseEvent, CaseId, Command, Event, Finding, FindingId, NoticeEvent, Rejection, Seal, Violation,
};
use test_support::TestWorld;

use crate::raised::read;

/// What the seals of the account say of the findings of a new notice.
pub(crate) struct Sealed {
    /// The first finding whose very facts were decided, and the case that decided them first.
    decided: Option<(CaseId, FindingId)>,
    /// Findings whose place was sealed with other content alone.
    with_other_content: Vec<OtherContent>,
    is_penalty: bool,
}

struct OtherContent {
    /// The case that sealed the place last.
    case: CaseId,
    finding: FindingId,
    /// Whether the finding says that it is new since that case.
    is_said_to_be_new: bool,
}

/// `None` for other commands.
pub(crate) fn before(world: &TestWorld, command: &Command) -> Option<Sealed> {
    let (account, violation, is_penalty) = if let Command::IssueWarning(it) = command {
        (&it.account, &it.violation, false)
    } else if let Command::IssuePenalty(it) = command {
        (&it.account, &it.violation, true)
    } else {
        return None;
    };
    let of_account = |case: &CaseId| {
        let mut cases = world.cases();
        cases.any(|it| it.case == *case && it.account == *account)
    };
    let mut seals: Vec<(&CaseId, &Seal)> = Vec::new();
    for happened in world.happened() {
        if let (Some(case), Event::Case(CaseEvent::Notice(NoticeEvent::FindingsSealed(sealed)))) =
            (&happened.case, &happened.event)
            && of_account(case)
        {
            seals.extend(sealed.seals.iter().map(|seal| (case, seal)));
        }
    }
    let mut found = Sealed {
        decided: None,
        with_other_content: Vec::new(),
        is_penalty,
    };
    for finding in &violation.findings {
        found.look(violation, finding, &seals);
    }
    Some(found)
}

impl Sealed {
    fn look(&mut self, violation: &Violation, finding: &Finding, seals: &[(&CaseId, &Seal)]) {
        let of_place = |(_, seal): &&(&CaseId, &Seal)| {
            seal.clause == violation.rule.clause && read(&seal.location) == read(&finding.location)
        };
        let here: Vec<_> = seals.iter().filter(of_place).collect();
        let same = |(_, seal): &&&(&CaseId, &Seal)| seal.content_digest == finding.content_digest;
        if let Some((case, _)) = here.iter().find(same) {
            let decided = || ((*case).clone(), finding.id.clone());
            self.decided.get_or_insert_with(decided);
        } else if let Some((case, _)) = here.last() {
            let new = finding.new_facts.as_ref();
            self.with_other_content.push(OtherContent {
                case: (*case).clone(),
                finding: finding.id.clone(),
                is_said_to_be_new: new.is_some_and(|new| new.sealed_in == **case),
            });
        }
    }

    /// Compares what came of the notice with that look.
    pub(crate) fn compare(&self, outcome: &Result<usize, Rejection>) -> Result<(), String> {
        match outcome {
            Err(Rejection::AlreadyDecided { case, finding }) => {
                let said = Some((case.clone(), finding.clone()));
                if self.decided == said {
                    return Ok(());
                }
                Err(format!("{:?} is decided, and not {said:?}", self.decided))
            }
            Err(Rejection::NewFactsRequired { case, finding }) => {
                let mut others = self.with_other_content.iter();
                if others.any(|it| it.case == *case && it.finding == *finding) {
                    return Ok(());
                }
                Err(format!("{case} sealed no place of {finding} last"))
            }
            Ok(_) => {
                if let Some(decided) = &self.decided {
                    return Err(format!("{decided:?} is decided, and is raised again"));
                }
                let mut others = self.with_other_content.iter();
                match others.find(|it| self.is_penalty || !it.is_said_to_be_new) {
                    None => Ok(()),
                    Some(it) => Err(format!("{} sealed what {} is about", it.case, it.finding)),
                }
            }
            Err(_) => Ok(()),
        }
    }
}

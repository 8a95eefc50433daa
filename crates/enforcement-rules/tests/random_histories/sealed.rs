//! What seals forbid, by a look at every seal that there is: the rules ask an index, which must say the same.

use events_schema::{
    AnsweredFinding, CaseEvent, CaseId, Closure, Command, Event, Finding, FindingId, NoticeEvent,
    Rejection, Seal, Sha256, Violation,
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

/// The case, what was answered with the end of a notice, and how that ended.
type End<'a> = (&'a CaseId, &'a [AnsweredFinding], Closure);

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
    let mut ends: Vec<End<'_>> = Vec::new();
    for happened in world.happened() {
        let (Some(case), Event::Case(CaseEvent::Notice(event))) = (&happened.case, &happened.event)
        else {
            continue;
        };
        if !of_account(case) {
            continue;
        }
        if let NoticeEvent::FindingsSealed(sealed) = event {
            seals.extend(sealed.seals.iter().map(|seal| (case, seal)));
        } else if let NoticeEvent::NoticeClosed(closed) = event {
            ends.push((case, &closed.answered, closed.how));
        } else if let NoticeEvent::NoticeComplied(complied) = event {
            ends.push((case, &complied.answered, Closure::Complied));
        }
    }
    let mut found = Sealed {
        decided: None,
        with_other_content: Vec::new(),
        is_penalty,
    };
    for finding in &violation.findings {
        found.look(violation, finding, &seals);
        found.look_at_ends(violation, finding, &ends);
    }
    Some(found)
}

impl Sealed {
    fn look(&mut self, violation: &Violation, finding: &Finding, seals: &[(&CaseId, &Seal)]) {
        let of_place = |(_, seal): &&(&CaseId, &Seal)| {
            seal.clause == violation.rule.clause && read(&seal.location) == read(&finding.location)
        };
        let here: Vec<_> = seals.iter().filter(of_place).collect();
        let content = finding.content_digest;
        let same =
            |(_, seal): &&&(&CaseId, &Seal)| content.is_some() && seal.content_digest == content;
        let fallen = |digest: &Sha256| {
            let mut seals = seals.iter();
            seals.find(|(_, seal)| seal.evidence.contains(digest))
        };
        let mut evidence = finding.evidence.iter().map(|it| &it.sha256);
        let all_fallen = evidence.clone().all(|it| fallen(it).is_some());
        if let Some((case, _)) = evidence.find_map(fallen).filter(|_| all_fallen) {
            let decided = || ((*case).clone(), finding.id.clone());
            self.decided.get_or_insert_with(decided);
        } else if let Some((case, _)) = here.iter().find(same) {
            let decided = || ((*case).clone(), finding.id.clone());
            self.decided.get_or_insert_with(decided);
        } else if let Some((case, _)) = here.last() {
            self.only_what_is_new_since(case, finding);
        }
    }

    /// A place whose last notice ended because nobody ruled in time is as good as sealed.
    fn look_at_ends(&mut self, violation: &Violation, finding: &Finding, ends: &[End<'_>]) {
        let of_place = |(_, answered, _): &&End<'_>| {
            answered.iter().any(|it| {
                it.clause == violation.rule.clause && read(&it.location) == read(&finding.location)
            })
        };
        let mut here = ends.iter().filter(of_place);
        let last = here.clone().next_back();
        if let Some((case, _, _)) = last
            && here.any(|(_, _, how)| *how == Closure::DeemedGranted)
        {
            self.only_what_is_new_since(case, finding);
        }
    }

    fn only_what_is_new_since(&mut self, case: &CaseId, finding: &Finding) {
        let new = finding.new_facts.as_ref();
        self.with_other_content.push(OtherContent {
            case: case.clone(),
            finding: finding.id.clone(),
            is_said_to_be_new: new.is_some_and(|new| new.sealed_in == *case),
        });
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

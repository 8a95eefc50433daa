//! What the open notices of all accounts are about: a fold beside the cases, so that a new notice is compared with
//! those few that may be about the same matter, and not with every open case of its account.
//!
//! Whoever keeps cases changes them through [`AtIssue::evolve`]. A case that is closed has nothing at issue, so it may
//! leave memory without a word.

use std::collections::BTreeMap;

use events_schema::{AccountId, CaseId, Finding, Label, NoticeId, Sha256};

use crate::{
    case_state::{CaseState, Notice},
    evolve::{Occurrence, evolve},
    places::PlaceKey,
};

/// Which open notice of which case is about which matter.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AtIssue {
    notices: BTreeMap<Raised, NoticeId>,
}

/// A finding of an open notice. In this order, what may be the same matter stands together.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Raised {
    place: PlaceKey,
    /// What it was found in; nothing stands for whatever is there.
    content: Option<Sha256>,
    /// Always a case; nothing stands before every case, for looking one up.
    case: Option<CaseId>,
}

impl AtIssue {
    /// Changes a case by one event, and with it what is at issue.
    pub fn evolve(&mut self, case: &mut Option<CaseState>, occurrence: Occurrence<'_>) {
        let before = case.as_ref().and_then(CaseState::notice_at_issue);
        let before = before.map(|notice| notice.id.clone());
        evolve(case, occurrence);
        let Some(case) = case else { return };
        let now = case.notice_at_issue();
        if now.map(|notice| &notice.id) == before.as_ref() {
            return;
        }
        // What a notice found is the same for ever, so what was entered for it is found again.
        if let Some(before) = before.and_then(|id| case.notice(&id)) {
            for raised in findings(case, before) {
                self.notices.remove(&raised);
            }
        }
        if let Some(now) = now {
            let entries = findings(case, now).map(|raised| (raised, now.id.clone()));
            self.notices.extend(entries);
        }
    }

    /// The open notice of another case of the account that is about the same matter: the same clause, the same place as
    /// a person reads it, and no other content. The first by content and case, where there are several.
    pub(crate) fn elsewhere(
        &self,
        case: &CaseId,
        account: &AccountId,
        clause: &Label,
        finding: &Finding,
    ) -> Option<(&CaseId, &NoticeId)> {
        let place = PlaceKey::of_account(account, clause, &finding.location);
        // Who leaves the digest out speaks of whatever is there.
        let whatever_is_there = self.from(place, None);
        match finding.content_digest {
            None => other_than(case, whatever_is_there),
            Some(digest) => {
                let without = whatever_is_there.take_while(|(it, _)| it.content.is_none());
                let same = self.from(place, Some(digest));
                let same = same.take_while(|(it, _)| it.content == Some(digest));
                other_than(case, without.chain(same))
            }
        }
    }

    /// What is raised of a matter, from a content on.
    fn from(
        &self,
        place: PlaceKey,
        content: Option<Sha256>,
    ) -> impl Iterator<Item = (&Raised, &NoticeId)> {
        let first = Raised {
            place,
            content,
            case: None,
        };
        let raised = self.notices.range(first..);
        raised.take_while(move |(it, _)| it.place == place)
    }
}

fn findings<'a>(case: &'a CaseState, notice: &'a Notice) -> impl Iterator<Item = Raised> + 'a {
    notice.findings.iter().map(|finding| Raised {
        place: PlaceKey::of_account(&case.account, &notice.clause.0, &finding.location),
        content: finding.content_digest,
        case: Some(case.case.clone()),
    })
}

/// The first of another case. One case has a handful of them at most.
fn other_than<'a>(
    case: &CaseId,
    mut raised: impl Iterator<Item = (&'a Raised, &'a NoticeId)>,
) -> Option<(&'a CaseId, &'a NoticeId)> {
    raised.find_map(|(it, notice)| {
        let other = it.case.as_ref().filter(|other| *other != case)?;
        Some((other, notice))
    })
}

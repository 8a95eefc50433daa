//! What an account sees: its notices with their appeal entries, results, restrictions, refused filings.

use std::collections::{BTreeMap, VecDeque};

use events_schema::{
    AccountId, AccountView, AppealId, CaseId, CaseInBrief, CaseView, InboxItem, InboxView,
    MeasureViewStanding, RefusedFiling, RestrictionInForce, ResultNotice, RulingView,
};
use serde::Serialize;

use crate::Case;

/// Refused filings in the view of an account, and kept for it: the latest. All of them are in the log.
const FILINGS_MAX: usize = 100;

/// Restrictions in one view of an account. Each case shows all of its own.
const RESTRICTIONS_MAX: usize = 100;

/// What is kept of an account.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub(crate) struct AccountRecord {
    /// Its cases, in the order in which they began.
    pub(crate) cases: Vec<CaseId>,
    refused_filings: VecDeque<RefusedFiling>,
    /// How many earlier ones were let go.
    refused_filings_more: u64,
    /// Its cases that restrict something now, the oldest first, so that whoever asks need not wait for all the others.
    #[serde(skip)]
    restricting: BTreeMap<u64, CaseId>,
    /// How many restrictions are in force.
    #[serde(skip)]
    in_force: u64,
}

/// What is restricted of an account now, as far as one view shows it: an answer that held thousands could not be sent.
#[derive(Debug)]
pub(crate) struct Restricted {
    shown: Vec<RestrictionInForce>,
    more: u64,
}

impl Restricted {
    /// By these cases of the account, the latest first, of so many restrictions in all.
    pub(crate) fn by<'a>(cases: impl Iterator<Item = &'a Case>, in_force: u64) -> Self {
        let latest_first = cases.flat_map(|case| restrictions(case).rev());
        let mut shown: Vec<_> = latest_first.take(RESTRICTIONS_MAX).collect();
        shown.reverse();
        Self {
            more: in_force.saturating_sub(shown.len() as u64),
            shown,
        }
    }
}

/// Some of the cases of an account, the oldest first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CasesOfAccount {
    /// The cases.
    pub cases: Vec<CaseView>,
    /// The oldest of them, where there are older ones.
    pub older: Option<CaseId>,
}

impl AccountRecord {
    /// Takes in a refused filing.
    pub(crate) fn refuse(&mut self, filing: RefusedFiling) {
        if self.refused_filings.len() == FILINGS_MAX {
            self.refused_filings.pop_front();
            self.refused_filings_more += 1;
        }
        self.refused_filings.push_back(filing);
    }

    /// Takes in that a case restricts more or less than it did.
    pub(crate) fn restrict(&mut self, case: &Case, before: u64) {
        let now = in_force(case);
        self.in_force = self.in_force.saturating_add(now).saturating_sub(before);
        if now == 0 {
            self.restricting.remove(&case.begun_at);
        } else if before == 0 {
            self.restricting.insert(case.begun_at, case.id.clone());
        }
    }

    /// The cases that restrict something now, the latest first.
    pub(crate) fn restricting(&self) -> impl Iterator<Item = &CaseId> {
        self.restricting.values().rev()
    }

    /// How many restrictions are in force, over all cases.
    pub(crate) const fn in_force(&self) -> u64 {
        self.in_force
    }

    pub(crate) fn view(
        &self,
        account: &AccountId,
        CasesOfAccount { cases, older }: CasesOfAccount,
        restricted: Restricted,
    ) -> AccountView {
        AccountView {
            account: account.clone(),
            cases: cases
                .iter()
                .map(|case| CaseInBrief {
                    case: case.case.clone(),
                    standing: case.notices.last().map(|notice| notice.standing),
                })
                .collect(),
            older,
            restrictions: restricted.shown,
            restrictions_more: restricted.more,
            refused_filings: self.refused_filings.iter().cloned().collect(),
            refused_filings_more: self.refused_filings_more,
        }
    }
}

/// The inbox of an account with these cases.
pub(crate) fn inbox(
    account: &AccountId,
    CasesOfAccount { cases, older }: &CasesOfAccount,
    restricted: Restricted,
) -> InboxView {
    let mut notices: Vec<_> = cases.iter().flat_map(items).collect();
    notices.sort_by_key(|item| std::cmp::Reverse(item.at));
    InboxView {
        account: account.clone(),
        notices,
        older: older.clone(),
        restrictions: restricted.shown,
        restrictions_more: restricted.more,
    }
}

fn items(case: &CaseView) -> impl Iterator<Item = InboxItem> + '_ {
    case.notices.iter().map(move |notice| InboxItem {
        case: case.case.clone(),
        notice: notice.id.clone(),
        kind: notice.kind,
        at: notice.issued_at,
        standing: notice.standing,
        clause: notice.clause.clone(),
        title: notice.title.clone(),
        findings: notice.findings.clone(),
        steps: notice.steps.clone(),
        threatened: notice.threatened.clone(),
        entry: notice.entry.clone(),
        results: case
            .appeals
            .iter()
            .filter(|appeal| appeal.notice == notice.id)
            .filter_map(|appeal| Some((appeal.id.clone(), appeal.ruling.as_ref()?)))
            .map(|(appeal, ruling)| result(appeal, ruling))
            .collect(),
        restorations: case
            .restorations
            .iter()
            .filter(|restored| restored.notice == notice.id)
            .cloned()
            .collect(),
    })
}

fn result(appeal: AppealId, ruling: &RulingView) -> ResultNotice {
    ResultNotice {
        appeal,
        outcome: ruling.outcome,
        at: ruling.at,
        unmet_steps: ruling.unmet_steps.clone(),
        position: ruling.position,
    }
}

/// How many restrictions of a case are in force.
pub(crate) fn in_force(case: &Case) -> u64 {
    restrictions(case).count() as u64
}

/// What is restricted by a case now.
fn restrictions(case: &Case) -> impl DoubleEndedIterator<Item = RestrictionInForce> + '_ {
    case.measures
        .iter()
        .filter(|record| record.standing == MeasureViewStanding::InForce)
        .map(|record| RestrictionInForce {
            capability: record.measure.restriction.capability.clone(),
            case: case.id.clone(),
            measure: record.measure.id.clone(),
            extent: record.measure.restriction.extent,
            scope: record.measure.restriction.scope,
            mode: record.measure.restriction.mode,
            ends_at: record.measure.ends_at,
        })
}

#[cfg(test)]
mod tests {
    use events_schema::{CommandName, Instant};

    use super::*;

    #[test]
    fn of_many_refused_filings_the_latest_are_kept_and_the_others_counted() {
        let mut record = AccountRecord::default();
        let many = FILINGS_MAX as u64 + 50;
        for position in 0..many {
            record.refuse(RefusedFiling {
                position,
                at: Instant::from_microseconds(0),
                command: CommandName::SubmitAppeal,
                case: "C1".parse().unwrap(),
                code: "attempts_exhausted".to_owned(),
                next: Vec::new(),
            });
        }
        let cases = CasesOfAccount {
            cases: Vec::new(),
            older: None,
        };
        let nothing = Restricted::by([].iter(), 0);
        let view = record.view(&"dev7".parse().unwrap(), cases, nothing);
        let shown: Vec<_> = view.refused_filings.iter().map(|it| it.position).collect();
        assert_eq!(shown, (50..many).collect::<Vec<_>>());
        assert_eq!(record.refused_filings.len(), FILINGS_MAX);
        assert_eq!(view.refused_filings_more, 50);
    }
}

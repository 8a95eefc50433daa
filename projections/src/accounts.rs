//! What an account sees: its notices with their appeal entries, results, restrictions, refused filings.

use std::collections::{BTreeMap, VecDeque};

use events_schema::{
    AccountId, AppealId, CapabilityId, CaseId, CommandName, Extent, Instant, Label, MeasureId,
    Mode, NextStep, NoticeId, NoticeStanding, RulingOutcome, Scope, StepId, ThreatenedMeasure,
};
use serde::{Deserialize, Serialize};

use crate::{
    Case, CaseView, Entry, FindingView, MeasureViewStanding, NoticeKind, RestorationView,
    RulingView, StepView,
};

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

/// A filing that was refused, on record.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RefusedFiling {
    /// Where it is recorded.
    pub position: u64,
    /// When it was received.
    pub at: Instant,
    /// What was filed.
    pub command: CommandName,
    /// The case that it named.
    pub case: CaseId,
    /// The code of the refusal.
    pub code: String,
    /// What the party was told it could do instead.
    pub next: Vec<NextStep>,
}

/// An account at a glance.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccountView {
    /// The account.
    pub account: AccountId,
    /// Its cases, the oldest first; the latest cases where there are many.
    pub cases: Vec<CaseInBrief>,
    /// The oldest case of these, where there are older ones: what to ask for the ones before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub older: Option<CaseId>,
    /// What is restricted now, over all cases; of the latest cases where there is much.
    pub restrictions: Vec<RestrictionInForce>,
    /// How many more restrictions there are than are shown.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub restrictions_more: u64,
    /// Its refused filings on record; the latest where there are many.
    pub refused_filings: Vec<RefusedFiling>,
    /// How many earlier ones are on record: the query `Events` has them.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub refused_filings_more: u64,
}

/// A case of an account in brief.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CaseInBrief {
    /// The case.
    pub case: CaseId,
    /// Where its latest notice stands.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub standing: Option<NoticeStanding>,
}

/// A restriction in force.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RestrictionInForce {
    /// What is restricted.
    pub capability: CapabilityId,
    /// The case.
    pub case: CaseId,
    /// The measure.
    pub measure: MeasureId,
    /// How much of it is taken.
    pub extent: Extent,
    /// Whose use is restricted.
    pub scope: Scope,
    /// The manner.
    pub mode: Mode,
    /// When it ends by itself, if it does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ends_at: Option<Instant>,
}

/// The notification centre of an account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct InboxView {
    /// The account.
    pub account: AccountId,
    /// The notices it was sent, the latest first.
    pub notices: Vec<InboxItem>,
    /// The oldest case of these, where there are older ones: what to ask for the ones before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub older: Option<CaseId>,
    /// What is restricted now, over all cases; of the latest cases where there is much.
    pub restrictions: Vec<RestrictionInForce>,
    /// How many more restrictions there are than are shown.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub restrictions_more: u64,
}

/// A notice in the inbox.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct InboxItem {
    /// The case.
    pub case: CaseId,
    /// The notice.
    pub notice: NoticeId,
    /// Its kind.
    pub kind: NoticeKind,
    /// When it was issued.
    pub at: Instant,
    /// Where it stands.
    pub standing: NoticeStanding,
    /// The clause.
    pub clause: Label,
    /// Its title.
    pub title: Label,
    /// What was found.
    pub findings: Vec<FindingView>,
    /// What the guide asks for.
    pub steps: Vec<StepView>,
    /// What a warning threatens.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub threatened: Vec<ThreatenedMeasure>,
    /// The appeal entry at its bottom.
    pub entry: Entry,
    /// The results of its appeals, read from the same entry.
    pub results: Vec<ResultNotice>,
    /// What of it was given back.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub restorations: Vec<RestorationView>,
}

/// The result of an appeal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ResultNotice {
    /// The appeal.
    pub appeal: AppealId,
    /// The outcome.
    pub outcome: RulingOutcome,
    /// When.
    pub at: Instant,
    /// The steps still unmet.
    pub unmet_steps: Vec<StepId>,
    /// Where it is recorded, with its reasons.
    pub position: u64,
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

#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "serde passes a reference"
)]
const fn is_zero(count: &u64) -> bool {
    *count == 0
}

#[cfg(test)]
mod tests {
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

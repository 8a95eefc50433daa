//! What an account sees: its notices with their appeal entries, results, restrictions, refused filings.

use events_schema::{
    AccountId, AppealId, CaseId, CommandName, Instant, Label, MeasureId, NextStep, NoticeId,
    NoticeStanding, RulingOutcome, StepId,
};
use serde::{Deserialize, Serialize};

use crate::{CaseView, Entry, MeasureViewStanding, NoticeKind, RestorationView, RulingView};

/// What is kept of an account.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub(crate) struct AccountRecord {
    /// Its cases, in the order in which they began.
    pub(crate) cases: Vec<CaseId>,
    pub(crate) refused_filings: Vec<RefusedFiling>,
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
    /// Its cases, with where the latest notice of each stands.
    pub cases: Vec<(CaseId, Option<NoticeStanding>)>,
    /// What is restricted now, over all cases.
    pub restrictions: Vec<RestrictionInForce>,
    /// Its refused filings on record.
    pub refused_filings: Vec<RefusedFiling>,
}

/// A restriction in force.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RestrictionInForce {
    /// What is restricted.
    pub capability: Label,
    /// The case.
    pub case: CaseId,
    /// The measure.
    pub measure: MeasureId,
    /// When it ends by itself, if it does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ends_at: Option<Instant>,
}

/// The notification centre of an account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct InboxView {
    /// The account.
    pub account: AccountId,
    /// Every notice it was sent, the latest first.
    pub notices: Vec<InboxItem>,
    /// What is restricted now, over all cases.
    pub restrictions: Vec<RestrictionInForce>,
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

impl AccountRecord {
    pub(crate) fn view(&self, account: &AccountId, cases: &[CaseView]) -> AccountView {
        AccountView {
            account: account.clone(),
            cases: cases
                .iter()
                .map(|case| {
                    let latest = case.notices.last().map(|notice| notice.standing);
                    (case.case.clone(), latest)
                })
                .collect(),
            restrictions: restrictions(cases),
            refused_filings: self.refused_filings.clone(),
        }
    }
}

/// The inbox of an account with these cases.
pub(crate) fn inbox(account: &AccountId, cases: &[CaseView]) -> InboxView {
    let mut notices: Vec<_> = cases.iter().flat_map(items).collect();
    notices.sort_by_key(|item| std::cmp::Reverse(item.at));
    InboxView {
        account: account.clone(),
        notices,
        restrictions: restrictions(cases),
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

fn restrictions(cases: &[CaseView]) -> Vec<RestrictionInForce> {
    cases
        .iter()
        .flat_map(|case| {
            case.measures
                .iter()
                .filter(|measure| measure.standing == MeasureViewStanding::InForce)
                .map(|measure| RestrictionInForce {
                    capability: measure.restriction.capability.clone(),
                    case: case.case.clone(),
                    measure: measure.id.clone(),
                    ends_at: measure.ends_at,
                })
        })
        .collect()
}

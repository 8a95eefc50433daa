//! Seals: what was found not established or no violation may not be penalised again.

use events_schema::{CaseId, Finding, Label, Rejection};

use crate::{
    account_state::{AccountState, SealOnRecord},
    places::same_place,
};

/// What the seals of an account say of a finding.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum SealCheck<'a> {
    /// Nothing.
    Free,
    /// The very same facts were decided.
    Decided(&'a CaseId),
    /// Clause and place were decided with other content.
    OtherContent(&'a SealOnRecord),
}

/// Compares a fingerprint (clause, place, content) with the seals of an account.
pub(crate) fn check<'a>(
    account: &'a AccountState,
    clause: &Label,
    location: &Label,
    content: Option<events_schema::Sha256>,
) -> SealCheck<'a> {
    let here = || {
        account
            .seals
            .iter()
            .filter(|it| it.seal.clause == *clause && same_place(&it.seal.location, location))
    };
    if let Some(same) = here().find(|it| it.seal.content_digest == content) {
        return SealCheck::Decided(&same.case);
    }
    here()
        .next_back()
        .map_or(SealCheck::Free, SealCheck::OtherContent)
}

/// Whether a warning about clause and place that were sealed with other content names what is new: the
/// case, and evidence of the finding captured after the seal.
pub(crate) fn names_new_facts(finding: &Finding, seal: &SealOnRecord) -> bool {
    finding.new_facts.as_ref().is_some_and(|new| {
        new.sealed_in == seal.case
            && !new.evidence.is_empty()
            && new.evidence.iter().all(|digest| {
                finding
                    .evidence
                    .iter()
                    .any(|item| item.sha256 == *digest && item.captured_at >= seal.sealed_at)
            })
    })
}

/// The rejection for a finding that repeats what was decided.
pub(crate) fn already_decided(case: &CaseId, finding: &Finding) -> Rejection {
    Rejection::AlreadyDecided {
        case: case.clone(),
        finding: finding.id.clone(),
    }
}

//! Seals: what was found not established or no violation may not be penalised again.

use std::collections::BTreeMap;

use events_schema::{CaseId, Finding, Instant, Label, Rejection, Seal};

use crate::places::PlaceKey;

/// The seals of an account, the oldest first.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Seals {
    all: Vec<SealOnRecord>,
    /// Which of them are about a place, so that a notice is compared with those alone.
    by_place: BTreeMap<PlaceKey, Vec<usize>>,
}

/// A seal and where it came from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SealOnRecord {
    /// The seal.
    pub seal: Seal,
    /// The case that made it.
    pub case: CaseId,
    /// When.
    pub sealed_at: Instant,
}

impl Seals {
    /// How many there are.
    pub fn len(&self) -> usize {
        self.all.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.all.is_empty()
    }

    /// The latest.
    pub fn last(&self) -> Option<&SealOnRecord> {
        self.all.last()
    }

    pub(crate) fn add(&mut self, seal: &Seal, case: &CaseId, sealed_at: Instant) {
        let place = PlaceKey::of(&seal.clause, &seal.location);
        let at_place = self.by_place.entry(place).or_default();
        at_place.push(self.all.len());
        self.all.push(SealOnRecord {
            seal: seal.clone(),
            case: case.clone(),
            sealed_at,
        });
    }

    /// Those about a clause and a place, the oldest first.
    fn about(
        &self,
        clause: &Label,
        location: &Label,
    ) -> impl DoubleEndedIterator<Item = &SealOnRecord> {
        let at_place = self.by_place.get(&PlaceKey::of(clause, location));
        let at_place = at_place.map_or(&[][..], Vec::as_slice).iter();
        at_place.filter_map(|index| self.all.get(*index))
    }
}

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
    seals: &'a Seals,
    clause: &Label,
    location: &Label,
    content: Option<events_schema::Sha256>,
) -> SealCheck<'a> {
    if seals.is_empty() {
        return SealCheck::Free;
    }
    let here = || seals.about(clause, location);
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

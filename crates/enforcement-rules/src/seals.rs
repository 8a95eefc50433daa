//! Seals: what was found not established or no violation may not be penalised again.

use std::collections::BTreeMap;

use events_schema::{CaseId, Finding, Instant, Label, Rejection, Seal, Sha256};

use crate::places::PlaceKey;

/// The seals of an account, the oldest first.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Seals {
    all: Vec<SealOnRecord>,
    /// Which of them are about a place, so that a notice is compared with those alone.
    by_place: BTreeMap<PlaceKey, Vec<usize>>,
    /// The evidence that their findings stood on, and the case in which it fell.
    fallen: BTreeMap<Sha256, CaseId>,
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
        for evidence in &seal.evidence {
            self.fallen.entry(*evidence).or_insert_with(|| case.clone());
        }
        self.all.push(SealOnRecord {
            seal: seal.clone(),
            case: case.clone(),
            sealed_at,
        });
    }

    /// The case in which a finding fell that stood on this evidence.
    pub(crate) fn fallen_with(&self, evidence: &Sha256) -> Option<&CaseId> {
        self.fallen.get(evidence)
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
    /// Clause and place were decided, and not this content.
    OtherContent(&'a SealOnRecord),
}

/// Compares a fingerprint (clause, place, content) with the seals of an account.
pub(crate) fn check<'a>(
    seals: &'a Seals,
    clause: &Label,
    location: &Label,
    content: Option<Sha256>,
) -> SealCheck<'a> {
    if seals.is_empty() {
        return SealCheck::Free;
    }
    let here = || seals.about(clause, location);
    // Where the thing found is not named, it may be another.
    let same = |it: &&SealOnRecord| content.is_some() && it.seal.content_digest == content;
    if let Some(same) = here().find(same) {
        return SealCheck::Decided(&same.case);
    }
    here()
        .next_back()
        .map_or(SealCheck::Free, SealCheck::OtherContent)
}

/// The rejection for a finding that repeats what was decided.
pub(crate) fn already_decided(case: &CaseId, finding: &Finding) -> Rejection {
    Rejection::AlreadyDecided {
        case: case.clone(),
        finding: finding.id.clone(),
    }
}

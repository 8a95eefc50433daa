//! Answers: what an account was told about a place, once a notice about it had ended.

use std::collections::BTreeMap;

use events_schema::{AnsweredFinding, CaseId, Closure, Instant, Label};

use crate::places::PlaceKey;

/// The last answer about each place of an account, clause by clause.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AnsweredPlaces {
    by_place: BTreeMap<PlaceKey, PlaceAnswered>,
}

/// The end of a notice about a place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlaceAnswered {
    /// The case of the notice.
    pub case: CaseId,
    /// When it ended.
    pub at: Instant,
    /// Whether it, or one before it, ended because nobody ruled in time: then there may only be a warning about it.
    pub deemed_granted: bool,
}

impl AnsweredPlaces {
    pub(crate) fn add(
        &mut self,
        answered: &[AnsweredFinding],
        how: Closure,
        case: &CaseId,
        at: Instant,
    ) {
        for finding in answered {
            let place = PlaceKey::of(&finding.clause, &finding.location);
            let before = self.by_place.get(&place);
            let answer = PlaceAnswered {
                case: case.clone(),
                at,
                // Like a seal, that is never forgotten.
                deemed_granted: how == Closure::DeemedGranted
                    || before.is_some_and(|it| it.deemed_granted),
            };
            self.by_place.insert(place, answer);
        }
    }

    /// The last one about a clause and a place.
    pub(crate) fn about(&self, clause: &Label, location: &Label) -> Option<&PlaceAnswered> {
        if self.by_place.is_empty() {
            return None;
        }
        self.by_place.get(&PlaceKey::of(clause, location))
    }
}

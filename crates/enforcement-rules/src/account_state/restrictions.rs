//! What is restricted of an account over all its cases, so kept that no event of one case looks at the others.

use std::collections::{BTreeMap, BTreeSet};

use events_schema::{CapabilityId, CaseId, MeasureId, StillRestricted};

/// Restrictions of other cases that one event names, so that an account with thousands of them fits into a record.
const STILL_RESTRICTED_MAX: usize = 40;

/// Every measure of an account that restricts or may yet.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Restrictions {
    capabilities: BTreeMap<(CaseId, MeasureId), CapabilityId>,
    /// Those that restrict now. Always with a measure; nothing stands before every measure, for looking one up.
    in_force: BTreeMap<CapabilityId, BTreeSet<(CaseId, Option<MeasureId>)>>,
}

impl Restrictions {
    /// What other cases keep restricted of these capabilities: some of each, and how many more there are.
    pub fn still_restricted<'a>(
        &self,
        case: &CaseId,
        capabilities: impl Iterator<Item = &'a CapabilityId>,
    ) -> (Vec<StillRestricted>, u32) {
        let asked: BTreeSet<_> = capabilities.collect();
        let held = asked.into_iter().filter_map(|capability| {
            let in_force = self.in_force.get(capability)?;
            let own = in_force.range((case.clone(), None)..);
            let own = own.take_while(|(of, _)| of == case).count();
            let others = in_force.len() - own;
            (others > 0).then_some((capability, in_force, others))
        });
        let held: Vec<_> = held.collect();
        let of_each = (STILL_RESTRICTED_MAX / held.len().max(1)).max(1);
        let mut named = Vec::new();
        let mut all = 0;
        for (capability, in_force, others) in held {
            all += others;
            let others = in_force.iter().filter(|(of, _)| of != case);
            named.extend(others.take(of_each).filter_map(|(case, measure)| {
                Some(StillRestricted {
                    capability: capability.clone(),
                    case: case.clone(),
                    measure: measure.clone()?,
                })
            }));
        }
        let more = all - named.len();
        (named, u32::try_from(more).unwrap_or(u32::MAX))
    }

    pub(super) fn add(
        &mut self,
        case: &CaseId,
        measure: &MeasureId,
        capability: &CapabilityId,
        in_force: bool,
    ) {
        let key = (case.clone(), measure.clone());
        self.capabilities.insert(key, capability.clone());
        if in_force {
            self.set_in_force(case, measure, true);
        }
    }

    pub(super) fn set_in_force(&mut self, case: &CaseId, measure: &MeasureId, in_force: bool) {
        let Some(capability) = self.capabilities.get(&(case.clone(), measure.clone())) else {
            return;
        };
        let restricts = (case.clone(), Some(measure.clone()));
        if in_force {
            let all = self.in_force.entry(capability.clone()).or_default();
            all.insert(restricts);
        } else if let Some(all) = self.in_force.get_mut(capability) {
            all.remove(&restricts);
            if all.is_empty() {
                self.in_force.remove(capability);
            }
        }
    }

    pub(super) fn forget(&mut self, case: &CaseId, measure: &MeasureId) {
        self.set_in_force(case, measure, false);
        self.capabilities.remove(&(case.clone(), measure.clone()));
    }
}

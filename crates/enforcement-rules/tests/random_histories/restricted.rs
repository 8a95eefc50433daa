//! What is restricted of an account, by a look at every case: the rules ask an index, which must say the same.

use std::collections::BTreeSet;

use enforcement_rules::MeasureStanding;
use events_schema::{AccountId, CapabilityId, CaseId, StillRestricted};
use test_support::TestWorld;

/// Compares what the index of each account says to each of its cases, and to one that there is not.
pub(crate) fn compare(world: &TestWorld) -> Result<(), String> {
    let accounts: BTreeSet<&AccountId> = world.cases().map(|it| &it.account).collect();
    for account in accounts {
        let in_force = in_force(world, account);
        let capabilities: BTreeSet<&CapabilityId> =
            in_force.iter().map(|it| &it.capability).collect();
        let restrictions = world.account(account).map(|it| &it.restrictions);
        let of_account = world.cases().filter(|it| it.account == *account);
        let mut cases: Vec<CaseId> = of_account.map(|it| it.case.clone()).collect();
        cases.push(
            "none-of-them"
                .parse::<CaseId>()
                .map_err(|error| format!("{error}"))?,
        );
        for case in cases {
            let (named, more) = restrictions
                .map(|it| it.still_restricted(&case, capabilities.iter().copied()))
                .unwrap_or_default();
            let others = in_force.iter().filter(|it| it.case != case);
            let others: BTreeSet<_> = others.map(key).collect();
            let named: Vec<_> = named.iter().map(key).collect();
            let known = named.iter().all(|it| others.contains(it));
            let each_once = named.iter().collect::<BTreeSet<_>>().len() == named.len();
            let all = usize::try_from(more).is_ok_and(|more| named.len() + more == others.len());
            if !(known && each_once && all) {
                return Err(format!(
                    "beside {case} the index of {account} names {named:?} and {more} more, and in force are {others:?}"
                ));
            }
        }
    }
    Ok(())
}

fn in_force(world: &TestWorld, account: &AccountId) -> Vec<StillRestricted> {
    let cases = world.cases().filter(|it| it.account == *account);
    let measures = cases.flat_map(|case| case.measures.iter().map(|it| (&case.case, it)));
    measures
        .filter(|(_, it)| it.standing == MeasureStanding::InForce)
        .map(|(case, it)| StillRestricted {
            capability: it.measure.restriction.capability.clone(),
            case: case.clone(),
            measure: it.measure.id.clone(),
        })
        .collect()
}

fn key(it: &StillRestricted) -> (String, String, String) {
    let StillRestricted {
        capability,
        case,
        measure,
    } = it;
    (
        capability.to_string(),
        case.to_string(),
        measure.to_string(),
    )
}

//! Which of several versions of one entry counts.

use std::collections::BTreeMap;

use super::{ImportProblem, LeftOut, LeftOutReason, entries::Entry};

/// Leaves out what a later version of the same entry replaces: one of the same UID with a higher SEQUENCE, or of the
/// same with a later LAST-MODIFIED or DTSTAMP. Latest versions that nothing tells apart and that are not the same are a
/// problem: taking the first one or the last one would be a guess.
pub(super) fn without_replaced(
    entries: Vec<Entry>,
    left_out: &mut Vec<LeftOut>,
    problems: &mut Vec<ImportProblem>,
) -> Vec<Entry> {
    let latest = latest_versions(&entries);
    for entry in &entries {
        let Some(latest) = entry.uid.as_ref().and_then(|uid| latest.get(uid)) else {
            continue;
        };
        if entry.version == latest.version && !entry.says_the_same_as(latest) {
            problems.push(ImportProblem::SameVersion {
                place: entry.place.clone(),
                other: latest.place.clone(),
            });
        }
    }
    let mut counting = Vec::with_capacity(entries.len());
    for entry in entries {
        let later = entry
            .uid
            .as_ref()
            .and_then(|uid| latest.get(uid))
            .filter(|latest| latest.version > entry.version);
        match later {
            None => counting.push(entry),
            Some(later) => {
                let how = if later.version.sequence > entry.version.sequence {
                    format!("the SEQUENCE {}", later.version.sequence)
                } else {
                    format!("the later time {}", later.version.time())
                };
                left_out.push(LeftOut {
                    place: entry.place,
                    reason: LeftOutReason::Replaced {
                        by: later.place.clone(),
                        how,
                    },
                });
            }
        }
    }
    counting
}

/// By UID the first entry of the greatest version.
fn latest_versions(entries: &[Entry]) -> BTreeMap<String, Entry> {
    let mut latest: BTreeMap<String, Entry> = BTreeMap::new();
    for entry in entries {
        let Some(uid) = &entry.uid else { continue };
        if latest
            .get(uid)
            .is_none_or(|before| entry.version > before.version)
        {
            latest.insert(uid.clone(), entry.clone());
        }
    }
    latest
}

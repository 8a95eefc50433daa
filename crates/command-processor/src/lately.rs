//! Closed cases that were in hand last, up to so many bytes: somebody who asks about one asks again, and to fold it each
//! time would take as long as it has events.

use std::collections::BTreeMap;

use events_schema::CaseId;

/// Bytes that they may take.
pub(crate) const LATELY_BYTES_MAX: usize = 16 * 1024 * 1024;

/// Which they are, in the order in which they were in hand.
#[derive(Debug, Default)]
pub(crate) struct Lately {
    /// The one that was in hand last has the highest number.
    cases: BTreeMap<u64, (CaseId, usize)>,
    next: u64,
    bytes: usize,
}

/// The place of a case among them.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Place(u64);

impl Lately {
    /// Takes one in that was just in hand, and that is reckoned to so many bytes.
    pub(crate) fn add(&mut self, id: CaseId, bytes: usize) -> Place {
        let place = Place(self.next);
        self.next += 1;
        self.bytes += bytes;
        self.cases.insert(place.0, (id, bytes));
        place
    }

    /// Takes one out, since it is in hand again.
    pub(crate) fn remove(&mut self, place: Place) {
        if let Some((_, bytes)) = self.cases.remove(&place.0) {
            self.bytes -= bytes;
        }
    }

    /// Takes out the one that was in hand longest ago, where there are too many.
    pub(crate) fn pop_surplus(&mut self) -> Option<CaseId> {
        if self.bytes <= LATELY_BYTES_MAX {
            return None;
        }
        let (_, (id, bytes)) = self.cases.pop_first()?;
        self.bytes -= bytes;
        Some(id)
    }

    #[cfg(test)]
    pub(crate) const fn bytes(&self) -> usize {
        self.bytes
    }
}

//! Strikes on ladders, so kept that neither a new one nor a count takes longer where there are many.

use std::collections::BTreeMap;

use events_schema::{CaseId, Instant, Label, NoticeId};

/// How far two strikes must lie apart for the later one never to stop counting first, whatever a zone does with its
/// clocks: a zone has left out a whole day.
const IN_ORDER_AFTER_SECONDS: i64 = 2 * 86_400;

/// The strikes of an account, or of an entity.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Strikes {
    by_notice: BTreeMap<(CaseId, NoticeId), (Label, Instant)>,
    /// When those of each clause were imposed, ascending.
    by_clause: BTreeMap<Label, Vec<Instant>>,
}

/// A strike and where it came from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StrikeOnRecord<'a> {
    /// The clause whose ladder it is.
    pub clause: &'a Label,
    /// The case.
    pub case: &'a CaseId,
    /// The penalty.
    pub notice: &'a NoticeId,
    /// When it was imposed.
    pub at: Instant,
}

impl Strikes {
    /// How many there are.
    pub fn len(&self) -> usize {
        self.by_notice.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.by_notice.is_empty()
    }

    /// All of them, by case and notice.
    pub fn iter(&self) -> impl Iterator<Item = StrikeOnRecord<'_>> {
        self.by_notice
            .iter()
            .map(|((case, notice), (clause, at))| StrikeOnRecord {
                clause,
                case,
                notice,
                at: *at,
            })
    }

    pub(super) fn impose(&mut self, clause: &Label, case: &CaseId, notice: &NoticeId, at: Instant) {
        let penalty = (case.clone(), notice.clone());
        let known = self.by_notice.insert(penalty, (clause.clone(), at));
        if known.is_none() {
            let of_clause = self.by_clause.entry(clause.clone()).or_default();
            of_clause.insert(of_clause.partition_point(|it| *it <= at), at);
        }
    }

    pub(super) fn void(&mut self, case: &CaseId, notice: &NoticeId) {
        let penalty = (case.clone(), notice.clone());
        let Some((clause, at)) = self.by_notice.remove(&penalty) else {
            return;
        };
        if let Some(of_clause) = self.by_clause.get_mut(&clause) {
            if let Ok(index) = of_clause.binary_search(&at) {
                of_clause.remove(index);
            }
            if of_clause.is_empty() {
                self.by_clause.remove(&clause);
            }
        }
    }

    /// How many of a clause count, where one counts until an instant that follows from when it was imposed.
    pub(crate) fn counting(&self, clause: &Label, counts: impl Fn(Instant) -> bool) -> usize {
        let of_clause = self.by_clause.get(clause).map_or(&[][..], Vec::as_slice);
        let middle = of_clause.partition_point(|at| !counts(*at));
        // Next to where counting begins each is looked at by itself; beyond, nothing can be out of order.
        let later = |at: &Instant| at.plus_seconds(IN_ORDER_AFTER_SECONDS);
        let begin = middle
            .checked_sub(1)
            .and_then(|before| of_clause.get(before))
            .map_or(0, |none| of_clause.partition_point(|it| later(it) < *none));
        let end = of_clause.get(middle).map_or(of_clause.len(), |first| {
            of_clause.partition_point(|it| *it <= later(first))
        });
        let around = of_clause.get(begin..end).unwrap_or_default();
        let of_one_instant = around.chunk_by(|one, other| one == other);
        let counting = of_one_instant.filter(|it| it.first().is_some_and(|at| counts(*at)));
        counting.map(<[Instant]>::len).sum::<usize>() + (of_clause.len() - end)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const HOUR: i64 = 3_600_000_000;

    proptest! {
        /// Hours at which strikes were imposed, and for each hour of a week how far a zone shifts its end.
        #[test]
        fn those_that_count_are_counted_whatever_a_zone_does_with_its_clocks(
            hours in prop::collection::vec(0..400_i64, 0..60),
            shifts in prop::collection::vec(-12..12_i64, 400),
            now in 0..400_i64,
            voided in 0..60_usize,
        ) {
            let clause: Label = "4.2".parse().unwrap();
            let other: Label = "5.1".parse().unwrap();
            let case: CaseId = "C1".parse().unwrap();
            let notice = |number: usize| format!("P{number}").parse::<NoticeId>().unwrap();
            let mut strikes = Strikes::default();
            for (number, hour) in hours.iter().enumerate() {
                let at = Instant::from_microseconds(hour * HOUR);
                strikes.impose(&clause, &case, &notice(number), at);
            }
            strikes.impose(&other, &case, &notice(1_000), Instant::from_microseconds(now * HOUR));
            strikes.void(&case, &notice(voided));
            let counts = |at: Instant| {
                let hour = at.microseconds() / HOUR;
                hour + shifts[usize::try_from(hour).unwrap()] > now
            };
            let standing = hours.iter().enumerate().filter(|(number, _)| *number != voided);
            let expected = standing
                .filter(|(_, hour)| counts(Instant::from_microseconds(**hour * HOUR)))
                .count();
            prop_assert_eq!(strikes.counting(&clause, counts), expected);
        }
    }
}

//! Strikes on ladders, so kept that neither a new one nor a count takes longer where there are many.

use std::collections::BTreeMap;

use events_schema::{CaseId, Instant, Label, NoticeId, Strike};

/// How far two strikes must lie apart for the later one never to stop counting first, whatever a zone does with its
/// clocks: a zone has left out a whole day.
const IN_ORDER_AFTER_SECONDS: i64 = 2 * 86_400;

/// The strikes of an account, or of an entity.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Strikes {
    by_notice: BTreeMap<(CaseId, NoticeId), (Label, Imposed)>,
    /// Those of each clause, as they were imposed.
    by_clause: BTreeMap<Label, Vec<Imposed>>,
}

/// When a strike was imposed, and when the act that it is for had first been seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Imposed {
    pub(crate) at: Instant,
    pub(crate) found_at: Instant,
}

impl Imposed {
    pub(super) const fn by(strike: &Strike) -> Self {
        Self {
            at: strike.imposed_at,
            found_at: strike.found_at,
        }
    }
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
            .map(|((case, notice), (clause, dates))| StrikeOnRecord {
                clause,
                case,
                notice,
                at: dates.at,
            })
    }

    pub(super) fn impose(
        &mut self,
        clause: &Label,
        (case, notice): (&CaseId, &NoticeId),
        dates: Imposed,
    ) {
        let penalty = (case.clone(), notice.clone());
        let known = self.by_notice.insert(penalty, (clause.clone(), dates));
        if known.is_none() {
            let of_clause = self.by_clause.entry(clause.clone()).or_default();
            of_clause.insert(of_clause.partition_point(|it| *it <= dates), dates);
        }
    }

    pub(super) fn void(&mut self, case: &CaseId, notice: &NoticeId) {
        let penalty = (case.clone(), notice.clone());
        let Some((clause, dates)) = self.by_notice.remove(&penalty) else {
            return;
        };
        if let Some(of_clause) = self.by_clause.get_mut(&clause) {
            if let Ok(index) = of_clause.binary_search(&dates) {
                of_clause.remove(index);
            }
            if of_clause.is_empty() {
                self.by_clause.remove(&clause);
            }
        }
    }

    /// How many of a clause count against an act that was found then, where one counts until an instant that follows from
    /// when it was imposed. Only those count that had been imposed when the act was found, and what was found before the
    /// first of several was imposed is one with it: who did not know yet did not do it again (rule 18).
    ///
    /// One may be left out: a penalty's own, or that of the penalty whose place it takes.
    pub(crate) fn counting(
        &self,
        clause: &Label,
        found_at: Instant,
        counts: impl Fn(Instant) -> bool,
        but: Option<(&CaseId, &NoticeId)>,
    ) -> usize {
        let mut but = but.and_then(|(case, notice)| {
            let of = self.by_notice.get(&(case.clone(), notice.clone()));
            of.filter(|(of, _)| of == clause).map(|(_, dates)| *dates)
        });
        let of_clause = self.by_clause.get(clause).map_or(&[][..], Vec::as_slice);
        let known = of_clause.partition_point(|it| it.at < found_at);
        let of_clause = of_clause.get(..known).unwrap_or_default();
        let middle = of_clause.partition_point(|it| !counts(it.at));
        // Next to where counting begins each is looked at by itself; beyond, nothing can be out of order.
        let later = |it: &Imposed| it.at.plus_seconds(IN_ORDER_AFTER_SECONDS);
        let begin = middle
            .checked_sub(1)
            .and_then(|before| of_clause.get(before))
            .map_or(0, |none| {
                of_clause.partition_point(|it| later(it) < none.at)
            });
        let end = of_clause.get(middle).map_or(of_clause.len(), |first| {
            of_clause.partition_point(|it| it.at <= later(first))
        });
        let around = of_clause.get(begin..end).unwrap_or_default().iter();
        let beyond = of_clause.get(end..).unwrap_or_default().iter();
        let counting = around.filter(|it| counts(it.at)).chain(beyond);
        let mut first_of_its_time: Option<Instant> = None;
        counting
            .filter(|it| {
                // Two of the same dates are one anyway.
                if but.take_if(|but| *but == **it).is_some() {
                    return false;
                }
                let is_new = first_of_its_time.is_none_or(|first| it.found_at > first);
                if is_new {
                    first_of_its_time = Some(it.at);
                }
                is_new
            })
            .count()
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
            found in prop::collection::vec(0..30_i64, 60),
            now in 0..400_i64,
            seen in 0..450_i64,
            voided in 0..60_usize,
            left_out in 0..60_usize,
        ) {
            let clause: Label = "4.2".parse().unwrap();
            let other: Label = "5.1".parse().unwrap();
            let case: CaseId = "C1".parse().unwrap();
            let notice = |number: usize| format!("P{number}").parse::<NoticeId>().unwrap();
            let mut strikes = Strikes::default();
            let hour = |hour: i64| Instant::from_microseconds(hour * HOUR);
            let dates = |number: usize, at: i64| Imposed {
                at: hour(at),
                found_at: hour(at - found[number]),
            };
            for (number, at) in hours.iter().enumerate() {
                strikes.impose(&clause, (&case, &notice(number)), dates(number, *at));
            }
            strikes.impose(&other, (&case, &notice(1_000)), dates(0, now));
            strikes.void(&case, &notice(voided));
            let counts = |at: Instant| {
                let hour = at.microseconds() / HOUR;
                hour + shifts[usize::try_from(hour).unwrap()] > now
            };
            let is_left = |number: usize| number != voided && number != left_out;
            let standing = hours.iter().enumerate().filter(|(number, _)| is_left(*number));
            let mut standing: Vec<_> = standing
                .map(|(number, at)| dates(number, *at))
                .filter(|it| counts(it.at) && it.at < hour(seen))
                .collect();
            standing.sort_unstable();
            let mut expected = 0;
            let mut first = None;
            for it in standing {
                if first.is_none_or(|first| it.found_at > first) {
                    expected += 1;
                    first = Some(it.at);
                }
            }
            let left_out = notice(left_out);
            let but = Some((&case, &left_out));
            prop_assert_eq!(strikes.counting(&clause, hour(seen), counts, but), expected);
        }
    }
}

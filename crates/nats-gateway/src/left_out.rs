//! Messages that were left out without an answer are counted, and said now and then: whoever sends them decides how
//! many there are, and must not decide how much is logged.

use std::{
    sync::{Arc, atomic::Ordering},
    time::Duration,
};

use crate::gate::Gate;

/// Between two looks at the counts.
const LOOK_EVERY: Duration = Duration::from_secs(10);

/// Says what was left out, for as long as it runs.
pub(crate) async fn tell<const N: usize>(gates: [Arc<Gate>; N]) {
    let mut told = Counts::default();
    loop {
        tokio::time::sleep(LOOK_EVERY).await;
        let counts = Counts::of(&gates);
        if counts != told {
            tracing::warn!(
                unreadable = counts.unreadable - told.unreadable,
                answerable_nowhere = counts.unanswerable - told.unanswerable,
                refused_without_a_word = counts.unanswered - told.unanswered,
                "messages were left out in the last {} s",
                LOOK_EVERY.as_secs()
            );
            told = counts;
        }
    }
}

/// How many messages were left out, for each reason.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
struct Counts {
    unreadable: u64,
    unanswerable: u64,
    unanswered: u64,
}

impl Counts {
    fn of(gates: &[Arc<Gate>]) -> Self {
        let sum = |of: fn(&Gate) -> u64| gates.iter().map(|gate| of(gate)).sum();
        Self {
            unreadable: sum(|it| it.left_out().unreadable.load(Ordering::Relaxed)),
            unanswerable: sum(|it| it.left_out().unanswerable.load(Ordering::Relaxed)),
            unanswered: sum(Gate::unanswered),
        }
    }
}

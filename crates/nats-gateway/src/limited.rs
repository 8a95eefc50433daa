//! Warnings that a sender can cause as often as it likes.
//!
//! The first few are of use to whoever reads the log. A million of them fill its disk, and hide what else it says.

use std::{
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

/// So many are logged at once.
const AT_ONCE: u32 = 5;
/// Then one in this time, as long as they go on.
const ONE_IN: Duration = Duration::from_secs(10);

/// Says of each warning of one kind whether it is to be logged. One for each kind, as a static beside the warning.
#[derive(Debug)]
pub(crate) struct Limited(Mutex<State>);

#[derive(Debug, Clone, Copy)]
struct State {
    /// So many more are logged at once.
    at_once: u32,
    /// When the last one was logged.
    logged: Option<Instant>,
    /// So many were left out since.
    left_out: u64,
}

impl Limited {
    /// Nothing was logged yet.
    pub(crate) const fn new() -> Self {
        Self(Mutex::new(State {
            at_once: AT_ONCE,
            logged: None,
            left_out: 0,
        }))
    }

    /// Where a warning is to be logged, how many were left out since the last one that was; nothing where it is to be
    /// left out itself.
    pub(crate) fn left_out(&self) -> Option<u64> {
        self.left_out_at(Instant::now())
    }

    fn left_out_at(&self, now: Instant) -> Option<u64> {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let quiet_for = state.logged.map(|at| now.saturating_duration_since(at));
        let after_a_while = quiet_for.is_none_or(|it| it >= ONE_IN);
        if after_a_while && state.left_out == 0 {
            // They had stopped: these are others.
            state.at_once = AT_ONCE;
        }
        if state.at_once == 0 && !after_a_while {
            state.left_out += 1;
            return None;
        }
        state.at_once = state.at_once.saturating_sub(1);
        state.logged = Some(now);
        Some(std::mem::take(&mut state.left_out))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is logged of warnings at these milliseconds.
    fn logged(limited: &Limited, at: impl IntoIterator<Item = u64>) -> Vec<(u64, u64)> {
        let begin = Instant::now();
        at.into_iter()
            .filter_map(|at| {
                let left_out = limited.left_out_at(begin + Duration::from_millis(at))?;
                Some((at, left_out))
            })
            .collect()
    }

    #[test]
    fn the_first_few_are_logged_and_then_one_in_ten_seconds_with_how_many_were_left_out() {
        assert_eq!(
            logged(&Limited::new(), 0..30_000),
            [
                (0, 0),
                (1, 0),
                (2, 0),
                (3, 0),
                (4, 0),
                (10_004, 9_999),
                (20_004, 9_999)
            ]
        );
    }

    #[test]
    fn few_are_all_logged() {
        let few = [0, 9_000, 18_000, 40_000, 60_000, 80_000, 100_000];
        assert_eq!(logged(&Limited::new(), few), few.map(|at| (at, 0)));
    }

    #[test]
    fn what_was_left_out_is_said_before_the_first_few_are_logged_again() {
        let limited = Limited::new();
        let all = (0..100).chain([50_000]).chain(70_000..70_100);
        let logged = logged(&limited, all);
        let after: Vec<_> = logged.into_iter().skip(5).collect();
        assert_eq!(
            after,
            [
                (50_000, 95),
                (70_000, 0),
                (70_001, 0),
                (70_002, 0),
                (70_003, 0),
                (70_004, 0)
            ]
        );
    }
}

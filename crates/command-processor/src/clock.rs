//! The clock of the service, and the guard that notices when it cannot be trusted.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use events_schema::{Instant, Label};

use crate::Hold;

/// How far the wall clock may run from the monotonic one, by one jump or little by little.
const JUMP_MAX: Duration = Duration::from_secs(2);

/// After how long the two are set side by side anew. A clock that is kept in step gains or loses up to 500 millionths,
/// 1.8 s in this time, which must not add up to a jump; one that was compared with the last look only could run away in
/// steps of less than a jump, and fire deadlines days early without a word.
const COMPARED_FOR: Duration = Duration::from_hours(1);

/// After how long an absence overdue deadlines wait for the administrator.
const ABSENCE_MAX_SECONDS: i64 = 24 * 3600;

/// The wall clock.
pub fn now() -> Instant {
    let microseconds = match SystemTime::now().duration_since(UNIX_EPOCH) {
        Ok(since) => i64::try_from(since.as_micros()).unwrap_or(i64::MAX),
        Err(before) => -i64::try_from(before.duration().as_micros()).unwrap_or(i64::MAX),
    };
    Instant::from_microseconds(microseconds)
}

/// Compares the wall clock with the monotonic one, since both were last set side by side.
#[derive(Debug)]
pub(crate) struct ClockGuard {
    wall: Instant,
    monotonic: std::time::Instant,
}

impl ClockGuard {
    pub(crate) fn new() -> Self {
        Self::at(now())
    }

    /// With a wall clock that says so.
    pub(crate) fn at(wall: Instant) -> Self {
        Self {
            wall,
            monotonic: std::time::Instant::now(),
        }
    }

    /// Whether the wall clock jumped, or ran away little by little.
    pub(crate) fn jumped(&mut self, wall: Instant) -> Option<Hold> {
        self.compare(wall, std::time::Instant::now())
    }

    fn compare(&mut self, wall: Instant, monotonic: std::time::Instant) -> Option<Hold> {
        let elapsed = monotonic.duration_since(self.monotonic);
        let expected = i64::try_from(elapsed.as_micros()).unwrap_or(i64::MAX);
        let seen = wall.microseconds().saturating_sub(self.wall.microseconds());
        let off = seen.saturating_sub(expected);
        let limit = i64::try_from(JUMP_MAX.as_micros()).unwrap_or(i64::MAX);
        let jumped = off.saturating_abs() > limit;
        let before = self.wall;
        if jumped || elapsed >= COMPARED_FOR {
            self.wall = wall;
            self.monotonic = monotonic;
        }
        jumped.then(|| Hold::Deciding {
            reason: reason(&format!(
                "the clock went from {before} to {wall} within {:.1} s",
                elapsed.as_secs_f64()
            )),
            until_clock_catches_up: false,
        })
    }
}

/// Whether the clock is behind the log, so that what is stamped now would be in the log's past.
pub(crate) fn behind(wall: Instant, last_time: Option<Instant>) -> Option<Hold> {
    let limit = i64::try_from(JUMP_MAX.as_micros()).unwrap_or(i64::MAX);
    last_time
        .filter(|last| last.microseconds().saturating_sub(wall.microseconds()) > limit)
        .map(|last| Hold::Deciding {
            reason: reason(&format!(
                "the clock says {wall}, and the last event in the log is of {last}"
            )),
            until_clock_catches_up: true,
        })
}

/// Whether the service was away for long and deadlines fell due meanwhile. One that has been due for so long was held
/// before, whatever was recorded since, and is still to be looked at.
pub(crate) fn absent(
    wall: Instant,
    last_time: Option<Instant>,
    first_due: Option<Instant>,
    overdue: u64,
) -> Option<Hold> {
    let long_ago = |at: Instant| wall.seconds_since(at) > ABSENCE_MAX_SECONDS;
    let first_due = first_due.filter(|due| *due <= wall)?;
    (long_ago(first_due) || last_time.is_some_and(long_ago)).then(|| Hold::Firing {
        reason: reason(&format!(
            "{overdue} deadlines passed while the service was away, the first at {first_due}; look at them and run \
             `redress deadlines release`"
        )),
    })
}

#[expect(clippy::expect_used, reason = "one short line that this file composes")]
fn reason(text: &str) -> Label {
    text.parse().expect("a reason is a label")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Instant {
        text.parse().unwrap()
    }

    #[test]
    fn a_clock_that_jumps_is_noticed_both_ways() {
        for seconds in [-3, 3, 86_400 * 30] {
            let mut guard = ClockGuard::new();
            assert_eq!(guard.jumped(now()), None);
            let held = guard.jumped(now().plus_seconds(seconds));
            assert!(matches!(held, Some(Hold::Deciding { .. })), "{seconds}");
        }
    }

    /// What a guard says of a clock that gains so much each second, and after how many seconds it says it.
    fn gaining(microseconds: i64, for_seconds: u32) -> Option<(u32, Hold)> {
        let mut guard = ClockGuard::at(at("2026-03-02T00:00:00Z"));
        let (wall, monotonic) = (guard.wall.microseconds(), guard.monotonic);
        (1..=for_seconds).find_map(|second| {
            let wall = wall + i64::from(second) * (1_000_000 + microseconds);
            let monotonic = monotonic + Duration::from_secs(u64::from(second));
            let held = guard.compare(Instant::from_microseconds(wall), monotonic);
            held.map(|held| (second, held))
        })
    }

    #[test]
    fn a_clock_that_runs_away_little_by_little_is_noticed_both_ways() {
        for (microseconds, after) in [
            (1_800_000, 2),
            (-1_800_000, 2),
            (10_000, 201),
            (-1_000, 2_001),
        ] {
            let (second, held) = gaining(microseconds, 3_600).unwrap();
            assert!(matches!(held, Hold::Deciding { .. }));
            assert_eq!(second, after, "{microseconds}");
        }
    }

    #[test]
    fn a_clock_that_is_kept_in_step_is_trusted_for_days() {
        for microseconds in [500, -500] {
            assert_eq!(gaining(microseconds, 3 * 86_400), None);
        }
    }

    #[test]
    fn a_clock_behind_the_log_is_not_trusted() {
        let last = Some(at("2026-03-02T00:00:10Z"));
        assert_eq!(behind(at("2026-03-02T00:00:09Z"), last), None);
        assert!(behind(at("2026-03-02T00:00:07Z"), last).is_some());
    }

    #[test]
    fn a_long_absence_holds_firing_only_if_something_is_overdue() {
        let last = Some(at("2026-03-01T00:00:00Z"));
        let due = Some(at("2026-03-01T12:00:00Z"));
        let later = at("2026-03-02T00:00:01Z");
        assert_eq!(absent(later, last, None, 0), None);
        assert_eq!(absent(later, last, Some(later.plus_seconds(1)), 0), None);
        assert_eq!(absent(at("2026-03-02T00:00:00Z"), last, due, 5), None);
        let held = absent(later, last, due, 5);
        assert!(matches!(held, Some(Hold::Firing { .. })));
    }

    #[test]
    fn what_was_recorded_while_firing_was_held_does_not_end_the_hold_at_the_next_start() {
        let due = Some(at("2026-03-01T12:00:00Z"));
        let wall = at("2026-03-09T00:00:00Z");
        let a_moment_ago = Some(wall.plus_seconds(-5));
        let held = absent(wall, a_moment_ago, due, 5);
        assert!(matches!(held, Some(Hold::Firing { .. })));
    }
}

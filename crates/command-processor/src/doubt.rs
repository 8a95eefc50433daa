//! Whether the clock can be trusted: at a start, and while the service runs.
//!
//! Who is away for a moment and comes back must see the same time as if it had stayed, and who was away for long must
//! not act on all that passed meanwhile before somebody has looked. What can be known of the time while nothing ran is
//! in the heartbeat: what the wall clock and the boot clock said when the service was last seen alive.

use std::time::Duration;

use events_schema::{HeldPart, Instant, Label};

use crate::{
    clock::{BootId, Reading},
    heartbeat::{Beat, LastAlive},
};

/// How far the wall clock may go back without being in doubt.
pub(crate) const BACK_MAX_SECONDS: i64 = 2;

/// How far the wall clock may run from the boot clock, by one jump or little by little, and how far it may go back.
const JUMP_MAX_MICROSECONDS: i64 = BACK_MAX_SECONDS * 1_000_000;

/// What a clock that is kept in step gains or loses, as a part of the time that passed: 500 millionths.
const DRIFT_MAX_PARTS: i64 = 2_000;

/// After how long the two are set side by side anew. A clock that is kept in step gains or loses up to 500 millionths,
/// 1.8 s in this time, which must not add up to a jump; one that was compared with the last look only could run away in
/// steps of less than a jump, and fire deadlines days early without a word.
const COMPARED_FOR: Duration = Duration::from_hours(1);

/// After how long an absence the administrator has to look.
const ABSENCE_MAX: Duration = Duration::from_hours(24);

/// What cannot be believed until the administrator has looked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Doubt {
    /// What does not go on.
    pub held: HeldPart,
    /// What happened.
    pub reason: Label,
    /// What the clock said then.
    pub clock: Instant,
}

impl Doubt {
    /// What was held in the events that a rollback took cannot be known, so all is.
    pub(crate) fn after_rollback(position: u64, clock: Instant) -> Self {
        let text = format!(
            "a rollback to position {position} was accepted, and whether something was held after it is not known"
        );
        Self {
            held: HeldPart::Deciding,
            reason: reason(&text),
            clock,
        }
    }
}

/// Compares the wall clock with the boot clock, since both were last set side by side.
#[derive(Debug)]
pub(crate) struct ClockGuard {
    compared: Reading,
    looked: Duration,
}

impl ClockGuard {
    pub(crate) const fn new(reading: Reading) -> Self {
        Self {
            compared: reading,
            looked: reading.since_boot,
        }
    }

    /// Whether the wall clock jumped, or ran away little by little; or whether nobody has looked for so long that the
    /// service was as good as away: the machine slept, or the process was stopped.
    pub(crate) fn look(&mut self, reading: Reading) -> Option<Doubt> {
        let before = self.compared;
        let elapsed = reading.since_boot.saturating_sub(before.since_boot);
        let unseen = reading.since_boot.saturating_sub(self.looked);
        self.looked = reading.since_boot;
        let seen = microseconds_between(before.wall, reading.wall);
        let off = seen.saturating_sub(microseconds(elapsed));
        let jumped = off.saturating_abs() > JUMP_MAX_MICROSECONDS;
        if jumped || elapsed >= COMPARED_FOR {
            self.compared = reading;
        }
        if jumped {
            return Some(deciding(
                reading,
                &format!(
                    "the clock went from {} to {} within {:.1} s",
                    before.wall,
                    reading.wall,
                    elapsed.as_secs_f64()
                ),
            ));
        }
        (unseen > ABSENCE_MAX).then(|| {
            deciding(
                reading,
                &format!(
                    "the service was stopped where it stood for {} h, and the clock says {} now",
                    unseen.as_secs() / 3_600,
                    reading.wall
                ),
            )
        })
    }
}

/// Whether stamps that were drawn one after the other go back, the last by the reading. A clock that was wrong for a
/// moment may say the right time again when it is looked at, and a stamp of that moment would still be decided by.
pub(crate) fn in_stamps(stamps: impl Iterator<Item = Instant>, reading: Reading) -> Option<Doubt> {
    let mut before = None;
    for stamp in stamps {
        if let Some(before) = before.replace(stamp).filter(|it| is_behind(stamp, *it)) {
            let text = format!("the clock went back from {before} to {stamp} between two commands");
            return Some(deciding(reading, &text));
        }
    }
    None
}

/// Whether the clock can be believed at a start.
pub(crate) fn at_start(
    reading: Reading,
    boot: Option<BootId>,
    alive: &LastAlive,
    last_time: Option<Instant>,
) -> Option<Doubt> {
    let wall = reading.wall;
    if let Some(last) = last_time.filter(|last| is_behind(wall, *last)) {
        let text = format!("the clock says {wall}, and the last event in the log is of {last}");
        return Some(deciding(reading, &text));
    }
    let beat = match alive {
        LastAlive::New => return None,
        LastAlive::Unknown(why) => {
            let text = format!(
                "the clock says {wall}, and whether it was set while nothing ran is not known: the heartbeat beside the \
                 log {why}"
            );
            return Some(deciding(reading, &text));
        }
        LastAlive::At(beat) => beat,
    };
    if is_behind(wall, beat.wall) {
        let text = format!(
            "the clock says {wall}, and the service was alive at {}",
            beat.wall
        );
        return Some(deciding(reading, &text));
    }
    if let Some(expected) = by_the_boot_clock(reading, boot, beat) {
        let text = format!(
            "the clock says {wall}, and by the boot clock of the machine it is {expected}, counted from when the \
             service was alive before"
        );
        return Some(deciding(reading, &text));
    }
    let seen = last_time.map_or(beat.wall, |last| last.max(beat.wall));
    (microseconds_between(seen, wall) > microseconds(ABSENCE_MAX)).then(|| {
        let text = format!(
            "the clock says {wall}, more than 24 h after the service was last alive, at {seen}"
        );
        deciding(reading, &text)
    })
}

/// Whether deadlines passed so long ago that they wait for the administrator, although the service was away for a
/// moment only: they are of a history that was taken over, or were not all fired after a release.
pub(crate) fn long_overdue(
    reading: Reading,
    first_due: Option<Instant>,
    overdue: impl FnOnce() -> u64,
) -> Option<Doubt> {
    let first = first_due?;
    (microseconds_between(first, reading.wall) > microseconds(ABSENCE_MAX)).then(|| {
        Doubt {
            held: HeldPart::Firing,
            reason: reason(&format!(
                "{} deadlines passed before the service could fire them, the first at {first}; look at them and run \
                 `redress deadlines release`",
                overdue()
            )),
            clock: reading.wall,
        }
    })
}

/// What the wall clock should say by the boot clock, if it says something else and the boot is the same. It is counted
/// from the last beat, and from when the clocks were first believed: steps that are each too small to be noticed, one
/// at each of many starts, add up.
fn by_the_boot_clock(reading: Reading, boot: Option<BootId>, alive: &Beat) -> Option<Instant> {
    if boot.is_none() || boot != alive.boot {
        return None;
    }
    let last = Reading {
        wall: alive.wall,
        since_boot: alive.since_boot,
    };
    [last, alive.trusted].into_iter().find_map(|before| {
        let elapsed =
            microseconds(reading.since_boot).saturating_sub(microseconds(before.since_boot));
        let expected = before.wall.microseconds().saturating_add(elapsed);
        let off = reading.wall.microseconds().saturating_sub(expected);
        let allowed = JUMP_MAX_MICROSECONDS.saturating_add(elapsed.max(0) / DRIFT_MAX_PARTS);
        (off.saturating_abs() > allowed).then(|| Instant::from_microseconds(expected))
    })
}

fn is_behind(wall: Instant, earlier: Instant) -> bool {
    microseconds_between(wall, earlier) > JUMP_MAX_MICROSECONDS
}

const fn microseconds_between(from: Instant, to: Instant) -> i64 {
    to.microseconds().saturating_sub(from.microseconds())
}

fn microseconds(duration: Duration) -> i64 {
    i64::try_from(duration.as_micros()).unwrap_or(i64::MAX)
}

fn deciding(reading: Reading, text: &str) -> Doubt {
    Doubt {
        held: HeldPart::Deciding,
        reason: reason(text),
        clock: reading.wall,
    }
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

    const START: &str = "2026-03-02T00:00:00Z";
    const BOOT: Option<BootId> = Some(BootId([1; 16]));

    /// So many seconds after the start, by a wall clock that is off by so many microseconds.
    fn after(seconds: u64, off: i64) -> Reading {
        let since_boot = Duration::from_secs(1_000 + seconds);
        let wall = at(START).microseconds() + i64::try_from(seconds).unwrap() * 1_000_000 + off;
        Reading {
            wall: Instant::from_microseconds(wall),
            since_boot,
        }
    }

    /// What a guard says of a clock that gains so much each second, and after how many seconds it says it.
    fn gaining(microseconds: i64, for_seconds: u64) -> Option<(u64, Doubt)> {
        let mut guard = ClockGuard::new(after(0, 0));
        (1..=for_seconds).find_map(|second| {
            let off = i64::try_from(second).unwrap() * microseconds;
            let held = guard.look(after(second, off));
            held.map(|held| (second, held))
        })
    }

    #[test]
    fn a_clock_that_jumps_is_noticed_both_ways() {
        for seconds in [-3, 3, 86_400 * 30] {
            let mut guard = ClockGuard::new(after(0, 0));
            assert_eq!(guard.look(after(1, 0)), None);
            let held = guard.look(after(2, seconds * 1_000_000)).unwrap();
            assert_eq!(held.held, HeldPart::Deciding, "{seconds}");
        }
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
            assert_eq!(held.held, HeldPart::Deciding);
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
    fn a_machine_that_slept_for_longer_than_a_service_may_be_away_is_looked_at() {
        let mut guard = ClockGuard::new(after(0, 0));
        assert_eq!(guard.look(after(24 * 3_600, 0)), None);
        let held = guard.look(after(2 * 24 * 3_600 + 1, 0)).unwrap();
        assert_eq!(held.held, HeldPart::Deciding);
        assert_eq!(guard.look(after(2 * 24 * 3_600 + 2, 0)), None);
    }

    fn alive(seconds: u64, boot: Option<BootId>) -> LastAlive {
        alive_by(after(seconds, 0), after(seconds, 0), boot)
    }

    fn alive_by(last: Reading, trusted: Reading, boot: Option<BootId>) -> LastAlive {
        LastAlive::At(Beat {
            wall: last.wall,
            boot,
            since_boot: last.since_boot,
            trusted,
            next_position: 9,
            last_commit_hash: [0; 32],
        })
    }

    const HOUR: u64 = 3_600;

    #[test]
    fn a_clock_behind_the_log_or_the_heartbeat_is_not_trusted() {
        let last = Some(after(10, 0).wall);
        for beat in [LastAlive::New, alive(0, None)] {
            assert_eq!(at_start(after(8, 0), BOOT, &beat, last), None);
            assert!(at_start(after(7, 0), BOOT, &beat, last).is_some());
        }
        let beat = alive(10, None);
        let older = Some(after(0, 0).wall);
        assert_eq!(at_start(after(8, 0), BOOT, &beat, older), None);
        assert!(at_start(after(7, 0), BOOT, &beat, older).is_some());
    }

    #[test]
    fn a_clock_that_nothing_vouches_for_is_looked_at() {
        let last = Some(after(0, 0).wall);
        let unknown = LastAlive::Unknown("is missing");
        let held = at_start(after(1, 0), BOOT, &unknown, last).unwrap();
        assert_eq!(held.held, HeldPart::Deciding);
        assert!(held.reason.as_str().ends_with("is missing"), "{held:?}");
        assert_eq!(at_start(after(1, 0), BOOT, &LastAlive::New, last), None);
    }

    #[test]
    fn a_long_absence_is_looked_at_whether_anything_is_overdue_or_not() {
        let beat = alive(0, BOOT);
        let last = Some(after(0, 0).wall);
        assert_eq!(at_start(after(24 * HOUR, 0), BOOT, &beat, last), None);
        let held = at_start(after(24 * HOUR + 1, 0), BOOT, &beat, last).unwrap();
        assert_eq!(held.held, HeldPart::Deciding);
        // A log that was quiet for a week is no absence where the service was alive.
        let quiet = Some(after(0, 0).wall);
        let beat = alive(7 * 24 * HOUR, BOOT);
        let start = after(7 * 24 * HOUR + 30, 0);
        assert_eq!(at_start(start, BOOT, &beat, quiet), None);
    }

    #[test]
    fn a_clock_that_stepped_while_nothing_ran_is_caught_by_the_boot_clock_of_the_same_boot() {
        let beat = alive(0, BOOT);
        let last = Some(after(0, 0).wall);
        for off in [8 * 3_600, 3, -3_i64] {
            let start = after(HOUR, off * 1_000_000 + off.signum() * 1_800_000);
            let held = at_start(start, BOOT, &beat, last).unwrap();
            assert!(held.reason.as_str().contains("boot clock"), "{held:?}");
            for other in [None, Some(BootId([2; 16]))] {
                assert_eq!(at_start(start, other, &beat, last), None);
            }
        }
        // Kept in step it may gain or lose 500 millionths.
        for off in [3_799_999, -3_799_999] {
            assert_eq!(at_start(after(HOUR, off), BOOT, &beat, last), None);
        }
    }

    #[test]
    fn steps_too_small_to_be_noticed_one_at_a_time_are_noticed_together() {
        let last = Some(after(0, 0).wall);
        let step = 1_900_000;
        let once = alive_by(after(60, 0), after(0, 0), BOOT);
        assert_eq!(at_start(after(61, step), BOOT, &once, last), None);
        let twice = alive_by(after(61, step), after(0, 0), BOOT);
        assert!(at_start(after(62, 2 * step), BOOT, &twice, last).is_some());
    }

    #[test]
    fn deadlines_that_passed_long_ago_wait_for_the_administrator() {
        let due = Some(after(0, 0).wall);
        assert_eq!(long_overdue(after(24 * HOUR, 0), due, || 5), None);
        assert_eq!(long_overdue(after(0, 0), None, || 0), None);
        let held = long_overdue(after(24 * HOUR + 1, 0), due, || 5).unwrap();
        assert_eq!(held.held, HeldPart::Firing);
    }
}

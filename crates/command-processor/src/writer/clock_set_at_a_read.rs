//! A clock that is set between any two reads of it, and may be set back: nothing vouches for what nobody looked at.

use std::{
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
        mpsc,
    },
    time::Duration,
};

use event_log::LogId;
use events_schema::{AdoptRulebook, Command, Instant, NextStep, ReleaseDeadlines};
use test_support::{PLATFORM, ROOT, day, label, publication, rulebook, warning};
use tokio::sync::watch;

use super::{Turns, WriterStatus, run, tests::two_warnings};
use crate::{
    Answer, BootId, Clock, Hold, Intake, Processor, Reading,
    heartbeat::{self, Heartbeat, HeartbeatFile},
    testing::{accept, submission},
};

const BOOT: Option<BootId> = Some(BootId([1; 16]));
const HOURS_14: i64 = 14 * 3_600_000_000;

/// Shows true times from then on, a tenth of a second later at each read, and is off from one read to before another.
struct SetAtARead {
    from: Instant,
    off: i64,
    set_at: u32,
    back_at: u32,
}

impl SetAtARead {
    fn clock(self) -> (Clock, Arc<AtomicU32>) {
        let reads = Arc::new(AtomicU32::new(0));
        let counted = Arc::clone(&reads);
        let clock = Clock::new(BOOT, move || {
            let read = counted.fetch_add(1, Ordering::Relaxed);
            let passed = i64::from(read) * 100_000;
            let is_off = (self.set_at..self.back_at).contains(&read);
            let off = if is_off { self.off } else { 0 };
            Reading {
                wall: Instant::from_microseconds(self.from.microseconds() + passed + off),
                since_boot: Duration::from_millis(u64::from(read) * 100),
            }
        });
        (clock, reads)
    }
}

/// A log whose last event is a warning. Gives a time that is no absence, within `HOURS_14` of the end of its cure
/// period.
fn warned(dir: &Path) -> Instant {
    let (mut processor, _) =
        Processor::open(dir, &label("tests"), day(40), &mut |_, _| {}).unwrap();
    let toml = rulebook().with("cure", "\"36 hours\"").toml();
    let calendar = Command::PublishCalendar(publication("utc"));
    accept(&mut processor, (ROOT, "calendar"), calendar, day(40));
    let adopt = Command::AdoptRulebook(AdoptRulebook { toml });
    accept(&mut processor, (ROOT, "rulebook"), adopt, day(40));
    accept(&mut processor, (PLATFORM, "w-1"), warning(), day(40));
    let from = day(40).plus_seconds(23 * 3_600);
    let due = processor.next_due().unwrap();
    assert!(from < due && due.microseconds() < from.microseconds() + HOURS_14);
    was_alive(&processor, from);
    from
}

/// Notes that a service of this log was alive then, in another boot of the machine.
fn was_alive(processor: &Processor, at: Instant) {
    let reading = Reading {
        wall: at,
        since_boot: Duration::ZERO,
    };
    let log_id = processor.reader().log_id();
    let mut heartbeat = Heartbeat::open(processor.dir(), log_id, None).unwrap();
    heartbeat.beat(reading, processor.head());
}

/// A service that is started, and its queue.
fn started(dir: &Path, clock: Clock) -> (Turns, Intake<()>) {
    let (turns, _) = Turns::begin(reopened(dir), clock.clone()).unwrap();
    (turns, Intake::new(8, clock))
}

fn send(intake: &Intake<()>, sender: &str, id: &str, command: impl Into<Command>) {
    intake.submit(submission(sender, id, command), ()).unwrap();
}

/// Lets go of what is held by now.
fn release(turns: &Turns) -> Command {
    Command::ReleaseDeadlines(ReleaseDeadlines {
        hold: turns.processor.hold().map(Hold::id).cloned(),
        leave_future_behind: false,
    })
}

/// What came of what waits, and how many events were recorded.
fn turn(turns: &mut Turns, intake: &Intake<()>) -> (Vec<Answer>, usize) {
    let turn = turns.decide(intake.drain(Duration::ZERO)).unwrap();
    let recorded = turns.commit().unwrap().len();
    turns.note_release(turn.looked_at);
    turns.note_alive(turn.looked_at);
    let answers = turn.answers.into_iter().map(|decided| decided.answer);
    (answers.collect(), recorded)
}

fn is_in_doubt(turns: &Turns) -> bool {
    matches!(turns.processor.hold(), Some(Hold::Deciding { .. }))
}

/// The reason of a refusal, and whether to release is what its sender can do next.
fn time_held(answers: &[Answer]) -> (String, bool) {
    let [Answer::Refused(problem)] = answers else {
        panic!("{answers:?}");
    };
    assert_eq!(problem.code, "time_held");
    let next = problem.next == [NextStep::ReleaseDeadlines {}];
    (problem.detail.clone(), next)
}

fn reopened(dir: &Path) -> Processor {
    Processor::open_existing(dir).unwrap().0
}

/// A service that starts and is stopped at once.
fn started_and_stopped(dir: &Path, clock: Clock) {
    let (turns, _) = Turns::begin(reopened(dir), clock.clone()).unwrap();
    let intake = Intake::<()>::new(8, clock);
    intake.close();
    let (feed, _events) = mpsc::sync_channel(16);
    let (tell, _status) = watch::channel(WriterStatus::default());
    run(turns, &intake, &feed, &tell, &mut |_| {}).unwrap();
}

fn beat(dir: &Path, log_id: LogId) -> heartbeat::Beat {
    match heartbeat::read(dir, log_id).unwrap() {
        HeartbeatFile::Beat(beat) => beat,
        HeartbeatFile::None | HeartbeatFile::Useless(_) => panic!("a heartbeat"),
    }
}

#[test]
fn the_heartbeat_never_vouches_for_a_clock_that_was_set_after_the_last_look_at_it() {
    let mut noticed = 0;
    for set_at in 1.. {
        let dir = tempfile::tempdir().unwrap();
        let from = warned(dir.path());
        let (clock, reads) = SetAtARead {
            from,
            off: HOURS_14,
            set_at,
            back_at: u32::MAX,
        }
        .clock();
        started_and_stopped(dir.path(), clock);
        let processor = reopened(dir.path());
        let beat = beat(dir.path(), processor.reader().log_id());
        let said = beat.wall.microseconds() - from.microseconds();
        assert_eq!(
            u128::try_from(said).unwrap(),
            beat.since_boot.as_micros(),
            "set at read {set_at}"
        );
        if set_at >= reads.load(Ordering::Relaxed) {
            assert_eq!(processor.hold(), None);
            break;
        }
        let hold = processor.hold();
        assert!(
            matches!(hold, Some(Hold::Deciding { .. })),
            "set at read {set_at}: {hold:?}"
        );
        noticed += 1;
    }
    assert!(noticed >= 2, "{noticed}");
}

#[test]
fn a_clock_that_is_wrong_for_a_moment_is_held_for_and_decides_nothing_and_ends_nothing() {
    for (off, set_at) in [HOURS_14, -HOURS_14]
        .into_iter()
        .flat_map(|off| (1..5).map(move |set_at| (off, set_at)))
    {
        let dir = tempfile::tempdir().unwrap();
        let from = warned(dir.path());
        let (clock, _) = SetAtARead {
            from,
            off,
            set_at,
            back_at: set_at + 1,
        }
        .clock();
        let (mut turns, intake) = started(dir.path(), clock);
        assert_eq!(turns.processor.hold(), None);
        for id in ["C3", "C4", "C5"] {
            send(&intake, PLATFORM, id, warning().with_case(id));
        }
        let (answers, recorded) = turn(&mut turns, &intake);
        assert!(is_in_doubt(&turns), "off by {off} at read {set_at}");
        assert_eq!(recorded, 1, "the hold alone: off by {off} at read {set_at}");
        for answer in answers {
            let (_, may_release) = time_held(&[answer]);
            assert!(!may_release);
        }
        // The administrator is told what to do, whatever it asked for.
        let calendar = Command::PublishCalendar(publication("cn"));
        send(&intake, ROOT, "calendar", calendar);
        let (_, may_release) = time_held(&turn(&mut turns, &intake).0);
        assert!(may_release);
    }
}

#[test]
fn a_release_that_is_sent_again_after_a_newer_hold_does_not_let_go_of_that() {
    let dir = tempfile::tempdir().unwrap();
    was_alive(&two_warnings(dir.path()), day(40));
    let clock_at = |from| {
        SetAtARead {
            from,
            off: 0,
            set_at: u32::MAX,
            back_at: u32::MAX,
        }
        .clock()
        .0
    };
    let (turns, _) = started(dir.path(), clock_at(day(42)));
    assert!(is_in_doubt(&turns));
    let first = release(&turns);
    // It was not answered: the service was killed. The clock is set once more before the next start.
    drop(turns);
    let (mut turns, intake) = started(dir.path(), clock_at(day(60)));
    for id in ["r-1", "r-1"] {
        send(&intake, ROOT, id, first.clone());
        let (reason, may_release) = time_held(&turn(&mut turns, &intake).0);
        assert!(
            may_release && reason.contains(&day(60).to_string()),
            "{reason}"
        );
        assert!(is_in_doubt(&turns));
    }
    let newer = release(&turns);
    send(&intake, ROOT, "r-2", newer);
    let (answers, _) = turn(&mut turns, &intake);
    assert!(matches!(answers[..], [Answer::Accepted(_)]), "{answers:?}");
}

#[test]
fn a_release_that_waits_while_the_clock_jumps_does_not_let_go_of_what_nobody_has_seen() {
    let dir = tempfile::tempdir().unwrap();
    was_alive(&two_warnings(dir.path()), day(40));
    let (clock, reads) = SetAtARead {
        from: day(40),
        off: HOURS_14,
        set_at: 2,
        back_at: 6,
    }
    .clock();
    let (mut turns, intake) = started(dir.path(), clock);
    assert!(matches!(turns.processor.hold(), Some(Hold::Firing { .. })));
    send(&intake, ROOT, "r-1", release(&turns));
    let (answers, _) = turn(&mut turns, &intake);
    let (reason, next) = time_held(&answers);
    assert!(reason.contains("the clock went from") && next, "{reason}");
    assert!(is_in_doubt(&turns));

    // While nothing is decided it jumps back, which the next release has not seen either.
    while reads.load(Ordering::Relaxed) < 6 {
        turns.clock.read();
    }
    send(&intake, ROOT, "r-2", release(&turns));
    let (answers, recorded) = turn(&mut turns, &intake);
    let (newer, _) = time_held(&answers);
    assert_ne!(newer, reason);
    assert_eq!(recorded, 1);
    let shown = turns.processor.hold().unwrap().reason().to_string();
    assert!(newer.contains(&shown), "{newer}");

    send(&intake, ROOT, "r-3", release(&turns));
    let (answers, _) = turn(&mut turns, &intake);
    assert!(
        matches!(answers.as_slice(), [Answer::Accepted(_)]),
        "{answers:?}"
    );
    assert_eq!(turns.processor.hold(), None);
}

#[test]
fn a_clock_that_flickers_while_nothing_is_decided_is_recorded_once_a_minute() {
    let dir = tempfile::tempdir().unwrap();
    was_alive(&two_warnings(dir.path()), day(40));
    let reads = AtomicU32::new(0);
    let clock = Clock::new(BOOT, move || {
        let read = reads.fetch_add(1, Ordering::Relaxed);
        let off = i64::from(read % 2) * HOURS_14;
        Reading {
            wall: Instant::from_microseconds(day(40).microseconds() + off),
            since_boot: Duration::from_secs(u64::from(read)),
        }
    });
    let (mut turns, intake) = started(dir.path(), clock);
    let recorded: usize = (0..600).map(|_| turn(&mut turns, &intake).1).sum();
    assert!((8..=12).contains(&recorded), "{recorded}");
}

//! A service that is killed again and again while its clock steps, between any two reads of it, with an administrator
//! who sometimes believes a wrong clock: no deadline fires early, none is lost, and no hold is forgotten.
//!
//! A kill is a drop without a stop: no snapshot, no last look at the clock, no last beat. What a wrong clock does that
//! cannot be noticed is left out: a step by less than 24 h ahead while the machine was booted anew.

use std::{
    collections::BTreeMap,
    ops::Range,
    path::Path,
    sync::{Arc, Mutex},
    time::Duration,
};

use events_schema::{
    AdoptRulebook, CaseId, Command, DeadlineId, Event, Instant, LogEvent, ReleaseDeadlines, Stream,
};
use test_support::{PLATFORM, ROOT, appeal, day, label, publication, rulebook, warning};

use super::Turns;
use crate::{Answer, BootId, Clock, Hold, Intake, Processor, Reading, Stored, testing::submission};

const KILLS: u32 = 200;
const SEED: u64 = 7;

const SECOND: i64 = 1_000_000;
const HOUR: i64 = 3_600 * SECOND;
const DAY: i64 = 24 * HOUR;

/// A small generator of pseudo-random numbers (`SplitMix64`).
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    fn between(&mut self, from: i64, to: i64) -> i64 {
        let width = u64::try_from(to - from).unwrap();
        from + i64::try_from(self.next() % width).unwrap()
    }

    fn percent(&mut self, chance: i64) -> bool {
        self.between(0, 100) < chance
    }
}

/// The machine, and what its administrator believes of its clock.
struct Machine {
    /// What time it truly is, in microseconds.
    truth: i64,
    since_boot: i64,
    boots: u8,
    /// By how much the wall clock is ahead.
    off: i64,
    /// By how much it was ahead when somebody last said that it is right.
    believed: i64,
    shown: Arc<Mutex<ClockFace>>,
}

/// What is shown to whoever reads the clocks, and by how much the wall clock is off from one read to before another.
struct ClockFace {
    reading: Reading,
    reads: u32,
    off_at: Range<u32>,
    off_by: i64,
}

impl ClockFace {
    fn new(reading: Reading) -> Self {
        Self {
            reading,
            reads: 0,
            off_at: 0..0,
            off_by: 0,
        }
    }

    fn read(&mut self) -> Reading {
        let Reading { wall, since_boot } = self.reading;
        let is_off = self.off_at.contains(&self.reads);
        self.reads += 1;
        let off = if is_off { self.off_by } else { 0 };
        Reading {
            wall: Instant::from_microseconds(wall.microseconds() + off),
            since_boot,
        }
    }
}

impl Machine {
    fn passes(&mut self, microseconds: i64) {
        self.truth += microseconds;
        self.since_boot += microseconds;
        self.show();
    }

    fn show(&self) {
        *self.shown.lock().unwrap() = ClockFace::new(Reading {
            wall: Instant::from_microseconds(self.truth + self.off),
            since_boot: Duration::from_micros(u64::try_from(self.since_boot).unwrap()),
        });
    }

    fn clock(&self) -> Clock {
        let shown = Arc::clone(&self.shown);
        let boot = BootId([self.boots; 16]);
        Clock::new(Some(boot), move || shown.lock().unwrap().read())
    }

    /// The time as it was last said to be right.
    fn trusted(&self) -> Instant {
        Instant::from_microseconds(self.truth + self.believed)
    }

    /// Somebody sets the clock, while the service runs or is down on the same boot.
    fn steps(&mut self, random: &mut Random, at_least: i64) {
        let by = random.between(at_least, 10 * DAY);
        let off = if random.percent(50) { by } else { -by };
        self.off = self.believed + off;
        self.show();
    }

    /// Somebody sets the clock between two reads to come, and perhaps back again before another one.
    fn will_step(&self, random: &mut Random) {
        let mut shown = self.shown.lock().unwrap();
        let from = u32::try_from(random.between(0, 6)).unwrap();
        let by = random.between(3 * SECOND, 10 * DAY);
        let to = if random.percent(50) {
            u32::MAX
        } else {
            from + u32::try_from(random.between(1, 4)).unwrap()
        };
        shown.off_at = from..to;
        shown.off_by = if random.percent(50) { by } else { -by };
    }

    /// What is left of such a step, once nothing is read any more.
    fn has_stepped(&mut self) {
        let by = {
            let shown = self.shown.lock().unwrap();
            let stays = shown.off_at.end == u32::MAX;
            if stays { shown.off_by } else { 0 }
        };
        self.off += by;
        self.show();
    }

    /// The service is down for a while, and the clock may be set meanwhile.
    fn down(&mut self, random: &mut Random) {
        let away = if random.percent(10) {
            random.between(25 * HOUR, 4 * DAY)
        } else {
            random.between(SECOND, 6 * HOUR)
        };
        self.passes(away);
        let steps = random.percent(30);
        if random.percent(30) {
            self.boots = self.boots.wrapping_add(1).max(1);
            self.since_boot = random.between(SECOND, 600 * SECOND);
            if steps && random.percent(50) {
                self.off = self.believed - away - random.between(60 * SECOND, 5 * DAY);
            } else if steps {
                self.off = self.believed + random.between(25 * HOUR, 10 * DAY);
            }
        } else if steps {
            self.steps(random, 5 * SECOND + away / 1_000);
        }
        self.show();
    }
}

/// What must be true of the log, told by its events alone.
#[derive(Default)]
struct Witness {
    /// Open deadlines that can fire, and when they are due.
    open: BTreeMap<(CaseId, DeadlineId), Instant>,
    last_time: Option<Instant>,
    held: bool,
    fired: u32,
    holds: u32,
    releases: u32,
    left_behind: u32,
}

impl Witness {
    fn sees(&mut self, stored: &[Stored], trusted: Instant) {
        for stored in stored {
            let (header, event) = (&stored.recorded.header, &stored.recorded.event);
            if let Event::Log(LogEvent::DeadlinesReleased(released)) = event {
                self.releases += 1;
                self.held = false;
                if released.left_behind.is_some() {
                    assert_eq!(released.left_behind, self.last_time);
                    self.last_time = None;
                    self.left_behind += 1;
                }
            } else if matches!(event, Event::Log(LogEvent::DeadlinesHeld(_))) {
                self.holds += 1;
                self.held = true;
                assert_eq!(Some(header.time), self.last_time, "a hold dates nothing");
            }
            let time = header.time;
            assert!(
                self.last_time.is_none_or(|last| time >= last),
                "time went back"
            );
            // A clock that is at most two seconds behind the log dates as the log does.
            let latest = trusted.plus_seconds(2);
            let is_hold = matches!(event, Event::Log(LogEvent::DeadlinesHeld(_)));
            assert!(
                is_hold || time <= latest,
                "{time} is later than {trusted}: {event:?}"
            );
            self.last_time = Some(time);
            let (Stream::Case(case), Some(changes)) = (&header.stream, event.deadlines()) else {
                continue;
            };
            for ended in changes.ended() {
                let due = self.open.remove(&(case.clone(), ended.clone()));
                if changes.fired.as_ref() == Some(ended) {
                    let due = due.expect("a deadline fires once");
                    assert!(
                        due <= trusted.plus_seconds(2),
                        "{ended} of {case} fired {due}, early at {trusted}"
                    );
                    assert!(!self.held, "{ended} of {case} fired while held");
                    self.fired += 1;
                }
            }
            for set in changes.set.iter().filter(|set| set.can_fire()) {
                self.open.insert((case.clone(), set.id.clone()), set.due);
            }
        }
    }
}

/// A running service, what is known of it, and what goes in.
struct Running {
    turns: Turns,
    intake: Intake<()>,
}

impl Running {
    fn start(dir: &Path, machine: &Machine, witness: &mut Witness) -> Self {
        let (processor, _) =
            Processor::open(dir, &label("tests"), machine.trusted(), &mut |_, _| {}).unwrap();
        let every = Instant::from_microseconds(i64::MAX);
        if !witness.open.is_empty() {
            let open = witness.open.len() as u64;
            assert_eq!(processor.overdue(every), open, "a deadline was lost");
        }
        assert_eq!(
            processor.hold().is_some(),
            witness.held,
            "a hold was forgotten"
        );
        let clock = machine.clock();
        let (turns, held) = Turns::begin(processor, clock.clone()).unwrap();
        witness.sees(&held, machine.trusted());
        let running = Self {
            turns,
            intake: Intake::new(64, clock),
        };
        assert!(
            running.is_in_doubt() || machine.off == machine.believed,
            "a clock that is off by {} s is believed",
            (machine.off - machine.believed) / SECOND
        );
        running
    }

    fn is_in_doubt(&self) -> bool {
        matches!(self.turns.processor.hold(), Some(Hold::Deciding { .. }))
    }

    /// What comes in is decided with whatever waits.
    fn turn(&mut self, machine: &Machine, witness: &mut Witness) -> Vec<Answer> {
        let turn = self
            .turns
            .decide(self.intake.drain(Duration::ZERO))
            .unwrap();
        witness.sees(&self.turns.commit().unwrap(), machine.trusted());
        self.turns.note_release(turn.looked_at);
        self.turns.note_alive(turn.looked_at);
        turn.answers
            .into_iter()
            .map(|decided| decided.answer)
            .collect()
    }

    fn send(&self, sender: &str, id: &str, command: impl Into<Command>) {
        self.intake
            .submit(submission(sender, id, command), ())
            .unwrap();
    }

    fn release_of_what_is_held(&self, leave_future_behind: bool) -> Command {
        Command::ReleaseDeadlines(ReleaseDeadlines {
            hold: self.turns.processor.hold().map(Hold::id).cloned(),
            leave_future_behind,
        })
    }

    /// The administrator looks, and lets the service go on: as a rule after setting the clock right.
    fn release(
        &mut self,
        id: &str,
        machine: &mut Machine,
        witness: &mut Witness,
        is_mistaken: bool,
    ) {
        if !is_mistaken {
            machine.off = 0;
        }
        machine.show();
        // Setting it right is a jump too, which is looked at before anybody can say that it is right.
        self.turn(machine, witness);
        let ahead = self.turns.processor.last_time().unwrap().microseconds()
            - (machine.truth + machine.off);
        // Near the limit it depends on the last stamp, which does not go back by less than two seconds.
        if ahead > 5 * SECOND {
            let plain = self.release_of_what_is_held(false);
            self.send(ROOT, &format!("plain-{id}"), plain);
            let refused = self.turn(machine, witness);
            assert!(
                matches!(refused.as_slice(), [Answer::Refused(problem)] if problem.code == "time_held"),
                "{refused:?}"
            );
        }
        machine.believed = machine.off;
        let command = self.release_of_what_is_held(ahead > SECOND);
        self.send(ROOT, id, command);
        let mut answers = self.turn(machine, witness);
        if matches!(answers.as_slice(), [Answer::Refused(problem)] if problem.code == "time_held") {
            // A jump within a minute of another one is on record only when somebody would release.
            let command = self.release_of_what_is_held(ahead > SECOND);
            self.send(ROOT, &format!("{id}-again"), command);
            answers = self.turn(machine, witness);
        }
        for answer in answers {
            assert!(matches!(answer, Answer::Accepted(_)), "{answer:?}");
        }
    }
}

fn begin(dir: &Path, machine: &Machine, witness: &mut Witness) {
    let mut running = Running::start(dir, machine, witness);
    let toml = rulebook()
        .with("cure", "\"36 hours\"")
        .with("review", "\"3 days\"")
        .toml();
    running.send(ROOT, "c", Command::PublishCalendar(publication("utc")));
    running.send(ROOT, "r", Command::AdoptRulebook(AdoptRulebook { toml }));
    for answer in running.turn(machine, witness) {
        assert!(matches!(answer, Answer::Accepted(_)), "{answer:?}");
    }
}

#[test]
fn in_200_kills_with_a_clock_that_steps_no_deadline_is_early_none_lost_and_no_hold_forgotten() {
    let dir = tempfile::tempdir().unwrap();
    let mut random = Random(SEED);
    let truth = day(30).microseconds();
    let mut machine = Machine {
        truth,
        since_boot: HOUR,
        boots: 1,
        off: 0,
        believed: 0,
        shown: Arc::new(Mutex::new(ClockFace::new(Reading {
            wall: Instant::from_microseconds(truth),
            since_boot: Duration::from_hours(1),
        }))),
    };
    let mut witness = Witness::default();
    begin(dir.path(), &machine, &mut witness);

    for kill in 0..KILLS {
        machine.down(&mut random);
        let mut running = Running::start(dir.path(), &machine, &mut witness);
        for turn in 0..4 {
            machine.passes(random.between(SECOND / 10, 40 * SECOND));
            if random.percent(8) {
                machine.steps(&mut random, 3 * SECOND);
            }
            let id = format!("k{kill}-{turn}");
            let issued = warning()
                .with_case(&id)
                .with_account(&format!("account-{id}"))
                .with_entity(&format!("entity-{id}"));
            running.send(PLATFORM, &id, issued);
            let before = format!("k{}-{turn}", kill.saturating_sub(1));
            let party = format!("party:account-{before}");
            running.send(&party, &id, appeal("A1", "W1").with_case(&before));
            if random.percent(8) {
                machine.will_step(&mut random);
                running.turn(&machine, &mut witness);
                machine.has_stepped();
            }
            running.turn(&machine, &mut witness);
            assert!(
                running.is_in_doubt() || machine.off == machine.believed,
                "kill {kill}: a clock that stepped is believed"
            );
            if running.turns.processor.hold().is_some() && random.percent(25) {
                let is_mistaken = random.percent(20);
                running.release(
                    &format!("{id}-release"),
                    &mut machine,
                    &mut witness,
                    is_mistaken,
                );
            }
        }
        if random.percent(20) {
            if random.percent(30) {
                machine.will_step(&mut random);
            }
            witness.sees(&running.turns.stop().unwrap(), machine.trusted());
            machine.has_stepped();
        } else if random.percent(50) {
            // In the midst of a group: decided, and never durable.
            let lost = submission(PLATFORM, "lost", warning().with_case("lost"));
            let now = machine.clock().read().wall;
            running.turns.processor.take(&lost, now, now).unwrap();
        }
        drop(running);
    }

    // Long after, everything that can fire has fired.
    machine.off = machine.believed;
    machine.passes(200 * DAY);
    let mut running = Running::start(dir.path(), &machine, &mut witness);
    assert!(running.is_in_doubt());
    running.release("the-last", &mut machine, &mut witness, false);
    for _ in 0..1_000 {
        running.turn(&machine, &mut witness);
    }
    let now = machine.trusted();
    let overdue = witness.open.values().filter(|due| **due <= now).count();
    assert_eq!(overdue, 0, "a deadline never fired");
    let Witness {
        fired,
        holds,
        releases,
        left_behind,
        ..
    } = witness;
    assert!(
        fired > 100 && holds > 30 && releases > 30 && left_behind > 1,
        "{fired} fired, {holds} holds, {releases} releases, {left_behind} left behind"
    );
}

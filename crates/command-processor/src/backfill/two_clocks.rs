//! A history that is taken over and the same commands sent to a service that was awake all the time come to the same
//! events, dates and projections.

use std::{collections::BTreeMap, fs, path::Path};

use events_schema::{
    AdoptRulebook, BackfillStarted, CaseEvent, Command, DeadlinePurpose, Event, Instant,
    NoticeEvent, Period, PublishCalendar, Sha256, Stream,
};
use serde_json::json;
use test_support::{
    ANN, BOB, DEV7, PLATFORM, ROOT, RulebookBuilder, appeal, at, body_in_words, claim, confirmed,
    day, digest, label, penalty, publication, rectify, refusing, restriction, rulebook, warning,
};

use super::Backfill;
use crate::{Answer, Processor, Recorded, testing::submission};

struct Line {
    at: Instant,
    sender: &'static str,
    command: Command,
}

fn line(at: Instant, sender: &'static str, command: impl Into<Command>) -> Line {
    Line {
        at,
        sender,
        command: command.into(),
    }
}

/// What a log says of its cases, and the projections of all of it.
#[derive(Debug, PartialEq)]
struct Told {
    events: Vec<(Stream, Instant, Option<Instant>, Event)>,
    projections: BTreeMap<&'static str, Sha256>,
}

fn told(dir: &Path) -> Told {
    let (processor, report) = Processor::open_existing(dir).unwrap();
    let events = processor.reader().range(0, u64::MAX).map(|record| {
        let record = record.unwrap();
        Recorded::read(record.position(), record.header(), record.data()).unwrap()
    });
    let events = events.filter(|it| matches!(it.header.stream, Stream::Case(_)));
    Told {
        events: events
            .map(|Recorded { header, event }| (header.stream, header.time, header.received, event))
            .collect(),
        projections: report.views.digests(),
    }
}

/// The lines as a history that is taken over.
fn taken_over(lines: &[Line], until: Option<Instant>) -> Told {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("history.jsonl");
    let texts = lines.iter().map(|line| {
        let name = line.command.name();
        let body = body_in_words(&line.command);
        json!({"at": line.at, "as": line.sender, "command": name.as_str(), "body": body})
            .to_string()
    });
    fs::write(&file, texts.collect::<Vec<_>>().join("\n")).unwrap();
    let backfill = Backfill {
        dir: folder.path().join("data"),
        file,
        report: folder.path().join("refused.jsonl"),
        until,
        now: day(3_000),
        platform: label("tests"),
    };
    let outcome = backfill.run(&mut |_, _| {}).unwrap();
    let refused = fs::read_to_string(&backfill.report).unwrap();
    assert_eq!(outcome.refused, 0, "{refused}");
    told(&backfill.dir)
}

/// The lines as commands to a service whose writer wakes whenever something falls due or comes in, and whose clock
/// never goes back.
fn lived_through(lines: &[Line], until: Instant) -> Told {
    let folder = tempfile::tempdir().unwrap();
    let begin = lines.first().unwrap().at;
    let (mut processor, _) =
        Processor::open(folder.path(), &label("tests"), begin, &mut |_, _| {}).unwrap();
    // In the place of the event that begins a takeover, so that whatever shows a position shows the same.
    let started = BackfillStarted {
        file_sha256: digest("no file"),
        wall_time: begin,
    };
    let started = Event::from(started);
    processor.record_about_log(started, begin).unwrap();
    let mut clock = begin;
    for (number, line) in (1..).zip(lines) {
        wake(&mut processor, &mut clock, line.at);
        let submission = submission(line.sender, &format!("line-{number}"), line.command.clone());
        let answer = processor.take(&submission, line.at, clock).unwrap();
        assert!(
            matches!(answer, Answer::Accepted(_)),
            "{number}: {answer:?}"
        );
        processor.fire_due(clock, clock, usize::MAX).unwrap();
        processor.commit().unwrap();
    }
    wake(&mut processor, &mut clock, until);
    processor.commit().unwrap();
    drop(processor);
    told(folder.path())
}

/// The writer sleeps until the next deadline, and fires what is due when it wakes.
fn wake(processor: &mut Processor, clock: &mut Instant, until: Instant) {
    while let Some(due) = processor.next_due().filter(|due| *due <= until) {
        *clock = due.max(*clock);
        processor.fire_due(*clock, *clock, usize::MAX).unwrap();
    }
    *clock = until.max(*clock);
}

/// The calendar `utc` as it was announced up to a day.
fn announced(until: &str, version: u32) -> PublishCalendar {
    let mut calendar = publication("utc");
    calendar.version = version;
    calendar.content.covered_until = until.parse().unwrap();
    calendar
        .content
        .days_off
        .retain(|day| *day <= calendar.content.covered_until);
    let until = calendar.content.covered_until;
    calendar
        .content
        .extra_working_days
        .retain(|day| *day <= until);
    calendar
}

fn books(rulebook: RulebookBuilder, calendar: PublishCalendar, at: Instant) -> Vec<Line> {
    let adopt = AdoptRulebook {
        toml: rulebook.toml(),
    };
    vec![
        line(at, ROOT, Command::PublishCalendar(calendar)),
        line(at, ROOT, Command::AdoptRulebook(adopt)),
    ]
}

/// A cure period of working days that runs beyond the calendar, whose next version comes weeks after the date.
fn calendar_that_comes_late() -> Vec<Line> {
    let counted = rulebook()
        .with("cure", "\"10 working days\"")
        .with("appeal_window", "\"30 days\"");
    let mut lines = books(counted, announced("2026-03-06", 1), day(0));
    lines.push(line(day(1), PLATFORM, warning()));
    let other = warning().with_case("C2").with_location("elsewhere");
    lines.push(line(day(2), PLATFORM, other));
    // Both dates have long passed when they become certain.
    let calendar = announced("2027-12-31", 2);
    lines.push(line(day(40), ROOT, Command::PublishCalendar(calendar)));
    lines
}

#[test]
fn a_penalty_whose_date_became_known_late_gives_its_window_from_then_in_a_takeover_too() {
    let lines = calendar_that_comes_late();
    let published = lines.last().unwrap().at;
    let taken_over = taken_over(&lines, None);
    let mut imposed = 0;
    for (_, time, received, event) in &taken_over.events {
        if let Event::Case(CaseEvent::Notice(NoticeEvent::PenaltyImposed(penalty))) = event {
            imposed += 1;
            assert_eq!((*time, received.unwrap_or(*time)), (published, published));
            let window = penalty.deadlines.set.iter();
            let window = window.filter(|it| matches!(it.purpose, DeadlinePurpose::Window { .. }));
            for window in window {
                assert_eq!(window.from, published, "nobody could know of it before");
                assert_eq!(window.due, published.plus_seconds(30 * 86_400));
                assert_eq!(window.period, Some(Period::Days(30)));
            }
            for measure in &penalty.measures {
                assert!(measure.starts_at < published, "dated at the deadline");
            }
        }
    }
    assert_eq!(imposed, 2);
    assert_eq!(taken_over, lived_through(&lines, published));
}

#[test]
fn a_history_comes_to_the_same_taken_over_and_lived_through() {
    let mut lines = calendar_that_comes_late();
    let lapsed = "W1-P";
    let at_once = penalty()
        .with_case("C3")
        .with_clause("9.2")
        .with_location("a third place")
        .with_measures(&[("M1", restriction("search"))])
        .ending("M1", day(60));
    lines.extend([
        line(day(41), DEV7, appeal("A1", lapsed)),
        line(day(42), ANN, claim("A1")),
        line(day(43), ANN, refusing("A1", day(43))),
        line(day(50), PLATFORM, at_once),
        line(day(51), DEV7, rectify(lapsed)),
        line(day(52), BOB, confirmed(lapsed)),
    ]);
    let until = at("2027-06-01T00:00:00Z");
    let taken_over = taken_over(&lines, Some(until));
    assert!(taken_over.events.len() > 12);
    assert_eq!(taken_over, lived_through(&lines, until));
}

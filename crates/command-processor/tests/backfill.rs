//! What a takeover promises: no line of the history is passed over in silence, wherever it stands and wherever the
//! run was interrupted.

#![expect(clippy::unwrap_used, reason = "a test fails where it unwraps")]

use std::{
    fs,
    panic::{AssertUnwindSafe, catch_unwind},
    path::PathBuf,
};

use command_processor::{Backfill, BackfillOutcome, Error, Processor, RefusedLine};
use events_schema::{AdoptRulebook, Command, Instant};
use serde_json::json;
use tempfile::TempDir;
use test_support::{
    DEV7, PLATFORM, ROOT, appeal, body_in_words, day, label, publication, rulebook, warning,
};

fn line(at: Instant, sender: &str, command: impl Into<Command>) -> String {
    let command = command.into();
    json!({
        "at": at, "as": sender, "command": command.name().as_str(), "body": body_in_words(&command)
    })
    .to_string()
}

fn books(at: Instant) -> [String; 2] {
    let adopt = AdoptRulebook {
        toml: rulebook().toml(),
    };
    [
        line(at, ROOT, Command::PublishCalendar(publication("utc"))),
        line(at, ROOT, Command::AdoptRulebook(adopt)),
    ]
}

struct Folder {
    folder: TempDir,
    backfill: Backfill,
}

impl Folder {
    fn with(lines: &[String]) -> Self {
        Self::with_text(&(lines.join("\n") + "\n"))
    }

    fn with_text(text: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("history.jsonl");
        fs::write(&file, text).unwrap();
        let backfill = Backfill {
            dir: folder.path().join("data"),
            file,
            report: folder.path().join("refused.jsonl"),
            until: None,
            now: day(1_000),
            platform: label("tests"),
        };
        Self { folder, backfill }
    }

    fn run(&self) -> BackfillOutcome {
        self.backfill.run(&mut |_, _| {}).unwrap()
    }

    fn report(&self) -> Vec<RefusedLine> {
        let text = fs::read_to_string(&self.backfill.report).unwrap();
        text.lines()
            .map(|line| serde_json::from_str(line).unwrap())
            .collect()
    }

    /// A run that is interrupted behind its first commit.
    fn run_interrupted(&self) {
        let broken_off = catch_unwind(AssertUnwindSafe(|| {
            self.backfill.run(&mut |_, _| panic!("the interruption"))
        }));
        assert!(broken_off.is_err());
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }
}

#[test]
fn a_line_older_than_the_first_is_refused_as_out_of_order() {
    let [calendar, rulebook] = books(day(2));
    let folder = Folder::with(&[calendar, rulebook, line(day(1), PLATFORM, warning())]);
    let outcome = folder.run();
    assert_eq!((outcome.accepted, outcome.refused), (2, 1));
    let report = folder.report();
    let refused = report.first().unwrap();
    assert_eq!(refused.line, 3);
    assert!(
        refused.detail.contains("lines stand in time order"),
        "{refused:?}"
    );
}

#[test]
fn a_history_that_goes_into_the_future_is_refused_before_anything_of_it_is_written() {
    let [calendar, rulebook] = books(day(1));
    let lines = [calendar, rulebook, line(day(3), PLATFORM, warning())];
    let mut folder = Folder::with(&lines);
    let untouched = |folder: &Folder, says: &str| {
        let error = folder.backfill.run(&mut |_, _| {}).unwrap_err();
        assert!(error.to_string().contains(says), "{error}");
        assert!(!folder.path("data").exists());
        assert!(!folder.path("refused.jsonl").exists());
    };
    folder.backfill.now = day(2);
    untouched(&folder, "line 3 is of 2026-03-05");
    folder.backfill.now = day(3);
    folder.backfill.until = Some(day(4));
    untouched(&folder, "deadlines cannot fire up to 2026-03-06");
    folder.backfill.until = Some(day(3));
    assert_eq!(folder.run().accepted, 3);
}

#[test]
fn a_line_out_of_order_is_refused_wherever_the_run_was_interrupted() {
    let mut lines = books(day(1)).to_vec();
    // The second group of lines begins behind line 256; what fills up to there does not read.
    lines.resize(254, "{}".to_owned());
    lines.push(line(day(3), PLATFORM, warning()));
    lines.resize(260, "{}".to_owned());
    lines.push(line(day(2), PLATFORM, warning()));
    let straight = Folder::with(&lines);
    let expected = straight.run();

    let interrupted = Folder::with(&lines);
    interrupted.run_interrupted();
    let outcome = interrupted.run();
    assert_eq!(outcome.resumed_behind_line, 255);
    assert_eq!(
        (outcome.lines, outcome.accepted, outcome.refused),
        (expected.lines, expected.accepted, expected.refused)
    );
    assert_eq!(interrupted.report(), straight.report());
    assert_eq!(straight.report().last().unwrap().line, 261);
}

#[test]
fn a_log_that_was_begun_after_the_first_line_is_no_place_for_it() {
    let folder = Folder::with(&books(day(1)));
    let begun = |at| {
        let (_, report) =
            Processor::open(&folder.backfill.dir, &label("tests"), at, &mut |_, _| {}).unwrap();
        report.created
    };
    assert!(begun(day(2)));
    let refused = folder.backfill.run(&mut |_, _| {}).unwrap_err();
    let said = refused.to_string();
    for part in [day(2).to_string(), day(1).to_string()] {
        assert!(said.contains(&part), "{said}");
    }
    assert!(said.contains("use an empty folder"), "{said}");
    assert!(!folder.backfill.report.exists(), "nothing was begun");

    fs::remove_dir_all(&folder.backfill.dir).unwrap();
    assert!(begun(day(1)));
    assert_eq!(folder.run().accepted, 2);
}

#[test]
fn a_first_line_that_is_no_text_is_refused_and_stops_nothing() {
    let folder = Folder::with(&books(day(1)));
    let mut bytes = b"\xff\xfe\n".to_vec();
    bytes.extend(fs::read(&folder.backfill.file).unwrap());
    fs::write(&folder.backfill.file, bytes).unwrap();
    let outcome = folder.run();
    assert_eq!((outcome.accepted, outcome.refused), (2, 1));
    assert_eq!(folder.report().first().unwrap().line, 1);
}

#[test]
fn a_report_never_overwrites_the_history_or_another_file() {
    let mut folder = Folder::with(&books(day(1)));
    let history = fs::read(&folder.backfill.file).unwrap();
    let other = folder.path("other.txt");
    fs::write(&other, "dear to somebody\n").unwrap();
    for taken in [folder.backfill.file.clone(), other.clone()] {
        folder.backfill.report = taken;
        let refused = folder.backfill.run(&mut |_, _| {}).unwrap_err();
        assert!(matches!(refused, Error::Backfill { .. }), "{refused}");
        assert!(refused.to_string().contains("--report"), "{refused}");
    }
    assert_eq!(fs::read(&folder.backfill.file).unwrap(), history);
    assert_eq!(fs::read_to_string(&other).unwrap(), "dear to somebody\n");
    assert!(
        Processor::open_existing(&folder.backfill.dir).is_err(),
        "nothing was begun"
    );
}

#[test]
fn a_report_that_an_interruption_tore_is_written_again() {
    let mut lines = books(day(1)).to_vec();
    lines.push("{}".to_owned());
    for torn in ["", "{\"li", "{\"line\":3,\"code\":\"malf"] {
        let folder = Folder::with(&lines);
        fs::write(&folder.backfill.report, torn).unwrap();
        assert_eq!(folder.run().refused, 1, "{torn}");
        assert_eq!(folder.report().first().unwrap().line, 3, "{torn}");
    }
}

#[test]
fn a_run_goes_on_only_with_the_report_of_the_one_that_was_interrupted() {
    let mut lines = books(day(1)).to_vec();
    // Line 3 reads and is refused; line 4 is accepted; the first commit is behind line 256.
    lines.push(line(day(1), DEV7, appeal("A1", "no-such-notice")));
    lines.push(line(day(1), PLATFORM, warning()));
    lines.resize(600, "{}".to_owned());
    let straight = Folder::with(&lines);
    let expected = straight.run();

    let folder = Folder::with(&lines);
    folder.run_interrupted();
    let own = fs::read_to_string(&folder.backfill.report).unwrap();
    let without_line_3 = own.split_once('\n').unwrap().1.to_owned();
    let with_line_4 = format!(
        "{}{own}",
        own.lines().next().unwrap().replace('3', "4") + "\n"
    );
    for (other, says) in [
        (None, "is missing"),
        (Some(String::new()), "does not list line 3"),
        (Some(without_line_3), "does not list line 3"),
        (Some(with_line_4), "lists line 4"),
    ] {
        match &other {
            None => fs::remove_file(&folder.backfill.report).unwrap(),
            Some(text) => fs::write(&folder.backfill.report, text).unwrap(),
        }
        let refused = folder.backfill.run(&mut |_, _| {}).unwrap_err().to_string();
        assert_eq!(
            fs::read_to_string(&folder.backfill.report).ok(),
            other,
            "it is not touched"
        );
        let report = folder.backfill.report.display().to_string();
        for part in [report.as_str(), says, "--report", "empty folder"] {
            assert!(refused.contains(part), "`{part}`: {refused}");
        }
    }

    fs::write(&folder.backfill.report, own).unwrap();
    let outcome = folder.run();
    assert_eq!(
        (outcome.lines, outcome.accepted, outcome.refused),
        (expected.lines, expected.accepted, expected.refused)
    );
    assert_eq!(folder.report(), straight.report());
}

#[test]
fn how_a_program_begins_and_ends_its_file_is_no_part_of_the_history() {
    let [calendar, rulebook] = books(day(0));
    let warning = line(day(1), PLATFORM, warning());
    let text = format!("\u{feff}{calendar}\r\n{rulebook}\r\n{warning}\r\n\r\n  \r\n");
    let outcome = Folder::with_text(&text).run();
    assert_eq!(
        (outcome.lines, outcome.accepted, outcome.refused),
        (3, 3, 0)
    );
}

#[test]
fn an_empty_line_between_others_is_refused_with_its_number() {
    let [calendar, rulebook] = books(day(0));
    let folder = Folder::with_text(&format!("{calendar}\n\n{rulebook}\n\n"));
    let outcome = folder.run();
    assert_eq!(
        (outcome.lines, outcome.accepted, outcome.refused),
        (3, 2, 1)
    );
    let report = folder.report();
    let refused = report.first().unwrap();
    assert_eq!(
        (refused.line, refused.code.as_str()),
        (2, "malformed_command")
    );
    assert!(refused.detail.contains("is empty"), "{}", refused.detail);
}

#[test]
fn a_line_whose_time_is_only_like_one_is_refused() {
    let [calendar, rulebook] = books(day(0));
    let good = day(1).to_string();
    let written = line(day(1), PLATFORM, warning());
    let others = [
        good.replace('T', " "),
        good.replace('.', ","),
        good.replace("00.000000Z", "60Z"),
        good.replace('Z', "+24:00"),
        good.replace('Z', "[UTC]"),
        "0000-01-01T00:00:00.000000Z".to_owned(),
    ];
    let lines: Vec<String> = [calendar, rulebook]
        .into_iter()
        .chain(others.iter().map(|other| written.replace(&good, other)))
        .collect();
    let folder = Folder::with(&lines);
    assert_eq!(folder.run().accepted, 2);
    let report = folder.report();
    assert_eq!(report.len(), others.len());
    for (refused, other) in report.iter().zip(&others) {
        assert_eq!(refused.code, "malformed_command", "{other}");
        assert!(refused.detail.contains(other), "{}", refused.detail);
    }
}

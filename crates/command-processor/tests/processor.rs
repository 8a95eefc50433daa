//! What the processor promises: one effect for one command, the same state from a snapshot as from zero, and no
//! answer before the disk.

#![expect(clippy::unwrap_used, reason = "a test fails where it unwraps")]

use std::{fs, os::unix::fs::symlink, path::Path, sync::mpsc, time::Duration};

use command_processor::{
    Answer, CURSOR_FILE, Clock, Cursor, Decided, Error, HEARTBEAT_FILE, Hold, Page, Processor,
    Reading, Recorded, SNAPSHOT_FILE, Submission, Views, Writer,
};
use event_log::{EventLog, LogId};
use events_schema::{
    Accepted, AccountEvent, AdoptRulebook, COMMAND_BYTES_MAX, Command, Event, FINDINGS_MAX, Filing,
    HoldId, Instant, Locale, MEASURES_MAX, Period, Problem, ReleaseDeadlines, RequestedMeasure,
    Restriction, ThreatenedMeasure, read_personal,
};
use rustix::fs::{CWD, FileType, Mode, mknodat};
use tempfile::TempDir;
use test_support::{
    ANN, DEV7, PLATFORM, ROOT, WarningBuilder, appeal, body_in_words, claim, day, finding, id,
    label, mistaken, parsed, penalty, publication, refusing, restriction, rulebook, unclaim,
    warning,
};

fn submission(sender: &str, id: &str, command: impl Into<Command>) -> Submission {
    let (actor, command) = parsed(sender, command);
    Submission {
        actor,
        command_id: id.parse().unwrap(),
        correlation_id: None,
        expected_revision: None,
        locale: Locale::English,
        command,
    }
}

/// A clock that stands still.
fn clock_at(wall: Instant) -> Clock {
    Clock::new(None, move || Reading {
        wall,
        since_boot: Duration::ZERO,
    })
}

fn open(dir: &Path, at: Instant) -> Processor {
    Processor::open(dir, &label("tests"), at, &mut |_, _| {})
        .unwrap()
        .0
}

/// A log with a calendar and a rulebook.
fn prepared() -> (TempDir, Processor) {
    let dir = tempfile::tempdir().unwrap();
    let mut processor = open(dir.path(), day(0));
    prepare(&mut processor, day(0));
    (dir, processor)
}

fn prepare(processor: &mut Processor, at: Instant) {
    for calendar in ["cn", "utc"] {
        let publish = Command::PublishCalendar(publication(calendar));
        accepted(processor, &submission(ROOT, calendar, publish), at);
    }
    let adopt = AdoptRulebook {
        toml: rulebook().toml(),
    };
    let adopt = Command::AdoptRulebook(adopt);
    accepted(processor, &submission(ROOT, "adopt", adopt), at);
}

fn take(processor: &mut Processor, submission: &Submission, at: Instant) -> Answer {
    processor.fire_due(at, at, usize::MAX).unwrap();
    let answer = processor.take(submission, at, at).unwrap();
    processor.commit().unwrap();
    answer
}

fn accepted(processor: &mut Processor, submission: &Submission, at: Instant) -> Accepted {
    match take(processor, submission, at) {
        Answer::Accepted(accepted) => *accepted,
        Answer::Refused(problem) => panic!("{problem:?}"),
    }
}

fn refused(processor: &mut Processor, submission: &Submission, at: Instant) -> Problem {
    match take(processor, submission, at) {
        Answer::Refused(problem) => *problem,
        Answer::Accepted(accepted) => panic!("{accepted:?}"),
    }
}

#[test]
fn the_same_command_again_has_one_effect_and_the_first_answer() {
    let (_dir, mut processor) = prepared();
    let command = submission(PLATFORM, "w-1", warning());
    let first = accepted(&mut processor, &command, day(1));
    let head = processor.head();
    let again = accepted(&mut processor, &command, day(2));
    assert!(again.replayed && !first.replayed);
    assert_eq!(again.positions, first.positions);
    assert_eq!(processor.head(), head, "nothing is written the second time");
}

#[test]
fn the_same_id_with_other_content_is_refused() {
    let (_dir, mut processor) = prepared();
    accepted(
        &mut processor,
        &submission(PLATFORM, "w-1", warning()),
        day(1),
    );
    let other = submission(PLATFORM, "w-1", warning().with_location("elsewhere"));
    assert_eq!(
        refused(&mut processor, &other, day(1)).code,
        "command_id_reused"
    );
}

#[test]
fn a_revision_that_the_caller_did_not_expect_is_refused() {
    let (_dir, mut processor) = prepared();
    let mut command = submission(PLATFORM, "w-1", warning());
    command.expected_revision = Some(3);
    assert_eq!(
        refused(&mut processor, &command, day(1)).code,
        "revision_conflict"
    );
    command.expected_revision = Some(0);
    assert_eq!(accepted(&mut processor, &command, day(1)).revision, 1);
}

#[test]
fn a_party_learns_nothing_of_the_case_of_another() {
    let (_dir, mut processor) = prepared();
    accepted(
        &mut processor,
        &submission(PLATFORM, "w-1", warning()),
        day(1),
    );
    let foreign = submission("party:dev8", "a-1", appeal("A1", "W1"));
    assert_eq!(
        refused(&mut processor, &foreign, day(1)).code,
        "unknown_case"
    );
}

#[test]
fn a_refused_filing_is_on_record_once_and_a_flood_is_only_counted() {
    let (_dir, mut processor) = prepared();
    accepted(
        &mut processor,
        &submission(PLATFORM, "p-1", penalty()),
        day(1),
    );
    let filing = submission(DEV7, "a-0", appeal("A1", "no-such-notice"));
    let problem = refused(&mut processor, &filing, day(1));
    let recorded_at = problem.recorded_at.unwrap();
    let record = processor.reader().read(recorded_at).unwrap().unwrap();
    match Recorded::read(recorded_at, record.header(), record.data())
        .unwrap()
        .event
    {
        Event::Account(AccountEvent::FilingRefused(recorded)) => {
            assert_eq!(Filing::of(&filing.command.command), Some(recorded.filing));
            assert_eq!(recorded.rejection, problem.facts);
        }
        other => panic!("{other:?}"),
    }
    let personal = read_personal("", record.data()).unwrap();
    assert_eq!(personal, filing.command.personal);
    let head = processor.head().next_position;
    assert_eq!(refused(&mut processor, &filing, day(1)).recorded_at, None);
    assert_eq!(
        processor.head().next_position,
        head,
        "the same refusal is not recorded twice"
    );

    for number in 1..200 {
        let id = format!("a-{number}");
        refused(
            &mut processor,
            &submission(DEV7, &id, appeal("A1", "no-such-notice")),
            day(1),
        );
    }
    let recorded = processor.head().next_position - head;
    assert!(recorded < 40, "{recorded} of 199 were recorded one by one");
    refused(
        &mut processor,
        &submission(DEV7, "next-day", appeal("A1", "no-such-notice")),
        day(2),
    );
    assert_eq!(processor.head().next_position, head + recorded + 1);
}

#[test]
fn a_filing_with_a_used_id_or_on_another_revision_is_refused_on_record_and_a_repeat_is_no_refusal()
{
    let (_dir, mut processor) = prepared();
    accepted(
        &mut processor,
        &submission(PLATFORM, "w-1", warning()),
        day(1),
    );
    let filed = submission(DEV7, "a-1", appeal("A1", "W1"));
    accepted(&mut processor, &filed, day(1));

    let reused = submission(DEV7, "a-1", appeal("A2", "W1"));
    let mut outdated = submission(DEV7, "a-3", appeal("A3", "W1"));
    outdated.expected_revision = Some(1);
    for (filing, code) in [
        (reused, "command_id_reused"),
        (outdated, "revision_conflict"),
    ] {
        let problem = refused(&mut processor, &filing, day(1));
        assert_eq!(problem.code, code);
        assert!(!problem.next.is_empty(), "{code}");
        let position = problem.recorded_at.unwrap();
        let record = processor.reader().read(position).unwrap().unwrap();
        let recorded = Recorded::read(position, record.header(), record.data()).unwrap();
        match recorded.event {
            Event::Account(AccountEvent::FilingRefused(recorded)) => {
                assert_eq!(recorded.rejection, problem.facts);
            }
            other => panic!("{other:?}"),
        }
    }

    let head = processor.head().next_position;
    assert!(accepted(&mut processor, &filed, day(1)).replayed);
    assert_eq!(processor.head().next_position, head);
    // Whoever is no party is told what can be done too, and leaves nothing.
    let mut other = submission(ANN, "c-1", claim("A1"));
    other.expected_revision = Some(1);
    assert_eq!(refused(&mut processor, &other, day(1)).recorded_at, None);
    assert_eq!(processor.head().next_position, head);
}

#[test]
fn a_deadline_fires_before_a_command_received_at_its_instant() {
    let (_dir, mut processor) = prepared();
    accepted(
        &mut processor,
        &submission(PLATFORM, "w-1", warning()),
        day(1),
    );
    let due = processor.next_due().unwrap();
    let in_time = processor
        .take(
            &submission(DEV7, "a-0", appeal("A0", "W1")),
            Instant::from_microseconds(due.microseconds() - 1),
            due,
        )
        .unwrap();
    assert!(
        matches!(in_time, Answer::Accepted(_)),
        "received before the due instant is in time"
    );

    let (_dir, mut processor) = prepared();
    accepted(
        &mut processor,
        &submission(PLATFORM, "w-1", warning()),
        day(1),
    );
    let late = refused(
        &mut processor,
        &submission(DEV7, "a-1", appeal("A1", "W1")),
        due,
    );
    assert_eq!(late.code, "notice_not_live");
}

#[test]
fn of_deadlines_due_at_the_same_instant_the_one_set_first_fires_first() {
    let (_dir, mut processor) = prepared();
    let same = rulebook()
        .with_version("same-periods")
        .with("review", "\"2 days\"")
        .with("claim_lease", "\"2 days\"");
    let adopt = Command::AdoptRulebook(AdoptRulebook { toml: same.toml() });
    accepted(&mut processor, &submission(ROOT, "same", adopt), day(1));
    let send = |processor: &mut Processor, sender, id: &str, command| {
        accepted(processor, &submission(sender, id, command), day(1));
    };
    send(&mut processor, PLATFORM, "w-1", warning().into());
    send(&mut processor, DEV7, "a-1", appeal("A1", "W1").into());
    // The lease comes to be called D10 or later, which as a text is before D2, the review.
    for round in 0..9 {
        send(&mut processor, ANN, &format!("c-{round}"), claim("A1"));
        if round < 8 {
            send(&mut processor, ANN, &format!("u-{round}"), unclaim("A1"));
        }
    }
    let due = processor.next_due().unwrap();
    let head = processor.head().next_position;
    processor.fire_due(due, due, usize::MAX).unwrap();
    let fired: Vec<_> = processor
        .commit()
        .unwrap()
        .iter()
        .map(|stored| stored.recorded.header.event_type)
        .collect();
    assert!(processor.head().next_position > head);
    // The review breaks the lease; a lease that had fired first would have given the appeal back before.
    assert_eq!(fired, ["redress.appeal.overdue.v1"]);
}

/// A warning as large as one can be, its measures naming so many territories each.
fn large_warning(territories: usize) -> WarningBuilder {
    let name = |what: char, n: usize| format!("{what}{n:0>63}");
    let findings: Vec<_> = (0..FINDINGS_MAX).map(|n| finding(&name('F', n))).collect();
    let mut built = warning().with_clause("5.1").with_findings(findings);
    for step in &mut built.0.steps {
        step.findings = vec![id(&name('F', 0))];
    }
    built.0.threatened_measures = (0..MEASURES_MAX)
        .map(|n| ThreatenedMeasure {
            id: id(&name('M', n)),
            findings: vec![id(&name('F', n))],
            restriction: Restriction {
                territory: vec![label(&"中".repeat(100)); territories],
                ..restriction(&name('c', n))
            },
            lasts: Some(Period::WorkingDays(100)),
        })
        .collect();
    built
}

#[test]
fn what_follows_from_the_largest_warning_fits_into_the_log() {
    let (_dir, mut processor) = prepared();
    let route = format!(
        "\n[[route]]\nname = \"{}\"\nurl = \"https://example.com/{}\"\n",
        "路".repeat(300),
        "r".repeat(270)
    );
    let toml = rulebook().with_version("rules-2").toml() + &route.repeat(7);
    let adopt = submission(
        ROOT,
        "adopt-2",
        Command::AdoptRulebook(AdoptRulebook { toml }),
    );
    accepted(&mut processor, &adopt, day(0));

    let too_large = |territories: usize| {
        let body = body_in_words(&large_warning(territories).into()).to_string();
        body.len() > COMMAND_BYTES_MAX
    };
    let mut largest = None;
    for territories in (0..).take_while(|n| !too_large(*n)) {
        let case = format!("C{territories}");
        let warning = large_warning(territories).with_case(&case);
        // A place of its own, of one length whatever the number.
        let warning = warning.with_location(&format!("place {territories:0>8}"));
        let sent = submission(PLATFORM, &case, warning);
        match take(&mut processor, &sent, day(1)) {
            Answer::Accepted(_) => largest = Some(case),
            Answer::Refused(problem) => {
                assert_eq!(problem.code, "too_large");
                break;
            }
        }
    }
    // A warning that fits and does not leave room was found, and one that does.
    let largest = largest.expect("a warning of the largest size that is accepted");
    processor.fire_due(day(40), day(40), usize::MAX).unwrap();
    processor.commit().unwrap();
    let taken_back = submission(PLATFORM, "back", mistaken("W1-P").with_case(&largest));
    let ended = accepted(&mut processor, &taken_back, day(41));
    assert_eq!(
        ended.positions.last - ended.positions.first,
        3,
        "withdrawn, lifted, sealed, closed"
    );
}

#[test]
fn more_than_a_record_holds_is_refused_and_nothing_else_fails_with_it() {
    let (_dir, mut processor) = prepared();
    let mut asked = penalty().with_findings(vec![finding("F1")]);
    asked.0.measures = (0..MEASURES_MAX)
        .map(|n| RequestedMeasure {
            id: id(&format!("M{n}")),
            findings: vec![id("F1")],
            restriction: Restriction {
                territory: vec![label(&"t".repeat(300)); 5],
                ..restriction("payment")
            },
            starts_at: None,
            ends_at: Some(day(9)),
        })
        .collect();
    let problem = refused(&mut processor, &submission(PLATFORM, "p-1", asked), day(1));
    assert_eq!(problem.code, "too_large");
    accepted(
        &mut processor,
        &submission(PLATFORM, "w-1", warning()),
        day(1),
    );
}

#[test]
fn an_account_with_thousands_of_restrictions_can_be_restored() {
    let (_dir, mut processor) = prepared();
    for n in 0..1_500 {
        let case = format!("case-of-a-long-name-{n:0>40}");
        let asked = penalty().with_case(&case).with_location(&case);
        let sent = submission(PLATFORM, &case, asked);
        processor.take(&sent, day(1), day(1)).unwrap();
    }
    processor.commit().unwrap();
    let case = format!("case-of-a-long-name-{:0>40}", 7);
    let sent = submission(PLATFORM, "back", mistaken("P1").with_case(&case));
    accepted(&mut processor, &sent, day(2));
}

#[test]
fn a_start_from_the_snapshot_comes_to_the_same_as_a_fold_from_zero() {
    let (dir, mut processor) = prepared();
    for number in 0..30 {
        let case = format!("C{number}");
        let issue = submission(
            PLATFORM,
            "w",
            warning().with_case(&case).with_location(&case),
        );
        accepted(&mut processor, &issue, day(1));
        if number % 3 == 0 {
            let filed = appeal("A1", "W1").with_case(&case);
            accepted(&mut processor, &submission(DEV7, "a", filed), day(2));
        }
    }
    let (views, feed, _) = Views::start(&processor, projections::ReadModel::default()).unwrap();
    let nobody = |_: Vec<Decided<()>>| unreachable!("nobody asks");
    let writer =
        Writer::spawn(processor, 8, clock_at(day(2)), feed.events.clone(), nobody).unwrap();
    writer.join().unwrap();
    drop(views);
    feed.join();
    assert!(
        dir.path().join(SNAPSHOT_FILE).exists(),
        "a stop writes the snapshot"
    );

    let (_, from_snapshot) = Processor::open_existing(dir.path()).unwrap();
    assert_eq!(from_snapshot.replayed, 0);
    fs::remove_file(dir.path().join(SNAPSHOT_FILE)).unwrap();
    let (mut from_zero, report) = Processor::open_existing(dir.path()).unwrap();
    assert_eq!(report.from_snapshot, 0);
    assert_eq!(from_snapshot.views.digests(), report.views.digests());
    let ruling = refusing("A1", day(3)).with_case("C0");
    accepted(&mut from_zero, &submission(ANN, "d", ruling), day(3));
}

#[test]
fn an_account_of_many_cases_is_shown_page_by_page_with_all_that_is_restricted() {
    let (dir, mut processor) = prepared();
    for number in 0..5 {
        let case = format!("C{number}");
        let issue = penalty().with_case(&case).with_location(&case);
        accepted(&mut processor, &submission(PLATFORM, "p", issue), day(1));
    }
    drop(processor);
    let (processor, report) = Processor::open_existing(dir.path()).unwrap();
    let (views, feed, _) = Views::start(&processor, report.views).unwrap();
    let mut page = Page {
        cases_max: 2,
        before: None,
    };
    let mut seen = Vec::new();
    loop {
        let account = views
            .account(&"dev7".parse().unwrap(), &page)
            .unwrap()
            .found;
        assert_eq!(account.restrictions.len(), 5, "whatever the page");
        let cases = account.cases.iter().map(|it| it.case.to_string());
        seen.push(cases.collect::<Vec<_>>());
        page.before = account.older;
        if page.before.is_none() {
            break;
        }
    }
    assert_eq!(seen, [vec!["C3", "C4"], vec!["C1", "C2"], vec!["C0"]]);
    drop(views);
    feed.join();
}

#[test]
fn of_many_restrictions_an_account_shows_those_of_its_latest_cases_and_counts_the_others() {
    let (dir, mut processor) = prepared();
    for number in 0..103 {
        let case = format!("C{number}");
        let issue = penalty().with_case(&case).with_location(&case);
        accepted(&mut processor, &submission(PLATFORM, "p", issue), day(1));
    }
    drop(processor);
    let (processor, report) = Processor::open_existing(dir.path()).unwrap();
    let (views, feed, _) = Views::start(&processor, report.views).unwrap();
    let page = Page {
        cases_max: 1,
        before: None,
    };
    let party = "dev7".parse().unwrap();
    let account = views.account(&party, &page).unwrap().found;
    let inbox = views.inbox(&party, &page).unwrap().found;
    assert_eq!(account.restrictions, inbox.restrictions);
    let cases = account.restrictions.iter().map(|it| it.case.to_string());
    let latest: Vec<_> = (3..103).map(|number| format!("C{number}")).collect();
    assert_eq!(cases.collect::<Vec<_>>(), latest);
    assert_eq!((account.restrictions_more, inbox.restrictions_more), (3, 3));
    drop(views);
    feed.join();
}

#[test]
fn a_log_whose_maker_was_killed_before_its_first_event_is_begun() {
    let dir = tempfile::tempdir().unwrap();
    drop(EventLog::create(dir.path(), LogId([7; 16])).unwrap());
    let (processor, report) =
        Processor::open(dir.path(), &label("tests"), day(0), &mut |_, _| {}).unwrap();
    assert!(report.created);
    assert_eq!(processor.head().next_position, 1);
    drop(processor);
    open(dir.path(), day(1));
}

#[test]
fn a_log_that_lost_all_of_its_events_is_not_begun_anew_before_somebody_accepts_it() {
    let (dir, processor) = prepared();
    let log_id = processor.reader().log_id();
    let head = served_and_stopped(processor, day(0));
    let mut cursor = Cursor::open(dir.path(), log_id, head).unwrap();
    cursor.advance(head, std::time::Instant::now()).unwrap();
    cursor.store().unwrap();

    for file in [HEARTBEAT_FILE, SNAPSHOT_FILE, CURSOR_FILE] {
        let emptied = tempfile::tempdir().unwrap();
        drop(EventLog::create(emptied.path(), log_id).unwrap());
        let evidence = fs::read(dir.path().join(file)).unwrap();
        fs::write(emptied.path().join(file), &evidence).unwrap();
        for _ in 0..2 {
            let processor = open(emptied.path(), day(1));
            assert_eq!(processor.head().next_position, 0, "{file}");
            processor.refuse_rollback().unwrap_err();
        }
        let mut processor = open(emptied.path(), day(1));
        let stored = processor.accept_rollback(day(1)).unwrap();
        assert_eq!(stored.len(), 3, "the log begins, says why, and holds still");
        // Whenever publishing begins, that is published.
        let cursor = Cursor::open(emptied.path(), log_id, 3).unwrap();
        assert_eq!(cursor.next_position(), 0);
        let kept = emptied.path().join(format!("{file}.before-rollback-0"));
        assert!(fs::read(&kept).unwrap() == evidence, "{file} was not kept");
        drop(processor);
        // As a kill leaves it between what is recorded and what is set aside: the next start finishes that.
        fs::rename(&kept, emptied.path().join(file)).unwrap();
        let processor = open(emptied.path(), day(1));
        assert!(fs::read(&kept).unwrap() == evidence, "{file} was not kept");
        let cursor = Cursor::open(emptied.path(), log_id, 3).unwrap();
        assert_eq!(cursor.next_position(), 0);
        processor.refuse_rollback().unwrap();
        assert_eq!(processor.head().next_position, 3);
        drop(processor);
        if file == CURSOR_FILE {
            let copy = kept.with_added_extension("new");
            let cursor = || {
                open(emptied.path(), day(1)).refuse_rollback().unwrap();
                assert!(kept.exists() && !copy.exists());
                let cursor = Cursor::open(emptied.path(), log_id, head).unwrap();
                cursor.next_position()
            };
            // Killed when its copy was whole and before it began anew, or after that.
            fs::rename(&kept, &copy).unwrap();
            fs::write(emptied.path().join(file), &evidence).unwrap();
            assert_eq!(cursor(), 0);
            fs::rename(&kept, &copy).unwrap();
            assert_eq!(cursor(), 0);
        }
    }
}

#[test]
fn where_a_log_is_gone_no_other_is_begun_beside_what_it_left() {
    let (dir, processor) = prepared();
    served_and_stopped(processor, day(0));
    for file in [HEARTBEAT_FILE, SNAPSHOT_FILE] {
        let left = tempfile::tempdir().unwrap();
        fs::copy(dir.path().join(file), left.path().join(file)).unwrap();
        let begun = Processor::open(left.path(), &label("tests"), day(1), &mut |_, _| {});
        let error = begun.map(|_| ()).unwrap_err().to_string();
        assert!(error.contains("no log") && error.contains(file), "{error}");
        assert!(!EventLog::exists(left.path()));
    }
}

#[test]
fn an_acceptance_keeps_the_cursor_of_another_log() {
    let emptied = emptied_beside_its_snapshot();
    let foreign = tempfile::tempdir().unwrap();
    drop(Cursor::open(foreign.path(), LogId([9; 16]), 700).unwrap());
    let cursor = fs::read(foreign.path().join(CURSOR_FILE)).unwrap();
    fs::write(emptied.path().join(CURSOR_FILE), &cursor).unwrap();

    open(emptied.path(), day(1))
        .accept_rollback(day(1))
        .unwrap();
    let kept = format!("{CURSOR_FILE}.of-another-log");
    assert!(fs::read(emptied.path().join(kept)).unwrap() == cursor);
}

#[test]
fn what_was_held_when_a_log_was_rolled_back_is_held_until_somebody_has_looked_at_the_rollback() {
    let (dir, processor) = prepared();
    served_and_stopped(processor, day(0));
    let backup = tempfile::tempdir().unwrap();
    copy_folder(dir.path(), backup.path());
    let mut processor = open(dir.path(), day(0));
    let warned = submission(PLATFORM, "w-1", warning());
    accepted(&mut processor, &warned, day(0));
    served_and_stopped(processor, day(30));
    let lost = open(dir.path(), day(30)).hold().unwrap().id().clone();
    let snapshot = backup.path().join(SNAPSHOT_FILE);
    fs::copy(dir.path().join(SNAPSHOT_FILE), snapshot).unwrap();

    // With a clock that says nothing against it.
    let mut processor = open(backup.path(), day(0));
    processor.accept_rollback(day(0)).unwrap();
    let is_held = |processor: &Processor| matches!(processor.hold(), Some(Hold::Deciding { .. }));
    assert!(is_held(&processor));
    drop(processor);
    served_and_stopped(open(backup.path(), day(0)), day(0));
    let mut processor = open(backup.path(), day(0));
    assert!(is_held(&processor));

    // A release that was on its way, for what was held before.
    let hold = processor.hold().unwrap().id().clone();
    let position = |hold: &HoldId| hold.as_str().split('-').next().unwrap().to_owned();
    assert_eq!(position(&hold), position(&lost));
    let late = submission(ROOT, "r-1", release_of(&lost));
    assert_eq!(refused(&mut processor, &late, day(0)).code, "time_held");
    assert!(is_held(&processor));
    let looked_at = submission(ROOT, "r-2", release_of(&hold));
    accepted(&mut processor, &looked_at, day(0));
    assert_eq!(processor.hold(), None);
}

#[test]
fn a_second_rollback_to_before_an_acceptance_is_told_by_what_that_leaves() {
    for file in [SNAPSHOT_FILE, HEARTBEAT_FILE] {
        let (dir, processor) = prepared();
        drop(processor);
        let backup = tempfile::tempdir().unwrap();
        copy_folder(dir.path(), backup.path());
        let mut processor = open(dir.path(), day(0));
        let warned = submission(PLATFORM, "w-1", warning());
        accepted(&mut processor, &warned, day(0));
        served_and_stopped(processor, day(0));
        let roll_back = |folder: &Path| {
            fs::remove_dir_all(folder.join("blocks")).unwrap();
            fs::create_dir(folder.join("blocks")).unwrap();
            copy_folder(&backup.path().join("blocks"), &folder.join("blocks"));
            fs::copy(backup.path().join("tip"), folder.join("tip")).unwrap();
        };
        roll_back(dir.path());
        let other = [SNAPSHOT_FILE, HEARTBEAT_FILE]
            .into_iter()
            .find(|it| *it != file);
        fs::remove_file(dir.path().join(other.unwrap())).unwrap();
        let mut processor = open(dir.path(), day(0));
        processor.accept_rollback(day(0)).unwrap();
        drop(processor);
        open(dir.path(), day(0)).refuse_rollback().unwrap();
        // Killed before it served a second, and rolled back once more.
        roll_back(dir.path());
        for _ in 0..2 {
            open(dir.path(), day(0)).refuse_rollback().unwrap_err();
        }
    }
}

#[test]
fn a_log_that_has_taken_the_place_of_another_one_is_not_served() {
    let (dir, processor) = prepared();
    let log_id = processor.reader().log_id();
    served_and_stopped(processor, day(0));
    drop(Cursor::open(dir.path(), log_id, 1).unwrap());
    let (other, processor) = prepared();
    served_and_stopped(processor, day(0));
    let files = [HEARTBEAT_FILE, SNAPSHOT_FILE, CURSOR_FILE];
    for file in files {
        fs::copy(dir.path().join(file), other.path().join(file)).unwrap();
    }
    for _ in 0..2 {
        let refused = open(other.path(), day(0)).refuse_rollback().unwrap_err();
        let said = refused.to_string();
        assert!(matches!(refused, Error::OfAnotherLog { .. }), "{said}");
        for part in files.map(|file| format!("`{file}` of log {log_id}")) {
            assert!(said.contains(&part), "{said}");
        }
    }
    // Where one of them is of this log, it is the others that are out of place.
    let processor = open(other.path(), day(0));
    drop(Cursor::open(other.path(), processor.reader().log_id(), 1).unwrap());
    processor.refuse_rollback().unwrap();
}

#[test]
fn a_pipe_or_a_device_in_the_place_of_a_file_is_kept_aside_and_nothing_waits_for_it() {
    let pipe = |path: &Path| mknodat(CWD, path, FileType::Fifo, Mode::RWXU, 0).unwrap();
    let device = |path: &Path| symlink("/dev/zero", path).unwrap();
    let puts: [&dyn Fn(&Path); 2] = [&pipe, &device];
    for file in [HEARTBEAT_FILE, SNAPSHOT_FILE, CURSOR_FILE, "caches.new"] {
        for put in puts {
            let (dir, processor) = prepared();
            drop(processor);
            put(&dir.path().join(file));
            let processor = open(dir.path(), day(0));
            let log_id = processor.reader().log_id();
            processor.refuse_rollback().unwrap();
            drop(Cursor::open(dir.path(), log_id, 1).unwrap());
            served_and_stopped(processor, day(0));
            let kept = dir.path().join(format!("{file}.set-aside"));
            assert!(kept.symlink_metadata().is_ok(), "{file}");
            let processor = open(dir.path(), day(0));
            processor.refuse_rollback().unwrap();
        }
    }
}

#[test]
fn a_snapshot_that_is_longer_than_it_can_be_is_not_read() {
    let (dir, processor) = prepared();
    served_and_stopped(processor, day(0));
    let snapshot = dir.path().join(SNAPSHOT_FILE);
    let file = fs::OpenOptions::new().write(true).open(snapshot).unwrap();
    file.set_len(1 << 40).unwrap();
    let (_, report) = Processor::open_existing(dir.path()).unwrap();
    assert_eq!(report.snapshot_refused.as_deref(), Some("it is damaged"));
}

#[test]
fn a_second_rollback_to_the_acceptance_of_the_first_is_no_acceptance() {
    let emptied = emptied_beside_its_snapshot();
    let mut processor = open(emptied.path(), day(1));
    processor.accept_rollback(day(1)).unwrap();
    drop(processor);
    let kept = format!("{SNAPSHOT_FILE}.before-rollback-0");
    fs::remove_file(emptied.path().join(kept)).unwrap();
    // A snapshot of a time when the log had gone on from there.
    let later = tempfile::tempdir().unwrap();
    copy_folder(emptied.path(), later.path());
    let mut processor = open(later.path(), day(1));
    let hold = processor.hold().unwrap().id().clone();
    let release = submission(ROOT, "r-1", release_of(&hold));
    accepted(&mut processor, &release, day(1));
    prepare(&mut processor, day(1));
    for number in 0..8 {
        let case = format!("C{number}");
        let warned = warning().with_case(&case).with_location(&case);
        let command = submission(PLATFORM, &case, warned);
        accepted(&mut processor, &command, day(1));
    }
    served_and_stopped(processor, day(1));

    fs::copy(
        later.path().join(SNAPSHOT_FILE),
        emptied.path().join(SNAPSHOT_FILE),
    )
    .unwrap();
    for _ in 0..2 {
        let processor = open(emptied.path(), day(1));
        processor.refuse_rollback().unwrap_err();
    }
}

fn release_of(hold: &HoldId) -> Command {
    Command::ReleaseDeadlines(ReleaseDeadlines {
        hold: Some(hold.clone()),
        ..ReleaseDeadlines::default()
    })
}

/// A log that lost all of its events, beside the snapshot of when it had them.
fn emptied_beside_its_snapshot() -> TempDir {
    let (dir, processor) = prepared();
    let log_id = processor.reader().log_id();
    served_and_stopped(processor, day(1));
    let emptied = tempfile::tempdir().unwrap();
    drop(EventLog::create(emptied.path(), log_id).unwrap());
    let snapshot = emptied.path().join(SNAPSHOT_FILE);
    fs::copy(dir.path().join(SNAPSHOT_FILE), snapshot).unwrap();
    emptied
}

/// Serves nobody and is stopped. Gives where the log ends then.
fn served_and_stopped(processor: Processor, at: Instant) -> u64 {
    let nobody = |_: Vec<Decided<()>>| unreachable!("nobody asks");
    let (views, feed, _) = Views::start(&processor, projections::ReadModel::default()).unwrap();
    let writer = Writer::spawn(processor, 8, clock_at(at), feed.events.clone(), nobody).unwrap();
    let head = writer.status.borrow().next_position;
    writer.join().unwrap();
    drop(views);
    feed.join();
    head
}

fn copy_folder(from: &Path, to: &Path) {
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let to = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            fs::create_dir_all(&to).unwrap();
            copy_folder(&entry.path(), &to);
        } else {
            fs::copy(entry.path(), to).unwrap();
        }
    }
}

#[test]
fn a_snapshot_of_another_log_is_kept_aside() {
    let dir = tempfile::tempdir().unwrap();
    let serve_and_stop = |dir: &Path| served_and_stopped(open(dir, day(0)), day(0));
    let other = tempfile::tempdir().unwrap();
    serve_and_stop(other.path());
    serve_and_stop(dir.path());
    let foreign = fs::read(other.path().join(SNAPSHOT_FILE)).unwrap();
    fs::write(dir.path().join(SNAPSHOT_FILE), &foreign).unwrap();
    serve_and_stop(dir.path());
    let kept = dir.path().join(format!("{SNAPSHOT_FILE}.of-another-log"));
    assert!(fs::read(kept).unwrap() == foreign);
    let (_, report) = Processor::open_existing(dir.path()).unwrap();
    assert_eq!(report.snapshot_refused, None);
}

#[test]
fn a_damaged_snapshot_is_left_out_and_said() {
    let (dir, mut processor) = prepared();
    accepted(
        &mut processor,
        &submission(PLATFORM, "w-1", warning()),
        day(1),
    );
    drop(processor);
    fs::write(dir.path().join(SNAPSHOT_FILE), b"not a snapshot").unwrap();
    let (_, report) = Processor::open_existing(dir.path()).unwrap();
    assert!(report.snapshot_refused.is_some());
    assert_eq!(report.from_snapshot, 0);
}

#[test]
fn no_answer_leaves_before_the_commit_is_durable() {
    let (_dir, processor) = prepared();
    let log = processor.reader();
    let (_views, feed, _) = Views::start(&processor, projections::ReadModel::default()).unwrap();
    let (give, answers) = mpsc::channel();
    let answer = move |answers: Vec<Decided<u32>>| {
        // Read on this thread, before anything that comes after the answers.
        let durable = log.head().next_position;
        for Decided { asker, answer, .. } in answers {
            give.send((asker, answer, durable)).unwrap();
        }
    };
    let writer =
        Writer::spawn(processor, 64, clock_at(day(0)), feed.events.clone(), answer).unwrap();
    // Each twice and all at once: a repeat too waits for what it repeats.
    for number in 0..50 {
        let case = format!("C{}", number / 2);
        let issue = warning().with_case(&case).with_location(&case);
        let submission = submission(PLATFORM, "w", issue);
        writer.intake.submit(submission, number).unwrap();
    }
    for number in 0..50 {
        match answers.recv().unwrap() {
            (asker, Answer::Accepted(accepted), durable) => {
                assert_eq!(asker, number, "answers keep the order of receipt");
                assert_eq!(accepted.replayed, number % 2 == 1);
                assert!(
                    accepted.positions.last < durable,
                    "answered before the log had it on disk"
                );
            }
            (_, Answer::Refused(problem), _) => panic!("{problem:?}"),
        }
    }
    writer.join().unwrap();
}

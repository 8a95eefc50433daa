mod outline;
mod told_apart;

use std::path::Path;

use proptest::prelude::*;

use super::*;
use crate::{Calendar, shipped_calendars};

fn weekend() -> Vec<Weekday> {
    vec![Weekday::Saturday, Weekday::Sunday]
}

fn imported(
    sources: &[IcsSource<'_>],
    covered: Option<(Date, Date)>,
) -> Result<CalendarContent, ImportProblems> {
    import_all(sources, &Marks::USUAL, covered).map(|imported| imported.content)
}

fn import_all(
    sources: &[IcsSource<'_>],
    marks: &Marks<'_>,
    covered: Option<(Date, Date)>,
) -> Result<Imported, ImportProblems> {
    let zone = "Asia/Shanghai".parse().unwrap();
    import(sources, marks, zone, weekend(), covered)
}

/// A file of events, each given as its properties.
fn file(events: &[&[&str]]) -> String {
    let events = events
        .iter()
        .flat_map(|properties| {
            ["BEGIN:VEVENT"]
                .into_iter()
                .chain(properties.iter().copied())
                .chain(["END:VEVENT"])
        })
        .collect::<Vec<_>>()
        .join("\r\n");
    format!("BEGIN:VCALENDAR\r\nVERSION:2.0\r\n{events}\r\nEND:VCALENDAR\r\n")
}

fn source<'a>(name: &'a str, text: &'a str) -> IcsSource<'a> {
    let bytes = text.as_bytes();
    IcsSource { name, bytes }
}

fn texts(dates: &[Date]) -> Vec<String> {
    dates.iter().map(ToString::to_string).collect()
}

fn problems_of(events: &[&[&str]]) -> Vec<String> {
    let text = file(events);
    imported(&[source("a.ics", &text)], None)
        .unwrap_err()
        .sentences()
}

const MAY_DAY: &[&str] = &[
    "SUMMARY:劳动节假期",
    "DTSTART;VALUE=DATE:20260501",
    "DTEND;VALUE=DATE:20260504",
];

#[test]
fn events_make_days_off_and_working_days_up_to_the_day_before_their_end() {
    let text = file(&[
        MAY_DAY,
        &["SUMMARY:上班(补劳动节假期)", "DTSTART;VALUE=DATE:20260509"],
        &[
            "SUMMARY:补班",
            "DTSTART;VALUE=DATE:20260516",
            "DTEND;VALUE=DATE:20260517",
        ],
        &["SUMMARY:WORK (make-up)", "DTSTART;VALUE=DATE:20260523"],
        &["SUMMARY:Workers' Day", "DTSTART;VALUE=DATE:20260525"],
        &[
            "SUMMARY:Called off",
            "DTSTART;VALUE=DATE:20260601",
            "STATUS:CANCELLED",
        ],
    ]);
    let content = imported(&[source("a.ics", &text)], None).unwrap();
    assert_eq!(
        texts(&content.days_off),
        ["2026-05-01", "2026-05-02", "2026-05-03", "2026-05-25"]
    );
    assert_eq!(
        texts(&content.extra_working_days),
        ["2026-05-09", "2026-05-16", "2026-05-23"]
    );
    assert_eq!(content.covered_from, date(2026, 1, 1));
    assert_eq!(content.covered_until, date(2026, 12, 31));
    assert_eq!(content.source.as_str(), "imported from a.ics");
    Calendar::new("made-up".parse().unwrap(), 1, &content).unwrap();
}

#[test]
fn files_merge_and_may_tell_the_same() {
    let one = file(&[MAY_DAY]);
    let two = file(&[
        MAY_DAY,
        &["SUMMARY:元旦", "DTSTART;VALUE=DATE:20270101"],
        &["SUMMARY:X", "DTSTART;VALUE=DATE:20270501"],
    ]);
    let content = imported(&[source("a.ics", &one), source("b.ics", &two)], None).unwrap();
    assert_eq!(content.days_off.len(), 5);
    assert_eq!(content.covered_until, date(2027, 12, 31));
    assert_eq!(content.source.as_str(), "imported from a.ics, b.ics");
}

#[test]
fn a_holiday_over_new_year_does_not_make_its_other_year_covered() {
    let text = file(&[
        &[
            "SUMMARY:元旦",
            "DTSTART;VALUE=DATE:20251231",
            "DTEND;VALUE=DATE:20260102",
        ],
        MAY_DAY,
        &[
            "SUMMARY:元旦",
            "DTSTART;VALUE=DATE:20261231",
            "DTEND;VALUE=DATE:20270102",
        ],
    ]);
    let content = imported(&[source("a.ics", &text)], None).unwrap();
    assert_eq!(content.covered_from, date(2026, 1, 1));
    assert_eq!(content.covered_until, date(2026, 12, 31));
    assert_eq!(content.days_off.len(), 5);
}

#[test]
fn whoever_imports_may_say_what_is_covered() {
    let text = file(&[MAY_DAY]);
    let covered = (date(2026, 5, 2), date(2027, 6, 30));
    let content = imported(&[source("a.ics", &text)], Some(covered)).unwrap();
    assert_eq!(texts(&content.days_off), ["2026-05-02", "2026-05-03"]);
    assert_eq!((content.covered_from, content.covered_until), covered);
}

#[test]
fn a_folded_line_and_a_byte_order_mark_are_read() {
    let text = "\u{feff}BEGIN:VCALENDAR\nBEGIN:VEVENT\nSUMMARY:上\n 班\nDTSTART;VALUE=DATE:\n 20260509\nEND:VEVENT\nEND:VCALENDAR\n";
    let content = imported(&[source("a.ics", text)], None).unwrap();
    assert_eq!(texts(&content.extra_working_days), ["2026-05-09"]);
}

#[test]
fn an_event_counts_however_its_name_is_written() {
    let text = file(&[MAY_DAY])
        .replace("BEGIN:VEVENT", "begin:vevent")
        .replace("END:VEVENT", "end:vevent");
    let content = imported(&[source("a.ics", &text)], None).unwrap();
    assert_eq!(content.days_off.len(), 3);
}

#[test]
fn a_summary_that_speaks_of_work_elsewhere_is_refused() {
    for summary in ["春节（班）", "国庆节补班", "Special Working Day", "Workday"] {
        let properties = [&format!("SUMMARY:{summary}"), "DTSTART;VALUE=DATE:20260509"];
        assert_eq!(
            problems_of(&[&properties]),
            [format!(
                "a.ics: event `{summary}` of 20260509: may be a make-up working day or a day off; the \
                 summaries of make-up working days begin with one of: 上班, 补班, work"
            )]
        );
    }
    for summary in [
        "Non-working day",
        "Day off work",
        "Workers’ Day",
        "Work's Day",
    ] {
        let properties = [&format!("SUMMARY:{summary}"), "DTSTART;VALUE=DATE:20260509"];
        let text = file(&[&properties]);
        let content = imported(&[source("a.ics", &text)], None).unwrap();
        assert_eq!(content.days_off.len(), 1, "{summary}");
    }
}

#[test]
fn whoever_imports_may_say_how_make_up_days_are_named() {
    let text = file(&[
        &["SUMMARY:春节（班）", "DTSTART;VALUE=DATE:20260214"],
        &["SUMMARY:special working day", "DTSTART;VALUE=DATE:20260228"],
        MAY_DAY,
    ]);
    let marks = Marks {
        working_days: &["春节（班）", "Special Working Day", ""],
        ..Marks::USUAL
    };
    let content = import_all(&[source("a.ics", &text)], &marks, None)
        .unwrap()
        .content;
    assert_eq!(
        texts(&content.extra_working_days),
        ["2026-02-14", "2026-02-28"]
    );
    assert_eq!(content.days_off.len(), 3);
}

#[test]
fn what_is_not_understood_is_refused_by_name() {
    for (properties, problem) in [
        (
            &[
                "SUMMARY:New Year",
                "DTSTART;VALUE=DATE:20260101",
                "RRULE:FREQ=YEARLY",
            ][..],
            "a.ics: event `New Year` of 20260101: recurs (RRULE); list each day as an event of its own",
        ),
        (
            &[
                "SUMMARY:New Year",
                "DTSTART;VALUE=DATE:20260101",
                "RDATE;VALUE=DATE:20270101",
            ],
            "a.ics: event `New Year` of 20260101: recurs (RDATE); list each day as an event of its own",
        ),
        (
            &[
                "SUMMARY:Instance",
                "DTSTART;VALUE=DATE:20260101",
                "STATUS:CANCELLED",
                "RECURRENCE-ID;VALUE=DATE:20260101",
            ],
            "a.ics: event `Instance` of 20260101: recurs (RECURRENCE-ID); list each day as an event of its own",
        ),
        (
            &["SUMMARY:Free", "DTSTART;VALUE=DATE:20260101", "STATUS:FREE"],
            "a.ics: event `Free` of 20260101: its STATUS, `FREE`, is none of CONFIRMED, TENTATIVE and CANCELLED",
        ),
        (
            &[
                "SUMMARY:Which",
                "DTSTART;VALUE=DATE:20260101",
                "SEQUENCE:one",
            ],
            "a.ics: event `Which` of 20260101: its SEQUENCE, `one`, is no number from 0",
        ),
        (
            &["SUMMARY:Zero", "DTSTART;VALUE=DATE:00000101"],
            "a.ics: event `Zero` of 00000101: `00000101` is no date such as 20260501",
        ),
        (
            &["SUMMARY:Odd", "DTSTART;VALUE=DATE:20260230"],
            "a.ics: event `Odd` of 20260230: `20260230` is no date such as 20260501",
        ),
        (
            &[
                "SUMMARY:One",
                "DTSTART;VALUE=DATE:20260502",
                "DTSTART;VALUE=DATE:20260601",
            ],
            "a.ics: event `One` of 20260502: gives DTSTART twice, as if two events ran together",
        ),
        (
            &["SUMMARY:Never"],
            "a.ics: event `Never` of no date: has no DTSTART",
        ),
        (
            &[
                "SUMMARY:Back",
                "DTSTART;VALUE=DATE:20260502",
                "DTEND;VALUE=DATE:20260502",
            ],
            "a.ics: event `Back` of 20260502: ends at 2026-05-02, before its first day, 2026-05-02, is over",
        ),
        (
            &[
                "SUMMARY:Endless",
                "DTSTART;VALUE=DATE:20260502",
                "DTEND;VALUE=DATE:20280502",
            ],
            "a.ics: event `Endless` of 20260502: is longer than a year",
        ),
    ] {
        assert_eq!(problems_of(&[properties, MAY_DAY]), [problem]);
    }
}

#[test]
fn times_that_may_be_whole_days_and_lengths_that_are_not_are_refused() {
    for (properties, problem) in [
        (
            &[
                "SUMMARY:Whole day",
                "DTSTART;TZID=Asia/Shanghai:20260501T000000",
                "DTEND;TZID=Asia/Shanghai:20260501T235900",
            ][..],
            "a.ics: event `Whole day` of 20260501T000000: is at times of day that may stand for whole days; write \
             it as an event of whole days, with VALUE=DATE",
        ),
        (
            &["SUMMARY:Midnight", "DTSTART:20260501T000000"],
            "a.ics: event `Midnight` of 20260501T000000: is at times of day that may stand for whole days; write \
             it as an event of whole days, with VALUE=DATE",
        ),
        (
            &[
                "SUMMARY:Mixed",
                "DTSTART;VALUE=DATE:20260501",
                "DTEND:20260501T120000Z",
            ],
            "a.ics: event `Mixed` of 20260501: is at times of day that may stand for whole days; write \
             it as an event of whole days, with VALUE=DATE",
        ),
        (
            &[
                "SUMMARY:Odd length",
                "DTSTART;VALUE=DATE:20260101",
                "DURATION:P1DT12H",
            ],
            "a.ics: event `Odd length` of 20260101: `P1DT12H` is no DURATION of whole days, such as P2D",
        ),
        (
            &[
                "SUMMARY:Months",
                "DTSTART;VALUE=DATE:20260101",
                "DURATION:P1M",
            ],
            "a.ics: event `Months` of 20260101: `P1M` is no DURATION of whole days, such as P2D",
        ),
        (
            &[
                "SUMMARY:Two ends",
                "DTSTART;VALUE=DATE:20260101",
                "DTEND;VALUE=DATE:20260102",
                "DURATION:P2D",
            ],
            "a.ics: event `Two ends` of 20260101: has both a DTEND and a DURATION",
        ),
    ] {
        assert_eq!(problems_of(&[properties, MAY_DAY]), [problem]);
    }
}

#[test]
fn all_problems_are_reported_at_once() {
    let timed = file(&[&["SUMMARY:A", "DTSTART:20260501T000000Z"], &["SUMMARY:B"]]);
    let problems = imported(
        &[
            source("a.ics", &timed),
            source("b.ics", "no calendar"),
            source("c.ics", &file(&[])),
        ],
        None,
    )
    .unwrap_err();
    let sentences = problems.sentences();
    assert_eq!(sentences.len(), 4, "{problems}");
    assert_eq!(problems.problems().len(), 4);
    assert!(
        sentences
            .iter()
            .any(|it| it.starts_with("b.ics: no iCalendar file")),
        "{problems}"
    );
    assert!(
        sentences.contains(&"c.ics: has no event".to_owned()),
        "{problems}"
    );
}

#[test]
fn two_events_that_disagree_are_refused() {
    let text = file(&[MAY_DAY, &["SUMMARY:上班", "DTSTART;VALUE=DATE:20260503"]]);
    assert_eq!(
        imported(&[source("a.ics", &text)], None)
            .unwrap_err()
            .to_string(),
        "2026-05-03: a day off by one event and a working day by another: a.ics: event `劳动节假期` of \
         20260501; a.ics: event `上班` of 20260503"
    );
}

#[test]
fn a_year_that_was_forgotten_is_refused() {
    let other = &["SUMMARY:X", "DTSTART;VALUE=DATE:20280601"][..];
    assert_eq!(
        problems_of(&[MAY_DAY, other]),
        ["2027: no event in this year: add its file, or name the days that are covered"]
    );
    assert_eq!(
        imported(&[], None).unwrap_err().to_string(),
        "no whole year has events: name the days that are covered"
    );
}

proptest! {
    /// A file that lost or gained lines imports, or says why not.
    #[test]
    fn a_damaged_file_never_ends_the_import(
        line in 0_usize..14, length in 0_usize..3, put in "(BEGIN|END|DTSTART|DTEND)?[:;]?.{0,12}",
    ) {
        let text = file(&[MAY_DAY, &["SUMMARY:X", "DTSTART;VALUE=DATE:20260601"]]);
        let mut lines: Vec<&str> = text.lines().collect();
        let end = (line + length).min(lines.len());
        lines.splice(line.min(end)..end, [put.as_str()]);
        match imported(&[source("a.ics", &lines.join("\r\n"))], None) {
            Ok(content) => prop_assert!(!content.days_off.is_empty()),
            Err(problems) => prop_assert!(!problems.problems().is_empty()),
        }
    }
}

/// The published files are not part of the project; where they lie beside it they are compared.
#[test]
#[ignore = "needs the published calendars beside the project, with which `cargo xtask test` runs it"]
#[expect(
    clippy::disallowed_methods,
    reason = "reads the data that the test compares with"
)]
fn the_shipped_calendar_of_china_agrees_with_the_published_files() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data/calendars");
    let files: Vec<(String, String)> = (2018..=2026)
        .map(|year| format!("cn-{year}.ics"))
        .map(|name| {
            let text = std::fs::read_to_string(folder.join(&name));
            let text = text.unwrap_or_else(|error| panic!("{name}: {error}"));
            (name, text)
        })
        .collect();
    let sources: Vec<_> = files
        .iter()
        .map(|(name, text)| source(name, text))
        .collect();
    let imported = import_all(&sources, &Marks::USUAL, None).unwrap();
    assert_eq!(imported.left_out, []);
    let content = imported.content;
    let (id, version, shipped) = shipped_calendars().into_iter().next().unwrap();
    assert_eq!(content.days_off, shipped.days_off);
    assert_eq!(content.covered_from, shipped.covered_from);
    assert_eq!(content.covered_until, shipped.covered_until);
    let ours = Calendar::new(id.clone(), version, &shipped).unwrap();
    let theirs = Calendar::new(id, version, &content).unwrap();
    // The files also list a Monday as a make-up day, so the days are compared and not the lists.
    for day in shipped.covered_from.series(jiff::Span::new().days(1)) {
        if day > shipped.covered_until {
            break;
        }
        assert_eq!(
            ours.is_working_day(day),
            theirs.is_working_day(day),
            "{day}"
        );
    }
}

//! Events that make no day off: each is left out for its own reason, and listed.

use super::*;

/// What is left out, in short, of a file with a certain holiday beside these events.
fn left_out(events: &[&[&str]]) -> Vec<(String, &'static str)> {
    let all: Vec<&[&str]> = [MAY_DAY]
        .into_iter()
        .chain(events.iter().copied())
        .collect();
    let imported = import_all(&[source("a.ics", &file(&all))], &Marks::USUAL, None).unwrap();
    assert_eq!(imported.content.days_off.len(), 3, "{imported:?}");
    assert_eq!(imported.content.extra_working_days, [], "{imported:?}");
    assert_eq!(imported.entries, all.len());
    let shorter = |place: &str| place.split('`').nth(1).unwrap_or_default().to_owned();
    imported
        .left_out
        .iter()
        .map(|left| (shorter(&left.place), left.reason.code()))
        .collect()
}

const IN_JUNE: &str = "DTSTART;VALUE=DATE:20260615";

#[test]
fn an_observance_is_no_day_off_in_whichever_way_it_is_marked() {
    for (name, mark) in [
        ("A", "DESCRIPTION:Observance"),
        (
            "B",
            "DESCRIPTION:Observance\\nTo hide observances\\, go to the settings",
        ),
        ("C", "DESCRIPTION:observance - so special"),
        ("D", "DESCRIPTION:Observance\\, Christian"),
        ("E", "CATEGORIES:Holidays,OBSERVANCE"),
        ("F", "DESCRIPTION;LANGUAGE=zh:纪念日"),
        (
            "G",
            "DESCRIPTION:Fiesta\\nPara ocultarla\\, ve a los ajustes de Google Calendar",
        ),
        ("H (observance)", "CLASS:PUBLIC"),
        ("建党节（纪念日）", "CLASS:PUBLIC"),
    ] {
        let summary = format!("SUMMARY:{name}");
        let events: &[&[&str]] = &[&[&summary, IN_JUNE, mark]];
        assert_eq!(
            left_out(events),
            [(name.to_owned(), "observance")],
            "{mark}"
        );
    }
}

#[test]
fn a_holiday_is_off_although_its_time_is_free_or_its_text_speaks_of_observing() {
    for mark in [
        "DESCRIPTION:Public holiday",
        "DESCRIPTION:Observance of the founding of the republic",
        "DESCRIPTION:Public holiday\\nObservance",
        "CATEGORIES:Holidays",
        "TRANSP:TRANSPARENT",
        "STATUS:CONFIRMED",
    ] {
        let text = file(&[&["SUMMARY:Day (observed)", IN_JUNE, mark]]);
        let content = imported(&[source("a.ics", &text)], None).unwrap();
        assert_eq!(texts(&content.days_off), ["2026-06-15"], "{mark}");
    }
}

#[test]
fn a_make_up_working_day_is_one_although_it_is_marked_as_an_observance() {
    let make_up = &[
        "SUMMARY:上班",
        "DTSTART;VALUE=DATE:20260509",
        "DESCRIPTION:Observance",
    ];
    let content = imported(&[source("a.ics", &file(&[MAY_DAY, make_up]))], None).unwrap();
    assert_eq!(texts(&content.extra_working_days), ["2026-05-09"]);
}

#[test]
fn whoever_imports_may_say_what_marks_an_observance() {
    let text = file(&[
        MAY_DAY,
        &["SUMMARY:A", IN_JUNE, "DESCRIPTION:Gedenktag"],
        &[
            "SUMMARY:B",
            "DTSTART;VALUE=DATE:20260616",
            "DESCRIPTION:Observance\\nGoogle",
        ],
    ]);
    for (observances, days_off) in [(&["gedenktag"][..], 3), (&["x"], 4), (&[], 5), (&[""], 5)] {
        let marks = Marks {
            observances,
            ..Marks::USUAL
        };
        let imported = import_all(&[source("a.ics", &text)], &marks, None).unwrap();
        assert_eq!(imported.content.days_off.len(), days_off, "{observances:?}");
    }
}

#[test]
fn what_is_tentative_or_cancelled_is_no_day_off_even_where_it_recurs() {
    let events: &[&[&str]] = &[
        &["SUMMARY:A", IN_JUNE, "STATUS:TENTATIVE"],
        &[
            "SUMMARY:B",
            IN_JUNE,
            "STATUS:tentative",
            "RRULE:FREQ=YEARLY",
        ],
        &["SUMMARY:C", IN_JUNE, "STATUS:CANCELLED"],
        &["SUMMARY:上班 D", IN_JUNE, "STATUS:CANCELLED"],
    ];
    assert_eq!(
        left_out(events)
            .iter()
            .map(|(_, why)| *why)
            .collect::<Vec<_>>(),
        ["tentative", "tentative", "cancelled", "cancelled"]
    );
}

#[test]
fn a_calendar_that_is_sent_to_cancel_its_events_makes_no_day_off() {
    let calling_off = file(&[&["SUMMARY:A", "UID:a", "SEQUENCE:1", IN_JUNE]])
        .replace("VERSION:2.0", "METHOD:CANCEL");
    let before = file(&[MAY_DAY, &["SUMMARY:A", "UID:a", IN_JUNE]]);
    let sources = [source("a.ics", &before), source("b.ics", &calling_off)];
    let imported = import_all(&sources, &Marks::USUAL, None).unwrap();
    assert_eq!(imported.content.days_off.len(), 3);
    let codes: Vec<_> = imported
        .left_out
        .iter()
        .map(|it| it.reason.code())
        .collect();
    assert_eq!(codes, ["replaced", "cancelled"]);
}

#[test]
fn what_is_of_less_than_a_day_is_no_day_off() {
    let at_noon = "DTSTART;TZID=Asia/Shanghai:20260615T120000";
    for properties in [
        &["SUMMARY:A", at_noon][..],
        &[
            "SUMMARY:A",
            at_noon,
            "DTEND;TZID=Asia/Shanghai:20260615T180000",
        ],
        &[
            "SUMMARY:A",
            "DTSTART:20260615T040000Z",
            "DTEND:20260615T100000Z",
        ],
        &["SUMMARY:A", at_noon, "DURATION:PT6H"],
        &[
            "SUMMARY:A",
            "DTSTART:20260615T000000",
            "DTEND:20260615T120000",
        ],
        &["SUMMARY:A", at_noon, "DURATION:PT6H", "RRULE:FREQ=YEARLY"],
        &["SUMMARY:A", IN_JUNE, "DURATION:PT12H"],
        &["SUMMARY:A", IN_JUNE, "DESCRIPTION:Half-day holiday"],
        &["SUMMARY:A", IN_JUNE, "CATEGORIES:Half Day"],
    ] {
        assert_eq!(
            left_out(&[properties]),
            [("A".to_owned(), "half_day")],
            "{properties:?}"
        );
    }
    for name in [
        "New Year's Eve (half day)",
        "Half-Holiday",
        "除夕放假半天",
        "上班半天",
    ] {
        let summary = format!("SUMMARY:{name}");
        assert_eq!(
            left_out(&[&[&summary, IN_JUNE]]),
            [(name.to_owned(), "half_day")]
        );
    }
}

#[test]
fn a_duration_of_whole_days_says_where_an_event_ends() {
    for (duration, days) in [("P1D", 1), ("P3D", 3), ("P1W", 7), ("PT24H", 1)] {
        let length = format!("DURATION:{duration}");
        let text = file(&[&["SUMMARY:A", IN_JUNE, &length]]);
        let content = imported(&[source("a.ics", &text)], None).unwrap();
        assert_eq!(content.days_off.len(), days, "{duration}");
    }
}

/// Imports versions of one event in this order and the other way round.
fn versions(one: &[&str], other: &[&str]) -> [Result<Imported, ImportProblems>; 2] {
    let with_uid = |properties: &[&str]| {
        let lines: Vec<&str> = ["SUMMARY:A", "UID:same"]
            .into_iter()
            .chain(properties.iter().copied())
            .collect();
        file(&[&lines])
    };
    let (one, other) = (with_uid(one), with_uid(other));
    let (one, other) = (source("a.ics", &one), source("b.ics", &other));
    [[one, other], [other, one]].map(|sources| import_all(&sources, &Marks::USUAL, None))
}

const MOVED: &str = "DTSTART;VALUE=DATE:20260622";

#[test]
fn the_latest_version_of_an_event_counts_wherever_it_stands() {
    for (earlier, later) in [
        (&[IN_JUNE][..], &[MOVED, "SEQUENCE:1"][..]),
        (&[IN_JUNE, "SEQUENCE:9"], &[MOVED, "SEQUENCE:10"]),
        (
            &[IN_JUNE, "SEQUENCE:1", "LAST-MODIFIED:20260601T000000Z"],
            &[MOVED, "SEQUENCE:2", "LAST-MODIFIED:20250601T000000Z"],
        ),
        (
            &[
                IN_JUNE,
                "LAST-MODIFIED:20250601T000000Z",
                "DTSTAMP:20260601T000000Z",
            ],
            &[
                MOVED,
                "LAST-MODIFIED:20250602T000000Z",
                "DTSTAMP:20260601T000000Z",
            ],
        ),
        (
            &[IN_JUNE, "DTSTAMP:20250601T000000Z"],
            &[MOVED, "DTSTAMP:20250602T000000Z"],
        ),
    ] {
        for imported in versions(earlier, later) {
            let imported = imported.unwrap();
            assert_eq!(
                texts(&imported.content.days_off),
                ["2026-06-22"],
                "{later:?}"
            );
            let [left] = imported.left_out.as_slice() else {
                panic!("{imported:?}")
            };
            assert_eq!(left.reason.code(), "replaced");
            assert!(left.place.contains("20260615"), "{left:?}");
        }
    }
}

#[test]
fn an_event_that_its_latest_version_cancels_is_no_day_off() {
    let text = file(&[
        MAY_DAY,
        &["SUMMARY:A", "UID:a", IN_JUNE],
        &[
            "SUMMARY:A",
            "UID:a",
            IN_JUNE,
            "SEQUENCE:1",
            "STATUS:CANCELLED",
        ],
    ]);
    let imported = import_all(&[source("a.ics", &text)], &Marks::USUAL, None).unwrap();
    assert_eq!(imported.content.days_off.len(), 3);
    let codes: Vec<_> = imported
        .left_out
        .iter()
        .map(|it| it.reason.code())
        .collect();
    assert_eq!(codes, ["replaced", "cancelled"]);
}

#[test]
fn versions_that_nothing_tells_apart_are_refused_unless_they_are_the_same() {
    for imported in versions(&[IN_JUNE, "SEQUENCE:1"], &[MOVED, "SEQUENCE:1"]) {
        let said = imported.unwrap_err().to_string();
        assert!(said.contains("has the UID of another event"), "{said}");
    }
    for imported in versions(&[IN_JUNE], &[IN_JUNE]) {
        let imported = imported.unwrap();
        assert_eq!(imported.content.days_off.len(), 1);
        assert_eq!(imported.entries, 2);
        let [left] = imported.left_out.as_slice() else {
            panic!("{imported:?}")
        };
        assert_eq!(left.reason.code(), "said_before");
    }
}

#[test]
fn what_a_later_version_has_settled_is_no_problem_in_whatever_order_it_stands() {
    let of = |day: &'static str, sequence: &'static str| ["SUMMARY:A", "UID:same", day, sequence];
    let [one, other, later] = [
        of(IN_JUNE, "SEQUENCE:1"),
        of(MOVED, "SEQUENCE:1"),
        of("DTSTART;VALUE=DATE:20260629", "SEQUENCE:2"),
    ];
    for order in [
        [one, other, later],
        [other, one, later],
        [one, later, other],
        [later, one, other],
    ] {
        let text = file(&order.each_ref().map(|it| &it[..]));
        let imported = import_all(&[source("a.ics", &text)], &Marks::USUAL, None).unwrap();
        assert_eq!(texts(&imported.content.days_off), ["2026-06-29"]);
        assert_eq!(imported.left_out.len(), 2, "{imported:?}");
    }
    // Of the latest versions nothing tells which one counts.
    let text = file(&[&one, &later, &of(MOVED, "SEQUENCE:2")]);
    let refused = import_all(&[source("a.ics", &text)], &Marks::USUAL, None).unwrap_err();
    assert_eq!(
        refused
            .to_string()
            .matches("has the UID of another event")
            .count(),
        1
    );
}

#[test]
fn what_is_no_event_and_what_is_not_covered_is_listed_too() {
    let text = file(&[
        MAY_DAY,
        &[
            "SUMMARY:New Year",
            "DTSTART;VALUE=DATE:20261231",
            "DTEND;VALUE=DATE:20270103",
        ],
    ])
    .replace(
        "END:VCALENDAR",
        "BEGIN:VTODO\r\nSUMMARY:Buy\r\nEND:VTODO\r\nEND:VCALENDAR",
    );
    let imported = import_all(&[source("a.ics", &text)], &Marks::USUAL, None).unwrap();
    assert_eq!(imported.entries, 3);
    let said: Vec<String> = imported
        .left_out
        .iter()
        .map(|left| format!("{}: {}", left.place, left.reason))
        .collect();
    assert_eq!(
        said,
        [
            "a.ics: VTODO `Buy`: is no event",
            "a.ics: event `New Year` of 20261231: has days outside of what is covered, 2026-01-01 to 2026-12-31: 2",
        ]
    );
}

#[test]
fn a_line_that_is_folded_inside_a_character_is_read() {
    let (before, after) = file(&[&["SUMMARY:上班", IN_JUNE], MAY_DAY])
        .split_once('上')
        .map(|(before, after)| (before.to_owned(), after.to_owned()))
        .unwrap();
    let [one, two, three] = *"上".as_bytes() else {
        unreachable!("three bytes")
    };
    for fold in ["\r\n ", "\n\t"] {
        let mut bytes = before.clone().into_bytes();
        bytes.extend([one]);
        bytes.extend(fold.as_bytes());
        bytes.extend([two, three]);
        bytes.extend(after.as_bytes());
        let source = IcsSource {
            name: "a.ics",
            bytes: &bytes,
        };
        let content = imported(&[source], None).unwrap();
        assert_eq!(texts(&content.extra_working_days), ["2026-06-15"]);
    }
}

#[test]
fn lines_that_end_in_a_carriage_return_alone_are_refused_for_what_they_are() {
    let text = file(&[MAY_DAY]).replace("\r\n", "\r");
    let said = imported(&[source("a.ics", &text)], None)
        .unwrap_err()
        .to_string();
    assert!(said.contains("end in a carriage return alone"), "{said}");
}

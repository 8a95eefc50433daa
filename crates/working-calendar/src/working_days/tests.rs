use events_schema::Weekday;
use jiff::civil::date;
use proptest::prelude::*;

use super::*;
use crate::shipped_calendars;

fn shipped(id: &str) -> Calendar {
    let (id, version, content) = shipped_calendars()
        .into_iter()
        .find(|(shipped, ..)| shipped.as_str() == id)
        .unwrap();
    Calendar::new(id, version, &content).unwrap()
}

fn content(zone: &str) -> CalendarContent {
    CalendarContent {
        zone: zone.parse().unwrap(),
        weekend: vec![Weekday::Saturday, Weekday::Sunday],
        days_off: Vec::new(),
        extra_working_days: Vec::new(),
        covered_from: date(2022, 1, 1),
        covered_until: date(2026, 12, 31),
        source: "made up".parse().unwrap(),
    }
}

fn calendar(content: &CalendarContent) -> Calendar {
    Calendar::new("made-up".parse().unwrap(), 1, content).unwrap()
}

fn at(text: &str) -> Instant {
    text.parse().unwrap()
}

fn due(calendar: &Calendar, from: &str, period: &str) -> String {
    let due = calendar.due(at(from), period.parse().unwrap());
    assert!(!due.provisional, "{from} and {period}");
    due.at.to_string()
}

#[test]
fn seven_working_days_in_china_end_at_the_midnight_after_the_last() {
    let china = shipped("cn");
    for (from, midnight) in [
        ("2023-06-19", "2023-06-29T16:00:00.000000Z"),
        ("2023-06-21", "2023-07-03T16:00:00.000000Z"),
        ("2023-04-21", "2023-05-04T16:00:00.000000Z"),
        ("2023-09-27", "2023-10-12T16:00:00.000000Z"),
        ("2025-09-29", "2025-10-15T16:00:00.000000Z"),
        ("2026-02-13", "2026-03-02T16:00:00.000000Z"),
    ] {
        for time in ["00:00:00", "09:30:00", "23:59:59.999999"] {
            let from = format!("{from}T{time}+08:00");
            assert_eq!(due(&china, &from, "7 working days"), midnight, "{from}");
        }
    }
}

#[test]
fn a_day_begins_at_midnight_in_the_zone_of_the_calendar() {
    let china = shipped("cn");
    // 2023-06-19 in UTC, already the 20th in China.
    assert_eq!(
        due(&china, "2023-06-19T16:00:00Z", "1 working day"),
        "2023-06-21T16:00:00.000000Z"
    );
    assert_eq!(
        due(&shipped("utc"), "2023-06-19T16:00:00Z", "1 working day"),
        "2023-06-21T00:00:00.000000Z"
    );
}

#[test]
fn hours_and_less_are_elapsed_time() {
    let berlin = calendar(&content("Europe/Berlin"));
    for (period, expected) in [
        ("20 seconds", "2023-03-25T12:00:20.000000Z"),
        ("5 minutes", "2023-03-25T12:05:00.000000Z"),
        ("24 hours", "2023-03-26T12:00:00.000000Z"),
    ] {
        assert_eq!(due(&berlin, "2023-03-25T12:00:00Z", period), expected);
    }
}

#[test]
fn days_end_at_the_same_local_time() {
    let berlin = calendar(&content("Europe/Berlin"));
    // The clocks went forward on the 26th.
    assert_eq!(
        due(&berlin, "2023-03-25T13:00:00+01:00", "1 day"),
        "2023-03-26T11:00:00.000000Z"
    );
    // 02:30 does not exist on the 26th.
    assert_eq!(
        due(&berlin, "2023-03-25T02:30:00+01:00", "1 day"),
        "2023-03-26T01:30:00.000000Z"
    );
    assert_eq!(
        due(&shipped("utc"), "2012-01-10T00:00:00Z", "60 days"),
        "2012-03-10T00:00:00.000000Z"
    );
}

#[test]
fn where_the_clocks_skip_midnight_the_day_begins_after_the_gap() {
    // Egypt went from 00:00 to 01:00 on Friday 2023-04-28.
    let mut egypt = content("Africa/Cairo");
    egypt.weekend = vec![Weekday::Friday, Weekday::Saturday];
    assert_eq!(
        due(&calendar(&egypt), "2023-04-26T12:00:00Z", "1 working day"),
        "2023-04-27T22:00:00.000000Z"
    );
}

#[test]
fn where_the_clocks_strike_midnight_twice_the_day_begins_at_the_first() {
    // Cuba went from 01:00 back to 00:00 on Sunday 2023-11-05.
    let cuba = calendar(&content("America/Havana"));
    assert_eq!(
        due(&cuba, "2023-11-03T12:00:00Z", "0 working days"),
        "2023-11-04T04:00:00.000000Z"
    );
    let mut saturdays_too = content("America/Havana");
    saturdays_too.weekend = vec![Weekday::Sunday];
    assert_eq!(
        due(
            &calendar(&saturdays_too),
            "2023-11-03T12:00:00Z",
            "1 working day"
        ),
        "2023-11-05T04:00:00.000000Z"
    );
}

#[test]
fn a_date_counted_over_a_day_that_is_not_covered_is_provisional() {
    let china = shipped("cn");
    let provisional = |from: &str, count| {
        let due = china.due(at(from), Period::WorkingDays(count));
        (due.at.to_string(), due.provisional)
    };
    // 2026-12-28 is a Monday: four working days are covered, the fifth is Friday 2027-01-01.
    assert_eq!(
        provisional("2026-12-27T12:00:00+08:00", 4),
        ("2026-12-31T16:00:00.000000Z".to_owned(), false)
    );
    assert_eq!(
        provisional("2026-12-27T12:00:00+08:00", 5),
        ("2027-01-01T16:00:00.000000Z".to_owned(), true)
    );
    // Before the first day covered: 2017-12-29 is a Friday, 2018-01-01 a day off.
    assert_eq!(
        provisional("2017-12-28T12:00:00+08:00", 2),
        ("2018-01-02T16:00:00.000000Z".to_owned(), true)
    );
    assert_eq!(
        provisional("2017-12-31T12:00:00+08:00", 1),
        ("2018-01-02T16:00:00.000000Z".to_owned(), false)
    );
    assert_eq!(
        provisional("2017-01-01T12:00:00+08:00", 5),
        ("2017-01-06T16:00:00.000000Z".to_owned(), true)
    );
}

#[test]
fn no_working_day_ends_at_the_next_midnight() {
    assert_eq!(
        due(
            &shipped("cn"),
            "2023-06-19T09:00:00+08:00",
            "0 working days"
        ),
        "2023-06-19T16:00:00.000000Z"
    );
}

#[test]
fn the_longest_periods_end_at_the_last_instant() {
    let china = shipped("cn");
    let last = Instant::from(Timestamp::MAX);
    for instant in [
        at("2023-06-19T09:00:00Z"),
        Instant::from_microseconds(i64::MAX),
    ] {
        for period in [
            Period::Hours(u32::MAX),
            Period::Days(u32::MAX),
            Period::WorkingDays(u32::MAX),
        ] {
            assert_eq!(china.due(instant, period).at, last, "{period}");
        }
    }
    // And nothing overflows at the other end.
    let first = Instant::from_microseconds(i64::MIN);
    assert!(china.due(first, Period::WorkingDays(1)).at < at("0001-01-01T00:00:00Z"));
    assert!(china.due(first, Period::Days(1)).at < at("0001-01-01T00:00:00Z"));
}

#[test]
fn an_explanation_says_of_each_day_why_it_counts() {
    let china = shipped("cn");
    let days = china.explain(at("2023-06-21T10:00:00+08:00"), Period::WorkingDays(2));
    let told: Vec<_> = days
        .iter()
        .map(|day| (day.date.to_string(), day.counted, day.why, day.known))
        .collect();
    assert_eq!(
        told,
        [
            ("2023-06-22".to_owned(), false, DayKind::DayOff, true),
            ("2023-06-23".to_owned(), false, DayKind::DayOff, true),
            ("2023-06-24".to_owned(), false, DayKind::DayOff, true),
            (
                "2023-06-25".to_owned(),
                true,
                DayKind::ExtraWorkingDay,
                true
            ),
            ("2023-06-26".to_owned(), true, DayKind::Weekday, true),
        ]
    );
    let days = china.explain(at("2027-01-01T10:00:00+08:00"), Period::WorkingDays(1));
    assert!(days.iter().all(|day| !day.known));
    assert_eq!(days.first().unwrap().why, DayKind::Weekend);
    assert!(
        china
            .explain(at("2027-01-01T10:00:00+08:00"), Period::Days(3))
            .is_empty()
    );
    let long = china.explain(
        at("2023-06-21T10:00:00+08:00"),
        Period::WorkingDays(u32::MAX),
    );
    assert_eq!(long.len(), EXPLAINED_DAYS_MAX);
}

#[test]
fn every_problem_of_a_calendar_is_reported() {
    let mut bad = content("Asia/Peking");
    bad.weekend = vec![
        Weekday::Monday,
        Weekday::Tuesday,
        Weekday::Wednesday,
        Weekday::Thursday,
        Weekday::Friday,
        Weekday::Saturday,
        Weekday::Sunday,
    ];
    bad.days_off = vec![
        date(2023, 5, 1),
        date(2023, 5, 1),
        date(2027, 1, 1),
        date(2023, 5, 3),
    ];
    bad.extra_working_days = vec![date(2021, 12, 31), date(2023, 5, 3)];
    let problems = Calendar::new("bad".parse().unwrap(), 0, &bad).unwrap_err();
    assert_eq!(
        problems.to_string().lines().collect::<Vec<_>>(),
        [
            "version: versions are counted from 1",
            "zone: `Asia/Peking` is no IANA time zone, such as Asia/Shanghai",
            "weekend: it leaves no working day in the week",
            "days_off: 2023-05-01 is listed twice",
            "days_off: 2027-01-01 is outside the days covered, 2022-01-01 to 2026-12-31",
            "extra_working_days: 2021-12-31 is outside the days covered, 2022-01-01 to 2026-12-31",
            "days_off: 2023-05-03 is listed as an extra working day too",
        ]
    );
    assert_eq!(problems.problems().len(), problems.sentences().len());

    let mut backwards = content("UTC");
    backwards.covered_until = date(2021, 12, 31);
    let mut long = content("UTC");
    long.covered_until = date(2222, 2, 1);
    for (bad, problem) in [
        (
            backwards,
            "covered_until: 2021-12-31 is before covered_from, 2022-01-01",
        ),
        (
            long,
            "covered_until: the calendar covers more than two hundred years",
        ),
    ] {
        let problems = Calendar::new("bad".parse().unwrap(), 1, &bad).unwrap_err();
        assert_eq!(problems.sentences(), [problem]);
    }
}

#[test]
fn a_zone_is_a_place_written_as_everybody_writes_it() {
    for (zone, problem) in [
        (
            "asia/shanghai",
            "zone: `asia/shanghai` is written `Asia/Shanghai`",
        ),
        (
            "Etc/Unknown",
            "zone: `Etc/Unknown` is no IANA time zone, such as Asia/Shanghai",
        ),
        (
            "Factory",
            "zone: `Factory` is no IANA time zone, such as Asia/Shanghai",
        ),
        (
            "+08:00",
            "zone: `+08:00` is no IANA time zone, such as Asia/Shanghai",
        ),
    ] {
        let problems = Calendar::new("bad".parse().unwrap(), 1, &content(zone)).unwrap_err();
        assert_eq!(problems.sentences(), [problem]);
    }
    for zone in ["UTC", "Etc/UTC", "Asia/Shanghai", "PRC"] {
        assert_eq!(calendar(&content(zone)).zone().as_str(), zone);
    }
}

#[test]
fn a_weekend_that_lists_a_day_twice_is_refused() {
    let mut bad = content("UTC");
    bad.weekend = vec![Weekday::Saturday, Weekday::Saturday];
    let problems = Calendar::new("bad".parse().unwrap(), 1, &bad).unwrap_err();
    assert_eq!(problems.sentences(), ["weekend: Saturday is listed twice"]);
}

fn any_instant() -> impl Strategy<Value = Instant> {
    // 2016 to 2029: before, in and after what the calendars cover.
    (1_451_606_400_000_000_i64..1_861_920_000_000_000).prop_map(Instant::from_microseconds)
}

fn any_zone() -> impl Strategy<Value = &'static str> {
    prop::sample::select(vec![
        "Asia/Shanghai",
        "UTC",
        "Africa/Cairo",
        "America/Santiago",
    ])
}

fn any_calendar() -> impl Strategy<Value = CalendarContent> {
    let days = || prop::collection::btree_set(0_i64..1_826, 0..60);
    (any_zone(), days(), days()).prop_map(|(zone, off, working)| {
        let mut content = content(zone);
        let day = |n: &i64| Day::of(content.covered_from).plus(*n).date().unwrap();
        content.days_off = off.difference(&working).map(day).collect();
        content.extra_working_days = working.iter().map(day).collect();
        content
    })
}

proptest! {
    #[test]
    fn whoever_starts_later_is_due_no_earlier(
        content in any_calendar(), from in any_instant(), later in 0_i64..3_000_000, count in 0_u32..400,
    ) {
        let calendar = calendar(&content);
        let period = Period::WorkingDays(count);
        let due = calendar.due(from, period).at;
        prop_assert!(due <= calendar.due(from.plus_seconds(later), period).at);
        prop_assert!(due > from);
    }

    #[test]
    fn more_days_are_due_later(
        content in any_calendar(), from in any_instant(), count in 0_u32..400,
    ) {
        let calendar = calendar(&content);
        for (fewer, more) in [
            (Period::WorkingDays(count), Period::WorkingDays(count + 1)),
            (Period::Days(count), Period::Days(count + 1)),
        ] {
            prop_assert!(calendar.due(from, fewer).at < calendar.due(from, more).at);
        }
    }

    #[test]
    fn another_day_off_never_makes_a_date_earlier(
        content in any_calendar(), from in any_instant(), count in 0_u32..400, off in 0_i64..1_826,
    ) {
        let before = calendar(&content);
        let date = Day::of(content.covered_from).plus(off).date().unwrap();
        let mut with_one_more = content;
        with_one_more.extra_working_days.retain(|working| *working != date);
        if !with_one_more.days_off.contains(&date) {
            with_one_more.days_off.push(date);
        }
        let period = Period::WorkingDays(count);
        prop_assert!(before.due(from, period).at <= calendar(&with_one_more).due(from, period).at);
    }

    /// The count in whole weeks and bits agrees with a walk over the days.
    #[test]
    fn a_count_agrees_with_its_explanation(
        content in any_calendar(), from in any_instant(), count in 1_u32..400,
    ) {
        let calendar = calendar(&content);
        let period = Period::WorkingDays(count);
        let days = calendar.explain(from, period);
        let due = calendar.due(from, period);
        let last = days.last().unwrap();
        prop_assert!(last.counted);
        prop_assert_eq!(due.at, calendar.midnight(Day::of(last.date).plus(1)));
        prop_assert_eq!(due.provisional, days.iter().any(|day| !day.known));
        for day in &days {
            prop_assert_eq!(day.counted, calendar.is_working_day(day.date));
        }
    }
}

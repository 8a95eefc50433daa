//! A file that is not one whole calendar is refused before its events are looked at.

use super::*;

#[test]
fn a_file_of_two_calendars_is_refused() {
    let text = file(&[MAY_DAY]) + &file(&[MAY_DAY]);
    assert_eq!(
        imported(&[source("a.ics", &text)], None)
            .unwrap_err()
            .sentences(),
        ["a.ics: holds more than one calendar; put each in a file of its own"]
    );
}

#[test]
fn a_file_of_nothing_but_beginnings_is_refused() {
    for begin in ["BEGIN:A\r\n", "BEG\r\n IN:A\r\n", "begin:A\n\n"] {
        let text = begin.repeat(100_000);
        assert_eq!(
            imported(&[source("a.ics", &text)], None)
                .unwrap_err()
                .sentences(),
            ["a.ics: no iCalendar file: its components are nested more than 8 levels deep"]
        );
    }
}

#[test]
fn a_file_that_is_cut_short_is_refused() {
    let text = file(&[MAY_DAY, &["SUMMARY:X", "DTSTART;VALUE=DATE:20260601"]]);
    for end in [
        "BEGIN:VEVENT\r\nSUMMARY:X",
        "END:VCALENDAR",
        "DTSTART;VALUE=DATE:20260601",
    ] {
        let (cut, _) = text.split_once(end).unwrap();
        imported(&[source("a.ics", cut)], None).unwrap_err();
    }
    imported(&[source("a.ics", &(text + "garbage"))], None).unwrap_err();
}

#[test]
fn a_file_that_is_not_whole_is_told_in_words_of_the_format() {
    for (text, why) in [
        ("", "it is empty"),
        ("\r\n \r\n", "it is empty"),
        (
            "<html>\nBEGIN:VCALENDAR",
            "it does not begin with BEGIN:VCALENDAR",
        ),
        (
            "BEGIN:VCALENDAR\r\nVERSION:2.0\r\n",
            "`END:VCALENDAR` is missing, as if the file were cut off",
        ),
        (
            "BEGIN:VCALENDAR\nBEGIN:VEVENT\nDTSTART:20260501\n",
            "`END:VEVENT` is missing, as if the file were cut off",
        ),
    ] {
        let problems = imported(&[source("a.ics", text)], None).unwrap_err();
        let sentence = format!("a.ics: no iCalendar file: {why}");
        assert_eq!(problems.sentences(), [sentence]);
    }
}

//! Reading an instant: exactly the `date-time` of RFC 3339, and nothing that is merely like it.
//!
//! A general reader takes an hour 24, a second 60, an offset of a day or a zone name in brackets for something. What
//! it takes them for is a guess, and here a guess moves somebody's deadline.

use super::{InvalidInstant, MICROS_PER_SECOND, SECONDS_PER_DAY, days_from_civil};

/// What is wrong with a text that is no instant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(super) enum Fault {
    #[error("is no time")]
    Form,
    #[error("has a blank before or after it")]
    Blank,
    #[error("has no offset, so it could be any of a day's instants")]
    NoOffset,
    #[error("has an offset that is not written as +08:00, or one of 24 hours or more")]
    Offset,
    #[error("has the name of a zone; say its offset instead")]
    ZoneName,
    #[error("has a blank where T stands between day and time")]
    BlankForT,
    #[error("has a comma where a point stands before fractions of a second")]
    Comma,
    #[error("has a year that is not one of 0001 to 9999")]
    Year,
    #[error("has a day that is in no calendar")]
    Day,
    #[error("has an hour that is not one of 00 to 23; midnight is 00:00:00 of the day that begins")]
    Hour,
    #[error("has a minute that is not one of 00 to 59")]
    Minute,
    #[error("is a leap second, which is not told from the second before it; give that one, :59")]
    LeapSecond,
    #[error("has a second that is not one of 00 to 59")]
    Second,
}

/// Microseconds after 1970-01-01T00:00:00Z. Digits beyond the sixth are cut off.
pub(super) fn read(text: &str) -> Result<i64, InvalidInstant> {
    microseconds(text.as_bytes()).map_err(|fault| InvalidInstant {
        found: text.chars().take(80).collect(),
        fault: plainer(fault, text),
    })
}

/// What Redress itself wrote: as [`read`], and instants of the year 0000, which earlier versions took from others and
/// stored.
pub(super) fn read_stored(text: &str) -> Result<i64, InvalidInstant> {
    let stored = text.starts_with("0000-").then(|| {
        let bytes = text.as_bytes();
        let instant = Parts::read(bytes).ok()?;
        (bytes.len() == 27 && instant.offset == 0).then(|| instant.microseconds())
    });
    stored.flatten().map_or_else(|| read(text), Ok)
}

fn microseconds(bytes: &[u8]) -> Result<i64, Fault> {
    let parts = Parts::read(bytes)?;
    let microseconds = parts.microseconds();
    // With its offset a time of the first or last year can be one of the year before or after, in UTC.
    let first = days_from_civil(1, 1, 1) * SECONDS_PER_DAY * MICROS_PER_SECOND;
    let behind = days_from_civil(10_000, 1, 1) * SECONDS_PER_DAY * MICROS_PER_SECOND;
    if parts.year == 0 || !(first..behind).contains(&microseconds) {
        return Err(Fault::Year);
    }
    Ok(microseconds)
}

/// The parts of a time, each within its range.
struct Parts {
    year: i64,
    month: i64,
    day: i64,
    second_of_day: i64,
    micros: i64,
    /// Seconds by which the time written is ahead of UTC.
    offset: i64,
}

impl Parts {
    fn read(bytes: &[u8]) -> Result<Self, Fault> {
        let mut rest = Rest(bytes);
        let year = rest.number(4)?;
        rest.expect(b'-')?;
        let month = rest.number(2)?;
        rest.expect(b'-')?;
        let day = rest.number(2)?;
        match rest.next()? {
            b'T' | b't' => {}
            b' ' => return Err(Fault::BlankForT),
            _ => return Err(Fault::Form),
        }
        let hour = rest.number(2)?;
        rest.expect(b':')?;
        let minute = rest.number(2)?;
        rest.expect(b':')?;
        let second = rest.number(2)?;
        let micros = rest.fraction()?;
        let offset = rest.offset()?;
        if !(1..=12).contains(&month) || day < 1 || (day > 28 && day > days_of(year, month)) {
            return Err(Fault::Day);
        }
        if hour > 23 {
            return Err(Fault::Hour);
        }
        if minute > 59 {
            return Err(Fault::Minute);
        }
        match second {
            0..=59 => {}
            60 => return Err(Fault::LeapSecond),
            _ => return Err(Fault::Second),
        }
        Ok(Self {
            year,
            month,
            day,
            second_of_day: hour * 3600 + minute * 60 + second,
            micros,
            offset,
        })
    }

    const fn microseconds(&self) -> i64 {
        let days = days_from_civil(self.year, self.month, self.day);
        let seconds = days * SECONDS_PER_DAY + self.second_of_day - self.offset;
        seconds * MICROS_PER_SECOND + self.micros
    }
}

/// Days of a month.
const fn days_of(year: i64, month: i64) -> i64 {
    let (next_year, next_month) = if month == 12 {
        (year + 1, 1)
    } else {
        (year, month + 1)
    };
    days_from_civil(next_year, next_month, 1) - days_from_civil(year, month, 1)
}

/// What is still to be read.
struct Rest<'a>(&'a [u8]);

impl Rest<'_> {
    fn next(&mut self) -> Result<u8, Fault> {
        let (first, rest) = self.0.split_first().ok_or(Fault::Form)?;
        self.0 = rest;
        Ok(*first)
    }

    fn expect(&mut self, wanted: u8) -> Result<(), Fault> {
        (self.next()? == wanted).then_some(()).ok_or(Fault::Form)
    }

    /// A number of exactly so many digits.
    fn number(&mut self, digits: usize) -> Result<i64, Fault> {
        let (number, rest) = self.0.split_at_checked(digits).ok_or(Fault::Form)?;
        self.0 = rest;
        number.iter().try_fold(0, |sum, byte| {
            byte.is_ascii_digit()
                .then(|| sum * 10 + i64::from(byte - b'0'))
                .ok_or(Fault::Form)
        })
    }

    /// Microseconds of a fraction, if there is one. Further digits are read and cut off: rounded up, an instant just
    /// before a due one would become it, and be late.
    fn fraction(&mut self) -> Result<i64, Fault> {
        let digits = match self.0.split_first() {
            Some((b'.', digits)) => digits,
            Some((b',', _)) => return Err(Fault::Comma),
            Some(_) | None => return Ok(0),
        };
        let count = digits.iter().take_while(|it| it.is_ascii_digit()).count();
        let (digits, rest) = digits.split_at_checked(count).unwrap_or_default();
        if digits.is_empty() {
            return Err(Fault::Form);
        }
        self.0 = rest;
        let padded = digits.iter().chain(std::iter::repeat(&b'0'));
        Ok(padded
            .take(6)
            .fold(0, |sum, byte| sum * 10 + i64::from(byte - b'0')))
    }

    /// The offset from UTC in seconds, with which the text must end.
    fn offset(&mut self) -> Result<i64, Fault> {
        let sign = match self.next() {
            Ok(b'Z' | b'z') => 0,
            Ok(b'+') => 1,
            Ok(b'-') => -1,
            Ok(b'[') | Err(_) => return Err(Fault::NoOffset),
            Ok(_) => return Err(Fault::Form),
        };
        let mut seconds = 0;
        if sign != 0 {
            let read = |it: &mut Self| {
                let hours = it.number(2)?;
                it.expect(b':')?;
                Ok((hours, it.number(2)?))
            };
            let (hours, minutes) = read(self).map_err(|_: Fault| Fault::Offset)?;
            if hours > 23 || minutes > 59 {
                return Err(Fault::Offset);
            }
            seconds = sign * (hours * 3600 + minutes * 60);
        }
        match self.0.first() {
            None => Ok(seconds),
            Some(b'[') => Err(Fault::ZoneName),
            Some(b':') => Err(Fault::Offset),
            Some(_) => Err(Fault::Form),
        }
    }
}

/// A blank around an otherwise good time is hard to see, so it is named.
fn plainer(fault: Fault, text: &str) -> Fault {
    let trimmed = text.trim();
    if trimmed.len() < text.len() && microseconds(trimmed.as_bytes()).is_ok() {
        Fault::Blank
    } else {
        fault
    }
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;
    use proptest::prelude::*;

    use super::{Fault, read, read_stored};

    /// What the time library makes of it, cut off as we do.
    fn by_library(text: &str) -> i64 {
        let timestamp: Timestamp = text.parse().unwrap();
        i64::try_from(timestamp.as_nanosecond().div_euclid(1_000)).unwrap()
    }

    /// Whether a text has the form of a `date-time`, told by its grammar.
    fn of_rfc_3339(text: &str) -> bool {
        let form: String = text
            .chars()
            .map(|it| {
                if it.is_ascii_digit() {
                    '0'
                } else {
                    it.to_ascii_uppercase()
                }
            })
            .collect();
        form.strip_prefix("0000-00-00T00:00:00")
            .is_some_and(|rest| {
                let offset = match rest.strip_prefix('.') {
                    Some(fraction) if fraction.starts_with('0') => fraction.trim_start_matches('0'),
                    Some(_) => return false,
                    None => rest,
                };
                ["Z", "+00:00", "-00:00"].contains(&offset)
            })
    }

    #[test]
    fn every_writing_of_rfc_3339_is_read() {
        for text in [
            "2026-03-02T16:00:00Z",
            "2026-03-02t16:00:00z",
            "2026-03-02T16:00:00-00:00",
            "2026-03-02T16:00:00+23:59",
            "2026-03-02T16:00:00-23:59",
            "2024-02-29T00:00:00Z",
            "2000-02-29T00:00:00Z",
            "2026-12-31T23:59:59.9+08:00",
            "2026-03-02T16:00:00.000000001Z",
            "0001-01-01T00:00:00Z",
            "0001-01-01T08:00:00+08:00",
            "1969-12-31T23:59:59.9999999Z",
            "9999-12-30T21:59:59.999999Z",
        ] {
            assert_eq!(read(text), Ok(by_library(text)), "{text}");
        }
    }

    #[test]
    fn the_last_instant_that_can_be_written_is_read() {
        let last = "9999-12-31T23:59:59.999999Z";
        let instant: crate::Instant = last.parse().unwrap();
        assert_eq!(instant.to_string(), last);
    }

    #[test]
    fn digits_beyond_the_sixth_are_cut_off_however_many_there_are() {
        let nines = "9".repeat(5_000);
        let text = format!("2026-03-02T15:59:59.{nines}Z");
        let instant: crate::Instant = text.parse().unwrap();
        assert_eq!(instant.to_string(), "2026-03-02T15:59:59.999999Z");
        let before_1970: crate::Instant = "1969-12-31T23:59:59.9999999Z".parse().unwrap();
        assert_eq!(before_1970.to_string(), "1969-12-31T23:59:59.999999Z");
    }

    #[test]
    fn what_is_only_like_rfc_3339_is_refused_and_says_why() {
        for (text, fault) in [
            ("", Fault::Form),
            ("yesterday", Fault::Form),
            ("2026-03-02", Fault::Form),
            ("20260302T160000Z", Fault::Form),
            ("2026-3-2T16:00:00Z", Fault::Form),
            ("2026-03-02T16:00Z", Fault::Form),
            ("2026-03-02T16Z", Fault::Form),
            ("2026-03-02_16:00:00Z", Fault::Form),
            ("2026-03-02T16:00:00.Z", Fault::Form),
            ("2026-03-02T16:00:00ZZ", Fault::Form),
            ("2026-03-02T16:00:00UTC", Fault::Form),
            ("2026-W10-1T16:00:00Z", Fault::Form),
            ("2026-061T16:00:00Z", Fault::Form),
            ("+002026-03-02T16:00:00Z", Fault::Form),
            ("-2026-03-02T16:00:00Z", Fault::Form),
            ("12026-03-02T16:00:00Z", Fault::Form),
            ("1772467200", Fault::Form),
            ("２０２６-03-02T16:00:00Z", Fault::Form),
            ("2026-03-02T16:00:00\u{2212}08:00", Fault::Form),
            (" 2026-03-02T16:00:00Z", Fault::Blank),
            ("2026-03-02T16:00:00Z ", Fault::Blank),
            ("2026-03-02T16:00:00Z\n", Fault::Blank),
            ("2026-03-02T16:00:00Z\u{3000}", Fault::Blank),
            ("2026-03-02 16:00:00Z", Fault::BlankForT),
            ("2026-03-02T16:00:00", Fault::NoOffset),
            ("2026-03-02T16:00:00.5", Fault::NoOffset),
            ("2026-03-02T16:00:00[UTC]", Fault::NoOffset),
            ("2026-03-02T16:00:00+08", Fault::Offset),
            ("2026-03-02T16:00:00+0800", Fault::Offset),
            ("2026-03-02T16:00:00+8:00", Fault::Offset),
            ("2026-03-02T16:00:00+24:00", Fault::Offset),
            ("2026-03-02T16:00:00+08:60", Fault::Offset),
            ("2026-03-02T16:00:00-25:59", Fault::Offset),
            ("2026-03-02T16:00:00+08:00:00", Fault::Offset),
            ("2026-03-02T16:00:00+08:00[Asia/Shanghai]", Fault::ZoneName),
            ("2026-03-02T16:00:00Z[u-ca=gregory]", Fault::ZoneName),
            ("2026-03-02T16:00:00,5Z", Fault::Comma),
            ("0000-12-31T23:59:59Z", Fault::Year),
            ("0000-12-31T23:59:59-01:00", Fault::Year),
            ("0001-01-01T00:00:00+00:01", Fault::Year),
            ("9999-12-31T23:59:59-00:01", Fault::Year),
            ("2026-02-29T16:00:00Z", Fault::Day),
            ("1900-02-29T16:00:00Z", Fault::Day),
            ("2026-04-31T16:00:00Z", Fault::Day),
            ("2026-00-02T16:00:00Z", Fault::Day),
            ("2026-13-02T16:00:00Z", Fault::Day),
            ("2026-03-00T16:00:00Z", Fault::Day),
            ("2026-03-32T16:00:00Z", Fault::Day),
            ("2026-03-02T24:00:00Z", Fault::Hour),
            ("2026-03-02T16:60:00Z", Fault::Minute),
            ("2026-06-30T23:59:60Z", Fault::LeapSecond),
            ("2026-06-30T23:59:60.5+08:00", Fault::LeapSecond),
            ("2026-03-02T16:00:61Z", Fault::Second),
        ] {
            let refused = read(text).expect_err(text);
            assert_eq!(refused.fault, fault, "{text}");
            assert!(refused.to_string().contains(&fault.to_string()), "{text}");
        }
    }

    #[test]
    fn what_was_stored_before_the_year_0000_was_refused_is_still_read() {
        for stored in ["0000-01-01T00:00:00.000000Z", "0000-02-29T23:59:59.999999Z"] {
            assert_eq!(read_stored(stored), Ok(by_library(stored)), "{stored}");
            assert_eq!(read(stored).unwrap_err().fault, Fault::Year, "{stored}");
        }
        // None of these was ever written.
        for other in ["0000-01-01T00:00:00Z", "0000-01-01T00:00:00.00+00:00"] {
            assert_eq!(
                read_stored(other).unwrap_err().fault,
                Fault::Year,
                "{other}"
            );
        }
    }

    proptest! {
        #[test]
        fn what_is_accepted_is_what_the_time_library_reads(
            (year, month, day) in (1_i16..=9999, 1_i8..=12, 1_i8..=31),
            (hour, minute, second) in (0_u8..=25, 0_u8..=61, 0_u8..=59),
            fraction in "(\\.[0-9]{1,9})?",
            offset in "Z|z|[+-]([01][0-9]|2[0-4]):[0-6][0-9]",
            t in "[Tt]",
        ) {
            let text = format!(
                "{year:04}-{month:02}-{day:02}{t}{hour:02}:{minute:02}:{second:02}{fraction}{offset}"
            );
            let offset_exists = offset.len() == 1
                || offset.get(1..).is_some_and(|it| it < "24" && it.get(3..) < Some("60"));
            let exists = jiff::civil::Date::new(year, month, day).is_ok()
                && hour < 24
                && minute < 60
                && offset_exists;
            match read(&text) {
                Ok(read) => {
                    prop_assert!(exists, "{text}");
                    // The library's last instant is some hours before the end of the year 9999.
                    if let Ok(timestamp) = text.parse::<Timestamp>() {
                        let micros = timestamp.as_nanosecond().div_euclid(1_000);
                        prop_assert_eq!(i128::from(read), micros);
                    } else {
                        prop_assert!(year == 9999 && month == 12, "{text}");
                    }
                }
                Err(refused) => {
                    let at_the_edge = refused.fault == Fault::Year && (year == 1 || year == 9999);
                    prop_assert!(!exists || at_the_edge, "{text}: {refused}");
                }
            }
        }

        #[test]
        fn no_text_is_read_that_is_written_otherwise(
            text in prop::sample::select(vec![
                "2026-03-02T16:00:00Z",
                "2026-02-28T23:59:59.999999Z",
                "2024-02-29t00:00:00.5z",
                "2026-12-31T23:59:59+08:00",
                "0001-01-01T00:00:00.25-23:59",
            ]),
            changes in prop::collection::vec(
                (any::<prop::sample::Index>(), 0..3, "[0-9TtZz:.,; +\\[\\]_\u{2212}\u{ff10}-]"),
                1..=2,
            ),
        ) {
            let mut characters: Vec<char> = text.chars().collect();
            for (place, change, other) in changes {
                let at = place.index(characters.len());
                let end = if change == 0 { at } else { at + 1 };
                let other = if change == 1 { "" } else { &other };
                characters.splice(at..end, other.chars());
            }
            let text: String = characters.into_iter().collect();
            if let Ok(read) = read(&text) {
                prop_assert!(of_rfc_3339(&text), "{text}");
                prop_assert_eq!(read, by_library(&text));
            }
        }
    }
}

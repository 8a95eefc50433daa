//! The headers of a message as they came: whether they are any, and what one of them says.

use std::borrow::Cow;

use events_schema::Locale;

/// The headers of a message, once they are known to be some that the client library reads.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Headers<'a>(&'a str);

impl<'a> Headers<'a> {
    /// The headers in these bytes. Those at which the client library gives up the connection, or panics, are none: that
    /// are bytes which are no UTF-8, another version, a status that is no number, a line without a colon, a name with
    /// anything but visible ASCII, and a carriage return within a value.
    pub(crate) fn read(block: &'a [u8]) -> Option<Self> {
        let text = std::str::from_utf8(block).ok()?;
        let mut lines = text.lines();
        let version = lines.next()?.strip_prefix("NATS/1.0")?;
        if !is_status(version) {
            return None;
        }
        let mut in_value = false;
        for line in lines {
            if line.contains('\r') {
                return None;
            }
            if in_value && line.starts_with(char::is_whitespace) {
                continue;
            }
            in_value = !line.is_empty();
            if in_value {
                let (name, _) = line.split_once(':')?;
                if !name.bytes().all(|byte| byte.is_ascii_graphic()) {
                    return None;
                }
            }
        }
        Some(Self(text))
    }

    /// The first value of this name, whatever the case of its letters.
    pub(crate) fn value(self, name: &str) -> Option<Cow<'a, str>> {
        self.values(name).next()
    }

    /// The language that the caller asked for.
    pub(crate) fn locale(self) -> Locale {
        let language = self.value("Accept-Language");
        language.map_or(Locale::English, |it| Locale::from_accept_language(&it))
    }

    /// The values of this name, in their order.
    pub(crate) fn values(self, name: &str) -> impl Iterator<Item = Cow<'a, str>> {
        let mut lines = self.0.lines().skip(1).peekable();
        std::iter::from_fn(move || {
            loop {
                let (its, value) = lines.next()?.split_once(':').unwrap_or_default();
                let mut value = Cow::Borrowed(value);
                // A line that begins with a blank goes on with the value before it.
                while let Some(more) = lines.next_if(|line| line.starts_with(char::is_whitespace)) {
                    value.to_mut().push_str(more);
                }
                if its.eq_ignore_ascii_case(name) {
                    return Some(match value {
                        Cow::Borrowed(value) => Cow::Borrowed(value.trim()),
                        Cow::Owned(value) => Cow::Owned(value.trim().to_owned()),
                    });
                }
            }
        })
    }
}

/// What may stand behind the version: nothing, or three digits and words.
fn is_status(text: &str) -> bool {
    let text = text.trim();
    let status = text.split(' ').next().unwrap_or_default();
    let digits = status.len() == 3 && status.bytes().all(|it| it.is_ascii_digit());
    text.is_empty() || (digits && !status.starts_with('0') && !text.contains('\r'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_header_is_found_whatever_the_case_of_its_name() {
        let headers = Headers::read(b"NATS/1.0\r\nX: 1\r\naccept-language:  zh-CN \r\n\r\n");
        let headers = headers.unwrap();
        assert_eq!(headers.value("Accept-Language").unwrap(), "zh-CN");
        assert_eq!(headers.value("Y"), None);
        assert_eq!(Headers::default().value("X"), None);
    }

    #[test]
    fn a_value_goes_on_over_lines_and_each_of_a_name_is_found() {
        let block = b"NATS/1.0\r\nA: b\r\n c:d \r\nB: 1\r\na:2\r\n\r\n";
        let headers = Headers::read(block).unwrap();
        let values: Vec<_> = headers.values("A").collect();
        assert_eq!(values, ["b c:d", "2"]);
        assert_eq!(headers.value(" c"), None);
    }

    #[test]
    fn headers_of_every_client_are_read() {
        for block in [
            &b"NATS/1.0\r\n\r\n"[..],
            b"NATS/1.0\r\nA: b\r\n\r\n",
            b"NATS/1.0\r\nA:b\r\nA:\r\n\r\n",
            b"NATS/1.0\nA: b\n\n",
            b"NATS/1.0\r\nA: b\r\n folded\r\n\r\n",
            b"NATS/1.0 503\r\n\r\n",
            b"NATS/1.0 100 Idle Heartbeat\r\n\r\n",
            b"NATS/1.0\r\nA: \xe5\xb9\xb3\xe5\x8f\xb0\r\n\r\n",
        ] {
            assert!(Headers::read(block).is_some(), "{block:?}");
        }
    }

    #[test]
    fn what_the_client_library_cannot_read_are_no_headers() {
        for block in [
            &b""[..],
            b"\r\n\r\n",
            b"NATS/2.0\r\nA: b\r\n\r\n",
            b"A: b\r\n\r\n",
            b"NATS/1.0 abc\r\n\r\n",
            b"NATS/1.0 50\r\n\r\n",
            b"NATS/1.0 012\r\n\r\n",
            b"NATS/1.0\r\nno colon\r\n\r\n",
            b"NATS/1.0\r\nA b: c\r\n\r\n",
            b"NATS/1.0\r\n\xc3\xa9: c\r\n\r\n",
            b"NATS/1.0\r\n A: first line folded\r\n\r\n",
            b"NATS/1.0\r\nA: b\rc\r\n\r\n",
            b"NATS/1.0\r\nA: b\r\n c\rd\r\n\r\n",
            b"NATS/1.0\r\nA: b\r",
            b"NATS/1.0\r\nA: \xff\r\n\r\n",
        ] {
            assert!(Headers::read(block).is_none(), "{block:?}");
        }
    }
}

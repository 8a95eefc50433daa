//! The line that a message from the server begins with.

/// What the line says: `MSG subject sid [reply] bytes` or `HMSG subject sid [reply] header-bytes bytes`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct MessageLine<'a> {
    pub(crate) subject: &'a [u8],
    pub(crate) reply: Option<&'a [u8]>,
    /// Bytes of the headers, if it has any.
    pub(crate) header_bytes: usize,
    /// Bytes of headers and body.
    pub(crate) bytes: usize,
}

/// What a line is.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Line<'a> {
    Message(MessageLine<'a>),
    /// Anything else that the server says: it is one line.
    Other,
    /// What no server says, or a message of which nobody can say where it ends.
    Broken,
}

impl<'a> Line<'a> {
    /// Reads a line without its end.
    pub(crate) fn read(line: &'a [u8]) -> Self {
        let mut words = line.split(|byte| *byte == b' ').filter(|it| !it.is_empty());
        let with_headers = match words.next() {
            Some(b"MSG") => false,
            Some(b"HMSG") => true,
            Some(b"INFO" | b"PING" | b"PONG" | b"+OK") => return Self::Other,
            // At one that says nothing the client library panics.
            Some(b"-ERR") if words.next().is_some() => return Self::Other,
            Some(_) | None => return Self::Broken,
        };
        let message = |words: &[&'a [u8]]| {
            let (reply, header_bytes, bytes) = match (with_headers, words) {
                (false, [_sid, bytes]) => (None, None, bytes),
                (false, [_sid, reply, bytes]) => (Some(*reply), None, bytes),
                (true, [_sid, header_bytes, bytes]) => (None, Some(header_bytes), bytes),
                (true, [_sid, reply, header_bytes, bytes]) => {
                    (Some(*reply), Some(header_bytes), bytes)
                }
                _ => return None,
            };
            let header_bytes = header_bytes.map_or(Some(0), |it| number(it))?;
            let bytes = number(bytes).filter(|bytes| *bytes >= header_bytes)?;
            Some((reply, header_bytes, bytes))
        };
        let subject = words.next();
        let rest: Vec<_> = words.take(5).collect();
        match (subject, message(&rest)) {
            (Some(subject), Some((reply, header_bytes, bytes))) => Self::Message(MessageLine {
                subject,
                reply,
                header_bytes,
                bytes,
            }),
            _ => Self::Broken,
        }
    }
}

fn number(text: &[u8]) -> Option<usize> {
    std::str::from_utf8(text).ok()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_is_read_with_and_without_reply_and_headers() {
        let message = |reply, header_bytes, bytes| {
            Line::Message(MessageLine {
                subject: b"a.b",
                reply,
                header_bytes,
                bytes,
            })
        };
        for (line, read) in [
            (&b"MSG a.b 7 12"[..], message(None, 0, 12)),
            (b"MSG a.b 7 r 12", message(Some(&b"r"[..]), 0, 12)),
            (b"HMSG a.b 7 10 12", message(None, 10, 12)),
            (b"HMSG a.b 7 r 10 12", message(Some(&b"r"[..]), 10, 12)),
            (b"PING", Line::Other),
            (b"INFO {\"a\": 1}", Line::Other),
            (b"-ERR 'MSG a.b 7 12'", Line::Other),
        ] {
            assert_eq!(Line::read(line), read);
        }
    }

    #[test]
    fn what_no_server_says_and_a_message_without_an_end_are_broken() {
        for line in [
            &b""[..],
            b"-ERR",
            b"HUH",
            b"MSG",
            b"MSG a.b 7",
            b"MSG a.b 7 r s 12",
            b"MSG a.b 7 -1",
            b"HMSG a.b 7 13 12",
            b"HMSG a.b 7 r 99999999999999999999 12",
        ] {
            assert_eq!(Line::read(line), Line::Broken);
        }
    }
}

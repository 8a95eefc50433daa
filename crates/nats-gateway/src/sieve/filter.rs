//! What the server sends, message by message: passed on whole, or left out before its body is looked at.

use bytes::{Buf as _, BytesMut};

use super::line::{Line, MessageLine};

/// A line that is longer is none that a server sends: with many servers in a cluster `INFO` has some kilobytes.
const LINE_BYTES_MAX: usize = 256 * 1024;

/// Headers that are longer are not looked at, and their message is left out.
pub(super) const HEADER_BYTES_MAX: usize = 64 * 1024;

/// What ends a line and a message.
const END: &[u8] = b"\r\n";

/// Whether a message is passed on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Verdict {
    Pass,
    LeaveOut,
}

/// Divides what comes into messages. It keeps no body.
#[derive(Debug, Default)]
pub(super) struct Filter {
    /// What is still to come of the message under way.
    rest: Rest,
}

#[derive(Debug, Default, Clone, Copy)]
enum Rest {
    #[default]
    None,
    PassedOn(usize),
    LeftOut(usize),
}

/// The server said what cannot be read, so that nobody knows where the next message begins.
#[derive(Debug, thiserror::Error)]
#[error("what the server sends cannot be divided into messages")]
pub(super) struct Undivided;

impl Filter {
    /// Moves what can be judged from `from` to `to`. `judge` gets the line and the headers of each message; headers
    /// that are too long to be looked at are missing.
    pub(super) fn pass(
        &mut self,
        from: &mut BytesMut,
        to: &mut BytesMut,
        mut judge: impl FnMut(MessageLine<'_>, Option<&[u8]>) -> Verdict,
    ) -> Result<(), Undivided> {
        loop {
            match self.rest {
                Rest::PassedOn(bytes) => {
                    let now = bytes.min(from.len());
                    to.extend_from_slice(from.get(..now).unwrap_or_default());
                    from.advance(now);
                    self.rest = Rest::PassedOn(bytes - now);
                }
                Rest::LeftOut(bytes) => {
                    let now = bytes.min(from.len());
                    from.advance(now);
                    self.rest = Rest::LeftOut(bytes - now);
                }
                Rest::None => {}
            }
            match self.rest {
                Rest::PassedOn(1..) | Rest::LeftOut(1..) => return Ok(()),
                Rest::PassedOn(0) | Rest::LeftOut(0) | Rest::None => {}
            }
            let Some(end) = from.windows(END.len()).position(|two| two == END) else {
                return if from.len() > LINE_BYTES_MAX {
                    Err(Undivided)
                } else {
                    Ok(())
                };
            };
            let behind_line = end + END.len();
            let line = from.get(..end).unwrap_or_default();
            self.rest = match Line::read(line) {
                Line::Broken => return Err(Undivided),
                Line::Other => Rest::PassedOn(behind_line),
                Line::Message(message) => {
                    let headers = if message.header_bytes > HEADER_BYTES_MAX {
                        None
                    } else {
                        let to = behind_line + message.header_bytes;
                        let Some(headers) = from.get(behind_line..to) else {
                            // The rest of them is still to come.
                            self.rest = Rest::None;
                            return Ok(());
                        };
                        Some(headers)
                    };
                    let all = behind_line + message.bytes + END.len();
                    match judge(message, headers) {
                        Verdict::Pass => Rest::PassedOn(all),
                        Verdict::LeaveOut => Rest::LeftOut(all),
                    }
                }
            };
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const STREAM: &[u8] = b"INFO {}\r\nMSG keep 1 3\r\nabc\r\nPING\r\nMSG drop 1 5\r\nx\r\nyz\r\n\
        HMSG keep 1 r 12 14\r\nNATS/1.0\r\n\r\nhi\r\nHMSG drop 1 r 12 12\r\nNATS/1.0\r\n\r\n\r\n\
        MSG keep 1 0\r\n\r\n+OK\r\n";

    const KEPT: &[u8] = b"INFO {}\r\nMSG keep 1 3\r\nabc\r\nPING\r\n\
        HMSG keep 1 r 12 14\r\nNATS/1.0\r\n\r\nhi\r\nMSG keep 1 0\r\n\r\n+OK\r\n";

    fn keep(message: MessageLine<'_>, _: Option<&[u8]>) -> Verdict {
        if message.subject == b"keep" {
            Verdict::Pass
        } else {
            Verdict::LeaveOut
        }
    }

    #[test]
    fn messages_are_left_out_whole_however_the_bytes_come() {
        for chunk in 1..STREAM.len() {
            let (mut filter, mut from, mut to) =
                (Filter::default(), BytesMut::new(), BytesMut::new());
            for bytes in STREAM.chunks(chunk) {
                from.extend_from_slice(bytes);
                filter.pass(&mut from, &mut to, keep).unwrap();
            }
            assert_eq!(to, KEPT, "in chunks of {chunk}");
            assert!(from.is_empty());
        }
    }

    #[test]
    fn a_body_that_is_left_out_is_never_kept() {
        let (mut filter, mut from, mut to) = (Filter::default(), BytesMut::new(), BytesMut::new());
        from.extend_from_slice(b"MSG drop 1 1000000\r\n");
        filter.pass(&mut from, &mut to, keep).unwrap();
        for _ in 0..1_000 {
            from.extend_from_slice(&[b'x'; 1_000]);
            filter.pass(&mut from, &mut to, keep).unwrap();
            assert!(from.is_empty());
        }
        from.extend_from_slice(b"\r\nPING\r\n");
        filter.pass(&mut from, &mut to, keep).unwrap();
        assert_eq!(to, b"PING\r\n"[..]);
    }

    #[test]
    fn headers_too_long_to_be_looked_at_are_not_waited_for() {
        let (mut filter, mut from, mut to) = (Filter::default(), BytesMut::new(), BytesMut::new());
        let mut seen = Vec::new();
        from.extend_from_slice(b"HMSG keep 1 1000000 1000001\r\n");
        let judged = filter.pass(&mut from, &mut to, |_, headers| {
            seen.push(headers.is_some());
            Verdict::LeaveOut
        });
        judged.unwrap();
        assert_eq!(seen, [false]);
    }

    #[test]
    fn what_cannot_be_divided_is_an_error_and_not_waited_for() {
        let mut filter = Filter::default();
        let mut to = BytesMut::new();
        let broken = filter.pass(&mut BytesMut::from(&b"MSG a 1 x\r\n"[..]), &mut to, keep);
        assert!(broken.is_err());
        let endless = vec![b'x'; LINE_BYTES_MAX + 1];
        let endless = filter.pass(&mut BytesMut::from(&endless[..]), &mut to, keep);
        assert!(endless.is_err());
    }
}

//! What the server sends, message by message: passed on, taken out, or left out before its body is looked at.

use bytes::{Buf as _, Bytes, BytesMut};

use super::line::{Line, MessageLine};

/// A line that is longer is none that a server sends: with many servers in a cluster `INFO` has some kilobytes.
const LINE_BYTES_MAX: usize = 256 * 1024;

/// Headers that are longer are not looked at, and their message is left out.
pub(super) const HEADER_BYTES_MAX: usize = 64 * 1024;

/// What ends a line and a message.
const END: &[u8] = b"\r\n";

/// What becomes of a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Verdict<T> {
    Pass,
    LeaveOut,
    /// It is taken out, with this of it.
    Take(T),
}

/// Looks at messages, and has those that are taken out.
pub(crate) trait Judge {
    /// What is known of a message that is taken out before its body has come.
    type Known;

    /// Judges a message by its line and its headers; headers that are too long to be looked at are missing.
    fn judge(&self, line: MessageLine<'_>, headers: Option<&[u8]>) -> Verdict<Self::Known>;

    /// Takes a message out: headers and body.
    fn take(&self, known: Self::Known, message: Bytes);
}

/// Divides what comes into messages. It keeps no body but of a message that is taken out.
#[derive(Debug)]
pub(super) struct Filter<T> {
    /// What is still to come of the message under way.
    rest: Rest<T>,
}

#[derive(Debug)]
enum Rest<T> {
    None,
    PassedOn(usize),
    LeftOut(usize),
    /// So many bytes of headers and body.
    Taken(T, usize),
}

/// The server said what cannot be read, so that nobody knows where the next message begins.
#[derive(Debug, thiserror::Error)]
#[error("what the server sends cannot be divided into messages")]
pub(super) struct Undivided;

impl<T> Default for Filter<T> {
    fn default() -> Self {
        Self { rest: Rest::None }
    }
}

impl<T> Filter<T> {
    /// Moves what can be judged from `from` to `to`, and gives the judge what is taken out.
    pub(super) fn pass(
        &mut self,
        from: &mut BytesMut,
        to: &mut BytesMut,
        judge: &impl Judge<Known = T>,
    ) -> Result<(), Undivided> {
        while self.finish(from, to, judge) {
            let Some(end) = from.windows(END.len()).position(|two| two == END) else {
                return if from.len() > LINE_BYTES_MAX {
                    Err(Undivided)
                } else {
                    Ok(())
                };
            };
            let behind_line = end + END.len();
            let message = match Line::read(from.get(..end).unwrap_or_default()) {
                Line::Broken => return Err(Undivided),
                Line::Other => {
                    self.rest = Rest::PassedOn(behind_line);
                    continue;
                }
                Line::Message(message) => message,
            };
            let headers = if message.header_bytes > HEADER_BYTES_MAX {
                None
            } else {
                let headers = from.get(behind_line..behind_line + message.header_bytes);
                let Some(headers) = headers else {
                    // The rest of them is still to come.
                    return Ok(());
                };
                Some(headers)
            };
            let bytes = message.bytes;
            let all = behind_line + bytes + END.len();
            self.rest = match judge.judge(message, headers) {
                Verdict::Pass => Rest::PassedOn(all),
                Verdict::LeaveOut => Rest::LeftOut(all),
                Verdict::Take(known) => {
                    from.advance(behind_line);
                    Rest::Taken(known, bytes)
                }
            };
        }
        Ok(())
    }

    /// Goes on with the message under way. Gives whether it is through.
    fn finish(
        &mut self,
        from: &mut BytesMut,
        to: &mut BytesMut,
        judge: &impl Judge<Known = T>,
    ) -> bool {
        self.rest = match std::mem::replace(&mut self.rest, Rest::None) {
            Rest::None => return true,
            Rest::PassedOn(bytes) => {
                let now = bytes.min(from.len());
                to.extend_from_slice(from.get(..now).unwrap_or_default());
                from.advance(now);
                Rest::PassedOn(bytes - now)
            }
            Rest::LeftOut(bytes) => {
                let now = bytes.min(from.len());
                from.advance(now);
                Rest::LeftOut(bytes - now)
            }
            Rest::Taken(known, bytes) if from.len() < bytes + END.len() => {
                Rest::Taken(known, bytes)
            }
            Rest::Taken(known, bytes) => {
                // A copy, since what is cut off keeps all that was read with it.
                let message = Bytes::copy_from_slice(from.get(..bytes).unwrap_or_default());
                from.advance(bytes + END.len());
                judge.take(known, message);
                Rest::None
            }
        };
        match self.rest {
            Rest::PassedOn(0) | Rest::LeftOut(0) => {
                self.rest = Rest::None;
                true
            }
            Rest::None => true,
            Rest::PassedOn(_) | Rest::LeftOut(_) | Rest::Taken(..) => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;

    use super::*;

    const STREAM: &[u8] = b"INFO {}\r\nMSG keep 1 3\r\nabc\r\nPING\r\nMSG drop 1 5\r\nx\r\nyz\r\n\
        MSG take 1 3\r\nd\r\n\r\nHMSG take 1 r 12 16\r\nNATS/1.0\r\n\r\nbody\r\n\
        MSG take 1 0\r\n\r\nHMSG keep 1 r 12 14\r\nNATS/1.0\r\n\r\nhi\r\nHMSG drop 1 r 12 12\r\nNATS/1.0\r\n\r\n\r\n\
        MSG keep 1 0\r\n\r\n+OK\r\n";

    const KEPT: &[u8] = b"INFO {}\r\nMSG keep 1 3\r\nabc\r\nPING\r\n\
        HMSG keep 1 r 12 14\r\nNATS/1.0\r\n\r\nhi\r\nMSG keep 1 0\r\n\r\n+OK\r\n";

    /// Judges by the subject, and keeps what is taken out.
    #[derive(Default)]
    struct BySubject {
        taken: RefCell<Vec<Bytes>>,
        had_headers: RefCell<Vec<bool>>,
    }

    impl Judge for BySubject {
        type Known = usize;

        fn judge(&self, line: MessageLine<'_>, headers: Option<&[u8]>) -> Verdict<usize> {
            self.had_headers.borrow_mut().push(headers.is_some());
            match line.subject {
                b"keep" => Verdict::Pass,
                b"take" => Verdict::Take(line.bytes),
                _ => Verdict::LeaveOut,
            }
        }

        fn take(&self, known: usize, message: Bytes) {
            assert_eq!(message.len(), known);
            self.taken.borrow_mut().push(message);
        }
    }

    /// What is passed on of these bytes, as they come, and what is taken out.
    fn passed<'a>(chunks: impl Iterator<Item = &'a [u8]>) -> (BytesMut, Vec<Bytes>) {
        let (mut filter, mut from, mut to) = (Filter::default(), BytesMut::new(), BytesMut::new());
        let judge = BySubject::default();
        for bytes in chunks {
            from.extend_from_slice(bytes);
            filter.pass(&mut from, &mut to, &judge).unwrap();
        }
        assert!(from.is_empty());
        (to, judge.taken.into_inner())
    }

    #[test]
    fn messages_are_left_out_and_taken_out_whole_however_the_bytes_come() {
        for chunk in 1..STREAM.len() {
            let (to, taken) = passed(STREAM.chunks(chunk));
            assert_eq!(to, KEPT, "in chunks of {chunk}");
            assert_eq!(taken, ["d\r\n", "NATS/1.0\r\n\r\nbody", ""]);
        }
    }

    #[test]
    fn a_body_that_is_left_out_is_never_kept() {
        let (mut filter, mut from, mut to) = (Filter::default(), BytesMut::new(), BytesMut::new());
        let judge = BySubject::default();
        from.extend_from_slice(b"MSG drop 1 1000000\r\n");
        filter.pass(&mut from, &mut to, &judge).unwrap();
        for _ in 0..1_000 {
            from.extend_from_slice(&[b'x'; 1_000]);
            filter.pass(&mut from, &mut to, &judge).unwrap();
            assert!(from.is_empty());
        }
        from.extend_from_slice(b"\r\nPING\r\n");
        filter.pass(&mut from, &mut to, &judge).unwrap();
        assert_eq!(to, b"PING\r\n"[..]);
    }

    #[test]
    fn headers_too_long_to_be_looked_at_are_not_waited_for() {
        let (mut filter, mut from, mut to) = (Filter::default(), BytesMut::new(), BytesMut::new());
        let judge = BySubject::default();
        from.extend_from_slice(b"HMSG drop 1 1000000 1000001\r\n");
        filter.pass(&mut from, &mut to, &judge).unwrap();
        assert_eq!(judge.had_headers.into_inner(), [false]);
    }

    #[test]
    fn what_cannot_be_divided_is_an_error_and_not_waited_for() {
        let (mut filter, mut to) = (Filter::default(), BytesMut::new());
        let judge = BySubject::default();
        let mut broken = BytesMut::from(&b"MSG a 1 x\r\n"[..]);
        assert!(filter.pass(&mut broken, &mut to, &judge).is_err());
        let endless = vec![b'x'; LINE_BYTES_MAX + 1];
        let mut endless = BytesMut::from(&endless[..]);
        assert!(filter.pass(&mut endless, &mut to, &judge).is_err());
    }
}

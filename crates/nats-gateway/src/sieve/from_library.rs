//! What the client library sends: whole, and between its parts what we answer ourselves.

use std::{io, time::Duration};

use bytes::{Buf as _, BytesMut};
use tokio::{
    io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _},
    time::sleep,
};

use super::READ_BYTES;
use crate::outlet::Mouth;

/// A line that is longer is none that the library sends.
const LINE_BYTES_MAX: usize = 64 * 1024;

/// What ends a line and a message.
const END: &[u8] = b"\r\n";

/// How the library says who it is, by the name that it gives, and the name under which the server is to know it.
#[derive(Debug)]
pub(super) struct Names {
    pub(super) password: String,
    pub(super) shown: String,
}

/// Reads the first line, by which the library logs in, and gives it as the server is to have it. Whoever else has found
/// our port does not know what the library is called.
pub(super) async fn log_in(
    library: &mut (impl AsyncRead + Unpin),
    said: &mut BytesMut,
    names: &Names,
) -> io::Result<Vec<u8>> {
    let end = loop {
        if let Some(end) = line_end(said) {
            break end;
        }
        if said.len() > LINE_BYTES_MAX {
            return Err(io::Error::other("it does not log in"));
        }
        if library.read_buf(said).await? == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
    };
    let line = said.split_to(end + END.len());
    let stranger = || io::Error::other("it is not our client library");
    let json = line.strip_prefix(b"CONNECT ").ok_or_else(stranger)?;
    let mut login: serde_json::Map<String, serde_json::Value> = serde_json::from_slice(json)?;
    let name = login.get_mut("name").ok_or_else(stranger)?;
    if name.as_str() != Some(&names.password) {
        return Err(stranger());
    }
    *name = names.shown.clone().into();
    let mut line = b"CONNECT ".to_vec();
    serde_json::to_writer(&mut line, &login)?;
    line.extend_from_slice(END);
    Ok(line)
}

/// How long answers wait for the first subscription of a connection. At the end there is none.
const SUBSCRIBES_WITHIN: Duration = Duration::from_secs(1);

/// Passes on what the library sends and, once it subscribes, what waits at the outlet: the server takes its time with
/// answers that nobody reads, and meanwhile nothing would be heard. The library subscribes to everything at once.
pub(super) async fn pass_on(
    mut library: impl AsyncRead + Unpin,
    mut server: impl AsyncWrite + Unpin,
    mut said: BytesMut,
    mut mouth: Mouth<'_>,
) -> io::Result<()> {
    let (mut answers, mut subscribed) = (Vec::new(), false);
    let waited = sleep(SUBSCRIBES_WITHIN);
    tokio::pin!(waited);
    loop {
        let whole = Whole::of(&said);
        if whole.bytes > 0 {
            let said_whole = said.get(..whole.bytes).unwrap_or_default();
            server.write_all(said_whole).await?;
            // TLS gathers what it is given.
            server.flush().await?;
            said.advance(whole.bytes);
            subscribed |= whole.subscribes;
        }
        said.reserve(READ_BYTES);
        tokio::select! {
            read = library.read_buf(&mut said) => if read? == 0 {
                return Ok(());
            },
            () = &mut waited, if !subscribed => subscribed = true,
            () = mouth.take(&mut answers), if subscribed => {
                server.write_all(&answers).await?;
                server.flush().await?;
                mouth.settle();
            }
        }
    }
}

/// What is whole of what the library has sent.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
struct Whole {
    /// Bytes of lines, and of messages with their bodies.
    bytes: usize,
    /// Whether it subscribes to something there.
    subscribes: bool,
}

impl Whole {
    fn of(said: &[u8]) -> Self {
        let mut whole = Self::default();
        while let Some(rest) = said.get(whole.bytes..)
            && let Some(end) = line_end(rest)
        {
            let line = rest.get(..end).unwrap_or_default();
            let next = whole.bytes + end + END.len() + body_bytes(line);
            if next > said.len() {
                break;
            }
            whole.bytes = next;
            whole.subscribes |= line.starts_with(b"SUB ");
        }
        whole
    }
}

fn line_end(bytes: &[u8]) -> Option<usize> {
    bytes.windows(END.len()).position(|two| two == END)
}

/// What comes behind a line, with its end: of `PUB subject [reply] bytes` and `HPUB subject [reply] header-bytes bytes`
/// the last word says it.
fn body_bytes(line: &[u8]) -> usize {
    if !(line.starts_with(b"PUB ") || line.starts_with(b"HPUB ")) {
        return 0;
    }
    let last = line.rsplit(|byte| *byte == b' ').next().unwrap_or_default();
    let bytes = std::str::from_utf8(last)
        .ok()
        .and_then(|it| it.parse().ok());
    bytes.map_or(0, |bytes: usize| bytes.saturating_add(END.len()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::outlet::Outlet;

    #[test]
    fn nothing_comes_between_the_parts_of_a_message() {
        let parts: [&[u8]; 7] = [
            b"PING\r\n",
            b"PUB a 12\r\n\r\nSUB a 1 \r\n\r\n",
            b"SUB a.> q 1\r\n",
            b"PUB a 3\r\na\r\n\r\n",
            b"HPUB a r 12 14\r\nNATS/1.0\r\n\r\nhi\r\n",
            b"PUB a 0\r\n\r\n",
            b"PONG\r\n",
        ];
        let all = parts.concat();
        let mut ends = vec![0];
        for part in parts {
            ends.push(ends.last().unwrap() + part.len());
        }
        for length in 0..=all.len() {
            let bytes = *ends.iter().rfind(|end| **end <= length).unwrap();
            let subscribes = bytes >= ends[3];
            assert_eq!(Whole::of(&all[..length]), Whole { bytes, subscribes });
        }
    }

    #[tokio::test]
    async fn nobody_but_our_library_gets_through() {
        let names = Names {
            password: "x-1".to_owned(),
            shown: "redress, staff".to_owned(),
        };
        let log_in = async |said: &str| {
            let mut rest = BytesMut::new();
            let line = log_in(&mut said.as_bytes(), &mut rest, &names).await;
            line.map(|line| (String::from_utf8(line).unwrap(), rest))
        };
        let ours = "CONNECT {\"name\":\"x-1\",\"sig\":\"s\"}\r\nPING\r\n";
        let (line, rest) = log_in(ours).await.unwrap();
        let shown = "CONNECT {\"name\":\"redress, staff\",\"sig\":\"s\"}\r\n";
        assert_eq!((line.as_str(), &rest[..]), (shown, &b"PING\r\n"[..]));
        for other in [
            shown,
            "CONNECT {\"sig\":\"s\"}\r\n",
            "CONNECT []\r\n",
            "PING\r\n",
            "SUB a 1\r\n",
            "CONNECT \r\n",
        ] {
            assert!(log_in(other).await.is_err(), "{other}");
        }
    }

    #[tokio::test]
    async fn answers_leave_behind_the_subscriptions_and_between_messages() {
        let outlet = Outlet::new();
        let (mut library, from_library) = tokio::io::duplex(1_024);
        let (to_server, mut server) = tokio::io::duplex(1_024);
        let mouth = outlet.connect(100);
        let passing = pass_on(from_library, to_server, BytesMut::new(), mouth);
        let talking = async {
            let mut heard = async |expected: &str| {
                let mut bytes = vec![0; expected.len()];
                server.read_exact(&mut bytes).await.unwrap();
                assert_eq!(String::from_utf8(bytes).unwrap(), expected);
            };
            outlet.answer("a", &[], b"1").await.unwrap();
            library.write_all(b"PING\r\n").await.unwrap();
            heard("PING\r\n").await;
            library.write_all(b"SUB x 1\r\nPUB b 3\r\na").await.unwrap();
            heard("SUB x 1\r\nPUB a 1\r\n1\r\n").await;
            outlet.answer("c", &[], b"2").await.unwrap();
            heard("PUB c 1\r\n2\r\n").await;
            outlet.flushed().await;
            library.write_all(b"bc\r\n").await.unwrap();
            heard("PUB b 3\r\nabc\r\n").await;
            drop(library);
        };
        let (passed, ()) = tokio::join!(passing, talking);
        passed.unwrap();
    }
}

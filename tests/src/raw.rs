//! A connection that says to the NATS server whatever it is given, byte for byte, as no client library would.

use std::{
    io::{BufRead as _, BufReader, Write as _},
    net::TcpStream,
    time::Duration,
};

/// How long the server may take to answer before the test gives up.
const LIMIT: Duration = Duration::from_secs(20);

/// A connection of raw bytes.
#[derive(Debug)]
pub struct Raw {
    stream: TcpStream,
    lines: BufReader<TcpStream>,
}

impl Raw {
    /// Connects as nobody in particular.
    #[track_caller]
    pub fn connect(url: &str) -> Self {
        Self::connect_as(
            url,
            "{\"verbose\":false,\"headers\":true,\"no_responders\":true}",
        )
    }

    /// Connects with this JSON behind `CONNECT`, which may hold a login.
    #[track_caller]
    pub fn connect_as(url: &str, options: &str) -> Self {
        let address = url.trim_start_matches("nats://");
        let stream = TcpStream::connect(address).expect("the server listens");
        stream.set_nodelay(true).expect("a socket can be set up");
        stream
            .set_read_timeout(Some(LIMIT))
            .expect("a socket can be set up");
        let lines = BufReader::new(stream.try_clone().expect("a socket can be shared"));
        let mut raw = Self { stream, lines };
        raw.say(format!("CONNECT {options}\r\n").as_bytes());
        raw.wait_until_heard();
        raw
    }

    /// Says these bytes.
    #[track_caller]
    pub fn say(&mut self, bytes: &[u8]) {
        self.stream.write_all(bytes).expect("the server listens");
    }

    /// Publishes a message with these headers, which are sent as they are.
    #[track_caller]
    pub fn publish(&mut self, subject: &[u8], reply: &str, headers: &[u8], body: &[u8]) {
        self.say(&message(subject, reply, headers, body));
    }

    /// Waits until the server has taken everything said so far.
    #[track_caller]
    pub fn wait_until_heard(&mut self) {
        self.say(b"PING\r\n");
        while self.line() != "PONG" {}
    }

    /// The next line that the server says.
    #[track_caller]
    pub fn line(&mut self) -> String {
        let mut line = Vec::new();
        let read = self.lines.read_until(b'\n', &mut line);
        assert!(
            read.expect("the server answers in time") > 0,
            "the server has closed the connection"
        );
        String::from_utf8_lossy(&line).trim_end().to_owned()
    }

    /// The connection itself, for whoever writes and reads at the same time.
    pub fn into_stream(self) -> TcpStream {
        self.stream
    }
}

/// A message as it is published: with headers where there are any, even broken ones.
pub fn message(subject: &[u8], reply: &str, headers: &[u8], body: &[u8]) -> Vec<u8> {
    let mut bytes = if headers.is_empty() {
        &b"PUB "[..]
    } else {
        b"HPUB "
    }
    .to_vec();
    bytes.extend_from_slice(subject);
    bytes.push(b' ');
    if !reply.is_empty() {
        bytes.extend_from_slice(reply.as_bytes());
        bytes.push(b' ');
    }
    if !headers.is_empty() {
        bytes.extend_from_slice(format!("{} ", headers.len()).as_bytes());
    }
    bytes.extend_from_slice(format!("{}\r\n", headers.len() + body.len()).as_bytes());
    bytes.extend_from_slice(headers);
    bytes.extend_from_slice(body);
    bytes.extend_from_slice(b"\r\n");
    bytes
}

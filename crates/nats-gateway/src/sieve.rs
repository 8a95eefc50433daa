//! A sieve between the NATS server and the client library: what others send is looked at before the library sees it.
//!
//! async-nats 0.51 panics at a carriage return within a header, gives the connection up at a subject that is no UTF-8,
//! and buffers what it is sent by number, whatever its size. So it connects to a port of ours on the loopback
//! interface; behind it stands the connection to the server, with TLS where the server asks for it, and every message
//! passes the gate. What is asked of the service is taken out there; the library sees the rest. What the library sends
//! passes but for its name: it logs in and subscribes as ever. What the service answers is put in between.

mod filter;
mod from_library;
mod headers;
mod line;
#[cfg(test)]
mod tests;

use std::{io, net::Ipv4Addr, sync::Arc, time::Duration};

use async_nats::ServerAddr;
use bytes::{BufMut as _, BytesMut};
use tokio::{
    io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
    sync::Semaphore,
    task::JoinHandle,
    time::timeout,
};
use tokio_rustls::{client::TlsStream, rustls::pki_types::ServerName};

pub(crate) use self::{
    filter::{Judge, Verdict},
    headers::Headers,
    line::MessageLine,
};
use crate::{gate::Gate, tls::Tls, way_back::WayBack};
use filter::Filter;
use from_library::Names;

/// Bytes that are read at once.
const READ_BYTES: usize = 128 * 1024;

/// A first line that is longer is none of a server's: with many in a cluster it has some kilobytes.
const INFO_BYTES_MAX: usize = 256 * 1024;

/// Connections at the same time. The library has one; another one is made before the end of the last was noticed.
const CONNECTIONS_MAX: usize = 8;

/// How long a server has to answer a connection, with all that comes before the first message. The library waits for as
/// long, and tries again.
const BEGINS_WITHIN: Duration = Duration::from_secs(4);

/// How long the library has to log in, once the server has answered. It is on this machine.
const LOGS_IN_WITHIN: Duration = Duration::from_secs(1);

/// Where the server is, and how to speak to it.
#[derive(Debug, Clone)]
pub(crate) struct Upstream {
    /// The servers, in the order in which they are tried.
    pub(crate) servers: Vec<ServerAddr>,
    pub(crate) tls: Tls,
}

/// The running sieve. It ends when this is dropped.
#[derive(Debug)]
pub(crate) struct Sieve {
    port: u16,
    password: String,
    accepting: JoinHandle<()>,
}

/// What a connection through the sieve passes.
#[derive(Debug)]
struct Ways {
    upstream: Upstream,
    names: Names,
    gate: Arc<Gate>,
    way_back: Arc<WayBack>,
}

impl Sieve {
    /// Listens for the client library, which the server is to know under `name`.
    pub(crate) async fn start(
        upstream: Upstream,
        name: String,
        gate: Arc<Gate>,
        way_back: Arc<WayBack>,
    ) -> io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let port = listener.local_addr()?.port();
        let password = uuid::Uuid::new_v4().simple().to_string();
        let ways = Ways {
            upstream,
            names: Names {
                password: password.clone(),
                shown: name,
            },
            gate,
            way_back,
        };
        let accepting = tokio::spawn(accept(listener, Arc::new(ways)));
        Ok(Self {
            port,
            password,
            accepting,
        })
    }

    /// What the client library is to call itself, or it is not let through.
    pub(crate) fn password(&self) -> &str {
        &self.password
    }

    /// Where the client library connects.
    pub(crate) fn url(&self) -> String {
        format!("nats://127.0.0.1:{}", self.port)
    }
}

impl Drop for Sieve {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

async fn accept(listener: TcpListener, ways: Arc<Ways>) {
    let places = Arc::new(Semaphore::new(CONNECTIONS_MAX));
    let mut next_server: usize = 0;
    loop {
        let Ok((library, _)) = listener.accept().await else {
            // Too many open files, say. The library tries again, and so do we.
            tokio::time::sleep(Duration::from_millis(10)).await;
            continue;
        };
        let Ok(place) = Arc::clone(&places).try_acquire_owned() else {
            continue;
        };
        let ways = Arc::clone(&ways);
        let first = next_server;
        next_server = (next_server + 1)
            .checked_rem(ways.upstream.servers.len())
            .unwrap_or(0);
        tokio::spawn(async move {
            if let Err(error) = serve(library, first, &ways).await {
                tracing::debug!(%error, "a connection through the sieve has ended");
            }
            drop(place);
        });
    }
}

/// Connects to a server and passes on what either side sends, until one of them ends.
async fn serve(library: TcpStream, first: usize, ways: &Ways) -> io::Result<()> {
    library.set_nodelay(true)?;
    let mut said = [0; 1];
    let (server, info) = tokio::select! {
        begun = ways.upstream.begin(first) => begun?,
        // The library says nothing before it is spoken to, so this is its end.
        ended = library.peek(&mut said) => {
            ended?;
            return Err(io::ErrorKind::ConnectionAborted.into());
        }
    };
    match server {
        Server::Plain(stream, received) => pump(library, stream, &info, received, ways).await,
        Server::Tls(stream) => pump(library, *stream, &info, BytesMut::new(), ways).await,
    }
}

/// A connection to a server that has said what it is.
enum Server {
    /// With what came behind that.
    Plain(TcpStream, BytesMut),
    Tls(Box<TlsStream<TcpStream>>),
}

impl Upstream {
    /// Connects to one of the servers, of which each has its share of the time.
    async fn begin(&self, first: usize) -> io::Result<(Server, Info)> {
        let count = self.servers.len();
        let share = BEGINS_WITHIN / u32::try_from(count).unwrap_or(u32::MAX).max(1);
        let mut failed = io::Error::other("no server is named");
        for server in self.servers.iter().cycle().skip(first).take(count) {
            match timeout(share, self.begin_with(server)).await {
                Ok(Ok(begun)) => return Ok(begun),
                Ok(Err(error)) => failed = error,
                Err(late) => failed = late.into(),
            }
        }
        Err(failed)
    }

    async fn begin_with(&self, server: &ServerAddr) -> io::Result<(Server, Info)> {
        let mut stream = TcpStream::connect((server.host(), server.port())).await?;
        stream.set_nodelay(true)?;
        let mut received = BytesMut::with_capacity(READ_BYTES);
        let info = Info::read(&mut stream, &mut received).await?;
        if !(info.wants_tls || server.tls_required() || self.tls.is_required()) {
            return Ok((Server::Plain(stream, received), info));
        }
        // What was said before is nobody's word: it would be taken for the server's, which TLS vouches for.
        if !received.is_empty() {
            return Err(io::Error::other(
                "something was said before the TLS handshake",
            ));
        }
        let name = ServerName::try_from(server.host().trim_matches(['[', ']']).to_owned())
            .map_err(io::Error::other)?;
        let stream = self.tls.connector()?.connect(name, stream).await?;
        Ok((Server::Tls(Box::new(stream)), info))
    }
}

/// What the server says of itself first.
struct Info {
    /// The same, for the library: it speaks to us, without TLS, and is to look for no other server.
    line: Vec<u8>,
    wants_tls: bool,
    /// The largest message that it passes on, in bytes.
    max_payload: usize,
}

impl Info {
    async fn read(stream: &mut TcpStream, received: &mut BytesMut) -> io::Result<Self> {
        let end = loop {
            if let Some(end) = received.windows(2).position(|two| two == b"\r\n") {
                break end;
            }
            if received.len() > INFO_BYTES_MAX {
                return Err(io::Error::other("the server does not end its first line"));
            }
            if stream.read_buf(received).await? == 0 {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
        };
        let line = received.split_to(end + 2);
        let not_info = || io::Error::other("the server does not begin with INFO");
        let json = line.strip_prefix(b"INFO ").ok_or_else(not_info)?;
        let mut info: serde_json::Map<String, serde_json::Value> = serde_json::from_slice(json)?;
        let wants_tls = info.get("tls_required") == Some(&true.into());
        let max_payload = info.get("max_payload").and_then(serde_json::Value::as_u64);
        let max_payload = max_payload.and_then(|it| it.try_into().ok());
        for key in [
            "tls_required",
            "tls_verify",
            "tls_available",
            "connect_urls",
        ] {
            info.remove(key);
        }
        let mut line = b"INFO ".to_vec();
        serde_json::to_writer(&mut line, &info)?;
        line.extend_from_slice(b"\r\n");
        Ok(Self {
            line,
            wants_tls,
            max_payload: max_payload.unwrap_or(usize::MAX),
        })
    }
}

async fn pump(
    library: TcpStream,
    server: impl AsyncRead + AsyncWrite,
    info: &Info,
    received: BytesMut,
    ways: &Ways,
) -> io::Result<()> {
    let (mut from_library, mut to_library) = library.into_split();
    let (from_server, mut to_server) = tokio::io::split(server);
    to_library.write_all(&info.line).await?;
    let mut said = BytesMut::with_capacity(READ_BYTES);
    let login = from_library::log_in(&mut from_library, &mut said, &ways.names);
    let login = timeout(LOGS_IN_WITHIN, login).await??;
    to_server.write_all(&login).await?;
    let mouth = ways.way_back.outlet.connect(info.max_payload);
    let taken_over = mouth.taken_over();
    tokio::select! {
        // The library has one connection. On the old one a server that hangs may keep what we write for ever.
        () = taken_over => Ok(()),
        ended = sift(from_server, to_library, received, &ways.gate) => ended,
        ended = from_library::pass_on(from_library, to_server, said, mouth) => ended,
    }
}

/// Passes on what the server sends and the gate lets in.
async fn sift(
    mut server: impl AsyncRead + Unpin,
    mut library: impl AsyncWrite + Unpin,
    mut received: BytesMut,
    gate: &Gate,
) -> io::Result<()> {
    let mut filter = Filter::default();
    let mut passed = BytesMut::with_capacity(READ_BYTES);
    loop {
        let divided = filter.pass(&mut received, &mut passed, gate);
        if !passed.is_empty() {
            library.write_all(&passed).await?;
            passed.clear();
        }
        divided.map_err(io::Error::other)?;
        received.reserve(READ_BYTES);
        if server
            .read_buf(&mut (&mut received).limit(READ_BYTES))
            .await?
            == 0
        {
            return Ok(());
        }
    }
}

//! The sieve between a server of the test's own and the real client library.

use std::{collections::HashSet, sync::Arc, time::Duration};

use async_nats::Client;
use futures::StreamExt as _;
use proptest::{prelude::*, strategy::ValueTree as _, test_runner::TestRunner};
use tokio::{
    io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader},
    net::{TcpListener, TcpStream},
    sync::mpsc,
    time::timeout,
};

use super::{Sieve, Upstream};
use crate::{
    ConnectionOptions,
    circle::Circle,
    connection::connect_to,
    desks::Desks,
    gate::{Admission, Gate},
    in_hand::{Ledger, Room},
    inboxes::Inboxes,
    request::Request,
    tls::Tls,
    turns::Turns,
    way_back::WayBack,
};

const LIMIT: Duration = Duration::from_secs(20);

/// Where a command is published.
const COMMAND: &str = "redress.v1.cmd.party.dev7.Rectify";

/// A server that says of its connections what it is told to.
struct Server {
    url: String,
    /// What is to be said on the connection that there is now.
    say: mpsc::Sender<Vec<u8>>,
    /// One for each connection.
    connected: mpsc::Receiver<()>,
}

impl Server {
    async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("nats://{}", listener.local_addr().unwrap());
        let (say, mut to_say) = mpsc::channel::<Vec<u8>>(1_024);
        let (tell, connected) = mpsc::channel(1_024);
        tokio::spawn(async move {
            loop {
                let (stream, _) = listener.accept().await.unwrap();
                tell.send(()).await.unwrap();
                serve(stream, &mut to_say).await;
            }
        });
        Self {
            url,
            say,
            connected,
        }
    }
}

/// Answers what the library asks, and says what it is told to once the library has subscribed.
async fn serve(stream: TcpStream, to_say: &mut mpsc::Receiver<Vec<u8>>) {
    let (reading, mut writing) = stream.into_split();
    let mut lines = BufReader::new(reading).lines();
    let info = b"INFO {\"server_id\":\"S\",\"server_name\":\"s\",\"host\":\"h\",\"port\":1,\"version\":\"2.15.1\",\
        \"headers\":true,\"max_payload\":1048576,\"proto\":1,\"connect_urls\":[\"127.0.0.1:1\"],\
        \"tls_available\":true}\r\n";
    writing.write_all(info).await.unwrap();
    let mut subscribed = false;
    loop {
        tokio::select! {
            line = lines.next_line() => match line {
                Ok(Some(line)) if line == "PING" => writing.write_all(b"PONG\r\n").await.unwrap(),
                Ok(Some(line)) => subscribed |= line.starts_with("SUB "),
                Ok(None) | Err(_) => return,
            },
            Some(bytes) = to_say.recv(), if subscribed => {
                if writing.write_all(&bytes).await.is_err() {
                    return;
                }
            }
        }
    }
}

/// A gate, where it lets messages through to the library, and where it puts the commands that it takes out.
struct AtGate {
    gate: Arc<Gate>,
    way_back: Arc<WayBack>,
    inbox: String,
    commands: Arc<Turns<Request>>,
}

fn gate(messages: usize) -> AtGate {
    let room = Room {
        messages,
        bytes: 64 * 1024 * 1024,
    };
    let admission = Admission {
        commands: Ledger::new(room),
        queries: Ledger::new(room),
    };
    let inboxes = Inboxes::new();
    let (commands, way_back) = (Arc::new(Turns::new()), Arc::new(WayBack::new()));
    let gate = Gate::new(
        Circle::Staff,
        "redress",
        admission,
        inboxes.clone(),
        Arc::clone(&way_back),
        Desks::with(&commands),
    );
    AtGate {
        gate: Arc::new(gate.without_rates()),
        way_back,
        inbox: inboxes.named("_INBOX.x"),
        commands,
    }
}

async fn through(server: &Server, at: &AtGate) -> (Sieve, Client) {
    through_to(&[&server.url], at).await
}

async fn through_to(urls: &[&str], at: &AtGate) -> (Sieve, Client) {
    let upstream = Upstream {
        servers: urls.iter().map(|url| url.parse().unwrap()).collect(),
        tls: Tls::new(None),
    };
    let (gate, way_back) = (Arc::clone(&at.gate), Arc::clone(&at.way_back));
    let sieve = Sieve::start(upstream, "test".to_owned(), gate, way_back);
    let sieve = sieve.await.unwrap();
    let options = ConnectionOptions::new("", sieve.password());
    let client = connect_to(&sieve.url(), &options).await.unwrap();
    (sieve, client)
}

/// A message with these headers, as the server sends it on.
fn with_headers(subject: &[u8], headers: &[u8]) -> Vec<u8> {
    let mut bytes = b"HMSG ".to_vec();
    bytes.extend_from_slice(subject);
    let lengths = format!(" 1 reply {} {}\r\n", headers.len(), headers.len() + 2);
    bytes.extend_from_slice(lengths.as_bytes());
    bytes.extend_from_slice(headers);
    bytes.extend_from_slice(b"{}\r\n");
    bytes
}

fn mark(subject: &str, number: usize) -> Vec<u8> {
    let body = format!("mark {number}");
    format!("MSG {subject} 1 reply {}\r\n{body}\r\n", body.len()).into_bytes()
}

/// Headers of a client, with something in them exchanged for what breaks headers.
fn almost_headers() -> impl Strategy<Value = Vec<u8>> {
    let pieces: &[&[u8]] = &[
        b"\r",
        b"\n",
        b"\r\n",
        b":",
        b" ",
        b"\t",
        b"\xff",
        b"\0",
        b"NATS/1.0",
        b"503",
        b"\xe3\x80\x80",
        b"\xc2\x85",
        b"a",
        b"\x0b",
        b"\x0c",
    ];
    let piece = prop::sample::select(pieces.to_vec());
    let changes = prop::collection::vec((any::<prop::sample::Index>(), 0..3_usize, piece), 0..4);
    changes.prop_map(|changes| {
        let mut block = b"NATS/1.0\r\nNats-Msg-Id: a-1\r\nX-Trace: b\r\n\r\n".to_vec();
        for (at, removed, piece) in changes {
            let at = at.index(block.len() + 1);
            let to = (at + removed).min(block.len());
            block.splice(at..to, piece.iter().copied());
        }
        block
    })
}

fn almost_a_subject(inbox: &str) -> impl Strategy<Value = Vec<u8>> + use<> {
    let other: &[&[u8]] = &[
        b"redress.v1.cmd.party.dev7.\xff\xfe",
        b"redress.v1.cmd.party.dev7.\xe3\x80\x80x",
        b"redress.v1.cmd.party.dev7.\x0bx",
        b"redress.v1.cmd.party.dev7.\xc2\xa0",
        b"redress.v1.qry.auditor.a.Status",
        b"$SRV.PING",
        b"_INBOX.a",
        b"redress.v1.cmd.party",
    ];
    prop_oneof![
        Just(inbox.as_bytes().to_vec()),
        Just(COMMAND.as_bytes().to_vec()),
        prop::sample::select(other.to_vec()).prop_map(<[u8]>::to_vec),
    ]
}

#[tokio::test(flavor = "multi_thread")]
async fn whatever_passes_the_sieve_is_read_by_the_client_library() {
    let mut server = Server::start().await;
    let at = gate(usize::MAX);
    let (_sieve, client) = through(&server, &at).await;
    let mut heard = client.subscribe(">").await.unwrap();
    server.connected.recv().await.unwrap();

    let messages = prop::collection::vec((almost_a_subject(&at.inbox), almost_headers()), 50);
    let mut runner = TestRunner::deterministic();
    // Said one after the other on one connection; after each handful a message must come through.
    for number in 0..200 {
        let messages = messages.new_tree(&mut runner).unwrap().current();
        for (subject, headers) in &messages {
            let bytes = with_headers(subject, headers);
            server.say.send(bytes).await.unwrap();
        }
        server.say.send(mark(&at.inbox, number)).await.unwrap();
        let expected = format!("mark {number}");
        let arrived = timeout(LIMIT, async {
            while heard.next().await.unwrap().payload != expected {}
        });
        assert!(arrived.await.is_ok(), "lost behind {messages:?}");
        assert!(server.connected.try_recv().is_err(), "it connected again");
    }
}

#[tokio::test]
async fn what_is_asked_is_taken_out_whole_and_kept_from_the_library() {
    let server = Server::start().await;
    let at = gate(2);
    let (_sieve, client) = through(&server, &at).await;
    let mut heard = client.subscribe(">").await.unwrap();
    for number in 0..3 {
        let headers = format!("NATS/1.0\r\nNats-Msg-Id: {number}\r\n\r\n");
        let command = with_headers(COMMAND.as_bytes(), headers.as_bytes());
        server.say.send(command).await.unwrap();
        server.say.send(mark(&at.inbox, number)).await.unwrap();
        let passed = timeout(LIMIT, heard.next()).await.unwrap().unwrap();
        assert_eq!(passed.payload, format!("mark {number}"));
        // What is in hand no more makes room for the next one.
        let request = timeout(LIMIT, at.commands.next()).await.unwrap().unwrap();
        let id = request.headers().value("Nats-Msg-Id");
        assert_eq!(id.unwrap(), number.to_string());
        assert_eq!(request.body(), b"{}");
        assert_eq!(request.reply.as_deref(), Some("reply"));
        assert_eq!(**request.sender(), *"party.dev7");
    }
}

#[tokio::test]
async fn a_connection_that_breaks_is_made_again_and_hears_again() {
    let mut server = Server::start().await;
    let at = gate(usize::MAX);
    let (_sieve, client) = through(&server, &at).await;
    let mut heard = client.subscribe(">").await.unwrap();
    let mut seen = HashSet::new();
    for number in 0..5 {
        let again = timeout(LIMIT, server.connected.recv()).await;
        assert!(again.is_ok(), "it does not connect again");
        // It says what no server says, so that the connection is given up.
        server.say.send(mark(&at.inbox, number)).await.unwrap();
        let message = timeout(LIMIT, heard.next()).await.unwrap().unwrap();
        assert!(seen.insert(message.payload));
        let broken: &[u8] = [&b"MSG broken\r\n"[..], b"-ERR\r\n"][number % 2];
        server.say.send(broken.to_vec()).await.unwrap();
    }
}

#[tokio::test]
async fn a_server_that_is_not_there_does_not_keep_us_from_the_next_one() {
    let mut server = Server::start().await;
    let at = gate(usize::MAX);
    let (_sieve, client) = through_to(&["nats://127.0.0.1:1", &server.url], &at).await;
    let mut heard = client.subscribe(">").await.unwrap();
    server.connected.recv().await.unwrap();
    server.say.send(mark(&at.inbox, 0)).await.unwrap();
    let message = timeout(LIMIT, heard.next()).await.unwrap().unwrap();
    assert_eq!(message.payload, "mark 0");
}

#[tokio::test]
async fn a_stranger_at_our_port_says_nothing_to_the_server() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("nats://{}", listener.local_addr().unwrap());
    let at = gate(usize::MAX);
    let upstream = Upstream {
        servers: vec![url.parse().unwrap()],
        tls: Tls::new(None),
    };
    let (gate, way_back) = (Arc::clone(&at.gate), Arc::clone(&at.way_back));
    let sieve = Sieve::start(upstream, "test".to_owned(), gate, way_back);
    let sieve = sieve.await.unwrap();
    for (name, is_ours) in [("test", false), (sieve.password(), true)] {
        let port = sieve.url().replace("nats://", "");
        let mut stranger = BufReader::new(TcpStream::connect(port).await.unwrap());
        let (mut server, _) = listener.accept().await.unwrap();
        server.write_all(b"INFO {}\r\n").await.unwrap();
        let mut greeting = String::new();
        stranger.read_line(&mut greeting).await.unwrap();
        assert_eq!(greeting, "INFO {}\r\n");
        let login = format!("CONNECT {{\"name\":\"{name}\"}}\r\nSUB > 1\r\n");
        stranger.write_all(login.as_bytes()).await.unwrap();
        let mut heard = vec![0; 64];
        let heard_bytes = timeout(LIMIT, server.read(&mut heard)).await;
        let heard_bytes = heard_bytes.unwrap().unwrap_or(0);
        assert_eq!(heard_bytes > 0, is_ours, "{name}");
    }
}

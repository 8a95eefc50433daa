//! Whoever keeps the log of the service may go to sleep: nobody who asks is made to wait for it.

use std::{
    io::{self, PipeReader, Write as _},
    process::{Child, ExitStatus, Stdio},
    thread::{self, JoinHandle},
    time::Duration,
};

use end_to_end::{Client, NatsServer, Service, bodies, data_dir, wait_for};
use serde_json::json;

use crate::stage::LIMIT;

/// A service whose standard error is a pipe that is full and that nobody reads.
struct Unread {
    service: Child,
    pipe: PipeReader,
    filling: JoinHandle<()>,
}

impl Unread {
    fn start(nats: &NatsServer, data: &std::path::Path) -> Self {
        let (pipe, writer) = io::pipe().unwrap();
        // More than a pipe holds: what is written waits until the reader is gone.
        let mut filler = writer.try_clone().unwrap();
        let filling = thread::spawn(move || {
            let _ = filler.write_all(&vec![b'.'; 1 << 21]);
        });
        let service = Service::command(nats.url(), data, &[])
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(writer)
            .spawn()
            .unwrap();
        Self {
            service,
            pipe,
            filling,
        }
    }

    /// Asks it to end, and waits until it has. Nobody has read anything.
    fn terminate(mut self) -> ExitStatus {
        let process = rustix::process::Pid::from_child(&self.service);
        rustix::process::kill_process(process, rustix::process::Signal::TERM).unwrap();
        let status = wait_for("the end of the service", LIMIT, || {
            self.service.try_wait().unwrap()
        });
        drop(self.pipe);
        self.filling.join().unwrap();
        status
    }
}

#[test]
fn a_service_whose_log_nobody_reads_starts_answers_and_ends() {
    let (nats, data) = (NatsServer::start(), data_dir());
    let service = Unread::start(&nats, data.path());
    let client = Client::connect(nats.url());
    wait_for("the service to answer", LIMIT, || {
        let nats = client.nats();
        let status = nats.request("redress.v1.qry.auditor.a.Status", "{}".into());
        client.block_on(status).ok()
    });

    // Each of these is worth a warning: the answer would go where events are published.
    client.block_on(async {
        let nats = client.nats();
        for _ in 0..5_000 {
            let (subject, reply) = (
                "redress.v1.cmd.party.dev7.Rectify",
                "redress.v1.evt.dev7.x.y",
            );
            nats.publish_with_reply(subject, reply, "{}".into())
                .await
                .unwrap();
        }
        nats.flush().await.unwrap();
    });
    bodies::prepare(&client, &bodies::rulebook("unread-1", &[]));
    for number in 0..50 {
        let (case, id) = (format!("C{number}"), format!("w{number}"));
        let warning = bodies::warning(&case, "W1");
        client.send("platform:p", "IssueWarning", &id, &warning);
    }
    client.query("auditor:a", "Status", &json!({})).accepted();
    assert_eq!(service.terminate().code(), Some(0));
}

#[test]
fn a_service_that_fails_ends_although_nobody_reads_why() {
    let data = data_dir();
    let nats = NatsServer::start();
    let other = Service::start(nats.url(), data.path(), &[]);
    let mut second = Unread::start(&nats, data.path());
    let status = wait_for("the end of the service", Duration::from_mins(1), || {
        second.service.try_wait().unwrap()
    });
    assert_eq!(status.code(), Some(1), "the log is in use");
    drop(second.pipe);
    second.filling.join().unwrap();
    assert_eq!(other.terminate().code(), Some(0));
}

#[test]
fn the_last_words_of_a_service_that_fails_are_read() {
    let data = data_dir();
    let nats = NatsServer::start();
    let other = Service::start(nats.url(), data.path(), &[]);
    for _ in 0..5 {
        let ended = Service::try_start(Service::command(nats.url(), data.path(), &[])).unwrap_err();
        let last = ended.stderr.lines().last().unwrap_or_default().to_owned();
        assert!(last.starts_with("error: "), "{}", ended.stderr);
    }
    assert_eq!(other.terminate().code(), Some(0));
}

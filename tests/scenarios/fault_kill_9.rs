//! The service is killed under load, again and again: every acknowledged command is in the log once, none twice.

use std::{
    collections::BTreeMap,
    path::Path,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
    thread,
    time::Duration,
};

use end_to_end::{Client, NatsServer, Service, bodies, cli, data_dir, wait_for};

/// Rounds of load and kill.
const ROUNDS: usize = 20;
/// Senders at the same time.
const SENDERS: usize = 8;
/// Commands that each sender sends at the most in a round, so that the load ends by itself.
const COMMANDS_PER_SENDER: usize = 400;
/// How long a sender waits for an answer before it takes the service for gone.
const ANSWERED_WITHIN: Duration = Duration::from_secs(1);
/// Acknowledgements after which the service is killed.
const ACKNOWLEDGED_PER_ROUND: usize = 60;

/// How often each command's first event is in the log.
fn commands_in_log(data: &Path) -> BTreeMap<String, usize> {
    let replayed =
        cli::run(["replay", "--data", data.to_str().unwrap(), "-o", "jsonl"]).succeeded();
    let mut found = BTreeMap::new();
    for event in replayed.jsonl() {
        let header = &event["header"];
        if header["commandhash"].is_string() {
            let id = header["commandid"].as_str().unwrap().to_owned();
            *found.entry(id).or_insert(0) += 1;
        }
    }
    found
}

fn send_until_stopped(url: &str, name: &str, stop: &AtomicBool, acknowledged: &Mutex<Vec<String>>) {
    let client = Client::connect(url);
    for number in 0..COMMANDS_PER_SENDER {
        if stop.load(Ordering::Relaxed) {
            return;
        }
        let case = format!("{name}-{number}");
        let body = bodies::warning(&case, "W1");
        let sending = client.sending("platform:watch", "IssueWarning", &case, &body, &[]);
        let reply = client.block_on(async { tokio::time::timeout(ANSWERED_WITHIN, sending).await });
        match reply {
            Ok(Ok(reply)) => {
                reply.accepted();
                acknowledged.lock().unwrap().push(case);
            }
            // Killed under it: what became of the command is not known, and nothing was promised.
            Ok(Err(_)) | Err(_) => return,
        }
    }
}

#[test]
fn what_was_acknowledged_survives_kill_9_once_in_each_of_20_rounds() {
    let nats = NatsServer::start();
    let data = data_dir();
    let mut promised = Vec::new();
    for round in 0..ROUNDS {
        let service = Service::start(nats.url(), data.path(), &[]);
        if round == 0 {
            let client = Client::connect(nats.url());
            bodies::prepare(&client, &bodies::rulebook("kill-1", &[]));
        }
        let stop = Arc::new(AtomicBool::new(false));
        let acknowledged = Arc::new(Mutex::new(Vec::new()));
        let senders: Vec<_> = (0..SENDERS)
            .map(|sender| {
                let (stop, acknowledged) = (Arc::clone(&stop), Arc::clone(&acknowledged));
                let url = nats.url().to_owned();
                let name = format!("C{round}-{sender}");
                thread::spawn(move || send_until_stopped(&url, &name, &stop, &acknowledged))
            })
            .collect();
        wait_for("acknowledged commands", Duration::from_secs(30), || {
            (acknowledged.lock().unwrap().len() >= ACKNOWLEDGED_PER_ROUND).then_some(())
        });
        service.kill9();
        stop.store(true, Ordering::Relaxed);
        for sender in senders {
            sender.join().unwrap();
        }
        promised.extend(acknowledged.lock().unwrap().drain(..));

        cli::run(["verify", "--data", data.path().to_str().unwrap()]).succeeded();
        let found = commands_in_log(data.path());
        for (id, times) in &found {
            assert_eq!(*times, 1, "round {round}: {id} is in the log {times} times");
        }
        for id in &promised {
            assert!(
                found.contains_key(id),
                "round {round}: {id} was acknowledged and is lost"
            );
        }
    }
    assert!(promised.len() >= ROUNDS * ACKNOWLEDGED_PER_ROUND);
}

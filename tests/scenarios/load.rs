//! A bounded load of warnings, each on a case of its own, that keeps what was acknowledged; and what must hold of the
//! log afterwards, whatever happened to the service meanwhile.

use std::{
    collections::BTreeMap,
    path::Path,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
    thread::{self, JoinHandle},
    time::Duration,
};

use end_to_end::{Client, Reply, Service, bodies, cli};
use serde_json::Value;

/// How long a sender waits for an answer before it takes the service for gone.
const ANSWERED_WITHIN: Duration = Duration::from_secs(2);

/// Senders at work. They end by themselves.
pub(crate) struct Load {
    stop: Arc<AtomicBool>,
    answers: Arc<Mutex<Answers>>,
    senders: Vec<JoinHandle<()>>,
}

/// What the senders heard.
#[derive(Default)]
pub(crate) struct Answers {
    /// The ids of acknowledged commands, which are their cases too.
    pub(crate) acknowledged: Vec<String>,
    /// Commands that were refused, with the code.
    pub(crate) refused: Vec<(String, String)>,
    /// Commands that nobody answered.
    pub(crate) unanswered: Vec<String>,
}

/// The warning that the load sends for a case.
pub(crate) fn body(case: &str) -> Value {
    bodies::warning(case, "W1")
}

impl Load {
    /// So many senders, each with at most so many commands `<name>-<sender>-<number>`, one under way at a time. A sender
    /// that is not answered ends.
    pub(crate) fn start(
        url: &str,
        name: &str,
        senders: usize,
        commands_each: usize,
        body: fn(&str) -> Value,
    ) -> Self {
        let stop = Arc::new(AtomicBool::new(false));
        let answers = Arc::new(Mutex::new(Answers::default()));
        let senders = (0..senders)
            .map(|sender| {
                let (stop, answers) = (Arc::clone(&stop), Arc::clone(&answers));
                let (url, name) = (url.to_owned(), format!("{name}-{sender}"));
                thread::spawn(move || {
                    let client = Client::connect(&url);
                    for number in 0..commands_each {
                        let case = format!("{name}-{number}");
                        if stop.load(Ordering::Relaxed)
                            || !send(&client, &case, &body(&case), &answers)
                        {
                            return;
                        }
                    }
                })
            })
            .collect();
        Self {
            stop,
            answers,
            senders,
        }
    }

    /// How many commands were acknowledged so far.
    pub(crate) fn acknowledged(&self) -> usize {
        self.answers.lock().unwrap().acknowledged.len()
    }

    /// Ends it, and gives what was heard.
    pub(crate) fn stop(self) -> Answers {
        self.stop.store(true, Ordering::Relaxed);
        self.finish()
    }

    /// Waits until it has ended by itself, and gives what was heard.
    pub(crate) fn finish(self) -> Answers {
        for sender in self.senders {
            sender.join().unwrap();
        }
        std::mem::take(&mut self.answers.lock().unwrap())
    }
}

/// False when nobody answered: what became of the command is not known, and nothing was promised.
fn send(client: &Client, case: &str, body: &Value, answers: &Mutex<Answers>) -> bool {
    let sending = client.sending("platform:watch", "IssueWarning", case, body, &[]);
    let reply = client.block_on(async { tokio::time::timeout(ANSWERED_WITHIN, sending).await });
    let mut answers = answers.lock().unwrap();
    let Ok(Ok(reply)) = reply else {
        answers.unanswered.push(case.to_owned());
        return false;
    };
    if reply.header("Nats-Service-Error-Code").is_some() {
        let code = Reply::code(&reply).to_owned();
        answers.refused.push((case.to_owned(), code));
    } else {
        reply.accepted();
        answers.acknowledged.push(case.to_owned());
    }
    true
}

/// The log is whole, has each command at most once, and has each of these.
#[track_caller]
pub(crate) fn check_log<'a>(data: &Path, promised: impl IntoIterator<Item = &'a String>) {
    cli::run(["verify", "--data", data.to_str().unwrap()]).succeeded();
    let found = commands_in_log(data);
    for (id, times) in &found {
        assert_eq!(*times, 1, "{id} is in the log {times} times");
    }
    for id in promised {
        assert!(found.contains_key(id), "{id} was acknowledged and is lost");
    }
}

/// A service that ended under a load has lost nothing, has done nothing that it refused, and starts again: what was
/// promised is there, and what was refused or not answered can be sent once more, with one effect.
#[track_caller]
pub(crate) fn check_it_goes_on(url: &str, data: &Path, answers: &Answers, body: fn(&str) -> Value) {
    check_log(data, &answers.acknowledged);
    let found = commands_in_log(data);
    for (case, code) in &answers.refused {
        // What comes in after it has begun to end is not taken on, and is told so.
        assert_eq!(code, "stopping", "{case}");
        assert!(!found.contains_key(case), "{case} was refused and done");
    }

    let service = Service::start(url, data, &[]);
    let client = Client::connect(url);
    let refused = answers.refused.iter().map(|(case, _)| case);
    let again: Vec<_> = refused.chain(&answers.unanswered).collect();
    for case in &again {
        let reply = client.send("platform:watch", "IssueWarning", case, &body(case));
        assert_eq!(
            reply.accepted()["replayed"],
            found.contains_key(*case),
            "{case}"
        );
    }
    assert_eq!(service.terminate().code(), Some(0));
    check_log(data, answers.acknowledged.iter().chain(again));
}

/// How often each command's first event is in the log.
#[track_caller]
pub(crate) fn commands_in_log(data: &Path) -> BTreeMap<String, usize> {
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

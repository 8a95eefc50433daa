//! A bounded load of warnings, each on a case of its own, or of cases with several commands, that keeps what was
//! acknowledged; and what must hold of the log afterwards, whatever happened to the service meanwhile.

use std::{
    collections::BTreeMap,
    path::Path,
    pin::pin,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
    thread::{self, JoinHandle},
    time::Duration,
};

use end_to_end::{Client, Reply, Service, bodies, cli};
use serde_json::Value;
use tokio::sync::watch;

/// How long a sender waits for an answer before it takes the service for gone.
const ANSWERED_WITHIN: Duration = Duration::from_secs(2);
/// How long an answer that a service gave before it was gone may be on its way.
const ON_ITS_WAY: Duration = Duration::from_millis(250);

/// Senders at work. They end by themselves.
pub(crate) struct Load {
    stop: Arc<AtomicBool>,
    gone: watch::Sender<bool>,
    answers: Arc<Mutex<Answers>>,
    senders: Vec<JoinHandle<()>>,
}

/// What the senders heard.
#[derive(Default)]
pub(crate) struct Answers {
    /// The ids of acknowledged commands.
    pub(crate) acknowledged: Vec<String>,
    /// Commands that were refused, with the code.
    pub(crate) refused: Vec<(String, String)>,
    /// Commands that nobody answered.
    pub(crate) unanswered: Vec<String>,
}

/// A command of the load: what is needed to send it, and to send it again.
pub(crate) struct Sent {
    pub(crate) sender: &'static str,
    pub(crate) command: &'static str,
    pub(crate) id: String,
    pub(crate) body: Value,
}

/// The warning that the load sends for a case.
pub(crate) fn body(case: &str) -> Value {
    bodies::warning(case, "W1")
}

impl Load {
    /// So many senders, each with at most so many warnings, one under way at a time. The id of each is its case,
    /// `<name>-<sender>-<number>`. A sender that is not answered ends.
    pub(crate) fn start(
        url: &str,
        name: &str,
        senders: usize,
        commands_each: usize,
        body: fn(&str) -> Value,
    ) -> Self {
        let warn = move |case: &str| vec![warning(case, body)];
        Self::of_cases(url, name, senders, commands_each, warn)
    }

    /// The same with cases of several commands, each sent once the one before it is answered.
    pub(crate) fn of_cases(
        url: &str,
        name: &str,
        senders: usize,
        cases_each: usize,
        commands: impl Fn(&str) -> Vec<Sent> + Copy + Send + 'static,
    ) -> Self {
        let stop = Arc::new(AtomicBool::new(false));
        let (gone, is_gone) = watch::channel(false);
        let answers = Arc::new(Mutex::new(Answers::default()));
        let senders = (0..senders)
            .map(|sender| {
                let (stop, answers) = (Arc::clone(&stop), Arc::clone(&answers));
                let is_gone = is_gone.clone();
                let (url, name) = (url.to_owned(), format!("{name}-{sender}"));
                thread::spawn(move || {
                    let client = Client::connect(&url);
                    for number in 0..cases_each {
                        for sent in commands(&format!("{name}-{number}")) {
                            if stop.load(Ordering::Relaxed)
                                || !send(&client, &sent, &is_gone, &answers)
                            {
                                return;
                            }
                        }
                    }
                })
            })
            .collect();
        Self {
            stop,
            gone,
            answers,
            senders,
        }
    }

    /// Whether some of them still send.
    pub(crate) fn goes_on(&self) -> bool {
        self.senders.iter().any(|sender| !sender.is_finished())
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

    /// Ends it when the service is dead: only what it had answered by then is still heard.
    pub(crate) fn stop_unanswered(self) -> Answers {
        self.stop.store(true, Ordering::Relaxed);
        self.gone.send_replace(true);
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

fn warning(case: &str, body: fn(&str) -> Value) -> Sent {
    Sent {
        sender: "platform:watch",
        command: "IssueWarning",
        id: case.to_owned(),
        body: body(case),
    }
}

/// False when nobody answered: what became of the command is not known, and nothing was promised.
fn send(
    client: &Client,
    sent: &Sent,
    is_gone: &watch::Receiver<bool>,
    answers: &Mutex<Answers>,
) -> bool {
    let sending = client.sending(sent.sender, sent.command, &sent.id, &sent.body, &[]);
    let mut is_gone = is_gone.clone();
    let reply = client.block_on(async {
        let mut sending = pin!(sending);
        tokio::select! {
            reply = tokio::time::timeout(ANSWERED_WITHIN, &mut sending) => return reply,
            Ok(_) = is_gone.wait_for(|gone| *gone) => {}
        }
        tokio::time::timeout(ON_ITS_WAY, sending).await
    });
    let mut answers = answers.lock().unwrap();
    let Ok(Ok(reply)) = reply else {
        answers.unanswered.push(sent.id.clone());
        return false;
    };
    if reply.header("Nats-Service-Error-Code").is_some() {
        let code = Reply::code(&reply).to_owned();
        answers.refused.push((sent.id.clone(), code));
    } else {
        reply.accepted();
        answers.acknowledged.push(sent.id.clone());
    }
    true
}

/// Sends a command once more, with its id: what was in the log before is answered and not done again.
#[track_caller]
pub(crate) fn send_again(client: &Client, sent: &Sent, before: &BTreeMap<String, usize>) {
    let Sent { sender, id, .. } = sent;
    let reply = client.send(sender, sent.command, id, &sent.body).accepted();
    assert_eq!(reply["replayed"], before.contains_key(id), "{id}: {reply}");
}

/// The log is whole, has each command at most once, and has each of these. Gives all that it has.
#[track_caller]
pub(crate) fn check_log<'a>(
    data: &Path,
    promised: impl IntoIterator<Item = &'a String>,
) -> BTreeMap<String, usize> {
    cli::run(["verify", "--data", data.to_str().unwrap()]).succeeded();
    let found = commands_in_log(data);
    for (id, times) in &found {
        assert_eq!(*times, 1, "{id} is in the log {times} times");
    }
    for id in promised {
        assert!(found.contains_key(id), "{id} was acknowledged and is lost");
    }
    found
}

/// A service that ended under a load has lost nothing, has done nothing that it refused, and starts again: what was
/// promised is there, and what was refused or not answered can be sent once more, with one effect.
#[track_caller]
pub(crate) fn check_it_goes_on(url: &str, data: &Path, answers: &Answers, body: fn(&str) -> Value) {
    let found = check_log(data, &answers.acknowledged);
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
        send_again(&client, &warning(case, body), &found);
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

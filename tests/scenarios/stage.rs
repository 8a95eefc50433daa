//! What the scenarios of rules and complaints play on: a service of their own, and few words to ask it with.

use std::{
    cell::Cell,
    collections::{BTreeMap, BTreeSet},
    fs,
    time::Duration,
};

use end_to_end::{
    Client, NatsServer, Reply, Service, Subscription, bodies, cli, data_dir, wait_for,
};
use serde_json::{Value, json};
use tempfile::TempDir;

/// Generous beside the periods of seconds that scenarios wait for.
pub(crate) const LIMIT: Duration = Duration::from_secs(30);

/// Who asks where nothing depends on it: an auditor reads everything.
const AUDITOR: &str = "auditor:a";

/// A nats-server, the service and a client, with a calendar published and a rulebook adopted.
pub(crate) struct Stage {
    pub(crate) client: Client,
    service: Option<Service>,
    nats: NatsServer,
    data: TempDir,
    sent: Cell<u32>,
}

/// What a platform did before it had the service, each command at its exact time. The oldest comes first.
pub(crate) struct History(String);

/// An event as it is stored.
#[derive(Debug)]
pub(crate) struct Event {
    /// `warning.issued` for `redress.warning.issued.v1`.
    pub(crate) kind: String,
    pub(crate) header: Value,
    pub(crate) facts: Value,
    pub(crate) personal: Value,
}

impl Stage {
    /// With a rulebook that has these lines in its defaults.
    pub(crate) fn new(defaults: &[(&str, &str)]) -> Self {
        Self::under(&bodies::rulebook("scenario-1", defaults))
    }

    /// Under this rulebook.
    pub(crate) fn under(rulebook: &str) -> Self {
        let stage = Self::bare(data_dir());
        bodies::prepare(&stage.client, rulebook);
        stage
    }

    /// With nothing but what this data folder holds.
    pub(crate) fn bare(data: TempDir) -> Self {
        let nats = NatsServer::start();
        let service = Service::start(nats.url(), data.path(), &[]);
        let client = Client::connect(nats.url());
        Self {
            client,
            service: Some(service),
            nats,
            data,
            sent: Cell::new(0),
        }
    }

    /// An id for a command that none had before.
    fn next_id(&self) -> String {
        self.sent.set(self.sent.get() + 1);
        format!("c{}", self.sent.get())
    }

    /// Sends a command that must be accepted; gives where its case stands.
    #[track_caller]
    pub(crate) fn accept(&self, sender: &str, command: &str, body: &Value) -> Value {
        let reply = self.client.send(sender, command, &self.next_id(), body);
        reply.accepted()["case"].clone()
    }

    /// Sends a command that must be refused with this code, and must leave no event in its case.
    #[track_caller]
    pub(crate) fn refuse(&self, sender: &str, command: &str, body: &Value, code: &str) -> Reply {
        let id = self.next_id();
        let reply = self.client.send(sender, command, &id, body);
        assert_eq!(reply.code(), code, "{:#}", reply.json);
        assert!(
            reply
                .at("/detail")
                .as_str()
                .is_some_and(|it| !it.is_empty())
        );
        if let Some(case) = body["facts"]["case"].as_str() {
            let left = self.events(case);
            assert!(
                left.iter().all(|event| event.header["commandid"] != *id),
                "a refused command has changed its case: {left:#?}"
            );
        }
        reply
    }

    /// The case, as an auditor sees it.
    #[track_caller]
    pub(crate) fn case(&self, case: &str) -> Value {
        self.client
            .query(AUDITOR, "Case", &json!({ "case": case }))
            .accepted()
    }

    /// The notice of a case, as its party finds it in its notification centre.
    #[track_caller]
    pub(crate) fn in_the_inbox(&self, account: &str, notice: &str) -> Value {
        let party = format!("party:{account}");
        let inbox = self.client.query(&party, "Inbox", &json!({})).accepted();
        let notices = inbox["notices"].as_array().unwrap();
        let found = notices.iter().find(|item| item["notice"] == notice);
        found
            .unwrap_or_else(|| panic!("{notice} is not in the inbox of {account}: {inbox:#}"))
            .clone()
    }

    /// The account, as its party sees it.
    #[track_caller]
    pub(crate) fn account(&self, account: &str) -> Value {
        let party = format!("party:{account}");
        self.client.query(&party, "Account", &json!({})).accepted()
    }

    /// What is restricted of an account now, as pairs of capability and measure.
    #[track_caller]
    pub(crate) fn restrictions(&self, account: &str) -> Vec<(String, String)> {
        let account = self.account(account);
        let restrictions = account["restrictions"].as_array().unwrap();
        let mut pairs: Vec<_> = restrictions
            .iter()
            .map(|it| (text(&it["capability"]), text(&it["measure"])))
            .collect();
        pairs.sort();
        pairs
    }

    /// The open deadlines of a case.
    #[track_caller]
    pub(crate) fn deadlines(&self, case: &str) -> Vec<Value> {
        let answer = self
            .client
            .query(AUDITOR, "Deadlines", &json!({ "case": case }))
            .accepted();
        answer["deadlines"].as_array().unwrap().clone()
    }

    /// The open deadline of a case for this purpose.
    #[track_caller]
    pub(crate) fn deadline(&self, case: &str, purpose: &str) -> Option<Value> {
        let mut deadlines = self.deadlines(case).into_iter();
        deadlines.find(|deadline| deadline["purpose"]["kind"] == purpose)
    }

    /// When the open deadline of a case for this purpose is due. Instants compare as texts.
    #[track_caller]
    pub(crate) fn due(&self, case: &str, purpose: &str) -> String {
        let deadline = self
            .deadline(case, purpose)
            .unwrap_or_else(|| panic!("{case} has no open deadline {purpose}"));
        text(&deadline["due"])
    }

    /// The events of a case, the oldest first.
    #[track_caller]
    pub(crate) fn events(&self, case: &str) -> Vec<Event> {
        let answer = self
            .client
            .query(AUDITOR, "Events", &json!({ "case": case }))
            .accepted();
        let events = answer["events"].as_array().unwrap();
        events.iter().map(Event::of).collect()
    }

    /// The events of a case of this kind.
    #[track_caller]
    pub(crate) fn events_of_kind(&self, case: &str, kind: &str) -> Vec<Event> {
        let mut events = self.events(case);
        events.retain(|event| event.kind == kind);
        events
    }

    /// The only event of this kind in a case.
    #[track_caller]
    pub(crate) fn only_event(&self, case: &str, kind: &str) -> Event {
        let mut events = self.events_of_kind(case, kind);
        assert_eq!(events.len(), 1, "{kind} in {case}: {events:#?}");
        events.remove(0)
    }

    /// Whether an event of this kind happened in a case.
    #[track_caller]
    pub(crate) fn happened(&self, case: &str, kind: &str) -> bool {
        !self.events_of_kind(case, kind).is_empty()
    }

    /// Waits until an event of this kind has happened in a case.
    #[track_caller]
    pub(crate) fn wait_for_event(&self, case: &str, kind: &str) -> Event {
        wait_for(&format!("{kind} in {case}"), LIMIT, || {
            self.events_of_kind(case, kind).pop()
        })
    }

    /// Waits until the latest notice of a case stands so, and gives the case.
    #[track_caller]
    pub(crate) fn wait_for_standing(&self, case: &str, standing: &str) -> Value {
        wait_for(&format!("{case} to be {standing}"), LIMIT, || {
            let case = self.case(case);
            let latest = case["notices"].as_array()?.last()?.clone();
            (latest["standing"] == standing).then_some(case)
        })
    }

    /// Waits until this instant is over, for every deadline before it: a warning on an account of its own, issued
    /// now with the same cure period, has lapsed.
    #[track_caller]
    pub(crate) fn wait_for_a_cure_period(&self, witness: &str) {
        let mut warning = bodies::warning(witness, "W");
        warning["facts"]["account"] = json!(format!("{witness}-account"));
        warning["facts"]["entity"] = json!(format!("{witness}-entity"));
        self.accept("platform:watch", "IssueWarning", &warning);
        self.wait_for_standing(witness, "penalised");
    }

    /// Each deadline of a case ended at most once, and those that did not are the ones that are open. Gives how
    /// each ended that did.
    #[track_caller]
    pub(crate) fn check_deadlines_end_once(&self, case: &str) -> BTreeMap<String, &'static str> {
        let mut ever = BTreeSet::new();
        let mut ended = BTreeMap::new();
        for event in self.events(case) {
            let changes = &event.facts["deadlines"];
            let cleared = changes["cleared"].as_array().into_iter().flatten();
            let ends = cleared
                .map(|id| (id, "cleared"))
                .chain([
                    (&changes["fired"], "fired"),
                    (&changes["revised"], "revised"),
                ])
                .filter(|(id, _)| !id.is_null());
            for (id, how) in ends {
                let id = text(id);
                assert!(ever.contains(&id), "{id} of {case} ended before it began");
                let before = ended.insert(id.clone(), how);
                assert_eq!(before, None, "{id} of {case} ended twice, then {how}");
            }
            for set in changes["set"].as_array().into_iter().flatten() {
                assert!(ever.insert(text(&set["id"])), "{set} began twice");
            }
        }
        let open: BTreeSet<_> = self
            .deadlines(case)
            .iter()
            .map(|it| text(&it["id"]))
            .collect();
        let not_ended: BTreeSet<_> = ever
            .into_iter()
            .filter(|id| !ended.contains_key(id))
            .collect();
        assert_eq!(not_ended, open, "deadlines of {case}");
        ended
    }

    /// The service is down meanwhile, and then starts again.
    #[track_caller]
    pub(crate) fn away(&mut self, meanwhile: impl FnOnce()) {
        self.end();
        meanwhile();
        self.service = Some(Service::start(self.nats.url(), self.data.path(), &[]));
    }

    /// Ends the service as its administrator would.
    #[track_caller]
    pub(crate) fn close(mut self) {
        self.end();
    }

    #[track_caller]
    fn end(&mut self) {
        let service = self.service.take().expect("the service runs");
        assert_eq!(service.terminate().code(), Some(0));
    }
}

impl History {
    /// Without a calendar and a rulebook.
    pub(crate) const fn nothing() -> Self {
        Self(String::new())
    }

    /// Since then under this rulebook.
    pub(crate) fn since(at: &str, rulebook: &str) -> Self {
        let root = "administrator:root";
        let adopted = json!({ "facts": { "toml": rulebook } });
        Self::nothing()
            .then(at, root, "PublishCalendar", &bodies::calendar())
            .then(at, root, "AdoptRulebook", &adopted)
    }

    /// And then this command.
    #[must_use]
    pub(crate) fn then(self, at: &str, sender: &str, command: &str, body: &Value) -> Self {
        let line = json!({ "at": at, "as": sender, "command": command, "body": body });
        Self(format!("{}{line}\n", self.0))
    }

    /// A service that has taken this over, whose deadlines have fired up to `until`; and the codes of what was
    /// refused, by line.
    #[track_caller]
    pub(crate) fn take_over(self, until: &str) -> (Stage, BTreeMap<u64, String>) {
        let (data, refused) = self.into_folder(until);
        (Stage::bare(data), refused)
    }

    /// A data folder that has taken this over, as [`History::take_over`] does, on which nothing runs yet.
    #[track_caller]
    pub(crate) fn into_folder(self, until: &str) -> (TempDir, BTreeMap<u64, String>) {
        let data = data_dir();
        let file = data_dir();
        let file = file.path().join("history.jsonl");
        fs::write(&file, self.0).unwrap();
        let (log, path) = (data.path().to_str().unwrap(), file.to_str().unwrap());
        cli::run(["backfill", "--data", log, path, "--until", until]).succeeded();
        let report = fs::read_to_string(format!("{path}.refused.jsonl")).unwrap();
        let refused = report.lines().map(|line| {
            let line: Value = serde_json::from_str(line).unwrap();
            (line["line"].as_u64().unwrap(), text(&line["code"]))
        });
        let refused = refused.collect();
        (data, refused)
    }
}

impl Event {
    #[track_caller]
    fn of(stored: &Value) -> Self {
        let read = |part: &str| -> Value {
            serde_json::from_str(stored[part].as_str().unwrap()).expect("stored events are JSON")
        };
        let (header, data) = (read("header"), read("data"));
        let kind = text(&header["type"]);
        let kind = kind.strip_prefix("redress.").unwrap_or(&kind);
        let kind = kind.strip_suffix(".v1").unwrap_or(kind);
        Self {
            kind: kind.to_owned(),
            facts: data["facts"].clone(),
            personal: data["personal"].clone(),
            header,
        }
    }

    /// When it was recorded.
    #[track_caller]
    pub(crate) fn time(&self) -> String {
        text(&self.header["time"])
    }

    /// When its command was received, which periods count from. On the first event of a command only.
    #[track_caller]
    pub(crate) fn received(&self) -> String {
        let header = self.header.get("receivedtime");
        text(header.unwrap_or(&self.header["time"]))
    }

    /// The deadline for this purpose that it sets.
    pub(crate) fn sets(&self, purpose: &str) -> Option<&Value> {
        let set = self.facts["deadlines"]["set"].as_array()?;
        set.iter().find(|it| it["purpose"]["kind"] == purpose)
    }
}

/// The text of a JSON string.
#[track_caller]
pub(crate) fn text(value: &Value) -> String {
    value
        .as_str()
        .unwrap_or_else(|| panic!("{value} is no text"))
        .to_owned()
}

/// The entry of an inbox item or notice offers this next step.
pub(crate) fn offers(entry: &Value, kind: &str) -> bool {
    let next = entry["next"].as_array().into_iter().flatten();
    next.into_iter().any(|step| step["kind"] == kind)
}

/// The next notification of this kind to a party. Those of earlier events may still be on their way before it.
#[track_caller]
pub(crate) fn told_of(notifications: &mut Subscription<'_>, kind: &str) -> Value {
    let mut told = notifications.map(|message| message.json());
    told.find(|notification| notification["kind"] == kind)
        .unwrap_or_else(|| panic!("no {kind} came"))
}

//! A public log of road-traffic fines, taken over as a platform's history. Every notified case was penalised exactly
//! 60 days later, appeal or payment or not; the service's own timers must make each of those dates, and no other.
//!
//! A recorded result says no outcome and is taken over as a refusal. What else the record has (payments, dismissals
//! that other events note, the second instance) is not taken over.
//!
//! The data lies beside the project and is never part of it; without it these tests say so and pass.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    io::Write as _,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    time::Duration,
};

use end_to_end::{NatsServer, Service, bodies, cli, data_dir, redress_program, wait_for};
use serde_json::{Value, json};

/// Made-up cases, each of a kind that must not be penalised.
const NOT_TO_BE_PENALISED: [&str; 4] = ["granted", "confirmed", "withdrawn", "unanswered"];

/// What the record holds, counted apart from this mapping.
const PENALTIES: usize = 2_364;
const RULED_IN_THE_CURE_PERIOD: usize = 2;
const RULED_ONCE_CARRIED: usize = 16;
const RULED_AGAINST_THE_PENALTY: usize = 7;
const APPEALS_WITHOUT_RESULT: usize = 102;

/// A line of the backfill file.
struct Line {
    at: String,
    /// Where it stands among lines of the same instant.
    order: u8,
    json: Value,
    /// The code with which the procedure must refuse it.
    refused: Option<&'static str>,
}

/// A case and its appeal.
type Appeal = (String, String);

/// What is known of a ruling.
#[derive(Debug, PartialEq, Eq)]
struct Ruling {
    at: String,
    outcome: String,
    /// The notice that it was ruled against, at the ruling.
    notice: String,
    /// Whether it used an attempt of that notice.
    counts: bool,
}

struct Mapped {
    lines: Vec<Line>,
    /// Case and recorded date of its penalty.
    penalties: BTreeMap<String, String>,
    /// Recorded results that answer an appeal.
    rulings: BTreeMap<Appeal, Ruling>,
    /// Recorded appeals that the record never closes.
    open: BTreeSet<Appeal>,
}

impl Mapped {
    /// The lines that must be refused, by number, with their codes.
    fn refused(&self) -> Vec<(u64, String)> {
        (1..)
            .zip(&self.lines)
            .filter_map(|(number, line)| Some((number, line.refused?.to_owned())))
            .collect()
    }
}

fn data() -> PathBuf {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/data/traffic-fines.jsonl");
    assert!(path.exists(), "{} is not there", path.display());
    path
}

fn line(at: &str, order: u8, sender: &str, command: &str, body: Value) -> Line {
    Line {
        at: at.to_owned(),
        order,
        json: json!({ "at": at, "as": sender, "command": command, "body": body }),
        refused: None,
    }
}

/// Recorded times have minutes; days are taken as 00:00 UTC.
fn instant(recorded: &str) -> String {
    format!("{}T00:00:00Z", &recorded[..10])
}

/// The day number of a date, for counting 60 days.
fn day(recorded: &str) -> i64 {
    let number = |from: usize, to: usize| recorded[from..to].parse::<i64>().unwrap();
    let (year, month, day) = (number(0, 4), number(5, 7), number(8, 10));
    let (year, month) = if month <= 2 {
        (year - 1, month + 9)
    } else {
        (year, month - 3)
    };
    year * 365 + year.div_euclid(4) - year.div_euclid(100)
        + year.div_euclid(400)
        + (153 * month + 2) / 5
        + day
}

fn map(path: &Path) -> Mapped {
    let mut mapped = Mapped {
        lines: Vec::new(),
        penalties: BTreeMap::new(),
        rulings: BTreeMap::new(),
        open: BTreeSet::new(),
    };
    for text in fs::read_to_string(path).unwrap().lines() {
        let case: Value = serde_json::from_str(text).unwrap();
        map_case(&case, &mut mapped);
    }
    made_up(&mut mapped.lines);
    let toml = bodies::rulebook(
        "fines-1",
        &[
            ("cure", "\"60 days\""),
            // The record knows no end of the time to appeal; the latest came 308 days after the penalty.
            ("appeal_window", "\"3650 days\""),
            ("review", "\"60 days\""),
            ("stay_on_warning_appeal", "false"),
            // A refusal leaves 2 days to cure, as anywhere. It moves no recorded date: of the results that answer an
            // appeal, only those of A17210 and A15866 come within the cure period, on its days 48 and 50. With 11 days,
            // the penalty of A15866 would come a day late.
            ("cure_residual_minimum", "\"2 days\""),
        ],
    );
    let first = "1990-01-01T00:00:00Z";
    let adopt = json!({ "facts": { "toml": toml } });
    mapped.lines.push(line(
        first,
        0,
        "administrator:import",
        "PublishCalendar",
        bodies::calendar(),
    ));
    mapped.lines.push(line(
        first,
        1,
        "administrator:import",
        "AdoptRulebook",
        adopt,
    ));
    mapped
        .lines
        .sort_by(|a, b| (&a.at, a.order).cmp(&(&b.at, b.order)));
    mapped
}

fn map_case(case: &Value, mapped: &mut Mapped) {
    let id = case["case"].as_str().unwrap();
    let account = format!("p{id}");
    let events = case["events"].as_array().unwrap();
    let at = |activity: &str| {
        let event = events.iter().find(|event| event["activity"] == activity)?;
        event["at"].as_str()
    };
    let notified = at("Insert Fine Notification");
    if let Some(notified) = notified {
        let mut body = bodies::warning(id, "W");
        body = bodies::with(body, "/facts/account", json!(account));
        body = bodies::with(body, "/facts/entity", json!(account));
        let captured = "/facts/violation/findings/0/evidence/0/captured_at";
        body = bodies::with(body, captured, json!(instant(notified)));
        let warning = line(
            &instant(notified),
            2,
            "platform:police",
            "IssueWarning",
            body,
        );
        mapped.lines.push(warning);
    }
    if let Some(penalty) = at("Add penalty") {
        mapped.penalties.insert(id.to_owned(), instant(penalty));
    }
    // The notice that is live then: from day 60 on it is the penalty.
    let lapsed =
        |recorded: &str| notified.is_some_and(|notified| day(recorded) - day(notified) >= 60);
    let all = |activity: &'static str| {
        let of_it = move |event: &&Value| event["activity"] == activity;
        events
            .iter()
            .filter(of_it)
            .map(|event| event["at"].as_str().unwrap())
    };
    let appeals: Vec<_> = all("Insert Date Appeal to Prefecture").collect();
    for (number, filed) in appeals.iter().enumerate() {
        let notice = if lapsed(filed) { "W-P" } else { "W" };
        let name = format!("A{number}");
        let body = bodies::appeal(id, notice, &name, "not_a_violation");
        let sender = format!("party:{account}");
        let mut submit = line(&instant(filed), 3, &sender, "SubmitAppeal", body);
        if notified.is_some() {
            mapped.open.insert((id.to_owned(), name));
        } else {
            submit.refused = Some("unknown_case");
        }
        mapped.lines.push(submit);
    }
    for result in all("Receive Result Appeal from Prefecture") {
        // It answers the appeal before it. Where there is none it names one that nobody filed, and is refused.
        let answered = appeals.iter().rposition(|filed| *filed <= result);
        let name = format!("A{}", answered.unwrap_or_default());
        let mut decide = refusal(id, &name, result, lapsed(result));
        let key = (id.to_owned(), name);
        match answered.filter(|_| mapped.open.remove(&key)) {
            None => decide.refused = Some("unknown_appeal"),
            Some(answered) => {
                let against_the_penalty = lapsed(appeals[answered]);
                let ruling = Ruling {
                    at: instant(result),
                    outcome: "refused".to_owned(),
                    notice: if lapsed(result) { "W-P" } else { "W" }.to_owned(),
                    // An appeal that the lapse carried from the warning uses no attempt of the penalty.
                    counts: against_the_penalty || !lapsed(result),
                };
                mapped.rulings.insert(key, ruling);
            }
        }
        mapped.lines.push(decide);
    }
}

/// A result as a ruling: a reviewer claims the appeal and refuses it in one commit, having looked on that day. Once the
/// warning has lapsed there is a measure to answer too.
fn refusal(case: &str, appeal: &str, recorded: &str, lapsed: bool) -> Line {
    let measures: &[&str] = if lapsed { &["W-m1"] } else { &[] };
    let at = instant(recorded);
    let body = bodies::with(
        bodies::refuse(case, appeal, measures),
        "/facts/observations/0/captured_at",
        json!(at),
    );
    line(&at, 4, "reviewer:prefecture", "Decide", body)
}

/// Cases beside the recorded ones whose cure period must pass without a penalty.
fn made_up(lines: &mut Vec<Line>) {
    let warned = "2001-03-01T00:00:00Z";
    let answered = "2001-03-10T00:00:00Z";
    for kind in NOT_TO_BE_PENALISED {
        let body = bodies::with(
            bodies::warning(kind, "W"),
            "/facts/violation/findings/0/evidence/0/captured_at",
            json!(warned),
        );
        lines.push(line(warned, 2, "platform:police", "IssueWarning", body));
        match kind {
            "granted" => {
                let appeal = bodies::appeal(kind, "W", "A0", "not_a_violation");
                lines.push(line(warned, 3, "party:dev7", "SubmitAppeal", appeal));
                let body = bodies::with(
                    bodies::grant(kind, "A0", "not_a_violation", &[]),
                    "/facts/observations/0/captured_at",
                    json!(answered),
                );
                lines.push(line(answered, 4, "reviewer:r", "Decide", body));
            }
            "confirmed" => {
                let body = bodies::rectify(kind, "W", "passed");
                lines.push(line(warned, 3, "party:dev7", "Rectify", body));
                let body = bodies::confirm(kind, "W");
                lines.push(line(
                    "2001-03-02T00:00:00Z",
                    4,
                    "platform:police",
                    "VerifyRectification",
                    body,
                ));
            }
            "withdrawn" => {
                let body = json!({ "facts": { "case": kind, "notice": "W", "why": "mistaken" } });
                lines.push(line(answered, 4, "platform:police", "WithdrawNotice", body));
            }
            "unanswered" => {
                let body = bodies::rectify(kind, "W", "not_needed");
                lines.push(line(warned, 3, "party:dev7", "Rectify", body));
            }
            other => panic!("{other} is not made up"),
        }
    }
}

fn write(lines: &[Line], file: &Path) {
    let mut out = std::io::BufWriter::new(fs::File::create(file).unwrap());
    for line in lines {
        writeln!(out, "{}", line.json).unwrap();
    }
}

fn backfill(data: &Path, file: &Path) -> Vec<String> {
    [
        "backfill",
        "--data",
        data.to_str().unwrap(),
        file.to_str().unwrap(),
        "--until",
        "2020-01-01T00:00:00Z",
        "-o",
        "json",
    ]
    .map(str::to_owned)
    .to_vec()
}

/// What the log holds.
#[derive(Default)]
struct Found {
    /// Every penalty: case and the instant from which it takes effect.
    penalties: BTreeMap<String, String>,
    /// Every ruling.
    rulings: BTreeMap<Appeal, Ruling>,
    /// Appeals that were filed and have not ended.
    open: BTreeSet<Appeal>,
}

/// Reads the log; each command is in it once.
fn found(data: &Path) -> Found {
    let replayed =
        cli::run(["replay", "--data", data.to_str().unwrap(), "-o", "jsonl"]).succeeded();
    let mut found = Found::default();
    let mut commands = BTreeSet::new();
    for event in replayed.jsonl() {
        let header = &event["header"];
        if header["commandhash"].is_string() {
            let id = (
                header["subject"].to_string(),
                header["commandid"].to_string(),
            );
            assert!(commands.insert(id.clone()), "{id:?} is in the log twice");
        }
        found.take(&event);
    }
    found
}

impl Found {
    fn take(&mut self, event: &Value) {
        let (header, facts) = (&event["header"], &event["data"]["facts"]);
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        let whole_seconds = |value: &Value| text(value).replace(".000000Z", "Z");
        let case = || text(&header["subject"]).replacen("case/", "", 1);
        let appeal = || (case(), text(&facts["command"]["appeal"]));
        match header["type"].as_str().unwrap() {
            "redress.penalty.imposed.v1" => {
                let at = whole_seconds(&facts["measures"][0]["starts_at"]);
                let earlier = self.penalties.insert(case(), at);
                assert!(earlier.is_none(), "{} was penalised twice", case());
            }
            "redress.appeal.submitted.v1" => {
                self.open.insert(appeal());
            }
            "redress.appeal.ruled.v1" => {
                let ruling = Ruling {
                    at: whole_seconds(&header["time"]),
                    outcome: text(&facts["command"]["outcome"]),
                    notice: text(&facts["notice"]),
                    counts: facts["counts"].as_bool().unwrap(),
                };
                assert!(self.open.remove(&appeal()), "{:?} was not open", appeal());
                self.rulings.insert(appeal(), ruling);
            }
            "redress.appeal.withdrawn.v1" | "redress.appeal.closed_without_ruling.v1" => {
                panic!("neither the record nor a made-up case ends an appeal so: {event}")
            }
            _ => {}
        }
    }
}

fn check(data: &Path, mapped: &Mapped) {
    let found = found(data);
    assert_eq!(mapped.penalties.len(), PENALTIES, "as many were recorded");
    let missing: Vec<_> = mapped
        .penalties
        .iter()
        .filter(|(case, at)| found.penalties.get(*case) != Some(at))
        .collect();
    assert!(
        missing.is_empty(),
        "{} dates differ: {:?}",
        missing.len(),
        missing.first()
    );
    let extra: Vec<_> = found
        .penalties
        .keys()
        .filter(|case| !mapped.penalties.contains_key(*case))
        .collect();
    assert!(
        extra.is_empty(),
        "penalised without a recorded penalty: {extra:?}"
    );
    check_appeals(data, mapped, found);
    cli::run(["verify", "--data", data.to_str().unwrap()]).succeeded();
}

/// Every result that answers an appeal is its ruling, on its day; no other appeal is ruled on, and none is open that
/// the record closes.
fn check_appeals(data: &Path, mapped: &Mapped, mut found: Found) {
    let made_up = ("granted".to_owned(), "A0".to_owned());
    let granted = found.rulings.remove(&made_up).unwrap();
    assert_eq!(granted.outcome, "granted");
    assert_eq!(found.rulings, mapped.rulings);
    for (notice, counts, ruled) in [
        ("W", true, RULED_IN_THE_CURE_PERIOD),
        ("W-P", false, RULED_ONCE_CARRIED),
        ("W-P", true, RULED_AGAINST_THE_PENALTY),
    ] {
        let mut of_this_kind = mapped
            .rulings
            .iter()
            .filter(|(_, ruling)| ruling.notice == notice && ruling.counts == counts);
        assert_eq!(of_this_kind.clone().count(), ruled, "{notice} {counts}");
        // The same as the service shows it, which is folded apart from the rules.
        let ((case, appeal), _) = of_this_kind.next().unwrap();
        let data = data.to_str().unwrap();
        let shown = cli::run(["show", "case", case, "--data", data, "-o", "json"]);
        let shown = &shown.succeeded().json()["appeals"][0];
        assert_eq!(shown["id"], *appeal);
        assert_eq!(shown["standing"], "refused", "{shown}");
    }
    assert_eq!(mapped.open.len(), APPEALS_WITHOUT_RESULT);
    assert_eq!(found.open, mapped.open);
}

/// The refused lines of the report are these and no others, each with its code.
fn check_refused(file: &Path, outcome: &Value, mapped: &Mapped) {
    let report = fs::read_to_string(file.with_extension("jsonl.refused.jsonl")).unwrap();
    let reported: Vec<_> = report
        .lines()
        .map(|text| {
            let refused: Value = serde_json::from_str(text).unwrap();
            let code = refused["code"].as_str().unwrap().to_owned();
            (refused["line"].as_u64().unwrap(), code)
        })
        .collect();
    assert_eq!(reported, mapped.refused());
    assert_eq!(outcome["refused"], reported.len(), "{outcome}");
    // The record has a result that answers no appeal (A15064), and an appeal against no notice (A16980).
    let codes: Vec<_> = reported.iter().map(|(_, code)| code.as_str()).collect();
    assert_eq!(codes, ["unknown_appeal", "unknown_case"]);
}

#[test]
#[ignore = "needs the real data of traffic fines beside the project, with which `cargo xtask test` runs it"]
fn each_recorded_penalty_date_is_made_by_the_timers_and_no_other() {
    let path = data();
    let folder = data_dir();
    let (log, file) = (
        folder.path().join("data"),
        folder.path().join("history.jsonl"),
    );
    let mapped = map(&path);
    write(&mapped.lines, &file);
    let outcome = cli::run(backfill(&log, &file)).succeeded().json();
    assert_eq!(outcome["lines"], mapped.lines.len());
    check_refused(&file, &outcome, &mapped);
    check(&log, &mapped);

    // The no: a finished file is not taken over twice.
    let again = cli::run(backfill(&log, &file)).ended_with(1);
    assert!(
        again.stderr.contains("whole of this file already"),
        "{}",
        again.stderr
    );
}

#[test]
#[ignore = "needs the real data of traffic fines beside the project, with which `cargo xtask test` runs it"]
fn killed_in_the_middle_and_run_again_it_comes_to_the_same() {
    let path = data();
    let folder = data_dir();
    let (log, file) = (
        folder.path().join("data"),
        folder.path().join("history.jsonl"),
    );
    let mapped = map(&path);
    write(&mapped.lines, &file);
    let mut child = Command::new(redress_program())
        .args(backfill(&log, &file))
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let store = log.join("blocks/db");
    wait_for("the log to grow", Duration::from_secs(30), || {
        let grown = fs::metadata(&store).is_ok_and(|it| it.len() > 1_000_000);
        (grown || child.try_wait().unwrap().is_some()).then_some(())
    });
    assert!(
        child.try_wait().unwrap().is_none(),
        "it must be killed before it ends"
    );
    child.kill().unwrap();
    child.wait().unwrap();

    // A command between the lines would come before what is still to be taken over.
    let nats = NatsServer::start();
    let refused = Service::try_start(Service::command(nats.url(), &log, &[])).unwrap_err();
    assert_eq!(refused.status.code(), Some(1), "{}", refused.stderr);
    assert!(
        refused.stderr.contains("redress backfill"),
        "{}",
        refused.stderr
    );

    let dir = log.to_str().unwrap();
    let checks = cli::run(["doctor", "-o", "json", "--nats", nats.url(), "--data", dir]);
    let checks = checks.ended_with(1).json();
    let unfinished = |check: &Value| check["what"] == "backfill" && check["verdict"] == "failed";
    assert!(
        checks.as_array().unwrap().iter().any(unfinished),
        "{checks}"
    );
    assert!(
        !checks.to_string().contains("deadlines release"),
        "{checks}"
    );

    let outcome = cli::run(backfill(&log, &file)).succeeded().json();
    let resumed = outcome["resumed_behind_line"].as_u64().unwrap();
    assert!(
        resumed > 0 && resumed < mapped.lines.len() as u64,
        "{outcome}"
    );
    check_refused(&file, &outcome, &mapped);
    check(&log, &mapped);
}

//! A public log of road-traffic fines, taken over as a platform's history. Every notified case was penalised exactly
//! 60 days later, appeal or payment or not; the service's own timers must make each of those dates, and no other.
//!
//! The data lies beside the project and is never part of it; without it these tests say so and pass.

use std::{
    collections::BTreeMap,
    fs,
    io::Write as _,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    time::Duration,
};

use end_to_end::{bodies, cli, data_dir, redress_program, wait_for};
use serde_json::{Value, json};

/// Made-up cases, each of a kind that must not be penalised.
const NOT_TO_BE_PENALISED: [&str; 4] = ["granted", "confirmed", "withdrawn", "unanswered"];

/// A line of the backfill file, in the order in which lines of the same instant stand.
type Line = (String, u8, Value);

struct Mapped {
    lines: Vec<Line>,
    /// Case and recorded date of its penalty.
    penalties: BTreeMap<String, String>,
    /// Lines that the procedure must refuse.
    refused: u64,
}

fn data() -> Option<PathBuf> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/data/traffic-fines.jsonl");
    if path.exists() {
        return Some(path);
    }
    let missing = format!("not run: {} is not there", path.display());
    assert!(std::env::var_os("REDRESS_COMPLETE").is_none(), "{missing}");
    println!("{missing}");
    None
}

fn line(at: &str, order: u8, sender: &str, command: &str, body: Value) -> Line {
    let line = json!({ "at": at, "as": sender, "command": command, "body": body });
    (at.to_owned(), order, line)
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
        refused: 0,
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
    mapped.lines.sort_by(|a, b| (&a.0, a.1).cmp(&(&b.0, b.1)));
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
    let appeals = events.iter().filter(|event| {
        let activity = event["activity"].as_str().unwrap();
        activity == "Insert Date Appeal to Prefecture"
    });
    for (number, appeal) in appeals.enumerate() {
        let filed = appeal["at"].as_str().unwrap();
        // The notice that is live then: from day 60 on it is the penalty.
        let lapsed = notified.is_some_and(|notified| day(filed) - day(notified) >= 60);
        let notice = if lapsed { "W-P" } else { "W" };
        let name = format!("A{number}");
        let body = bodies::appeal(id, notice, &name, "not_a_violation");
        let sender = format!("party:{account}");
        mapped
            .lines
            .push(line(&instant(filed), 3, &sender, "SubmitAppeal", body));
        mapped.refused += u64::from(notified.is_none());
    }
    for result in events
        .iter()
        .filter(|event| event["activity"] == "Receive Result Appeal from Prefecture")
    {
        // Results carry no outcome: nothing is answered, so nothing can be ruled.
        let mut body = bodies::grant(id, "A0", "upheld", &[]);
        body = bodies::with(body, "/facts/observations", json!([]));
        body = bodies::with(body, "/personal/observations", json!({}));
        let at = instant(result["at"].as_str().unwrap());
        mapped
            .lines
            .push(line(&at, 4, "reviewer:prefecture", "Decide", body));
        mapped.refused += 1;
    }
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
    for (_, _, line) in lines {
        writeln!(out, "{line}").unwrap();
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

/// Every penalty in the log: case and the instant from which it takes effect.
fn penalties(data: &Path) -> BTreeMap<String, String> {
    let replayed =
        cli::run(["replay", "--data", data.to_str().unwrap(), "-o", "jsonl"]).succeeded();
    let mut found = BTreeMap::new();
    let mut commands = std::collections::BTreeSet::new();
    for event in replayed.jsonl() {
        let header = &event["header"];
        if header["commandhash"].is_string() {
            let id = (
                header["subject"].to_string(),
                header["commandid"].to_string(),
            );
            assert!(commands.insert(id.clone()), "{id:?} is in the log twice");
        }
        if header["type"] == "redress.penalty.imposed.v1" {
            let case = header["subject"]
                .as_str()
                .unwrap()
                .trim_start_matches("case/");
            let at = event["data"]["facts"]["measures"][0]["starts_at"]
                .as_str()
                .unwrap();
            let at = at.replace(".000000Z", "Z");
            assert!(
                found.insert(case.to_owned(), at).is_none(),
                "{case} was penalised twice"
            );
        }
    }
    found
}

fn check(data: &Path, mapped: &Mapped) {
    let found = penalties(data);
    assert_eq!(mapped.penalties.len(), 2_364, "as many were recorded");
    let missing: Vec<_> = mapped
        .penalties
        .iter()
        .filter(|(case, at)| found.get(*case) != Some(at))
        .collect();
    assert!(
        missing.is_empty(),
        "{} dates differ: {:?}",
        missing.len(),
        missing.first()
    );
    let extra: Vec<_> = found
        .keys()
        .filter(|case| !mapped.penalties.contains_key(*case))
        .collect();
    assert!(
        extra.is_empty(),
        "penalised without a recorded penalty: {extra:?}"
    );
    cli::run(["verify", "--data", data.to_str().unwrap()]).succeeded();
}

#[test]
fn each_recorded_penalty_date_is_made_by_the_timers_and_no_other() {
    let Some(path) = data() else { return };
    let folder = data_dir();
    let (log, file) = (
        folder.path().join("data"),
        folder.path().join("history.jsonl"),
    );
    let mapped = map(&path);
    write(&mapped.lines, &file);
    let outcome = cli::run(backfill(&log, &file)).succeeded().json();
    assert_eq!(outcome["lines"], mapped.lines.len());
    assert_eq!(outcome["refused"], mapped.refused, "{outcome}");
    let report = fs::read_to_string(folder.path().join("history.jsonl.refused.jsonl")).unwrap();
    assert_eq!(report.lines().count() as u64, mapped.refused);
    let first: Value = serde_json::from_str(report.lines().next().unwrap()).unwrap();
    assert!(
        first["line"].is_u64() && first["code"].is_string(),
        "{first}"
    );
    check(&log, &mapped);

    // The no: a finished file is not taken over twice.
    let again = cli::run(backfill(&log, &file)).ended_with(1);
    assert!(
        again.stdout.contains("whole of this file already"),
        "{}",
        again.stdout
    );
}

#[test]
fn killed_in_the_middle_and_run_again_it_comes_to_the_same() {
    let Some(path) = data() else { return };
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

    let outcome = cli::run(backfill(&log, &file)).succeeded().json();
    let resumed = outcome["resumed_behind_line"].as_u64().unwrap();
    assert!(
        resumed > 0 && resumed < mapped.lines.len() as u64,
        "{outcome}"
    );
    assert_eq!(outcome["refused"], mapped.refused, "{outcome}");
    check(&log, &mapped);
}

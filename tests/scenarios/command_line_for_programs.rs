//! The command line, as a program reads it: results are complete JSON on standard output, errors one JSON object on
//! standard error, of one shape for every command.

use std::{fs, path::Path};

use end_to_end::{Client, NatsServer, Service, bodies, cli, data_dir};
use serde_json::{Value, json};

/// Fails unless a call ended as it should, in both forms of JSON, and said so in the one place.
#[track_caller]
fn fails(arguments: &[&str], input: &str, code: i32, kind: &str) -> [(Value, String); 2] {
    ["json", "jsonl"].map(|form| {
        let all = [arguments, &["-o", form]].concat();
        let said = cli::run_with_input(&all, input).ended_with(code);
        let error = said.error();
        let members: Vec<&str> = error
            .as_object()
            .unwrap()
            .keys()
            .map(String::as_str)
            .collect();
        let known = ["error", "exit_code", "detail", "problem"];
        assert!(
            members.iter().all(|it| known.contains(it)),
            "{all:?}: {error}"
        );
        assert_eq!(error["error"], kind, "{all:?}: {error}");
        assert_eq!(error["exit_code"], code, "{all:?}: {error}");
        assert!(
            error["detail"].as_str().is_some_and(|it| !it.is_empty()),
            "{all:?}"
        );
        for line in said.stdout.lines().filter(|_| form == "jsonl") {
            serde_json::from_str::<Value>(line).unwrap();
        }
        (error, said.stdout)
    })
}

fn text(path: &Path) -> String {
    path.to_str().unwrap().to_owned()
}

#[test]
fn an_error_is_one_object_on_standard_error_whichever_command_fails() {
    let data = data_dir();
    let missing = text(&data.path().join("missing"));
    let log = text(&data.path().join("log"));
    let broken = text(&data.path().join("broken.ics"));
    fs::write(&broken, "no calendar").unwrap();
    let no_folder = text(&data.path().join("broken.ics").join("man"));
    let lines = text(&data.path().join("commands.jsonl"));
    fs::write(&lines, "{}\n").unwrap();
    let nobody = ["--nats", "nats://127.0.0.1:1"];
    let with = |arguments: &[&str]| -> Vec<String> {
        let all = [arguments, &nobody].concat();
        all.into_iter().map(str::to_owned).collect()
    };
    let owned = |arguments: &[&str]| -> Vec<String> {
        arguments.iter().map(|it| (*it).to_owned()).collect()
    };
    for (arguments, code, kind) in [
        (with(&["serve", "--data", &log]), 5, "no_service"),
        (
            with(&["serve", "--data", &log, "--config", &missing]),
            4,
            "not_found",
        ),
        (
            with(&["send", "--as", "party:dev7", "Rectify", "{}"]),
            5,
            "no_service",
        ),
        (
            owned(&["send", "--as", "party:dev7", "Rectify", "{"]),
            2,
            "usage",
        ),
        (owned(&["send", "--file", &missing]), 4, "not_found"),
        (owned(&["send", "--file", &lines]), 2, "usage"),
        (with(&["replay"]), 5, "no_service"),
        (owned(&["replay", "--data", &missing]), 4, "not_found"),
        (owned(&["verify", "--data", &missing]), 4, "not_found"),
        (
            owned(&["backfill", "--data", &log, &missing]),
            4,
            "not_found",
        ),
        (with(&["demo"]), 5, "no_service"),
        (with(&["bench"]), 5, "no_service"),
        (with(&["show", "case", "C1"]), 5, "no_service"),
        (
            owned(&["show", "deadlines", "--data", &missing]),
            4,
            "not_found",
        ),
        (owned(&["calendar", "show", &missing]), 4, "not_found"),
        (
            owned(&["calendar", "import", &broken, "--zone", "UTC"]),
            2,
            "usage",
        ),
        (owned(&["rulebook", "check", &missing]), 4, "not_found"),
        (owned(&["explain", "no_such_code"]), 4, "not_found"),
        (with(&["doctor"]), 1, "failed"),
        (owned(&["man", &no_folder]), 1, "failed"),
        (
            with(&["deadlines", "release", "--as", "administrator:me"]),
            5,
            "no_service",
        ),
    ] {
        let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
        let [(_, json), _] = fails(&arguments, "", code, kind);
        let result = (!json.is_empty()).then(|| serde_json::from_str::<Value>(&json).unwrap());
        assert_eq!(
            result.is_some(),
            arguments[0] == "doctor",
            "{arguments:?}: {json}"
        );
    }
}

#[test]
fn what_does_not_read_as_a_command_line_is_an_error_like_any_other() {
    for arguments in [
        &["shw"][..],
        &["show"],
        &["show", "case", "C1", "--nats", "nats://:x"],
        &["show", "inbox", "dev7", "--limit", "101"],
        &["send", "--as", "king:x", "Rectify", "{}"],
        &["send", "SubmitApeal"],
        &["verify"],
        &["completions", "no_such_shell"],
        &["verify", "--data", "x", "--colour", "red"],
        &[
            "calendar",
            "explain",
            "7 working days",
            "--from",
            "2026-02-26T23:00:60Z",
        ],
        &[
            "calendar",
            "import",
            "x.ics",
            "--zone",
            "UTC",
            "--from",
            "20260101",
            "--to",
            "2026-12-31",
        ],
        &[
            "backfill",
            "--data",
            "x",
            "y",
            "--until",
            "2026-02-26T24:00:00Z",
        ],
    ] {
        for (error, printed) in fails(arguments, "", 2, "usage") {
            assert_eq!(printed, "", "{arguments:?}");
            let detail = error["detail"].as_str().unwrap();
            assert!(!detail.starts_with("error"), "{detail}");
        }
    }
    fails(&[], "", 2, "usage");
    // Help is a result.
    let help = cli::run(["--help", "-o", "json"]).succeeded();
    let shape = r#"{"error": "not_found", "exit_code": 4, "detail": "..."}"#;
    assert!(help.stdout.contains(shape), "{help:?}");
    assert_eq!(help.stderr, "");
}

#[test]
fn a_refusal_is_beside_the_error_and_the_outcomes_of_lines_are_the_result() {
    let (nats, data) = (NatsServer::start(), data_dir());
    let _service = Service::start(nats.url(), data.path(), &[]);
    let at = ["--nats", nats.url()];
    let one = ["send", "--as", "party:dev7", "Rectify", "{}"];
    for (error, printed) in fails(&[&one[..], &at].concat(), "", 3, "rejected") {
        assert_eq!(error["problem"]["code"], "malformed_command", "{error}");
        assert_eq!(printed, "");
    }
    let case = [&["show", "case", "C9"][..], &at].concat();
    for (error, _) in fails(&case, "", 4, "rejected") {
        assert_eq!(error["problem"]["code"], "unknown_case", "{error}");
    }

    let line = r#"{"as": "party:dev7", "command": "Rectify", "body": {}}"#;
    let file = [&["send", "--file", "-"][..], &at].concat();
    let lines = format!("{line}\n{line}\n");
    let [(error, json), (_, jsonl)] = fails(&file, &lines, 3, "rejected");
    assert_eq!(error["detail"], "2 of 2 commands were refused");
    let outcomes: Value = serde_json::from_str(&json).unwrap();
    assert_eq!(outcomes.as_array().unwrap().len(), 2);
    assert_eq!(outcomes[0]["refused"]["code"], "malformed_command");
    assert_eq!(jsonl.lines().count(), 2);
}

#[test]
fn verify_says_when_the_snapshot_of_the_caches_is_of_no_use() {
    let (nats, data) = (NatsServer::start(), data_dir());
    let service = Service::start(nats.url(), data.path(), &[]);
    bodies::prepare(
        &Client::connect(nats.url()),
        &bodies::rulebook("verify-1", &[]),
    );
    assert_eq!(service.terminate().code(), Some(0));
    let folder = text(data.path());
    let verify = ["verify", "--data", &folder, "-o", "json"];
    assert_eq!(cli::run(verify).succeeded().json()["findings"], json!([]));

    let path = data.path().join("caches.snapshot");
    let mut snapshot = fs::read(&path).unwrap();
    let middle = snapshot.len() / 2;
    snapshot[middle] ^= 1;
    fs::write(&path, snapshot).unwrap();
    let verified = cli::run(verify).succeeded().json();
    let finding = verified["findings"][0].as_str().unwrap();
    assert!(
        finding.contains("caches.snapshot") && finding.contains("damaged"),
        "{finding}"
    );
    assert_eq!(verified["problems"], json!([]));
    let said = cli::run(["verify", "--data", &folder]).succeeded();
    assert!(said.stdout.contains(finding), "{said:?}");
}

const HOLIDAYS: &str = "\
BEGIN:VCALENDAR
VERSION:2.0
BEGIN:VEVENT
UID:1
SUMMARY:New Year
DTSTART;VALUE=DATE:20260101
END:VEVENT
BEGIN:VEVENT
UID:2
SUMMARY:上班
DTSTART;VALUE=DATE:20260104
END:VEVENT
BEGIN:VEVENT
UID:3
SUMMARY:Harvest
DTSTART;VALUE=DATE:20261012
DTEND;VALUE=DATE:20261014
END:VEVENT
BEGIN:VEVENT
UID:4
SUMMARY:Mothers
DESCRIPTION:Gedenktag
DTSTART;VALUE=DATE:20260510
END:VEVENT
BEGIN:VEVENT
UID:5
SUMMARY:Perhaps
STATUS:TENTATIVE
DTSTART;VALUE=DATE:20260511
END:VEVENT
END:VCALENDAR
";

#[test]
fn an_import_gives_its_days_and_lists_what_it_leaves_out_with_counts() {
    let data = data_dir();
    let file = text(&data.path().join("holidays.ics"));
    fs::write(&file, format!("\u{feff}{HOLIDAYS}")).unwrap();
    let import = [
        "calendar", "import", &file, "--zone", "UTC", "--id", "made-up",
    ];
    let marked = [&import[..], &["--observance", "gedenktag"]].concat();

    let given = [&marked[..], &["-o", "json"]].concat();
    let given = cli::run(&given).succeeded().json();
    assert_eq!(
        given["counts"],
        json!({
            "entries": 5, "days_off": 3, "extra_working_days": 1, "left_out": 2,
            "left_out_by_reason": { "observance": 1, "tentative": 1 }
        })
    );
    assert_eq!(
        given["days_off"],
        json!(["2026-01-01", "2026-10-12", "2026-10-13"])
    );
    assert_eq!(given["extra_working_days"], json!(["2026-01-04"]));
    assert_eq!(given["left_out"][0]["reason"], "observance");
    assert!(
        given["left_out"][0]["entry"]
            .as_str()
            .unwrap()
            .contains("Mothers"),
        "{given}"
    );

    // For people the body alone is the result, to be sent on; the rest is beside it.
    let said = cli::run(&marked).succeeded();
    assert_eq!(said.json(), given["body"]);
    for words in [
        "5 entries: 3 days off and 1 make-up working day, from 2026-01-01 to 2026-12-31",
        "left out: 2 (1 observance, 1 tentative)",
        "event `Perhaps` of 20260511: is tentative",
    ] {
        assert!(said.stderr.contains(words), "{}", said.stderr);
    }
    let unmarked = [&import[..], &["-o", "json"]].concat();
    assert_eq!(
        cli::run(&unmarked).succeeded().json()["counts"]["days_off"],
        4
    );

    let (nats, folder) = (NatsServer::start(), data_dir());
    let _service = Service::start(nats.url(), folder.path(), &[]);
    let send = [
        "send",
        "--as",
        "administrator:me",
        "PublishCalendar",
        "-",
        "--nats",
        nats.url(),
    ];
    cli::run_with_input(send, &said.stdout).succeeded();
}

//! The command line, where something does not go well: it ends in time, says what became of each command, prints one
//! whole document, and its exit code says the same.

use std::{
    fs::{File, OpenOptions},
    process::{Command, Stdio},
    sync::mpsc,
};

use end_to_end::{Client, NatsServer, Service, bodies, cli, data_dir, redress_program};
use futures::StreamExt as _;
use serde_json::{Value, json};

const RECTIFY: &str = r#"{"as": "party:dev7", "command": "Rectify", "body": {}}"#;

/// A call at this server, with what is typed behind it.
fn at(nats: &NatsServer, arguments: &[&str]) -> Vec<String> {
    [arguments, &["--nats", nats.url()]]
        .concat()
        .into_iter()
        .map(str::to_owned)
        .collect()
}

#[test]
fn a_file_with_a_refused_line_ends_as_one_refused_command_does_and_is_one_document() {
    let (nats, data) = (NatsServer::start(), data_dir());
    let _service = Service::start(nats.url(), data.path(), &[]);
    let one = ["send", "--as", "party:dev7", "Rectify", "{}"];
    cli::run(at(&nats, &one)).ended_with(3);

    let lines = format!("{RECTIFY}\n{RECTIFY}\n");
    let file = ["send", "--file", "-"];
    let said = cli::run_with_input(at(&nats, &file), &lines).ended_with(3);
    assert!(said.stderr.contains("0 accepted, 2 refused"), "{said:?}");

    let json = ["send", "--file", "-", "-o", "json"];
    let outcomes = cli::run_with_input(at(&nats, &json), &lines).ended_with(3);
    let outcomes = outcomes.json();
    assert_eq!(outcomes.as_array().unwrap().len(), 2);
    assert_eq!(outcomes[1]["line"], 2);
    assert_eq!(outcomes[1]["refused"]["code"], "malformed_command");
    assert_ne!(outcomes[0]["command_id"], outcomes[1]["command_id"]);

    let jsonl = ["send", "--file", "-", "-o", "jsonl"];
    let outcomes = cli::run_with_input(at(&nats, &jsonl), &lines).ended_with(3);
    assert_eq!(outcomes.jsonl().len(), 2);
}

#[test]
fn a_file_sets_the_service_up_before_its_cases_begin() {
    let (nats, data) = (NatsServer::start(), data_dir());
    let _service = Service::start(nats.url(), data.path(), &[]);
    let line = |sender: &str, command: &str, body: &Value| {
        json!({ "as": sender, "command": command, "body": body }).to_string() + "\n"
    };
    let adopt = |version| json!({ "facts": { "toml": bodies::rulebook(version, &[]) } });
    let warn = |case: &str| {
        line(
            "platform:watch",
            "IssueWarning",
            &bodies::warning(case, "W1"),
        )
    };
    let root = "administrator:root";
    let mut lines = line(root, "PublishCalendar", &bodies::calendar());
    lines += &line(root, "AdoptRulebook", &adopt("first"));
    lines.extend((0..30).map(|n| warn(&format!("before-{n}"))));
    lines += &line(root, "AdoptRulebook", &adopt("second"));
    lines.extend((0..30).map(|n| warn(&format!("after-{n}"))));
    cli::run_with_input(at(&nats, &["send", "--file", "-"]), &lines).succeeded();

    let client = Client::connect(nats.url());
    for n in 0..30 {
        for (case, version) in [("before", "first"), ("after", "second")] {
            let asked = json!({ "case": format!("{case}-{n}") });
            let events = client.query("auditor:a", "Events", &asked).accepted();
            let header = events["events"][0]["header"].as_str().unwrap();
            let header: Value = serde_json::from_str(header).unwrap();
            assert_eq!(header["rulebook"], version);
        }
    }
}

#[test]
fn a_silence_names_the_commands_that_may_have_been_done_and_no_query() {
    let nats = NatsServer::start();
    let client = Client::connect(nats.url());
    // Somebody listens, so that the server has an address, and never answers.
    let mut silent = client.subscribe("redress.v1.>");

    let one = [
        "send",
        "--as",
        "party:dev7",
        "--timeout-seconds",
        "1",
        "Rectify",
        "{}",
    ];
    let said = cli::run(at(&nats, &one)).ended_with(6);
    let id = silent.receive().header("Nats-Msg-Id").unwrap().to_owned();
    assert!(said.stderr.contains(&format!("--id {id}")), "{said:?}");

    let file = [
        "send",
        "--file",
        "-",
        "--timeout-seconds",
        "1",
        "-o",
        "json",
        "--in-flight",
        "1",
    ];
    let outcomes = cli::run_with_input(at(&nats, &file), &format!("{RECTIFY}\n{RECTIFY}\n"));
    let outcomes = outcomes.ended_with(6).json();
    let id = silent.receive().header("Nats-Msg-Id").unwrap().to_owned();
    assert_eq!(outcomes.as_array().unwrap().len(), 1, "no more is sent");
    assert_eq!(outcomes[0]["command_id"], *id);
    assert_eq!(outcomes[0]["failed"]["error"], "timeout");

    let query = ["show", "inbox", "dev7", "--timeout-seconds", "1"];
    let said = cli::run(at(&nats, &query)).ended_with(6);
    assert!(!said.stderr.contains("send it again"), "{said:?}");
}

#[test]
fn a_service_that_stays_busy_is_asked_again_for_as_long_as_was_said() {
    let nats = NatsServer::start();
    let client = Client::connect(nats.url());
    let mut asked = client.block_on(async {
        let asked = client.nats().subscribe("redress.v1.cmd.>").await.unwrap();
        client.nats().flush().await.unwrap();
        asked
    });
    let busy = include_str!("../../events-schema/examples/rejections/busy.json");
    let mut headers = async_nats::HeaderMap::new();
    headers.insert("Nats-Service-Error-Code", "busy");
    let connection = client.nats().clone();
    let (seen, ids) = mpsc::channel();
    client.block_on(async {
        // It answers until the test ends.
        drop(tokio::spawn(async move {
            while let Some(message) = asked.next().await {
                let sent = message.headers.unwrap();
                seen.send(sent.get("Nats-Msg-Id").unwrap().to_string())
                    .unwrap();
                let reply = message.reply.unwrap();
                let answer = connection.publish_with_headers(reply, headers.clone(), busy.into());
                answer.await.unwrap();
            }
        }));
    });
    let one = [
        "send",
        "--as",
        "party:dev7",
        "--timeout-seconds",
        "2",
        "Rectify",
        "{}",
    ];
    let said = cli::run(at(&nats, &one)).ended_with(6);
    assert!(said.stderr.contains("busy"), "{said:?}");
    let ids: Vec<String> = ids.try_iter().collect();
    assert!(ids.len() > 1, "it is asked again: {ids:?}");
    assert!(ids.iter().all(|id| *id == ids[0]), "with one id: {ids:?}");
}

#[test]
fn what_cannot_be_sent_is_refused_before_anything_is() {
    // Nobody serves there, and nobody is asked.
    for arguments in [
        ["--id", "a\r\nx", "Rectify"],
        ["--language", "en\nx", "Rectify"],
        ["--language", "en", "X.Y"],
        ["--timeout-seconds", "0", "Rectify"],
    ] {
        let send = ["send", "--nats", "nats://127.0.0.1:1", "--as", "party:dev7"];
        cli::run([&send[..], &arguments, &["{}"]].concat()).ended_with(2);
    }
    let misspelt = ["send", "--as", "party:dev7", "SubmitApeal", "{}"];
    let said = cli::run(misspelt).ended_with(2);
    assert!(said.stderr.contains("SubmitAppeal"), "{said:?}");
    let help = cli::run(["send", "--help"]).succeeded();
    assert!(help.stdout.contains("WithdrawAppeal"), "{help:?}");
}

#[test]
fn a_result_that_cannot_be_written_whole_does_not_end_well() {
    let full = OpenOptions::new().write(true).open("/dev/full").unwrap();
    for arguments in [
        &["calendar", "show"][..],
        &["rulebook", "show", "--command"],
        &["explain", "-o", "json"],
    ] {
        let status = Command::new(redress_program())
            .args(arguments)
            .stdout(Stdio::from(full.try_clone().unwrap()))
            .stderr(Stdio::null())
            .status()
            .unwrap();
        assert_eq!(status.code(), Some(1), "{arguments:?}");
    }
    // A reader that has seen enough is no failure.
    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    let status = Command::new(redress_program())
        .args(["calendar", "show"])
        .stdout(writer)
        .status()
        .unwrap();
    assert_eq!(status.code(), Some(0));
}

#[test]
fn a_failure_never_puts_a_second_document_behind_the_result() {
    let (nats, data) = (NatsServer::start(), data_dir());
    let missing = data.path().join("missing");
    let doctor = ["doctor", "-o", "json", "--data", missing.to_str().unwrap()];
    let checks = cli::run(at(&nats, &doctor)).ended_with(1).json();
    let failed = |check: &Value| check["verdict"] == "failed";
    assert!(checks.as_array().unwrap().iter().any(failed), "{checks}");

    Service::start(nats.url(), data.path(), &[]).terminate();
    let replay = ["replay", "--case", "C1", "-o", "json", "--data"];
    let replay = cli::run([&replay[..], &[data.path().to_str().unwrap()]].concat());
    let replay = replay.ended_with(4);
    assert_eq!(
        (replay.error()["error"].as_str(), replay.stdout.as_str()),
        (Some("not_found"), "")
    );
}

#[test]
fn the_demonstration_plays_to_its_end_as_one_document() {
    let played = cli::run(["demo", "-o", "json"]).succeeded().json();
    assert_eq!(played["cases"].as_array().unwrap().len(), 3, "{played}");
    assert_eq!(played["proof"]["problems"], json!([]));
    assert_eq!(
        played["history"].as_array().unwrap().len(),
        played["proof"]["events"]
    );
}

#[test]
fn the_demonstration_plays_on_a_service_of_its_own_and_on_no_other() {
    let (nats, data) = (NatsServer::start(), data_dir());
    let _service = Service::start(nats.url(), data.path(), &[]);
    let demo = ["demo", "-o", "json"];
    for _ in 0..2 {
        let played = cli::run(at(&nats, &demo)).succeeded().json();
        assert_eq!(played["cases"].as_array().unwrap().len(), 3, "{played}");
    }
    let client = Client::connect(nats.url());
    let ours = json!({ "facts": { "toml": bodies::rulebook("ours-1", &[]) } });
    client
        .send("administrator:root", "AdoptRulebook", "ours", &ours)
        .accepted();
    let head = || client.query("auditor:a", "Status", &json!({})).json["next_position"].clone();
    let before = head();
    let refused = cli::run(at(&nats, &demo)).ended_with(2);
    assert!(refused.stderr.contains("--prefix demo"), "{refused:?}");
    assert_eq!(head(), before, "nothing was done");
}

#[test]
fn a_folder_that_is_a_file_says_so() {
    let data = data_dir();
    let file = data.path().join("file");
    File::create(&file).unwrap();
    for command in ["replay", "verify", "doctor"] {
        let said = cli::run([command, "--data", file.to_str().unwrap()]).ended_with(2);
        assert!(said.stderr.contains("no folder"), "{said:?}");
    }
}

#[test]
fn a_folder_is_shown_to_nobody_in_particular() {
    let data = data_dir();
    let dir = data.path().to_str().unwrap();
    for arguments in [
        ["show", "case", "C1", "--data", dir, "--as", "party:dev7"],
        ["show", "--data", dir, "case", "C1", "--as", "party:dev7"],
    ] {
        let said = cli::run(arguments).ended_with(2);
        assert!(said.stderr.contains("--as"), "{said:?}");
    }
}

#[test]
fn a_file_that_is_not_there_is_not_found_whoever_asks_for_it() {
    let data = data_dir();
    let missing = data.path().join("missing");
    let missing = missing.to_str().unwrap();
    let body = format!("@{missing}");
    let log = data.path().join("log");
    let log = log.to_str().unwrap();
    let nobody = "nats://127.0.0.1:1";
    for arguments in [
        &["calendar", "show", missing][..],
        &["calendar", "import", missing, "--zone", "UTC"],
        &["rulebook", "check", missing],
        &["rulebook", "show", missing],
        &["send", "--as", "party:dev7", "Rectify", &body],
        &["send", "--file", missing],
        &["backfill", "--data", log, missing],
        &[
            "serve", "--data", log, "--config", missing, "--nats", nobody,
        ],
        &["verify", "--data", missing],
    ] {
        let said = cli::run(arguments).ended_with(4);
        assert!(said.stderr.contains(missing), "{said:?}");
    }
    assert!(!data.path().join("log").exists());
}

#[test]
fn what_makes_no_sense_is_usage_and_no_server_is_no_server() {
    let data = data_dir();
    let folder = data.path().to_str().unwrap();
    for arguments in [
        &["show", "deadlines", "--nats", "nats://:x"][..],
        &["serve", "--data", folder, "--nats", "nats://:x"],
        &["demo", "--nats", "nats://:x"],
        &["bench", "--nats", "nats://192.0.2.1:4222"],
        &["bench", "--nats", "127.0.0.1,example.com"],
        &["replay", "--data", folder, "--from", "5", "--to", "2"],
        &["show", "inbox", "dev7", "--limit", "101"],
        &["show", "deadlines", "--limit", "1001"],
    ] {
        cli::run(arguments).ended_with(2);
    }
    for arguments in [["bench"], ["doctor"], ["demo"]] {
        let nobody = [&arguments[..], &["--nats", "nats://127.0.0.1:1"]].concat();
        let expected = if arguments == ["doctor"] { 1 } else { 5 };
        cli::run(nobody).ended_with(expected);
    }
    let nats = NatsServer::start();
    let _service = Service::start(nats.url(), data.path(), &[]);
    for what in ["case", "deadlines"] {
        cli::run(at(&nats, &["show", what, "C9"])).ended_with(4);
    }
}

//! The command line, as a person reads it: what is shown, in words, and what can be done next.

use end_to_end::{Client, NatsServer, Service, bodies, cli, data_dir, wait_for};
use serde_json::json;

use crate::stage::{History, LIMIT};

/// A call at this server, with what is typed behind it.
fn at(nats: &NatsServer, arguments: &[&str]) -> Vec<String> {
    [arguments, &["--nats", nats.url()]]
        .concat()
        .into_iter()
        .map(str::to_owned)
        .collect()
}

#[test]
fn a_refusal_says_what_can_be_done_next_in_the_language_that_was_asked_for() {
    let (nats, data) = (NatsServer::start(), data_dir());
    let _service = Service::start(nats.url(), data.path(), &[]);
    let client = Client::connect(nats.url());
    bodies::prepare(&client, &bodies::rulebook("people-1", &[]));
    let warned = bodies::warning("C1", "W1");
    client
        .send("platform:p", "IssueWarning", "w1", &warned)
        .accepted();

    let body = json!({ "facts": { "case": "C1", "appeal": "A1" } }).to_string();
    let send = ["send", "--as", "party:dev7", "WithdrawAppeal", &body];
    let said = cli::run(at(&nats, &send)).ended_with(3);
    for words in ["next   rectify W1", "next   appeal against W1 before 20"] {
        assert!(said.stderr.contains(words), "{said:?}");
    }
    let said = cli::run(at(&nats, &[&send[..], &["--language", "zh-CN"]].concat()));
    let said = said.ended_with(3);
    assert!(said.stderr.contains("按通知 W1 的整改指引整改"), "{said:?}");
    assert!(!said.stderr.contains('{'), "{said:?}");
}

#[test]
fn a_party_that_asks_about_another_account_is_told_that_it_sees_its_own() {
    let (nats, data) = (NatsServer::start(), data_dir());
    let _service = Service::start(nats.url(), data.path(), &[]);
    let other = ["show", "inbox", "dev7", "--as", "party:dev8"];
    let said = cli::run(at(&nats, &other)).ended_with(3);
    assert!(said.stderr.contains("its own account"), "{said:?}");
    let own = ["show", "inbox", "dev8", "--as", "party:dev8"];
    cli::run(at(&nats, &own)).succeeded();
}

#[test]
fn a_role_that_there_is_not_is_named_with_those_that_there_are() {
    let (nats, data) = (NatsServer::start(), data_dir());
    let _service = Service::start(nats.url(), data.path(), &[]);
    let client = Client::connect(nats.url());
    let id = [("Nats-Msg-Id", "x")];
    for (subject, headers) in [
        ("redress.v1.cmd.king.x.Rectify", &id[..]),
        ("redress.v1.qry.king.x.Status", &[]),
    ] {
        let refused = client.request(subject, headers, b"{}");
        assert_eq!(refused.code(), "malformed_command");
        let said = refused.at("/detail").as_str().unwrap().to_owned();
        assert!(said.contains("`king` is no role"), "{said}");
        assert!(said.contains("administrator"), "{said}");
    }
}

#[test]
fn what_is_restricted_and_what_is_threatened_is_shown_in_words_with_its_dates() {
    let (nats, data) = (NatsServer::start(), data_dir());
    let _service = Service::start(nats.url(), data.path(), &[]);
    let client = Client::connect(nats.url());
    bodies::prepare(&client, &bodies::rulebook("people-1", &[]));
    for (name, body) in [
        ("IssueWarning", bodies::warning("C1", "W1")),
        ("IssuePenalty", bodies::penalty("C2", "P1")),
    ] {
        let id = format!("{name}-1");
        client.send("platform:p", name, &id, &body).accepted();
    }
    let show = |what: &[&str]| {
        let shown = cli::run(at(&nats, &[&["show"], what].concat())).succeeded();
        let widest = shown.stdout.lines().map(|line| line.chars().count()).max();
        assert!(widest < Some(111), "{}", shown.stdout);
        shown.stdout
    };
    let threatened = "threatens W1-m1: login, total suspension for all users, until rectified";
    let inbox = show(&["inbox", "dev7"]);
    for shown in [&inbox, &show(&["case", "C1"])] {
        assert!(shown.contains(threatened), "{shown}");
        assert!(shown.contains("finding f1 at page of C1"), "{shown}");
        assert!(shown.contains("next: rectify W1 before 20"), "{shown}");
    }
    assert!(inbox.contains("steps to be done: s1"), "{inbox}");
    for shown in [&inbox, &show(&["case", "C2"]), &show(&["account", "dev7"])] {
        assert!(shown.contains("total suspension for all users"), "{shown}");
        assert!(shown.contains("until lifted"), "{shown}");
    }

    let account = ["show", "account", "dev7", "-o", "json"];
    let account = cli::run(at(&nats, &account)).succeeded().json();
    assert_eq!(
        account["cases"],
        json!([{ "case": "C1", "standing": "warned" }, { "case": "C2", "standing": "penalised" }])
    );
    assert_eq!(account["restrictions"][0]["mode"], "suspension");
}

#[test]
fn a_service_that_holds_deadlines_says_so_and_so_does_whoever_shows_them() {
    let issued = "2024-03-04T09:00:00.000000Z";
    let (data, refused) = History::since(issued, &bodies::rulebook("people-1", &[]))
        .then(
            issued,
            "platform:watch",
            "IssueWarning",
            &bodies::warning("C1", "W1"),
        )
        .into_folder("2024-03-05T00:00:00Z");
    assert_eq!(refused.len(), 0, "{refused:?}");
    let folder = data.path().to_str().unwrap();
    let shown = cli::run(["show", "deadlines", "--data", folder]).succeeded();
    assert!(shown.stdout.contains("overdue"), "{shown:?}");

    let nats = NatsServer::start();
    let service = Service::start(nats.url(), data.path(), &[]);
    let said = |words: &'static str| {
        wait_for(words, LIMIT, || {
            service.stderr().contains(words).then_some(())
        });
    };
    said("held: deadlines do not fire");
    said("1 deadlines passed while the service was away, the first at 2024-03-19");
    let show = ["show", "deadlines", "C1"];
    let shown = cli::run(at(&nats, &show)).succeeded();
    assert!(shown.stdout.contains("overdue, held"), "{shown:?}");
    assert!(
        shown.stdout.contains("redress deadlines release"),
        "{shown:?}"
    );
    let lines = [&show[..], &["-o", "jsonl"]].concat();
    let lines = cli::run(at(&nats, &lines)).succeeded().jsonl();
    assert_eq!(lines[0]["held"], true);
    assert_eq!(lines[0]["id"], "D1");

    let release = ["deadlines", "release", "--as", "administrator:root"];
    cli::run(at(&nats, &release)).succeeded();
    said("released: deadlines fire again");
    let shown = cli::run(at(&nats, &["show", "deadlines"])).succeeded();
    assert!(!shown.stdout.contains("held"), "{shown:?}");
}

#[test]
fn a_list_is_one_document_a_line_where_that_was_asked_for() {
    let codes = cli::run(["explain", "-o", "jsonl"]).succeeded().jsonl();
    assert!(codes.len() > 60 && codes[0]["code"].is_string());
    let data = data_dir();
    let folder = data.path().to_str().unwrap();
    let doctor = ["doctor", "-o", "jsonl", "--data", folder];
    let nobody = [&doctor[..], &["--nats", "nats://127.0.0.1:1"]].concat();
    let checks = cli::run(nobody).ended_with(1).jsonl();
    assert!(checks.len() > 2 && checks[0]["what"] == "data folder");
}

#[test]
fn a_log_is_not_begun_where_there_is_no_server_to_serve_it_on() {
    let data = data_dir();
    let folder = data.path().join("new");
    let ended =
        Service::try_start(Service::command("nats://127.0.0.1:1", &folder, &[])).unwrap_err();
    assert_eq!(ended.status.code(), Some(5), "{ended:?}");
    assert!(!folder.exists(), "{ended:?}");
}

#[test]
fn the_doctor_says_what_a_service_needs_before_it_is_of_use() {
    let (nats, data) = (NatsServer::start(), data_dir());
    let service = Service::start(nats.url(), data.path(), &[]);
    let check = |arguments: &[&str], what: &str| {
        let doctor = [&["doctor", "-o", "json"], arguments].concat();
        let checks = cli::run(at(&nats, &doctor)).json();
        let all = checks.as_array().unwrap().clone();
        let found = all.into_iter().rfind(|check| check["what"] == what);
        found.unwrap_or_else(|| panic!("no {what} in {checks}"))
    };
    let rulebook = check(&[], "rulebook");
    assert_eq!(rulebook["verdict"], "warning", "{rulebook}");

    // Covered for 30 days more.
    let soon = bodies::later("now", "30 days");
    let soon = json!(soon.split_once('T').unwrap().0);
    let until = "/facts/content/covered_until";
    let client = Client::connect(nats.url());
    let calendar = bodies::with(bodies::calendar(), until, soon);
    let adopted = json!({ "facts": { "toml": bodies::rulebook("people-1", &[]) } });
    for (name, body) in [("PublishCalendar", &calendar), ("AdoptRulebook", &adopted)] {
        client
            .send("administrator:root", name, name, body)
            .accepted();
    }
    assert_eq!(check(&[], "rulebook")["verdict"], "ok");
    let ends = check(&[], "calendar");
    assert_eq!(ends["verdict"], "warning", "{ends}");
    assert!(
        ends["seen"].as_str().unwrap().contains("version 2"),
        "{ends}"
    );

    // The folder of one log, and the service of another.
    assert_eq!(service.terminate().code(), Some(0));
    let folder = data.path().to_str().unwrap();
    let other = data_dir();
    let _other = Service::start(nats.url(), other.path(), &[]);
    let log = check(&["--data", folder], "log");
    assert_eq!(log["verdict"], "warning", "{log}");
    assert!(
        log["seen"].as_str().unwrap().contains("another one"),
        "{log}"
    );
}

#[test]
fn the_help_of_every_subcommand_has_an_example() {
    for words in [
        "serve",
        "send",
        "replay",
        "verify",
        "backfill",
        "demo",
        "bench",
        "show",
        "show case",
        "show account",
        "show inbox",
        "show deadlines",
        "calendar",
        "calendar import",
        "calendar show",
        "calendar explain",
        "rulebook",
        "rulebook check",
        "rulebook show",
        "explain",
        "doctor",
        "deadlines",
        "deadlines release",
    ] {
        let help = cli::run(words.split(' ').chain(["--help"])).succeeded();
        assert!(help.stdout.contains("Example"), "{words}: {}", help.stdout);
    }
}

#[test]
fn one_is_not_called_several_and_what_came_again_is_counted() {
    let (nats, data) = (NatsServer::start(), data_dir());
    let _service = Service::start(nats.url(), data.path(), &[]);
    let lines = json!({
        "as": "administrator:root", "command": "PublishCalendar", "id": "calendar", "body": bodies::calendar()
    })
    .to_string();
    let file = ["send", "--file", "-"];
    let first = cli::run_with_input(at(&nats, &file), &lines).succeeded();
    assert!(
        first.stderr.contains("1 accepted, 0 refused, of 1"),
        "{first:?}"
    );
    let again = cli::run_with_input(at(&nats, &file), &lines).succeeded();
    assert!(
        again.stderr.contains("1 accepted (1 of them before"),
        "{again:?}"
    );
    let adopt = json!({ "facts": { "toml": bodies::rulebook("people-1", &[]) } }).to_string();
    let send = [
        "send",
        "--as",
        "administrator:root",
        "AdoptRulebook",
        &adopt,
    ];
    let sent = cli::run(at(&nats, &send)).succeeded();
    assert!(sent.stdout.contains(", position 2"), "{sent:?}");
    let replayed = cli::run(at(&nats, &["replay", "--from", "2"])).succeeded();
    assert_eq!(replayed.stderr.trim(), "1 event");
    let told = cli::run(["explain", "ATTEMPTS_EXHAUSTED"]).succeeded();
    assert!(told.stdout.starts_with("attempts_exhausted"), "{told:?}");
}

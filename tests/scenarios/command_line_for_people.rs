//! The command line, as a person reads it: what is shown, in words, and what can be done next.

use end_to_end::{Client, NatsServer, RequestErrorKind, Service, bodies, cli, data_dir, wait_for};
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
fn for_a_role_that_there_is_not_nobody_listens_and_the_roles_are_named_to_a_person() {
    let (nats, data) = (NatsServer::start(), data_dir());
    let _service = Service::start(nats.url(), data.path(), &[]);
    let client = Client::connect(nats.url());
    let unheard = client.try_send("king:x", "Rectify", "x", &json!({}));
    assert_eq!(unheard.unwrap_err(), RequestErrorKind::NoResponders);
    let unheard = client.block_on(client.querying("king:x", "Status", &json!({})));
    assert_eq!(unheard.unwrap_err().kind(), RequestErrorKind::NoResponders);
    let said = cli::run(at(&nats, &["send", "Rectify", "{}", "--as", "king:x"])).ended_with(2);
    assert!(said.stderr.contains("`king:x` names no actor"), "{said:?}");
    assert!(said.stderr.contains("administrator"), "{said:?}");
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
    said("1 deadlines passed before the service could fire them, the first at 2024-03-19");
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
    let why = lines.last().unwrap();
    assert!(why["held"].is_string() && why["open"].is_u64(), "{why}");

    let release = ["deadlines", "release", "--as", "administrator:root"];
    let told = cli::run(at(&nats, &release)).ended_with(2).stderr;
    let (_, command) = told.split_once("deadlines release --hold ").unwrap();
    let hold = command.trim_end().trim_end_matches('`');
    assert!(told.contains("1 deadline overdue"), "{told}");
    let older = [&release[..], &["--hold", "0-5f0c9a1e"]].concat();
    let refused = cli::run(at(&nats, &older)).ended_with(3).stderr;
    assert!(
        refused.contains("passed before the service could"),
        "{refused}"
    );
    let release = [&release[..], &["--hold", hold]].concat();
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

/// Every subcommand, as the help of those above it lists them.
fn subcommands(of: &[String]) -> Vec<Vec<String>> {
    let help = help(of, 100);
    let listed = help.lines().skip_while(|line| *line != "Commands:").skip(1);
    let listed = listed.take_while(|line| !line.is_empty());
    // A name stands two columns in, and what goes on below it further.
    let names = listed.filter_map(|line| line.strip_prefix("  ")?.split(' ').next());
    let names = names.filter(|name| !name.is_empty() && *name != "help");
    let mut all = Vec::new();
    for name in names {
        let path = [of, &[name.to_owned()]].concat();
        all.extend(subcommands(&path));
        all.push(path);
    }
    all
}

fn help(of: &[String], columns: usize) -> String {
    let mut command = std::process::Command::new(end_to_end::redress_program());
    command
        .args(of)
        .arg("--help")
        .env("COLUMNS", columns.to_string());
    let output = command.output().unwrap();
    assert!(output.status.success(), "{output:?}");
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn the_help_of_every_subcommand_has_an_example_and_fits_the_width() {
    let mut all = subcommands(&[]);
    assert!(all.len() > 24, "{all:?}");
    for of in &all {
        assert!(help(of, 80).contains("Example"), "{of:?}");
    }
    all.push(Vec::new());
    for (of, columns) in all.iter().flat_map(|of| [(of, 80), (of, 100)]) {
        let help = help(of, columns);
        let wide: Vec<_> = help
            .lines()
            .filter(|line| line.chars().count() > columns)
            .collect();
        assert!(wide.is_empty(), "{of:?} on {columns} columns: {wide:#?}");
    }
}

#[test]
fn shells_and_man_are_told_every_subcommand_and_flag() {
    for shell in ["bash", "zsh", "fish"] {
        let script = cli::run(["completions", shell]).succeeded().stdout;
        for word in ["deadlines", "inbox-prefix", "calendar", "zh-CN"] {
            assert!(script.contains(word), "{shell}: {word}");
        }
    }
    let bash = cli::run(["completions", "bash"]).succeeded().stdout;
    // The script itself, in a shell of its own: what it offers behind `redress sh`.
    let asked = format!(
        "{bash}\nCOMP_WORDS=(redress sh) COMP_CWORD=1; _redress redress sh redress; echo \"${{COMPREPLY[@]}}\""
    );
    let offered = std::process::Command::new("bash")
        .args(["-c", &asked])
        .output()
        .unwrap();
    let offered = String::from_utf8(offered.stdout).unwrap();
    assert_eq!(offered.trim(), "show");

    let folder = data_dir();
    let pages = folder.path().join("man1");
    cli::run(["man", pages.to_str().unwrap()]).succeeded();
    for of in subcommands(&[]) {
        let page = pages.join(format!("redress-{}.1", of.join("-")));
        let text =
            std::fs::read_to_string(&page).unwrap_or_else(|error| panic!("{page:?}: {error}"));
        assert!(text.contains("Example"), "{page:?}");
    }
    assert!(pages.join("redress.1").exists());
}

#[test]
fn a_list_of_deadlines_that_ends_early_says_so_in_every_form() {
    let (nats, data) = (NatsServer::start(), data_dir());
    let service = Service::start(nats.url(), data.path(), &[]);
    let client = Client::connect(nats.url());
    bodies::prepare(&client, &bodies::rulebook("people-1", &[]));
    for number in 0..5 {
        let (case, notice) = (format!("C{number}"), format!("W{number}"));
        let body = bodies::with(
            bodies::warning(&case, &notice),
            "/facts/account",
            json!(format!("dev{number}")),
        );
        client
            .send("platform:p", "IssueWarning", &case, &body)
            .accepted();
    }
    let all = client
        .query("auditor:a", "Deadlines", &json!({}))
        .accepted();
    let all = all["deadlines"].as_array().unwrap().clone();
    assert_eq!(all.len(), 5);

    // Page by page, each deadline comes once and in order.
    let mut paged = Vec::new();
    let mut after = json!(null);
    loop {
        let asked = json!({ "limit": 2, "after": after });
        let page = client.query("auditor:a", "Deadlines", &asked).accepted();
        assert_eq!(page["open"], 5);
        paged.extend(page["deadlines"].as_array().unwrap().clone());
        after = page["later"].clone();
        if after.is_null() {
            break;
        }
    }
    assert_eq!(paged, all);

    let folder = data.path().to_str().unwrap().to_owned();
    let served = at(&nats, &["show", "deadlines"]);
    let in_folder = ["show", "deadlines", "--data", &folder].map(str::to_owned);
    let check = |source: &[String]| {
        let run = |more: &[&str]| {
            let more = more.iter().map(|word| (*word).to_owned());
            cli::run(source.iter().cloned().chain(more)).succeeded()
        };
        let cut = run(&["--limit", "2"]).stdout;
        assert!(cut.contains("and 3 more, later ones: --all"), "{cut}");
        let document = run(&["--limit", "2", "-o", "json"]).json();
        assert_eq!(document["deadlines"].as_array().unwrap().len(), 2);
        assert_eq!(
            (&document["open"], &document["later"]["id"]),
            (&json!(5), &json!("D1"))
        );
        let lines = run(&["--limit", "2", "-o", "jsonl"]).jsonl();
        assert_eq!(lines.len(), 3);
        assert_eq!(lines[2]["open"], 5);
        let whole = run(&["--all", "-o", "json"]).json();
        assert_eq!(whole["deadlines"].as_array().unwrap().len(), 5);
        assert!(whole.get("later").is_none(), "{whole}");
        assert_eq!(run(&["--all", "-o", "jsonl"]).jsonl().len(), 5);
        let shown = run(&["--all"]).stdout;
        assert!(!shown.contains("more"), "{shown}");
    };
    check(&served);
    assert_eq!(service.terminate().code(), Some(0));
    check(&in_folder);
}

#[test]
fn a_period_of_more_days_than_are_shown_says_so() {
    let explain = |period: &str, form: &str| {
        let words = [
            "calendar",
            "explain",
            period,
            "--from",
            "2026-02-13",
            "-o",
            form,
        ];
        cli::run(words).succeeded()
    };
    let long = "3000 working days";
    assert!(explain(long, "human").stdout.contains("not shown"));
    assert_eq!(explain(long, "json").json()["days_left_out"], true);
    let short = explain("7 working days", "json").json();
    assert!(short.get("days_left_out").is_none(), "{short}");
}

#[test]
fn the_advice_on_a_log_that_is_served_can_be_followed() {
    let (nats, data) = (NatsServer::start(), data_dir());
    let service = Service::start(nats.url(), data.path(), &[]);
    let folder = data.path().to_str().unwrap();
    let history = data_dir();
    let lines = history.path().join("history.jsonl");
    std::fs::write(&lines, "").unwrap();
    // None of these can leave out --data, or name a server.
    for arguments in [
        &["verify"][..],
        &["backfill", lines.to_str().unwrap()],
        &["serve", "--nats", nats.url()],
    ] {
        let said = cli::run([arguments, &["--data", folder]].concat())
            .ended_with(1)
            .stderr;
        assert!(said.contains("stop"), "{arguments:?}: {said}");
        assert!(!said.contains("leave out --data"), "{arguments:?}: {said}");
    }
    for arguments in [&["show", "deadlines"][..], &["replay"]] {
        let said = cli::run([arguments, &["--data", folder]].concat())
            .ended_with(1)
            .stderr;
        assert!(said.contains("leave out --data"), "{arguments:?}: {said}");
        cli::run(at(&nats, arguments)).succeeded();
    }
    let said = cli::run(["verify", "--data", folder]).ended_with(1).stderr;
    for advised in ["doctor", "replay"] {
        assert!(said.contains(&format!("`redress {advised}`")), "{said}");
        cli::run(at(&nats, &[advised])).succeeded();
    }
    assert_eq!(service.terminate().code(), Some(0));
    cli::run(["verify", "--data", folder]).succeeded();
}

#[test]
fn whoever_is_refused_is_told_its_own_next_steps() {
    let (nats, data) = (NatsServer::start(), data_dir());
    let _service = Service::start(nats.url(), data.path(), &[]);
    let client = Client::connect(nats.url());
    bodies::prepare(&client, &bodies::rulebook("people-1", &[]));
    let warned = bodies::warning("C1", "W1");
    client
        .send("platform:p", "IssueWarning", "w1", &warned)
        .accepted();
    let appeal = bodies::appeal("C1", "W1", "A1", "not_occurred");
    client
        .send("party:dev7", "SubmitAppeal", "a1", &appeal)
        .accepted();
    let claim = json!({ "facts": { "case": "C1", "appeal": "A1" } });
    client
        .send("reviewer:lin", "ClaimAppeal", "c1", &claim)
        .accepted();

    let refused = |sender: &str, command: &str, body: &serde_json::Value| {
        let reply = client.send(
            sender,
            command,
            &format!("x-{sender}").replace(':', "-"),
            body,
        );
        (reply.code().to_owned(), reply.json)
    };
    let kinds = |answer: &serde_json::Value| {
        let next = answer["next"].as_array().cloned().unwrap_or_default();
        next.iter()
            .map(|step| step["kind"].as_str().unwrap().to_owned())
            .collect::<Vec<_>>()
    };
    let (code, answer) = refused("reviewer:wu", "ClaimAppeal", &claim);
    assert_eq!(code, "already_claimed");
    assert_eq!(answer["facts"]["by"], "lin");
    let until = answer["facts"]["until"].as_str().unwrap();
    assert!(
        answer["detail"].as_str().unwrap().contains(until),
        "{answer}"
    );
    assert_eq!(kinds(&answer), ["claim_appeal"]);
    assert_eq!(answer["next"][0]["from"], until);
    let (code, answer) = refused("reviewer:lin", "ClaimAppeal", &claim);
    assert_eq!(
        (code.as_str(), kinds(&answer)),
        ("already_claimed", vec!["decide".to_owned()])
    );
    let again = bodies::warning("C1", "W2");
    let (code, answer) = refused("platform:p", "IssueWarning", &again);
    assert_eq!(
        (code.as_str(), kinds(&answer)),
        ("notice_live", vec!["withdraw_notice".to_owned()])
    );
    // Nobody who issued the notice reviews it.
    let (code, answer) = refused("reviewer:p", "ClaimAppeal", &claim);
    assert_eq!(code, "already_claimed");
    assert_eq!(kinds(&answer), [] as [&str; 0]);
    let second = bodies::appeal("C1", "W1", "A2", "not_occurred");
    let (code, answer) = refused("party:dev7", "SubmitAppeal", &second);
    assert_eq!(code, "appeal_pending");
    let own = ["await_ruling", "amend_appeal", "rectify", "external_route"];
    assert_eq!(kinds(&answer), own);
    assert!(
        !answer.to_string().contains("\"lin\""),
        "a party learns of no reviewer: {answer}"
    );
}

#[test]
fn a_configuration_error_names_the_variable_that_says_it() {
    let data = data_dir();
    for (variable, value) in [
        ("REDRESS_SERVE_QUEUE_LENGTH_MAX", "many"),
        ("REDRESS_SERVE_QUERIES_AT_ONCE", "0"),
        ("REDRESS_SERVE_COLOUR", "red"),
        ("REDRESS_SERVE_NKEY", "/no/such/file"),
        ("REDRESS_SERVE_NATS", "nats://"),
    ] {
        let mut serve = std::process::Command::new(end_to_end::redress_program());
        serve
            .args(["serve", "--data"])
            .arg(data.path())
            .env(variable, value);
        let ended = Service::try_start(serve).unwrap_err();
        assert_eq!(ended.status.code(), Some(2), "{ended:?}");
        assert!(ended.stderr.contains(variable), "{ended:?}");
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

//! The permissions that the published language gives as a sample: each user can do its own work, and nobody else's.

use std::time::Duration;

use end_to_end::{Client, NatsServer, Service, bodies, cli, data_dir};

/// The block of the README, as the server reads it.
fn sample() -> String {
    let readme = include_str!("../../events-schema/README.md");
    let (_, rest) = readme.split_once("```conf permissions\n").unwrap();
    rest.split_once("```").unwrap().0.to_owned()
}

/// A call of this user, who is named as the second half of the sender is.
fn call(nats: &NatsServer, sender: &str, login: &str, arguments: &[&str]) -> cli::Output {
    let named = ["--as", sender, "--login", login, "--nats", nats.url()];
    let patience = ["--timeout-seconds", "2"];
    cli::run([arguments, &named, &patience].concat())
}

/// Nobody says `--as`: the user is what the server lets it be.
fn each_tool_takes_the_role_of_its_login(nats: &NatsServer) {
    let run = |login: &str, arguments: &[&str]| {
        let at = ["--login", login, "--nats", nats.url()];
        cli::run([arguments, &at].concat())
    };
    for login in [
        "moderation:change-2",
        "dev7:change-3",
        "lin:change-4",
        "ops:change-5",
        "audit:change-6",
    ] {
        let checks = run(login, &["doctor", "-o", "json"]).succeeded().json();
        for what in ["nats-server", "service", "rulebook", "calendar"] {
            let mut checks = checks.as_array().unwrap().iter();
            let check = checks.find(|check| check["what"] == what).unwrap();
            assert_eq!(check["verdict"], "ok", "{login}: {check}");
        }
        run(login, &["show", "case", "C1"]).succeeded();
    }
    run("dev7:change-3", &["show", "inbox", "dev7"]).succeeded();
    run("ops:change-5", &["show", "deadlines"]).succeeded();
    run("audit:change-6", &["replay"]).succeeded();
    let body = serde_json::json!({ "facts": { "case": "C1", "appeal": "A1" } }).to_string();
    run("dev7:change-3", &["send", "WithdrawAppeal", &body]).succeeded();
    // Both of them may send it, each in a role of its own.
    let body =
        serde_json::json!({ "facts": { "case": "C1", "notice": "W1", "outcome": "confirmed" } });
    for login in ["moderation:change-2", "lin:change-4"] {
        let verified = run(login, &["send", "VerifyRectification", &body.to_string()]);
        let said = verified.ended_with(3).stderr;
        assert!(said.contains("nothing_to_verify"), "{login}: {said}");
    }
    let auditor = run(
        "audit:change-6",
        &["send", "VerifyRectification", &body.to_string()],
    );
    let said = auditor.ended_with(2).stderr;
    assert!(said.contains("for the role platform or reviewer"), "{said}");
    let released = run("ops:change-5", &["deadlines", "release"]).ended_with(3);
    assert!(released.stderr.contains("nothing_held"), "{released:?}");
    // The service itself may ask nothing, and that is no pass.
    let service = run("redress:change-1", &["doctor"]).ended_with(1);
    assert!(service.stdout.contains("FAILED"), "{service:?}");
    let stranger = ["--inbox-prefix", "_INBOX_elsewhere"];
    let stranger = run(
        "audit:change-6",
        &[&["show", "deadlines"], &stranger[..]].concat(),
    );
    let said = stranger.ended_with(2).stderr;
    assert!(said.contains("--inbox-prefix"), "{said}");
}

#[test]
fn each_user_of_the_sample_does_its_own_work_and_nobody_elses() {
    let (nats, data) = (NatsServer::start_with(&sample()), data_dir());
    let mut serve = Service::command(nats.url(), data.path(), &[]);
    serve
        .env("REDRESS_SERVE_USER", "redress")
        .env("REDRESS_SERVE_PASSWORD", "change-1")
        .env("REDRESS_SERVE_INBOX_PREFIX", "_INBOX_redress");
    let service = Service::try_start(serve).unwrap();

    let listener =
        end_to_end::ConnectOptions::with_user_and_password("dev7".into(), "change-3".into())
            .custom_inbox_prefix("_INBOX_dev7");
    let party = Client::connect_with(listener, nats.url());
    let mut told = party.subscribe("redress.v1.ntf.dev7");

    let toml = serde_json::json!({ "facts": { "toml": bodies::rulebook("sample-1", &[]) } });
    for (sender, login, name, body) in [
        (
            "administrator:ops",
            "ops:change-5",
            "PublishCalendar",
            bodies::calendar(),
        ),
        ("administrator:ops", "ops:change-5", "AdoptRulebook", toml),
        (
            "platform:moderation",
            "moderation:change-2",
            "IssueWarning",
            bodies::warning("C1", "W1"),
        ),
        (
            "party:dev7",
            "dev7:change-3",
            "SubmitAppeal",
            bodies::appeal("C1", "W1", "A1", "not_occurred"),
        ),
    ] {
        call(&nats, sender, login, &["send", name, &body.to_string()]).succeeded();
    }
    assert_eq!(told.receive().json()["kind"], "warning_notice");
    for (sender, login) in [
        ("reviewer:lin", "lin:change-4"),
        ("auditor:audit", "audit:change-6"),
    ] {
        call(&nats, sender, login, &["show", "case", "C1"]).succeeded();
    }
    let silent = [
        (
            "party:dev8",
            "dev7:change-3",
            &["show", "inbox", "dev8"][..],
        ),
        (
            "administrator:ops",
            "audit:change-6",
            &["send", "ReleaseDeadlines", "{}"],
        ),
    ];
    for (sender, login, arguments) in silent {
        let said = call(&nats, sender, login, arguments).ended_with(10);
        assert!(said.stderr.contains(sender), "{said:?}");
        assert!(said.stderr.contains("--as ROLE:PRINCIPAL"), "{said:?}");
    }
    each_tool_takes_the_role_of_its_login(&nats);
    // Nobody but the service may speak or listen as it does, nor read what others are told.
    let mut overheard = party.subscribe("_INBOX_audit.>");
    call(
        &nats,
        "auditor:audit",
        "audit:change-6",
        &["show", "case", "C1"],
    )
    .succeeded();
    assert!(
        overheard
            .receive_within(Duration::from_millis(200))
            .is_none()
    );
    party.publish("$SRV.PING", b"");
    let violation = || {
        let log = nats.log();
        ["$SRV.PING", "_INBOX_audit.>"]
            .iter()
            .all(|subject| log.contains(subject))
            .then_some(())
    };
    end_to_end::wait_for("the server to refuse both", crate::stage::LIMIT, violation);
    assert!(
        !service.stderr().contains("refused something"),
        "{}",
        service.stderr()
    );
}

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
        call(&nats, sender, login, arguments).ended_with(6);
    }
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

//! How the service and every tool get in: a server that speaks TLS with a certificate of one's own authority, and knows
//! its users by nkeys, by JWTs, or by passwords with permissions.

use std::{fs, path::Path, process::Command};

use end_to_end::{NatsServer, Service, authority, bodies, cli, data_dir, jwt};
use nkeys::KeyPair;
use serde_json::json;

/// The files of one user, and of the authority.
struct Files {
    folder: tempfile::TempDir,
}

impl Files {
    fn new() -> Self {
        let folder = data_dir();
        Self { folder }
    }

    fn put(&self, name: &str, text: &str) -> String {
        let path = self.folder.path().join(name);
        fs::write(&path, text).unwrap();
        path.to_str().unwrap().to_owned()
    }
}

/// `redress` with the flags of one user behind what is typed.
fn call(nats: &NatsServer, flags: &[&str], arguments: &[&str]) -> cli::Output {
    let at = ["--nats", nats.url(), "--timeout-seconds", "5"];
    cli::run([arguments, flags, &at].concat())
}

/// Everything that connects, as this user, who may be everybody.
fn each_tool_works(nats: &NatsServer, flags: &[&str], data: &Path) {
    let toml = json!({ "facts": { "toml": bodies::rulebook("tls-1", &[]) } }).to_string();
    let calendar = bodies::calendar().to_string();
    let as_ops = [&["--as", "administrator:ops"], flags].concat();
    call(nats, &as_ops, &["send", "PublishCalendar", &calendar]).succeeded();
    call(nats, &as_ops, &["send", "AdoptRulebook", &toml]).succeeded();
    let warning = json!({
        "as": "platform:watch", "command": "IssueWarning", "id": "w-1", "body": bodies::warning("C1", "W1"),
    });
    let file = data.join("commands.jsonl");
    fs::write(&file, warning.to_string()).unwrap();
    let file = file.to_str().unwrap();
    call(nats, flags, &["send", "--file", file]).succeeded();
    let as_auditor = [&["--as", "auditor:ops"], flags].concat();
    call(nats, &as_auditor, &["show", "case", "C1"]).succeeded();
    call(nats, &as_auditor, &["show", "deadlines"]).succeeded();
    let replayed = call(nats, &as_auditor, &["replay", "-o", "jsonl"]).succeeded();
    assert_eq!(replayed.jsonl().len(), 4);
    let checks = call(nats, &as_auditor, &["doctor", "-o", "json"]).succeeded();
    for check in checks.json().as_array().unwrap() {
        let is_looked_at = check["what"] != "data folder";
        assert!(!is_looked_at || check["verdict"] == "ok", "{check}");
    }
    // Nothing is held, which only the service can know.
    let refused = call(nats, &as_ops, &["deadlines", "release"]).ended_with(3);
    assert!(refused.stderr.contains("nothing_held"), "{refused:?}");
}

/// `redress serve` with these keys of its configuration.
fn serve(nats: &NatsServer, data: &Path, keys: &[(&str, &str)]) -> Service {
    let lines: Vec<_> = keys
        .iter()
        .map(|(key, value)| format!("{key} = \"{value}\""))
        .collect();
    let file = data.with_extension("toml");
    fs::write(&file, lines.join("\n")).unwrap();
    let config = ["--config", file.to_str().unwrap()];
    Service::try_start(Service::command(nats.url(), data, &config)).unwrap()
}

const TLS: &str = "tls { cert_file: \"server.pem\", key_file: \"server-key.pem\" }\n";

#[test]
fn every_command_connects_with_an_nkey_to_a_server_of_ones_own_authority() {
    let (files, authority) = (Files::new(), authority());
    let user = KeyPair::new_user();
    let nkey = files.put("user.nk", &format!("{}\n", user.seed().unwrap()));
    let ca = files.put("ca.pem", &authority.certificate);
    let users = format!(
        "{TLS}authorization {{ users = [ {{ nkey: {} }} ] }}",
        user.public_key()
    );
    let nats = NatsServer::start_with_files(&users, &authority.of_server());
    let data = data_dir();
    let keys = [("nkey", nkey.as_str()), ("root_certificate", ca.as_str())];
    let service = serve(&nats, &data.path().join("log"), &keys);
    each_tool_works(&nats, &["--nkey", &nkey, "--ca", &ca], data.path());

    // Without the authority the server is nobody's, and without the key we are.
    let stranger = call(&nats, &["--nkey", &nkey], &["show", "deadlines"]).ended_with(5);
    assert!(stranger.stderr.contains("certificate"), "{stranger:?}");
    call(&nats, &["--ca", &ca], &["show", "deadlines"]).ended_with(10);
    let other = files.put("other.nk", &KeyPair::new_user().seed().unwrap());
    call(&nats, &["--ca", &ca, "--nkey", &other], &["doctor"]).ended_with(1);
    let both = ["--nkey", &nkey, "--login", "a:b"];
    let both = call(&nats, &both, &["show", "deadlines"]).ended_with(2);
    assert!(both.stderr.contains("not several"), "{both:?}");
    assert_eq!(service.terminate().code(), Some(0));
}

#[test]
fn every_command_connects_with_a_creds_file() {
    let files = Files::new();
    let accounts = jwt::Accounts::new();
    let creds = files.put("user.creds", &accounts.credentials("ops"));
    let nats = NatsServer::start_with(&accounts.configuration());
    let data = data_dir();
    let keys = [("credentials", creds.as_str())];
    let service = serve(&nats, &data.path().join("log"), &keys);
    each_tool_works(&nats, &["--creds", &creds], data.path());
    assert_eq!(service.terminate().code(), Some(0));
}

#[test]
fn a_file_that_does_not_hold_what_it_should_is_named() {
    let (files, nats) = (Files::new(), NatsServer::start());
    let empty = files.put("empty", "");
    for flag in ["--nkey", "--creds", "--ca"] {
        let said = call(&nats, &[flag, &empty], &["show", "deadlines"]).ended_with(1);
        assert!(said.stderr.contains(&empty), "{said:?}");
        let said = call(&nats, &[flag, "/no/such"], &["show", "deadlines"]).ended_with(4);
        assert!(said.stderr.contains("/no/such"), "{said:?}");
    }
}

#[test]
fn nothing_is_said_to_a_server_without_tls_where_an_authority_is_named() {
    let (files, authority) = (Files::new(), authority());
    let ca = files.put("ca.pem", &authority.certificate);
    let nats = NatsServer::start();
    let flags = ["--ca", &ca, "--login", "dev7:secret"];
    call(&nats, &flags, &["show", "deadlines"]).ended_with(5);
}

#[test]
fn what_is_said_once_in_the_environment_holds_for_every_tool() {
    let (nats, data) = (NatsServer::start(), data_dir());
    let _service = Service::start(nats.url(), data.path(), &[]);
    let run = |arguments: &[&str]| {
        let mut command = Command::new(end_to_end::redress_program());
        command
            .args(arguments)
            .env("REDRESS_AS", "administrator:ops")
            .env("REDRESS_NATS", nats.url());
        command.output().unwrap()
    };
    let calendar = bodies::calendar().to_string();
    let lines = json!({ "command": "AdoptRulebook", "body": {
        "facts": { "toml": bodies::rulebook("env-1", &[]) } } });
    let file = data.path().join("commands.jsonl");
    fs::write(&file, lines.to_string()).unwrap();
    for arguments in [
        &["send", "PublishCalendar", &calendar][..],
        &["send", "--file", file.to_str().unwrap()],
        &["show", "deadlines"],
        &["doctor"],
    ] {
        let output = run(arguments);
        assert!(output.status.success(), "{output:?}");
    }
    let replayed = run(&["replay", "-o", "jsonl"]);
    let text = String::from_utf8(replayed.stdout).unwrap();
    assert_eq!(text.matches("administrator:ops").count(), 2, "{text}");
    let elsewhere = data_dir();
    let folder = [
        "show",
        "deadlines",
        "--data",
        elsewhere.path().to_str().unwrap(),
    ];
    assert_eq!(
        run(&folder).status.code(),
        Some(4),
        "a folder has no sender"
    );
}

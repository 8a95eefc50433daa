//! A log that was rolled back to an older copy is not served before its operator has said so, which is on record; and
//! the files that tell of it are kept.

use std::{
    fs,
    path::{Path, PathBuf},
};

use end_to_end::{Client, NatsServer, Service, bodies, cli, data_dir};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::load;

const FILES: [&str; 3] = ["alive", "caches.snapshot", "published.cursor"];

/// A log that was stopped, and what was kept of it before it went on.
struct RolledBack {
    data: TempDir,
    /// How far the log went before it was rolled back, and how far it goes now.
    went_to: u64,
    goes_to: u64,
}

fn warn(client: &Client, case: &str) {
    let sent = client.send("platform:watch", "IssueWarning", case, &load::body(case));
    sent.accepted();
}

fn head(client: &Client) -> u64 {
    let status = client.query("auditor:a", "Status", &json!({})).accepted();
    status["next_position"].as_u64().unwrap()
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let path = entry.unwrap().path();
        let to = to.join(path.file_name().unwrap());
        if path.is_dir() {
            copy(&path, &to);
        } else {
            fs::copy(&path, &to).unwrap();
        }
    }
}

/// The log as it was before its last event, beside files of after it: only these ones.
fn rolled_back(files: &[&str]) -> RolledBack {
    let (nats, data, backup) = (NatsServer::start(), data_dir(), data_dir());
    let client = Client::connect(nats.url());
    let service = Service::start(nats.url(), data.path(), &[]);
    bodies::prepare(&client, &bodies::rulebook("back-1", &[]));
    warn(&client, "C1");
    let goes_to = head(&client);
    assert_eq!(service.terminate().code(), Some(0));
    copy(data.path(), backup.path());
    let service = Service::start(nats.url(), data.path(), &[]);
    warn(&client, "C2");
    let went_to = head(&client);
    assert_eq!(service.terminate().code(), Some(0));
    for file in files {
        fs::copy(data.path().join(file), backup.path().join(file)).unwrap();
    }
    RolledBack {
        data: backup,
        went_to,
        goes_to,
    }
}

/// Every file beside the blocks, with what is in it.
fn beside(data: &Path) -> Vec<(PathBuf, Vec<u8>)> {
    let entries = fs::read_dir(data)
        .unwrap()
        .map(|entry| entry.unwrap().path());
    let mut files: Vec<_> = entries
        .filter(|path| path.is_file())
        .map(|path| (path.clone(), fs::read(path).unwrap()))
        .collect();
    files.sort();
    files
}

fn events(data: &Path) -> Vec<Value> {
    let replayed = cli::run(["replay", "--data", data.to_str().unwrap(), "-o", "jsonl"]);
    replayed.succeeded().jsonl()
}

#[test]
fn a_log_that_was_rolled_back_is_not_served_and_nothing_that_tells_of_it_is_changed() {
    for file in FILES {
        let RolledBack {
            data,
            went_to,
            goes_to,
        } = rolled_back(&[file]);
        let (before, had) = (beside(data.path()), events(data.path()));
        let nats = NatsServer::start();
        for _ in 0..2 {
            let ended =
                Service::try_start(Service::command(nats.url(), data.path(), &[])).unwrap_err();
            assert_eq!(ended.status.code(), Some(9), "{file}: {}", ended.stderr);
            for part in [
                format!("of `{file}`, it is ahead of the log"),
                format!("it goes to position {went_to}, the log to {goes_to}"),
                "newer copy of `blocks` and `tip`".to_owned(),
                "redress verify".to_owned(),
                "--accept-rollback".to_owned(),
            ] {
                assert!(ended.stderr.contains(&part), "`{part}`: {}", ended.stderr);
            }
        }
        let history = data_dir();
        let history = history.path().join("history.jsonl");
        fs::write(
            &history,
            json!({
                "at": "2024-03-04T09:00:00Z", "as": "party:dev7", "command": "WithdrawAppeal",
                "body": { "facts": { "case": "C1", "appeal": "A1" } }
            })
            .to_string(),
        )
        .unwrap();
        let log = data.path().to_str().unwrap();
        let taken = cli::run(["backfill", "--data", log, history.to_str().unwrap()]);
        let said = taken.ended_with(9).stderr;
        assert!(said.contains("--accept-rollback"), "{said}");
        assert!(beside(data.path()) == before, "{file}: a file was changed");
        assert_eq!(events(data.path()), had);
    }
}

#[test]
fn what_is_left_of_a_log_that_is_gone_is_said_by_whoever_looks_for_it() {
    let RolledBack { data, .. } = rolled_back(&FILES);
    fs::remove_dir_all(data.path().join("blocks")).unwrap();
    fs::remove_file(data.path().join("tip")).unwrap();
    let folder = data.path().to_str().unwrap();
    for tool in ["verify", "replay"] {
        let said = cli::run([tool, "--data", folder]).ended_with(9).stderr;
        for file in FILES {
            assert!(said.contains(&format!("`{file}`")), "{said}");
        }
    }
}

#[test]
fn an_accepted_rollback_is_on_record_and_its_evidence_is_kept() {
    let RolledBack {
        data,
        went_to,
        goes_to,
    } = rolled_back(&FILES);
    let evidence: Vec<_> = FILES
        .map(|file| (file, fs::read(data.path().join(file)).unwrap()))
        .into();
    let nats = NatsServer::start();
    let client = Client::connect(nats.url());
    let mut published = client.subscribe("redress.v1.evt.>");
    let service = Service::start(nats.url(), data.path(), &["--accept-rollback"]);
    let first = published.next().unwrap();
    assert_eq!(first.header("ce-id"), Some(goes_to.to_string().as_str()));
    // Whether something was held in what is gone is not known.
    let sent = client.send("platform:watch", "IssueWarning", "C3", &load::body("C3"));
    assert_eq!(sent.code(), "time_held");
    let status = client.query("auditor:a", "Status", &json!({})).accepted();
    let release = json!({ "facts": { "hold": status["hold"] } });
    client
        .send("administrator:root", "ReleaseDeadlines", "r-1", &release)
        .accepted();
    warn(&client, "C3");
    assert_eq!(service.terminate().code(), Some(0));

    let recorded = &events(data.path())[usize::try_from(goes_to).unwrap()];
    assert_eq!(
        recorded["header"]["type"],
        "redress.log.rollback_accepted.v1"
    );
    let named = recorded["data"]["facts"]["evidence"].as_array().unwrap();
    assert_eq!(named.len(), FILES.len());
    for (file, bytes) in evidence {
        let found = named.iter().find(|it| it["file"] == file).unwrap();
        assert_eq!(found["next_position"], went_to);
        let kept = data.path().join(found["kept_as"].as_str().unwrap());
        assert!(fs::read(kept).unwrap() == bytes, "{file} was not kept");
    }

    cli::run(["verify", "--data", data.path().to_str().unwrap()]).succeeded();
    // It is for one start: left in a unit file it would hide the next time.
    let again = Service::command(nats.url(), data.path(), &["--accept-rollback"]);
    let ended = Service::try_start(again).unwrap_err();
    assert_eq!(ended.status.code(), Some(2), "{}", ended.stderr);
    let service = Service::start(nats.url(), data.path(), &[]);
    assert_eq!(service.terminate().code(), Some(0));
}

//! A client that is not ours, in Python, sends a command by hand, reads the reply and an error, lists the service and
//! follows the events.

use std::{fs, process::Command};

use end_to_end::{Client, NatsServer, Service, bodies, data_dir, python_program};
use serde_json::Value;

#[test]
fn a_foreign_client_sends_is_refused_finds_the_service_and_checks_an_event() {
    let nats = NatsServer::start();
    let folder = data_dir();
    let service = Service::start(nats.url(), &folder.path().join("data"), &[]);
    let client = Client::connect(nats.url());
    bodies::prepare(&client, &bodies::rulebook("foreign-1", &[]));
    let warning = folder.path().join("warning.json");
    fs::write(&warning, bodies::warning("C1", "W1").to_string()).unwrap();

    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/scenarios/foreign_client.py");
    let output = Command::new(python_program())
        .arg(script)
        .arg(nats.url())
        .arg(&warning)
        .output()
        .unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    let seen: Value = serde_json::from_slice(&output.stdout).unwrap();

    assert_eq!(seen["accepted"]["case"]["standing"], "warned");
    assert_eq!(seen["again"]["replayed"], true);
    assert_eq!(seen["again"]["positions"], seen["accepted"]["positions"]);
    assert_eq!(seen["error_code"], "malformed_command");
    assert_eq!(seen["refused"]["code"], "malformed_command");
    assert!(!seen["error"].as_str().unwrap().is_empty());
    assert_eq!(seen["info"]["name"], "redress");
    assert_eq!(seen["info"]["metadata"]["prefix"], "redress");
    assert_eq!(
        seen["event_subject"],
        "redress.v1.evt.dev7.case-C1.warning-issued-v1"
    );
    assert_eq!(
        seen["event_id"],
        seen["accepted"]["positions"]["first"].to_string()
    );
    assert_eq!(seen["datahash_in_header"], seen["datahash_of_data"]);
    assert_eq!(seen["header_is_canonical"], true);
    assert_eq!(service.terminate().code(), Some(0));
}

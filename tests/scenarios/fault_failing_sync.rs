//! The disk answers a sync with an error: the service answers nothing that is not on disk, says what happened, ends,
//! and starts again once the disk is well.

use end_to_end::{Client, NatsServer, Service, Strace, bodies, data_dir};

use crate::load::{self, Load};

/// The sync of the file from which on each one fails.
const FAILS_FROM: u32 = 15;

fn a_sync_that_fails(file: &str) {
    let (nats, data, trace) = (NatsServer::start(), data_dir(), data_dir());
    let folder = data.path().canonicalize().unwrap();
    let client = Client::connect(nats.url());
    let first = Service::start(nats.url(), &folder, &[]);
    bodies::prepare(&client, &bodies::rulebook("sync-1", &[]));
    assert_eq!(first.terminate().code(), Some(0));

    let service = Strace::fail(
        "fdatasync,fsync",
        &folder.join(file),
        "EIO",
        FAILS_FROM,
        &trace.path().join("trace"),
    )
    .start(&Service::command(nats.url(), &folder, &[]));
    let load = Load::start(nats.url(), "eio", 4, 200, load::body);
    let ended = service.ended();
    let answers = load.finish();

    assert_eq!(ended.status.code(), Some(8), "{}", ended.stderr);
    let last = ended.stderr.lines().last().unwrap_or_default();
    assert!(last.starts_with("error: cannot "), "{}", ended.stderr);
    for said in [file, "Input/output error"] {
        assert!(last.contains(said), "`{said}` is not said in: {last}");
    }
    assert!(answers.acknowledged.len() > 3);
    assert!(!answers.unanswered.is_empty());

    load::check_it_goes_on(nats.url(), &folder, &answers, load::body);
}

#[test]
fn a_sync_of_the_data_that_fails_ends_the_service_and_loses_nothing() {
    a_sync_that_fails("blocks/db");
}

#[test]
fn a_sync_of_the_tip_that_fails_ends_the_service_and_loses_nothing() {
    a_sync_that_fails("tip");
}

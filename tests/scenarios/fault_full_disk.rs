//! The disk is full: the service answers nothing that is not on disk, says what happened, ends, and the log opens again
//! once there is room. The disk is one in memory, in a mount namespace that ends with the test.

use std::{fs, process::Command, time::Duration};

use end_to_end::{
    Client, NatsServer, Service, bodies, data_dir, redress_program, unshare_program, wait_for,
};
use serde_json::{Value, json};

use crate::load::{self, Load};

/// Room for a few segments of the log.
const SIZE: &str = "48m";

/// Mounts the disk, serves until it is full, makes room, verifies what is there, and takes it out of the namespace.
const SCRIPT: &str = r#"
mount -t tmpfs -o size="$SIZE" tmpfs "$DISK" || exit 90
"$REDRESS" serve --data "$DISK/log" --nats "$NATS"
echo $? > "$OUT/serve"
mount -o remount,size=512m "$DISK" || exit 91
"$REDRESS" verify --data "$DISK/log"
echo $? > "$OUT/verify"
cp -r "$DISK/log" "$OUT/log"
"#;

/// A warning of some 8 KB, so that the disk is soon full.
fn long_warning(case: &str) -> Value {
    let text = "描述很长 ".repeat(600);
    bodies::with(load::body(case), "/personal/findings/f1", json!(text))
}

#[test]
fn a_full_disk_ends_the_service_and_loses_nothing() {
    let (nats, disk, out) = (NatsServer::start(), data_dir(), data_dir());
    let mut command = Command::new(unshare_program());
    command
        .args(["-Urm", "sh", "-c", SCRIPT])
        .env("SIZE", SIZE)
        .env("DISK", disk.path())
        .env("OUT", out.path())
        .env("NATS", nats.url())
        .env("REDRESS", redress_program());
    let service = Service::try_start(command).unwrap_or_else(|ended| {
        panic!(
            "no disk could be mounted in a namespace of its own; does the kernel, or the container, allow it? {}",
            ended.stderr
        )
    });
    let client = Client::connect(nats.url());
    bodies::prepare(&client, &bodies::rulebook("full-1", &[]));
    let load = Load::start(nats.url(), "full", 8, 2_000, long_warning);
    let said = |file: &str| fs::read_to_string(out.path().join(file)).ok();
    wait_for("the disk to be full", Duration::from_mins(1), || {
        said("serve").filter(|code| !code.is_empty())
    });
    let answers = load.finish();
    let ended = service.ended();

    assert_eq!(said("serve").as_deref(), Some("8\n"), "{}", ended.stderr);
    assert!(
        ended.stderr.contains("No space left on device"),
        "{}",
        ended.stderr
    );
    assert!(answers.acknowledged.len() > 100);
    assert!(!answers.unanswered.is_empty());

    // There is room: the log opens where it is, and serves again.
    assert_eq!(said("verify").as_deref(), Some("0\n"), "{}", ended.stderr);
    let folder = out.path().join("log");
    load::check_it_goes_on(nats.url(), &folder, &answers, long_warning);
}

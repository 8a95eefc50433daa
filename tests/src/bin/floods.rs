//! What a quiet sender keeps of its rate while one party sends as much as it can, flood after flood, and what memory
//! the service takes meanwhile. `cargo xtask floods` runs it on the release build.
//!
//! Everything is on this machine, is bounded in time, and ends by itself.

#![expect(
    clippy::indexing_slicing,
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a program for the developer's terminal"
)]

use std::{
    collections::HashMap,
    process::ExitCode,
    time::{Duration, Instant},
};

use end_to_end::{
    Client, NatsServer, Service, bodies, cli, data_dir,
    flood::{Flood, Quiet, make_long_history},
};
use serde_json::json;

/// How long each measurement takes; all floods at once last a minute.
const LASTS: Duration = Duration::from_secs(10);
const ALL_LAST: Duration = Duration::from_mins(1);

/// How long after a flood its effects may last.
const OVER_WITHIN: Duration = Duration::from_secs(1);

/// Between two commands of the paced quiet sender.
const PAUSE: Duration = Duration::from_millis(20);

/// The most that the service may take, in bytes, and an answer, in milliseconds.
const MEMORY_MAX: u64 = 400 * 1024 * 1024;
const P99_MAX_MS: f64 = 250.0;

/// What memory may still take two seconds after a flood beyond what it took before, in bytes.
const LEFT_BEHIND_MAX: u64 = 200 * 1024 * 1024;

/// Releases for which one case was rectified again.
const RELEASES: usize = 10_000;

/// Notices of one account, so that its inbox is a large answer.
const NOTICES: usize = 60;

fn main() -> ExitCode {
    let only = std::env::args().nth(1);
    let floods = Flood::EACH
        .into_iter()
        .filter(|flood| only.as_deref().is_none_or(|it| flood.name().contains(it)));
    let mut missed = 0;
    for flood in floods {
        eprintln!("{}", flood.name());
        let row = measure(flood);
        println!("{row}");
        missed += usize::from(row["within_bounds"] != json!(true));
    }
    let reconnect = reconnect();
    println!("{reconnect}");
    missed += usize::from(reconnect["within_bounds"] != json!(true));
    if missed == 0 {
        ExitCode::SUCCESS
    } else {
        eprintln!("{missed} measurements are out of their bounds");
        ExitCode::FAILURE
    }
}

/// A service of its own for each flood, so that none suffers from the one before.
fn measure(flood: Flood) -> serde_json::Value {
    let (nats, data) = (NatsServer::start(), data_dir());
    let service = Service::start(nats.url(), data.path(), &[]);
    let client = Client::connect(nats.url());
    bodies::prepare(&client, &bodies::rulebook("floods-1", &[]));
    Quiet::send(&client, "warm", Duration::from_secs(2), Duration::ZERO);
    let undisturbed = Quiet::send(&client, "undisturbed", LASTS / 2, Duration::ZERO);
    let paced = Quiet::send(&client, "paced", LASTS / 2, PAUSE);
    fill(&client);
    if matches!(flood, Flood::LongHistory | Flood::All) {
        make_long_history(&client, RELEASES);
    }
    let memory_before = service.memory_bytes();

    let running = flood.start(nats.url());
    let lasts = if flood == Flood::All { ALL_LAST } else { LASTS };
    let during = Quiet::send(&client, "during", lasts / 2, Duration::ZERO);
    let paced_during = Quiet::send(&client, "paced-during", lasts / 2, PAUSE);
    let memory_peak = service.memory_peak_bytes();
    let sent = running.stop();

    let over = Instant::now();
    let first = Quiet::send(&client, "first", Duration::from_millis(1), Duration::ZERO);
    let first_after = over.elapsed();
    std::thread::sleep(OVER_WITHIN.saturating_sub(first_after));
    let after = Quiet::send(&client, "after", LASTS / 5, Duration::ZERO);

    let memory_after = service.memory_bytes();
    let lost = lost(
        &client,
        [&undisturbed, &paced, &during, &paced_during, &first, &after],
    );
    let ended = service.terminate().success();
    let verified = cli::run(["verify", "--data", &data.path().to_string_lossy()]);

    let keeps = during.a_second() / undisturbed.a_second();
    let paced_keeps = paced_during.a_second() / paced.a_second();
    let unanswered =
        during.unanswered + paced_during.unanswered + first.unanswered + after.unanswered;
    let well = after.a_second() > undisturbed.a_second() / 2.0 && first_after <= OVER_WITHIN;
    let p99 = paced_during.percentile_ms(99).max(during.percentile_ms(99));
    let within = unanswered == 0
        && well
        && lost == 0
        && ended
        && verified.code == 0
        && paced_keeps >= 0.5
        && p99 < P99_MAX_MS
        && memory_peak < MEMORY_MAX
        && memory_after < memory_before + LEFT_BEHIND_MAX;
    json!({
        "flood": flood.name(),
        "sent": sent,
        "undisturbed_a_second": rounded(undisturbed.a_second()),
        "during_a_second": rounded(during.a_second()),
        "keeps": rounded(keeps),
        "paced_a_second": rounded(paced.a_second()),
        "paced_during_a_second": rounded(paced_during.a_second()),
        "paced_keeps": rounded(paced_keeps),
        "undisturbed_p99_ms": rounded(undisturbed.percentile_ms(99)),
        "during_p50_ms": rounded(during.percentile_ms(50)),
        "during_p99_ms": rounded(during.percentile_ms(99)),
        "paced_during_p99_ms": rounded(paced_during.percentile_ms(99)),
        "unanswered": unanswered,
        "first_answer_after_ms": rounded(first_after.as_secs_f64() * 1_000.0),
        "after_a_second": rounded(after.a_second()),
        "memory_before_mb": memory_before >> 20,
        "memory_peak_mb": memory_peak >> 20,
        "memory_after_mb": memory_after >> 20,
        "acknowledged_and_not_so_in_the_log": lost,
        "within_bounds": within,
    })
}

/// Gives an account an inbox of some 70 KB.
fn fill(client: &Client) {
    for number in 0..NOTICES {
        let case = format!("large-{number}");
        let body = bodies::warning(&case, "W1");
        client
            .send("platform:watch", "IssueWarning", &case, &body)
            .accepted();
    }
}

/// How many acknowledged commands are not in the log once and at the position that was answered, or not in the order in
/// which they were acknowledged.
fn lost<const N: usize>(client: &Client, senders: [&Quiet; N]) -> usize {
    let mut events = HashMap::<String, Vec<u64>>::new();
    let mut from = 0;
    loop {
        let asked = json!({ "from": from, "limit": 1_000 });
        let page = client.query("auditor:floods", "Events", &asked).accepted();
        for event in page["events"].as_array().into_iter().flatten() {
            let header = event["header"].as_str().unwrap_or_default();
            let header: serde_json::Value = serde_json::from_str(header).unwrap_or_default();
            if let (Some(id), Some(_)) = (header["commandid"].as_str(), header.get("commandhash")) {
                let position = event["position"].as_u64().unwrap_or(u64::MAX);
                events.entry(id.to_owned()).or_default().push(position);
            }
        }
        from = page["next"].as_u64().unwrap_or(u64::MAX);
        if from >= page["head"].as_u64().unwrap_or(0) {
            break;
        }
    }
    let mut after = 0;
    let acknowledged = senders.iter().flat_map(|sender| &sender.acknowledged);
    acknowledged
        .filter(|(id, position)| {
            let in_order = *position >= after;
            after = *position;
            !in_order || events.get(id).is_none_or(|at| at != &[*position])
        })
        .count()
}

/// How long a server that has come back is without a service, seen by a new client.
fn reconnect() -> serde_json::Value {
    let (mut nats, data) = (NatsServer::start(), data_dir());
    let _service = Service::start(nats.url(), data.path(), &[]);
    let mut took: Vec<_> = (0..10)
        .map(|_| {
            nats.restart();
            let begun = Instant::now();
            let client = Client::connect(nats.url());
            for sender in ["party:dev7", "auditor:a"] {
                while client
                    .block_on(client.querying(sender, "Status", &json!({})))
                    .is_err()
                {}
            }
            rounded(begun.elapsed().as_secs_f64() * 1_000.0)
        })
        .collect();
    took.sort_by(f64::total_cmp);
    let longest = took.last().copied().unwrap_or(f64::INFINITY);
    json!({ "answers_after_a_restart_of_the_server_ms": took, "within_bounds": longest <= 100.0 })
}

fn rounded(number: f64) -> f64 {
    (number * 100.0).round() / 100.0
}

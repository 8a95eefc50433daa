//! A service that is asked to end under load takes on nothing more, finishes what it took on, and ends well.

use std::time::Duration;

use end_to_end::{Client, NatsServer, Service, bodies, data_dir, wait_for};

use crate::load::{self, Load};

#[test]
fn what_was_taken_on_is_finished_and_nothing_is_half_done() {
    let (nats, data) = (NatsServer::start(), data_dir());
    let service = Service::start(nats.url(), data.path(), &[]);
    let client = Client::connect(nats.url());
    bodies::prepare(&client, &bodies::rulebook("drain-1", &[]));
    let load = Load::start(nats.url(), "drain", 8, 2_000, load::body);
    wait_for("acknowledged commands", Duration::from_secs(30), || {
        (load.acknowledged() >= 200).then_some(())
    });
    assert_eq!(service.terminate().code(), Some(0));
    let answers = load.finish();
    assert!(
        answers.refused.iter().all(|(_, code)| code == "stopping"),
        "{:?}",
        answers.refused
    );
    load::check_log(data.path(), &answers.acknowledged);
    // What was refused was not done; what was not answered is in the log or is not, and never half.
    let found = load::commands_in_log(data.path());
    for (case, _) in &answers.refused {
        assert!(!found.contains_key(case), "{case} was refused and done");
    }

    let service = Service::start(nats.url(), data.path(), &[]);
    let again = answers
        .refused
        .iter()
        .map(|(case, _)| case)
        .chain(&answers.unanswered);
    for case in again {
        let body = load::body(case);
        let reply = client.send("platform:watch", "IssueWarning", case, &body);
        assert_eq!(
            reply.accepted()["replayed"],
            found.contains_key(case),
            "{case}"
        );
    }
    assert_eq!(service.terminate().code(), Some(0));
    load::check_log(
        data.path(),
        answers.acknowledged.iter().chain(&answers.unanswered),
    );
}

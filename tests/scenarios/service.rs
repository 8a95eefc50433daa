//! The process itself: it says when it is ready, answers, and ends when it is asked to.

use std::thread;

use end_to_end::{Client, NatsServer, Service, data_dir};
use serde_json::json;

#[test]
fn a_ready_service_answers_and_ends_well_when_asked() {
    let (nats, data) = (NatsServer::start(), data_dir());
    let service = Service::start(nats.url(), data.path(), &[]);
    let client = Client::connect(nats.url());
    // Nobody says what a warning of nothing is about; what matters here is that the answer is the service's own.
    let refused = client.send("platform:shop", "IssueWarning", "w-1", &json!({}));
    assert_eq!(refused.code(), "malformed_command");
    assert_eq!(service.terminate().code(), Some(0));
}

#[test]
fn a_killed_service_starts_again_on_its_data() {
    let (nats, data) = (NatsServer::start(), data_dir());
    Service::start(nats.url(), data.path(), &[]).kill9();
    let service = Service::start(nats.url(), data.path(), &[]);
    assert_eq!(service.terminate().code(), Some(0));
}

#[test]
fn of_two_that_start_at_the_same_moment_one_serves() {
    let nats = NatsServer::start();
    for _ in 0..3 {
        let folders = [data_dir(), data_dir()];
        let starting = folders.each_ref().map(|data| {
            let command = Service::command(nats.url(), data.path(), &[]);
            thread::spawn(move || Service::try_start(command))
        });
        let started = starting.map(|it| it.join().unwrap());
        let (serving, refused): (Vec<_>, Vec<_>) = started.into_iter().partition(Result::is_ok);
        let said: Vec<_> = refused.into_iter().filter_map(Result::err).collect();
        assert_eq!(serving.len(), 1, "{said:?}");
        assert_eq!(said.len(), 1);
        assert_eq!(said[0].status.code(), Some(1), "{said:?}");
        assert!(said[0].stderr.contains("serves the prefix"), "{said:?}");
        for service in serving.into_iter().flatten() {
            assert_eq!(service.terminate().code(), Some(0));
        }
    }
}

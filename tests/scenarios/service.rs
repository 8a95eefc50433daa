//! The process itself: it says when it is ready, answers, and ends when it is asked to.

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

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
    load::check_it_goes_on(nats.url(), data.path(), &answers, load::body);
}

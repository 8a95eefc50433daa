//! The service is killed under load, again and again: every acknowledged command is in the log once, none twice.

use std::time::Duration;

use end_to_end::{Client, NatsServer, Service, bodies, data_dir, wait_for};

use crate::load::{self, Load};

/// Rounds of load and kill.
const ROUNDS: usize = 20;
/// Senders at the same time.
const SENDERS: usize = 8;
/// Commands that each sender sends at the most in a round, so that the load ends by itself.
const COMMANDS_PER_SENDER: usize = 400;
/// Acknowledgements after which the service is killed.
const ACKNOWLEDGED_PER_ROUND: usize = 60;

#[test]
fn what_was_acknowledged_survives_kill_9_once_in_each_of_20_rounds() {
    let nats = NatsServer::start();
    let data = data_dir();
    let mut promised = Vec::new();
    for round in 0..ROUNDS {
        let service = Service::start(nats.url(), data.path(), &[]);
        if round == 0 {
            let client = Client::connect(nats.url());
            bodies::prepare(&client, &bodies::rulebook("kill-1", &[]));
        }
        let name = format!("C{round}");
        let load = Load::start(nats.url(), &name, SENDERS, COMMANDS_PER_SENDER, load::body);
        wait_for("acknowledged commands", Duration::from_secs(30), || {
            (load.acknowledged() >= ACKNOWLEDGED_PER_ROUND).then_some(())
        });
        service.kill9();
        promised.extend(load.stop().acknowledged);
        load::check_log(data.path(), &promised);
    }
    assert!(promised.len() >= ROUNDS * ACKNOWLEDGED_PER_ROUND);
}

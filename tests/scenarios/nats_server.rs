//! What every other scenario relies on: a server of its own, which goes away and comes back when the test says so.

use std::time::Duration;

use end_to_end::{Client, ConnectOptions, NatsServer, wait_for};

#[test]
fn two_servers_run_beside_each_other() {
    let (one, other) = (NatsServer::start(), NatsServer::start());
    assert_ne!(one.url(), other.url());
    for server in [one, other] {
        let client = Client::connect(server.url());
        let mut inbox = client.subscribe("greetings");
        client.publish("greetings", b"hello");
        assert_eq!(inbox.receive().payload, b"hello");
    }
}

#[test]
fn a_restarted_server_has_the_same_address_and_clients_come_back() {
    let mut server = NatsServer::start();
    let before = server.url().to_owned();
    let client = Client::connect(server.url());
    let mut inbox = client.subscribe("greetings");
    server.restart();
    assert_eq!(server.url(), before);
    let heard = wait_for(
        "a message after the restart",
        Duration::from_secs(30),
        || {
            client.publish("greetings", b"again");
            inbox.receive_within(Duration::from_millis(50))
        },
    );
    assert_eq!(heard.payload, b"again");
}

#[test]
fn a_configuration_binds_users_to_subjects() {
    let server = NatsServer::start_with(
        r#"authorization { users = [
            { user: "dev7", password: "s", permissions: { publish: "own.dev7.>", subscribe: ">" } }
        ] }"#,
    );
    let client = Client::connect_with(
        ConnectOptions::with_user_and_password("dev7".into(), "s".into()),
        server.url(),
    );
    let mut inbox = client.subscribe("own.>");
    client.publish("own.dev8.x", b"forged");
    client.publish("own.dev7.x", b"own");
    assert_eq!(inbox.receive().payload, b"own");
}

#[test]
#[should_panic(expected = "the nats-server did not start")]
fn a_server_that_refuses_to_start_says_why() {
    NatsServer::start_with("no_such_setting {");
}

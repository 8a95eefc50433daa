//! The ceiling: a responder that sends back what it gets, on the same server, with the same client library.

use futures::StreamExt as _;

use crate::{bench, failure::Failure, output::Output};

/// Where the echo listens below the prefix.
pub(super) fn subject(prefix: &str) -> String {
    format!("{prefix}.echo")
}

pub(super) async fn serve(arguments: &bench::Arguments, output: Output) -> Result<(), Failure> {
    let prefix = std::env::var("REDRESS_PREFIX").unwrap_or_else(|_| "redress".to_owned());
    let options = arguments.login.options(&arguments.nats, "echo", None)?;
    let client = nats_gateway::connect(&options).await?;
    let failed =
        |error: &dyn std::fmt::Display| Failure::World(format!("the echo failed: {error}"));
    let mut requests = client
        .subscribe(subject(&prefix))
        .await
        .map_err(|error| failed(&error))?;
    output.note("ready: echo");
    while let Some(request) = requests.next().await {
        if let Some(reply) = request.reply {
            client
                .publish(reply, request.payload)
                .await
                .map_err(|error| failed(&error))?;
        }
    }
    Ok(())
}

//! The subjects on which we wait for answers to questions of our own.

use std::sync::Arc;

use async_nats::Client;

/// What all of them end with. Nobody knows it who may not listen to them, so what comes in on others was not asked for.
#[derive(Debug, Clone)]
pub(crate) struct Inboxes(Arc<str>);

impl Inboxes {
    pub(crate) fn new() -> Self {
        Self(format!(".{}", uuid::Uuid::new_v4().simple()).into())
    }

    /// A new one.
    pub(crate) fn of(&self, client: &Client) -> String {
        self.named(&client.new_inbox())
    }

    /// The one that begins so.
    pub(crate) fn named(&self, begin: &str) -> String {
        format!("{begin}{}", self.0)
    }

    /// Whether this is the subject of one.
    pub(crate) fn has(&self, subject: &str) -> bool {
        subject.ends_with(&*self.0)
    }
}

//! A request that was let in: what was sent, by whom, its place in hand, and where its answer goes.

use std::sync::Arc;

use async_nats::Subject;
use bytes::Bytes;
use events_schema::{Locale, Rejection, Role};

use crate::{circle::Circle, in_hand::InHand, sieve::Headers, way_back::WayBack};

/// What is asked of the service.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Command,
    Query,
}

/// A command or a query, as it came.
#[derive(Debug)]
pub(crate) struct Request {
    pub(crate) circle: Circle,
    pub(crate) kind: Kind,
    pub(crate) role: Role,
    pub(crate) subject: Subject,
    pub(crate) reply: Option<Subject>,
    /// Of the message, the bytes that are its headers.
    pub(crate) header_bytes: usize,
    /// Headers and body.
    pub(crate) message: Bytes,
    pub(crate) in_hand: InHand,
    pub(crate) way_back: Arc<WayBack>,
}

impl Request {
    /// Who sent it: role and principal, as the subject says them.
    pub(crate) const fn sender(&self) -> &Arc<str> {
        self.in_hand.sender()
    }

    pub(crate) fn headers(&self) -> Headers<'_> {
        let block = self.message.get(..self.header_bytes);
        block.and_then(Headers::read).unwrap_or_default()
    }

    pub(crate) fn body(&self) -> &[u8] {
        self.message.get(self.header_bytes..).unwrap_or_default()
    }

    /// The language that the caller asked for.
    pub(crate) fn locale(&self) -> Locale {
        self.headers().locale()
    }

    /// Refuses it, in its turn.
    pub(crate) fn refuse_in_turn(&self, locale: Locale, rejection: Rejection) {
        if let Some(reply) = &self.reply {
            // Where too many refusals of this sender wait already, it hears nothing.
            let refusals = &self.way_back.refusals;
            refusals.add(self.role, self.sender(), reply, locale, rejection);
        }
    }
}

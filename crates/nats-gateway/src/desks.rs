//! Where requests that were let in wait until they are read.

use std::sync::Arc;

use events_schema::Rejection;

use crate::{
    request::{Kind, Request},
    turns::Turns,
};

/// Where requests of a connection wait for their turn to be read. Commands of all connections wait at one desk, since
/// one writer decides them; queries at one for each, so that answers which do not leave on one keep no place on the
/// other.
#[derive(Debug, Clone)]
pub(crate) struct Desks {
    pub(crate) commands: Arc<Turns<Request>>,
    pub(crate) queries: Arc<Turns<Request>>,
}

impl Desks {
    /// With the desk that commands of every connection wait at.
    pub(crate) fn with(commands: &Arc<Turns<Request>>) -> Self {
        Self {
            commands: Arc::clone(commands),
            queries: Arc::new(Turns::new()),
        }
    }

    /// Lets a request wait for its turn. The server may send some after nothing more is taken on, and those are told.
    pub(crate) fn let_wait(&self, request: Request) {
        let sender = Arc::clone(request.sender());
        let turns = match request.kind {
            Kind::Command => &self.commands,
            Kind::Query => &self.queries,
        };
        if let Err(late) = turns.push(request.role, &sender, request) {
            late.refuse_in_turn(late.locale(), Rejection::Stopping {});
        }
    }
}

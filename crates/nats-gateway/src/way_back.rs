//! The way back to whoever asked on a connection.

use crate::{outlet::Outlet, refusals::Refusals};

/// How answers leave, and what is refused before anything is decided, which leaves there too, in its turn.
#[derive(Debug)]
pub(crate) struct WayBack {
    pub(crate) outlet: Outlet,
    pub(crate) refusals: Refusals,
}

impl WayBack {
    pub(crate) fn new() -> Self {
        Self {
            outlet: Outlet::new(),
            refusals: Refusals::new(),
        }
    }
}

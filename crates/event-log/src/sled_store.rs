//! Sled at arm's length: no type of it is known anywhere else.

pub(crate) mod quarantine;
pub(crate) mod store;
pub(crate) mod writer;

//! What is on disk, byte by byte: blocks with their records, the tip, and the hashes that tie history together. It
//! knows no store.

pub(crate) mod block;
pub(crate) mod chain;
pub(crate) mod framing;
mod layout;
pub(crate) mod tip;

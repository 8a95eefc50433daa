//! The hashes that tie history together. An auditor recomputes exactly these.

use sha2::{Digest, Sha256};

use crate::LogId;

const GENESIS_TAG: &[u8] = b"redress.event-log.genesis.v1";
const COMMIT_TAG: &[u8] = b"redress.event-log.commit.v1";

/// The RFC 6962 leaf hash of a record: SHA-256 of a zero byte and the header.
pub fn leaf_hash(header: &[u8]) -> [u8; 32] {
    Sha256::new()
        .chain_update([0])
        .chain_update(header)
        .finalize()
        .into()
}

/// What stands in for the hash of the commit before the first one. It depends on the log id, so that
/// the history of one log can never be taken for that of another.
pub fn genesis_hash(log_id: LogId) -> [u8; 32] {
    Sha256::new()
        .chain_update(GENESIS_TAG)
        .chain_update(log_id.0)
        .finalize()
        .into()
}

/// The hash of a commit whose records begin at `first_position` and have the given leaf hashes.
pub fn commit_hash(previous: &[u8; 32], first_position: u64, leaves: &[[u8; 32]]) -> [u8; 32] {
    Sha256::new()
        .chain_update(COMMIT_TAG)
        .chain_update(previous)
        .chain_update(first_position.to_be_bytes())
        .chain_update((leaves.len() as u64).to_be_bytes())
        .chain_update(leaves.as_flattened())
        .finalize()
        .into()
}

/// A hash as people read it.
pub(crate) fn hex(hash: &[u8; 32]) -> String {
    use std::fmt::Write as _;
    hash.iter()
        .fold(String::with_capacity(64), |mut text, byte| {
            // Writing to a string cannot fail.
            let _ = write!(text, "{byte:02x}");
            text
        })
}

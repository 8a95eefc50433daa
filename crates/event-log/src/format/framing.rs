//! The block as it is written: laying commits out in blocks.

use super::layout::{
    CRC_BYTES, FORMAT, RECORD_HEADER_BYTES, SEGMENT_HEADER_BYTES, SEGMENTS_AT, put, seal,
};
use crate::{LogId, OwnedRecord};

/// Blocks are filled up to here; only a single large record makes one larger. Sled keeps about nine
/// blocks to a page and hundreds of pages in memory, so larger blocks cost memory and gain little speed.
const FULL_BLOCK_BYTES: usize = 32 * 1024;

/// Lays commits out in blocks.
#[derive(Debug)]
pub(crate) struct Framer {
    log_id: LogId,
    next_position: u64,
    full: Vec<(u64, Vec<u8>)>,
    first_position: u64,
    bytes: Vec<u8>,
    segments: u16,
}

impl Framer {
    pub(crate) fn new(log_id: LogId, next_position: u64) -> Self {
        Self {
            log_id,
            next_position,
            full: Vec::new(),
            first_position: next_position,
            bytes: Vec::new(),
            segments: 0,
        }
    }

    /// Adds one whole commit; every record must have been found to fit.
    pub(crate) fn push(&mut self, hash: &[u8; 32], records: &[OwnedRecord]) {
        let mut segment = None;
        for (index, record) in records.iter().enumerate() {
            let bytes = RECORD_HEADER_BYTES + record.header.len() + record.data.len();
            let bytes_with_segment = bytes
                + if segment.is_none() {
                    SEGMENT_HEADER_BYTES
                } else {
                    0
                };
            if !self.bytes.is_empty() && self.bytes.len() + bytes_with_segment > FULL_BLOCK_BYTES {
                self.close_segment(segment.take());
                self.close_block();
            }
            let (_, count) = segment
                .get_or_insert_with(|| (self.open_segment(hash, records.len(), index), 0_u32));
            *count += 1;
            self.bytes.extend_from_slice(&length(record.header.len()));
            self.bytes.extend_from_slice(&length(record.data.len()));
            self.bytes.extend_from_slice(&record.header);
            self.bytes.extend_from_slice(&record.data);
            self.next_position += 1;
        }
        self.close_segment(segment);
    }

    /// The blocks with their keys.
    pub(crate) fn finish(mut self) -> Vec<(u64, Vec<u8>)> {
        self.close_block();
        self.full
    }

    fn open_segment(&mut self, hash: &[u8; 32], commit_records: usize, index: usize) -> usize {
        if self.bytes.is_empty() {
            self.first_position = self.next_position;
            self.bytes.reserve(FULL_BLOCK_BYTES);
            self.bytes.extend_from_slice(&[0; CRC_BYTES]);
            self.bytes.extend_from_slice(&FORMAT.to_be_bytes());
            self.bytes.extend_from_slice(&[0; 2]);
            self.bytes.extend_from_slice(&self.log_id.0);
            self.bytes
                .extend_from_slice(&self.first_position.to_be_bytes());
        }
        self.segments += 1;
        self.bytes.extend_from_slice(hash);
        self.bytes.extend_from_slice(&length(commit_records));
        self.bytes.extend_from_slice(&length(index));
        let count_at = self.bytes.len();
        self.bytes.extend_from_slice(&[0; 4]);
        count_at
    }

    /// The number of records in a segment is known only now that it is full.
    fn close_segment(&mut self, segment: Option<(usize, u32)>) {
        if let Some((count_at, count)) = segment {
            put(&mut self.bytes, count_at, count.to_be_bytes());
        }
    }

    fn close_block(&mut self) {
        if self.bytes.is_empty() {
            return;
        }
        put(&mut self.bytes, SEGMENTS_AT, self.segments.to_be_bytes());
        seal(&mut self.bytes);
        self.full
            .push((self.first_position, std::mem::take(&mut self.bytes)));
        self.segments = 0;
    }
}

fn length(number: usize) -> [u8; 4] {
    u32::try_from(number)
        .expect("records are bounded, and so is a commit that fits into memory")
        .to_be_bytes()
}

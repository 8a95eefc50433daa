//! The block as it is read: how records lie in a value of the store. The format is described in the
//! crate's documentation.

use std::fmt;
use std::ops;
use std::sync::Arc;

use super::layout::{
    BLOCK_HEADER_BYTES, FORMAT, RECORD_HEADER_BYTES, SEGMENT_HEADER_BYTES, SEGMENTS_AT, put, seal,
};
use crate::{Error, LogId};

/// The most that one block takes; `sled_store/store.rs` says what would go wrong with more.
pub const MAX_BLOCK_BYTES: usize = 64 * 1024;
/// The most that header and data of one record take together, so that a record always fits into a block.
pub const MAX_RECORD_BYTES: usize = 60 * 1024;

const _: () = assert!(
    BLOCK_HEADER_BYTES + SEGMENT_HEADER_BYTES + RECORD_HEADER_BYTES + MAX_RECORD_BYTES
        <= MAX_BLOCK_BYTES
);

/// The bytes of a block as the store handed them out: shared, never copied, and of no particular store.
#[derive(Clone)]
pub(crate) struct StoredBytes(Arc<dyn AsRef<[u8]> + Send + Sync>);

impl StoredBytes {
    pub(crate) fn new(bytes: impl AsRef<[u8]> + Send + Sync + 'static) -> Self {
        Self(Arc::new(bytes))
    }
}

impl ops::Deref for StoredBytes {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        (*self.0).as_ref()
    }
}

/// A block whose checksum and layout were found right; cheap to clone, and it may go to another thread.
#[derive(Clone)]
pub struct Block {
    bytes: StoredBytes,
    log_id: LogId,
    first_position: u64,
    next_position: u64,
    /// Which of its records are asked for.
    wanted: ops::Range<u64>,
}

/// A run of records of one commit within a block.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Segment {
    pub(crate) hash: [u8; 32],
    pub(crate) commit_records: u32,
    pub(crate) index: u32,
    pub(crate) count: u32,
    pub(crate) first_position: u64,
    /// Where it begins within the block.
    at: usize,
}

impl Segment {
    pub(crate) fn commit_first(&self) -> Option<u64> {
        self.first_position.checked_sub(u64::from(self.index))
    }

    pub(crate) fn end(&self) -> u64 {
        self.first_position + u64::from(self.count)
    }
}

impl fmt::Debug for Block {
    /// Without the content, which must not get into a trace.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Block")
            .field("positions", &self.wanted)
            .finish_non_exhaustive()
    }
}

impl Block {
    /// Checks what was stored under a key, in full, so that reading it afterwards cannot fail.
    pub(crate) fn decode(key: u64, bytes: StoredBytes) -> Result<Self, Error> {
        let damaged = |found: &str| Error::Damaged {
            position: key,
            found: found.to_owned(),
        };
        if bytes.len() > MAX_BLOCK_BYTES {
            return Err(damaged("it is larger than a block may be"));
        }
        let mut rest: &[u8] = &bytes;
        let too_short = || damaged("it is shorter than its own header");
        let crc = u32::from_be_bytes(take(&mut rest).ok_or_else(too_short)?);
        if crc != crc32c::crc32c(rest) {
            return Err(damaged("its checksum does not match"));
        }
        let format = u16::from_be_bytes(take(&mut rest).ok_or_else(too_short)?);
        if format != FORMAT {
            return Err(damaged("it is of a format that this version does not know"));
        }
        let segments = u16::from_be_bytes(take(&mut rest).ok_or_else(too_short)?);
        let log_id = LogId(take(&mut rest).ok_or_else(too_short)?);
        let first_position = u64::from_be_bytes(take(&mut rest).ok_or_else(too_short)?);
        if first_position > u64::MAX - MAX_BLOCK_BYTES as u64 {
            return Err(damaged("its position is beyond all that a log can hold"));
        }
        if first_position != key {
            return Err(damaged("it is stored under another position than its own"));
        }

        let mut block = Self {
            bytes,
            log_id,
            first_position,
            next_position: first_position,
            wanted: 0..u64::MAX,
        };
        let mut cursor = BlockCursor::at_start_of(&block);
        let mut records = 0_u64;
        while let Some(place) = cursor.advance(&block.bytes) {
            records += 1;
            if place.data.end > block.bytes.len() {
                return Err(damaged("a record reaches past its end"));
            }
        }
        if cursor.at != block.bytes.len() || cursor.segments != u32::from(segments) || records == 0
        {
            return Err(damaged("its layout is not that of a block"));
        }
        block.next_position = first_position + records;
        block.wanted = first_position..block.next_position;
        Ok(block)
    }

    /// The first position in the block, whether asked for or not.
    pub(crate) fn first_position(&self) -> u64 {
        self.first_position
    }

    /// The position after the last one in the block.
    pub(crate) fn next_position(&self) -> u64 {
        self.next_position
    }

    pub(crate) fn log_id(&self) -> LogId {
        self.log_id
    }

    /// Narrows [`Block::records`] to these positions.
    pub(crate) fn narrow(&mut self, from: u64, to: u64) {
        self.wanted = self.first_position.max(from)..self.next_position.min(to);
    }

    /// The positions that [`Block::records`] yields.
    pub fn positions(&self) -> ops::Range<u64> {
        self.wanted.clone()
    }

    /// The records that were asked for, in order, without copying.
    pub fn records(&self) -> Records<'_> {
        Records {
            bytes: &self.bytes,
            wanted: self.wanted.clone(),
            cursor: BlockCursor::at_start_of(self),
        }
    }

    pub(crate) fn segments(&self) -> impl Iterator<Item = Segment> + '_ {
        let mut at = BLOCK_HEADER_BYTES;
        let mut first_position = self.first_position;
        std::iter::from_fn(move || {
            let segment = read_segment(&self.bytes, at, first_position)?;
            at += SEGMENT_HEADER_BYTES;
            for _ in 0..segment.count {
                at = read_place(&self.bytes, at)?.1.end;
            }
            first_position = segment.end();
            Some(segment)
        })
    }

    /// The headers of one of its segments, for hashing.
    pub(crate) fn headers_of(&self, segment: &Segment) -> impl Iterator<Item = &[u8]> {
        let mut at = segment.at + SEGMENT_HEADER_BYTES;
        (0..segment.count).map_while(move |_| {
            let (header, data) = read_place(&self.bytes, at)?;
            at = data.end;
            self.bytes.get(header)
        })
    }

    /// The stored bytes of a block that holds only what comes before the given segment; nothing if that is nothing.
    pub(crate) fn without(&self, torn: &Segment) -> Option<Vec<u8>> {
        let kept = u16::try_from(
            self.segments()
                .take_while(|segment| segment.at < torn.at)
                .count(),
        )
        .ok()?;
        if kept == 0 {
            return None;
        }
        let mut bytes = self.bytes.get(..torn.at)?.to_vec();
        put(&mut bytes, SEGMENTS_AT, kept.to_be_bytes());
        seal(&mut bytes);
        Some(bytes)
    }

    /// One of its records.
    pub(crate) fn record_at(&self, position: u64) -> Option<StoredRecord> {
        let mut cursor = BlockCursor::at_start_of(self);
        while let Some(place) = cursor.advance(&self.bytes) {
            if place.position == position {
                return Some(self.stored(place));
            }
        }
        None
    }

    pub(crate) fn stored(&self, place: Place) -> StoredRecord {
        StoredRecord {
            bytes: self.bytes.clone(),
            place,
        }
    }

    pub(crate) fn bytes(&self) -> &[u8] {
        &self.bytes
    }
}

fn take<const N: usize>(rest: &mut &[u8]) -> Option<[u8; N]> {
    let (taken, left) = rest.split_first_chunk()?;
    *rest = left;
    Some(*taken)
}

fn read_segment(bytes: &[u8], at: usize, first_position: u64) -> Option<Segment> {
    let mut rest = bytes.get(at..)?;
    Some(Segment {
        hash: take(&mut rest)?,
        commit_records: u32::from_be_bytes(take(&mut rest)?),
        index: u32::from_be_bytes(take(&mut rest)?),
        count: u32::from_be_bytes(take(&mut rest)?),
        first_position,
        at,
    })
}

/// Where the header and the data of the record lie whose lengths stand at `at`.
fn read_place(bytes: &[u8], at: usize) -> Option<(ops::Range<usize>, ops::Range<usize>)> {
    let mut rest = bytes.get(at..)?;
    let header_bytes = u32::from_be_bytes(take(&mut rest)?) as usize;
    let data_bytes = u32::from_be_bytes(take(&mut rest)?) as usize;
    let header_at = at + RECORD_HEADER_BYTES;
    let data_at = header_at.checked_add(header_bytes)?;
    Some((
        header_at..data_at,
        data_at..data_at.checked_add(data_bytes)?,
    ))
}

/// Where one record lies in its block.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Place {
    pub(crate) position: u64,
    header: ops::Range<usize>,
    data: ops::Range<usize>,
    first_of_commit: bool,
}

/// Steps through a block without borrowing it.
#[derive(Debug, Clone)]
pub(crate) struct BlockCursor {
    at: usize,
    position: u64,
    left_in_segment: u32,
    begins_commit: bool,
    segments: u32,
}

impl BlockCursor {
    pub(crate) fn at_start_of(block: &Block) -> Self {
        Self {
            at: BLOCK_HEADER_BYTES,
            position: block.first_position,
            left_in_segment: 0,
            begins_commit: false,
            segments: 0,
        }
    }

    /// The next record, or nothing at the end or where the layout is broken.
    pub(crate) fn advance(&mut self, bytes: &[u8]) -> Option<Place> {
        if self.left_in_segment == 0 {
            let segment = read_segment(bytes, self.at, self.position)?;
            // An empty segment, or one that claims more than its commit, is a broken layout.
            if segment.count == 0
                || segment.index.checked_add(segment.count)? > segment.commit_records
            {
                return None;
            }
            self.at += SEGMENT_HEADER_BYTES;
            self.left_in_segment = segment.count;
            self.begins_commit = segment.index == 0;
            self.segments += 1;
        }
        let (header, data) = read_place(bytes, self.at)?;
        let place = Place {
            position: self.position,
            header,
            data,
            first_of_commit: std::mem::take(&mut self.begins_commit),
        };
        self.at = place.data.end;
        self.position += 1;
        self.left_in_segment -= 1;
        Some(place)
    }
}

/// A record within a block, borrowed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Record<'a> {
    /// Its position.
    pub position: u64,
    /// The header as it was appended.
    pub header: &'a [u8],
    /// The data as it was appended.
    pub data: &'a [u8],
    /// Whether a commit begins with it.
    pub first_of_commit: bool,
}

/// The records of a block; see [`Block::records`].
#[derive(Debug, Clone)]
pub struct Records<'a> {
    bytes: &'a [u8],
    wanted: ops::Range<u64>,
    cursor: BlockCursor,
}

impl<'a> Iterator for Records<'a> {
    type Item = Record<'a>;

    fn next(&mut self) -> Option<Record<'a>> {
        loop {
            let place = self.cursor.advance(self.bytes)?;
            if place.position >= self.wanted.end {
                return None;
            }
            if place.position >= self.wanted.start {
                return Some(Record {
                    position: place.position,
                    header: self.bytes.get(place.header)?,
                    data: self.bytes.get(place.data)?,
                    first_of_commit: place.first_of_commit,
                });
            }
        }
    }
}

/// A record that keeps its block in memory; cloning it counts a reference.
#[derive(Clone)]
pub struct StoredRecord {
    bytes: StoredBytes,
    place: Place,
}

impl fmt::Debug for StoredRecord {
    /// Without the content, which must not get into a trace.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StoredRecord")
            .field("position", &self.place.position)
            .finish_non_exhaustive()
    }
}

impl StoredRecord {
    /// Its position.
    pub fn position(&self) -> u64 {
        self.place.position
    }

    /// The header as it was appended.
    pub fn header(&self) -> &[u8] {
        self.bytes
            .get(self.place.header.clone())
            .unwrap_or_default()
    }

    /// The data as it was appended.
    pub fn data(&self) -> &[u8] {
        self.bytes.get(self.place.data.clone()).unwrap_or_default()
    }

    /// Whether a commit begins with it.
    pub fn is_first_of_commit(&self) -> bool {
        self.place.first_of_commit
    }
}

//! Where what lies in a block, for who reads it and who writes it. The format is described in the crate's
//! documentation.

pub(crate) const FORMAT: u16 = 1;
pub(crate) const CRC_BYTES: usize = 4;
pub(crate) const BLOCK_HEADER_BYTES: usize = CRC_BYTES + 2 + 2 + 16 + 8;
pub(crate) const SEGMENTS_AT: usize = CRC_BYTES + 2;
pub(crate) const SEGMENT_HEADER_BYTES: usize = 32 + 4 + 4 + 4;
pub(crate) const RECORD_HEADER_BYTES: usize = 4 + 4;

/// Overwrites what was left open when a block was begun.
pub(crate) fn put<const N: usize>(bytes: &mut [u8], at: usize, value: [u8; N]) {
    bytes
        .get_mut(at..at + N)
        .expect("the place was reserved when the block was begun")
        .copy_from_slice(&value);
}

/// Puts the checksum over everything else.
pub(crate) fn seal(bytes: &mut [u8]) {
    let crc = crc32c::crc32c(bytes.get(CRC_BYTES..).unwrap_or_default());
    put(bytes, 0, crc.to_be_bytes());
}
